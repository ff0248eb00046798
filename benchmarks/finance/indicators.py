"""How often each indicator fires on labelled payments, and on others; written to `typologies/measured.toml`.

python -m benchmarks.finance.indicators payments.csv --labels labels.csv --name WORLD
python -m benchmarks.finance.indicators payments.csv --labels labels.csv --name WORLD --dry

A payment counts as fired on where the indicator fires with it. A labelled set says what its maker planted,
and that is not what the indicators look for: a low hit rate on one says that its patterns leave that trace
seldom. An indicator that abstains gets no row. Only the set that is named is written anew.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import tomlkit
from rich.console import Console
from rich.table import Table

from watchfloor.desks.finance.indicators import Found, find
from watchfloor.formats.account_table import load_accounts
from watchfloor.formats.payment_answers import labels
from watchfloor.formats.payment_table import load

FILE = Path(__file__).parents[2] / "src/watchfloor/desks/finance/typologies/measured.toml"
Counts = dict[str, dict[str, int]]


def count(found: Found, answers: pa.Table) -> Counts:
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


def write(counts: Counts, name: str, path: Path = FILE) -> None:
    """Put the counts into the file under the name of the set; others stay."""
    document = tomlkit.parse(path.read_text("utf-8"))
    for id_, row in counts.items():
        sets = document.setdefault(id_, tomlkit.table())
        line = tomlkit.inline_table()
        line.update(row)
        sets[name] = line
    path.write_text(tomlkit.dumps(document), "utf-8")


def show(counts: Counts) -> Table:
    """The rates as a table."""
    table = Table("indicator", "fired", "hits", "hit rate", "false alarms", "precision")
    for id_, row in counts.items():
        others = row["payments"] - row["labelled"]
        rates = (
            row["hits"] / max(row["labelled"], 1),
            (row["fired"] - row["hits"]) / max(others, 1),
            row["hits"] / max(row["fired"], 1),
        )
        table.add_row(id_, f"{row['fired']:,}", f"{row['hits']:,}", *(f"{rate:.4f}" for rate in rates))
    return table


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("payments", type=Path)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--accounts", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    rows = load(options.payments).rows
    known = load_accounts(options.accounts).rows if options.accounts else None
    start = time.process_time()
    found = find(rows, known)
    spent = time.process_time() - start
    counts = count(found, labels(options.labels))
    console = Console()
    console.print(show(counts))
    console.print(f"{rows.num_rows:,} payments in {spent:.1f} s of one core: {rows.num_rows / spent:,.0f}/s")
    if not options.dry:
        write(counts, options.name)


if __name__ == "__main__":
    main()
