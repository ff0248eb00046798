"""Vessels that report: their master and owner, with MMSI and IMO number."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Voyage
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Observation, Row
from watchfloor.exercise.volumes import VESSELS

NAME: Final = "vessels"
WATERS: Final = ("Lake Erie", "Lake Ontario", "St. Clair River", "Gulf of St. Lawrence", "Strait of Georgia")


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Voyages of boats, one in five of them large enough for an IMO number."""
    for _ in range(count):
        vessel = cast.vessel(cast.anybody(), large=cast.random.random() < 0.2)
        yield Voyage(cast.at(), vessel, cast.one_of(WATERS))


def sees(act: Act) -> Iterator[Observation]:
    """Master and owner of a vessel that reports."""
    if not isinstance(act, Voyage):
        return
    vessel, context = act.vessel, f"{act.vessel.name}, {act.waters}"
    for role, party in (("master", vessel.master), ("owner", vessel.owner)):
        yield parties.seen(act, role, party, context, (vessel.mmsi, vessel.imo, party.phone))


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED: Final = Feed(NAME, VESSELS, parties.settings(NAME, "master and owner"), everyday, sees, write)
