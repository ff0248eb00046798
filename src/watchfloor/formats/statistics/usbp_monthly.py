"""The Border Patrol's encounters by month, a column a sector, as published for fiscal years 2000 to 2020.

Each line adds its sectors up to three borders and to a total. The sums are checked and, where they do not add
up, told; they are no rows, because a sum beside its parts would be counted twice.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import STATISTIC
from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.statistics import cells
from watchfloor.formats.statistics.layouts import counts
from watchfloor.formats.statistics.months import Months, Numbers, months, starts
from watchfloor.formats.statistics.table import (
    CBP,
    again,
    batch,
    likely,
    not_yet,
    number,
    whole,
)
from watchfloor.formats.statistics.vintage import Vintage, vintage
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.lexicon import Block, Cell, Lexicon
from watchfloor.formats.tabular.table import Rows

NAME: Final = "usbp-monthly"
SERIES: Final = "usbp-encounters"

BORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "coastal_border": ("livermore", "miami", "new_orleans", "ramey"),
    "northern_border": (
        *("blaine", "buffalo", "detroit", "grand_forks"),
        *("havre", "houlton", "spokane", "swanton"),
    ),
    "southwest_border": (
        *("big_bend", "del_rio", "el_centro", "el_paso", "laredo"),
        *("rio_grande_valley", "san_diego", "tucson", "yuma"),
    ),
}
"""Sectors of each border, as the table's columns are called."""
REGION_OF: Final = {sector: border for border, sectors in BORDERS.items() for sector in sectors}
TOTAL: Final = "monthly_total"
WORDS: Final = ("month", "fy", "cy", *REGION_OF, *BORDERS, TOTAL)
LEXICON: Final = Lexicon("a table of sectors", {word: Cell((word,), needed=True) for word in WORDS})


def called(column: str) -> str:
    """A border or a sector as cells name it: `Northern Border`, `Rio Grande Valley`."""
    return column.replace("_", " ").title()


def sniff(head: Head) -> float:
    """Sure of a header with all columns; a few may be called otherwise, which `read` tells."""
    missing = LEXICON.lacks(LEXICON.find(delimited.header_of(head.data)))
    return likely(len(missing), len(WORDS))


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows of one table. Raises `FormatError` where a column is missing or the file is empty."""
    block = yield from whole(stream, name, LEXICON, LEXICON.lacks)
    if block is None:
        return
    when = months(block.text("fy"), block.text("month"), fiscal=True)
    block.wrong |= _years(block, when) | when.wrong
    figures = {word: _counts(block, word) for word in (*REGION_OF, *BORDERS, TOTAL)}
    block.wrong |= again(np.zeros_like(when.numbers), when.numbers, [], block)
    if len(good := block.good()):
        of = vintage(name, base_time, int(when.numbers[good].max()))
        block.wrong |= not_yet(when.numbers, good, of)
        good = block.good()
        yield from _added(block.rows, figures, good)
        yield from _kept(block.rows, when, figures, good, of)
    yield from block.faults()


def _counts(block: Block, word: str) -> Numbers:
    """Whole numbers; 0 where there is none."""
    numbers: Numbers = pc.fill_null(number(block, word, word, counts), 0).to_numpy(zero_copy_only=False)
    return numbers


def _years(block: Block, when: Months) -> dict[int, str]:
    """Rows whose calendar year is not that of their fiscal year and month."""
    column = {word: block.text(word) for word in ("fy", "cy", "month")}
    calendar = months(column["cy"], column["month"], fiscal=False)
    differ = np.flatnonzero(calendar.numbers != when.numbers).tolist()
    why = "fiscal year {} and calendar year {} do not go with month {}"
    said = {row: why.format(*(one[row].as_py() for one in column.values())) for row in differ}
    return said | calendar.wrong


def _added(rows: Rows, counts: Mapping[str, Numbers], good: Numbers) -> Iterator[Fault]:
    """Lines whose sectors do not add up to a border, or borders to the total; their sectors are read."""
    for sum_, parts in (*BORDERS.items(), (TOTAL, tuple(BORDERS))):
        sums = np.sum([counts[one] for one in parts], axis=0)
        for row in good[sums[good] != counts[sum_][good]].tolist():
            why = f"{sum_} is {counts[sum_][row]:,} but its parts add up to {sums[row]:,}; the parts are kept"
            yield Fault(rows.locators[row].as_py(), why, rows.raw(row)[:MAX_RAW], partly=True)


def _kept(
    rows: Rows, when: Months, counts: Mapping[str, Numbers], good: Numbers, of: Vintage
) -> Iterator[Batch]:
    """A row of each sector in each line."""
    if not len(good):
        return
    each, count = np.repeat(good, len(REGION_OF)), len(good)
    cell = [
        cells.dumped({"area": called(sector), "region": called(border)})
        for sector, border in REGION_OF.items()
    ]
    month, cell = when.numbers[each], pa.array(cell * count, pa.string())
    value = np.stack([counts[sector][good] for sector in REGION_OF], axis=1).ravel()
    yield batch(
        len(each),
        {
            "observed_at": starts(month),
            "until": starts(month + 1),
            "series": SERIES,
            "publisher": CBP,
            "published": of.published,
            "dated": of.dated,
            "cell": cell,
            "measure": "people",
            "value": pa.array(value.astype(np.float64)),
            "to_date": when.to_date.take(pa.array(each)),
            "locator": rows.locators.take(pa.array(each)),
        },
    )


FORMAT: Final = Format(NAME, (STATISTIC.name,), sniff, read)
