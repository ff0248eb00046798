"""The published numbers that figures rest on, row by row."""

from collections.abc import Iterable
from typing import Any

from watchfloor.scorecard.facts import day_of
from watchfloor.scorecard.periods import written
from watchfloor.scorecard.queries import Sum

Row = dict[str, Any]


def rows_of(sums: Iterable[Sum]) -> list[Row]:
    """Rows of some sums, each once, by month and cell: month, series, cell, measure, unit, value, vintage.

    Of facts that are records `record`, `source`, `locator` and `marking` say where they came from. `disputed`
    is true where a second file of the same vintage has another number.
    """
    found = {_key(row): row for one in sums for row in _rows(one)}
    return [found[key] for key in sorted(found)]


def _key(row: Row) -> tuple[str, ...]:
    return row["month"], row["measure"], repr(sorted(row["cell"].items())), row["vintage"]


def _rows(one: Sum) -> Iterable[Row]:
    rows = one.rows
    provenance = _provenance(one)
    for n in range(rows.rows.num_rows):
        yield {
            "month": written(int(rows.start[n])),
            "until": written(int(rows.end[n]) - 1),
            "series": rows.name,
            "cell": dict(rows.cells[rows.cell[n]]),
            "measure": rows.measures[n],
            "unit": rows.units.get(rows.measures[n], ""),
            "value": float(rows.value[n]),
            "vintage": day_of(int(rows.vintage[n])).isoformat(),
            "disputed": bool(rows.disputed[n]),
            **(provenance[n] if provenance else {}),
        }


def _provenance(one: Sum) -> list[Row]:
    names = [
        name for name in ("record_id", "source", "locator", "marking") if name in one.rows.rows.column_names
    ]
    found = one.rows.rows.select(names).to_pylist() if names else []
    return [{"record": row.pop("record_id").hex(), **row} if "record_id" in row else row for row in found]
