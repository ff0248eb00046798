"""Handling constraints of a text, a letter or a case: whose consent its rows need, and for which uses.

The third-agency rule holds for what is told of a row as for the row itself (`exchange.bundles.consents`).
Level, label and countries are no bonds here: a text has a marking of its own, which its author answers for.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa

from watchfloor.casework.releasing import PURPOSE
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason, reason
from watchfloor.exchange.bundles import consents, offers
from watchfloor.exchange.bundles.bundle import EVIDENCE
from watchfloor.exchange.bundles.peers import me
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor


class Piece(NamedTuple):
    """A row that something rests on.

    Attributes:
        name: of the row between nodes, as a consent has it.
        marking: of the row.
        records: ids of the records here that it is, or rests on.
    """

    name: str
    marking: str
    records: frozenset[bytes]


class Bond(NamedTuple):
    """Why a piece may not be told yet: the owners who have not consented, or none where it is another reason.

    Attributes:
        owners: whose consent is lacking.
        why: the first of it, as a sentence.
    """

    owners: tuple[str, ...]
    why: Reason


def of_record(floor: Floor, reader: Reader, kind: str, row: Mapping[str, Any]) -> Piece:
    """The piece that a record is, under the name that it has in a request for consent."""
    id_ = row["record_id"]
    name = id_.hex()
    if kind in EVIDENCE:
        table = pa.Table.from_pylist([dict(row)], KINDS[kind].schema)
        name = offers.offer(floor, reader, records={kind: table}).rows[kind]["report_key"][0].as_py()
    return Piece(name, row["marking"], frozenset({id_}))


def of_signal(row: Mapping[str, Any]) -> Piece:
    """The piece that a signal is, with the records that it rests on."""
    return Piece(row["row_id"].hex(), row["marking"], frozenset(row["evidence"]))


def bonds(
    floor: Floor,
    reader: Reader,
    pieces: Iterable[Piece],
    to: str,
    purpose: str,
    today: date,
    waived: frozenset[str] = frozenset(),
) -> dict[str, Bond]:
    """Return the constraints that keep each piece from being told to somebody; free pieces have no entry.

    Args:
        floor: where it is held.
        reader: who tells it.
        pieces: all that the text, the letter or the case rests on.
        to: who is told, as consents name a recipient.
        purpose: what it is told for.
        today: the day, for consents that end.
        waived: owners who have consented otherwise than by a note, on a person's word.
    """
    here, others, held = me(floor).name, consents.foreign(floor, reader), consents.received(floor)
    found: dict[str, Bond] = {}
    for piece in pieces:
        theirs = [others[id_] for id_ in piece.records if id_ in others]
        needed = consents.needed(piece.name, piece.marking, theirs, here, to)
        lacking = [
            (owner, why)
            for owner, name in sorted(needed)
            if owner not in waived and (why := consents.lacking(held, frozenset({(owner, name)}), to, today))
        ]
        purposes = parse(piece.marking).purposes
        if lacking:
            owners = tuple(dict.fromkeys(owner for owner, _ in lacking))
            found[piece.name] = Bond(owners, lacking[0][1])
        elif purposes is not None and purpose not in purposes:
            other = reason(PURPOSE, purposes=", ".join(sorted(purposes)) or "–", purpose=purpose)
            found[piece.name] = Bond((), other)
    return found
