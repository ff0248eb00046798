"""The cheapest assignment of rows to columns, exact."""

from typing import Any

import numpy as np

from watchfloor.records.kernels import kernel


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
