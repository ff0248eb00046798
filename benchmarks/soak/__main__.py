"""Kill a working day many times: `python -m benchmarks.soak [KILLS]`, 200 unless told.

Each kill hits one act, at a time or at a point where the disk is about to change, drawn from the seed. After
it the floor is opened and checked, a queue is asked for, and the act is typed again, word for word. Ends
with 1 where anything that was acknowledged is lost, or anything is half there. Ctrl-C ends it with the table
of the kills so far.

Columns: kills; what came of the act that was cut off (nothing of it there, all of it there, not to be told
since it leaves no mark, killed after its answer); after how many the queue was behind the evidence until the
next run; and, of those that were there and were typed again, how many were told so, and how many were
recorded a second time.
"""

import argparse
import os
import statistics
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.soak import hazards
from benchmarks.soak.acts import ACTS
from benchmarks.soak.days import Days
from benchmarks.soak.kills import Soak, Tally

COLUMNS: Final = ("kills", "absent", "whole", "no mark", "acknowledged", "behind", "told", "twice")


def show(tally: Tally) -> None:
    """The table, the times, and what was lost."""
    print(f"{'act':12}" + "".join(f"{column:>13}" for column in COLUMNS))
    for name in ACTS:
        print(f"{name:12}" + "".join(f"{tally.seen[name, column]:13}" for column in COLUMNS))
    sums = (sum(tally.seen[name, column] for name in ACTS) for column in COLUMNS)
    print(f"{'all':12}" + "".join(f"{each:13}" for each in sums))
    _times("floor opened, writer let in", tally.opening)
    _times("first queue, program loaded", tally.asking)
    _times("first queue, new process", tally.starting)
    _times("  its processor time", tally.working)
    print(f"losses: {len(tally.lost)}")
    for one in tally.lost:
        print(f"  {one}")


def _times(what: str, seconds: list[float]) -> None:
    if seconds:
        middle, most = statistics.median(seconds), max(seconds)
        print(f"{what:30} median {middle:6.3f} s, max {most:6.3f} s, n {len(seconds)}")


def main() -> int:
    """Do as told on the command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--starts", type=int, default=10, help="a new process after every so many kills")
    parser.add_argument("--no-hazards", action="store_true", help="kills only")
    told = parser.parse_args()
    os.environ |= {"WATCHFLOOR_PURPOSE": "soak", "WATCHFLOOR_AUTHORITY": "none: a made-up floor"}
    print(f"seed {told.seed}, {told.kills} kills, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        with Days() as days:
            soak = Soak(days, Path(folder), told.seed, told.starts)
            soak.run(told.kills)
        tally = soak.tally
        show(tally)
        lost = [] if told.no_hazards else hazards.show(Path(folder))
    return 1 if tally.lost or lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
