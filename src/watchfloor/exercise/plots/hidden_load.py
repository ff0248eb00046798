"""A hidden load: an importer's parcel is too heavy, holds a controlled substance, and cash comes in.

No institution sees more than its part: customs the mass, the laboratory the substance, the bank the cash.
What joins them: the parcel's number, the importer's business number, the account that a court's order names.
The order comes last: it may ask for what the bank holds when it is served (Criminal Code s. 487.014(1)).
"""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Analysed, Deposit, Ordered, Sighting
from watchfloor.exercise.banks import BANKS, at
from watchfloor.exercise.cast import Cast, Party, keys
from watchfloor.exercise.feeds.nodes.bench import analysed
from watchfloor.exercise.feeds.nodes.declarations import parcel
from watchfloor.exercise.feeds.nodes.ledger import branch, cents
from watchfloor.exercise.plots.base import PAIRS, Plot

NAME: Final = "hidden-load"
SUBSTANCES: Final = ("437-38-7", "59708-52-0", "50-36-2", "537-46-2")
"""CAS numbers of what is found; each stands in `reference.controls` under Schedule I."""


def make_plots(cast: Cast) -> Iterator[Plot]:
    """One plot. All that the cell sees of it by itself is a report about its importer, and the order."""
    company, runners = at(cast, cast.importer(), BANKS[0]), [cast.person() for _ in range(3)]
    number = cast.parcel()
    declared = round(cast.random.uniform(1.5, 4.0), 1)
    border = parcel(cast, company, number, declared, declared + cast.random.uniform(0.6, 1.4), company)
    yield Plot(
        NAME,
        "an importer's parcel is too heavy and holds a controlled substance, and cash feeds its account",
        ("trafficking-by-post", "laundering", "organised-group"),
        (company, *runners),
        (
            *border,
            *_bench(cast, number),
            *_cash(cast, company, runners),
            Ordered(cast.at(20, 21), company, f"order {cast.number(1000, 9999)}"),
            Sighting(
                cast.at(3, 6),
                "Port Ashby police, drug section",
                "Importer without customers",
                "The shop front has been closed since spring, and parcels are still collected from it.",
                cast.one_of(PAIRS),
                keys(company.business),
                "trafficking-by-post",
                ("PRIME", f"{cast.number(10**5, 10**6)}"),
            ),
        ),
    )


def _bench(cast: Cast, number: str) -> Iterator[Analysed]:
    """A first test, and what confirms it."""
    substance = cast.one_of(SUBSTANCES)
    yield analysed(cast, number, "immunoassay", substance, "presumptive", 6)
    yield analysed(cast, number, "gc-ms", substance, "identified", 15)


def _cash(cast: Cast, company: Party, runners: list[Party]) -> Iterator[Act]:
    """Five deposits below 10,000 dollars on one day, by three people at different counters."""
    for number in range(5):
        by = runners[number % len(runners)]
        hour = 9 + 1.5 * number
        yield Deposit(
            cast.at(hour, hour + 1), company, by, cents(cast, 3_100, 9_800), branch(cast), f"from {by.name}"
        )
