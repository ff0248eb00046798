"""Reassociation over AIS with the identities hidden, at the rate as received and thinned; and what it learns.

`--learn FILE` learns the mixture of motion and the intervals from what is tuned on, and writes what the
package carries as `reassociation.json`. Else IDF1 by reports of the tracker alone, of the recording as
`watchfloor track` has it, and of perfect tracks that end after half an hour of silence.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.surveillance import ais, ours, tracks
from benchmarks.surveillance.recording import Recording, ecef
from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import Config
from watchfloor.desks.surveillance.tracking import reassociation as package
from watchfloor.desks.surveillance.tracking_metrics import reports_f1

THINNED = (1, 2, 4, 8, 16)
"""Of each vessel's reports every so many are kept."""

SILENCE = 1_800.0
"""Seconds after which a vessel's reports teach nothing of the last."""


def thin(one: Recording, keep: int) -> Recording:
    """Every `keep`-th report of each vessel, the first of which is drawn by its number."""
    order = np.lexsort((one.t, one.who))
    first = np.searchsorted(one.who[order], one.who[order])
    rank = np.empty(len(one), int)
    rank[order] = np.arange(len(one)) - first
    return one.take(np.flatnonzero((rank + one.who * 7919) % keep == 0))


def alone(one: Recording) -> np.ndarray:
    """The tracker's own: the track of each report."""
    return ours.given(ours.run(one, Config(tell_tentative=True))[0], len(one))


@kernel(error_model="numpy")
def expect(place, t, before, weights, total):
    """Add to `total` each part's share of each report; returns the log-likelihood."""
    work, told = np.empty(package.PARTS + len(package.STRENGTHS)), 0.0
    for c in range(len(t)):
        b = before[c]
        if b < 0 or before[b] < 0:
            continue
        speed, late, density = package.place_density(place, t, before[b], b, c, weights, work)
        if density > 1e-200:
            told += np.log(density)
            for q in range(package.PARTS):
                total[speed, late, q] += work[q] / density
    return told


def learn(steps: int = 20) -> dict:
    """Weights and intervals of the vessels that are tuned on, as the package carries them."""
    place, t, before, first = [], [], [], 0
    for one in ais.development().values():
        order = np.lexsort((one.t, one.who))
        same = (np.diff(one.who[order]) == 0) & (np.diff(one.t[order]) > 0)
        same &= np.diff(one.t[order]) <= SILENCE
        place.append(ecef(one.lonlat)[order])
        t.append(one.t[order])
        before.append(np.r_[-1, np.where(same, np.arange(len(one) - 1) + first, -1)])
        first += len(one)
    place, t, before = np.concatenate(place), np.concatenate(t), np.concatenate(before)
    weights = np.full(package.WEIGHTS, 1 / package.PARTS)
    for _ in range(steps):
        total = np.zeros(package.WEIGHTS)
        expect(place, t, before, weights, total)
        # A class of which little was seen leans on the others of its speed, and those on all.
        whole = total.sum((0, 1)) + 1
        of_speed = total.sum(1) + 30 * whole / whole.sum()
        total += 30 * (of_speed / of_speed.sum(1, keepdims=True))[:, None] + 0.02
        weights = total / total.sum(2, keepdims=True)
    usual = float(np.median((t - t[before])[before >= 0]))
    after = np.zeros((package.BEFORE, package.BINS))
    package.count_intervals(
        t, before, usual, np.zeros(package.BINS), after, np.zeros((package.BEFORE, *after.shape))
    )
    pace = []
    for row, counts in enumerate(after):
        if counts.any():
            low, high = np.flatnonzero(counts)[[0, -1]]
            pace.append([row, int(low), counts[low : high + 1].astype(int).tolist()])
    return {"usual": usual, "motion": np.round(1e4 * weights).astype(int).tolist(), "pace": pace}


def rows(recordings: dict[str, Recording], keeps: tuple[int, ...], say):
    """Name, kept, reports, seconds between them, and the three figures, with seconds of CPU time."""
    for name, whole in recordings.items():
        for keep in keeps:
            one = thin(whole, keep)
            order = np.lexsort((one.t, one.who))
            usual = np.median(np.diff(one.t[order])[np.diff(one.who[order]) == 0])
            say(f"{name}, 1 of {keep}: {len(one):,} reports …")
            before = reports_f1(one.who, alone(one))
            start = time.process_time()
            found = tracks.recorded(one, None).given
            spent = time.process_time() - start
            after = reports_f1(one.who, found)
            yield name, keep, len(one), usual, before, after, ais.bound(one, SILENCE), spent


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench surveillance.reassociation", description=__doc__)
    parser.add_argument(
        "--learn", type=Path, metavar="FILE", help="learn, and write what the package carries"
    )
    parser.add_argument("--development", action="store_true", help="of what is tuned on instead")
    parser.add_argument("--thinned", default=",".join(map(str, THINNED)), help="keep 1 of so many reports")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    if options.learn:
        options.learn.write_text(json.dumps(learn(), separators=(",", ":")) + "\n")
        return 0
    console = Console(width=None if sys.stdout.isatty() else 160, stderr=options.json)
    console.print(f"load {os.getloadavg()[0]:.1f}; learned from and tuned on: {', '.join(ais.TUNED_ON)}")
    recordings = ais.development() if options.development else ais.reported()
    keeps = tuple(map(int, options.thinned.split(",")))
    found = list(rows(recordings, keeps, lambda text: console.print(text, highlight=False, style="dim")))
    if options.json:
        print(json.dumps(found))
        return 0
    heads = ("recording", "1 of", "reports", "seconds", "tracker", "recording", "ends at 30 min", "CPU s")
    made = Table(*heads, title="IDF1 by reports, identities hidden", title_justify="left")
    for name, keep, count, usual, *figures, spent in found:
        figures = [f"{value:.3f}" for value in figures]
        made.add_row(name, str(keep), f"{count:,}", f"{usual:.0f}", *figures, f"{spent:.1f}")
    console.print(made, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
