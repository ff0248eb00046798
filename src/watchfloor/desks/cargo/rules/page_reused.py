"""`page-reused`: one seller's page, given by consignors that share nothing."""

from typing import Final

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, subjects_of
from watchfloor.desks.cargo.chains import LEAST_PAGE
from watchfloor.desks.cargo.columns import SHIPPER
from watchfloor.desks.cargo.ledger import DAY, KEPT
from watchfloor.desks.cargo.messages import PAGE
from watchfloor.desks.cargo.rules.group import Counted, Counting, Group, bands, parties

RULE: Final = "page-reused"
STRENGTHS: Final = ("few", "several", "many")
LONGEST: Final = 120
"""Characters of a page's address that are said."""


def say(group: Group) -> Counted | None:
    """Count the lines with one page up to the last."""
    shippers = parties(group, SHIPPER)
    if shippers < LEAST_PAGE:
        return None
    rows = group.cited()
    why = reason(
        PAGE,
        shippers=shippers,
        days=KEPT // DAY,
        page=rows[-1]["page"][:LONGEST],
        count=group.items,
        item=number_of(rows[-1]["subject"], "parcel"),
    )
    said = Statement(RULE, bands(shippers, LEAST_PAGE, STRENGTHS), subjects_of(rows), why, rows)
    return Counted(said, shippers, tuple(group.lines))


SAYS: Final = Counting(KEPT, say)
