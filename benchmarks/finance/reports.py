"""Drafts of suspicious transaction reports: how many a second, how many valid, how many fields traced.

./dev bench finance.reports              10,000 drafts of 1 to 12 transactions
./dev bench finance.reports --drafts 1000

Evidence is made up from a seed and lies in memory, as `evidence.gather` gives it: what is timed is the draft
with its traces, its check under a schema and its JSON. The schema is our own, of tests, none of the unit's.
One process; figures are processor time, since the machine may be shared.
"""

import argparse
import os
import platform
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from watchfloor.core.kinds import ACCOUNT, PARTY, PAYMENT
from watchfloor.core.messages import Reason
from watchfloor.exchange.fintrac import codes, drafting, drafts, schema, traced
from watchfloor.exchange.fintrac.drafting import BESIDE, Statement
from watchfloor.exchange.fintrac.entity import Entity
from watchfloor.exchange.fintrac.evidence import Evidence, Indicator, Piece

GOAL = 1_000
TESTS = Path(__file__).parents[2] / "tests" / "exchange" / "fintrac"
START = datetime(2026, 10, 1, tzinfo=UTC)
ENTITY = Entity(1234567, 4321, "bank", "Example Trust", "HQ-1", {}, "CAD", "America/Toronto")
SAID = Statement("A. Oll", "money-laundering", "He could not say where it was from.", "Watched.", False)
MOST = 12
STEPS = ("draft with traces", "check under the schema", "JSON")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    lists = codes.load(TESTS / "codes", date(2026, 11, 26))
    check = schema.load(TESTS / "watchfloor-structure.schema.json")
    clock = time.process_time
    sums: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for n, case in enumerate(evidence(given.drafts, random.Random(given.seed))):
        began = clock()
        made = drafting.draft(case, ENTITY, lists, SAID, f"{n:012x}")
        drafted = clock()
        valid = check.valid(made.document)
        checked = clock()
        data = drafts.encoded(made.document)
        done = clock()
        seconds += Counter({STEPS[0]: drafted - began, STEPS[1]: checked - drafted, STEPS[2]: done - checked})
        fields, known = counted(made)
        sums += Counter(valid=valid, bytes=len(data), fields=fields, traced=known, complete=not made.gaps)
    told(given.drafts, seconds, sums)
    slow = given.drafts / sum(seconds.values()) < GOAL
    if slow or sums["valid"] < given.drafts or sums["traced"] < sums["fields"]:
        raise SystemExit(1)


def counted(made: drafting.Drafted) -> tuple[int, int]:
    """Fields of a draft, and those whose sources are named."""
    pointers = [*traced.leaves(made.document), *(BESIDE + one for one in traced.leaves(made.beside))]
    return len(pointers), sum(bool(made.traces.get(pointer)) for pointer in pointers)


def evidence(count: int, rng: random.Random) -> Iterator[Evidence]:
    """Cases: a client's account into which others pay cash, and out of which it is wired abroad."""
    for case in range(count):
        holder, runner = f"person:bank:{case}", f"person:bank:r{case}"
        ours = f"account:bank:{case}"
        account = {"subject": ours, "bank": "EXAMPLE", "holder": holder, "holder_type": "person"}
        account |= {"opened": date(2024, 2, 1), "occupation": "student"}
        clients = [(holder, "Tolunay, Zarbek"), (runner, "Oll, Ida")]
        pieces = [
            piece(row(PAYMENT, f"T-{case}-{n}", **payment(ours, runner, rng, n)), rng)
            for n in range(1 + case % MOST)
        ]
        yield Evidence(
            tuple(pieces),
            {ours: piece(row(ACCOUNT, "A", **account), rng)},
            {
                key: piece(row(PARTY, key, subject=key, name=name, schema="Person"), rng)
                for key, name in clients
            },
            (Indicator(rng.randbytes(16).hex(), Reason("cell.repeats")),),
            "PB",
        )


def payment(ours: str, runner: str, rng: random.Random, n: int) -> dict[str, Any]:
    plain = {"amount": Decimal(rng.randrange(1, 2_000_000)) / 100, "currency": "CAD", "payee_bank": "EXAMPLE"}
    plain |= {"observed_at": START + timedelta(hours=7 * n)}
    if n % 3 == 2:
        seats = {"payer_seat": "CA", "payee_seat": "HK", "channel": "online"}
        return plain | seats | {"payer": ours, "payee": f"account:other:{n}", "means": "wire"}
    return plain | {"payee": ours, "means": "cash", "conductor": runner, "channel": "branch"}


def row(kind: Any, key: str, **columns: Any) -> dict[str, Any]:
    return dict.fromkeys(kind.schema.names) | {"report_key": key, "observed_at": START} | columns


def piece(columns: dict[str, Any], rng: random.Random) -> Piece:
    return Piece(columns | {"record_id": rng.randbytes(16)})


def told(count: int, seconds: Counter[str], sums: Counter[str]) -> None:
    fields, size = sums["fields"], sums["bytes"] / count / 1024
    table = Table(title=f"{count:,} drafts, {fields / count:.0f} fields and {size:.1f} KiB each")
    for head in ("step", "drafts/s"):
        table.add_column(head, justify="right" if head != "step" else "left")
    for step in STEPS:
        table.add_row(step, f"{count / seconds[step]:,.0f}")
    table.add_row("together", f"{count / sum(seconds.values()):,.0f} (reach {GOAL:,})")
    console = Console()
    console.print(table)
    valid, known = sums["valid"], sums["traced"]
    console.print(f"valid under our own schema of tests: {valid:,} of {count:,} ({valid / count:.1%})")
    console.print(f"fields traced: {known:,} of {fields:,} ({known / fields:.1%})")
    console.print(f"drafts that lack nothing: {sums['complete']:,}")
    cores, python = os.cpu_count(), platform.python_version()
    console.print(f"Python {python}, jsonschema-rs {version('jsonschema-rs')}, {cores} cores, one used")


if __name__ == "__main__":
    main()
