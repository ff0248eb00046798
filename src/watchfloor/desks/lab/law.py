"""Law on a substance on a day, from the reference `controls`."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.subjects import parts, subject

Row = Mapping[str, Any]

ORDER: Final = ("I", "II", "III", "IV", "V", "VI")
PRECURSORS: Final = "VI"
TEMPORARY: Final = "V"
DRUGS_OF_V: Final = "1"
"""Part of Schedule V, since 2026, that names substances which are no precursors."""
CARISOPRODOL: Final = "substance:cas:78-44-4"
"""The one substance of Schedule V without parts that is no precursor: item 1, 2025-04-14 to 2025-12-18."""


class Law:
    """The controls by substance: its CAS key, and its InChIKey where the table has one."""

    def __init__(self, controls: pa.Table) -> None:
        self._rows: dict[str, list[Row]] = {}
        self._names: dict[str, dict[str, str]] = {}
        for row in sorted(controls.to_pylist(), key=_rank):
            for key in _keys(row):
                self._rows.setdefault(key, []).append(row)
            if row["substance"]:
                for name in row["name"].split(" / "):
                    held = self._names.setdefault(name.casefold(), {})
                    held.setdefault(_connected(row), row["substance"])

    def control_of(self, substance: str | None, day: date) -> Row | None:
        """The control that holds for a substance on a day; of several, that of the first schedule."""
        return next((row for row in self._rows.get(substance or "", ()) if _in_force(row, day)), None)

    def known(self, substance: str) -> bool:
        """Whether it is controlled on any day."""
        return substance in self._rows

    def named(self, substance: str | None) -> str | None:
        """A substance under the key that the table gives it first, so that one substance has one key."""
        rows = self._rows.get(substance or "")
        return str(rows[0]["substance"]) if rows and rows[0]["substance"] else substance

    def called(self, name: str) -> str | None:
        """The substance that the law calls by a name, in either language; None where it so calls several.

        Mirror images and forms of one connectivity are one substance here: of its numbers, the first.
        """
        found = self._names.get(name.strip().casefold(), {})
        return next(iter(found.values())) if len(found) == 1 else None

    def keyed(self, row: Row) -> dict[str, Any]:
        """A reading whose substances have one key each, whatever the instrument numbers or calls them by."""
        results = [
            one | {"substance": self.named(one["substance"]) or self.called(one["name"])}
            for one in row["results"] or ()
        ]
        return {**row, "substance": self.named(row["substance"]), "results": results}

    def controlled(self, substance: str, day: date) -> bool:
        """Whether there is one."""
        return self.control_of(substance, day) is not None


def _keys(row: Row) -> Iterator[str]:
    if row["substance"]:
        yield row["substance"]
    if row.get("inchikey"):
        yield subject("substance", "inchikey", row["inchikey"])


def _connected(row: Row) -> str:
    """Return the atoms' connections, the first block of the InChIKey; else the substance's own key."""
    return (row.get("inchikey") or "")[:14] or str(row["substance"])


def _rank(row: Row) -> tuple[int, str, str]:
    schedule = row["schedule"]
    return (ORDER.index(schedule) if schedule in ORDER else len(ORDER), schedule, row["item"])


def _in_force(row: Row, day: date) -> bool:
    """From the first day to the last, both included; an open end, or a table without dates, always."""
    since, until = row.get("since"), row.get("until")
    return (since is None or since <= day) and (until is None or day <= until)


def is_precursor(control: Row) -> bool:
    """Whether an item names a precursor: of Schedule VI, or of Schedule V but for its Part 1.

    Before Schedule V had parts, what the stored editions have in it were precursors, but for carisoprodol.
    """
    part = control.get("part") or ""
    return control["schedule"] == PRECURSORS or (
        control["schedule"] == TEMPORARY
        and part.partition(".")[0] != DRUGS_OF_V
        and control["substance"] != CARISOPRODOL
    )


def cas_of(substance: str) -> str:
    """The CAS number of a substance; a dash where it is known by another number."""
    _, system, number = parts(substance)
    return number if system == "cas" else "—"
