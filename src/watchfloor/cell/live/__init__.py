"""The live floor's processes: one takes in, one folds, one rolls."""

import multiprocessing
from typing import Any, Final

READY: Final = f"{__name__}.worker_preload"
"""Module that is loaded, and has every desk's kernels loaded, before processes are forked."""


def context() -> Any:
    """Return how processes are begun: forked from one that is ready, where the system can."""
    ways = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")


def prepare() -> None:
    """Begin to load what the processes of the live floor need, in the process that they are forked from.

    Who has something else to load meanwhile waits for the longer of the two, not for both.
    """
    if (begun := context()).get_start_method() == "forkserver":
        from multiprocessing import forkserver  # Windows has none

        begun.set_forkserver_preload([READY])
        forkserver.ensure_running()
