"""Plans of patrols that readers look at, each made in a process of its own and kept for its reader.

A plan is drawn once and stays as it was drawn, so that its files and its adoption are of what was looked at:
it is made anew after an hour, where a setting of the floor or its policy changed, and where somebody asks for
another draw.
"""

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, wait
from datetime import datetime
from typing import Final, NamedTuple

from watchfloor.actions import patrols
from watchfloor.actions.patrols import PatrolPlan, PatrolTerms
from watchfloor.casework.tasking import assets
from watchfloor.cell.acts import Refusal, Unusable
from watchfloor.console.jobs.jobs import Jobs, Say
from watchfloor.core.messages import Language, Reason
from watchfloor.desks.registry import declare_messages
from watchfloor.planning.coverage import schedule, terrain
from watchfloor.planning.patrols import operations
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

KEPT: Final = 24
"""Plans that are kept: two a page, for a dozen readers."""
EACH: Final = 6
"""Plans that one reader keeps, so that nobody who draws again and again takes away those of others."""
FRESH: Final = 3600.0
"""Seconds for which a plan is shown without being made anew."""
BROKEN: Final = 10.0
"""Seconds after which a plan is tried again that could not be made by a fault of ours."""
CHANGED_BY: Final = ("erasure", "policy", "restored")
"""Acts after which no plan of before is shown."""
SETTINGS: Final = (assets.NAME, schedule.NAME, operations.NAME, terrain.FOLDER)


class Question(NamedTuple):
    """Which plan: whose, in which language, what was asked, and which draw of those without a seed."""

    reader: Reader
    language: Language
    ask: PatrolTerms
    draw: int


class MadePlan(NamedTuple):
    """A plan, and when it was made by the clock of the floor."""

    plan: PatrolPlan
    at: datetime


class _Coming(NamedTuple):
    job: str
    future: "Future[MadePlan | Reason]"
    began: float


class Plans:
    """The plans of a console; for any thread.

    Args:
        floor: which.
        jobs: where they are made, one at a time.
    """

    def __init__(self, floor: Floor, jobs: Jobs) -> None:
        self._floor, self._jobs = floor, jobs
        self._made: OrderedDict[tuple[object, ...], _Coming] = OrderedDict()
        self._guard = threading.Lock()

    def preparing(self, question: Question, patience: float) -> float | None:
        """Begin a plan, and return for how many seconds it has been made; None once it is there."""
        one = self._coming(question)
        wait((one.future,), patience)
        return None if one.future.done() else time.monotonic() - one.began

    def plan(self, question: Question) -> MadePlan:
        """Return a plan, waited for. Raises `Unusable` as `patrols.planned`."""
        made = self._coming(question).future.result()
        if isinstance(made, Reason):
            raise Unusable(made)
        return made

    def find(self, reader: Reader, commitment: str) -> MadePlan | None:
        """Return a reader's plan by the commitment of its seed; None if it is no longer kept."""
        act = self._floor.newest_act(*CHANGED_BY)
        with self._guard:
            mine = [
                one
                for key, one in self._made.items()
                if key[0] == reader and key[-1] == act and one.future.done()
            ]
        plans = [one.future.result() for one in mine if not one.future.exception()]
        found = (one for one in reversed(plans) if isinstance(one, MadePlan))
        return next((one for one in found if one.plan.commitment == commitment), None)

    def close(self) -> None:
        """Stop what is being made."""
        self._jobs.close()

    def _coming(self, question: Question) -> _Coming:
        today = patrols.first_day(self._floor, "")
        stamps = tuple(self._stamp(name) for name in SETTINGS)
        key = (*question, today, stamps, self._floor.newest_act(*CHANGED_BY))
        with self._guard:
            found = self._made.get(key)
            if found is None or not self._holds(found):
                found = self._made[key] = self._start(question)
            self._made.move_to_end(key)
            mine = [one for one in self._made if one[0] == question.reader]
            for old in (*mine[:-EACH], *list(self._made)[:-KEPT]):
                self._drop(old)
        return found

    def _drop(self, key: tuple[object, ...]) -> None:
        old = self._made.pop(key, None)
        if old and not old.future.done():
            self._jobs.stop(old.job)

    def _start(self, question: Question) -> _Coming:
        reader, language, ask, _ = question
        args = str(self._floor.root), reader, language, ask
        job, future = self._jobs.start("plan", "patrols", reader.name, "", make, *args)
        return _Coming(job.id, future, time.monotonic())

    def _holds(self, one: _Coming) -> bool:
        if not one.future.done():
            return True
        return time.monotonic() - one.began < (BROKEN if one.future.exception() else FRESH)

    def _stamp(self, name: str) -> tuple[int, int]:
        try:
            found = (self._floor.root / name).stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_mtime_ns, found.st_size


def make(root: str, reader: Reader, language: Language, ask: PatrolTerms, say: Say) -> MadePlan | Reason:
    """Make a plan, or return why it cannot be; runs in a process of its own, which no refusal leaves."""
    declare_messages()
    say("", 0)
    floor = Floor.open(root)
    at = floor.now()
    try:
        return MadePlan(patrols.planned(floor, reader, language, ask)[0], at)
    except Refusal as error:
        return error.reason
