"""What pooling gains, and how much of it comes back without moving a row: alone, told, pooled.

    ./dev bench finance.pooling gentex-1           by name or by folder, see `worlds`
    ./dev bench finance.pooling gentex-1 --more    with ways that tell what does it

Each bank's payments from the dividing day on are judged: the area under precision and recall, and its mean
over the banks.

- alone: each bank fits on what it sees, `desks.finance.models.model`.
- joined: the trees of these models side by side; no bank tells of a payment (--more).
- told: banks tell each other levels of their side of the payments between them (`telling`), twice: of the
  account, then, by the joined first models, what was thought of its earlier payments. Trees are joined.
- own: the same fields, but each bank with its own trees (--more).
- handed: the same fields, and one row of trees that goes from bank to bank: each adds `TURN` that correct
  what those before it left over in its own payments (--more). What is told is what joined trees tell.
- pooled: one model of all payments, judged on those that the bank sees.

Recovered is how far a way comes from alone to pooled: (way - alone) / (pooled - alone), of the means. An
interval is of draws of the judged payments as in `detection`, the same for all. Bits are of one payment, told
by one bank to the other: at most by the levels of its fields, and the entropy of each field, added up.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.finance import worlds
from benchmarks.finance.detection import Floats, Precision, View, draws, interval, load
from benchmarks.finance.worlds import World
from watchfloor.desks.boosted_trees import lightgbm
from watchfloor.desks.finance.models import feature_sharing, model, trees
from watchfloor.desks.finance.models.feature_sharing import Heard

Say = Callable[[str], None]
Views = Mapping[str, View]
Scores = dict[str, Floats]


TURN: Final = 5
"""Trees that a bank adds before it hands them on."""
TURNS: Final = 180
"""Trees in all, about as many as a bank grows by itself before it stops."""


def fitting(views: Views) -> dict[str, View]:
    """The banks that have labels enough, and payments to be judged by."""
    return {
        bank: one
        for bank, one in views.items()
        if one.labels[: one.early].sum() >= model.FEWEST and one.judged.any()
    }


def said(views: Views, begun: model.Model | None, before: Mapping[str, Heard]) -> dict[str, pa.Table]:
    """What each bank hears of all others. Without a model they tell of accounts alone."""
    heard: dict[str, list[pa.Table]] = {bank: [] for bank in views}
    for bank, view in views.items():
        values, names = model.seen(view.rows, begun, heard=before.get(bank))
        facts = feature_sharing.facts_of(view.rows)
        for other in views.keys() - {bank}:
            heard[other].append(feature_sharing.fields(view.rows, bank, other, values, names, facts))
    return {bank: pa.concat_tables(several) for bank, several in heard.items()}


def hear(views: Views, tables: Mapping[str, pa.Table]) -> dict[str, Heard]:
    return {bank: feature_sharing.heard(view.rows, bank, tables[bank]) for bank, view in views.items()}


def leakage(view: View, tables: Mapping[str, pa.Table]) -> dict[str, float]:
    """Bits of a payment that one bank tells, and of all that two banks tell each other, on the average."""
    every = pa.concat_tables(tables.values())
    most, entropy = feature_sharing.bits(every, feature_sharing.scales(view.rows))
    pairs = len(tables) * (len(tables) - 1) / 2
    return {
        "fields": len(every.column_names) - 1,
        "bits at most": most,
        "bits by entropy": entropy,
        "payments between two banks": every.num_rows / 2 / pairs,
        "bits by entropy between two banks": every.num_rows * entropy / pairs,
    }


def late(views: Views, models: Mapping[str, model.Model], heard: Mapping[str, Heard]) -> Scores:
    return {bank: judged(views[bank], one, heard.get(bank)) for bank, one in models.items()}


def judged(view: View, fitted: model.Model, heard: Heard | None = None) -> Floats:
    """Log-odds of the judged payments: the order of `model.score`, which scores the others as well."""
    values, _ = model.seen(view.rows, fitted, heard=heard)
    return trees.odds(model.read(fitted.second), values[view.early :])


def handed(views: Views, model_of: model.Model, heard: Mapping[str, Heard]) -> Scores:
    """Scores by trees that the banks grow in turns, each upon those before; the mean of three such rows.

    Args:
        views: banks with labels enough.
        model_of: any model that was fitted with the same fields: what its inputs are.
        heard: what each was told.
    """
    library = lightgbm()
    made = {bank: model.seen(view.rows, model_of, heard=heard[bank]) for bank, view in views.items()}
    scores: dict[str, list[Floats]] = {bank: [] for bank in views}
    for seed in model.SEEDS:
        grown, order, draw = None, list(views), np.random.default_rng(seed)
        for turn in range(TURNS // TURN):
            if turn % len(order) == 0:
                draw.shuffle(order)
            bank = order[turn % len(order)]
            values, names = made[bank]
            labels = views[bank].labels[: views[bank].early]
            rows, weight = trees.thinned(labels, seed)
            data = library.Dataset(
                values[: len(labels)][rows],
                labels[rows],
                weight=weight,
                feature_name=list(names),
                categorical_feature=list(model_of.words),
                free_raw_data=False,
            )
            settings = trees.SETTINGS | {"seed": seed + turn, "num_threads": 1}
            grown = library.train(settings, data, TURN, init_model=grown)
        (trees_of,) = model.read([grown.model_to_string()])
        for bank, view in views.items():
            scores[bank].append(trees_of.odds(made[bank][0][view.early :]))
    return {bank: np.mean(each, axis=0) for bank, each in scores.items()}


def measured(view: View, more: bool, say: Say) -> tuple[dict[str, Scores], dict[str, float]]:
    """Scores of the judged payments by way and bank, and what was told."""
    views = {bank: view.of(bank) for bank in view.banks}
    fit = fitting(views)

    def grown(heard: Mapping[str, Heard], **more: Any) -> dict[str, model.Model]:
        return {
            bank: model.fit(one.rows, one.labels, view.until, heard=heard.get(bank), **more)
            for bank, one in fit.items()
        }

    def all_by(models: Mapping[str, model.Model]) -> dict[str, model.Model]:
        return dict.fromkeys(fit, model.joined([*models.values()]))

    scores: dict[str, Scores] = {}
    single = grown({})
    scores["alone"] = late(views, single, {})
    say("alone")
    if more:
        scores["joined"] = late(views, all_by(single), {})
        say("joined")
    heard = hear(views, said(views, None, {}))
    first = model.joined([*grown(heard, seeds=()).values()])
    say("told of accounts")
    tables = said(views, first, heard)
    heard = hear(views, tables)
    told = grown(heard, begun=first)
    scores["told"] = late(views, all_by(told), heard)
    say("told of suspicion")
    if more:
        scores["handed"] = handed(fit, next(iter(told.values())), heard)
        say("trees handed on")
        scores["own"] = late(views, grown(heard), heard)
        say("own trees")
    whole = judged(view, model.fit(view.rows, view.labels, view.until))
    say(f"pooled, all payments: {Precision(whole, view.judged)():.3f}")
    scores["pooled"] = {bank: whole[view.places(bank)] for bank in fit}
    return scores, leakage(view, tables)


def areas(
    view: View, scores: Scores, weights: Sequence[Floats]
) -> tuple[dict[str, float], npt.NDArray[np.float64]]:
    """The area of each bank, and of each draw the mean over the banks."""
    places = {bank: view.places(bank) for bank in scores}
    made = {bank: Precision(one, view.judged[places[bank]]) for bank, one in scores.items()}
    drawn = [[one(weight[places[bank]]) for bank, one in made.items()] for weight in weights]
    return {bank: one() for bank, one in made.items()}, np.mean(drawn, axis=1)


def measure(world: World, more: bool, say: Say) -> dict[str, Any]:
    start, view = time.monotonic(), load(world)
    scores, told = measured(
        view, more, lambda what: say(f"{view.name}: {what} ({time.monotonic() - start:.0f} s)")
    )
    weights = draws(view)
    found = {way: areas(view, one, weights) for way, one in scores.items()}
    mean = {way: float(np.mean([*each.values()])) for way, (each, _) in found.items()}
    gain = found["pooled"][1] - found["alone"][1]
    recovered = {}
    for way in scores.keys() - {"alone", "pooled"}:
        point = (mean[way] - mean["alone"]) / (mean["pooled"] - mean["alone"])
        recovered[way] = (point, *interval([*((found[way][1] - found["alone"][1]) / gain)]))
    return {
        "world": view.name,
        "mean": mean,
        "spans": {way: interval([*drawn]) for way, (_, drawn) in found.items()},
        "banks": {way: each for way, (each, _) in found.items()},
        "recovered": recovered,
        "told": told,
    }


def table(found: Mapping[str, Any]) -> Table:
    made = Table(title=f"{found['world']}: area under precision and recall", title_justify="left")
    banks = [*found["banks"]["alone"]]
    for at, name in enumerate(("way", "mean of banks", *banks, "gain recovered")):
        made.add_column(name, justify="left" if at == 0 else "right")
    for way, each in found["banks"].items():
        low, high = found["spans"][way]
        back = found["recovered"].get(way)
        shown = f"{100 * back[0]:.0f} % ({100 * back[1]:.0f}–{100 * back[2]:.0f})" if back else ""
        mean = f"{found['mean'][way]:.3f} ({low:.3f}–{high:.3f})"
        made.add_row(way, mean, *(f"{each[bank]:.3f}" for bank in banks), shown)
    return made


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./dev bench finance.pooling",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("worlds", nargs="+", help="names or folders")
    parser.add_argument("--more", action="store_true", help="ways that tell what does it as well")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 200, stderr=options.json)
    founds = []
    for name in options.worlds:
        world = World(Path(name)) if Path(name).is_dir() else worlds.world(name)
        founds.append(
            measure(world, options.more, lambda text: console.print(text, highlight=False, style="dim"))
        )
        if not options.json:
            console.print(table(founds[-1]), highlight=False)
            told = (f"{name} {value:,.0f}" for name, value in founds[-1]["told"].items())
            console.print("told: " + ", ".join(told), highlight=False)
    if options.json:
        print(json.dumps(founds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
