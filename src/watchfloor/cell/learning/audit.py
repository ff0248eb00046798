"""The audit sample: a random draw of leads that nobody acted on, which keeps a fit honest.

Officers act on what scores high, and on what they know besides. What they left alone is seen only where
chance sends somebody to look. Each draw is simple random sampling without replacement: the leads are put in
the order of a keyed hash of the seed and their id, and the first n of N are taken, so the draw can be done
again by who has the floor's key and foreseen by nobody else. The log keeps each lead's chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from math import prod
from typing import Final

from watchfloor.cell.leads import Lead
from watchfloor.cell.learning import acted
from watchfloor.cell.learning.outcomes import decisions, named, verdicts
from watchfloor.cell.queue import every, queue
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.marking import join, parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

ACT: Final = "audit-draw"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lead of the sample; `chance` is that of having been drawn by now, 0 to 1."""

    lead: Lead
    chance: float


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw as the log keeps it.

    Attributes:
        position: in the log.
        at: when.
        seed: of the draw.
        taken: leads drawn.
        stood: leads that nobody had acted on, of which they were drawn.
        chances: of each lead drawn, of having been drawn by then.
        marking: the join of all leads of which they were drawn: who may not see one of them knows of no draw.
    """

    position: int
    at: datetime
    seed: str
    taken: int
    stood: int
    chances: dict[str, float]
    marking: str = "U"

    @property
    def rate(self) -> float:
        """Chance of a lead that stood."""
        return self.taken / self.stood if self.stood else 0.0


def eligible(
    floor: Floor, reader: Reader, weights: Weights, now: datetime, as_of: int | None = None
) -> list[Lead]:
    """Leads that nobody has acted on and no draw has taken, whatever the hypothesis."""
    touched, decided = looked_at(floor, reader, as_of), decisions(floor, reader, as_of).keys()
    touched.update(lead for one in draws(floor, reader, as_of) for lead in one.chances)
    found = every(queue(floor, reader, weights, now, as_of))
    return [lead for lead in found if lead.lead_id not in touched and not decided & {*named(lead)}]


def looked_at(floor: Floor, reader: Reader, as_of: int | None = None) -> set[str]:
    """Ids of the leads that somebody looked at, or was sent to look at."""
    looked = {lead for lead, verdict in verdicts(floor, reader, as_of).items() if verdict.acted}
    sent = floor.read("task", reader, as_of, ["lead"]).column("lead").to_pylist()
    return looked | {lead for lead in sent if lead}


def draw(
    floor: Floor, writer: Writer, reader: Reader, weights: Weights, count: int, seed: str, now: datetime
) -> list[Drawn]:
    """Draw leads, keep them as they stand and log the draw; gives them in the order drawn.

    Args:
        floor: the floor.
        writer: its writer.
        reader: who draws; only leads that it may see are drawn.
        weights: the table that the queue is made with.
        count: how many; all, where there are fewer.
        seed: the same seed draws the same leads of the same floor.
        now: the moment of asking.
    """
    found = eligible(floor, reader, weights, now)
    chosen = sorted(found, key=lambda lead: _order(floor.key, seed, lead.lead_id))[:count]
    drawn = [
        Drawn(lead, chance) for lead, chance in _with_chances(floor, reader, weights, chosen, len(found))
    ]
    if drawn:
        writer.act(ACT, _detail(seed, found, drawn))
        for one in drawn:
            acted.keep(writer, one.lead, weights)
    return drawn


def _order(key: bytes, seed: str, lead_id: str) -> bytes:
    return blake2b(f"{seed}\x1f{lead_id}".encode(), digest_size=16, key=key[:64], person=b"audit").digest()


def _with_chances(
    floor: Floor, reader: Reader, weights: Weights, chosen: Sequence[Lead], stood: int
) -> Iterator[tuple[Lead, float]]:
    """Each lead with its chance: one less the chance that this draw and each before it had passed it over."""
    earlier = [(one.rate, _stood(floor, reader, weights, one)) for one in draws(floor, reader)]
    for lead in chosen:
        passed = prod(1 - rate for rate, ids in earlier if lead.lead_id in ids)
        yield lead, 1 - passed * (1 - len(chosen) / stood)


def _stood(floor: Floor, reader: Reader, weights: Weights, one: Draw) -> set[str]:
    """The leads that an earlier draw might have taken."""
    return {lead.lead_id for lead in eligible(floor, reader, weights, one.at, one.position - 1)}


def _detail(seed: str, stood: Sequence[Lead], drawn: Sequence[Drawn]) -> dict[str, object]:
    chances = {one.lead.lead_id: one.chance for one in drawn}
    marking = join(one.marking for one in stood)
    return {"seed": seed, "taken": len(drawn), "stood": len(stood), "chances": chances, "marking": marking}


def draws(floor: Floor, reader: Reader | None = None, as_of: int | None = None) -> list[Draw]:
    """The draws that `reader` may know of, oldest first; None: all."""
    found = [Draw(act.position, act.at, **act.detail) for act in floor.acts_of(ACT, upto=as_of) if act.detail]
    return [one for one in found if reader is None or allowed(reader, parse(one.marking))]


def chances(found: Sequence[Draw]) -> dict[str, float]:
    """The chance with which each lead of the sample was drawn by now: later draws might have taken it too."""
    by_lead: dict[str, float] = {}
    for number, one in enumerate(found):
        later = prod(1 - other.rate for other in found[number + 1 :])
        by_lead |= {lead: 1 - (1 - chance) * later for lead, chance in one.chances.items()}
    return by_lead
