"""Findings in the public declarations, split by tuple: LightGBM as others use it, and ours.

    ./dev bench cargo.declarations                      five folds of everything, as the issue has it
    ./dev bench cargo.declarations --part development   five folds of the half that all was chosen on
    ./dev bench cargo.declarations --part held          learned on that half, judged on the other
    ./dev bench cargo.declarations --draws 1000

No tuple (HS6, origin, rate, mass, price) is on both sides. Two columns: with countries (ours bounds what they
may add, see docs/cargo-model.md), and without origin and all that is derived of it: departure, tax type and
origin mark too. Intervals are of draws of whole tuples; a ratio's are of the same draws on both sides. P5 and
P10 are the share of findings in the top 5 % and 10 %.
"""

import argparse
import time

import numpy as np

from benchmarks.cargo.public import JUDGES, Floats, draws, in_folds, load, measures

GOAL = (0.40, 0.37, 0.64)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("all", "development", "held"), default="all")
    parser.add_argument("--column", choices=("countries", "without", "both"), default="both")
    parser.add_argument("--draws", type=int, default=300)
    options = parser.parse_args()
    public = load()
    rows = (
        np.arange(len(public.found))
        if options.part == "all"
        else np.flatnonzero(public.half == (options.part == "held"))
    )
    found, group = public.found[rows], public.group[rows]
    print(
        f"{options.part}: {len(rows):,} rows, {len(np.unique(group)):,} tuples, base rate {found.mean():.3f}"
    )
    for routes in {"both": (True, False), "countries": (True,), "without": (False,)}[options.column]:
        print("with countries" if routes else "without origin and what is derived of it", flush=True)
        scores = {}
        for name, judge in JUDGES.items():
            start = time.process_time()
            if options.part == "held":
                scores[name] = judge(np.flatnonzero(public.half == 0), rows, routes)
            else:
                scores[name] = in_folds(judge, rows, routes)
            print(f"  {name}: {time.process_time() - start:.0f} s of CPU", flush=True)
        show(found, scores, draws(found, group, list(scores.values()), options.draws))


def show(found: Floats, scores: dict[str, Floats], drawn: list[Floats]) -> None:
    """A row for each, and ours over each peer."""
    print(f"  {'':24}{'P5':>21}{'P10':>21}{'AUC':>21}")
    for (name, score), some in zip(scores.items(), drawn, strict=True):
        cells = [
            f"{value:.3f} [{low:.3f}, {high:.3f}]"
            for value, low, high in zip(measures(found, score), *_ends(some), strict=True)
        ]
        print(f"  {name:24}" + "".join(f"{cell:>21}" for cell in cells))
    mine = list(scores).index("ours")
    for number, name in enumerate(scores):
        if number != mine:
            ratio = drawn[mine] / drawn[number]
            middle = np.array(measures(found, scores["ours"])) / np.array(measures(found, scores[name]))
            cells = [
                f"{value:.2f} [{low:.2f}, {high:.2f}]"
                for value, low, high in zip(middle, *_ends(ratio), strict=True)
            ]
            print(f"  {'ours / ' + name:24}" + "".join(f"{cell:>21}" for cell in cells))
    reached = [
        f"{value - goal:+.3f}" for value, goal in zip(measures(found, scores["ours"]), GOAL, strict=True)
    ]
    print(f"  {'ours less the goal':24}" + "".join(f"{cell:>21}" for cell in reached))


def _ends(some: Floats) -> tuple[Floats, Floats]:
    return np.quantile(some, 0.025, axis=0), np.quantile(some, 0.975, axis=0)


if __name__ == "__main__":
    main()
