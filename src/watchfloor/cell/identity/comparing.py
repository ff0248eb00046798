"""A declared comparison: whether two records agree in columns that may only confirm or clear an identity.

Birth dates, countries and citizenships are never features. A person may hold them side by side to tell
whether two records are of one person, says why, and is told per column: they agree, they differ, or it is
unknown. There is no score, and nothing is kept but that it was asked.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Final, Literal, NamedTuple

from watchfloor.core.partial_date import PartialDate, read_loosely
from watchfloor.core.protected import IDENTITY_ONLY, PROTECTED
from watchfloor.formats.settings import nearest
from watchfloor.reference.listings import fold

Answer = Literal["agree", "differ", "unknown"]
Row = Mapping[str, Any]

PLURALS: Final[Mapping[str, str]] = {
    "birth_date": "birth_dates",
    "citizenship": "citizenships",
    "country": "countries",
    "identifier": "identifiers",
    "name": "names",
    "nationality": "nationalities",
}
"""What a column is called where a record has several values."""

COMPARED: Final = frozenset({"birth_date", "identifier", "name", "schema", *PROTECTED, *IDENTITY_ONLY})
"""Columns that can be compared, in the singular or the plural; what no record has is unknown."""


class NoColumn(ValueError):  # noqa: N818 - named for what the user meets
    """A column that cannot be compared."""


class Compared(NamedTuple):
    """Comparison of one column in two records."""

    column: str
    answer: Answer


def compare(one: Row, other: Row, columns: Iterable[str]) -> list[Compared]:
    """The answer for each column, in the order asked. Raises `NoColumn`."""
    return [Compared(column, _answer(column, one, other)) for column in map(_known, columns)]


def _known(column: str) -> str:
    singular = {plural: word for word, plural in PLURALS.items()}.get(column.strip(), column.strip())
    if singular not in COMPARED:
        near = nearest(column.strip(), COMPARED)
        raise NoColumn(f"{column.strip()!r} is no column that confirms or clears who is meant{near}")
    return singular


def _answer(column: str, one: Row, other: Row) -> Answer:
    pairs = list(product(_values(one, column), _values(other, column)))
    found = {_pair(column, a, b) for a, b in pairs}
    if "agree" in found:
        return "agree"
    return "differ" if found == {"differ"} else "unknown"


def _values(row: Row, column: str) -> list[Any]:
    """All that a record says under a column or its plural."""
    said = [row.get(column), *(row.get(PLURALS.get(column, column)) or ())]
    return [value for value in said if value not in (None, "")]


def _pair(column: str, one: Any, other: Any) -> Answer:
    if column == "birth_date":
        return _dates(one, other)
    if column == "identifier":
        return _identifiers(one, other)
    return "agree" if _folded(one) == _folded(other) else "differ"


def _folded(value: Any) -> str:
    """A value without case and accents; of a name its text."""
    return fold(str(value["text"] if isinstance(value, Mapping) else value))


def _dates(one: str, other: str) -> Answer:
    """Two dates, each to the precision known: a year and a day of it leave it open."""
    try:
        known = read_loosely(one), read_loosely(other)
    except ValueError:
        return "unknown"
    shared = min(map(_precision, known))
    if known[0][:shared] != known[1][:shared]:
        return "differ"
    return "agree" if known[0] == known[1] else "unknown"


def _precision(date: PartialDate) -> int:
    return sum(map(bool, date))


def _identifiers(one: Mapping[str, Any], other: Mapping[str, Any]) -> Answer:
    """Two numbers: of one system they agree or differ, of two they say nothing."""
    if one["system"] != other["system"]:
        return "unknown"
    return "agree" if one["number"] == other["number"] else "differ"
