"""Sending: a bundle of what may go to a peer, and the act that says so.

Offered = sent + withheld. It is logged before it leaves: what the log does not know never went.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import Refusal, refuse
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.marking import Marking, join, parse
from watchfloor.core.messages import declare, reason
from watchfloor.exchange.bundles import sent
from watchfloor.exchange.bundles.bundle import (
    FORMAT,
    Manifest,
    Sender,
    Terms,
    leaves,
    pack,
    part_of,
    root_of,
    stream,
    terms_of,
)
from watchfloor.exchange.bundles.offers import Offer, forms_of
from watchfloor.exchange.bundles.peers import Recipient, me
from watchfloor.exchange.bundles.withholding import Sifted, Withheld, sift
from watchfloor.policy.gateways import CARRIED, Gateway, Permit, RiskCheck, Statement, permits
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

NOTHING: Final = declare("exchange.nothing-to-send", "offered")
NOTHING_OFFERED: Final = declare("exchange.nothing-offered")


@dataclass(frozen=True, slots=True)
class Packed:
    """A bundle that is made and not logged yet.

    Attributes:
        manifest: what it says of itself.
        data: the file.
        withheld: what stays.
        index: what each row is and rests on here, see `exchange.bundles.sent`.
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
    peer: Recipient,
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
        watchfloor.policy.gateways.Refusal: the gateway does not permit it.
        watchfloor.cell.acts.Refusal: nothing was offered.
        AllWithheld: nothing is left to send.
    """
    today = now.astimezone(UTC).date()
    permit = permits(gateway, me(floor), peer.party, statement, today, risk_check=risk_check)
    if not given.count:
        refuse(NOTHING_OFFERED)
    sifted = sift(floor, reader, peer, permit, given, tear_line)
    if not sifted.rows:
        raise AllWithheld(given.count, sifted.withheld)
    return packed(floor, permit, sifted, now, description)


def packed(floor: Floor, permit: Permit, sifted: Sifted, now: datetime, description: str = "") -> Packed:
    """Pack what may go of an offer."""
    hashes = {kind: leaves(kind, rows) for kind, rows in sifted.rows.items()}
    data = {kind: stream(rows) for kind, rows in sifted.rows.items()}
    manifest = _manifest(floor, permit, sifted.rows, hashes, data, now, description)
    index = sent.index(sifted.rows, sifted.rests_on, hashes)
    whole = pack(manifest, data, floor.signer)
    return Packed(manifest, whole, sifted.withheld, index, _named(sifted.rows, permit.gateway))


def log(writer: Writer, bundle: Packed, peer: Recipient, **more: int | str) -> int:
    """Log a bundle as disclosed, and keep which rows it carries; gives the position of the act.

    It is logged before it leaves: what the log does not know never went. `more` goes into the act.
    """
    manifest = bundle.manifest
    sent.keep(writer, manifest.bundle, manifest.root, bundle.index)
    return writer.act("disclosed", _detail(bundle, peer) | more)


class AllWithheld(Refusal):
    """Nothing of what was offered may go; `withheld` says why not."""

    def __init__(self, offered: int, withheld: tuple[Withheld, ...]) -> None:
        super().__init__(reason(NOTHING, offered=offered))
        self.args = (f"{self}: {'; '.join(str(one.reason) for one in withheld)}",)
        self.withheld = withheld


def bundle_id(key: bytes, root: str, to: str, created: str) -> str:
    """Sixteen hexadecimal digits: the same rows to the same peer at the same moment give the same."""
    text = "\x1f".join((root, to, created))
    return blake2b(text.encode(), digest_size=8, key=key[:64], person=b"bundle").hexdigest()


def _manifest(
    floor: Floor,
    permit: Permit,
    rows: Mapping[str, pa.Table],
    hashes: Mapping[str, list[bytes]],
    data: Mapping[str, bytes],
    now: datetime,
    description: str,
) -> Manifest:
    """Return the manifest of a bundle to send."""
    root = root_of(leaf for found in hashes.values() for leaf in found)
    created = now.astimezone(UTC).isoformat(timespec="microseconds")
    sender = permit.sender
    return Manifest(
        format=FORMAT,
        bundle=bundle_id(floor.key, root, permit.recipient.name, created),
        sender=Sender(sender.name, sender.institution, sender.country),
        to=permit.recipient.name,
        created=created,
        terms=_terms(permit, description or _described(rows)),
        forms=forms_of(rows),
        rows=sum(table.num_rows for table in rows.values()),
        root=root,
        marking=join(text for table in rows.values() for text in pc.unique(table["marking"]).to_pylist()),
        tear_line=_below(rows),
        exercise=floor.settings.exercise,
        parts=tuple(part_of(kind, table, data[kind]) for kind, table in rows.items()),
    )


def _terms(permit: Permit, description: str) -> Terms:
    gateway, statement = permit.gateway, permit.statement
    return Terms(
        gateway.id,
        gateway.law,
        gateway.section,
        statement.purpose,
        statement.test_met,
        statement.by,
        statement.accuracy,
        statement.basis,
        description,
        gateway.expires.isoformat() if gateway.expires else None,
    )


def _named(kept: Mapping[str, pa.Table], gateway: Gateway) -> tuple[str, ...]:
    """The columns that went, beside those that every row carries, as `kind.column`."""
    return tuple(f"{kind}.{name}" for kind in kept for name in sorted(gateway.columns(kind) - CARRIED))


def _detail(packed: Packed, peer: Recipient) -> dict[str, Any]:
    manifest, party = packed.manifest, peer.party
    return terms_of(manifest) | {
        "to": peer.name,
        "recipient": {"name": peer.name, "institution": party.institution, "country": party.country},
        "fields": list(packed.fields),
        "offered": packed.offered,
        "rows": manifest.rows,
        "withheld": [one.stored() for one in packed.withheld],
        "marking": manifest.marking,
        "caveats": sorted(parse(manifest.marking).caveats),
        "expires": manifest.terms.expires,
    }


def _below(kept: Mapping[str, pa.Table]) -> int:
    rows = kept.get(DISCLOSURE.name)
    return 0 if rows is None else int(pc.sum(pc.fill_null(rows["onward"], False)).as_py() or 0)


def _described(kept: Mapping[str, pa.Table]) -> str:
    return ", ".join(f"{rows} {form}{'' if rows == 1 else 's'}" for form, rows in forms_of(kept).items())
