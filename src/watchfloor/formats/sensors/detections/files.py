"""Files of detections, opened: a table whose columns are known by name, and what its first lines say of it.

Lines that begin with `#` before the header belong to no table. Two of them mean something: `# origin: 44.98,
-74.73`, where the zero of a file's plane is, and `# start: 2026-11-24T00:00:00Z`, when the zero of its clock
was. The metadata of a Parquet file's schema may say the same under `origin` and `start`.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from watchfloor.formats.base import HEAD_BYTES, FormatError
from watchfloor.formats.sensors.detections.columns import Columns, columns
from watchfloor.formats.sensors.local_plane import Origin, origin
from watchfloor.formats.tabular.delimited import sniff_delimiter
from watchfloor.formats.tabular.values import instant
from watchfloor.formats.tabular.whole_file import CODED, Header, header, names_of, parse, read, whole_utf8

_NOTE: Final = re.compile(rb"[ \t]*#[^\n]*(?:\n|$)|[ \t]*\r?\n")
_SAID: Final = re.compile(r"\s*#\s*(origin|start)\s*[:=]\s*(.*?)\s*$", re.IGNORECASE)
_TEXT: Final = (
    *("sensor", "class", "object", "claimed", "mmsi", "icao24", "name", "status", "says", "authority"),
    *("report_key", "origins"),
)
"""Quantities whose cells are text, also where they look like numbers: `007`, `4e1234`."""
_SHOWN: Final = 80


class Notes(NamedTuple):
    """A file's own notes: where the zero of its plane is, and when the zero of its clock was."""

    origin: Origin | None = None
    start: float | None = None


class DetectionFile(NamedTuple):
    """A table and what its file says of it.

    Attributes:
        table: the columns that are used.
        columns: what they mean.
        broken: lines that are no rows of it, in words.
        skipped: where these lines stand among the rows, 0 first.
        notes: what the file's first lines say.
    """

    table: pa.Table
    columns: Columns
    broken: tuple[str, ...]
    skipped: tuple[int, ...] = ()
    notes: Notes = Notes()


class Start(NamedTuple):
    """How a text file begins: its notes, the number of the line of its header, and that."""

    notes: Notes
    line: int
    header: Header


def start(head: bytes, name: str) -> Start:
    """Read the first bytes of a text file, in UTF-8. Raises `FormatError` where there is no header."""
    at, lines = 0, 0
    said: dict[str, str] = {}
    while (note := _NOTE.match(head, at)) and note.end() > at:
        if _is_header(note[0]):
            at += note[0].index(b"#") + 1
            break
        if found := _SAID.match(note[0].decode("utf-8", "replace")):
            said[found[1].lower()] = found[2]
        at, lines = note.end(), lines + 1
    top = header(head, name, at, f", line {lines + 1}")
    return Start(notes(said, name), lines + 1, top)


def _is_header(line: bytes) -> bool:
    """Whether a line with a `#` before it names columns, as some receivers write their headers."""
    text = line.lstrip().removeprefix(b"#")
    cells = [cell.strip('" \r\n') for cell in text.decode("utf-8", "replace").split(sniff_delimiter(text))]
    return len(cells) > 2 and columns(cells).has("observed_at")


def notes(said: Mapping[str, str], name: str) -> Notes:
    """Read the notes `origin` and `start`. Raises `FormatError` where one cannot be read."""
    try:
        zero = origin(said["origin"]) if said.get("origin") else None
    except ValueError as error:
        raise FormatError(f"{name}: {error}") from error
    if not said.get("start"):
        return Notes(zero)
    moment = instant(pa.array([said["start"]]))
    if moment.wrong:
        raise FormatError(f"{name}: start: {moment.wrong[0]}")
    return Notes(zero, pc.cast(moment.values, pa.int64())[0].as_py() / 1e6)


def metadata_notes(schema: pa.Schema, name: str) -> Notes:
    """Read the notes in a schema's metadata. Raises `FormatError` where they cannot be read."""
    stated = schema.metadata or {}
    return notes(
        {key: stated.get(key.encode(), b"").decode("utf-8", "replace") for key in Notes._fields}, name
    )


def open_parquet(source: pa.NativeFile, name: str) -> DetectionFile:
    """The used columns of a Parquet file. Raises `FormatError` where it is none."""
    try:
        file = parquet.ParquetFile(source)
        found = columns(names_of(file.schema_arrow))
        read_notes = metadata_notes(file.schema_arrow, name)
        return DetectionFile(file.read(columns=list(found.used)), found, (), notes=read_notes)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(f"{name} is no whole Parquet file: {error}") from error


def open_csv(data: pa.Buffer, name: str) -> DetectionFile:
    """The used columns of delimited text, each in the type that Arrow finds for it.

    Raises `FormatError` for an empty file, or one whose header cannot be read.
    """
    data = whole_utf8(data)
    begun = start(data.slice(0, min(HEAD_BYTES, data.size)).to_pybytes(), name)
    top = begun.header
    found = columns(top.names)
    types = {name: CODED if use.quantity in _TEXT else None for name, use in found.used.items()}
    table, skipped = read(data, top, types, dict.fromkeys(found.used, pa.string()), name)
    broken = [f"{one.text[:_SHOWN]!r} has {one.cells} cells, not {one.columns}" for one in skipped]
    again = parse(data, top, dict.fromkeys(list(types)[:1]), numbered=True)[1] if skipped else []
    numbers = tuple(one.number - 1 for one in again if one.number)
    return DetectionFile(table, found, _summed(broken), numbers, begun.notes)


def _summed(broken: list[str]) -> tuple[str, ...]:
    if not broken:
        return ()
    lines = "line is no row" if len(broken) == 1 else "lines are no rows"
    return (f"{len(broken):,} {lines} of it and left out, such as {broken[0]}",)
