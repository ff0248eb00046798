"""How often each indicator fires on what it describes, and on others.

./dev bench finance.indicators                            # a made-up bank of our own
./dev bench finance.indicators --worlds /work/worlds      # and labelled worlds that are not ours
./dev bench finance.indicators --worlds FOLDER --write    # typologies/measured.toml and the table of the docs

Our own bank and what is planted in it say little (`behaviours`). A world is a folder with `payments.csv` and
`labels.csv`; a payment counts as fired on where the indicator fires with it. A labelled set says what its
maker planted, and that is not what the indicators look for: a low hit rate on one says that its patterns
leave that trace seldom. An indicator that abstains gets no row.
"""

import argparse
import re
import time
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tomlkit
from rich.console import Console
from rich.table import Table

from benchmarks.finance.behaviours import BEHAVIOURS, Bank, background, instances_of, planted
from watchfloor.desks.finance.typologies.indicators import Firings, find
from watchfloor.desks.finance.typologies.typology import OWN, Indicator, catalogue
from watchfloor.formats.payments.answers import labels
from watchfloor.formats.payments.table import load

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "src/watchfloor/desks/finance/typologies/measured.toml"
PAGE: Final = ROOT / "docs/finance-typologies.md"
RATES: Final = re.compile(r"<!-- rates -->\n.*<!-- end of rates -->\n", re.DOTALL)
WORLDS: Final = ("gentex-first", "amlsim-1", "gentex-1", "amlsim-2")
"""The first two are for development, the others for reporting alone."""
INSTANCES: Final = 40
Counts = dict[str, dict[str, int]]


def count(found: Firings, answers: pa.Table) -> Counts:
    """For each indicator that speaks: payments, labelled ones, those it fires on, those of them labelled."""
    good = pa.array(answers["payment_id"].to_pylist()).filter(answers["label"].combine_chunks())
    ids = found.frame.table["payment_id"].cast(pa.string())
    labelled = np.asarray(pc.is_in(ids, good).to_numpy(), np.bool_)
    hits = {one.indicator.id: labelled[one.rows] for one in found.fired}
    return {
        id_: {
            "payments": len(labelled),
            "labelled": int(labelled.sum()),
            "fired": len(hits.get(id_, ())),
            "hits": int(hits[id_].sum()) if id_ in hits else 0,
        }
        for id_ in found.asked
        if id_ not in found.abstained
    }


def own(people: int, instances: int, seed: int) -> Counts:
    """For each indicator: instances planted and found, accounts with nothing planted and those alarmed."""
    bank = Bank(people=people, seed=seed)
    background(bank)
    found = find(bank.table(), bank.known(), frozenset(bank.listed), frozenset(bank.entered))
    alarmed = {one.indicator.id: _accounts(found, one.indicator, one.rows) for one in found.fired}
    return {
        one.id: {
            "instances": instances,
            "found": _planted(one, instances, seed),
            "accounts": len(bank.accounts),
            "alarmed": alarmed.get(one.id, 0),
        }
        for one in catalogue()
    }


def _accounts(found: Firings, indicator: Indicator, rows: np.ndarray) -> int:
    return len(set(found.frame.values(indicator.about, rows)))


def _planted(one: Indicator, instances: int, seed: int) -> int:
    bank = planted(one.id, instances, seed)
    found = find(bank.table(), bank.known(), frozenset(bank.listed), frozenset(bank.entered), [one])
    return sum(len(set(instances_of(found.frame.values("payment_id", fired.rows)))) for fired in found.fired)


def world(folder: Path) -> Counts:
    """The counts of a labelled world."""
    start = time.process_time()
    rows = load(folder / "payments.csv").rows
    found = find(rows)
    spent = time.process_time() - start
    Console().print(f"{folder.name}: {rows.num_rows:,} payments, {rows.num_rows / spent:,.0f}/s of one core")
    return count(found, labels(folder / "labels.csv"))


def show(name: str, counts: Counts) -> Table:
    """The rates as a table."""
    table = Table("indicator", "hits", "of", "alarms", "of", "in 10,000", title=name)
    for id_, row in counts.items():
        if name == OWN:
            cells = row["found"], row["instances"], row["alarmed"], row["accounts"]
        else:
            others = row["payments"] - row["labelled"]
            cells = row["hits"], row["labelled"], row["fired"] - row["hits"], others
        table.add_row(id_, *(f"{cell:,}" for cell in cells), f"{1e4 * cells[2] / max(cells[3], 1):.1f}")
    return table


def write(measured: dict[str, Counts], path: Path = FILE) -> None:
    """Put the counts into the file under the names of the sets; other sets stay."""
    document = tomlkit.parse(path.read_text("utf-8"))
    for name, counts in measured.items():
        for id_, row in counts.items():
            sets = document.setdefault(id_, tomlkit.table())
            line = tomlkit.inline_table()
            line.update(row)
            sets[name] = line
    path.write_text(tomlkit.dumps(document), "utf-8")


def document(page: Path = PAGE) -> None:
    """Write the table of the documentation anew, by what is in the file."""
    from watchfloor.desks.finance.typologies.table import rates

    catalogue.cache_clear()
    made = f"<!-- rates -->\n{rates()}<!-- end of rates -->\n"
    page.write_text(RATES.sub(lambda _: made, page.read_text("utf-8")), "utf-8")


def main() -> None:
    """Measure, show, and write where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=Path, help="a folder of labelled worlds, see WORLDS")
    parser.add_argument("--people", type=int, default=4_000, help="accounts of people in our own bank")
    parser.add_argument("--instances", type=int, default=INSTANCES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if missing := {one.id for one in catalogue()} - set(BEHAVIOURS):
        parser.error(f"nothing is planted for {', '.join(sorted(missing))}")
    measured = {OWN: own(options.people, options.instances, options.seed)}
    for name in WORLDS if options.worlds else ():
        if (options.worlds / name / "payments.csv").exists():
            measured[name] = world(options.worlds / name)
    for name, counts in measured.items():
        Console().print(show(name, counts))
    if options.write:
        write(measured)
        document()


if __name__ == "__main__":
    main()
