"""Whom the examinations of cargo fall on, by stream and office, and how much crosses, without bias."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.planning.inspections.estimates import Estimate, by_stream
from watchfloor.planning.inspections.fairness import LEAST, Group, groups
from watchfloor.planning.inspections.items import Items, items
from watchfloor.planning.inspections.outcomes import Outcomes, outcomes, words
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.bilingual import Text, fill, joined, number, percent, same
from watchfloor.scorecard.cell import messages as say
from watchfloor.scorecard.findings import CellFigure, Interval
from watchfloor.store.floor import Floor

BY: Final = ("stream", "office")
"""Groups that the page shows: never the country of departure, and nothing of a person."""
LEVEL: Final = 0.95
METHODS: Final = {"exact": "Clopper–Pearson", "gamma": "Fay–Feuer", "linear": "Taylor", "census": "census"}
"""What the methods of `planning.inspections.estimates` are called after."""
DIGITS: Final = 2
NAMED: Final = 3
"""Groups that are named in the sentence; the page of cargo has all."""


def cargo_figures(floor: Floor, reader: Reader, ends: datetime) -> list[CellFigure]:
    """Fairness by stream and by office, and the rates, from what was known at a moment."""
    acts = floor.read("inspection", reader, ends)
    of = outcomes(acts) if acts.num_rows else None
    if of is None or not of.known.any():
        names = (*(f"fairness-{by}" for by in BY), "rates")
        return [CellFigure(name, fill(say.TITLES[name]), fill(say.NO_EXAMINATION)) for name in names]
    found = items(_declared(floor, reader, ends))
    every = groups(found, of)
    return [*(_fairness(by, [one for one in every if one.by == by]) for by in BY), _rates(found, of)]


def _declared(floor: Floor, reader: Reader, ends: datetime) -> pa.Table:
    return floor.read("declaration", reader, ends, latest=True)


def _fairness(by: str, found: Sequence[Group]) -> CellFigure:
    """Counts of groups; the value is how many are examined more than their rate accounts for."""
    name = f"fairness-{by}"
    if not found:
        return CellFigure(name, fill(say.TITLES[name]), fill(say.NO_EXAMINATION))
    told = {
        kind: [one.name for one in found if one.told == kind] for kind in ("more", "less", "as", "unknown")
    }
    burden = [one.burden for one in found]
    text = fill(
        say.FAIRNESS,
        least=LEAST,
        groups=len(found),
        more=_named(told["more"]),
        less=_named(told["less"]),
        as_rate=len(told["as"]),
        unknown=len(told["unknown"]),
        least_burden=percent(min(burden), DIGITS),
        most_burden=percent(max(burden), DIGITS),
    )
    return CellFigure(name, fill(say.TITLES[name]), text, float(len(told["more"])))


def _named(names: Sequence[str]) -> Text:
    if not names:
        return fill(say.NO_ONE)
    more = [same("…")] if len(names) > NAMED else []
    shown = joined([*map(_called, names[:NAMED]), *more])
    return joined([number(len(names)), same(" ("), shown, same(")")], "")


def _rates(found: Items, of: Outcomes) -> CellFigure:
    """The rate of all streams together, with its interval, and the interval of each."""
    theirs = words(found, of, found.stream, "undeclared")
    counts = {name: found.stream.count(name) for name in dict.fromkeys(found.stream)}
    known = of.known
    named = [name for name, mine in zip(theirs, known.tolist(), strict=True) if mine]
    every = by_stream(of.found[known], of.chance[known], named, counts)
    whole = every.pop("")
    streams = joined(_stream(name, one) for name, one in every.items())
    partly = bool(np.isnan(whole.rate))
    about = {
        "low": percent(whole.low, DIGITS),
        "high": percent(whole.high, DIGITS),
        "examined": number(whole.examined),
        "finds": number(whole.finds),
        "streams": streams,
    }
    text = (
        fill(say.RATES_PARTLY, **about)
        if partly
        else fill(say.RATES, share=percent(whole.rate, DIGITS), **about)
    )
    return CellFigure(
        "rates",
        fill(say.TITLES["rates"]),
        text,
        None if partly else whole.rate,
        None if partly else Interval(whole.low, whole.high, LEVEL, METHODS[whole.method]),
    )


def _called(stream: str) -> Text:
    """A stream in both languages: its mode, and its direction; a word that is none of ours stays."""
    return Text(stream, " ".join(say.FRENCH.get(word, word) for word in stream.split()))


def _stream(name: str, one: Estimate) -> Text:
    return fill(say.STREAM, name=_called(name), low=percent(one.low, DIGITS), high=percent(one.high, DIGITS))
