"""Sending: what of an offer goes to a peer, what is withheld and why, and the act that says so.

Offered = sent + withheld, and every withheld row has a reason. A row stays when its form or its columns may
not go through the gateway, when its marking keeps it from the peer, or when somebody else must consent first.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acting.acts import refuse
from watchfloor.cell.acting.releasing import why_not
from watchfloor.exchange import consents, sent
from watchfloor.exchange.bundle import (
    FORMAT,
    Manifest,
    Sender,
    Terms,
    leaves,
    pack,
    part_of,
    root_of,
    schema_of,
    stream,
)
from watchfloor.exchange.offers import EVIDENCE_FORM, POINTER_FORM, SIGNAL_FORM, Offer
from watchfloor.exchange.peers import Peer, me
from watchfloor.records.kinds import DISCLOSURE
from watchfloor.records.marking import Marking, join, parse
from watchfloor.records.messages import Reason, declare, reason
from watchfloor.release.gateways import CARRIED, Gateway, RiskCheck, Statement, permits
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

NOTHING: Final = declare(
    "exchange.nothing-to-send",
    en="nothing is sent: {offered} rows were offered and all are withheld: {why}",
    fr="rien n’est envoyé : {offered} lignes ont été offertes et toutes sont retenues : {why}",
)
NOTHING_OFFERED: Final = declare(
    "exchange.nothing-offered",
    en="nothing is sent: no row was chosen. Name leads, subjects, signals, records or pointers that are "
    "held here",
    fr="rien n’est envoyé : aucune ligne n’a été choisie. Nommez des pistes, des sujets, des signaux, des "
    "enregistrements ou des pointeurs détenus ici",
)
FORM: Final = declare(
    "exchange.form-excluded",
    en="the gateway {gateway} lets {forms} through, not rows of the form {form}",
    fr="la passerelle {gateway} laisse passer {forms}, non des lignes de la forme {form}",
)
KIND: Final = declare(
    "exchange.kind-excluded",
    en="the gateway {gateway} lets no {kind} through",
    fr="la passerelle {gateway} ne laisse passer aucun enregistrement {kind}",
)
COLUMN: Final = declare(
    "exchange.column-excluded",
    en="the gateway {gateway} does not let {column} through, and a {kind} cannot be without it",
    fr="la passerelle {gateway} ne laisse pas passer {column}, et un enregistrement {kind} ne peut s’en "
    "passer",
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Rows that stay, by reason."""

    rows: int
    reason: Reason

    def stored(self) -> dict[str, Any]:
        """As an act has it."""
        return {**self.reason.stored(), "rows": self.rows}


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle that is made and not logged yet.

    Attributes:
        manifest: what it says of itself.
        data: the file.
        withheld: what stays.
        index: what each row is and rests on here, see `exchange.sent`.
        fields: columns that may go through its gateway.
    """

    manifest: Manifest
    data: bytes
    withheld: tuple[Withheld, ...]
    index: pa.Table
    fields: tuple[str, ...]

    @property
    def offered(self) -> int:
        """Rows sent and withheld."""
        return self.manifest.rows + sum(one.rows for one in self.withheld)


def make(
    floor: Floor,
    reader: Reader,
    peer: Peer,
    gateway: Gateway,
    statement: Statement,
    given: Offer,
    now: datetime,
    *,
    tear_line: Marking | None = None,
    description: str = "",
    risk_check: RiskCheck | None = None,
) -> Packed:
    """Make a bundle of what may go.

    Args:
        floor: who sends.
        reader: the person who sends, as policy knows him.
        peer: to whom.
        gateway: the lawful way.
        statement: the test as a person states it, and the purpose.
        given: what is offered.
        now: with a time zone; the moment from which the recipient knows it.
        tear_line: rows marked so, or less strictly, lie below the line: they may be passed on.
        description: of the information, in words.
        risk_check: the last recorded check of a peer abroad.

    Raises:
        watchfloor.release.gateways.Refused: the gateway does not permit it.
        watchfloor.cell.acting.acts.Refused: nothing is left to send.
    """
    sender, today = me(floor), now.astimezone(UTC).date()
    permit = permits(gateway, sender, peer.party, statement, today, risk_check=risk_check)
    if not given.count:
        refuse(NOTHING_OFFERED)
    foreign, held = consents.foreign(floor, reader), consents.received(floor)
    kept: dict[str, pa.Table] = {}
    rests: dict[str, pa.ChunkedArray] = {}
    stays: Counter[tuple[str, str]] = Counter()
    for kind, rows in given.rows.items():
        on = given.rests_on[kind]
        why = _why(kind, rows, peer.reader(statement.purpose, today), gateway)
        for at, needed in consents.owned(rows, kind, on, foreign, peer.name).items():
            why[at] = why[at] or consents.lacking(held, needed, peer.name, today)
        stays.update((one["message"], one["params"]) for w in why if w and (one := w.stored()))
        goes = pa.array([one is None for one in why], pa.bool_())
        kept[kind] = _cautioned(_fields(kind, rows.filter(goes), gateway), permit.caveats)
        rests[kind] = on.filter(goes)
    kept = {kind: rows for kind, rows in kept.items() if rows.num_rows}
    withheld = tuple(
        Withheld(rows, Reason.load({"message": message, "params": params}))
        for (message, params), rows in sorted(stays.items(), key=lambda item: (-item[1], item[0]))
    )
    if not kept:
        refuse(NOTHING, offered=given.count, why="; ".join(str(one.reason) for one in withheld))
    if tear_line is not None and DISCLOSURE.name in kept:
        on = rests[DISCLOSURE.name]
        kept[DISCLOSURE.name] = _torn(kept[DISCLOSURE.name], on, tear_line, foreign)
    hashes = {kind: leaves(kind, rows) for kind, rows in kept.items()}
    data = {kind: stream(rows) for kind, rows in kept.items()}
    terms = Terms(
        gateway.id,
        gateway.law,
        gateway.section,
        statement.purpose,
        statement.test_met,
        statement.by,
        statement.accuracy,
        statement.basis,
        description or _described(kept),
        gateway.expires.isoformat() if gateway.expires else None,
    )
    root = root_of(leaf for found in hashes.values() for leaf in found)
    created = now.astimezone(UTC).isoformat(timespec="microseconds")
    manifest = Manifest(
        format=FORMAT,
        bundle=bundle_id(floor.key, root, peer.name, created),
        sender=Sender(sender.name, sender.institution, sender.country),
        to=peer.name,
        created=created,
        terms=terms,
        forms=_forms(kept),
        rows=sum(rows.num_rows for rows in kept.values()),
        root=root,
        marking=join(text for rows in kept.values() for text in pc.unique(rows["marking"]).to_pylist()),
        tear_line=_below(kept),
        parts=tuple(part_of(kind, rows, data[kind]) for kind, rows in kept.items()),
    )
    index = sent.index(kept, rests, hashes)
    return Packed(manifest, pack(manifest, data, floor.signer), withheld, index, _named(kept, gateway))


def log(writer: Writer, packed: Packed, peer: Peer) -> int:
    """Log a bundle as disclosed, and keep which rows it carries; gives the position of the act.

    It is logged before it leaves: what the log does not know never went.
    """
    manifest = packed.manifest
    sent.keep(writer, manifest.bundle, manifest.root, packed.index)
    return writer.act("disclosed", _detail(packed, peer))


def bundle_id(key: bytes, root: str, to: str, created: str) -> str:
    """Sixteen hexadecimal digits: the same rows to the same peer at the same moment give the same."""
    text = "\x1f".join((root, to, created))
    return blake2b(text.encode(), digest_size=8, key=key[:64], person=b"bundle").hexdigest()


def _detail(packed: Packed, peer: Peer) -> dict[str, Any]:
    manifest = packed.manifest
    terms = manifest.terms
    return {
        "bundle": manifest.bundle,
        "gateway": terms.gateway,
        "law": terms.law,
        "section": terms.section,
        "to": peer.name,
        "recipient": {"name": peer.name, "institution": peer.institution, "country": peer.country},
        "purpose": terms.purpose,
        "test": terms.test,
        "stated_by": terms.stated_by,
        "accuracy": terms.accuracy,
        "basis": terms.basis,
        "description": terms.description,
        "forms": dict(manifest.forms),
        "kinds": {part.kind: part.rows for part in manifest.parts},
        "fields": list(packed.fields),
        "offered": packed.offered,
        "rows": manifest.rows,
        "withheld": [one.stored() for one in packed.withheld],
        "root": manifest.root,
        "marking": manifest.marking,
        "caveats": sorted(parse(manifest.marking).caveats),
        "tear_line": manifest.tear_line,
        "expires": terms.expires,
    }


def _why(kind: str, rows: pa.Table, recipient: Reader, gateway: Gateway) -> list[Reason | None]:
    """Why each row stays, by its form, its columns and its marking; None for one that goes."""
    forms = rows["form"].to_pylist() if kind == DISCLOSURE.name else [EVIDENCE_FORM] * rows.num_rows
    by_form = {form: _barred(kind, form, gateway) for form in set(forms)}
    texts = rows["marking"].to_pylist()
    # Who controls a row is asked one by one, see `exchange.consents`.
    markings = {text: replace(parse(text), originators=frozenset()) for text in set(texts)}
    by_marking = {text: why_not(recipient, marking) for text, marking in markings.items()}
    return [by_form[form] or by_marking[text] for form, text in zip(forms, texts, strict=True)]


NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    SIGNAL_FORM: ("desk", "rule", "subjects", "strength", "message", "params"),
    POINTER_FORM: ("subjects",),
}
"""Columns without which a row of the form says nothing; of evidence, those that may not be null."""


def _barred(kind: str, form: str, gateway: Gateway) -> Reason | None:
    """Why no row of a form and kind can go; None where they can."""
    if form not in gateway.forms:
        return reason(FORM, gateway=gateway.id, forms=", ".join(sorted(gateway.forms)), form=form)
    let = gateway.columns(kind)
    if not let:
        return reason(KIND, gateway=gateway.id, kind=kind)
    needed = NEEDED.get(form) or tuple(field.name for field in schema_of(kind) if not field.nullable)
    missing = next((name for name in needed if name not in let), None)
    return reason(COLUMN, gateway=gateway.id, column=missing, kind=kind) if missing else None


def _fields(kind: str, rows: pa.Table, gateway: Gateway) -> pa.Table:
    """Rows with the columns that may go; the others are empty before anything is written."""
    let = gateway.columns(kind)
    columns = [
        pa.nulls(rows.num_rows, field.type)
        if field.nullable and field.name not in let and field.name != "onward"
        else rows[field.name]
        for field in rows.schema
    ]
    return pa.table(columns, schema=rows.schema)


def _named(kept: Mapping[str, pa.Table], gateway: Gateway) -> tuple[str, ...]:
    """The columns that went, beside those that every row carries, as `kind.column`."""
    return tuple(f"{kind}.{name}" for kind in kept for name in sorted(gateway.columns(kind) - CARRIED))


def _cautioned(rows: pa.Table, caveats: frozenset[str]) -> pa.Table:
    """Rows whose marking carries the gateway's handling caveats."""
    if not caveats:
        return rows
    more = Marking(caveats=caveats)
    texts = {text: str(parse(text) | more) for text in pc.unique(rows["marking"]).to_pylist()}
    at = rows.schema.get_field_index("marking")
    marked = pa.array([texts[text] for text in rows["marking"].to_pylist()], pa.string())
    return rows.set_column(at, rows.schema.field(at), marked)


def _torn(rows: pa.Table, rests_on: pa.ChunkedArray, line: Marking, foreign: consents.Foreign) -> pa.Table:
    """Mark what lies below the tear-line: nothing that rests on a row which may not go on itself."""
    low = {text: parse(text) <= line for text in pc.unique(rows["marking"]).to_pylist()}
    below = np.array([low[text] for text in rows["marking"].to_pylist()], np.bool_)
    below &= ~consents.bound(rests_on, foreign)
    at = rows.schema.get_field_index("onward")
    return rows.set_column(at, rows.schema.field(at), pa.array(below, pa.bool_()))


def _below(kept: Mapping[str, pa.Table]) -> int:
    rows = kept.get(DISCLOSURE.name)
    return 0 if rows is None else int(pc.sum(pc.fill_null(rows["onward"], False)).as_py() or 0)


def _forms(kept: Mapping[str, pa.Table]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for kind, rows in kept.items():
        if kind == DISCLOSURE.name:
            counted.update(rows["form"].to_pylist())
        else:
            counted[EVIDENCE_FORM] += rows.num_rows
    return dict(sorted(counted.items()))


def _described(kept: Mapping[str, pa.Table]) -> str:
    return ", ".join(f"{rows} {form}{'' if rows == 1 else 's'}" for form, rows in _forms(kept).items())
