"""The scheduler of a console: looks what is due, and has one task at a time done in a process of its own."""

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from watchfloor.console import operations
from watchfloor.console.jobs import children
from watchfloor.console.upkeep import schedule as schedules
from watchfloor.console.upkeep import tasks
from watchfloor.console.upkeep.schedule import Schedule, TaskStatus
from watchfloor.formats.settings import SettingsError
from watchfloor.policy import callers
from watchfloor.store.errors import FloorBusy, StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

LOOKS: Final = 5.0
"""Seconds between two looks at what is due."""
PATIENCE: Final = 10.0
"""Seconds in which a task that is to stop may take away what it has half written."""
_CONTEXT: Final = multiprocessing.get_context("spawn")


def actor(floor: Floor, known: Schedule) -> Actor:
    """Who acts: the account that the schedule names, else that under which this process runs."""
    name = known.account or callers.user(floor.root, os.environ.get("WATCHFLOOR_USER"))
    return Actor(name, known.purpose, known.authority)


class Scheduler:
    """The scheduler of one floor.

    Args:
        floor: to keep up.
        start: has a task done for a moment beside this process; gives whether it still runs, to be called.
        clock: gives the time.
    """

    def __init__(
        self,
        floor: Floor,
        start: "Callable[[Path, str, datetime], Running] | None" = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._floor, self._start, self._clock = floor, start or Child, clock
        self._since = self._before = clock()
        self._running: Running | None = None
        self._tried: set[tuple[str, datetime]] = set()
        self._known: tuple[object, list[TaskStatus]] | None = None
        self.problem = ""

    def look(self) -> None:
        """Begin what is due, unless something is at work."""
        now = self._clock()
        if now < self._before:  # the clock was set back: count from here
            self._since = now
        self._before = now
        if self._running is not None and self._running.alive:
            return
        self._running = None
        schedule = schedules.load(self._floor)
        for status in self.statuses(schedule, now):
            moment = schedules.due(status, schedule.tasks[status.task], now, self._since)
            key = status.task, moment or now
            if moment is None or (key in self._tried and status.state != "interrupted"):
                continue
            self._tried = {one for one in self._tried if one[0] != status.task} | {key}
            self._known = None
            self._running = self._start(self._floor.root, status.task, moment)
            return

    def watch(self, stopped: threading.Event) -> None:
        """Look until it is stopped; what is wrong is logged once."""
        while not stopped.wait(LOOKS):
            try:
                self.look()
                self.problem = ""
            except Exception as error:
                if (said := str(error)) != self.problem:
                    operations.incident(error, "schedule", told=True)
                self.problem = said or type(error).__name__

    def statuses(self, schedule: Schedule | None = None, now: datetime | None = None) -> list[TaskStatus]:
        """How the tasks stand."""
        known = schedule or schedules.load(self._floor)
        stamp = self._floor.newest_act(schedules.ACT), known
        if self._known is None or self._known[0] != stamp or now is not None:
            self._known = stamp, schedules.statuses(self._floor, known, now or self._clock())
        return self._known[1]

    @property
    def metrics(self) -> list[str]:
        """Lines for Prometheus."""
        try:
            found = self.statuses()
        except (StoreError, SettingsError):
            return ["watchfloor_schedule_broken 1"]
        lines = [f"watchfloor_schedule_broken {int(bool(self.problem))}"]
        for one in found:
            label = f'{{task="{one.task}"}}'
            lines.append(f"watchfloor_task_failed{label} {int(one.state in ('failed', 'interrupted'))}")
            for name, moment in (("success", one.succeeded), ("drill", one.drilled), ("next", one.next)):
                if moment is not None:
                    lines.append(f"watchfloor_task_{name}_timestamp_seconds{label} {moment.timestamp():.0f}")
        return lines

    def close(self) -> None:
        """End what is at work; it is begun once more by the next console."""
        if self._running is not None:
            self._running.close()


class Running:
    """A task at work."""

    alive = False

    def close(self) -> None:
        """End it."""


class Child(Running):
    """A task in a process of its own, which readers of pages do not feel."""

    def __init__(self, root: Path, task: str, due: datetime) -> None:
        self._process: Any = _CONTEXT.Process(
            target=_perform, args=(str(root), task, due.isoformat()), daemon=True
        )
        self._process.start()

    @property
    def alive(self) -> bool:  # type: ignore[override]
        """Whether it runs."""
        return bool(self._process.is_alive())

    def close(self) -> None:
        """End it: asked first, so that it takes away what it has half written."""
        self._process.terminate()
        self._process.join(PATIENCE)
        self._process.kill()
        self._process.join()


def _perform(root: str, task: str, due: str) -> None:
    children.begin()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    floor = Floor.open(root)
    known = schedules.load(floor)
    fields: dict[str, object] = {"task": task}
    try:
        status = tasks.perform(floor, task, actor(floor, known), datetime.fromisoformat(due))
        if status is not None:
            fields |= {"state": status.state, "seconds": status.detail.get("seconds")}
            operations.event("task", logging.INFO if status.state == "done" else logging.ERROR, **fields)
    except FloorBusy:  # another server is at it
        pass
    except Exception as error:
        operations.incident(error, "schedule", told=True)
