"""One screener in a process of its own: build time, memory added, CPU time of every answer."""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.listings.peers import PEERS, Answer, Ask, label
from benchmarks.listings.questions import Question

clock = time.perf_counter if sys.platform == "win32" else time.process_time
"""CPU time where its clock is fine enough: a busy machine does not blur it. Wall time on Windows."""

CLOCK = "wall time" if sys.platform == "win32" else "CPU time"

BUILDS = 3
"""Builds of which the median is taken, unless the first takes over `PATIENCE` seconds."""

PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one screener did with all questions.

    Attributes:
        label: package, version, method.
        build: seconds, the median of the builds.
        added: megabytes of resident memory that the first build added, after a warm-up on ten listings.
        seconds: of each answer, in the order of the questions.
        answers: hits of each question, best first.
    """

    label: str
    build: float
    added: float
    seconds: np.ndarray
    answers: list[list[Answer]]

    @property
    def rate(self) -> float:
        """Screens a second."""
        return len(self.seconds) / float(self.seconds.sum())

    def milliseconds(self, percentile: float) -> float:
        return float(np.percentile(self.seconds, percentile)) * 1e3


def resident() -> float:
    """Resident memory of this process, MB."""
    import psutil

    gc.collect()
    pa.default_memory_pool().release_unused()
    return float(psutil.Process().memory_info().rss) / 1e6


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = clock()
    done = work()
    return done, clock() - start


def answer_all(ask: Ask, questions: Sequence[Question]) -> tuple[list[list[Answer]], np.ndarray]:
    """Every answer and the seconds it took."""
    answers, marks = [], [clock()]
    for answer in ask(questions):
        marks.append(clock())
        answers.append(answer)
    return answers, np.diff(marks)


def run(peer: str, listings: pa.Table, questions: list[Question]) -> Run:
    build = PEERS[peer][1]
    list(build(listings.slice(0, 10))(questions[:3]))
    before = resident()
    ask, first = timed(lambda: build(listings))
    added = resident() - before
    answers, seconds = answer_all(ask, questions)
    times = [first]
    while len(times) < BUILDS and first < PATIENCE:
        times.append(timed(lambda: build(listings))[1])
    return Run(label(peer), median(times), added, seconds, answers)


def fresh(function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's result, from a new process: no peer inherits another's memory or caches."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()
