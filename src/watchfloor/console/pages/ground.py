"""Ground that changed, as scenes show it: its shape, and pictures of before and after, side by side."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal

import msgspec

from watchfloor.casework.scans.scans import picture
from watchfloor.cell.acts import NotFound
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.core.messages import declare, reason
from watchfloor.core.subjects import parts
from watchfloor.desks.space.desk import NAME as SPACE
from watchfloor.feeds.original import original as find
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NO_PICTURE: Final = declare("console.no-picture")
BARS: Final = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
"""Metres of a scale bar."""
BAR: Final = 0.4
"""Share of a picture that a scale bar takes at most."""
OF_CHANGE: Final = (
    *("record_id", "change", "what", "shape", "before", "after", "since", "until", "latitude", "longitude"),
    *("observed_at", "picture_before", "picture_metres", "marking"),
)
OF_SCENE: Final = ("record_id", "report_key", "platform", "started", "cloud")


class Shown(msgspec.Struct, frozen=True):
    """One of two pictures: where it is, when it was taken, by what, and which share was under cloud."""

    src: str
    at: datetime
    platform: str
    cloud: float | None


class GroundView(msgspec.Struct, frozen=True):
    """Ground that changed.

    Attributes:
        record: id of the record whose pictures these are.
        what: what its form is like.
        shape: GeoJSON.
        latitude, longitude: its middle, degrees.
        metres: how wide the ground on a picture is; 0: there are none.
        bar: metres of the scale bar.
        before, after: the pictures; None where there are none, or a scene is not for this reader.
        marking: who may see it.
    """

    record: str
    what: str
    shape: str
    latitude: float
    longitude: float
    metres: float
    bar: int
    before: Shown | None
    after: Shown | None
    marking: str


def grounds(
    floor: Floor, reader: Reader, keys: Iterable[str], as_of: int | datetime | None = None
) -> dict[str, GroundView]:
    """Return the ground of each place that a change is about, as a reader may see it, by the place's key."""
    changes = {number: key for key in keys for type_, system, number in [_parts(key)] if system == SPACE}
    if not changes:
        return {}
    rows = floor.read("scene-change", reader, as_of, columns=OF_CHANGE).to_pylist()
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["observed_at"]):
        if row["change"] in changes and (row["picture_before"] or row["change"] not in last):
            last[row["change"]] = row  # the last one with pictures
    if not last:
        return {}
    scenes = floor.read("scene", reader, as_of, columns=OF_SCENE).to_pylist()
    known = {row["report_key"]: row for row in scenes}
    return {changes[change]: _view(row, known) for change, row in last.items()}


def _parts(key: str) -> tuple[str, str, str]:
    return parts(key) if key.startswith("place:") else ("", "", "")


def _view(row: Mapping[str, Any], scenes: Mapping[str, Mapping[str, Any]]) -> GroundView:
    metres = (row["picture_metres"] or 0.0) if row["picture_before"] else 0.0
    record = row["record_id"].hex()
    shown = [
        _shown(record, which, scenes.get(key)) if metres else None
        for which, key in (("before", row["before"][-1]), ("after", row["after"]))
    ]
    return GroundView(
        record=record,
        what=row["what"],
        shape=row["shape"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        metres=metres,
        bar=max((one for one in BARS if one <= BAR * metres), default=BARS[0]),
        before=shown[0],
        after=shown[1],
        marking=row["marking"],
    )


def _shown(record: str, which: str, scene: Mapping[str, Any] | None) -> Shown | None:
    if scene is None:
        return None
    src = f"/records/{record}/picture/{which}"
    return Shown(src, scene["started"], scene["platform"], scene["cloud"])


class PictureAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of a record of changed ground, and which of its two pictures."""

    record_id: str
    which: Literal["before", "after"]


def picture_of(asker: Asker, ask: PictureAsk) -> Raw:
    """A picture of ground before or after it changed, as it came with the record. Raises `NotFound`."""
    found = find(asker.floor, ask.record_id, asker.reader)
    asker.log_query("record", record=found.row["record_id"].hex(), picture=ask.which)
    png, name = None, f"picture_{ask.which}"
    if found.piece is not None and found.row.get(name):
        png = picture(found.piece, name)
    if png is None or sha256(png).hexdigest() != found.row[name]:
        raise NotFound(reason(NO_PICTURE))
    return Raw(png, "image/png")


ENDPOINTS: Final = (
    Endpoint("record.picture", "GET", "/records/{record_id}/picture/{which}", PictureAsk, Raw, picture_of),
)
