"""The process of trials: tables are read in it, within limits of memory and time."""

import multiprocessing
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.core.messages import declare
from watchfloor.feeds.isolation import MEMORY_A_BYTE, MOST_MEMORY
from watchfloor.feeds.reader_process import Limits
from watchfloor.formats.base import FormatError
from watchfloor.formats.tabular.mapping import Mapping
from watchfloor.formats.tabular.spreadsheet import is_workbook
from watchfloor.formats.tabular.trial import (
    Other,
    Table,
    head_of,
    other,
    table,
    tried,
)

MEMORY: Final = 1 << 30
"""Bytes of memory that the process of trials may take for any file."""
WORKBOOK: Final = 256 << 20
"""Bytes of a workbook, which is read whole."""
WAIT: Final = 60.0
"""Seconds that a page waits for a trial."""
UNREADABLE: Final = declare("console.mapping-unreadable", "problem")
TOO_BIG: Final = declare("console.mapping-workbook", "most")
TOO_SLOW: Final = declare("console.mapping-too-slow", "name", "most")
TOO_HARD: Final = declare("console.mapping-too-hard", "name")


def look(path: str, name: str, kind: str) -> tuple[Table | None, Other | None]:
    """The table in a file, or what it is that is none; in the process of trials."""
    file = Path(path)
    if (no_table := other(head_of(file, name))) is not None:
        return None, no_table
    return table(file, name, Mapping(kind)), None


def in_trial(asker: Asker, name: str, work: Any, *args: Any) -> Any:
    """Return the result of work that is done in the process of trials; `FormatError` comes through."""
    path = Path(args[0])
    with path.open("rb") as file:
        if is_workbook(file.read(8)) and path.stat().st_size > WORKBOOK:
            refuse(TOO_BIG, most=WORKBOOK >> 20)
    future: Future[Any]
    job, future = asker.services.trials.start("try", name, asker.name, "", _quietly, work, args)
    try:
        return future.result(WAIT)
    except FormatError as error:
        if work is tried:
            raise
        refuse(UNREADABLE, problem=str(error))
    except TimeoutError:
        late = asker.services.trials.get(job.id)
        asker.services.trials.stop(job.id)
        if late is not None and late.state == "waiting":  # behind those of others: it may be quick to read
            raise
        refuse(TOO_SLOW, name=name, most=int(WAIT))
    except (RuntimeError, MemoryError):  # its process died
        refuse(TOO_HARD, name=name)


def _quietly(work: Any, args: tuple[Any, ...], say: Any) -> Any:
    """Do a work within limits of memory and processor time, where this is a process of its own."""
    del say
    limits = Limits(lambda: None)
    if multiprocessing.parent_process() is not None:
        size = Path(args[0]).stat().st_size
        limits.hold(WAIT, min(MEMORY + MEMORY_A_BYTE * size, MOST_MEMORY))
    try:
        return work(*args)
    finally:
        limits.lift()


def leaf(path: str, name: str, kind: str, sheet: str) -> Table:
    """Return the table on a sheet of a workbook; in the process of trials."""
    return table(Path(path), name, Mapping(kind, sheet=sheet))
