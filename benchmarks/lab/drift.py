"""Drift of a calibrant: how long until it is heard, beside a chart with limits at three deviations.

Simulated measurements, normal, of a steady instrument and of one that shifts after thirty of them. The chart
(Shewhart) takes mean and deviation from the first twenty. Nothing was tuned: k and h are the usual ones.

    ./dev bench lab.drift
"""

from bisect import bisect_left

import numpy as np

from watchfloor.desks.lab.devices import drift

SERIES = 400
LONG = 4000
BEFORE = 30


def heard(values):
    """Number of the measurement at which drift is heard; as many as there are where it is not."""
    return 1 + bisect_left(
        range(1, len(values) + 1), True, key=lambda count: drift(values[:count]) is not None
    )


def charted(values, first=20):
    mean, spread = np.mean(values[:first]), np.std(values[:first], ddof=1)
    out = np.flatnonzero(np.abs(values[first:] - mean) > 3 * spread)
    return first + 1 + int(out[0]) if len(out) else len(values) + 1


def main():
    rng = np.random.default_rng(7)
    steady = [rng.normal(size=LONG) for _ in range(SERIES)]
    ours, theirs = (np.mean([find(one) for one in steady]) for find in (heard, charted))
    print(f"steady: measurements until a false alarm, mean of {SERIES} series of {LONG}")
    print(f"  self-starting CUSUM {ours:6.0f}   three deviations {theirs:6.0f}")
    print(f"shift after {BEFORE}: measurements until it is heard, median (false alarms before it left out)")
    for shift in (0.5, 1.0, 2.0, 3.0):
        moved = [np.concatenate([rng.normal(size=BEFORE), rng.normal(shift, 1, 400)]) for _ in range(SERIES)]
        late = [
            np.median([at - BEFORE for one in moved if (at := find(one)) > BEFORE])
            for find in (heard, charted)
        ]
        print(
            f"  {shift:.1f} deviations: self-starting CUSUM {late[0]:5.0f}   three deviations {late[1]:5.0f}"
        )


if __name__ == "__main__":
    main()
