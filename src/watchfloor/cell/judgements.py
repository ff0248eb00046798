"""Judgements: what a person decided about a lead's subject and a listed entity, as records like any other.

A judgement enters by the front door, so the desk that reads it takes its signal back, or brings it back, in
the same way on every run; undoing one is one more record, and the history shows both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from watchfloor.desks.listings.desk import fingerprint, key_of
from watchfloor.records.kinds import JUDGEMENT
from watchfloor.records.marking import join
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead  # which reads judgements itself

SOURCE = "decisions"
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


def listed_behind(floor: Floor, reader: Reader, lead: "Lead") -> list[dict[str, Any]]:
    """The list items that a lead's signals rest on, one a listed entity, the strongest signal's first."""
    listings = {row["record_id"]: row for row in floor.read("listing", reader).to_pylist()}
    found: dict[str, dict[str, Any]] = {}
    for contribution in lead.contributions:
        for record_id in contribution.evidence:
            if (row := listings.get(record_id)) is not None:
                found.setdefault(key_of(row), row)
    return list(found.values())


def judge(writer: Writer, lead: "Lead", items: Iterable[dict[str, Any]], judgement: Judgement) -> int:
    """Write one judgement an item, for what the item says today; gives the position in the log."""
    rows = pa.Table.from_pylist(list(_rows(lead, items, judgement)), schema=JUDGEMENT.schema.remove(0))
    return writer.append(JUDGEMENT, rows.drop_columns(["delivery"]), source=SOURCE)


def _rows(lead: "Lead", items: Iterable[dict[str, Any]], judgement: Judgement) -> Iterator[dict[str, Any]]:
    for item in items:
        yield {
            "report_key": f"{lead.lead_id}:{key_of(item)}:{judgement.at.isoformat()}",
            "source": SOURCE,
            "origins": [],
            "observed_at": judgement.at,
            "marking": join([lead.marking, item["marking"]]),
            "locator": "typed in",
            "subject": lead.subject,
            "about": key_of(item),
            "verdict": judgement.verdict,
            "basis": fingerprint(item),
            "why": judgement.why,
            "decided_by": judgement.by,
            "expires_at": judgement.expires,
        }
