"""Receive messages: check each, hand it to the step that waits for it, and end those whose time is over."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

from watchfloor.cell.acts import refuse
from watchfloor.core.messages import Reason
from watchfloor.exchange.partnership import answering, asking, codes, leakage, sessions, wire
from watchfloor.exchange.partnership import refusals as say
from watchfloor.exchange.partnership.sessions import ACT, Session
from watchfloor.exchange.partnership.steps import Reply
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.exchange.partnership.wire import Message
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor, digest_of
from watchfloor.store.writer import Writer

Step = Callable[[Floor, Writer, Message, Session, str, datetime], Reply]

STEPS: Final[dict[str, tuple[str, Step]]] = {
    "accept": ("asker", asking.accepted),
    "points": ("answerer", answering.pointed),
    "answer": ("asker", asking.answered),
    "claim": ("answerer", answering.claimed),
    "fields": ("asker", asking.told_of),
}
"""For each message whose it is to take, and what does."""


class ReceivedMessage(NamedTuple):
    """A message that was taken: the session as it stands now, what goes back, and the report of leakage."""

    session: Session
    reply: Reply
    report: dict[str, Any]


def receive(floor: Floor, writer: Writer, data: bytes, file: str, now: datetime) -> ReceivedMessage:
    """Take a message in; the writer's turn is one step, so no cap is passed by two at once.

    Raises:
        Refusal: forged, damaged, oversized, replayed, out of order, of another code or epoch, past a cap.
        watchfloor.policy.gateways.Refusal: the gateway does not allow what would go back.
    """
    today = now.astimezone(UTC).date()
    message = wire.read(floor, data, file, now)
    if message.head.what == "open":
        reply = answering.opened(floor, writer, message, file, now)
    else:
        session = sessions.expected(floor, message, file, today)
        role, step = STEPS[message.head.what]
        if role != session.role:
            refuse(
                say.OUT_OF_ORDER, file=file, what=message.head.what, session=session.id, waits=session.state
            )
        reply = step(floor, writer, message, session, file, now)
    return session_state(floor, reply.session, reply, today)


def session_state(floor: Floor, id_: str, reply: Reply, today: date) -> ReceivedMessage:
    """A session as it stands, with its report."""
    known = sessions.sessions(floor, today)
    one = known[id_]
    return ReceivedMessage(one, reply, leakage.report(codes.ever(floor)[one.use.code], one, known.values()))


def log_refusal(floor: Floor, actor: Actor, file: str, data: bytes, why: Reason) -> int:
    """Log what was not taken in, by its digest, and why: somebody may ask."""
    detail = {"file": file, "digest": digest_of(data), "bytes": len(data)}
    return floor.act(actor, "partnership-refused", detail | why.stored())


def again(floor: Floor, session: Session) -> bytes:
    """This node's last message of a session, as it was. Refused where the session is over or has none."""
    data = Vault(floor).get(f"sessions/{session.id}.out") if session.state != sessions.EXPIRED else None
    if data is None:
        refuse(say.NO_REPLY, session=session.id, state=session.state)
    return data


def result(floor: Floor, session: Session) -> dict[str, Any]:
    """Return a session's result: the number, or tokens with subjects and fields. Raises `Refusal`."""
    found: dict[str, Any] | None = Vault(floor).get_json(f"results/{session.id}")
    if found is None:
        refuse(say.NO_RESULT, session=session.id, waits=session.state)
    return found


class Ended(NamedTuple):
    """Results of `expire`: sessions that were not finished, epochs whose secrets are gone, old results."""

    sessions: tuple[str, ...]
    epochs: int
    results: int


def expire(floor: Floor, writer: Writer, now: datetime) -> Ended:
    """End what is past its time: unfinished sessions lose sets and keys, and epochs their secret."""
    vault, today = Vault(floor), now.astimezone(UTC).date()
    over = [one for one in sessions.sessions(floor, today).values() if one.state == sessions.EXPIRED]
    kept = {one.split("/")[1].split(".")[0] for one in vault.names("sessions")}
    gone = tuple(one.id for one in over if one.id in kept)
    for one in over:
        for part in ("set", "said", "pair", "out"):
            vault.drop(f"sessions/{one.id}.{part}")
        if one.id in gone:
            writer.act(ACT, sessions.step(one, sessions.EXPIRED))
    epochs, results = _old_epochs(floor, vault, today), _old_results(floor, vault, today)
    if epochs or results:
        writer.act("epochs-ended", {"epochs": epochs, "results": results})
    return Ended(gone, epochs, results)


def _old_epochs(floor: Floor, vault: Vault, today: date) -> int:
    """Delete the secrets of epochs that are over, a session's days later, and all that rests on them."""
    ended = 0
    for code in codes.ever(floor).values():
        for name in vault.names("epochs"):
            digest, _, number = name.split("/")[1].partition(".")
            last = code.epoch_ends(int(number)) + timedelta(days=code.file.caps.session_days)
            if digest == code.digest[:16] and last < today:
                ended += vault.drop(name)
                _end_offers(vault, f"{digest}.{number}.")
                for case in vault.names("cases"):
                    if case.endswith(f".{number}"):
                        vault.drop(case)
    if ended:  # tables are made again where a set still stands
        for table in vault.names("tables"):
            vault.drop(table)
    return ended


def _old_results(floor: Floor, vault: Vault, today: date) -> int:
    """Delete results past their time, by the code under which each session was."""
    days = {digest: code.file.caps.result_days for digest, code in codes.ever(floor).items()}
    known, gone = sessions.sessions(floor, today), 0
    for name in vault.names("results"):
        one = known.get(name.split("/")[1])
        kept = days.get(one.use.code, 0) if one else 0
        if one is None or one.opened.date() + timedelta(days=kept) < today:
            gone += vault.drop(name)
    return gone


def _end_offers(vault: Vault, start: str) -> None:
    """Delete the offers of an epoch, with their sets."""
    for name in vault.names("offers"):
        if name.split("/")[1].startswith(start):
            kept = vault.get_json(name) or {}
            for part in (f"sets/{kept.get('id')}", f"sets/{kept.get('id')}.fields", name):
                vault.drop(part)
