"""A case's leads as they follow from what is disclosed of it, and from nothing else."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from watchfloor.cell.identity.merges import standing
from watchfloor.cell.identity.namesakes import namesakes
from watchfloor.cell.identity.shared import shared
from watchfloor.cell.leads import Lead, leads
from watchfloor.cell.matters import Context
from watchfloor.cell.queue import every
from watchfloor.cell.weights import Weights
from watchfloor.exchange.crown.items import Item
from watchfloor.exchange.crown.relevance import Relevant
from watchfloor.records.kinds import KINDS, RECORD_ID
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
    """What joins the signals, from disclosed rows alone."""
    empty = {kind: KINDS[kind].schema.empty_table() for kind in ("judgement", "party")}
    judgements, parties = (case.records.get(kind, empty[kind]) for kind in ("judgement", "party"))
    pairs = standing(judgements, now)
    cited = set(case.signals["evidence"].combine_chunks().flatten().cast(RECORD_ID).to_pylist())
    mine = shared(parties, cited, sorted(case.subjects))
    return Context(mine, pairs, namesakes(parties))


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
