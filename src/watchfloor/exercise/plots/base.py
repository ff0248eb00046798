"""A plot: its people, what they do, and what is true of it."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from watchfloor.exercise.acts import Act, Passage
from watchfloor.exercise.cast import Party

PAIRS: Final = ("A2", "B1", "B2", "B2", "B3", "C2", "C3")
"""Admiralty pairs of reports on a storyline, drawn anew by each seed: some are told well, some badly."""


class TrueEvent(NamedTuple):
    """An event that is true of passages: what a desk that sees tracks ought to say.

    Attributes:
        rule: as the desk names it, such as `rendezvous`.
        since, until: seconds since the day began.
        latitude, longitude: where.
        passages: whose.
    """

    rule: str
    since: float
    until: float
    latitude: float
    longitude: float
    passages: tuple[Passage, ...]


class Cut(NamedTuple):
    """A trail that was cut on a plot's way, which scenes from orbit show.

    Attributes:
        path: latitude and longitude of its turning points.
        width: metres.
    """

    path: tuple[tuple[float, float], ...]
    width: float


@dataclass(frozen=True, slots=True)
class Plot:
    """One storyline.

    Attributes:
        name: as the answer key has it.
        title: what it is, in a sentence.
        hypotheses: of the weight table, those that are true of it; none of a look-alike.
        people: who is part of it, under every name they use. Others in its acts are bystanders.
        acts: what happens, in any order.
        around: acts of bystanders, without which it could not be.
        events: true of its passages; that they cross the line is not told here, since their paths say so.
        cut: the trail that was cut for it; None: none was.
    """

    name: str
    title: str
    hypotheses: tuple[str, ...]
    people: tuple[Party, ...]
    acts: tuple[Act, ...]
    around: tuple[Act, ...] = ()
    events: tuple[TrueEvent, ...] = ()
    cut: Cut | None = None
