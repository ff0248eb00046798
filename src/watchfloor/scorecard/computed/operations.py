"""Operation Blizzard: its totals, and what they may and may not be compared with."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pyarrow.compute as pc

from watchfloor.policy.policy import Reader
from watchfloor.reference.public_seizures import operations, rows
from watchfloor.scorecard.bilingual import Text, day, fill, number, percent, same
from watchfloor.scorecard.computed import messages
from watchfloor.scorecard.computed.result import Computed, ids, marked, record
from watchfloor.scorecard.findings import Evidence
from watchfloor.store.floor import Floor

BLIZZARD: Final = "operation-blizzard"
KEYS: Final = ("all", "from-us", "to-us", "fentanyl", "fentanyl-to-us")
"""Figures of `public_seizures.toml` that the sentence needs."""
GRAMS: Final = 1000.0

Row = dict[str, Any]


def blizzard(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """The operation's totals as published by a day: the number of seizures of all drugs, and the masses.

    The floor's records of the operation are used where it holds the totals, else the package's table.
    """
    published = date.fromisoformat(operations()[BLIZZARD].source.rpartition(", ")[2])
    held = _held(floor, reader, on)
    by_key = {key: row for row in held if (key := _key(row)) in KEYS}
    recorded = len(by_key) == len(KEYS)
    if not recorded and published > on:
        if held:
            return _partial(held)
        return Computed(None, fill(messages.BLIZZARD_NOT_YET, day=day(on)))
    found = by_key if recorded else {_key(row): row for row in rows(BLIZZARD)}
    mine = [found[key] for key in KEYS]
    evidence = tuple(_told(row, recorded, published) for row in mine)
    return Computed(
        float(found["all"]["count"]),
        _sentence(found),
        evidence,
        ids(mine) if recorded else (),
        fill(messages.BLIZZARD_NOT_COMPARABLE),
        marked(mine) if recorded else "",
    )


def _sentence(found: dict[str, Row]) -> Text:
    whole, fentanyl, us = found["all"], found["fentanyl"], found["fentanyl-to-us"]
    return fill(
        messages.BLIZZARD,
        since=day(whole["observed_at"].date()),
        until=day(whole["until"].date()),
        more=fill(messages.MORE_THAN) if whole["at_least"] else same(""),
        count=number(whole["count"]),
        from_us=percent(found["from-us"]["share"]),
        to_us=percent(found["to-us"]["share"]),
        fentanyl=number(fentanyl["count"]),
        mass=number(fentanyl["mass"] / GRAMS, 2),
        mass_us=number(us["mass"] / GRAMS, 2),
    )


def _held(floor: Floor | None, reader: Reader | None, on: date) -> list[Row]:
    if floor is None or reader is None:
        return []
    every = floor.read("seizure", reader, latest=True)
    mine: list[Row] = every.filter(pc.equal(every["operation"], operations()[BLIZZARD].name)).to_pylist()
    return [row for row in mine if row["observed_at"].date() <= on]


def _partial(held: Sequence[Row]) -> Computed:
    evidence = tuple(record(row, same(row["drug"]), row["observed_at"].date()) for row in held)
    return Computed(
        None,
        fill(messages.BLIZZARD_PARTIAL, rows=len(held)),
        evidence,
        ids(held),
        fill(messages.BLIZZARD_NOT_COMPARABLE),
        marked(held),
    )


def _key(row: Row) -> str:
    name, _, key = (row["report_key"] or "").partition("/")
    return key if name == BLIZZARD else ""


def _told(row: Row, recorded: bool, published: date) -> Evidence:
    what = fill(messages.PUBLISHED, drug=same(row["drug"]), key=same(_key(row)))
    value = row["count"] if row["count"] is not None else row["share"]
    if recorded:
        return record(row, what, row["observed_at"].date(), value)
    return Evidence(what, row["file"], published, value)
