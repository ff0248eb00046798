"""A front company of a listed group buys precursors: a wire abroad, parcels to it and one to its director.

What joins it: the company's telephone and address, which its director's parcel and journey give too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from watchfloor.exercise.acts import Crossing, Shipment, Sighting, Transfer
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.disguise import shouted
from watchfloor.exercise.lists import Target, bodies
from watchfloor.exercise.plots.base import PAIRS, Plot


def make_plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:
    """One plot; the front and its supplier are listed where the list has bodies."""
    listed = [target.names[0] for target in bodies(targets)[:2]]
    front, supplier = (cast.company(*listed[at : at + 1]) for at in range(2))
    supplier = cast.abroad(supplier)
    on_paper = replace(front, name=shouted(front.name, cast.random))
    director = cast.person().living_with(front)
    parcels = [cast.parcel() for _ in range(3)]
    found = keys(("s10", parcels[1]), front.address)
    yield Plot(
        "precursors",
        "a listed group's front company imports precursors by post and pays by wire",
        ("precursor-import", "organised-group", "listed-entity", "listed-entity-financing"),
        (front, on_paper, supplier, director),
        (
            Transfer(cast.at(8, 10), on_paper, supplier, cast.number(38_000, 64_000), "deposit on goods"),
            Shipment(cast.at(9, 12), parcels[0], supplier, front, "pigment intermediate"),
            Shipment(cast.at(9, 12), parcels[1], supplier, on_paper, "cleaning agent"),
            Shipment(cast.at(10, 13), parcels[2], None, director, "pigment intermediate"),
            Crossing(cast.at(6, 9), director, "business"),
            Sighting(
                cast.at(13, 14),
                "Mail centre, examination",
                "Contents other than declared",
                "Declared as cleaning agent. A handheld instrument indicated a controlled precursor; a sample"
                " went to the laboratory.",
                cast.one_of(PAIRS),
                found,
                "precursor-import",
                ("ICES", f"{cast.number(10**6, 10**7)}"),
            ),
            Sighting(
                cast.at(15, 17),
                "Port Ashby police, drug section",
                "Solvent smell at a small importer",
                "A neighbour saw drums carried in by night. The office is closed by day; the telephone is"
                " answered by a private person.",
                cast.one_of(PAIRS),
                keys(front.address, front.phone),
                "precursor-import",
                ("PRIME", f"{cast.number(10**5, 10**6)}"),
            ),
            Sighting(
                cast.at(17, 19),
                "Liaison officer abroad",
                "Supplier known to a partner",
                "A partner service has the supplier's customer in Canada on file for glassware and presses.",
                cast.one_of(PAIRS),
                keys(front.phone, front.account),
                "precursor-import",
                ("PROS", f"{cast.number(10**5, 10**6)}"),
                by_mail=True,
            ),
        ),
    )
