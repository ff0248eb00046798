"""Planted pattern instances: how many are found again exactly, how many told ones are false, the rate.

    ./dev bench finance.patterns                # worlds of other parameters and seeds than those tuned on
    ./dev bench finance.patterns --tuned        # those tuned on
    ./dev bench finance.patterns --foreign      # a world of a generator that is not of this benchmark
    ./dev bench finance.patterns --worlds FOLDER...    # worlds of other people's generators
    ./dev bench finance.patterns --window 28    # with another longest time from first to last payment
    ./dev bench finance.patterns --fit          # fit the weights anew on the tuned ones: weights.toml

Nobody else returns instances, so there is no peer. Found: the sets of payments of a planted and a told
instance have a Jaccard index of at least .8, and the typology is right. False: a told instance that shares
less than half (Jaccard) with every planted one; so a fragment is false, too.
A folder has payments.csv (payment_id, at, payer, payee, amount) and patterns.csv (payment_id, alert_id,
typology); of such worlds it is also told what was found whatever name it was given.
"""

import argparse
import importlib.util
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks.finance.planted import REPORTED, TUNED, Made, make
from watchfloor.desks.finance.patterns import instances, naming, scoring
from watchfloor.desks.finance.patterns.fold import DAY, Plan

WEIGHTS = Path(scoring.__file__).with_name("weights.toml")
ENOUGH, HALF = 0.8, 0.5
PROTOTYPE = Path(__file__).parents[2].parent / "shared" / "prototypes" / "finance" / "gen.py"


def planted(made: Made) -> dict[int, set[int]]:
    told: dict[int, set[int]] = defaultdict(set)
    for row in np.flatnonzero(made.instance >= 0).tolist():
        told[int(made.instance[row])].add(row)
    return dict(told)


class Compared:
    """Sets of payments beside the planted ones."""

    def __init__(self, made: Made) -> None:
        self.true = planted(made)
        self.of = {row: number for number, rows in self.true.items() for row in rows}
        self.typology = made.typology

    def best(self, rows: set[int]) -> tuple[float, int]:
        """Highest Jaccard index, and with which planted instance (-1: none)."""
        near = {self.of[row] for row in rows if row in self.of}
        found = [(len(rows & self.true[n]) / len(rows | self.true[n]), n) for n in near]
        return max(found, default=(0.0, -1))


def run(made: Made, plan: Plan | None = None) -> tuple[instances.Patterns, float]:
    """Fold a world whole; gives it and the processor seconds."""
    patterns = instances.Patterns(plan)
    began = time.process_time()
    patterns.fold(made.payer, made.payee, made.time, made.amount)
    return patterns, time.process_time() - began


def measure(made: Made, threshold: float, plan: Plan) -> dict[str, Any]:
    patterns, took = run(made, plan)
    began = time.process_time()
    told = patterns.instances(threshold)
    took += time.process_time() - began
    compared = Compared(made)
    best: dict[int, float] = defaultdict(float)
    false: dict[str, int] = defaultdict(int)
    for one in told:
        share, number = compared.best(set(one.rows))
        if share < HALF:
            false[one.typology] += 1
        elif one.typology == made.typology[number]:
            best[number] = max(best[number], share)
    counts: dict[str, dict[str, int]] = {name: defaultdict(int) for name in ("all", "found", "any")}
    nearest: dict[int, float] = defaultdict(float)
    for one in told:
        share, number = compared.best(set(one.rows))
        nearest[number] = max(nearest[number], share)
    for number in compared.true:
        name = made.typology[number]
        counts["all"][name] += 1
        counts["found"][name] += best[number] >= ENOUGH
        counts["any"][name] += nearest[number] >= ENOUGH
    return {**counts, "false": false, "rate": len(made.time) / took, "cut": patterns.cut}


def foreign(seed: int) -> Made:
    """The world of ../shared/prototypes/finance/gen.py: ten days, everything new, single edges missing."""
    spec = importlib.util.spec_from_file_location("gen", PROTOTYPE)
    if spec is None or spec.loader is None or not PROTOTYPE.exists():
        raise SystemExit(f"{PROTOTYPE} is not here")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = module.gen(N=200_000, A=20_000, seed=seed, illicit_frac=0.01)
    names = [{"fanout": "fan-out", "fanin": "fan-in"}.get(str(name), str(name)) for name in told["names"]]
    number = told["pid"].astype(np.int64)
    typology = [""] * (int(number.max()) + 1)
    for one, pattern in zip(number.tolist(), told["pat"].tolist(), strict=True):
        if one >= 0:
            typology[one] = names[pattern]
    micros = told["ts"] * 1_000_000
    return Made(told["src"], told["dst"], micros, told["amt"].astype(np.float64), number, typology)


def folder(path: Path, seed: int) -> Made:  # noqa: ARG001 - a world on disk has its own
    """A world of payments.csv and patterns.csv."""
    columns = csv.ConvertOptions(column_types={"amount": pa.float64(), "at": pa.timestamp("us", tz="UTC")})
    table = csv.read_csv(path / "payments.csv", convert_options=columns).sort_by("at")
    told = csv.read_csv(path / "patterns.csv").to_pylist()
    of = {row["payment_id"]: row["alert_id"] for row in told}
    typology = {row["alert_id"]: str(row["typology"]).replace("_", "-") for row in told}
    place = {alert: number for number, alert in enumerate(typology)}
    instance = [place.get(of.get(one), -1) for one in table["payment_id"].to_pylist()]
    both = pa.chunked_array([*table["payer"].chunks, *table["payee"].chunks])
    codes = both.dictionary_encode().unify_dictionaries().combine_chunks()
    ends = codes.indices.to_numpy().astype(np.int64).reshape(2, -1)
    time_of = table["at"].cast(pa.int64()).to_numpy()
    amount = np.maximum(table["amount"].to_numpy(), 0.01)
    return Made(ends[0], ends[1], time_of, amount, np.array(instance, np.int64), list(typology.values()))


def report(worlds: dict[str, Callable[[int], Made]], seeds: list[int], threshold: float, plan: Plan) -> None:
    head = " ".join(f"{name:>15}" for name in naming.TYPOLOGIES)
    print(f"{'world, seeds ' + str(seeds):24} {head} {'false/true':>10} {'payments/s':>10} {'cut short':>9}")
    total: dict[str, dict[str, int]] = {key: defaultdict(int) for key in ("all", "found", "any", "false")}
    for name_of, made in worlds.items():
        here: dict[str, dict[str, int]] = {key: defaultdict(int) for key in total}
        rates, cut = [], 0
        for seed in seeds:
            told = measure(made(seed), threshold, plan)
            rates.append(told["rate"])
            cut += told["cut"]
            for key in total:
                for name, count in told[key].items():
                    here[key][name] += count
                    total[key][name] += count
        _line(name_of, here, f"{np.median(rates):10,.0f} {cut:9,}")
    _line("all", total, "")
    if total["any"] != total["found"]:
        _line("whatever the name", total | {"found": total["any"]}, "")
    print("false, by typology:", {name: total["false"][name] for name in naming.TYPOLOGIES})


def _line(name: str, told: dict[str, dict[str, int]], rest: str) -> None:
    cells = [
        f"{told['found'][n]}/{told['all'][n]} {told['found'][n] / max(told['all'][n], 1):.0%}"
        if told["all"][n]
        else "-"
        for n in naming.TYPOLOGIES
    ]
    false = sum(told["false"].values()) / max(sum(told["all"].values()), 1)
    print(f"{name:24} {' '.join(f'{cell:>15}' for cell in cells)} {false:10.2f} {rest}", flush=True)


def fit(seeds: list[int]) -> None:
    """Logistic regression with a ridge on every candidate of the tuned worlds, a typology at a time."""
    rows: dict[str, list[tuple[Any, bool]]] = defaultdict(list)
    for world in TUNED:
        for seed in seeds:
            made = make(world, seed)
            patterns, compared = run(made)[0], Compared(made)
            for one in naming.candidates(patterns.registry, patterns.last, patterns.plan.width):
                members = {patterns.registry.payments[e].row for e in one.members}
                share, number = compared.best(members)
                right = share >= ENOUGH and made.typology[number] == one.typology
                inside = number >= 0 and len(members & compared.true[number]) >= HALF * len(members)
                if right or not inside:  # a part of another scheme teaches nothing
                    rows[one.typology].append((one.facts, right))
            print(world.name, seed, {name: len(found) for name, found in rows.items()}, flush=True)
    lines = [
        "# Written by `./dev bench finance.patterns --fit`. Of each fact:",
        "# its centre, scale, weight, and the weight of its square.\n",
    ]
    for name in naming.TYPOLOGIES:
        facts = np.array([row[0] for row in rows[name]], np.float64)
        right = np.array([row[1] for row in rows[name]], np.float64)
        centre, scale = facts.mean(0).round(3), np.maximum(facts.std(0).round(3), 0.001)
        far = scoring.standard(facts, centre, scale)
        weight = _logistic(np.column_stack([far, far**2]), right).round(3)
        lines.append(f"[{name}]\nbias = {weight[0]}")
        columns = [column.tolist() for column in (centre, scale, *np.split(weight[1:], 2))]
        told = zip(scoring.FACTS[name], *columns, strict=True)
        lines += [f"{fact} = [{a}, {b}, {c}, {d}]" for fact, a, b, c, d in told]
        lines.append("")
    WEIGHTS.write_text("\n".join(lines), encoding="utf-8")


def _logistic(facts: Any, right: Any, ridge: float = 2.0) -> Any:
    """Newton's method; the bias, then a weight for each fact."""
    table = np.column_stack([np.ones(len(facts)), facts])
    weight, lean = np.zeros(table.shape[1]), np.full(table.shape[1], ridge)
    lean[0] = 1e-3
    for _ in range(25):
        chance = 1 / (1 + np.exp(-np.clip(table @ weight, -30, 30)))
        slope = table.T @ (chance - right) + lean * weight
        bend = (table * (chance * (1 - chance))[:, None]).T @ table + np.diag(lean)
        weight -= np.linalg.solve(bend, slope)
    return weight


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--foreign", action="store_true")
    parser.add_argument("--worlds", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--score", type=float, default=instances.THRESHOLD)
    parser.add_argument("--window", type=int, default=14, help="days")
    said = parser.parse_args()
    plan = Plan(width=said.window * DAY)
    if said.fit:
        fit(said.seeds or [1, 2])
    elif said.tuned:
        report({world.name: partial(make, world) for world in TUNED}, said.seeds or [4], said.score, plan)
    elif said.worlds:
        report({one.name: partial(folder, one) for one in said.worlds}, [0], said.score, plan)
    elif said.foreign:
        report({"prototypes/gen.py": foreign}, said.seeds or [101, 102], said.score, plan)
    else:
        report(
            {world.name: partial(make, world) for world in REPORTED},
            said.seeds or [101, 102],
            said.score,
            plan,
        )


if __name__ == "__main__":
    main()
