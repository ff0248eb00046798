"""Clearances of readers: one supervisor proposes, another gives or refuses, within days and under one policy.

A proposal is an act of the log with what the person would have, what they had, why, and the digest of the
policy that it rests on. Giving it puts the changed policy in force as any other policy is, so the file is
known to the log and holds on every path at once. Nobody proposes for themselves, gives what they proposed, or
gives to themselves; so a floor with one supervisor gives none in this way.
"""

import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
import tomlkit

from watchfloor.casework import policies
from watchfloor.cell.acts import Refusal, refuse, same_person
from watchfloor.cell.wording import titles
from watchfloor.core.marking import TLP
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.settings import read_text
from watchfloor.policy import terms
from watchfloor.policy.terms import Person, Role, Terms
from watchfloor.store import governing
from watchfloor.store.floor import Floor
from watchfloor.store.lock import PATIENCE
from watchfloor.store.log import Act, Actor

PROPOSED: Final = "clearance-proposed"
REFUSED: Final = "clearance-refused"
DAYS: Final = 7
"""Days within which a proposal is decided; then it must be made anew."""

YOURSELF: Final = declare("clearances.yourself")
ONES_OWN: Final = declare("clearances.own-proposal")
TO_ONESELF: Final = declare("clearances.to-oneself")
ALONE: Final = declare("clearances.alone")
UNCHANGED: Final = declare("clearances.unchanged", "name")
WAITS: Final = declare("clearances.waits", "name", "by")
NOT_ONE: Final = declare("clearances.not-one", "n", "id")
DECIDED: Final = declare("clearances.decided", "by")
OTHER_POLICY: Final = declare("clearances.other-policy")
NO_RIGHT: Final = declare("clearances.no-right", "name")
TOO_LATE: Final = declare("clearances.too-late", "days")
BY_HAND: Final = declare("clearances.by-hand", "name")
NO_REASON: Final = declare("clearances.no-reason")
NO_NAME: Final = declare("clearances.no-name", "name", "longest")
LONGEST_NAME: Final = 64
"""Letters of a reader's name, as of an account's."""


class Clearance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reader's levels, compartments and role."""

    role: Role = "analyst"
    protected: str = ""
    classified: str = ""
    tlp: str = TLP[-1]
    compartments: tuple[str, ...] = ()


class Proposal(NamedTuple):
    """A clearance that was proposed.

    Attributes:
        id: by which it is decided.
        act: that proposed it.
        person: whose; `wanted`: what they would have; `before`: what they had, None for nothing.
        why: the proposer's reason; `ends`: until when it may be decided.
        state: `waiting`, `given` or `refused`; `decided`: by which act; `answer`: with what reason.
        stale: why a waiting one can be given no more; None: it can.
    """

    id: str
    act: Act
    person: str
    wanted: Clearance
    before: Clearance | None
    why: str
    ends: datetime
    state: str = "waiting"
    decided: Act | None = None
    answer: str = ""
    stale: Reason | None = None

    @property
    def by(self) -> str:
        """The name of who proposed it; empty where that was erased."""
        return self.act.actor.name if self.act.actor else ""

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Each key that differs, with its old and its new value."""
        old = self.before or Clearance(role="analyst", tlp="")
        return [
            (key, _text(was), _text(now))
            for key in Clearance.__struct_fields__
            if (was := getattr(old, key)) != (now := getattr(self.wanted, key)) or self.before is None
        ]


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def of_person(person: Person | None) -> Clearance | None:
    """Return what a policy has of a reader; None of nobody."""
    if person is None:
        return None
    return Clearance(**{key: getattr(person, key) for key in Clearance.__struct_fields__})


def proposals(floor: Floor) -> list[Proposal]:
    """Return every clearance that was proposed, the newest first, with what became of it."""
    acts = floor.acts_of(PROPOSED, REFUSED, governing.ACT)
    decided: dict[str, Act] = {}
    for act in acts:
        if act.act != PROPOSED and (number := str((act.detail or {}).get("clearance", ""))):
            decided[number] = act
    present, digest, now = terms.load(floor.root), _digest(floor), floor.now()
    found = [_proposal(act, decided) for act in acts if act.act == PROPOSED and act.detail]
    found = [one._replace(stale=_stale(one, present, digest, now)) for one in found]
    return found[::-1]


def _proposal(act: Act, decided: Mapping[str, Act]) -> Proposal:
    detail: Mapping[str, Any] = act.detail or {}
    end = decided.get(detail["clearance"])
    return Proposal(
        detail["clearance"],
        act,
        detail["person"],
        msgspec.convert(detail["wanted"], Clearance),
        msgspec.convert(detail["before"], Clearance | None),
        detail["why"],
        datetime.fromisoformat(detail["ends"]),
        "waiting" if end is None else "refused" if end.act == REFUSED else "given",
        end,
        str((end.detail or {}).get("why", "")) if end else "",
    )


def _stale(one: Proposal, present: Terms | None, digest: str, now: datetime) -> Reason | None:
    """Return why a waiting proposal can be given no more."""
    if one.state != "waiting":
        return None
    if now > one.ends:
        return reason(TOO_LATE, days=DAYS)
    by = present.readers.get(one.by) if present else None
    if by is None or by.role != "supervisor":
        return reason(NO_RIGHT, name=one.by)
    if (one.act.detail or {})["policy"] != digest:
        return reason(OTHER_POLICY)
    return None


def propose(floor: Floor, actor: Actor, person: str, wanted: Clearance, why: str) -> Proposal:
    """Propose a clearance for another person; a second supervisor gives it. Raises `Refusal`."""
    present = policies.supervised(floor, actor.name)
    if same_person(person, actor.name):
        refuse(YOURSELF)
    if person not in present.readers and not _is_name(person, present):
        refuse(NO_NAME, name=titles.plain(person), longest=LONGEST_NAME)
    if policies.alone(present, actor.name):
        refuse(ALONE)
    if not why.strip():
        refuse(NO_REASON)
    before = of_person(present.readers.get(person))
    if wanted == before:
        refuse(UNCHANGED, name=person)
    with floor.writer(actor, PATIENCE):  # two who propose at once see each other's
        waiting = (one for one in proposals(floor) if one.state == "waiting" and one.person == person)
        if (other := next((one for one in waiting if one.stale is None), None)) is not None:
            refuse(WAITS, name=person, by=other.by)
        policies.usable(edited(floor, person, wanted), actor.name)
        number, ends = secrets.token_hex(8), floor.now() + timedelta(days=DAYS)
        detail = {
            "clearance": number,
            "person": person,
            "wanted": msgspec.to_builtins(wanted),
            "before": msgspec.to_builtins(before),
            "why": why.strip(),
            "policy": _digest(floor),
            "ends": ends.isoformat(),
        }
        floor.act(actor, PROPOSED, detail)
    return pick(floor, number)


def _is_name(person: str, present: Terms) -> bool:
    """Whether a name can become a reader's, and looks to who approves it like no other reader's."""
    fits = person.isprintable() and 0 < len(person) <= LONGEST_NAME and person == " ".join(person.split())
    return (
        fits
        and unicodedata.is_normalized("NFC", person)
        and not any(same_person(person, other) for other in present.readers)
    )


def pick(floor: Floor, start: str) -> Proposal:
    """Return the proposal whose id begins so. Raises `Refusal` for none and for several."""
    found = [one for one in proposals(floor) if start and one.id.startswith(start.lower())]
    if len(found) != 1:
        refuse(NOT_ONE, n=len(found), id=start)
    return found[0]


def give(floor: Floor, actor: Actor, start: str) -> Proposal:
    """Give a clearance that another supervisor proposed; it holds from now on.

    Raises:
        Refused: none or several are meant; it is decided; oneself proposed it or would have it; the policy
            has changed, its proposer is no supervisor any more, or it is too old.
    """
    with floor.writer(actor, PATIENCE):  # of two who decide at once the second sees what the first did
        one = _waiting(floor, actor, start)
        if one.by == actor.name:
            refuse(ONES_OWN)
        if one.person == actor.name:
            refuse(TO_ONESELF)
        if one.stale is not None:
            raise Refusal(one.stale)
        text = edited(floor, one.person, one.wanted)
        policies.usable(text, actor.name)
        policies.install(floor, actor, text, proposed_by=one.by, clearance=one.id)
    return pick(floor, one.id)


def decline(floor: Floor, actor: Actor, start: str, why: str) -> Proposal:
    """Refuse a clearance with a reason, also one that is stale; who proposed it may take it back."""
    with floor.writer(actor, PATIENCE):
        one = _waiting(floor, actor, start)
        if not why.strip():
            refuse(NO_REASON)
        floor.act(actor, REFUSED, {"clearance": one.id, "person": one.person, "why": why.strip()})
    return pick(floor, one.id)


def _waiting(floor: Floor, actor: Actor, start: str) -> Proposal:
    policies.supervised(floor, actor.name)
    one = pick(floor, start)
    if one.decided is not None:
        by = one.decided.actor.name if one.decided.actor else ""
        refuse(DECIDED, by=by)
    return one


def _digest(floor: Floor) -> str:
    """Return the digest of the policy in force; empty without one."""
    try:
        return sha256(read_text(floor.root / terms.NAME).encode()).hexdigest()
    except FileNotFoundError:
        return ""


def edited(floor: Floor, person: str, wanted: Clearance) -> str:
    """Return the policy's text with a reader's clearance in it; comments and everything else stay.

    Raises:
        Refused: the clearance uses a word or level that the policy does not have, or the file names readers
            in a way in which only a person can change them.
    """
    text = read_text(floor.root / terms.NAME)
    present = terms.read(text, terms.NAME)
    document = tomlkit.parse(text)
    try:
        readers = document.setdefault("readers", tomlkit.table(is_super_table=True))
        entry = readers.setdefault(person, tomlkit.table())
        for key, default in zip(Clearance.__struct_fields__, Clearance.__struct_defaults__, strict=True):
            value = getattr(wanted, key)
            if key in entry or value != default:
                entry[key] = list(value) if isinstance(value, tuple) else value
    except (TypeError, AttributeError, ValueError):
        refuse(BY_HAND, name=person)
    changed = tomlkit.dumps(document)
    made = policies.usable(changed, next(iter(present.readers)))
    mine = f"readers.{person}."
    others = [key for key in terms.differences(present, made) if not f"{key}.".startswith(mine)]
    if of_person(made.readers.get(person)) != wanted or others:
        refuse(BY_HAND, name=person)
    return changed
