"""A keyed desk with memory: gaps and repeats of a person's transactions, columnar, as real desks are written.

Each key keeps a running mean and spread of the time between its records (Welford), and says when a gap is far
from what is usual for it. The work a row is set by `ROUNDS`, to show what a runner costs beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.messages import declare, reason
from watchfloor.desks.base import Desk, Refs, derive

UNUSUAL: Final = declare(
    "bench.gap",
    en="A gap of {hours} hours is unusual here.",
    fr="Un écart de {hours} heures est inhabituel ici.",
)


@dataclass
class Usual:
    """Count, mean and sum of squares of the gaps, and the last moment; all in seconds."""

    numbers: np.ndarray


def begin(refs: Refs) -> Usual:  # noqa: ARG001
    return Usual(np.zeros(4))


@numba.njit(cache=True)
def far(at: np.ndarray, usual: np.ndarray, rounds: int) -> np.ndarray:
    """How many spreads each gap is from the mean of those before it; updates `usual`."""
    out = np.zeros(len(at))
    for i in range(len(at)):
        if usual[3] > 0:
            gap = at[i] - usual[3]
            if usual[0] > 8:
                spread = np.sqrt(usual[2] / usual[0]) + 1.0
                out[i] = (gap - usual[1]) / spread
                for _ in range(rounds):
                    out[i] = np.sqrt(out[i] * out[i] + 1e-12) * np.sign(gap - usual[1])
            usual[0] += 1
            step = gap - usual[1]
            usual[1] += step / usual[0]
            usual[2] += step * (gap - usual[1])
        usual[3] = at[i]
    return out


def fold(rounds: int) -> Any:
    def step(refs: Refs, state: Usual, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
        at = rows["observed_at"].cast(pa.int64()).to_numpy() / 1e6
        score = far(at, state.numbers, rounds)
        hits = rows.filter(pa.array(score > 9))
        n = hits.num_rows
        hours = np.round(np.diff(at, prepend=at[:1])[score > 9] / 3600).astype(int)
        if not n:
            return {}
        subjects, ids = hits["subject"].to_pylist(), hits["record_id"].to_pylist()
        made = derive(
            SIGNAL,
            row_id=[
                row_id(refs.key, "bench", "gap", (s,), r.hex()) for s, r in zip(subjects, ids, strict=True)
            ],
            at=hits["observed_at"],
            desk=["bench"] * n,
            rule=["gap"] * n,
            subjects=[[s] for s in subjects],
            strength=["corroborate"] * n,
            score=pc.divide(pa.array(np.minimum(score[score > 9], 100)), 100.0),
            reason=[reason(UNUSUAL, hours=int(h)).stored() for h in hours],
            evidence=[[r] for r in ids],
            marking=hits["marking"],
        )
        return {"signal": made}

    return step


def light(refs: Refs, state: Usual, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    return _LIGHT(refs, state, rows, watermark)


def heavy(refs: Refs, state: Usual, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:
    return _HEAVY(refs, state, rows, watermark)


_LIGHT, _HEAVY = fold(0), fold(600)


def freeze(state: Usual) -> pa.Table:
    return pa.table({"numbers": state.numbers})


def thaw(refs: Refs, frozen: pa.Table) -> Usual:  # noqa: ARG001
    return Usual(np.array(frozen["numbers"]))


def desk(step: Any) -> Desk[Usual]:
    return Desk(
        name="bench",
        version="1",
        reads=("party",),
        yields={"signal": SIGNAL},
        begin=begin,
        step=step,
        freeze=freeze,
        thaw=thaw,
        key="subject",
        lateness=timedelta(minutes=5),
    )
