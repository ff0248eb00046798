"""How probably each report is of each track, and whether a track exists: marginals by belief propagation."""

from typing import Any

import numpy as np
from numba import njit

ROUNDS = 30
CLOSE = 1e-4


@njit(cache=True, nogil=True, error_model="numpy")
def marginals(start: Any, report: Any, weight: Any, reports: int) -> Any:
    """Association probabilities of weighted pairs, one report a track and one track a report.

    `weight` of a pair is its odds against the track not being seen. Returns (probability of each pair,
    probability [tracks] of not being seen, probability [reports] of being of some track). Exact where the
    pairs form no loop (Williams and Lau, Approximate evaluation of marginal association probabilities with
    belief propagation, IEEE T-AES 50(4), 2014).
    """
    count = len(start) - 1
    back = np.ones(len(report))
    told = np.ones(len(report))
    total = np.empty(reports)
    for _ in range(ROUNDS):
        total[:] = 1.0
        for i in range(count):
            s = 1.0
            for p in range(start[i], start[i + 1]):
                s += weight[p] * back[p]
            for p in range(start[i], start[i + 1]):
                told[p] = weight[p] / (s - weight[p] * back[p])
                total[report[p]] += told[p]
        moved = 0.0
        for p in range(len(report)):
            v = 1.0 / (total[report[p]] - told[p])
            moved = max(moved, abs(v - back[p]))
            back[p] = v
        if moved < CLOSE:
            break
    unseen = np.empty(count)
    given = np.empty(len(report))
    taken = np.zeros(reports)
    for i in range(count):
        s = 1.0
        for p in range(start[i], start[i + 1]):
            s += weight[p] * back[p]
        unseen[i] = 1 / s
        for p in range(start[i], start[i + 1]):
            given[p] = weight[p] * back[p] / s
            taken[report[p]] += given[p]
    return given, unseen, taken
