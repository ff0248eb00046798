"""Whether a department agreed to a figure, as of a moment: the fold over its acts, and who may be shown it.

Agreement is to what was shown and not to a line: an approval names the digest of the finding, which changes
with every digit, definition and vintage. Where that digest is another today, the approval has lapsed; the old
page, made as of an old moment, still finds it. Acts are records of the kind `agreement`, see
`agreement_acts`; everything here is pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final, Literal

from watchfloor.core.messages import Message
from watchfloor.scorecard.agreement import messages
from watchfloor.scorecard.agreement.digests import Act, Shown, Value, attests, values_of
from watchfloor.scorecard.bilingual import Text, day, fill, joined
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import Edition

State = Literal[
    "not-called", "called", "attested", "approved", "lapsed", "embargoed", "withdrawn", "not-needed"
]
TOLD: Final = 3
"""Figures that differ which a sentence names; of the rest it says how many there are."""


@dataclass(frozen=True, slots=True)
class AgreementStatus:
    """How the agreement of a department to a line or claim stands at a moment.

    Attributes:
        state: see `State`.
        department: whose agreement it is.
        sentence: the state in words. Of a lapsed agreement it names the figures, so it is for whoever is
            asked, never for a page that withholds them.
        until: end of an embargo that stands, whatever the state; nothing appears before.
        by: who approved, attested or called, as the state has it.
        at: when.
        due: by when the last data call asks for an answer.
        overdue: whether that moment is past and nothing came.
        edition: how many acts there are.
        call: id of the last data call.
        agreed: the figures of the attestation or approval.
        why: the approver's words, or the reason of a withdrawal.
    """

    state: State
    department: str
    sentence: Text
    until: datetime | None = None
    by: str = ""
    at: datetime | None = None
    due: datetime | None = None
    overdue: bool = False
    edition: int = 0
    call: str = ""
    agreed: tuple[Value, ...] = ()
    why: str = ""


@dataclass(slots=True)
class Fold:
    """The acts in force: the last of each name, and none that a later one undid.

    Attributes:
        department: whose acts.
        edition: how many acts there were.
        acts: those in force, by name; a correction is an attestation. `form` is the last attestation by form,
            whose values stand until a newer one or a withdrawal, whoever attests them again.
    """

    department: str
    edition: int = 0
    acts: dict[str, Act] = field(default_factory=dict)
    _order: dict[str, int] = field(default_factory=dict)

    def apply(self, act: Act) -> None:
        """One act more."""
        name, self.edition = act["act"], self.edition + 1
        self.department = act["department"]
        for gone in UNDOES.get(name, ()):
            self.acts.pop(gone, None)
        name = "attested" if name == "corrected" else name
        self.acts[name], self._order[name] = act, self.edition
        if name == "attested" and act["form"]:
            self.acts["form"] = act

    def after(self, one: str, other: str) -> bool:
        """Whether both acts are in force and the one came after the other."""
        return one in self.acts and other in self.acts and self._order[one] > self._order[other]


UNDOES: Final[Mapping[str, tuple[str, ...]]] = {
    "called": ("withdrawn",),
    "attested": ("withdrawn",),
    "corrected": ("withdrawn", "approved"),
    "withdrawn": ("attested", "approved", "form"),
}
"""What an act takes away: a department that corrects a figure no longer agrees to the one before."""


def standing(
    acts: Iterable[Act],
    line: str,
    shown: str | Shown,
    on: date,
    department: str = "",
) -> AgreementStatus:
    """How agreement to a line or claim stands.

    Args:
        acts: rows of the kind `agreement`, in the order of the log.
        line: id of the line, or name of the claim.
        shown: what stands on the page: its digest, or that with its figures for a better sentence.
        on: a moment; or a day: then all acts of the day count, and an embargo must have ended before the day
            began, so that a page of a day is the same at whatever hour it is made.
        department: whose acts; empty: of everybody who acted on the line.
    """
    now = Shown(shown) if isinstance(shown, str) else shown
    clock, end = moments(on)
    return _told(fold(acts, line, department, end), now, clock)


def fold(acts: Iterable[Act], line: str, department: str, end: datetime | None = None) -> Fold:
    """The acts of a department on a line that are in force at a moment; None: all of them."""
    made = Fold(department)
    for act in acts:
        mine = act["line"] == line and department in ("", act["department"])
        if mine and (end is None or act["observed_at"] <= end):
            made.apply(act)
    return made


def moments(on: date) -> tuple[datetime, datetime]:
    """The clock by which embargoes and deadlines end, and the last moment of which acts count."""
    if isinstance(on, datetime):
        return on, on
    return datetime.combine(on, time.min, UTC), datetime.combine(on, time.max, UTC)


def as_of(on: date, now: datetime) -> date:
    """As of what a page of a day is made: the day, or for today and for days to come this very moment.

    Then an embargo ends at its moment, and asking for a later day brings nothing forward.
    """
    return now if on >= now.astimezone(UTC).date() else on


def may_appear(standing: AgreementStatus, edition: Edition, own: bool) -> bool:
    """Whether figures may appear: in every edition under no embargo, and approved where that is asked for.

    Args:
        standing: of the department whose agreement is asked for.
        edition: the public one asks for agreement to every line, the working one for that to figures of a
            department's own.
        own: whether the evidence is the department's own: a form, a Canadian series.
    """
    if standing.until is not None:
        return False
    return standing.state in ("approved", "not-needed") or (edition == "working" and not own)


def _told(held: Fold, now: Shown, clock: datetime) -> AgreementStatus:
    embargo, call = held.acts.get("embargoed"), held.acts.get("called")
    until = embargo["until"] if embargo and embargo["until"] and embargo["until"] > clock else None
    due = call["due"] if call else None
    answered = held.after("attested", "called") or "withdrawn" in held.acts
    late = bool(due and due < clock and not answered)
    state = _state(held, now, until)
    act = held.acts.get(_SAYS.get(state, state))
    return AgreementStatus(
        state,
        held.department,
        _sentence(state, held, now, until, late),
        until,
        (act["person"] or act["by"]) if act else "",
        act["observed_at"] if act else None,
        due,
        late,
        held.edition,
        (call["call"] or "") if call else "",
        values_of(act) if act else (),
        (act["why"] or "") if act else "",
    )


_SAYS: Final[Mapping[str, str]] = {"lapsed": "approved", "embargoed": "approved"}
"""The act that a state tells of, where that is not the act of its name."""


def _state(held: Fold, now: Shown, until: datetime | None) -> State:
    if "withdrawn" in held.acts:
        return "withdrawn"
    attested, approved = held.acts.get("attested"), held.acts.get("approved")
    if approved and approved["digest"] == now.digest:
        return "embargoed" if until else "approved"
    fresh = not approved or held.after("attested", "approved")
    if attested and fresh and attests(attested, now):
        return "attested"
    if approved:
        return "lapsed"
    return "called" if "called" in held.acts else "not-called"


def _sentence(state: State, held: Fold, now: Shown, until: datetime | None, late: bool) -> Text:
    act = held.acts.get(_SAYS.get(state, state), {})
    params: dict[str, Text | str] = {
        "department": called(held.department),
        "person": act.get("person") or act.get("by") or "",
        "function": act.get("function") or "",
        "day": _day(act.get("observed_at")),
        "due": _day(act.get("due")),
        "until": minute(until) if until else "",
        "why": act.get("why") or "",
    }
    if state == "lapsed":
        return _lapsed(act, now, params)
    chosen = _MESSAGES[state]
    if state == "called":
        other = "attested" in held.acts  # of a figure that is no longer shown
        chosen = messages.OVERDUE if late else messages.OTHER_ATTESTED if other else messages.CALLED
    return _filled(chosen, params)


def _lapsed(act: Act, now: Shown, params: dict[str, Text | str]) -> Text:
    before = {one.name: one.shown for one in values_of(act)}
    after = {one.name: one.shown for one in now.values}
    names = [name for name in (before | after) if before.get(name) != after.get(name)]
    if not after or not names:
        short = {"agreed": str(act["digest"])[:8], "now": now.digest[:8]}
        return _filled(messages.LAPSED_SAME if after else messages.LAPSED_DIGEST, params | short)
    return _filled(messages.LAPSED, params | {"agreed": _listed(names, before), "now": _listed(names, after)})


def _listed(names: Sequence[str], found: Mapping[str, Text]) -> Text:
    told = [found.get(name, fill(messages.NOTHING)) for name in names[:TOLD]]
    rest = [fill(messages.MORE, count=len(names) - TOLD)] if len(names) > TOLD else []
    return joined([*told, *rest], "; ")


def _filled(message: Message, params: Mapping[str, Text | str]) -> Text:
    return fill(message, **{name: params[name] for name in message.parameters})


def _day(moment: datetime | None) -> Text | str:
    return day(moment.astimezone(UTC).date()) if moment else ""


def minute(moment: datetime) -> Text:
    """A moment in a sentence, in UTC."""
    at = moment.astimezone(UTC)
    on = day(at.date())
    if at.time() == time.min:
        return on
    return Text(f"{on.en}, {at:%H:%M} UTC", f"{on.fr}, {at.hour}\u00a0h\u00a0{at.minute:02} UTC")


_MESSAGES: Final[Mapping[State, Message]] = {
    "not-called": messages.NOT_CALLED,
    "attested": messages.ATTESTED,
    "approved": messages.APPROVED,
    "embargoed": messages.EMBARGOED,
    "withdrawn": messages.WITHDRAWN,
    "called": messages.CALLED,
}
