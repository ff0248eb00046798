"""Small tables and files of instruments, for the tests of their readers."""

from contextlib import suppress
from io import BytesIO

from watchfloor.core.kinds import READING
from watchfloor.formats.base import Batch, Fault, FormatError

PARCEL = "RR473124829GB"


def found(form, data, name="a.csv"):
    """Rows and faults of a file."""
    raw = data.encode() if isinstance(data, str) else data
    pieces = list(form.read(BytesIO(raw), name))
    rows = [row for piece in pieces if isinstance(piece, Batch) for row in piece.rows.to_pylist()]
    return rows, [piece for piece in pieces if isinstance(piece, Fault)]


def table(*rows, **more):
    """A CSV of rows with the columns that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(str((row | more).get(name, "")) for name in names) for row in rows)]
    return "\n".join(lines) + "\n"


def read_to_the_end(form, data):
    """Whatever the bytes are: rows of the kind, faults with a reason, or one error about the file."""
    with suppress(FormatError):
        for piece in form.read(BytesIO(data), "x"):
            assert piece.reason if isinstance(piece, Fault) else piece.rows.schema.equals(READING.body)
