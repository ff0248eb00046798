"""The process that is killed: it imports once, then forks a child for each order on its input.

A child says on its output when an act begins (`begin`, with the words typed), when it has returned (`done`,
with what it printed) and, armed, kills itself at the n-th point where the disk is about to change: a file
opened, moved or deleted, an fsync before and after, a statement of SQLite; or after so many seconds.
"""

import json
import os
import resource
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.soak.acts import ACTS, Failed, begin, call

DISK = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link"})
"""Audit events after which the disk is another."""


class Points:
    """Counts the points of one act, and kills this process at one of them.

    Attributes:
        count: points so far.
        deadly: at which this process ends; 0 for none.
    """

    def __init__(self) -> None:
        self.count = self.deadly = 0
        sys.addaudithook(self._audit)
        self._fsync, self._connect = os.fsync, sqlite3.connect
        os.fsync, sqlite3.connect = self._synced, self._connected

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event in DISK or (event == "open" and _writes(args)):
            self._step()

    def _connected(self, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = self._connect(*args, **kwargs)
        connection.set_trace_callback(self._step)
        return connection

    def _synced(self, descriptor: int) -> None:
        self._step()
        self._fsync(descriptor)
        self._step()

    def _step(self, _: str = "") -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def _end(delay: float) -> None:
    """Kill this process after so many seconds, wherever it is: SQLite and fsync let other threads run."""
    time.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)


def _writes(args: tuple[Any, ...]) -> bool:
    _, mode, flags = args
    return bool(flags & (os.O_WRONLY | os.O_RDWR)) if mode is None else any(c in mode for c in "wax+")


def say(**what: Any) -> None:
    """One line to whoever watches; it is whole, since a pipe takes a short line as one."""
    os.write(1, (json.dumps(what) + "\n").encode())


@contextmanager
def _silent() -> Iterator[None]:
    """With standard output for lines of `say` only."""
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout, out = nowhere, sys.stdout
        try:
            yield
        finally:
            sys.stdout = out


def live(points: Points, order: dict[str, Any]) -> None:
    """Do the acts of an order; a step is (act, number, words or null)."""
    folder = Path(order["folder"])
    for at, (name, number, words) in enumerate(order["steps"]):
        try:
            typed = words or ACTS[name].words(folder, number)
        except Failed as error:
            say(skipped=name, number=number, why=str(error))
            continue
        say(begin=name, number=number, words=typed)
        room = order.get("room", resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        points.count, points.deadly = 0, order["point"] if at == order["armed"] else 0
        if at == order["armed"] and order["delay"]:
            Thread(target=_end, args=(order["delay"],), daemon=True).start()
        started = time.perf_counter()
        try:
            said = call(*typed)
            say(
                done=name,
                number=number,
                said=said,
                points=points.count,
                seconds=time.perf_counter() - started,
            )
        except Exception as error:  # whatever it ends with is for the watcher to judge
            say(failed=name, number=number, why=f"{type(error).__name__}: {error}")
        if at == order["armed"]:  # it was faster than usual: killed after its answer
            os.kill(os.getpid(), signal.SIGKILL)


def warm() -> None:
    """Load and compile what a day needs, so that a child's acts take as long as they do."""
    with tempfile.TemporaryDirectory() as folder, _silent():
        begin(Path(folder) / "warm")
        for number, name in enumerate(["ingest", "run", *ACTS], 1):
            call(*ACTS[name].words(Path(folder) / "warm", number))


def main() -> None:
    """Fork a child for each order; say `dead` and how it ended."""
    warm()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            points = Points()
            with _silent():
                live(points, json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say(dead=os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
