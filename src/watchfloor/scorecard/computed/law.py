"""The two precursors that were outstanding in March 2025: who controls them on a day, by law and notices."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from watchfloor.policy.policy import Reader
from watchfloor.reference.law import elsewhere, items, trade
from watchfloor.reference.law.elsewhere import Elsewhere
from watchfloor.scorecard.bilingual import Text, day, fill, joined, same
from watchfloor.scorecard.computed import messages
from watchfloor.scorecard.computed.result import Computed
from watchfloor.scorecard.findings import Evidence
from watchfloor.store.floor import Floor

PRECURSORS: Final = ("4-piperidone", "1-boc-4-piperidone")
"""Ids of `reference/law/trade.toml`."""
WHERE: Final = ("UN", "CA", "CN")


class Fact(NamedTuple):
    """That one precursor is controlled somewhere, since when; `exact`: whether that day is known."""

    name: str
    of: Elsewhere
    since: date
    exact: bool


def precursors_scheduled(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """Of the two precursors, how many China controls on a day, beside the Convention and Canada.

    The commitment was China's, so the value is of China; the sentence tells all three. Nobody's records are
    read: neither the floor nor the reader plays a part.
    """
    del floor, reader
    facts = {where: _facts(where, on) for where in WHERE}
    told = {where.lower(): _told(where, found) for where, found in facts.items()}
    found = fill(messages.PRECURSORS, day=day(on), **told)
    evidence = tuple(_evidence(one) for where in WHERE for one in facts[where])
    return Computed(float(len(facts["CN"])), found, evidence)


def _facts(where: str, on: date) -> list[Fact]:
    """The first control of each precursor that still holds on the day."""
    return [fact for name in PRECURSORS if (fact := _first(name, where, on))]


def _first(name: str, where: str, on: date) -> Fact | None:
    one = next(each for each in trade.load().substance if each.id == name)
    every = [fact for fact in elsewhere.controlled_elsewhere(one.inchikey) if fact.jurisdiction == where]
    if not any(fact.on(on) for fact in every):
        return None
    begun = sorted((fact for fact in every if fact.how == "listed"), key=lambda fact: fact.since)
    first = begun[0]
    return Fact(name, first, _day(first.since), where != "CA" or _began(one.items, first))


def _began(keys: Sequence[str], first: Elsewhere) -> bool:
    """Whether an item of the Act began that day; what was there before the first edition read did not."""
    since = _day(first.since)
    mine = [item for item in items.items() if item.key in keys and item.since == since]
    return any(items.began(item) == since for item in mine)


def _day(text: str) -> date:
    """The first day of what a text names to the year, the month or the day."""
    return date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < 10 else text)


def _told(where: str, found: list[Fact]) -> Text:
    who = fill(messages.WHO[where])
    if not found:
        return fill(messages.UNCONTROLLED, who=who)
    each = joined(
        fill(messages.SINCE if one.exact else messages.BEFORE, name=_called(one.name), since=day(one.since))
        for one in found
    )
    whole = fill(messages.CONTROLLED, who=who, count=len(found), each=each)
    if all(one.of.checked != "memory" for one in found):
        return whole
    return joined([whole, fill(messages.LOOK_UP)], "")


def _called(name: str) -> Text:
    """Return the substance's name in both languages."""
    one = next(each for each in trade.load().substance if each.id == name)
    return Text(one.names["en"][0], one.names["fr"][0])


def _evidence(one: Fact) -> Evidence:
    what = fill(
        messages.MEASURE,
        name=_called(one.name),
        list=same(one.of.list),
        jurisdiction=same(one.of.jurisdiction),
    )
    return Evidence(what, one.of.citation, one.since)
