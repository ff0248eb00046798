"""Jobs: long work that a page starts and does not wait for, one at a time, in a process of its own.

What writes to the floor goes here, so that readers keep the interpreter to themselves while rows come in. A
job that fails tells why, and is kept to be looked at.
"""

import itertools
import multiprocessing
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

KEPT: Final = 200
"""Finished jobs that are remembered."""

State = Literal["waiting", "running", "done", "failed"]
Say = Callable[[str, int], None]
"""Told what is being done and how many rows so far."""

_said: Any = None


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Attributes:
        id: its number, from 1, in this run of the console.
        what: such as `ingest`.
        name: of what it works on, such as a file.
        by: who started it.
        marking: of what it works on, as far as that is known.
        state: how far it is.
        at: when it was started.
        ended: when it was done, or failed.
        text: what it is doing now, or why it failed.
        rows: done so far.
        result: what it gave.
    """

    id: int
    what: str
    name: str
    by: str
    marking: str
    state: State
    at: datetime
    ended: datetime | None = None
    text: str = ""
    rows: int = 0
    result: Any = None


class Jobs:
    """The jobs of a console.

    Args:
        executor: where they run; None: a process of its own.
    """

    def __init__(self, executor: Executor | None = None) -> None:
        if executor is None:
            context = multiprocessing.get_context("spawn")
            said: Any = context.Queue()
            executor = ProcessPoolExecutor(1, context, _begin, (said,))
        else:
            said = queue.Queue()
            _begin(said)
        self._executor, self._said = executor, said
        self._jobs: dict[int, Job] = {}
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._ear = threading.Thread(target=self._listen, name="jobs", daemon=True)
        self._ear.start()

    def start(
        self, what: str, name: str, by: str, marking: str, work: Callable[..., Any], *args: Any
    ) -> tuple[Job, "Future[Any]"]:
        """Have `work(*args, say)` done after what waits already; gives the job, and its result to come."""
        with self._guard:
            job = Job(next(self._numbers), what, name, by, marking, "waiting", datetime.now(UTC))
            self._jobs[job.id] = job
            for old in [one.id for one in self._jobs.values() if one.ended][: -KEPT or None]:
                del self._jobs[old]
        future = self._executor.submit(_work, job.id, work, args)
        future.add_done_callback(lambda done: self._done(job.id, done))
        return job, future

    def all(self) -> list[Job]:
        """Every job that is remembered, the newest first."""
        with self._guard:
            return sorted(self._jobs.values(), key=lambda job: -job.id)

    def get(self, number: int) -> Job | None:
        """One job, or None."""
        with self._guard:
            return self._jobs.get(number)

    def close(self) -> None:
        """Let the running job end, start none any more, and stop."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._said.put(None)
        self._ear.join()

    def _done(self, number: int, done: "Future[Any]") -> None:
        ended = datetime.now(UTC)
        if done.cancelled():
            self._change(number, state="failed", ended=ended, text="the console was stopped before it began")
        elif error := done.exception():
            self._change(number, state="failed", ended=ended, text=str(error) or type(error).__name__)
        else:
            self._change(number, state="done", ended=ended, text="", result=done.result())

    def _change(self, number: int, **what: Any) -> None:
        with self._guard:
            if (job := self._jobs.get(number)) and job.ended is None:
                self._jobs[number] = replace(job, **what)

    def _listen(self) -> None:
        for number, text, rows in self._heard():
            self._change(number, state="running", text=text, rows=rows)

    def _heard(self) -> Iterator[tuple[int, str, int]]:
        while (said := self._said.get()) is not None:
            yield said


def _begin(said: Any) -> None:
    global _said
    _said = said


def _work(number: int, work: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    _said.put((number, "", 0))
    return work(*args, lambda text, rows: _said.put((number, text, rows)))
