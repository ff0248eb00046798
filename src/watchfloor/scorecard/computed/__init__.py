"""Lines of the register that are computed from lists, law and the floor, by the name that the register has.

Each function takes a floor with its reader, or neither, and a day; it says what is found, which records or
documents that rests on, and with what it may not be compared. Where nothing is held the sentence says so and
the value is None.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from watchfloor.formats.settings import nearest
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.computed.cartels import cartels_listed
from watchfloor.scorecard.computed.cell import cell
from watchfloor.scorecard.computed.law import precursors_scheduled
from watchfloor.scorecard.computed.led import listings_led_to
from watchfloor.scorecard.computed.operations import blizzard
from watchfloor.scorecard.computed.partners import banks, exporters_of_concern
from watchfloor.scorecard.computed.result import RECORD, Computed
from watchfloor.store.floor import Floor

__all__ = ["COMPUTED", "RECORD", "Computed", "compute"]

COMPUTED: Final[Mapping[str, Callable[[Floor | None, Reader | None, date], Computed]]] = {
    "cartels-listed": cartels_listed,
    "listings-led-to": listings_led_to,
    "precursors-scheduled": precursors_scheduled,
    "exporters-of-concern": exporters_of_concern,
    "banks": banks,
    "blizzard": blizzard,
    "cell": cell,
}
"""What computes a line, by the name in the register's `computed = "…"`."""


def compute(name: str, floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """Compute the line of that name on a day.

    Args:
        name: one of `COMPUTED`.
        floor: whose records are read; None: lists and law of the package alone.
        reader: who asks: what he may not see plays no part. Needed with a floor.
        on: the day.

    Raises:
        KeyError: nothing of that name is computed; the message has the nearest one.
        ValueError: a floor without a reader.
    """
    if name not in COMPUTED:
        raise KeyError(f"nothing computes {name!r}{nearest(name, COMPUTED)}")
    if floor is not None and reader is None:
        raise ValueError("a floor is read by somebody: give its reader, too")
    return COMPUTED[name](floor, reader, on)
