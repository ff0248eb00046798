"""Patrols of the days to come: risk from what was seen, tours that crews can travel, drawn by a seed."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec
import numpy as np

from watchfloor.actions import base
from watchfloor.actions.base import (
    WROTE,
    Answer,
    Context,
    Line,
    Request,
    action,
    new_file,
    note,
    option,
    refuse_existing,
    words,
)
from watchfloor.actions.text import AnswerText
from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import day as day_of
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.core.tables import cell
from watchfloor.messages import number
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.axis import Floats
from watchfloor.planning.coverage.estimate import Coverage, coverage_of
from watchfloor.planning.patrols import adoption, exports, game, operations, risk
from watchfloor.planning.patrols.availability import available
from watchfloor.planning.patrols.exports import Leg
from watchfloor.planning.patrols.risk import STRETCH, WATCHES, Risk, risk_of
from watchfloor.planning.patrols.schedules import Outing, Plan
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NO_EXERCISE: Final = declare("patrols.no-exercise")
PAST_DAY: Final = declare("patrols.past-day", "day", "today")
NO_RISK: Final = declare("patrols.no-risk")
UNSEEN_LINE: Final = declare("patrols.unseen-line")
MOST_DAYS: Final = 13
"""Days of a plan at most: coverage is computed for fourteen, one of which may be 25 hours long."""
MOST_REST: Final = 16
"""Hours of rest at most: what separates two days, and so keeps only one of them from a crew."""
SHOWN: Final = 12
"""Stretches left out that a terminal shows; JSON has all."""
CSV_COLUMNS: Final = (
    *("crew", "asset", "begins", "ends", "km", "to", "stretch"),
    *("seen", "predictability", "explores", "stop"),
)
STEP: Final = 5
"""Kilometres between points of a route."""


class PatrolTerms(Request, frozen=True):
    """Which days, and by which seed and terms."""

    since: Annotated[str, option("The first day; else tomorrow.", spelling="--from", metavar="DAY")] = ""
    days: Annotated[int, option("How many days.", minimum=1, maximum=MOST_DAYS)] = 7
    seed: Annotated[str, option("Seed of the draw, any text; else one is drawn. Keep it secret.")] = ""
    explore: Annotated[
        float, option("Share of tours that is drawn evenly, to learn.", minimum=0, maximum=1)
    ] = 0.1
    crew_hours: Annotated[
        float, option("Hours of duty that a crew has in a week at most.", minimum=0, maximum=168)
    ] = 48.0
    rest: Annotated[
        float, option("Hours between two duties of a crew at least.", minimum=0, maximum=MOST_REST)
    ] = 8.0
    rehearse: Annotated[
        bool, option("Of an exercise: plan a day that is over, as on the evening before.")
    ] = False


class PlanPatrols(PatrolTerms, frozen=True):
    """Which days, by which seed and terms, and where to put the files."""

    output: Annotated[
        Path | None,
        option("Folder for calendars, routes, CSV and JSON.", spelling="--out -o", metavar="FOLDER"),
    ] = None


class TourLine(Answer, frozen=True):
    """A tour of a crew.

    Attributes:
        crew: who goes; asset: with what.
        begins, ends: from the order to go to the return, UTC; local: begins, on the clock of coverage.toml.
        km, to: the part of the line that is patrolled to and fro.
        stretch: what the line is called there.
        seen: probability that a crossing there, at that watch, is seen.
        predictability: probability with which this crew is in one of these stretches at that watch.
        explores: whether it was drawn from the share for exploring.
        stop: base at which it refuels on the way out and on the way back; empty: nowhere.
        route: points there and back, latitude and longitude.
    """

    texts: ClassVar = "patrols"

    crew: str
    asset: str
    begins: datetime
    ends: datetime
    local: str
    km: int
    to: int
    stretch: str
    seen: float
    predictability: float
    explores: bool
    stop: str
    route: list[tuple[float, float]]


class LeftOut(Answer, frozen=True):
    """A stretch where nobody goes in these days, with the crossings that risk expects a day, and why not."""

    texts: ClassVar = "patrols"

    km: int
    to: int
    stretch: str
    crossings_a_day: float
    why: Annotated[str, words("patrols.why_")]


class RiskLine(Answer, frozen=True):
    """A stretch at a watch of the day at which something was seen or looked at.

    Attributes:
        watch: of the day, such as 00-06.
        crossings: that were detected; exposure: kilometre-hours, weighted by the chance of seeing one.
        rate: crossings a kilometre and hour.
    """

    texts: ClassVar = "patrols"

    km: int
    to: int
    watch: str
    crossings: float
    exposure: float
    rate: float


class PatrolPlan(Answer, frozen=True):
    """A plan.

    Attributes:
        day, days: the first, and how many.
        tours: in the order in which they begin.
        left_out: stretches where nobody goes.
        value: crossings unseen, at the cell that suits the adversary best, to which tours of these crews
            could press them down; no draw is better.
        attacker: the same for an adversary who knows all probabilities of this draw; exploitability: the
            difference.
        observed: the same for one who saw thirty days drawn.
        predictability: share of the cells of a day that the best forecast names; foreseen: that one of who
            saw thirty days names.
        nobody: the same as value, if no crew went out.
        exploring: share of tours drawn evenly.
        prior: crossings a kilometre and hour where nobody looked.
        risk: of the cells that differ from it.
        sources: what risk rests on.
        seed, commitment: of the draw, and what may be published before.
        remarks: what is not in it, and what to do.
    """

    texts: ClassVar = "patrols"
    unprinted: ClassVar = ("language",)

    day: date
    days: int
    tours: list[TourLine]
    left_out: list[LeftOut]
    value: float
    attacker: float
    exploitability: float
    observed: float
    predictability: float
    foreseen: float
    nobody: float
    exploring: float
    prior: float
    risk: list[RiskLine]
    sources: list[str]
    seed: str
    commitment: str
    marking: str
    remarks: list[str]
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | base.Table]:
        """Yield tours, what an adversary gains, and what is left out."""
        of = partial(number, language=self.language)
        yield base.Table(
            say("patrols.tours"),
            (say(f"patrols.{name}") for name in ("crew", "local", "km", "stretch", "seen", "predictability")),
            (
                (
                    f"{one.crew} *" if one.explores else one.crew,
                    one.local,
                    f"{one.km}–{one.to}",
                    one.stretch,
                    *(of(100 * each, digits=1) for each in (one.seen, one.predictability)),
                )
                for one in self.tours
            ),
            say("patrols.no_tours"),
        )
        if any(one.explores for one in self.tours):
            yield Line(say("patrols.explored", share=of(100 * self.exploring)))
        shown = {name: of(getattr(self, name), digits=5) for name in FIGURES}
        shares = {name: of(100 * getattr(self, name), digits=1) for name in ("predictability", "foreseen")}
        if self.tours:
            yield Line(say("patrols.gain", **shown))
            yield Line(say("patrols.forecast", **shares))
        yield base.Table(
            say("patrols.left_out", n=len(self.left_out)),
            (say(f"patrols.{name}") for name in ("km", "stretch", "why")),
            (
                (f"{one.km}–{one.to}", one.stretch, say(f"patrols.why_{one.why}"))
                for one in self.left_out[:SHOWN]
            ),
            say("patrols.nothing_left_out"),
        )
        for source in self.sources:
            yield Line(source)
        yield Line(say("patrols.by_seed", seed=self.seed, commitment=self.commitment))
        yield Line(self.marking)


FIGURES: Final = ("value", "attacker", "exploitability", "observed", "nobody")


@action("patrols", "patrols --from 2026-12-07 --days 7 -o patrols")
def plan(context: Context, ask: PlanPatrols) -> PatrolPlan:
    """Plan tours of crews and aircraft against somebody who watches, with files for calendars and navigation.

    Risk comes from crossings that were detected, corrected for where and when something looked. Tours keep to
    duty, endurance, daylight, weather and weekly hours, and are drawn by a seed. What an adversary gains who
    knows the probabilities, or saw thirty days, stands beside them.
    """
    refuse_existing(ask.output)
    now = context.floor.now()
    with context.busy("patrols.planning"):
        answer, remarks = planned(context.floor, context.reader, context.language, ask)
    context.log_query("plan patrols", **detail_of(answer))
    for remark in remarks:
        context.note(remark)
    if ask.output:
        _write(context, ask.output, answer, now)
    return answer


def detail_of(answer: PatrolPlan) -> dict[str, object]:
    """Return what the log has of a plan that was looked at."""
    return {
        "day": answer.day.isoformat(),
        "days": answer.days,
        "tours": len(answer.tours),
        "commitment": answer.commitment,
    }


def first_day(floor: Floor, since: str, *, rehearse: bool = False) -> date:
    """Return the first day of a plan, tomorrow if none is named.

    Raises:
        Unusable: it is over and not rehearsed, or it is to be rehearsed on a floor of no exercise.
    """
    if rehearse and not floor.settings.exercise:
        raise Unusable(reason(NO_EXERCISE))
    today = floor.now().astimezone(schedule.load(floor.root).zoneinfo).date()
    first = day_of(since.strip()) if since.strip() else today + timedelta(days=1)
    if first < today and not rehearse:
        raise Unusable(reason(PAST_DAY, day=first.isoformat(), today=today.isoformat()))
    return first


def planned(
    floor: Floor, reader: Reader, language: Language, ask: PatrolTerms
) -> tuple[PatrolPlan, list[Reason]]:
    """Return a plan of what a reader may see, and its remarks apart. Raises `Unusable`."""
    zone = schedule.load(floor.root).zoneinfo
    first = first_day(floor, ask.since, rehearse=ask.rehearse)
    begins, ends = (
        datetime.combine(first + timedelta(days=after), time(), zone).astimezone(UTC)
        for after in (0, ask.days)
    )
    now = begins if ask.rehearse else floor.now()
    hazard = risk_of(floor, reader, now=now)
    found = coverage_of(floor, reader, begins, round((ends - begins) / timedelta(hours=1)), now=now)
    ground = operations.load(floor.root).visible(reader)
    crews, remarks = available(found, ground, ground.ready(now), ask.days, ask.crew_hours)
    payoff = _payoff(found, hazard, {crew.name for crew in crews})
    seed = ask.seed or secrets.token_hex(16)
    explores = ask.explore
    if not hazard.prior:
        remarks.append(reason(NO_RISK))
        explores = 1.0
    if not hazard.exposure.any():
        remarks.append(reason(UNSEEN_LINE))
    for one in adoption.standing(floor, reader, first, ask.days):
        remarks.append(one.taken())
    mixed = Plan(crews, payoff, ask.days, explores, ask.crew_hours * 3600.0, ask.rest * 3600.0)
    drawn = mixed.draw(seed)
    figures = mixed.figures(seed)
    answer = PatrolPlan(
        day=first,
        days=ask.days,
        tours=[_line(found, one, language) for one in drawn],
        left_out=_left_out(found, hazard, mixed, drawn, language),
        **{name: float(f"{value:.6g}") for name, value in msgspec.structs.asdict(figures).items()},
        exploring=explores,
        prior=float(f"{hazard.prior:.6g}"),
        risk=_risk(found, hazard),
        sources=_sources(language, hazard),
        seed=seed,
        commitment=game.commitment(seed),
        marking=joined({hazard.marking, found.marking, *ground.markings} - {""}),
        remarks=[one.render(language) for one in remarks],
        language=language,
    )
    return answer, remarks


def _payoff(found: Coverage, hazard: Risk, crews: set[str]) -> Floats:
    """Return the crossings that nobody else sees in each cell of a day, of shape (watches, stretches)."""
    zone, hours = found.plan.zoneinfo, found.table.shape[1]
    standing = found.table.without(crews & found.table.parts.keys())
    watch = np.array([risk.watch_of(found.start + timedelta(hours=hour), zone) for hour in range(hours)])
    unseen = risk.by_cell(1.0 - risk.chance(found, standing.missed), watch)
    # Of the kilometre-hours of all days, a day's share.
    return hazard.rate * unseen * 24.0 / hours


def _named(found: Coverage, first: int, last: int, language: Language) -> tuple[int, int, str]:
    """Return the kilometres of some stretches, and what the line is called where they begin."""
    km, to = first * STRETCH, min((last + 1) * STRETCH, len(found.where))
    stretch = found.where.stretch(km)
    return km, to, stretch.en if language == "en" else stretch.fr


def _line(found: Coverage, one: Outing, language: Language) -> TourLine:
    begins = one.duty.begins + timedelta(seconds=one.late)
    km, to, stretch = _named(found, one.tour.first, one.tour.last, language)
    asset = found.fleet[one.tour.crew]
    base_ = asset.latitude, asset.longitude
    points = [*range(km, to - 1, STEP), to - 1]
    way = [
        (round(float(found.where.latitude[at]), 5), round(float(found.where.longitude[at]), 5))
        for at in points
    ]
    stop = [(one.tour.stop.latitude, one.tour.stop.longitude)] if one.tour.stop else []
    return TourLine(
        crew=one.team or one.tour.crew,
        asset=one.tour.crew,
        begins=begins,
        ends=begins + timedelta(seconds=one.tour.seconds),
        local=f"{begins.astimezone(found.plan.zoneinfo):%Y-%m-%d %H:%M}",
        km=km,
        to=to,
        stretch=stretch,
        seen=round(float(np.mean(one.tour.seen)), 6),
        predictability=round(one.likely, 6),
        explores=one.explores,
        stop=one.tour.stop.name if one.tour.stop else "",
        route=[base_, *stop, *way, *stop, base_],
    )


def _left_out(
    found: Coverage, hazard: Risk, mixed: Plan, drawn: Sequence[Outing], language: Language
) -> list[LeftOut]:
    """Return the stretches where nobody goes, the riskiest first, neighbours of one kind together."""
    reached = np.asarray(mixed.reached.any(0)).tolist()
    expected = hazard.rate.sum(0) * STRETCH * 24.0 / WATCHES
    visited = np.zeros(len(reached), bool)
    for one in drawn:
        visited[one.tour.first : one.tour.last + 1] = True
    found_: list[LeftOut] = []
    each = groupby(
        range(len(reached)),
        key=lambda at: (bool(visited[at]), reached[at], found.where.stretch(at * STRETCH)),
    )
    for (gone, able, _), run in each:
        if not gone:
            numbers = list(run)
            km, to, stretch = _named(found, numbers[0], numbers[-1], language)
            daily = float(f"{expected[numbers].sum():.6g}")
            why = "hours" if able else "reach"
            found_.append(LeftOut(km=km, to=to, stretch=stretch, crossings_a_day=daily, why=why))
    return sorted(found_, key=lambda one: (-one.crossings_a_day, one.km))


def _risk(found: Coverage, hazard: Risk) -> list[RiskLine]:
    """Return the cells at which something was seen or looked at, the riskiest first."""
    hours = 24 // WATCHES
    lines = [
        RiskLine(
            km=at * STRETCH,
            to=min((at + 1) * STRETCH, len(found.where)),
            watch=f"{watch * hours:02}-{(watch + 1) * hours:02}",
            crossings=round(float(hazard.crossings[watch, at]), 4),
            exposure=round(float(hazard.exposure[watch, at]), 4),
            rate=float(f"{hazard.rate[watch, at]:.6g}"),
        )
        for watch, at in np.argwhere((hazard.exposure > 0) | (hazard.crossings > 0)).tolist()
    ]
    return sorted(lines, key=lambda one: (-one.rate, one.km, one.watch))


def _sources(language: Language, hazard: Risk) -> list[str]:
    say = AnswerText(language).say
    return [
        say(
            "patrols.source_crossings",
            n=hazard.signals,
            sum=number(float(hazard.crossings.sum()), language, digits=1),
        ),
        say("patrols.source_coverage", km_hours=number(float(hazard.exposure.sum()), language)),
    ]


def files(answer: PatrolPlan, made: datetime) -> dict[str, bytes]:
    """Return calendars and routes of each crew, and CSV and JSON of all, each with the marking, by name."""
    say = AnswerText(answer.language).say
    legs, rows = [], []
    for one in answer.tours:
        title = f"{one.crew}, km {one.km}–{one.to}, {one.stretch}"
        about = f"{answer.marking}\n" + say(
            "patrols.leg_about", share=number(100 * one.predictability, answer.language)
        )
        legs.append(Leg(one.crew, one.begins, one.ends, title, about, one.route))
        rows.append({column: cell(str(getattr(one, column))) for column in CSV_COLUMNS})
    whole = {"patrols.json": msgspec.json.format(msgspec.json.encode(answer), indent=2)}
    return whole | exports.files(rows, legs, answer.marking, made)


def _write(context: Context, folder: Path, answer: PatrolPlan, made: datetime) -> None:
    folder.mkdir(parents=True)
    for name, data in files(answer, made).items():
        with new_file(folder / name, data):
            pass
    note(context, WROTE, file=str(folder))
