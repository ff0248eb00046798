"""A claim on facts: figures under each admissible definition, what they are compared with, the verdict."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from watchfloor.core.messages import declare
from watchfloor.scorecard.bilingual import Text, capital, day, days, fill, joined, number, percent, same
from watchfloor.scorecard.claims import KINDS, Claim, cautions, curves, tries, verdicts, worth
from watchfloor.scorecard.claims.claimed import decimals, rule
from watchfloor.scorecard.claims.labels import called
from watchfloor.scorecard.claims.measures import figure, part_query
from watchfloor.scorecard.claims.worth import monthly
from watchfloor.scorecard.facts import Facts, Floats, Series
from watchfloor.scorecard.findings import Compared, Figure, Finding, Warned
from watchfloor.scorecard.methods.nowcast import Nowcast, nowcast
from watchfloor.scorecard.methods.revisions import revised
from watchfloor.scorecard.periods import spoken
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.queries import Query

TO: Final = declare("scorecard.compared-to", "label", "month")
NOT_COMPARED: Final = declare("scorecard.not-compared", "label", "problem")
PUBLIC_ON: Final = declare("scorecard.public-on", "days")
AFTERWARDS: Final = declare("scorecard.afterwards", "day")
FEW: Final = declare("scorecard.few-definitions", "count")
NO_TABLE: Final = declare("scorecard.no-table")


def check(facts: Facts, claim: Claim, on: date) -> Finding:
    """Check a claim against the facts of a day.

    Args:
        facts: of every vintage.
        claim: the claim.
        on: the day as of which the facts are known.
    """
    return facts.once((on, msgspec.msgpack.encode(claim)), lambda: _finding(facts, claim, on))


def _finding(facts: Facts, claim: Claim, on: date) -> Finding:
    known = facts.known(on)
    figures = tuple(
        figure(known, name, claim.asked(one), claim.rule) for name, one in claim.definitions.items()
    )
    also = tuple(figure(known, name, claim.asked(one), None) for name, one in claim.also.items())
    found, why = verdicts.verdict(claim, figures)
    if found in verdicts.JUDGED:
        why = joined([why, ruling(known, claim)], " ")
    compared, not_compared = _compared(known, claim)
    coming = _coming(facts, claim, on)
    return Finding(
        claim.name,
        claim.title,
        claim.said.words,
        claim.said.by,
        claim.said.on,
        claim.department,
        found,
        why,
        _sure(claim, figures),
        figures,
        also,
        compared,
        (*cautions.warnings(known, claim, figures, compared), *not_compared),
        _tried(known, claim),
        (*claim.notes, *worth.meant(figures)),
        worth.seasonal(known, claim),
        worth.interrupted(known, claim),
        coming.text if isinstance(coming, Nowcast) else coming,
        curves.plots(known, claim, coming if isinstance(coming, Nowcast) else None),
    )


def _compared(known: Facts, claim: Claim) -> tuple[tuple[Compared, ...], tuple[Warned, ...]]:
    """Ours beside the control, month by month; a caution for each month in which one has no figure."""
    control = claim.control
    found: list[Compared] = []
    lacking: list[Warned] = []
    for until in control.until if control else ():
        assert control is not None
        label = fill(TO, label=control.label, month=spoken(until))
        sides = (claim.asked({"until": until}), claim.asked({"until": until, "part": control.part}))
        both = [figure(known, "", side, None) for side in sides]
        ours, theirs = (one.value for one in both)
        if ours is not None and theirs is not None:
            found.append(Compared(label, ours, theirs, ours - theirs))
        else:
            problem = next(one.shown for one in both if one.value is None)
            lacking.append(Warned("control", fill(NOT_COMPARED, label=label, problem=problem)))
    return tuple(found), tuple(lacking)


def _tried(known: Facts, claim: Claim) -> Text | None:
    try:
        found = tries.tried(known, claim)
    except Unanswerable as error:
        return error.text
    return found.text if found else None


def _coming(facts: Facts, claim: Claim, on: date) -> Nowcast | Text | None:
    """The nowcast of a change, or why there is none."""
    if claim.asked({}).measure != "change":
        return None
    try:
        return expected(facts, claim, on)
    except Unanswerable as error:
        return error.text


def _sure(claim: Claim, figures: Sequence[Figure]) -> Text:
    """How sure we are: on which vintages it rests, whether they came later, how many definitions it has."""
    vintages = sorted({one for figure in figures for one in figure.vintages})
    parts = [fill(PUBLIC_ON, days=days(vintages)) if vintages else fill(NO_TABLE)]
    if vintages and vintages[0] > claim.said.on + timedelta(days=7):
        parts.append(fill(AFTERWARDS, day=day(claim.said.on)))
    if len(figures) < verdicts.ENOUGH:
        parts.append(fill(FEW, count=number(len(figures))))
    if missing := verdicts.lacking(figures):
        parts.append(joined([capital(missing), same(".")], ""))
    parts += worth.luck(figures)
    return joined(parts, " ")


# Months of a claim that nobody has published yet: the nowcast, with the revisions that vintages show.


def expected(every: Facts, claim: Claim, on: date) -> Nowcast:
    """The three months after the last published one, of the part of a claim.

    Args:
        every: facts of every vintage; those public later than the day are not used.
        claim: of a change.
        on: the day.

    Raises:
        Unanswerable: too few months are published, or one of them is missing.
    """
    query = part_query(claim.asked({}))
    ours = monthly(every.known(on), query).complete()
    return nowcast(ours, revised=_revised(every[query.series], query, on))


def _revised(one: Series, query: Query, on: date) -> Floats:
    """Past revisions of newest months, from each vintage to the next that has some of its months."""
    days = [day for day in one.vintages if day <= on]
    months = [monthly(Facts({one.name: one.of_vintage(day)}), query) for day in days]
    found = [revised(a, b) for a, b in pairwise(months) if a.last in b.months]
    return np.concatenate([np.zeros(0), *found])


# The rule by which a claim's figures are judged, in a sentence.


FALL: Final = declare("scorecard.rule-fall", "share")
RISE: Final = declare("scorecard.rule-rise", "share")
NONE: Final = declare("scorecard.rule-none")
OPEN: Final = declare("scorecard.rule-open")
RULES: Final = {
    "about": declare("scorecard.rule-about", "figure", "unit", "low", "high"),
    "nearly": declare("scorecard.rule-nearly", "figure", "unit", "low", "high"),
    "just_over": declare("scorecard.rule-just-over", "figure", "unit", "low", "high"),
    "below": declare("scorecard.rule-below", "figure"),
    "well_below": declare("scorecard.rule-well-below", "figure", "low", "high"),
    "at_most": declare("scorecard.rule-at-most", "figure"),
    "more_than": declare("scorecard.rule-more-than", "figure"),
    "well_over": declare("scorecard.rule-well-over", "figure", "high", "low"),
    "at_least": declare("scorecard.rule-at-least", "figure"),
    "between": declare("scorecard.rule-between", "low", "high"),
}
"""By the word before the figure."""


def ruling(known: Facts, claim: Claim) -> Text:
    """Return the rule of a claim in a sentence, with the values between which it is as claimed."""
    asked = claim.asked(next(iter(claim.definitions.values())))
    kind, word = KINDS[asked.measure], claim.claimed.word
    held = known.series.get(asked.series)
    unit = held.units.get(asked.of, "") if held and kind == "total" else ""
    found = rule(claim.claimed, share=kind in ("share", "change"))

    def in_words(value: Decimal) -> Text:
        return _directed(value, kind, unit)

    figures = claim.claimed.figures
    if word == "about" and found.unit is None:
        return fill(NONE)
    if found.unit is None:
        low, high = figures[0], figures[-1]
    else:
        ends = {found.holds.low, found.holds.high, found.fits.low, found.fits.high}
        low, high = (pick(abs(one) for one in ends if one.is_finite()) for pick in (min, max))
        if figures[0] < 0:
            low, high = -low, -high
    step = _plain(found.unit, kind, unit) if found.unit else fill(NONE)
    text = fill(RULES[word], figure=in_words(figures[0]), unit=step, low=in_words(low), high=in_words(high))
    return joined([text, fill(OPEN)], " ") if found.holds != found.fits else text


def _directed(value: Decimal, kind: str, unit: str) -> Text:
    """A value with the direction of a change."""
    if kind != "change":
        return _plain(value, kind, unit)
    return fill(RISE if value < 0 else FALL, share=_plain(abs(value), kind, unit))


def _plain(value: Decimal, kind: str, unit: str) -> Text:
    """A value with the decimals that it has."""
    if kind in ("share", "change"):
        return percent(float(value), decimals(100 * value))
    text = number(float(value), decimals(value))
    return joined([text, called("unit", unit)], " ") if unit else text
