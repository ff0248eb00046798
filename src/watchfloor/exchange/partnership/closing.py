"""Patterns over several banks, closed by tokens: each bank of a case tells what leads to what within it.

Of a payment that a bank shares with another it tells to which of its further payments the money went on, the
field `links`, and from which it came, the field `comes_from`. The steps of all sessions of a case are a
graph of tokens. A bank names the tokens of its own payments and nobody else's. A ring is a way through the
graph back to its start by two banks or more.

Over two or three banks that is enough. Over more, no bank has all steps: where the code has the field
`heard`, each tells a partner, with what it tells of a common payment, the steps that hang on it and that
others have told it. A further round of sessions carries them one bank further.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.exchange.bundles.origins import local
from watchfloor.exchange.bundles.peers import known, me
from watchfloor.exchange.log.access import Access
from watchfloor.exchange.partnership import codes, keys, offering, sessions
from watchfloor.exchange.partnership.code import PAYMENT, Code
from watchfloor.exchange.partnership.fields import HOP
from watchfloor.exchange.partnership.steps import tokened
from watchfloor.exchange.partnership.vault import Vault
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

LINKS, COMES_FROM, HEARD = "links", "comes_from", "heard"
LONGEST = 8
"""Payments of a ring, at most: a bank of its own for each would be a partnership of eight."""
MOST = 1000
"""Rings that are told; where there are more, that is told as well."""


class Hop(NamedTuple):
    """One step within a bank: what came in leads to what went out, as that bank says.

    Attributes:
        start, end: tokens.
        bank: that says so.
        via: the bank that told of it, where that is another.
    """

    start: str
    end: str
    bank: str
    via: str = ""


class Ring(NamedTuple):
    """A way back to its start.

    Attributes:
        tokens: in order, from the least.
        banks: which bank said that each leads to the next, and by whom it was told where that is another.
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
    vault, own = Vault(floor), me(floor).name
    found: list[Hop] = []
    for one in _of_case(floor, case, to):
        result: dict[str, Any] = vault.get_json(f"results/{one.id}") or {}
        for who, told in ((one.partner, "fields"), (own, "own")):
            for token, values in result.get(told, {}).items():
                found += _steps(token, values, who)
                if who != own:
                    found += (hop for hop in _heard(values, who) if hop.bank != own)
    if to is None or to.keeper:
        found += _offered(floor, vault, case)
    firsthand_first = sorted(found, key=lambda one: bool(one.via))
    return list({one[:3]: one for one in reversed(firsthand_first)}.values())[::-1]


def heard(floor: Floor, code: Code, case: str, partner: str, tokens: Iterable[str]) -> dict[str, list[str]]:
    """Return the steps of a case that other banks told, by the common payment that they hang on, to pass on.

    Empty where the code has no such field. The partner's own steps are left out, and so are this bank's: it
    tells those of a payment itself. The nearest come first.
    """
    row = code.file.fields.get(HEARD)
    if row is None or row.of != "hops":
        return {}
    own = me(floor).name
    known_ = hops(floor, case)
    beside: dict[str, list[Hop]] = {}
    for one in known_:
        beside.setdefault(one.start, []).append(one)
        beside.setdefault(one.end, []).append(one)
    found: dict[str, list[str]] = {}
    passed = set[Hop]()
    for token in tokens:
        near = [one for one in _near(token, beside) if one.bank not in (own, partner) and one not in passed]
        passed.update(near[: row.most])
        if near:
            found[token] = [f"{one.start}>{one.end}@{one.bank}" for one in near[: row.most]]
    return found


def _near(token: str, beside: Mapping[str, list[Hop]]) -> Iterator[Hop]:
    """Steps by their distance from a token, either way, as far as a ring may reach."""
    edge, been, seen = [token], {token}, set[Hop]()
    for _ in range(LONGEST):
        further: list[str] = []
        for at in edge:
            for one in sorted(set(beside.get(at, ())) - seen):
                seen.add(one)
                yield one
                further += [end for end in (one.start, one.end) if end not in been]
        been.update(further)
        edge = list(dict.fromkeys(further))


def names(floor: Floor, case: str, to: Access | None = None) -> dict[str, str]:
    """The tokens of a case that this bank can name: those it has matched."""
    vault, found = Vault(floor), dict[str, str]()
    for one in _of_case(floor, case, to):
        found |= (vault.get_json(f"results/{one.id}") or {}).get("tokens", {})
    return found


def own_payments(floor: Floor, reader: Reader, case: str, to: Access | None = None) -> list[bytes]:
    """Ids of this bank's own payments that were matched in a case.

    Those to an account that was matched are among them where the account that pays it is of the case by a
    matched payment, too. What a partner told of them is no part of it: a report of this bank rests on its own
    records.
    """
    matched = pa.array(sorted(names(floor, case, to).values()), pa.string())
    columns = ["record_id", "report_key", "payer", "payee", "source"]
    rows = floor.read("payment", reader, columns=columns, latest=True)
    rows = rows.filter(local(rows["source"]))
    named = pc.is_in(pc.binary_join_element_wise(PAYMENT, rows["report_key"], ":"), matched)
    sides = rows.filter(named)
    case_s = pa.chunked_array([*sides["payer"].chunks, *sides["payee"].chunks], pa.string())
    abroad = pc.and_(pc.is_in(rows["payee"], matched), pc.is_in(rows["payer"], case_s))
    ids: list[bytes] = rows["record_id"].filter(pc.or_(named, abroad)).to_pylist()
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
    return Ring(tokens, tuple(f"{one.bank}, says {one.via}" if one.via else one.bank for one in way), mine)


def _steps(token: str, values: Mapping[str, Any], bank: str) -> Iterator[Hop]:
    """Yield the steps of a bank from one payment: those it led to, and those it came from."""
    yield from (Hop(token, end, bank) for end in values.get(LINKS, ()))
    yield from (Hop(start, token, bank) for start in values.get(COMES_FROM, ()))


def _heard(values: Mapping[str, Any], via: str) -> Iterator[Hop]:
    """Steps of others that a bank passes on."""
    for text in values.get(HEARD, ()):
        if said := HOP.fullmatch(text):
            start, end, bank = said.groups()
            yield Hop(start, end, bank, "" if bank == via else via)


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
