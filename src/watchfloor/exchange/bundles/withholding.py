"""Withholding: the rows of an offer that go to a peer, and those that stay, with the reason for each.

A row stays when its form, its kind or a column that it needs may not go through the gateway, when its marking
keeps it from the peer, or when somebody else must consent first. What goes has the gateway's columns alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.releasing import why_not
from watchfloor.core import messages
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.marking import Marking, parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.desks.disclosures.messages import UNTOLD
from watchfloor.desks.registry import declare_messages
from watchfloor.exchange.bundles import consents
from watchfloor.exchange.bundles.bundle import schema_of
from watchfloor.exchange.bundles.offers import EVIDENCE_FORM, POINTER_FORM, SIGNAL_FORM, Offer
from watchfloor.exchange.bundles.peers import Recipient
from watchfloor.policy.gateway_check import tells_of_report
from watchfloor.policy.gateways import Gateway, Permit
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

FORM: Final = declare("exchange.form-excluded", "gateway", "forms", "form")
KIND: Final = declare("exchange.kind-excluded", "gateway", "kind")
COLUMN: Final = declare("exchange.column-excluded", "gateway", "column", "kind")

TELLS: Final = declare("exchange.tells-of-report")


@dataclass(frozen=True, slots=True)
class Withheld:
    """Rows that stay, by reason."""

    rows: int
    reason: Reason

    def stored(self) -> dict[str, Any]:
        """As an act has it."""
        return {**self.reason.stored(), "rows": self.rows}


@dataclass(frozen=True, slots=True)
class Sifted:
    """An offer taken apart: rows that go and what they rest on here, by kind, and what stays."""

    rows: Mapping[str, pa.Table]
    rests_on: Mapping[str, pa.ChunkedArray]
    withheld: tuple[Withheld, ...]


class Rights(NamedTuple):
    """Rows here that other nodes disclosed, and the consents that this node holds."""

    others: consents.Foreign
    held: list[consents.Consent]


def rights(floor: Floor, reader: Reader) -> Rights:
    """Rows of others that are here, and what they have consented to."""
    return Rights(consents.foreign(floor, reader), consents.received(floor))


def sift(
    floor: Floor,
    reader: Reader,
    peer: Recipient,
    permit: Permit,
    given: Offer,
    line: Marking | None,
    known: Rights | None = None,
) -> Sifted:
    """Take an offer apart.

    Args:
        floor: who sends.
        reader: the person who sends, as policy knows him.
        peer: to whom.
        permit: of the gateway.
        given: what is offered.
        line: the tear-line; None where nothing may be passed on.
        known: of others' rows, where they were looked up already.
    """
    others, held = known or rights(floor, reader)
    rows: dict[str, pa.Table] = {}
    rests: dict[str, pa.ChunkedArray] = {}
    stays: Counter[tuple[str, str]] = Counter()
    for kind, table in given.rows.items():
        on = given.rests_on[kind]
        why = _why(kind, table, peer.reader(permit.statement.purpose, permit.on), permit.gateway)
        for at, needed in consents.owned(table, kind, on, others, permit.sender.name, peer.name).items():
            why[at] = why[at] or consents.lacking(held, needed, peer.name, permit.on)
        stays.update((one["message"], one["params"]) for w in why if w and (one := w.stored()))
        goes = pa.array([one is None for one in why], pa.bool_())
        if pc.any(goes).as_py():
            left = _cautioned(_fields(kind, table.filter(goes), permit.gateway), permit.caveats)
            rests[kind] = on.filter(goes)
            rows[kind] = _torn(left, rests[kind], line, others) if line and kind == DISCLOSURE.name else left
    return Sifted(rows, rests, counted(stays))


def counted(stays: Counter[tuple[str, str]]) -> tuple[Withheld, ...]:
    """Reasons with their rows, the most frequent first."""
    ordered = sorted(stays.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Withheld(rows, Reason.load({"message": message, "params": params}))
        for (message, params), rows in ordered
    )


def _why(kind: str, rows: pa.Table, recipient: Reader, gateway: Gateway) -> list[Reason | None]:
    """Why each row stays, by its form, its columns and its marking; None for one that goes."""
    forms = rows["form"].to_pylist() if kind == DISCLOSURE.name else [EVIDENCE_FORM] * rows.num_rows
    by_form = {form: barred(kind, form, gateway) for form in set(forms)}
    texts = rows["marking"].to_pylist()
    by_marking = {text: marking_bars(recipient, text) for text in set(texts)}
    telling = _telling(rows) if kind == DISCLOSURE.name else np.zeros(rows.num_rows, np.bool_)
    columns = zip(forms, telling.tolist(), texts, strict=True)
    return [by_form[form] or (told and reason(TELLS)) or by_marking[text] for form, told, text in columns]


def marking_bars(recipient: Reader, text: str) -> Reason | None:
    """Why a row so marked stays, whoever controls it; None where it may go.

    Who controls a row is asked one by one, see `exchange.bundles.consents`.
    """
    return why_not(recipient, replace(parse(text), originators=frozenset()))


def _telling(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Whether each signal says that a suspicious transaction report exists, by its words or their sentence.

    Of parameters only those of a sentence of another version are looked at: they name its rule and message;
    the others are names and numbers of records.
    """
    declare_messages()
    told = np.zeros(rows.num_rows, np.bool_)
    for column in ("desk", "rule", "strength", "message"):
        words = [word for word in pc.unique(rows[column]).to_pylist() if _tells(word)]
        if words:
            told |= pc.is_in(rows[column], value_set=pa.array(words)).to_numpy()
    for at in pc.indices_nonzero(pc.equal(rows["message"], UNTOLD.id)).to_pylist():
        told[at] |= tells_of_report(rows["params"][at].as_py())
    return told


def _tells(word: str) -> bool:
    """Whether a word, or the sentence that has it as its id, says so."""
    sentence = messages.known(word)
    return any(map(tells_of_report, (word, *((sentence.en, sentence.fr) if sentence else ()))))


NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    SIGNAL_FORM: ("desk", "rule", "subjects", "strength", "message", "params"),
    POINTER_FORM: ("subjects",),
}
"""Columns without which a row of the form says nothing; of evidence, those that may not be null."""


def barred(kind: str, form: str, gateway: Gateway) -> Reason | None:
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


def cautioned(text: str, caveats: frozenset[str]) -> str:
    """Return a marking that carries the gateway's handling caveats."""
    return str(parse(text) | Marking(caveats=caveats)) if caveats else text


def _cautioned(rows: pa.Table, caveats: frozenset[str]) -> pa.Table:
    """Rows whose marking carries the gateway's handling caveats."""
    if not caveats:
        return rows
    texts = {text: cautioned(text, caveats) for text in pc.unique(rows["marking"]).to_pylist()}
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
