"""What is too large on purpose: an account with a million partners, a message of gigabytes.

./dev bench finance.sizes                            a hub of 10^6 edges, through the engine
./dev bench finance.sizes --commands                 the same ledger through `finance patterns` and `score`
./dev bench finance.sizes --message 5                a pacs.008 message of 5 GB, through the reader
./dev bench finance.sizes --message 5 --text         a message whose one text is 5 GB long
./dev bench finance.sizes --message 1 --ingest       a message of 1 GB, through `watchfloor ingest`

The hub is paid by a million accounts, each once, and pays a twentieth of them, in one window of 14 days; half
as many payments are among others. All groups of features, budgets as they are. Times are processor time of
batches that hold payments of one sort alone, medians of ten; what a block of neighbours that doubles costs
is in the longest. Messages are made on the fly and come through a pipe; memory is the peak of a process of
its own.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from rich.console import Console
from rich.table import Table

from benchmarks.finance.decoding import pacs008
from watchfloor.desks.finance.engine.stream import DAY, Stream
from watchfloor.formats.base import Batch, FormatError
from watchfloor.formats.payments.iso20022 import file

BATCH = 2_000
ROUNDS = 10
WIDTH = 13 * DAY
"""All of it lies in one window of the graph."""
CLOSE = b"</FIToFICstmrCdtTrf></Document>"
BLOCK = 20_000

Columns = tuple[Any, Any, Any, Any]


def hub(edges: int, seed: int = 5) -> Columns:
    """Payers, payees, times and amounts: account 0 is the hub."""
    random = np.random.default_rng(seed)
    others = edges // 2
    payer, payee = [np.arange(1, edges + 1)], [np.zeros(edges, np.int64)]
    payer.append(np.zeros(edges // 20, np.int64))
    payee.append(random.choice(edges, edges // 20, replace=False) + 1)
    one = random.integers(1, edges + 1, others)
    payer.append(one)
    payee.append((one + random.integers(1, 30, others)) % edges + 1)
    order = random.permutation(sum(len(part) for part in payer))
    u, v = np.concatenate(payer)[order], np.concatenate(payee)[order]
    kept = u != v
    time = np.linspace(0, WIDTH, int(kept.sum())).astype(np.int64)
    return u[kept], v[kept], time, np.round(random.lognormal(5, 1, int(kept.sum())) + 0.01, 2)


def later(columns: Columns, kind: str, number: int) -> Columns:
    """A batch of one sort after all others: to the hub, from it, or among others."""
    random = np.random.default_rng((number, len(kind)))
    accounts = int(max(columns[0].max(), columns[1].max()))
    one, other = random.integers(1, accounts + 1, BATCH), random.integers(1, accounts + 1, BATCH)
    other = np.where(one == other, one % accounts + 1, other)
    ends = {"to the hub": (one, one * 0), "from the hub": (one * 0, one), "among others": (one, other)}
    at = np.full(BATCH, columns[2][-1] + number, np.int64)
    return *ends[kind], at, np.round(random.lognormal(5, 1, BATCH) + 0.01, 2)


def told_hub(edges: int) -> None:
    columns, table = hub(edges), Table(title=f"a hub of {edges:,} edges, all groups of features")
    Stream().features(*(column[:100] for column in columns))
    stream, start = Stream(), time.process_time()
    for at in range(0, len(columns[0]), 4096):
        stream.features(*(column[at : at + 4096] for column in columns))
    whole = time.process_time() - start
    for head in ("payments", "µs each", "longest batch", "walks cut"):
        table.add_column(head, justify="left" if head == "payments" else "right")
    row = f"{1e6 * whole / len(columns[0]):.1f}", "", f"{stream.cut:,}"
    table.add_row(f"all {len(columns[0]):,}, one after another", *row)
    number = 0
    for kind in ("to the hub", "from the hub", "among others"):
        spent, before = [], stream.cut
        for _ in range(ROUNDS):
            number += 1
            batch = later(columns, kind, number)
            start = time.process_time()
            stream.features(*batch)
            spent.append(1e6 * (time.process_time() - start) / BATCH)
        share = f"{(stream.cut - before) / (ROUNDS * BATCH):.2f} a payment"
        table.add_row(kind, f"{median(spent):.1f}", f"{max(spent):.1f}", share)
    Console(width=110).print(table)
    state = sum(array.nbytes for array in stream.graph)
    Console(width=110).print(f"state {state / 1e6:,.0f} MB, peak of the process {peak():,.0f} MB")


def peak() -> float:
    """MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def told_commands(edges: int) -> None:
    payer, payee, at, amount = hub(edges)
    rows = pa.table(
        {
            "payment_id": pa.array(np.arange(len(payer))).cast(pa.string()),
            "at": pa.array(at + 1_767_225_600_000_000, pa.timestamp("us", "UTC")),
            "payer": pa.array(payer).cast(pa.string()),
            "payee": pa.array(payee).cast(pa.string()),
            "payer_bank": pa.array(["a"] * len(payer)),
            "payee_bank": pa.array(["a"] * len(payer)),
            "amount": amount,
            "currency": pa.array(["CAD"] * len(payer)),
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "payments.csv"
        pc.write_csv(rows, ledger)
        run(["finance", "patterns", str(ledger), "-o", f"{folder}/instances.parquet"], len(payer))
        labels = Path(folder) / "labels.csv"
        random = np.random.default_rng(3)
        some = np.sort(random.choice(len(payer) * 4 // 5, 4_000, replace=False))
        marked = pa.table({"payment_id": some, "label": random.integers(0, 2, len(some))})
        pc.write_csv(marked, labels)
        until = "2026-01-11"
        model = f"{folder}/model.json"
        fit = ["finance", "fit", str(ledger), "--labels", str(labels), "--until", until, "-o", model]
        run([*fit, "--origin", "drawn at random"], len(payer))
        run(["finance", "score", str(ledger), "--model", model, "-o", f"{folder}/s.parquet"], len(payer))


def run(words: list[str], payments: int) -> None:
    """A command in a process of its own: how long, how much memory, how it ended."""
    start = time.monotonic()
    made = subprocess.Popen(
        [sys.executable, "-m", "watchfloor", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = made.stdout.read() if made.stdout else b""
    _, status, used = os.wait4(made.pid, 0)
    seconds = time.monotonic() - start
    code, memory = os.waitstatus_to_exitcode(status), used.ru_maxrss / 1e3
    name = " ".join(words[:2] if words[0] == "finance" else words[:1])
    Console(width=110).print(
        f"{name}: {payments:,} payments in {seconds:,.0f} s ({payments / seconds:,.0f}/s), "
        f"peak {memory:,.0f} MB, ended with {code}"
    )
    if code:
        Console(width=110).print(said.decode(errors="replace")[-600:], markup=False)


def pieces(size: int, text: bool) -> Any:
    """A message of about so many bytes, in pieces, and how many transactions it has."""
    block = pacs008(BLOCK if not text else 1)
    head, body = block.split(b"<CdtTrfTxInf>", 1)
    body = b"<CdtTrfTxInf>" + body.removesuffix(CLOSE)
    if text:
        before, after = body.split(b"<Ustrd>", 1)
        filler = b"x" * (1 << 20)
        count, parts = 1, [before + b"<Ustrd>", *([filler] * (size >> 20)), after]
    else:
        times = max(size // len(body), 1)
        count, parts = BLOCK * times, [body] * times
    stated = head.replace(f"<NbOfTxs>{BLOCK if not text else 1}<".encode(), f"<NbOfTxs>{count}<".encode())
    return count, [stated, *parts, CLOSE]


def told_message(size: int, text: bool) -> None:
    """A message through the reader, by a pipe."""
    count, parts = pieces(size, text)
    reading, writing = os.pipe()
    fault: list[str] = []

    def send() -> None:
        try:
            with os.fdopen(writing, "wb") as out:
                for part in parts:
                    out.write(part)
        except BrokenPipeError:
            fault.append("the reader stopped before the end")

    sender = threading.Thread(target=send)
    sender.start()
    before, start, rows, faults = peak(), time.process_time(), 0, 0
    try:
        with os.fdopen(reading, "rb") as stream:
            for part in file.read(stream, "message"):
                if isinstance(part, Batch):
                    rows += part.rows.num_rows if part.kind.name == "payment" else 0
                else:
                    faults += 1
                    fault.append(part.reason[:200])
    except FormatError as refusal:
        fault.append(f"refused: {refusal}"[:200])
    sender.join()
    seconds = time.process_time() - start
    total = sum(len(part) for part in parts)
    console = Console(width=110)
    console.print(
        f"{total / 1e9:.2f} GB, {count:,} transactions stated: {rows:,} payments read, {faults} faults, in "
        f"{seconds:,.0f} s of one core ({rows / seconds:,.0f}/s), peak {peak():,.0f} MB, {before:,.0f} before"
    )
    for why in fault[:3]:
        console.print(why, markup=False)


def told_ingest(size: int, text: bool) -> None:
    count, parts = pieces(size, text)
    with tempfile.TemporaryDirectory() as folder:
        message = Path(folder) / "message.xml"
        with message.open("wb") as out:
            for part in parts:
                out.write(part)
        subprocess.run(
            [sys.executable, "-m", "watchfloor", "init", "--exercise", "--floor", f"{folder}/floor"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        run(["ingest", str(message), "--floor", f"{folder}/floor"], count)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--edges", type=int, default=1_000_000)
    words.add_argument("--commands", action="store_true")
    words.add_argument("--message", type=float, metavar="GB")
    words.add_argument("--text", action="store_true")
    words.add_argument("--ingest", action="store_true")
    args = words.parse_args()
    if args.message is not None:
        (told_ingest if args.ingest else told_message)(int(args.message * 1e9), args.text)
    elif args.commands:
        told_commands(args.edges)
    else:
        told_hub(args.edges)


if __name__ == "__main__":
    main()
