"""A ring of proceeds: cash goes in at six banks, through mules, and out to one supplier abroad.

No bank sees more than its part: its own collector's deposits and what he passes on, its own mule who pays a
supplier, a link of a circle that three of them close. What joins the parts: payments that two banks
both know, the supplier's account that all six know, and what the Centre was told by all of them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from watchfloor.exercise.acts import Act, Deposit, Designated, Sighting, Transfer
from watchfloor.exercise.banks import BANKS, at
from watchfloor.exercise.cast import Cast, Party, keys
from watchfloor.exercise.feeds.nodes.ledger import branch, cents
from watchfloor.exercise.plots.base import PAIRS, Plot

NAME: Final = "proceeds-ring"
CIRCLE: Final = BANKS[:3]
"""The banks that the circle goes through."""
DEPOSITS: Final = 5
"""Of cash at each bank, on one day."""
KEPT: Final = Decimal("0.97")
"""Of what a link of the circle receives it passes on."""


def make_plots(cast: Cast) -> Iterator[Plot]:
    """One plot. The cell's own part is a report about the account where the circle begins and ends."""
    links = [at(cast, cast.company(), bank) for bank in CIRCLE]
    lender = at(cast, cast.company(), CIRCLE[0])
    collectors = [at(cast, cast.person(), bank) for bank in BANKS]
    mules = [at(cast, cast.person(), bank) for bank in BANKS]
    supplier = cast.abroad(cast.company())
    runners = [cast.person() for _ in range(4)]
    money: list[Deposit | Transfer] = [
        *_circle(cast, lender, links),
        *(one for collector in collectors for one in _placed(cast, collector, runners)),
        *_layered(cast, collectors, mules),
        *_paid(cast, mules, supplier),
    ]
    yield Plot(
        NAME,
        "cash of six banks goes through mules to one supplier abroad; companies pass a loan in a circle",
        ("laundering", "precursor-import", "organised-group"),
        (lender, *links, *collectors, *mules, supplier, *runners),
        (*money, *_told(cast, money), _sighting(cast, links[0])),
    )


def _circle(cast: Cast, lender: Party, links: list[Party]) -> Iterator[Transfer]:
    """A loan, and three times around with it, a payment an hour, each of a little less than the last."""
    amount = cents(cast, 44_000, 52_000)
    for number, (payer, payee) in enumerate(pairwise([lender, *links, *links, *links, links[0]])):
        yield Transfer(cast.at(7 + number, 8 + number), payer, payee, amount, f"loan {payee.name}")
        amount = (amount * KEPT).quantize(Decimal("0.01"))


def _placed(cast: Cast, collector: Party, runners: list[Party]) -> Iterator[Deposit]:
    """Deposits below 10,000 dollars that together pass it, by several people at different counters."""
    for number in range(DEPOSITS):
        by, hour = runners[number % len(runners)], 9 + number
        memo = f"for {collector.name}"
        yield Deposit(cast.at(hour, hour + 1), collector, by, cents(cast, 2_300, 2_900), branch(cast), memo)


def _layered(cast: Cast, collectors: list[Party], mules: list[Party]) -> Iterator[Transfer]:
    """Each collector passes on to the mule at the next bank, in two payments."""
    for number, collector in enumerate(collectors):
        mule = mules[(number + 1) % len(mules)]
        for hour in (14, 15):
            memo = f"owed to {mule.name}"
            yield Transfer(cast.at(hour, hour + 1), collector, mule, cents(cast, 5_200, 5_700), memo)


def _paid(cast: Cast, mules: list[Party], supplier: Party) -> Iterator[Transfer]:
    """Each mule pays the supplier twice, half of it each time."""
    for mule in mules:
        for hour in (17, 18):
            memo = f"dyestuff intermediates, invoice {cast.number(1000, 9999)} {supplier.name}"
            yield Transfer(cast.at(hour, hour + 1), mule, supplier, cents(cast, 4_900, 5_150), memo)


def _told(cast: Cast, money: list[Deposit | Transfer]) -> Iterator[Designated]:
    """In the evening the Centre has been told of them by its own channel."""
    for one in money:
        yield Designated(_evening(cast), one)


def _evening(cast: Cast) -> datetime:
    return cast.at(20, 21) + timedelta(minutes=5)


def _sighting(cast: Cast, first: Party) -> Act:
    return Sighting(
        cast.at(3, 6),
        "Fort Amity police, proceeds section",
        "Company without a business",
        "The company has no staff and no stock, and its account is said to turn over more than the mill's.",
        cast.one_of(PAIRS),
        keys(first.account),
        "laundering",
        ("PRIME", f"{cast.number(10**5, 10**6)}"),
    )
