"""Runs desks: over what a floor holds, live, in this process, in a pool of them, or on a cluster.

from watchfloor.run import LiveRun, run
derived = run(desk, {"party": parties, "listing": listings}, refs)["signal"]
"""

from watchfloor.run.inline import INLINE
from watchfloor.run.live import Delta, LiveRun
from watchfloor.run.pool import Pool
from watchfloor.run.runner import run
from watchfloor.run.spark.connect import Connect, sail

__all__ = ["INLINE", "Connect", "Delta", "LiveRun", "Pool", "run", "sail"]
