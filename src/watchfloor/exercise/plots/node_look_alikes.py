"""Look-alikes at the nodes: what resembles the hidden load at one institution and is nothing."""

from collections.abc import Iterator

from watchfloor.exercise.acts import Act, Deposit, Ordered
from watchfloor.exercise.banks import BANKS, at
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds.nodes.bench import analysed
from watchfloor.exercise.feeds.nodes.declarations import parcel
from watchfloor.exercise.feeds.nodes.ledger import branch, cents
from watchfloor.exercise.plots.base import Plot


def make_plots(cast: Cast) -> Iterator[Plot]:
    """A pharmacy's supplier, shops with takings, a first test that is wrong, lines that were forgotten."""
    yield _supplier(cast)
    yield _shops(cast)
    yield _wrong_tests(cast)
    yield _forgotten_lines(cast)


def _supplier(cast: Cast) -> Plot:
    """A licensed supplier of pharmacies imports what is controlled, as declared; an order names it too."""
    company = at(cast, cast.importer("Lower Kestrel Pharmacy Supply Ltd."), BANKS[0])
    number = cast.parcel()
    acts = (
        *parcel(cast, company, number, 6.0, 6.1, company),
        analysed(cast, number, "gc-ms", "439-14-5", "identified"),
        Ordered(cast.at(20, 21), company, f"order {cast.number(1000, 9999)}"),
    )
    return Plot("pharmacy-supplier", "a licensed supplier imports a medicine", (), (company,), acts)


def _shops(cast: Cast) -> Plot:
    """Four shops bring their takings twice a day; together they pass 10,000 dollars. No order names them."""
    shops = tuple(cast.company() for _ in range(4))
    acts: list[Act] = []
    for shop in shops:
        for hour in (10, 20):
            memo = f"takings of {shop.name}"
            acts.append(
                Deposit(
                    cast.at(hour, hour + 2),
                    shop,
                    cast.person(),
                    cents(cast, 5_100, 8_000),
                    branch(cast),
                    memo,
                )
            )
    return Plot("takings", "shops bring their takings to the bank", (), shops, tuple(acts))


def _wrong_tests(cast: Cast) -> Plot:
    """A first test points to something in three parcels, and gas chromatography finds nothing."""
    acts: list[Act] = []
    for number in (cast.parcel() for _ in range(3)):
        acts.append(analysed(cast, number, "immunoassay", "437-38-7", "presumptive", 6))
        acts.append(analysed(cast, number, "gc-ms", "437-38-7", "not-detected", 15))
    return Plot("wrong-tests", "first tests that are not borne out", (), (), tuple(acts))


def _forgotten_lines(cast: Cast) -> Plot:
    """Five people's parcels are heavier than declared: a line was forgotten, or the packing was."""
    people = tuple(cast.person() for _ in range(5))
    acts = tuple(
        act
        for person in people
        for act in parcel(cast, person, cast.parcel(), 1.2, 1.2 + cast.random.uniform(0.3, 0.9))
    )
    return Plot("forgotten-lines", "parcels of people who declared too little", (), people, acts)
