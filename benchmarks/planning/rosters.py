"""Rosters of public instances: what they cost beside the best cost that anybody has published.

python -m benchmarks.planning.rosters --seconds 60
python -m benchmarks.planning.rosters --seconds 600 --instances 5,7,9
"""

import argparse
import time
from pathlib import Path

from watchfloor.planning.rosters import curtois, solve

DATA = Path(__file__).parents[3] / "shared" / "data" / "planning" / "rosters" / "curtois"
BEST = (607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439, 4631, 3443, 4040)
"""Best-known costs, as `../shared/data/README.md` gives them from schedulingbenchmarks.org."""


def main() -> None:
    """Print a line an instance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--instances", default=",".join(map(str, range(1, 13))))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    print("instance  lawful    cost   bound    best  over best  seconds  of processor")
    for number in map(int, asked.instances.split(",")):
        problem = curtois.read(asked.data / f"Instance{number}.txt")
        spent = time.process_time()
        made = solve.solve(problem, asked.seconds, asked.threads)
        spent = time.process_time() - spent
        cost, best, lawful = made.verdict.cost, BEST[number - 1], "yes" if made.verdict.feasible else "NO"
        print(
            f"{number:8}  {lawful:>6}  {cost:6,}  {made.bound:6,}  {best:6,}"
            f"  {cost / best - 1:8.2%}  {made.seconds:7.1f}  {spent:12.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
