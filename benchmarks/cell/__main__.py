"""Weighing beside the exact posterior and its peers on drawn reports, and a million signals on one core."""

import argparse
import platform
import sys
from importlib.metadata import version

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.cell.draw import Draw, draw
from benchmarks.cell.manners import MANNERS
from benchmarks.cell.measure import Measured, measure
from benchmarks.cell.peers import METHODS
from benchmarks.cell.scale import SIZES, at_scale

TUNED = 1
"""The only seed that any choice was made on."""

TESTED = (11, 12, 13, 14, 15)
MISSING = 0.3


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench cell", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="one seed, and no more than 300,000 signals: under a minute")
    add("--part", choices=("circular", "missing", "scale"), action="append", help="only this part")
    add("--tuned", action="store_true", help="the seed that choices were made on, not the others")
    return parser.parse_args()


def compared(draws: list[Draw]) -> dict[str, list[Measured]]:
    """Every method on every draw."""
    return {
        name: [measure(one.truth, method(one), name != "Admiralty mean") for one in draws]
        for name, method in METHODS.items()
    }


def show(console: Console, title: str, found: dict[str, list[Measured]]) -> None:
    table = Table(title=title, title_justify="left")
    for column in ("", "AUC", "Brier", "P@200", "ECE", "largest gap to exact: AUC, Brier, P@200"):
        table.add_column(column)
    best = np.array(found["exact posterior"])
    for name, measured in found.items():
        rows = np.array(measured)
        gap = np.abs(rows - best).max(axis=0)
        gaps = f"{gap[0]:.4f}  {gap[1]:.5f}  {gap[2]:.3f}" if name != "exact posterior" else ""
        mean = rows.mean(axis=0)
        table.add_row(name, f"{mean[0]:.4f}", f"{mean[1]:.5f}", f"{mean[2]:.3f}", f"{mean[3]:.4f}", gaps)
    console.print(table)


def circular(console: Console, seeds: tuple[int, ...]) -> None:
    found = compared([draw(seed) for seed in seeds])
    show(console, f"Circular reporting, origins given, means of {len(seeds)} seeds", found)


def missing(console: Console, seeds: tuple[int, ...]) -> None:
    for name, manner in MANNERS.items():
        for hidden in (False, True):
            found = compared([draw(seed, MISSING, manner, hidden=hidden) for seed in seeds])
            how = "partners and weights give nothing away" if hidden else "partners named"
            show(console, f"{MISSING:.0%} of echoes without origin, {name}, {how}, {len(seeds)} seeds", found)


def scale(console: Console, sizes: tuple[int, ...]) -> None:
    table = Table(title="Linking and weighing on one core, CPU seconds", title_justify="left")
    heads = "signals|link+weigh s|µs each|command s|µs each|wall s|leads|largest|peak MB".split("|")
    for column in heads:
        table.add_column(column, justify="right")
    for size in sizes:
        one = at_scale(size)
        each = (f"{1e6 * seconds / size:.1f}" for seconds in (one.core, one.whole))
        numbers = (f"{one.wall:.1f}", f"{one.leads:,}", str(one.largest), f"{one.megabytes:,.0f}")
        table.add_row(f"{size:,}", f"{one.core:.2f}", next(each), f"{one.whole:.1f}", next(each), *numbers)
    console.print(table)


def main() -> int:
    options = arguments()
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(f"Python {platform.python_version()}, numba {version('numba')}", highlight=False)
    seeds = (TUNED,) if options.tuned else TESTED[:1] if options.quick else TESTED
    parts = options.part or ("circular", "missing", "scale")
    if "circular" in parts:
        circular(console, seeds)
    if "missing" in parts:
        missing(console, seeds)
    if "scale" in parts:
        scale(console, SIZES[:2] if options.quick else SIZES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
