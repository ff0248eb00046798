"""The runner over processes of this machine: desks with a cut in parts, others in one piece.

Processes are spawned, on every platform: a fork of a process with threads, as Arrow and Numba have, may hang.
"""

import pickle
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import lru_cache
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.run.cut import EVERY, numbers, split
from watchfloor.run.fold import Emitted, Fold, gathered

PARTS_A_WORKER: Final = 4
"""More parts than workers, so that one heavy part does not leave the others idle."""
SHARED: Final = 0.01
"""Share of rows that every part needs, as lists are, from which on each worker has one part."""


class Pool:
    """A runner: `with Pool(4) as pool: run(desk, inputs, refs, pool)`. Workers start once and are kept.

    Args:
        workers: how many processes; as many as there are processors where None.
        deadline: seconds that an answer may take; the workers are ended after that.
    """

    def __init__(self, workers: int | None = None, deadline: float = 3600) -> None:
        self._workers, self._deadline = workers or cpu_count() or 1, deadline
        self._executor = ProcessPoolExecutor(self._workers, get_context("spawn"))

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers."""
        self._executor.shutdown()

    def __call__(self, desk: Desk[Any], refs: Refs, rows: pa.Table, until: datetime) -> dict[str, pa.Table]:
        """Fold `rows` in the workers."""
        with TemporaryDirectory(prefix="watchfloor-", ignore_cleanup_errors=True) as folder:
            Path(folder, "fold").write_bytes(_packed(desk, refs, until))
            paths = []
            for i, part in enumerate(self._parts(desk, rows)):
                paths.append(_written(part, Path(folder, f"{i}.arrow")))
            try:
                results = self._executor.map(_fold, [folder] * len(paths), paths, timeout=self._deadline)
                return gathered(desk, [emitted for result in results for emitted in result])
            except BrokenProcessPool as error:
                raise DeskError(
                    f"desk {desk.name!r}: a worker process died, which is what too little memory looks like; "
                    "run with fewer workers, or inline"
                ) from error
            except TimeoutError as error:
                self._end()
                raise DeskError(
                    f"desk {desk.name!r} ({desk.place}): no answer from the workers within "
                    f"{self._deadline:g} seconds"
                ) from error

    def _parts(self, desk: Desk[Any], rows: pa.Table) -> Iterator[pa.Table]:
        """The parts: as many as there are workers where each begins with many rows that all parts need."""
        part = numbers(desk, rows, self._workers * PARTS_A_WORKER)
        every = part == EVERY
        many = np.count_nonzero(every) > SHARED * len(every)
        return split(rows, np.where(every, EVERY, part % self._workers) if many else part)

    def _end(self) -> None:
        """End workers that may never come back, and start others for the next run."""
        workers = list(self._executor._processes.values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        self._executor = ProcessPoolExecutor(self._workers, get_context("spawn"))


def _packed(desk: Desk[Any], refs: Refs, until: datetime) -> bytes:
    try:
        return pickle.dumps((desk, refs, until))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise DeskError(
            f"desk {desk.name!r} ({desk.place}) cannot be handed to another process: its functions must "
            f"stand at the top of a module that can be imported there ({error})"
        ) from error


def _written(rows: pa.Table, path: Path) -> str:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        writer.write_table(rows)
    return str(path)


@lru_cache(maxsize=1)
def _unpacked(folder: str) -> tuple[Desk[Any], Refs, datetime]:
    desk, refs, until = pickle.loads(Path(folder, "fold").read_bytes())  # noqa: S301 - written by our own parent
    return desk, refs, until


def _fold(folder: str, path: str) -> Emitted:
    """In a worker: fold one part, read without a copy."""
    desk, refs, until = _unpacked(folder)
    with pa.memory_map(path) as file:
        return Fold(desk, refs).run(pa.ipc.open_file(file).read_all(), until)
