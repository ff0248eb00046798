"""Monthly series of the public files; read by hand here, so that the product's reader is not needed."""

import csv
import gzip
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import month

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "statistics"
ENCOUNTERS = ("enc-fy20-fy23-state.csv", "enc-fy22-fy25-state.csv", "enc-fy23-fy26-nov-state.csv")
DRUGS = ("nationwide-drugs-fy23-fy26-dec.csv", "nationwide-drugs-fy23-fy26-apr.csv")
APPREHENSIONS = "usbp_monthly_encounters_fy2000-fy2020.csv.gz"
NAMES = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def there() -> None:
    """Ends the run where the files are not on this machine."""
    if not (FOLDER / APPREHENSIONS).exists():
        raise SystemExit(f"the public statistics are not in {FOLDER}")


def apprehensions(border: str) -> Monthly:
    """Border Patrol, October 1999 to September 2020: northern, southwest or coastal."""
    with gzip.open(FOLDER / APPREHENSIONS, "rt") as text:
        rows = csv.DictReader(text, delimiter="|")
        return Monthly.from_months(
            {month(int(r["cy"]), int(r["month"])): float(r[f"{border}_border"]) for r in rows}
        )


def encounters(border: str) -> Monthly:
    """All encounters at a border (Northern, Southwest, Other), October 2019 to November 2025."""
    found: dict[int, float] = {}
    for name in ENCOUNTERS:
        found |= vintage(name, "Land Border Region", border, "Encounter Count")
    return Monthly.from_months(found)


def events(file: str, border: str) -> Monthly:
    """Seizures of drugs at a border (Northern, Southwest, Coastal), events a month, of one vintage."""
    return Monthly.from_months(vintage(file, "Region", border, "Count of Event"))


def vintage(file: str, column: str, value: str, measure: str) -> dict[int, float]:
    """Sums by month of one file."""
    found: dict[int, float] = {}
    with (FOLDER / file).open(newline="") as text:
        for row in csv.DictReader(text):
            if row[column].startswith(value):
                key = _month(row)
                found[key] = found.get(key, 0.0) + float(row[measure])
    return found


def printed(title: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """A table for docs."""
    print(f"\n{title}\n")
    heads = columns.split(" | ")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(f"{x:.3f}" if isinstance(x, float) else str(x) for x in row) + " |")


def versions(*packages: str) -> str:
    """Names and versions of what ran."""
    return ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", *packages))


def _month(row: dict[str, str]) -> int:
    of_year = NAMES.index(row["Month (abbv)"][:3].upper()) + 1
    fiscal = int((row.get("Fiscal Year") or row["FY"])[:4])
    return month(fiscal - (of_year >= 10), of_year)


def logs(series: Monthly) -> np.ndarray:
    """As the nowcast takes them."""
    return np.log(series.complete().values + 0.5)
