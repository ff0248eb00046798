"""Records that led from the listings, as far as those held here name one of the seven.

A record names one where a person judged its subject to be the listed entity, or where its words do. A name
that only resembles is told apart and not counted: a name hit is never an identity. That a record names one
does not say that the listing led to it; nothing held here could say so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from watchfloor.cell.current_signals import signals
from watchfloor.core.results import RESULTS
from watchfloor.policy.policy import Reader
from watchfloor.reference.listings import fold
from watchfloor.scorecard.bilingual import day, fill, joined, same
from watchfloor.scorecard.computed import messages
from watchfloor.scorecard.computed.cartels import CARTELS, LISTS, ListHoldings, cartels_listed, held_by
from watchfloor.scorecard.computed.result import TOLD, Computed, end_of, ids, marked, record
from watchfloor.store.floor import Floor

Row = Mapping[str, Any]
RULE: Final = "listed-name"
_COUNTED: Final = frozenset(name for name, one in RESULTS.items() if one.true)
"""Results that are a thing or a person found: seized, arrested, charged."""
_NAMES: Final = tuple(f" {fold(name)} " for one in CARTELS for name in one.names)
_KEYS: Final = frozenset(f"{list_id}:{key}" for one in CARTELS for list_id in LISTS for key in one.keys)


def listings_led_to(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """Seizures, arrests and charges on record since the listing that name one of the seven.

    The value is None where none does: that no record here says it is no zero.
    """
    listing = cartels_listed(floor, reader, on)
    if not listing.value:
        return Computed(None, fill(messages.LED_NOT_YET, day=day(on)))
    since = min(one.day for one in listing.evidence)
    if floor is None or reader is None:
        return Computed(None, fill(messages.LED_NO_FLOOR, since=day(since)))
    outcomes = _since(floor.read("outcome", reader, latest=True).to_pylist(), since, on)
    seizures = _since(floor.read("seizure", reader, latest=True).to_pylist(), since, on)
    came = [row for row in outcomes if row["result"] in _COUNTED]
    same_as = _judged(floor, reader, on)
    resembling = _resembling(floor, reader, on) if came else frozenset()
    named = [row for row in came if _is_one(row, same_as) or names_one(row["why"])]
    found = [row for row in seizures if names_one(row["operation"], row["file"], row["amount"])]
    others = [row for row in came if row not in named and _is_one(row, resembling)]
    counts = {"outcomes": len(outcomes), "seizures": len(seizures), "others": len(others)}
    if not named and not found:
        return Computed(None, fill(messages.LED_NONE, since=day(since), day=day(on), **counts))
    return _counted(named, found, since, counts)


def names_one(*texts: str | None) -> bool:
    """Whether words name one of the seven by a name that is nobody else's, case and accents aside."""
    return any(name in f" {fold(text)} " for text in texts if text for name in _NAMES)


def _counted(named: Sequence[Row], found: Sequence[Row], since: date, counts: Mapping[str, int]) -> Computed:
    """Counts of what names one; one outcome of a lead and one row of seizures count once each."""
    results = Counter(row["result"] for row in named)
    parts = [fill(messages.RESULTS[name], count=count) for name, count in sorted(results.items())]
    if found:
        parts.append(fill(messages.RESULTS["seizure"], count=len(found)))
    total = len(named) + len(found)
    told = fill(messages.LED, count=total, since=day(since), parts=joined(parts), others=counts["others"])
    evidence = [record(row, same(row["result"]), row["observed_at"].date()) for row in named]
    evidence += [record(row, same(row["drug"]), row["observed_at"].date()) for row in found]
    rows = [*named, *found]
    return Computed(
        float(total), told, tuple(evidence[:TOLD]), ids(rows), fill(messages.LED_NO_CAUSE), marked(rows)
    )


def _since(rows: Iterable[dict[str, Any]], since: date, on: date) -> list[dict[str, Any]]:
    return [row for row in rows if since <= row["observed_at"].date() <= on]


def _is_one(row: Row, subjects: frozenset[str]) -> bool:
    return not subjects.isdisjoint(row["subjects"] or ())


def _judged(floor: Floor, reader: Reader, on: date) -> frozenset[str]:
    """Subjects that a person's last decision says are one of the seven, and that has not expired."""
    columns = ("subject", "about", "verdict", "expires_at", "observed_at")
    last: dict[tuple[str, str], Row] = {}
    for row in floor.read("judgement", reader, columns=columns).to_pylist():
        if row["about"] in _KEYS and row["observed_at"].date() <= on:
            last[row["subject"], row["about"]] = row
    ends = end_of(on)
    return frozenset(
        subject
        for (subject, _), row in last.items()
        if row["verdict"] == "same" and not (row["expires_at"] and row["expires_at"] <= ends)
    )


def _resembling(floor: Floor, reader: Reader, on: date) -> frozenset[str]:
    """Subjects whose names the listings desk met on an item of the seven."""
    items = _records(held_by(floor, reader))
    if not items:
        return frozenset()
    rows = signals(floor, reader, end_of(on)).select(["rule", "subjects", "evidence"]).to_pylist()
    hits = (row for row in rows if row["rule"] == RULE and not items.isdisjoint(row["evidence"]))
    return frozenset(subject for row in hits for subject in row["subjects"])


def _records(held: ListHoldings) -> frozenset[bytes]:
    return frozenset(row["record_id"] for row in held.rows)
