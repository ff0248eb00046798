"""Mean elements for SGP4, and ephemerides, whichever form a file of orbits has."""

import math
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.formats.base import Fault

Floats = npt.NDArray[np.float64]


class Elements(msgspec.Struct, frozen=True, kw_only=True):
    """Mean elements of one satellite at one moment, as SGP4 takes them (TEME, true equator and mean equinox).

    Attributes:
        name: as the file has it; empty where it has none.
        norad: number of the U.S. catalogue.
        designator: international, `1993-009B`; empty where there is none.
        epoch: UTC.
        mean_motion: revolutions a day.
        eccentricity: 0 to 1.
        inclination, node, perigee, anomaly: degrees; right ascension of the ascending node, argument of
            perigee, mean anomaly.
        drag: B*, per Earth radius.
        motion_dot: half of the first derivative of the mean motion, revolutions per day squared.
        motion_ddot: a sixth of the second one.
        locator: where it stood.
    """

    name: str = ""
    norad: int
    designator: str = ""
    epoch: datetime
    mean_motion: float
    eccentricity: float
    inclination: float
    node: float
    perigee: float
    anomaly: float
    drag: float = 0.0
    motion_dot: float = 0.0
    motion_ddot: float = 0.0
    locator: str = ""


class Ephemeris(msgspec.Struct, frozen=True, kw_only=True):
    """States of one satellite in order of time.

    Attributes:
        name, designator: of the satellite.
        frame: `TEME`, `ITRF` or `EME2000`.
        start: UTC, of the first state.
        seconds: of each state after `start`, of shape (states,).
        position, velocity: kilometres and kilometres a second, of shape (states, 3).
        locator: where its segment began.
    """

    name: str
    designator: str = ""
    frame: str
    start: datetime
    seconds: Floats
    position: Floats
    velocity: Floats
    locator: str = ""


class Orbits(msgspec.Struct, frozen=True):
    """Elements and ephemerides of a file, and a fault for each piece that could not be read."""

    elements: tuple[Elements, ...] = ()
    ephemerides: tuple[Ephemeris, ...] = ()
    faults: tuple[Fault, ...] = ()


def problem(found: Elements) -> str:
    """Return what is impossible about elements; empty where nothing is."""
    numbers = {name: getattr(found, name) for name in RANGES}
    for name, (low, high, said) in RANGES.items():
        if not low <= numbers[name] <= high:
            return f"{said} is {numbers[name]:g}, and must be from {low:g} to {high:g}"
    others = found.drag, found.motion_dot, found.motion_ddot
    if not all(math.isfinite(one) for one in others):
        return "the drag terms are no numbers"
    return ""


RANGES = {
    "mean_motion": (0.05, 18.0, "the mean motion (revolutions a day)"),
    "eccentricity": (0.0, 0.999, "the eccentricity"),
    "inclination": (0.0, 180.0, "the inclination"),
    "node": (-360.0, 360.0, "the right ascension of the node"),
    "perigee": (-360.0, 360.0, "the argument of perigee"),
    "anomaly": (-360.0, 360.0, "the mean anomaly"),
    "norad": (0, 999_999_999, "the catalogue number"),
}
"""Limits of each number, and what it is called. Above 18 revolutions a day an orbit lies in the ground."""
