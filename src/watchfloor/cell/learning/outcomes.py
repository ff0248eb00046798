"""Outcomes: what came of a lead, read from its records, and the leads that an outcome can be about.

A later record of the same report replaces it; two officers make two reports, and both stand. What a result
says of the hypothesis is `core/results.py`, whatever a delivery claims.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from watchfloor.cell.current_signals import taken_back
from watchfloor.cell.leads import Lead, lead_id_of
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import OUTCOME
from watchfloor.core.results import RESULTS
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.segments.reading import POSITION

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownLead:
    """A lead as an outcome needs to know it. One that is closed keeps its id; `lead` is None then."""

    lead_id: str
    hypothesis: str
    subjects: tuple[str, ...]
    marking: str
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The standing outcomes of one lead, taken together.

    Attributes:
        lead_id: the lead.
        true: whether its hypothesis was borne out; None where nothing says so, or officers disagree.
        contested: whether one outcome says true and another false.
        acted: whether somebody looked.
        first: position in the log of the first act of somebody who looked, an outcome or a decision, even one
            replaced since.
        at: when that was.
        records: ids of the standing outcomes.
    """

    lead_id: str
    true: bool | None
    contested: bool
    acted: bool
    first: int
    at: datetime
    records: tuple[bytes, ...]


def standing(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[dict[str, Any]]:
    """The last outcome of each report, in the order of the log, each with its position."""
    columns = [*OUTCOME.schema.names, POSITION]
    rows: list[dict[str, Any]] = floor.read("outcome", reader, as_of, columns, latest=True).to_pylist()
    return sorted(rows, key=lambda row: row[POSITION])


def verdicts(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> dict[str, Verdict]:
    """Return the verdict on each lead that an outcome names, by its id."""
    looked, decided = _first_looks(floor, reader, as_of), decisions(floor, reader, as_of)
    by_lead: defaultdict[str, list[Row]] = defaultdict(list)
    for row in standing(floor, reader, as_of):
        by_lead[row["lead"]].append(row)
    found = {}
    for lead, rows in by_lead.items():
        looks = [decided[subject] for subject in rows[-1]["subjects"] if subject in decided]
        first = min([looked.get(lead, rows[0]), *looks], key=lambda row: int(row[POSITION]))
        found[lead] = _verdict(lead, rows, first)
    return found


def _first_looks(floor: Floor, reader: Reader, as_of: int | datetime | None) -> dict[str, Row]:
    """Moment and position of the first outcome of somebody who looked at a lead, by the lead's id."""
    rows = floor.read("outcome", reader, as_of, ["lead", "result", *_WHEN]).to_pylist()
    looks = [row for row in rows if RESULTS[row["result"]].acted]
    return {row["lead"]: row for row in sorted(looks, key=lambda row: -row[POSITION])}


def decisions(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> dict[str, Row]:
    """Moment and position of the first decision about each subject."""
    rows = floor.read("judgement", reader, as_of, ["subject", *_WHEN]).to_pylist()
    return {row["subject"]: row for row in sorted(rows, key=lambda row: -row[POSITION])}


_WHEN: Final = ("observed_at", POSITION)


def _verdict(lead: str, rows: list[Row], first: Row) -> Verdict:
    results = [RESULTS[row["result"]] for row in rows]
    said = {one.true for one in results} - {None}
    return Verdict(
        lead,
        said.pop() if len(said) == 1 else None,
        len(said) == 2,
        any(one.acted for one in results),
        first[POSITION],
        first["observed_at"],
        tuple(row["record_id"] for row in rows),
    )


def known(floor: Floor, reader: Reader, weights: Weights, now: datetime) -> dict[str, KnownLead]:
    """Every lead that this reader may see, those that nothing speaks for any more included, by its id.

    A lead that another took up, such as by a merge, is that other under its own id too.
    """
    found = closed(floor, reader, weights)
    for lead in every(queue(floor, reader, weights, now)):
        found |= dict.fromkeys((lead.lead_id, *lead.took_up), standing_lead(lead))
    return found


def standing_lead(lead: Lead) -> KnownLead:
    """A lead of the queue as an outcome needs to know it."""
    return KnownLead(lead.lead_id, lead.hypothesis, named(lead), lead.marking, lead)


def closed(floor: Floor, reader: Reader, weights: Weights) -> dict[str, KnownLead]:
    """Leads from which something was taken back; those that still stand have their own place in the queue."""
    return {one.lead_id: one for one in _closed(floor, reader, weights)}


def _closed(floor: Floor, reader: Reader, weights: Weights) -> Iterator[KnownLead]:
    for row in taken_back(floor, reader).to_pylist():
        for hypothesis in weights.hypotheses.values():
            if row["rule"] in hypothesis.rules:
                lead_id = lead_id_of(floor.key, hypothesis.name, row["subjects"][0])
                yield KnownLead(lead_id, hypothesis.name, tuple(row["subjects"]), row["marking"])


def named(lead: Lead) -> tuple[str, ...]:
    """Return the subjects of a lead; its anchor if it has no others."""
    return lead.subjects or (lead.subject,)
