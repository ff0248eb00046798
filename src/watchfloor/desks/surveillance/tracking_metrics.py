"""Measures of tracks against a truth: GOSPA with its parts, IDF1, switches.

GOSPA with alpha 2: Rahmathullah, Garcia-Fernandez and Svensson, Generalized optimal sub-pattern assignment
metric, FUSION 2017, definition 1 and proposition 1. IDF1: Ristani and others, Performance measures and a data
set for multi-target, multi-camera tracking, 2016, section 3. A switch: an object is matched to another track
than the one it was last matched to, by the assignment that GOSPA makes.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


class Positions(NamedTuple):
    """Who is where at each of some times.

    Attributes:
        step: [n] number of the time, rising.
        name: [n] number of the object or track.
        place: [n, d] metres.
    """

    step: Numbers
    name: Numbers
    place: Floats

    def by_step(self, steps: int) -> list[tuple[Numbers, Floats]]:
        """Return the names and places at each of so many times."""
        cuts = np.searchsorted(self.step, np.arange(1, steps))
        return list(zip(np.split(self.name, cuts), np.split(self.place, cuts), strict=True))


@dataclass(frozen=True)
class Gospa:
    """One value and its parts.

    Attributes:
        value: metres.
        localisation: sum of the matched distances to the power p.
        missed: objects without a track.
        false: tracks without an object.
        pairs: [k, 2] matched rows of the objects and of the tracks.
    """

    value: float
    localisation: float
    missed: int
    false: int
    pairs: Numbers


def gospa(objects: Floats, tracks: Floats, cutoff: float, p: float = 2.0) -> Gospa:
    """Return GOSPA of two sets of places, [n, 2] and [m, 2].

    A pair farther apart than the cutoff costs as much as an object missed and a track false, so only the
    nearer ones are weighed; each connected component of them is assigned by itself.
    """
    pairs = matched(objects, tracks, cutoff, p)
    distance = np.linalg.norm(objects[pairs[:, 0]] - tracks[pairs[:, 1]], axis=1)
    localisation = float((distance**p).sum())
    missed, false = len(objects) - len(pairs), len(tracks) - len(pairs)
    value = (localisation + cutoff**p / 2 * (missed + false)) ** (1 / p)
    return Gospa(value, localisation, missed, false, pairs)


def near(objects: Floats, tracks: Floats, cutoff: float) -> tuple[Numbers, Numbers, Floats]:
    """Return the row, row and distance of the pairs closer than the cutoff."""
    if not len(objects) or not len(tracks):
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0)
    found = cKDTree(objects).sparse_distance_matrix(cKDTree(tracks), cutoff, output_type="coo_matrix")
    keep = found.data < cutoff
    return found.row[keep], found.col[keep], found.data[keep]


def matched(objects: Floats, tracks: Floats, cutoff: float, p: float) -> Numbers:
    """Return the [k, 2] rows of the optimal assignment."""
    row, column, distance = near(objects, tracks, cutoff)
    if not len(row):
        return np.zeros((0, 2), int)
    gain = cutoff**p - distance**p
    return best(row, column, gain, len(objects), len(tracks))


def best(row: Numbers, column: Numbers, gain: npt.NDArray[Any], rows: int, columns: int) -> Numbers:
    """Return [k, 2] pairs of the one-to-one assignment with the greatest sum of gains, each above 0."""
    size = rows + columns
    graph = coo_array((np.ones(len(row)), (row, rows + column)), shape=(size, size))
    _, part = connected_components(graph, directed=False)
    order = np.argsort(part[row], kind="stable")
    cuts = np.flatnonzero(np.diff(part[row][order])) + 1
    chosen = []
    for edges in np.split(order, cuts):
        ours, row_of = np.unique(row[edges], return_inverse=True)
        theirs, column_of = np.unique(column[edges], return_inverse=True)
        matrix = np.zeros((len(ours), len(theirs)))
        matrix[row_of, column_of] = gain[edges]
        i, j = linear_sum_assignment(-matrix)
        real = matrix[i, j] > 0
        chosen.append(np.column_stack((ours[i[real]], theirs[j[real]])))
    return np.concatenate(chosen)


@dataclass(frozen=True)
class Score:
    """Means over the times of the truth.

    Attributes:
        gospa: metres.
        localisation: sum of the squared distances of those matched, m², a time.
        error: root mean square of matched distances, metres; nan where nothing was matched.
        missed: objects without a track, a time.
        false: tracks without an object, a time.
        switches: in all.
        idf1: 0 to 1.
    """

    gospa: float
    localisation: float
    error: float
    missed: float
    false: float
    switches: int
    idf1: float


def score(
    steps: int,
    truth: Positions,
    tracks: Positions,
    cutoff: float,
    *,
    start: int = 0,
    within: float = np.inf,
) -> Score:
    """Return how tracks compare with the truth at so many times.

    Args:
        steps: how many times.
        truth: objects.
        tracks: what followed them.
        cutoff: metres beyond which nothing is matched.
        start: time from which GOSPA and its parts are averaged (a tracker must have had a chance to confirm
            what was there at first); switches and IDF1 count from the first.
        within: metres from the nearest object beyond which a track is not judged, where the truth does not
            hold all there was.
    """
    values, switches = [], 0
    last: dict[int, int] = {}
    seen_object, seen_track, objects, others = [], [], 0, 0
    for (who, where), (names, places) in zip(truth.by_step(steps), tracks.by_step(steps), strict=True):
        judged = nearest(places, where) <= within
        names, places = names[judged], places[judged]
        found = gospa(where, places, cutoff)
        values.append((found.value, found.localisation, found.missed, found.false, len(found.pairs)))
        for one, other in zip(
            who[found.pairs[:, 0]].tolist(), names[found.pairs[:, 1]].tolist(), strict=True
        ):
            switches += last.get(one, other) != other
            last[one] = other
        row, column, _ = near(where, places, cutoff)
        seen_object.append(who[row])
        seen_track.append(names[column])
        objects, others = objects + len(who), others + len(names)
    value, localisation, missed, false, pairs = np.array(values[start:]).T
    return Score(
        gospa=float(value.mean()),
        localisation=float(localisation.mean()),
        error=float(np.sqrt(localisation.sum() / pairs.sum())) if pairs.sum() else float("nan"),
        missed=float(missed.mean()),
        false=float(false.mean()),
        switches=switches,
        idf1=f1(np.concatenate(seen_object), np.concatenate(seen_track), objects, others),
    )


def nearest(places: Floats, objects: Floats) -> Floats:
    """Return [m] metres from each place to the nearest object; infinite where there is none."""
    if not len(places) or not len(objects):
        return np.full(len(places), np.inf)
    return np.asarray(cKDTree(objects).query(places)[0])


def f1(one: Numbers, other: Numbers, ones: int, others: int) -> float:
    """Return IDF1 of the pairs (object, track) seen together, of so many objects and tracks seen."""
    if not len(one):
        return 0.0
    rows, row = np.unique(one, return_inverse=True)
    columns, column = np.unique(other, return_inverse=True)
    together = coo_array((np.ones(len(row)), (row, column)), shape=(len(rows), len(columns)))
    together.sum_duplicates()
    i, j = together.coords
    pairs = best(i, j, together.data, len(rows), len(columns))
    counted = together.tocsr()[pairs[:, 0], pairs[:, 1]].sum()
    return float(2 * counted / (ones + others))


def reports_f1(who: Numbers, track: Numbers) -> float:
    """Return IDF1 by reports: `who` sent each, `track` it was given to (-1: none)."""
    given = track >= 0
    return f1(who[given], track[given], len(who), int(given.sum()))
