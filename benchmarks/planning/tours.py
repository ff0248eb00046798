"""Tours beside the best known: prize-collecting instances of PyVRP, and orienteering instances of OPLib.

    python -m benchmarks.planning.tours --seconds 10 --every 5
    python -m benchmarks.planning.tours --oplib FOLDER --most 400 --every 9

Processor time of one thread: a machine may be shared. `--ortools PYTHON` has OR-tools solve the same, by an
interpreter that has it, for as many seconds of the clock.
"""

import argparse
import re
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np

from watchfloor.planning.patrols import tours
from watchfloor.planning.patrols.instances import Instance, read

ARCHIVE = Path("../shared/data/planning/prize_collecting/pcvrptw.tar.gz")

PEER = """
import sys, time, numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2 as enums
data = np.load(sys.argv[1])
d, count, vehicles = data["distances"].tolist(), len(data["prizes"]), int(data["vehicles"])
early, late, service, demands = (data[name].tolist() for name in ("early", "late", "service", "demands"))
manager = pywrapcp.RoutingIndexManager(count, vehicles, 0)
routing = pywrapcp.RoutingModel(manager)
legs = routing.RegisterTransitMatrix(d)  # callbacks in Python leave no time in ten seconds
routing.SetArcCostEvaluatorOfAllVehicles(legs)
times = routing.RegisterTransitMatrix((data["distances"] + data["service"][:, None]).tolist())
horizon = late[0]
routing.AddDimension(times, horizon, horizon, False, "time")
loads = routing.RegisterUnaryTransitVector(demands)
routing.AddDimension(loads, 0, int(data["capacity"]), True, "load")
time_of = routing.GetDimensionOrDie("time")
for stop in range(1, count):
    index = manager.NodeToIndex(stop)
    time_of.CumulVar(index).SetRange(early[stop], min(late[stop], horizon))
    routing.AddDisjunction([index], int(data["prizes"][stop]))
search = pywrapcp.DefaultRoutingSearchParameters()
# Of five strategies the best on C2_10_2: no stop pays alone, and most visit next to none.
search.first_solution_strategy = enums.FirstSolutionStrategy.GLOBAL_CHEAPEST_ARC
search.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
search.time_limit.FromMilliseconds(int(1000 * float(sys.argv[2])))
found = routing.SolveWithParameters(search)
print(found.ObjectiveValue() if found else int(data["prizes"].sum()))
"""


def peer(python: str, instance: Instance, seconds: float) -> int:
    """Have OR-tools solve an instance; return its objective."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.npz"
        names = ("distances", "prizes", "early", "late", "service", "demands", "capacity", "vehicles")
        np.savez(path, **{name: getattr(instance, name) for name in names})
        call = [python, "-c", PEER, str(path), str(seconds)]
        return int(subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()[-1])


def published(path: Path) -> int:
    """Read the best known cost, or the stops of a published tour whose scores the instance knows."""
    text = path.read_text("utf-8")
    if cost := re.search(r"^Cost:?\s+(\d+)", text, re.MULTILINE):
        return int(cost[1])
    raise ValueError(path)


def collected(path: Path, instance: Instance) -> int:
    """Compute what a published tour collects: scores of some files were corrected after it was found."""
    text = path.read_text("utf-8").partition("NODE_SEQUENCE_SECTION")[2].partition("-1")[0]
    return int(instance.prizes[np.array(text.split(), np.int64) - 1].sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--every", type=int, default=1, help="every so many of the instances")
    parser.add_argument("--first", type=int, default=0, help="beginning with this one")
    parser.add_argument("--oplib", type=Path, help="folder of OPLib, with instances and solutions")
    parser.add_argument("--most", type=int, default=400, help="stops of an orienteering instance")
    parser.add_argument("--ortools", metavar="PYTHON", help="an interpreter that has OR-tools")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.oplib:
            paths = sorted((options.oplib / "instances").rglob("*.oplib"))
            number = re.compile(r"DIMENSION\s*:\s*(\d+)")
            paths = [
                one
                for one in paths
                if int(number.search(one.read_text("utf-8", "replace"))[1]) <= options.most
            ]
        else:
            with tarfile.open(ARCHIVE) as archive:
                archive.extractall(folder, filter="data")
            paths = sorted(Path(folder).glob("*.vrp"))
        shares, wins = [], 0
        for path in paths[options.first :: options.every]:
            instance = read(path)
            answer = tours.solve(instance, options.seconds, clock=time.process_time)
            if options.oplib:
                solutions = options.oplib / "solutions" / "ea4op"
                best = collected(solutions / path.parent.name / f"{path.stem}.sol", instance)
                shares.append(answer.score / best)
            else:
                best = published(path.with_suffix(".sol"))
                shares.append(best / answer.score)
            other = peer(options.ortools, instance, options.seconds) if options.ortools else None
            wins += other is None or answer.score <= other
            print(path.stem, best, answer.score, answer.bound, f"{shares[-1]:.2%}", other or "", flush=True)
        print(f"{len(shares)} instances: mean {np.mean(shares):.3%}, least {min(shares):.2%}", end="")
        print(f", as good as OR-tools on {wins}" if options.ortools else "")


if __name__ == "__main__":
    main()
