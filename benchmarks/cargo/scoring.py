"""Declarations scored a second on one core, beside LightGBM's own prediction of the same trees.

    ./dev bench cargo.scoring
    ./dev bench cargo.scoring --rows 1000000 --day 2400000

Ours is everything from Arrow columns of declarations to chance and spread: words looked up, effects summed,
inputs of the trees made, trees walked. LightGBM's is its own `predict` alone, on one thread, of the same
trees on the inputs that we made for it. `--day` is a day's post: 2.4 million parcels are the most that Canada
Post said it had delivered in a day (21 December 2020, narcity.com); how many of them came from abroad it did
not say, so that a day of customs is less.
"""

import argparse
import time
from collections.abc import Callable

import lightgbm
import numpy as np
import pyarrow as pa

from watchfloor.desks.cargo import model
from watchfloor.desks.cargo.model import core, inputs
from watchfloor.desks.cargo.model.inputs import taken
from watchfloor.desks.cargo.model.scoring import BLOCK


def declarations(rows: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The public declarations again and again, those to fit on, and their inspections."""
    from benchmarks.cargo.public import load

    public = load()
    whole = public.declarations
    many = pa.concat_tables([whole] * (rows // whole.num_rows + 1)).slice(0, rows).combine_chunks()
    learn = np.flatnonzero(public.part == 0)
    return many, whole.take(learn), public.inspections.take(learn)


def best(of: Callable[[], object], repeats: int) -> float:
    """The least time, s of CPU of this process: other work on the machine does not count."""
    took = []
    for _ in range(repeats):
        start = time.process_time()
        of()
        took.append(time.process_time() - start)
    return min(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--day", type=int, default=2_400_000, help="items of a day's post")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--origin", action="store_true", help="a model with routes")
    options = parser.parse_args()
    pa.set_cpu_count(1)
    rows, learn, acts = declarations(options.rows)
    fitted = model.fit(learn, acts, origin=options.origin)
    model.score(fitted, rows.slice(0, 1000))
    part = fitted.core
    print(
        f"{len(part.trees.nodes.roots)} trees, {len(part.terms)} terms, "
        f"{len(fitted.stored()) / 1e6:.1f} MB of model"
    )
    ours = best(lambda: model.score(fitted, rows), options.repeats)
    seen = inputs.build(rows, fitted.origin, fitted.currency)
    values = np.concatenate(
        [
            core.applied(part, taken(seen, np.arange(at, min(at + BLOCK, options.rows)))).values
            for at in range(0, options.rows, BLOCK)
        ]
    )
    grown = lightgbm.Booster(model_str=part.booster)
    theirs = best(lambda: grown.predict(values, raw_score=True, num_threads=1), options.repeats)
    print(f"ours, declarations to chances: {options.rows / ours:12,.0f} declarations/s")
    print(f"LightGBM, inputs to log-odds:  {options.rows / theirs:12,.0f} declarations/s")
    print(f"a day of {options.day:,} items: {options.day * ours / options.rows:.1f} s on one core")


if __name__ == "__main__":
    main()
