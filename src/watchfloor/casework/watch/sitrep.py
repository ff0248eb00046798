"""The situation report, drafted from the log: what is open, life first, and what happened since a moment.

Every sentence is made from one record and names it; nothing is added that no record says. The report carries
the join of its sentences' markings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from watchfloor.casework import rosters
from watchfloor.casework.flags import LIFE
from watchfloor.casework.referrals import life
from watchfloor.casework.tasking.tasks import Task, urgent
from watchfloor.casework.watch.orders import Watch
from watchfloor.casework.watch.watch import Due, due, keeper
from watchfloor.cell.acts import Row, minute, read, render
from watchfloor.core.kinds import JUDGEMENT, OUTCOME, PRODUCT, TASK, TRIAGE, WATCH_ENTRY
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, Message, Parameter, Reason, declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

Section = Literal["life", "alerts", "tasks", "inspections", "events", "watch"]

HEADINGS: Final[Mapping[Section, Mapping[Language, str]]] = {
    "life": {"en": "Life at risk", "fr": "Vie en danger"},
    "alerts": {"en": "Open alerts", "fr": "Alertes ouvertes"},
    "tasks": {"en": "Open tasks", "fr": "Tâches ouvertes"},
    "inspections": {"en": "Overdue inspections", "fr": "Examens en retard"},
    "events": {"en": "What happened", "fr": "Ce qui s’est passé"},
    "watch": {"en": "The watch", "fr": "Le quart"},
}
_NONE: Final[Mapping[Language, str]] = {"en": "Nothing.", "fr": "Rien."}
_TITLE: Final = declare("cell.sitrep-title", "since", "until")
_KEEPER: Final = declare("cell.sitrep-keeper", "by", "at")
_OVERDUE: Final = declare("cell.sitrep-overdue", "referral", "subject", "deadline")
_OPEN_ALERT: Final = declare("cell.sitrep-open-alert", "by", "at", "to", "due", "text")
_LATE_ALERT: Final = declare("cell.sitrep-late-alert", "by", "at", "to", "due", "text")
_OPEN_TASK: Final = declare(
    "cell.sitrep-open-task", "unit", "form_words", "task", "state_words", "deadline", "text"
)
_TASK: Final = declare("cell.sitrep-task", "at", "by", "form_words", "task", "unit", "state_words", "text")
_ENTRIES: Final[Mapping[str, Message]] = {
    "note": declare("cell.sitrep-note", "at", "by", "text"),
    "alert": declare("cell.sitrep-alert", "at", "by", "to", "text"),
    "acknowledged": declare("cell.sitrep-acknowledged", "at", "by", "entry", "text"),
    "escalated": declare("cell.sitrep-escalated", "at", "by", "entry", "to", "text"),
    "handover-offered": declare("cell.sitrep-offered", "at", "by", "to", "entry"),
    "handover-taken": declare("cell.sitrep-taken", "at", "by", "entry"),
    "on-call": declare("cell.sitrep-on-call", "at", "by", "to", "text"),
}
_PRODUCT: Final = declare(
    "cell.sitrep-product", "at", "by", "product", "edition", "state_words", "to", "text"
)
_JUDGEMENT: Final = declare("cell.sitrep-judgement", "at", "by", "subject", "about", "verdict", "text")
_OUTCOME: Final = declare("cell.sitrep-outcome", "at", "by", "lead", "result", "text")
_TRIAGE: Final[Mapping[str, Message]] = {
    "take": declare("cell.sitrep-lead-taken", "at", "by", "lead"),
    "watch": declare("cell.sitrep-lead-watched", "at", "by", "lead"),
    "close": declare("cell.sitrep-lead-closed", "at", "by", "lead", "ground_words", "to", "text"),
    "reopen": declare("cell.sitrep-lead-reopened", "at", "by", "lead"),
}
"""What acts on a lead say; its comments are read on its page."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a report, and the record that says so: `by` whom and `at` what moment."""

    section: Section
    reason: Reason
    by: str
    at: datetime
    record_id: bytes
    marking: str

    def text(self, language: Language = "en") -> str:
        """The sentence, without the record's id."""
        return render(self.reason, language)


@dataclass(frozen=True, slots=True)
class Records:
    """Rows of each kind that one reader may see, in the order of the log."""

    tasks: Sequence[Row] = ()
    entries: Sequence[Row] = ()
    products: Sequence[Row] = ()
    judgements: Sequence[Row] = ()
    outcomes: Sequence[Row] = ()
    triage: Sequence[Row] = ()
    referrals: Sequence[Row] = ()


_READ: Final = (TASK, WATCH_ENTRY, PRODUCT, JUDGEMENT, OUTCOME, TRIAGE)
"""The kinds of `Records`, in the order of its fields; referrals are read apart."""


@dataclass(frozen=True, slots=True)
class Report:
    """A situation report: `marking` is the join of its sentences'."""

    title: Reason
    sentences: tuple[Sentence, ...]
    marking: str

    def markdown(self, language: Language = "en") -> str:
        """The report as text, marked at head and foot, each sentence with the start of its record's id."""
        lines = [self.marking, "", f"# {render(self.title, language)}"]
        for section, heading in HEADINGS.items():
            told = [one for one in self.sentences if one.section == section]
            lines += ["", f"## {heading[language]}", ""]
            lines += [f"- {one.text(language)} [{one.record_id.hex()[:12]}]" for one in told]
            lines += [] if told else [_NONE[language]]
        return "\n".join([*lines, "", self.marking, ""])


def records_of(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> Records:
    """Read the records of the watch that a reader may see."""
    found = Records(*(read(floor, reader, kind, as_of) for kind in _READ))
    on = rosters.on_call(floor, reader, found.entries, as_of)
    return replace(found, entries=[*on, *found.entries], referrals=life.Referral.rows(floor, reader, as_of))


def sitrep(watch: Watch, records: Records, since: datetime, now: datetime) -> Report:
    """Draft a report.

    Args:
        watch: the chain, for alerts that are late.
        records: what the reader may see.
        since: from when on events are told.
        now: the moment of the report; what is open is open then.
    """
    happened = events(records, since, now)
    sentences = (*still_open(watch, records, now), *happened, *_keeper(records))
    title = reason(_TITLE, since=minute(since), until=minute(now))
    return Report(title, sentences, join(one.marking for one in sentences))


def still_open(watch: Watch, records: Records, now: datetime) -> tuple[Sentence, ...]:
    """Return what is open at a moment: life at risk, alerts, tasks, overdue inspections, each by urgency."""
    alerts = [_open_alert(one) for one in due(watch, records.entries, now)]
    open_ = [
        one
        for one in sorted(Task.fold(records.tasks).values(), key=urgent)
        if one.standing(now) not in ("done", "refused")
    ]
    late = [one for one in life.Referral.fold(records.referrals).values() if one.standing(now) == "expired"]
    overdue = (_overdue(one) for one in sorted(late, key=lambda one: life.urgent(one, now)))
    found = [*alerts, *(_open_task(one, now) for one in open_), *overdue]
    return tuple(sorted(found, key=lambda one: tuple(HEADINGS).index(one.section)))


def events(
    records: Records, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Sentence]:
    """Yield the events between two moments, in the order of the log; without moments, all of them."""
    told = [
        *((row, _task(row)) for row in records.tasks),
        *((row, _entry(row)) for row in records.entries if row["what"] in _ENTRIES),
        *((row, _product(row)) for row in records.products),
        *((row, _judgement(row)) for row in records.judgements),
        *((row, _outcome(row)) for row in records.outcomes),
        *((row, _triage(row)) for row in records.triage if row["act"] in _TRIAGE),
    ]
    for row, why in sorted(told, key=lambda pair: pair[0]["position"]):
        if (since is None or since <= row["observed_at"]) and (until is None or row["observed_at"] <= until):
            yield _sentence("events", why, row)


def _keeper(records: Records) -> Iterator[Sentence]:
    if taken := keeper(records.entries):
        yield _sentence("watch", _reason(_KEEPER, taken), taken)


def _open_alert(one: Due) -> Sentence:
    first = one.alert.rows[0]
    message = _LATE_ALERT if one.late else _OPEN_ALERT
    why = _reason(message, first, to=one.to, due=minute(one.by), text=_plain(first["text"]))
    section: Section = "life" if LIFE in one.alert.flags else "alerts"
    return _sentence(section, why, first)


def _overdue(one: life.Referral) -> Sentence:
    deadline = minute(one.deadline) if one.deadline else "–"
    why = reason(_OVERDUE, referral=one.id, subject=one.subject, deadline=deadline)
    return _sentence("inspections", why, one.last)


def _open_task(one: Task, now: datetime) -> Sentence:
    last = one.history[-1]
    why = reason(
        _OPEN_TASK,
        unit=one.order.unit,
        form_words=one.order.form,
        task=one.id,
        state_words=one.standing(now),
        deadline=minute(one.order.deadline) if one.order.deadline else "–",
        text=_plain(one.order.instruction),
    )
    section: Section = "life" if LIFE in one.order.flags else "tasks"
    return _sentence(section, why, last)


def _sentence(section: Section, why: Reason, row: Row) -> Sentence:
    by = row["decided_by"] if "decided_by" in row else row["by"]
    return Sentence(section, why, by, row["observed_at"], row["record_id"], row["marking"])


def _task(row: Row) -> Reason:
    text = row["why"] or row["instruction"]
    return _reason(
        _TASK,
        row,
        form_words=row["form"],
        task=row["task"],
        unit=row["unit"],
        state_words=row["state"],
        text=_plain(text),
    )


def _entry(row: Row) -> Reason:
    message = _ENTRIES[row["what"]]
    all_: dict[str, Parameter] = {"entry": row["entry"], "to": row["to"], "text": _plain(row["text"])}
    return _reason(message, row, **{name: all_[name] for name in message.parameters & all_.keys()})


def _product(row: Row) -> Reason:
    to = f" ({', '.join(row['recipients'])})" if row["recipients"] else ""
    return _reason(
        _PRODUCT,
        row,
        product=row["product"],
        edition=row["edition"],
        state_words=row["state"],
        to=to,
        text=_plain(row["title"]),
    )


def _judgement(row: Row) -> Reason:
    told: dict[str, Parameter] = {name: row[name] for name in ("subject", "about", "verdict")}
    return _reason(_JUDGEMENT, row | {"by": row["decided_by"]}, **told, text=_plain(row["why"]))


def _outcome(row: Row) -> Reason:
    return _reason(_OUTCOME, row, lead=row["lead"], result=row["result"], text=_plain(row["why"] or ""))


def _triage(row: Row) -> Reason:
    to = f" ({_plain(row['to'])})" if row["to"] else ""
    all_: dict[str, Parameter] = {"lead": row["lead"], "ground_words": row["ground"], "to": to}
    all_["text"] = _plain(row["why"] or "–")
    message = _TRIAGE[row["act"]]
    return _reason(message, row, **{name: all_[name] for name in message.parameters & all_.keys()})


def _reason(message: Message, row: Row, **params: Parameter) -> Reason:
    return reason(message, at=minute(row["observed_at"]), by=row["by"], **params)


def _plain(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())
