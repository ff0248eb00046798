"""Fields of instances and rosters, read or refused with what is wrong."""

import re
from collections.abc import Container, Iterable
from typing import Final

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.core.tables import FORMULAS

NO_SECTION: Final = declare("rosters.no-section", "file", "name")
NO_NUMBER: Final = declare("rosters.no-number", "file", "value")
NO_NAME: Final = declare("rosters.no-name", "file", "name")
BAD_LINE: Final = declare("rosters.bad-line", "file", "line", "fields")
TWICE: Final = declare("rosters.twice", "file", "name")
OUTSIDE: Final = declare("rosters.outside", "file", "name", "value")
TOO_MANY: Final = declare("rosters.too-many", "clauses")
UNREADABLE: Final = declare("rosters.unreadable", "file")
NO_FORMAT: Final = declare("rosters.no-format", "file")
UNNAMED: Final = declare("rosters.unnamed", "file", "names", "count")
SHOWN: Final = 3
"""Names that a message gives of many."""


_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def is_name(text: str) -> bool:
    """Return whether tables and calendars can hold a text as it is: no formula, and of one line."""
    return not text.startswith(FORMULAS) and not _CONTROL.search(text)


def refuse_unnamed(file: str, people: Iterable[str], named: Container[str]) -> None:
    """Raise `Unusable` where a roster leaves somebody out: nobody is off because they were forgotten."""
    if missing := [name for name in people if name not in named]:
        raise Unusable(reason(UNNAMED, file=file, names=", ".join(missing[:SHOWN]), count=len(missing)))


class Fields:
    """Fields of one file. Every method raises `Unusable`, which names the file and what is wrong in it."""

    file: str

    def whole(self, text: str) -> int:
        """Read a whole number from 0 on."""
        if not text.isascii() or not text.isdigit():
            raise Unusable(reason(NO_NUMBER, file=self.file, value=text))
        return int(text)

    def number(self, names: dict[str, int], name: str) -> int:
        """Return the number of what is named."""
        if name not in names:
            raise Unusable(reason(NO_NAME, file=self.file, name=name))
        return names[name]

    def numbered(self, names: Iterable[str]) -> dict[str, int]:
        """Number names from 1 on; none may stand twice."""
        numbers: dict[str, int] = {}
        for name in names:
            if name in numbers:
                raise Unusable(reason(TWICE, file=self.file, name=name))
            numbers[name] = len(numbers) + 1
        return numbers

    def check_fields(self, rows: list[list[str]], fields: int, *, more: bool = False) -> list[list[str]]:
        """Return rows, which have so many fields each, or at least so many where more may follow."""
        for row in rows:
            if len(row) < fields or (len(row) > fields and not more):
                raise Unusable(reason(BAD_LINE, file=self.file, line=" ".join(row), fields=fields))
        return rows
