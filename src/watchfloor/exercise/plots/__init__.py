"""The plots of an exercise: storylines to be found, and look-alikes that are nothing."""

from collections.abc import Iterator, Sequence

from watchfloor.exercise.cast import Cast
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots import courier_boat, listed_names, look_alikes, precursors, stash_house
from watchfloor.exercise.plots.base import Plot

TELLERS = (precursors.tell, courier_boat.tell, stash_house.tell, listed_names.tell, look_alikes.tell)


def plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:
    """Every plot, told anew."""
    for tell in TELLERS:
        yield from tell(cast, targets)
