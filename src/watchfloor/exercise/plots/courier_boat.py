"""A courier boat meets another at night on a lake, and its owner is paid in cash the next morning.

What joins it: the boats' radio numbers, and the owner's telephone. The meeting itself is for a desk that sees
tracks; today three people write of it.
"""

from collections.abc import Iterator, Sequence

from watchfloor.exercise.acts import Sighting, Transfer, Voyage
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots.base import PAIRS, Plot

LAKE = "Lake Erie"


def tell(cast: Cast, _: Sequence[Target]) -> Iterator[Plot]:
    """One plot."""
    owner = cast.person()
    boat, other = cast.vessel(owner), cast.vessel(cast.person())
    paying = cast.person()
    yield Plot(
        "courier-boat",
        "a courier boat meets another at night on a lake",
        ("trafficking-by-water-or-air", "organised-group", "laundering"),
        (owner, boat.master, other.owner, other.master, paying),
        (
            Voyage(cast.at(0, 1), boat, LAKE),
            Voyage(cast.at(0, 1), other, LAKE),
            Transfer(cast.at(9, 11), paying, owner, cast.number(9_000, 9_900), "cash deposit"),
            Sighting(
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
        ),
    )
