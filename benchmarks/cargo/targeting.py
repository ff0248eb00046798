"""What `cargo target` finds in the public table of declarations, and whether its rate holds the truth.

    ./dev bench cargo.targeting [--budget 400] [--history 6000] [--draws 100]

A model is fitted on the last rows of the table's first part, and the budget is spent on its last part. Rows
repeat within the table (see `cargo.leak`), so this says how the parts compare and not how good the model is.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from watchfloor.cell.weighing.weights import load
from watchfloor.core.proportions import jeffreys
from watchfloor.feeds import files
from watchfloor.planning.inspections import estimates, streams
from watchfloor.planning.inspections.choose import Settings, choose

DATA = Path(__file__).parents[3] / "shared/data/cargo"


def main() -> None:
    """Choose, and look up what the table says was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=int, default=400)
    parser.add_argument("--history", type=int, default=6000, help="rows that the model is fitted on")
    parser.add_argument(
        "--draws", type=int, default=100, help="choices whose estimates are compared with the truth"
    )
    asked = parser.parse_args()
    if not DATA.exists():
        raise SystemExit(f"{DATA} is not there")
    history, given = (
        files.read([DATA / f"df_syn_{name}_eng.csv"], streams.WANTED) for name in ("train", "test")
    )
    for kind in ("declaration", "inspection"):
        rows = files.rows_of(history, kind)
        history.tables[kind] = rows.slice(max(rows.num_rows - asked.history, 0))
    started = time.process_time()
    model, _ = streams.learned(history, given)
    fitted = time.process_time()
    stream = streams.from_files(given, history, model, load(), None)
    settings = Settings(asked.budget)
    found = stream.candidates
    every = [
        choose(found.chance, found.spread, replace(settings, seed=seed), evident=found.evident)
        for seed in range(asked.draws)
    ]
    ended = time.process_time()
    truth = _truth(found.items.subject, given)
    print(f"{len(truth):,} items, {truth.mean():.3f} of them with a find; model of {asked.history:,} rows")
    for word in ("score", "uncertainty", "random"):
        rows = np.array(
            [row for row, by in zip(every[0].rows, every[0].chosen_by, strict=True) if by == word]
        )
        finds = int(truth[rows].sum())
        low, high = jeffreys(finds, len(rows))
        print(f"{word:12} {len(rows):5} picks, finds {finds / len(rows):.3f} ({low:.3f} - {high:.3f})")
    made = [estimates.rate(truth[one.rows], one.propensity, len(truth)) for one in every]
    rates = np.array([one.rate for one in made])
    inside = sum(one.low <= truth.mean() <= one.high for one in made)
    naive = np.mean([truth[one.rows].mean() for one in every])
    error = rates.std() / len(made) ** 0.5
    print(f"rate of all, mean of {len(made)} choices: {rates.mean():.3f} (standard error {error:.3f})")
    print(f"truth within the interval: {inside} of {len(made)}; share of finds among the picks: {naive:.3f}")
    print(f"seconds of CPU: fit {fitted - started:.1f}, rules, scores and choices {ended - fitted:.1f}")


def _truth(subjects: list[str], given: files.Files) -> np.ndarray:
    acts = files.rows_of(given, "inspection")
    finds = acts["subject"].filter(pc.equal(acts["result"], "finding")).to_pylist()
    return np.isin(np.array(subjects), np.array(finds))


if __name__ == "__main__":
    main()
