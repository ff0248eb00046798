"""Sessions of matching: each step is an act `partnership` of the log, and how a session stands is their fold.

asker:     open ─►        points ─►        claim ─►
answerer:        ◄─ accept       ◄─ answer        ◄─ fields
(only the number: after `answer` nothing follows)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal

from watchfloor.cell.acts import refuse
from watchfloor.exchange.log.access import Access
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.keys import Use
from watchfloor.exchange.partnership.wire import Message, What
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

Role = Literal["asker", "answerer"]

ACT: Final = "partnership"
STEPS: Final[Mapping[str, tuple[What, ...]]] = {
    "cardinality": ("open", "accept", "points", "answer"),
    "match": ("open", "accept", "points", "answer", "claim", "fields"),
}
DONE: Final = "done"
EXPIRED: Final = "expired"
ENDED: Final = "ended"
OVER: Final = (DONE, EXPIRED, ENDED)


@dataclass(frozen=True, slots=True)
class Session:
    """How a session stands here.

    Attributes:
        id: 32 hexadecimal digits.
        role: this node's.
        partner: the other node.
        use: what keys are for.
        purpose: the gateway's word.
        opened: when.
        until: the day on which it ends, finished or not.
        size: of the asker's set.
        rows: of the answerer's set; 0 until it said so.
        last: the last step that was taken, by either.
        sent: digest of this node's last message.
        seen: digests of messages that came, and the day of each.
        state: done, expired, ended, or what it waits for.
        found: common subjects, as far as this node knows; None while it does not.
        told: fields that went either way.
        by: who took a step of it here.
    """

    id: str
    role: Role
    partner: str
    use: Use
    purpose: str
    opened: datetime
    until: date
    size: int
    rows: int = 0
    last: str = "open"
    sent: str = ""
    seen: Mapping[str, date] = field(default_factory=dict)
    state: str = "accept"
    found: int | None = None
    told: tuple[str, ...] = ()
    by: frozenset[str] = frozenset()

    def shown(self, to: Access) -> bool:
        """Whether a person may see it: who keeps the floor, and who took a step of it."""
        return to.keeper or to.name in self.by

    @property
    def tier(self) -> str:
        """cardinality or match."""
        return self.use.tier

    @property
    def open(self) -> bool:
        """Whether something may still come."""
        return self.state not in OVER


def sessions(floor: Floor, today: date | None = None) -> dict[str, Session]:
    """Every session by its id, as it stands on a day; today where none is given."""
    on = today or datetime.now(UTC).date()
    found: dict[str, Session] = {}
    for act in floor.acts_of(ACT):
        if act.detail is not None:
            _fold(found, act, act.detail)
    return {id_: _aged(one, on) for id_, one in found.items()}


def pick(floor: Floor, start: str, today: date, to: Access | None = None) -> Session:
    """The session whose id starts so, of those that a person may see. Refused where none does, or several."""
    known = sessions(floor, today).values()
    found = [o for o in known if start and o.id.startswith(start) and (to is None or o.shown(to))]
    if len(found) != 1:
        refuse(say.NO_SESSION, session=start)
    return found[0]


def begin(session: Session, message: str, **about: Any) -> dict[str, Any]:
    """The detail of the act that begins a session here."""
    use = session.use
    return {
        "session": session.id,
        "step": "open",
        "role": session.role,
        "with": session.partner,
        "tier": use.tier,
        "case": use.case,
        "epoch": use.epoch,
        "code": use.code,
        "stated": session.purpose,
        "opened": session.opened.isoformat(),
        "until": session.until.isoformat(),
        "size": session.size,
        "asker": use.asker,
        "answerer": use.answerer,
        "message": message,
        **about,
    }


def step(session: Session, what: str, **about: Any) -> dict[str, Any]:
    """The detail of the act of a further step."""
    return {"session": session.id, "step": what, "role": session.role, "with": session.partner, **about}


def expected(floor: Floor, message: Message, file: str, today: date) -> Session:
    """The session that a message continues, where it is what the session waits for.

    Raises:
        Refusal: no such session with who signed it, it came before, it is out of order, it says other terms,
            or the session is over.
    """
    head, known = message.head, sessions(floor, today)
    one = known.get(head.session)
    if one is None or one.partner != message.peer.name:
        refuse(say.UNKNOWN_SESSION, file=file, session=head.session, partner=message.peer.name)
    if message.digest in one.seen:
        day = one.seen[message.digest].isoformat()
        refuse(say.REPLAYED, file=file, session=one.id, day=day)
    if one.state in (EXPIRED, ENDED):
        refuse(say.SESSION_OVER, session=one.id, day=min(one.until, today).isoformat())
    if head.what != one.state or head.prev != one.sent:
        refuse(say.OUT_OF_ORDER, file=file, what=head.what, session=one.id, waits=one.state)
    said = (head.tier, head.case, str(head.epoch), head.code, head.purpose)
    began = (one.use.tier, one.use.case, str(one.use.epoch), one.use.code, one.purpose)
    for term, here, there in zip(("tier", "case", "epoch", "code", "purpose"), began, said, strict=True):
        if here != there:
            refuse(say.OTHER_TERMS, file=file, term=term, session=one.id)
    return one


def until(opened: datetime, days: int) -> date:
    """The last day of a session."""
    return opened.astimezone(UTC).date() + timedelta(days=days)


def _fold(found: dict[str, Session], act: Act, said: Mapping[str, Any]) -> None:
    id_ = str(said.get("session", ""))
    if said.get("step") == "open":
        found[id_] = _begun(act, said)
        return
    before = found.get(id_)
    if before is None:
        return
    changes: dict[str, Any]
    if said["step"] in (EXPIRED, ENDED):
        changes = {"state": said["step"]}
    else:
        changes = {"last": said["step"], "state": _next(before.tier, said["step"])}
    for name in ("rows", "found"):
        if said.get(name) is not None:
            changes[name] = said[name]
    if said.get("sent"):
        changes["sent"] = said["sent"]
    if act.actor is not None:
        changes["by"] = before.by | {act.actor.name}
    if said.get("told"):
        changes["told"] = tuple(dict.fromkeys((*before.told, *said["told"])))
    if said.get("message"):
        changes["seen"] = {**before.seen, said["message"]: act.at.date()}
    found[id_] = replace(before, **changes)


def _begun(act: Act, said: Mapping[str, Any]) -> Session:
    asker = said["role"] == "asker"
    use = Use(said["code"], said["epoch"], said["tier"], said["case"], said["asker"], said["answerer"])
    return Session(
        id=said["session"],
        role="asker" if asker else "answerer",
        partner=said["with"],
        use=use,
        purpose=said["stated"],
        opened=datetime.fromisoformat(said["opened"]),
        until=date.fromisoformat(said["until"]),
        size=said["size"],
        rows=said.get("rows", 0),
        last="open" if asker else "accept",
        sent=said["message"] if asker else said["sent"],
        seen={} if asker else {said["message"]: act.at.date()},
        state="accept" if asker else "points",
        by=frozenset({act.actor.name} if act.actor else ()),
    )


def _next(tier: str, last: str) -> str:
    """Return the step that a session waits for after another."""
    steps: tuple[str, ...] = STEPS[tier]
    at = steps.index(last) + 1
    return steps[at] if at < len(steps) else DONE


def _aged(one: Session, on: date) -> Session:
    return replace(one, state=EXPIRED) if one.open and on > one.until else one


def of_day(known: Iterable[Session], day: date) -> list[Session]:
    """Sessions that were opened on a day, in UTC."""
    return [one for one in known if one.opened.astimezone(UTC).date() == day]
