"""Acts on the way to a department's agreement: read behind the writer's lock, checked, one commit each.

An act is one record of the kind `agreement` and is never changed; the last of each kind makes the standing
(`agreement.standing`). Two people are needed: who attests, and another who approves in words of their own.
Neither the clerk who typed the attestation nor who entered the key that signed it may be the second.
"""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from watchfloor.cell.acts import Post, minute, new_id, nonempty, refuse, write
from watchfloor.core.kinds import AGREEMENT
from watchfloor.scorecard.agreement import refusals
from watchfloor.scorecard.agreement.digests import Act, Shown, attests, stored
from watchfloor.scorecard.agreement.rows import Item, On, on, row
from watchfloor.scorecard.agreement.standing import AgreementStatus, standing
from watchfloor.scorecard.forms import keys as form_keys
from watchfloor.store.log.notes import Verifier


class Person(NamedTuple):
    """Who speaks for a department: a name, and what that person is there."""

    name: str | None
    function: str | None


class Done(NamedTuple):
    """An act that was written: how the agreement stands after it, and at which position of the log it is."""

    standing: AgreementStatus
    position: int


Make = Callable[[On], dict[str, Any]]
"""The columns of an act, of what it is made on; the rest is the same for all."""


def call(
    post: Post,
    item: Item,
    due: datetime,
    asked: str | None = None,
    department: str | None = None,
    marking: str | None = None,
    edition: int | None = None,
) -> Done:
    """Ask a department for its figure and agreement, by a moment. Raises `Refusal`, as all acts do."""

    def make(one: On) -> dict[str, Any]:
        if due <= one.now:
            refuse(refusals.PAST, moment=minute(due))
        text = nonempty(item.asked.en if asked is None else asked, "instruction")
        id_ = new_id(post.floor.key, "call", item.id, one.department, post.by, one.now.isoformat())
        return {"act": "called", "asked": text, "due": due, "call": id_}

    return _act(post, item, department, edition, make, marking)


def attest(
    post: Post,
    item: Item,
    who: Person,
    looked: str | None = None,
    department: str | None = None,
    why: str | None = None,
    edition: int | None = None,
) -> Done:
    """Say that a person of the department attests what is shown.

    Args:
        post: where.
        item: of what.
        who: attests it.
        looked: the digest that was looked at, or its start; refused where another stands now.
        department: whose attestation; None: who is accountable.
        why: a reason makes it a correction of the attestation before, which undoes an approval.
        edition: that was looked at.
    """

    def make(one: On) -> dict[str, Any]:
        _called(one)
        shown = _shown(one, looked)
        if why is not None and "attested" not in one.in_force.acts:
            refuse(refusals.NOTHING_TO_CORRECT, line=item.id)
        return {
            **_person(who),
            "act": "attested" if why is None else "corrected",
            "digest": shown.digest,
            "values": stored(shown.values),
            "why": None if why is None else nonempty(why, "why"),
        }

    return _act(post, item, department, edition, make)


def approve(
    post: Post,
    item: Item,
    who: Person,
    words: str | None,
    looked: str | None = None,
    department: str | None = None,
    edition: int | None = None,
) -> Done:
    """Approve what was attested: another person than who did, in words of their own."""

    def make(one: On) -> dict[str, Any]:
        _called(one)
        attested = one.in_force.acts.get("attested")
        if attested is None:
            refuse(refusals.NOT_ATTESTED, **one.parameters)
        shown = _shown(one, looked)
        if not attests(attested, shown):
            told = {"person": attested["person"], "at": minute(attested["observed_at"])}
            refuse(refusals.OTHER_ATTESTED, line=item.id, **told)
        columns = _person(who)
        if attested["key"]:
            _key_stands(post, one, attested["key"])
        form = one.in_force.acts.get("form")
        first = [name for act in (attested, form) if act for name in _first(post, act)]
        _another(one, (columns["person"], post.by), first)
        text = {"why": nonempty(words, "text")}
        return {**columns, **text, "act": "approved", "digest": shown.digest, "values": stored(shown.values)}

    return _act(post, item, department, edition, make)


def embargo(
    post: Post,
    item: Item,
    until: datetime | None,
    why: str | None,
    department: str | None = None,
    edition: int | None = None,
) -> Done:
    """Let no figure appear before a moment; None lifts the embargo that stands. Both with a reason."""

    def make(one: On) -> dict[str, Any]:
        _called(one)
        held = one.in_force.acts.get("embargoed")
        if until is None and (held is None or not held["until"] or held["until"] <= one.now):
            refuse(refusals.NO_EMBARGO, line=item.id)
        if until is not None and until <= one.now:
            refuse(refusals.PAST, moment=minute(until))
        return {"act": "embargoed", "until": until, "why": nonempty(why, "why")}

    return _act(post, item, department, edition, make)


def withdraw(
    post: Post,
    item: Item,
    why: str | None,
    department: str | None = None,
    edition: int | None = None,
) -> Done:
    """Take back what was attested and approved, with a reason; an embargo stays."""

    def make(one: On) -> dict[str, Any]:
        if not one.history or "withdrawn" in one.in_force.acts:
            refuse(refusals.NOTHING_TO_WITHDRAW, line=item.id)
        return {"act": "withdrawn", "why": nonempty(why, "why")}

    return _act(post, item, department, edition, make)


def one_person(one: str, other: str) -> bool:
    """Whether two names may be one person's: letters and digits alone count, without accents and case."""
    return _letters(one) == _letters(other)


def _letters(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum())


def _act(
    post: Post,
    item: Item,
    department: str | None,
    edition: int | None,
    make: Make,
    marking: str | None = None,
) -> Done:
    one = on(post, item, department, edition)
    made = row(one, post.by, make(one), marking)
    position = write(post.writer, AGREEMENT, made)
    shown = item.shown or Shown("")
    return Done(standing([*one.history, made], item.id, shown, one.now, one.department), position)


def _called(one: On) -> None:
    """Refuse what comes before anybody was asked, or after the agreement was withdrawn."""
    gone = one.in_force.acts.get("withdrawn")
    if gone:
        told = {"by": gone["by"], "at": minute(gone["observed_at"]), "why": gone["why"]}
        refuse(refusals.WITHDRAWN, **one.parameters, **told)
    if "called" not in one.in_force.acts:
        refuse(refusals.NOT_CALLED, **one.parameters)


def _shown(one: On, looked: str | None) -> Shown:
    """Return what stands now; refused where that is nothing, or not what the person looked at."""
    shown = one.item.shown
    if shown is None:
        refuse(refusals.NOTHING_SHOWN, line=one.item.id)
    if looked is not None and (len(looked) < LEAST or not shown.digest.startswith(looked.lower())):
        refuse(refusals.CHANGED, line=one.item.id, looked=looked, now=shown.digest[:12])
    return shown


LEAST: Final = 8
"""Digits of a digest that name what was looked at."""


def _key_stands(post: Post, one: On, key: str) -> None:
    """Refuse to approve what a key signed that is revoked by now: it may be somebody else's form."""
    if form_keys.revoked(post.floor, Verifier.parse(key)):
        refuse(refusals.KEY_REVOKED, **one.parameters)


def _first(post: Post, act: Act) -> set[str]:
    """Who attested, who typed that or received the form, and who entered the key that signed it."""
    return {act["person"], act["by"], *(form_keys.entered_by(post.floor, act["key"]) if act["key"] else ())}


def _person(who: Person) -> dict[str, Any]:
    name, function = ((text or "").strip() for text in who)
    if not name or not _letters(name) or not function:
        refuse(refusals.NO_PERSON)
    return {"person": name, "function": function}


def _another(one: On, second: Sequence[str], first: Sequence[str]) -> None:
    for name in second:
        if any(one_person(name, other) for other in first):
            refuse(refusals.ONE_PERSON, person=name, line=one.item.id)
