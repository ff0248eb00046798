"""Compile kernels ahead of their first use: those of desks, and parts that another room names.

Kernels are compiled when they are first called and then kept, see `core.kernels`. A desk's sample runs
through all of its kernels. Where that takes long, its module `sample` names functions under `KERNELS` that
compile a part each, so that parts are compiled at the same time.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

from watchfloor.core.kernels import load_compiler
from watchfloor.desks import registry
from watchfloor.run.runner import run

LOW_PRIORITY = 5
"""Added to the niceness of the processes that compile."""


def warm(desks: Collection[str], workers: int, more: Iterable[Callable[[], object]] = ()) -> float:
    """Compile the kernels of some desks and `more` parts at low priority; return the seconds it took."""
    began = time.perf_counter()
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin) as pool:
        for part in [pool.submit(one) for one in (*more, *(one for name in desks for one in parts(name)))]:
            part.result()
        for desk in [pool.submit(_run_sample, name) for name in desks]:
            desk.result()
    return time.perf_counter() - began


def parts(desk: str) -> Iterable[Callable[[], object]]:
    """Return functions that compile a part of a desk each."""
    place = registry.desks()[desk].place.rpartition(".")[0]
    return getattr(import_module(f"{place}.sample"), "KERNELS", ())


def _begin() -> None:
    if hasattr(os, "nice"):
        os.nice(LOW_PRIORITY)
    load_compiler()


def _run_sample(name: str) -> None:
    desk = registry.desks()[name]
    run(desk, *registry.sample(desk, 0))
