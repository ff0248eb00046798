"""The picks as a table: why each was chosen and with which chance, by facts, and what would have cleared it.

`chance` is the probability of a find, by what is known of the item; `propensity` is the chance with which
this plan chose it, which the record of its examination keeps as `chance` (kind `inspection`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from watchfloor.casework.referrals.drafting import orders
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import column
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, Reason, reason
from watchfloor.desks.cargo.model import Explained
from watchfloor.planning.inspections import messages
from watchfloor.planning.inspections.candidates import Candidates
from watchfloor.planning.inspections.plan import Plan

CONTRIBUTION: Final = pa.struct(
    [
        column("name", pa.string(), "input of the model, or rule", nullable=False),
        column("bits", pa.float64(), "log2 of the odds that it adds", nullable=False),
        column("why", pa.string(), "in words", nullable=False),
    ]
)
PAST: Final = pa.struct(
    [
        column("document", pa.string(), "number of its transport document"),
        column("day", pa.date32(), "when it was examined"),
        column("result", pa.string(), "what came of it"),
        column("alike", pa.float64(), "how alike the model holds the two, 0 to 1"),
    ]
)
SCHEMA: Final = pa.schema(
    [
        column("subject", pa.string(), "typed key of the parcel or container", nullable=False),
        column("document", pa.string(), "number of its transport document"),
        column("goods", pa.string(), "as declared, of its first line"),
        column("day", pa.date32(), "when it is expected, else when it was declared", nullable=False),
        column("rank", pa.int64(), "1 first", nullable=False),
        column("mode", pa.string(), "how it travels; unknown where nobody says", nullable=False),
        column("direction", pa.string(), "which way; unknown where nobody says", nullable=False),
        column("chosen_by", pa.string(), "see `formats.tabular.fields.CHOSEN_BY`", nullable=False),
        column("chance", pa.float64(), "probability that an examination finds something", nullable=False),
        column("propensity", pa.float64(), "chance with which it was chosen, above 0", nullable=False),
        column("means", pa.string(), "how it is to be examined; null: no means are known"),
        column("unit", pa.string(), "who examines"),
        column("bits", pa.float64(), "log2 odds of `chance`: prior and contributions", nullable=False),
        column("prior", pa.float64(), "log2 odds of an item of which nothing is known", nullable=False),
        column("contributions", pa.list_(CONTRIBUTION), "what speaks for and against it, largest first"),
        column("why", pa.string(), "why it was chosen, in words", nullable=False),
        column("grounds", pa.list_(pa.string()), "facts of the item for an officer to weigh; never a score"),
        column("past", pa.list_(PAST), "nearest past cases, the most alike first"),
        column("cleared", pa.list_(pa.string()), "what would have left it unchosen, in words"),
        column("marking", pa.string(), "who may see it: the join of its lines and of what is said of it"),
        column("scheme", pa.string(), "SHA-256 of the settings that chose it", nullable=False),
    ],
    metadata={"kind": "picks"},
)
"""Columns of a table of picks, a row each."""


def table(plan: Plan, weights: Weights, units: dict[str, str | None], language: Language) -> pa.Table:
    """The picks of a plan, with the sentence that a release is no clearance in the metadata of the file.

    Args:
        plan: of `plan.plan`.
        weights: the cell's, for the titles of hypotheses.
        units: who examines, by means.
        language: of the sentences.
    """
    told = {
        "no_clearance": reason(messages.NO_CLEARANCE).render(language),
        "mail": reason(messages.MAIL).render(language),
        "settings": msgspec.json.encode(plan.settings).decode(),
        "items": str(len(plan.candidates.items.subject)),
    }
    rows = list(_rows(plan, weights, units, language))
    made = pa.Table.from_pylist(rows, SCHEMA)
    return made.replace_schema_metadata({**(SCHEMA.metadata or {}), **told})


def _rows(
    plan: Plan, weights: Weights, units: dict[str, str | None], language: Language
) -> Iterator[dict[str, Any]]:
    found, picks = plan.candidates, plan.picks
    items, days = found.items, found.items.days().to_pylist()
    documents, goods = items.column("document"), items.column("goods")
    modes, ways = items.mode, items.direction
    chance, cut, markings = found.chance, _cut(plan), items.markings(picks.rows)
    every = found.explained(picks.rows, cut)
    for at, (row, means) in enumerate(zip(picks.rows.tolist(), plan.means, strict=True)):
        parts = contributions(found, row, every[at], weights, language)
        yield {
            "subject": items.subject[row],
            "document": documents[row],
            "goods": goods[row],
            "day": days[row],
            "rank": at + 1,
            "mode": modes[row],
            "direction": ways[row],
            "chosen_by": picks.chosen_by[at],
            "chance": float(chance[row]),
            "propensity": float(picks.propensity[at]),
            "means": means,
            "unit": units.get(means or ""),
            "bits": float(found.bits[row]),
            "prior": found.prior,
            "contributions": parts,
            "why": why(plan, at, language),
            "grounds": facts(found, row, language),
            "past": [] if every[at] is None else [one._asdict() for one in every[at].past],  # type: ignore[union-attr]
            "cleared": _cleared(found, row, every[at], cut, language),
            "marking": join([*sorted(markings[row]), *_said_at(plan, row)]),
            "scheme": plan.settings.digest,
        }


def _said_at(plan: Plan, row: int) -> list[str]:
    """Markings of what is said of an item."""
    lead, first = plan.candidates.evidence.lead.get(row), plan.first.marking.get(row)
    return [*([lead.marking] if lead else ()), *([first] if first else ())]


def contributions(
    found: Candidates, row: int, told: Explained | None, weights: Weights, language: Language
) -> list[dict[str, Any]]:
    """Return the terms for and against an item, the largest first; with the prior they sum to its bits."""
    of_model, of_rules = found.shares[row].tolist()
    parts = [
        (part.name, part.bits * of_model, _partly(part.why, of_model, language))
        for part in (told.parts if told else ())
    ]
    lead = found.evidence.lead.get(row)
    if lead is not None:
        parts += [
            (part.rule, part.bits * of_rules, _partly(part.reason, of_rules, language))
            for part in lead.contributions
        ]
        title = weights.hypotheses[lead.hypothesis].called(language)
        others = reason(messages.OTHERS, title=title).render(language)
        parts.append((lead.hypothesis, found.evidence.others(row) * of_rules, others))
    parts.sort(key=lambda part: -abs(part[1]))
    return [{"name": name, "bits": bits, "why": words} for name, bits, words in parts]


def facts(found: Candidates, row: int, language: Language) -> list[str]:
    """Facts of the item that speak for looking at it, in words; how it is ordered is none."""
    lead = found.evidence.lead.get(row)
    speaking = [part for part in lead.contributions if part.bits > 0] if lead else []
    return [part.reason.render(language) for part in speaking if not orders(part.rule, part.reason)]


def why(plan: Plan, at: int, language: Language) -> str:
    """Why the pick at this rank was chosen."""
    row, word = int(plan.picks.rows[at]), plan.picks.chosen_by[at]
    if word in ("lead", "lookout") and row in plan.first.why:
        return plan.first.why[row].render(language)
    by = {"random": messages.BY_LOT, "uncertainty": messages.BY_DOUBT}.get(word, messages.BY_SCORE)
    return reason(by).render(language)


def _partly(told: Reason, share: float, language: Language) -> str:
    said = told.render(language)
    if share == 1:
        return said
    return reason(messages.KNOWN_TWICE, fact=said, percent=round(100 * share)).render(language)


def _cut(plan: Plan) -> float:
    """Bits of the last item that was chosen for what is known of it; infinite where none was."""
    rows = [
        int(row)
        for row, word in zip(plan.picks.rows, plan.picks.chosen_by, strict=True)
        if word in ("score", "rule")
    ]
    return float(np.min(plan.candidates.bits[rows])) if rows else np.inf


def _cleared(
    found: Candidates, row: int, told: Explained | None, cut: float, language: Language
) -> list[str]:
    """Return the facts without which an item would rank below the last that was chosen on evidence."""
    if found.bits[row] < cut:
        return []
    alone = row not in found.evidence.lead  # beside rules, a model that says less may not be enough
    said = [one.why.render(language) for one in (told.clears if told and alone else ())]
    lead, share = found.evidence.lead.get(row), float(found.shares[row, 1])
    enough: Sequence[Any] = [] if lead is None else lead.contributions
    said += [
        reason(messages.WITHOUT, fact=part.reason.render(language)).render(language)
        for part in enough
        if part.bits > 0 and found.bits[row] - share * part.bits < cut
    ]
    return said
