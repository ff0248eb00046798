"""Rows of a roster's tables, read or refused by their number and column."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Message, declare, reason
from watchfloor.planning import tables
from watchfloor.planning.rosters.fields import is_name

NO_COLUMN: Final = declare("rosters.no-column", "file", "names")
BAD_CELL: Final = declare("rosters.bad-cell", "file", "row", "column", "value")
BAD_DATE: Final = declare("rosters.bad-date", "file", "row", "value")
NOT_THERE: Final = declare("rosters.not-there", "file", "row", "column", "value")
NAME_TWICE: Final = declare("rosters.name-twice", "file", "row", "first", "name")
ROW_TWICE: Final = declare("rosters.row-twice", "file", "row", "first", "name", "date")

YES: Final = frozenset({"yes", "y", "true", "1", "x", "oui", "o"})
NO: Final = frozenset({"no", "n", "false", "0", "non"})
OFFICER: Final = ("officer", "name", "number", "agent", "nom")
ROSTER_COLUMNS: Final = {
    "officer": OFFICER, "date": ("date",), "shift": ("shift", "quart"), "post": ("post", "poste"),
    "edition": ("edition",),
}  # fmt: skip


class Table:
    """A table by its columns; every method raises `Unusable`, which names the row."""

    def __init__(self, path: Path, known: Mapping[str, tuple[str, ...]], needed: Sequence[str]) -> None:
        self.file = path.name
        names = {one for each in known.values() for one in each}
        self.columns = tables.read(path, names)
        self.heading = {
            meaning: next((one for one in each if one in self.columns.by_name), "")
            for meaning, each in known.items()
        }
        if missing := [known[one][0] for one in needed if not self.heading[one]]:
            raise Unusable(reason(NO_COLUMN, file=self.file, names=", ".join(missing)))
        self.texts = {
            meaning: self.columns.texts(name) if name else None for meaning, name in self.heading.items()
        }
        self.rows = len(next(text for text in self.texts.values() if text is not None))

    def text(self, row: int, meaning: str) -> str:
        """Return a cell, empty where there is none."""
        column = self.texts[meaning]
        return column[row] if column is not None else ""

    def cells_of(self, meaning: str) -> Sequence[str]:
        """Return a column, empty cells where there is none."""
        column = self.texts[meaning]
        return column if column is not None else [""] * self.rows

    def cells(self, *meanings: str) -> Iterator[tuple[str, ...]]:
        """Yield the rows of some columns."""
        return zip(*map(self.cells_of, meanings), strict=True)

    def name(self, row: int, meaning: str) -> str:
        """Return a cell that rosters repeat as a name."""
        text = self.text(row, meaning)
        if not is_name(text):
            raise self.wrong(row, meaning)
        return text

    def number(self, row: int, meaning: str, default: float | None = None) -> float | None:
        """Return a number from 0 on, or the default where the cell is empty."""
        text = self.text(row, meaning)
        if not text:
            return default
        try:
            found = float(text.replace(",", ".") if self.columns.decimal == "," else text)
        except ValueError:
            raise self.wrong(row, meaning) from None
        if not math.isfinite(found) or not 0 <= found < 1e9:
            raise self.wrong(row, meaning)
        return found

    def whole(self, row: int, meaning: str, default: int | None = None) -> int | None:
        """Return a whole number from 0 on, or the default where the cell is empty."""
        found = self.number(row, meaning)
        if found is not None and not found.is_integer():
            raise self.wrong(row, meaning)
        return default if found is None else int(found)

    def yes(self, row: int, meaning: str, *, default: bool) -> bool:
        """Return whether a cell says yes."""
        text = self.text(row, meaning).lower()
        if text and text not in YES | NO:
            raise self.wrong(row, meaning)
        return text in YES if text else default

    def on(self, row: int, meaning: str) -> date:
        """Return a date."""
        return self._date(row, self.text(row, meaning))

    def span(self, row: int, text: str) -> tuple[date | None, date | None]:
        """Return the days from..until, or until alone; either may be open."""
        begin, dots, end = text.partition("..")
        if not dots:
            begin, end = "", text
        return (
            self._date(row, begin.strip()) if begin.strip() else None,
            self._date(row, end.strip()) if end.strip() else None,
        )

    def _date(self, row: int, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Unusable(reason(BAD_DATE, file=self.file, row=row + 2, value=text[:40])) from None

    def wrong(self, row: int, meaning: str, message: Message = BAD_CELL) -> Unusable:
        """Return the refusal of a cell."""
        column = self.heading[meaning] or meaning
        value = self.text(row, meaning)[:40]
        return Unusable(reason(message, file=self.file, row=row + 2, column=column, value=value))
