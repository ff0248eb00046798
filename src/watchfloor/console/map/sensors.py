"""Views of sensors as they last reported them: records of the kind `coverage`, the last of each sensor."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.console.map.symbols import CLASSES
from watchfloor.core.messages import declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

COLUMNS: Final = (
    *("sensor", "observed_at", "until", "state", "latitude", "longitude", "farthest"),
    *("azimuth_from", "azimuth_to", "class", "marking"),
)
MOVING: Final = ("drone", "aircraft", "vessel")
"""Classes of sensors that are on a patrol; the others stand."""
LASTS: Final = timedelta(minutes=10)
"""How long a view is taken to last after its report says that it ended."""
STATES: Final = {
    name: declare(f"console.map-sensor-{name}", "metres")
    for name in ("looking", "degraded", "off", "fault", "tampered", "gone")
}
"""What the map says of each state."""
SEES: Final = ("looking", "degraded")

Row = dict[str, Any]

KEPT: Final = 8
"""Views whose coverage is remembered: the map is drawn every second."""
_known: OrderedDict[Any, pa.Table] = OrderedDict()
_guard = threading.Lock()


def rows(
    floor: Floor, reader: Reader, position: int, moment: datetime, *, moving: bool
) -> list[dict[str, Any]]:
    """Return the last view of each sensor that stands, or that moves, as `layers.POINT` has things."""
    whole = _coverage(floor, reader, position)
    before = whole.filter(pc.less_equal(whole["observed_at"], pa.scalar(moment, whole["observed_at"].type)))
    if not before.num_rows:
        return []
    codes = before["sensor"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.lexsort((before["observed_at"].cast(pa.int64()).to_numpy(), codes))
    last = order[np.append(codes[order][1:] != codes[order][:-1], True)]
    found = before.take(pa.array(last)).to_pylist()
    return [_row(one) for one in found if (one["class"] in MOVING) == moving]


def _coverage(floor: Floor, reader: Reader, position: int) -> pa.Table:
    """Return every view with a place that a reader may know of at a position."""
    newest = floor.newest(("coverage",), position)
    key = floor.root, floor.restored, floor.view(reader, newest), newest
    with _guard:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    found = floor.read("coverage", reader, newest, COLUMNS)
    found = found.filter(pc.and_(pc.is_valid(found["latitude"]), pc.is_valid(found["longitude"])))
    with _guard:
        _known[key] = found
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return found


def _row(one: Row) -> Row:
    left, right, sees = one["azimuth_from"], one["azimuth_to"], one["state"] in SEES
    sector = (right - left) % 360 if left is not None and right is not None else 0.0
    said = reason(STATES.get(one["state"], STATES["off"]), metres=round(one["farthest"] or 0))
    return {
        "key": one["sensor"],
        "latitude": one["latitude"],
        "longitude": one["longitude"],
        "major": one["farthest"] if sees else None,
        "axis": (left + sector / 2) % 360 if sector else None,
        "sector": sector or None,
        "symbol": "boat" if one["class"] == "vessel" else CLASSES.get(one["class"], "unknown"),
        "at": one["observed_at"],
        "until": max(one["until"] or one["observed_at"], one["observed_at"]) + LASTS,
        "title": one["sensor"],
        "reason": said.stored(),
        "marking": one["marking"],
    }
