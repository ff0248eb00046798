"""Consent: what came from another node, or is under originator control, goes no further without it.

A holder asks (`ask`), the owner consents to named rows for a named recipient (`give`), the holder keeps it
(`take`). Each is a signed note. A consent holds for rows, a recipient and until a day; it cannot be passed
on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import nonempty, refuse
from watchfloor.core.kinds import DISCLOSURE, KINDS, RECORD_ID
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.exchange.bundles import origins, sent, signed_notices
from watchfloor.exchange.bundles.bundle import EVIDENCE
from watchfloor.exchange.bundles.offers import Offer
from watchfloor.exchange.bundles.sent import row_names
from watchfloor.exchange.bundles.signed_notices import Slip
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

LACKING: Final = declare("exchange.consent-lacking", "owner", "to")
NEVER_SENT: Final = declare("exchange.consent-for-strange-rows", "peer", "count", "row")
ANOTHERS: Final = declare("exchange.consent-for-anothers", "peer", "count", "row", "to")
NOT_ASKED: Final = declare("exchange.consent-not-asked", "owner")


class Row(NamedTuple):
    """A row that another node disclosed: by whom, its name there, and whether it may be passed on."""

    owner: str
    name: str
    onward: bool


Foreign = Mapping[bytes, Row]
"""Records here that another node disclosed, by their ids."""

Owned = frozenset[tuple[str, str]]
"""Owners who must consent, each with the name of a row of theirs."""


class Consent(NamedTuple):
    """An owner's consent: named rows, a recipient, and until which day."""

    owner: str
    to: str
    rows: frozenset[str]
    until: date | None


def foreign(floor: Floor, reader: Reader | None) -> dict[bytes, Row]:
    """Every record that another node disclosed. Who may see a signal may see the records it rests on.

    None: whoever may see them, to decide by and to be shown to nobody.
    """
    found: dict[bytes, Row] = {}
    delivered = any(source.startswith(origins.PREFIX) for source in floor.accounting())
    for kind in (DISCLOSURE.name, *(one for one in EVIDENCE if delivered or not KINDS[one].bulk)):
        own = ["row_id", "onward"] if kind == DISCLOSURE.name else ["report_key"]
        columns = ["record_id", "source", *own]
        rows = floor.read(kind, reader, columns=columns) if reader else floor.whole(kind, columns)
        rows = rows.filter(pc.starts_with(rows["source"], origins.PREFIX))
        onward = rows["onward"].to_pylist() if kind == DISCLOSURE.name else [False] * rows.num_rows
        each = (rows["record_id"].to_pylist(), rows["source"].to_pylist(), row_names(kind, rows), onward)
        for id_, source, name, on in zip(*each, strict=True):
            found[id_] = Row(origins.node_of(source) or "", name, bool(on))
    return found


def owned(
    rows: pa.Table, kind: str, rests_on: pa.ChunkedArray, others: Foreign, here: str, to: str
) -> dict[int, Owned]:
    """Who must consent before a row of node `here` goes to `to`, by its number; free rows have no entry."""
    theirs: defaultdict[int, list[Row]] = defaultdict(list)
    for at, row in _resting(rests_on, others):
        theirs[at].append(row)
    names, texts = row_names(kind, rows), rows["marking"].to_pylist()
    controlled = {text for text in set(texts) if parse(text).originators}
    asked = theirs.keys() | {at for at, text in enumerate(texts) if text in controlled}
    found = {at: needed(names[at], texts[at], theirs[at], here, to) for at in sorted(asked)}
    return {at: each for at, each in found.items() if each}


def needed(name: str, marking: str, theirs: Iterable[Row], here: str, to: str) -> Owned:
    """Who must consent before what rests on a row goes on.

    Args:
        name: of the row between the nodes; an owner who controls it and sent nothing of it consents to that.
        marking: of the row.
        theirs: the rows of other nodes that it rests on.
        here: this node, which needs no consent of its own.
        to: who would receive it, and needs none for what is theirs.
    """
    sent_here = {(row.owner, row.name) for row in theirs if not row.onward and row.owner != to}
    controlled = parse(marking).originators - {here, to} - {owner for owner, _ in sent_here}
    return frozenset(sent_here | {(owner, name) for owner in controlled})


def bound(rests_on: pa.ChunkedArray, others: Foreign) -> npt.NDArray[np.bool_]:
    """Whether each row rests on one that may not be passed on."""
    found = np.zeros(len(rests_on), np.bool_)
    found[[at for at, row in _resting(rests_on, others) if not row.onward]] = True
    return found


def received(floor: Floor) -> list[Consent]:
    """Every consent that this node holds."""
    return [_consent(act.detail) for act in floor.acts_of("consent-received") if act.detail]


def lacking(held: Iterable[Consent], needed: Owned, to: str, today: date) -> Reason | None:
    """Why rows may not go to somebody yet; None where every owner has consented."""
    good = [one for one in held if one.to == to and (one.until is None or today <= one.until)]
    for owner, name in sorted(needed):
        if not any(one.owner == owner and name in one.rows for one in good):
            return reason(LACKING, owner=owner, to=to)
    return None


def _resting(rests_on: pa.ChunkedArray, others: Foreign) -> Iterator[tuple[int, Row]]:
    """Each row's number with a row of another node that it rests on."""
    if not others or not len(rests_on):
        return
    flat, at = pc.list_flatten(rests_on), pc.list_parent_indices(rests_on)
    hits = pc.is_in(flat, value_set=pa.array(list(others), RECORD_ID))
    for number, id_ in zip(at.filter(hits).to_pylist(), flat.filter(hits).to_pylist(), strict=True):
        yield number, others[id_]


def _consent(detail: Mapping[str, Any]) -> Consent:
    until = date.fromisoformat(detail["until"]) if detail["until"] else None
    return Consent(detail["owner"], detail["to"], frozenset(detail["rows"]), until)


def missing(given: Offer, others: Foreign, held: Iterable[Consent], here: str, to: str, today: date) -> Owned:
    """Of an offer, the owners who have not consented yet, each with the names of their rows."""
    held = list(held)
    needed = [
        each
        for kind, rows in given.rows.items()
        for each in owned(rows, kind, given.rests_on[kind], others, here, to).values()
    ]
    return frozenset(one for each in needed for one in each if lacking(held, frozenset({one}), to, today))


def ask(
    floor: Floor, writer: Writer, owner: str, to: str, rows: Iterable[str], why: str, now: datetime
) -> str:
    """Ask an owner to consent to rows of theirs going on to a recipient; gives the slip."""
    names = sorted(rows)
    text = signed_notices.write(
        floor, signed_notices.ASKED, owner, now, rows=names, recipient=to, why=nonempty(why, "why")
    )
    detail = {
        "owner": owner,
        "to": to,
        "rows": len(names),
        "why": why,
        "request": signed_notices.digest(text),
    }
    writer.act("consent-asked", detail)
    return text


def give(
    floor: Floor, writer: Writer, slip: Slip, until: date | None, why: str, now: datetime
) -> tuple[str, date | None]:
    """Consent to what a request names; gives the slip, and until when it holds.

    What rests on another node's rows is that node's to consent to: this one passes nothing on but what it may
    send to the recipient itself, and for no longer.

    Raises:
        Refusal: a row was never sent to who asks, or another must consent to it first.
    """
    body, peer = slip.body, slip.peer.name
    theirs = _rests_on(floor, peer, body["rows"])
    if strange := [name for name in body["rows"] if name not in theirs]:
        refuse(NEVER_SENT, peer=peer, count=len(strange), row=strange[0])
    others = foreign(floor, None)
    held = [one for one in received(floor) if one.to == body["recipient"]]
    lent, days = [], [until]
    for name, ids in theirs.items():
        rests = [row for id_ in ids if (row := others.get(id_)) and not row.onward]
        for row in rests:
            if row.owner == body["recipient"]:
                continue
            good = [one for one in held if one.owner == row.owner and row.name in one.rows]
            good = [one for one in good if one.until is None or now.date() <= one.until]
            if good:
                days.append(max(good, key=lambda one: one.until or date.max).until)
            else:
                lent.append(name)
    if lent:
        refuse(ANOTHERS, peer=peer, count=len({*lent}), row=min(lent), to=body["recipient"])
    until = min((day for day in days if day), default=None)
    last = until.isoformat() if until else None
    detail = {
        "to": slip.peer.name,
        "recipient": body["recipient"],
        "rows": body["rows"],
        "until": last,
        "why": nonempty(why, "why"),
        "request": slip.digest,
    }
    writer.act("consented", detail)
    text = signed_notices.write(
        floor,
        signed_notices.CONSENT,
        slip.peer.name,
        now,
        rows=body["rows"],
        recipient=body["recipient"],
        request=slip.digest,
        until=last,
    )
    return text, until


def receive(floor: Floor, writer: Writer, slip: Slip) -> Consent:
    """Keep a consent. Refused where this node never asked for it."""
    body = slip.body
    asked = {(act.detail or {}).get("request") for act in floor.acts_of("consent-asked")}
    if body["request"] not in asked:
        refuse(NOT_ASKED, owner=slip.peer.name)
    detail = {
        "owner": slip.peer.name,
        "to": body["recipient"],
        "rows": body["rows"],
        "until": body["until"],
        "request": body["request"],
    }
    writer.act("consent-received", detail)
    return _consent(detail)


def _rests_on(floor: Floor, peer: str, names: Iterable[str]) -> dict[str, set[bytes]]:
    """The records here that rows rest on, by the names under which they went to a peer."""
    wanted, found = pa.array(names, pa.string()), defaultdict[str, set[bytes]](set)
    for act in floor.acts_of("disclosed"):
        said = act.detail or {}
        index = sent.index_of(floor, said.get("bundle", "")) if said.get("to") == peer else None
        if index is not None:
            index = index.filter(pc.is_in(index["row"], value_set=wanted))
            columns = index["row"].to_pylist(), index["rests_on"].to_pylist()
            for name, ids in zip(*columns, strict=True):
                found[name] |= {*ids}
    return found
