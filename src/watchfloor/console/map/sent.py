"""The layers of towers and of patrols: what the floor has to point and to send, as its `assets.toml` says.

The file has no history. What it says holds from when it was written; a moment before that shows none of it.
"""

from datetime import UTC, datetime
from typing import Any, Final

from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.assets import Asset
from watchfloor.console.map import symbols
from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

SAYS: Final = {
    "camera": declare("console.map-camera", "unit", "metres", "night"),
    "radar": declare("console.map-radar", "unit", "metres", "night"),
    "ground-sensor": declare("console.map-ground-sensor", "unit", "metres", "night"),
    "drone": declare("console.map-drone", "unit", "metres", "night"),
    "aircraft": declare("console.map-aircraft", "unit", "metres", "night"),
    "boat": declare("console.map-boat", "unit", "metres", "night"),
}
"""What the map says of each kind."""


def rows(floor: Floor, reader: Reader, moment: datetime, *, moving: bool) -> list[dict[str, Any]] | None:
    """Assets that stay where they are, or those that move, as `layers.POINT` has things.

    None where the floor has none that this reader may know of, or had not at that moment; a file that cannot
    be read is none, which `watchfloor surveillance cue` tells.
    """
    try:
        since = datetime.fromtimestamp((floor.root / assets.NAME).stat().st_mtime, UTC).replace(microsecond=0)
        fleet = assets.visible(floor.root, reader)
    except (OSError, SettingsError):
        return None
    mine = {name: one for name, one in fleet.items() if (one.kind not in assets.FIXED) == moving}
    return [_row(name, one, since) for name, one in mine.items()] if mine and since <= moment else None


def _row(name: str, one: Asset, since: datetime) -> dict[str, Any]:
    said = reason(SAYS[one.kind], unit=one.unit, metres=round(one.reach_m), night=one.night)
    return {
        "key": name,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "major": one.reach_m,
        "course": one.azimuth if one.slew_deg_s else None,
        "symbol": symbols.CLASSES.get(one.kind, "unknown"),
        "at": since,
        "title": name,
        "reason": said.stored(),
        "marking": one.marking,
    }
