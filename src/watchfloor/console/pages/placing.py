"""The page of detectors: where teams go next season and why there, beside other plans and the one before.

A history that is pasted is kept nowhere but in the memory of the session, with the last two placements.
"""

from typing import Annotated, Final

import msgspec

from watchfloor.actions import detectors, plans
from watchfloor.actions.detectors import DEPENDENCE, MOVE, DetectorPlan, PortView
from watchfloor.actions.plans import PlacementFigures, PlanDifference
from watchfloor.cell.acts import NotFound
from watchfloor.console.endpoints.endpoint import Asker, Done, Endpoint, Nothing, Raw
from watchfloor.console.plans import CHANGED_BY
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.planning.detectors.history import TableFile
from watchfloor.planning.detectors.record import EXPLORE, HIT, Terms
from watchfloor.planning.tables import PastedTable

NOTHING_PLACED: Final = declare("console.nothing-placed")
KEPT: Final = 2
LONGEST: Final = 1 << 20
"""Signs of a table that is pasted."""

Table = Annotated[str, msgspec.Meta(max_length=LONGEST)]


class PlaceAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tables as CSV, the season, and what is placed; see `PlaceDetectors`."""

    season: Annotated[str, msgspec.Meta(max_length=20)]
    history: Table = ""
    ports: Table = ""
    detectors: Table = ""
    teams: int | None = None
    hit: float = HIT
    explore: float = EXPLORE
    move: float = MOVE
    dependence: float = DEPENDENCE
    least: Annotated[int, msgspec.Meta(ge=0)] = 0
    seed: Annotated[int, msgspec.Meta(ge=0)] = 0


class PlacementRow(msgspec.Struct, frozen=True):
    """A port with its teams by the robust plan and the optimistic one."""

    port: PortView
    robust: int
    optimistic: int


class DetectorsPage(msgspec.Struct, frozen=True):
    """The last placement of the session.

    Attributes:
        marking: of the records that it rests on.
        plan: None before the first.
        asked: what was asked for it.
        covered, bare: ports with a team and without one, by what they have.
        before: the placement before it, beside it; None for one.
        other: that one in words.
    """

    marking: str
    plan: DetectorPlan | None
    asked: PlaceAsk | None
    covered: list[PlacementRow]
    bare: list[PlacementRow]
    before: PlanDifference | None
    other: str


def page(asker: Asker, ask: Nothing) -> DetectorsPage:
    """Show where scarce detectors go next season, why there, and what is not covered."""
    del ask
    kept = _kept(asker)
    if not kept:
        return DetectorsPage("", None, None, [], [], None, "")
    asked, plan = kept[-1]
    asker.log_query("plan detectors", season=plan.season, teams=plan.teams, basis=plan.basis)
    rows = [
        PlacementRow(one, plan.robust.placement.get(one.area, 0), plan.optimistic.placement.get(one.area, 0))
        for one in plan.ports
    ]
    before, other = None, ""
    if len(kept) > 1:
        last = kept[0][1]
        one, two = (msgspec.convert(each, PlacementFigures, from_attributes=True) for each in (last, plan))
        before = plans.difference(one, two, asker.language)
        other = asker.t("detectors.before_said", season=last.season, teams=last.teams)
    return DetectorsPage(
        marking=joined({one.marking for _, one in kept} - {""}),
        plan=plan,
        asked=asked,
        covered=[one for one in rows if one.port.teams],
        bare=[one for one in rows if not one.port.teams],
        before=before,
        other=other,
    )


def place(asker: Asker, ask: PlaceAsk) -> Done:
    """Place detectors for a season by a history that is given, or by the floor's seizures."""
    terms = Terms(
        **{
            name: getattr(ask, name)
            for name in Terms.__struct_fields__
            if name not in ("ports", "detectors", "season", "readiness", "on")
        },
        season=ask.season.strip(),
        ports=_table("ports", ask.ports),
        detectors=_table("detectors", ask.detectors),
    )
    plan, _ = detectors.placed(asker, _table("history", ask.history), terms)
    asker.log_query("plan detectors", season=plan.season, teams=plan.teams, basis=plan.basis)
    entry = (asker.floor.newest_act(*CHANGED_BY), ask, plan)
    mine = asker.services.placements.get(_mine(asker)) or []
    asker.services.placements.put(_mine(asker), [*mine, entry][-KEPT:])
    return Done(asker.t("detectors.planned", season=plan.season, teams=plan.teams), marking=plan.marking)


def file(asker: Asker, ask: Nothing) -> Raw:
    """Give the last placement of the session as JSON, for `plan compare` and other programs."""
    del ask
    kept = _kept(asker)
    if not kept:
        raise NotFound(reason(NOTHING_PLACED))
    plan = kept[-1][1]
    asker.log_query("plan detectors", season=plan.season, teams=plan.teams, basis=plan.basis)
    content = msgspec.json.format(msgspec.json.encode(plan), indent=2)
    return Raw(content, "application/json", "detectors.json")


def _kept(asker: Asker) -> list[tuple[PlaceAsk, DetectorPlan]]:
    """Return the last placements of the session, none from before an erasure or another policy."""
    act = asker.floor.newest_act(*CHANGED_BY)
    known = asker.services.placements.get(_mine(asker)) or []
    return [(asked, plan) for then, asked, plan in known if then == act]


def _mine(asker: Asker) -> str:
    """Whose placements they are: another purpose may see other seizures."""
    return f"{asker.session.key.hex()} {asker.session.purpose} {asker.language}"


def _table(name: str, text: str) -> TableFile | None:
    return PastedTable(name, text) if text.strip() else None


ENDPOINTS: Final = (
    Endpoint(
        *("planning.detectors", "GET", "/planning/detectors", Nothing, DetectorsPage, page),
        page="detectors.html",
    ),
    Endpoint(
        *("planning.place", "POST", "/planning/detectors", PlaceAsk, Done, place), within="planning.detectors"
    ),
    Endpoint("planning.placement", "GET", "/planning/detectors.json", Nothing, Raw, file),
)
