"""Processor time of commands that only read, on the floor of a demo; and of the first demo of a machine.

./dev bench startup                 each command three times, the median; children of it included
./dev bench startup --cold          a demo that compiles its kernels, then one that finds them compiled
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.table import Table

from watchfloor.core.caches import VARIABLE

GOAL: Final = 0.5
"""Seconds of processor time of a command that only reads."""
GOAL_OF_HELP: Final = 0.2
GOAL_OF_FIRST_LEAD: Final = 60.0
"""Seconds from the start of the first demo of a machine to its first lead."""
REPEATS: Final = 3

ALONE: Final = (
    *("--help", "leads --help", "claims check", "controlled fentanyl"),
    "listed {demo}/exercise/lists",
    "screen {demo}/names.csv --list {demo}/exercise/lists",
)
"""Commands that need no floor."""
ON_A_FLOOR: Final = (
    *(
        "leads",
        "lead {lead}",
        "record {record}",
        "search fentanyl",
        "leads mentions",
        "lab devices",
        "feeds quarantine list",
    ),
    *(
        "floor log show",
        "cases task list",
        "cases watch log",
        "leads audit list",
        "cases custody list",
        "cases referral list",
        "scorecard statistics list",
    ),
    *("share node list", "feeds live status", "floor retention --all", "floor verify"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench startup", description=__doc__)
    parser.add_argument("--cold", action="store_true", help="time the first demo of a machine instead")
    cold = parser.parse_args().cold
    with TemporaryDirectory() as folder:
        demos(Path(folder)) if cold else commands(Path(folder))


def commands(demo: Path) -> None:
    """Print the processor time of each command beside its goal."""
    run(["demo", "--no-browser", str(demo)])
    floor = ["--floor", str(demo / "floor")]
    lead = json.loads(run(["leads", "--json", "--top", "1", *floor]))["lead_id"]
    record = json.loads(run(["lead", lead, "--json", *floor]))["contributions"][0]["evidence"][0]
    (demo / "names.csv").write_text("id,name\n1,Ernesto Valdovinos Quiroga\n", "utf-8")
    known = {"demo": demo, "lead": lead, "record": record}
    table = Table("command", "seconds", "goal")
    for text in (*ALONE, *ON_A_FLOOR):
        call = [part.format(**known) for part in text.split()] + (floor if text in ON_A_FLOOR else [])
        goal = GOAL_OF_HELP if "--help" in call else GOAL
        table.add_row(text, f"{median(processor_time(call) for _ in range(REPEATS)):.2f}", f"{goal:.1f}")
    Console().print(table)


def demos(folder: Path) -> None:
    """Print how long two demos take: one that compiles kernels, one that finds them."""
    table = Table("demo", "to the first lead, s", "goal, s", "to the end, s", "processor time, s")
    for name in ("kernels to compile", "kernels compiled"):
        before = used()
        first, whole = timed(folder / "demo", {VARIABLE: str(folder / "cache")})
        goal = f"{GOAL_OF_FIRST_LEAD:.0f}"
        table.add_row(name, f"{first:.1f}", goal, f"{whole:.1f}", f"{used() - before:.1f}")
    Console().print(table)


def timed(demo: Path, variables: Mapping[str, str]) -> tuple[float, float]:
    """Return the seconds until a demo tells its first lead, and until its end."""
    began, first = time.perf_counter(), None
    call = [sys.executable, "-u", "-m", "watchfloor", "demo", "--no-browser", str(demo)]
    with subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **variables}
    ) as child:
        for line in child.stdout or ():
            if first is None and line.startswith("first lead after"):
                first = time.perf_counter() - began
    if child.returncode or first is None:
        raise SystemExit(
            f"the demo ended with {child.returncode} and told {'no' if first is None else 'a'} lead"
        )
    return first, time.perf_counter() - began


def processor_time(call: list[str]) -> float:
    """Seconds that a command and its children keep a processor busy."""
    before = used()
    run(call)
    return used() - before


def used() -> float:
    """Seconds of processor time of all children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def run(call: list[str]) -> str:
    """What a command prints; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", "watchfloor", *call], check=True, capture_output=True, text=True
    )
    return done.stdout


if __name__ == "__main__":
    main()
