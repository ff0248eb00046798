"""Locators of binary formats: `bytes 120-164`, from byte 120, counted from 0, up to but without 164."""

import re
from typing import BinaryIO, Final

_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)")


def locator(start: int, end: int) -> str:
    """The locator of the bytes from `start` up to, but without, `end`."""
    return f"bytes {start}-{end}"


def piece(stream: BinaryIO, where: str) -> bytes | None:
    """The bytes that a locator names; None where it is no range of bytes, or lies behind the end."""
    match = _RANGE.fullmatch(where)
    if not match:
        return None
    start, end = int(match[1]), int(match[2])
    skipped = 0
    while skipped < start:
        gone = len(stream.read(min(1 << 20, start - skipped)))
        if not gone:
            return None
        skipped += gone
    return stream.read(max(0, end - start)) or None
