"""The records that a lead rests on, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from watchfloor.cell import evidence
from watchfloor.cell.acts import refuse
from watchfloor.cell.finding import called
from watchfloor.cell.leads import Lead
from watchfloor.console.endpoints.endpoint import Asker
from watchfloor.core.messages import Language, declare
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.store.index.search import SearchHit

SIZE: Final = 50
LARGEST: Final = 200

NO_SUCH_RECORD: Final = declare("console.no-such-evidence", "record")


class Cited(msgspec.Struct, frozen=True):
    """A record that a lead rests on; or all of one sensor's of one track, of which the first stands here.

    Attributes:
        record_id: its id; `kind`: what it is.
        title: what it is called.
        source: who delivered it.
        origins: the first reports that it repeats.
        reliability, credibility: the Admiralty pair of a report, apart; empty for what has none.
        observed_at: when it was so, by the source's clock; None where nobody says.
        marking: who may see it.
        locator: where in the delivery it stands.
        others: ids of the others of the same sensor and track; `until`: when the last was observed.
        track: key of the track that they were given to; empty for what has none.
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
    others: list[str] = []
    until: datetime | None = None
    track: str = ""


class Cites(msgspec.Struct, frozen=True):
    """A page of them.

    Attributes:
        count: how many records the lead cites; `next`: the cursor of the next page.
        votes: of each track how often the records of this page reported which class.
    """

    records: list[Cited]
    count: int
    next: str
    votes: dict[str, str] = {}


def cites(asker: Asker, one: Lead, after: str = "", size: int = SIZE) -> Cites:
    """Records behind a cursor, in the order in which the lead cites them. Raises `Refusal`."""
    wanted = evidence.standing(asker.floor, asker.reader, one)
    start = _behind(wanted, after) if after else 0
    size = max(1, min(size, LARGEST))
    mine = wanted[start : start + size]
    rows = evidence.rows(asker.floor, asker.reader, mine)
    folded = evidence.folded(rows, one)
    found = [cited(each, asker.language) for each in folded]
    after = mine[-1].hex() if start + size < len(wanted) else ""
    return Cites(found, len(wanted), after, evidence.votes(folded, asker.language))


def _behind(wanted: Sequence[bytes], after: str) -> int:
    try:
        return wanted.index(bytes.fromhex(after)) + 1
    except ValueError:
        refuse(NO_SUCH_RECORD, record=after)


def cited(one: evidence.Cited, language: Language) -> Cited:
    """A record in words."""
    row = one.row
    return Cited(
        row["record_id"].hex(),
        row["kind"],
        called(SearchHit(row["kind"], row, 0), language) if not one.sensor else reported(one, language),
        row["source"],
        list(row["origins"] or ()),
        row.get("reliability") or "",
        row.get("credibility") or "",
        None if row["observed_at"] == UNDATED else row["observed_at"],
        row["marking"],
        row["locator"],
        [each.hex() for each in one.record_ids[1:]],
        one.until if len(one.record_ids) > 1 else None,
        one.track,
    )


def reported(one: evidence.Cited, language: Language) -> str:
    """A sensor, and how often it reported which class."""
    return f"{one.sensor}: {evidence.voted(one.votes, language)}" if one.votes else one.sensor


class Defrauded(msgspec.Struct, frozen=True, kw_only=True):
    """An application whose applicant may have been defrauded: where it was decided, and what was noted."""

    number: str
    office: str
    officer: str
    outcome: str
    note: str
    record: str
    marking: str


def defrauded(asker: Asker, lead: Lead) -> list[Defrauded]:
    """Return the applications that a ring holds together, by number; none of them is what a lead is about."""
    wanted = [id_ for one in lead.contributions if one.rule.startswith(RING) for id_ in one.evidence]
    found = [
        row
        for row in evidence.rows(asker.floor, asker.reader, list(dict.fromkeys(wanted)))
        if row["kind"] == "application"
    ]
    return [
        Defrauded(
            **{name: row[name] or "" for name in ("number", "office", "officer", "outcome")},
            note=row["officer_note"] or "",
            record=row["record_id"].hex(),
            marking=row["marking"],
        )
        for row in sorted(found, key=lambda row: (row["number"], row["record_id"]))
    ]


RING: Final = "ring-"
"""How rules of the travel desk begin."""
