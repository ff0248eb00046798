"""Definitions in words, made of their parts, so that no file has to repeat what its fields say."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from watchfloor.core.messages import declare
from watchfloor.scorecard import periods
from watchfloor.scorecard.bilingual import Text, fill, joined, listed, percent, same
from watchfloor.scorecard.claims import FigureQuery, Wanted
from watchfloor.scorecard.claims.claimed import decimals, exact

FILE: Final = "labels.toml"

AGAINST: Final = declare("scorecard.against", "whole")
CHANGE: Final = declare("scorecard.change-label", "since", "until")
CHANGE_OF_YEARS: Final = declare("scorecard.change-of-years", "since", "until")
ABOVE: Final = {
    "month": declare("scorecard.months-above", "over"),
    "fiscal-year": declare("scorecard.years-above", "over"),
    "calendar-year": declare("scorecard.calendar-above", "over"),
}
LARGEST: Final = declare("scorecard.largest-label")
RANGE: Final = {
    "month": declare("scorecard.range-months"),
    "fiscal-year": declare("scorecard.range-years"),
    "calendar-year": declare("scorecard.range-calendar"),
}
CITED: Final = declare("scorecard.counted-cited")
EVERY: Final = declare("scorecard.every-month")


def label(asked: FigureQuery) -> Text:
    """A definition in words: by what, of which cells, when."""
    if asked.label:
        return asked.label
    parts = [
        _first(asked),
        *_narrowed(asked.scope, {"item"}),
        *_narrowed(asked.part, _known_region(asked)),
        *([fill(AGAINST, whole=cells(asked.whole))] if asked.whole else []),
        when(asked),
    ]
    return joined(parts)


def counted(asked: FigureQuery) -> Text:
    """Return what a definition counts, whatever cells and period: by weight, encounters, a document."""
    return fill(CITED) if asked.measure == "cited" else _first(asked)


def when(asked: FigureQuery) -> Text:
    """The period of a definition, or the two months of a change."""
    if asked.measure == "change":
        return fill(
            CHANGE if asked.by_month else CHANGE_OF_YEARS,
            since=periods.spoken(asked.since),
            until=periods.spoken(asked.until),
        )
    return fill(EVERY) if asked.period == periods.ALL else periods.spoken(asked.period)


def called(dimension: str, value: str) -> Text:
    """Return the label of a value of a dimension; its own name where the table has none."""
    return _table().get(dimension, {}).get(value, same(value))


def cells(wanted: Mapping[str, str | tuple[str, ...]]) -> Text:
    """Wanted cells in words: northern border, other than Canadians."""
    parts = [_values(dimension, value) for dimension, value in wanted.items()]
    return joined(parts)


def _first(asked: FigureQuery) -> Text:
    if asked.measure == "above" and asked.over is not None:
        return fill(ABOVE[asked.each], over=_threshold(asked.over))
    if asked.measure == "largest":
        return fill(LARGEST)
    if asked.measure == "range":
        return fill(RANGE[asked.each])
    if asked.of == "people":
        return called("series", asked.series)
    if asked.measure == "change":
        return joined([called("series", asked.series), called("of", asked.of)])
    return called("of", asked.of)


def _threshold(share: float) -> Text:
    """A share as it was written: 1 %, 0.5 %, 0.0001 %."""
    return percent(share, decimals(100 * exact(share)))


def _known_region(asked: FigureQuery) -> set[str]:
    """The region where the title of the claim has it: not of a total, and not where there are several."""
    one = isinstance(asked.part.get("region"), str)
    return {"region"} if one and asked.measure != "total" else set()


def _narrowed(wanted: Wanted, but: set[str]) -> list[Text]:
    """Return the labels that narrow beyond the claim's title."""
    return [_values(name, value) for name, value in wanted.items() if name not in but]


def _values(dimension: str, value: str | tuple[str, ...]) -> Text:
    names = [called(dimension, one) for one in ((value,) if isinstance(value, str) else value)]
    return listed(names)


@cache
def _table() -> dict[str, dict[str, Text]]:
    found = tomllib.loads((files(__package__) / FILE).read_text("utf-8"))
    return msgspec.convert(found, dict[str, dict[str, Text]])
