"""The packaged table of monthly facts, from the published files: run it by hand when a newer file came.

    python design/statistics.py ../shared/data/statistics

It writes src/watchfloor/reference/statistics/facts.tsv.gz and prints what it holds. Kept are the numbers that
claims need: every cell of CBP's drug seizures, encounters summed to citizenship (Canada, or any
other), border and, in the north, state, and the Border Patrol's months by sector. Every file is a vintage and
all of them are kept. The bytes depend on the files alone. What files of one series say of the same months in
different ways is printed too.
"""

import gzip
import sys
from collections.abc import Iterator
from itertools import combinations
from math import isclose
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.statistics import cbp_drugs, cbp_encounters, usbp_monthly
from watchfloor.formats.statistics.cells import dumped
from watchfloor.formats.statistics.files import read

OUT = Path(__file__).parents[1] / "src/watchfloor/reference/statistics/facts.tsv.gz"
NORTH = "Northern Land Border"
CANADA, OTHERS = "CANADA", "OTHER THAN CANADA"
KEYS = ("series", "published", "dated", "measure", "unit", "to_date", "month", "cell")


def main() -> None:
    """Read every file of the folder, keep what is needed, write it, and say what was written."""
    lines: list[str] = []
    tables: dict[str, pa.Table] = {}
    for path in sorted(Path(sys.argv[1]).iterdir()):
        table, faults = read(path)
        for one in faults:
            print(f"{path.name}, {one.locator}: {one.reason}", file=sys.stderr)
        kept = list(rows(table))
        print(f"{path.name}: {len(kept):,} of {table.num_rows:,} numbers")
        lines += kept
        tables[path.name] = table
    for old, new in combinations(sorted(tables, key=lambda name: _vintage(tables[name])), 2):
        if _series(tables[old]) == _series(tables[new]):
            revised(old, tables[old], new, tables[new])
    text = "\n".join(["\t".join((*KEYS, "value")), *sorted(lines)]) + "\n"
    OUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{OUT.name}: {len(lines):,} numbers, {OUT.stat().st_size:,} bytes")


def rows(table: pa.Table) -> Iterator[str]:
    """Lines of the packaged table, from the rows of one file."""
    cells = [needed(series, msgspec.json.decode(cell)) for series, cell in _distinct(table)]
    table = table.append_column("kept", _mapped(table, cells))
    table = table.filter(pc.is_valid(table["kept"]))
    month = pc.utf8_slice_codeunits(pc.cast(table["observed_at"], pa.string()), 0, 7)
    day = pc.utf8_slice_codeunits(pc.cast(table["published"], pa.string()), 0, 10)
    plain = table.drop_columns(["published", "cell"]).append_column("published", day)
    plain = plain.append_column("month", month).rename_columns({"kept": "cell"})
    sums = plain.group_by(list(KEYS), use_threads=False).aggregate([("value", "sum")])
    for row in sums.to_pylist():
        yield "\t".join((*(_text(row[key]) for key in KEYS), _text(row["value_sum"])))


def revised(one: str, older: pa.Table, other: str, newer: pa.Table) -> None:
    """Say in how many cells two vintages differ, in the months that both have."""
    before, after = _numbers(older), _numbers(newer)
    common = {month for month, *_ in before} & {month for month, *_ in after}
    if not common:
        return
    for measure in sorted({key[1] for key in before}):
        was = {key: one for key, one in before.items() if key[0] in common and key[1] == measure}
        now = {key: one for key, one in after.items() if key[0] in common and key[1] == measure}
        both = was.keys() & now.keys()
        changed = {key for key in both if not isclose(was[key], now[key], rel_tol=1e-12)}
        noise = sum(was[key] != now[key] for key in both) - len(changed)
        new, gone = len(now.keys() - was.keys()), len(was.keys() - now.keys())
        months = ", ".join(sorted({key[0] for key in changed})) or "none"
        print(
            f"{one} -> {other}, {min(common)} to {max(common)}, {measure}: {len(both):,} cells in both,"
            f" {len(changed)} changed ({months}), {noise} in the last digits alone, {new} new, {gone} gone"
        )


def _numbers(table: pa.Table) -> dict[tuple[str, str, str], float]:
    month = pc.utf8_slice_codeunits(pc.cast(table["observed_at"], pa.string()), 0, 7).to_pylist()
    keys = zip(month, table["measure"].to_pylist(), table["cell"].to_pylist(), strict=True)
    return dict(zip(keys, table["value"].to_pylist(), strict=True))


def _series(table: pa.Table) -> str:
    return str(table["series"][0])


def _vintage(table: pa.Table) -> str:
    return str(table["published"][0])


def needed(series: str, cell: dict[str, str]) -> str | None:
    """The cell that a cell is summed into; None where no claim needs it."""
    if series in (cbp_drugs.SERIES, usbp_monthly.SERIES):
        return dumped(cell)
    if series != cbp_encounters.BY_STATE:
        return None
    kept = {"region": cell["region"], "citizenship": CANADA if cell["citizenship"] == CANADA else OTHERS}
    return dumped(kept | ({"state": cell["state"]} if cell["region"] == NORTH else {}))


def _distinct(table: pa.Table) -> list[tuple[str, str]]:
    series = table["series"].unique().to_pylist()
    return [(series[0], cell) for cell in table["cell"].unique().to_pylist()]


def _mapped(table: pa.Table, cells: list[str | None]) -> pa.ChunkedArray:
    return pc.take(pa.array(cells, pa.string()), pc.index_in(table["cell"], table["cell"].unique()))


def _text(value: str | float | bool | None) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value or ""


if __name__ == "__main__":
    main()
