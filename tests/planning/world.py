"""A floor with tracks, as a kept run and the live floor have them, and things to send."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.core.messages import reason
from watchfloor.desks.base import derive
from watchfloor.desks.surveillance.messages import COLD
from watchfloor.desks.surveillance.track_rows import TRACK
from watchfloor.reference import border

NOW = datetime(2026, 2, 1, 18, tzinfo=UTC)
LATITUDE, LONGITUDE = border.load().at(1500)
"""On the 49th parallel, where the line runs east."""
OPEN, HIDDEN = "PB//TLP:AMBER", "PC//TLP:RED"
ASSET = """[assets.{name}]
kind = "{kind}"
unit = "{unit}"
latitude = {latitude}
longitude = {longitude}
reach_m = {reach}
half_width_m = 80.0
detects = 0.9
alarms = 0.02
error_m = 10.0
{more}
"""


def north_of(metres):
    return LATITUDE + metres / 111_200


def east_of(metres):
    return LONGITUDE + metres / (111_200 * np.cos(np.radians(LATITUDE)))


def asset(name, kind="camera", north=300.0, unit="rcmp-operations", reach=8000.0, more="slew_deg_s = 30"):
    said = {"latitude": north_of(north), "longitude": LONGITUDE}
    return ASSET.format(name=name, kind=kind, unit=unit, reach=reach, more=more, **said)


def key(number):
    return f"track:surveillance:{number}"


def legs(*rows, ago=timedelta(seconds=10), now=NOW):
    """(number, east, north of the line, v_north, marking): tracks of persons, last heard so long ago."""
    count = len(rows)
    number, east, north, v_north, marking = zip(*rows, strict=True) if rows else ((),) * 5
    at = [now - ago] * count
    none = [[]] * count
    return derive(
        TRACK,
        row_id=[one.to_bytes(16, "big") for one in number],
        at=at,
        since=at,
        until=at,
        track=list(number),
        subjects=[[key(one)] for one in number],
        latitude=[north_of(one) for one in north],
        longitude=[east_of(one) for one in east],
        altitude=[None] * count,
        v_east=[0.0] * count,
        v_north=[float(one) for one in v_north],
        speed=[abs(float(one)) for one in v_north],
        course=[180.0] * count,
        var_east=[225.0] * count,
        var_north=[225.0] * count,
        cov_east_north=[0.0] * count,
        radius=[36.7] * count,
        minor=[36.7] * count,
        axis=[0.0] * count,
        exists=[0.6] * count,
        **{"class": ["person"] * count},
        sensors=none,
        reports=[5] * count,
        evidence=none,
        origins=none,
        marking=list(marking),
    )


def endangered(number, marking=OPEN, at=NOW - timedelta(minutes=5)):
    """A signal that a walker has been out in deadly cold."""
    row = {
        "row_id": number.to_bytes(16, "big"), "revision": 0, "at": at, "since": at, "until": None,
        "retracted": False, "desk": "surveillance", "rule": "cold-exposure", "subjects": [key(number)],
        "strength": "likely", "score": 0.7,
        "reason": reason(COLD[0], track=number, minutes=12, chill=-33).stored(),
        "evidence": [], "coverage": [], "origins": [], "marking": marking, "latitude": None,
        "longitude": None, "radius": None,
    }  # fmt: skip
    return pa.Table.from_pylist([row], SIGNAL)


def keep(floor, actor, tracks, signals=None, view="", position=None):
    """Keep a run of the desk that says this, of what is on the floor now or was at a position."""
    tables = {"track": tracks, "signal": SIGNAL.empty_table() if signals is None else signals}
    with floor.writer(actor) as writer:
        writer.keep_run("surveillance", "1", position or floor.position, {}, tables, view)
