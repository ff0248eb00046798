"""Pictures of claims: the monthly share beside what was claimed, or a fall beside that of the control."""

from typing import Final

import numpy as np

from watchfloor.core.messages import declare
from watchfloor.scorecard import periods, titles
from watchfloor.scorecard.bilingual import (
    Text,
    capital,
    days,
    fill,
    joined,
    listed,
    number,
    percent,
    same,
    shown_percent,
)
from watchfloor.scorecard.claims import KINDS, Claim, FigureQuery
from watchfloor.scorecard.claims.labels import called, cells
from watchfloor.scorecard.claims.measures import part_query, whole_query
from watchfloor.scorecard.facts import Facts, Floats
from watchfloor.scorecard.findings import Curve, Plot
from watchfloor.scorecard.methods.nowcast import Nowcast
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.queries import Query, ask, curve

BEFORE: Final = 24
"""Months before the baseline that a picture of a fall shows."""
AFTER: Final = 12
"""Months after the last that was claimed, as far as they are published."""

SHARE_TITLE: Final = declare("scorecard.plot-share", "title")
SHARE_CURVE: Final = declare("scorecard.plot-share-curve", "part", "of")
SHARE_ALT: Final = declare(
    "scorecard.plot-share-alt", "first", "last", "low", "high", "peak", "newest", "claimed"
)
SHARE_TAKEAWAY: Final = declare(
    "scorecard.plot-share-takeaway", "yes", "count", "peak", "high", "trough", "low"
)
FALL_TAKEAWAY: Final = declare("scorecard.plot-fall-takeaway", "until", "since", "ends")
FALL_TITLE: Final = declare("scorecard.plot-fall", "title", "since")
FALL_ALT: Final = declare("scorecard.plot-fall-alt", "names", "since", "until", "ends")
EXPECTED: Final = declare("scorecard.plot-expected", "label")
EXPECTED_ALT: Final = declare("scorecard.plot-expected-alt", "month", "value", "level", "low", "high")
SOURCE: Final = declare("scorecard.plot-source", "series", "days")
ESTIMATED: Final = declare("scorecard.plot-estimated", "first", "last", "level")
INDEXED: Final = declare("scorecard.plot-indexed", "what")
PERCENT: Final = Text("per cent", "pour cent")
END: Final = Text("end of the claim", "fin de l’affirmation")
BASELINE: Final = Text("baseline", "référence")


def plots(facts: Facts, claim: Claim, coming: Nowcast | None = None) -> tuple[Plot, ...]:
    """The pictures of a claim, with the months to come; none of what the evidence does not have.

    A share and a change have one. Of a total and of a count of months none is drawn: the line of what was
    claimed would have no place beside a monthly share.
    """
    try:
        base = claim.asked({})
        if KINDS[base.measure] not in ("share", "change") or not facts[base.series].months:
            return ()
        return (
            (_fall(facts, claim, base, coming),) if base.measure == "change" else _share(facts, claim, base)
        )
    except Unanswerable:
        return ()


def _share(facts: Facts, claim: Claim, base: FigureQuery) -> tuple[Plot, ...]:
    one = facts[base.series]
    months = range(min(one.months), max(one.months) + 1)
    part = curve(facts, part_query(base), months)
    whole = curve(facts, whole_query(base), months)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100 * part / whole
    label = fill(SHARE_CURVE, part=cells(base.part), of=called("of", base.of))
    there = np.flatnonzero(np.isfinite(share))
    if not there.size:
        return ()
    peak = there[int(np.argmax(share[there]))]
    stated = [100 * float(one) for one in claim.claimed.figures]
    alt = fill(
        SHARE_ALT,
        first=periods.named(months[there[0]]),
        last=periods.named(months[there[-1]]),
        low=shown_percent(float(share[there].min()) / 100),
        high=shown_percent(float(share[peak]) / 100),
        peak=periods.named(months[peak]),
        newest=shown_percent(float(share[there[-1]]) / 100),
        claimed=joined((shown_percent(one / 100) for one in stated), " – "),
    )
    trough = there[int(np.argmin(share[there]))]
    takeaway = fill(
        SHARE_TAKEAWAY,
        yes=number(sum(claim.rule.judge(value / 100) is True for value in share[there].tolist())),
        count=number(len(there)),
        peak=periods.named(months[peak]),
        high=shown_percent(float(share[peak]) / 100),
        trough=periods.named(months[trough]),
        low=shown_percent(float(share[trough]) / 100),
    )
    drawn = Curve(label, "ours", PERCENT, periods.written(months[0]), _values(share))
    return (
        Plot(
            "share",
            fill(SHARE_TITLE, title=claim.title),
            alt,
            (drawn,),
            {},
            stated[0] if len(stated) == 1 else None,
            _source(facts, base.series, months),
            takeaway,
        ),
    )


def _fall(facts: Facts, claim: Claim, base: FigureQuery, coming: Nowcast | None) -> Plot:
    since, until = periods.parsed(base.since), periods.parsed(base.until)
    for month in (base.since, base.until):
        ask(facts, part_query(base, month))  # nothing is drawn without both
    published = facts[base.series].months
    months = range(max(since - BEFORE, min(published)), min(until + AFTER, max(published)) + 1)
    drawn = [_indexed(facts, part_query(base), cells(base.part), "ours", months, since)]
    if claim.control:
        theirs = claim.asked({"part": claim.control.part})
        drawn.append(_indexed(facts, part_query(theirs), claim.control.label, "control", months, since))
    if coming and coming.first <= months[-1] + 1:
        drawn.append(_coming(coming, drawn[0], curve(facts, part_query(base), range(since, since + 1))[0]))
    ends = [joined([one.label, _end(one, until - months[0])], " ") for one in drawn if one.role != "expected"]
    alt = fill(
        FALL_ALT,
        names=listed(one.label for one in drawn if one.role != "expected"),
        since=periods.named(since),
        until=periods.named(until),
        ends=joined(ends),
    )
    marks = {base.since: BASELINE, base.until: END}
    title = fill(FALL_TITLE, title=claim.title, since=periods.named(since))
    source = _source(facts, base.series, months)
    if drawn[-1].role == "expected" and coming:
        alt = joined([alt, _estimated(coming, drawn[-1])], " ")
        source = joined([source, _months(coming)], " ")
    takeaway = fill(FALL_TAKEAWAY, until=periods.named(until), since=periods.named(since), ends=joined(ends))
    return Plot("fall", title, alt, tuple(drawn), marks, source=source, takeaway=takeaway)


def _source(facts: Facts, series: str, months: range) -> Text:
    """Who published what is drawn, and by which days."""
    one = facts[series]
    drawn = one.select((one.start >= months[0]) & (one.start <= months[-1]))
    return fill(SOURCE, series=titles.published(series), days=days(drawn.vintages))


def _months(coming: Nowcast) -> Text:
    """That these months are an estimate."""
    first, last = coming.first, coming.first + len(coming.point) - 1
    named = {"first": capital(periods.named(first)), "last": periods.named(last)}
    return fill(ESTIMATED, **named, level=percent(coming.level, 0))


def _estimated(coming: Nowcast, drawn: Curve) -> Text:
    """The last month of the estimate in words, as it is drawn."""
    month = periods.named(coming.first + len(coming.point) - 1)
    ends = {"value": drawn.values[-1], "low": drawn.low[-1], "high": drawn.high[-1]}
    told = {name: same("–") if value is None else number(value) for name, value in ends.items()}
    return fill(EXPECTED_ALT, month=month, level=percent(coming.level, 0), **told)


def _indexed(facts: Facts, query: Query, label: Text, role: str, months: range, since: int) -> Curve:
    values = curve(facts, query, months)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = 100 * values / values[since - months[0]]
    unit = fill(INDEXED, what=called("series", query.series))
    return Curve(label, role, unit, periods.written(months[0]), _values(index))


def _coming(coming: Nowcast, ours: Curve, baseline: float) -> Curve:
    """The nowcast as an index of the baseline."""
    point, low, high = (_values(100 * one / baseline) for one in (coming.point, coming.low, coming.high))
    label = fill(EXPECTED, label=ours.label)
    return Curve(label, "expected", ours.unit, periods.written(coming.first), point, low, high)


def _end(one: Curve, place: int) -> Text:
    value = one.values[place]
    return number(value) if value is not None else same("–")


def _values(values: Floats) -> tuple[float | None, ...]:
    return tuple(round(value, 4) if np.isfinite(value) else None for value in values.tolist())
