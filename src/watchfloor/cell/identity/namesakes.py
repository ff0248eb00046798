"""Subjects of different feeds that are one by their names, as the screener of lists judges names.

A name alone joins nobody: two people share one every day. A person's name joins with the birth date; a body's
joins where it is word for word the same and its words are rare. What falls short is proposed, for a person to
decide (`watchfloor leads merge`). A name of one word joins nobody and proposes nothing.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import LISTING
from watchfloor.desks.listings.evidence import Birth, compare_births
from watchfloor.desks.listings.tiers import WORD_FOR_WORD

if TYPE_CHECKING:
    from watchfloor.desks.listings.screener import Hit, Screener

SAME_BIRTH: Final = frozenset({Birth.SAME, Birth.YEAR})

TOP: Final = 8
"""Others that one name may be: a name that nine subjects bear tells none of them apart."""


class Namesake(NamedTuple):
    """Two subjects with one name, in order of their keys; `joins` says whether it is enough to join them."""

    one: str
    other: str
    score: float
    joins: bool


def namesakes(parties: pa.Table) -> list[Namesake]:
    """The pairs among the subjects of `party` records whose names fit, each pair once, the best fit of it."""
    named = {row["subject"]: row for row in parties.to_pylist() if len(row["name"].split()) > 1}
    if len(named) < 2:
        return []
    from watchfloor.desks.listings.screener import Screener

    screener = Screener.build(_as_list(named))
    best: dict[tuple[str, str], Namesake] = {}
    for found in (
        pair for subject, row in sorted(named.items()) for pair in _namesakes(screener, subject, row)
    ):
        place = found.one, found.other
        if place not in best or (found.joins, found.score) > (best[place].joins, best[place].score):
            best[place] = found
    return [best[place] for place in sorted(best)]


def _namesakes(screener: "Screener", subject: str, row: Mapping[str, Any]) -> Iterator[Namesake]:
    from watchfloor.desks.listings.screener import Query

    query = Query(subject, row["name"], _date(row["birth_date"]), None, row["schema"] or None)
    hits = [
        hit for hit in screener.screen(query, TOP + 1) if hit.entity_id != subject and hit.tier == "match"
    ]
    if len(hits) >= TOP:
        return
    for hit in hits:
        one, other = sorted((subject, hit.entity_id))
        yield Namesake(one, other, hit.score, _joins(hit, row["schema"]))


def _joins(hit: "Hit", schema: str | None) -> bool:
    if hit.birth in SAME_BIRTH:
        return True
    body = schema not in (None, "", "Person")
    return body and hit.birth is Birth.OPEN and hit.score >= WORD_FOR_WORD and not hit.parts["kind"]


def _as_list(named: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """The parties as the screener reads lists: an entity for each subject, one strong name each."""
    rows = [
        {
            "list_id": "parties",
            "entity_id": subject,
            "name": row["name"],
            "schema": row["schema"] or "LegalEntity",
            "instrument": row["source"],
            "names": [{"text": row["name"], "role": "primary", "strength": "strong", "lang": None}],
            "birth_dates": [row["birth_date"]] if _date(row["birth_date"]) else [],
        }
        for subject, row in sorted(named.items())
    ]
    blank = {field.name: None for field in LISTING.schema}
    schema = pa.schema([field.with_nullable(True) for field in LISTING.schema])
    return pa.Table.from_pylist([blank | row for row in rows], schema=schema)


def _date(text: str | None) -> str | None:
    """A birth date that can be compared, or none."""
    try:
        compare_births(text, ())
    except ValueError:
        return None
    return text
