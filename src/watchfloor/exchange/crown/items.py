"""The things that a case is made of, each with its proof: records, signals, what was shown, acts, leads."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.marking import parse
from watchfloor.exchange.crown import relevance
from watchfloor.exchange.crown.relevance import Relevant
from watchfloor.exchange.fintrac.acts import tells
from watchfloor.exchange.log.access import Access, carried, texts
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import catalogue, log
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, standalone_rows
from watchfloor.store.segments import lookup, proofs


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that belongs to a case.

    Attributes:
        id: of the record or signal in hexadecimal, `act 17`, `shown 17` or `lead …`.
        what: record, signal, act, shown or lead.
        kind: of a record; a signal's rule; an act's name; a lead's hypothesis.
        speaks: for, against, taken back, alternative, or nothing that a rule can say.
        at: when, as it is shown.
        marking: of it.
        content: what it says, as the verifier reads it.
        proof: that it is in the log; None for what was worked out for this disclosure.
        rests_on: ids that it cites or names.
    """

    id: str
    what: str
    kind: str
    speaks: str
    at: str
    marking: str
    content: Any
    proof: dict[str, Any] | None
    rests_on: frozenset[str] = frozenset()

    @property
    def file(self) -> bytes:
        """The item's file."""
        plain = {"what": self.what, "kind": self.kind, "speaks": self.speaks, "marking": self.marking}
        whole = plain | {"content": self.content, "proof": self.proof}
        return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


class Gathered(NamedTuple):
    """A case before anything is kept back.

    Attributes:
        relevant: the rows that it was made from.
        items: in the order of their moments.
        size: acts of the log that the proofs lead to.
    """

    relevant: Relevant
    items: list[Item]
    size: int


def gather(
    floor: Floor, reader: Reader, access: Access, weights: Weights, subjects: frozenset[str]
) -> Gathered:
    """Everything about some subjects that this reader may see, with proofs, and the size they lead to."""
    case = relevance.collect(floor, reader, weights, subjects)
    size = floor.position
    items = [*_records(floor, case, size), *_signals(floor, case, weights, size)]
    names = case.tokens.texts | {item.id for item in items}
    items += [*_shown(floor, reader, case, size), *_acts(floor, access, names, size)]
    return Gathered(case, sorted(items, key=lambda item: (item.at, item.id)), size)


def _records(floor: Floor, case: Relevant, size: int) -> Iterator[Item]:
    ids = [id_ for table in case.records.values() for id_ in table["record_id"].to_pylist()]
    with catalogue.snapshot(floor.root) as database:
        places = lookup.places(floor.root, database, ids) if ids else []
        made = proofs.prove_places(floor.root, database, places, size)
    for place, proof in zip(places, made, strict=True):
        plain = proofs.as_json(proof)
        row = proofs.content(proof)
        speaks = _speaks_record(place.kind, row)
        yield _of_row("record", place.kind, place.record_id.hex(), speaks, row["observed_at"], plain, row)


def _signals(floor: Floor, case: Relevant, weights: Weights, size: int) -> Iterator[Item]:
    rows = case.signals.to_pylist()
    keys = [(row["row_id"], row["revision"], row["marking"]) for row in rows]
    with catalogue.snapshot(floor.root) as database:
        found = proofs.derived_places(floor.root, database, "signal", (key[0] for key in keys))
        places = [found[key] for key in keys if key in found]
        proven = dict(zip(places, proofs.prove_places(floor.root, database, places, size), strict=True))
    for row, key in zip(rows, keys, strict=True):
        speaks = _speaks_signal(row, weights)
        proof = proven[found[key]] if key in found else None
        plain, said = (None, {}) if proof is None else (proofs.as_json(proof), proofs.content(proof))
        if plain is None or said["evidence"] != [id_.hex() for id_ in row["evidence"]]:
            plain, said = None, json.loads(json.dumps(row, default=plain_json))  # of this view, kept nowhere
        yield _of_row("signal", row["rule"], key[0].hex(), speaks, said["at"], plain, said)


def _of_row(
    what: str, kind: str, id_: str, speaks: str, at: str, proof: dict[str, Any] | None, row: dict[str, Any]
) -> Item:
    return Item(id_, what, kind, speaks, at, row["marking"], row, proof, texts(row))


def _shown(floor: Floor, reader: Reader, case: Relevant, size: int) -> Iterator[Item]:
    """Yield what people were shown of the case's leads when they acted on them."""
    for one in floor.shown():
        if one.content is None or not any(lead in one.what for lead in case.leads):
            continue
        said = json.loads(one.content)
        if not allowed(reader, parse(said["marking"])):
            continue
        with catalogue.snapshot(floor.root) as database:
            (salt,) = database.execute(
                "SELECT salt FROM shown WHERE position = ?", (one.position,)
            ).fetchone()
        proof = _act_proof(floor, one.position, size) | {"shown_salt": base64.b64encode(salt).decode()}
        rests_on, at = texts(said), one.at.isoformat()
        yield Item(
            f"shown {one.position}",
            "shown",
            one.what,
            "",
            at,
            said["marking"],
            one.content.decode(),
            proof,
            rests_on,
        )


def _acts(floor: Floor, access: Access, names: Iterable[str], size: int) -> Iterator[Item]:
    """Acts that name the case, other than those that brought its rows: who looked, who sent it on."""
    wanted = frozenset(names)
    sent = carried(floor, wanted.__contains__)
    for act in floor.acts(1, size):
        if act.act in _BRINGING or tells(act) or not access.sees(act):
            continue
        if act.position not in sent and not _act_names(act, wanted):
            continue
        proof = _act_proof(floor, act.position, size)
        said = standalone_rows.check_act(proof, floor.log_root(size))
        id_, at = f"act {act.position}", act.at.isoformat()
        rests_on = texts(said) | sent.get(act.position, frozenset())
        yield Item(id_, "act", act.act, "", at, act.marking or "PB", said, proof, rests_on)


_BRINGING: Final = frozenset({"ingest", "run", "shown", "compaction"})


def _act_names(act: Act, wanted: frozenset[str]) -> bool:
    return act.detail is not None and not wanted.isdisjoint(texts(act.detail))


def _act_proof(floor: Floor, position: int, size: int) -> dict[str, Any]:
    one = log.entry(floor.root, position)
    b64 = [base64.b64encode(each or b"").decode() for each in (one.salt, one.body)]
    path = [base64.b64encode(each).decode() for each in floor.inclusion(position, size)]
    return {"act_salt": b64[0], "act": b64[1], "position": position, "size": size, "log_path": path}


def _speaks_record(kind: str, row: Mapping[str, Any]) -> str:
    if kind == "judgement":
        return {"different": "against", "same": "for"}.get(row["verdict"], "taken back")
    if kind == "outcome":
        true = row.get("true")
        return "" if true is None else "for" if true else "against"
    return ""


def _speaks_signal(row: Mapping[str, Any], weights: Weights) -> str:
    if row["retracted"]:
        return "taken back"
    rated = (h.bits.get((row["rule"], row["strength"])) for h in weights.hypotheses.values())
    bits = [each for each in rated if each is not None]
    return "" if not bits else "against" if max(bits) < 0 else "for"


def plain_json(value: object) -> str:
    """A value that JSON does not know."""
    return value.hex() if isinstance(value, bytes) else str(value)
