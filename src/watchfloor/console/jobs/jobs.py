"""Jobs: long work that a page starts and does not wait for, one at a time, in a process of its own.

What writes to the floor goes here, so that readers keep the interpreter to themselves while rows come in. A
job that fails tells why, and is kept to be looked at. Where its process dies, that job has failed, and the
next begins in another one. Where the console ends, however it ends, the next one has its jobs: it does
those that waited, and tells of one that ran that it was interrupted. Numbers of jobs would tell how many
others have started, so ids are random.
"""

import multiprocessing
import os
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_type_hints

import msgspec

from watchfloor.console.jobs import children
from watchfloor.console.jobs.job_file import KEPT, JobFile, JobRow

EVERY: Final = 0.2
"""Seconds between two things that a job says."""
MOST_STARTS: Final = 2
"""How often a job begins without being asked: one that ends its console must not do so for ever."""
GRACE: Final = 3.0
"""Seconds in which a job that is to stop may end by itself; then its process is ended."""

State = Literal["waiting", "running", "done", "failed", "stopped", "interrupted"]
Say = Callable[[str, int], None]
"""Told what is being done and how many rows so far. Raises `Stopped` where the job shall end."""

DIED: Final = (
    "the process that did this died, perhaps for want of memory. What it had committed stays; of the rest "
    "nothing is kept. Start it again"
)
SHUT: Final = "the console was stopped; what was not committed by then is not kept"
INTERRUPTED: Final = "…interrupted"
"""What a job says that ran when its console ended; the page has words for it."""
ENDED: Final = "it was stopped; what was not committed by then is not kept"

_said: Any = None
_stop: Any = None


class Stopped(Exception):  # noqa: N818 - no error: somebody wanted it so
    """A job that was told to stop."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Attributes:
        id: its name, which nobody can guess.
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
        again: whether it can be started again, should it be interrupted.
    """

    id: str
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
    again: bool = False


class _Work(NamedTuple):
    job: str
    work: Callable[..., Any]
    args: tuple[Any, ...]
    future: "Future[Any]"
    upload: Path | None = None


class JobRecord(NamedTuple):
    """Where the jobs of a console are kept.

    Attributes:
        file: the rows.
        root: the floor's folder, which is the first argument of all that is kept.
        uploads: folder of the files that jobs take in; such a file is the second argument.
        works: by its sort, what a job does that another console can do.
        repeats: sorts that do no harm when they are begun once more without being asked.
    """

    file: JobFile
    root: Path
    uploads: Path
    works: Mapping[str, Callable[..., Any]]
    repeats: frozenset[str] = frozenset()


class Jobs:
    """The jobs of a console.

    Args:
        executor: where they run; None: a process of its own, and another where that dies.
        record: where they are kept; None: they are gone with the console.
    """

    def __init__(self, executor: Executor | None = None, record: JobRecord | None = None) -> None:
        self._record = record
        self._context = multiprocessing.get_context("spawn")
        self._own = executor is None
        self._stop: Any = threading.Event()
        self._said: Any = queue.Queue()
        self._wires = None if self._own else (self._said, self._stop)
        self._jobs: dict[str, Job] = {}
        self._killed = ""
        self._waiting: deque[_Work] = deque()
        self._running: _Work | None = None
        self._closed = False
        self._guard = threading.RLock()
        self._pid = 0
        self._executor = executor or self._process()
        if executor is not None:
            self._hear()

    def start(
        self,
        what: str,
        name: str,
        by: str,
        marking: str,
        work: Callable[..., Any],
        *args: Any,
        upload: Path | None = None,
    ) -> tuple[Job, "Future[Any]"]:
        """Have `work(*args, say)` done after what waits already; gives the job, and its result to come.

        `upload`: the file that it takes in, which is one of its arguments, and is deleted when it is over.
        """
        again = self._record is not None and self._record.works.get(what) is work
        job = Job(secrets.token_hex(6), what, name, by, marking, "waiting", datetime.now(UTC), again=again)
        if self._record is not None:
            told = msgspec.json.encode(args[1 if upload is None else 2 :]) if again else None
            row = JobRow(job.id, what, name, by, marking, "waiting", job.at.timestamp())
            self._record.file.keep(row._replace(file=upload.name if upload else None, args=told))
        return self._enqueue(job, _Work(job.id, work, args, Future(), upload))

    def resume(self, dead: list[str], admits: Callable[[str], bool]) -> None:
        """Take over the jobs of consoles that are no more.

        What waited is done, if whoever started it is still admitted; what ran is told as interrupted, or is
        begun once more where that does no harm.
        """
        if self._record is None:
            return
        for row in self._record.file.adopt(dead):
            job = _job(row, self._record)
            harmless = (
                row.state == "running" and row.what in self._record.repeats and row.starts < MOST_STARTS
            )
            if row.ended is not None:
                self._jobs[job.id] = job
            elif job.again and (row.state == "waiting" or harmless) and admits(row.by):
                self._record.file.end(job.id, "interrupted", INTERRUPTED)
                self._jobs[job.id] = replace(job, state="interrupted")
                self.again(job.id)
            else:
                self._record.file.end(job.id, "interrupted", INTERRUPTED)
                ended = datetime.now(UTC)
                self._jobs[job.id] = replace(job, state="interrupted", ended=ended, text=INTERRUPTED)

    def again(self, name: str) -> bool:
        """Start a job again that was interrupted; False where it was not, or nobody can."""
        job = self.get(name)
        if job is None or not job.again or self._record is None or not self._record.file.wait_again(name):
            return False
        row = self._record.file.row(name)
        work, upload = self._record.works[row.what], None
        hints = [kind for argument, kind in get_type_hints(work).items() if argument not in ("say", "return")]
        args: list[Any] = [str(self._record.root)]
        if row.file is not None:
            upload = self._record.uploads / row.file
            args.append(str(upload))
        told = msgspec.json.decode(row.args or b"[]")
        args += [msgspec.convert(one, kind) for one, kind in zip(told, hints[len(args) :], strict=True)]
        self._enqueue(
            replace(job, state="waiting", ended=None, text="", rows=0),
            _Work(name, work, tuple(args), Future(), upload),
        )
        return True

    def forget(self) -> None:
        """Forget every job that is over, as an erasure asks."""
        with self._guard:
            self._jobs = {name: job for name, job in self._jobs.items() if job.ended is None}

    def _enqueue(self, job: Job, one: _Work) -> tuple[Job, "Future[Any]"]:
        with self._guard:
            self._jobs[job.id] = job
            for old in [each.id for each in self._jobs.values() if each.ended][: -KEPT or None]:
                del self._jobs[old]
            self._waiting.append(one)
        self._next()
        return self.get(job.id) or job, one.future

    def all(self) -> list[Job]:
        """Every job that is remembered, the newest first."""
        with self._guard:
            return list(reversed(self._jobs.values()))

    def get(self, name: str) -> Job | None:
        """One job, or None."""
        with self._guard:
            return self._jobs.get(name)

    def stop(self, name: str) -> None:
        """Stop a job: one that waits never begins; one that runs ends, or is ended after `GRACE`."""
        with self._guard:
            if self._running is not None and self._running.job == name:
                self._stop.set()
                late = threading.Timer(GRACE, self._kill, (name,))
                late.daemon = True
                late.start()
                return
            mine = next((one for one in self._waiting if one.job == name), None)
            if mine is not None:
                self._waiting.remove(mine)
        if mine is not None:
            self._end(mine, error=Stopped(ENDED))

    def close(self) -> None:
        """Tell the running job to stop and wait until it has; start none any more."""
        with self._guard:
            self._closed = True
            waiting = list(self._waiting)
            self._waiting.clear()
            running = self._running
            if running is not None:
                self._stop.set()
        for one in waiting:
            self._end(one, error=Stopped(SHUT))
        late = threading.Timer(GRACE, self._kill, (running.job if running else "",))
        late.daemon = True
        late.start()
        self._executor.shutdown(wait=True, cancel_futures=True)
        late.cancel()
        self._said.put(None)
        self._ear.join()

    def _process(self) -> Executor:
        """A process with wires of its own: one that was ended may have held a lock of those before."""
        self._pid = 0
        self._stop, self._said = self._context.Event(), self._context.Queue()
        self._said.cancel_join_thread()
        self._hear()
        return ProcessPoolExecutor(1, self._context, _begin, (self._said, self._stop))

    def _hear(self) -> None:
        self._ear = threading.Thread(target=self._listen, args=(self._said,), name="jobs", daemon=True)
        self._ear.start()

    def _kill(self, name: str) -> None:
        """End the process of a job that was told to stop and has not; what it has committed stays."""
        with self._guard:
            if self._running is None or self._running.job != name:
                return
            mine = [one for one in multiprocessing.active_children() if self._pid and one.pid == self._pid]
            self._killed = name if mine else ""
            for one in mine:  # before a next job may begin in it
                one.kill()

    def _next(self) -> None:
        """Begin the next job where none runs."""
        with self._guard:
            if self._running is not None or not self._waiting or self._closed:
                return
            one = self._running = self._waiting.popleft()
            self._stop.clear()
            if self._record is not None:
                self._record.file.begin(one.job)
            self._change(one.job, state="running")
        try:
            doing = self._executor.submit(_work, one.job, one.work, one.args, self._wires)
        except BrokenProcessPool:  # it died while nothing ran
            self._executor = self._anew()
            doing = self._executor.submit(_work, one.job, one.work, one.args, self._wires)
        except RuntimeError:  # the console stops at this very moment
            self._end(one, error=Stopped(SHUT))
            return
        doing.add_done_callback(lambda done: self._done(one, done))

    def _done(self, one: _Work, done: "Future[Any]") -> None:
        error = Stopped(SHUT) if done.cancelled() else done.exception()
        if isinstance(error, BrokenProcessPool):
            error = Stopped(ENDED) if self._killed == one.job else RuntimeError(DIED)
            if self._own and not self._closed:
                self._executor = self._anew()
        if isinstance(error, Stopped):
            error = Stopped(SHUT if self._closed else ENDED)
        self._end(one, None if error else done.result(), error)
        with self._guard:
            self._running = None
        self._next()

    def _end(self, one: _Work, result: Any = None, error: BaseException | None = None) -> None:
        """Note how a job ended, then tell who waits for it."""
        ended, shut = datetime.now(UTC), isinstance(error, Stopped) and str(error) == SHUT
        text = "" if error is None else str(error) or type(error).__name__
        state = "done" if error is None else "stopped" if isinstance(error, Stopped) else "failed"
        if self._record is not None and not (shut and (job := self.get(one.job)) and job.again):
            # else it waits, or runs, until the next console has it
            self._record.file.end(one.job, state, text, _encoded(result))
            if one.upload is not None:
                one.upload.unlink(missing_ok=True)
        self._change(one.job, state=state, ended=ended, text=text, result=result)
        if error is None:
            one.future.set_result(result)
        else:
            one.future.set_exception(error)

    def _change(self, name: str, **what: Any) -> None:
        with self._guard:
            if (job := self._jobs.get(name)) and job.ended is None:
                self._jobs[name] = replace(job, **what)

    def _anew(self) -> Executor:
        """Another process in place of one that died."""
        self._said.put(None)
        return self._process()

    def _listen(self, said: Any) -> None:
        for name, text, rows in iter(said.get, None):
            if name:
                self._change(name, text=text, rows=rows)
            else:
                self._pid = rows


def _encoded(result: Any) -> bytes | None:
    return None if result is None else msgspec.json.encode(result)


def _job(row: JobRow, record: JobRecord) -> Job:
    """A job as a console before this one has kept it."""
    work = record.works.get(row.what)
    kind = get_type_hints(work)["return"] if work else Any
    ended = None if row.ended is None else datetime.fromtimestamp(row.ended, UTC)
    return Job(
        *(row.id, row.what, row.name, row.by, row.marking, row.state),  # type: ignore[arg-type]
        at=datetime.fromtimestamp(row.at, UTC),
        ended=ended,
        text=row.text,
        result=None if row.result is None else msgspec.json.decode(row.result, type=kind),
        again=work is not None and row.args is not None,
    )


def _begin(said: Any, stop: Any) -> None:
    """In the process of jobs: it ends by what its console says, and with it, however that ends."""
    global _said, _stop
    _said, _stop = said, stop
    said.put(("", "", os.getpid()))
    children.begin()


def _work(name: str, work: Callable[..., Any], args: tuple[Any, ...], wires: tuple[Any, Any] | None) -> Any:
    (said, stop), last, told = wires or (_said, _stop), 0.0, ""

    def say(text: str, rows: int) -> None:
        nonlocal last, told
        if stop.is_set():
            raise Stopped
        if text != told or time.monotonic() - last >= EVERY:
            last, told = time.monotonic(), text
            said.put((name, text, rows))

    return work(*args, say)
