"""The records that a lead rests on, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from watchfloor.cell.acting.acts import refuse
from watchfloor.cell.evidence import ids, rows
from watchfloor.cell.finding import title
from watchfloor.cell.leads import Lead
from watchfloor.console.endpoint import Asker
from watchfloor.formats.listing_rows import UNDATED
from watchfloor.records.messages import Language, declare
from watchfloor.store.search import Found

SIZE: Final = 50
LARGEST: Final = 200

NO_SUCH_RECORD: Final = declare(
    "console.no-such-evidence",
    en="this lead does not rest on {record} any more; begin the list again",
    fr="cette piste ne repose plus sur {record}; recommencez la liste",
)


class Cited(msgspec.Struct, frozen=True):
    """A record that a lead rests on.

    Attributes:
        record_id: its id; `kind`: what it is.
        title: what it is called.
        source: who delivered it.
        origins: the first reports that it repeats.
        reliability, credibility: the Admiralty pair of a report, apart; empty for what has none.
        observed_at: when it was so, by the source's clock; None where nobody says.
        marking: who may see it.
        locator: where in the delivery it stands.
    """

    record_id: str
    kind: str
    title: str
    source: str
    origins: list[str]
    reliability: str
    credibility: str
    observed_at: datetime | None
    marking: str
    locator: str


class Cites(msgspec.Struct, frozen=True):
    """A page of them: how many the lead cites, and the cursor of the next page."""

    records: list[Cited]
    count: int
    next: str


def cites(asker: Asker, one: Lead, after: str = "", size: int = SIZE) -> Cites:
    """Records behind a cursor, in the order in which the lead cites them. Raises `Refused`."""
    wanted = ids(one)
    start = _behind(wanted, after) if after else 0
    size = max(1, min(size, LARGEST))
    mine = wanted[start : start + size]
    found = [cited(row, asker.language) for row in rows(asker.floor, asker.reader, mine)]
    return Cites(found, len(wanted), mine[-1].hex() if start + size < len(wanted) else "")


def _behind(wanted: Sequence[bytes], after: str) -> int:
    try:
        return wanted.index(bytes.fromhex(after)) + 1
    except ValueError:
        refuse(NO_SUCH_RECORD, record=after)


def cited(row: dict[str, Any], language: Language) -> Cited:
    """A record in words."""
    return Cited(
        row["record_id"].hex(),
        row["kind"],
        title(Found(row["kind"], row, 0), language).partition(": ")[2],
        row["source"],
        list(row["origins"] or ()),
        row.get("reliability") or "",
        row.get("credibility") or "",
        None if row["observed_at"] == UNDATED else row["observed_at"],
        row["marking"],
        row["locator"],
    )
