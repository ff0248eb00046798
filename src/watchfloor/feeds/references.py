"""What the desks of a floor may look at besides its evidence."""

import pyarrow as pa

from watchfloor.desks.base import Refs
from watchfloor.feeds.config import load
from watchfloor.reference import controls, margins
from watchfloor.store.floor import Floor


def references(floor: Floor) -> Refs:
    """From the floor's settings: which feeds are screened and why, what is controlled, what may be off."""
    screened = load(floor.root).screened()
    table = pa.table(
        {
            "source": pa.array(list(screened), pa.string()),
            "necessity": pa.array([one.necessity for one in screened.values()], pa.string()),
            "authority": pa.array([one.authority for one in screened.values()], pa.string()),
        }
    )
    found = {"screening": table, "controls": controls.reference(), "margins": margins.reference(floor.root)}
    return Refs(floor.key, found)
