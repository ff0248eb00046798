"""Signals that were retracted from a lead, with the reason: a lead that is gone keeps its history."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from watchfloor.cell import current_signals
from watchfloor.cell.leads import Lead, lead_id_of
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.messages import Reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.index.search import retracted


class TakenBack(NamedTuple):
    """A signal that stood once.

    Attributes:
        lead_id: the lead that it spoke for, or against.
        subject: who or what it was about.
        rule: of the desk that asserted it.
        since: when what it is about began.
        at: when it could be known that it stands no longer.
        reason: why it does not.
        evidence: records it rested on.
        coverage: what tells its absence, such as the edition of a list.
        marking: who may see that it was taken back.
    """

    lead_id: str
    subject: str
    rule: str
    since: datetime
    at: datetime
    reason: Reason
    evidence: tuple[bytes, ...]
    coverage: tuple[bytes, ...]
    marking: str

    @property
    def told_by(self) -> tuple[bytes, ...]:
        """The edition that took it back, else the item that now says something else."""
        return self.coverage or self.evidence[1:2]


def taken_back(
    floor: Floor, reader: Reader, weights: Weights, lead_id: str, as_of: int | datetime | None = None
) -> list[TakenBack]:
    """Return the signals retracted from the leads whose id starts so, oldest first."""
    found = (one for one in _all(floor, reader, weights, as_of) if one.lead_id.startswith(lead_id))
    return sorted(found, key=lambda one: (one.at, one.evidence))


def taken_back_from(floor: Floor, reader: Reader, weights: Weights, lead: Lead) -> list[TakenBack]:
    """Return the signals retracted from a lead that stands, oldest first, without reading the whole floor."""
    rows = retracted(floor, lead.subject, reader, derive=lambda: current_signals.taken_back(floor, reader))
    found = (one for one in _retractions(floor, weights, rows) if one.lead_id == lead.lead_id)
    return sorted(found, key=lambda one: (one.at, one.evidence))


def _all(floor: Floor, reader: Reader, weights: Weights, as_of: int | datetime | None) -> Iterator[TakenBack]:
    return _retractions(floor, weights, current_signals.taken_back(floor, reader, as_of).to_pylist())


def _retractions(floor: Floor, weights: Weights, rows: Iterable[Mapping[str, Any]]) -> Iterator[TakenBack]:
    for row in rows:
        subject = row["subjects"][0]
        for hypothesis in weights.hypotheses.values():
            if row["rule"] in hypothesis.rules:
                yield TakenBack(
                    lead_id_of(floor.key, hypothesis.name, subject),
                    subject,
                    row["rule"],
                    row["since"],
                    row["at"],
                    Reason.load(row["reason"]),
                    tuple(row["evidence"]),
                    tuple(row["coverage"]),
                    row["marking"],
                )
