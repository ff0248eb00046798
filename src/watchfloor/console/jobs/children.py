"""Processes that the console starts: they end when it does, however it ends, and not by a Ctrl+C."""

import multiprocessing
import os
import signal
import sys
import threading
from typing import Final

BEHIND: Final = 10
"""How much a child steps back (POSIX niceness): who reads a page waits for no queue that is being made."""


def begin() -> None:
    """Prepare a child process."""
    if sys.platform != "win32":
        os.nice(BEHIND)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    """End when the process that started this one is gone: a worker whom nobody stops would wait for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
