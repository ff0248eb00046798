"""The signals that stand, and those that were taken back, as one reader sees them."""

from datetime import datetime

import pyarrow as pa

from watchfloor.core.derived import net
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import NoView
from watchfloor.store.floor import Floor


def signals(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> pa.Table:
    """The signals that stand in this reader's view, last revisions only."""
    return net(_revised(floor, reader, as_of))


def taken_back(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> pa.Table:
    """Signals that stood once in this reader's view: revisions that take back, with the reason."""
    rows = _revised(floor, reader, as_of)
    return rows.filter(rows.column("retracted"))


def _revised(floor: Floor, reader: Reader, as_of: int | datetime | None) -> pa.Table:
    """From the runs of the reader's view; where there are none, made for him now."""
    try:
        return floor.revised("signal", reader, as_of)
    except NoView:
        from watchfloor.desks.registry import desks
        from watchfloor.feeds.references import references
        from watchfloor.run import views

        return views.revised(floor, reader, desks(), references(floor), as_of)
