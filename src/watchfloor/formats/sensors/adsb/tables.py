"""Tables of extended squitters (ICAO Doc 9871, second edition, appendices A to C; RTCA DO-260B)."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def _gray(code: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Plain number of a reflected Gray code of eight bits."""
    for shift in (4, 2, 1):
        code = code ^ (code >> shift)
    return code


def _bit(code: npt.NDArray[np.int64], at: int) -> npt.NDArray[np.int64]:
    return (code >> at) & 1


def gillham(code: npt.NDArray[np.int64]) -> Floats:
    """Feet of altitude codes `C1 A1 C2 A2 C4 A4 B1 Q B2 D2 B4 D4` in steps of 100 ft; NaN where one is none.

    A Gray code of 500 ft (`D2 D4 A1 A2 A4 B1 B2 B4`) and one of five steps of 100 ft in it (`C1 C2 C4`),
    which counts back in every other (ICAO Annex 10, volume IV, appendix to chapter 3).
    """
    order = (2, 0, 10, 8, 6, 5, 3, 1)
    five = sum(_bit(code, at) << (7 - i) for i, at in enumerate(order))
    one = _gray(_bit(code, 11) << 2 | _bit(code, 9) << 1 | _bit(code, 7))
    five, some = _gray(np.asarray(five)), ((one >= 1) & (one <= 4)) | (one == 7)
    one = np.where(one == 7, 5, one)
    steps = np.where(five % 2 == 1, 6 - one, one)
    return np.where(some, five * 500.0 + steps * 100.0 - 1_300.0, np.nan)


def _altitudes() -> Floats:
    """Feet of every altitude code of twelve bits: in steps of 25 where its Q bit is set; 0 is none."""
    code = np.arange(4096)
    fine = (((code >> 5) << 4) | (code & 15)) * 25.0 - 1_000.0
    feet = np.where(_bit(code, 4) == 1, fine, gillham(code))
    feet[0] = np.nan
    return np.asarray(feet)


ALTITUDE: Final = _altitudes()
"""Feet by the altitude code of an airborne position; NaN is none."""


def _movements() -> Floats:
    """Knots of every code of movement on the ground: the middle of nothing, the lower bound of its step."""
    knots = np.full(128, np.nan)
    knots[1] = 0.0
    steps = ((2, 9, 0.125, 0.125), (9, 13, 1, 0.25), (13, 39, 2, 0.5), (39, 94, 15, 1), (94, 109, 70, 2))
    for first, end, low, step in (*steps, (109, 124, 100, 5)):
        knots[first:end] = low + step * np.arange(end - first)
    knots[124] = 175.0
    return knots


MOVEMENT: Final = _movements()
"""Knots by the movement of a surface position; 124 is 175 or more, NaN is none."""

LETTERS: Final = np.frombuffer(b"#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######", np.uint8)
"""Characters of a call sign; `#` is none."""

UNCERTAINTY: Final = np.array(
    [np.nan, 18_520, 7_408, 3_704, 1_852, 926, 555.6, 185.2, 92.6, 30, 10, 3, np.nan, np.nan, np.nan, np.nan]
)
"""Metres within which a place is with 95 %, by NACp (DO-260B, 2.2.3.2.7.2.7)."""

NACP_OF_TYPE: Final = np.array(
    [0] * 5 + [11, 10, 8, 0] + [11, 10, 8, 7, 6, 5, 4, 1, 1, 0] + [0] + [11, 10, 0] + [0] * 9
)
"""NACp that a type of position message stands for where none is reported (DO-260B, appendix N, table N-7)."""

SPEED_UNCERTAINTY: Final = np.array([np.nan, 10, 3, 1, 0.3, np.nan, np.nan, np.nan])
"""Metres a second within which the horizontal velocity is with 95 %, by NACv (DO-260B, 2.2.3.2.6.1.5)."""

RADIUS_95: Final = 2.4477
"""Radius that holds 95 % of a circular normal distribution, in standard deviations: sqrt(-2 ln 0.05)."""

EMERGENCY: Final = {
    1: "emergency",
    2: "medical emergency",
    3: "minimum fuel",
    4: "no communications",
    5: "unlawful interference",
    6: "downed aircraft",
}
"""Emergency state of an aircraft status message. 0 is none, 7 reserved."""

ALARM: Final = "emergency"
"""Surveillance status 1 of an airborne position: permanent alert, an emergency code is set."""
ON_GROUND: Final = "on the ground"

DRONE, VEHICLE, PERSON, UNKNOWN = (0xB6, (0xC1, 0xC2, 0xC3), 0xB3, (0xC4, 0xC5, 0xC6, 0xC7))
"""Emitter categories that are no aircraft: unmanned; surface vehicles; a parachutist; obstacles."""
