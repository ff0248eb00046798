"""Ours alone: hostile names, a list change, and 430,000 names."""

import random
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks.listings.measure import resident, timed
from benchmarks.listings.questions import Question, Row
from benchmarks.listings.special import hostile

MANY = 430_000
CHANGED = 60
"""Listings in a change, a third of them new, a third amended, a third ceased: a busy month of the UN list."""

REPEATS = 9


class Scale(NamedTuple):
    """Seconds and megabytes of one list size."""

    names: int
    build: float
    added: float
    rate: float
    p99: float
    recall: float


def taken_apart(listings: pa.Table) -> tuple[list[list[str]], list[list[str]]]:
    """The front and back halves of every name, to compose others of the same words and lengths."""
    words = [n["text"].split() for names in listings["names"].to_pylist() for n in names]
    return [w[: (len(w) + 1) // 2] for w in words], [w[(len(w) + 1) // 2 :] for w in words]


def composed(listings: pa.Table, count: int, seed: int = 430) -> pa.Table:
    """`count` listings of nobody, with 2.2 names each, composed from halves of the listed names."""
    rng = random.Random(seed)
    fronts, backs = taken_apart(listings)

    def name() -> dict[str, Any]:
        text = " ".join([*rng.choice(fronts), *rng.choice(backs)])
        return {"text": text, "role": "alias", "strength": "strong", "lang": None}

    template = listings.slice(0, 1).to_pylist()[0] | {"birth_dates": [], "identifiers": [], "countries": []}

    def row(at: int) -> Row:
        names = [name() for _ in range(rng.choice((1, 1, 2, 2, 5)))]
        schema = rng.choice(("Person", "Organization"))
        key = f"COMPOSED#{at}"
        return template | {"entity_id": key, "name": names[0]["text"], "names": names, "schema": schema}

    return pa.Table.from_pylist([row(at) for at in range(count)], schema=listings.schema)


def enlarged(listings: pa.Table) -> pa.Table:
    """The listings and as many composed ones as make `MANY` names."""
    names = sum(map(len, listings["names"].to_pylist()))
    return pa.concat_tables([listings, composed(listings, int((MANY - names) / 2.2))])


def at_scale(listings: pa.Table, questions: list[Question]) -> Scale:
    """Build time, memory and speed with `MANY` names, and the share of questions that find their entity."""
    from watchfloor.desks.listings.screener import Query, Screener, warm_up

    many = enlarged(listings)
    warm_up()
    before = resident()
    screener, build = timed(lambda: Screener.build(many))
    added = resident() - before
    seconds, found = [], 0
    for q in questions:
        query = Query("q", q.name, birth_date=q.birth_date, schema=q.schema)
        hits, took = timed(lambda query=query: screener.screen(query, 5))
        seconds.append(took)
        found += any(hit.entity_id == q.truth for hit in hits)
    spent = np.array(seconds)
    names = sum(map(len, many["names"].to_pylist()))
    return Scale(
        names, build, added, len(spent) / spent.sum(), float(np.percentile(spent, 99)), found / len(spent)
    )


def hostile_times(listings: pa.Table) -> list[tuple[str, float, int | str]]:
    """For every hostile name the worst of three times in seconds, and its hits or the error it raised."""
    from watchfloor.desks.listings.screener import Query, Screener, warm_up

    screener = Screener.build(listings)
    warm_up()

    def answer(name: str) -> int | str:
        try:
            return len(screener.screen(Query("q", name), 5))
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def worst(name: str) -> tuple[float, int | str]:
        runs = [timed(lambda: answer(name)) for _ in range(3)]
        return max(took for _, took in runs), runs[0][0]

    return [(what, *worst(name)) for what, name in hostile().items()]


def changes(listings: pa.Table) -> Iterator[pa.Table]:
    """Changes to apply one after the other: some new, some amended, some ceased."""
    third = CHANGED // 3
    for at in range(REPEATS):
        new = composed(listings, third, seed=at).to_pylist()
        rows = listings.slice(at * CHANGED, 2 * third).to_pylist()
        for row in new:
            row["entity_id"] += f".{at}"
        amended = [row | {"names": [*row["names"], new[0]["names"][0]]} for row in rows[:third]]
        ceased = [row | {"ceased": row["in_force"] or row["observed_at"].date()} for row in rows[third:]]
        yield pa.Table.from_pylist([*new, *amended, *ceased], schema=listings.schema)


def change_seconds(listings: pa.Table) -> float:
    """The median time to take in a list change of `CHANGED` listings, without a rebuild."""
    from watchfloor.desks.listings.screener import Screener

    screener = Screener.build(listings)
    return median(timed(lambda change=change: screener.apply(change))[1] for change in changes(listings))
