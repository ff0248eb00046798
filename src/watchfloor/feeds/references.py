"""What the desks of a floor may look at besides its evidence."""

from typing import Final

import pyarrow as pa

from watchfloor.desks.base import Refs
from watchfloor.feeds.config import load
from watchfloor.reference import border, controls, margins
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
    return Refs(floor.key, found | {"border": border.content(), "tracker": _tracker(floor)})


TRACKER: Final = "tracker.toml"
"""Settings of the tracker, where a floor has its own; `watchfloor track --settings` prints them all."""


def _tracker(floor: Floor) -> bytes:
    own = floor.root / TRACKER
    return own.read_bytes() if own.exists() else b""
