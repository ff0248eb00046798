"""The features of payments by brute force: each from all payments before it, with nothing remembered."""

import itertools
import math

import numpy as np


def within(rows, i, width):
    """Payments up to number `i`, in the window that ends with it; (number, payer, payee, time, amount)."""
    now = rows[i][2]
    return [(k, *rows[k]) for k in range(i + 1) if rows[k][2] > now - width and rows[k][0] != rows[k][1]]


def moments(amounts, fan):
    if not amounts:
        return [0.0] * 8
    n, mean = len(amounts), math.fsum(amounts) / len(amounts)
    centred = [[(a - mean) ** k for a in amounts] for k in (2, 3, 4)]
    m2, m3, m4 = (math.fsum(one) / n for one in centred)
    told = [fan, n, n / fan, mean, math.fsum(amounts)]
    if n < 2 or m2 <= 1e-12 * mean * mean:
        return [*told, 0.0, 0.0, 0.0]
    return [*told, m2, m3 / m2**1.5, m4 / m2**2 - 3]


def statistics(rows, i, width):
    seen = within(rows, i, width)
    out = []
    for one in rows[i][:2]:
        for mine, theirs in ((1, 2), (2, 1)):
            own = [row for row in seen if row[mine] == one]
            out += moments([row[4] for row in own], len({row[theirs] for row in own}))
    return out


def classed(counts, bins):
    out = [0] * len(bins)
    for count in counts:
        fitting = [b for b, least in enumerate(bins) if least <= count]
        if fitting:
            out[fitting[-1]] += 1
    return out


def gathers(rows, i, width, bins, least=0.5, most=1.02):
    seen = within(rows, i, width)
    by = {}
    for row in seen:
        by.setdefault((row[1], row[2]), []).append(row)
    x, v = rows[i][:2]
    if x == v:
        return [0] * (len(bins) + 4)
    names = {row[1] for row in seen} | {row[2] for row in seen}

    def between(u, w):
        return [y for y in names if (u, y) in by and (y, w) in by and y not in (u, w)]

    def ordered(u, w):
        return [y for y in between(u, w) if by[u, y][0][0] < by[y, w][-1][0]]

    def kept(u, w):
        return [y for y in ordered(u, w) if least <= by[y, w][-1][4] / by[u, y][-1][4] <= most]

    sources = [u for u in names if (u, x) in by and u not in (v, x)]
    targets = [w for w in names if (v, w) in by and w not in (x, v)]
    last = [len(between(u, v)) for u in sources]
    first = [len(between(x, w)) for w in targets]
    busy = [u for u in sources if len({b for a, b in by if a == u}) > 1]
    crowded = len({a for a, b in by if b == v}) > 1
    fanning = len({b for a, b in by if a == x}) > 1
    full = [w for w in targets if len({a for a, b in by if b == w}) > 1]
    told = [
        max([len(between(u, v)) for u in busy if crowded], default=0),
        max([len(ordered(u, v)) for u in busy if crowded], default=0),
        max([len(kept(u, v)) for u in busy if crowded], default=0),
        max([len(between(x, w)) for w in full if fanning], default=0),
    ]
    return [*(a + b for a, b in zip(classed(last, bins), classed(first, bins), strict=True)), *told]


def cycles(rows, i, width, bins, longest):
    """Sequences of distinct accounts from payee back to payer for which payments in order exist."""
    seen = within(rows, i, width)[:-1] if rows[i][0] != rows[i][1] else []
    u, v = rows[i][:2]
    found = []
    names = sorted({row[1] for row in seen} | {row[2] for row in seen})
    middle = [name for name in names if name not in (u, v)]
    if seen:
        for many in range(min(len(middle), longest - 2) + 1):
            for between in itertools.permutations(middle, many):
                way, at = [v, *between, u], -1
                for a, b in itertools.pairwise(way):
                    at = min(
                        (row[0] for row in seen if row[1] == a and row[2] == b and row[0] > at), default=None
                    )
                    if at is None:
                        break
                else:
                    found.append(len(way))
    return [*classed(found, bins), min(found, default=0)]


def table(rows):
    """Rows as the columns that `Stream.take` wants."""
    payer, payee, time, amount = (np.array(column) for column in zip(*rows, strict=True))
    return payer.astype(np.int64), payee.astype(np.int64), time.astype(np.int64), amount.astype(np.float64)
