"""Desks that break the contract, one rule each. A check that lets them through is no check."""

import os
import random
import socket
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from tests.desks import toys

from watchfloor.core.derived import SIGNAL
from watchfloor.core.messages import reason
from watchfloor.desks.base import ROWS, Desk
from watchfloor.run.order import micros


def stateless(step, name):
    return Desk(name=name, version="1", reads=("party",), yields={"signal": SIGNAL}, step=step)


def speaks(refs, rows, score=None, cited=None, **more):
    made = [
        toys.signal(
            refs,
            "broken",
            row["subject"],
            row["record_id"].hex(),
            row["observed_at"],
            reason(toys.SEEN, name=row["name"]),
            [row["record_id"]] if cited is None else cited,
            score=score(row) if score else None,
            **more,
        )
        for row in toys.rows_of(rows)
    ]
    return {"signal": toys.table(made)}


# Looks at what it was not handed.


def clock(refs, state, rows, watermark):
    return speaks(refs, rows, lambda row: time.time())


def calendar(refs, state, rows, watermark):
    return speaks(refs, rows, lambda row: float(datetime.now().year))  # noqa: DTZ005


def chance(refs, state, rows, watermark):
    return speaks(refs, rows, lambda row: random.random())


def unseeded(refs, state, rows, watermark):
    return speaks(refs, rows, lambda row: float(np.random.default_rng().random()))


def environment(refs, state, rows, watermark):
    return speaks(refs, rows, lambda row: float(len(os.environ.get("HOME", ""))))


def network(refs, state, rows, watermark):
    socket.getaddrinfo("localhost", 80)
    return speaks(refs, rows)


def file(refs, state, rows, watermark):
    Path(__file__).read_bytes()
    return speaks(refs, rows)


AMBIENT = [stateless(f, f.__name__) for f in (clock, calendar, chance, unseeded, environment, network, file)]


# Its answer depends on where the batches end.


def batch_sum(refs, state, rows, watermark):
    """A running sum that starts anew in each batch: right in every digit but the last."""
    so_far, weights = state.get("sum", 0.0), [0.1 * (row["record_id"][-1] + 1) for row in toys.rows_of(rows)]
    sums = iter([so_far + float(np.sum(weights[: i + 1])) for i in range(len(weights))])
    state["sum"] = so_far + float(np.sum(weights))
    return speaks(refs, rows, lambda row: next(sums))


def freeze_sum(state):
    return pa.table({"sum": [state["sum"]]})


def thaw_sum(refs, frozen):
    return frozen.to_pylist()[0]


def first_of_batch(refs, state, rows, watermark):
    return speaks(refs, rows.slice(0, 1))


def says_the_watermark(refs, state, rows, watermark):
    return speaks(
        refs, rows, lambda row: float(micros(watermark) % 1000 + micros(watermark) // 10**6 % 10**6)
    )


def numbers(refs, state, rows, watermark):
    """Right but for what freeze leaves out."""

    def number(row):
        state["n"] = state.get("n", 0) + 1
        return float(state["n"])

    return speaks(refs, rows, number)


def forget(state):
    return pa.table({})


def remember_nothing(refs, frozen):
    return {}


def with_memory(step, name, **more):
    return replace(
        stateless(step, name), begin=toys.nothing_yet, freeze=forget, thaw=remember_nothing, **more
    )


def forgetting(state):
    return toys.freeze_hours({subject: replace(mine, silent=True) for subject, mine in state.items()})


CUT = [
    replace(with_memory(batch_sum, "batch_sum"), freeze=freeze_sum, thaw=thaw_sum),
    stateless(first_of_batch, "first_of_batch"),
    stateless(says_the_watermark, "says_the_watermark"),
    with_memory(numbers, "forgets_to_freeze"),
    with_memory(numbers, "rows_with_memory", cut=ROWS),
    replace(toys.KEYED, name="forgets_the_last", freeze=forgetting),
]


# Cannot be cut as it says.


def by_the_batch(rows):
    """A value that depends on the rows beside it."""
    return pa.array([str(number) for number in range(rows.num_rows)])


def by_record(rows):
    return rows["record_id"]


PARTS = [
    replace(toys.UNKEYED, name="by_subject", cut=toys.by_subject),
    replace(toys.JUDGED, name="by_record", cut=by_record),
    replace(toys.KEYED, name="time_passes", cut=toys.by_subject),
    replace(toys.STATELESS, name="by_the_batch", cut=by_the_batch),
]


# Knows what comes later.


def last_name(refs, state, rows, watermark):
    """Says of each row how many there are in all, as if that were known when the row came."""
    return speaks(refs, rows, lambda row: float(rows.num_rows))


def dates_ahead(refs, state, rows, watermark):
    return speaks(refs, rows, at=watermark + timedelta(days=1))


def dates_back(refs, state, rows, watermark):
    return speaks(refs, rows, at=toys.START)


FORESEES = [stateless(f, f.__name__) for f in (last_name, dates_back)]
AHEAD = stateless(dates_ahead, "dates_ahead")


# Its order depends on the process.


def in_set_order(refs, state, rows, watermark):
    names = "".join({row["subject"] for row in toys.rows_of(rows)} | {f"n{i}" for i in range(20)})
    return speaks(refs, rows, lambda row: float(sum(i * ord(c) for i, c in enumerate(names))))


HASHES = stateless(in_set_order, "in_set_order")


# Gives no reasons.


def no_evidence(refs, state, rows, watermark):
    return speaks(refs, rows, cited=[])


def invented(refs, state, rows, watermark):
    return speaks(refs, rows, cited=[b"nobody said this"])


def unknown_message(refs, state, rows, watermark):
    return speaks(refs, rows, reason={"message": "toy.undeclared", "params": "{}"})


def lost_parameter(refs, state, rows, watermark):
    return speaks(refs, rows, reason={"message": "toy.seen", "params": "{}"})


UNREASONED = [stateless(f, f.__name__) for f in (no_evidence, invented, unknown_message, lost_parameter)]
