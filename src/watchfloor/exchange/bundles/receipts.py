"""Receipts: what a recipient has stored of a bundle, said by name, so that a loss is seen where it happened.

The recipient recomputes the rows' leaves from its store, not from the file, and names what is not there. The
sender holds that against what it sent: with the missing rows left out, both must come to one Merkle root.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.core.kinds import DISCLOSURE, KINDS
from watchfloor.core.messages import declare
from watchfloor.exchange.bundles import sent, signed_notices
from watchfloor.exchange.bundles.bundle import leaves, root_of
from watchfloor.exchange.bundles.origins import source_of
from watchfloor.exchange.bundles.receiving import Received, sent_rows
from watchfloor.exchange.bundles.signed_notices import Slip
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

NOT_SENT: Final = declare("exchange.receipt-of-nothing", "peer", "bundle")


@dataclass(frozen=True, slots=True)
class Compared:
    """A receipt held against what was sent.

    Attributes:
        bundle: its id.
        peer: who gave it.
        rows: sent.
        stored: of them, as the recipient says.
        withheld: at its door, by reason.
        missing: names of the rows that are not stored there.
        lost: of these, how many nobody accounts for.
        same_root: whether what is stored there is what was sent, the missing rows left out.
    """

    bundle: str
    peer: str
    rows: int
    stored: int
    withheld: Mapping[str, int]
    missing: tuple[str, ...]
    lost: int
    same_root: bool

    @property
    def agrees(self) -> bool:
        """Whether every row is stored as it was sent, or withheld there with a reason."""
        return self.same_root and not self.lost


def give(floor: Floor, writer: Writer, received: Received, now: datetime) -> str:
    """The receipt for a bundle that was taken in, a slip: what is stored of it, recomputed from the store."""
    manifest = received.manifest
    stored = {kind: _stored(floor, writer, kind, received) for kind in received.leaves}
    there = [leaf in stored[kind] for kind, hashes in received.leaves.items() for leaf in hashes]
    hashes = [leaf for each in received.leaves.values() for leaf in each]
    names = [name for each in received.names.values() for name in each]
    return signed_notices.write(
        floor,
        signed_notices.RECEIPT,
        manifest.sender.name,
        now,
        bundle=manifest.bundle,
        rows=received.rows,
        accepted=received.accepted,
        duplicate=received.duplicate,
        withheld=dict(received.withheld),
        missing=[name for name, here in zip(names, there, strict=True) if not here],
        root=root_of(leaf for leaf, here in zip(hashes, there, strict=True) if here),
    )


def receive(floor: Floor, writer: Writer, slip: Slip) -> Compared:
    """Hold a receipt against what was sent, and log it. Refused for what was never sent there."""
    body = slip.body
    index = sent.index_of(floor, body["bundle"]) if _sent_to(floor, body["bundle"], slip.peer.name) else None
    if index is None:
        refuse(NOT_SENT, peer=slip.peer.name, bundle=body["bundle"])
    compared = compare(index, body, slip.peer.name)
    detail = {
        "bundle": compared.bundle,
        "from": compared.peer,
        "rows": compared.rows,
        "stored": compared.stored,
        "withheld": dict(compared.withheld),
        "lost": compared.lost,
        "root": body["root"],
        "agrees": compared.agrees,
    }
    writer.act("receipt", detail)
    return compared


def compare(index: pa.Table, body: Mapping[str, Any], peer: str) -> Compared:
    """A receipt's fields against the index of what was sent."""
    missing = pa.array(body["missing"], pa.string())
    there = index.filter(pc.invert(pc.is_in(index["row"], value_set=missing)))
    gone = index.num_rows - there.num_rows
    withheld = sum(body["withheld"].values())
    return Compared(
        body["bundle"],
        peer,
        index.num_rows,
        there.num_rows,
        body["withheld"],
        tuple(body["missing"]),
        max(gone - withheld, 0),
        root_of(there["leaf"].to_pylist()) == body["root"],
    )


def _sent_to(floor: Floor, bundle: str, peer: str) -> bool:
    acts = floor.acts_of("disclosed")
    return any((a.detail or {}).get("bundle") == bundle and (a.detail or {}).get("to") == peer for a in acts)


def _stored(floor: Floor, writer: Writer, kind: str, received: Received) -> set[bytes]:
    """Leaves of the records of a kind that this node holds of the sender, as they would travel.

    Of those that came with these very bytes, and only where one of them is missing of all that the sender
    ever sent: a receipt costs no more because much has come before.
    """
    came = [one.position for one in floor.deliveries(digest=bytes.fromhex(received.digest))]
    found = _leaves(writer, kind, received, came)
    return found if found >= {*received.leaves[kind]} else _leaves(writer, kind, received, None)


def _leaves(writer: Writer, kind: str, received: Received, at: list[int] | None) -> set[bytes]:
    rows = writer.holdings(kind, KINDS[kind].schema.names, at=at)
    mine = pc.equal(rows["source"], source_of(received.manifest.sender.name))
    if kind == DISCLOSURE.name:
        mine = pc.and_(mine, pc.equal(rows["bundle"], received.manifest.bundle))
    return set(leaves(kind, sent_rows(kind, rows.filter(mine))))
