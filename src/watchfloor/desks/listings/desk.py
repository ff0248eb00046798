"""The listings desk as a fold: lists and their changes, named parties, and what people decided of them.

A party of a screened feed is screened against the lists as they stand, and kept, until a later delivery of
its feed says something else under its report key. A list item that is new or says something else is screened
against the kept parties. A consolidation tells which items a list holds, or a file of parts of them: what
rested on others is taken back, and the row that does so names the edition; one that had left and is held
again is back. A judgement clears the signals it was made about, for as long as the item says what it said
when somebody judged it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.concern import LIST as ASSERTED
from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import JUDGEMENT, LISTING, PARTY, RECORD_ID
from watchfloor.core.marking import covers, join, parse
from watchfloor.core.messages import REASON, Reason, reason
from watchfloor.core.subjects import parts
from watchfloor.desks.assertions import assertion
from watchfloor.desks.base import OBSERVED, Desk, Refs
from watchfloor.desks.listings.evidence import Birth
from watchfloor.desks.listings.messages import CLEARED, CORRECTED, LEFT, REWORDED, SAME_NUMBER
from watchfloor.desks.listings.normalise import script, warm_up_scripts
from watchfloor.desks.listings.parties import Parties, PartyQuery, legible
from watchfloor.desks.listings.pieces import put_together
from watchfloor.desks.listings.screener import Hit, Query, Screener
from watchfloor.desks.listings.tiers import CORROBORATE, WORD_FOR_WORD, tier
from watchfloor.desks.state import Row, freeze, keyed, rows, table, thaw
from watchfloor.formats.lists.consolidation import part_of

Pieces = dict[str, dict[str, Row]]
"""Records by listed entity and by part of it."""

NAME: Final = "listings"
RULE: Final = "listed-name"
CONCERN: Final = "exporter-of-concern"
"""The rule of assertions about exporters: what somebody says of them is no listing in law."""
NUMBER: Final = "same number"
"""Strength where a party bears a number of an assertion."""
TOP: Final = 8
"""Listed entities one name may raise: aliases are shared by two or three, never by ten."""

EVERY: Final = 1 << 30

SAYS: Final = (
    "list_id",
    "entity_id",
    "schema",
    "name",
    "names",
    "birth_dates",
    "countries",
    "identifiers",
    "ceased",
)
"""Columns of a listing that make up what the item says; the rest is where and when it was published."""


class StandingHit(NamedTuple):
    """A hit that was asserted."""

    strength: str
    score: float
    reason: Reason
    alias: str
    name: str
    instrument: str


_STANDING: Final = pa.schema(
    [
        ("record_id", RECORD_ID),
        ("entity", pa.string()),
        ("strength", pa.string()),
        ("score", pa.float64()),
        ("reason", REASON),
        ("alias", pa.string()),
        ("name", pa.string()),
        ("instrument", pa.string()),
    ]
)


def _nothing() -> defaultdict[Any, dict[Any, Any]]:
    return defaultdict(dict)


def _pieces_frozen(pieces: Pieces) -> pa.Table:
    return _table([row for of_entity in pieces.values() for row in of_entity.values()], LISTING.schema)


def _pieces_thawed(pieces: Pieces, rows: pa.Table) -> Pieces:
    for row in rows.to_pylist():
        pieces[key_of(row)][part_of(row)] = row
    return pieces


def _standing_frozen(standing: dict[bytes, dict[str, StandingHit]]) -> pa.Table:
    """Return the hits. They are not found again: a score rests on how common each word was at the time."""
    rows = [
        {"record_id": record_id, "entity": entity} | hit._asdict() | {"reason": hit.reason.stored()}
        for record_id, hits in standing.items()
        for entity, hit in hits.items()
    ]
    return pa.Table.from_pylist(rows, _STANDING)


def _standing_thawed(standing: Any, rows: pa.Table) -> Any:
    for row in rows.to_pylist():
        hits, entity = standing[row.pop("record_id")], row.pop("entity")
        hits[entity] = StandingHit(**row | {"reason": Reason.load(row["reason"])})
    return standing


@dataclass(slots=True)
class Listings:
    """State of the fold.

    Attributes:
        screener: the lists as they stand.
        listed: what stands for each listed entity, and the fingerprint of what it says.
        pieces: the records it was put together from: the main one, and those of other files.
        left: those that have left their list, until they are published again or a later edition holds them.
        parties: every screened party that no later one corrects, in the order it came.
        judgements: the last judgement of each subject and listed entity.
        standing: the hits that stand for each party's record that has any, by listed entity.
        hit: the numbers of these parties, by their record.
        fresh: the entities that changed at one moment, and the moment. A score rests on the whole list, so
            they are screened again, together, for as long as changes of that moment come.
        numbers: entities of assertions by the numbers they state; None until it is asked for again.
    """

    screener: Screener
    listed: dict[str, tuple[Row, str]] = field(default_factory=dict)
    pieces: Pieces = table(_nothing, _pieces_frozen, _pieces_thawed)
    left: Pieces = table(_nothing, _pieces_frozen, _pieces_thawed)
    parties: Parties = table(Parties, Parties.table, lambda _, rows: Parties(rows))
    judgements: dict[tuple[str, str], Row] = rows(
        JUDGEMENT.schema, lambda row: (row["subject"], row["about"])
    )
    standing: dict[bytes, dict[str, StandingHit]] = table(_nothing, _standing_frozen, _standing_thawed)
    hit: dict[bytes, int] = field(default_factory=dict)
    fresh: dict[str, datetime] = keyed("entity", "at")
    numbers: dict[tuple[str, str], list[str]] | None = None

    def __post_init__(self) -> None:
        _apply(self, _news(self, self.pieces))
        self.hit = self.parties.numbers(self.standing)


def key_of(listed: Row | Hit) -> str:
    """Key of a listed entity: two lists may use one id for two entities."""
    if isinstance(listed, Hit):
        return f"{listed.list_id}:{listed.entity_id}"
    return f"{listed['list_id']}:{listed['entity_id']}"


def fingerprint(listing: Row) -> str:
    """Return a digest of a list item's content: the basis that a judgement names."""
    said = msgspec.json.encode([listing[column] for column in SAYS], order="deterministic")
    return blake2b(said, digest_size=16).hexdigest()


def items(rows: pa.Table) -> dict[str, Row]:
    """Return the listed entities that stand, by key, their parts put together.

    Args:
        rows: listings and consolidations as `step` takes them, in the order of the fold.
    """
    state = Listings(Screener.build(LISTING.schema.empty_table()))
    for kind, group in groupby(rows.to_pylist(), key=lambda row: row["kind"]):
        if kind == "listing":
            list(_on_listings(b"", state, list(group)))
        elif kind == "consolidation":
            for row in group:
                list(_on_consolidation(b"", state, row))
    return {entity: whole for entity, (whole, _) in state.listed.items()}


def begin(refs: Refs) -> Listings:  # noqa: ARG001 - the lists arrive as records
    """Before the first list and the first name."""
    warm_up_scripts()
    return Listings(Screener.build(LISTING.schema.empty_table()))


def step(refs: Refs, state: Listings, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch; its rows are in order of observation, lists before parties at one moment."""
    made: list[dict[str, Any]] = []
    for kind, group in _stretches(rows):
        if kind == "listing":
            made.extend(_on_listings(refs.key, state, group.to_pylist()))
        elif kind == "consolidation":
            for row in group.to_pylist():
                made.extend(_on_consolidation(refs.key, state, row))
        elif kind == "party":
            named = pc.is_in(group["source"], refs["screening"]["source"].combine_chunks())
            made.extend(_on_parties(refs.key, state, group.filter(named)))
        else:
            for row in group.to_pylist():
                made.extend(_on_judgement(refs.key, state, row))
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _stretches(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield rows of one kind that follow each other, and the kind."""
    kinds = pc.run_end_encode(rows["kind"].combine_chunks()) if rows.num_rows else None
    start = 0
    for kind, end in zip(kinds.values.to_pylist(), kinds.run_ends.to_pylist(), strict=True) if kinds else ():
        yield kind, rows.slice(start, end - start)
        start = end


def _on_parties(key: bytes, state: Listings, parties: pa.Table) -> Iterator[dict[str, Any]]:
    first = state.parties.add(parties)
    corrected = state.parties.corrected(first)
    for asked in state.parties.asked(first):
        if asked.number in corrected:
            yield from _correct(key, state, asked.number, corrected[asked.number])
        for entity, hit in _met(state, asked, TOP).items():
            _stand(state, asked, entity, hit)
            party = state.parties.row(asked.number)
            yield _signal(key, state, party, entity, hit, party["observed_at"])


def _correct(key: bytes, state: Listings, number: int, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Let go of what an earlier delivery said under a party's report key."""
    party = state.parties.row(number)
    for earlier in map(state.parties.row, numbers):
        state.hit.pop(earlier["record_id"], None)
        for entity, hit in state.standing.pop(earlier["record_id"], {}).items():
            day = party["observed_at"].date().isoformat()
            why = reason(CORRECTED, alias=hit.alias, name=hit.name, source=party["source"], day=day)
            signal = _signal(key, state, earlier, entity, hit, party["observed_at"])
            yield signal | {"retracted": True, "reason": why.stored()}


def _stand(state: Listings, asked: PartyQuery, entity: str, hit: StandingHit) -> None:
    state.standing[asked.record_id][entity] = hit
    state.hit[asked.record_id] = asked.number


def _that_stand(state: Listings, entity: str) -> Iterator[bytes]:
    """The records of parties for which a hit stands, in the order in which they came."""
    found = [record_id for record_id, hits in state.standing.items() if entity in hits]
    return iter(sorted(found, key=state.hit.__getitem__))


def _on_listings(key: bytes, state: Listings, listings: list[Row]) -> Iterator[dict[str, Any]]:
    if not len(state.parties):  # nothing to screen again: many changes are as good as one after the other
        entities = dict.fromkeys(filter(None, (_filed(state, listing) for listing in listings)))
        _apply(state, _news(state, entities))
        return
    for at, together in groupby(listings, key=lambda listing: listing["observed_at"]):
        entities = dict.fromkeys(filter(None, (_filed(state, listing) for listing in together)))
        yield from _screen_again(key, state, _news(state, entities), at)


def _filed(state: Listings, listing: Row) -> str | None:
    """File a record under its entity; gives the entity, unless the record says what is known already."""
    entity, part = key_of(listing), part_of(listing)
    pieces = state.pieces[entity]
    if part in pieces and fingerprint(pieces[part]) == fingerprint(listing):
        return None  # published again: the record that said it first stands
    if part in pieces and not _covers(listing, pieces[part]):
        return None  # what is marked below an item does not take its place
    pieces[part] = listing
    state.left.get(entity, {}).pop(part, None)
    return entity


def _news(state: Listings, entities: Iterable[str]) -> list[Row]:
    """Return the entities that have changed, as they stand now."""
    return [news for news in (_told(state, entity) for entity in entities) if news is not None]


def _told(state: Listings, entity: str) -> Row | None:
    whole = put_together(state.pieces[entity].values())
    if whole is None:
        return None
    says, known = fingerprint(whole), state.listed.get(entity)
    if known is not None and known[1] == says:
        return None
    state.listed[entity] = (whole, says)
    state.numbers = None
    return whole


def _on_consolidation(key: bytes, state: Listings, edition: Row) -> Iterator[dict[str, Any]]:
    """Take entities that are missing from an edition off the list; put those that it holds back on it."""
    held, at = set(edition["entities"]), edition["observed_at"]
    dropped = dict.fromkeys(_moved(state.pieces, state.left, edition, lambda item: item not in held))
    back = dict.fromkeys(_moved(state.left, state.pieces, edition, lambda item: item in held))
    gone = () if edition["provision"] else dropped
    _apply(state, [{**state.listed[entity][0], "ceased": at.date()} for entity in gone])
    for entity in gone:
        for record_id in _that_stand(state, entity):
            before, party = state.standing[record_id].pop(entity), state.parties.row(state.hit[record_id])
            yield _taken_back(key, state, party, entity, before, at, edition)
        del state.listed[entity]
        state.numbers = None
        state.fresh.pop(entity, None)
    yield from _screen_again(key, state, _news(state, dropped | back), at, edition)


def _moved(here: Pieces, there: Pieces, edition: Row, chosen: Callable[[str], bool]) -> Iterator[str]:
    """Move the chosen pieces of an edition's list or file of parts; gives the entities they are of."""
    for entity, pieces in list(here.items()):
        for part, piece in list(pieces.items()):
            if _is_of(piece, part, edition) and chosen(part or piece["entity_id"]):
                there[entity][part] = pieces.pop(part)
                yield entity


def _is_of(piece: Row, part: str, edition: Row) -> bool:
    """Whether an edition could hold a piece: it is of its list and language, and of its file of parts."""
    same_list = (piece["list_id"], piece["lang"]) == (edition["list_id"], edition["lang"])
    return (
        same_list
        and _covers(edition, piece)
        and edition["provision"] == (piece["provision"] if part else None)
    )


def _covers(row: Row, other: Row) -> bool:
    """Whether a row may take the place of another, see `store.segments.replacing`."""
    return covers(parse(row["marking"]), parse(other["marking"]))


def _taken_back(
    key: bytes, state: Listings, party: Row, entity: str, hit: StandingHit, at: datetime, edition: Row | None
) -> dict[str, Any]:
    """That a hit stands no longer, and why: an edition has dropped it, or the item says something else."""
    signal = _signal(key, state, party, entity, hit, at) | {"retracted": True}
    day = at.date().isoformat()
    if edition is None:
        why = reason(REWORDED, alias=hit.alias, name=hit.name, instrument=hit.instrument, day=day)
        return signal | {"reason": why.stored()}
    why = reason(
        LEFT, alias=hit.alias, name=hit.name, list=edition["provision"] or edition["list_id"], day=day
    )
    marking = join((signal["marking"], edition["marking"]))
    return signal | {"reason": why.stored(), "coverage": [edition["record_id"]], "marking": marking}


def _apply(state: Listings, listings: list[Row]) -> None:
    if listings:
        state.screener.apply(_table(listings, LISTING.schema))


def _screen_again(
    key: bytes, state: Listings, news: list[Row], at: datetime, edition: Row | None = None
) -> Iterator[dict[str, Any]]:
    """Every kept party against the items that came to say something else at one moment."""
    if not news:
        return
    _apply(state, news)
    changed = dict.fromkeys(map(key_of, news), at)
    state.fresh = {entity: since for entity, since in state.fresh.items() if since == at} | changed
    place = {entity: number for number, entity in enumerate(state.fresh)}
    for asked in state.parties.standing():
        standing = state.standing.get(asked.record_id, {})
        hits = _met(state, asked, EVERY)
        if not (entities := (standing.keys() | hits.keys()) & place.keys()):
            continue
        party = state.parties.row(asked.number)
        for entity in sorted(entities, key=place.__getitem__):
            before, now = standing.pop(entity, None), hits.get(entity)
            if now:
                _stand(state, asked, entity, now)
                yield _signal(key, state, party, entity, now, at)
            elif before:
                because = edition if entity in changed else None
                yield _taken_back(key, state, party, entity, before, at, because)


def _on_judgement(key: bytes, state: Listings, judgement: Row) -> Iterator[dict[str, Any]]:
    subject, entity = judgement["subject"], judgement["about"]
    state.judgements[subject, entity] = judgement
    for record_id in _that_stand(state, entity):
        party = state.parties.row(state.hit[record_id])
        if party["subject"] == subject:
            hit = state.standing[record_id][entity]
            yield _signal(key, state, party, entity, hit, judgement["observed_at"])


def _signal(
    key: bytes, state: Listings, party: Row, entity: str, hit: StandingHit, at: datetime
) -> dict[str, Any]:
    """Return the signal on one party and one listed entity, at the moment that `at` names."""
    listing, says = state.listed[entity]
    rule = CONCERN if listing["list_id"] == ASSERTED else RULE
    judgement = state.judgements.get((party["subject"], entity))
    cleared = judgement is not None and _clears(judgement, says, at)
    rests_on = [party, listing, *_pieces_with(state, listing, hit.alias)]
    if judgement is not None and cleared:
        rests_on.append(judgement)
    return assertion(
        rests_on,
        row_id=row_id(key, NAME, rule, (party["subject"], entity), party["record_id"].hex()),
        at=at,
        since=party["observed_at"],
        until=judgement["expires_at"] if judgement is not None and cleared else _ends(listing),
        desk=NAME,
        rule=rule,
        subjects=[party["subject"]],
        strength="cleared" if cleared else hit.strength,
        score=hit.score,
        reason=(_cleared(judgement, hit) if judgement is not None and cleared else hit.reason).stored(),
        origins=party["origins"] or [],
    )


def _ends(listing: Row) -> datetime | None:
    """When an assertion stands no longer; an item of an official list does not say so in advance."""
    ends = listing["ceased"] if listing["list_id"] == ASSERTED else None
    return datetime(ends.year, ends.month, ends.day, tzinfo=UTC) if ends else None


def _pieces_with(state: Listings, whole: Row, alias: str) -> Iterator[Row]:
    """The record that publishes the alias, where the main one does not."""
    pieces = state.pieces[key_of(whole)].values()
    publishing = [piece for piece in pieces if any(name["text"] == alias for name in piece["names"])]
    if all(piece["record_id"] != whole["record_id"] for piece in publishing):
        yield from publishing[:1]


def _clears(judgement: Row, says: str, at: datetime) -> bool:
    expired = judgement["expires_at"] is not None and judgement["expires_at"] <= at
    return judgement["verdict"] == "different" and judgement["basis"] == says and not expired


def _cleared(judgement: Row, hit: StandingHit) -> Reason:
    return reason(
        CLEARED,
        alias=hit.alias,
        name=hit.name,
        instrument=hit.instrument,
        by=judgement["decided_by"],
        day=judgement["observed_at"].date().isoformat(),
        why=judgement["why"],
    )


def _met(state: Listings, asked: PartyQuery, top: int) -> dict[str, StandingHit]:
    """The listed entities that a party may be, by name; and those of assertions, by number too."""
    found = {key_of(hit): _kept(asked.name, hit) for hit in _hits(state, asked, top)}
    return found | dict(_by_number(state, asked))


def _by_number(state: Listings, asked: PartyQuery) -> Iterator[tuple[str, StandingHit]]:
    """Assertions that state a number which the party bears, and that stand on its day."""
    if state.numbers is None:
        state.numbers = _numbered(row for row, _ in state.listed.values())
    if not state.numbers:
        return
    for number in sorted(numbers_of(state.parties.row(asked.number))):
        for entity in state.numbers.get(number, ()):
            listing = state.listed[entity][0]
            if asked.day < listing["ceased"]:
                about = {"query": asked.name[:200], "system": number[0], "number": number[1]}
                why = reason(SAME_NUMBER, entity=listing["name"], place=listing["instrument"], **about)
                name = listing["name"]
                yield entity, StandingHit(NUMBER, 1.0, why, name, name, listing["instrument"])


def _numbered(listings: Iterable[Row]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in listings:
        for number in numbers_of(row) if row["list_id"] == ASSERTED else ():
            found.setdefault(number, []).append(key_of(row))
    return found


def numbers_of(row: Row) -> set[tuple[str, str]]:
    """System and number of what a party or an assertion is known by, as they compare; a party's key too."""
    said = [(one["system"], one["number"]) for one in row.get("identifiers") or ()]
    if (subject := row.get("subject")) is not None:
        said.append(parts(subject)[1:])
    return {(system.lower(), "".join(number.split()).upper()) for system, number in said}


def _hits(state: Listings, asked: PartyQuery, top: int) -> Iterator[Hit]:
    """Hits whose name alone is worth a signal, best first; a birth date adds to a name, it makes none."""
    if state.screener.is_strange(asked.name, asked.schema):
        return iter(())
    query = Query("", asked.name, legible(asked.birth_date), asked.country, asked.schema, asked.day)
    return (hit for hit in state.screener.screen(query, top) if _by_name(hit) >= CORROBORATE)


def _by_name(hit: Hit) -> float:
    """The score without what the birth date adds or takes: dates are weighed apart."""
    return (sum(hit.parts.values()) - hit.parts["birth"]) / 1000


BIRTHS: Final = {
    Birth.SAME: ", birth date agrees",
    Birth.YEAR: ", birth year agrees",
    Birth.NEAR: ", birth date close",
    Birth.OPEN: "",
    Birth.OTHER: ", birth date differs",
}
"""What the birth dates add to the strength of a name, in words."""


def band(name: str, hit: Hit) -> str:
    """How well the name alone fits: exact, match, corroborate or none."""
    by_name = _by_name(hit)
    return "exact" if by_name >= WORD_FOR_WORD else tier(by_name, script(name))


def _kept(name: str, hit: Hit) -> StandingHit:
    strength = band(name, hit) + BIRTHS[hit.birth]
    return StandingHit(strength, hit.score, hit.reason, hit.alias, hit.name, hit.instrument)


def _table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in rows], schema=schema)


def cut(rows: pa.Table) -> pa.ChunkedArray:
    """Return whom a party or a judgement is about; none of lists, which all are screened against."""
    return pc.if_else(pc.is_in(rows["kind"], pa.array([PARTY.name, JUDGEMENT.name])), rows["subject"], None)


DESK: Final = Desk(
    name=NAME,
    version="4",
    reads=("listing", "consolidation", "party", "judgement"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw(begin),
    uses=("screening",),
    order=OBSERVED,
    identity=True,
    cut=cut,
)
