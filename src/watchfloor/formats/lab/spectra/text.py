"""Lines and numbers of a spectrum's text, whatever its encoding and line ends."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from stdnum import casrn

from watchfloor.formats.base import HEAD_BYTES, Fault
from watchfloor.formats.encoding.charset import Utf8

BLOCK: Final = 1 << 20
MAX_LINE: Final = 1 << 22
"""Bytes of a line; what is longer is cut there, so that a file without line ends needs no more memory."""
MAX_RAW: Final = 1 << 16
"""Bytes of a piece that a fault keeps."""

NUMBER: Final = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_VOLTAGE: Final = re.compile(rf"({NUMBER})\s*(?:e?V|volts?)?(?:\s*\(?CID\)?)?", re.IGNORECASE)
_KEY: Final = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without its end, of equal blank lines together the first alone.

    No line is longer than `MAX_LINE`.
    """
    text = Utf8(stream, stream.read(HEAD_BYTES))
    rest, before, number = b"", b"x", 1
    while chunk := text.read(BLOCK):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line != before or line.strip():
                yield number, _decoded(line)
            before = line
            number += 1
        if len(rest) > MAX_LINE:
            yield number, _decoded(rest[:MAX_LINE])
            rest = b""
    if rest:
        yield number, _decoded(rest)


def fault(line: int, reason: str, raw: str = "", *, partly: bool = False) -> Fault:
    """A fault that stands in a line."""
    return Fault(f"line {line}", reason, raw.encode("utf-8", "replace")[:MAX_RAW], partly=partly)


def voltage(text: str) -> float | None:
    """Volts of `30`, `30 V`, `35 eV`; none of a normalised energy such as `HCD 35%`, which is no voltage."""
    match = _VOLTAGE.fullmatch(text.strip())
    return float(match[1]) if match and 0 < float(match[1]) < 1e4 else None


def cas(text: str) -> tuple[str | None, str | None]:
    """A CAS registry number, and a doubt where the text is none: its check digit is wrong."""
    number = text.strip()
    if not number.strip("0- ") or not re.search(r"\d", number):
        return None, None
    if casrn.is_valid(number):
        return str(casrn.compact(number)), None
    return None, f"{number[:40]!r} is no CAS registry number: its check digit is wrong"


def inchikey(text: str) -> str | None:
    """An InChIKey, where the text holds one."""
    match = _KEY.search(text.strip().upper())
    return match[0] if match else None


def number(text: str) -> float | None:
    """A finite or infinite number, `NaN` too; none where the text is no number."""
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _decoded(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "replace")
