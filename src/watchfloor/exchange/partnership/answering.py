"""The answerer's side of a session: accept, multiply points, tell of claimed subjects what the code names."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from watchfloor.cell.acts import refuse
from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.partnership import caps, closing, codes, keys, lawful, psi, sessions
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import Code, check_case, check_use
from watchfloor.exchange.partnership.fields import check
from watchfloor.exchange.partnership.group import SIZE, BadPoint, Scalar, hashed, split
from watchfloor.exchange.partnership.keys import Use
from watchfloor.exchange.partnership.offering import Offer, Table, offered, table
from watchfloor.exchange.partnership.sessions import ACT, Session
from watchfloor.exchange.partnership.steps import Pair, Reply, field_names, head, pair, reply, tokened
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.exchange.partnership.wire import Claims, FieldsBody, Head, Message, digest
from watchfloor.store.floor import Floor
from watchfloor.store.log.notes import signed_json
from watchfloor.store.writer import Writer


def opened(floor: Floor, writer: Writer, message: Message, file: str, now: datetime) -> Reply:
    """Accept a session, where the code, the gateway and the caps allow it and a set is offered.

    Raises:
        Refusal: one of them does not, it came before, or it is of another code or epoch.
        watchfloor.policy.gateways.Refusal: the gateway does not allow it.
    """
    said, today, vault = message.head, now.astimezone(UTC).date(), Vault(floor)
    known = sessions.sessions(floor, today)
    if (before := known.get(said.session)) is not None:
        day = before.opened.date().isoformat()
        refuse(say.REPLAYED, file=file, session=before.id, day=day)
    code = codes.of_digest(floor, said.code, message.peer.name)
    codes.check_both(floor, code, message.peer, today)
    check_use(code, said.tier, said.purpose)
    check_case(said.tier, said.case)
    if (last := sessions.until(datetime.fromisoformat(said.at), code.file.caps.session_days)) < today:
        refuse(say.SESSION_OVER, session=said.session, day=last.isoformat())
    if said.epoch != code.epoch(today):
        refuse(say.OTHER_EPOCH, file=file, theirs=said.epoch, ours=code.epoch(today))
    given = offered(floor, message.peer, code, said.epoch, said.tier, said.case)
    permit = lawful.permit(floor, message.peer, said.tier, given.stated, today)
    caps.check_sizes(code, said.size, given.size)
    caps.check_day(code, known.values(), message.peer.name, "answerer", said.size, today)
    use = Use(said.code, said.epoch, said.tier, said.case, message.peer.name, me(floor).name)
    session = _new(use, message.peer, said, code, now)
    mine, made = _keys(vault, use, said.public, given, file)
    body = b"" if said.table == made.digest else made.data
    more: dict[str, Any] = {"public": mine.epoch.public.hex(), "table": made.digest, "rows": given.size}
    if said.tier == "match" and (case := keys.case_key(vault, said.case, said.epoch)) is not None:
        more["case_key"] = keys.seal(mine.secret, session.id, case.secret)
    size = given.size if body else 0
    answer = reply(
        floor, vault, head(floor, session, "accept", message.digest, now, body, size, **more), body
    )
    vault.put_json(f"sessions/{session.id}.pair", {"public": said.public, "offer": given.id})
    about = f"a table of {given.size} masked identifiers, of which nobody else can tell whose they are"
    writer.act("disclosed", lawful.disclosed(permit, said.tier, given.size, about, session=session.id))
    writer.act(
        ACT,
        sessions.begin(session, message.digest, sent=digest(answer.data), rows=given.size, offer=given.id),
    )
    return answer


def pointed(
    floor: Floor, writer: Writer, message: Message, session: Session, file: str, now: datetime
) -> Reply:
    """Multiply the asker's points; where only the number may be learned, in an order that tells nothing.

    Raises:
        Refusal: their number is another than was committed to, one is no point or is there twice, or one was
            asked about too often.
    """
    vault, today = Vault(floor), now.astimezone(UTC).date()
    code = codes.of_digest(floor, session.use.code, message.peer.name)
    codes.check_both(floor, code, message.peer, today)
    points = _points(message, session, file)
    given = offered(floor, message.peer, code, session.use.epoch, session.tier, session.use.case)
    mine, scalar = _scalar(vault, session, given)
    use = session.use
    tally = caps.Tally(vault, floor.key, "points", use.code, use.epoch, use.asker, use.tier, use.case)
    tally.check(points, code.file.caps.same_subject)
    try:
        answers = psi.answered(scalar, points, shuffled=session.tier == "cardinality")
    except BadPoint as error:
        refuse(say.BAD_POINT, file=file, problem=str(error))
    if message.head.case_key:
        _take_case(vault, mine, session, message.head.case_key, file)
    tally.add(points)
    body = b"".join(answers)
    said = head(floor, session, "answer", message.digest, now, body, len(answers))
    answer = reply(floor, vault, said, body)
    writer.act(ACT, sessions.step(session, "answer", message=message.digest, sent=digest(answer.data)))
    if session.tier == "cardinality":
        vault.drop(f"sessions/{session.id}.pair")
    return answer


def claimed(
    floor: Floor, writer: Writer, message: Message, session: Session, file: str, now: datetime
) -> Reply:
    """Check which subjects the asker has matched, keep what he tells of them, and tell what the code names.

    A claim is the whole masked identifier, of which the table has 64 bits: nobody can claim a row of the
    table.

    Raises:
        Refusal: a claim is of no subject offered, a subject was claimed too often, or a field is not named.
    """
    vault, today, use = Vault(floor), now.astimezone(UTC).date(), session.use
    code = codes.of_digest(floor, use.code, message.peer.name)
    codes.check_both(floor, code, message.peer, today)
    try:
        claims = signed_json(message.body, Claims)
        points = [bytes.fromhex(one) for one in claims.points]
        if len(points) != len(claims.fields) or len({*points}) != len(points) or len(points) > session.size:
            raise ValueError("its claims are not one for each subject")
        if any(len(one) != SIZE for one in points):
            raise ValueError("a claim has another length")
    except (ValueError, msgspec.ValidationError, msgspec.DecodeError) as error:
        refuse(say.DAMAGED, file=file, problem=str(error)[:200])
    for values in claims.fields:
        check(code.file.fields, code.name, values)
    given = offered(floor, message.peer, code, use.epoch, "match", use.case)
    mine, scalar = _scalar(vault, session, given)
    subjects = given.subjects(vault)
    hits = _proved(mine.hashing, scalar, table(vault, mine.hashing, scalar, given), subjects, points)
    if strange := sum(at is None for at in hits):
        writer.act(ACT, sessions.step(session, sessions.ENDED, message=message.digest, unproved=strange))
        refuse(say.UNPROVED, file=file, count=strange)
    found = [subjects[at] for at in hits if at is not None]
    tally = caps.Tally(vault, floor.key, "claimed", use.code, use.epoch, use.asker)
    elements = [one.encode() for one in found]
    tally.check(elements, code.file.caps.same_subject)
    return _tell(floor, writer, message, session, given, found, claims, tally, now)


def _tell(
    floor: Floor,
    writer: Writer,
    message: Message,
    session: Session,
    given: Offer,
    found: list[str],
    claims: Claims,
    tally: caps.Tally,
    now: datetime,
) -> Reply:
    vault, today, use = Vault(floor), now.astimezone(UTC).date(), session.use
    key = keys.case_key(vault, use.case, use.epoch)
    if key is None:
        refuse(say.NO_CASE)
    fields = given.fields(vault)
    rows = {key.token(one): tokened(fields.get(one, {}), key) for one in found}
    code = codes.of_digest(floor, use.code, message.peer.name)
    for token, passed in closing.heard(floor, code, use.case, use.asker, rows).items():
        rows[token][closing.HEARD] = passed
    theirs = dict(zip(rows, claims.fields, strict=True))
    body = msgspec.json.encode(FieldsBody(rows))
    said = head(floor, session, "fields", message.digest, now, body, len(rows))
    answer = reply(floor, vault, said, body)
    names = sorted({*field_names(rows), *field_names(theirs)})
    tokens = dict(zip(rows, found, strict=True))
    vault.put_json(f"results/{session.id}", {"found": len(found), "tokens": tokens, "fields": theirs})
    tally.add([one.encode() for one in found])
    permit = lawful.permit(floor, message.peer, "match", given.stated, today)
    listed = ", ".join(field_names(rows)) or "–"
    about = f"of {len(found)} subjects that the partner asked about and holds: {listed}"
    out = lawful.disclosed(permit, "match", len(found), about, fields=field_names(rows), session=session.id)
    writer.act("disclosed", out)
    sent = {"message": message.digest, "sent": digest(answer.data), "found": len(found), "told": names}
    writer.act(ACT, sessions.step(session, "fields", **sent))
    vault.drop(f"sessions/{session.id}.pair")
    return answer


def _proved(
    hashing: bytes, scalar: Scalar, rows: Table, subjects: list[str], points: list[bytes]
) -> list[int | None]:
    """For each claim the place of the subject that gives just this point; None where none does."""
    if not points:
        return []
    prints = psi.printed(points)
    first = np.searchsorted(rows.prints, prints, "left")
    after = np.searchsorted(rows.prints, prints, "right")
    found: list[int | None] = []
    for point, start, end in zip(points, first.tolist(), after.tolist(), strict=True):
        near = [int(at) for at in rows.order[start:end]]
        made = scalar.times(hashed(hashing, [subjects[at].encode() for at in near]))
        found.append(next((at for at, one in zip(near, made, strict=True) if one == point), None))
    return found


def _new(use: Use, peer: Peer, said: Head, code: Code, now: datetime) -> Session:
    until = sessions.until(now, code.file.caps.session_days)
    return Session(
        said.session, "answerer", peer.name, use, said.purpose, now.astimezone(UTC), until, said.size
    )


def _keys(vault: Vault, use: Use, public: str, given: Offer, file: str) -> tuple[Pair, Table]:
    try:
        mine = pair(vault, use, public)
    except ValueError:
        refuse(say.BAD_POINT, file=file, problem="its key for the epoch is none")
    scalar = mine.epoch.scalar(use, f"answerer {given.id}")
    return mine, table(vault, mine.hashing, scalar, given)


def _scalar(vault: Vault, session: Session, given: Offer) -> tuple[Pair, Scalar]:
    """The keys that the session began with. Refused where another set was offered since."""
    kept: Mapping[str, str] = vault.get_json(f"sessions/{session.id}.pair") or {}
    if kept.get("offer") != given.id:
        refuse(say.SESSION_OVER, session=session.id, day=session.until.isoformat())
    mine = pair(vault, session.use, kept["public"])
    return mine, mine.epoch.scalar(session.use, f"answerer {given.id}")


def _points(message: Message, session: Session, file: str) -> list[bytes]:
    size = len(message.body) // SIZE
    if message.head.size != session.size or len(message.body) != SIZE * session.size:
        refuse(say.SIZE_CHANGED, file=file, size=size, committed=session.size)
    points = split(message.body)
    if len({*points}) != len(points):
        refuse(say.TWICE, file=file)
    return points


def _take_case(vault: Vault, mine: Pair, session: Session, sealed: str, file: str) -> None:
    use = session.use
    try:
        keys.keep_case(vault, use.case, use.epoch, keys.unseal(mine.secret, session.id, sealed))
    except ValueError as error:
        words = {"problem": str(error), "partner": session.partner, "case": use.case}
        refuse(say.OTHER_CASE_KEY, file=file, **words)
