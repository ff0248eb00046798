"""Passes of satellites over the line or over points, and the gaps between them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from watchfloor.actions.base import FILE, Answer, Context, Line, Request, Table, action, option, words
from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.messages import Language, declare, reason
from watchfloor.formats.base import FormatError
from watchfloor.formats.orbits import Orbits, read_elements
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.axis import STRETCHES, axis
from watchfloor.planning.coverage.estimate import LONGEST, coverage_of
from watchfloor.planning.satellites import clouds, points, sensors
from watchfloor.planning.satellites.calendar import (
    OLDEST,
    Calendar,
    Floats,
    Passes,
    calendar,
    joined,
    without,
)
from watchfloor.planning.satellites.gaps import Gaps, measured

SAME_NAME: Final = declare("satellites.same-name", "file", "count", "name")
CLOUDS_OF_GAPS: Final = declare("satellites.clouds-of-gaps")
NOT_ELEMENTS: Final = declare("satellites.not-elements", "file", "why")
TOO_MANY: Final = declare("satellites.too-many", "most")
MOST: Final = 50_000
"""Lines of one answer of the console."""
SHOWN: Final = 200
"""Lines that a terminal shows; JSON has all."""
LONGEST_WINDOW: Final = 366
COUNTS: Final = frozenset(("passes", "usable", "ground_hours", "unseen_hours"))
"""Figures of a point that are counts, of passes or of hours."""


class FindPasses(Request, frozen=True, kw_only=True):
    """Which satellites, sensors and points, and when."""

    elements: Annotated[
        tuple[Path, ...],
        option("TLE, OMM or OEM, in any of their forms. Repeatable.", exists=FILE, required=True),
    ] = ()
    sensors: Annotated[
        Path | None,
        option("Sensors as TOML, JSON or CSV; else public ones of the package.", exists=FILE),
    ] = None
    points: Annotated[
        Path | None,
        option(
            "GeoJSON points, CSV, Parquet or spreadsheet: latitude, longitude; may have point, height.",
            exists=FILE,
        ),
    ] = None
    since: Annotated[str, option("The first day or moment; else now.", spelling="--from", metavar="DAY")] = ""
    days: Annotated[int, option("How many days.", minimum=1, maximum=LONGEST_WINDOW)] = 12
    mode: Annotated[
        tuple[str, ...],
        option(
            "Only this mode of a sensor, such as SC100, instead of the usual; all: every one. Repeatable."
        ),
    ] = ()
    add: Annotated[
        tuple[Path, ...],
        option("Elements of satellites more: --gaps then has both side by side. Repeatable.", exists=FILE),
    ] = ()
    without: Annotated[
        tuple[str, ...], option("As if this satellite did not fly. Repeatable.", metavar="SATELLITE")
    ] = ()
    gaps: Annotated[bool, option("For how long each point and section is not seen, instead of passes.")] = (
        False
    )
    clouds: Annotated[
        Path | None,
        option("With --gaps: probability of a clear sky by month and place.", exists=FILE),
    ] = None
    oldest: Annotated[
        float, option("Days from the epoch of elements beyond which no times are given.", minimum=0)
    ] = OLDEST


class PassLine(Answer, frozen=True):
    """A pass of a satellite over a point, or of one with stale elements how often it comes.

    Attributes:
        point, satellite, norad, sensor: names, and the catalogue number; 0 if an ephemeris has none.
        start, end: when the point is within the sensor's angles, and is no more.
        at: when the satellite is abreast of it: what follows is of then.
        incidence: degrees from the vertical.
        side, flight: right or left of the flight; ascending or descending.
        sun, daylight: elevation of the sun, degrees; whether it is above the horizon.
        usable: whether there is the light that the sensor needs.
        uncertainty_s: standard deviation of the times, for the age of the elements.
        revisit_hours: of stale elements the mean interval between passes; the times are then none.
    """

    texts: ClassVar = "satellites"
    columns: ClassVar = (
        *("point", "satellite", "sensor", "start", "end", "incidence", "side", "sun", "usable"),
        *("uncertainty_s", "revisit_hours"),
    )

    point: str
    satellite: str
    norad: int
    sensor: str
    start: datetime | None
    end: datetime | None
    at: datetime | None
    incidence: float | None
    side: Annotated[str, words("satellites.side_")]
    flight: Annotated[str, words("satellites.flight_")]
    sun: float | None
    daylight: bool | None
    usable: bool | None
    uncertainty_s: float | None
    revisit_hours: float | None


class GapLine(Answer, frozen=True):
    """For how long a point, or the points of a section, are not seen.

    Attributes:
        point: its name; of a section the section's.
        section: whether it is one.
        points: how many.
        passes, usable: of them, and those with the light that they need; of a section on average.
        mean_hours, median_hours, p95_hours, longest_hours: of gaps between usable passes.
        day_mean_hours, day_longest_hours: of gaps between passes by daylight.
        expected: usable passes that are expected with clouds, if a climatology is given.
        before_mean_hours, before_longest_hours: without what --add, --mode and --without change.
        ground_hours: of the window, in which something on the ground or in the air looks; with a floor.
        unseen_hours: the longest run of hours in which neither that nor a usable pass looks.
    """

    texts: ClassVar = "satellites"
    columns: ClassVar = (
        *("point", "points", "passes", "usable", "mean_hours", "median_hours", "p95_hours", "longest_hours"),
        *("day_mean_hours", "day_longest_hours", "expected", "before_mean_hours", "before_longest_hours"),
        *("ground_hours", "unseen_hours"),
    )

    point: str
    section: bool
    points: int
    passes: float
    usable: float
    mean_hours: float | None
    median_hours: float | None
    p95_hours: float | None
    longest_hours: float | None
    day_mean_hours: float | None
    day_longest_hours: float | None
    expected: float | None
    before_mean_hours: float | None
    before_longest_hours: float | None
    ground_hours: float | None
    unseen_hours: float | None


class PassList(Answer, frozen=True):
    """The access calendar.

    Attributes:
        passes: by point and time; of a long one a sequence that is computed as it is read.
        gaps: for how long each point, then each section, is not seen, if that was asked.
        remarks: what is not in it, such as stale elements, and what to do.
    """

    texts: ClassVar = "satellites"
    unprinted: ClassVar = ("asked", "language")

    begin: datetime
    days: int
    passes: Sequence[PassLine]
    gaps: list[GapLine]
    remarks: list[str]
    asked: str
    marking: str
    language: Language

    def listed(self, rows: str) -> Sequence[Any]:  # noqa: ARG002 - one of the two
        """Return gaps if they were asked for, else passes."""
        return self.gaps if self.asked == "gaps" else self.passes

    def written_out(self, say: Callable[..., str]) -> Iterator[Line | Table]:
        """Yield sections, else the first of the points or passes, and what of them only JSON has."""
        from watchfloor.actions.text import AnswerText

        text = AnswerText(self.language)
        sections = [one for one in self.gaps if one.section]
        some = [*_first(sections or self.gaps or self.passes, SHOWN + 1)]
        first = some[:SHOWN]
        filled = [
            name
            for name in (first[0].columns if first else ())
            if any(getattr(one, name) not in (None, "") for one in first)
        ]
        heads = [label for _, label, _ in text.cells(first[0], filled)] if first else []
        yield Table(
            "", heads, (_with_seconds(one, text.cells(one, filled)) for one in first), say("satellites.none")
        )
        if sections:
            yield Line(say("satellites.by_section", count=len(self.gaps) - len(sections)))
        elif len(some) > SHOWN:
            yield Line(say("satellites.first_lines", count=SHOWN))


def _with_seconds(row: Any, cells: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Yield the cells of a row, its moments to the second: passes are shorter than a minute."""
    for name, _, cell in cells:
        at = getattr(row, name)
        yield f"{at:%Y-%m-%d %H:%M:%SZ}" if isinstance(at, datetime) else cell


def _first(rows: Sequence[Any], count: int) -> Iterator[Any]:
    for number, one in enumerate(rows):
        if number == count:
            return
        yield one


class PassRows(Sequence[PassLine]):
    """Passes of a calendar as rows, computed some points after others as they are read."""

    def __init__(self, of: Calendar) -> None:
        self.calendar = of
        self._length: int | None = None
        self._kept: list[PassLine] | None = None

    def __iter__(self) -> Iterator[PassLine]:
        if self._kept is not None:
            return iter(self._kept)
        return chain.from_iterable(_lines(self.calendar, some) for some in self.calendar.chunks())

    def __len__(self) -> int:
        if self._length is None:
            self._length = sum(1 for _ in self)
        return self._length

    def __getitem__(self, at: Any) -> Any:
        if self._kept is None:  # who asks for one by its number asks for others
            self._kept = [*self]
            self._length = len(self._kept)
        return self._kept[at]


@action(
    "passes",
    "passes --elements active.tle --from 2026-12-01 --days 12 --json",
    floor_optional=True,
    rows="passes",
    empty="satellites.none",
)
def passes(context: Context, ask: FindPasses) -> PassList:
    """Say when each satellite passes over each point, and under what angle; or for how long none does.

    A pass is the time within the greatest incidence of the sensor; it counts if the sensor can see the point
    when the satellite is abreast of it. Without --points it is about the line, a point a kilometre; its
    names are the kilometres. With --gaps and a floor, towers, patrols and rosters stand beside the gaps.
    """
    if ask.clouds and not ask.gaps:
        raise Unusable(reason(CLOUDS_OF_GAPS))
    begin = moment_of_field(ask.since, "--from", first=True) or context.now
    where = points.read(ask.points) if ask.points else points.of_line()
    with context.busy("satellites.reading"):
        orbits = read(ask.elements)
        every = sensors.read(ask.sensors) if ask.sensors else sensors.shipped()
        chosen = sensors.chosen(every, ask.mode)
        changed = calendar(
            without(joined(orbits, read(ask.add)), ask.without),
            chosen,
            where,
            begin,
            ask.days,
            oldest=ask.oldest,
        )
    rows: Sequence[PassLine] = []
    gap_lines: list[GapLine] = []
    marking = ""
    with context.busy("satellites.computing"):
        if ask.gaps:
            before = None
            if ask.add or ask.without or ask.mode:
                usual = chosen if ask.sensors else sensors.chosen(every, ())
                before = calendar(orbits, usual, where, begin, ask.days, oldest=ask.oldest)
            gap_lines, marking = _gap_lines(context, ask, changed, before)
        elif context.page_size is None:
            rows = PassRows(changed)
        else:
            rows = [*_first(PassRows(changed), MOST + 1)]
            if len(rows) > MOST:
                raise Unusable(reason(TOO_MANY, most=MOST))
    if context.has_floor:
        context.log_query("passes", begin=begin.isoformat(), days=ask.days, points=len(where))
    remarks = [*changed.notes]
    if ask.points and len(where) > (named := len({*where.names})):
        twice = next(one for one, count in Counter(where.names).items() if count > 1)
        remarks.append(reason(SAME_NAME, file=ask.points.name, count=len(where) - named, name=twice))
    for note in remarks:
        context.note(note)
    return PassList(
        begin=begin,
        days=ask.days,
        passes=rows,
        gaps=gap_lines,
        remarks=[one.render(context.language) for one in remarks],
        asked="gaps" if ask.gaps else "passes",
        marking=marking,
        language=context.language,
    )


def read(files: Sequence[Path]) -> Orbits:
    """Read files of elements as one. Raises `Unusable`."""
    found = Orbits()
    for file in files:
        try:
            one = read_elements(file)
            if one.faults and not (one.elements or one.ephemerides):
                raise FormatError(f"{one.faults[0].locator}: {one.faults[0].reason}")
            found = joined(found, one)
        except (FormatError, OSError) as error:
            raise Unusable(reason(NOT_ELEMENTS, file=file.name, why=str(error))) from None
    return found


def _lines(of: Calendar, some: Passes) -> Iterator[PassLine]:
    """Yield rows of passes; of an observer with stale elements one for each point, with its mean interval."""
    timed = np.array([not one.stale for one in of.observers], np.bool_)
    until = np.array([one.until for one in of.observers])
    keep = timed[some.observer] & (some.at < until[some.observer])
    shown = some.where(keep)
    stale = some.where(~timed[some.observer])
    names = of.points.names
    columns = zip(*(one.tolist() for one in shown), strict=True)
    lines = (
        PassLine(
            point=names[point],
            satellite=of.observers[observer].satellite,
            norad=of.observers[observer].norad,
            sensor=of.observers[observer].sensor.name,
            start=_moment(of.begin, start),
            end=_moment(of.begin, end),
            at=_moment(of.begin, at),
            incidence=round(incidence, 3),
            side="left" if left else "right",
            flight="ascending" if north else "descending",
            sun=round(sun, 2),
            daylight=sun > 0,
            usable=usable,
            uncertainty_s=None if doubt != doubt else round(doubt, 2),
            revisit_hours=None,
        )
        for point, observer, start, end, at, incidence, sun, left, north, usable, doubt in columns
    )
    yield from lines
    pairs, counts = np.unique(np.stack([stale.point, stale.observer]), axis=1, return_counts=True)
    for point, number, count in zip(*pairs.tolist(), counts.tolist(), strict=True):
        yield PassLine(
            point=names[point],
            satellite=of.observers[number].satellite,
            norad=of.observers[number].norad,
            sensor=of.observers[number].sensor.name,
            **dict.fromkeys(
                ("start", "end", "at", "incidence", "sun", "daylight", "usable", "uncertainty_s")
            ),
            side="",
            flight="",
            revisit_hours=round(24.0 * of.days / count, 2),
        )


def _moment(begin: datetime, seconds: float) -> datetime:
    return begin + timedelta(milliseconds=round(seconds * 1_000))


def _gap_lines(
    context: Context, ask: FindPasses, changed: Calendar, before: Calendar | None
) -> tuple[list[GapLine], str]:
    """Return gaps of each point, then of each section of the line, and the marking of what a floor has."""
    where = changed.points
    sky = clouds.read(ask.clouds, where.names, where.latitude, where.longitude) if ask.clouds else None
    beside = context.has_floor and not ask.points and ask.days * 24 <= LONGEST
    found = measured(changed, sky, ask.days * 24 if beside else 0)
    usable, by_day = found.usable, found.by_day
    earlier = None if before is None else measured(before).usable.summary()
    watched, unseen, marking = _beside_ground(context, changed, found.looked) if beside else (None, None, "")
    each, day = usable.summary(), by_day.summary()
    columns = {
        "passes": found.passes,
        "usable": found.lit,
        **dict(zip(("mean_hours", "median_hours", "p95_hours", "longest_hours"), each.T, strict=True)),
        "day_mean_hours": day[:, 0],
        "day_longest_hours": day[:, 3],
        "expected": found.expected if sky else None,
        "before_mean_hours": None if earlier is None else earlier[:, 0],
        "before_longest_hours": None if earlier is None else earlier[:, 3],
        "ground_hours": watched,
        "unseen_hours": unseen,
    }
    plain: dict[str, Any] = {
        name: None if values is None else _rounded(values, name in COUNTS) for name, values in columns.items()
    }
    lines = [
        GapLine(
            point=name,
            section=False,
            points=1,
            **{key: None if values is None else values[at] for key, values in plain.items()},  # type: ignore[arg-type]
        )
        for at, name in enumerate(where.names)
    ]
    if not ask.points:
        lines += _sections(context, columns, usable, by_day)
    return lines, marking


def _sections(context: Context, columns: dict[str, Any], usable: Gaps, by_day: Gaps) -> Iterator[GapLine]:
    """Yield a line for each section of the floor's coverage.toml, else for each stretch of the line."""
    length = len(axis())
    french = context.language == "fr"
    runs = [
        (one.fr if french else one.en, one.km, after)
        for one, after in zip(STRETCHES, [*(each.km for each in STRETCHES[1:]), length], strict=True)
    ]
    if context.has_floor:
        own = schedule.load(context.floor.root).visible(context.reader).section
        if own:
            runs = [(one.called(context.language), int(one.km[0]), int(np.ceil(one.km[1]))) for one in own]
    for name, first, last in runs:
        km = np.arange(max(first, 0), min(last, length))
        if not km.size:
            continue
        found: dict[str, Any] = {
            key: None
            if values is None
            else float(np.nanmean(values[km]))
            if np.isfinite(values[km]).any()
            else None
            for key, values in columns.items()
        }
        for key in ("longest_hours", "day_longest_hours", "before_longest_hours", "unseen_hours"):
            if found[key] is not None:
                found[key] = float(np.nanmax(columns[key][km]))
        pooled = dict(zip(("mean_hours", "median_hours", "p95_hours"), usable.summary(km), strict=False))
        pooled["day_mean_hours"] = by_day.summary(km)[0]
        found |= {key: None if value != value else float(value) for key, value in pooled.items()}
        yield GapLine(
            point=name,
            section=True,
            points=len(km),
            **{
                key: None if value is None else int(value) if key == "unseen_hours" else round(value, 2)
                for key, value in found.items()
            },  # type: ignore[arg-type]
        )


def _rounded(values: Any, whole: bool) -> list[float | None]:
    return [None if one != one else int(one) if whole else round(one, 2) for one in values.tolist()]


def _beside_ground(
    context: Context, changed: Calendar, looked: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats, str]:
    """Return hours in which something else looks at each kilometre, the longest run in which nothing does.

    And the marking of what it is made of. Passes of `coverage.toml` are not counted: they are satellites.
    """
    hours = int(changed.days * 24)
    found = coverage_of(context.floor, context.reader, changed.begin, hours, as_of=context.as_of)
    seen = np.zeros(found.table.shape, np.bool_)
    for name, part in found.table.parts.items():
        if not name.startswith("pass:"):
            seen[part.km, part.hour] |= part.chance.any(0)
    watched = seen.sum(1).astype(np.float64)
    seen |= looked
    unseen, run = np.zeros(len(seen)), np.zeros(len(seen))
    for at in range(hours):
        run = np.where(seen[:, at], 0.0, run + 1.0)
        unseen = np.maximum(unseen, run)
    return watched, unseen, found.marking
