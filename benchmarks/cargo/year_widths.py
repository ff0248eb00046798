"""How wide the interval of a rate is, by the share of the budget that an even draw gets.

    ./dev bench cargo.year_widths

2,000 items a day, 1 % of them examined; an examination would find something in 2 of 1,000, and picks by the
score, which are certain, find 55 % of that where the even draw gets nothing, and less in proportion. Mean
width of the 95 % interval over the true rate (`planning.inspections.estimates`), of 200 streams a cell.
"""

import argparse

import numpy as np
from rich.console import Console
from rich.table import Table

from watchfloor.planning.inspections import estimates

ITEMS, PICKS, RATE, BY_SCORE = 2000, 20, 0.002, 0.55
SPANS = {"month": 30, "quarter": 91, "year": 365}
SHARES = (0.03, 0.05, 0.1, 0.2, 0.5, 1.0)
STREAMS = 200


def width(share: float, days: int, draw: np.random.Generator) -> tuple[float, bool]:
    """Of one stream: the width of its interval over the truth, and whether that holds the truth."""
    items, even = ITEMS * days, round(PICKS * share * days)
    sure = PICKS * days - even
    hidden = draw.binomial(items, RATE)
    certain = draw.binomial(hidden, BY_SCORE * sure / (PICKS * days))
    drawn = draw.hypergeometric(hidden - certain, items - sure - hidden + certain, even)
    found = np.repeat([True, False, True, False], [certain, sure - certain, drawn, even - drawn])
    chance = np.repeat([1.0, even / (items - sure)], [sure, even])
    told, truth = estimates.rate(found, chance, items), hidden / items
    return (told.high - told.low) / truth, told.low <= truth <= told.high


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    draw = np.random.default_rng(parser.parse_args().seed)
    table = Table(title="width over truth (intervals that held it)", title_justify="left")
    for head in ("share drawn evenly", "drawn a day", *SPANS):
        table.add_column(head, justify="right")
    for share in SHARES:
        cells = []
        for days in SPANS.values():
            widths, held = zip(*(width(share, days, draw) for _ in range(STREAMS)), strict=True)
            cells.append(f"{np.mean(widths):.1f} ({np.mean(held):.0%})")
        table.add_row(f"{share:.0%}", f"{PICKS * share:.1f}", *cells)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
