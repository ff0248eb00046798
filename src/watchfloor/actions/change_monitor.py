"""The monitor of change: when a pixel, or each pixel of a cube, left the course of its years."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from watchfloor.actions.base import (
    FILE,
    PATH,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    note,
    option,
)
from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import day
from watchfloor.core.messages import Language, declare
from watchfloor.desks.space.change import grid, online, pixel_state, segments
from watchfloor.desks.space.change.monitor import History, Segment, monitor
from watchfloor.formats.imagery.cubes import is_cube, read_cube
from watchfloor.formats.imagery.quality import QualityKind
from watchfloor.formats.imagery.series import Series, SeriesError, read_series
from watchfloor.messages import number

KEPT: Final = declare("change.kept", "folder")
SHOWN: Final = 20
"""Pixels that a terminal shows; JSON has all."""


class BandModel(Answer, frozen=True):
    """A band in one segment.

    Attributes:
        coefficients: intercept at ordinal day 0 (1 January of year 1 is day 1), trend a day, cosine and sine
            of one, two and three cycles a year of 365.25 days; null where it could not be fitted.
        size: median difference from the model at the break, 0 without one.
    """

    band: str
    coefficients: list[float] | None
    rmse: float
    size: float


class ChangeSegment(Answer, frozen=True):
    """A time in which a pixel followed one model; `ended` is null where no break ends it."""

    start: date
    end: date
    ended: date | None
    observations: int
    category: int
    probability: int
    models: list[BandModel]


class ChangeBreak(Answer, frozen=True):
    """When a pixel changed.

    Attributes:
        day: of the first observation that lies off the model; ordinal: the same as a number.
        confirmed: when enough observations had said so; delay: days until then.
        statistic: least chi-square of those observations; threshold: that which each had to pass.
        size: median difference from the model, by band.
    """

    day: date
    ordinal: int
    confirmed: date
    delay: int
    statistic: float
    threshold: float
    size: dict[str, float]


class PixelAlarm(Answer, frozen=True):
    """A pixel of a cube that changed; `size`: the value of that day less what its model expects."""

    row: int
    column: int
    day: date
    size: float


class ChangeMonitor(Answer, frozen=True):
    """Breaks in a series, or pixels of a cube that changed.

    Attributes:
        procedure: standard, permanent-snow, insufficient-clear or nothing; of a cube online.
        observations: of the table; used: clear and in range.
        tested: bands that the test adds up.
        consecutive: observations in a row that make a break.
        alarm: probability that one observation of an unchanged pixel, with normal errors, is beyond the
            threshold; so `consecutive` of them are with this to that power. Of a cube: false alarms a pixel
            and date.
        possible: first of the last observations that lie off the model but are too few for a break.
        history: of a cube: the last day that its models were fitted to; alarms: pixels that changed after it.
        unmonitored: pixels with too few observations until then.
    """

    texts: ClassVar = "change"
    unprinted: ClassVar = ("language",)

    file: str
    rules: str
    procedure: str
    observations: int
    used: int
    first: date
    last: date
    bands: list[str]
    tested: list[str]
    consecutive: int
    alarm: float
    breaks: list[ChangeBreak]
    possible: date | None
    segments: list[ChangeSegment]
    marking: str
    pixels: int
    history: date | None
    unmonitored: int
    alarms: list[PixelAlarm]
    notes: list[str]
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield what was read, the breaks and the segments."""
        of = partial(number, language=self.language)
        if self.history:
            yield from self._cube(say)
            return
        yield Line(say("change.read", used=self.used, observations=self.observations))
        yield Table(
            say("change.breaks"),
            (say(f"change.{name}") for name in ("day", "confirmed", "statistic", "size")),
            (
                (
                    one.day,
                    one.confirmed,
                    of(one.statistic, digits=1),
                    ", ".join(f"{band} {of(size, digits=0)}" for band, size in one.size.items()),
                )
                for one in self.breaks
            ),
            say("change.no-break"),
        )
        if self.possible:
            yield Line(say("change.possible", day=self.possible.isoformat()))
        yield Table(
            say("change.segments"),
            (say(f"change.{name}") for name in ("start", "end", "observations", "category")),
            ((one.start, one.end, one.observations, one.category) for one in self.segments),
            say("change.no-segment"),
        )
        if self.marking:
            yield Line(self.marking)

    def _cube(self, say: Any) -> Iterator[Line | Table]:
        of = partial(number, language=self.language)
        counts = {"changed": len(self.alarms), "pixels": self.pixels, "unmonitored": self.unmonitored}
        yield Line(say("change.cube", history=str(self.history), **counts))
        yield Table(
            say("change.alarms"),
            (say(f"change.{name}") for name in ("row", "column", "day", "off")),
            ((one.row, one.column, one.day, of(one.size, digits=0)) for one in self.alarms[:SHOWN]),
            say("change.no-alarm"),
        )


class MonitorChange(Request, frozen=True):
    """Which series, and by which rules."""

    series: Annotated[
        Path,
        argument(
            "SERIES",
            "A pixel's table: a row a date, with bands and quality. Or a cube: .npy, .npz, GeoTIFFs.",
            required=True,
            exists=PATH,
        ),
    ]
    rules: Annotated[
        Literal["cold", "ccdc"], option("COLD (Zhu and others 2020), or CCDC (Zhu and Woodcock 2014).")
    ] = "cold"
    qa: Annotated[
        Literal["", "cfmask", "collection-1", "collection-2", "scl"],
        option("How quality is written; else guessed, and told."),
    ] = ""
    dates: Annotated[
        Path | None, option("Dates of a cube that has none, a line each.", metavar="FILE", exists=FILE)
    ] = None
    history: Annotated[
        str, option("Last day of a cube's history, such as 2025-12-31; else its first half.", metavar="DAY")
    ] = ""
    state: Annotated[
        Path | None,
        option("Folder that keeps a cube's state; with it, later dates go on from there.", metavar="FOLDER"),
    ] = None


@action("change monitor", "change monitor pixel.csv", files_only=True)
def watch(context: Context, ask: MonitorChange) -> ChangeMonitor:
    """Find when a pixel's series broke from its years: dates and sizes, and its model between breaks.

    The table has a column of dates, one a band and one of quality, with a header or in the order of USGS
    pixel series. What each column was taken for is told. A break needs six observations in a row. Of a cube
    of one band or index, a model of each pixel's history is held against each later date.
    """
    try:
        if is_cube(ask.series):
            return _cube(context, ask)
        series = read_series(ask.series, QualityKind(ask.qa) if ask.qa else None)
    except SeriesError as error:
        raise Unusable(error.reason) from None
    rules = segments.RULES[ask.rules]
    history = monitor(series, rules)
    for one in (*series.notes, *history.notes):
        context.note(one)
    return _answer(ask, series, history, rules, context.language)


def _cube(context: Context, ask: MonitorChange) -> ChangeMonitor:
    """Monitor a cube from its history on, or from a state that was kept. Raises `SeriesError`."""
    cube = read_cube(ask.series, ask.dates)
    for one in cube.notes:
        context.note(one)
    if ask.state and (ask.state / pixel_state.INDEX).exists():
        watched = grid.go_on(ask.state, cube)
    else:
        watched = grid.begin(cube, day(ask.history).toordinal() if ask.history else 0, ask.state)
    if ask.state:
        note(context, KEPT, folder=str(ask.state))
    return ChangeMonitor(
        file=ask.series.name,
        rules="online",
        procedure="online",
        observations=len(cube.days),
        used=len(cube.days),
        first=date.fromordinal(int(cube.days[0])),
        last=date.fromordinal(int(cube.days[-1])),
        bands=[],
        tested=[],
        consecutive=3,
        alarm=online.run_lengths(())[0],
        breaks=[],
        possible=None,
        segments=[],
        marking="",
        pixels=cube.values[0].size,
        history=date.fromordinal(watched.history),
        unmonitored=watched.unmonitored,
        alarms=[
            PixelAlarm(row=one.row, column=one.column, day=date.fromordinal(one.day), size=one.size)
            for one in watched.alarms
        ],
        notes=[str(one) for one in cube.notes],
        language=context.language,
    )


def _answer(
    ask: MonitorChange, series: Series, history: History, rules: segments.Rules, language: Language
) -> ChangeMonitor:
    last = history.segments[-1] if history.segments else None
    possible = last.broken if last and not last.breaks else 0
    return ChangeMonitor(
        file=ask.series.name,
        rules=rules.name,
        procedure=history.procedure,
        observations=len(series.days),
        used=history.used,
        first=date.fromordinal(int(series.days[0])),
        last=date.fromordinal(int(series.days[-1])),
        bands=list(series.bands),
        tested=list(history.detection),
        consecutive=rules.consecutive,
        alarm=rules.alarm,
        breaks=[_break(one, history) for one in history.segments if one.breaks],
        possible=date.fromordinal(possible) if possible else None,
        segments=[_segment(one) for one in history.segments],
        marking="",
        pixels=1,
        history=None,
        unmonitored=0,
        alarms=[],
        notes=[str(one) for one in (*series.notes, *history.notes)],
        language=language,
    )


def _break(one: Segment, history: History) -> ChangeBreak:
    return ChangeBreak(
        day=date.fromordinal(one.broken),
        ordinal=one.broken,
        confirmed=date.fromordinal(one.confirmed),
        delay=one.confirmed - one.broken,
        statistic=one.strength,
        threshold=history.threshold,
        size={model.band: model.size for model in one.models},
    )


def _segment(one: Segment) -> ChangeSegment:
    return ChangeSegment(
        start=date.fromordinal(one.start),
        end=date.fromordinal(one.end),
        ended=date.fromordinal(one.broken) if one.breaks else None,
        observations=one.observations,
        category=one.category,
        probability=one.probability,
        models=[
            BandModel(
                band=model.band,
                coefficients=None
                if model.coefficients[0] != model.coefficients[0]
                else [*model.coefficients],
                rmse=model.rmse,
                size=model.size,
            )
            for model in one.models
        ],
    )
