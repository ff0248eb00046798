"""Quarantine: pieces of deliveries that could not be read. `feeds.rereading` reads them again."""

from collections.abc import Container, Iterable
from pathlib import PurePosixPath

from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.ledger import Delivery, Quarantined


def numbered(floor: Floor, reader: Reader) -> dict[int, Quarantined]:
    """All that a reader may see of what ever was in quarantine; a piece's number is its place among them."""
    return dict(enumerate(floor.quarantine(unresolved=False, reader=reader), 1))


def text_of(raw: bytes) -> str:
    """The bytes of a piece as text; those that are no UTF-8 come out as `\\xe9`."""
    return raw.decode("utf-8", "backslashreplace")


def newer(floor: Floor, held: Iterable[Quarantined], among: Container[int]) -> dict[int, Delivery]:
    """By piece, the last delivery of its feed and file name, where it had other bytes.

    Only deliveries at the positions `among` count: those that the reader may know of.

    It may correct the piece, or be the next day's file of that name: only a person can tell.
    """
    pieces = list(held)
    known = [one for one in floor.deliveries() if one.position in among]
    last = {(one.source, PurePosixPath(one.name).name): one for one in known}
    found = ((piece, last[piece.source, PurePosixPath(piece.name).name]) for piece in pieces)
    return {
        piece.id: one for piece, one in found if one.position > piece.position and one.digest != piece.digest
    }
