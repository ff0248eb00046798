"""Which report goes to which track: the likeliest joint assignment, exact, component by component."""

import math
from typing import Any

import numpy as np
from numba import njit

NEVER = 1e6
"""Cost of a pair that is not within the gate."""


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def _find(parent: Any, a: int) -> Any:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@njit(cache=True, nogil=True, error_model="numpy")
def components(start: Any, report: Any, reports: int) -> Any:
    """Tracks that share reports, however far along: (order of the tracks, where each component starts)."""
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


@njit(cache=True, nogil=True, error_model="numpy")
def assign(start: Any, report: Any, weight: Any, reports: int) -> Any:
    """The pair of each track in the likeliest joint assignment, -1 for none, and whether it has a rival.

    `weight` of a pair is its odds against the track not being seen.
    """
    count = len(start) - 1
    chosen = np.full(count, -1, np.int64)
    rival = np.zeros(count, np.bool_)
    order, size = components(start, report, reports)
    local = np.full(reports, -1, np.int64)
    for k in range(count):
        n = size[k + 1] - size[k]
        if n == 1:
            i = order[size[k]]
            best = 1.0
            for p in range(start[i], start[i + 1]):
                if weight[p] > best:
                    best = weight[p]
                    chosen[i] = p
        elif n > 1:
            _several(order[size[k] : size[k + 1]], start, report, weight, local, chosen)
            for i in order[size[k] : size[k + 1]]:
                rival[i] = True
    return chosen, rival


@njit(cache=True, nogil=True, error_model="numpy")
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
