"""Which report is of which track, component by component: how probably, and in the likeliest way."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel

NEVER = 1e6
"""Cost of a pair that is not within the gate."""
MOST = 600
"""Tracks in one component beyond which its least likely pairs are left out until it falls apart."""


@kernel(error_model="numpy")
def _find(parent: Any, a: int) -> Any:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@kernel(error_model="numpy")
def components(start: Any, report: Any, reports: int) -> Any:
    """Tracks that share reports, however far along: order of the tracks, and where each component starts.

    Component k is that of track k where it is the first of it, else empty.
    """
    count = len(start) - 1
    owner = np.full(reports, -1, np.int64)
    parent = np.arange(count)
    for i in range(count):
        for p in range(start[i], start[i + 1]):
            j = report[p]
            if owner[j] < 0:
                owner[j] = i
            a = _find(parent, i)
            b = _find(parent, owner[j])
            if a != b:
                parent[max(a, b)] = min(a, b)
    size = np.zeros(count + 1, np.int64)
    for i in range(count):
        parent[i] = _find(parent, i)
        size[parent[i] + 1] += 1
    for i in range(count):
        size[i + 1] += size[i]
    at = size.copy()
    order = np.empty(count, np.int64)
    for i in range(count):
        order[at[parent[i]]] = i
        at[parent[i]] += 1
    return order, size


@kernel(error_model="numpy")
def associate(start: Any, report: Any, weight: Any, missed: Any, reports: int) -> Any:
    """Marginals and the likeliest assignment of weighted pairs, one report a track, one track a report.

    `weight` of a pair is its odds against the track not being seen; `missed` [tracks] the probability that a
    track exists though it is not seen. Returns: probability of each pair; probability [tracks] of not being
    seen; probability [reports] of being of some track; pair [tracks] in the likeliest joint assignment, -1
    for none; number of tracks [tracks] in its component.

    A report that the likeliest assignment leaves over, because its track hardly exists, still goes to it
    where that is likelier than that the track exists and was missed: if it does not exist, no harm is done.
    """
    count = len(start) - 1
    given = np.zeros(len(report))
    unseen = np.ones(count)
    taken = np.zeros(reports)
    chosen = np.full(count, -1, np.int64)
    rivals = np.ones(count, np.int64)
    order, size = components(start, report, reports)
    local = np.full(reports, -1, np.int64)
    free = np.ones(reports, np.bool_)
    for k in range(count):
        who = order[size[k] : size[k + 1]]
        if len(who) == 1:
            _alone(start, report, weight, who[0], given, unseen, taken)
        elif len(who) > 1:
            propagate(who, start, report, weight, given, unseen, taken)
            _several(who, start, report, weight, local, chosen)
            for i in who:
                rivals[i] = len(who)
                if chosen[i] >= 0:
                    free[report[chosen[i]]] = False
        for i in who:
            if chosen[i] < 0:
                _left_over(start, report, given, i, unseen[i] * missed[i], free, chosen)
    return given, unseen, taken, chosen, rivals


@kernel(error_model="numpy")
def _alone(start: Any, report: Any, weight: Any, i: int, given: Any, unseen: Any, taken: Any) -> None:
    """The marginals of a track that shares no report."""
    total = 1.0
    for p in range(start[i], start[i + 1]):
        total += weight[p]
    unseen[i] = 1 / total
    for p in range(start[i], start[i + 1]):
        given[p] = weight[p] / total
        taken[report[p]] += given[p]


@kernel(error_model="numpy")
def _left_over(start: Any, report: Any, given: Any, i: int, least: float, free: Any, chosen: Any) -> None:
    """Give a track the likeliest of the reports that are free, if likelier than `least`."""
    for p in range(start[i], start[i + 1]):
        if free[report[p]] and given[p] > least:
            least = given[p]
            chosen[i] = p
    if chosen[i] >= 0:
        free[report[chosen[i]]] = False


@kernel(error_model="numpy")
def _several(who: Any, start: Any, report: Any, weight: Any, local: Any, chosen: Any) -> None:
    """Assign the tracks `who` of one component. `local` holds -1 throughout, before and after."""
    n = len(who)
    m = 0
    for i in who:
        for p in range(start[i], start[i + 1]):
            if local[report[p]] < 0:
                local[report[p]] = m
                m += 1
    cost = np.full((n, m + n), NEVER)
    pair = np.full((n, m), -1, np.int64)
    for r in range(n):
        i = who[r]
        cost[r, m + r] = 0.0
        for p in range(start[i], start[i + 1]):
            cost[r, local[report[p]]] = -math.log(weight[p])
            pair[r, local[report[p]]] = p
    column = cheapest(cost)
    for r in range(n):
        if column[r] < m:
            chosen[who[r]] = pair[r, column[r]]
    for i in who:
        for p in range(start[i], start[i + 1]):
            local[report[p]] = -1


# The cheapest assignment of rows to columns, exact.


@kernel(error_model="numpy")
def cheapest(cost: Any) -> Any:
    """Column of each row in the cheapest assignment of an [n, m] matrix with n <= m.

    Shortest augmenting paths with potentials (Jonker and Volgenant 1987), O(n² m).
    """
    n, m = cost.shape
    u = np.zeros(n + 1)
    v = np.zeros(m + 1)
    row = np.zeros(m + 1, np.int64)
    way = np.zeros(m + 1, np.int64)
    for i in range(1, n + 1):
        row[0] = i
        j0 = 0
        least = np.full(m + 1, np.inf)
        done = np.zeros(m + 1, np.bool_)
        while True:
            done[j0] = True
            i0 = row[j0]
            delta = np.inf
            j1 = 0
            for j in range(1, m + 1):
                if not done[j]:
                    now = cost[i0 - 1, j - 1] - u[i0] - v[j]
                    if now < least[j]:
                        least[j] = now
                        way[j] = j0
                    if least[j] < delta:
                        delta = least[j]
                        j1 = j
            for j in range(m + 1):
                if done[j]:
                    u[row[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            j0 = j1
            if row[j0] == 0:
                break
        while j0:
            j1 = way[j0]
            row[j0] = row[j1]
            j0 = j1
    column = np.full(n, -1, np.int64)
    for j in range(1, m + 1):
        if row[j] > 0:
            column[row[j] - 1] = j - 1
    return column


# How probably each report is of each track, and whether a track exists: marginals by belief propagation.


ROUNDS = 50
CLOSE = 1e-4


@kernel(error_model="numpy")
def propagate(who: Any, start: Any, report: Any, weight: Any, given: Any, unseen: Any, taken: Any) -> None:
    """Association probabilities of the pairs of the tracks `who`, which share reports with no others.

    Writes the probability of each pair to `given`, of each track not being seen to `unseen`, of each report
    being of some track to `taken`, which holds 0 for them before. One report a track and one track a report;
    `weight` of a pair is its odds against the track not being seen. Exact where the pairs form no loop
    (Williams and Lau, Approximate evaluation of marginal association probabilities with belief propagation,
    IEEE T-AES 50(4), 2014).
    """
    first = np.empty(len(who) + 1, np.int64)
    first[0] = 0
    for k in range(len(who)):
        first[k + 1] = first[k] + start[who[k] + 1] - start[who[k]]
    back = np.ones(first[-1])
    told = np.ones(first[-1])
    for _ in range(ROUNDS):
        for i in who:
            for p in range(start[i], start[i + 1]):
                taken[report[p]] = 1.0
        for k in range(len(who)):
            shift = first[k] - start[who[k]]
            total = 1.0
            for p in range(start[who[k]], start[who[k] + 1]):
                total += weight[p] * back[p + shift]
            for p in range(start[who[k]], start[who[k] + 1]):
                # At least 1, what not being seen is worth; beside a weight over 1e15 the difference loses it.
                told[p + shift] = weight[p] / max(total - weight[p] * back[p + shift], 1.0)
                taken[report[p]] += told[p + shift]
        moved = 0.0
        for k in range(len(who)):
            shift = first[k] - start[who[k]]
            for p in range(start[who[k]], start[who[k] + 1]):
                now = 1.0 / max(taken[report[p]] - told[p + shift], 1.0)
                moved = max(moved, abs(now - back[p + shift]))
                back[p + shift] = now
        if moved < CLOSE:
            break
    for i in who:
        for p in range(start[i], start[i + 1]):
            taken[report[p]] = 0.0
    for k in range(len(who)):
        shift = first[k] - start[who[k]]
        total = 1.0
        for p in range(start[who[k]], start[who[k] + 1]):
            total += weight[p] * back[p + shift]
        unseen[who[k]] = 1 / total
        for p in range(start[who[k]], start[who[k] + 1]):
            given[p] = weight[p] * back[p + shift] / total
            taken[report[p]] += given[p]
