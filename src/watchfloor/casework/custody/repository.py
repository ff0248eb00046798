"""Acts on exhibits on a floor: read behind the writer's lock, checked, and written in one commit each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from watchfloor.casework.custody import exhibits, record_builders, refusals, rules, signing
from watchfloor.casework.custody.exhibits import Exhibit, World
from watchfloor.casework.custody.record_builders import Part
from watchfloor.casework.life_cycle import at_least
from watchfloor.casework.tasking.ordering import flags_of
from watchfloor.cell.acts import Post, Row, minute, pick, refuse, write_all
from watchfloor.core.kinds import EXHIBIT
from watchfloor.core.messages import declare
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.store.log.notes import Signer, signing_name

FUTURE: Final = declare("custody.future", "at")
ANCIENT: Final = declare("custody.ancient", "at", "first")
FIRST: Final = datetime(1908, 7, 20, tzinfo=UTC)
"""The Opium Act, 1908: nothing was seized under a law of Canada on drugs before."""
BAD_KEY: Final = declare("custody.subject", "problem")


class Done(NamedTuple):
    """An act that was written: the exhibit as it left it, at which position, what came of it."""

    exhibit: Exhibit
    position: int
    children: tuple[Exhibit, ...] = ()


class When(NamedTuple):
    """When an act was done: the moment, and the calendar day there. None: now, and today."""

    at: datetime | None = None
    day: date | None = None


NOW: Final = When()


class Desk(Post):
    """Where a person acts on exhibits."""

    def world(self) -> World:
        """Every exhibit as it is now."""
        return Exhibit.read(self.floor, self.reader)

    def moment(self, when: When) -> tuple[datetime, date]:
        """The moment and day of an act. Refused where it is still to come, or no year of this office's."""
        now = self.writer.moment()
        at = when.at or now
        if at > now:
            refuse(FUTURE, at=at.isoformat(timespec="minutes"))
        if at < FIRST:
            refuse(ANCIENT, at=at.isoformat(timespec="minutes"), first=minute(FIRST))
        return at, when.day or (at if when.at else at.astimezone()).date()


def pick_one(found: World, start: str) -> Exhibit:
    """The exhibit whose number is this, or whose id starts so. Refused."""
    named = [one for one in found.values() if one.number == " ".join(start.split())]
    if len(named) > 1:  # of marks that nobody saw together when they were given
        ids = ", ".join(one.id for one in named)
        refuse(refusals.SEVERAL_NUMBERED, count=len(named), number=start, ids=ids)
    return named[0] if named else pick(found, start, *Exhibit.listing)


def seize(desk: Desk, given: Mapping[str, Any], marking: str | None = None, when: When = NOW) -> Done:
    """Bring an exhibit here, with the dangers that tasks about what it was in are flagged with.

    Raises `Refusal`, as all that follow do.
    """
    at, day = desk.moment(when)
    found = desk.world()
    keyed = {name: _key(given[name]) for name in ("subject", "substance") if given.get(name)}
    marked = at_least(None, marking)
    about = [keyed["subject"]] if "subject" in keyed else []
    flags = flags_of(desk.floor, desk.reader, None, about, given.get("flags") or ())
    said = {**given, **keyed, "flags": flags}
    row = record_builders.seized(desk.floor.key, desk.by, at, day, marked, said, desk.writer.moment())
    return _write(desk, found, [row])


def act(
    desk: Desk,
    start: str,
    what: str,
    given: Mapping[str, Any],
    edition: int | None = None,
    when: When = NOW,
) -> Done:
    """Do something with an exhibit.

    Args:
        desk: where.
        start: its number, or the start of its id.
        what: the act.
        given: columns of the act.
        edition: that was looked at; None: the present one.
        when: it was done.
    """
    found, at, day = desk.world(), *desk.moment(when)
    one = pick_one(found, start)
    row = record_builders.following(found, one, what, desk.by, at, day, given)
    return _write(desk, found, [row | _made_on(row, edition)])


def seal(desk: Desk, start: str, number: str, why: str | None = None, when: When = NOW) -> Done:
    """Seal an exhibit, or seal it anew with a reason where it has a seal."""
    one = pick_one(desk.world(), start)
    if one.seal is None:
        return act(desk, start, "sealed", {"seal": number, "why": why}, when=when)
    return act(desk, start, "resealed", {"seal": number, "old_seal": one.seal, "why": why}, when=when)


def split(
    desk: Desk,
    start: str,
    into: Sequence[Part],
    given: Mapping[str, Any],
    edition: int | None = None,
    when: When = NOW,
) -> Done:
    """Split an exhibit; `given` may weigh what is left of it, and seals it anew where it was sealed."""
    found, at, day = desk.world(), *desk.moment(when)
    one = pick_one(found, start)
    children = record_builders.parts_of(desk.floor.key, one, into, desk.by, at, day)
    ahead = _with(found, children)
    ids = [row["exhibit"] for row in children]
    row = record_builders.following(ahead, one, "split", desk.by, at, day, {**given, "children": ids})
    return _write(desk, found, [*children, row | _made_on(row, edition)])


def offer(
    desk: Desk,
    start: str,
    to: str,
    signer: Signer,
    given: Mapping[str, Any],
    edition: int | None = None,
    when: When = NOW,
) -> Done:
    """Offer an exhibit to somebody: the first of two signatures."""
    found, at, day = desk.world(), *desk.moment(when)
    one = pick_one(found, start)
    if signer.verifier.name != signing_name(one.holder):
        refuse(signing.NOT_THEIRS, key=signer.verifier.name, name=one.holder)
    signing.key_of(signing.keys(desk.floor), to)
    text = signing.statement(one, to, at, given.get("place"), given.get("why"))
    signed = {"to": to, "statement": text, "signature": signing.sign(text, signer)}
    row = record_builders.following(found, one, "offered", desk.by, at, day, {**given, **signed})
    return _write(desk, found, [row | _made_on(row, edition)])


def receive(
    desk: Desk,
    start: str,
    seen: str | None,
    signature: Signer | str,
    given: Mapping[str, Any],
    when: When = NOW,
) -> Done:
    """Take what is offered: the second signature.

    Args:
        desk: where.
        start: the exhibit.
        seen: the seal as the receiver sees it; None where there is none.
        signature: the receiver's key, or the statement as the receiver signed it elsewhere.
        given: further columns.
        when: it was.
    """
    found, at, day = desk.world(), *desk.moment(when)
    one = pick_one(found, start)
    if one.offer is None:
        refuse(refusals.NO_OFFER, exhibit=one.id, holder=one.holder)
    if exhibits.folded(seen) != exhibits.folded(one.seal):
        refuse(refusals.OTHER_SEAL, exhibit=one.id, seal=one.seal or "–", given=seen or "–")
    to, text = one.offer["to"], one.offer["statement"]
    if isinstance(signature, Signer):
        if signature.verifier.name != signing_name(to):
            refuse(signing.NOT_THEIRS, key=signature.verifier.name, name=to)
        line = signing.sign(text, signature)
    else:
        line = signing.line_of(signature, to)
    row = record_builders.following(
        found, one, "received", desk.by, at, day, {**given, "to": to, "statement": text, "signature": line}
    )
    return _write(desk, found, [row])


def check(found: World, row: Row, keys: signing.Keys) -> None:
    """Raise `Refusal` where an act may not follow, or is not signed as it must be."""
    rules.check(found, row)
    if row["act"] in ("offered", "received"):
        signing.check(found[row["exhibit"]], row, keys)


def _write(desk: Desk, found: World, rows: Sequence[Row]) -> Done:
    """Check each act on what the ones before it left, then write all of them."""
    keys, ahead = signing.keys(desk.floor), dict(found)
    for row in rows:
        _numbered(ahead, row)
        rules.repeated(ahead, row)
        check(ahead, row, keys)
        exhibits.apply(ahead, row)
    position = write_all(desk.writer, EXHIBIT, rows)
    after = desk.world()
    *children, last = (after[row["exhibit"]] for row in rows)
    return Done(last, position, tuple(children))


def _numbered(found: World, row: Row) -> None:
    """A number names one exhibit of those that whoever acts may see."""
    if row["act"] not in ("seized", "made") or row["number"] is None:
        return
    for other in found.values():
        if other.number == row["number"]:
            refuse(refusals.NUMBER_TAKEN, other=other.id, number=row["number"])


def _with(found: World, rows: Iterable[Row]) -> World:
    ahead = dict(found)
    for row in rows:
        exhibits.apply(ahead, row)
    return ahead


def _made_on(row: Row, edition: int | None) -> Row:
    return row if edition is None else row | {"edition": edition + 1}


def _key(text: str) -> str:
    try:
        return str(subject(*parts(text)))
    except SubjectError as error:
        refuse(BAD_KEY, problem=str(error))
