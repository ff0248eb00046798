"""Tables whose columns are known by name: what each may be called, which must be there, and blocks of rows.

A reader of such a table is a `Lexicon` and what it makes of a `Block`: rows of text under our own words, with
the reason for each row that cannot be used.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited, values
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.fields import ROWS
from watchfloor.formats.tabular.table import Rows, empty, single, trimmed
from watchfloor.formats.tabular.values import Column

Mask = npt.NDArray[np.bool_]
SURE: Final = 0.9
"""How sure `Lexicon.sniff` is of a header with all needed and telling columns."""


@lru_cache(maxsize=1 << 12)  # the names of a file's columns, which every format of tables compares
def plain(text: str) -> str:
    """Lower case, without accents, each run of other signs than letters and digits as one space."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare))


def advice(kind: str) -> str:
    """Say what to do with a table of a kind whose columns have other names."""
    return f"For a table with columns of its own: watchfloor feeds map FILE --kind {kind}"


class Cell(NamedTuple):
    """A column: what it may be called, how its texts are read, whether every row needs it.

    The first name is the one that messages use.
    """

    names: tuple[str, ...]
    read: Callable[[pa.Array], Column] = values.text
    needed: bool = False


class Lexicon:
    """The columns of a table by our words."""

    def __init__(
        self, noun: str, columns: Mapping[str, Cell], telling: Iterable[str] = (), *, plainest: bool = False
    ) -> None:
        """Declare a table.

        Args:
            noun: what messages call it, such as `a log of an ion-mobility spectrometer`.
            columns: what is known of each column, by our word for it.
            telling: words of columns that are not needed, but without which it is taken for another table.
            plainest: of two columns with one word, take the one whose name stands first in the `Cell`; else
                the one that stands first in the table.
        """
        self.noun, self.columns, self._telling, self._plainest = noun, columns, telling, plainest

    @cached_property
    def _known(self) -> dict[str, tuple[int, str]]:
        words = self.columns.items()
        return {plain(name): (rank, word) for word, cell in words for rank, name in enumerate(cell.names)}

    def find(self, names: Iterable[str]) -> dict[str, str]:
        """Return by our word the column of a header."""
        there = [(*self._known[plain(name)], name) for name in names if plain(name) in self._known]
        found: dict[str, str] = {}
        for _, word, name in sorted(there, key=lambda one: one[0]) if self._plainest else there:
            found.setdefault(word, name)
        return found

    def lacks(self, found: Iterable[str]) -> list[str]:
        """Return the words of needed columns that are not among those found."""
        return [word for word, cell in self.columns.items() if cell.needed and word not in found]

    def sniff(self, head: Head) -> float:
        """Sure where the header has the needed and the telling columns."""
        found = self.find(delimited.header_of(head.data))
        return SURE if not self.lacks(found) and found.keys() >= set(self._telling) else 0.0

    def require(self, names: list[str], name: str) -> dict[str, str]:
        """Return what `find` does. Raises `FormatError` where a needed column is missing."""
        found = self.find(names)
        for word in self.lacks(found):
            called = self.columns[word].names[0]
            raise FormatError(f"{name} has no column {called!r}{nearest(called, names)}, as {self.noun} has")
        return found


@dataclass(slots=True)
class Block:
    """Rows of text on their way to values.

    Attributes:
        found: by our word the column of the table.
        rows: the rows.
        wrong: why a row cannot be used: the first reason stays.
    """

    found: Mapping[str, str]
    rows: Rows
    wrong: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.rows.cells.num_rows)

    def cell(self, word: str) -> pa.Array | None:
        """Return a column as it stands; None where the table has none."""
        return single(self.rows.cells[self.found[word]]) if word in self.found else None

    def text(self, word: str) -> pa.Array:
        """Return a column's texts, trimmed; null where nothing is left, or where the table has none."""
        cells = self.cell(word)
        return pa.nulls(self.size, pa.string()) if cells is None else trimmed(cells)

    def refuse(self, why: str, rows: Mask) -> None:
        """Note why some rows cannot be used."""
        for row in np.flatnonzero(rows).tolist():
            self.wrong.setdefault(row, why)

    def checked(self, label: str, column: Column) -> pa.Array:
        """Return the values of a column, and note why some rows have none."""
        for row, why in column.wrong.items():
            self.wrong.setdefault(row, f"{label}: {why}")
        return column.values

    def read(self, lexicon: Lexicon) -> dict[str, pa.Array]:
        """Return the values of a lexicon's columns by our words; nulls of one that the table has not."""
        made = {}
        for word, cell in lexicon.columns.items():
            texts = self.text(word)
            if cell.needed:
                self.refuse(f"{cell.names[0]}: is empty", empty(texts))
            made[word] = self.checked(cell.names[0], cell.read(texts))
        return made

    def good(self) -> npt.NDArray[np.int64]:
        """Return the rows that nothing is wrong with."""
        return np.setdiff1d(np.arange(self.size), list(self.wrong))

    def faults(self) -> Iterator[Fault]:
        """Yield a fault for each row that something is wrong with."""
        for row in sorted(self.wrong):
            yield Fault(self.rows.locators[row].as_py(), self.wrong[row], self.rows.raw(row)[:MAX_RAW])

    def batches(self, kind: str, columns: Mapping[str, pa.Array]) -> Iterator[Batch | Fault]:
        """Yield the good rows, by the columns of a kind, and a fault for each of the others."""
        where = self.rows.locators
        if self.wrong:
            good = self.good()
            columns = {name: values.take(good) for name, values in columns.items()}
            where = where.take(good)
        if len(where):
            yield Batch(KINDS[kind], ROWS[kind](columns, where))
        yield from self.faults()
