"""Trajectories of a file, tracks or a truth, and how the ones compare with the others.

    compare(Path("tracks.parquet"), Path("truth.csv"), cutoff=20).score.gospa

A file has a row for each object and time: a time, a name (`track_id`, `id`, `mmsi`), and x and y, or
longitude and latitude. The scored times are those of the truth, or one each so many seconds of it. Between
two rows of one name it is where the straight line between them is then, if they are no more than a gap apart;
else, and before its first and after its last row, it is not there. Places on Earth become metres from the
Earth's centre first, so that nothing is lost far from any origin and across the antimeridian.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from watchfloor.desks.surveillance.tracking.places import ecef
from watchfloor.desks.surveillance.tracking_metrics import Floats, Numbers, Positions, Score, score
from watchfloor.formats.base import FormatError
from watchfloor.formats.sensors.detections.arrays import DetectionTable
from watchfloor.formats.sensors.detections.cells import Coded, either
from watchfloor.formats.sensors.detections.table import load

GAPS: Final = 10.0
"""Usual steps between two rows of one name, across which it is taken to go on where nobody says how long.
Judgement: a receiver misses a few reports in a row now and then."""
MOST_TIMES: Final = 1_000_000
"""Times that are scored; more take longer than an hour, and are a mistaken unit."""


class Trajectories(NamedTuple):
    """Rows of a file by name and time.

    Attributes:
        file: its name.
        geographic: whether places were longitude and latitude.
        dated: whether times count from 1970-01-01 UTC.
        t: [n] seconds.
        name: [n] number of the name.
        place: [n, d] metres.
        gap: seconds between two rows across which a name goes on, by default.
        left_out: rows that said no time, name or place.
    """

    file: str
    geographic: bool
    dated: bool
    t: Floats
    name: Numbers
    place: Floats
    gap: float
    left_out: int

    @property
    def names(self) -> int:
        """How many names there are."""
        return len(np.unique(self.name))

    def at(self, times: Floats, gap: float) -> Positions:
        """Return who is there at each of some rising times."""
        if not len(self.t):
            return Positions(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)))
        edges = [0, *(np.flatnonzero(np.diff(self.name)) + 1).tolist(), len(self.t)]
        steps, names, places = [], [], []
        for start, stop in pairwise(edges):
            t, place = self.t[start:stop], self.place[start:stop]
            low = np.searchsorted(t, times, side="right") - 1
            high = np.minimum(low + 1, len(t) - 1)
            # at its last row `high` is that row itself, and only the very time is there
            exact = (low >= 0) & (t[low] == times)
            there = exact | ((low >= 0) & (high > low) & (t[high] - t[low] <= gap))
            step = np.flatnonzero(there)
            low, high = low[step], high[step]
            apart = np.where(high > low, t[high] - t[low], 1.0)
            share = (times[step] - t[low]) / apart
            steps.append(step)
            names.append(np.full(len(step), self.name[start]))
            places.append(place[low] + share[:, None] * (place[high] - place[low]))
        step = np.concatenate(steps)
        order = np.argsort(step, kind="stable")
        return Positions(step[order], np.concatenate(names)[order], np.concatenate(places)[order])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Tracks beside a truth.

    Attributes:
        score: means over the scored times.
        times: how many were scored.
        objects, tracks: names in each file.
        gap_truth, gap_tracks: seconds across which places were interpolated.
        left_out: rows of both files that said no time, name or place.
    """

    score: Score
    times: int
    objects: int
    tracks: int
    gap_truth: float
    gap_tracks: float
    left_out: int


def compare(
    tracks: Path,
    truth: Path,
    cutoff: float,
    *,
    every: float | None = None,
    gap: float | None = None,
    within: float = np.inf,
) -> Comparison:
    """Return how the tracks of a file compare with the truth of another.

    Args:
        tracks, truth: CSV, Parquet or JSON.
        cutoff: metres beyond which nothing is matched.
        every: seconds between scored times; None: each time of the truth.
        gap: seconds between two rows across which a name goes on; None: ten times the file's usual step.
        within: metres from the nearest object beyond which a track is not judged.

    Raises:
        FormatError: a file has no times, names or places, or the two do not belong together.
        OSError: a file cannot be opened.
    """
    found, real = _read(tracks), _read(truth)
    if not len(real.t):
        raise FormatError(f"{real.file} has no row with a time, a name and a place: nothing to score")
    if len(found.t) and found.geographic != real.geographic:
        said = ("x and y", "longitude and latitude")
        raise FormatError(
            f"{found.file} has {said[found.geographic]} and {real.file} has {said[real.geographic]}: give"
            " both in one of the two"
        )
    if len(found.t) and found.dated != real.dated:
        one, other = (found, real) if found.dated else (real, found)
        raise FormatError(
            f"the times of {one.file} count from 1970 and those of {other.file} from a start of its own: give"
            " both in one of the two"
        )
    times = np.unique(real.t) if every is None else _grid(real.t, every)
    if not len(times):
        raise FormatError(f"no time of {every:g} s lies within {real.file}: give a smaller --every")
    if len(times) > MOST_TIMES:
        raise FormatError(f"{len(times):,} times are too many to score; give --every, in seconds")
    gaps = [one.gap if gap is None else gap for one in (real, found)]
    made = score(len(times), real.at(times, gaps[0]), found.at(times, gaps[1]), cutoff, within=within)
    return Comparison(
        made, len(times), real.names, found.names, gaps[0], gaps[1], found.left_out + real.left_out
    )


def _grid(t: Floats, every: float) -> Floats:
    steps = np.floor(t.max() / every) - np.ceil(t.min() / every) + 1
    if steps > MOST_TIMES:
        raise FormatError(f"{steps:,.0f} times are too many to score; give a longer --every")
    return np.asarray(np.arange(np.ceil(t.min() / every), np.floor(t.max() / every) + 1) * every)


def _read(path: Path) -> Trajectories:
    """Read a file. Raises `FormatError` or `OSError`."""
    table = load(path)
    names = _names(table)
    if names is None and len(table):
        raise FormatError(
            f"{path.name} does not say which row is whose; give a column track_id, id or mmsi. An id that is"
            " another in each row is none"
        )
    who = np.zeros(0, np.int64) if names is None else names.codes.astype(np.int64)
    good = np.flatnonzero((who >= 0) & np.isfinite(table.place).all(1) & np.isfinite(table.t))
    left_out = table.account.read - len(good)
    geographic = table.mode == "geographic"
    place = np.ascontiguousarray(table.place[good])
    place = np.asarray(ecef(place[:, 1], place[:, 0])) if geographic else place
    # two programs write one moment with other last digits
    t, who = np.round(table.t[good], 6), who[good]
    order = np.lexsort((np.arange(len(t)), t, who))
    t, who, place = t[order], who[order], place[order]
    same = np.flatnonzero((np.diff(t) == 0) & (np.diff(who) == 0))  # of two rows of one time the last holds
    t, who, place = np.delete(t, same), np.delete(who, same), np.delete(place, same, axis=0)
    step = np.diff(t)[np.diff(who) == 0]
    usual = float(np.median(step)) if len(step) else 0.0
    return Trajectories(path.name, geographic, table.dated, t, who, place, GAPS * usual, left_out)


def _names(table: DetectionTable) -> Coded | None:
    """Return the names of rows: a track's or target's number, an identity, else what it is called."""
    found = None
    for one in (table.texts["object"], table.claimed, table.texts["name"]):
        if one.names:
            found = one if found is None else either(found, one)
    return found
