"""Imported by the process that those of the live floor are forked from, so that a new one is there at once.

Importing all that a fold needs takes a second, and loading its compiled kernels another; a fork takes some
milliseconds. So the readers of every wire are imported here, and every desk that is run live folds its own
sample, once. That process does nothing else and has no threads of ours: forking it is safe where forking a
process at work is not.

Nothing that is loaded is freed again, so the garbage collector is off meanwhile, which saves a seventh of the
time, and leaves it alone later, so that forked processes go on sharing its memory.
"""

import gc
import logging


def load() -> None:
    """Load what folds need: fold the sample of each desk, write down what it knows, and read it back."""
    from watchfloor.cell.live import folding
    from watchfloor.core.kernels import load_compiler
    from watchfloor.desks.registry import sample
    from watchfloor.formats.sensors.wires import readers as stream_readers
    from watchfloor.run.arrival import ArrivalRun
    from watchfloor.run.order import arrivals, moment

    stream_readers.load()
    load_compiler()
    for desk in folding.live_desks().values():
        inputs, refs = sample(desk, 1)
        run = ArrivalRun(desk, refs)
        last = max(int(arrivals(rows)[-1]) for rows in inputs.values() if rows.num_rows)
        run.step(inputs, moment(last))
        run.picture()
        ArrivalRun(desk, refs, run.save())


gc.disable()
try:
    load()
except Exception:  # whoever folds meets it again, and says so where it is read
    logging.getLogger(__name__).debug("not warmed", exc_info=True)
finally:
    gc.freeze()
    gc.enable()
