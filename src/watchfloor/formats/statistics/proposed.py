"""Proposal of a mapping of statistics beside its columns: periods, cells, series and vintage."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.partial_date import MONTHS
from watchfloor.core.protected import is_protected
from watchfloor.formats.base import FormatError
from watchfloor.formats.statistics.periods import is_period
from watchfloor.formats.statistics.vintage import day_in
from watchfloor.formats.tabular.fields import Source
from watchfloor.formats.tabular.lexicon import plain
from watchfloor.formats.tabular.mapping import Filled, Mapping
from watchfloor.formats.tabular.wide import COLUMN, VALUE

LEAST: Final = 2
"""Columns called as periods are, from which on a table is wide."""
WEIGHTS: Final = frozenset("weight mass kg lb lbs g grams poids masse kilogrammes".split())
"""Words of a column that holds weights."""

TOTALS: Final = frozenset({"total", "totals", "all", "grand total", "totaux", "ensemble", "tous", "toutes"})
"""Texts in a column of dimensions that are sums of its others."""


def completed(cells: pa.Table, found: dict[str, Filled], file: str, today: str, notes: list[str]) -> Mapping:
    """A mapping to `statistic`, from the columns that were recognised.

    Args:
        cells: the first rows of the table.
        found: fields and their columns.
        file: its name: its stem becomes the series, a day in it the vintage.
        today: the vintage where the name has none.
        notes: what a person should look at; more are added.
    """
    wide = _wide(cells.column_names)
    fields = {name: filled for name, filled in found.items() if not set(_columns(filled)) & set(wide)}
    if wide:
        year = _columns(fields["observed_at"]) if "observed_at" in fields and not is_period(wide[0]) else []
        fields |= {"observed_at": (*year, COLUMN) if year else COLUMN, "value": VALUE}
    if "value" not in fields and (numbers := _numbers(cells, fields)):
        fields["value"] = numbers
    if not wide and isinstance(column := fields.get("observed_at"), str):
        fields |= _in_two(cells, column)
    if "observed_at" in fields:
        fields.setdefault("until", fields["observed_at"])
    if "cell" not in fields and (dimensions := _dimensions(cells, fields, wide, notes)):
        fields["cell"] = dimensions
    return Mapping("statistic", fields, _constants(fields, file, today, notes), wide=wide)


def _wide(names: list[str]) -> tuple[str, ...]:
    """Columns that are called as periods are, or as months."""
    periods = tuple(one for one in names if is_period(one))
    months = tuple(one for one in names if one.lower().rstrip(".") in MONTHS)
    return next((some for some in (periods, months) if len(some) >= LEAST), ())


def _in_two(cells: pa.Table, column: str) -> dict[str, Filled]:
    """A year and a part of it, where they stand in two columns: `2023-24` and `Q1`."""
    for other in cells.column_names:
        if other == column:
            continue
        for year, part in ((column, other), (other, column)):
            texts = cells[part].drop_null().unique().to_pylist()
            if texts and not any(map(is_period, texts)) and _joins(cells, year, part):
                return {"observed_at": (year, part), "until": (year, part)}
    return {}


def _joins(cells: pa.Table, year: str, part: str) -> bool:
    """Whether every row has a period in two columns, the second of which holds no numbers."""
    pairs = cells.select([year, part]).group_by([year, part]).aggregate([]).to_pylist()
    return not _numeric(cells[part]) and all(is_period(f"{one[year]} {one[part]}") for one in pairs)


def _columns(filled: Filled) -> list[str]:
    if isinstance(filled, str):
        return [filled]
    if isinstance(filled, Source):
        return list(filled.names)
    return [name for one in filled for name in _columns(one)]


def _dimensions(
    cells: pa.Table, fields: dict[str, Filled], wide: Iterable[str], notes: list[str]
) -> tuple[Source, ...]:
    """The columns that are left and do not hold numbers alone."""
    used = {*wide, *(name for filled in fields.values() for name in _columns(filled))}
    left = [one for one in cells.column_names if one not in used and not _numeric(cells[one])]
    for one in left:
        texts = (text for text in cells[one].unique().to_pylist() if text and plain(text) in TOTALS)
        if (sums := next(texts, None)) is not None:
            notes.append(f"{one!r} holds {sums!r}: such rows repeat others; take them out of the file")
    why = "is left out: figures are not kept by nationality, ethnicity or religion"
    notes += [f"{one!r} {why}" for one in left if is_protected(one)]
    return tuple(Source(one, system=plain(one).replace(" ", "_")) for one in left if not is_protected(one))


def _numbers(cells: pa.Table, fields: dict[str, Filled]) -> str | None:
    """The only column that is left and holds numbers."""
    used = {name for filled in fields.values() for name in _columns(filled)}
    left = [one for one in cells.column_names if one not in used and _numeric(cells[one])]
    return left[0] if len(left) == 1 else None


def _numeric(column: pa.ChunkedArray) -> bool:
    """Whether at least half of the texts are numbers, however they are separated."""
    texts = column.drop_null()
    numbers = pc.sum(pc.match_substring_regex(texts, r"^[\s\d.,]*\d[\s\d.,]*$")).as_py()
    return 2 * (numbers or 0) >= max(len(texts), 1)


def _constants(fields: dict[str, Filled], file: str, today: str, notes: list[str]) -> dict[str, str]:
    """Series, measure and vintage where no column has them."""
    stem = PurePosixPath(file).name.split(".")[0].partition("@")[0]
    known = {"series": plain(stem).replace(" ", "-") or "table", "measure": _measure(fields)}
    if "published" not in fields:
        known["published"] = _published(file, today, notes)
    return {name: value for name, value in known.items() if name not in fields}


def _measure(fields: dict[str, Filled]) -> str:
    """Weight, where the column of values is called so; else events."""
    words = plain(" ".join(_columns(fields["value"]))).split() if "value" in fields else []
    return "weight" if WEIGHTS & set(words) else "events"


def _published(file: str, today: str, notes: list[str]) -> str:
    try:
        if day := day_in(file):
            return day.isoformat()
    except FormatError as error:
        notes.append(str(error))
    notes.append(f"nothing says when the table was published; {today} stands for it: put the true day there")
    return today
