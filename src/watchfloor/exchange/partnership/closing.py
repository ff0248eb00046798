"""Patterns over several banks, closed by tokens: each bank of a case tells what leads to what within it.

Of a payment that a bank shares with another it tells to which of its further payments the money went on, the
field `links`, and from which it came, the field `comes_from`. The steps of all sessions of a case are a
graph of tokens. A bank names the tokens of its own payments and nobody else's. A ring is a way through the
graph back to its start by two banks or more.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.exchange.access import Access
from watchfloor.exchange.partnership import codes, keys, offering, sessions
from watchfloor.exchange.partnership.code import PAYMENT
from watchfloor.exchange.partnership.steps import tokened
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.exchange.peers import known, me
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

LINKS, COMES_FROM = "links", "comes_from"
LONGEST = 8
"""Payments of a ring, at most: a bank of its own for each would be a partnership of eight."""
MOST = 1000
"""Rings that are told; where there are more, that is told as well."""


class Hop(NamedTuple):
    """One step within a bank: what came in leads to what went out, as that bank says."""

    start: str
    end: str
    bank: str


class Ring(NamedTuple):
    """A way back to its start.

    Attributes:
        tokens: in order, from the least.
        banks: which bank said that each leads to the next.
        names: of the tokens that are this bank's own, by token.
    """

    tokens: tuple[str, ...]
    banks: tuple[str, ...]
    names: Mapping[str, str]


def hops(floor: Floor, case: str, to: Access | None = None) -> list[Hop]:
    """Every step that a bank of a case has told this one, and this bank's own, each once.

    Args:
        floor: of this bank.
        case: which.
        to: who is to see them; what they may not see of sessions is left out.
    """
    vault, found = Vault(floor), dict[Hop, None]()
    for one in _of_case(floor, case, to):
        result: dict[str, Any] = vault.get_json(f"results/{one.id}") or {}
        for who, told in ((one.partner, "fields"), (me(floor).name, "own")):
            for token, values in result.get(told, {}).items():
                found.update((hop, None) for hop in _steps(token, values, who))
    if to is None or to.keeper:
        found.update((one, None) for one in _offered(floor, vault, case))
    return list(found)


def names(floor: Floor, case: str, to: Access | None = None) -> dict[str, str]:
    """The tokens of a case that this bank can name: those it has matched."""
    vault, found = Vault(floor), dict[str, str]()
    for one in _of_case(floor, case, to):
        found |= (vault.get_json(f"results/{one.id}") or {}).get("tokens", {})
    return found


def own_payments(floor: Floor, reader: Reader, case: str, to: Access | None = None) -> list[bytes]:
    """Ids of this bank's own payments that were matched in a case, or go to an account that was.

    What a partner told of them is no part of it: a report of this bank rests on its own records.
    """
    matched = pa.array(sorted(names(floor, case, to).values()), pa.string())
    rows = floor.read("payment", reader, columns=["record_id", "report_key", "payer", "payee", "source"])
    keys = pc.binary_join_element_wise(PAYMENT, rows["report_key"], ":")
    found = pc.or_(pc.is_in(keys, matched), pc.is_in(rows["payee"], matched))
    own = pc.invert(pc.starts_with(rows["source"], "node:"))
    ids: list[bytes] = rows["record_id"].filter(pc.and_(own, found)).to_pylist()
    return ids


def _of_case(floor: Floor, case: str, to: Access | None) -> Iterator[sessions.Session]:
    for one in sessions.sessions(floor).values():
        if one.use.case == case and (to is None or one.shown(to)):
            yield one


def rings(steps: list[Hop], known_: Mapping[str, str]) -> Iterator[Ring]:
    """Ways back to their start by two banks or more, of `LONGEST` payments at most, each once.

    Each is found from its least token, so every ring is told in one order and the work is bounded by the
    branching of the graph to that power; `MOST` are told.
    """
    after: dict[str, list[Hop]] = {}
    for one in sorted(steps):
        after.setdefault(one.start, []).append(one)
    told = 0
    for start in sorted(after):
        stack: list[tuple[Hop, ...]] = [(one,) for one in reversed(after[start]) if one.end >= start]
        while stack and told < MOST:
            way = stack.pop()
            end = way[-1].end
            if end == start:
                if len({one.bank for one in way}) > 1:
                    told += 1
                    yield _ring(way, known_)
                continue
            been = {one.start for one in way}
            if len(way) < LONGEST and end not in been:
                stack += [(*way, one) for one in reversed(after.get(end, ())) if one.end >= start]


def _ring(way: tuple[Hop, ...], known_: Mapping[str, str]) -> Ring:
    tokens = tuple(one.start for one in way)
    mine = {token: known_[token] for token in tokens if token in known_}
    return Ring(tokens, tuple(one.bank for one in way), mine)


def _steps(token: str, values: Mapping[str, Any], bank: str) -> Iterator[Hop]:
    """What a bank says of one payment: to what it led, and from what it came."""
    yield from (Hop(token, end, bank) for end in values.get(LINKS, ()))
    yield from (Hop(start, token, bank) for start in values.get(COMES_FROM, ()))


def _offered(floor: Floor, vault: Vault, case: str) -> Iterator[Hop]:
    """This bank's own steps, from what it offers its partners for the case in epochs whose keys it has."""
    for code in codes.ever(floor).values():
        for name in vault.names("epochs"):
            digest, _, number = name.split("/")[1].partition(".")
            key = keys.case_key(vault, case, int(number)) if code.digest.startswith(digest) else None
            for peer in known(floor).values() if key is not None else ():
                kept = offering.standing(vault, peer, code, int(number), "match", case)
                fields = kept.fields(vault) if kept else {}
                for subject, values in fields.items():
                    assert key is not None  # mypy does not carry it into the loop
                    yield from _steps(key.token(subject), tokened(values, key), me(floor).name)
