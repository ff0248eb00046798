"""A table as it is being mapped: its columns, what fills each field, and the first rows."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from watchfloor.console.pages.mapping.answers import Cell, ColumnLine, FieldLine, WordLine
from watchfloor.console.pages.mapping.choice import NO_VALUE
from watchfloor.console.tables import Mapped
from watchfloor.formats.tabular import coordinates, quantities
from watchfloor.formats.tabular.date_columns import DAYS, MOMENTS
from watchfloor.formats.tabular.fields import Field
from watchfloor.formats.tabular.table import trimmed
from watchfloor.formats.tabular.trial import (
    Trial,
    shown,
    units,
)

SAMPLES: Final = 3
"""Cells of a column that are shown."""
DATED: Final = frozenset({*MOMENTS, *DAYS})
WORDS: Final = 40
"""Different texts of a column whose words a person may choose."""
LONGEST: Final = 200
"""Characters of a cell that is shown."""


def cells_of(one: Mapped, row: dict[str, Any], heads: list[str], at: int | None) -> list[Cell]:
    """Return what a row says, field by field, with what stood in the table where that is another text."""
    said = shown(row)
    found = []
    for name in heads:
        names = [column for source in one.mapping.sources(name) for column in source.names]
        texts = [] if at is None else [one.found.cells[each][at].as_py() or "" for each in names]
        value, was = str(said.get(name, "")), " ".join(filter(None, texts))[:LONGEST]
        found.append(Cell(name, value, was if was != value else ""))
    return found


def columns_of(one: Mapped) -> Iterator[ColumnLine]:
    """Yield the columns of a table with their first cells, and the fields that each fills."""
    filled: dict[str, list[str]] = {}
    for field, column in one.mapping.columns():
        filled.setdefault(column, []).append(field)
    for name in one.found.names:
        cells = one.found.cells.column(name).slice(0, 50).to_pylist()
        first = [cell for cell in dict.fromkeys(cells) if cell][:SAMPLES]
        yield ColumnLine(name, first, filled.get(name, []))


def field_of(one: Mapped, field: Field, trial: Trial, missing: list[str]) -> FieldLine:
    """Return what fills a field, and for how many rows of a trial."""
    sources = one.mapping.sources(field.name)
    return FieldLine(
        field.name,
        field.required,
        [column for source in sources for column in source.names],
        [source.system or "" for source in sources for _ in source.names],
        field.name in DATED,
        next((source.formats[0] for source in sources if source.formats), ""),
        one.mapping.constants.get(field.name, ""),
        trial.filled[field.name],
        field.name in missing,
        units(one.mapping).get(field.name, ""),
        next((source.unit for source in sources if source.unit), ""),
        list(_units(one.mapping.kind, field.name)),
        list(field.words),
        list(_words(one, field)) if field.words else [],
    )


def _units(kind: str, field: str) -> tuple[str, ...]:
    """Return the units that a person may choose from for a field."""
    if field in coordinates.FIELDS:
        return ("deg", "west") if field.endswith("longitude") else ("deg", "south")
    quantity = quantities.of_field(kind, field)
    return quantities.CHOICES.get(quantity.dimension, ()) if quantity else ()


def _words(one: Mapped, field: Field) -> Iterator[WordLine]:
    """Yield the texts of a field's column, the commonest first, with what each is read as."""
    sources = one.mapping.sources(field.name)
    if len(sources) != 1 or len(sources[0].names) != 1:
        return
    values = sources[0].values
    counts = Counter(trimmed(one.found.cells.column(sources[0].names[0])).drop_null().to_pylist())
    for text, rows in counts.most_common(WORDS):
        if len(text) <= LONGEST:
            own = field.read(pa.array([values.get(text, text)]), sources[0]).values[0].as_py()
            own = own[0] if isinstance(own, list) and own else own
            yield WordLine(text, rows, NO_VALUE if values.get(text) == "" else own or "")
