"""A queue without a cell: every signal is a lead of its own, under the hypothesis it makes likeliest."""

from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from watchfloor.cell.weighing.weights import Weights
from watchfloor.cell.wording.estimative_language import probability
from watchfloor.core.derived import net


def one_lead_a_signal(signals: pa.Table, weights: Weights) -> list[Any]:
    """Leads, likeliest first, with what a score looks at."""
    found = [lead for row in net(signals).to_pylist() if (lead := _lead(row, weights))]
    return sorted(found, key=lambda lead: (-lead.bits, -lead.score, lead.lead_id))


def _lead(row: dict[str, Any], weights: Weights) -> SimpleNamespace | None:
    at = row["rule"], row["strength"]
    speaking = [one for one in weights.hypotheses.values() if at in one.bits]
    if not speaking:
        return None
    best = max(speaking, key=lambda one: one.prior + one.bits[at])
    bits = best.prior + best.bits[at]
    return SimpleNamespace(
        lead_id=row["row_id"].hex(),
        subject=row["subjects"][0],
        subjects=tuple(row["subjects"]),
        hypothesis=best.name,
        prior=best.prior,
        bits=bits,
        score=row["score"] or 0.0,
        probability=probability(bits),
        speaks_for=(SimpleNamespace(at=row["at"]),) if best.bits[at] > 0 else (),
    )
