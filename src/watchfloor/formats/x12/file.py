"""X12 309 as a format: customs manifests of highway, rail and sea."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.byte_ranges import piece
from watchfloor.formats.manifests import Row, batches
from watchfloor.formats.record_splitter import LINES
from watchfloor.formats.x12.bills import Bill, Manifest, bills
from watchfloor.formats.x12.declared import declared
from watchfloor.formats.x12.envelope import events

_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*ISA(.)\d\d\1", re.DOTALL)
_SET: Final = re.compile(rb"ST(.)309\1")


def sniff(head: Head) -> float:
    """Sure of an ISA before a set 309; less of an interchange of other sets."""
    if not _START.match(head.data):
        return 0.0
    return 0.96 if _SET.search(head.data.translate(None, LINES)) else 0.5


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `declaration` and `party`. Raises `FormatError` where no interchange begins."""
    yield from batches(_rows(stream, name))


def _rows(stream: BinaryIO, name: str) -> Iterator[Row | Fault]:
    manifest: Manifest | None = None
    for one in bills(events(stream, name)):
        if isinstance(one, Fault):
            if manifest and not one.partly:
                manifest.tally.damaged = True
            yield one
        elif isinstance(one, Manifest):
            manifest = one
        elif manifest is None:
            continue
        elif isinstance(one, Bill):
            yield from declared(manifest, one)
        else:
            if one.whole:
                what = f"transaction set {manifest.begin.reference}"
                yield from manifest.tally.told(what, manifest.begin.at.where, "bill (LX, M11)")
            manifest = None


FORMAT: Final = Format("x12-309", ("declaration", "party"), sniff, read, piece=piece)
