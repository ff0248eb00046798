"""Assessment beside a probability: its interval, the confidence in it, and what would move it.

The interval is how far the weights themselves may be off: each row of the weight table and the prior has a
standard deviation in bits, they are taken as independent, and the middle nine tenths are given. Confidence is
stated apart, as ICD 203 (section D.6.e.2) asks: it says how much evidence there is and
from how many sides, not how likely the hypothesis is. No word is surer than the interval: a lead is called
what both of its ends are called, and confidence is not high where the interval is wide.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing.weights import Hypothesis
from watchfloor.cell.wording.estimative_language import WORDS, bands, log_odds, probability, words
from watchfloor.core.messages import Language, Reason, declare, reason

NINE_TENTHS: Final = 1.645
"""Standard deviations either side that hold nine tenths of a normal distribution."""

ONE_ORIGIN = declare("cell.one-origin")
FEW_ORIGINS = declare("cell.few-origins", "origins", "rules")
WIDE = declare("cell.wide-interval", "origins", "rules", "bands")
NO_EVIDENCE = declare("cell.no-evidence")

Confidence = Literal["low", "moderate", "high"]

CONFIDENCE: Final = {
    "low": ("low", "faible"),
    "moderate": ("moderate", "moyen"),
    "high": ("high", "élevé"),
}
"""The word in English and in French."""


def interval(lead: Lead, hypothesis: Hypothesis) -> tuple[float, float]:
    """The middle nine tenths of the probability, by the standard deviations of the weights that count."""
    counted = [c for c in lead.contributions if c.bits]
    # A row that counts only in part (an echo, a dependent rule) is off in proportion.
    shares = [
        abs(c.bits / full) if (full := hypothesis.bits.get((c.rule, c.strength))) else 1.0 for c in counted
    ]
    spread = sqrt(
        hypothesis.prior_sd**2
        + sum(
            (share * hypothesis.sd_of(c.rule, c.strength)) ** 2
            for share, c in zip(shares, counted, strict=True)
        )
    )
    return probability(lead.bits - NINE_TENTHS * spread), probability(lead.bits + NINE_TENTHS * spread)


OPEN: Final = 2, 3
"""Bands of words that an interval may touch at most where confidence is high, and moderate."""


def stated(lead: Lead, hypothesis: Hypothesis, language: Language = "en") -> str:
    """The words for a lead's probability: those of the ends of its interval."""
    return words(*interval(lead, hypothesis), language)


def confidence(lead: Lead, hypothesis: Hypothesis) -> tuple[Confidence, Reason]:
    """How firm the ground is: `high` from three independent origins under two rules, `moderate` from two.

    Less where the weights leave more bands of words open than `OPEN`.
    """
    counted = [c for c in lead.contributions if c.bits]
    origins = {origin for c in counted for origin in (c.origins or (c.signal_id.hex(),))}
    rules = {c.rule for c in counted}
    if not counted:
        return "low", reason(NO_EVIDENCE)
    if len(counted) < 2 or len(origins) < 2:
        return "low", reason(ONE_ORIGIN)
    told = {"origins": len(origins), "rules": len(rules)}
    open_ = bands(*interval(lead, hypothesis))
    firm = len(counted) > 2 and len(origins) > 2 and len(rules) > 1
    if open_ > OPEN[1]:
        return "low", reason(WIDE, **told, bands=open_)
    if firm and open_ > OPEN[0]:
        return "moderate", reason(WIDE, **told, bands=open_)
    return "high" if firm else "moderate", reason(FEW_ORIGINS, **told)


@dataclass(frozen=True, slots=True)
class Step:
    """A change of evidence that would move a lead into another band of words.

    Attributes:
        rule, strength: of the signal that would come, or would fall away.
        bits: what it would add, or take away.
        probability: of the lead then.
        signal_id: of the signal that would fall away; None for one that would come.
    """

    rule: str
    strength: str
    bits: float
    probability: float
    signal_id: bytes | None = None


def smallest_rise(lead: Lead, hypothesis: Hypothesis) -> Step | None:
    """The weakest signal of the table that would lift the lead into a higher band; None if none does."""
    needed = next(
        (log_odds(bound) - lead.bits for bound, _, _ in WORDS[:-1] if lead.probability <= bound), None
    )
    if needed is None:
        return None
    rows = ((bits, rule, strength) for (rule, strength), bits in hypothesis.bits.items() if bits > needed)
    best = min(rows, default=None)
    return best and Step(best[1], best[2], best[0], probability(lead.bits + best[0]))


def smallest_fall(lead: Lead) -> Step | None:
    """The weakest signal without which the lead would fall into a lower band; None if no single one is."""
    floor = max((bound for bound, _, _ in WORDS if bound < lead.probability), default=None)
    if floor is None:
        return None
    carrying = [c for c in lead.contributions if c.bits > 0 and probability(lead.bits - c.bits) <= floor]
    if not carrying:
        return None
    least: Contribution = min(carrying, key=lambda c: (c.bits, c.signal_id))
    return Step(least.rule, least.strength, -least.bits, probability(lead.bits - least.bits), least.signal_id)
