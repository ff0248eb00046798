"""Ledger of declarations: numbers for the compiled fold, texts for its sentences.

A line is never changed. A correction ends an earlier line, and the line keeps after which one it ended: what
stood when any line came can be asked for later. Lines of more than `KEPT` ago are let go of; nothing looks
back farther, so when that happens does not matter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import DECLARATION
from watchfloor.desks.cargo.columns import CHAINS, Lines
from watchfloor.desks.standing import kept
from watchfloor.desks.state import Row

DAY: Final = 86_400_000_000
"""µs."""
KEPT: Final = 30 * DAY
"""How long lines are remembered, µs."""
WALK: Final = 64
"""Lines that are looked back at along one chain. At an address that ten thousand share, that is an hour."""
HALF: Final = 7 * DAY
"""After which a line counts half for how busy a party is, µs."""
LIVES: Final = np.iinfo(np.int64).max
APIECE: Final = 4_000
"""Lines that are gone through in the time of reading one by itself: pyarrow goes through all to take some."""
MANY: Final = 8
"""Lines from which on `take` is faster than a slice each."""
READ: Final = 10_000
"""Texts of lines that are kept as they were read."""
RULES: Final = 5
"""Rules that count along chains, see `folding`."""

TEXTS: Final = kept(
    DECLARATION.schema,
    "subject importer consignee shipper hs mass value currency mode departure handler page consignee_name "
    "shipper_name",
)
"""What is kept of a line to be said."""


class Book(NamedTuple):
    """Lines as the compiled fold knows them; see `columns.Lines`.

    Attributes:
        died: number of the line that took the place of this one, from the first line ever; `LIVES`: none.
        prev: [n, chains] the line before on each chain; -1: none.
        busy: [n, chains] lines of a party, a page or a name up to this, each counting half after `HALF`.
        counts: [n, `RULES`] what each rule counted when the line came.
        counted: whether the line was added to norms (bits 1 and 2), and to ways (4 and 8).
        new: whether its consignee (1) and its shipper (2) were not seen before.
    """

    time: Any
    died: Any
    keys: Any
    prev: Any
    busy: Any
    goods: Any
    heading: Any
    small: Any
    mass: Any
    cad: Any
    norms: Any
    bins: Any
    lane: Any
    ways: Any
    counts: Any
    counted: Any
    new: Any


_LIKE: Final[dict[str, tuple[Any, int]]] = {
    **dict.fromkeys(("time", "died"), (np.int64, 0)),
    **dict.fromkeys(("goods", "lane"), (np.uint64, 0)),
    **dict.fromkeys(("mass", "cad"), (np.float64, 0)),
    **dict.fromkeys(("counted", "new"), (np.uint8, 0)),
    "keys": (np.uint64, CHAINS),
    "prev": (np.int32, CHAINS),
    "busy": (np.float32, CHAINS),
    "ways": (np.uint64, 2),
    "heading": (np.int32, 0),
    "small": (np.uint32, 0),
    "norms": (np.int32, 4),
    "bins": (np.int16, 2),
    "counts": (np.uint8, RULES),
}


def _room(name: str, size: int) -> npt.NDArray[Any]:
    of, width = _LIKE[name]
    return np.zeros((size, width) if width else size, of)


@dataclass(slots=True)
class Ledger:
    """Lines, and where they stand.

    Attributes:
        book: columns with room to spare.
        count: lines in it.
        base: number of the first, from the first line ever.
        began: when the first line ever came, µs.
        texts: what is kept to be said.
        read: texts that were asked for, by number; nothing changes them.
    """

    book: Book = field(default_factory=lambda: Book(**{name: _room(name, 0) for name in Book._fields}))
    count: int = 0
    base: int = 0
    began: int = -1
    texts: pa.Table = field(default_factory=TEXTS.empty_table)
    read: dict[int, Row] = field(default_factory=dict)

    def add(self, lines: Lines, texts: pa.Table) -> None:
        """Append lines; what the fold fills in is empty."""
        size, end = len(self.book.time), self.count + len(lines.time)
        if end > size:
            larger = max(end, 2 * size)
            self.book = Book(
                *(_grown(one, larger, self.count) for one in self.book),
            )
        for name in Book._fields:
            if hasattr(lines, name):
                getattr(self.book, name)[self.count : end] = getattr(lines, name)
        self.book.died[self.count : end] = LIVES
        self.book.prev[self.count : end] = -1
        for name in ("busy", "counts", "counted", "new"):
            getattr(self.book, name)[self.count : end] = 0
        self.texts = pa.concat_tables([self.texts, texts])
        if self.texts["record_id"].num_chunks > 64 and self.texts.nbytes < 1 << 30:
            self.texts = self.texts.combine_chunks()
        self.count = end
        if self.began < 0 and end:
            self.began = int(lines.time[0])

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Texts of lines by their numbers from the first ever."""
        if len(self.read) > READ:
            self.read.clear()
        missing = [number for number in numbers if number not in self.read]
        if len(missing) > max(MANY, self.count // APIECE):
            places = pa.array([number - self.base for number in missing], pa.int64())
            self.read |= dict(zip(missing, self.texts.take(places).to_pylist(), strict=True))
        else:
            for number in missing:
                (self.read[number],) = self.texts.slice(number - self.base, 1).to_pylist()
        return [self.read[number] for number in numbers]

    def keep(self, numbers: npt.NDArray[np.int64], declared: pa.Table) -> None:
        """Read texts of lines that are about to be asked for, all at once."""
        if len(numbers) <= READ:
            rows = declared.select(TEXTS.names).cast(TEXTS).to_pylist()
            self.read |= dict(zip(numbers.tolist(), rows, strict=True))

    def before(self, number: int, chain: int, width: int, as_of: int, most: int = WALK + 1) -> list[int]:
        """Lines along a chain that stood when `as_of` came: a line itself and those before it, up to `most`.

        Numbers are from the first line ever; the newest comes last. A line after `as_of` is passed over.
        """
        at = number - self.base
        while at >= 0 and at + self.base > as_of:
            at = int(self.book.prev[at, chain])
        return list(self._before(at, chain, width, as_of, most))[::-1] if at >= 0 else []

    def _before(self, at: int, chain: int, width: int, as_of: int, most: int) -> Iterator[int]:
        book = self.book
        since = max(int(book.time[at]) - width, int(book.time[as_of - self.base]) - KEPT)
        for _ in range(most):
            if at < 0 or book.time[at] < since:
                return
            if book.died[at] > as_of:
                yield at + self.base
            at = int(book.prev[at, chain])

    def when(self, number: int) -> int:
        """When a line was declared, µs."""
        return int(self.book.time[number - self.base])

    def keys(self, number: int) -> list[int]:
        """Keys of a line by chain."""
        found: list[int] = self.book.keys[number - self.base].tolist()
        return found

    def forgettable(self, now: int) -> int:
        """How many lines nothing to come can see, where they are many enough to be worth the copy."""
        old = int(np.searchsorted(self.book.time[: self.count], now - KEPT))
        return old if 4 * old > self.count else 0

    def forget(self, old: int) -> None:
        """Let go of the first lines."""
        left = self.count - old
        for one in self.book:
            one[:left] = one[old : self.count].copy()
        self.book.prev[:left] = np.maximum(self.book.prev[:left] - old, -1)
        self.texts, self.count, self.base = self.texts.slice(old), left, self.base + old


def _grown(one: npt.NDArray[Any], size: int, count: int) -> npt.NDArray[Any]:
    made = np.zeros((size, *one.shape[1:]), one.dtype)
    made[:count] = one[:count]
    return made


def frozen(ledger: Ledger) -> dict[str, pa.Table]:
    """The lines as two tables: numbers and texts."""
    numbers = {
        name: pa.array([one[: ledger.count].tobytes()], pa.large_binary())
        for name, one in zip(Book._fields, ledger.book, strict=True)
    }
    counts = {name: [getattr(ledger, name)] for name in ("count", "base", "began")}
    return {"lines": pa.table(numbers | counts), "texts": ledger.texts}


def thawed(parts: Mapping[str, pa.Table]) -> Ledger:
    """The ledger back from `frozen`."""
    (row,) = parts["lines"].to_pylist()
    columns = {}
    for name in Book._fields:
        of, width = _LIKE[name]
        flat = np.frombuffer(row[name], of).copy()
        columns[name] = flat.reshape(-1, width) if width else flat
    return Ledger(Book(**columns), row["count"], row["base"], row["began"], parts["texts"])
