"""The score of a queue against an answer key.

A lead *leads to* a storyline when it names at least one of its subjects, or a track of something in it. It is
*true* when that storyline is no look-alike; for calibration, when its hypothesis is also one of those true of
the storyline: a lead to the right house for a wrong reason is worth an officer's visit, and is still a wrong
statement.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from watchfloor.cell.leads import Lead
from watchfloor.cell.learning import calibration
from watchfloor.cell.learning.calibration import CAPACITY, Share, jeffreys
from watchfloor.cell.learning.ratios import Floats
from watchfloor.cell.nearby import LASTS
from watchfloor.cell.wording.estimative_language import log_odds, probability
from watchfloor.core.kinds import KINDS
from watchfloor.exercise.key import Key, Storyline
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

MINUTES: Final = 15.0
"""What looking at a lead takes an officer; an assumption, to be replaced by what a watch measures."""


NO_TRACKS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Judged:
    """One lead against the key: the first storyline that it leads to, and whether what it says is so.

    `met` has the names of all storylines that it leads to.
    """

    rank: int
    lead: Lead
    storyline: Storyline | None
    holds: bool
    met: frozenset[str] = frozenset()

    @property
    def true(self) -> bool:
        """Whether it leads to something that is to be found."""
        return self.storyline is not None and self.storyline.true


@dataclass(frozen=True, slots=True)
class Place:
    """Where a storyline stands in the queue: its best lead's rank and probability, None where it has none.

    Attributes:
        minutes: from its first evidence to the first signal that speaks for one of its leads.
        leads: how many lead to it; one where the cell has put it together.
    """

    storyline: Storyline
    rank: int | None
    lead_id: str | None
    hypothesis: str | None
    probability: float | None
    minutes: float | None
    leads: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """Score of a queue against a key.

    Attributes:
        leads: in the queue.
        precision: of the first k leads, by k.
        recall: share of the storylines with a lead among the first `CAPACITY`.
        brier: mean square of probability less truth, over all leads.
        ece: expected calibration error, over the bands of `watchfloor.cell.wording.estimative_language`.
        brier_here, ece_here: the same where each prior is the share that is true in the exercise. The table's
            priors are those of real days, on which almost nothing is; these tell the weights' errors apart.
        minutes_to_lead: median, over storylines that have a lead.
        false_per_hour: leads to nothing among the first `CAPACITY`, per hour of an officer.
        minutes_per_lead: that was assumed for it.
        places: of every storyline and look-alike, in the key's order.
    """

    leads: int
    precision: dict[int, Share]
    recall: Share
    brier: Share
    ece: Share
    brier_here: Share
    ece_here: Share
    minutes_to_lead: Share
    false_per_hour: Share
    minutes_per_lead: float
    places: tuple[Place, ...]


def score(
    found: Sequence[Lead],
    key: Key,
    minutes_per_lead: float = MINUTES,
    tracks: Mapping[str, str] = NO_TRACKS,
) -> Score:
    """Score a queue, likeliest lead first.

    Args:
        found: the queue, as `watchfloor.cell.queue.queue` gives it.
        key: the answers.
        minutes_per_lead: that an officer spends on one.
        tracks: the storyline of each track that is of one, see `watchfloor.exercise.following`.
    """
    leads = list(judged(found, key, tracks))
    places = tuple(place(one, leads) for one in key.storylines)
    to_find = [one for one in places if one.storyline.true]
    said, here = stated(leads), stated_here(leads, key)
    waited = [(one.minutes,) for one in to_find if one.minutes is not None]
    return Score(
        leads=len(leads),
        precision={k: precision(leads[:k]) for k in sorted({len(to_find), 10, CAPACITY})},
        recall=jeffreys(sum(one.rank is not None and one.rank <= CAPACITY for one in to_find), len(to_find)),
        brier=bootstrap(brier, said),
        ece=bootstrap(calibration_error, said),
        brier_here=bootstrap(brier, here),
        ece_here=bootstrap(calibration_error, here),
        minutes_to_lead=bootstrap(lambda rows: float(np.median(rows)), waited),
        false_per_hour=false_per_hour(leads[:CAPACITY], minutes_per_lead),
        minutes_per_lead=minutes_per_lead,
        places=places,
    )


def judged(found: Sequence[Lead], key: Key, tracks: Mapping[str, str] = NO_TRACKS) -> Iterator[Judged]:
    """Each lead with the storyline it leads to; one to be found goes before a look-alike."""
    by_subject: dict[str, Storyline] = {}
    for storyline in (*key.true, *key.storylines):
        for subject in storyline.subjects:
            by_subject.setdefault(subject, storyline)
    named = {one.name: one for one in key.storylines}
    by_subject |= {track: named[name] for track, name in tracks.items()}
    for rank, lead in enumerate(found, 1):
        met = [by_subject[subject] for subject in subjects_of(lead) if subject in by_subject]
        first = next((one for one in met if one.true), next(iter(met), None))
        names = frozenset(one.name for one in met)
        yield Judged(rank, lead, first, any(lead.hypothesis in one.hypotheses for one in met), names)


def subjects_of(lead: Lead) -> tuple[str, ...]:
    """Every subject that a lead names."""
    return lead.subjects or (lead.subject,)


def place(storyline: Storyline, leads: Sequence[Judged]) -> Place:
    """Where a storyline stands among all leads."""
    mine = [one for one in leads if storyline.name in one.met]
    if not mine:
        return Place(storyline, None, None, None, None, None)
    best = mine[0]
    first = min((at for one in mine for at in _spoken(one.lead)), default=None)
    waited = None if first is None else (first - storyline.first_evidence).total_seconds() / 60
    return Place(
        storyline,
        best.rank,
        best.lead.lead_id,
        best.lead.hypothesis,
        best.lead.probability,
        waited,
        len(mine),
    )


def _spoken(lead: Lead) -> Iterator[datetime]:
    """When each signal that speaks for a lead could first be known, but those of the ground, weeks before."""
    return (contribution.at for contribution in lead.speaks_for if contribution.rule not in LASTS)


def precision(leads: Sequence[Judged]) -> Share:
    """Share of leads that lead to something."""
    return jeffreys(sum(one.true for one in leads), len(leads))


def false_per_hour(leads: Sequence[Judged], minutes: float) -> Share:
    """Leads to nothing in an hour of one officer who looks at these one after the other."""
    share = jeffreys(sum(not one.true for one in leads), len(leads))
    an_hour = 60 / minutes
    value, low, high = (part and part * an_hour for part in (share.value, share.low, share.high))
    return Share(value, low, high, share.cases)


def stated(leads: Iterable[Judged]) -> list[tuple[float, float]]:
    """The probability of each lead, and 1 where it is true."""
    return [(one.lead.probability, float(one.holds)) for one in leads]


def stated_here(leads: Iterable[Judged], key: Key) -> list[tuple[float, float]]:
    """The same if a lead's prior were the share of subjects in the exercise of which it is true."""
    return [
        (probability(lead.bits - lead.prior + log_odds(key.share(lead.hypothesis))), float(one.holds))
        for one in leads
        for lead in (one.lead,)
    ]


def brier(stated: Floats) -> float:
    """The Brier score of probabilities (first column) against truth (second)."""
    return calibration.brier(stated[:, 0], stated[:, 1] > 0, np.ones(len(stated))).score


def calibration_error(stated: Floats) -> float:
    """Mean distance of stated from true, over the bands of words, by their share of the leads."""
    return calibration.ece(calibration.reliability(stated[:, 0], stated[:, 1] > 0, np.ones(len(stated))))


def records_on(floor: Floor, reader: Reader, key: Key) -> tuple[int, int]:
    """How many of the key's records are on a floor, and how many the key names."""
    wanted = {record for one in key.storylines for record in one.records}
    there: set[str] = set()
    for kind in KINDS:
        there.update(wanted.intersection(floor.read(kind, reader)["report_key"].to_pylist()))
    return len(there), len(wanted)


# How far a measure of an exercise may be off, where no formula tells: by drawing its cases again.


DRAWS: Final = 1000
"""Resamples of a bootstrap."""


def bootstrap(measure: Callable[[Floats], float], cases: Sequence[Sequence[float]]) -> Share:
    """A measure with its 95 % percentile interval (Efron 1979); the same cases give the same interval.

    Args:
        measure: of an array with one row a case.
        cases: one row of numbers each.
    """
    if not len(cases):
        return Share(None, None, None, 0)
    rows = np.asarray(cases, np.float64)
    draw = np.random.default_rng(0)
    found = [measure(rows[draw.integers(len(rows), size=len(rows))]) for _ in range(DRAWS)]
    low, high = np.quantile(found, (0.025, 0.975))
    return Share(measure(rows), float(low), float(high), len(rows))
