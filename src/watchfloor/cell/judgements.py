"""Judgements: what a person decided about a lead's subject and a listed entity, as records like any other.

A judgement enters by the front door, so the desk that reads it takes its signal back, or brings it back, in
the same way on every run; undoing one is one more record, and the history shows both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.records.kinds import JUDGEMENT, KINDS, RECORD_ID
from watchfloor.records.marking import join
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead  # which reads judgements itself

SOURCE = "decisions"
Row = Mapping[str, Any]
Verdict = Literal["different", "same", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision about a lead.

    Attributes:
        verdict: `different`: another than the listed entity; `same`; or `withdrawn`, which undoes either.
        why: the reason, in the person's words.
        by: who decides.
        at: when.
        expires: when it must be looked at again, or None.
    """

    verdict: Verdict
    why: str
    by: str
    at: datetime
    expires: datetime | None = None


class Behind(NamedTuple):
    """A subject of a lead, and what the list says of the entity that its name resembles."""

    subject: str
    item: Row


def listed_behind(floor: Floor, reader: Reader, lead: "Lead") -> list[Behind]:
    """The list items that a lead's signals rest on, one a subject and entity, the strongest signal's first.

    The parts of an item are put together as the desk does it, so that what is judged is what the desk knows.
    """
    from watchfloor.desks.listings.desk import items, key_of

    cited = {id_ for contribution in lead.contributions for id_ in contribution.evidence}
    narrow = floor.read("listing", reader, columns=["record_id", "list_id", "entity_id"])
    mine = narrow.filter(pc.is_in(narrow["record_id"], value_set=pa.array(sorted(cited), RECORD_ID)))
    if not mine.num_rows:
        return []  # most leads rest on no list, and a whole list is long
    listings = floor.read("listing", reader)
    keys = {row["record_id"]: key_of(row) for row in mine.to_pylist()}
    standing = items(_of(floor, reader, listings, mine))
    found: dict[tuple[str, str], Behind] = {}
    for contribution in lead.contributions:
        for key in dict.fromkeys(keys[id_] for id_ in contribution.evidence if id_ in keys):
            if key in standing:
                found.setdefault((contribution.subject, key), Behind(contribution.subject, standing[key]))
    return list(found.values())


def _of(floor: Floor, reader: Reader, listings: pa.Table, mine: pa.Table) -> pa.Table:
    """All records of the entities of some listings, and the editions of their lists, in the fold's order."""
    from watchfloor.desks.listings.desk import DESK
    from watchfloor.run.order import arranged

    same = pc.and_(
        pc.is_in(listings["list_id"], value_set=mine["list_id"].combine_chunks()),
        pc.is_in(listings["entity_id"], value_set=mine["entity_id"].combine_chunks()),
    )
    editions = floor.read("consolidation", reader)
    read = {kind: KINDS[kind].schema.empty_table() for kind in DESK.reads}
    given = {"listing": listings.filter(same), "consolidation": editions}
    return arranged(DESK, read | given)


def judge(writer: Writer, lead: "Lead", behind: Iterable[Behind], judgement: Judgement) -> int:
    """Write one judgement an item, for what the item says today; gives the position in the log."""
    rows = pa.Table.from_pylist(list(_rows(lead, behind, judgement)), schema=JUDGEMENT.schema.remove(0))
    return writer.append(JUDGEMENT, rows.drop_columns(["delivery"]), source=SOURCE)


def _rows(lead: "Lead", behind: Iterable[Behind], judgement: Judgement) -> Iterator[dict[str, Any]]:
    from watchfloor.desks.listings.desk import fingerprint, key_of

    for subject, item in behind:
        yield {
            "report_key": f"{subject}:{key_of(item)}:{judgement.at.isoformat()}",
            "source": SOURCE,
            "origins": [],
            "observed_at": judgement.at,
            "marking": join([lead.marking, item["marking"]]),
            "locator": "typed in",
            "subject": subject,
            "about": key_of(item),
            "verdict": judgement.verdict,
            "basis": fingerprint(item),
            "why": judgement.why,
            "decided_by": judgement.by,
            "expires_at": judgement.expires,
        }


def standing(floor: Floor, reader: Reader, behind: Iterable[Behind], now: datetime) -> list[Row | None]:
    """The judgement that stands about each subject and entity: the last, if neither withdrawn nor expired."""
    from watchfloor.desks.listings.desk import key_of

    last: dict[tuple[str, str], Row] = {}
    for row in floor.read("judgement", reader).sort_by("observed_at").to_pylist():
        last[row["subject"], row["about"]] = row
    found = (last.get((one.subject, key_of(one.item))) for one in behind)
    return [row if row and stands(row, now) else None for row in found]


def stands(row: Row, now: datetime) -> bool:
    """Whether a judgement, the last of its kind, holds at a moment."""
    expired = row["expires_at"] is not None and row["expires_at"] <= now
    return row["verdict"] != "withdrawn" and not expired


def says_the_same(row: Row | None, one: Behind, verdict: Verdict) -> bool:
    """Whether a judgement that stands already says this of what the item says today."""
    from watchfloor.desks.listings.desk import fingerprint

    return row is not None and (row["verdict"], row["basis"]) == (verdict, fingerprint(one.item))
