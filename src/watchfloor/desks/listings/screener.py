"""Names that enter the floor against the names of the lists.

    screener = Screener.of_lists(["list.csv"], on=day)     # files, folders or tables
    screener = Screener.build(listings)                    # a table of `listing` rows
    screener.apply(change)                                 # rows that changed, ceased or are new
    hits = screener.screen(Query("1", "Usama bin Laden"))

The answer to a query depends on the query and the live list alone, not on the changes by which it came about.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.concern import LIST as ASSERTED
from watchfloor.core.kernels import load_compiler
from watchfloor.core.messages import Reason
from watchfloor.desks.listings import score as scoring
from watchfloor.desks.listings import tiers
from watchfloor.desks.listings.common_words import bearing, bearings, paired_bearings
from watchfloor.desks.listings.evidence import Birth, compare_births, other_kind
from watchfloor.desks.listings.index import Index
from watchfloor.desks.listings.messages import HITS, Clears, Country
from watchfloor.desks.listings.normalise import MAX_TOKENS, Tokens, script, tokenise, warm_up_scripts
from watchfloor.desks.listings.readings import ACRONYM, readings
from watchfloor.formats.base import FormatError

if TYPE_CHECKING:
    from watchfloor.reference.listings import Report

Array = npt.NDArray[Any]

NOTHING: Final = "the lists hold no listed entity; nothing was screened"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Query:
    """A name to screen.

    Attributes:
        id: the asker's own; comes back with the answer.
        name: in any script.
        birth_date: ISO 8601, as precise as known; `ValueError` from `screen` when it is no date.
        country: ISO 3166-1 alpha-2; stands in the reason and never changes a score.
        schema: Person, Organization, Company, Vessel, Aircraft; nothing when unknown.
        day: on which it is asked; an assertion that stands no longer then (`core.concern`) gives no hit.
    """

    id: str
    name: str
    birth_date: str | None = None
    country: str | None = None
    schema: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed entity that a name may mean. A hit is an invitation to look, never an identity.

    Attributes:
        entity_id, name, instrument, item, in_force: of the listed entity, as published.
        alias: the published name that fits best; `strength` says whether it acts alone.
        score: 0 to 1; `parts` are thousandths and add up to it exactly.
        tier: match, corroborate or none.
        birth: how the birth dates compare.
        reason: all of it as a sentence, and what would clear it.
        ends: of an assertion, the first day on which it no longer stands; None for an official list.
    """

    entity_id: str
    name: str
    alias: str
    score: float
    tier: str
    instrument: str
    item: str | None
    in_force: date | None
    reason: Reason
    list_id: str
    strength: str
    parts: Mapping[str, int]
    birth: Birth
    ends: date | None = None


class Entity(NamedTuple):
    """A listed entity, as a hit shows it."""

    list_id: str
    entity_id: str
    name: str
    schema: str
    instrument: str
    provision: str | None
    item: str | None
    in_force: date | None
    birth_dates: tuple[str, ...]
    countries: tuple[str, ...]
    ceased: date | None

    @property
    def stands(self) -> bool:
        """Whether it may be hit: it has not left its list, or says in advance when it will."""
        return self.ceased is None or self.list_id == ASSERTED


_Rank = tuple[int, bool, int, float, str]
"""By what hits are ordered: tier, whether a word is left over, score, fit, alias."""


_COLUMNS: Final = (*Entity._fields, "names")
_STRANGERS: Final = 1 << 17
_NONE: Final = scoring.Fits(np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.float32))
_NOT_COMPARED: Final = np.zeros(0, np.int64)
_OPEN: Final = (Birth.OPEN, "")


class Screener:
    """The live names of any number of lists. One thread at a time."""

    def __init__(self) -> None:
        self._index = Index()
        self._entities: list[Entity] = []
        self._schemas: dict[str, int] = {"Person": tiers.PERSON}  # each schema that an entity has: its number
        self._schema = np.zeros(0, np.int8)  # of each entity
        self._texts: list[str] = []  # of each name, and whether it is a weak one
        self._weak = np.zeros(0, np.bool_)
        self._strangers: set[tuple[str, str | None]] = (
            set()
        )  # names, with schema, that none of the list is like
        self._names_of: dict[tuple[str, str], tuple[int, ...]] = {}
        self._renew()

    @classmethod
    def build(cls, listings: pa.Table) -> "Screener":
        """A screener of `listing` rows; of those with one list and entity id the last one stands."""
        screener = cls()
        screener.apply(listings)
        return screener

    @classmethod
    def of_lists(
        cls, lists: Iterable[Any], on: date | None = None, *, report: "Report" = _log.warning
    ) -> "Screener":
        """Build a screener of official lists, of those in several editions the one of a day.

        Args:
            lists: files of any known format, folders with such files, or tables with the columns of a plain
                list (id, name, and aliases, weak_aliases, schema, birth_date, country where known).
            on: the day; today.
            report: called with a sentence on each thing that was left aside, and on each list without an
                edition that covers the day; logs a warning unless told otherwise.

        Raises:
            FormatError: a file is of no known format, or the lists hold no listed entity.
            OSError: a file cannot be opened.
        """
        from watchfloor.reference import consolidations, listings  # with every format

        day = on or datetime.now(UTC).date()
        rows, answers = consolidations.of_day(listings.read(lists, report=report), day)
        for answer in answers:
            if not answer.covered:
                report(answer.note)
        if not rows.num_rows:
            raise FormatError(NOTHING)
        return cls.build(rows)

    def __len__(self) -> int:
        """Number of listed entities, one for each list that lists it."""
        return len(self._names_of)

    @property
    def name_count(self) -> int:
        """Number of live names that differ within their entity."""
        return int(self._index.live.sum())

    def apply(self, change: pa.Table) -> None:
        """Take in a change: a row replaces what stood under its list and entity id, or removes it."""
        latest = {(row[0], row[1]): row for row in _rows(change)}
        gone = [name for key in latest for name in self._names_of.pop(key, ())]
        self._index.withdraw(gone)
        self._take([row for row in latest.values() if Entity(*row[:-1]).stands])
        self._index.weigh()
        self._strangers.clear()
        self._renew()

    def is_strange(self, name: str, schema: str | None) -> bool:
        """Whether `screen` has found before that no name of the list is like this one."""
        return (name, schema) in self._strangers

    def screen(self, query: Query, top: int = 5) -> list[Hit]:
        """The listed entities that fit best, at most `top`, by tier, those with the very name first, then by
        falling score; equal ones by entity id.

        Raises:
            ValueError: the query's birth date is no date.
        """
        compare_births(query.birth_date, ())
        if self.is_strange(query.name, query.schema):
            return []
        found = self._fits(query)
        names, fit = found.names, found.fit
        written = script(query.name)
        births: dict[int, tuple[Birth, str]] = {}
        compared = _NOT_COMPARED
        if query.birth_date:
            owners = self._index.owner[names].tolist()
            births = {
                owner: self._birth(query, owner)
                for owner, near in zip(owners, (fit >= tiers.FLOOR).tolist(), strict=True)
                if near
            }
            compared = np.array([tiers.BIRTHS[births.get(owner, _OPEN)[0]] for owner in owners], np.int64)
        kinds = self._other_kinds.get(query.schema)
        if kinds is None:
            kinds = np.array([other_kind(query.schema, one) for one in self._schemas])
            self._other_kinds[query.schema] = kinds
        places, all_parts, enough = tiers.judge(*found, self._facts, kinds, compared, written == "Latin")
        if not enough:
            if len(self._strangers) >= _STRANGERS:
                self._strangers.clear()
            self._strangers.add((query.name, query.schema))
            return []
        best: dict[tuple[str, str], tuple[_Rank, int, tiers.Parts]] = {}
        for at, row in zip(places.tolist(), all_parts.tolist(), strict=True):
            name, parts, exactly = int(names[at]), tiers.Parts(*row), float(fit[at])
            total = parts.total
            entity = self._entities[self._index.owner[name]]
            if entity.ceased and query.day and query.day >= entity.ceased:
                continue
            tier = tiers.tier(total / 1000, written)
            # IRGC is the Guard Corps, though IRGC Air Force scores more: the longer alias is no acronym
            rank = (-tiers.ORDER.index(tier), exactly < tiers.WHOLE, -total, -exactly, self._texts[name])
            key = entity.entity_id, entity.list_id
            if key not in best or rank < best[key][0]:
                best[key] = (rank, name, parts)
        return [
            self._hit(query, written, name, parts, *births.get(int(self._index.owner[name]), _OPEN))
            for _, (_, name, parts) in sorted(best.items(), key=lambda item: (item[1][0], item[0]))[:top]
        ]

    def _birth(self, query: Query, owner: int) -> tuple[Birth, str]:
        return compare_births(query.birth_date, self._entities[owner].birth_dates)

    def _take(self, rows: list[tuple[Any, ...]]) -> None:
        texts, owners, strengths = [], [], []
        for row in rows:
            owner = len(self._entities)
            self._entities.append(Entity(*row[:-1]))
            for text, weak in row[-1]:
                texts.append(text)
                owners.append(owner)
                strengths.append(weak)
        bodies = [self._entities[owner].schema != "Person" for owner in owners]
        tokens = _tokenise_listed(texts, bodies)
        kept = _distinct(tokens, owners, strengths)
        keys = [f"{self._entities[owners[i]].entity_id}\0{texts[i]}" for i in kept]
        numbers = self._index.add([tokens[i] for i in kept], [owners[i] for i in kept], keys)
        weak = [strengths[i] or _says_little(texts[i], tokens[i], bodies[i]) for i in kept]
        schemas = [self._schemas.setdefault(row[3], len(self._schemas)) for row in rows]
        self._texts += [texts[i] for i in kept]
        self._weak = np.concatenate((self._weak, np.array(weak, np.bool_)))
        self._schema = np.concatenate((self._schema, np.array(schemas, np.int8)))
        of: dict[int, list[int]] = {}
        for i, number in zip(kept, numbers, strict=True):
            of.setdefault(owners[i], []).append(number)
        for owner, names in of.items():
            entity = self._entities[owner]
            self._names_of[entity.list_id, entity.entity_id] = tuple(names)

    def _fits(self, query: Query) -> scoring.Fits:
        """The candidate names, their best fit over the readings of the query, and what their pairs tell."""
        found = [self._search(tokens) for tokens in readings(self._index, query.name, query.schema)]
        if not found:
            return _NONE
        if len(found) == 1:
            return found[0]
        names, fit, worth = map(np.concatenate, zip(*found, strict=True))
        order = np.lexsort((-worth, -fit, names))
        names, fit, worth = names[order], fit[order], worth[order]
        fit[1:][names[1:] == names[:-1]] = 0
        return scoring.Fits(names, fit, worth)

    def _search(self, tokens: Tokens) -> scoring.Fits:
        near = self._index.near(tokens)
        start, stop, rarity = zip(*near, strict=True)
        initials = [-ord(token) if len(token) == 1 else ord(token[0]) for token in tokens]
        alphabet = sorted(range(len(tokens)), key=tokens.__getitem__)
        numbers = np.array((start, stop, initials, alphabet), np.int64)
        values = np.array((rarity, bearings(tokens), paired_bearings(tokens)), np.float32)
        return scoring.Fits(
            *scoring.search(numbers, values, self._index.likenesses, self._listed, self._scratch)
        )

    def _renew(self) -> None:
        """Fresh scratch, and the index's arrays as they are now."""
        count = len(self._index.live)
        self._listed = self._index.listed()
        self._facts = tiers.NameFacts(self._index.owner, self._weak, self._schema)
        self._other_kinds: dict[str | None, Array] = {}
        self._scratch = scoring.Scratch(
            slots=np.zeros(count, np.int32),
            base=np.ones(1, np.int64),
            names=np.zeros(count, np.int32),
            sums=np.zeros(count, np.float32),
            weights=np.zeros(count, np.float32),
            ranks=np.zeros(count, np.int32),
            places=np.zeros((MAX_TOKENS, len(self._index.tokens)), np.int16),
        )

    def _hit(
        self, query: Query, written: str, name: int, parts: tiers.Parts, birth: Birth, listed: str
    ) -> Hit:
        entity, alias = self._entities[self._index.owner[name]], self._texts[name]
        strength = "weak" if self._weak[name] else "strong"
        total = parts.total
        country = _country(query.country, entity.countries)
        clears = _clears(entity, birth)
        message = HITS[strength, parts.kind != 0, birth, country, clears]
        known = {
            "query": query.name[:200],
            "alias": alias,
            "entity": entity.name,
            "place": ", ".join(filter(None, (entity.instrument, entity.provision, entity.item))),
            "in_force": entity.in_force.isoformat() if entity.in_force else None,
            "score": total,
            "name": parts.name,
            "weak": parts.weak,
            "common": parts.common,
            "kind": parts.kind,
            "birth": parts.birth,
            "birth_asked": query.birth_date,
            "birth_listed": listed or " / ".join(entity.birth_dates[:3]),
            "country": query.country,
            "countries": ", ".join(entity.countries),
        }
        return Hit(
            entity_id=entity.entity_id,
            name=entity.name,
            alias=alias,
            score=total / 1000,
            tier=tiers.tier(total / 1000, written),
            instrument=entity.instrument,
            item=entity.item,
            in_force=entity.in_force,
            reason=Reason(message.id, {key: known[key] for key in _parameters(message.id)}),
            list_id=entity.list_id,
            strength=strength,
            parts=parts._asdict(),
            birth=birth,
            ends=entity.ceased,
        )


@lru_cache(maxsize=256)
def _parameters(message: str) -> tuple[str, ...]:
    return tuple(sorted(next(hit for hit in HITS.values() if hit.id == message).parameters))


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The columns of `Entity`, then (text, weak) of each name."""
    columns = {name: table.column(name).to_pylist() for name in _COLUMNS if name != "names"}
    for name in ("birth_dates", "countries"):
        columns[name] = [tuple(values or ()) for values in columns[name]]
    names = _names(table.column("names"))
    return zip(*(columns[name] for name in Entity._fields), names, strict=True)


def _names(column: pa.ChunkedArray) -> list[list[tuple[str, bool]]]:
    """Text and weakness of the names of each row, by columns: a struct becomes a dict only slowly."""
    result: list[list[tuple[str, bool]]] = []
    for chunk in column.chunks:
        flat = chunk.flatten()
        texts = flat.field("text").to_pylist()
        strengths = flat.field("strength").to_pylist()
        roles = flat.field("role").to_pylist()
        pairs = [
            (text, strength == "weak" or role in ("acronym", "gloss"))
            for text, strength, role in zip(texts, strengths, roles, strict=True)
        ]
        ends = np.cumsum([length or 0 for length in chunk.value_lengths().to_pylist()]).tolist()
        result += [pairs[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    return result


def _tokenise_listed(texts: list[str], bodies: list[bool]) -> list[Tokens]:
    """Persons' and other names go through their own rules, each kind at once."""
    tokens: list[Tokens] = [()] * len(texts)
    for body in (False, True):
        places = [i for i, flag in enumerate(bodies) if flag is body]
        for place, found in zip(places, tokenise([texts[i] for i in places], body), strict=True):
            tokens[place] = found
    return tokens


def _distinct(tokens: list[Tokens], owners: list[int], weak: list[bool]) -> list[int]:
    """Numbers of the names to keep: of an entity's names with equal tokens the strongest, then the first."""
    best: dict[tuple[int, Tokens], int] = {}
    for i, found in enumerate(tokens):
        if found:
            key = (owners[i], found if len(found) == 1 else tuple(sorted(found)))
            if key not in best or (weak[best[key]] and not weak[i]):
                best[key] = i
    return sorted(best.values())


def _says_little(text: str, tokens: Tokens, body: bool) -> bool:
    """Whether others bear a name too: an acronym, one word of everyday speech, a person's single name."""
    bearings = [bearing(token) for token in tokens]
    telling = sum(value > 0.5 for value in bearings)
    everyday = telling == 0 and sum(0.3 < value < 0.5 for value in bearings) < 2
    acronym = len(tokens) == 1 and len(text) <= ACRONYM and (text.isupper() or len(text) <= 3)
    return acronym or everyday or (telling == 1 and not body and len(tokens) == 1)


def _country(asked: str | None, listed: Iterable[str]) -> Country:
    countries = [country.upper() for country in listed]
    if not asked or not countries:
        return Country.UNSAID
    return Country.AGREES if asked.upper() in countries else Country.DIFFERS


def _clears(entity: Entity, birth: Birth) -> Clears:
    if birth is Birth.OTHER:
        return Clears.DONE
    if entity.schema != "Person":
        return Clears.BODY
    return Clears.DATE if entity.birth_dates else Clears.PERSON


def warm_up() -> None:
    """Load the compiled parts and the rules of scripts, so that the first query is as quick as the second."""
    warm_up_scripts()
    load_compiler()
    entity = {name: [""] for name in ("list_id", "entity_id", "name", "schema", "instrument")}
    nothing = {
        name: [None] for name in ("provision", "item", "in_force", "birth_dates", "countries", "ceased")
    }
    names = pa.array([[{"text": "a b", "role": "primary", "strength": "strong"}]])
    Screener.build(pa.table({**entity, **nothing, "names": names})).screen(Query("", "a b"))
