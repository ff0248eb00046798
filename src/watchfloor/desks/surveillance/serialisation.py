"""Parts of the desk's state on paper, each a table."""

import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.desks.surveillance.evidence_index import ENTRY, Basis, Book
from watchfloor.desks.surveillance.naming import Names

Array = npt.NDArray[Any]

BYTES: Final = pa.schema([("bytes", pa.large_binary())])


def of_book(book: Book) -> pa.Table:
    """Entries of tracks, and where the last scan stands."""
    return pa.table([[book.entries.live.tobytes(), book.scan.tobytes()]], schema=BYTES)


def book(rows: pa.Table) -> Book:
    """The book back from `of_book`; one that was kept by an earlier version begins a scan."""
    entries, *scan = rows["bytes"].to_pylist()
    kept = (np.frombuffer(one, np.int64).copy() for one in scan)
    return Book(np.frombuffer(entries, ENTRY).copy(), next(kept, None))


def of_names(names: Names) -> pa.Table:
    """Names by number, and first reports."""
    repeats = [[id_.hex(), *of] for id_, of in names.repeats.items()]
    told = {"sensor": names.sensor, "claimed": names.claimed, "mark": names.mark, "repeats": repeats}
    return pa.table([[json.dumps(told).encode()]], schema=BYTES)


def names(rows: pa.Table) -> Names:
    """The names back from `of_names`."""
    told = json.loads(rows["bytes"][0].as_py())
    repeats = {bytes.fromhex(id_): tuple(of) for id_, *of in told.pop("repeats")}
    return Names(**told, repeats=repeats)


def of_basis(basis: Basis, arrived: Array, own: Array, clock: int) -> pa.Table:
    """Return the reports that are not taken yet, as a table."""
    counts = np.array([basis.first, clock], np.int64)
    arrays = (counts, basis.record, basis.marking, basis.sensor, arrived, own)
    return pa.table([[one.tobytes() for one in arrays]], schema=BYTES)


def basis(rows: pa.Table) -> tuple[Basis, Array, Array, int]:
    """Basis, clocks of arrival, whether each is its object's own, and the clock, back from `of_basis`."""
    types = (np.int64, np.uint64, np.uint8, np.uint8, np.int64, np.bool_)
    data = rows["bytes"].to_pylist()
    read: list[Array] = [np.frombuffer(one, of).copy() for one, of in zip(data, types, strict=True)]
    counts, record, marking, sensor, arrived, own = read
    first, clock = counts.tolist()
    return Basis(first, record.reshape(-1, 2), marking, sensor), arrived, own, clock
