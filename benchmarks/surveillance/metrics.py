"""Measures of tracks against a truth.

GOSPA with alpha 2: Rahmathullah, Garcia-Fernandez and Svensson, Generalized optimal sub-pattern assignment
metric, FUSION 2017, definition 1 and proposition 1. IDF1: Ristani and others, Performance measures and a data
set for multi-target, multi-camera tracking, 2016, section 3. Switches as the issue counts them: an object is
matched to another track than the one it was last matched to, by the assignment that GOSPA makes.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from benchmarks.surveillance.recording import Tracks, Truth


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
    pairs: np.ndarray


def gospa(objects: np.ndarray, tracks: np.ndarray, cutoff: float, p: float = 2.0) -> Gospa:
    """GOSPA of two sets of places, [n, 2] and [m, 2].

    A pair farther apart than the cutoff costs as much as an object missed and a track false, so only the
    nearer ones are weighed; each connected component of them is assigned by itself.
    """
    pairs = matched(objects, tracks, cutoff, p)
    distance = np.linalg.norm(objects[pairs[:, 0]] - tracks[pairs[:, 1]], axis=1)
    localisation = float((distance**p).sum())
    missed, false = len(objects) - len(pairs), len(tracks) - len(pairs)
    value = (localisation + cutoff**p / 2 * (missed + false)) ** (1 / p)
    return Gospa(value, localisation, missed, false, pairs)


def near(objects: np.ndarray, tracks: np.ndarray, cutoff: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, row and distance of the pairs closer than the cutoff."""
    if not len(objects) or not len(tracks):
        return np.zeros(0, int), np.zeros(0, int), np.zeros(0)
    found = cKDTree(objects).sparse_distance_matrix(cKDTree(tracks), cutoff, output_type="coo_matrix")
    keep = found.data < cutoff
    return found.row[keep], found.col[keep], found.data[keep]


def matched(objects: np.ndarray, tracks: np.ndarray, cutoff: float, p: float) -> np.ndarray:
    """[k, 2] rows of the optimal assignment."""
    row, column, distance = near(objects, tracks, cutoff)
    if not len(row):
        return np.zeros((0, 2), int)
    gain = cutoff**p - distance**p
    return best(row, column, gain, len(objects), len(tracks))


def best(row: np.ndarray, column: np.ndarray, gain: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """[k, 2] pairs of the one-to-one assignment with the greatest sum of gains, all of them positive."""
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
        error: root mean square of matched distances, metres.
        missed: objects without a track, a time.
        false: tracks without an object, a time.
        switches: in all.
        idf1: 0 to 1.
    """

    gospa: float
    error: float
    missed: float
    false: float
    switches: int
    idf1: float


def score(
    truth: Truth, tracks: Tracks, cutoff: float, hold: float = np.inf, start: int = 0, within: float = np.inf
) -> Score:
    """Tracks against the truth.

    `start`: the step of the truth from which GOSPA and its parts are averaged (a tracker must have had a
    chance to confirm what was there at first); switches and IDF1 count from the first. `within`: metres from
    the nearest object beyond which a track is not judged, where the truth does not hold all there was.
    """
    step, name, place = tracks.at(truth.times, hold)
    cuts = np.searchsorted(step, np.arange(len(truth.times) + 1))
    values, last, switches = [], {}, 0
    seen_object, seen_track, objects, others = [], [], 0, 0
    for k in range(len(truth.times)):
        who, where = truth.at(k)
        names, places = name[cuts[k] : cuts[k + 1]], place[cuts[k] : cuts[k + 1]]
        judged = nearest(places, where) <= within
        names, places = names[judged], places[judged]
        found = gospa(where, places, cutoff)
        values.append((found.value, found.localisation, found.missed, found.false, len(found.pairs)))
        for one, other in found.pairs:
            switches += last.get(who[one], names[other]) != names[other]
            last[who[one]] = names[other]
        row, column, _ = near(where, places, cutoff)
        seen_object.append(who[row])
        seen_track.append(names[column])
        objects, others = objects + len(who), others + len(names)
    value, localisation, missed, false, pairs = np.array(values[start:]).T
    return Score(
        gospa=float(value.mean()),
        error=float(np.sqrt(localisation.sum() / max(pairs.sum(), 1))),
        missed=float(missed.mean()),
        false=float(false.mean()),
        switches=int(switches),
        idf1=f1(np.concatenate(seen_object), np.concatenate(seen_track), objects, others),
    )


def nearest(places: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """[m] metres from each place to the nearest object; infinite where there is none."""
    if not len(places) or not len(objects):
        return np.full(len(places), np.inf)
    return cKDTree(objects).query(places)[0]


def f1(one: np.ndarray, other: np.ndarray, ones: int, others: int) -> float:
    """IDF1 of the pairs (object, track) that were seen together, of so many objects and tracks seen."""
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


def reports_f1(who: np.ndarray, track: np.ndarray) -> float:
    """IDF1 by reports: `who` sent each, `track` it was given to (-1: none)."""
    given = track >= 0
    return f1(who[given], track[given], len(who), int(given.sum()))
