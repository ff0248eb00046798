"""The watch log: notes, alerts that somebody must acknowledge, who is on call, and handovers that two sign.

Nothing here runs a clock. Which alerts are late, how far up the chain they have gone and who is next is
computed from the records, the chain and the moment that is handed in; an escalation that somebody makes by
hand is a record too. A handover is complete when the one who leaves and the one who comes have each written
a record of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from watchfloor.casework.flags import ordered, rank
from watchfloor.casework.watch.orders import Watch
from watchfloor.cell.acts import Conflict, Row, common, minute, new_id, nonempty, refuse, same_person
from watchfloor.cell.leads import Lead
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, Reason, declare, reason

SOURCE: Final = "watch"
ON_WATCH: Final = "on-watch"
"""What a line is that says who has the watch, and nothing else."""
ROLE_HELD: Final = "role-held"
"""What a line is that says that somebody is on call in a role, and not who."""
ON_ROSTER: Final = "on-roster"
"""What is no line of the log: who holds a role by a published roster, from `observed_at` until `due`."""
DUTY: Final = "U//TLP:AMBER"
"""Marking of who is on duty, which is no personal information (Privacy Act, s. 3, paragraph j)."""

ANSWERED: Final = declare("cell.alert-answered", "alert", "by", "at")
AT_THE_TOP: Final = declare("cell.alert-at-the-top", "alert", "to")
NOBODY: Final = declare("cell.no-such-role", "role", "roles")
OVER: Final = declare("cell.on-call-over", "until")
TO_ONESELF: Final = declare("cell.handover-to-oneself", "by")
SAME_TWICE: Final = declare("cell.handover-same-person", "entry", "by", "to")
OTHERS: Final = declare("cell.handover-to-another", "entry", "to", "by", "offered_by")
TAKEN: Final = declare("cell.handover-taken", "entry", "by", "at")
REPLACED: Final = declare("cell.handover-replaced", "entry", "other", "by", "at")


Place = tuple[float, float, float]
"""Latitude and longitude in degrees, radius in metres."""


class Cause(NamedTuple):
    """The finding of a rule of `watch.toml`: why, about which matter, by which signals, and where."""

    rule: str
    reason: Reason
    subjects: tuple[str, ...]
    signals: tuple[bytes, ...]
    place: Place | None


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
        """Return the text of the alert."""
        return str(self.rows[0]["text"])

    @property
    def rule(self) -> str | None:
        """The rule that raised it; None: a person did."""
        rule: str | None = self.rows[0].get("rule")
        return rule

    @property
    def subjects(self) -> tuple[str, ...]:
        """Typed keys of the matter that it is about, as far as it says."""
        return tuple(key for row in self.rows for key in row.get("subjects") or ())

    @property
    def signals(self) -> frozenset[bytes]:
        """The signals that spoke for it when it was raised, and those that came since."""
        return frozenset(one for row in self.rows for one in row.get("signals") or ())

    @property
    def place(self) -> Place | None:
        """Where it is, as it was said last."""
        rows = [row for row in self.rows if row.get("latitude") is not None]
        return (rows[-1]["latitude"], rows[-1]["longitude"], rows[-1]["radius"] or 0.0) if rows else None

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
        level: how far up the chain that is, from 0.
        unheld: roles up to there in which nobody is on call.
    """

    alert: Alert
    to: str
    by: datetime
    late: bool
    next: str | None
    level: int
    unheld: tuple[str, ...]


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
    """A line of the log. Raises `Refusal`."""
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
    subjects: Sequence[str] = (),
    place: Place | None = None,
    pace: float = 1.0,
) -> Row:
    """An alert, due as its flags say, to a person or to the lowest role of the chain that somebody holds.

    `pace` is how many times as fast as a person's the clock runs: an exercise gives them the minutes too.

    Raises:
        Refused: no text, or an unknown flag.
    """
    raised = ordered(flags)
    entries = _nameable(entries, marking)
    whom = to or _holder(watch, entries, _foot(watch, entries, now), now)
    due = now + watch.period(raised) * max(pace, 1.0)
    row = _row(_id(key, by, now), "alert", text, by, now, marking, about, raised, whom, due)
    return row | {"subjects": list(subjects) or None} | _placed(place)


def alert_of(
    watch: Watch,
    entries: Sequence[Row],
    cause: Cause,
    flags: Iterable[str],
    now: datetime,
    key: bytes,
    marking: str,
    about: str,
    pace: float = 1.0,
) -> Row:
    """Return the alert that a rule raises about a lead; its author is the rule."""
    text, by = cause.reason.render(), author(cause.rule)
    row = alert(watch, entries, text, by, now, key, marking, about, flags, pace=pace)
    entry = _id(key, f"{by} {about}", now)  # one rule may raise several at one moment
    return row | _said_of(cause) | {"entry": entry, "report_key": entry}


def author(rule: str) -> str:
    """Return the name under which a rule writes into the log."""
    return f"rule: {rule}"


def added(found: Alert, cause: Cause, now: datetime, marking: str) -> Row:
    """Return the line by which a rule says what came to the matter of an alert since."""
    row = _answer(found, "added", cause.reason.render(), author(cause.rule), now)
    return row | _said_of(cause) | {"marking": marking}


def _said_of(cause: Cause) -> Row:
    subjects, signals = list(cause.subjects), list(cause.signals)
    said = {"rule": cause.rule, "reason": cause.reason.stored(), "subjects": subjects, "signals": signals}
    return said | _placed(cause.place)


def _placed(place: Place | None) -> Row:
    latitude, longitude, radius = place or (None, None, None)
    return {"latitude": latitude, "longitude": longitude, "radius": radius}


def place_of(lead: Lead) -> Place | None:
    """Return where a lead is: the place of the weightiest signal that has one; None where none has."""
    signals = (*lead.speaks_for, *lead.signals)
    here = next((one.place for one in signals if one.place), None)
    return (here[0], here[1], here[2] or 0.0) if here else None


def words(row: Row, language: Language) -> str:
    """Return what a line says; of one that a rule wrote, in the language asked for."""
    why = row.get("reason")
    if language == "en" or not why:
        return str(row["text"])
    from watchfloor.desks.registry import declare_messages  # no English log waits for every desk

    declare_messages()
    return Reason.load(why).render(language)


def acknowledge(found: Alert, by: str, now: datetime, text: str = "") -> Row:
    """Somebody has it. Raises `Conflict` where somebody had it before."""
    _unanswered(found)
    return _answer(found, "acknowledged", text, by, now)


def escalate(watch: Watch, entries: Sequence[Row], found: Alert, by: str, now: datetime, why: str) -> Row:
    """Send it up the chain by hand, in time or late. Raises `Refusal`."""
    _unanswered(found)
    top = len(watch.roles) - 1
    entries = _nameable(entries, found.rows[0]["marking"])
    level = _risen(found, watch, entries, now)
    if found.level >= top:
        refuse(AT_THE_TOP, alert=found.entry, to=found.to)
    whom = _holder(watch, entries, level, now)
    return _answer(found, "escalated", nonempty(why, "why"), by, now, whom, now + found.period)


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
    """Who holds a role of the chain from now on, or until a moment. Raises `Refusal`."""
    if role not in watch.roles:
        refuse(NOBODY, role=role, roles=", ".join(watch.roles))
    if until is not None and until <= now:
        refuse(OVER, until=minute(until))
    entry = new_id(key, "watch", "on-call", role)
    return _row(entry, "on-call", role, by, now, marking, None, (), nonempty(person, "person"), until)


def offer(text: str, to: str, by: str, now: datetime, key: bytes, marking: str) -> Row:
    """Offer the watch to somebody, with the list of what is open; the first of two signatures.

    Raises:
        Refused: to oneself.
    """
    if same_person(nonempty(to, "to"), by):
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


def on_roster(role: str, people: Sequence[str], begins: datetime, ends: datetime, marking: str) -> Row:
    """Return who holds a role by a published roster, as the others of this log know who is on call."""
    names = ", ".join(people)
    return _row(ON_ROSTER, ON_ROSTER, role, ON_ROSTER, begins, marking, None, (), names, ends)


def role_held(called: Row) -> Row:
    """The line that says that somebody is on call, for those who may not see their name."""
    text, at, due = called["text"], called["observed_at"], called["due"]
    return _row(called["entry"], ROLE_HELD, text, called["by"], at, DUTY, None, (), None, due)


def lines(entries: Iterable[Row]) -> list[Row]:
    """The log as people read it: without what repeats who took the watch or holds a role."""
    return [row for row in entries if row["what"] not in (ON_WATCH, ROLE_HELD, ON_ROSTER)]


def alerts(watch: Watch, entries: Iterable[Row]) -> dict[str, Alert]:
    """Every alert by its id, from the records in the order of the log."""
    found: dict[str, Alert] = {}
    before: list[Row] = []
    for row in entries:
        entry = row["entry"]
        if row["what"] == "alert":
            period = row["due"] - row["observed_at"]
            level = _began(watch, _nameable(before, row["marking"]), row)
            found[entry] = Alert(entry, (row,), level, row["to"], row["due"], period, None)
        elif entry in found and row["what"] in ("acknowledged", "escalated", "added"):
            found[entry] = _answered(found[entry], row, watch, _nameable(before, row["marking"]))
        elif row["what"] in ("on-call", ROLE_HELD, ON_ROSTER):
            before.append(row)
    return found


def due(watch: Watch, entries: Sequence[Row], now: datetime) -> list[Due]:
    """Open alerts, life at risk first, then by when they are due."""
    standing = [
        _due(watch, entries, one, now) for one in alerts(watch, entries).values() if not one.acknowledged
    ]
    return sorted(standing, key=lambda one: (rank(one.alert.flags), one.by, one.alert.entry))


def answered(watch: Watch, entries: Sequence[Row], now: datetime, since: datetime) -> list[Due]:
    """Alerts that somebody has acknowledged since a moment, the last first."""
    found = [
        (one.acknowledged["observed_at"], _due(watch, entries, one, now))
        for one in alerts(watch, entries).values()
        if one.acknowledged and one.acknowledged["observed_at"] >= since
    ]
    return [due for _, due in sorted(found, key=lambda one: one[0], reverse=True)]


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


def nobody(watch: Watch, entries: Iterable[Row], now: datetime) -> bool:
    """Whether nobody is on call in any role, as far as these entries say."""
    return set(watch.roles).isdisjoint(_on(entries, now))


def calls_end(entries: Iterable[Row], now: datetime) -> list[datetime]:
    """When each call that stands ends, where that was said, and when one by a roster begins."""
    known = list(entries)
    begins = [row["observed_at"] for row in known if row["what"] == ON_ROSTER and row["observed_at"] > now]
    return [*(row["due"] for row in _on(known, now).values() if row["due"]), *begins]


def held_unseen(entries: Iterable[Row], now: datetime) -> set[str]:
    """Roles in which somebody is on call whose name is not among these entries."""
    return {role for role, row in _on(entries, now).items() if row["what"] == ROLE_HELD}


def _on(entries: Iterable[Row], now: datetime) -> dict[str, Row]:
    """The line by which each role is held now: whoever was put on call last ends all before, seen or not.

    The roster's next shift ends a call for which no end was said; before an end that was said it waits.
    """
    held: dict[str, Row] = {}
    rostered: dict[str, Row] = {}
    for row in entries:
        if row["what"] == ON_ROSTER and row["observed_at"] <= now:
            rostered[row["text"]] = max(
                row, rostered.get(row["text"], row), key=lambda one: one["observed_at"]
            )
        elif row["what"] in ("on-call", ROLE_HELD):
            was = held.get(row["text"])
            name = row["what"] != ROLE_HELD
            if name or was is None or row["observed_at"] > was["observed_at"]:  # stands behind its name
                held[row["text"]] = row
    for role, row in rostered.items():
        was = held.get(role)
        holds = was and (was["due"] > now if was["due"] else was["observed_at"] >= row["observed_at"])
        if not holds:
            held[role] = row
    return {role: row for role, row in held.items() if row["due"] is None or row["due"] > now}


def _due(watch: Watch, entries: Sequence[Row], one: Alert, now: datetime) -> Due:
    top = len(watch.roles) - 1
    entries = _nameable(entries, one.rows[0]["marking"])
    level = _climbed(watch, entries, one.level, one.steps(now), now)
    to = one.to if level == one.level else _holder(watch, entries, level, now)
    above = None if level >= top else _holder(watch, entries, _above(watch, entries, level, now), now)
    held = _on(entries, now)
    passed = watch.roles[: level + (to == watch.roles[level])]  # whoever was named is no role
    unheld = tuple(role for role in passed if role not in held)
    by = one.due + min(one.steps(now), _passed(watch, entries, one, level, now)) * one.period
    return Due(one, to, by, one.steps(now) > 0, above, level, unheld)


def _nameable(entries: Iterable[Row], marking: str) -> list[Row]:
    """Return entries without the rosters that a reader of an alert with this marking may not know of.

    Who is on by one of these is neither named in the alert nor passed over in its way up the chain.
    """
    return [row for row in entries if row["what"] != ON_ROSTER or _covers(marking, row["marking"])]


@lru_cache(maxsize=1024)
def _covers(marking: str, other: str) -> bool:
    """Return whether whoever may see one marking, and who is on duty, may see another."""
    return join([marking, DUTY, other]) == join([marking, DUTY])


def _foot(watch: Watch, entries: Sequence[Row], now: datetime) -> int:
    """Return the lowest level of the chain that somebody holds; 0 where nobody holds any."""
    held = _on(entries, now)
    return next((level for level, role in enumerate(watch.roles) if role in held), 0)


def _began(watch: Watch, entries: Sequence[Row], row: Row) -> int:
    """Return the level at which an alert began: the lowest that somebody held, or 0 where one was named."""
    foot = _foot(watch, entries, row["observed_at"])
    return foot if row["to"] == _holder(watch, entries, foot, row["observed_at"]) else 0


def _above(watch: Watch, entries: Sequence[Row], level: int, now: datetime) -> int:
    """Return the next level up that somebody holds; where nobody holds any above, the next."""
    held = _on(entries, now)
    higher = range(level + 1, len(watch.roles))
    return next((one for one in higher if watch.roles[one] in held), min(level + 1, len(watch.roles) - 1))


def _climbed(watch: Watch, entries: Sequence[Row], level: int, steps: int, now: datetime) -> int:
    """Return the level after some steps up; a role that nobody holds takes none."""
    for _ in range(min(steps, len(watch.roles))):
        level = _above(watch, entries, level, now)
    return level


def _passed(watch: Watch, entries: Sequence[Row], one: Alert, level: int, now: datetime) -> int:
    """Return how many steps lead from where an alert stood to a level."""
    counts = (n for n in range(len(watch.roles)) if _climbed(watch, entries, one.level, n, now) == level)
    return next(counts, 0)


def _risen(one: Alert, watch: Watch, entries: Sequence[Row], now: datetime) -> int:
    """The level an escalation by hand brings it to: at least one up, or where the clock has it."""
    return _climbed(watch, entries, one.level, max(1, one.steps(now)), now)


def _answered(found: Alert, row: Row, watch: Watch, entries: Sequence[Row]) -> Alert:
    rows = (*found.rows, row)
    if row["what"] == "acknowledged":
        return replace(found, rows=rows, acknowledged=row)
    if row["what"] == "added":
        return replace(found, rows=rows)
    level = _risen(found, watch, entries, row["observed_at"])
    return replace(found, rows=rows, level=level, to=row["to"], due=row["due"])


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
        "text": nonempty(text, "text"),
        "about": about,
        "flags": ordered(flags),
        "due": due,
        "to": to,
        "by": by,
    }


def _id(key: bytes, by: str, now: datetime) -> str:
    return new_id(key, "watch", by, now.isoformat())
