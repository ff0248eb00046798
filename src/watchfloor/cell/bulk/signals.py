"""Weigh a file or a table of signals: read it, set aside what cannot be weighed, link and weigh the rest.

made = weigh("signals.parquet", prior=0.03)        # or a table of Arrow, pandas or polars
made.leads, made.summary
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchfloor.cell.bulk import bulk_scoring
from watchfloor.cell.bulk.input_signals import COLUMNS, Fault, InputSignals, faults, read, with_types
from watchfloor.cell.bulk.input_signals_csv import read_csv
from watchfloor.cell.linking import Rules
from watchfloor.cell.nearby import Reach
from watchfloor.core.messages import Language
from watchfloor.core.tables import as_table, is_table
from watchfloor.formats.base import FormatError

PRIOR: Final = 0.03
RULES: Final = Rules()
REACH: Final = Reach()
SHOWN_HUBS: Final = 10


@dataclass(frozen=True, slots=True)
class Weighing:
    """Leads, and how they came about.

    Attributes:
        leads: rows of `bulk_scoring.LEADS`, the likeliest first.
        summary: counts by name, as `watchfloor weigh --json` has them.
        quarantined: rows that could not be weighed, as they came, with quarantine_row and quarantine_reason;
            None where there are none.
    """

    leads: pa.Table
    summary: dict[str, Any]
    quarantined: pa.Table | None


class Signals:
    """Signals as they came, and which of their rows can be weighed.

    Attributes:
        name: of the file.
        faults: of single rows, in their order.

    Raises:
        FormatError: it is neither Parquet nor CSV, holds no row, or lacks a column.
    """

    def __init__(self, source: Any) -> None:
        self._source = as_table(source) if is_table(source) else Path(source)
        self.name = self._source.name if isinstance(self._source, Path) else "the table"
        table = self._table(COLUMNS)
        if not table.num_rows:
            raise FormatError(f"{self.name} holds no signals; there is nothing to weigh")
        self._typed = with_types(table, self.name)
        self.faults = faults(self._typed)

    def _table(self, columns: tuple[str, ...] | None = None) -> pa.Table:
        if isinstance(self._source, Path):
            return read_table(self._source, columns)
        return self._source

    @cached_property
    def reasons(self) -> dict[int, list[str]]:
        """Why rows cannot be weighed, by their number from 1."""
        found: dict[int, list[str]] = {}
        for fault in self.faults:
            found.setdefault(fault.row, []).append(fault.reason)
        return found

    @property
    def good(self) -> int:
        """How many rows can be weighed."""
        return int(self._typed.num_rows) - len(self.reasons)

    def given(self) -> InputSignals:
        """Return the rows that can be weighed."""
        good = np.ones(self._typed.num_rows, bool)
        good[[row - 1 for row in self.reasons]] = False
        return read(self._typed.filter(pa.array(good)) if self.faults else self._typed)

    @cached_property
    def quarantined(self) -> pa.Table:
        """The other rows as they came, with their number and why they were set aside; once a row."""
        rows = self._table().take(pa.array([row - 1 for row in self.reasons]))
        rows = rows.append_column("quarantine_row", pa.array(list(self.reasons), pa.int64()))
        reasons = pa.array(["; ".join(why) for why in self.reasons.values()])
        return rows.append_column("quarantine_reason", reasons)

    def sentence(self, fault: Fault) -> str:
        """Return what is wrong with a row."""
        return f"{self.name}, row {fault.row} ({fault.signal_id or 'no id'}): {fault.reason}"

    def complaint(self) -> str:
        """Return what is wrong with the first row that cannot be weighed, and how many more there are."""
        more = len(self.reasons) - 1
        also = f"; {more:,} more rows cannot be weighed either" if more else ""
        return f"{self.sentence(self.faults[0])}{also}"


def weigh(
    signals: Any,
    *,
    prior: float = PRIOR,
    hub: float = RULES.least,
    most: int = RULES.most,
    speed: float = REACH.speed,
    quarantine: bool = False,
    language: Language = "en",
    progress: Callable[[str], object] = lambda _: None,
) -> Weighing:
    """Link signals into leads and weigh them: an origin once, echoes for what they are, sums that are exact.

    Args:
        signals: a Parquet or CSV file, or a table, with the columns signal_id, desk, subjects, bits (log2 of
            the likelihood ratio), origin and source.
        prior: probability of a lead before any signal, between 0 and 1.
        hub: bits; a shared subject worth less joins nobody.
        most: subjects that one lead may span.
        speed: how fast things move between signals near in place and time, m/s; 0: place links nothing.
        quarantine: whether rows that cannot be weighed are set aside; else they end the work, as evidence is
            not left out unseen.
        language: of the notes.
        progress: told what is being done.

    Raises:
        FormatError: the table cannot be read, or a row of it cannot be weighed.
        ValueError: an argument is out of its range.
    """
    if not 0 < prior < 1:
        raise ValueError(f"prior {prior}: a probability lies between 0 and 1, such as 0.03")
    if hub != hub or not speed >= 0 or most < 1:
        raise ValueError("hub is a number of bits, speed is not negative, most is at least 1")
    loaded = signals if isinstance(signals, Signals) else Signals(signals)
    if loaded.faults and not quarantine:
        raise FormatError(f"{loaded.complaint()}. Mend the rows, or set such rows aside: quarantine=True")
    if not loaded.good:
        raise FormatError(f"no row of {loaded.name} can be weighed")
    given, reach = loaded.given(), Reach(speed=speed) if speed else None
    made = bulk_scoring.weigh(given, prior, Rules(least=hub, most=most), reach, language, progress)
    summary = _summary(given, made, prior) | {"quarantined": len(loaded.reasons)}
    return Weighing(made.leads, summary, loaded.quarantined if loaded.faults else None)


def read_table(path: Path, columns: tuple[str, ...] | None = None) -> pa.Table:
    """Read a Parquet or CSV file, of which only `columns` are read. Raises `FormatError` if it is neither."""
    with path.open("rb") as file:
        head = file.read(4)
    if head != b"PAR1":
        return read_csv(path)
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            table = file.read([name for name in names if columns is None or name in columns])
        table.validate(full=True)
        return table
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FormatError(
            f"{path.name} is a Parquet file that cannot be read: {error}; ask for it anew"
        ) from error


def _summary(given: InputSignals, made: bulk_scoring.Weighed, prior: float) -> dict[str, Any]:
    links = made.links
    rows = [int(hub) for hub in links.hubs if links.parties[hub] > 1]
    rows.sort(key=lambda hub: (-int(links.parties[hub]), hub))
    return {
        "signals": len(given.ids),
        "subjects": len(given.keys),
        "leads": made.leads.num_rows,
        "prior": prior,
        **made.counts,
        "without_subject": made.nameless,
        "linked_by_place": made.near,
        "hubs": len(rows),
        "commonest": [
            {"subject": given.keys[hub].as_py(), "companies": int(links.parties[hub])}
            for hub in rows[:SHOWN_HUBS]
        ],
        "links_refused": len(links.refused.why),
    }
