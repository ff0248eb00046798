"""Payments: who pays and who is paid, each with the account, telephone and address that the bank has."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Transfer
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Observation, Row
from watchfloor.exercise.volumes import PAYMENTS

NAME: Final = "payments"
MEMOS: Final = ("invoice", "tuition", "family support", "deposit on goods", "rent", "freight")


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Wires of 10,000 dollars and more, half of them from or to abroad."""
    for _ in range(count):
        here, other = cast.anybody(), cast.anybody()
        payer, payee = cast.one_of(((here, other), (cast.abroad(other), here), (here, cast.abroad(other))))
        yield Transfer(cast.at(), payer, payee, cast.number(10_000, 90_000), cast.one_of(MEMOS))


def sees(act: Act) -> Iterator[Observation]:
    """Both ends of a transfer."""
    if not isinstance(act, Transfer):
        return
    context = f"{act.memo}, {act.amount:,} CAD"
    for role, party in (("payer", act.payer), ("payee", act.payee)):
        yield parties.seen(act, role, party, context, (party.account, party.phone, party.address))


def write(folder: Path, rows: Sequence[Row]) -> None:
    """One CSV file."""
    parties.write(folder, NAME, rows)


FEED: Final = Feed(NAME, PAYMENTS, parties.settings(NAME, "payer and payee"), everyday, sees, write)
