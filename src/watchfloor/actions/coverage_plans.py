"""Plans of who looks when, compared: what a change of assets, places or shifts is worth along the line."""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from watchfloor.actions import base
from watchfloor.actions.base import FILE, Answer, Context, Line, Request, action, option, text_of, words
from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.messages import number, signed
from watchfloor.planning.coverage import compare as comparing
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.compare import Plan
from watchfloor.planning.coverage.estimate import LONGEST, Coverage, coverage_of
from watchfloor.planning.coverage.schedule import HOUR
from watchfloor.planning.coverage.table import Table
from watchfloor.store.floor import Floor

BAD_MOVE: Final = declare("coverage.bad-move", "text")
BAD_SHIFT: Final = declare("coverage.bad-shift", "text")
NOT_IN_PLAN: Final = declare("coverage.not-in-plan", "name", "names")
ASSET_THERE: Final = declare("coverage.asset-there", "name")
NEVER: Final = "none"
"""In place of the hours of an asset that nobody is to attend to."""
SHOWN: Final = 12
"""Runs of kilometres that a terminal and a page show; JSON has all."""


class Changes(Request, frozen=True):
    """Which hours, and how another plan differs from the floor's."""

    since: Annotated[str, option("The first hour; else the next one.", spelling="--from")] = ""
    hours: Annotated[int, option("How many hours.", minimum=1, maximum=LONGEST)] = 24
    without: Annotated[
        tuple[str, ...], option("Take this asset out, with what it reported. Repeatable.", metavar="ASSET")
    ] = ()
    move: Annotated[
        tuple[str, ...], option("Put an asset elsewhere. Repeatable.", metavar="ASSET=LAT,LON")
    ] = ()
    shift: Annotated[
        tuple[str, ...],
        option(
            "Attend to an asset at other hours; `none`: never. Repeatable.", metavar="ASSET=18:00-06:00|none"
        ),
    ] = ()


class ComparePlans(Changes, frozen=True):
    """Which hours, and the two comparing."""

    add: Annotated[
        Path | None, option("TOML file of [assets.NAME] and [[watch]] to add.", metavar="FILE", exists=FILE)
    ] = None
    before: Annotated[
        Path | None,
        option("coverage.toml of the plan before; else the floor's.", metavar="FILE", exists=FILE),
    ] = None
    after: Annotated[
        Path | None, option("coverage.toml of the plan after; else as before.", metavar="FILE", exists=FILE)
    ] = None


class KindHours(Answer, frozen=True):
    """Kilometre-hours in which a kind of crosser is seen, each counted by its chance; `most`: of all."""

    texts: ClassVar = "coverage"

    kind: Annotated[str, words("coverage.")]
    before: float
    after: float
    most: float


class StretchChange(Answer, frozen=True):
    """A run of kilometres that gains or loses, and by how many kilometre-hours for each kind of crosser."""

    texts: ClassVar = "coverage"

    km: int
    to: int
    stretch: str
    difference: dict[str, float]


class AssetChange(Answer, frozen=True):
    """An asset between two plans: added, removed, moved or shifted, its hours and their cost in dollars."""

    texts: ClassVar = "coverage"

    asset: str
    what: Annotated[str, words("coverage.what_")]
    moved_km: float
    hours_before: float
    hours_after: float
    dollars_before: float | None
    dollars_after: float | None


class PlansCompared(Answer, frozen=True):
    """Two plans side by side.

    Attributes:
        hour: the first hour; hours: how many; begun: how many of them have begun, which no plan changes.
        kinds: kilometre-hours by kind of crosser.
        stretches: that gain or lose, the largest first.
        assets: that differ.
        dollars_before, dollars_after: cost of the hours to come of every asset whose cost is known.
        unpriced: assets that are attended to and have no `dollars_hour` in assets.toml.
    """

    texts: ClassVar = "coverage"

    hour: datetime
    hours: int
    begun: int
    kinds: list[KindHours]
    stretches: list[StretchChange]
    assets: list[AssetChange]
    dollars_before: float
    dollars_after: float
    unpriced: list[str]
    marking: str
    language: Language

    unprinted: ClassVar = ("language",)

    @property
    def priced(self) -> bool:
        """Return whether the cost of any asset is known: a sum of none would look like no cost."""
        return bool(self.dollars_before or self.dollars_after or not self.unpriced)

    def written_out(self, say: Any) -> Iterator[Line | base.Table]:
        """Yield kilometre-hours, stretches, assets and cost."""
        of = partial(number, language=self.language)
        yield base.Table(
            say("coverage.kilometre_hours", n=self.hours),
            (say(f"coverage.{name}") for name in ("kind", "before", "after", "difference", "most")),
            (
                (
                    say(f"coverage.{one.kind}"),
                    *(of(each, digits=1) for each in (one.before, one.after)),
                    signed(one.after - one.before, self.language),
                    of(one.most),
                )
                for one in self.kinds
            ),
        )
        yield base.Table(
            say("coverage.stretches"),
            (say(f"coverage.{name}") for name in ("km", "stretch", *(one.kind for one in self.kinds))),
            (
                (
                    f"{one.km}–{one.to}",
                    one.stretch,
                    *(signed(each, self.language, 2) for each in one.difference.values()),
                )
                for one in self.stretches[:SHOWN]
            ),
            say("coverage.unchanged"),
        )
        yield base.Table(
            say("coverage.who_moves"),
            (
                say(f"coverage.{name}")
                for name in ("asset", "what", "moved_km", "hours_before", "hours_after")
            ),
            (
                (
                    one.asset,
                    say(f"coverage.what_{one.what}"),
                    of(one.moved_km, digits=1) if one.moved_km else "",
                    *(of(each, digits=1) for each in (one.hours_before, one.hours_after)),
                )
                for one in self.assets
            ),
            say("coverage.nobody_moves"),
        )
        if self.priced:
            yield Line(say("coverage.cost", before=of(self.dollars_before), after=of(self.dollars_after)))
        if self.unpriced:
            yield Line(say("coverage.unpriced", names=", ".join(self.unpriced)))
        if self.begun:
            yield Line(say("coverage.begun", n=self.begun))


@action(
    "coverage compare",
    "coverage compare --without tower-3 --move tower-1=49.01,-97.2",
)
def compare(context: Context, ask: ComparePlans) -> PlansCompared:
    """Compare two plans: kilometre-hours by kind of crosser, cost, which stretches gain and lose, who moves.

    The plan after is that of --after, or else the one before, with the changes that are given.
    """
    since = start_of(context.floor, ask.since)
    with context.busy("coverage.reading"):
        found = coverage_of(context.floor, context.reader, since, ask.hours, as_of=context.as_of)
        known = comparing.plan_of(found.fleet, found.plan)
        one, other = (_of_file(found, file) for file in (ask.before, ask.after))
        before = one or known
        after = changed(found, other or before, ask, text_of(ask.add), str(ask.add))
        tables = comparing.table_of(found, known, before), comparing.table_of(found, known, after)
    context.log_query("coverage compare", **detail_of(ask), hours=ask.hours)
    return compared(found, (before, after), tables, context.language)


def start_of(floor: Floor, since: str) -> datetime:
    """Return the hour that a comparison begins with: the next one where none is given. Raises `Refusal`."""
    return moment_of_field(since, "--from", first=True) or floor.now() + HOUR


def _of_file(found: Coverage, file: Path | None) -> Plan | None:
    return comparing.plan_of(found.fleet, schedule.read(text_of(file), str(file))) if file else None


def detail_of(ask: Changes) -> dict[str, object]:
    """Return what the log has of a change of plan."""
    told = {"without": ask.without, "move": ask.move, "shift": ask.shift}
    return {name: list(values) for name, values in told.items() if values}


def changed(found: Coverage, plan: Plan, ask: Changes, add: str = "", file: str = "") -> Plan:
    """Return a plan with the changes that are asked for.

    Args:
        found: coverage, which knows the sensors that reported.
        plan: that is changed.
        ask: what is taken out, moved and attended to at other hours.
        add: TOML of what is added; file: its name, for messages.

    Raises:
        Unusable: a change cannot be read, or names an asset that is not there or is there already.
        SettingsError: what is added cannot be read.
    """
    names = {*plan.fleet, *found.table.parts}
    for name in ask.without:
        _refuse_unknown(name, names)
        plan = plan.without(name)
    for text in ask.move:
        name, latitude, longitude = _placed(text)
        _refuse_unknown(name, plan.fleet)
        plan = plan.moved(name, latitude, longitude)
    for text in ask.shift:
        name, _, times = text.rpartition("=")
        begins, _, ends = ("", "", "") if times == NEVER else times.partition("-")
        if times != NEVER and not (schedule.TIME.fullmatch(begins) and schedule.TIME.fullmatch(ends)):
            raise Unusable(reason(BAD_SHIFT, text=text))
        _refuse_unknown(name, plan.fleet)
        plan = plan.shifted(name, begins, ends)
    if add:
        fleet, watches = comparing.read_added(add, file)
        if there := next((name for name in fleet if name in names), None):
            raise Unusable(reason(ASSET_THERE, name=there))
        if lost := next((one.asset for one in watches if one.asset not in {*fleet, *plan.fleet}), None):
            _refuse_unknown(lost, {*fleet, *plan.fleet})
        plan = plan.added(fleet, watches)
    return plan


def _refuse_unknown(name: str, names: Collection[str]) -> None:
    if name not in names:
        raise Unusable(reason(NOT_IN_PLAN, name=name, names=", ".join(sorted(names)) or "–"))


def _placed(text: str) -> tuple[str, float, float]:
    name, _, place = text.rpartition("=")
    try:
        latitude, longitude = (float(part) for part in place.split(","))
    except ValueError:
        latitude = longitude = float("inf")
    if not (name and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Unusable(reason(BAD_MOVE, text=text))
    return name, latitude, longitude


def compared(
    found: Coverage, two: tuple[Plan, Plan], tables: tuple[Table, Table], language: Language
) -> PlansCompared:
    """Return two plans side by side.

    Args:
        found: coverage by the floor's plan.
        two: plans before and after.
        tables: of each.
        language: of the names of stretches.
    """
    costs = [comparing.cost(found, plan) for plan in two]
    stretches = []
    for one in comparing.changes(*tables, found.where):
        stretch = found.where.stretch(one.km)
        named = stretch.en if language == "en" else stretch.fr
        rounded = {kind: round(each, 3) for kind, each in one.by_kind.items()}
        stretches.append(StretchChange(km=one.km, to=one.to, stretch=named, difference=rounded))
    return PlansCompared(
        hour=found.start,
        hours=found.table.shape[1],
        begun=found.begun,
        kinds=[
            KindHours(kind=kind, **{name: round(each, 3) for name, each in one._asdict().items()})
            for kind, one in comparing.kilometre_hours(*tables, found.where).items()
        ],
        stretches=stretches,
        assets=[
            AssetChange(
                asset=one.asset,
                what=one.what,
                moved_km=round(one.metres / 1_000.0, 3),
                hours_before=one.before,
                hours_after=one.after,
                dollars_before=one.dollars_before,
                dollars_after=one.dollars_after,
            )
            for one in comparing.moves(found, *two)
        ],
        dollars_before=costs[0][0],
        dollars_after=costs[1][0],
        unpriced=sorted({*costs[0][1], *costs[1][1]}),
        marking=joined({found.marking, *(one.marking for plan in two for one in plan.fleet.values())} - {""}),
        language=language,
    )
