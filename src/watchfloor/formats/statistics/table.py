"""A published table of months as `statistic` rows: what the tables of CBP share.

The whole table is read before a row is given, because the newest month in it may tell its vintage; it is a
few megabytes. All work is done on columns.
"""

from bisect import bisect_right
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, Head
from watchfloor.formats.statistics import cells, headers
from watchfloor.formats.statistics.layouts import Layout
from watchfloor.formats.statistics.months import Months, months, starts, texts, written
from watchfloor.formats.statistics.vintage import Vintage, vintage
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.table import Rows, Sheet
from watchfloor.records.kinds import STATISTIC

CBP: Final = "US Customs and Border Protection"
MOST_ROWS: Final = 5_000_000
"""Rows of a table; CBP's have fewer than seventy thousand. What follows is left unread, and told."""
Positions = npt.NDArray[np.int64]


def sniff(layout: Layout, head: Head) -> float:
    """Sure of a header with all needed columns; where up to a third lack, `read` tells which."""
    found = headers.find(delimited.header_of(head.data), layout.all_words)
    missing = len(layout.lacks(found))
    return 0.98 if not missing else 0.5 if 3 * missing <= len(layout.columns(found)) else 0.0


def read(
    layout: Layout, stream: BinaryIO, name: str, base_time: datetime | None = None
) -> Iterator[Batch | Fault]:
    """Rows of one table. Raises `FormatError` where a needed column is missing or the file is empty."""
    sheet = delimited.read(stream, name)
    found = headers.find(sheet.names, layout.all_words)
    headers.require(name, sheet.names, layout.all_words, layout.lacks(found))
    spare = [one for one in sheet.names if one not in found.values()]
    if spare:
        yield Fault(WHOLE_FILE, SPARE.format(", ".join(map(repr, spare))), b"", partly=True)
    rows = yield from whole(sheet)
    if rows is None:
        yield Fault(WHOLE_FILE, EMPTY, b"")
        return
    when = _months(rows, found)
    block = _block(layout, rows, found, when)
    if good := block.good():
        newest = int(when.numbers[good].max())
        yield from _kept(layout, block, vintage(name, base_time, newest), layout.variant(found).series)
    yield from faults(rows, block.wrong)


EMPTY: Final = "has the names of its columns and no row: nothing is published in it"
"""What is said of a table of headers only."""
SPARE: Final = (
    "is read without {}, which no such table is known to have; a cell that comes twice may be for that"
)


def whole(sheet: Sheet) -> Generator[Fault, None, Rows | None]:
    """Yield what cannot be read of a table; return all its rows as one, None where there are none."""
    parts: list[Rows] = []
    count = 0
    for piece in sheet.pieces:
        if isinstance(piece, Fault):
            yield piece
            continue
        if (count := count + piece.cells.num_rows) > MOST_ROWS:
            why = f"more than {MOST_ROWS:,} rows come before it: no such table is so long; split the file"
            yield Fault(piece.locators[0].as_py(), why, b"", rest=True)
            break
        parts.append(piece)
    return _joined(parts) if parts else None


def faults(rows: Rows, wrong: Mapping[int, str]) -> Iterator[Fault]:
    """A fault for each row that something is wrong with."""
    for row in sorted(wrong):
        yield Fault(rows.locators[row].as_py(), wrong[row], rows.raw(row)[:MAX_RAW])


def batch(count: int, columns: Mapping[str, object]) -> Batch:
    """`statistic` rows; what is one value stands in all of them, what is not said is null."""
    arrays = []
    for one in STATISTIC.body:
        value = columns.get(one.name)
        if value is None:
            empty = pa.array([[]], one.type) if pa.types.is_list(one.type) else pa.nulls(1, one.type)
            value = empty[0]
        arrays.append(value if isinstance(value, pa.Array) else pa.repeat(pa.scalar(value, one.type), count))
    return Batch(STATISTIC, pa.Table.from_arrays(arrays, schema=STATISTIC.body))


def report_keys(series: str, published: datetime, month: pa.Array, measure: str, cell: pa.Array) -> pa.Array:
    """Series, day of the vintage, month, measure and cell: an older vintage never stands for a newer one."""
    front = f"{series}/{published:%Y-%m-%d}"
    return pc.binary_join_element_wise(front, month, measure, cell, "/")


@dataclass(slots=True)
class _Block:
    """A table read: the month, cell and numbers of each row, and what is wrong with some."""

    when: Months
    cell: pa.Array
    values: dict[str, pa.Array]
    rows: Rows
    wrong: dict[int, str]

    def good(self) -> list[int]:
        """Numbers of the rows that nothing is wrong with."""
        rows: list[int] = np.setdiff1d(np.arange(len(self.cell)), list(self.wrong)).tolist()
        return rows


def _joined(parts: list[Rows]) -> Rows:
    ends = list(accumulate(part.cells.num_rows for part in parts))

    def raw(row: int) -> bytes:
        part = bisect_right(ends, row)
        return parts[part].raw(row - (ends[part - 1] if part else 0))

    where = pa.concat_arrays([pa.array(part.locators) for part in parts])
    return Rows(pa.concat_tables([part.cells for part in parts]), where, raw)


def _months(rows: Rows, found: Mapping[str, str]) -> Months:
    fiscal = "fiscal" in found
    year = texts(rows.cells[found["fiscal" if fiscal else "calendar"]])
    return months(year, texts(rows.cells[found["month"]]), fiscal=fiscal)


def _block(layout: Layout, rows: Rows, found: Mapping[str, str], when: Months) -> _Block:
    """Read months, cells and numbers; say of each row that cannot be used why."""
    wrong = dict(when.wrong)
    dimensions = {word: _named(layout, word, rows, found) for word in layout.dimensions if word in found}
    for word, column in dimensions.items():
        _note(wrong, empty(column), f"{found[word]} is empty")
    values = {}
    for one in layout.measures:
        column = texts(rows.cells[found[one.word]])
        _note(wrong, empty(column), f"{found[one.word]} is empty")
        said = one.read(column)
        values[one.word] = said.values
        for row, why in said.wrong.items():
            wrong.setdefault(row, f"{found[one.word]}: {why}")
    cell, number = cells.columns(dimensions)
    wrong |= again(number, when.numbers, list(values.values()), rows, wrong)
    return _Block(when, cell, values, rows, wrong)


def _named(layout: Layout, word: str, rows: Rows, found: Mapping[str, str]) -> pa.Array:
    """The texts of a dimension; of several published names of one thing, one."""
    coded = pc.dictionary_encode(texts(rows.cells[found[word]]))
    same = layout.same.get(word, {})
    names = [same.get(headers.plain(name), name) for name in coded.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(coded.indices)


def empty(column: pa.Array) -> Positions:
    """Rows without a value."""
    return np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))


def _note(wrong: dict[int, str], rows: Positions, why: str) -> None:
    for row in rows.tolist():
        wrong.setdefault(row, why)


def again(
    cell: Positions, month: Positions, values: list[pa.Array], rows: Rows, wrong: Mapping[int, str]
) -> dict[int, str]:
    """For each good row whose month and cell stood before, a sentence that names the first line."""
    good = np.setdiff1d(np.arange(len(cell)), list(wrong))
    key = month[good] * (int(cell.max(initial=0)) + 1) + cell[good]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    before = good[first[which]]
    repeated = before != good
    found = {}
    for row, earlier in zip(good[repeated].tolist(), before[repeated].tolist(), strict=True):
        here, there = ([column[at].as_py() for column in values] for at in (row, earlier))
        differ = f"which says {_list(there)} where this one says {_list(here)}"
        says = "with the same numbers" if here == there else differ
        found[row] = f"month and cell of {rows.locators[earlier].as_py()} again, {says}; the first is kept"
    return found


def first_again(month: Positions, rows: Rows, wrong: Mapping[int, str]) -> dict[int, str]:
    """As `again`, of a table that has a line a month."""
    return again(np.zeros(len(month), np.int64), month, [], rows, wrong)


def not_yet(month: Positions, good: Positions, of: Vintage) -> dict[int, str]:
    """Good rows whose month begins after the day by which the file is said to have been public."""
    late = good[month[good] > of.published.year * 12 + of.published.month - 1]
    why = f"the month begins after {of.published:%Y-%m-%d}, by which the file is said to have been public"
    return dict.fromkeys(late.tolist(), why)


def _list(numbers: list[float]) -> str:
    return " and ".join(f"{one:g}" for one in numbers)


def _kept(layout: Layout, block: _Block, of: Vintage, series: str) -> Iterator[Batch]:
    """The good rows, once for each measure; those whose month begins after the vintage are wrong too."""
    block.wrong |= not_yet(block.when.numbers, np.array(block.good()), of)
    good = np.array(block.good(), np.int64)
    if not len(good):
        return
    month, at = block.when.numbers[good], pa.array(good)
    cell = block.cell.take(at)
    shared = {
        "observed_at": starts(month),
        "until": starts(month + 1),
        "series": series,
        "publisher": CBP,
        "published": of.published,
        "dated": of.dated,
        "cell": cell,
        "to_date": block.when.to_date.take(at),
        "locator": block.rows.locators.take(at),
    }
    for one in layout.measures:
        key = report_keys(series, of.published, written(month), one.measure, cell)
        value = pc.cast(block.values[one.word].take(at), pa.float64())
        own = {"report_key": key, "measure": one.measure, "unit": one.unit, "value": value}
        yield batch(len(good), shared | own)


def format_of(name: str, layout: Layout, base_time: datetime | None = None) -> Format:
    """The format of a layout; `base_time` dates files whose names do not."""
    return Format(
        name,
        (STATISTIC.name,),
        partial(sniff, layout),
        partial(_read_of, layout, base_time),
    )


def _read_of(
    layout: Layout, base_time: datetime | None, stream: BinaryIO, name: str
) -> Iterator[Batch | Fault]:
    return read(layout, stream, name, base_time)
