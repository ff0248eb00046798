"""The plots of an exercise: storylines to be found, and look-alikes that are nothing."""

from collections.abc import Iterator, Sequence

from watchfloor.exercise.cast import Cast
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots import (
    border_look_alikes,
    borrowed_number,
    courier_boat,
    forged_letters,
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
    *(
        precursors.make_plots,
        courier_boat.make_plots,
        stash_house.make_plots,
        listed_names.make_plots,
        look_alikes.make_plots,
    ),
    *(pigment_parcel.make_plots, outbound_packets.make_plots, forged_letters.make_plots),
)

WATCHED = (
    night_walkers.make_plots,
    low_flight.make_plots,
    borrowed_number.make_plots,
    border_look_alikes.make_plots,
)
"""Plots that sensors alone see, beside the courier boat."""


def plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:
    """Every plot, told anew."""
    for tell in TELLERS:
        yield from tell(cast, targets)


def watched(cast: Cast) -> Iterator[Plot]:
    """Every plot that sensors alone see, told anew; it draws nothing that others draw."""
    for tell in WATCHED:
        yield from tell(cast)
