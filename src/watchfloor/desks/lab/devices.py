"""The health of each device, from all readings that stand: how often its alarms are right, and whether it
drifts.

A device is an instrument with a serial number; a lot of test strips and a detector dog count as one each.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from math import sqrt
from typing import Any, Final, Literal, NamedTuple

from watchfloor.core import proportions
from watchfloor.desks.lab.findings import POSITIVE
from watchfloor.desks.lab.law import Law
from watchfloor.desks.lab.libraries import Libraries, newer, versions
from watchfloor.desks.lab.outcomes import Came, Controlled, Device, device, outcomes, strength
from watchfloor.desks.lab.quality import doubts, usable
from watchfloor.formats.lab import reading_quality as flags

# Whether an instrument drifts, by what it measures of its calibrant.
#
# A self-starting CUSUM (Hawkins, Journal of Quality Technology 19, 1987): each measurement is compared with
# those before it, so no true value and no spread need be known; the departures are summed both ways, half a
# standard deviation forgiven each time (k = 0.5), and a sum of five is a drift (h = 5). One departure counts
# as four deviations at most, so that a single wild value is none. How rare false alarms are, and how late a
# drift is heard: `./dev bench lab.drift`.


ALLOWED: Final = 0.5
LIMIT: Final = 5.0
MOST: Final = 4.0
"""Standard deviations that one measurement counts at most."""
FIRST: Final = 4
"""Measurements before the first comparison: of fewer the spread is not known."""


class Drift(NamedTuple):
    """Which way it went, and the number of the measurement with which that began, from 0."""

    way: Literal["up", "down"]
    since: int


def drift(measured: Sequence[float], resolution: float = 0.0) -> Drift | None:
    """The first drift in a series; None where there is none, or too few measurements.

    Args:
        measured: one calibrant's value in the order of time.
        resolution: the last digit of the instrument's display; rounding alone spreads values by its share.
    """
    least = resolution / sqrt(12)
    mean, squares = 0.0, 0.0
    sums, began = [0.0, 0.0], [0, 0]
    for number, value in enumerate(measured):
        if number >= FIRST:
            score = _score(value, number, mean, max(sqrt(squares / (number - 1)), least))
            for side, signed in enumerate((score, -score)):
                if sums[side] == 0.0:
                    began[side] = number
                sums[side] = max(0.0, sums[side] + signed - ALLOWED)
                if sums[side] > LIMIT:
                    return Drift("up" if side == 0 else "down", began[side])
        step = value - mean
        mean += step / (number + 1)
        squares += step * (value - mean)
    return None


def _score(value: float, count: int, mean: float, spread: float) -> float:
    """How far a value is from those before it, as a standard normal deviate."""
    from scipy.special import ndtri, stdtr

    if spread == 0.0:
        return 0.0 if value == mean else MOST if value > mean else -MOST
    t = (value - mean) / spread * sqrt(count / (count + 1))
    tail = float(stdtr(count - 1, -abs(t)))
    far = min(-float(ndtri(max(tail, 1e-300))), MOST)
    return far if t > 0 else -far


Row = Mapping[str, Any]

COLUMNS: Final = (
    *("record_id", "report_key", "source", "origins", "observed_at", "marking", "subject", "instrument"),
    *("method", "substance", "level", "peaks", "serial", "firmware", "calibrated_at", "calibrated_until"),
    *("library", "category", "matrix", "results", "quality"),
)
"""Columns of `reading` that this needs."""

RESOLUTION: Final = {"ims": 1e-4}
"""Last digit that an instrument prints of its calibrant, by method: reduced mobility has four decimals."""
FAILING: Final = 2
"""Blanks in a row that fail, from which it is the instrument and not one sample before."""


class Rate(NamedTuple):
    """A share with two 95 % intervals: Jeffreys' and Wilson's. None where there is no case."""

    right: int
    of: int

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.right / self.of if self.of else None

    @property
    def jeffreys(self) -> tuple[float, float] | None:
        """See `core.proportions`."""
        return proportions.jeffreys(self.right, self.of) if self.of else None

    @property
    def wilson(self) -> tuple[float, float] | None:
        """Wilson's score interval (1927), for who computes it by hand."""
        if not self.of:
            return None
        z, share = 1.959963984540054, self.right / self.of
        middle = share + z**2 / (2 * self.of)
        half = z * (share * (1 - share) / self.of + z**2 / (4 * self.of**2)) ** 0.5
        low, high = ((middle + sign * half) / (1 + z**2 / self.of) for sign in (-1, 1))
        return max(low, 0.0), min(high, 1.0)


@dataclass(slots=True)
class Health:
    """One device.

    Attributes:
        instrument, serial: which.
        methods: how it measures.
        readings: of items; those of blanks and calibrants are in `blanks` and `calibrants`.
        came: what came of its alarms and its negatives, by word.
        aside: readings that are set aside.
        doubted: readings by what speaks against them.
        blanks, calibrants: how many, and how many failed.
        failing, unfound: blanks and calibrants that failed in a row, up to the last one.
        drifted: which way the calibrant goes, and since when.
        calibrated_at, calibrated_until: of its last reading.
        overdue: its calibration has run out by the day that is looked at.
        ahead: the calibration that its last reading names is dated after it.
        library, newest: what it searched last, and the newest that any such instrument had by then.
        behind: readings that it took with a library that was replaced already.
        first, last: its first and last reading.
    """

    instrument: str
    serial: str
    methods: tuple[str, ...]
    readings: int = 0
    came: Counter[Came] = field(default_factory=Counter)
    aside: int = 0
    doubted: Counter[str] = field(default_factory=Counter)
    blanks: tuple[int, int] = (0, 0)
    calibrants: tuple[int, int] = (0, 0)
    failing: int = 0
    unfound: int = 0
    drifted: tuple[Drift, datetime] | None = None
    calibrated_at: datetime | None = None
    calibrated_until: datetime | None = None
    overdue: bool = False
    ahead: bool = False
    library: str | None = None
    newest: str | None = None
    behind: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @property
    def alarms(self) -> int:
        """First tests that found something, those set aside left out."""
        return self.came["confirmed"] + self.came["refuted"] + self.came["waiting"]

    @property
    def rate(self) -> Rate:
        """Of the alarms that were checked, those that were confirmed."""
        return Rate(self.came["confirmed"], self.came["confirmed"] + self.came["refuted"])

    @property
    def misses(self) -> Rate:
        """Of what such a check identified, what the device had not detected."""
        return Rate(self.came["missed"], self.came["missed"] + self.came["confirmed"])

    @property
    def strength(self) -> str:
        """How strong its next alarm is."""
        return strength(self.rate.right, self.rate.of)

    @property
    def troubles(self) -> list[str]:
        """Return the words for the device's faults that somebody should see to."""
        found = {
            "calibration-overdue": self.overdue,
            "calibration-from-the-future": self.ahead,
            "drifting": self.drifted is not None,
            "blanks-failing": self.failing >= FAILING,
            "calibrant-failing": self.unfound > 0,
            "library-behind": bool(self.newest),
            "alarms-seldom-right": self.strength == "presumptive-weak",
        }
        return [word for word, so in found.items() if so]


def health(rows: Iterable[Row], law: Law, on: datetime) -> list[Health]:
    """Each device by instrument and serial number.

    Args:
        rows: readings that stand, with `COLUMNS`; those later than `on` are left out.
        law: what it controls, and the keys by which readings of one substance find each other.
        on: the moment that is looked at.
    """
    known = sorted((law.keyed(row) for row in rows if row["observed_at"] <= on), key=_when)
    came = _came(known, law.controlled)
    libraries = versions(known)
    return [
        _health(which, sorted(mine, key=_when), came[which], libraries, on)
        for which, mine in groupby(sorted((row for row in known if device(row)), key=_device), key=_device)
    ]


def without_serial(rows: Iterable[Row], on: datetime) -> int:
    """Readings that tell of no device."""
    return sum(device(row) is None for row in rows if row["observed_at"] <= on)


def _when(row: Row) -> tuple[datetime, bytes]:
    return row["observed_at"], row["record_id"]


def _device(row: Row) -> Device:
    which = device(row)
    assert which is not None
    return which


def _came(rows: Sequence[Row], controlled: Controlled) -> dict[Device, Counter[Came]]:
    of: dict[str, list[Row]] = {}
    for row in rows:
        of.setdefault(row["subject"], []).append(row)
    found: dict[Device, Counter[Came]] = {which: Counter() for row in rows if (which := device(row))}
    for mine in of.values():
        for one in outcomes(mine, controlled):
            if which := device(one.row):
                found[which][one.came] += 1
    return found


def _health(
    which: Device, rows: list[Row], came: Counter[Came], libraries: Libraries, on: datetime
) -> Health:
    items = [row for row in rows if row["matrix"] not in flags.CHECKS]
    blanks = [_failed(row) for row in rows if row["matrix"] == flags.BLANK]
    calibrants = [row for row in rows if row["matrix"] == flags.CALIBRANT]
    unfound = [flags.CALIBRANT_FAILED in (row["quality"] or ()) for row in calibrants]
    found = Health(*which, tuple(sorted({row["method"] for row in rows})), len(items), came)
    found.aside = sum(not usable(row) for row in items)
    found.doubted = Counter(flag for row in rows for flag in doubts(row))
    found.blanks, found.calibrants = (len(blanks), sum(blanks)), (len(calibrants), sum(unfound))
    found.failing, found.unfound = _in_a_row(blanks), _in_a_row(unfound)
    found.drifted = _drifted(calibrants)
    found.first, found.last = rows[0]["observed_at"], rows[-1]["observed_at"]
    dated = [row for row in rows if row["calibrated_until"] or row["calibrated_at"]]
    if dated:
        found.calibrated_at, found.calibrated_until = (
            dated[-1]["calibrated_at"],
            dated[-1]["calibrated_until"],
        )
        found.overdue = found.calibrated_until is not None and found.calibrated_until < on
        found.ahead = flags.CALIBRATION_AHEAD in doubts(dated[-1])
    _look_up(found, rows, libraries)
    return found


def _in_a_row(failed: Sequence[bool]) -> int:
    """How many failed up to the last one."""
    return next((n for n, one in enumerate(reversed(failed)) if not one), len(failed))


def _failed(row: Row) -> bool:
    """Whether a blank found something."""
    told = [row["level"], *(one["level"] for one in row["results"] or ())]
    return flags.BLANK_FAILED in (row["quality"] or ()) or any(level in POSITIVE for level in told)


def _drifted(calibrants: Sequence[Row]) -> tuple[Drift, datetime] | None:
    """Of what was measured since the last calibration, which is what would have put it right."""
    last = _series(calibrants[-1]) if calibrants else None
    measured = [row for row in calibrants if row["peaks"] and _series(row) == last]
    resolution = RESOLUTION.get(measured[0]["method"], 0.0) if measured else 0.0
    found = drift([row["peaks"][0] for row in measured], resolution)
    return (found, measured[found.since]["observed_at"]) if found else None


def _series(row: Row) -> tuple[datetime | None, str | None]:
    """Return the key of calibrants that may be compared: the calibration and the calibrant."""
    return row["calibrated_at"], next((one["name"] for one in row["results"] or ()), None)


def _look_up(found: Health, rows: Sequence[Row], libraries: Libraries) -> None:
    searched = [row for row in rows if row["library"]]
    if not searched:
        return
    found.library = searched[-1]["library"]
    found.behind = sum(newer(row, libraries) is not None for row in searched)
    replaced_by = newer(searched[-1], libraries)
    found.newest = replaced_by.text if replaced_by else None
