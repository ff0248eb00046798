"""Runs desks: over what a floor holds, live, in this process, in a pool of them, or on a cluster.

from watchfloor.run import LiveRun, run
derived = run(desk, {"party": parties, "listing": listings}, refs)["signal"]
"""

from watchfloor.run.batch import run
from watchfloor.run.inline import INLINE

__all__ = ["INLINE", "run"]
