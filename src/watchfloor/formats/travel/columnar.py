"""Many zones of one layout at once, as columns: which checks fail, which characters and dates cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.formats.travel.layouts import (
    ALPHABET,
    BLANK,
    DIGIT,
    FILLER,
    LAYOUTS,
    LETTER,
    WEIGHTS,
    Layout,
)

Zones = npt.NDArray[np.uint8]
"""ASCII codes, a zone a row."""
Int = npt.NDArray[np.int64]

FEW: Final = 4096
"""Elements of a call that is not worth loading a compiler for: some tens of zones."""

FAULTS: Final = (
    *("number", "birth", "expiry", "optional", "composite"),
    *("signs", "birth-date", "expiry-date", "order", "names"),
)
"""Faults of a zone: a bit each in this order. The first five are check digits, then signs that
cannot stand where they stand, dates that do not exist, an expiry before the birth, names that no zone has."""
BITS: Final = {name: 1 << at for at, name in enumerate(FAULTS)}
_SIGNS, _NO_BIRTH, _NO_EXPIRY, _ORDER, _NAMES = (BITS[name] for name in FAULTS[5:])
_DIGIT, _BLANK = DIGIT, BLANK


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts on zones of one layout.

    Attributes:
        layout: of all of them.
        faults: bits of `FAULTS`.
        birth, expiry: days, `NaT` where unknown or impossible.
    """

    layout: Layout
    faults: npt.NDArray[np.uint16]
    birth: npt.NDArray[np.datetime64]
    expiry: npt.NDArray[np.datetime64]

    def wrong(self, name: str) -> npt.NDArray[np.bool_]:
        """Return the zones that one of `FAULTS` is found in."""
        found: npt.NDArray[np.bool_] = (self.faults & BITS[name]) != 0
        return found


def stacked(texts: Sequence[str], layout: Layout) -> Zones:
    """Return zones as rows of ASCII codes; each text is a zone without line ends. Raises `ValueError`."""
    joined = "".join(texts).encode("ascii", "replace")
    if len(joined) != layout.size * len(texts):
        raise ValueError(f"each {layout.name} zone has {layout.size} signs")
    return np.frombuffer(joined, np.uint8).reshape(-1, layout.size)


def verify(zones: Zones, layout: Layout, on: date) -> Verdicts:
    """Verify zones of one layout.

    Args:
        zones: of shape (n, `layout.size`).
        layout: of them.
        on: the day as of which years of two digits are read: a birth is the last such day that is not after
            it, an expiry is in the year that is at most 50 years after and 49 before. Fillers are an unknown
            part of a date: of a birth the day, or month and day, or all; of an expiry all.
    """
    faults = np.zeros(len(zones), np.uint16)
    days = np.full((2, len(zones)), NO_DAY, np.int64)
    today = on.year * 10000 + on.month * 100 + on.day
    _verify(zones, *tables(), *_layout(layout.name), today, faults, days)
    birth, expiry = days.view("datetime64[D]")
    return Verdicts(layout, faults, birth, expiry)


@kernel(few=FEW)
def _verify(
    zones: Zones,
    values: Int,
    kinds: Int,
    allowed: Int,
    checks: Int,
    places: Int,
    weights: Int,
    fields: Int,
    today: int,
    faults: npt.NDArray[np.uint16],
    days: Int,
) -> None:
    """Set the faults and days of each zone.

    `checks` has a row a check digit: its bit, where it stands, whether a filler may stand for it (1) or says
    that the number goes on (2), and the slice of `places` and `weights` that it is over. `fields` are starts
    and ends of number, optional data, birth, expiry and names.
    """
    for row in range(len(zones)):
        zone = zones[row]
        found = 0
        for at in range(len(zone)):
            if kinds[zone[at]] & allowed[at] == 0:
                found |= _SIGNS
        for number in range(len(checks)):
            bit, digit, blank, start, end = checks[number]
            total = 0
            empty = True
            for at in range(start, end):
                total += values[zone[places[at]]] * weights[at]
                empty = empty and kinds[zone[places[at]]] == _BLANK
            kind = kinds[zone[digit]]
            if kind == _BLANK and blank == 1:
                right = empty
            elif kind == _BLANK and blank == 2:
                right = empty or _goes_on(zone, values, kinds, fields)
            else:
                right = kind == _DIGIT and total % 10 == values[zone[digit]]
            if not right:
                found |= bit
        for which in range(2):
            day, good = _day(zone, values, kinds, fields[4 + 2 * which], today, which == 0)
            days[which, row] = day
            if not good:
                found |= _NO_BIRTH if which == 0 else _NO_EXPIRY
        if NO_DAY < days[1, row] < days[0, row]:
            found |= _ORDER
        if not _named(zone, kinds, fields[8], fields[9]):
            found |= _NAMES
        faults[row] = found


@kernel(few=FEW)
def _goes_on(zone: npt.NDArray[np.uint8], values: Int, kinds: Int, fields: Int) -> bool:
    """Return whether a number that goes on in the optional data has the check digit behind its rest."""
    start, end, first, last = fields[0], fields[1], fields[2], fields[3]
    behind = first
    while behind < last and kinds[zone[behind]] != _BLANK:
        behind += 1
    digit = behind - 1
    if digit <= first or kinds[zone[digit]] != _DIGIT:
        return False
    total = 0
    for at in range(start, end):
        total += values[zone[at]] * _WEIGHTS[(at - start) % 3]
    for at in range(first, digit):
        total += values[zone[at]] * _WEIGHTS[(end - start + at - first) % 3]
    return bool(total % 10 == values[zone[digit]])


@kernel(few=FEW)
def _day(
    zone: npt.NDArray[np.uint8], values: Int, kinds: Int, start: int, today: int, past: bool
) -> tuple[int, bool]:
    """Return the day that six signs are, as days since 1970, and whether they can be a date at all."""
    known = 0
    while known < 6 and kinds[zone[start + known]] == _DIGIT:
        known += 1
    for at in range(known, 6):  # what is unknown is all filler
        if kinds[zone[start + at]] != _BLANK:
            return NO_DAY, False
    if known == 0:
        return NO_DAY, True
    if known != 6 and not (past and (known == 2 or known == 4)):
        return NO_DAY, False
    year = values[zone[start]] * 10 + values[zone[start + 1]]
    month = values[zone[start + 2]] * 10 + values[zone[start + 3]] if known >= 4 else 1
    day = values[zone[start + 4]] * 10 + values[zone[start + 5]] if known == 6 else 1
    if past:
        year += 2000
        if year * 10000 + month * 100 + day > today:
            year -= 100
    else:
        year += (today // 10000 + 50 - year) // 100 * 100
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if month < 1 or month > 12 or day < 1 or day > _DAYS[month] + (leap and month == 2):
        return NO_DAY, False
    if known != 6:
        return NO_DAY, True
    # days of the civil calendar, counted from the first of March (Hinnant, "chrono-compatible low-level date
    # algorithms", 2013)
    shifted = year - (month <= 2)
    era = shifted // 400
    in_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + in_era * 365 + in_era // 4 - in_era // 100 + of_year - 719468, True


@kernel(few=FEW)
def _named(zone: npt.NDArray[np.uint8], kinds: Int, start: int, end: int) -> bool:
    """Return whether names begin with a letter, and no part but the second follows more than one filler."""
    if kinds[zone[start]] == _BLANK:
        return False
    blanks = 0
    pairs = 0
    for at in range(start, end):
        if kinds[zone[at]] == _BLANK:
            blanks += 1
        else:
            if blanks > 2 or (blanks == 2 and pairs == 1):
                return False
            pairs += blanks == 2
            blanks = 0
    return True


NO_DAY: Final = np.iinfo(np.int64).min
"""No day, as NumPy writes it in days (NaT)."""
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_WEIGHTS: Final = np.array(WEIGHTS)


@cache
def tables() -> tuple[Int, Int]:
    """Return the value and the kind of each byte; another sign than the alphabet's has kind 0."""
    values, kinds = np.zeros(256, np.int64), np.zeros(256, np.int64)
    for at, sign in enumerate(ALPHABET[:36]):
        values[ord(sign)], kinds[ord(sign)] = at, DIGIT if at < 10 else LETTER
    kinds[ord(FILLER)] = BLANK
    return values, kinds


@cache
def _layout(name: str) -> tuple[Int, Int, Int, Int, Int]:
    """Return a layout as `_verify` takes it."""
    layout = LAYOUTS[name]
    checks: list[tuple[int, ...]] = []
    places: list[int] = []
    weights: list[int] = []
    for check in layout.checks:
        over = [at for start, end in check.spans for at in range(start, end)]
        blank = 1 if check.may_be_blank else 2 if layout.overflows and check.name == "number" else 0
        checks.append((BITS[check.name], check.at, blank, len(places), len(places) + len(over)))
        places += over
        weights += [WEIGHTS[index % 3] for index in range(len(over))]
    named = ("number", "optional", "birth", "expiry", "names")
    fields = [edge for name in named for edge in layout.fields[name]]
    made = (layout.allowed(), checks, places, weights, fields)
    return tuple(np.array(one, np.int64) for one in made)  # type: ignore[return-value]


def blind_spots() -> list[tuple[str, int, int]]:
    """Return for each kind of error at a position under a check digit how many there are and how many pass.

    Counted over every pair of signs and each of the three weights; a composite check has the same weights for
    all signs of one position, so that it finds no substitution that the field's own digit missed.
    """
    kinds = {"digit": "0123456789", "letter": ALPHABET[10:36], "sign": ALPHABET}
    worth = {sign: 0 if sign == "<" else at for at, sign in enumerate(ALPHABET)}
    found = []
    for was, becomes in (
        ("digit", "digit"),
        ("digit", "letter"),
        ("letter", "digit"),
        ("letter", "letter"),
        ("digit", "sign"),
        ("letter", "sign"),
        ("sign", "sign"),
    ):
        pairs = [(a, b) for a in kinds[was] for b in kinds[becomes] if a != b]
        trials = [(worth[b] - worth[a]) * weight % 10 for a, b in pairs for weight in (7, 3, 1)]
        found.append((f"{was} for {becomes}", len(trials), trials.count(0)))
    for name in ("digit", "sign"):
        pairs = [(a, b) for a in kinds[name] for b in kinds[name] if a != b]
        steps = ((7, 3), (3, 1), (1, 7))
        trials = [(worth[b] - worth[a]) * (one - other) % 10 for a, b in pairs for one, other in steps]
        found.append((f"neighbouring {name}s swapped", len(trials), trials.count(0)))
    return found
