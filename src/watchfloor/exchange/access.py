"""Who did what, when, why, by what right and to whom: the log as an access history."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from watchfloor.cell.acting.acts import refuse
from watchfloor.cell.weights import load
from watchfloor.exchange import sent
from watchfloor.exchange.crown import relevance
from watchfloor.records.messages import declare
from watchfloor.release.policy import Reader
from watchfloor.store import readers
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

ALL_ACTS: Final = frozenset({"reviewer", "counsel"})
"""Roles that see the acts of others: those who review, and those who answer for the institution in court."""

KEEPERS: Final = ALL_ACTS | {"supervisor"}
"""Roles that keep the floor, and may know how long its log is and at which position an act stands."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose acts a person may read, and whether he may know where they stand in the log.

    How many acts lie between two of his own tells what others did meanwhile, so positions, leaves and proofs
    are for who keeps the floor. The content of an act is for who did it, and for some roles.

    Attributes:
        name: of the person.
        everything: whether the role lets him read everybody's.
        keeper: whether it lets him know positions; without a policy everybody may.
    """

    name: str
    everything: bool = False
    keeper: bool = True

    def sees(self, act: Act) -> bool:
        """Whether the person may read what this act says."""
        return self.everything or (act.actor is not None and act.actor.name == self.name)


def access(floor: Floor, name: str) -> Access:
    """What a person of that name may read of a floor's log, by its policy; without one, his own acts.

    Raises:
        NotPermitted: the policy names nobody so.
    """
    role = readers.role(floor.root, name)
    return Access(name, role in ALL_ACTS, role is None or role in KEEPERS)


def keeping(floor: Floor, name: str) -> Access:
    """The access of who keeps the floor. Raises `NotPermitted` for who does not."""
    mine = access(floor, name)
    if not mine.keeper:
        raise readers.NotPermitted(
            f"{name} does not keep this floor: how long its log is, and what is proved from it, is for a "
            "supervisor, a reviewer or counsel. `watchfloor log show` lists your own acts"
        )
    return mine


OF_THE_FLOOR: Final[Mapping[str, frozenset[str]]] = {
    "quarantine": frozenset({"piece", "shown"}),
    "certificate": frozenset({"position"}),
    "ingest": frozenset({"segments"}),
    "run": frozenset({"at_position", "segments"}),
    "backup": frozenset({"position", "files"}),
    "checkpoint": frozenset({"size", "root"}),
    "exported": frozenset({"size", "root", "kept_back", "erased"}),
    "erasure": frozenset({"rows", "acts", "stays", "shown", "quarantined"}),
    "hold-lifted": frozenset({"hold"}),
}
"""Parts of acts that count or number things of the whole floor, by the act, or by the `what` of a query."""


def of_view(act: Act) -> Act:
    """An act without what it says of the whole floor: for who did it and does not keep the floor."""
    said = act.detail
    if said is None:
        return act
    hidden = OF_THE_FLOOR.get(said.get("what", "") if act.act == "query" else act.act, frozenset())
    return replace(act, detail={name: value for name, value in said.items() if name not in hidden})


class Asked(NamedTuple):
    """Which acts are asked for; None or nothing: all.

    Attributes:
        names: of acts.
        by: who did it.
        about: what an act names, see `named_by`.
        since: at or after.
        until: at or before.
        to: the recipient, or part of the name.
    """

    names: frozenset[str] = frozenset()
    by: str | None = None
    about: "About | None" = None
    since: datetime | None = None
    until: datetime | None = None
    to: str | None = None

    def matches(self, act: Act) -> bool:
        """Whether an act is one that is asked for."""
        return (
            (not self.names or act.act in self.names)
            and (self.by is None or (act.actor is not None and act.actor.name == self.by))
            and (self.since is None or act.at >= self.since)
            and (self.until is None or act.at <= self.until)
            and (self.to is None or self.to.casefold() in recipient(act).casefold())
            and (self.about is None or self.about.named_in(act))
        )


@dataclass(frozen=True)
class About:
    """What acts may name: a subject with its leads and records, or the start of an id.

    Attributes:
        texts: whole texts, any of which names it.
        start: of an id in hexadecimal; empty for none.
        positions: of the acts that brought its records, or disclosed them.
    """

    texts: frozenset[str] = frozenset()
    start: str = ""
    positions: frozenset[int] = frozenset()

    def named_in(self, act: Act) -> bool:
        """Whether an act names it, alone or as a word, in any part of what it says, or brought it."""
        if act.position in self.positions:
            return True
        whole = texts(act.detail)
        said = whole.union(*(one.split() for one in whole))
        if self.start and any(one.startswith(self.start) for one in said):
            return True
        return not self.texts.isdisjoint(said)

    def may_be(self, position: int, body: bytes | None) -> bool:
        """Whether an act may name it, by its bytes: quicker than to read it, and never wrongly no."""
        return position in self.positions or (body is not None and bool(self._traces.search(body)))

    @cached_property
    def _traces(self) -> re.Pattern[bytes]:
        """Its texts as JSON has them, any of which stands in an act that names it."""
        texts = [*self.texts, *([self.start] if self.start else [])]
        return re.compile(b"|".join(re.escape(msgspec.json.encode(one)[1:-1]) for one in texts) or b"(?!)")


SHORTEST: Final = 4
"""Digits of an id by which it is looked for."""

NOTHING_ABOUT: Final = declare(
    "log.about-nothing",
    en="give a subject key, or {shortest} or more digits of an id",
    fr="donnez la clé d’un sujet, ou au moins {shortest} chiffres d’un identifiant",
)


def about(floor: Floor, reader: Reader, text: str) -> About:
    """What acts name that are about a subject, by its key, or about a record or lead, by its id's start.

    Raises `Refused`.
    """
    if ":" not in text:
        start = text.lower()
        if len(start) < SHORTEST or set(start) - set("0123456789abcdef"):
            refuse(NOTHING_ABOUT, shortest=SHORTEST)
        sent = carried(floor, lambda name: name.startswith(start))
        return About(start=start, positions=frozenset(sent))
    case = relevance.collect(floor, reader, load(), frozenset({text}))
    ids = {id_.hex() for table in case.records.values() for id_ in table["record_id"].to_pylist()}
    ids |= {id_.hex() for id_ in case.signals["row_id"].to_pylist()}
    brought = {at for table in case.records.values() for at in table["position"].to_pylist()}
    return About(case.tokens.texts | ids, "", frozenset(brought).union(carried(floor, ids.__contains__)))


def history(floor: Floor, mine: Access, asked: Asked) -> Iterator[tuple[int, Act]]:
    """The acts that are asked for and that the person may read, oldest first, each behind its number.

    That is its position for who keeps the floor; for others its place among their own acts, from 1.
    """
    for place, act in enumerate(filter(mine.sees, floor.acts()), 1):
        if asked.matches(act):
            yield (act.position, act) if mine.keeper else (place, of_view(act))


def carried(floor: Floor, named: Callable[[str], bool]) -> dict[int, frozenset[str]]:
    """By its act, what a bundle disclosed of the rows that are so named, or rested on: ids in hexadecimal."""
    found: dict[int, frozenset[str]] = {}
    for act in floor.acts_of("disclosed"):
        index = sent.of(floor, str((act.detail or {}).get("bundle")))
        held = frozenset() if index is None else frozenset(filter(named, _held(index)))
        if held:
            found[act.position] = held
    return found


def _held(index: pa.Table) -> Iterator[str]:
    """Ids of the rows of a bundle, and of what they rest on."""
    yield from index["row"].to_pylist()
    for ids in index["rests_on"].to_pylist():
        yield from (id_.hex() for id_ in ids)


def recipient(act: Act) -> str:
    """To whom an act gave something; empty where it gave nobody anything."""
    detail = act.detail or {}
    to = detail.get("to") or detail.get("recipient") or ""
    if isinstance(to, Mapping):
        return str(to.get("name") or ", ".join(to))
    return str(to)


def texts(value: object) -> frozenset[str]:
    """Every text in a value, whole."""
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, Mapping):
        return frozenset().union(*map(texts, value.values()))
    if isinstance(value, list | tuple):
        return frozenset().union(*map(texts, value))
    return frozenset()


def summary(act: Act) -> str:
    """What an act says, in one line: its plain values, and how many a list has."""
    return "; ".join(_parts(act.detail or {}))


def _parts(detail: Mapping[str, Any]) -> Iterable[str]:
    for name, value in detail.items():
        if name in _ELSEWHERE or value in (None, "", [], {}):
            continue
        if isinstance(value, list | dict):
            yield f"{name}: {', '.join(map(str, value)) if _short(value) else len(value)}"
        elif len(str(value)) <= _LONG:
            yield f"{name} {value}"


def _short(value: list[Any] | dict[str, Any]) -> bool:
    return isinstance(value, list) and len(value) <= 3 and all(isinstance(one, str | int) for one in value)


_ELSEWHERE: Final = frozenset({"to", "digest", "root", "faults", "faults_marking", "note", "key", "segments"})
"""Parts that stand in a column of their own, or are digests."""
_LONG: Final = 80
