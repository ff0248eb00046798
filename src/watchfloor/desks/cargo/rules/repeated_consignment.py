"""`repeated-consignment`: identical goods, mass and value, declared by shippers that share nothing.

One hand that writes many forms copies itself. One maker's goods, sold by many, look the same.
"""

from typing import Final

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, subjects_of
from watchfloor.desks.cargo.chains import LEAST_SHIPPERS
from watchfloor.desks.cargo.columns import SHIPPER
from watchfloor.desks.cargo.ledger import DAY, KEPT
from watchfloor.desks.cargo.messages import REPEATED
from watchfloor.desks.cargo.rules.group import Counted, Counting, Group, bands, parties

RULE: Final = "repeated-consignment"
STRENGTHS: Final = ("few", "several", "many")


def say(group: Group) -> Counted | None:
    """State how many shippers made equal declarations, up to the last."""
    shippers = parties(group, SHIPPER)
    if shippers < LEAST_SHIPPERS:
        return None
    rows = group.cited()
    last = rows[-1]
    why = reason(
        REPEATED,
        shippers=shippers,
        days=KEPT // DAY,
        mass=last["mass"],
        value=f"{last['value']}",
        currency=last["currency"] or "–",
        count=group.items,
        item=number_of(last["subject"], "parcel"),
    )
    said = Statement(RULE, bands(shippers, LEAST_SHIPPERS, STRENGTHS), subjects_of(rows), why, rows)
    return Counted(said, shippers, tuple(group.lines))


SAYS: Final = Counting(KEPT, say)
