"""What is left of somebody after an erasure, and what is shown of somebody hidden: hits in all bytes.

Beside it, what erasing by `DELETE` from one plain SQLite file leaves of the same person.

    ./dev bench leaks [--scale 0.05] [--keep FOLDER]
"""

import argparse
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.leaks.scenario import OTTOLINE, ZEBEDEE, call, erased, lived_in, reading_as, shown_to
from benchmarks.leaks.words import Hit, Words, search


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench leaks", description=__doc__.split("\n\n")[0])
    parser.add_argument("--scale", type=float, default=0.05, help="of the exercise")
    parser.add_argument("--keep", type=Path, help="a new folder to leave everything in")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = asked.keep or Path(temporary)
        home.mkdir(exist_ok=True)
        measure(home, asked.scale)


def measure(home: Path, scale: float) -> None:
    """Do everything, and print the hits."""
    console = Console()
    floor, words, hidden = lived_in(home, scale), Words(ZEBEDEE.words), Words(OTTOLINE.words)
    table = Table("where", "hits", "files", "seconds", title="What stands of a person", title_justify="left")

    def row(what: str, place: Path, wanted: Words) -> list[Hit]:
        started = time.perf_counter()
        hits = search(place, wanted)
        table.add_row(what, *_counts(hits), f"{time.perf_counter() - started:.1f}")
        return hits

    row("the floor before (control)", floor.root, words)
    found = row(
        "what a reader is shown who may not see the other", shown_to("narrow", floor, home / "n"), hidden
    )
    row("the same for one who may (control)", shown_to("wide", floor, home / "w"), hidden)
    started = time.perf_counter()
    console.print(erased(floor, ZEBEDEE), highlight=False, markup=False)
    took = time.perf_counter() - started
    found += row("the floor after the erasure", floor.root, words)
    with reading_as("wide"):
        call("floor", "backup", "--unencrypted", home / "after.tar", "--floor", floor.root)
        call("run", "--floor", floor.root)
    found += row("a backup made then", home / "after.tar", words)
    found += row("the floor after the next run", floor.root, words)
    row("plain SQLite after DELETE", _plain(home / "plain"), words)
    console.print(table)
    console.print(f"the erasure took {took:.1f} s")
    for hit in found:
        console.print(f"LEFT: {hit}", highlight=False, markup=False)


def _counts(hits: Iterable[Hit]) -> tuple[str, str]:
    files = Counter(hit.file for hit in hits)
    return f"{sum(files.values()):,}", f"{len(files):,}"


def _plain(folder: Path) -> Path:
    """The same rows in one SQLite table, deleted as most programs delete."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with closing(sqlite3.connect(folder / "plain.sqlite")) as database:
        database.execute("PRAGMA secure_delete = OFF")  # as SQLite is built by default
        database.execute("CREATE TABLE party (key TEXT, name TEXT, born TEXT, passport TEXT)")
        for one in (ZEBEDEE, OTTOLINE):
            row = (one.key, one.name, one.born, one.passport)
            database.execute("INSERT INTO party VALUES (?, ?, ?, ?)", row)
        database.commit()
        database.execute("DELETE FROM party WHERE key = ?", (ZEBEDEE.key,))
        database.commit()
    return folder


if __name__ == "__main__":
    main()
