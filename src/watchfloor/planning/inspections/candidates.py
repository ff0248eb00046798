"""Candidates: how likely an examination of each item finds something, how sure that is, and what says so.

Without a model the chance is that of the rules. With one, the model's chance is the start: it was calibrated
on what was found. The rules then count for what they add, and what both know is not counted twice: of the
bits of the model (above its prior) and those of the rules (above theirs), where both speak one way the
stronger counts whole and the weaker `(1 - RHO) / (1 + RHO)`, as the cell counts two dependent signals (R. T.
Clemen and R. L. Winkler, "Limits for the precision and value of information from dependent sources",
Operations Research 33, 1985); where one speaks for and the other against, both count. A rule that repeats the
model's own score does not count beside it.
"""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.desks.cargo import model as models
from watchfloor.desks.cargo.model import Explained, Model
from watchfloor.planning.inspections.draws import Bools, Floats, Rows
from watchfloor.planning.inspections.evidence import LN2, Evidence
from watchfloor.planning.inspections.items import Items

RHO: Final = 0.5
"""Correlation between what the model and the rules know. Judgement: both read goods, value and mass."""
WEAKER: Final = (1 - RHO) / (1 + RHO)
OUTPUT: Final = 1e-9
"""Chances nearer to 0 or 1 than this are taken to be this near."""


class Candidates(NamedTuple):
    """Every item of the stream, [n] each.

    Attributes:
        items: what they are.
        prior: log2 odds where nothing is said.
        bits: log2 odds of each.
        spread: standard deviation of the log-odds, natural logarithm.
        evident: whether anything raises it above what every item has.
        evidence: of the rules.
        line: the line that the model finds likeliest.
        shares: how much the model's bits and the rules' bits count [n, 2].
        model: None where there is none.
    """

    items: Items
    prior: float
    bits: Floats
    spread: Floats
    evident: Bools
    evidence: Evidence
    line: Rows
    shares: Floats
    model: Model | None

    @property
    def chance(self) -> Floats:
        """Probability that an examination finds something."""
        return np.asarray(1 / (1 + np.exp2(-self.bits)))

    def explained(self, rows: Rows, cut: float) -> list[Explained | None]:
        """Explain the scores of some items, in the order asked for; below `cut` bits one is cleared."""
        if self.model is None or not len(rows):
            return [None] * len(rows)
        below = float(1 / (1 + np.exp2(-cut))) if np.isfinite(cut) else None
        return list(models.explain(self.model, self.items.lines, self.line[rows].tolist(), below=below))


def by_rules(items: Items, evidence: Evidence) -> Candidates:
    """Candidates by the rules alone."""
    n = len(items.subject)
    evident = evidence.bits > evidence.prior + OUTPUT
    whole = np.ones((n, 2))
    return Candidates(
        items, evidence.prior, evidence.bits, evidence.spread, evident, evidence, items.first, whole, None
    )


def by_model(items: Items, evidence: Evidence, model: Model) -> Candidates:
    """Candidates by a model, and by the rules for what they add."""
    scores = models.score(model, items.lines)
    chance, line = items.most(scores.chance)
    kept = np.clip(chance, OUTPUT, 1 - OUTPUT)
    own = np.log2(kept / (1 - kept))
    prior = _prior(model, items.lines, own)
    shares = _shares(own - prior, evidence.bits - evidence.prior)
    bits = prior + shares[:, 0] * (own - prior) + shares[:, 1] * (evidence.bits - evidence.prior)
    spread = np.hypot(scores.spread[line], _added(evidence))
    evident = np.ones(len(items.subject), np.bool_)
    return Candidates(items, prior, bits, spread, evident, evidence, line, shares, model)


def _prior(model: Model, lines: pa.Table, own: Floats) -> float:
    """The model's log2 odds before it looks at anything."""
    if not len(own):
        return 0.0
    return models.explain(model, lines, [0])[0].prior_bits


def _shares(model: Floats, rules: Floats) -> Floats:
    """How much of each counts [n, 2]."""
    together = model * rules > 0
    weaker = np.stack([np.abs(model) < np.abs(rules), np.abs(rules) <= np.abs(model)], axis=1)
    return np.where(together[:, None] & weaker, WEAKER, 1.0)


def _added(evidence: Evidence) -> Floats:
    """Standard deviation that the rules add: none where they are silent."""
    spread = np.zeros(len(evidence.bits))
    rows = np.fromiter(evidence.lead, np.int64)
    spread[rows] = LN2 * np.abs(evidence.bits[rows] - evidence.prior) / 2
    return spread
