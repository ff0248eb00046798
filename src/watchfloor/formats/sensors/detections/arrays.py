"""Detections as numpy columns, in the order of their table, with an account of every row and column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.formats.sensors.detections.cells import F8, Coded
from watchfloor.formats.sensors.local_plane import Origin

I8 = npt.NDArray[np.int64]

Mode = Literal["plane", "geographic", "none"]
"""Whether places are metres of a plane, or longitude and latitude; `none`: there are directions only, from
sensors whose places the table does not say."""

NUMBERS: Final = (
    *("azimuth", "elevation", "range", "range_rate", "speed", "course", "climb", "heading"),
    *("class_confidence", "confidence"),
)
"""Columns of the kind `detection` that a table keeps under their own names."""
ERRORS: Final = ("azimuth", "range", "range_rate", "speed", "course")
"""Those with a column `…_error` for their standard deviation."""
TEXTS: Final = ("object", "name", "status", "says", "authority", "report_key", "origins")
"""Columns of text that are kept as they are; `origins` is a list in one text, as `values.write_list` does."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows were refused, or values left out of rows that were kept.

    Attributes:
        why: half a sentence about one of them.
        rows: which rows of the table, in order.
    """

    why: str
    rows: I8

    @property
    def count(self) -> int:
        """How many."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Account:
    """Account of reading a table.

    Attributes:
        read: rows of the table.
        used: what each column was used as, in words.
        ignored: columns that nothing was made of.
        refused: reasons for rows that are not in the result; each such row has one.
        left_out: reasons for values that are not in it, of rows that are.
        broken: lines that are no rows at all, in words.
    """

    read: int
    used: Mapping[str, str]
    ignored: tuple[str, ...]
    refused: tuple[Reason, ...]
    left_out: tuple[Reason, ...]
    broken: tuple[str, ...] = ()

    def sentences(self) -> Iterator[str]:
        """The account as a person reads it, a line each."""
        yield "columns: " + ", ".join(f"{name} ({use})" for name, use in self.used.items())
        if self.ignored:
            yield "not used: " + ", ".join(self.ignored)
        for one in self.refused:
            yield f"rows refused: {one.count:,} of {self.read:,}, row {one.rows[0] + 1} first: {one.why}"
        for one in self.left_out:
            yield f"values left out: {one.count:,}, that of row {one.rows[0] + 1} first: {one.why}"
        yield from self.broken


class Scales(NamedTuple):
    """Units found in a table, for the next part of the same table.

    Attributes:
        time: seconds of one unit of its times; 0: not found yet.
        dated: whether its times count from 1970-01-01 UTC; None: not found yet.
        speed: unit of its speeds, see `detection_motion`; empty: not looked for yet.
    """

    time: float = 0.0
    dated: bool | None = None
    speed: str = ""


@dataclass(frozen=True, slots=True)
class DetectionTable:
    """Detections in the order of their table. A value that is not known is NaN, -1 among codes.

    A column that the table has not is a read-only view of one value: `np.ascontiguousarray` makes a real one.

    Attributes:
        mode: what `place` and `sensor_place` are.
        dated: whether times count from 1970-01-01 UTC; else from a moment that only the author knows.
        row: number of each row in its table, 0 first, those refused counted.
        t: event time, s.
        received_at: time of receipt, s.
        sensor: names of sensors.
        scan: number of the sweep, -1 where none is stated.
        place: x and y, m; or longitude and latitude, degree, WGS84. Shape [n, 2].
        altitude: m.
        cov: variance to the east, covariance, variance to the north, m². Shape [n, 3].
        sensor_place: where the sensor was, as `place`. Shape [n, 2].
        sensor_altitude: m.
        numbers: further columns of the kind `detection` under their names and in their units, see `NUMBERS`
            and `ERRORS`: angles in degrees clockwise from north, ranges in m, speeds in m/s, shares 0 to 1.
        velocity: to the east and north, m/s, where the table says it, or speed and course. Shape [n, 2].
        velocity_var: of each of the two, m²/s².
        klass: names of `fields.CLASSES`.
        claimed: typed keys of whom the objects say they are.
        texts: further texts, see `TEXTS`.
        account: what became of rows and columns.
        scales: what its units were found to be, for the next part of the same table.
        origin: where the zero of its plane is, where its file says so.
    """

    mode: Mode
    dated: bool
    row: I8
    t: F8
    received_at: F8
    sensor: Coded
    scan: I8
    place: F8
    altitude: F8
    cov: F8
    sensor_place: F8
    sensor_altitude: F8
    numbers: Mapping[str, F8]
    velocity: F8
    velocity_var: F8
    klass: Coded
    claimed: Coded
    texts: Mapping[str, Coded]
    account: Account
    scales: Scales
    origin: Origin | None = None

    def __len__(self) -> int:
        return len(self.t)
