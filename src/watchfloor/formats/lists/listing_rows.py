"""Items of official lists on their way to `listing` rows: what every list reader fills in, and batching."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import LISTING
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.tabular.table import Rows, grouped

BATCH_ROWS: Final = 1024

Role = Literal["primary", "alias", "acronym", "former", "gloss"]
Strength = Literal["strong", "weak"]


class Name(msgspec.Struct, frozen=True):
    """One published name: `core.kinds.NAME`."""

    text: str
    role: Role = "alias"
    strength: Strength = "strong"
    lang: str | None = None


class Identifier(msgspec.Struct, frozen=True):
    """A number in somebody's system: `core.kinds.IDENTIFIER`."""

    system: str
    number: str
    owner: str | None = None


class Item(msgspec.Struct, kw_only=True):
    """One version of one item of a list; the fields are the columns of `LISTING.body` and mean what it says.

    `names` holds the primary name first, and each text once: see `distinct`.
    """

    report_key: str
    locator: str
    observed_at: datetime
    list_id: str
    entity_id: str
    version_id: str | None = None
    instrument: str
    title: str | None = None
    provision: str | None = None
    item: str | None = None
    schema: str = "LegalEntity"
    name: str
    names: list[Name]
    birth_dates: list[str] = []
    countries: list[str] = []
    identifiers: list[Identifier] = []
    listed_on: date | None = None
    in_force: date | None = None
    ceased: date | None = None
    window_from: date | None = None
    window_until: date | None = None
    lang: str | None = None
    remarks: str | None = None
    origins: list[str] = []


def distinct(names: Iterable[Name]) -> list[Name]:
    """Each text once, under its first role; a strong mention wins over a weak one."""
    kept: dict[str, Name] = {}
    for name in names:
        earlier = kept.get(name.text)
        if earlier is None:
            kept[name.text] = name
        elif earlier.strength == "weak" and name.strength == "strong" and earlier.role != "primary":
            kept[name.text] = msgspec.structs.replace(earlier, role=name.role, strength="strong")
    return list(kept.values())


def midnight(day: date) -> datetime:
    """The first moment of a day, UTC: what `observed_at` says where a source gives only a date."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""`observed_at` of a list that carries no date. A constant, so that a repeated delivery writes nothing."""


_INVISIBLE: Final = {ord(c): None for c in "\u00ad\u200b\u200d\u2060\ufeff"} | dict.fromkeys(
    (*range(32), 127), " "
)


def squeeze(text: str) -> str:
    """The text with each run of white space as one space, none at the ends, and no invisible characters."""
    return " ".join(text.translate(_INVISIBLE).split())


def items(
    rows: Rows, columns: list[str], read: Callable[[dict[str, str], str], Item]
) -> Iterator[Item | Fault]:
    """Yield what is read of each row and its locator; a `ValueError` is the reason of a fault."""
    cells = rows.cells.rename_columns(columns).to_pylist()
    for row, (cell, locator) in enumerate(zip(cells, rows.locators.to_pylist(), strict=True)):
        try:
            yield read({column: squeeze(text or "") for column, text in cell.items()}, locator)
        except ValueError as error:
            yield Fault(locator, str(error), rows.raw(row))


def table(some: Iterable[Item]) -> pa.Table:
    """The items as rows of `LISTING.body`."""
    return pa.Table.from_pylist([_row(item) for item in some], schema=LISTING.body)


def _row(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(item, builtin_types=(date, datetime))
    return row


def batches(found: Iterable[Item | Fault]) -> Iterator[Batch | Fault]:
    """Group items into batches of at most `BATCH_ROWS`, with faults where they stood."""
    return grouped(found, BATCH_ROWS, lambda some: [Batch(LISTING, table(some))], in_order=True)
