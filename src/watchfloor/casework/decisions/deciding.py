"""Deciding about a lead: whether its subjects are the listed entities behind it; and taking that back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.decisions import conflicts
from watchfloor.cell.acts import minute, nonempty, refuse
from watchfloor.cell.judgements import SOURCE, Judgement, Row, Verdict, stands
from watchfloor.cell.leads import Lead
from watchfloor.core.kinds import JUDGEMENT, KINDS, RECORD_ID
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, declare
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

Answer = Literal["different", "same", "undo"]
"""What an officer says; an undoing is recorded as `withdrawn`."""

HOLDS: Final = timedelta(days=365)
"""How long a decision holds where nobody says until when."""

NO_ENTITY: Final = declare("cell.no-listed-entity", "lead", "which")
PAST: Final = declare("cell.decision-past", "until")
NOT_DECIDED: Final = declare("cell.nothing-to-undo", "lead")


@dataclass(frozen=True, slots=True)
class Decision:
    """An officer's decision about a lead.

    Attributes:
        answer: the subject is another than the listed entity, is the same, or that is taken back.
        why: the reason, in the officer's words.
        entity: only about this listed entity; None: all behind the lead.
        subject: only about this subject; None: all of the lead.
        until: when it must be looked at again; None: in a year.
        seen: what the page showed last, see `conflicts.refuse_unseen`.
        anyway: also where something was done meanwhile.
        begun: when several decisions of one form began to be made, see the same.
    """

    answer: Answer
    why: str
    entity: str | None = None
    subject: str | None = None
    until: datetime | None = None
    seen: str | None = None
    anyway: bool = False
    begun: datetime | None = None


class Behind(NamedTuple):
    """A subject of a lead, and what the list says of the entity that its name resembles."""

    subject: str
    item: Row


class Decided(NamedTuple):
    """A recorded decision: its position, and about whom. No position: all of it is `known` already."""

    position: int | None
    verdict: Verdict
    behind: Sequence[Behind]
    known: Sequence[Row] = ()


def about(floor: Floor, reader: Reader, lead: Lead, decision: Decision) -> list[Behind]:
    """The subjects and listed entities that a decision is about. Refused where there are none."""
    nonempty(decision.why, "why")
    behind = [
        one
        for one in listed_behind(floor, reader, lead)
        if decision.entity in (None, one.item["entity_id"]) and decision.subject in (None, one.subject)
    ]
    if not behind:
        which = " · ".join(filter(None, (decision.entity, decision.subject)))
        refuse(NO_ENTITY, lead=lead.lead_id, which=f" {which}" if which else "")
    return behind


def decide(
    floor: Floor,
    writer: Writer,
    reader: Reader,
    lead: Lead,
    decision: Decision,
    language: Language = "en",
) -> Decided:
    """Record a decision. It holds until it expires or the list item says something else.

    Raises:
        Conflict: something was done about the lead that the officer has not seen.
        Refusal: it is about nothing, holds for no time, or undoes nothing.
    """
    behind = about(floor, reader, lead, decision)
    now = writer.moment()  # the log's time never falls, whatever the clock does
    expires = decision.until or now + HOLDS
    if expires <= now:
        refuse(PAST, until=minute(expires))
    if not decision.anyway:
        names, seen = conflicts.names(lead), decision.seen
        conflicts.refuse_unseen(floor, reader, *names, seen, language, decision.begun)
    word: Verdict = "withdrawn" if decision.answer == "undo" else decision.answer
    changed = _changed(floor, reader, behind, word, now)
    if not changed:
        if word == "withdrawn":
            refuse(NOT_DECIDED, lead=lead.lead_id)
        return Decided(None, word, behind, list(filter(None, standing(floor, reader, behind, now))))
    why = decision.why.strip()
    position = judge(writer, lead, changed, Judgement(word, why, writer.actor.name, now, expires))
    return Decided(position, word, changed)


def _changed(
    floor: Floor, reader: Reader, behind: Sequence[Behind], word: Verdict, now: datetime
) -> list[Behind]:
    """Return the listed entities that a decision would change: a withdrawal those that are decided."""
    held = zip(behind, standing(floor, reader, behind, now), strict=True)
    if word == "withdrawn":
        return [one for one, row in held if row is not None]
    return [one for one, row in held if not says_the_same(row, one, word)]


def listed_behind(floor: Floor, reader: Reader, lead: Lead) -> list[Behind]:
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
    standing = items(_records_behind(floor, reader, listings, mine))
    found: dict[tuple[str, str], Behind] = {}
    for contribution in lead.contributions:
        for key in dict.fromkeys(keys[id_] for id_ in contribution.evidence if id_ in keys):
            if key in standing:
                found.setdefault((contribution.subject, key), Behind(contribution.subject, standing[key]))
    return list(found.values())


def _records_behind(floor: Floor, reader: Reader, listings: pa.Table, mine: pa.Table) -> pa.Table:
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


def judge(writer: Writer, lead: Lead, behind: Iterable[Behind], judgement: Judgement) -> int:
    """Write one judgement an item, for what the item says today; gives the position in the log."""
    rows = pa.Table.from_pylist(list(_rows(lead, behind, judgement)), schema=JUDGEMENT.schema.remove(0))
    return writer.append(JUDGEMENT, rows.drop_columns(["delivery"]), source=SOURCE)


def _rows(lead: Lead, behind: Iterable[Behind], judgement: Judgement) -> Iterator[dict[str, Any]]:
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


def says_the_same(row: Row | None, one: Behind, verdict: Verdict) -> bool:
    """Whether a judgement that stands already says this of what the item says today."""
    from watchfloor.desks.listings.desk import fingerprint

    return row is not None and (row["verdict"], row["basis"]) == (verdict, fingerprint(one.item))
