"""A courier boat meets another at night on a lake, and its owner is paid in cash the next morning.

What joins it: the boats' radio numbers, and the owner's telephone. Sensors see the meeting itself: both boats
stop to tell who they are before it, lie side by side north of the line, and the other goes back over it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from watchfloor.exercise.acts import Passage, Radio, Sighting, Transfer, Voyage
from watchfloor.exercise.cast import Cast, Vessel, keys
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots.base import PAIRS, Plot, TrueEvent
from watchfloor.exercise.surveillance.paths import Place, Way, moment, seconds, where

LAKE = "Lake Erie"

HARBOUR: Final = (42.0640, -82.4560)
CANNERY: Final = (42.0790, -82.4270)
ABROAD: Final = (41.5000, -82.2100)
MEETING: Final = (41.7900, -82.4000)
"""Nine nautical miles off Point Pelee, ten kilometres north of the line."""
SIDE_BY_SIDE: Final = 660.0
NEARING: Final = 500.0
PARTING: Final = 200.0
"""Seconds in which each boat comes near with care, and drifts off before it starts its engine."""
BEFORE: Final = 900.0
AFTER: Final = 1_500.0
"""Seconds that a boat is silent before the meeting and after it."""


class Boats(NamedTuple):
    """Both boats under way, and what is true of them."""

    courier: Passage
    other: Passage
    events: tuple[TrueEvent, ...]


def make_plots(cast: Cast, _: Sequence[Target]) -> Iterator[Plot]:
    """One plot."""
    owner = cast.person()
    boat, other = cast.vessel(owner), cast.vessel(cast.person())
    paying = cast.person()
    acts = (
        Voyage(cast.at(0, 1), boat, LAKE),
        Voyage(cast.at(0, 1), other, LAKE),
        Transfer(cast.at(9, 11), paying, owner, cast.number(9_000, 9_900), "cash deposit"),
        seen := Sighting(
            cast.at(2, 2.5),
            "Marine unit, Port Ashby",
            "Two boats without lights",
            "Two boats lay side by side without lights for eleven minutes, nine miles off shore, and left"
            " in opposite directions. Radio numbers read from the transponders.",
            cast.one_of(PAIRS),
            keys(boat.mmsi, other.mmsi),
            "trafficking-by-water-or-air",
            ("PROS", f"{cast.number(10**5, 10**6)}"),
        ),
        Sighting(
            cast.at(4, 5),
            "Coast watch, volunteers",
            "Bags landed before dawn",
            "A boat came in at the old cannery and four bags were carried to a van. The name was painted"
            " over; the radio number was heard.",
            cast.one_of(PAIRS),
            keys(boat.mmsi),
            "trafficking-by-water-or-air",
            ("CPIC", f"{cast.number(10**5, 10**6)}"),
        ),
        Sighting(
            cast.at(7, 8),
            "Partner operations centre",
            "Boat known from an earlier landing",
            "The boat was seen at a landing in October that was not reported; its owner's telephone was"
            " in use there.",
            cast.one_of(PAIRS),
            keys(boat.mmsi, owner.phone),
            "trafficking-by-water-or-air",
            ("ICES", f"{cast.number(10**6, 10**7)}"),
            by_mail=True,
        ),
    )
    sailed = sail(boat, other, seconds(seen.at) - 720)
    yield Plot(
        "courier-boat",
        "a courier boat meets another at night on a lake",
        ("trafficking-by-water-or-air", "organised-group", "laundering"),
        (owner, boat.master, other.owner, other.master, paying),
        (*acts, sailed.courier, sailed.other),
        events=sailed.events,
    )


def sail(boat: Vessel, other: Vessel, parted: float) -> Boats:
    """Both boats, which part so many seconds after the day began."""
    met = parted - SIDE_BY_SIDE
    courier = _silent(boat, _way(HARBOUR, CANNERY, 0.0, met, 11.0, 8.0), met)
    visitor = _silent(other, _way(ABROAD, ABROAD, 180.0, met, 12.0, 13.0), met)
    both = (courier, visitor)
    meeting = TrueEvent("rendezvous", met, parted, *MEETING, both)
    dark = [TrueEvent("dark-contact", met - NEARING, parted, *MEETING, (one,)) for one in both]
    return Boats(courier, visitor, (meeting, *dark, *map(_quiet, both)))


def _way(start: Place, end: Place, side: float, met: float, there: float, back: float) -> Way:
    """Out to one side of the meeting, near it slowly, drift together, and away."""
    near = Way(MEETING, 0).on(side, 320, 1).here
    way = Way(start, 0).to(near, there).arriving(met - NEARING)
    way.on((side + 180) % 360, 300, 300 / NEARING).on(85, 0.25 * SIDE_BY_SIDE, 0.25)
    return way.on(side, 0.6 * PARTING, 0.6).to(end, back)


def _quiet(one: Passage) -> TrueEvent:
    """The gap between its two stretches of radio, told where it was heard last."""
    off, on = one.radio[0].last, one.radio[1].first
    spot = where(one.path, np.array([off]))
    return TrueEvent("transmission-gap", off, on, float(spot.latitude[0]), float(spot.longitude[0]), (one,))


def _silent(boat: Vessel, way: Way, met: float) -> Passage:
    """The boat's passage: its radio is off around the meeting."""
    off, on = met - NEARING - BEFORE, met + SIDE_BY_SIDE + AFTER
    start = way.fixes[0].seconds
    name = boat.name.upper()[:20]
    radio = (
        Radio(start, off, boat.mmsi, name, 60, "B"),
        Radio(on, way.now, boat.mmsi, name, 60, "B"),
    )
    return Passage(moment(start), "boat", way.path(), radio, 9.0, "courier's boat")
