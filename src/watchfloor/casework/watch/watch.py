"""The watch log: notes, alerts that somebody must acknowledge, who is on call, and handovers that two sign.

Nothing here runs a clock. Which alerts are late, how far up the chain they have gone and who is next is
computed from the records, the chain and the moment that is handed in; an escalation that somebody makes by
hand is a record too. A handover is complete when the one who leaves and the one who comes have each written
a record of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchfloor.casework.flags import ordered, rank
from watchfloor.casework.watch.orders import Watch
from watchfloor.cell.acts import Conflict, Row, common, minute, new_id, refuse, said, same_person
from watchfloor.records.messages import declare, reason

SOURCE: Final = "watch"
ON_WATCH: Final = "on-watch"
"""What a line is that says who has the watch, and nothing else."""
ROLE_HELD: Final = "role-held"
"""What a line is that says that somebody is on call in a role, and not who."""
DUTY: Final = "U//TLP:AMBER"
"""Marking of these two lines."""

ANSWERED: Final = declare("cell.alert-answered", "alert", "by", "at")
AT_THE_TOP: Final = declare("cell.alert-at-the-top", "alert", "to")
NOBODY: Final = declare("cell.no-such-role", "role", "roles")
OVER: Final = declare("cell.on-call-over", "until")
TO_ONESELF: Final = declare("cell.handover-to-oneself", "by")
SAME_TWICE: Final = declare("cell.handover-same-person", "entry", "by", "to")
OTHERS: Final = declare("cell.handover-to-another", "entry", "to", "by", "offered_by")
TAKEN: Final = declare("cell.handover-taken", "entry", "by", "at")
REPLACED: Final = declare("cell.handover-replaced", "entry", "other", "by", "at")


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as its records leave it.

    Attributes:
        entry: its id.
        rows: its records, oldest first; the first raised it.
        level: how far up the chain its last record stands, from 0.
        to: who must acknowledge it, as its last record says.
        due: by when.
        period: how long each role has.
        acknowledged: the record that did, or None.
    """

    entry: str
    rows: tuple[Row, ...]
    level: int
    to: str
    due: datetime
    period: timedelta
    acknowledged: Row | None

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.rows[0]["text"])

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flags."""
        return tuple(self.rows[0]["flags"])

    def steps(self, now: datetime) -> int:
        """How many roles have let their time pass since its last record."""
        return 0 if now < self.due else 1 + (now - self.due) // self.period


@dataclass(frozen=True, slots=True)
class Due:
    """Where an open alert stands at a moment.

    Attributes:
        alert: which.
        to: who must acknowledge it now; a person on call, or the role where nobody is.
        by: until when, before it goes on; of the top of the chain, the last moment it was given.
        late: whether somebody has let it pass.
        next: who it goes to then; None at the top.
    """

    alert: Alert
    to: str
    by: datetime
    late: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class Handover:
    """A handover: complete once it is `taken`; `replaced` is the offer that took its place before that."""

    entry: str
    offered: Row
    taken: Row | None
    replaced: Row | None


def note(
    text: str,
    by: str,
    now: datetime,
    key: bytes,
    marking: str,
    about: str | None = None,
    flags: Iterable[str] = (),
) -> Row:
    """A line of the log. Raises `Refused`."""
    return _row(_id(key, by, now), "note", text, by, now, marking, about, flags)


def alert(
    watch: Watch,
    entries: Sequence[Row],
    text: str,
    by: str,
    now: datetime,
    key: bytes,
    marking: str,
    about: str | None = None,
    flags: Iterable[str] = (),
    to: str | None = None,
) -> Row:
    """An alert, due as its flags say, to a person or to who is on call at the foot of the chain.

    Raises:
        Refused: no text, or an unknown flag.
    """
    raised = ordered(flags)
    whom = to or _holder(watch, entries, 0, now)
    due = now + watch.period(raised)
    return _row(_id(key, by, now), "alert", text, by, now, marking, about, raised, whom, due)


def acknowledge(found: Alert, by: str, now: datetime, text: str = "") -> Row:
    """Somebody has it. Raises `Conflict` where somebody had it before."""
    _unanswered(found)
    return _answer(found, "acknowledged", text, by, now)


def escalate(watch: Watch, entries: Sequence[Row], found: Alert, by: str, now: datetime, why: str) -> Row:
    """Send it up the chain by hand, in time or late. Raises `Refused`."""
    _unanswered(found)
    top = len(watch.roles) - 1
    level = _risen(found, watch, now)
    if found.level >= top:
        refuse(AT_THE_TOP, alert=found.entry, to=found.to)
    whom = _holder(watch, entries, level, now)
    return _answer(found, "escalated", said(why, "why"), by, now, whom, now + found.period)


def on_call(
    watch: Watch,
    role: str,
    person: str,
    until: datetime | None,
    by: str,
    now: datetime,
    key: bytes,
    marking: str,
) -> Row:
    """Who holds a role of the chain from now on, or until a moment. Raises `Refused`."""
    if role not in watch.roles:
        refuse(NOBODY, role=role, roles=", ".join(watch.roles))
    if until is not None and until <= now:
        refuse(OVER, until=minute(until))
    entry = new_id(key, "watch", "on-call", role)
    return _row(entry, "on-call", role, by, now, marking, None, (), said(person, "person"), until)


def offer(text: str, to: str, by: str, now: datetime, key: bytes, marking: str) -> Row:
    """Offer the watch to somebody, with the list of what is open; the first of two signatures.

    Raises:
        Refused: to oneself.
    """
    if same_person(said(to, "to"), by):
        refuse(TO_ONESELF, by=by)
    return _row(_id(key, by, now), "handover-offered", text, by, now, marking, None, (), to.strip())


def sign(found: Handover, text: str, by: str, now: datetime, marking: str) -> Row:
    """Take the watch; the second signature, by the one to whom it was offered.

    Raises:
        Conflict: it was signed, or replaced by another offer, before.
        Refused: it was not offered to this person.
    """
    offered = found.offered
    if taken := found.taken:
        at = minute(taken["observed_at"])
        raise Conflict(reason(TAKEN, entry=found.entry, by=taken["by"], at=at))
    if other := found.replaced:
        at = minute(other["observed_at"])
        raise Conflict(reason(REPLACED, entry=found.entry, other=other["entry"], by=other["by"], at=at))
    if same_person(offered["by"], by):
        refuse(SAME_TWICE, entry=found.entry, by=offered["by"], to=offered["to"])
    if not same_person(offered["to"], by):
        refuse(OTHERS, entry=found.entry, to=offered["to"], by=by, offered_by=offered["by"])
    return _row(found.entry, "handover-taken", text, by, now, marking, None, (), by)


def on_watch(taken: Row) -> Row:
    """The line that says who has the watch and nothing else, so that whoever keeps it with them may know.

    What was open when the watch was taken stands in `taken`, and may be above them. The name of an officer on
    duty is no personal information (Privacy Act, s. 3, "personal information", paragraph j).
    """
    by = taken["by"]
    return _row(taken["entry"], ON_WATCH, by, by, taken["observed_at"], DUTY, None, (), by)


def role_held(called: Row) -> Row:
    """The line that says that somebody is on call, for those who may not see their name."""
    text, at, due = called["text"], called["observed_at"], called["due"]
    return _row(called["entry"], ROLE_HELD, text, called["by"], at, DUTY, None, (), None, due)


def lines(entries: Iterable[Row]) -> list[Row]:
    """The log as people read it: without the lines that repeat who took the watch or that a role is held."""
    return [row for row in entries if row["what"] not in (ON_WATCH, ROLE_HELD)]


def alerts(watch: Watch, entries: Iterable[Row]) -> dict[str, Alert]:
    """Every alert by its id, from the records in the order of the log."""
    found: dict[str, Alert] = {}
    for row in entries:
        entry = row["entry"]
        if row["what"] == "alert":
            period = watch.period(row["flags"])
            found[entry] = Alert(entry, (row,), 0, row["to"], row["due"], period, None)
        elif entry in found and row["what"] in ("acknowledged", "escalated"):
            found[entry] = _answered(found[entry], row, watch)
    return found


def due(watch: Watch, entries: Sequence[Row], now: datetime) -> list[Due]:
    """Open alerts, life at risk first, then by when they are due."""
    standing = [
        _due(watch, entries, one, now) for one in alerts(watch, entries).values() if not one.acknowledged
    ]
    return sorted(standing, key=lambda one: (rank(one.alert.flags), one.by, one.alert.entry))


def handovers(entries: Iterable[Row]) -> dict[str, Handover]:
    """Every handover by its id. An offer that was not signed is replaced by the next."""
    found: dict[str, Handover] = {}
    waiting: str | None = None
    for row in entries:
        entry = row["entry"]
        if row["what"] == "handover-offered":
            if waiting:
                found[waiting] = Handover(waiting, found[waiting].offered, None, row)
            found[entry], waiting = Handover(entry, row, None, None), entry
        elif row["what"] == "handover-taken" and entry in found:
            found[entry], waiting = Handover(entry, found[entry].offered, row, None), None
    return found


def keeper(entries: Iterable[Row]) -> Row | None:
    """The record that says who last took the watch; None before the first handover."""
    taken = [row for row in entries if row["what"] in ("handover-taken", ON_WATCH)]
    return taken[-1] if taken else None


def roster(watch: Watch, entries: Iterable[Row], now: datetime) -> Mapping[str, str | None]:
    """Who is on call in each role, lowest first; None where nobody is, or somebody whose name is not here."""
    on = _on(entries, now)
    return {role: on[role]["to"] if role in on else None for role in watch.roles}


def held_unseen(entries: Iterable[Row], now: datetime) -> set[str]:
    """Roles in which somebody is on call whose name is not among these entries."""
    return {role for role, row in _on(entries, now).items() if row["what"] == ROLE_HELD}


def _on(entries: Iterable[Row], now: datetime) -> dict[str, Row]:
    """The line by which each role is held now: whoever was put on call last ends all before, seen or not."""
    held: dict[str, Row] = {}
    for row in entries:
        if row["what"] in ("on-call", ROLE_HELD):
            was = held.get(row["text"])
            name = row["what"] != ROLE_HELD
            if name or was is None or row["observed_at"] > was["observed_at"]:  # stands behind its name
                held[row["text"]] = row
    return {role: row for role, row in held.items() if row["due"] is None or row["due"] > now}


def _due(watch: Watch, entries: Sequence[Row], one: Alert, now: datetime) -> Due:
    top = len(watch.roles) - 1
    level = _level_now(one, watch, now)
    to = one.to if level == one.level else _holder(watch, entries, level, now)
    above = None if level >= top else _holder(watch, entries, level + 1, now)
    return Due(one, to, one.due + (level - one.level) * one.period, one.steps(now) > 0, above)


def _level_now(one: Alert, watch: Watch, now: datetime) -> int:
    return max(one.level, min(one.level + one.steps(now), len(watch.roles) - 1))


def _risen(one: Alert, watch: Watch, now: datetime) -> int:
    """The level an escalation by hand brings it to: at least one up, or where the clock has it."""
    return min(one.level + max(1, one.steps(now)), len(watch.roles) - 1)


def _answered(found: Alert, row: Row, watch: Watch) -> Alert:
    rows = (*found.rows, row)
    if row["what"] == "acknowledged":
        return Alert(found.entry, rows, found.level, found.to, found.due, found.period, row)
    level = _risen(found, watch, row["observed_at"])
    return Alert(found.entry, rows, level, row["to"], row["due"], found.period, found.acknowledged)


def _unanswered(found: Alert) -> None:
    if answer := found.acknowledged:
        at = minute(answer["observed_at"])
        raise Conflict(reason(ANSWERED, alert=found.entry, by=answer["by"], at=at))


def _holder(watch: Watch, entries: Iterable[Row], level: int, now: datetime) -> str:
    """Who is on call at a level of the chain; the role's name where nobody is."""
    role = watch.roles[level]
    return roster(watch, entries, now)[role] or role


def _answer(
    found: Alert,
    what: str,
    text: str,
    by: str,
    now: datetime,
    to: str | None = None,
    due: datetime | None = None,
) -> Row:
    first = found.rows[0]
    row = _row(found.entry, what, text or what, by, now, first["marking"], first["about"], (), to, due)
    return row | {"flags": list(found.flags)}


def _row(
    entry: str,
    what: str,
    text: str,
    by: str,
    now: datetime,
    marking: str,
    about: str | None = None,
    flags: Iterable[str] = (),
    to: str | None = None,
    due: datetime | None = None,
) -> Row:
    return common(SOURCE, entry, marking, now) | {
        "entry": entry,
        "what": what,
        "text": said(text, "text"),
        "about": about,
        "flags": ordered(flags),
        "due": due,
        "to": to,
        "by": by,
    }


def _id(key: bytes, by: str, now: datetime) -> str:
    return new_id(key, "watch", by, now.isoformat())
