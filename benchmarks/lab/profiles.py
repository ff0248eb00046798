"""Ratios of impurity profiles, held out: Cllr, Cllr_min, and how often pairs of either sort pass a ratio.

No seizure's profiles are public, so this measures two other things:

- made batches: log shares of 14 impurities vary by `BATCH` between batches, by each of `SEIZURES` between
  seizures of one and by `REPEAT` between samples of one seizure, beside a main peak of nine tenths. Ratios
  are learned as the desk learns them, from repeats of items and from pairs of items that nobody knows to be
  linked (some are), and tried on other batches: two seizures of one batch against seizures of two;
- glass, with a folder that holds training.csv, duplo.csv and triplo.csv of the Netherlands Forensic Institute
  (github.com/NetherlandsForensicInstitute/elemental_composition_glass): real measurements of one source by
  one method, ten elements in place of peaks. Learned on the first, tried on the other two.

How much wider seizures are taken to be than samples was chosen on made batches of other seeds; that pairs
alone bound too little showed on glass of which these figures are in part.

    ./dev bench lab.profiles [FOLDER]
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import isotonic_regression

from watchfloor.desks.lab.likelihood import learned
from watchfloor.desks.lab.links import WIDER
from watchfloor.desks.lab.profiles import BINS, compared, profile

BATCH, REPEAT = 0.7, 0.05
SEIZURES = (0.05, 0.1, 0.2, 0.3)
PEAKS = 14
TEST = 150
TYPICAL = 20261202
"""Of the mean profile of all batches, which whoever learns and whoever asks share."""


def made(logs):
    """A profile of impurities by their log shares."""
    areas = np.exp(logs)
    shares = {"main": 0.9} | {f"i{n}": 0.1 * one for n, one in enumerate(areas / areas.sum())}
    return of(shares)


def of(shares):
    return profile({"results": [{"name": f"peak:{name}", "share": one} for name, one in shares.items()]})


def batches(rng, count, seizures, repeats, spread):
    """Profiles with the batch and the seizure of each."""
    typical = np.random.default_rng(TYPICAL).normal(0, 1, PEAKS)
    for batch in range(count):
        mean = typical + rng.normal(0, BATCH, PEAKS)
        for seizure in range(seizures):
            own = mean + rng.normal(0, spread, PEAKS)
            for _ in range(repeats):
                yield (batch, seizure), made(own + rng.normal(0, REPEAT, PEAKS))


def pairs(profiles, same):
    """Bins of pairs for which `same` gives True, and of those for which it gives False."""
    one, two = [], []
    for n, (mine, shape) in enumerate(profiles):
        bins = compared(shape, [other for _, other in profiles[:n]]).bins
        sort = np.array([{True: 1, False: 0, None: -1}[same(mine, other)] for other, _ in profiles[:n]], int)
        one.append(bins[(sort == 1) & (bins >= 0)])
        two.append(bins[(sort == 0) & (bins >= 0)])
    return np.concatenate(one), np.concatenate(two)


def counts(bins):
    return np.bincount(bins, minlength=BINS)


def cllr(one, two):
    """Cost of log likelihood ratios (N. Brümmer and J. du Preez, 2006): 1 says nothing, 0 is perfect."""
    return (np.mean(np.log2(1 + 1 / one)) + np.mean(np.log2(1 + two))) / 2


def least(one, two):
    """Cllr_min: the same after the best calibration of these very pairs."""
    ones, twos = counts(one), counts(two)
    seen = np.flatnonzero(ones + twos)
    chance = isotonic_regression(ones[seen] / (ones + twos)[seen], weights=(ones + twos)[seen]).x
    ratio = np.zeros(BINS)
    with np.errstate(divide="ignore"):
        ratio[seen] = chance / (1 - chance) * len(two) / len(one)
    return cllr(ratio[one], ratio[two])


def told(name, train, test, sources):
    ratios = learned(*map(counts, train), sources, WIDER)
    value = np.array([ratios.ratio(n).value for n in range(BINS)])
    # Below 1 the desk says nothing; for Cllr no ratio is less than one of the pairs it was learned on.
    floor = np.maximum(value, 1 / (len(train[0]) + 1))
    one, two = test
    line = f"{name}: {len(train[0])} + {len(train[1])} pairs, bound {ratios.most:.0f}; held out"
    line += f" {len(one)} + {len(two)}: Cllr {cllr(floor[one], floor[two]):.3f}, min {least(one, two):.3f};"
    for limit in (10, 100, 1000, ratios.most):
        passed = [np.mean(value[bins] >= limit * 0.999) for bins in (one, two)]
        line += f" >= {limit:.0f}: {passed[0]:.3f} {passed[1]:.6f}"
    print(line)


def glass(folder, name, start):
    with (Path(folder) / f"{name}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            item = start + int(row["Item"])
            amounts = {key: 10 ** float(row[key]) for key in row if key not in ("id", "Item", "Piece")}
            yield item, of({key: one / sum(amounts.values()) for key, one in amounts.items()})


def main():
    print(
        "pairs learned on, one source + two; then of held-out pairs the share that passes a ratio, each sort"
    )
    for spread in SEIZURES:
        for count in (10, 30, 100):
            rng = np.random.default_rng(1000 + count)
            # One batch in ten was seized twice, which whoever learns does not know.
            known = [*batches(rng, count, 1, 3, spread)]
            twice = [((batch + count, n), p) for (batch, n), p in batches(rng, count // 10, 2, 3, spread)]
            known += twice
            train = pairs(known, lambda a, b: a == b)
            test = pairs(
                [*batches(rng, TEST, 2, 1, spread)],
                lambda a, b: a[0] == b[0],
            )
            items = len({key for key, _ in known})
            told(f"made, seizures {spread:.2f}, {items} items", train, test, items)
    for folder in sys.argv[1:]:
        first = [*glass(folder, "training", 0)]
        other = [*glass(folder, "duplo", 10_000), *glass(folder, "triplo", 10_000)]
        test = pairs(other, lambda a, b: a == b)
        for count in (10, 20, 50, 659):
            chosen = {
                *np.random.default_rng(1).permutation(sorted({key for key, _ in first}))[:count].tolist()
            }
            known = [one for one in first if one[0] in chosen]
            told(f"glass, {count} items", pairs(known, lambda a, b: a == b), test, count)


if __name__ == "__main__":
    main()
