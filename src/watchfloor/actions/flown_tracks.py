"""Effort that comes back: tracks of patrols that were flown or sailed, kept as coverage."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Final

import pyarrow.compute as pc

from watchfloor.actions.base import FILE, Answer, Context, Request, action, argument, option
from watchfloor.casework.life_cycle import at_least
from watchfloor.casework.tasking import assets
from watchfloor.cell import tracks
from watchfloor.cell.acts import NotFound, Row, Unusable, write_all
from watchfloor.core.kinds import COVERAGE
from watchfloor.core.marking import join
from watchfloor.core.messages import declare, reason
from watchfloor.planning.coverage import flown_tracks
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.flown_tracks import Point
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

ONE_TRACK: Final = declare("coverage.flown-one")
NO_TRACK: Final = declare("coverage.flown-no-track", "track")
NO_ASSET: Final = declare("coverage.flown-no-asset", "asset", "assets")
TOO_LARGE: Final = declare("coverage.flown-too-large", "file", "most")
LARGEST: Final = 1 << 26
"""Bytes of a track: two million points."""
LONGEST: Final = timedelta(hours=24)
"""How long ago a track of the tracker may have begun."""


class KeepFlown(Request, frozen=True):
    """A track, and what flew it."""

    file: Annotated[
        Path | None, argument("FILE", "GPX with times, as a crew's receiver writes it.", exists=FILE)
    ] = None
    track: Annotated[str, option("Or a track of the last day on the map.", metavar="TRACK")] = ""
    asset: Annotated[str, option("What flew it, as assets.toml names it.", required=True)] = ""
    crew: Annotated[str, option("Who flew it.")] = ""
    marking: Annotated[str, option("Marking, if more than the asset's.")] = ""


class FlownTrack(Answer, frozen=True):
    """A track as it was kept.

    Attributes:
        minutes: that it has; again: of these, those that an earlier record of the asset has, counted once.
        km: that it is long; line_km: kilometres of the line that came within sight.
        records: of coverage.
    """

    texts: ClassVar = "flown"
    columns: ClassVar = ("asset", "crew", "begins", "ends", "minutes", "again", "km", "line_km", "records")

    asset: str
    crew: str
    begins: datetime
    ends: datetime
    minutes: float
    again: float
    km: float
    line_km: int
    records: int
    marking: str
    position: int | None


@action(
    "coverage flown",
    "coverage flown patrol.gpx --asset drone-1 --crew air-1",
    writes=True,
    done="flown.kept",
)
def keep(context: Context, ask: KeepFlown) -> FlownTrack:
    """Keep the track of a patrol as coverage: where nothing was found, risk falls.

    A track comes from a file or from the map. Minutes that an earlier record of the same asset tells of
    count once, so a patrol whose team changed under way may send two tracks.
    """
    floor, reader = context.floor, context.reader
    fleet = assets.visible(floor.root, reader)
    if ask.asset not in fleet:
        moving = ", ".join(name for name, one in fleet.items() if one.speed_m_s > 0)
        raise NotFound(reason(NO_ASSET, asset=ask.asset, assets=moving or "–"))
    if (ask.file is None) == (not ask.track):
        raise Unusable(reason(ONE_TRACK))
    asset, now, original = fleet[ask.asset], floor.now(), b""
    if ask.file:
        if ask.file.stat().st_size > LARGEST:
            raise Unusable(reason(TOO_LARGE, file=ask.file.name, most=LARGEST))
        original, name, marking = ask.file.read_bytes(), ask.file.name, asset.marking
        points = flown_tracks.gpx(original, name)
    else:
        points, known = _tracked(floor, reader, ask.track, now)
        name, marking = ask.track, join([asset.marking, known])
    made = flown_tracks.rows(
        points, ask.asset, asset, ask.crew, at_least(marking, ask.marking or None), name, now
    )
    again = _again(floor, reader, ask.asset, made)
    with context.writer() as writer:
        position = write_all(writer, COVERAGE, made, original)
    parts = list(flown_tracks.legs(points, asset))
    near = {
        int(km) for one in parts for km in axis().near(one.latitude, one.longitude, asset.reach_m)[0].tolist()
    }
    return FlownTrack(
        asset=ask.asset,
        crew=ask.crew,
        begins=made[0]["observed_at"],
        ends=made[-1]["until"],
        minutes=round(sum((one.ends - one.begins).total_seconds() for one in parts) / 60, 1),
        again=round(again / 60, 1),
        km=round(sum(one.length for one in parts) / 1_000, 1),
        line_km=len(near),
        records=len(made),
        marking=made[0]["marking"],
        position=context.known_position(position),
    )


def _tracked(floor: Floor, reader: Reader, key: str, now: datetime) -> tuple[list[Point], str]:
    """Return the points of a track of the map, and their marking. Raises `NotFound`."""
    found = tracks.trails(floor, reader, floor.position, now, LONGEST, [key]).to_pylist()
    if not found:
        raise NotFound(reason(NO_TRACK, track=key))
    points = [Point(one["latitude"], one["longitude"], one["until"]) for one in found]
    return points, join([one["marking"] for one in found])


def _again(floor: Floor, reader: Reader, sensor: str, made: list[Row]) -> float:
    """Return for how many seconds of new records an earlier one of the same asset looked already."""
    names = ["sensor", "observed_at", "until", "state"]
    kept = floor.read("coverage", reader, columns=names, latest=True)
    kept = kept.filter(pc.and_(pc.equal(kept["sensor"], sensor), pc.is_valid(kept["until"])))
    kept = kept.filter(pc.greater(kept["until"], made[0]["observed_at"]))
    spans = sorted(
        (row["observed_at"], row["until"]) for row in kept.to_pylist() if row["state"] == "looking"
    )
    total = 0.0
    for one in made:
        done = one["observed_at"]
        for begins, ends in spans:
            if begins >= one["until"]:
                break
            since, until = max(begins, done), min(ends, one["until"])
            if until > since:
                total += (until - since).total_seconds()
                done = until
    return total
