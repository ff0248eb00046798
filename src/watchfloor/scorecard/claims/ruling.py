"""The rule by which a claim's figures are judged, in a sentence."""

from decimal import Decimal
from typing import Final

from watchfloor.records.messages import declare
from watchfloor.scorecard.claims import Claim
from watchfloor.scorecard.claims.claimed import decimals, rule
from watchfloor.scorecard.claims.labels import called
from watchfloor.scorecard.claims.rules import KINDS
from watchfloor.scorecard.facts import Facts
from watchfloor.scorecard.said import Said, joined, number, percent, said

FALL: Final = declare("scorecard.rule-fall", en="a fall of {share}", fr="une baisse de {share}")
RISE: Final = declare("scorecard.rule-rise", en="a rise of {share}", fr="une hausse de {share}")
NONE: Final = declare(
    "scorecard.rule-none",
    en="Rule: as claimed where there is none at all.",
    fr="Règle : conforme s’il n’y en a aucun.",
)
OPEN: Final = declare(
    "scorecard.rule-open",
    en="Between the two the words leave it open.",
    fr="Entre les deux, les mots ne décident pas.",
)
RULES: Final = {
    "about": declare(
        "scorecard.rule-about",
        en="Rule: {figure} is stated to the nearest {unit}, so it is as claimed from {low} to {high}.",
        fr="Règle : {figure} est énoncé à {unit} près; conforme de {low} à {high}.",
    ),
    "nearly": declare(
        "scorecard.rule-nearly",
        en="Rule: nearly {figure}, stated to the nearest {unit}, is as claimed from {low} to less than "
        "{high}.",
        fr="Règle : près de {figure}, énoncé à {unit} près; conforme de {low} à moins de {high}.",
    ),
    "just_over": declare(
        "scorecard.rule-just-over",
        en="Rule: just over {figure}, stated to the nearest {unit}, is as claimed above {low}, up to {high}.",
        fr="Règle : un peu plus de {figure}, énoncé à {unit} près; conforme au-dessus de {low}, "
        "jusqu’à {high}.",
    ),
    "below": declare(
        "scorecard.rule-below",
        en="Rule: what is less than {figure}, by however little, is as claimed.",
        fr="Règle : est conforme ce qui est inférieur à {figure}, si peu que ce soit.",
    ),
    "well_below": declare(
        "scorecard.rule-well-below",
        en="Rule: well under {figure} is as claimed below {low}; from {high}, which rounds to it, it is not.",
        fr="Règle : bien moins de {figure}, conforme sous {low}; dès {high}, qui s’y arrondit, non.",
    ),
    "at_most": declare(
        "scorecard.rule-at-most",
        en="Rule: {figure} or less is as claimed.",
        fr="Règle : est conforme {figure} ou moins.",
    ),
    "more_than": declare(
        "scorecard.rule-more-than",
        en="Rule: what is more than {figure}, by however little, is as claimed.",
        fr="Règle : est conforme ce qui dépasse {figure}, si peu que ce soit.",
    ),
    "well_over": declare(
        "scorecard.rule-well-over",
        en="Rule: well over {figure} is as claimed above {high}; to {low}, which rounds to it, it is not.",
        fr="Règle : bien plus de {figure}, conforme au-dessus de {high}; jusqu’à {low}, qui s’y arrondit, "
        "non.",
    ),
    "at_least": declare(
        "scorecard.rule-at-least",
        en="Rule: {figure} or more is as claimed.",
        fr="Règle : est conforme {figure} ou plus.",
    ),
    "between": declare(
        "scorecard.rule-between",
        en="Rule: as claimed from {low} to {high}, both included.",
        fr="Règle : conforme de {low} à {high}, bornes comprises.",
    ),
}
"""By the word before the figure."""


def ruling(known: Facts, claim: Claim) -> Said:
    """Return the rule of a claim in a sentence, with the values between which it is as claimed."""
    asked = claim.asked(next(iter(claim.definitions.values())))
    kind, word = KINDS[asked.measure], claim.claimed.word
    held = known.series.get(asked.series)
    unit = held.units.get(asked.of, "") if held and kind == "total" else ""
    found = rule(claim.claimed, share=kind in ("share", "change"))

    def in_words(value: Decimal) -> Said:
        return _directed(value, kind, unit)

    figures = claim.claimed.figures
    if word == "about" and found.unit is None:
        return said(NONE)
    if found.unit is None:
        low, high = figures[0], figures[-1]
    else:
        ends = {found.holds.low, found.holds.high, found.fits.low, found.fits.high}
        low, high = (pick(abs(one) for one in ends if one.is_finite()) for pick in (min, max))
        if figures[0] < 0:
            low, high = -low, -high
    step = _plain(found.unit, kind, unit) if found.unit else said(NONE)
    text = said(RULES[word], figure=in_words(figures[0]), unit=step, low=in_words(low), high=in_words(high))
    return joined([text, said(OPEN)], " ") if found.holds != found.fits else text


def _directed(value: Decimal, kind: str, unit: str) -> Said:
    """A value with the direction of a change."""
    if kind != "change":
        return _plain(value, kind, unit)
    return said(RISE if value < 0 else FALL, share=_plain(abs(value), kind, unit))


def _plain(value: Decimal, kind: str, unit: str) -> Said:
    """A value with the decimals that it has."""
    if kind in ("share", "change"):
        return percent(float(value), decimals(100 * value))
    text = number(float(value), decimals(value))
    return joined([text, called("unit", unit)], " ") if unit else text
