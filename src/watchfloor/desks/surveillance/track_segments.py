"""Rows of the kind `track` from entries of the book."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.desks.base import derive
from watchfloor.desks.surveillance.evidence_index import LEG, cited
from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.schema import TRACK
from watchfloor.desks.surveillance.tracking.places import geodetic
from watchfloor.desks.surveillance.tracking.reports import KLASSES
from watchfloor.records.derived import row_id

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

NAME: Final = "surveillance"
RULE: Final = "track"

NONE: Final = TRACK.empty_table()
"""No rows: most steps end no leg, and to make an empty table takes as long as to make a small one."""

PART: Final = float(np.sqrt(-2 * np.log(0.05)))
"""Standard deviations at which an ellipse holds 95 % of a normal distribution of two dimensions: 2.448."""


def track_key(number: int) -> str:
    """The typed key of a track."""
    return f"track:{NAME}:{number}"


def rows(key: bytes, entries: Array, names: Names) -> pa.Table:
    """One row an entry: what the track did in its leg."""
    if not len(entries):
        return NONE
    legs = entries["leg"]
    latitude, longitude, _ = geodetic(entries["place"])
    major, minor, axis = ellipse(entries["cov"])
    v_east, v_north = entries["velocity"].T
    keys = [track_key(number) for number in entries["id"].tolist()]
    return derive(
        TRACK,
        row_id=[
            row_id(key, NAME, RULE, (one,), str(leg)) for one, leg in zip(keys, legs.tolist(), strict=True)
        ],
        at=pa.array((legs + 1) * LEG, pa.timestamp("us", "UTC")),
        since=moments(entries["since"]),
        until=moments(entries["t"]),
        track=entries["id"],
        subjects=[
            names.subjects(one, claimed)
            for one, claimed in zip(keys, entries["claimed"].tolist(), strict=True)
        ],
        latitude=latitude,
        longitude=longitude,
        altitude=known(entries["altitude"]),
        v_east=v_east,
        v_north=v_north,
        speed=np.hypot(v_east, v_north),
        course=np.degrees(np.arctan2(v_east, v_north)) % 360,
        var_east=entries["cov"][:, 0],
        var_north=entries["cov"][:, 2],
        cov_east_north=entries["cov"][:, 1],
        radius=major,
        minor=minor,
        axis=axis,
        exists=entries["exists"],
        **{"class": classes(entries["klass"])},
        sensors=[names.sensors(mask) for mask in entries["sensors"].tolist()],
        reports=entries["reports"],
        evidence=(records := cited(entries)),
        origins=[names.origins(ids) for ids in records],
        marking=[names.marking(mask) for mask in entries["markings"].tolist()],
    )


def ellipse(cov: Floats) -> tuple[Floats, Floats, Floats]:
    """Half axes in metres of the ellipse of 95 %, and the direction of the long one in degrees, of [n, 3]."""
    east, both, north = cov.T
    middle, half = (east + north) / 2, np.hypot((east - north) / 2, both)
    axis = np.degrees(np.arctan2(2 * both, north - east)) / 2 % 180
    return PART * np.sqrt(middle + half), PART * np.sqrt(np.maximum(middle - half, 0)), axis


def classes(codes: Array) -> list[str | None]:
    """Names of classes; none for what is not known."""
    return [KLASSES[code] if 0 <= code < len(KLASSES) else None for code in codes.tolist()]


def moments(seconds: Floats) -> pa.Array:
    """Seconds since 1970 as moments."""
    return pa.array(np.round(seconds * 1e6).astype(np.int64), pa.timestamp("us", "UTC"))


def known(values: Floats) -> pa.Array:
    """Numbers, null where they are not known."""
    return pa.array(values, pa.float64(), mask=np.isnan(values))
