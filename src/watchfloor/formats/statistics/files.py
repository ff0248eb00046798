"""One file of published statistics on a disk, gzip or not, as a table: for what reads no floor."""

import gzip
import zlib
from io import BytesIO
from pathlib import Path

import pyarrow as pa

from watchfloor.core.kinds import STATISTIC
from watchfloor.formats.base import HEAD_BYTES, WHOLE_FILE, Batch, Fault, FormatError, Head
from watchfloor.formats.statistics import cbp_drugs, cbp_encounters, statistic_csv, usbp_monthly

FORMATS = (cbp_drugs.FORMAT, cbp_encounters.FORMAT, usbp_monthly.FORMAT, statistic_csv.FORMAT)


def read(path: Path) -> tuple[pa.Table, list[Fault]]:
    """Rows of `STATISTIC.body`, and what could not be read.

    Raises:
        FormatError: it is no file of statistics that is known here; the message says what would be.
        OSError: it cannot be read.
    """
    data, damage = _unpacked(path.read_bytes())
    name = path.name.removesuffix(".gz")
    head = Head(name, data[:HEAD_BYTES])
    form = max(FORMATS, key=lambda one: one.sniff(head))
    if not form.sniff(head):
        known = ", ".join(one.name for one in FORMATS)
        raise FormatError(
            f"{path} is none of {known}; describe it once: watchfloor feeds map FILE --kind statistic"
        )
    found = list(form.read(BytesIO(data), name))
    tables = [one.rows for one in found if isinstance(one, Batch)]
    faults = [one for one in found if isinstance(one, Fault)]
    return pa.concat_tables([STATISTIC.body.empty_table(), *tables]), faults + damage


def _unpacked(data: bytes) -> tuple[bytes, list[Fault]]:
    """The content of gzip, up to its last whole line where it is cut or damaged."""
    if not data.startswith(b"\x1f\x8b"):
        return data, []
    try:
        return gzip.decompress(data), []
    except (EOFError, zlib.error, gzip.BadGzipFile):
        whole = _as_far_as_it_goes(data)
        whole = whole[: whole.rfind(b"\n") + 1]
        return whole, [
            Fault(WHOLE_FILE, "the gzip file is cut or damaged: its end is missing", b"", rest=True)
        ]


def _as_far_as_it_goes(data: bytes) -> bytes:
    unpacker, found = zlib.decompressobj(wbits=31), bytearray()
    for at in range(0, len(data), 4096):
        try:
            found += unpacker.decompress(data[at : at + 4096])
        except zlib.error:
            break
    return bytes(found)
