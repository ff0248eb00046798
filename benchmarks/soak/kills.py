"""Kills, one after the other, and what came of each."""

import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.soak.acts import ACTS, begin
from benchmarks.soak.check import ACTOR, Book, Step, is_there, losses
from benchmarks.soak.days import Days
from watchfloor.desks.registry import desks
from watchfloor.run.floor import behind
from watchfloor.store import Floor

BEFORE: Final = {
    "decide": ("ingest", "run"),
    "undo": ("ingest", "run", "decide"),
    "cases task accept": ("cases task issue",),
    "erase": ("ingest",),
    "run": ("ingest",),
    "compact": ("ingest", "ingest"),
}
"""Acts that an act needs before it; they are not cut off."""

UNMARKED: Final = frozenset({"run", "leads", "compact"})
"""Acts that leave nothing by which they are known again."""

GENERATION: Final = 40
"""Kills that one floor goes through; then a new one is made, or the days would grow ever longer."""


@dataclass
class Tally:
    """What came of all kills.

    Attributes:
        seen: counts by act and column of the table.
        lost: what was lost, in words.
        opening: seconds to open the floor, sweep it and let a writer in.
        asking: seconds of the first queue in a process that has its program loaded.
        starting: seconds of `watchfloor leads` as a new process, by the clock.
        working: seconds of processor time of the same.
    """

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    opening: list[float] = field(default_factory=list)
    asking: list[float] = field(default_factory=list)
    starting: list[float] = field(default_factory=list)
    working: list[float] = field(default_factory=list)


class Soak:
    """Kills, one after the other; `tally` says what came of them."""

    def __init__(self, days: Days, folder: Path, seed: int, starts: int) -> None:
        self.days, self.folder, self.draw, self.starts = days, folder, random.Random(seed), starts
        self.tally, self.kills, self.numbers = Tally(), 0, 0
        self.usual = dict.fromkeys(ACTS, (30, 0.1))
        self.names: list[str] = []
        self.book = Book(folder)
        self.last: Step | None = None

    def run(self, kills: int) -> None:
        """So many kills, or as many as there is patience for."""
        with suppress(KeyboardInterrupt):
            self._run(kills)

    def _run(self, kills: int) -> None:
        while self.kills < kills:
            if self.kills % GENERATION == 0 or self.kills == 0:
                self._anew()
            if self._kill():
                self.kills += 1
                self._after()
                _tell(self.kills, kills, self.tally)

    def _anew(self) -> None:
        """A new floor, and a day on it without a kill, which tells how long the acts are."""
        self.book = Book(self.folder / f"floor-{self.kills}")
        begin(self.book.folder)
        self._note(self.days.live(self.book.folder, [self._step(n) for n in ["ingest", "run", *ACTS]]))

    def _step(self, name: str, words: Any = None) -> tuple[Any, ...]:
        self.numbers += 1
        return name, self.numbers, words

    def _kill(self) -> bool:
        """One kill; false where the act could not begin."""
        self.names = self.names or self.draw.sample(list(ACTS), len(ACTS))
        name = self.names.pop()
        steps = [self._step(each) for each in (*BEFORE.get(name, ()), name)]
        points, seconds = self.usual[name]
        share, by_time = self.draw.random(), self.draw.random() < 0.5
        point, delay = (0, share * seconds) if by_time else (1 + int(share * points), 0.0)
        self.last = self._note(self.days.live(self.book.folder, steps, len(steps) - 1, point, delay))
        return self.last is not None

    def _note(self, said: Iterator[dict[str, Any]]) -> Step | None:
        """Keep what a child says; gives its last act."""
        last = None
        for one in said:
            if "begin" in one:
                last = Step(one["begin"], one["number"], tuple(one["words"]))
                self.book.cut.add(last)
            elif "done" in one and last:
                self.book.cut.discard(last)
                self.book.done[last] = one["said"]
                self.usual[last.name] = one["points"], one["seconds"]
            else:
                last = None
                if "failed" in one:
                    self.tally.lost.append(f"{one['failed']} {one['number']} failed: {one['why']}")
        return last

    def _after(self) -> None:
        """Open, check, ask, and type the act again."""
        step = self.last
        assert step
        started = time.perf_counter()
        with Floor.open(self.book.floor).writer(ACTOR):
            self.tally.opening.append(time.perf_counter() - started)
        found = list(losses(self.book))
        there = is_there(self.book, step)
        acknowledged = step in self.book.done
        left = "no mark" if step.name in UNMARKED else "whole" if there else "absent"
        column = "acknowledged" if acknowledged else left
        self.tally.seen.update([(step.name, "kills"), (step.name, column)])
        if behind(Floor.open(self.book.floor), desks().values()):
            self.tally.seen[step.name, "behind"] += 1
        if self.kills % self.starts == 1 or self.starts == 1:
            self._restart()
        if not acknowledged:
            found += self._again(step, there)
        self.tally.lost += [f"kill {self.kills}, {step.name} {step.number}: {one}" for one in found]

    def _restart(self) -> None:
        """A new process, to its first answer."""
        command = [sys.executable, "-m", "watchfloor", "leads", "--top", "5", "--json", "--floor"]
        before, started = _children(), time.perf_counter()
        done = subprocess.run([*command, str(self.book.floor)], capture_output=True, text=True, check=False)
        self.tally.starting.append(time.perf_counter() - started)
        self.tally.working.append(_children() - before)
        if done.returncode:
            self.tally.lost.append(f"kill {self.kills}: no queue after it: {done.stderr.strip()}")

    def _again(self, step: Step, there: int) -> Iterator[str]:
        """The same words once more: what was there must be told, or at least be harmless."""
        steps = [self._step("leads"), (step.name, step.number, list(step.words))]
        for one in self.days.live(self.book.folder, steps):
            if one.get("done") == "leads" and one["number"] != step.number:
                self.tally.asking.append(one["seconds"])
            elif "done" in one:
                self.book.cut.discard(step)
                self.book.done[step] = one["said"]
                yield from self._repeated(step, there, one["said"])
            elif "failed" in one and there:
                self.tally.seen[step.name, "told"] += 1
            elif "failed" in one:
                yield f"cannot be done again: {one['why']}"

    def _repeated(self, step: Step, there: int, said: list[dict[str, Any]]) -> Iterator[str]:
        now = is_there(self.book, step)
        if step.name == "ingest" and there:
            total = said[-1]["total"]
            if total["accepted"] or total["received"] != total["duplicate"]:
                yield f"a repeated delivery was not told as one: {total}"
            self.tally.seen[step.name, "told"] += 1
        elif there and now > there:
            self.tally.seen[step.name, "twice"] += 1
        elif there:
            self.tally.seen[step.name, "told"] += 1


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tell(kills: int, of: int, tally: Tally) -> None:
    if sys.stderr.isatty() or kills % 10 == 0:
        print(f"{kills} of {of} kills, {len(tally.lost)} losses", file=sys.stderr, flush=True)
