"""Coverage of the line by kilometre and hour: how likely a crossing is seen, by what, and reached in time."""

import math
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Final
from zoneinfo import ZoneInfo

import numpy as np

from watchfloor.actions.base import Answer, Context, Request, action, option, words
from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.messages import declare, reason
from watchfloor.planning.coverage.axis import JURISDICTIONS, axis
from watchfloor.planning.coverage.crossers import AFLOAT, CROSSERS
from watchfloor.planning.coverage.estimate import LONGEST, coverage_of
from watchfloor.planning.coverage.schedule import HOUR
from watchfloor.planning.coverage.traces import realised

BAD_STRETCH: Final = declare("coverage.bad-stretch", "text", "length")
BAD_WITHIN: Final = declare("coverage.bad-within")
NO_KIND: Final = declare("coverage.no-kind", "kind", "kinds")
TOO_MANY: Final = declare("coverage.too-many", "most")
A_WEEK: Final = 24 * 7
MOST: Final = 200_000
"""Lines of one answer of the console: the whole line for a day has 154,512, and 300 MB in memory."""


class CoverageLine(Answer, frozen=True):
    """A kilometre and an hour.

    Attributes:
        km: where the kilometre begins, from the Pacific.
        hour: its start, UTC.
        local: the same on the clock of the Canadian side.
        canada, united_states: province and state on the two sides.
        latitude, longitude: of its middle.
        ground, stretch: land, lake, river or sea, and what it is called.
        seen: probability that a crossing there and then is seen, by kind of crosser; of boats only on water.
        reached: that it is seen and somebody is there within the minutes asked.
        minutes: until the nearest responder is there; none: nobody can be sent.
        responder: who that is.
        by: what each asset sees, by kind.
    """

    texts: ClassVar = "coverage"
    columns: ClassVar = (
        "km",
        "stretch",
        "hour",
        "local",
        "walker",
        "vehicle",
        "boat",
        "aircraft",
        "assets",
        "minutes",
    )

    km: int
    hour: datetime
    local: str
    canada: str
    united_states: str
    latitude: float
    longitude: float
    ground: str
    stretch: str
    seen: dict[str, float]
    reached: dict[str, float]
    minutes: float | None
    responder: str
    by: dict[str, dict[str, float]]

    walker = property(lambda self: self.seen.get("walker"))
    vehicle = property(lambda self: self.seen.get("vehicle"))
    boat = property(lambda self: self.seen.get("boat"))
    aircraft = property(lambda self: self.seen.get("aircraft"))
    assets = property(lambda self: ", ".join(self.by))


class CoverageList(Answer, frozen=True):
    """Cells of the line.

    Attributes:
        remarks: what is not in them, such as hills that nobody has measured, and what to do.
    """

    cells: list[CoverageLine]
    marking: str
    remarks: list[str]


class ShowCoverage(Request, frozen=True):
    """Which hours of which kilometres."""

    since: Annotated[str, option("The first hour; else the present one.", spelling="--from")] = ""
    hours: Annotated[int, option("How many hours.", minimum=1, maximum=LONGEST)] = 24
    km: Annotated[str, option("A stretch, such as 2050-2075; else the whole line.", metavar="FROM-TO")] = ""
    kind: Annotated[
        tuple[str, ...], option("Kinds of crosser: walker, vehicle, boat, aircraft. Repeatable.")
    ] = ()
    within: Annotated[float, option("Minutes in which somebody must be there.", minimum=0)] = 30.0
    without: Annotated[
        tuple[str, ...], option("As if this asset did not look. Repeatable.", metavar="ASSET")
    ] = ()
    watched: Annotated[bool, option("Only cells in which something looks.")] = False


@action(
    "coverage",
    "coverage --from 2026-12-01T00:00Z --hours 24 --km 2050-2075",
    rows="cells",
    empty="coverage.empty",
)
def show(context: Context, ask: ShowCoverage) -> CoverageList:
    """Say by kilometre and hour how likely a crossing is seen, by what, and whether it is reached in time.

    Hours up to now rest on what sensors reported, later ones on who is to look (coverage.toml). What nobody
    attends to is not covered.
    """
    kinds = _kinds(ask.kind)
    if not 0 <= ask.within < math.inf:
        raise Unusable(reason(BAD_WITHIN))
    floor = context.floor
    since = moment_of_field(ask.since, "--from", first=True) or floor.now()
    first, last = stretch_of(ask.km)
    with context.busy("coverage.reading"):
        found = coverage_of(floor, context.reader, since, ask.hours, as_of=context.as_of, without=ask.without)
    where, takes = found.where, found.minutes
    chance, by = found.table.probability, found.table.by_cell(first, last)
    numbers = {name: number for number, name in enumerate(CROSSERS)}
    hours = [found.start + hour * HOUR for hour in range(ask.hours)]
    local = {
        name: [one.astimezone(ZoneInfo(name)).isoformat(timespec="minutes") for one in hours]
        for name in {one.zone for one in JURISDICTIONS}
    }
    cells: list[CoverageLine] = []
    for km in range(first, last):
        stretch = where.stretch(km)
        here_kinds = [kind for kind in kinds if stretch.ground != "land" or kind not in AFLOAT]
        place, latitude, longitude = where.jurisdiction(km), where.latitude[km], where.longitude[km]
        near = float(takes[km]) if np.isfinite(takes[km]) else None
        in_time = near is not None and near <= ask.within
        rows = np.round(chance[[numbers[kind] for kind in here_kinds], km], 4).T.tolist()
        none = dict.fromkeys(here_kinds, 0.0)
        for hour, row in enumerate(rows):
            parts = by.get((km, hour), {})
            if ask.watched and not parts:
                continue
            if context.page_size is not None and len(cells) == MOST:
                raise Unusable(reason(TOO_MANY, most=MOST))
            here = dict(zip(here_kinds, row, strict=True)) if parts else none
            cells.append(
                CoverageLine(
                    km=km,
                    hour=hours[hour],
                    local=local[place.zone][hour],
                    canada=place.canada,
                    united_states=place.united_states,
                    latitude=round(float(latitude), 5),
                    longitude=round(float(longitude), 5),
                    ground=stretch.ground,
                    stretch=stretch.en if context.language == "en" else stretch.fr,
                    seen=here,
                    reached=here if in_time else none,
                    minutes=None if near is None else round(near, 1),
                    responder=found.responder[km],
                    by={
                        name: {kind: round(float(each[numbers[kind]]), 4) for kind in here_kinds}
                        for name, each in parts.items()
                    },
                )
            )
    context.log_query("coverage", cells=len(cells), hours=ask.hours, without=list(ask.without))
    for remark in found.remarks:
        context.note(remark)
    remarks = [one.render(context.language) for one in found.remarks]
    return CoverageList(cells=cells, marking=found.marking, remarks=remarks)


class ScoreLine(Answer, frozen=True):
    """Traces of one kind of crosser on one kind of ground.

    Attributes:
        traces: how many were found.
        stated: mean probability of detection where and when they may have crossed.
        detected: how many had a crossing detected near them; share is that of the traces.
        low, high: 95 % interval of that share.
    """

    texts: ClassVar = "coverage"
    columns: ClassVar = ("kind", "ground", "traces", "stated", "share", "low", "high")

    kind: Annotated[str, words("coverage.")]
    ground: Annotated[str, words("coverage.ground_")]
    traces: int
    stated: float
    detected: int
    share: float
    low: float
    high: float


class CoverageScore(Answer, frozen=True):
    """Stated against realised detection."""

    scores: list[ScoreLine]
    marking: str


class ScoreCoverage(Request, frozen=True):
    """Hours in which traces were found."""

    since: Annotated[str, option("The first hour; else a week ago.", spelling="--from")] = ""
    hours: Annotated[int, option("How many hours.", minimum=1, maximum=LONGEST)] = A_WEEK
    before: Annotated[
        int, option("Hours before it was found in which a trace was left.", minimum=1, maximum=72)
    ] = 12


@action(
    "coverage score",
    "coverage score --from 2026-12-01T00:00Z --hours 168",
    past=True,
    rows="scores",
    empty="coverage.no_traces",
)
def score(context: Context, ask: ScoreCoverage) -> CoverageScore:
    """Hold stated probabilities against traces found afterwards, by kind of crosser and ground.

    A trace is a report by the line that speaks to a crossing, such as footprints or an abandoned boat.
    """
    floor, reader = context.floor, context.reader
    since = moment_of_field(ask.since, "--from", first=True) or context.now - timedelta(hours=ask.hours)
    with context.busy("coverage.reading"):
        first = since - timedelta(hours=ask.before)
        found = coverage_of(floor, reader, first, ask.hours + ask.before, as_of=context.as_of)
        scores, marking = realised(floor, reader, found, ask.before, context.as_of)
    context.log_query("coverage score", hours=ask.hours, traces=sum(one.traces for one in scores))
    lines = [
        ScoreLine(
            kind=one.kind,
            ground=one.ground,
            traces=one.traces,
            stated=round(one.stated, 4),
            detected=one.detected,
            share=round(one.detected / one.traces, 4),
            low=round(one.low, 4),
            high=round(one.high, 4),
        )
        for one in scores
    ]
    return CoverageScore(scores=lines, marking=marking)


def _kinds(asked: tuple[str, ...]) -> tuple[str, ...]:
    for one in asked:
        if one not in CROSSERS:
            raise Unusable(reason(NO_KIND, kind=one, kinds=", ".join(CROSSERS)))
    return tuple(dict.fromkeys(asked)) or tuple(CROSSERS)


def stretch_of(text: str) -> tuple[int, int]:
    """Return the kilometres of a stretch such as 2050-2075; of none, those of the line. Raises `Unusable`."""
    length = len(axis())
    if not text.strip():
        return 0, length
    try:
        first, last = (int(part) for part in text.split("-"))
    except ValueError:
        first = last = -1
    if not 0 <= first < last <= length:
        raise Unusable(reason(BAD_STRETCH, text=text, length=length))
    return first, last
