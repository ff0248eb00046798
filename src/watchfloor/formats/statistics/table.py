"""A published table of months as `statistic` rows: what the tables of CBP share.

The whole table is read before a row is given, because the newest month in it may tell its vintage; it is a
few megabytes. All work is done on columns.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import STATISTIC
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.settings import nearest
from watchfloor.formats.statistics import cells
from watchfloor.formats.statistics.layouts import Layout
from watchfloor.formats.statistics.months import Months, months, starts
from watchfloor.formats.statistics.rows import rows
from watchfloor.formats.statistics.vintage import Vintage, vintage
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.lexicon import Block, Lexicon, advice, plain
from watchfloor.formats.tabular.table import Rows, empty, joined
from watchfloor.formats.tabular.values import Column

CBP: Final = "US Customs and Border Protection"
MOST_ROWS: Final = 5_000_000
"""Rows of a table; CBP's have fewer than seventy thousand. What follows is left unread, and told."""
Positions = npt.NDArray[np.int64]


def sniff(layout: Layout, head: Head) -> float:
    """Sure of a header with all needed columns; where up to a third lack, `read` tells which."""
    found = layout.lexicon.find(delimited.header_of(head.data))
    return likely(len(layout.lacks(found)), len(layout.columns(found)))


def likely(missing: int, needed: int) -> float:
    """Return how sure one may be of a table that lacks some of its needed columns."""
    return 0.98 if not missing else 0.5 if 3 * missing <= needed else 0.0


def read(
    layout: Layout, stream: BinaryIO, name: str, base_time: datetime | None = None
) -> Iterator[Batch | Fault]:
    """Rows of one table. Raises `FormatError` where a needed column is missing or the file is empty."""
    block = yield from whole(stream, name, layout.lexicon, layout.lacks)
    if block is None:
        return
    year = "fiscal" if "fiscal" in block.found else "calendar"
    when = months(block.text(year), block.text("month"), fiscal=year == "fiscal")
    block.wrong |= when.wrong
    dimensions = {word: _named(layout, word, block) for word in layout.dimensions if word in block.found}
    for word, column in dimensions.items():
        block.refuse(f"{block.found[word]} is empty", empty(column))
    values = {one.word: number(block, one.word, block.found[one.word], one.read) for one in layout.measures}
    cell, code = cells.columns(dimensions)
    block.wrong |= again(code, when.numbers, list(values.values()), block)
    if len(good := block.good()):
        of = vintage(name, base_time, int(when.numbers[good].max()))
        block.wrong |= not_yet(when.numbers, good, of)
        yield from _kept(layout, block, when, cell, values, of)
    yield from block.faults()


EMPTY: Final = "has the names of its columns and no row: nothing is published in it"
"""What is said of a table of headers only."""
SPARE: Final = (
    "is read without {}, which no such table is known to have; a cell that comes twice may be for that"
)


def whole(
    stream: BinaryIO, name: str, lexicon: Lexicon, lacks: Callable[[Mapping[str, str]], list[str]]
) -> Generator[Fault, None, Block | None]:
    """Yield what cannot be read of a table; return all its rows as one, None where there are none."""
    sheet = delimited.read(stream, name)
    found = lexicon.find(sheet.names)
    if missing := [lexicon.columns[word].names[0] for word in lacks(found)]:
        like = nearest(missing[0], sheet.names)
        others = f" (nor {', '.join(map(repr, missing[1:]))})" if missing[1:] else ""
        raise FormatError(f"{name} has no column {missing[0]!r}{like}{others}. {advice(STATISTIC.name)}")
    if spare := [one for one in sheet.names if one not in found.values()]:
        yield Fault(WHOLE_FILE, SPARE.format(", ".join(map(repr, spare))), b"", partly=True)
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
    if not parts:
        yield Fault(WHOLE_FILE, EMPTY, b"")
        return None
    return Block(found, joined(parts))


def batch(count: int, columns: Mapping[str, object]) -> Batch:
    """`statistic` rows; what is one value stands in all of them, what is not said is null."""
    made: dict[str, pa.Array] = {}
    for one in STATISTIC.body:
        value = columns.get(one.name)
        if value is None:
            empty = pa.array([[]], one.type) if pa.types.is_list(one.type) else pa.nulls(1, one.type)
            value = empty[0]
        made[one.name] = (
            value if isinstance(value, pa.Array) else pa.repeat(pa.scalar(value, one.type), count)
        )
    return Batch(STATISTIC, rows(made, made["locator"]))


def _named(layout: Layout, word: str, block: Block) -> pa.Array:
    """The texts of a dimension; of several published names of one thing, one."""
    coded = pc.dictionary_encode(block.text(word))
    same = layout.same.get(word, {})
    names = [same.get(plain(name), name) for name in coded.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(coded.indices)


def number(block: Block, word: str, label: str, read: Callable[[pa.Array], Column]) -> pa.Array:
    """Numbers that every row needs."""
    texts = block.text(word)
    block.refuse(f"{label} is empty", empty(texts))
    return block.checked(label, read(texts))


def again(cell: Positions, month: Positions, values: list[pa.Array], block: Block) -> dict[int, str]:
    """For each good row whose month and cell stood before, a sentence that names the first line."""
    good = block.good()
    key = month[good] * (int(cell.max(initial=0)) + 1) + cell[good]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    before = good[first[which]]
    repeated = before != good
    found = {}
    for row, earlier in zip(good[repeated].tolist(), before[repeated].tolist(), strict=True):
        here, there = ([column[at].as_py() for column in values] for at in (row, earlier))
        differ = f"which says {_list(there)} where this one says {_list(here)}"
        says = "with the same numbers" if here == there else differ
        where = block.rows.locators[earlier].as_py()
        found[row] = f"month and cell of {where} again, {says}; the first is kept"
    return found


def not_yet(month: Positions, good: Positions, of: Vintage) -> dict[int, str]:
    """Good rows whose month begins after the day by which the file is said to have been public."""
    late = good[month[good] > of.published.year * 12 + of.published.month - 1]
    why = f"the month begins after {of.published:%Y-%m-%d}, by which the file is said to have been public"
    return dict.fromkeys(late.tolist(), why)


def _list(numbers: list[float]) -> str:
    return " and ".join(f"{one:g}" for one in numbers)


def _kept(
    layout: Layout, block: Block, when: Months, cell: pa.Array, values: Mapping[str, pa.Array], of: Vintage
) -> Iterator[Batch]:
    """The good rows, once for each measure."""
    good = block.good()
    if not len(good):
        return
    month, at, series = when.numbers[good], pa.array(good), layout.variant(block.found).series
    cell = cell.take(at)
    shared = {
        "observed_at": starts(month),
        "until": starts(month + 1),
        "series": series,
        "publisher": CBP,
        "published": of.published,
        "dated": of.dated,
        "cell": cell,
        "to_date": when.to_date.take(at),
        "locator": block.rows.locators.take(at),
    }
    for one in layout.measures:
        value = pc.cast(values[one.word].take(at), pa.float64())
        own = {"measure": one.measure, "unit": one.unit, "value": value}
        yield batch(len(good), shared | own)


def format_of(name: str, layout: Layout) -> Format:
    """The format of a layout."""
    return Format(name, (STATISTIC.name,), partial(sniff, layout), partial(read, layout))
