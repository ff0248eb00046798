"""The Centre's own: payments that reporting entities told it of by its channel, and whose accounts they are.

How it came there is no part of an exercise: a report goes by that channel and by no bundle. What of it the
Centre may tell is designated information (PCMLTFA s. 55(7)).
"""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Deposit, Designated
from watchfloor.exercise.cast import Party
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import ledger, tables
from watchfloor.exercise.volumes import Volume

PAYMENTS: Final = "told-payments"
PARTIES: Final = "told-parties"


def sees_payments(act: Act) -> Iterator[Observation]:
    """The payment, under a number of the Centre's own."""
    if isinstance(act, Designated):
        of = act.of
        seen = ledger.deposit(of, PAYMENTS) if isinstance(of, Deposit) else ledger.transfer(of)
        says = {name: value for name, value in seen.says.items() if name != "report_key"}
        yield tables.seen(of, seen.identifiers, **says)


def sees_parties(act: Act) -> Iterator[Observation]:
    """Who is named with an account."""
    if isinstance(act, Designated):
        for party in _named(act):
            yield parties.seen(act.of, "holder", party, "designated information", (party.account,))


def _named(act: Designated) -> tuple[Party, ...]:
    return (act.of.holder,) if isinstance(act.of, Deposit) else (act.of.payer, act.of.payee)


PAYMENTS_OF_NODE: Final = tables.feed(PAYMENTS, "payment", sees_payments, Volume(0, "of storylines alone"))
PARTIES_OF_NODE: Final = tables.feed(PARTIES, "party", sees_parties, Volume(0, "of storylines alone"))
