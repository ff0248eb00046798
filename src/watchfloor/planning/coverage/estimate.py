"""Coverage of the whole line for some hours, as one reader may know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.assets import Asset
from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.planning.coverage import schedule, sensor_reports
from watchfloor.planning.coverage.axis import Axis, Floats, axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import HOUR, Schedule, Watch
from watchfloor.planning.coverage.table import Part, Table
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NO_ASSET: Final = declare("coverage.no-asset", "name", "names")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who sees what, and who is there when.

    Attributes:
        table: cells of kilometre and hour, with the part of each asset.
        where: the line.
        start: the first hour.
        begun: how many of the hours have begun: they rest on what was reported.
        fleet: the assets that the reader may know of, by name.
        plan: watches of all assets, and the responders that the reader may know of.
        minutes: until the nearest responder is at each kilometre; infinite: nobody can be sent.
        responder: who that is.
        marking: of all that went into it.
    """

    table: Table
    where: Axis
    start: datetime
    begun: int
    fleet: Mapping[str, Asset]
    plan: Schedule
    minutes: Floats
    responder: list[str]
    marking: str

    def part(self, asset: Asset, watches: tuple[Watch, ...]) -> Part:
        """Return what an asset will see in the hours to come, under the same conditions as the others."""
        return _to_come(asset, watches, self.plan, self.where, self.start, self.begun, self.table.shape[1])


def coverage_of(
    floor: Floor,
    reader: Reader,
    since: datetime,
    hours: int,
    *,
    as_of: int | datetime | None = None,
    without: tuple[str, ...] = (),
) -> Coverage:
    """Compute coverage from the records, assets and responders that a reader may see.

    Args:
        floor: whose records and settings.
        reader: who asks.
        since: a moment in the first hour.
        hours: how many.
        as_of: a position or moment of the log, for the records.
        without: assets that are taken not to look.

    Raises:
        SettingsError: a file of the floor cannot be read.
        Unusable: an asset of `without` does not look.
    """
    where = axis()
    start = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    begun = min(max(-((start - floor.now()) // timedelta(hours=1)), 0), hours)
    rows = floor.read("coverage", reader, as_of, columns=sensor_reports.COLUMNS, latest=True)
    parts = sensor_reports.parts(rows, where, start, begun)
    fleet, plan = assets.visible(floor.root, reader), schedule.load(floor.root).visible(reader)
    for name, asset in fleet.items():
        watches = tuple(one for one in plan.watch if one.asset == name)
        if watches and begun < hours:
            made = _to_come(asset, watches, plan, where, start, begun, hours)
            parts[name] = schedule.joined(parts.get(name), made)
    if unknown := [name for name in without if name not in parts]:
        raise Unusable(reason(NO_ASSET, name=unknown[0], names=", ".join(sorted(parts)) or "–"))
    table = Table.build(tuple(CROSSERS), len(where), hours, parts)
    for name in without:
        table.replace(name, None)
    markings = {*rows["marking"].unique().to_pylist(), *(one.marking for one in fleet.values())}
    marking = joined(markings | {one.marking for one in plan.responder})
    takes, who = schedule.minutes(plan.responder, where)
    return Coverage(table, where, start, begun, fleet, plan, takes, who, marking)


def _to_come(
    asset: Asset,
    watches: tuple[Watch, ...],
    plan: Schedule,
    where: Axis,
    start: datetime,
    begun: int,
    hours: int,
) -> Part:
    made = schedule.part(asset, watches, where, start + begun * HOUR, hours - begun, plan.zoneinfo)
    return Part(made.km, made.hour + begun, made.chance)
