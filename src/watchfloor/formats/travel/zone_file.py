"""Machine-readable zones as a format: documents with what their checks found, and who holds them.

A zone says nothing of when it was read, so that a feed must (`base_time`). Nationality and sex are in no row
and no fault. A zone without a number that can be read is a fault and no document.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Final

from watchfloor.core.messages import Reason
from watchfloor.core.subjects import subject
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.cargo.manifests import Row, batches
from watchfloor.formats.travel import sources
from watchfloor.formats.travel.finding import Zone, zones
from watchfloor.formats.travel.mrz import ISSUER, PATTERN, Verdict, verify

NAME: Final = "mrz"
TOLD: Final = (ISSUER.id, PATTERN.id)
"""Notes that are kept with a document beside its faults."""


def sniff(head: Head) -> float:
    """Sure where most lines of a text are of zones; a table with a column of them is named."""
    text = head.data.decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    if text.count("<") < 2 or "</" in text or head.name.lower().endswith(sources.TABLES):
        return 0.0
    found = sum(len(one.lines) for one in zones(enumerate(lines, 1)))
    return 0.9 if found and 2 * found >= len(lines) else 0.0


def read(stream: BinaryIO, name: str, base_time: datetime | None = None) -> Iterator[Batch | Fault]:
    """Rows of `travel-document` and `party`. Raises `FormatError` without `base_time`.

    Args:
        stream: of the file.
        name: of it.
        base_time: when the documents were seen.
    """
    if base_time is None:
        raise FormatError(f"{name} does not say when its zones were read: state base_time of the feed")
    yield from batches(_rows(stream, name, base_time))


def _rows(stream: BinaryIO, name: str, at: datetime) -> Iterator[Row | Fault]:
    for found in sources.read(stream, name):
        if isinstance(found, Fault):
            yield found
        else:
            yield from _document(found, at)


def _document(zone: Zone, at: datetime) -> Iterator[Row | Fault]:
    found = verify(zone, at.date())
    system = re.sub(r"[^a-z0-9]", "", found.issuer.lower())
    if not system or not re.fullmatch(r"[A-Z0-9]+", found.number):
        why = "; ".join(map(str, found.faults)) or "the zone has no document number"
        yield Fault(zone.locator, why, b"")
        return
    key, holder = str(subject("document", system, found.number)), ""
    common = {"origins": [], "observed_at": at, "locator": zone.locator}
    if found.primary:
        holder = str(subject("person", f"document-{system}", found.number))
        yield Row(
            "party",
            common
            | {
                "report_key": f"{key}:{found.expires}",
                "subject": holder,
                "role": "holder",
                "name": f"{found.primary} {found.secondary}".strip(),
                "schema": "Person",
                "birth_date": found.birth,
                "identifiers": [{"system": found.what, "number": found.number, "owner": found.issuer}],
            },
        )
    yield Row(
        "travel-document",
        common
        | {
            "report_key": f"{key}:{found.expires}",
            "document": key,
            "what": found.what,
            "issuer": found.issuer,
            "number": found.number,
            "expires": found.expires,
            "holder": holder or None,
            "checks": [one.stored() for one in _failed(found)],
        },
    )


def _failed(found: Verdict) -> Iterator[Reason]:
    yield from found.faults
    yield from (one for one in found.notes if one.message in TOLD)


FORMAT: Final = Format(NAME, ("travel-document", "party"), sniff, read)
