"""The orienteering problem: one tour from the depot and back, no longer than a limit, that collects most.

Ruin and recreate (G. Schrimpf and others, Journal of Computational Physics 159, 2000) with annealing: strings
of a tour are taken out near one stop, the tour is filled again by the best prize for the length that it
costs, shortened by 2-opt and by moving up to three stops (Or-opt), and filled once more. It begins from a
tour of all stops out of which those that bring least for their length are dropped: filling from the depot on
stays near the depot.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

Integers = npt.NDArray[np.int64]
Distances = npt.NDArray[np.int32]

NEAR: Final = 12
"""Neighbours beside which a stop is inserted or moved."""

HEAT: Final = 0.003
"""Temperature at the beginning of an annealing, as a share of the best score."""

STRING: Final = 15
"""Most stops that are taken out at once."""

NOISE: Final = 0.3
"""Share by which the worth of an insertion is raised at random, so that no two fillings are the same."""


def neighbours(distances: npt.NDArray[np.int32], count: int) -> Integers:
    """Return the `count` nearest other stops of each [n, count], row by row to keep memory small."""
    most = min(count, len(distances) - 1)
    found = np.empty((len(distances), most), np.int64)
    for row, line in enumerate(distances):
        beyond = line.astype(np.int64)
        beyond[row] = np.iinfo(np.int64).max
        near = np.argpartition(beyond, most - 1)[:most]
        found[row] = near[np.argsort(beyond[near], kind="stable")]
    return found


@kernel
def _reverse(tour: Integers, place: Integers, size: int, start: int, end: int) -> None:
    """Turn round the part of a ring from `start` to `end`, or the rest of the ring where that is shorter."""
    count = (end - start + size) % size + 1
    if 2 * count > size:
        start, end = (end + 1) % size, (start - 1 + size) % size
        count = size - count
    for _ in range(count // 2):
        tour[start], tour[end] = tour[end], tour[start]
        place[tour[start]] = start
        place[tour[end]] = end
        start = start + 1 if start + 1 < size else 0
        end = end - 1 if end > 0 else size - 1


@kernel
def _exchange(
    tour: Integers, place: Integers, size: int, i: int, distances: Distances, near: Integers
) -> int:
    """Apply the first 2-opt move of the stop at `i` that makes the ring shorter; return by how much."""
    a = tour[i]
    for forward in range(2):
        j = (i + 1) % size if forward else (i - 1 + size) % size
        b = tour[j]
        for q in range(near.shape[1]):
            c = near[a, q]
            won = distances[a, b] - distances[a, c]
            if won <= 0:
                break
            k = place[c]
            if k < 0:
                continue
            other = (k + 1) % size if forward else (k - 1 + size) % size
            d = tour[other]
            if c == b or d == a:
                continue
            won += distances[c, d] - distances[b, d]
            if won > 0:
                if forward:
                    _reverse(tour, place, size, j, k)
                else:
                    _reverse(tour, place, size, i, other)
                return int(won)
    return 0


@kernel
def _move(
    tour: Integers, place: Integers, size: int, start: int, count: int, distances: Distances, near: Integers
) -> int:
    """Move `count` stops from `start` on beside a neighbour if that is shorter; return by how much."""
    end = start + count - 1
    before = tour[start - 1] if start > 0 else tour[size - 1]
    after = tour[end + 1] if end + 1 < size else tour[0]
    won = distances[before, tour[start]] + distances[tour[end], after] - distances[before, after]
    if won <= 0:
        return 0
    for side in range(2):
        a, z = (tour[start], tour[end]) if side == 0 else (tour[end], tour[start])
        for q in range(near.shape[1]):
            c = near[a, q]
            if distances[a, c] >= won:
                break
            k = place[c]
            if k < 0 or start <= k <= end:
                continue
            for following in range(2):
                other = (k + 1) % size if following else (k - 1 + size) % size
                if start <= other <= end:
                    continue
                d = tour[other]
                cost = distances[a, c] + distances[z, d] - distances[c, d]
                if cost >= won:
                    continue
                moved = tour[start : end + 1].copy()
                if (a if following else z) != moved[0]:
                    moved = moved[::-1].copy()
                low = k if following else other  # the stops go behind this place
                if low > end:
                    for r in range(end + 1, low + 1):
                        tour[r - count] = tour[r]
                        place[tour[r]] = r - count
                    low -= count
                else:
                    for r in range(start - 1, low, -1):
                        tour[r + count] = tour[r]
                        place[tour[r]] = r + count
                for r in range(count):
                    tour[low + 1 + r] = moved[r]
                    place[moved[r]] = low + 1 + r
                return int(won - cost)
    return 0


@kernel
def _shorten(tour: Integers, place: Integers, size: int, distances: Distances, near: Integers) -> int:
    """Apply 2-opt and Or-opt moves until none makes the ring shorter; return by how much it did."""
    total = 0
    better = size > 3
    while better:
        better = False
        for i in range(size):
            won = _exchange(tour, place, size, i, distances, near)
            total += won
            better |= won > 0
        for count in range(1, min(4, size - 2)):
            for start in range(size - count):
                won = _move(tour, place, size, start, count, distances, near)
                total += won
                better |= won > 0
    return total


@kernel
def _length(tour: Integers, size: int, distances: Distances) -> int:
    total = 0
    for i in range(size):
        total += distances[tour[i - 1] if i > 0 else tour[size - 1], tour[i]]
    return total


@kernel
def reduce(distances: Distances, prizes: Integers, limit: int, near: Integers, tour: Integers) -> int:
    """Fill `tour` with all stops, and drop those that bring least for their length; return its size."""
    count = len(prizes)
    place = np.full(count, -1, np.int64)
    place[0] = tour[0] = 0
    size = 1
    while size < count:  # the nearest that is left, again and again
        best = -1
        for v in range(count):
            if place[v] < 0 and (best < 0 or distances[tour[size - 1], v] < distances[tour[size - 1], best]):
                best = v
        tour[size] = best
        place[best] = size
        size += 1
    _shorten(tour, place, size, distances, near)
    length = _length(tour, size, distances)
    while length > limit and size > 1:
        for _ in range(max(1, size // 50)):  # a fiftieth between two shortenings
            if length <= limit or size < 2:
                break
            worst, most, saved = -1, -1.0, 0
            for i in range(size):
                v = tour[i]
                if v == 0:
                    continue
                a, b = tour[i - 1] if i > 0 else tour[size - 1], tour[i + 1] if i + 1 < size else tour[0]
                saving = distances[a, v] + distances[v, b] - distances[a, b]
                if (saving + 0.01) / (prizes[v] + 1e-9) > most:
                    worst, most, saved = i, (saving + 0.01) / (prizes[v] + 1e-9), saving
            length -= saved
            place[tour[worst]] = -1
            for i in range(worst, size - 1):
                tour[i] = tour[i + 1]
                place[tour[i]] = i
            size -= 1
        length -= _shorten(tour, place, size, distances, near)
    return size


@kernel
def _cheapest(
    v: int, tour: Integers, place: Integers, size: int, distances: Distances, near: Integers
) -> tuple[int, int]:
    """Return what inserting a stop beside one near it costs at least, and the stop that it follows."""
    least, behind, seen = 2**62, -1, 0
    for q in range(near.shape[1]):
        c = near[v, q]
        k = place[c]
        if k < 0:
            continue
        a, b = tour[k - 1] if k > 0 else tour[size - 1], tour[k + 1] if k + 1 < size else tour[0]
        cost = distances[c, v] + distances[v, b] - distances[c, b]
        if cost < least:
            least, behind = cost, c
        cost = distances[a, v] + distances[v, c] - distances[a, c]
        if cost < least:
            least, behind = cost, a
        seen += 1
        if seen == 4:
            break
    if not seen:
        for k in range(size):
            c, b = tour[k], tour[k + 1] if k + 1 < size else tour[0]
            cost = distances[c, v] + distances[v, b] - distances[c, b]
            if cost < least:
                least, behind = cost, c
    return least, behind


@kernel
def _cut(
    tour: Integers, place: Integers, size: int, start: int, count: int, prizes: Integers
) -> tuple[int, int]:
    """Take `count` stops from `start` on out, never the depot; return the size and what they brought."""
    lost, kept = 0, 0
    for r in range(size):
        v = tour[r]
        if v != 0 and (start <= r < start + count or r + size < start + count):
            place[v] = -1
            lost += prizes[v]
        else:
            tour[kept] = v
            place[v] = kept
            kept += 1
    return kept, lost


@kernel
def anneal(
    distances: Distances,
    prizes: Integers,
    limit: int,
    near: Integers,
    rounds: int,
    seed: int,
    heat: float,
    tour: Integers,
    size: int,
    best_tour: Integers,
    best_size: int,
) -> tuple[int, int]:
    """Improve a tour for so many rounds as it cools; return the sizes of the last one and of the best.

    Args:
        distances: [n, n].
        prizes: [n]; of stops that bring nothing none is visited.
        limit: length of a tour.
        near: neighbours of each stop [n, k].
        rounds: ruins and recreations.
        seed: of chance.
        heat: temperature at the beginning, in prizes.
        tour, size: the tour to begin with; the last one in the end [n + 1].
        best_tour, best_size: the best so far; better ones take its place.
    """
    np.random.seed(seed)
    count = len(prizes)
    place = np.full(count, -1, np.int64)
    score, best = 0, 0
    for i in range(size):
        place[tour[i]] = i
        score += prizes[tour[i]]
    for i in range(best_size):
        best += prizes[best_tour[i]]
    length = _length(tour, size, distances)
    best_length = _length(best_tour, best_size, distances)
    kept = tour.copy()
    kept_size, kept_score, kept_length = size, score, length
    cost, behind = np.empty(count, np.int64), np.empty(count, np.int64)
    # Length that is left is worth a tenth of what the best tour collects on it.
    rate = 0.1 * best / max(1, limit)
    for step in range(rounds):
        # Ruin: one to three strings beside each other.
        if size > 2:
            strings = 1 + np.random.randint(0, 3)
            each = max(1, (1 + np.random.randint(0, max(1, min(STRING, size // 2)))) // strings)
            centre = tour[np.random.randint(0, size)]
            for s in range(strings):
                v = centre if s == 0 else near[centre, np.random.randint(0, near.shape[1])]
                if place[v] < 0 or size < 3:
                    continue
                short = min(each, size - 1)
                start = (place[v] - np.random.randint(0, short) + size) % size
                size, lost = _cut(tour, place, size, start, short, prizes)
                score -= lost
            length = _length(tour, size, distances)
        # Recreate: by prize for length, the prize to a power between 0.8 and 1.6.
        power = 0.8 + 0.8 * np.random.random()
        fresh, shortened = True, False
        while True:
            if fresh:
                for v in range(count):
                    if place[v] < 0:
                        cost[v], behind[v] = _cheapest(v, tour, place, size, distances, near)
                fresh = False
            pick, most = -1, -1.0
            for v in range(count):
                if place[v] >= 0 or prizes[v] <= 0 or length + cost[v] > limit:
                    continue
                worth = prizes[v] ** power / (cost[v] + 0.5) * (1 + NOISE * np.random.random())
                if worth > most:
                    pick, most = v, worth
            if pick < 0:
                if shortened:
                    break
                won = _shorten(tour, place, size, distances, near)
                length -= won
                shortened = fresh = True
                if won == 0:
                    break
                continue
            shortened = False
            a, at = behind[pick], place[behind[pick]] + 1
            b = tour[at] if at < size else tour[0]
            length += cost[pick]
            score += prizes[pick]
            for r in range(size, at, -1):
                tour[r] = tour[r - 1]
                place[tour[r]] = r
            tour[at] = pick
            place[pick] = at
            size += 1
            for v in range(count):
                if place[v] >= 0:
                    continue
                if behind[v] == a:  # the leg it would have parted is gone
                    cost[v], behind[v] = _cheapest(v, tour, place, size, distances, near)
                one = distances[a, v] + distances[v, pick] - distances[a, pick]
                two = distances[pick, v] + distances[v, b] - distances[pick, b]
                if one < cost[v]:
                    cost[v], behind[v] = one, a
                if two < cost[v]:
                    cost[v], behind[v] = two, pick
        if score > best or (score == best and length < best_length):
            best, best_length, best_size = score, length, size
            best_tour[:size] = tour[:size]
        gain = score - kept_score - rate * (length - kept_length)
        warmth = heat * (1 - step / rounds)
        if gain >= 0 or (warmth > 0 and np.random.random() < np.exp(gain / warmth)):
            kept_size, kept_score, kept_length = size, score, length
            kept[:size] = tour[:size]
        else:
            for i in range(size):
                place[tour[i]] = -1
            size, score, length = kept_size, kept_score, kept_length
            for i in range(size):
                tour[i] = kept[i]
                place[tour[i]] = i
    return size, best_size
