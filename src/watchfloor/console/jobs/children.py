"""Processes that the console starts: they end when it does, however it ends, and not by a Ctrl+C."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from watchfloor.console import operations
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor

BEHIND: Final = 10
"""How much a child steps back (POSIX niceness): who reads a page waits for no queue that is being made."""

PAUSE: Final = 10.0
"""Seconds between two starts of a process that ends by itself."""


class Child:
    """A process that runs beside the console, and is started again where it ends by itself.

    It may be ended at any moment: what it does is whole or is done again.

    Args:
        work: what it does, called with `arguments`.
        arguments: of plain types.
    """

    def __init__(self, work: Callable[..., object], *arguments: str) -> None:
        self._work, self._arguments = work, arguments
        self._process: Any = None
        self._started = 0.0

    def keep(self) -> None:
        """Start it where it does not run."""
        if self._process is not None and self._process.is_alive():
            return
        if self._process is None or time.monotonic() - self._started > PAUSE:
            self._started = time.monotonic()
            context = multiprocessing.get_context("spawn")
            self._process = context.Process(target=self._work, args=self._arguments, daemon=True)
            self._process.start()

    def close(self, grace: float = 0.0) -> None:
        """End it; with seconds of grace it is asked to first."""
        if self._process is not None:
            if grace:
                self._process.terminate()
                self._process.join(grace)
            self._process.kill()
            self._process.join()


def publish(root: str) -> None:
    """Publish to the partners of a floor what is new, for as long as the console runs."""
    begin()
    from watchfloor.desks.registry import declare_messages
    from watchfloor.exchange.partners import publisher

    declare_messages()
    publisher.watch(Floor.open(Path(root)), threading.Event().wait, _failed)


def _failed(error: Exception) -> None:
    operations.incident(error, "publisher", told=isinstance(error, (StoreError, OSError)))


def ship(root: str) -> None:
    """Ship a floor to its standby for as long as the console runs, and say then that it has stopped."""
    begin()
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    from watchfloor.store.standby.shipping import Shipper

    Shipper(Floor.open(Path(root))).run(stopped)


def begin() -> None:
    """Prepare a child process."""
    if sys.platform != "win32":
        os.nice(BEHIND)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    operations.log_as_parent()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """End when the process that started this one is gone: a worker whom nobody stops would wait for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
