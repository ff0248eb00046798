"""Binary arrays of mzML: base64, perhaps compressed, of floats or integers, and no larger than allowed."""

import base64
import binascii
import re
import zlib
from typing import Final

import numpy as np

from watchfloor.formats.spectra.points import Floats

MAX_BYTES: Final = 1 << 27
"""Bytes of one array; what inflates to more is a bomb, or no spectrum."""
TYPES: Final = {
    "MS:1000521": "<f4",
    "MS:1000523": "<f8",
    "MS:1000519": "<i4",
    "MS:1000522": "<i8",
    "MS:1000520": "<f2",
}
ZLIB, PLAIN = "MS:1000574", "MS:1000576"
OTHERS: Final = re.compile(r"numpress|zstd|compression|truncation|delta|linear prediction", re.IGNORECASE)
"""Names of compressions; those that are not zlib are not read."""


class ArrayError(ValueError):
    """An array that cannot be decoded; the message says why."""


def decoded(text: str, terms: dict[str, str]) -> Floats:
    """The numbers of one array.

    Args:
        text: its base64.
        terms: accession and name of each of its controlled terms.

    Raises:
        ArrayError: it is damaged, too large, or compressed in a way that is not read.
    """
    other = [name for key, name in terms.items() if key not in (ZLIB, PLAIN) and OTHERS.search(name)]
    if other:
        raise ArrayError(
            f"its numbers are packed by {other[0]!r}, which is not read: export it with zlib or none"
        )
    kind = next((TYPES[key] for key in TYPES if key in terms), None)
    if kind is None:
        raise ArrayError("it does not say what sort of numbers it holds")
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArrayError(f"its base64 is damaged: {error}") from error
    if ZLIB in terms:
        raw = _inflated(raw)
    width = int(kind[-1])
    if len(raw) % width:
        raise ArrayError(
            f"it has {len(raw):,} bytes, which are no whole numbers of {width} bytes: it was cut"
        )
    return np.frombuffer(raw, kind).astype(np.float64)


def _inflated(raw: bytes) -> bytes:
    inflate = zlib.decompressobj()
    try:
        out = inflate.decompress(raw, MAX_BYTES)
    except zlib.error as error:
        raise ArrayError(f"its zlib data are damaged: {error}") from error
    if inflate.unconsumed_tail:
        raise ArrayError(f"it inflates to more than {MAX_BYTES:,} bytes, which no spectrum has")
    if not inflate.eof and raw:
        raise ArrayError("its zlib data break off: it was cut")
    return out
