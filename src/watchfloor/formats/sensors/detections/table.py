"""Detections of a file, whatever its format, as numpy columns: what `watchfloor track` reads.

Plain tables (CSV of any delimiter and encoding, Parquet, JSON) may call their columns as they like, see
`watchfloor.formats.sensors.detections.columns`; about 2 million rows of CSV a second are read on two cores.
A file of another format of ours that yields detections is recognised by its first bytes.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import DETECTION
from watchfloor.core.tables import as_table, is_table
from watchfloor.formats.base import Batch, Format, FormatError, Head
from watchfloor.formats.encoding.charset import UTF8, detect
from watchfloor.formats.json_objects import BOM
from watchfloor.formats.reader_options import NOTHING, FileStatement, begun
from watchfloor.formats.registry import GUESS, recognise
from watchfloor.formats.sensors import capture
from watchfloor.formats.sensors.detections import cells
from watchfloor.formats.sensors.detections.arrays import DetectionTable, Reason
from watchfloor.formats.sensors.detections.build import build, check
from watchfloor.formats.sensors.detections.columns import columns
from watchfloor.formats.sensors.detections.files import DetectionFile, open_csv, open_parquet
from watchfloor.formats.sensors.detections.json_file import open_json
from watchfloor.formats.tabular.whole_file import PARQUET, head_of

PLAIN: Final = ("detection-csv", "detection-parquet")
"""Formats whose files are read by their own header here."""


def load(source: Any, known: FileStatement = NOTHING) -> DetectionTable:
    """Read a file of detections whole, or a table of them.

    Args:
        source: the file; or a table of Arrow, pandas or polars, whose columns are named as in one.
        known: what a person says of it, which goes behind what it says itself.

    Raises:
        FormatError: it is empty, has no times or no places, has places of two sorts, or is no such file; the
            message says what is wrong and what to do.
        OSError: it cannot be opened.
    """
    if is_table(source):
        name, rows = "the table", as_table(source)
        opened = DetectionFile(rows, columns(rows.column_names), ())
    else:
        name, opened = Path(source).name, _opened(Path(source), known)
    check(opened.columns, name)
    opened = _radians(opened)
    table = build(opened.table, opened.columns, name)
    table = _numbered(replace(table, origin=opened.notes.origin), opened)
    zero = opened.notes.start
    if zero is None and known.base_time is not None:
        zero = known.base_time.timestamp()
    if table.dated or zero is None:
        return table
    return replace(table, dated=True, t=table.t + zero, received_at=table.received_at + zero)


ENOUGH: Final = 50
"""Directions of a file from which their unit is judged."""
WIDE: Final = 1.0
"""How far apart they must lie then. A camera of 1 to 6.3 degrees that looks north, in degrees and without
saying so, would be misread, and its user is told. Judgement."""


def _radians(opened: DetectionFile) -> DetectionFile:
    """Take directions that name no unit for radians where none is beyond a turn and they lie wide apart."""
    name = opened.columns.column("azimuth")
    if name is None or opened.columns.used[name].stated:
        return opened
    values, _ = cells.numbers(opened.table.column(name))
    values = values[np.isfinite(values)]
    if len(values) < ENOUGH or np.abs(values).max() > 2 * np.pi or np.ptp(values) < WIDE:
        return opened
    return opened._replace(columns=columns(opened.table.column_names, {name: "rad"}))


def _numbered(table: DetectionTable, opened: DetectionFile) -> DetectionTable:
    """Return a table whose rows are numbered as in its file, where lines between them are no rows."""
    account = replace(table.account, broken=opened.broken)
    if not opened.skipped:
        return replace(table, account=account)
    total = account.read + len(opened.skipped)
    kept = np.delete(np.arange(total), list(opened.skipped))
    account = replace(
        account,
        read=total,
        refused=(
            *(replace(one, rows=kept[one.rows]) for one in account.refused),
            Reason("it is no row of the table", np.array(opened.skipped)),
        ),
        left_out=tuple(replace(one, rows=kept[one.rows]) for one in account.left_out),
    )
    return replace(table, row=kept[table.row], account=account)


def _opened(path: Path, known: FileStatement) -> DetectionFile:
    head = head_of(path)
    if head.startswith(PARQUET):
        return open_parquet(pa.memory_map(str(path)), path.name)
    form = recognise(Head(path.name, head), above=GUESS)
    if form and DETECTION.name in form.kinds and form.name not in PLAIN:
        return _of_format(begun(form, known), path)
    if head.removeprefix(BOM).lstrip()[:1] in (b"[", b"{"):
        with path.open("rb") as stream:
            return open_json(stream, path.name)
    if (b"\0" in head and detect(head) == UTF8) or head.lstrip()[:1] == b"<":
        raise FormatError(
            f"{path.name} is no table and of no format of detections known here; give CSV, Parquet or JSON,"
            " or see `watchfloor ingest --help` for the formats"
        )
    return open_csv(pa.memory_map(str(path)).read_buffer(), path.name)


def _of_format(form: Format, path: Path) -> DetectionFile:
    """Rows of a format of ours. What it could not read is told in words."""
    parts, faults = [], []
    with path.open("rb") as stream:
        for piece in form.read(stream, path.name):
            if not isinstance(piece, Batch):
                faults.append(piece)
            elif piece.kind.name == DETECTION.name:
                parts.append(piece.rows)
    table = pa.concat_tables(parts) if parts else DETECTION.body.empty_table()
    told = [
        f"{len(faults):,} pieces could not be read, {one.locator} first: {one.reason}" for one in faults[:1]
    ]
    return DetectionFile(table, columns(table.column_names), (*told, *_redacted(form, path)))


def _redacted(form: Format, path: Path) -> tuple[str, ...]:
    """Says so where a file is what a floor with privacy zones has kept of a delivery."""
    if form.name != capture.FORMAT.name:
        return ()
    with path.open("rb") as stream:
        count = capture.withheld(stream)
    return (f"{count:,} detections of persons in privacy zones are not in it",) if count else ()
