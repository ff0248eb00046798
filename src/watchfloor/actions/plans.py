"""Plans of patrols that hold for their days: adopted, withdrawn, listed, and two plans side by side."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    option,
    words,
)
from watchfloor.actions.patrols import PatrolPlan, PatrolTerms, planned
from watchfloor.cell.acts import Post, Unusable
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.messages import number, signed
from watchfloor.planning.adoption import listed, take_back
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.patrols import adoption
from watchfloor.planning.patrols.adoption import AdoptedPlan
from watchfloor.planning.patrols.risk import STRETCH
from watchfloor.store.floor import Floor

NO_PLAN: Final = declare("plans.no-plan", "file")
OTHER_VERSION: Final = declare("plans.other-version", "plan")
TWO_SORTS: Final = declare("plans.two-sorts", "file")
LARGEST: Final = 32 << 20
"""Bytes of a plan in a file."""
SHARES: Final = frozenset(
    ("predictability", "foreseen", "expected", "worst_tenth", "not_covered_share", "fairness_cost")
)
"""Figures that are shares; those of patrols that are not are crossings."""


class AdoptedView(Answer, frozen=True):
    """A plan that was adopted.

    Attributes:
        plan: its id; day, last: its first and last day.
        state: adopted or withdrawn; by, at, why and edition are of the last act.
        commitment: of the seed, and digest of the plan without it; seed: empty until the days are over.
    """

    texts: ClassVar = "plans"
    columns: ClassVar = (
        *("plan", "day", "last", "tours", "crews", "state", "by", "at", "why", "commitment", "seed"),
    )

    plan: str
    day: date
    last: date
    tours: int
    crews: list[str]
    state: Annotated[str, words("plans.state_")]
    by: str
    at: datetime
    why: str
    edition: int
    digest: str
    commitment: str
    seed: str
    marking: str


class AdoptedList(Answer, frozen=True):
    """Plans that were adopted, the last days first."""

    plans: list[AdoptedView]


class AdoptPlan(PatrolTerms, frozen=True, kw_only=True):
    """The days, seed and terms of the plan, and why."""

    why: Annotated[str, option("The reason, in your words.", required=True)] = ""


class WithdrawPlan(Request, frozen=True):
    """Which plan, and why."""

    plan: Annotated[str, argument("PLAN", "Its id, or how it begins; `watchfloor plan adopted` has it.")]
    why: Annotated[str, option("The reason, in your words.", required=True)] = ""
    edition: Annotated[int | None, option("The edition you looked at; else the present one.", minimum=1)] = (
        None
    )


class ListPlans(Request, frozen=True):
    """All of them."""


@action(
    "plan adopt",
    'plan adopt --from 2026-12-07 --days 7 --seed 5f0e91c2 --why "agreed at the Monday meeting"',
    writes=True,
    done="plans.done_adopted",
)
def adopt(context: Context, ask: AdoptPlan) -> AdoptedView:
    """Adopt a plan of patrols for its days: it is made by its seed and terms, and kept in the log.

    Where another plan stands for one of the days, it is named and nothing is written. The seed is shown once
    the days are over; with the commitment it proves that nobody chose the tours.
    """
    terms = {name: getattr(ask, name) for name in PatrolTerms.__struct_fields__}
    with context.busy("patrols.planning"):
        plan, _ = planned(context.floor, context.reader, context.language, PatrolTerms(**terms))
    return adopted(context, plan, ask.why)


def adopted(context: Context, plan: PatrolPlan, why: str) -> AdoptedView:
    """Adopt a plan that was made. Raises `Conflict`, `Refusal`."""
    document = msgspec.json.encode(msgspec.structs.replace(plan, risk=[], seed="")).decode()
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        done = adoption.adopt(post, document, plan.day, plan.days, plan.seed, plan.marking, why)
    return _view(context, done.item)


@action(
    "plan withdraw",
    'plan withdraw 3f2a91c0 --why "two boats are in the yard"',
    writes=True,
    done="plans.done_withdrawn",
)
def withdraw(context: Context, ask: WithdrawPlan) -> AdoptedView:
    """Withdraw a plan that was adopted, so that another may be adopted for its days."""
    with context.writer() as writer:
        post = Post(context.floor, context.reader, writer)
        done = take_back(post, AdoptedPlan, ask.plan, ask.edition, ask.why)
    return _view(context, done.item)


@action("plan adopted", "plan adopted", past=True, rows="plans", empty="plans.none_adopted")
def list_(context: Context, ask: ListPlans) -> AdoptedList:
    """List the plans of patrols that were adopted; the seed of each once its days are over."""
    del ask
    shown = views(context)
    context.log_query("plan adopted", shown=[one.plan for one in shown])
    return AdoptedList(plans=shown)


def views(context: Context) -> list[AdoptedView]:
    """Return the plans that this person may see, the last days first."""
    return [_view(context, one) for one in listed(AdoptedPlan, context.floor, context.reader, context.as_of)]


def plan_of(one: AdoptedPlan, today: date) -> PatrolPlan:
    """Return the plan as it was adopted, with its seed once its days are over.

    Raises:
        Unusable: another version of the program kept it.
    """
    try:
        plan = msgspec.json.decode(one.first["document"], type=PatrolPlan)
    except msgspec.ValidationError:
        raise Unusable(reason(OTHER_VERSION, plan=one.id)) from None
    return msgspec.structs.replace(plan, seed=one.seed(today))


def today_of(floor: Floor) -> date:
    """Return the day by the clock of coverage.toml."""
    return floor.now().astimezone(schedule.load(floor.root).zoneinfo).date()


def _view(context: Context, one: AdoptedPlan) -> AdoptedView:
    tours = msgspec.json.decode(one.first["document"])["tours"]
    return AdoptedView(
        **one.facts(),
        tours=len(tours),
        crews=sorted({tour["crew"] for tour in tours}),
        commitment=one.first["commitment"],
        seed=one.seed(today_of(context.floor)),
    )


# Two plans side by side


class Figure(Answer, frozen=True):
    """A figure of both plans; `name` is that of the plan's field."""

    texts: ClassVar = "plans"

    name: Annotated[str, words("plans.figure_")]
    before: float
    after: float


class StretchVisits(Answer, frozen=True):
    """Stretches that one of two plans visits: tours that go there before and after."""

    texts: ClassVar = "plans"

    km: int
    to: int
    stretch: str
    before: int
    after: int


class Share(Answer, frozen=True):
    """Tours of a crew, or teams of an area, before and after."""

    texts: ClassVar = "plans"

    name: str
    before: int
    after: int


class PlanDifference(Answer, frozen=True):
    """Two plans of patrols, or two placements of detectors, side by side.

    Attributes:
        figures: of both.
        gained, lost: stretches that only the plan after visits, and only the one before.
        moved: crews with another number of tours, or areas with another number of teams.
        marking: of both.
    """

    texts: ClassVar = "plans"
    unprinted: ClassVar = ("language",)

    figures: list[Figure]
    gained: list[StretchVisits]
    lost: list[StretchVisits]
    moved: list[Share]
    patrols: bool
    marking: str
    language: Language

    def written(self, one: Figure, value: float) -> str:
        """Return a figure as a person reads it: shares in per cent."""
        if one.name in SHARES:
            return number(100 * value, self.language, digits=1)
        return number(value, self.language, digits=0 if one.name in COUNTS else 5)

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield figures, stretches gained and lost, and who moves."""
        heads = ("before", "after")
        yield Table(
            say("plans.figures"),
            (say(f"plans.{name}") for name in ("figure", *heads)),
            (
                (say(f"plans.figure_{one.name}"), self.written(one, one.before), self.written(one, one.after))
                for one in self.figures
            ),
        )
        for name in ("gained", "lost") if self.patrols else ():
            yield Table(
                say(f"plans.{name}"),
                (say(f"plans.{each}") for each in ("km", "stretch", *heads)),
                ((f"{one.km}–{one.to}", one.stretch, one.before, one.after) for one in getattr(self, name)),
                say("plans.no_stretch"),
            )
        yield Table(
            say("plans.moved_crews" if self.patrols else "plans.moved_teams"),
            (say(f"plans.{name}") for name in ("name", *heads, "change")),
            (
                (one.name, one.before, one.after, signed(one.after - one.before, self.language, 0))
                for one in self.moved
            ),
            say("plans.nobody_moves"),
        )
        if self.marking:
            yield Line(self.marking)


Amount = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
"""Of a file that somebody brings: beyond, it is no figure of a plan."""
Kilometre = Annotated[int, msgspec.Meta(ge=-1, le=1_000_000)]
"""Of the line; -1 beside it."""


class TourRun(msgspec.Struct, frozen=True):
    """The part of the line that a tour patrols, and by whom."""

    crew: str
    km: Kilometre
    to: Kilometre


class PatrolFigures(msgspec.Struct, frozen=True, tag=False):
    """Figures of a plan of patrols, as a comparison needs them."""

    tours: list[TourRun]
    nobody: Amount
    value: Amount
    attacker: Amount
    exploitability: Amount
    observed: Amount
    predictability: Amount
    foreseen: Amount
    marking: str = ""


class PlacementFigures(msgspec.Struct, frozen=True):
    """Figures of a placement of detectors, as a comparison needs them."""

    placement: dict[str, Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]]
    expected: Amount
    worst_tenth: Amount
    not_covered_share: Amount
    fairness_cost: Amount
    marking: str = ""


COUNTS: Final = frozenset(("tours", "kilometres", "teams"))
"""Figures that are counts."""
OF_PATROLS: Final = (
    *("nobody", "value", "attacker", "exploitability", "observed", "predictability", "foreseen"),
)
OF_PLACEMENT: Final = ("expected", "worst_tenth", "not_covered_share", "fairness_cost")


class ComparePlans(Request, frozen=True):
    """Two plans, each a file."""

    before: Annotated[
        Path, argument("BEFORE", "JSON of `plan patrols` or `plan detectors`.", required=True, exists=FILE)
    ]
    after: Annotated[Path, argument("AFTER", "The other plan, likewise.", required=True, exists=FILE)]


@action("plan compare", "plan compare monday/patrols.json tuesday/patrols.json", files_only=True)
def compare(context: Context, ask: ComparePlans) -> PlanDifference:
    """Compare two plans of patrols, or two placements of detectors: figures, stretches, who moves."""
    before, after = _read(ask.before), _read(ask.after)
    if type(before) is not type(after):
        raise Unusable(reason(TWO_SORTS, file=ask.after.name))
    return difference(before, after, context.language)


def _read(file: Path) -> PatrolFigures | PlacementFigures:
    try:
        content = file.read_bytes() if file.stat().st_size <= LARGEST else b""
        plain = msgspec.json.decode(content)
        if isinstance(plain, dict) and "placement" in plain:
            return msgspec.convert(plain, PlacementFigures)
        return msgspec.convert(plain, PatrolFigures)
    except (OSError, RecursionError, msgspec.MsgspecError):
        raise Unusable(reason(NO_PLAN, file=file.name)) from None


def difference(
    before: PatrolFigures | PlacementFigures, after: PatrolFigures | PlacementFigures, language: Language
) -> PlanDifference:
    """Return two plans of one sort side by side."""
    figures: Mapping[str, tuple[float, float]]
    gained: list[StretchVisits] = []
    lost: list[StretchVisits] = []
    if isinstance(before, PatrolFigures) and isinstance(after, PatrolFigures):
        visits = _visits(before), _visits(after)
        figures = {
            "tours": (len(before.tours), len(after.tours)),
            "kilometres": (STRETCH * len(visits[0]), STRETCH * len(visits[1])),
        }
        names: Iterable[str] = OF_PATROLS
        gained, lost = (
            _runs(visits[1].keys() - visits[0].keys(), visits, language),
            _runs(visits[0].keys() - visits[1].keys(), visits, language),
        )
        counts = Counter(one.crew for one in before.tours), Counter(one.crew for one in after.tours)
    elif isinstance(before, PlacementFigures) and isinstance(after, PlacementFigures):
        figures = {"teams": (sum(before.placement.values()), sum(after.placement.values()))}
        names = OF_PLACEMENT
        counts = Counter(before.placement), Counter(after.placement)
    else:
        raise TypeError("plans of two sorts")
    both = {**figures, **{name: (getattr(before, name), getattr(after, name)) for name in names}}
    return PlanDifference(
        figures=[Figure(name=name, before=one, after=other) for name, (one, other) in both.items()],
        gained=gained,
        lost=lost,
        moved=[
            Share(name=name, before=counts[0][name], after=counts[1][name])
            for name in sorted({*counts[0], *counts[1]})
            if counts[0][name] != counts[1][name]
        ],
        patrols=isinstance(before, PatrolFigures),
        marking=joined({before.marking, after.marking} - {""}),
        language=language,
    )


def _visits(plan: PatrolFigures) -> Counter[int]:
    """Return how many tours go to each stretch that has one."""
    return Counter(
        at for one in plan.tours for at in range(one.km // STRETCH, -(-one.to // STRETCH)) if one.km >= 0
    )


def _runs(
    stretches: Iterable[int], visits: tuple[Counter[int], Counter[int]], language: Language
) -> list[StretchVisits]:
    """Return stretches, neighbours with one name and as many visits together."""
    where = axis()
    named = partial(_called, language=language)
    known = [at for at in sorted(stretches) if at * STRETCH < len(where)]
    runs = groupby(
        enumerate(known),
        key=lambda each: (each[1] - each[0], named(each[1]), visits[0][each[1]], visits[1][each[1]]),
    )
    found = []
    for (_, name, one, other), run in runs:
        numbers = [at for _, at in run]
        to = min((numbers[-1] + 1) * STRETCH, len(where))
        found.append(StretchVisits(km=numbers[0] * STRETCH, to=to, stretch=name, before=one, after=other))
    return found


def _called(at: int, language: Language) -> str:
    stretch = axis().stretch(at * STRETCH)
    return stretch.en if language == "en" else stretch.fr


def figures_of(plan: PatrolPlan) -> PatrolFigures:
    """Return what a comparison needs of a plan."""
    return msgspec.convert(plan, PatrolFigures, from_attributes=True)
