"""Persons of pseudopeople's sample tables linked without labels, beside Splink.

    python -m benchmarks.travel.linkage [--seed N] [--noise X] [--pairs a+b …] [--keep FOLDER] [--alone]

pseudopeople (PyPI, 1.3) makes noisy tables of made-up persons with true ids, which neither side reads;
`--noise 2` doubles each of its probabilities. Ours was chosen on seed 1, noise 1. Pairs of two tables count;
of one table those within it. Ours keeps the pairs that it would write. Of Splink the threshold is taken that
is best for its F1, by the truth, and the best at a precision of .999. It is set up as its documentation
advises: several blocking rules, u by random sampling, m by expectation maximisation from several blocks, term
frequencies, one comparison for what belongs together (the address). False-match rate: of all other pairs.
"""

import argparse
import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchfloor.cell.identity.linkage.linkage import link
from watchfloor.cell.identity.linkage.tables import as_persons

MADE = {
    "census2020": ("generate_decennial_census", 2020),
    "census2030": ("generate_decennial_census", 2030),
    "w2-2020": ("generate_taxes_w2_and_1099", 2020),
    "w2-2021": ("generate_taxes_w2_and_1099", 2021),
    "ssa2020": ("generate_social_security", 2020),
    "wic2020": ("generate_women_infants_and_children", 2020),
}
PAIRS = ("census2020+census2030", "w2-2020+ssa2020", "w2-2020+w2-2021", "wic2020+census2020", "w2-2020")
TRUTH = "simulant_id"
ID_COLUMNS = {TRUTH, "household_id", "employer_id"}
ORDER = {"ssa2020": (0, 4, 6), "wic2020": (4, 0, 2)}
"""Where year, month and day begin in a birth date without signs between; in others they stand in 10."""


def louder(of: Any, noise: float, key: str = "") -> Any:
    """Return a configuration of noise with each probability times a factor."""
    if isinstance(of, dict):
        return {name: louder(value, noise, str(name)) for name, value in of.items()}
    return min(1.0, of * noise) if "probability" in key and isinstance(of, int | float) else of


def made(name: str, seed: int, noise: float, keep: Path | None) -> pa.Table:
    path = keep / f"s{seed}x{noise:g}" / f"{name}.parquet" if keep else None
    if path and path.exists():
        return pq.read_table(path)
    import pseudopeople

    function, year = MADE[name]
    config = None if noise == 1 else louder(pseudopeople.get_config().to_dict(), noise)
    frame = getattr(pseudopeople, function)(seed=seed, year=year, config=config)
    texts = frame.astype(object).where(frame.notna(), None).astype("string")
    table = pa.Table.from_pandas(texts, preserve_index=False)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    return table


def figures(right: int, kept: int, true: int, other: float) -> str:
    precision, recall = right / max(kept, 1), right / true
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return f"F1 {f1:.4f}  precision {precision:.5f}  recall {recall:.4f}  FMR {(kept - right) / other:.1e}"


def ours(tables: dict[str, pa.Table], truth: np.ndarray, true: int, other: float) -> str:
    began = time.perf_counter(), time.process_time()
    within = len(tables) == 1
    persons = [
        as_persons(name, table.drop_columns(sorted(ID_COLUMNS & set(table.column_names))))
        for name, table in tables.items()
    ]
    found = link(persons, within=within, across=not within)
    took = time.perf_counter() - began[0], time.process_time() - began[1]
    right = int((truth[found.one] == truth[found.other]).sum())
    return f"{figures(right, len(found.one), true, other)}  {took[0]:.0f} s ({took[1]:.0f} s of processor)"


def splink_frame(name: str, number: int, table: pa.Table) -> Any:
    frame = table.to_pandas().rename(columns=lambda column: column.removeprefix("mailing_address_"))
    frame = frame.loc[:, ~frame.columns.duplicated()]
    frame["unique_id"] = [f"{number}-{row}" for row in range(len(frame))]
    if "middle_name" in frame:
        frame["middle_initial"] = frame.middle_name.str[:1]
    if "date_of_birth" in frame:
        year, month, day = ORDER.get(name, (6, 0, 3))
        text = frame.date_of_birth.astype(object)
        frame["dob"] = (
            text.str[year : year + 4] + "-" + text.str[month : month + 2] + "-" + text.str[day : day + 2]
        )
    if "street_name" in frame:
        frame["address"] = frame.street_number.astype(object) + " " + frame.street_name.astype(object)
    return frame


def splinked(tables: dict[str, pa.Table], truth: np.ndarray, true: int, other: float) -> list[str]:
    import splink.comparison_library as library
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    frames = [splink_frame(name, number, table) for number, (name, table) in enumerate(tables.items())]
    columns = [
        "first_name",
        "middle_initial",
        "last_name",
        "dob",
        "street_name",
        "address",
        "ssn",
        "employer_name",
    ]
    columns = [one for one in columns if all(one in frame for frame in frames)]
    began = time.perf_counter(), time.process_time()
    compared = {
        "first_name": library.NameComparison("first_name"),
        "last_name": library.NameComparison("last_name"),
        "middle_initial": library.ExactMatch("middle_initial"),
        "dob": library.DateOfBirthComparison("dob", input_is_string=True),
        "address": library.DamerauLevenshteinAtThresholds("address", [2, 4]),
        "ssn": library.DamerauLevenshteinAtThresholds("ssn", [1, 2]),
        "employer_name": library.ExactMatch("employer_name"),
    }
    rare = {"first_name", "last_name", "middle_initial", "address", "employer_name"}
    blocks = [
        *(("first_name", "last_name"), ("first_name", "dob"), ("last_name", "dob"), ("ssn",), ("dob",)),
        *(("last_name", "street_name"), ("first_name", "street_name"), ("address",)),
        *(("first_name", "substr(last_name,1,3)"), ("last_name", "substr(first_name,1,2)")),
    ]
    usable = [rule for rule in blocks if all(part.split("(")[-1].split(",")[0] in columns for part in rule)]
    settings = SettingsCreator(
        link_type="link_only" if len(frames) > 1 else "dedupe_only",
        comparisons=[
            how.configure(term_frequency_adjustments=True) if name in rare else how
            for name, how in compared.items()
            if name in columns
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in usable],
    )
    database = DuckDBAPI()
    sides = [
        database.register(frame[["unique_id", *columns]].astype(object).where(lambda one: one.notna(), None))
        for frame in frames
    ]
    linker = Linker(sides if len(sides) > 1 else sides[0], settings, log_level=logging.ERROR)
    certain = ("ssn",) if "ssn" in columns else ("first_name", "last_name", "dob")
    linker.training.estimate_probability_two_random_records_match([block_on(*certain)], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (("first_name", "last_name"), ("dob",), ("ssn",), ("address",)):
        if set(rule) <= set(columns):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    took = time.perf_counter() - began[0], time.process_time() - began[1]
    ids = dict(zip((one for frame in frames for one in frame.unique_id), truth.tolist(), strict=True))
    found = found.sort_values("match_weight", ascending=False)
    right = (found.unique_id_l.map(ids) == found.unique_id_r.map(ids)).to_numpy().cumsum()
    kept = np.arange(1, len(right) + 1)
    f1 = 2 * right / (kept + true)
    best = int(f1.argmax())
    exact = np.flatnonzero(right >= 0.999 * kept)
    lines = [
        f"{figures(int(right[best]), best + 1, true, other)}  {took[0]:.0f} s ({took[1]:.0f} s of processor)"
    ]
    if len(exact):
        at = int(exact[-1])
        lines.append(
            f"{figures(int(right[at]), at + 1, true, other)}  at its best threshold of that precision"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.travel.linkage", description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--noise", type=float, default=1.0)
    parser.add_argument("--pairs", nargs="+", default=PAIRS, help="tables joined by +; one: within it")
    parser.add_argument("--keep", type=Path, help="folder for the tables that were made")
    parser.add_argument("--alone", action="store_true", help="without Splink")
    options = parser.parse_args()
    print(f"seed {options.seed}, noise times {options.noise:g}")
    for names in options.pairs:
        tables = {name: made(name, options.seed, options.noise, options.keep) for name in names.split("+")}
        truth = np.concatenate([table[TRUTH].to_numpy(zero_copy_only=False) for table in tables.values()])
        sizes = [table.num_rows for table in tables.values()]
        where = np.repeat(np.arange(len(sizes)), sizes)
        every, inside = Counter(truth.tolist()), Counter(zip(truth.tolist(), where.tolist(), strict=True))
        held = sum(count * (count - 1) // 2 for count in inside.values())
        true = held if len(sizes) == 1 else sum(n * (n - 1) // 2 for n in every.values()) - held
        other = (sizes[0] * (sizes[0] - 1) / 2 if len(sizes) == 1 else sizes[0] * sizes[1]) - true
        print(f"{names}: {true:,} true pairs")
        print("  watchfloor", ours(tables, truth, true, other), flush=True)
        for line in () if options.alone else splinked(tables, truth, true, other):
            print("  splink    ", line, flush=True)


if __name__ == "__main__":
    main()
