"""How probably each report is of each track, and whether a track exists: marginals by belief propagation."""

from typing import Any

import numpy as np

from watchfloor.records.kernels import kernel

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
