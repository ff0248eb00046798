"""Changes of the ground: stored scenes scanned behind the floor's masks, and what they show kept."""

from collections import Counter
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Final, NamedTuple

from watchfloor.actions.base import FILE, Answer, Context, Request, action, note, option, words
from watchfloor.actions.coverage import stretch_of
from watchfloor.casework.scans import masks, scans
from watchfloor.casework.scans.listed import Listed
from watchfloor.casework.scans.pixels import Pixels
from watchfloor.cell.acts import NotFound, Unusable, write_all
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.kinds import SCENE_CHANGE
from watchfloor.core.marking import Marking, joined
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning.coverage import schedule, sections
from watchfloor.store.writer import Writer

NO_PLACE: Final = declare("scans.no-place")
NO_RETENTION: Final = declare("scans.no-retention")
NO_SCENE: Final = declare("scans.no-scene", "km", "since", "until")
ONE_SCENE: Final = declare("scans.one-scene", "scenes")
CLOUDY: Final = declare("scans.cloudy", "scenes")
ABSENT: Final = declare("scans.absent", "scenes")
ALL_MASKED: Final = declare("scans.all-masked", "masked")
LOOKS_BACK: Final = timedelta(days=60)


class ScanChanges(Request, frozen=True):
    """Which part of the line, scenes of which days, and how long changes are kept."""

    section: Annotated[str, option("A section of coverage.toml.", metavar="SECTION")] = ""
    km: Annotated[str, option("Or a stretch, such as 2050-2075.", metavar="FROM-TO")] = ""
    since: Annotated[str, option("The first day; else 60 days before the last.", spelling="--from")] = ""
    until: Annotated[str, option("The last day; else today.")] = ""
    retain: Annotated[
        int, option("Days for which changes are kept; else as space.toml says.", minimum=0, maximum=36500)
    ] = 0
    shapes: Annotated[
        Path | None,
        option("Shapes that another machine found between these scenes, instead of pixels.", exists=FILE),
    ] = None


class ChangeView(Answer, frozen=True):
    """A change that the scan wrote: what its form is like, what became of it, where, and how large."""

    texts: ClassVar = "scans"
    columns: ClassVar = (
        "change",
        "what",
        "state",
        "since",
        "until",
        "latitude",
        "longitude",
        "area_m2",
        "line_m",
        "traffic_m",
    )

    change: str
    what: Annotated[str, words("scans.what_")]
    state: Annotated[str, words("scans.state_")]
    since: date
    until: date
    latitude: float
    longitude: float
    area_m2: float
    line_m: float
    traffic_m: float | None
    marking: str


class ScanDone(Answer, frozen=True):
    """The result of a scan.

    Attributes:
        scenes: that were there; pairs: of them that were compared.
        appeared, confirmed, gone, withdrawn: records that were written.
        again: shapes that an earlier scan has.
        looked_km2, masked_km2: ground around the line that scenes show: looked at, and not looked at.
    """

    texts: ClassVar = "scans"
    columns: ClassVar = (
        *("scenes", "pairs", "appeared", "confirmed", "gone", "withdrawn", "again"),
        *("looked_km2", "masked_km2"),
    )

    scenes: int
    pairs: int
    appeared: int
    confirmed: int
    gone: int
    withdrawn: int
    again: int
    looked_km2: float
    masked_km2: float
    changes: list[ChangeView]
    marking: str
    position: int | None


@action(
    "change scan",
    "change scan --section red-river --from 2026-05-01 --retain 365",
    writes=True,
    done="scans.done",
)
def scan(context: Context, ask: ScanChanges) -> ScanDone:
    """Compare stored scenes of a part of the line, and keep what changed on the ground as places to look at.

    The other side of the line, privacy zones and what `space.toml` masks are left out before any pixel is
    looked at. The same scenes scanned twice give no second change. What is written says where, never who.
    """
    found = compared(context, ask)
    results, position = found.results, None
    _told(context, found)
    if results.rows:
        with context.writer() as writer:
            position = context.known_position(kept(writer, results))
    marking = joined([row["marking"] for row in (*results.rows, *found.scenes)])
    if results.rows:
        context.run_desks(marking)
    states = Counter(row["state"] for row in results.rows)
    return ScanDone(
        scenes=len(found.scenes),
        pairs=results.pairs,
        **{state: states[state] for state in ("appeared", "confirmed", "gone", "withdrawn")},
        again=results.again,
        looked_km2=round(found.looked, 1),
        masked_km2=round(found.masked, 1),
        changes=[_view(row) for row in results.rows],
        marking=marking,
        position=position,
    )


class Compared(NamedTuple):
    """Scenes that were compared: what they show, and how much ground was looked at and masked, km²."""

    results: scans.Results
    scenes: list[scans.Row]
    looked: float
    masked: float


def compared(context: Context, ask: ScanChanges) -> Compared:
    """Compare the scenes that are asked about; nothing is written but the query. Raises `Refusal`."""
    floor, reader = context.floor, context.reader
    km = _km(context, ask)
    until = moment_of_field(ask.until, "--until") or floor.now()
    since = moment_of_field(ask.since, "--from", first=True) or until - LOOKS_BACK
    days = ask.retain or masks.load(floor.root).retain_days
    if not days:
        raise Unusable(reason(NO_RETENTION))
    found = scans.series(floor, reader, km, since, until)
    rows = [row for one in found for row in one.scenes]
    if not rows:
        where = f"{km[0]:g}-{km[1]:g}"
        raise NotFound(reason(NO_SCENE, km=where, since=f"{since:%Y-%m-%d}", until=f"{until:%Y-%m-%d}"))
    ground = masks.ground(floor.root, km, scans.footprint(rows))
    looked, masked = ground.km2()
    library = Listed(ask.shapes, ground) if ask.shapes else Pixels(ground)
    known = floor.read("scene-change", reader, latest=True).to_pylist()
    mine = {row["change"]: row for row in known if row["source"] == scans.SOURCE}
    now = floor.now()
    retain = str(Marking(retain_until=now.date() + timedelta(days=days)))
    context.log_query(
        "change scan",
        km=list(km),
        since=since.isoformat(),
        until=until.isoformat(),
        scenes=len(rows),
        retain_days=days,
        masked_km2=round(masked, 3),
    )
    made = scans.Scan(floor, reader, ground, library, mine, retain, now)
    before = 0
    with context.busy("scans.scanning") as say:
        for one in found:
            made.series(one, partial(_say_share, say, before, len(rows)))
            before += len(one.scenes)
    return Compared(made.results, rows, looked, masked)


def _say_share(say: scans.Progress, before: int, scenes: int, done: float) -> None:
    """Say which share of all scenes is done, where so many were done before this series."""
    say((before + done) / scenes)


def kept(writer: Writer, results: scans.Results) -> int:
    """Keep what a scan found; gives its position in the log."""
    return write_all(writer, SCENE_CHANGE, results.rows, b"\n".join(results.lines))


def _km(context: Context, ask: ScanChanges) -> tuple[float, float]:
    """Return the kilometres that are asked about. Raises `Unusable`, or `NotFound` for no such section."""
    if bool(ask.section) == bool(ask.km.strip()):
        raise Unusable(reason(NO_PLACE))
    if ask.km:
        return stretch_of(ask.km)
    plan = schedule.load(context.floor.root).visible(context.reader)
    return sections.pick(plan.section, ask.section).km


def _told(context: Context, found: Compared) -> None:
    """Say beside the answer what was not compared."""
    if found.looked <= 0:
        note(context, ALL_MASKED, masked=round(found.masked, 1))
    if found.results.cloudy:
        note(context, CLOUDY, scenes=", ".join(found.results.cloudy))
    if found.results.absent:
        note(context, ABSENT, scenes=", ".join(found.results.absent))
    for one in found.results.notes:
        context.note(Reason.load(one))
    if not found.results.pairs and not found.results.notes:  # or these say why
        note(context, ONE_SCENE, scenes=len(found.scenes))


def _view(row: scans.Row) -> ChangeView:
    return ChangeView(
        change=row["change"],
        what=row["what"],
        state=row["state"],
        since=row["since"].date(),
        until=row["until"].date(),
        latitude=round(row["latitude"], 5),
        longitude=round(row["longitude"], 5),
        area_m2=round(row["area_m2"], 1),
        line_m=round(row["line_m"]),
        traffic_m=None if row["traffic_m"] is None else round(row["traffic_m"]),
        marking=row["marking"],
    )
