"""Which report is of which track, component by component: how probably, and in the likeliest way."""

import math
from typing import Any

import numpy as np

from watchfloor.desks.surveillance.tracking.assignment import cheapest
from watchfloor.desks.surveillance.tracking.existence import propagate
from watchfloor.records.kernels import kernel

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
