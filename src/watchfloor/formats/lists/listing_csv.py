"""A list as plain CSV: `id,name,aliases,weak_aliases,schema,birth_date,country`, several values split by `;`.

Only `id` and `name` are needed. `instrument`, `item` and `in_force` (a day) say what a hit cites; columns of
other names are kept in the remarks, and so is a schema, birth date or country that cannot be understood: a
listed name is not lost for it, and one fault for the column says which values were left out. The list is
called as the file is, without its ending, so two files are two lists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import BinaryIO, Final

from watchfloor.core.partial_date import is_written
from watchfloor.core.schemas import BY_NAME, SCHEMAS
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.countries import country_code, country_codes
from watchfloor.formats.lists.listing_rows import UNDATED, Item, Name, batches, distinct, items, midnight
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.tabular.table import column_names, each

COLUMNS: Final = ("id", "name", "aliases", "weak_aliases", "schema", "birth_date", "country")
NAMED: Final = 3
"""Values that a fault names; its piece holds more."""

CITED: Final = ("instrument", "item", "in_force")


def sniff(head: Head) -> float:
    """Sure of a header with `id`, `name` and a column of aliases; tables of anything have `id` and `name`."""
    columns = {column.lower() for column in delimited.header_of(head.data)}
    aliases = bool({"aliases", "weak_aliases"} & columns)
    if {"id", "name"} <= columns:
        return 0.9 if aliases else 0.1
    return 0.2 if aliases else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`. Raises `FormatError` when the header lacks `id` or `name`, or the file is empty."""
    return batches(_items(stream, name))


def list_of(name: str) -> str:
    """The list that a file of that name holds."""
    return PurePath(name).stem or name


def _items(stream: BinaryIO, name: str) -> Iterator[Item | Fault]:
    sheet = delimited.read(stream, name)
    columns = column_names([column.lower() for column in sheet.names])
    if missing := [column for column in ("id", "name") if column not in columns]:
        raise FormatError(
            f"{name} has no column {' and no column '.join(missing)}; its header has {', '.join(columns)}. "
            f"A list has the columns {', '.join(COLUMNS)}, of which id and name are needed"
        )
    list_id, left_out = list_of(name), {column: _LeftOut() for column in _UNDERSTOOD}

    def item(value: dict[str, str], locator: str) -> Item:
        _check(value)
        for column, some in left_out.items():
            some.add(locator, _unread(column, value.get(column, "")))
        return _item(value, locator, list_id)

    yield from each(sheet.pieces, lambda rows: items(rows, columns, item))
    yield from (some.fault(column) for column, some in left_out.items() if some.count)


@dataclass(slots=True)
class _LeftOut:
    """Values of a column that say nothing we know; the first of them with their places."""

    count: int = 0
    places: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, locator: str, values: list[str]) -> None:
        self.count += len(values)
        for value in values if self.size < MAX_RAW else ():
            self.places.append(f"{locator}: {value}")
            self.size += len(self.places[-1].encode()) + 1

    def fault(self, column: str) -> Fault:
        some = "; ".join(self.places[:NAMED]) + ("; and others" if self.count > NAMED else "")
        says = "1 value is" if self.count == 1 else f"{self.count:,} values are"
        what, instead = _WANTED[column]
        reason = f"{says} {what} ({some}): listed without, and kept in the remarks. {instead}"
        return Fault(f"column {column}", reason, "\n".join(self.places).encode()[:MAX_RAW], partly=True)


def _item(value: dict[str, str], locator: str, list_id: str) -> Item:
    aliases = (Name(alias) for alias in _several(value.get("aliases", "")))
    weak = (Name(alias, "alias", "weak") for alias in _several(value.get("weak_aliases", "")))
    in_force = date.fromisoformat(value["in_force"]) if value.get("in_force") else None
    return Item(
        report_key=f"{list_id}#{value['id']}",
        locator=locator,
        observed_at=midnight(in_force) if in_force else UNDATED,
        list_id=list_id,
        entity_id=value["id"],
        instrument=value.get("instrument") or list_id,
        item=value.get("item") or value["id"],
        in_force=in_force,
        schema=BY_NAME.get(value.get("schema", "").lower(), "LegalEntity"),
        name=value["name"],
        names=distinct([Name(value["name"], "primary"), *weak, *aliases]),
        birth_dates=[day for day in _several(value.get("birth_date", "")) if is_written(day)],
        countries=country_codes(_several(value.get("country", ""))),
        remarks="; ".join(_remarks(value)) or None,
    )


def _remarks(value: dict[str, str]) -> Iterator[str]:
    """Other columns, and what could not be understood of ours."""
    for column, text in value.items():
        if column in _UNDERSTOOD:
            unread = _unread(column, text)
        else:
            unread = [text] if text and column not in (*COLUMNS, *CITED) else []
        yield from (f"{column}: {part}" for part in unread)


def _unread(column: str, text: str) -> list[str]:
    """Values in a cell that do not say what the column is for."""
    return [part for part in _several(text) if not _UNDERSTOOD[column](part)]


def _check(value: dict[str, str]) -> None:
    for needed in ("id", "name"):
        if not value[needed]:
            raise ValueError(f"this row has no {needed}")
    in_force = value.get("in_force", "")
    if in_force and not (len(in_force) == len("1971-05-02") and is_written(in_force)):
        raise ValueError(f"in_force {in_force!r} is no day; write 2026-06-01")


def _several(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


_UNDERSTOOD: Final[dict[str, Callable[[str], bool]]] = {
    "schema": lambda text: text.lower() in BY_NAME,
    "birth_date": is_written,
    "country": lambda text: country_code(text) is not None,
}
"""Whether one value of a column says what the column is for."""

_WANTED: Final = {
    "schema": ("no schema", f"Write {', '.join(SCHEMAS)}"),
    "birth_date": ("no date that there is", "Write 1970-02-28, 1970-02 or 1970"),
    "country": ("no country that is known here", "Write its two letters"),
}

FORMAT: Final = Format("listing-csv", ("listing",), sniff, read)
