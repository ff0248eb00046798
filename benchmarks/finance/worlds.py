"""Laundering worlds of six banks, made by a generator that is not ours: AMLGentex.

    WATCHFLOOR_AMLGENTEX=/path/to/AMLGentex python -m benchmarks.finance.worlds gentex-1 gentex-hard-1

makes what is not there yet. A world is a folder under `WATCHFLOOR_WORLDS` (else a folder in the user's cache,
never in the tree): `payments.csv` in plain columns, `labels.csv` (`payment_id,label`), `patterns.csv`
(`payment_id, alert id, typology`), `README.md`. `SHAPES` tells the configurations; the number behind a name
is the seed.

What is done to the generator's log, and why: only payments from account to account are kept (income and
spending have one side that is nobody's account; `tx_log.parquet` beside them has all); the log lists each
day's laundering last, so the payments of a day are shuffled, and given a time within the day where the shape
says so. Balances are the generator's: it notes those of a day's end less or plus the amount.

AMLGentex: Johannes Östman and others, 2025, arXiv:2506.13989, Apache 2.0.
"""

import csv
import os
import subprocess
import sys
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import yaml

CHECKOUT = "WATCHFLOOR_AMLGENTEX"
PYTHON = "WATCHFLOOR_AMLGENTEX_PYTHON"
FOLDER = "WATCHFLOOR_WORLDS"

ABSENT = f"""\
The worlds are made by AMLGentex, which is not part of this project. Get it once, outside the tree:

    git clone https://github.com/aidotse/AMLGentex && cd AMLGentex
    git checkout 4b9a69dbd2edcf02fcec8eb3efe54937b6d77f1f
    uv venv && uv pip install numpy pandas scipy networkx scikit-learn pyarrow pyyaml tqdm
    export {CHECKOUT}=$PWD

{PYTHON} names another interpreter than its .venv; {FOLDER} another folder for the worlds.
"""

NORMAL = ("single", "fan_out", "fan_in", "forward", "mutual", "periodical")
SIZES = {"fan_out": (5, 15), "fan_in": (5, 15), "forward": (3, 3)}
TYPOLOGIES = (
    *("fan_out", "fan_in", "cycle", "bipartite", "stack", "random", "scatter_gather", "gather_scatter"),
)
SPANS = {"cycle": (3, 10), "bipartite": (4, 15), "random": (3, 8)}
START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """A configuration of the generator.

    Attributes:
        accounts: of each of the six banks.
        steps: days.
        normal: instances of each pattern of ordinary payments, in the order of `NORMAL`.
        alerts: instances of each typology, in the order of `TYPOLOGIES`.
        clock: whether payments get a time within their day; else all are at midnight.
        settings: other settings of the template's, by their path.
    """

    accounts: tuple[int, ...]
    steps: int
    normal: tuple[int, ...]
    alerts: tuple[int, ...]
    clock: bool = True
    settings: dict[str, object] = field(default_factory=dict)


EVEN = (2000,) * 6
ORDINARY = (20000, 4000, 4000, 15000, 20000, 10000)
SHAPES = {
    "gentex": Shape(EVEN, 112, ORDINARY, (16, 16, 16, 6, 16, 16, 16, 16)),
    "gentex-hard": Shape(
        *(EVEN, 168, (22000, 3500, 3500, 16000, 22000, 11000), (6, 6, 6, 2, 6, 6, 6, 6), False),
        {
            "default.mean_duration_alert": 35,
            "default.std_duration_alert": 12,
            "default.burstiness_bias_alert": -1.0,
            "default.mean_amount_sar": 610,
            "default.std_amount_sar": 245,
            "default.margin_ratio": 0.03,
        },
    ),
    "gentex-uneven": Shape(
        *((5400, 3000, 1800, 900, 600, 300), 90, ORDINARY, (14, 14, 14, 5, 14, 14, 14, 14), True),
        {
            "default.mean_duration_alert": 10,
            "default.std_duration_alert": 4,
            "default.burstiness_bias_alert": 1.0,
            "scale-free.average_degree": 6.0,
            "ml_selector.structure_weights": {"degree": 0.0, "betweenness": 0.0, "pagerank": 0.1},
        },
    ),
    "gentex-small": Shape((500,) * 6, 60, (4000, 600, 600, 3000, 4000, 2000), (4, 4, 4, 2, 4, 4, 4, 4)),
}
"""Seeds 1 to 5 of `gentex` are reported on; the others are for development."""


@dataclass(frozen=True, slots=True)
class World:
    """A world's folder and its files."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def payments(self) -> Path:
        return self.path / "payments.csv"

    @property
    def labels(self) -> Path:
        return self.path / "labels.csv"

    @property
    def patterns(self) -> Path:
        return self.path / "patterns.csv"


def folder() -> Path:
    """Where the worlds are."""
    default = Path.home() / ".cache" / "watchfloor-worlds"
    return Path(os.environ.get(FOLDER, default))


def world(name: str) -> World:
    """The world of a name, made now where it is not there.

    Raises:
        SystemExit: the generator is not there; the message says how to get it.
    """
    found = World(folder() / name)
    if not found.labels.exists():
        shape, _, seed = name.rpartition("-")
        if shape not in SHAPES or not seed.isdigit():
            raise SystemExit(f"No world {name!r} in {folder()}. Made can be {', '.join(SHAPES)}, each -SEED")
        make(SHAPES[shape], int(seed), found)
    return found


def make(shape: Shape, seed: int, made: World) -> None:
    checkout = Path(os.environ.get(CHECKOUT, ""))
    if not (CHECKOUT in os.environ and (checkout / "src" / "data_creation").is_dir()):
        raise SystemExit(ABSENT)
    root = made.path / "generator"
    configure(shape, seed, checkout, root / "config")
    run(checkout, root / "config" / "data.yaml")
    log = made.path / "tx_log.parquet"
    (root / "temporal" / "tx_log.parquet").replace(log)
    counts = convert(pq.read_table(log), shape, seed, made)
    describe(shape, seed, checkout, counts, made)


def configure(shape: Shape, seed: int, checkout: Path, into: Path) -> None:
    """The template's configuration with this shape's changes, where the generator looks for it."""
    template = checkout / "experiments" / "template_experiment" / "config"
    into.mkdir(parents=True, exist_ok=True)
    for name in ("demographics.csv", "transactionType.csv"):
        (into / name).write_bytes((template / name).read_bytes())
    settings = yaml.safe_load((template / "data.yaml").read_text())
    changes = {
        "general.simulation_name": "world",
        # the generator seeds each pattern by seed + number: seeds apart, or worlds share their draws
        "general.random_seed": seed * 10_000_019,
        "general.total_steps": shape.steps,
        "general.base_date": f"{START:%Y-%m-%d}",
        "default.prob_spend_cash": 0.0,
        "ml_selector.propagate_labels": ["bank_id"],
        "ml_selector.propagation_weights": {"bank_id": 0.5},
        "ml_selector.n_target_labels": 2,
        **shape.settings,
    }
    for path, value in changes.items():
        section, key = path.split(".")
        settings[section][key] = value
    (into / "data.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    banks = [(count, f"bank_{'abcdef'[at]}") for at, count in enumerate(shape.accounts)]
    write(into / "accounts.csv", ("count", "bank_id"), banks)
    normal = [
        (count, kind, *SIZES.get(kind, (2, 2)), "") for kind, count in zip(NORMAL, shape.normal, strict=True)
    ]
    write(into / "normalModels.csv", ("count", "type", "min_accounts", "max_accounts", "bank_id"), normal)
    alerts = [
        (count, kind, *SPANS.get(kind, (3, 15)), "", "true", "TRANSFER")
        for kind, count in zip(TYPOLOGIES, shape.alerts, strict=True)
    ]
    heads = ("count", "type", "min_accounts", "max_accounts", "bank_id", "is_sar", "source_type")
    write(into / "alertPatterns.csv", heads, alerts)


def write(path: Path, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([heads, *rows])


def run(checkout: Path, config: Path) -> None:
    own = checkout / ".venv" / "bin" / "python"
    python = os.environ.get(PYTHON) or (str(own) if own.exists() else sys.executable)
    script = Path(__file__).with_name("gentex_run.py")
    told = subprocess.run(
        [python, script, checkout, config],
        env={**os.environ, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise SystemExit(f"AMLGentex stopped ({python}):\n{told.stderr[-2000:]}")


def convert(log: pa.Table, shape: Shape, seed: int, made: World) -> dict[str, object]:
    """Writes the three files; what was counted."""
    wide = {name: log[name].to_numpy() for name in log.column_names if name not in ("type", *BANKS)}
    kept = np.flatnonzero((wide["nameOrig"] >= 0) & (wide["nameDest"] >= 0) & (wide["amount"] >= 0.005))
    order, micros = in_days(wide["step"][kept], shape.clock, np.random.default_rng(seed))
    kept = kept[order]
    taken = log.take(pa.array(kept))
    ids = [f"p{number:07}" for number in range(1, len(kept) + 1)]
    label = wide["isSAR"][kept]
    at = pa.array(micros + int(START.timestamp() * 1e6), pa.timestamp("us", "UTC"))
    rows: dict[str, object] = {
        "payment_id": ids,
        "at": at.cast(pa.timestamp("s", "UTC"), safe=False),
        "payer": names(wide["nameOrig"][kept]),
        "payee": names(wide["nameDest"][kept]),
        "payer_bank": taken["bankOrig"].cast(pa.string()),
        "payee_bank": taken["bankDest"].cast(pa.string()),
        "amount": [f"{amount:.2f}" for amount in wide["amount"][kept]],
        "currency": ["SEK"] * len(kept),
    }
    for side, theirs in (("payer", "Orig"), ("payee", "Dest")):
        rows[f"{side}_tenure_days"] = taken[f"daysInBank{theirs}"]
        rows[f"{side}_phone_changes"] = taken[f"phoneChanges{theirs}"]
        rows[f"{side}_balance_before"] = np.round(wide[f"oldbalance{theirs}"][kept], 2)
    made.path.mkdir(parents=True, exist_ok=True)
    pa.csv.write_csv(pa.table(rows), made.payments)
    bad = np.flatnonzero(label)
    model, pattern = wide["modelType"][kept], wide["patternID"][kept]
    found = [(ids[row], f"alert-{pattern[row]}", TYPOLOGY[int(model[row])]) for row in bad]
    write(made.patterns, ("payment_id", "alert_id", "typology"), found)
    write(made.labels, ("payment_id", "label"), list(zip(ids, label.tolist(), strict=True)))
    kinds = {name: sum(typology == name for _, _, typology in found) for name in TYPOLOGIES}
    accounts = len(np.unique(np.concatenate([wide["nameOrig"][kept], wide["nameDest"][kept]])))
    across = np.mean(np.asarray(rows["payer_bank"]) != np.asarray(rows["payee_bank"]))
    return {
        "payments": len(ids),
        "accounts that pay or are paid": accounts,
        "positives": len(bad),
        "share of positives": f"{100 * len(bad) / len(ids):.3f} %",
        "alerts with a payment": len({alert for _, alert, _ in found}),
        "from bank to bank": f"{100 * across:.1f} %",
        "positives of each typology": ", ".join(f"{name} {count}" for name, count in kinds.items()),
    }


BANKS = ("bankOrig", "bankDest")
TYPOLOGY = {1: "fan_out", 2: "fan_in", 3: "cycle", 4: "bipartite", 5: "stack", 6: "random"} | {
    7: "scatter_gather",
    8: "gather_scatter",
}


def names(numbers: npt.NDArray[np.int32]) -> list[str]:
    return [f"a{number:05}" for number in numbers.tolist()]


def in_days(
    step: npt.NDArray[np.int32], clock: bool, draw: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """An order by day, mixed within each, and the microseconds since the first day's start."""
    second = draw.integers(0, 86_400, len(step))
    tie = draw.random(len(step))
    order = np.lexsort((tie, second, step))
    day = timedelta(days=1) // timedelta(microseconds=1)
    return order, step[order].astype(np.int64) * day + (second[order] * 1_000_000 if clock else 0)


def describe(shape: Shape, seed: int, checkout: Path, counts: dict[str, object], made: World) -> None:
    told = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    commit = subprocess.run(told, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    settings = {one.name: getattr(shape, one.name) for one in fields(shape)}
    lines = [
        f"# {made.name}",
        "",
        "A laundering world of six banks, made by AMLGentex (not ours) and put into plain columns by",
        "`benchmarks/finance/worlds.py`. Synthetic; nobody's payments.",
        "",
        f"- generator: AMLGentex, commit {commit}, Apache 2.0",
        f"- seed: {seed}",
        *(f"- {name}: {value}" for name, value in (settings | counts).items()),
        "",
        "`generator/config` is the whole configuration, `tx_log.parquet` the generator's own log.",
        "",
    ]
    (made.path / "README.md").write_text("\n".join(lines))


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    for name in sys.argv[1:]:
        print(world(name).path, flush=True)


if __name__ == "__main__":
    main()
