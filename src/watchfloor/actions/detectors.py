"""Scarce detectors: where dogs, analysers, scanners and imaging go next season, and why there."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    FILE,
    Answer,
    Context,
    Request,
    Table,
    action,
    argument,
    option,
)
from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, Reason, declare, reason
from watchfloor.planning.detectors.history import TableFile, sort_of
from watchfloor.planning.detectors.plan import plan
from watchfloor.planning.detectors.record import (
    EXPLORE,
    HIT,
    Alternative,
    KindPlacement,
    Plan,
    Region,
    Terms,
    summary,
)
from watchfloor.planning.tables import PastedTable

NO_SEIZURES: Final = declare("detectors.no-seizures")
FLOOR_SEASON: Final = declare("detectors.floor-season", "season")
NO_PLACE: Final = declare("detectors.no-place", "count")
MOVE, DEPENDENCE = 0.01, 0.2


class PlaceDetectors(Request, frozen=True, kw_only=True):
    """A history of finds, the season, and what is placed."""

    history: Annotated[
        Path | None,
        argument(
            "HISTORY",
            "CSV or spreadsheet: area, season, found; may have teams. Without it, the floor's seizures "
            "by place.",
            exists=FILE,
        ),
    ] = None
    season: Annotated[
        str,
        option(
            "The season to plan, as the history writes it; nothing of it or later is read.", required=True
        ),
    ] = ""
    teams: Annotated[int | None, option("Teams to be placed, all alike; or --detectors.")] = None
    detectors: Annotated[
        Path | None,
        option(
            "CSV or spreadsheet: detector, kind; may have confirmed, missed, refuted, cleared, "
            "capacity (items a season), ready, at.",
            exists=FILE,
        ),
    ] = None
    ports: Annotated[
        Path | None, option("CSV or spreadsheet: area; may have region, flow (a season), now.", exists=FILE)
    ] = None
    readiness: Annotated[
        Path | None,
        option("TOML of [[readiness]] about detectors, as patrols.toml of a floor has it.", exists=FILE),
    ] = None
    on: Annotated[str, option("Day or moment for which readiness is asked; else now.", metavar="DAY")] = ""
    hit: Annotated[float, option("Chance that a team finds an event of its area.")] = HIT
    explore: Annotated[float, option("Share of the teams that explore.")] = EXPLORE
    move: Annotated[
        float, option("Share of all finds that a team must add before it moves; needs `now`.")
    ] = MOVE
    dependence: Annotated[
        float, option("Share of events that are as easy or as hard for detectors of all kinds.")
    ] = DEPENDENCE
    least: Annotated[int, option("Teams that each region has at least.", minimum=0)] = 0
    seed: Annotated[int, option("Decides draws; commit it before the season.", minimum=0)] = 0


class PortView(Answer, frozen=True):
    """An area of a plan; see `record.Port`. `why` has its reasons, each a sentence."""

    texts: ClassVar = "detectors"

    area: str
    region: str
    teams: int
    exploring: int
    rate: float
    low: float
    high: float
    share: float
    covered: float
    learned: float
    flow: float | None
    now: int | None
    kinds: dict[str, int]
    why: list[str]


class DetectorPlan(Answer, frozen=True):
    """A placement for one season, and its basis; see `record.Plan`.

    Attributes:
        summary: what is to be known of the plan beside its ports, each a sentence.
        marking: of the records of the floor that it rests on; empty for files.
    """

    texts: ClassVar = "detectors"
    unprinted: ClassVar = ("summary",)

    season: str
    teams: int
    hit: float
    placement: dict[str, int]
    expected: float
    worst_tenth: float
    moves: int | None
    exploring: int
    explore_share: float
    seed: int
    hazard: float
    ports: list[PortView]
    kinds: list[KindPlacement]
    not_covered: list[str]
    not_covered_share: float
    regions: list[Region]
    fairness_cost: float
    robust: Alternative
    optimistic: Alternative
    read: list[str]
    basis: str
    notes: list[str]
    version: str
    summary: list[str]
    marking: str

    def written_out(self, say: Any) -> Iterator[Table]:
        """Yield the ports that have a team, and why."""
        yield Table(
            "",
            (say(f"detectors.{name}") for name in ("port", "teams", "why_here")),
            ((port.area, str(port.teams), "; ".join(port.why)) for port in self.ports if port.teams),
        )


@action(
    "detectors",
    "detectors history.csv --teams 9 --season FY2026",
    floor_optional=True,
)
def place(context: Context, ask: PlaceDetectors) -> DetectorPlan:
    """Place detectors for the next season, with a reason for each port, and say what is not covered.

    `expected` is the share of all events that the placement would find, `worst_tenth` the same in the worst
    tenth of what may come. The robust plan and the optimistic one stand beside it.
    """
    terms = Terms(**{name: getattr(ask, name) for name in Terms.__struct_fields__})
    with context.busy("detectors.planning"):
        answer, said = placed(context, ask.history, terms)
    if context.has_floor or not ask.history:
        context.log_query("plan detectors", season=answer.season, teams=answer.teams, basis=answer.basis)
    for one in said:
        context.note(one)
    return answer


def placed(
    context: Context, history: TableFile | None, terms: Terms
) -> tuple[DetectorPlan, tuple[Reason, ...]]:
    """Return a placement, and what is to be said beside it. Raises `Unusable`."""
    marking, unplaced = "", 0
    if history is None:
        history, marking, unplaced = history_of_seizures(context, terms.season)
    record = plan(history, terms)
    about = (*summary(record), *record.notes, *([reason(NO_PLACE, count=unplaced)] if unplaced else ()))
    return _answer(record, context.language, marking, about), about


def history_of_seizures(context: Context, season: str) -> tuple[TableFile, str, int]:
    """Return the floor's seizures by place and season, their marking, and how many have no place.

    What is part of another seizure is not counted twice.

    Raises:
        Unusable: the season is none of the calendar, or no seizure has a place.
    """
    sort = sort_of(season)
    if sort == "pair" or season.strip().upper().startswith(("FY", "CY")):
        raise Unusable(reason(FLOOR_SEASON, season=season))
    rows = context.floor.read("seizure", context.reader, latest=True).to_pylist()
    keys = {row["report_key"] for row in rows if row["report_key"]}
    found: dict[tuple[str, str], int] = {}
    markings: set[str] = set()
    unplaced = 0
    for row in rows:
        if row["part_of"] in keys:
            continue
        count = 1 if row["count"] is None else row["count"]
        if not (row["place"] or "").strip():
            unplaced += count
            continue
        cell = row["place"].strip(), _label(row["observed_at"], sort)
        found[cell] = found.get(cell, 0) + count
        markings.add(row["marking"])
    if not found:
        raise Unusable(reason(NO_SEIZURES))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("area", "season", "found"))
    table.writerows((area, label, count) for (area, label), count in found.items())
    return PastedTable("seizures", text.getvalue()), joined(markings), unplaced


def _label(at: datetime, sort: str) -> str:
    day = at.astimezone(UTC)
    if sort == "month":
        return f"{day:%Y-%m}"
    if sort == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if sort == "week":
        return "{}-W{:02}".format(*day.isocalendar()[:2])
    return str(day.year)


def _answer(record: Plan, language: Language, marking: str, about: tuple[Reason, ...]) -> DetectorPlan:
    plain = {name: getattr(record, name) for name in record.__struct_fields__}
    lists = {name: list(plain[name]) for name in ("kinds", "not_covered", "regions", "read")}
    ports = [
        PortView(**msgspec.structs.asdict(port) | {"why": [one.render(language) for one in port.why]})
        for port in record.ports
    ]
    told = {
        "ports": ports,
        "notes": [one.render(language) for one in record.notes],
        "summary": [one.render(language) for one in about],
        "marking": marking,
    }
    return DetectorPlan(**plain | lists | told)
