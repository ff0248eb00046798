"""Compiles the kernels of every desk, once a machine, so that nobody waits for it at 3 a.m.

    python -m watchfloor.run.warm

Numba keeps what it compiled beside the modules, or in the user's cache where these may not be written to. A
desk's sample runs through all of its kernels. Where that takes long, its module `sample` names parts of it
under `KERNELS`: functions that compile one part each, at the same time.
"""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from watchfloor.desks import registry
from watchfloor.run.runner import run


def warm(workers: int = 2) -> float:
    """Compile everything; gives the seconds it took."""
    began = time.perf_counter()
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for part in [pool.submit(one) for one in parts()]:
            part.result()
        for desk in [pool.submit(_sampled, name) for name in registry.desks()]:
            desk.result()
    return time.perf_counter() - began


def parts() -> Iterator[Callable[[], object]]:
    """Functions that compile a part each."""
    for desk in registry.desks().values():
        yield from getattr(import_module(f"{desk.place.rpartition('.')[0]}.sample"), "KERNELS", ())


def _sampled(name: str) -> None:
    desk = registry.desks()[name]
    run(desk, *registry.sample(desk, 0))


if __name__ == "__main__":
    sys.stderr.write("compiling the kernels, once on this machine: about half a minute on two cores\n")
    sys.stderr.write(f"compiled in {warm():.0f} s\n")
