"""Look-alikes: what resembles a storyline and is nothing. None of their leads is a true one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from watchfloor.exercise.acts import Act, Crossing, Shipment, Sighting, Transfer, Voyage
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.lists import Target, persons
from watchfloor.exercise.names import LOOK_ALIKES
from watchfloor.exercise.plots.base import Plot


def make_plots(cast: Cast, targets: Sequence[Target]) -> Iterator[Plot]:
    """A wholesaler, a fishing fleet, a payroll bureau, a family and companies of an unlucky name."""
    yield _wholesaler(cast)
    yield _fleet(cast)
    yield _payroll(cast)
    for target in persons(targets)[:1]:
        yield _namesakes(cast, target)
    yield _unlucky(cast)


def _wholesaler(cast: Cast) -> Plot:
    """Buys for laboratories all day, with a licence; a competitor wrote to say otherwise."""
    company = cast.company("Kestrel Laboratory Supply Ltd.")
    acts: list[Act] = [
        Shipment(cast.at(), cast.parcel(), None, company, goods)
        for goods in ("laboratory glass", "solvent", "reagents", "laboratory glass", "pigment intermediate")
    ]
    for _ in range(3):
        supplier = cast.abroad(cast.company())
        acts.append(Transfer(cast.at(), company, supplier, cast.number(10_000, 60_000), "invoice"))
    acts.append(
        Sighting(
            cast.at(9, 18),
            "Public line",
            "Letter about a chemicals dealer",
            "An unsigned letter says that a dealer sells without asking. The dealer is licensed and was"
            " inspected in September without a remark.",
            "E5",
            keys(company.address),
            "precursor-import",
            ("PROS", f"{cast.number(10**5, 10**6)}"),
        )
    )
    return Plot("chemistry-wholesaler", "a licensed wholesaler of chemicals", (), (company,), tuple(acts))


def _fleet(cast: Cast) -> Plot:
    """Five boats of one owner, side by side at night where the herring is."""
    owner = cast.company("Lower Kestrel Fishermen's Co-operative")
    boats = [cast.vessel(owner) for _ in range(5)]
    acts: list[Act] = [Voyage(cast.at(0, 5), boat, "Gulf of St. Lawrence") for boat in boats]
    acts.append(
        Sighting(
            cast.at(5, 9),
            "Coast watch, volunteers",
            "Boats close together at night",
            "Several boats lay close together for two hours before dawn. They may have been fishing.",
            "C4",
            keys(boats[0].mmsi, boats[1].mmsi),
            "trafficking-by-water-or-air",
            ("PROS", f"{cast.number(10**5, 10**6)}"),
        )
    )
    people = (owner, *(boat.master for boat in boats))
    return Plot("fishing-fleet", "a fishing fleet of one owner", (), people, tuple(acts))


def _payroll(cast: Cast) -> Plot:
    """One account, one telephone and address, and forty people who are paid from it: a hub."""
    bureau = cast.company("Granary Payroll Services Inc.")
    acts = [
        Transfer(cast.at(5, 7), bureau, cast.person(), cast.number(1_800, 3_900), "salary") for _ in range(40)
    ]
    return Plot("payroll-bureau", "a payroll bureau: one account, many payees", (), (bureau,), tuple(acts))


def _namesakes(cast: Cast, target: Target) -> Plot:
    """A family that shares a listed person's name; the birth dates are others."""
    family = target.names[0].split()[-1]
    first = cast.person(target.names[0], born="1999-02-17")
    others = [
        replace(cast.person(f"{given} {family}").living_with(first), account=None)
        for given in ("Camille", "Alice", "Noah")
    ]
    people = (first, *others)
    acts = tuple(Crossing(cast.at(7, 9), one, "return home") for one in people)
    return Plot("namesakes", "a family of the same name as a listed person", (), people, acts)


def _unlucky(cast: Cast) -> Plot:
    """Companies and clubs whose names collide with weak aliases and with words of the list."""
    people = tuple(cast.company(name) for name in LOOK_ALIKES)
    make: tuple[Callable[[int], Act], ...] = (
        lambda at: Shipment(cast.at(), cast.parcel(), None, people[at], "clothing"),
        lambda at: Transfer(cast.at(), cast.anybody(), people[at], cast.number(10_000, 30_000), "invoice"),
    )
    acts = tuple(make[at % 2](at) for at in range(len(people)))
    return Plot("unlucky-names", "companies whose names resemble a list's weak aliases", (), people, acts)
