"""Who did what, when, why, by what right and to whom: the log as an access history."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from watchfloor.cell.acts import refuse
from watchfloor.cell.weighing.weights import load
from watchfloor.core.marking import parse
from watchfloor.core.messages import declare
from watchfloor.exchange.bundles import sent
from watchfloor.exchange.crown import relevance
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import readers
from watchfloor.store.ceiling import strictest
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act, markings
from watchfloor.store.segments.proofs import Proof

ALL_ACTS: Final = frozenset({"reviewer", "counsel"})
"""Roles that see the acts of others: those who review, and those who answer for the institution in court."""

KEEPERS: Final = ALL_ACTS | {"supervisor"}
"""Roles that keep the floor, and may know how long its log is and at which position an act stands."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose acts a person may read, and whether they may know where they stand in the log.

    How many acts lie between two of one's own tells what others did meanwhile, so positions, leaves and
    proofs are for who keeps the floor. The content of an act is for who did it; for some roles too, as far as
    the clearance allows what the act is about. Of the rest they are shown what is left of an erased act.

    Attributes:
        name: of the person.
        everything: whether the role shows them that everybody's acts are there.
        keeper: whether it lets them know positions; without a policy everybody may.
        reader: as which they read others' acts; None: they read none of these.
        unmarked: marking of an act that states none: the strictest that the floor holds.
    """

    name: str
    everything: bool = False
    keeper: bool = True
    reader: Reader | None = None
    unmarked: str = ""

    def lists(self, act: Act) -> bool:
        """Return whether the person may know that this act is there."""
        return self.everything or self._own(act)

    def sees(self, act: Act) -> bool:
        """Return whether the person may read what this act says."""
        if self._own(act):
            return True
        if not self.everything or self.reader is None or act.detail is None:
            return False
        if act.act in FOR_OWNERS:  # one of nothing looks like one of what is hidden: both follow a question
            held = set(markings(act.detail))
            return bool(held) and all(allowed(self.reader, parse(one)) for one in held)
        return allowed(self.reader, parse(act.marking or self.unmarked))

    def view(self, act: Act) -> Act:
        """Return an act as the person may read it: of one that is not for them, what is left of an erased."""
        if self.sees(act):
            return act if self.keeper else of_view(act)
        return Act(act.position, act.at, act.act, None, None, act.leaf)

    def found(self, asked: "ActFilter", act: Act) -> Act | None:
        """Return an act as the person may read it, where it is one that is asked for; else None.

        Of one that they may not read only its name and its time are compared, which they are shown: an answer
        that rests on the rest would tell of it.
        """
        if not self.lists(act):
            return None
        mine = self.view(act)
        if mine.detail is None and act.detail is not None and (asked.about or asked.by or asked.to):
            return None
        return mine if asked.matches(mine) else None

    def _own(self, act: Act) -> bool:
        return act.actor is not None and act.actor.name == self.name


FOR_OWNERS: Final = frozenset({"hit", "near"})
"""Acts that tell an owner who asked about what is held: for who may see it, whatever they may see else."""


def access(floor: Floor, name: str, reader: Reader | None = None) -> Access:
    """Return what a person may read of a floor's log, by its policy; without one, their own acts.

    Args:
        floor: whose log.
        name: of the person.
        reader: the same person with a purpose, to read what others did; None where that is not asked.

    Raises:
        NotPermitted: the policy names nobody so.
    """
    role, unmarked = readers.role(floor.root, name), str(strictest(floor.ceiling))
    return Access(name, role in ALL_ACTS, role is None or role in KEEPERS, reader, unmarked)


def keeping(floor: Floor, name: str, reader: Reader | None = None) -> Access:
    """Return the access of who keeps the floor. Raises `NotPermitted` for who does not."""
    mine = access(floor, name, reader)
    if not mine.keeper:
        raise readers.NotPermitted(
            f"{name} does not keep this floor: how long its log is, and what is proved from it, is for a "
            "supervisor, a reviewer or counsel. `watchfloor floor log show` lists your own acts"
        )
    return mine


NO_PROOF: Final = declare("log.no-proof")


def proof(floor: Floor, reader: Reader, record_id: bytes) -> Proof:
    """Return the proof of a record that a reader may see, which holds the act that brought it.

    Raises:
        NotPermitted: they do not keep the floor.
        Refusal: the act is about more than they may see.
    """
    mine, made = keeping(floor, reader.name, reader), floor.prove(record_id)
    (act,) = floor.acts(made.position, made.position)
    if not mine.sees(act) and not allowed(reader, parse(act.marking or mine.unmarked)):
        refuse(NO_PROOF)
    return made


OF_THE_FLOOR: Final[Mapping[str, frozenset[str]]] = {
    "quarantine": frozenset({"piece", "shown"}),
    "certificate": frozenset({"position"}),
    "ingest": frozenset({"segments"}),
    "run": frozenset({"at_position", "segments"}),
    "backup": frozenset({"position", "files"}),
    "scheduled": frozenset({"result"}),
    "promoted": frozenset({"position", "root"}),
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


class ActFilter(NamedTuple):
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
    """Names to look for in acts: a subject with its leads and records, or the start of an id.

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

NOTHING_ABOUT: Final = declare("log.about-nothing", "shortest")


def about(floor: Floor, reader: Reader, text: str) -> About:
    """Return the names to look for in acts: of a subject, by its key, or of a record or lead, by its id.

    Raises `Refusal`.
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


def history(floor: Floor, mine: Access, asked: ActFilter) -> Iterator[tuple[int, Act]]:
    """The acts that are asked for and that the person may read, oldest first, each behind its number.

    That is its position for who keeps the floor; for others its place among their own acts, from 1.
    """
    for place, act in enumerate(filter(mine.lists, floor.acts()), 1):
        if one := mine.found(asked, act):
            yield (act.position, one) if mine.keeper else (place, one)


def carried(floor: Floor, named: Callable[[str], bool]) -> dict[int, frozenset[str]]:
    """By its act, what a bundle disclosed of the rows that are so named, or rested on: ids in hexadecimal."""
    found: dict[int, frozenset[str]] = {}
    for act in floor.acts_of("disclosed"):
        index = sent.index_of(floor, str((act.detail or {}).get("bundle")))
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
    """Summarise an act in one line: its plain values, and how many a list has."""
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
