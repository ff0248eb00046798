"""What `watchfloor run` costs after one new delivery on the floor of a day, feed by feed.

The floor has taken a day in (`watchfloor admin exercise make --scale 1000 --no-sensors`; no reports) and its
desks have run. A delivery is the first rows of a feed of another day with other contents: another seed, other
keys of reports, a day later. Each is taken in and followed by a run, in a process of its own, whose processor
time (user and system) is told with the desks that folded rows: `new` go on from where they stood, `all` do
not.

    ./dev bench runners.rerun [--feeds mail-declarations.csv …] [--rows 1000] [--scale 1000] [--keep FOLDER]

With `--keep` the floor stays, for another time, without its deliveries: each is taken in by a copy.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from watchfloor.cli.demo.exercise_floor import begin
from watchfloor.exercise.make import found, make

FEEDS: Final = (
    "applications.csv",
    "application-letters.csv",
    "mail-declarations.csv",
    "mail-readings.csv",
    "payments.csv",
    "travellers.csv",
    "vessels.csv",
)
OTHER: Final = 10
"""Part of the scale of the day at which the other is made: enough for a thousand rows of each feed."""
WATCHFLOOR: Final = (sys.executable, "-m", "watchfloor")


class Rerun(NamedTuple):
    """A run after a delivery: seconds of processor time, and how each desk was read, where it was."""

    feed: str
    rows: int
    seconds: float
    most: int
    desks: dict[str, str]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench runners.rerun", description=__doc__.split("\n\n")[0])
    parser.add_argument("--feeds", nargs="+", default=FEEDS, help="files of the exercise, one delivery each")
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--scale", type=float, default=1000, help="1000 is a Canadian day")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the floor stays for another time")
    return parser.parse_args()


def spent(*command: str | Path) -> tuple[float, int, str]:
    """Run a command of the program; processor seconds, most kilobytes of memory, and what it printed."""
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen([*WATCHFLOOR, *map(str, command)], stdout=printed)
        _, status, used = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(f"watchfloor {' '.join(map(str, command))} failed")
        printed.seek(0)
        return used.ru_utime + used.ru_stime, used.ru_maxrss, printed.read().decode()


def floor_of_a_day(folder: Path, scale: float) -> None:
    """Make the floor in a folder, with the exercises beside it, where it is not there yet."""
    if folder.exists():
        return
    begun = folder.with_name(f"{folder.name}.begun")
    made = make(begun / "day", seed=1, scale=scale, sensors=False)
    make(begun / "other", seed=2, scale=scale / OTHER, sensors=False)
    begin(begun / "floor", made)
    spent("ingest", *sorted(made.feeds.glob("*.csv")), "--floor", begun / "floor")
    seconds, most, _ = spent("run", "--floor", begun / "floor")
    print(f"the first run of every desk: {seconds:.1f} s, {most / 1024:,.0f} MB")
    begun.rename(folder)


def delivery(source: Path, target: Path, rows: int) -> int:
    """Write the first rows of a feed as those of another day; gives how many there were."""
    with source.open(newline="") as read, target.open("w", newline="") as write:
        table = csv.DictReader(read)
        out = csv.DictWriter(write, table.fieldnames or ())
        out.writeheader()
        count = 0
        for row, _ in zip(table, range(rows), strict=False):
            at = datetime.fromisoformat(row["observed_at"]) + timedelta(days=1)
            out.writerow(row | {"report_key": f"next-{row['report_key']}", "observed_at": at.isoformat()})
            count += 1
    return count


def rerun(folder: Path, feed: str, rows: int) -> Rerun:
    """Take a delivery in on a copy of the floor and run the desks."""
    with tempfile.TemporaryDirectory(dir=folder) as passing:
        floor, file = Path(passing) / "floor", Path(passing) / feed
        shutil.copytree(folder / "floor", floor)
        count = delivery(found(folder / "other").feeds / feed, file, rows)
        spent("ingest", file, "--floor", floor)
        seconds, most, printed = spent("run", "--floor", floor, "--json")
        ran = [json.loads(line) for line in printed.splitlines()]
        return Rerun(
            feed, count, seconds, most, {one["desk"]: one["read"] for one in ran if one["read"] != "none"}
        )


def main() -> int:
    options = arguments()
    table = Table(title="A run after a delivery on a day's floor", title_justify="left")
    for head in ("feed", "rows", "s", "MB", "load", "desks"):
        table.add_column(head, justify="left" if head in ("feed", "desks") else "right")
    with tempfile.TemporaryDirectory() as passing:
        folder = options.keep or Path(passing) / "day"
        floor_of_a_day(folder, options.scale)
        for feed in options.feeds:
            one = rerun(folder, feed, options.rows)
            desks = ", ".join(f"{desk} {read}" for desk, read in one.desks.items())
            table.add_row(
                feed,
                f"{one.rows:,}",
                f"{one.seconds:.1f}",
                f"{one.most / 1024:,.0f}",
                f"{os.getloadavg()[0]:.0f}",
                desks or "none",
            )
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
