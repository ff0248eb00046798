"""The cues that one reader may give now: from what he may see of tracks, lives at risk, assets and tasks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.flags import LIFE
from watchfloor.casework.tasking import assets, units
from watchfloor.casework.tasking.assets import Asset
from watchfloor.casework.tasking.tasks import OPEN, Task
from watchfloor.casework.tasking.units import Units
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning import current_targets
from watchfloor.planning.sensor_tasking import Cue, choose
from watchfloor.policy.policy import Reader
from watchfloor.reference import border
from watchfloor.store.floor import Floor

NO_ASSETS: Final = declare("planning.no-assets")
UNSERVED: Final = declare("planning.unserved", "names")
STRANGERS: Final = declare("planning.strangers", "names")
NO_UNITS: Final = declare("planning.no-units", "names")
ALL_BUSY: Final = declare("planning.all-busy", "names")
NO_DESK: Final = declare("planning.no-tracks")
ALL_OLD: Final = declare("planning.all-old", "minutes", "count", "newest")
ALL_COVERED: Final = declare("planning.all-covered", "count")
NOTHING_LEARNED: Final = declare("planning.nothing-learned", "assets", "count")


@dataclass(frozen=True, slots=True)
class Advice:
    """Cues for now.

    Attributes:
        cues: lives first, then most bits first.
        why_none: why there is none; None where there are some.
        fleet: the assets to point or send that the reader may know of.
        classes: class of each track that a cue is for; None where it is not known.
        markings: of each track that a cue is for.
        strangers: assets whose unit `units.toml` does not name, so that nobody could be asked.
        unserved: tracks whose lives are at risk, to which nobody is sent who knows that, and nobody can be.
    """

    cues: tuple[Cue, ...]
    why_none: Reason | None
    fleet: Mapping[str, Asset]
    classes: Mapping[str, str | None]
    markings: Mapping[str, str]
    strangers: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()


def advise(floor: Floor, reader: Reader, moment: datetime, position: int | None = None) -> Advice:
    """The cues to give at a moment.

    Args:
        floor: whose tracks, tasks and assets.
        reader: who asks; what he may not see has no part in it.
        moment: when; assets are where `assets.toml` has them.
        position: of the log, for the past; None: the present.

    Raises:
        SettingsError: `assets.toml` or `units.toml` cannot be read.
    """
    table = units.load(floor.root)
    fleet = {name: one for name, one in assets.visible(floor.root, reader).items() if one.kind in assets.SENT}
    known = {name: one for name, one in sorted(fleet.items()) if one.unit in table.units}
    strangers = tuple(sorted(fleet.keys() - known.keys()))
    given = [one for one in Task.read(floor, reader, position).values() if one.order.asset]
    open_ = [one for one in given if one.standing(moment) in OPEN]
    free = _free(known, open_)
    rows = current_targets.read(floor, reader, moment, position)
    heard = None if rows is None else current_targets.fresh(rows, moment)
    lives = current_targets.endangered(floor, reader, moment, position) if heard is not None else frozenset()
    wanted = None if heard is None else _uncovered(heard, open_, lives)
    cues = _chosen(free, wanted, lives, table, moment)
    served = {cue.track for cue in cues}
    every = [] if wanted is None else current_targets.keys(wanted).to_pylist()
    unserved = tuple(key for key in every if key in lives and key not in served)
    why = None if cues else _why_none(fleet, known, free, rows, heard, wanted)
    return Advice(
        tuple(cues),
        why,
        fleet,
        _column(wanted, served, "class"),
        _column(wanted, served, "marking"),
        strangers,
        unserved,
    )


def _chosen(
    free: Mapping[str, Asset],
    wanted: pa.Table | None,
    lives: Collection[str],
    table: Units,
    moment: datetime,
) -> list[Cue]:
    if not free or wanted is None or not wanted.num_rows:
        return []
    line = border.load()
    targets = current_targets.targets(wanted, line, moment, lives)
    night = dark(targets.latitude, targets.longitude, moment)
    home = {name: table.units[one.unit].country for name, one in free.items()}
    return choose(free, targets, line, moment, dark=night, home=home)


def _why_none(
    fleet: Mapping[str, Asset],
    known: Mapping[str, Asset],
    free: Mapping[str, Asset],
    rows: pa.Table | None,
    heard: pa.Table | None,
    wanted: pa.Table | None,
) -> Reason:
    """Why there is no cue: the first thing that is missing."""
    if not fleet:
        return reason(NO_ASSETS)
    if not known:
        return reason(NO_UNITS, names=", ".join(sorted(fleet)))
    if not free:
        return reason(ALL_BUSY, names=", ".join(known))
    if rows is None or heard is None or wanted is None or not rows.num_rows:
        return reason(NO_DESK)
    if not heard.num_rows:
        return _too_old(rows)
    if not wanted.num_rows:
        return reason(ALL_COVERED, count=heard.num_rows)
    return reason(NOTHING_LEARNED, assets=len(free), count=wanted.num_rows)


def _column(rows: pa.Table | None, keys: Collection[str], name: str) -> dict[str, Any]:
    """A column of some tracks, by their keys."""
    if rows is None:
        return {}
    pairs = zip(current_targets.keys(rows).to_pylist(), rows[name].to_pylist(), strict=True)
    return {key: value for key, value in pairs if key in keys}


def _free(fleet: Mapping[str, Asset], open_: Iterable[Task]) -> dict[str, Asset]:
    """Return the assets that no open task sends."""
    sent = {one.order.asset for one in open_}
    return {name: one for name, one in fleet.items() if name not in sent}


def _uncovered(rows: pa.Table, open_: Iterable[Task], lives: Iterable[str]) -> pa.Table:
    """Tracks to which nobody is on the way; one whose life is at risk needs somebody who knows that."""
    sent: set[str] = set()
    told: set[str] = set()
    for one in open_:
        sent.update(one.order.subjects)
        if LIFE in one.order.flags:
            told.update(one.order.subjects)
    endangered = set(lives)
    names = current_targets.keys(rows).to_pylist()
    keep = [name not in (told if name in endangered else sent) for name in names]
    return rows.filter(pa.array(np.array(keep, np.bool_)))


def _too_old(rows: pa.Table) -> Reason:
    newest: datetime = pc.max(rows["until"]).as_py()
    minutes = round(current_targets.FRESH.total_seconds() / 60)
    return reason(ALL_OLD, minutes=minutes, count=rows.num_rows, newest=f"{newest:%Y-%m-%d %H:%M:%SZ}")


# Whether it is dark at a place: how high the sun stands.
#
# Low-precision formulas of the sun's place (Astronomical Almanac, section C: within 0.01° from 1950 to 2050),
# and Greenwich mean sidereal time of the IAU model of 1982, to the first order. Refraction is left out: at
# the end of twilight, where it matters here, it is none.


Floats = npt.NDArray[np.float64]

CIVIL: Final = -6.0
"""Degrees of the sun's height at the end of civil twilight: below it a camera without its own light sees
nothing to follow."""

_J2000: Final = datetime(2000, 1, 1, 12, tzinfo=UTC)


def height(latitude: npt.ArrayLike, longitude: npt.ArrayLike, at: datetime) -> Floats:
    """Of the sun above the horizon at places, in degrees."""
    days = (at - _J2000).total_seconds() / 86_400
    right, declination = sun(days)
    sidereal = np.radians((280.46062 + 360.98564737 * days + np.asarray(longitude, np.float64)) % 360)
    north = np.radians(np.asarray(latitude, np.float64))
    up = np.sin(north) * np.sin(declination) + np.cos(north) * np.cos(declination) * np.cos(sidereal - right)
    return np.asarray(np.degrees(np.arcsin(np.clip(up, -1, 1))))


def sun(days: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return right ascension and declination of the sun, radians, at days since noon of 1 January 2000."""
    days = np.asarray(days, np.float64)
    mean = np.radians((357.528 + 0.9856003 * days) % 360)
    ecliptic = np.radians(
        (280.460 + 0.9856474 * days + 1.915 * np.sin(mean) + 0.020 * np.sin(2 * mean)) % 360
    )
    tilt = np.radians(23.439 - 0.0000004 * days)
    right = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    return np.asarray(right), np.asarray(np.arcsin(np.sin(tilt) * np.sin(ecliptic)))


def dark(latitude: npt.ArrayLike, longitude: npt.ArrayLike, at: datetime) -> npt.NDArray[np.bool_]:
    """Whether civil twilight is over, or has not begun, at places."""
    return np.asarray(height(latitude, longitude, at) < CIVIL)
