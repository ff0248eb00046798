"""The derived kind `track`: where something was, how sure that is, and what it rests on."""

from typing import Final

import pyarrow as pa

from watchfloor.records.derived import DERIVED
from watchfloor.records.kinds import RECORD_ID, column

TRACK: Final = pa.schema(
    [
        *DERIVED,
        column("track", pa.int64(), "its number", nullable=False),
        column("subjects", pa.list_(pa.string()), "its typed key, and what it claims to be", nullable=False),
        column("latitude", pa.float64(), "where it was last, WGS84", nullable=False, unit="degree"),
        column("longitude", pa.float64(), "east positive", nullable=False, unit="degree"),
        column("altitude", pa.float64(), "above the ellipsoid, where it was reported", unit="metre"),
        column("v_east", pa.float64(), "velocity to the east", unit="metre a second"),
        column("v_north", pa.float64(), "to the north", unit="metre a second"),
        column("speed", pa.float64(), "over ground", unit="metre a second"),
        column("course", pa.float64(), "clockwise from true north", unit="degree"),
        column("var_east", pa.float64(), "variance of the place to the east", unit="square metre"),
        column("var_north", pa.float64(), "to the north", unit="square metre"),
        column("cov_east_north", pa.float64(), "covariance of the two", unit="square metre"),
        column("radius", pa.float64(), "half the long axis of the 95 % ellipse", unit="metre"),
        column("minor", pa.float64(), "half its short axis", unit="metre"),
        column("axis", pa.float64(), "direction of the long axis, clockwise from north", unit="degree"),
        column("exists", pa.float64(), "probability that there is something", nullable=False),
        column("class", pa.string(), "likeliest class of what it is"),
        column("sensors", pa.list_(pa.string()), "sensors that reported it so far", nullable=False),
        column("reports", pa.int64(), "how many reports it took so far", nullable=False),
        column("evidence", pa.list_(RECORD_ID), "the last of the records it rests on", nullable=False),
        column("origins", pa.list_(pa.string()), "the first reports behind these", nullable=False),
        column("marking", pa.string(), "the join of the markings of all of them", nullable=False),
    ]
)
"""One leg of a track: half a minute of the clock of arrival. `since` and `until` are its reports' times."""
