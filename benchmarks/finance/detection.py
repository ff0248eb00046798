"""Laundering found in worlds that are not ours: no graph, the peer's graph, ours; pooled, each bank alone.

    ./dev bench finance.detection                            the five reported worlds, see `worlds`
    ./dev bench finance.detection gentex-hard-11 amlsim-1    these, by name or by folder
    ./dev bench finance.detection --alone                    each bank by itself as well

Payments before a day are fitted on, with their labels, and those from it on are judged: the area under
precision and recall. An interval is of 300 draws of the judged payments, payments of one alert drawn
together; a ratio's is of the same draws on both sides.

- no graph: LightGBM on what the row says (amount, facts, hour, weekday, whether within one bank, words).
- peer: the same, and Snap ML's GraphFeaturePreprocessor (statistics, fans, degrees, scatter-gather, temporal
  and simple cycles; windows of 7 and 28 days), in batches of 128 as its paper has it.
- ours: `desks.finance.models.model`, its calibrated score, as `watchfloor finance score` writes it.

The first two grow their trees by our `trees`, with the same settings and the same way to stop, once a seed;
the mean of the seeds is judged. Which account or which bank it is none is told.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from rich.console import Console
from rich.table import Table

from benchmarks.finance import worlds
from benchmarks.finance.worlds import World
from watchfloor.desks.finance import ledger
from watchfloor.desks.finance.models import inputs, model, trees
from watchfloor.formats.payments import table as payment_table

Floats = npt.NDArray[np.float64]

REPORTED = tuple(f"gentex-{seed}" for seed in range(1, 6))
SEEDS = (1, 2, 3, 4, 5)
SPLIT = 0.6
"""Share of payments before the day that divides them."""
DRAWS = 300
HELD = 0.2
DAY = 86_400_000_000
PEER_DAYS = (7, 28)
PEER_BINS = (2, 3, 4, 5, 6, 8, 10, 15, 20)
BATCH = 128
WAYS = ("no graph", "peer", "ours")


@dataclass(frozen=True)
class View:
    """A world's payments as somebody sees them.

    Attributes:
        rows: payments in the order of time.
        labels: 1 or 0 for each.
        alerts: number of the alert it is of, -1 where of none.
        until: the dividing moment, µs since 1970.
    """

    name: str
    rows: pa.Table
    labels: npt.NDArray[np.int8]
    alerts: npt.NDArray[np.int64]
    until: int

    @cached_property
    def early(self) -> int:
        return int(np.searchsorted(ledger.from_rows(self.rows).time, self.until))

    @property
    def judged(self) -> npt.NDArray[np.int8]:
        return self.labels[self.early :]

    def of(self, bank: str) -> "View":
        numbered = self.rows.append_column("row", pa.array(np.arange(self.rows.num_rows)))
        seen = ledger.seen_by(numbered, bank)
        kept = seen["row"].to_numpy()
        rows = seen.drop_columns(["row"])
        return View(f"{self.name} {bank}", rows, self.labels[kept], self.alerts[kept], self.until)

    def places(self, bank: str) -> npt.NDArray[np.int64]:
        """Which of the judged payments one bank sees."""
        late = self.rows.slice(self.early)
        both = (pc.cast(late[name], pa.string()) for name in ("payer_bank", "payee_bank"))
        one, other = (pc.fill_null(pc.equal(column, bank), False).to_numpy() for column in both)
        return np.flatnonzero(one | other)

    @property
    def banks(self) -> list[str]:
        return sorted(str(one) for one in pc.unique(self.rows["payer_bank"]).to_pylist() if one)


def load(world: World) -> View:
    table = payment_table.load(world.payments)
    for refused in table.refused:
        print(f"{world.name}: {refused.number:,} payments left out: {refused.reason}", file=sys.stderr)
    rows = table.rows
    labels = model.beside(rows, pa.csv.read_csv(world.labels)).values
    if world.patterns.exists():
        patterns = pa.csv.read_csv(world.patterns)
        where = pc.index_in(
            pc.cast(rows["payment_id"], pa.string()), pc.cast(patterns["payment_id"], pa.string())
        )
        numbers = pc.dictionary_encode(patterns["alert_id"]).combine_chunks().indices
        alerts = pc.fill_null(pc.take(numbers, where), -1).to_numpy().astype(np.int64)
    else:
        alerts = np.full(rows.num_rows, -1)
    moments = ledger.from_rows(rows).time
    until = int(moments[int(len(moments) * SPLIT)]) // DAY * DAY
    return View(world.name, rows, labels, alerts, until)


def raw(view: View) -> Floats:
    """What a row says, without any other row."""
    rows, moments = view.rows, ledger.from_rows(view.rows).time
    columns = [rows["amount_float"].to_numpy(), moments // (DAY // 24) % 24, (moments // DAY + 3) % 7]
    columns += [rows[name].to_numpy() for name in inputs.facts_of(rows)]
    banks = [pc.cast(rows[name], pa.string()) for name in ("payer_bank", "payee_bank")]
    columns.append(pc.cast(pc.equal(*banks), pa.float64()).to_numpy())
    words = sorted({"channel", "means"} & set(rows.column_names))
    columns += [pc.dictionary_encode(rows[name]).combine_chunks().indices.to_numpy(False) for name in words]
    return np.column_stack(columns).astype(np.float32)


def peer(view: View) -> Floats:
    """The peer's features beside what the row says."""
    try:
        from snapml import GraphFeaturePreprocessor
    except ImportError as error:
        raise SystemExit("snapml is not here: `./dev bench` installs it; or --no-peer") from error
    book = ledger.from_rows(view.rows)
    plain = raw(view)
    edges = np.column_stack(
        (np.arange(len(book.time)), book.payer, book.payee, (book.time - book.time[0]) / 1e6, book.amount)
    ).astype(np.float64)
    made = [plain]
    for days in PEER_DAYS:
        graph = GraphFeaturePreprocessor()
        graph.set_params(peer_settings(days))
        steps = range(0, len(edges), BATCH)
        batches = [graph.transform(np.ascontiguousarray(edges[at : at + BATCH])) for at in steps]
        made.append(np.concatenate(batches)[:, edges.shape[1] :].astype(np.float32))
    return np.concatenate(made, axis=1)


def peer_settings(days: int) -> dict[str, Any]:
    kinds = ("fan", "degree", "scatter-gather", "temp-cycle", "lc-cycle")
    wide = days * 86_400
    return {
        "num_threads": 1,
        "time_window": wide,
        "vertex_stats": True,
        "vertex_stats_tw": wide,
        "vertex_stats_cols": [3, 4],
        **dict.fromkeys(kinds, True),
        **{f"{kind}_tw": wide for kind in kinds},
        **{f"{kind}_bins": list(PEER_BINS) for kind in kinds},
        # simple cycles are slow: their window is shorter
        "lc-cycle_tw": min(days, 7) * 86_400,
        "lc-cycle_len": 6,
        "lc-cycle_bins": [2, 3, 4, 5, 6],
    }


def grown(values: Floats, view: View, seeds: Sequence[int]) -> list[Floats]:
    """Log-odds of the judged payments by one model a seed, grown and stopped as ours are."""
    early, labels = view.early, view.labels
    names = [f"f{at}" for at in range(values.shape[1])]
    cut = int(early * (1 - HELD))
    later = values[cut:early], labels[cut:early]
    trial = trees.grow(values[:cut], labels[:cut], names, (), seeds[0], later)
    rounds = max(int(trial.rounds * 1.1), 20)
    boosters = [trees.grow(values[:early], labels[:early], names, (), seed, rounds=rounds) for seed in seeds]
    return [one.odds(values[early:]) for one in model.read([each.text for each in boosters])]


def ours(view: View) -> Floats:
    fitted = model.fit(view.rows, view.labels, view.until)
    return model.score(view.rows, fitted).score[view.early :]


def by(way: str, view: View, seeds: Sequence[int]) -> Floats:
    """Scores of the judged payments, or of each seed [seeds, payments]."""
    if way == "ours":
        return ours(view)[None]
    return np.array(grown(raw(view) if way == "no graph" else peer(view), view, seeds))


def kept(way: str, view: View, seeds: Sequence[int], world: World) -> Floats:
    """`by`, remembered beside the world: the first two change with their settings alone."""
    if way == "ours":
        return by(way, view, seeds)
    settings = [trees.SETTINGS, trees.ROUNDS, *(peer_settings(days) for days in PEER_DAYS if way == "peer")]
    told = json.dumps([way, view.name, view.rows.num_rows, view.until, list(seeds), settings])
    path = world.path / "scores" / f"{sha256(told.encode()).hexdigest()[:16]}.npy"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        np.save(path, by(way, view, seeds))
    return np.load(path)


class Precision:
    """Average precision of scores under weights, ties as one step."""

    def __init__(self, scores: Floats, labels: npt.NDArray[np.int8]) -> None:
        self.order = np.argsort(-scores, kind="stable")
        self.labels = labels[self.order].astype(np.float64)
        self.ends = np.flatnonzero(np.r_[np.diff(scores[self.order]) != 0, True])

    def __call__(self, weights: Floats | None = None) -> float:
        weights = np.ones(len(self.labels)) if weights is None else weights[self.order]
        hits = np.cumsum(weights * self.labels)[self.ends]
        seen = np.cumsum(weights)[self.ends]
        if hits[-1] == 0:
            return float("nan")
        return float(np.sum(np.diff(hits, prepend=0.0) * hits / np.maximum(seen, 1e-12)) / hits[-1])


def draws(view: View) -> list[Floats]:
    """Weights of the judged payments, drawn: alike for payments of one alert."""
    chance = np.random.default_rng(0)
    alerts = view.alerts[view.early :]
    made = []
    for _ in range(DRAWS):
        weights = chance.poisson(1.0, len(alerts)).astype(np.float64)
        of = chance.poisson(1.0, int(alerts.max(initial=-1)) + 1)
        weights[alerts >= 0] = of[alerts[alerts >= 0]]
        made.append(weights)
    return made


def interval(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)


@dataclass
class Found:
    """What came of one world."""

    world: str
    payments: int
    judged: int
    positive: int
    mean: dict[str, float]
    spans: dict[str, tuple[float, float]]
    seeds: dict[str, list[float]]
    ratio: float | None = None
    ratio_span: tuple[float, float] | None = None
    alone: dict[str, float] | None = None
    pooled_there: dict[str, float] | None = None
    unfitted: list[str] | None = None


def measure(world: World, options: argparse.Namespace, say: Callable[[str], None]) -> Found:
    view = load(world)
    scores: dict[str, Floats] = {}
    found = Found(view.name, view.rows.num_rows, len(view.judged), int(view.judged.sum()), {}, {}, {})
    weights = draws(view)
    drawn: dict[str, list[float]] = {}
    for way in options.ways:
        start = time.monotonic()
        each = kept(way, view, options.seeds, world)
        scores[way] = each.mean(axis=0)
        precision = Precision(scores[way], view.judged)
        drawn[way] = [precision(one) for one in weights]
        found.mean[way], found.spans[way] = precision(), interval(drawn[way])
        found.seeds[way] = [Precision(one, view.judged)() for one in each]
        say(f"{view.name}, {way}: {found.mean[way]:.3f} ({time.monotonic() - start:.0f} s)")
    if {"peer", "ours"} <= set(drawn):
        found.ratio = found.mean["ours"] / found.mean["peer"]
        found.ratio_span = interval([a / b for a, b in zip(drawn["ours"], drawn["peer"], strict=True)])
    if options.alone:
        alone(view, world, options, scores, found, say)
    return found


def alone(
    view: View,
    world: World,
    options: argparse.Namespace,
    scores: dict[str, Floats],
    found: Found,
    say: Callable[[str], None],
) -> None:
    """Each bank by its own payments alone, and the pooled model on just the payments that the bank sees."""
    found.alone, found.pooled_there, found.unfitted = {}, {}, []
    apart: dict[str, list[tuple[float, float]]] = {way: [] for way in options.ways}
    for bank in view.banks:
        mine = view.of(bank)
        if mine.labels[: mine.early].sum() < model.FEWEST or not mine.judged.any():
            found.unfitted.append(bank)
            continue
        places = view.places(bank)
        for way in options.ways:
            own = Precision(kept(way, mine, options.seeds[:1], world).mean(axis=0), mine.judged)()
            apart[way].append((own, Precision(scores[way][places], mine.judged)()))
            say(f"{mine.name}, {way}: alone {own:.3f}, pooled on the same payments {apart[way][-1][1]:.3f}")
    for way, pairs in apart.items():
        if pairs:
            found.alone[way], found.pooled_there[way] = (float(one) for one in np.mean(pairs, axis=0))


def table(founds: Sequence[Found], ways: Sequence[str]) -> Table:
    made = Table(title="Area under precision and recall", title_justify="left")
    heads = ("world", "judged", "share", *ways, "ours / peer", "alone, pooled there", "gain")
    for at, name in enumerate(heads):
        made.add_column(name, justify="left" if at == 0 else "right")
    for one in founds:
        shown = [f"{one.mean[way]:.3f} ({one.spans[way][0]:.3f}–{one.spans[way][1]:.3f})" for way in ways]
        low, high = one.ratio_span or (0.0, 0.0)
        ratio = f"{one.ratio:.2f} ({low:.2f}–{high:.2f})" if one.ratio else ""
        best = next((way for way in reversed(ways) if (one.alone or {}).get(way)), None)
        apart, gain = "", ""
        if best and one.alone and one.pooled_there:
            apart = f"{best} {one.alone[best]:.3f}, {one.pooled_there[best]:.3f}"
            gain = f"{100 * (one.pooled_there[best] / one.alone[best] - 1):+.0f} %"
        share = f"{100 * one.positive / one.judged:.2f} %"
        made.add_row(one.world, f"{one.judged:,}", share, *shown, ratio, apart, gain)
    if len(founds) > 1:
        means = {way: float(np.mean([one.mean[way] for one in founds])) for way in ways}
        ratio = f"{means['ours'] / means['peer']:.2f}" if {"ours", "peer"} <= set(ways) else ""
        made.add_section()
        made.add_row("mean", "", "", *(f"{means[way]:.3f}" for way in ways), ratio, "", "")
    return made


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev bench finance.detection",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("worlds", nargs="*", default=REPORTED, help=f"names or folders; default: {' '.join(REPORTED)}")
    add("--seeds", type=int, default=len(SEEDS), help="of the first two ways; default: 5")
    add("--no-peer", action="store_true", help="without the peer")
    add("--no-ours", action="store_true", help="without ours")
    add("--alone", action="store_true", help="each bank by itself as well")
    add("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    options.seeds = list(range(1, options.seeds + 1))
    out = {"peer" if options.no_peer else "", "ours" if options.no_ours else ""}
    options.ways = [way for way in WAYS if way not in out]
    return options


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 200, stderr=options.json)
    founds = []
    for name in options.worlds:
        world = World(Path(name)) if Path(name).is_dir() else worlds.world(name)
        founds.append(measure(world, options, lambda text: console.print(text, highlight=False, style="dim")))
    if options.json:
        print(json.dumps([vars(one) for one in founds]))
    else:
        console.print(table(founds, options.ways), highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
