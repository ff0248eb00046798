"""The plots of an exercise: storylines to be found, and look-alikes that are nothing."""

from collections.abc import Iterator, Sequence

from watchfloor.exercise.cast import Cast
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots import (
    border_look_alikes,
    borrowed_number,
    courier_boat,
    listed_names,
    look_alikes,
    low_flight,
    night_walkers,
    outbound_packets,
    pigment_parcel,
    precursors,
    stash_house,
)
from watchfloor.exercise.plots.base import Plot

TELLERS = (
    *(precursors.tell, courier_boat.tell, stash_house.tell, listed_names.tell, look_alikes.tell),
    *(pigment_parcel.tell, outbound_packets.tell),
)

WATCHED = (night_walkers.tell, low_flight.tell, borrowed_number.tell, border_look_alikes.tell)
"""Plots that sensors alone see, beside the courier boat."""


def plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:
    """Every plot, told anew."""
    for tell in TELLERS:
        yield from tell(cast, targets)


def watched(cast: Cast) -> Iterator[Plot]:
    """Every plot that sensors alone see, told anew; it draws nothing that others draw."""
    for tell in WATCHED:
        yield from tell(cast)
