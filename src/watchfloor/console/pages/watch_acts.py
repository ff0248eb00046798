"""What is done at the watch: notes, alerts and their answers, who is on call, handovers and their signing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from watchfloor.cell.acting import keeping
from watchfloor.cell.acting.acts import refuse
from watchfloor.cell.acting.keeping import About, Post, Written
from watchfloor.cell.acting.orders import load
from watchfloor.cell.acting.watch import alerts, handovers
from watchfloor.cell.leads import Lead
from watchfloor.cell.moments import moment
from watchfloor.cell.queue import NoLead
from watchfloor.console.endpoint import Asker, Endpoint, NotHere
from watchfloor.records.messages import declare
from watchfloor.store.lock import PATIENCE

NO_ABOUT: Final = declare(
    "console.watch-about-nothing",
    en="nothing that you may see has an id that starts with {start}; copy the id from the page of a lead or "
    "of a task, or leave it empty",
    fr="rien que vous puissiez voir n’a un identifiant qui commence par {start}; copiez-le de la page d’une "
    "piste ou d’une tâche, ou laissez-le vide",
)


class NoteAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line for the log.

    Attributes:
        text: in your words.
        about: the id of a lead or a task, or the start of it.
        flag: dangers that go with it.
        marking: never below that of what it is about.
    """

    text: str = ""
    about: str = ""
    flag: list[str] = []
    marking: str = ""


class AlertAsk(NoteAsk, frozen=True, forbid_unknown_fields=True):
    """An alert; `to`: who must acknowledge it, without it who is on call first."""

    to: str = ""


class AnswerAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which alert, or handover, and what is to be on record with it."""

    entry: str
    text: str = ""


class EscalateAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which alert, and why."""

    entry: str
    why: str = ""


class OnCallAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a role of the chain; `until`: a day or a moment, without it until somebody else does."""

    role: str
    person: str = ""
    until: str = ""


class HandoverAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom the watch is offered, and what the next officer should know."""

    to: str = ""
    text: str = ""


class Entered(msgspec.Struct, frozen=True):
    """A line that was written.

    Attributes:
        said: what was done, as a sentence.
        entry: the line's id.
        orders: standing orders beside the alert.
        marking: of the line.
    """

    said: str
    entry: str
    orders: list[str]
    marking: str


def note(asker: Asker, ask: NoteAsk) -> Entered:
    """Write a line into the log of the watch. Flags on a lead go to every later task on it."""
    about = _about(asker, ask)
    with _post(asker) as post:
        return _entered(asker, keeping.note(post, ask.text, about, ask.flag), "noted")


def alert(asker: Asker, ask: AlertAsk) -> Entered:
    """Raise an alert that somebody must acknowledge in time."""
    about = _about(asker, ask)
    with _post(asker) as post:
        return _entered(
            asker, keeping.alert(post, ask.text, about, ask.flag, ask.to.strip() or None), "raised"
        )


def acknowledge(asker: Asker, ask: AnswerAsk) -> Entered:
    """Acknowledge an alert: you have it. The second who tries is told who has."""
    with _post(asker) as post:
        _seen(alerts(load(asker.floor.root), post.entries()), ask.entry)
        return _entered(asker, keeping.acknowledge(post, ask.entry, ask.text), "acknowledged")


def escalate(asker: Asker, ask: EscalateAsk) -> Entered:
    """Send an alert up the chain now. One that is late goes up without it."""
    with _post(asker) as post:
        _seen(alerts(load(asker.floor.root), post.entries()), ask.entry)
        return _entered(asker, keeping.escalate(post, ask.entry, ask.why), "escalated")


def on_call(asker: Asker, ask: OnCallAsk) -> Entered:
    """Say who is on call in a role of the chain."""
    until = moment(ask.until) if ask.until else None
    with _post(asker) as post:
        return _entered(asker, keeping.on_call(post, ask.role, ask.person, until), "put_on_call")


def hand_over(asker: Asker, ask: HandoverAsk) -> Entered:
    """Offer the watch to the next officer, with all that is open; complete when that officer has signed."""
    with _post(asker) as post:
        return _entered(asker, keeping.hand_over(post, ask.to, ask.text, asker.language), "offered")


def sign(asker: Asker, ask: AnswerAsk) -> Entered:
    """Take the watch that was offered to you; what is open now is kept with your signature."""
    with _post(asker) as post:
        _seen(handovers(post.entries()), ask.entry)
        return _entered(asker, keeping.sign(post, ask.entry, ask.text, asker.language), "signed")


@contextmanager
def _post(asker: Asker) -> Iterator[Post]:
    with asker.floor.writer(asker.actor, PATIENCE) as writer:
        yield Post(asker.floor, asker.reader, writer)


def _about(asker: Asker, ask: NoteAsk) -> About:
    start = ask.about.strip()
    return keeping.about(asker.floor, asker.reader, start or None, ask.marking or None, _lead_of(asker))


def _lead_of(asker: Asker) -> Callable[[str], Lead]:
    def find(start: str) -> Lead:
        picture = asker.services.pictures.current(asker.reader, asker.at).picture
        try:
            return picture.find(start)[1]
        except NoLead:
            refuse(NO_ABOUT, start=start)

    return find


def _seen(entries: object, entry: str) -> None:
    """What is answered is named whole: one that may not be seen is not there."""
    assert isinstance(entries, dict)
    if entry not in entries:
        raise NotHere


def _entered(asker: Asker, written: Written, what: str) -> Entered:
    row, _, first = written
    beside = keeping.orders(load(asker.floor.root), first, asker.language) if row["what"] == "alert" else []
    said = asker.t(f"watch.done_{what}", to=row["to"] or "", by=row["by"], text=row["text"])
    asker.heard.extend(beside)
    return Entered(said, row["entry"], beside, row["marking"])


def _form(name: str, path: str, asks: type, call: Callable[..., Entered]) -> Endpoint:
    return Endpoint(f"watch.{name}", "POST", f"/watch/{path}", asks, Entered, call, within="watch")


ENDPOINTS: Final = (
    _form("note", "notes", NoteAsk, note),
    _form("alert", "alerts", AlertAsk, alert),
    _form("acknowledge", "alerts/{entry}/acknowledged", AnswerAsk, acknowledge),
    _form("escalate", "alerts/{entry}/escalated", EscalateAsk, escalate),
    _form("on-call", "on-call", OnCallAsk, on_call),
    _form("hand-over", "handovers", HandoverAsk, hand_over),
    _form("sign", "handovers/{entry}/signed", AnswerAsk, sign),
)
