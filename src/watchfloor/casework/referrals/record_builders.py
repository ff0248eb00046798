"""The records of acts on a referral, each checked against what was done before and nothing else.

Who asks has looked at the item's declarations and at the law, see `repository`.
"""

from collections.abc import Sequence
from datetime import datetime

from watchfloor.casework.referrals import refusals
from watchfloor.casework.referrals.life import (
    REASONS,
    SOURCE,
    Change,
    ExaminationResult,
    Pick,
    Referral,
    State,
)
from watchfloor.cell.acts import Row, common, minute, new_id, nonempty, refuse
from watchfloor.core.messages import Message
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.formats.tabular.fields import CHOSEN_BY, FINDINGS, INSPECTED_BY, INSPECTION_RESULTS


def referred(pick: Pick, authority: str, marking: str, by: str, now: datetime, key: bytes) -> Row:
    """The record that refers an item; who asks has looked at its declarations and the law.

    Raises:
        Refusal: it is no item, a word is unknown, it has no deadline that is still to come.
    """
    item = item_key(pick.subject)
    one_of(pick.means, INSPECTED_BY, "means")
    one_of(pick.chosen_by, CHOSEN_BY, "chosen_by")
    if pick.chance is not None and not 0 < pick.chance <= 1:
        refuse(refusals.CHANCE, chance=str(pick.chance))
    if pick.deadline is None:
        refuse(refusals.NO_DEADLINE)
    _to_come(pick.deadline, now)
    id_ = new_id(key, "referral", item, pick.document or "", by, now.isoformat())
    return common(SOURCE, id_, marking, now) | {
        "subject": item,
        "referral": id_,
        "state": "referred",
        "document": pick.document,
        "means": pick.means,
        "chosen_by": pick.chosen_by,
        "chance": pick.chance,
        "scheme": pick.scheme,
        "result": None,
        "found": None,
        "substance": None,
        "grounds": pick.grounds,
        "authority": authority,
        "why": None,
        "by": by,
        "edition": 1,
        "deadline": pick.deadline,
        "unit": pick.unit,
    }


def amended(one: Referral, edition: int, change: Change, by: str, now: datetime, why: str | None) -> Row:
    """Other means, grounds, deadline or unit, with a reason. Raises `Refusal`, as all that follow do."""
    one.check(edition, "amended", now)
    if change.means is not None:
        one_of(change.means, INSPECTED_BY, "means")
    if change.deadline is not None:
        _to_come(change.deadline, now)
    new = {name: value for name, value in change._asdict().items() if value is not None}
    if all(one.last[name] == value for name, value in new.items()):
        refuse(refusals.NOTHING)
    return _next(one, "amended", by, now) | new | {"why": nonempty(why, "why")}


def withdrawn(one: Referral, edition: int, by: str, now: datetime, why: str | None) -> Row:
    """It is no longer asked for; whoever takes it back says why."""
    one.check(edition, "withdrawn", now)
    return _next(one, "withdrawn", by, now) | {"why": nonempty(why, "why")}


def examined(one: Referral, edition: int, what: ExaminationResult, by: str, now: datetime) -> Row:
    """It was examined, and what came of that; a correction of an end says why."""
    one.check(edition, "examined", now)
    one_of(what.result, INSPECTION_RESULTS, "result")
    means = one_of(what.means or one.last["means"], INSPECTED_BY, "means")
    for name in what.found:
        one_of(name, FINDINGS, "found")
    if bool(what.found) != (what.result == "finding"):
        refuse(refusals.FOUND_WITHOUT)
    correction = one.state in ("examined", "not-examined")
    return _next(one, "examined", by, now) | {
        "means": means,
        "result": what.result,
        "found": list(dict.fromkeys(what.found)) or None,
        "substance": _substance(what),
        "why": nonempty(what.why, "why") if correction else (what.why or "").strip() or None,
    }


def not_examined(one: Referral, edition: int, by: str, now: datetime, cause: str, words: str | None) -> Row:
    """It was not examined: one of `REASONS`, and the officer's words."""
    one.check(edition, "not-examined", now)
    one_of(cause, REASONS, "reason")
    return _next(one, "not-examined", by, now) | {"why": f"{cause}: {nonempty(words, 'why')}"}


def expired(one: Referral, why: Message, by: str, now: datetime) -> Row:
    """Its deadline is past and nobody said what became of it: the clock ends it, and that is on record."""
    one.check(one.edition, "expired", now)
    if one.standing(now) != "expired" or one.deadline is None:
        refuse(refusals.NOT_LATE, referral=one.id, deadline=minute(one.deadline) if one.deadline else "–")
    return _next(one, "expired", by, now) | {"why": why.en.format(deadline=minute(one.deadline))}


def item_key(text: str) -> str:
    """The typed key of a parcel or container. Refused."""
    try:
        type_, system, number = parts(text)
        key = str(subject(type_, system, number))
    except SubjectError as error:
        refuse(refusals.SUBJECT, subject=text, problem=str(error))
    if type_ not in ("parcel", "container"):
        refuse(refusals.NO_ITEM, subject=key)
    return key


def one_of(given: str, known: Sequence[str], what: str) -> str:
    """The word where it is one of those that are known. Refused; `what` names the column."""
    if given not in known:
        refuse(refusals.NO_WORD, what_words=what, given=given, known=", ".join(known))
    return given


def _substance(what: ExaminationResult) -> str | None:
    if what.substance is None:
        return None
    try:
        key = str(subject(*parts(what.substance)))
    except SubjectError:
        key = ""
    if not key.startswith("substance:") or what.result != "finding":
        refuse(refusals.NO_SUBSTANCE, substance=what.substance)
    return key


def _to_come(deadline: datetime, now: datetime) -> None:
    if deadline <= now:
        refuse(refusals.PAST, deadline=minute(deadline))


def _next(one: Referral, state: State, by: str, now: datetime) -> Row:
    """The last act again, as the next edition; its reason and result are not carried on."""
    kept = {
        name: value for name, value in one.last.items() if name not in ("record_id", "delivery", "position")
    }
    return {
        **kept,
        **common(SOURCE, one.id, one.marking, now),
        "state": state,
        "by": by,
        "edition": one.edition + 1,
        "why": None,
        "result": None,
        "found": None,
        "substance": None,
    }
