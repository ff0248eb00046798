"""Recalls: what was sent is taken back, wherever it has gone.

The sender names a bundle, or rows of it, and a day by which it wants an answer. The recipient supersedes what
it holds by retracted records, so that its desks take back what rested on them, lists what people did with it,
and recalls in turn what it has passed on. Evidence has no retracted form: it is erased, unless it is held by
law.
"""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.reports.products import Product
from watchfloor.casework.tasking.tasks import Task
from watchfloor.cell.acts import nonempty, refuse
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import DISCLOSURE, INSTANT, KINDS, RECORD_ID
from watchfloor.core.messages import declare, reason
from watchfloor.desks.disclosures.messages import RECALLED
from watchfloor.exchange.bundles import sent, signed_notices
from watchfloor.exchange.bundles.bundle import EVIDENCE
from watchfloor.exchange.bundles.origins import source_of
from watchfloor.exchange.bundles.signed_notices import HOLD, USED, Slip
from watchfloor.exchange.partners import recalling
from watchfloor.policy.policy import Reader
from watchfloor.store.erasure import retention
from watchfloor.store.erasure.holds import UnderHold
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

ANSWER_WITHIN: Final = 7
"""Days within which an answer to a recall is due, where the sender does not say."""

NOT_SENT: Final = declare("exchange.recall-of-nothing", "bundle")
NO_ROW: Final = declare("exchange.recall-of-no-row", "bundle", "row")
NOT_HERE: Final = declare("exchange.recall-of-unknown", "peer", "bundle")
BY_ANOTHER: Final = declare("exchange.recall-by-another", "peer", "bundle", "sender")
NOT_RECALLED: Final = declare("exchange.answer-to-nothing", "peer", "bundle")
ONWARD: Final = declare("exchange.recalled-by-owner", "node", "why")


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall that was made here: of which bundle, to whom, and the slip to send."""

    bundle: str
    to: str
    rows: int
    due: date
    slip: str


@dataclass(frozen=True, slots=True)
class Touched:
    """Leads, tasks and reports made here from recalled rows, in one reader's view."""

    leads: tuple[str, ...]
    tasks: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecallResult:
    """Result of a recall that came here.

    Attributes:
        bundle: that is recalled.
        peer: who recalls it.
        why: in their words.
        retracted: records superseded by retracted ones.
        erased: records of evidence erased.
        left: records of evidence that the law keeps here, by `HOLD` and `USED`.
        because: why, in sentences for this node; they name holds, and stay here.
        gone: rows that are recalled and were not here any more, or were taken back before.
        touched: what people did with them.
        onward: recalls of what had gone on from here.
        late: whether the answer is after the day it was due.
        before: position where the same recall was taken before; None for a new one.
        answer: the slip that answers.
    """

    bundle: str
    peer: str
    why: str
    retracted: int
    erased: int
    left: Mapping[str, int]
    because: tuple[str, ...]
    gone: int
    touched: Touched
    onward: tuple[Recall, ...]
    late: bool
    before: int | None
    answer: str


def recall(
    floor: Floor, writer: Writer, bundle: str, rows: Iterable[str], why: str, due: date, now: datetime
) -> Recall:
    """Recall a bundle, or the rows whose names start so. Refused for what was never sent."""
    said = _disclosed(floor, bundle)
    index = sent.index_of(floor, bundle)
    if said is None or index is None:
        refuse(NOT_SENT, bundle=bundle)
    names = _chosen(index["row"].to_pylist(), bundle, list(rows))
    return _recall(floor, writer, said, names, index.num_rows, nonempty(why, "why"), due, now)


def receive(
    floor: Floor, writer: Writer, slip: Slip, reader: Reader, weights: Weights, now: datetime
) -> RecallResult:
    """Take back what a peer recalls. Refused when it is not the sender, or the bundle never came."""
    body, peer = slip.body, slip.peer.name
    received = _received(floor, body["bundle"], peer)
    before = next((a.position for a in floor.acts_of("recall-received") if _is(a.detail, slip)), None)
    held = writer.holdings(DISCLOSURE.name, DISCLOSURE.schema.names)
    held = _named(held.filter(pc.equal(held["source"], source_of(peer))), body["rows"])
    brought = held.filter(pc.equal(held["bundle"], body["bundle"]))  # also what was replaced here since
    disclosed = _standing(held, body["bundle"])
    evidence = _evidence(floor, writer, peer, received, body["rows"])
    ids = {*disclosed["record_id"].to_pylist(), *(id_ for each in evidence.values() for id_ in each)}
    touched = _touched(floor, reader, weights, ids, now)
    # Before anything is taken back: where this is cut off, the same recall finds what went on once more.
    gone_on = ids | {*brought["record_id"].to_pylist()}
    onward = _onward(floor, writer, peer, gone_on, body["why"], now, again=before is not None)
    retracted = _retract(writer, slip, disclosed, now)
    why = f"recalled by {peer}, bundle {body['bundle']}"
    erased, left, because = _erase(floor, writer, evidence, why, now)
    wanted = len(body["rows"]) if body["rows"] is not None else int(received["rows"])
    late = now.astimezone(UTC).date() > date.fromisoformat(body["due"])
    answer = signed_notices.write(
        floor,
        signed_notices.ANSWER,
        peer,
        now,
        bundle=body["bundle"],
        recall=slip.digest,
        retracted=retracted,
        erased=erased,
        left=sum(left.values()),
        because=left,
        onward=len(onward),
    )
    detail = {
        "bundle": body["bundle"],
        "from": peer,
        "why": body["why"],
        "due": body["due"],
        "recall": slip.digest,
        "retracted": retracted,
        "erased": erased,
        "left": sum(left.values()),
        "because": left,
        "onward": [{"bundle": one.bundle, "to": one.to} for one in onward],
        "late": late,
    }
    writer.act("recall-received", detail)
    gone = max(wanted - retracted - erased - sum(left.values()), 0)
    return RecallResult(
        body["bundle"],
        peer,
        body["why"],
        retracted,
        erased,
        left,
        because,
        gone,
        touched,
        onward,
        late,
        before,
        answer,
    )


def take_answer(floor: Floor, writer: Writer, slip: Slip) -> Mapping[str, Any]:
    """Keep an answer to a recall; gives what it says. Refused where nothing was recalled there."""
    body = slip.body
    made = [a for a in floor.acts_of("recalled") if (a.detail or {}).get("note") == body["recall"]]
    if not made or (made[0].detail or {})["to"] != slip.peer.name:
        refuse(NOT_RECALLED, peer=slip.peer.name, bundle=body["bundle"])
    due = date.fromisoformat((made[0].detail or {})["due"])
    detail = {
        "bundle": body["bundle"],
        "from": slip.peer.name,
        "recall": body["recall"],
        **{name: body[name] for name in ("retracted", "erased", "left", "because", "onward")},
        "late": slip.at.date() > due,
    }
    writer.act("recall-answered", detail)
    return detail


def due_in(days: int, now: datetime) -> date:
    """The day by which an answer is due."""
    return now.astimezone(UTC).date() + timedelta(days=days)


def _recall(
    floor: Floor,
    writer: Writer,
    said: Mapping[str, Any],
    rows: Sequence[str] | None,
    count: int,
    why: str,
    due: date,
    now: datetime,
) -> Recall:
    """Recall rows of a disclosure, by the act that logged it; from a partner's shelf they go at once."""
    bundle, to = str(said["bundle"]), str(said["to"])
    named = None if rows is None else list(rows)
    text = signed_notices.write(
        floor, signed_notices.RECALL, to, now, bundle=bundle, rows=named, why=why, due=due.isoformat()
    )
    number = count if named is None else len(named)
    detail = {
        "bundle": bundle,
        "to": to,
        "rows": number,
        "whole": named is None,
        "why": why,
        "due": due.isoformat(),
        "note": signed_notices.digest(text),
    }
    if "partner" in said:
        recalling.recall(floor, writer, said, named, detail)
    else:
        writer.act("recalled", detail)
    return Recall(bundle, to, number, due, text)


def _chosen(names: list[str], bundle: str, starts: list[str]) -> list[str] | None:
    """The names that start so; None for all."""
    if not starts:
        return None
    for start in starts:
        if not any(name.startswith(start) for name in names):
            refuse(NO_ROW, bundle=bundle, row=start)
    return [name for name in names if name.startswith(tuple(starts))]


def _disclosed(floor: Floor, bundle: str) -> Mapping[str, Any] | None:
    details = (act.detail for act in floor.acts_of("disclosed") if act.detail)
    return next((one for one in details if one.get("bundle") == bundle), None)


def _received(floor: Floor, bundle: str, peer: str) -> Mapping[str, Any]:
    """The act that took the bundle in from that peer."""
    came = [a.detail for a in floor.acts_of("received") if a.detail and a.detail["bundle"] == bundle]
    mine = [detail for detail in came if detail["from"] == peer]
    if came and not mine:
        refuse(BY_ANOTHER, peer=peer, bundle=bundle, sender=came[0]["from"])
    if not mine:
        refuse(NOT_HERE, peer=peer, bundle=bundle)
    return mine[0]


def _is(detail: Mapping[str, Any] | None, slip: Slip) -> bool:
    return detail is not None and detail.get("recall") == slip.digest


def _named(records: pa.Table, rows: Sequence[str] | None) -> pa.Table:
    """Those of some records whose rows a recall names; None names all."""
    return (
        records
        if rows is None
        else records.filter(pc.is_in(records["report_key"], pa.array(rows, pa.string())))
    )


def _standing(held: pa.Table, bundle: str) -> pa.Table:
    """Of a peer's records those of a bundle that stand, and are not retracted.

    One stands that is the last of its row by the sender's clock, as desks read, or by the log, as
    `Floor.read` does: a bundle may come late, behind the recall of a newer one.
    """
    numbered = held.append_column("n", pa.array(range(held.num_rows), pa.int64()))
    standing: set[int] = set()
    for order in ([("observed_at", "ascending"), ("n", "ascending")], [("n", "ascending")]):
        rows = numbered.sort_by(order)
        last = dict(zip(rows["report_key"].to_pylist(), rows["n"].to_pylist(), strict=True))
        standing |= {*last.values()}
    rows = held.take(pa.array(sorted(standing), pa.int64()))
    return rows.filter(pc.and_(pc.equal(rows["bundle"], bundle), pc.invert(rows["retracted"])))


def _evidence(
    floor: Floor, writer: Writer, peer: str, received: Mapping[str, Any], rows: Sequence[str] | None
) -> dict[str, list[bytes]]:
    """Ids of the records of evidence that the bundle brought."""
    found: dict[str, list[bytes]] = {}
    came = [one.position for one in floor.deliveries(digest=bytes.fromhex(received["digest"]))]
    for kind in EVIDENCE:
        held = writer.holdings(kind, ["record_id", "source", "report_key"], at=came)
        held = _named(held.filter(pc.equal(held["source"], source_of(peer))), rows)
        if held.num_rows:
            found[kind] = held["record_id"].to_pylist()
    return found


def _retract(writer: Writer, slip: Slip, records: pa.Table, now: datetime) -> int:
    """Supersede records by retracted ones, a delivery of the recall's own bytes; gives how many."""
    if not records.num_rows:
        return 0
    body = slip.body
    why = reason(
        RECALLED, node=slip.peer.name, day=slip.at.date().isoformat(), bundle=body["bundle"], why=body["why"]
    ).stored()
    count = int(records.num_rows)
    recalled = min(slip.at, now)  # by the sender's clock, as what it sends anew is; never in the future
    at = [max(one + timedelta(microseconds=1), recalled) for one in records["observed_at"].to_pylist()]
    made: dict[str, Any] = {name: records[name] for name in records.column_names}
    made |= {
        "observed_at": pa.array(at, INSTANT),
        "retracted": pa.repeat(pa.scalar(True), count),
        "message": pa.repeat(pa.scalar(why["message"]), count),
        "params": pa.repeat(pa.scalar(why["params"]), count),
        "locator": pa.repeat(pa.scalar("recall"), count),
    }
    fields = [f for f in KINDS[DISCLOSURE.name].schema if f.name not in ("record_id", "delivery")]
    rows = pa.table([made[f.name] for f in fields], schema=pa.schema(fields))
    name, original = f"recall of {body['bundle']}", io.BytesIO(slip.text.encode())
    with writer.delivery(source_of(slip.peer.name), name, original) as intake:
        intake.accept(DISCLOSURE, rows)
    return count


def _erase(
    floor: Floor, writer: Writer, evidence: Mapping[str, list[bytes]], why: str, now: datetime
) -> tuple[int, dict[str, int], tuple[str, ...]]:
    """Erase records of evidence but those that the law keeps; gives how many, what is left, and why.

    All came in one bundle, whose bytes go with the first of them: one hold over any of them keeps the others.
    """
    ids = [id_ for each in evidence.values() for id_ in each]
    today = now.astimezone(UTC).date()
    kept = [one for one in retention.on(floor.root, ids) if one.kept(today)] if ids else []
    left = Counter(HOLD if one.holds else USED for one in kept)
    because = {str(one.applies(today)) for one in kept}
    going = sorted({*ids} - {one.record_id for one in kept})
    try:
        if going:
            writer.erase(going, why, today=today)
    except UnderHold as error:
        left[HOLD] += len(going)
        because.add(str(error))
        going = []
    return len(going), dict(sorted(left.items())), tuple(sorted(because))


def _touched(floor: Floor, reader: Reader, weights: Weights, ids: set[bytes], now: datetime) -> Touched:
    """Leads that rest on any of these records, and the tasks and reports that follow from them."""
    if not ids:
        return Touched((), (), ())
    heads = queue(floor, reader, weights, now)
    resting = [one for one in every(heads) if any(ids & {*c.evidence} for c in one.contributions)]
    leads = {id_ for one in resting for id_ in (one.lead_id, *one.took_up)}
    orders = Task.read(floor, reader).values()
    reports = Product.read(floor, reader).values()
    return Touched(
        tuple(sorted({one.lead_id for one in resting})),
        tuple(sorted(one.id for one in orders if one.order.lead in leads)),
        tuple(sorted(one.id for one in reports if leads & {*one.text.leads})),
    )


def _onward(
    floor: Floor, writer: Writer, owner: str, ids: set[bytes], why: str, now: datetime, *, again: bool
) -> tuple[Recall, ...]:
    """Recall what has gone on from here and rests on any of these records.

    What went to the node that recalls is recalled too: it may hold that beside its own, or by another way.
    `again`: it was recalled before, and the recalls that nobody has answered are made anew.
    """
    if not ids:
        return ()
    answered = {(act.detail or {}).get("bundle") for act in floor.acts_of("recall-answered") if again}
    wanted = pa.array(list(ids), RECORD_ID)
    made = []
    told = str(reason(ONWARD, node=owner, why=why))
    for act in floor.acts_of("disclosed"):
        detail = act.detail or {}
        index = sent.index_of(floor, detail["bundle"]) if "bundle" in detail else None
        if index is None or detail["bundle"] in answered:
            continue
        hits = pc.is_in(pc.list_flatten(index["rests_on"]), value_set=wanted)
        rows = sorted(set(pc.list_parent_indices(index["rests_on"]).filter(hits).to_pylist()))
        names = index["row"].take(pa.array(rows, pa.int64())).to_pylist()
        if names:
            due = due_in(ANSWER_WITHIN, now)
            made.append(_recall(floor, writer, detail, names, len(names), told, due, now))
    return tuple(made)
