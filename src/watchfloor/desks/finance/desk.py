"""The finance desk as a fold over payments and accounts: cash that adds up, and what the typologies say.

Three folds side by side. `cash` holds the one rule that the regulations state to the dollar and the hour;
`watch` evaluates the indicators of `typologies/*.toml`, and has a model's scores where the floor has one;
`schemes` tells pattern instances with their payments. All say what an analyst may look at, and no more.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.finance import cash, rates, schemes
from watchfloor.desks.finance.cash import NAME, RULE, THRESHOLD, WITHIN, windows
from watchfloor.desks.finance.models import scored
from watchfloor.desks.finance.models.installed import REFERENCE, of_reference
from watchfloor.desks.finance.schemes import Schemes
from watchfloor.desks.finance.surroundings import READS
from watchfloor.desks.finance.typologies import watch
from watchfloor.desks.finance.typologies.watch import Watch
from watchfloor.desks.state import freeze, thaw, within

__all__ = ["DESK", "RULE", "THRESHOLD", "WITHIN", "windows"]


@dataclass(slots=True)
class State:
    """Of the three folds."""

    deposits: cash.Accounts = within(cash.Accounts, "cash")
    indicators: Watch = within(Watch)
    patterns: Schemes = within(Schemes, "schemes.")


def begin(refs: Refs) -> State:
    """Before the first payment."""
    return State(
        indicators=Watch(scored=scored.begin(of_reference(refs[REFERENCE]))),
        patterns=Schemes(rates=rates.of_reference(refs[rates.REFERENCE])),
    )


def step(refs: Refs, state: State, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch of payments and accounts."""
    if not rows.num_rows:
        return {}
    payments = rows.filter(pc.equal(rows["kind"], "payment"))
    made = cash.step(refs.key, state.deposits, payments) + watch.step(refs.key, state.indicators, rows)
    made += schemes.step(NAME, refs.key, state.patterns, payments)
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


DESK: Final = Desk(
    name=NAME,
    version="7",
    reads=(*READS, "payment", "account"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=partial(freeze, column="table"),
    thaw=thaw(begin),
    uses=(REFERENCE, rates.REFERENCE),
)
