"""`split-consignment`: several items to one consignee within a week, each just under a threshold of value.

The thresholds are those of `goods_norms.toml`; for orders by post the Agency's own memorandum says
that an order may not be divided to stay under one (D8-2-2, para 7). Who buys often from one shop looks alike.
"""

from math import fsum
from typing import Any, Final

import numpy as np

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, subjects_of
from watchfloor.desks.cargo.chains import (
    LEAST_PACKETS,
    LEAST_SMALL,
    LEAST_SPLIT,
    SMALL_CAD,
    SPLIT_WIDTH,
)
from watchfloor.desks.cargo.columns import LIGHT, PACKET, SHIPPER
from watchfloor.desks.cargo.goods_norms import Norms
from watchfloor.desks.cargo.ledger import DAY
from watchfloor.desks.cargo.messages import PACKETS, SPLIT
from watchfloor.desks.cargo.rules.group import Counted, Counting, Group, bands

RULE: Final = "split-consignment"
STRENGTHS: Final = ("few", "several", "many")


def least(norms: Norms) -> Any:
    """How many items each bit of `Lines.small` asks for [32]."""
    wanted = np.full(32, LEAST_PACKETS, np.int64)
    for bit, one in enumerate(norms.threshold):
        wanted[bit] = LEAST_SPLIT if one.cad > SMALL_CAD else LEAST_SMALL
    return wanted


def say(group: Group) -> Counted | None:
    """State how many small lines went to one consignee, up to the last."""
    book, at = group.book, group.at
    same = (book.goods[at] == book.goods[at[-1]]) & (book.goods[at[-1]] != 0)
    same |= (book.heading[at] == book.heading[at[-1]]) & (book.heading[at[-1]] >= 0)
    same |= group.share(SHIPPER)
    wanted = least(group.norms)
    for bit in np.flatnonzero(book.small[at[-1]] >> np.arange(32, dtype=np.uint32) & 1).tolist():
        mine = group.where(same & (book.small[at] >> np.uint32(bit) & 1).astype(np.bool_))
        if mine.items >= wanted[bit] and (found := _said(mine, bit, int(wanted[bit]))):
            return found
    return None


def _said(group: Group, bit: int, wanted: int) -> Counted | None:
    rows, days = group.cited(), SPLIT_WIDTH // DAY
    about: dict[str, Any] = {
        "count": group.items,
        "days": days,
        "item": number_of(rows[-1]["subject"], "parcel"),
    }
    if bit == PACKET:
        about |= {"light": LIGHT, "total": fsum(group.book.mass[group.at].tolist())}
        why = reason(PACKETS[group.chain], **about)
        strength = "packets"
    else:
        limit = group.norms.threshold[bit]
        total = fsum(group.book.cad[group.at].tolist())
        if total <= limit.cad:
            return None
        about |= {"threshold": limit.cad, "total": total, "law": limit.law}
        why = reason(SPLIT[group.chain], **about)
        strength = bands(group.items, wanted, STRENGTHS)
    said = Statement(RULE, strength, subjects_of(rows), why, rows)
    return Counted(said, group.items, tuple(group.lines))


SAYS: Final = Counting(SPLIT_WIDTH, say)
