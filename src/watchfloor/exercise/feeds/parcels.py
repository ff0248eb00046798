"""Parcels from abroad: who receives one and who sent it, with its number, telephone and address."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Shipment
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Observation, Row
from watchfloor.exercise.volumes import PARCELS

NAME: Final = "parcels"
GOODS: Final = ("electronic parts", "clothing", "laboratory glass", "tools", "toys", "car parts", "books")


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Parcels to anybody."""
    for _ in range(count):
        country = cast.one_of(("CN", "US", "GB", "DE", "IN"))
        yield Shipment(cast.at(), cast.parcel(country), None, cast.anybody(), cast.one_of(GOODS))


def sees(act: Act) -> Iterator[Observation]:
    """The consignee, and the sender where the declaration names one."""
    if not isinstance(act, Shipment):
        return
    parcel = ("s10", act.parcel)
    known = (parcel, act.consignee.phone, act.consignee.address)
    yield parties.seen(act, "consignee", act.consignee, act.goods, known)
    if act.sender:
        yield parties.seen(act, "sender", act.sender, act.goods, (parcel,))


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED: Final = Feed(NAME, PARCELS, parties.settings(NAME, "consignee"), everyday, sees, write)
