"""Travellers who enter the country: name and birth date as the passport has them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Crossing
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Observation, Row
from watchfloor.exercise.volumes import TRAVELLERS

NAME: Final = "travellers"
WHY: Final = ("visit", "study", "transit", "business", "return home")


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Travellers like anybody."""
    for _ in range(count):
        yield Crossing(cast.at(), cast.person(), cast.one_of(WHY))


def sees(act: Act) -> Iterator[Observation]:
    """The traveller; the telephone is asked for on the declaration."""
    if isinstance(act, Crossing):
        one = act.traveller
        yield parties.seen(act, "traveller", one, act.why, (one.phone,), one.born)


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED: Final = Feed(NAME, TRAVELLERS, parties.settings(NAME, "traveller"), everyday, sees, write)
