"""How every bundle stands: sent and received, with a receipt or without, recalled, answered or late.

A fold over the acts of the log; nothing else keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import pyarrow.compute as pc

from watchfloor.cell.acts import refuse
from watchfloor.core.kinds import DISCLOSURE
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.exchange.bundles import sent
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor

OPEN_AFTER: Final = 3
"""Days after which a bundle without a receipt is spoken of."""

NO_SUCH: Final = declare("exchange.no-such-bundle", "start")
SEVERAL: Final = declare("exchange.several-bundles", "start")
NO_RECEIPT: Final = declare("exchange.no-receipt", "days", "peer")
WAITING: Final = declare("exchange.waiting")
AGREES: Final = declare("exchange.agrees")
AT_DOOR: Final = declare("exchange.withheld-at-door", "withheld")
LOST: Final = declare("exchange.lost", "lost", "peer")
DIFFERS: Final = declare("exchange.differs", "peer")
DUE: Final = declare("exchange.recall-due", "day")
OVERDUE: Final = declare("exchange.recall-overdue", "day", "peer")
ANSWERED: Final = declare("exchange.recall-answered", "peer", "count")
ANSWERED_LATE: Final = declare("exchange.recall-answered-late", "peer", "count")
LEFT: Final = declare("exchange.recall-left", "peer", "count", "left")
HELD: Final = declare("exchange.held")
TAKEN_BACK: Final = declare("exchange.taken-back", "peer", "why", "count")


@dataclass(frozen=True, slots=True)
class State:
    """How one bundle stands.

    Attributes:
        bundle: its id.
        direction: sent or received.
        peer: the other node.
        gateway: it went through.
        at: when.
        rows: it holds.
        withheld: rows that stayed, here when sent, at the door here when received.
        open: whether somebody still has to do something.
        told: how it stands, in sentences.
        due: the first day by which a recall of it is to be answered and has not been; None: there is none.
    """

    bundle: str
    direction: str
    peer: str
    gateway: str
    at: datetime
    rows: int
    withheld: int
    open: bool
    told: tuple[Reason, ...]
    due: date | None = None


def states(floor: Floor, reader: Reader, today: date, days: int = OPEN_AFTER) -> list[State]:
    """Every bundle all of which `reader` may see, oldest first: how many rows it has is told of it whole."""
    found: dict[tuple[str, str], State] = {}
    receipts: dict[str, Any] = {}
    recalls: dict[str, Any] = {}
    acts = floor.acts_of("disclosed", "received", "receipt", "recalled", "recall-answered", "recall-received")
    for act in acts:
        said = act.detail or {}
        bundle = str(said.get("bundle"))
        if act.act in ("disclosed", "received"):
            if _is_bundle(said) and allowed(reader, parse(said["marking"])):
                direction, made = _BEGIN[act.act]
                found.setdefault((direction, bundle), made(act, said))
        elif act.act == "receipt":
            receipts[bundle] = said
        elif act.act == "recalled":
            recalls.setdefault(bundle, {})[said["note"]] = dict(said)
        elif act.act == "recall-answered":
            recalls.get(bundle, {}).get(said["recall"], {}).update(answer=said)
        elif ("received", bundle) in found:
            found["received", bundle] = _taken_back(found["received", bundle], said)
    return [
        _told(state, receipts.get(state.bundle), recalls.get(state.bundle, {}), today, days)
        if state.direction == "sent"
        else state
        for state in found.values()
    ]


def pick(
    floor: Floor, reader: Reader, start: str, today: date
) -> tuple[State, Mapping[str, Any], list[tuple[str, str]]]:
    """The bundle whose id starts so: how it stands, its act, and kind and name of its rows.

    Of one that was received, the rows that `reader` may see. Refused where none or several start so.
    """
    found = [one for one in states(floor, reader, today) if one.bundle.startswith(start)]
    if len(found) != 1:
        refuse(NO_SUCH if not found else SEVERAL, start=start)
    one = found[0]
    name = "disclosed" if one.direction == "sent" else "received"
    act = next(a.detail for a in floor.acts_of(name) if a.detail and a.detail.get("bundle") == one.bundle)
    return one, act, _rows(floor, reader, one)


def _rows(floor: Floor, reader: Reader, one: State) -> list[tuple[str, str]]:
    index = sent.index_of(floor, one.bundle) if one.direction == "sent" else None
    if index is not None:
        return list(zip(index["kind"].to_pylist(), index["row"].to_pylist(), strict=True))
    rows = floor.read(DISCLOSURE.name, reader, columns=["bundle", "form", "report_key"])
    rows = rows.filter(pc.equal(rows["bundle"], one.bundle))
    return sorted(set(zip(rows["form"].to_pylist(), rows["report_key"].to_pylist(), strict=True)))


def _is_bundle(said: Any) -> bool:
    """Whether an act is about a bundle: what partners pull, or get as a file, has no receipt to wait for."""
    return "tear_line" in said and not {"partner", "format"} & said.keys()


def _sent(act: Any, said: Any) -> State:
    withheld = sum(one["rows"] for one in said["withheld"])
    return State(
        said["bundle"], "sent", said["to"], said["gateway"], act.at, said["rows"], withheld, False, ()
    )


def _received(act: Any, said: Any) -> State:
    withheld = sum(said["withheld"].values())
    told = (reason(HELD),)
    return State(
        said["bundle"], "received", said["from"], said["gateway"], act.at, said["rows"], withheld, False, told
    )


_BEGIN: Final = {"disclosed": ("sent", _sent), "received": ("received", _received)}


def _taken_back(state: State, said: Any) -> State:
    count = said["retracted"] + said["erased"]
    return replace(state, told=(reason(TAKEN_BACK, peer=state.peer, why=said["why"], count=count),))


def _told(state: State, receipt: Any, recalls: Any, today: date, days: int) -> State:
    waited = (today - state.at.date()).days
    told, open_ = [_on_receipt(state, receipt, waited, days)], receipt is None or not receipt["agrees"]
    due: list[date] = []
    for one in recalls.values():
        why, waiting = _on_recall(state, one, today)
        due += [date.fromisoformat(one["due"])] if waiting else []
        told.append(why)
        open_ = open_ or waiting
    return replace(state, told=tuple(told), open=open_, due=min(due, default=None))


def _on_receipt(state: State, receipt: Any, waited: int, days: int) -> Reason:
    if receipt is None:
        return reason(NO_RECEIPT, days=waited, peer=state.peer) if waited > days else reason(WAITING)
    if receipt["lost"]:
        return reason(LOST, lost=receipt["lost"], peer=state.peer)
    if not receipt["agrees"]:
        return reason(DIFFERS, peer=state.peer)
    withheld = sum(receipt["withheld"].values())
    return reason(AT_DOOR, withheld=withheld) if withheld else reason(AGREES)


def _on_recall(state: State, one: Any, today: date) -> tuple[Reason, bool]:
    answer = one.get("answer")
    if answer is None:
        due = date.fromisoformat(one["due"])
        if today > due:
            return reason(OVERDUE, day=one["due"], peer=state.peer), True
        return reason(DUE, day=one["due"]), True
    count = answer["retracted"] + answer["erased"]
    if answer["left"]:
        return reason(LEFT, peer=state.peer, count=count, left=answer["left"]), False
    return reason(ANSWERED_LATE if answer["late"] else ANSWERED, peer=state.peer, count=count), False
