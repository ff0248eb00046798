"""The asker's side of a session: open, send points, read the answer, claim what matched, keep what comes."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np

from watchfloor.cell.acts import refuse
from watchfloor.exchange.bundles.peers import Peer, me
from watchfloor.exchange.partnership import caps, closing, codes, keys, lawful, psi, sessions
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.code import Code, Tier, check_case, check_use
from watchfloor.exchange.partnership.fields import check
from watchfloor.exchange.partnership.group import SIZE, BadPoint, split
from watchfloor.exchange.partnership.keys import Epoch, Use
from watchfloor.exchange.partnership.sessions import ACT, Session
from watchfloor.exchange.partnership.steps import Reply, Values, field_names, head, pair, reply, tokened
from watchfloor.exchange.partnership.vault import Vault, label
from watchfloor.exchange.partnership.wire import Claims, FieldsBody, Message, digest
from watchfloor.policy.gateways import Statement
from watchfloor.store.floor import Floor
from watchfloor.store.log.notes import signed_json
from watchfloor.store.writer import Writer


def ask(
    floor: Floor,
    writer: Writer,
    peer: Peer,
    code: Code,
    tier: Tier,
    case: str,
    subjects: Sequence[str],
    fields: Values,
    stated: Statement,
    now: datetime,
) -> Reply:
    """Open a session: this many subjects, under this code, for this purpose. Nothing of them goes yet.

    Args:
        floor: whose subjects.
        writer: of it.
        peer: who answers.
        code: of practice, which both have.
        tier: cardinality: how many are common; match: which, and with the code's fields.
        case: for which case; empty for cardinality.
        subjects: each once, in their one spelling.
        fields: what is told of those that match, by subject.
        stated: why the gateway's test is met, by whom.
        now: with a time zone.

    Raises:
        Refusal: the code does not allow it, or a cap is reached.
        watchfloor.policy.gateways.Refusal: the gateway does not.
    """
    today, vault = now.astimezone(UTC).date(), Vault(floor)
    codes.check_both(floor, code, peer, today)
    check_use(code, tier, stated.purpose)
    lawful.permit(floor, peer, tier, stated, today)
    check_case(tier, case)
    for values in fields.values():
        links = {n: ["0" * 32] * len(v) for n, v in values.items() if isinstance(v, list)}
        check(code.file.fields, code.name, {**values, **links})
    caps.check_sizes(code, len(subjects))
    caps.check_day(code, sessions.sessions(floor, today).values(), peer.name, "asker", len(subjects), today)
    tally = caps.Tally(vault, floor.key, "asked", code.digest, code.epoch(today), peer.name, tier)
    elements = [one.encode() for one in subjects]
    tally.check(elements, code.file.caps.same_subject)
    use = Use(code.digest, code.epoch(today), tier, case, me(floor).name, peer.name)
    session = _new(use, peer, stated.purpose, len(subjects), code, now)
    words = {"test": stated.test_met, "by": stated.by, "purpose": stated.purpose, "basis": stated.basis}
    vault.put(f"sessions/{session.id}.set", "\n".join(subjects).encode())
    vault.put_json(f"sessions/{session.id}.said", {"fields": fields, "stated": words})
    public = Epoch(vault, use.code, use.epoch).public.hex()
    theirs = vault.get_json(_table_name(use)) or ""
    said = head(floor, session, "open", "", now, b"", session.size, public=public, table=theirs)
    made = reply(floor, vault, said, b"")
    tally.add(elements)
    writer.act(ACT, sessions.begin(session, digest(made.data)))
    return made


def accepted(
    floor: Floor, writer: Writer, message: Message, session: Session, file: str, now: datetime
) -> Reply:
    """Take the answerer's terms and table, and send the points.

    Raises:
        Refusal: the sizes or the table are not what the code allows, or what was said.
    """
    vault, said, today = Vault(floor), message.head, now.astimezone(UTC).date()
    code = codes.of_digest(floor, session.use.code, message.peer.name)
    codes.check_both(floor, code, message.peer, today)
    caps.check_sizes(code, session.size, said.rows)
    prints = _table(vault, session, message, file)
    try:
        mine = pair(vault, session.use, said.public)
        if said.case_key:
            keys.keep_case(
                vault,
                session.use.case,
                session.use.epoch,
                keys.unseal(mine.secret, session.id, said.case_key),
            )
    except ValueError as error:
        words = {"problem": str(error), "partner": session.partner, "case": session.use.case}
        refuse(say.OTHER_CASE_KEY, file=file, **words)
    _keep_table(vault, session.use, prints, said.table)
    vault.put_json(f"sessions/{session.id}.pair", {"public": said.public, "table": said.table})
    scalar = mine.epoch.scalar(session.use, "asker")
    points = psi.masked(mine.hashing, scalar, _elements(vault, session))
    body, more = b"".join(points), {}
    if session.tier == "match":
        case = keys.begin_case(vault, session.use.case, session.use.epoch)
        more["case_key"] = keys.seal(mine.secret, session.id, case.secret)
    made = reply(
        floor, vault, head(floor, session, "points", message.digest, now, body, len(points), **more), body
    )
    given = lawful.permit(floor, message.peer, session.tier, _stated(vault, session), today)
    form = lawful.disclosed(
        given,
        session.tier,
        session.size,
        f"{session.size} masked identifiers, of which nobody else can tell whose they are",
        session=session.id,
    )
    writer.act("disclosed", form)
    writer.act(
        ACT,
        sessions.step(session, "points", message=message.digest, sent=digest(made.data), rows=said.rows),
    )
    return made


def answered(
    floor: Floor, writer: Writer, message: Message, session: Session, file: str, now: datetime
) -> Reply:
    """Read the answer: the number that are common, or which; then claim those, with what is told of them.

    Raises:
        Refusal: the answer is of another size, or holds what is no point.
    """
    vault, today = Vault(floor), now.astimezone(UTC).date()
    code = codes.of_digest(floor, session.use.code, message.peer.name)
    codes.check_both(floor, code, message.peer, today)
    mine, prints = _pair_of(vault, session)
    scalar = mine.epoch.scalar(session.use, "asker")
    points = _points(message, session, file)
    try:
        own = psi.unmasked(scalar, points)
    except BadPoint as error:
        refuse(say.BAD_POINT, file=file, problem=str(error))
    hits = psi.found(prints, own)
    count = int(hits.sum())
    if session.tier == "cardinality":
        vault.put_json(f"results/{session.id}", {"found": count})
        writer.act(ACT, sessions.step(session, "answer", message=message.digest, found=count))
        _forget(vault, session)
        return Reply(session.id, "", b"")
    return _claim(floor, writer, message, session, [int(at) for at in np.flatnonzero(hits)], own, now)


def _claim(
    floor: Floor,
    writer: Writer,
    message: Message,
    session: Session,
    hits: Sequence[int],
    own: Sequence[bytes],
    now: datetime,
) -> Reply:
    vault, today = Vault(floor), now.astimezone(UTC).date()
    subjects = _subjects(vault, session)
    key = keys.begin_case(vault, session.use.case, session.use.epoch)
    mine: Values = _said(vault, session)["fields"]
    rows = {subjects[at]: tokened(mine.get(subjects[at], {}), key) for at in hits}
    code = codes.of_digest(floor, session.use.code, message.peer.name)
    passed = closing.heard(floor, code, session.use.case, session.partner, map(key.token, rows))
    for one, values in rows.items():
        if (token := key.token(one)) in passed:
            values[closing.HEARD] = passed[token]
    body = msgspec.json.encode(Claims(tuple(own[at].hex() for at in hits), tuple(rows.values())))
    said = head(floor, session, "claim", message.digest, now, body, len(hits))
    made = reply(floor, vault, said, body)
    names = field_names(rows)
    tokens = {key.token(one): one for one in rows}
    steps = {key.token(one): tokened(values, key) for one, values in mine.items()}
    vault.put_json(f"results/{session.id}", {"found": len(hits), "tokens": tokens, "own": steps})
    given = lawful.permit(floor, message.peer, "match", _stated(vault, session), today)
    about = f"that {len(hits)} subjects of the partner are subjects here; of them: {', '.join(names) or '–'}"
    writer.act(
        "disclosed", lawful.disclosed(given, "match", len(hits), about, fields=names, session=session.id)
    )
    writer.act(
        ACT,
        sessions.step(
            session,
            "claim",
            message=message.digest,
            sent=digest(made.data),
            found=len(hits),
            told=names,
        ),
    )
    return made


def told_of(
    floor: Floor, writer: Writer, message: Message, session: Session, file: str, now: datetime
) -> Reply:
    """Keep what the answerer tells of the claimed subjects; the session is over.

    Raises:
        Refusal: it tells of a token that was not claimed, or what the code does not name.
    """
    vault, today = Vault(floor), now.astimezone(UTC).date()
    code = codes.of_digest(floor, session.use.code, message.peer.name)
    codes.check_both(floor, code, message.peer, today)
    result: dict[str, Any] = vault.get_json(f"results/{session.id}") or {"tokens": {}}
    try:
        rows = signed_json(message.body, FieldsBody).tokens
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        refuse(say.DAMAGED, file=file, problem=str(error)[:200])
    if strange := rows.keys() - result["tokens"].keys():
        refuse(say.OTHER_TOKENS, file=file, count=len(strange))
    for values in rows.values():
        check(code.file.fields, code.name, values)
    vault.put_json(f"results/{session.id}", {**result, "fields": rows})
    writer.act(ACT, sessions.step(session, "fields", message=message.digest, told=field_names(rows)))
    _forget(vault, session)
    return Reply(session.id, "", b"")


def _new(use: Use, peer: Peer, purpose: str, size: int, code: Code, now: datetime) -> Session:
    until = sessions.until(now, code.file.caps.session_days)
    return Session(os.urandom(16).hex(), "asker", peer.name, use, purpose, now.astimezone(UTC), until, size)


def _table(vault: Vault, session: Session, message: Message, file: str) -> psi.Prints:
    """The answerer's table: what came, or what came before under the same digest. Refused for another."""
    said = message.head
    problem = ""
    data = message.body or vault.get(f"theirs/{label(said.table)}") or b""
    if sha256(data).hexdigest() != said.table:
        problem = "its digest is another"
    elif len(data) != 8 * said.rows or said.size != (said.rows if message.body else 0):
        problem = f"it has {len(data) // 8} rows, and {said.rows} were named"
    prints = np.frombuffer(data[: len(data) // 8 * 8], "<u8")
    if not problem and bool(np.any(prints[1:] < prints[:-1])):
        problem = "its rows are not in order"
    if problem:
        refuse(say.OTHER_TABLE, file=file, partner=session.partner, problem=problem)
    return prints.astype(np.uint64)


def _table_name(use: Use) -> str:
    return f"theirs/{label(use.code, use.epoch, use.tier, use.case, use.answerer)}.digest"


def _keep_table(vault: Vault, use: Use, prints: psi.Prints, named: str) -> None:
    if vault.get_json(_table_name(use)) != named:
        vault.put(f"theirs/{label(named)}", prints.astype("<u8").tobytes())
        vault.put_json(_table_name(use), named)


def _pair_of(vault: Vault, session: Session) -> Any:
    kept = vault.get_json(f"sessions/{session.id}.pair")
    data = vault.get(f"theirs/{label(kept['table'])}") if kept else None
    if kept is None or data is None:
        refuse(say.GONE, session=session.id)
    prints = np.frombuffer(data, "<u8").astype(np.uint64)
    return pair(vault, session.use, kept["public"]), prints


def _points(message: Message, session: Session, file: str) -> list[bytes]:
    if message.head.size != session.size or len(message.body) != SIZE * session.size:
        refuse(say.SIZE_CHANGED, file=file, size=len(message.body) // SIZE, committed=session.size)
    return split(message.body)


def _subjects(vault: Vault, session: Session) -> list[str]:
    data = vault.get(f"sessions/{session.id}.set")
    if data is None:
        refuse(say.GONE, session=session.id)
    return data.decode().split("\n")


def _elements(vault: Vault, session: Session) -> list[bytes]:
    return [one.encode() for one in _subjects(vault, session)]


def _stated(vault: Vault, session: Session) -> Statement:
    words = _said(vault, session)["stated"]
    return Statement(words["test"], words["by"], words["purpose"], "", words["basis"])


def _said(vault: Vault, session: Session) -> dict[str, Any]:
    said: dict[str, Any] | None = vault.get_json(f"sessions/{session.id}.said")
    if said is None:
        refuse(say.GONE, session=session.id)
    return said


def _forget(vault: Vault, session: Session) -> None:
    """Drop what a finished session needs no more."""
    for part in ("set", "said", "pair", "out"):
        vault.drop(f"sessions/{session.id}.{part}")
