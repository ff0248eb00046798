"""A case's leads as they follow from what is disclosed of it, and from nothing else."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from watchfloor.cell.entity_clusters import Context
from watchfloor.cell.leads import Lead, leads
from watchfloor.cell.queue import context_of, every
from watchfloor.cell.weights import Weights
from watchfloor.exchange.crown.items import Item
from watchfloor.exchange.crown.relevance import Relevant
from watchfloor.records.kinds import KINDS
from watchfloor.store import replacing
from watchfloor.store.floor import Floor


def derived_leads(floor: Floor, case: Relevant, weights: Weights, now: datetime) -> Iterator[Item]:
    """The case's leads as they follow from what is disclosed, those with little chance too."""
    found = leads(case.signals, weights, now, floor.key, _context(case, now))
    for head in found:
        for lead in every([head]):
            said = _lead_json(lead)
            speaks = "" if lead is head else "alternative"
            yield Item(
                f"lead {lead.lead_id}",
                "lead",
                lead.hypothesis,
                speaks,
                lead.at.isoformat(),
                lead.marking,
                said,
                None,
            )


def _context(case: Relevant, now: datetime) -> Context:
    """What joins the signals and what was found, from disclosed rows alone, as the queue has it."""
    parts = {
        kind: case.records.get(kind, KINDS[kind].schema.empty_table())
        for kind in ("judgement", "party", "outcome", "report")
    }
    latest = [replacing.latest(parts[kind]) for kind in ("party", "outcome", "report")]
    return context_of(case.signals, now, parts["judgement"], *latest)


def _lead_json(lead: Lead) -> dict[str, Any]:
    return {
        "lead_id": lead.lead_id,
        "hypothesis": lead.hypothesis,
        "subjects": list(lead.subjects or (lead.subject,)),
        "probability": round(lead.probability, 6),
        "prior_bits": lead.prior,
        "looks_bits": lead.looks,
        "bits": lead.bits,
        "weights": lead.weights,
        "contributions": [
            {
                "signal": one.signal_id.hex(),
                "rule": one.rule,
                "strength": one.strength,
                "bits": one.bits,
                "en": one.reason.render("en"),
                "fr": one.reason.render("fr"),
                "note": one.note.render("en") if one.note else None,
                "evidence": [id_.hex() for id_ in one.evidence],
            }
            for one in lead.contributions
        ],
    }
