"""The monitor of change: when a pixel, or each pixel of a cube, left the course of its years."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from watchfloor.actions.base import FILE, Answer, Context, Line, Request, Table, action, argument, option
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Language
from watchfloor.desks.space.change import segments
from watchfloor.desks.space.change.monitor import History, Segment, monitor
from watchfloor.formats.imagery.quality import QualityKind
from watchfloor.formats.imagery.series import Series, SeriesError, read_series
from watchfloor.messages import number


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


class ChangeMonitor(Answer, frozen=True):
    """Breaks in a series.

    Attributes:
        procedure: standard, permanent-snow, insufficient-clear or nothing.
        observations: of the table; used: clear and in range.
        tested: bands that the test adds up.
        consecutive: observations in a row that make a break.
        alarm: probability that one observation of an unchanged pixel, with normal errors, is beyond the
            threshold; so `consecutive` of them are with this to that power.
        possible: first of the last observations that lie off the model but are too few for a break.
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
    notes: list[str]
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield what was read, the breaks and the segments."""
        of = partial(number, language=self.language)
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


class MonitorChange(Request, frozen=True):
    """Which series, and by which rules."""

    series: Annotated[
        Path,
        argument(
            "SERIES", "A pixel's table: a row a date, with bands and quality.", required=True, exists=FILE
        ),
    ]
    rules: Annotated[
        Literal["cold", "ccdc"], option("COLD (Zhu and others 2020), or CCDC (Zhu and Woodcock 2014).")
    ] = "cold"
    qa: Annotated[
        Literal["", "cfmask", "collection-1", "collection-2", "scl"],
        option("How quality is written; else guessed, and told."),
    ] = ""


@action("change monitor", "change monitor pixel.csv", files_only=True)
def watch(context: Context, ask: MonitorChange) -> ChangeMonitor:
    """Find when a pixel's series broke from its years: dates and sizes, and its model between breaks.

    The table has a column of dates, one a band and one of quality, with a header or in the order of USGS
    pixel series. What each column was taken for is told. A break needs six observations in a row.
    """
    try:
        series = read_series(ask.series, QualityKind(ask.qa) if ask.qa else None)
    except SeriesError as error:
        raise Unusable(error.reason) from None
    rules = segments.RULES[ask.rules]
    history = monitor(series, rules)
    for one in (*series.notes, *history.notes):
        context.note(one)
    return _answer(ask, series, history, rules, context.language)


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
