"""The line: what towers can do at most, who looks at which kilometre when, and what a change is worth.

Coverage takes seconds. It is kept for a reader, a first hour and a length while nothing came that the reader
may see and no setting changed, or for a minute where rows come all the time. A change of plan is computed
from that each time.
"""

import threading
import time
import zlib
from base64 import b64encode
from collections import OrderedDict
from concurrent.futures import Future
from datetime import datetime, timedelta
from itertools import chain
from typing import Annotated, Final, Literal
from weakref import WeakKeyDictionary

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.actions import coverage, coverage_plans
from watchfloor.actions.coverage_plans import Changes, PlansCompared
from watchfloor.casework.tasking import assets
from watchfloor.cell.acts import Refusal, refuse
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Preparing
from watchfloor.console.endpoints.failures import failure
from watchfloor.console.services import Services
from watchfloor.core.messages import declare
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage import schedule, share, terrain
from watchfloor.planning.coverage.axis import STRETCHES, Floats
from watchfloor.planning.coverage.compare import Plan, plan_of, possible, table_of
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.estimate import Coverage, coverage_of
from watchfloor.planning.coverage.table import Table

Kind = Literal["walker", "vehicle", "boat", "aircraft"]
HOURS: Final = (12, 24, 48, 72, 168)
FIFTEEN: Final = 15
"""Towers that the first sentence speaks of."""
REACH_KM: Final = 15
"""Reach of a tower to each side that the sentence takes where the floor has none: 15 then reach 450 km."""
BEFORE: Final = timedelta(hours=6)
"""Time before now that the page shows where nobody asks for another."""
STEPS: Final = 250
"""Steps of a chance as the page has it; what is seen at all is never shown as 0."""
NOBODY: Final = 65_535
"""Minutes where nobody can be sent, and the number of nobody."""
KEPT: Final = 4
"""Coverages that are kept; one of a week takes 35 MB."""
FRESH: Final = 60.0
"""Seconds for which coverage is shown though rows came since."""
SECONDS: Final = 4
"""Seconds that coverage of a day takes on the exercise's floor, two cores."""
LONGEST_TEXT: Final = 8_000
"""Signs of what is added, which stands in the address of the page."""
ADDED: Final = declare("console.coverage-added", "problem")


class PlanAsk(Changes, frozen=True):
    """Which hours, and how another plan differs from the floor's.

    Attributes:
        add: TOML of [assets.NAME] and [[watch]] to add.
    """

    add: Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] = ""


class CoverageAsk(PlanAsk, frozen=True):
    """Which hours of the line, for which kind of crosser, and after which change."""

    kind: Kind = "walker"


class Looking(msgspec.Struct, frozen=True):
    """An asset or sensor and the cells that it sees, packed: kilometre, hour, chance, of two bytes each."""

    name: str
    cells: str


class StretchRow(msgspec.Struct, frozen=True):
    """A stretch of the line.

    Attributes:
        km, to: where it begins and ends.
        ground, name: land, lake, river or sea, and what it is called.
        seen: mean chance that a crossing is seen, before a change; None: this kind does not cross there.
        after: the same after it; None without a change.
        looked: share of its kilometres and hours at which something looks, after a change.
    """

    km: int
    to: int
    ground: str
    name: str
    seen: float | None
    after: float | None
    looked: float


class CoveragePage(msgspec.Struct, frozen=True):
    """The line, hour by hour.

    Attributes:
        marking: of all that went into it.
        start: the first hour; begun: how many of the hours have begun, and so rest on reports.
        local: each hour by the clock of the floor's schedule; empty where that is UTC.
        kind: of crosser; kinds: that can be asked for.
        towers: masts with cameras or radars, of those that the reader may know of.
        reach: kilometres of the line that those reach at most.
        fifteen: kilometres that fifteen like them reach at most; length: of the line.
        rests: share of kilometres and hours by what they rest on.
        stretches: from the Pacific to the Atlantic.
        before, after: chance by kilometre and hour, packed, in steps; `after` is empty without a change.
        minutes, who: minutes until somebody is at each kilometre, and the number of who that is, packed.
        responders: by number.
        looking: assets and sensors after a change, and what they see.
        names: of the assets that can be changed.
        compared: the two plans; None without a change, or where it was `refused`, and why.
        remarks: what is not in it, such as hills that nobody has measured, and what to do.
        empty: whether nobody looks and nobody is to look.
    """

    marking: str
    start: datetime
    hours: int
    begun: int
    local: list[str]
    kind: Kind
    kinds: tuple[str, ...]
    towers: int
    reach: int
    fifteen: int
    length: int
    rests: dict[str, float]
    stretches: list[StretchRow]
    before: str
    after: str
    minutes: str
    who: str
    responders: list[str]
    looking: list[Looking]
    names: list[str]
    compared: PlansCompared | None
    refused: str
    remarks: list[str]
    empty: bool
    steps: int = STEPS
    nobody: int = NOBODY


def line(asker: Asker, ask: CoverageAsk) -> CoveragePage:
    """Show who looks at which kilometre when, what towers can do at most, and what a change is worth."""
    found = _making(asker, _since(asker, ask), ask.hours).coverage.result()
    refused = ""
    try:
        plans, tables = _changed(asker, ask, found)
    except Refusal as error:  # the form is shown again with what was typed
        plans, tables = _changed(asker, PlanAsk(), found)
        refused = failure(error, asker.services.words, asker.language).said
    told = coverage_plans.detail_of(ask)
    asker.log_query("coverage", kind=ask.kind, since=found.start.isoformat(), hours=ask.hours, **told)
    number = tuple(CROSSERS).index(ask.kind)
    standing = share.towers(found.fleet.values())
    reach = share.kilometres_at_most(chain.from_iterable(standing), found.where)
    each = [share.kilometres_at_most(mast, found.where) for mast in standing]
    length = len(found.where) - 1  # the last one is shorter
    responders = sorted({*found.responder} - {""})
    shown = tables[1] or tables[0]
    chances = _chance(tables[0], number), _chance(tables[1], number) if tables[1] else None
    return CoveragePage(
        marking=found.marking,
        start=found.start,
        hours=ask.hours,
        begun=found.begun,
        local=_local(found),
        kind=ask.kind,
        kinds=tuple(CROSSERS),
        towers=len(standing),
        reach=reach,
        fifteen=round(FIFTEEN * (sum(each) / len(each) if each else 2 * REACH_KM)),
        length=length,
        rests=share.rests_on(shown, plans[1].fleet),
        stretches=_stretches(asker, found, shown, chances, number),
        before=_packed(_steps(chances[0])),
        after=_packed(_steps(chances[1])) if chances[1] is not None else "",
        minutes=_packed(np.minimum(np.nan_to_num(found.minutes, posinf=NOBODY), NOBODY).astype("<u2")),
        who=_packed(np.array([responders.index(one) if one else NOBODY for one in found.responder], "<u2")),
        responders=responders,
        looking=[_looking(name, shown, number) for name in sorted(shown.parts)],
        names=sorted({*found.fleet, *found.table.parts}),
        compared=coverage_plans.compared(found, plans, (tables[0], tables[1]), asker.language)
        if tables[1]
        else None,
        refused=refused,
        remarks=[one.render(asker.language) for one in found.remarks],
        empty=not (found.table.parts or found.fleet),
    )


def _local(found: Coverage) -> list[str]:
    """Return the hours by the schedule's clock; the browser's own may not know of a law that changed it."""
    zone = found.plan.zoneinfo
    hours = range(found.table.shape[1] if found.plan.zone != "UTC" else 0)
    return [f"{(found.start + hour * schedule.HOUR).astimezone(zone):%H:%M %Z}" for hour in hours]


def comparison(asker: Asker, ask: PlanAsk) -> PlansCompared:
    """Compare the floor's plan with a change of it: kilometre-hours, cost, what gains or loses, who moves."""
    since = coverage_plans.start_of(asker.floor, ask.since)
    found = _making(asker, since, ask.hours).coverage.result()
    plans, tables = _changed(asker, ask, found)
    asker.log_query("coverage compare", hours=ask.hours, **coverage_plans.detail_of(ask))
    return coverage_plans.compared(found, plans, (tables[0], tables[1] or tables[0]), asker.language)


def _changed(
    asker: Asker, ask: PlanAsk, found: Coverage
) -> tuple[tuple[Plan, Plan], tuple[Table, Table | None]]:
    """Return the plans before and after a change, and their tables; None after where nothing changes."""
    known = plan_of(found.fleet, found.plan)
    if not (ask.without or ask.move or ask.shift or ask.add):
        return (known, known), (found.table, None)
    try:
        other = coverage_plans.changed(found, known, ask, ask.add, asker.t("line.added"))
    except SettingsError as error:  # who asks wrote it, and it is no file of the floor
        refuse(ADDED, problem=str(error))
    return (known, other), (found.table, table_of(found, known, other))


def _chance(table: Table, number: int) -> Floats:
    return np.asarray(1.0 - table.missed[number])


def _steps(chance: Floats) -> npt.NDArray[np.uint8]:
    return np.where(chance > 0, np.maximum(np.round(chance * STEPS), 1), 0).astype(np.uint8)


def _packed(values: npt.NDArray[np.generic]) -> str:
    """Return numbers deflated and in base 64: most of the line is noughts."""
    return b64encode(zlib.compress(np.ascontiguousarray(values).tobytes())).decode()


def _looking(name: str, table: Table, number: int) -> Looking:
    part = table.parts[name]
    seen = part.chance[number] > 0
    cells = np.stack([part.km[seen], part.hour[seen], _steps(part.chance[number, seen])], 1)
    return Looking(name, _packed(cells.astype("<u2")))


def _stretches(
    asker: Asker, found: Coverage, shown: Table, chances: tuple[Floats, Floats | None], number: int
) -> list[StretchRow]:
    can = possible(found.where, found.table.kinds)[number]
    looked = np.zeros(shown.shape, bool)
    for part in shown.parts.values():
        seen = part.chance.any(0)
        looked[part.km[seen], part.hour[seen]] = True
    ends = [*(one.km for one in STRETCHES[1:]), len(found.where) - 1]  # the last cell is shorter
    return [
        StretchRow(
            one.km,
            to,
            one.ground,
            one.fr if asker.language == "fr" else one.en,
            _mean(chances[0], one.km, to) if can[one.km] else None,
            _mean(chances[1], one.km, to) if can[one.km] else None,
            round(float(looked[one.km : to].mean()), 5),
        )
        for one, to in zip(STRETCHES, ends, strict=True)
    ]


def _mean(chance: Floats | None, km: int, to: int) -> float | None:
    return None if chance is None else round(float(chance[km:to].mean()), 5)


# Coverage that is kept

Key = tuple[object, ...]


class _Making:
    """Coverage that is computed beside the page, and where the log stood for its reader when that began."""

    def __init__(self, asker: Asker, since: datetime, hours: int, newest: int) -> None:
        self.newest, self.began, self.made = newest, time.monotonic(), 0.0
        self.coverage: Future[Coverage] = Future()
        args = (asker, since, hours)
        threading.Thread(target=self._compute, args=args, name="coverage", daemon=True).start()

    def _compute(self, asker: Asker, since: datetime, hours: int) -> None:
        try:
            self.coverage.set_result(coverage_of(asker.floor, asker.reader, since, hours))
        except BaseException as error:  # whoever asks for the result gets it
            self.coverage.set_exception(error)
        self.made = time.monotonic()

    def holds(self, newest: int) -> bool:
        """Return whether it may be shown: it is being made, nothing came since, or it is fresh enough."""
        if not self.made:
            return True
        if self.coverage.exception() is not None:
            return False
        return newest == self.newest or time.monotonic() - self.made < FRESH


_MADE: Final[WeakKeyDictionary[Services, OrderedDict[Key, _Making]]] = WeakKeyDictionary()
_GUARD: Final = threading.Lock()
TAKEN_BY: Final = ("erasure", "policy", "restored")
"""Acts after which nothing of before is shown."""


def _since(asker: Asker, ask: CoverageAsk) -> datetime:
    """Return the first hour of the page: some that were reported stand before those that are planned."""
    return coverage_plans.start_of(asker.floor, ask.since) if ask.since else asker.floor.now() - BEFORE


def _making(asker: Asker, since: datetime, hours: int) -> _Making:
    floor, reader = asker.floor, asker.reader
    hour = floor.now().replace(minute=0, second=0, microsecond=0)
    files = tuple(_stamp(asker, name) for name in (assets.NAME, schedule.NAME, terrain.FOLDER))
    key: Key = (reader, since.replace(minute=0, second=0, microsecond=0), hours, hour, files)
    key += (floor.restored, floor.newest_act(*TAKEN_BY))
    newest = asker.floor.last_seen(reader)
    with _GUARD:
        mine = _MADE.setdefault(asker.services, OrderedDict())
        found = mine.get(key)
        if found is None or not found.holds(newest):
            found = mine[key] = _Making(asker, since, hours, newest)
        mine.move_to_end(key)
        while len(mine) > KEPT:
            mine.popitem(last=False)
        return found


def _stamp(asker: Asker, name: str) -> tuple[int, int]:
    try:
        found = (asker.floor.root / name).stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def first_line(asker: Asker, ask: CoverageAsk) -> Preparing | None:
    """Begin the coverage of some hours; None once it is there."""
    one = _making(asker, _since(asker, ask), ask.hours)
    try:
        one.coverage.exception(asker.services.silence)
    except TimeoutError:
        return Preparing("coverage", int(time.monotonic() - one.began), SECONDS)
    return None


ENDPOINTS: Final = (
    Endpoint(
        *("coverage.line", "GET", "/coverage", CoverageAsk, CoveragePage, line),
        page="coverage.html",
        script=True,
        api=False,
        prepares=first_line,
    ),
    Endpoint.for_action(coverage.show, "/coverage"),
    Endpoint("coverage.compare", "GET", "/coverage/compare", PlanAsk, PlansCompared, comparison),
)
