"""Two officers, one lead: what was done about it since somebody looked who now acts on it.

Acts are records, so nothing is ever overwritten: the second of two stays beside the first. But an officer
who decides on what the queue showed at ten should not undo, unknowing, what was decided at five past: by a
colleague, or by themselves in another window.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.decisions.case_history import history_of
from watchfloor.casework.watch.sitrep import Records, Sentence
from watchfloor.cell.acts import Conflict, read
from watchfloor.cell.leads import Lead
from watchfloor.core.kinds import JUDGEMENT, OUTCOME, TASK
from watchfloor.core.messages import Language, declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

LOOKED_BACK: Final = 10_000
"""Acts of the log that are searched for the officer's last look; who looked earlier has not looked today."""

NOTHING: Final = "none"
"""What a page showed that told of no act."""
TOLD: Final = 3
"""Acts that a refusal tells, the newest."""

UNSEEN: Final = declare("cell.decided-unseen", "by", "verdict", "at", "why")
MEANWHILE: Final = declare("cell.meanwhile", "told")


def last_look(floor: Floor, officer: str) -> int:
    """Position of the log at which the officer was last shown the queue or a lead; 0 for never."""
    acts = floor.acts(max(1, floor.position - LOOKED_BACK + 1))
    mine = (act for act in reversed(acts) if act.act == "query" and act.actor and act.actor.name == officer)
    return next((act.position for act in mine if (act.detail or {}).get("what") == "leads"), 0)


def since(
    floor: Floor, reader: Reader, officer: str, subjects: Iterable[str], seen: int
) -> list[Mapping[str, Any]]:
    """Judgements about these subjects that others made after position `seen`, oldest first."""
    now = floor.read("judgement", reader)
    known = floor.read("judgement", reader, as_of=seen) if seen else now.slice(0, 0)
    about = pa.array(sorted(set(subjects)), pa.string())
    mine = pc.or_(pc.is_in(now["subject"], value_set=about), pc.is_in(now["about"], value_set=about))
    old = pc.is_in(now["record_id"], value_set=known["record_id"].combine_chunks())
    others = pc.and_(pc.not_equal(now["decided_by"], officer), pc.invert(old))
    return sorted(now.filter(pc.and_(mine, others)).to_pylist(), key=lambda row: row["observed_at"])


def done(floor: Floor, reader: Reader, leads: Set[str], subjects: Set[str]) -> list[Sentence]:
    """Decisions, outcomes and acts on tasks about a lead that the reader may see, in the order of the log."""
    judgements, outcomes, tasks = (read(floor, reader, kind) for kind in (JUDGEMENT, OUTCOME, TASK))
    return history_of(Records(tasks=tasks, judgements=judgements, outcomes=outcomes), leads, subjects)


def last(acts: Sequence[Sentence]) -> str:
    """Return the id of the last act's record, which a page carries for the acts that it shows."""
    return acts[-1].record_id.hex() if acts else NOTHING


def after(acts: Sequence[Sentence], seen: str) -> list[Sentence]:
    """The acts behind the one that a page showed last; all of them where that is none of them."""
    place = next((n for n, one in enumerate(acts, 1) if one.record_id.hex() == seen), 0)
    return list(acts[place:])


def names(lead: Lead) -> tuple[set[str], set[str]]:
    """Ids that a lead goes by, and its subjects."""
    matter = (lead, *lead.also)
    ids = {id_ for one in matter for id_ in (one.lead_id, *one.took_up)}
    return ids, set(lead.subjects or (lead.subject,))


def refuse_unseen(
    floor: Floor,
    reader: Reader,
    leads: Set[str],
    subjects: Set[str],
    seen: str | None,
    language: Language = "en",
    begun: datetime | None = None,
) -> None:
    """Raise `Conflict` where something was done about a lead that who acts on it has not seen.

    Args:
        floor: which.
        reader: who acts.
        leads: ids that the lead goes by.
        subjects: that it is about.
        seen: what the page that they act from showed last, see `last`; None: they act from none, and what
            others decided after they last looked counts.
        language: of what is told.
        begun: own acts from this moment on are of one form that does several, and no surprise.
    """
    if seen is None:
        others = since(floor, reader, reader.name, subjects, last_look(floor, reader.name))
        if others:
            one = others[-1]
            at = f"{one['observed_at']:%Y-%m-%d %H:%M}"
            raise Conflict(
                reason(UNSEEN, by=one["decided_by"], verdict=one["verdict"], at=at, why=one["why"])
            )
        return
    since_then = after(done(floor, reader, leads, subjects), seen)
    if new := [one for one in since_then if begun is None or one.by != reader.name or one.at < begun]:
        raise Conflict(reason(MEANWHILE, told=" · ".join(one.text(language) for one in new[-TOLD:])))
