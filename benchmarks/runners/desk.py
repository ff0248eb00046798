"""A desk with memory, cut by subject: gaps of a person's transactions, columnar, as real desks are written.

Each subject keeps a running mean and spread of the time between its records (Welford), and the desk says when
a gap is far from what is usual. The work a row is set by the rounds, to show what a runner costs beside it.
"""

from dataclasses import dataclass, field
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
    """By subject its place; there count, mean and squares of its gaps, and its last moment, in seconds."""

    places: dict[str, int] = field(default_factory=dict)
    numbers: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))


def begin(refs: Refs) -> Usual:  # noqa: ARG001
    return Usual()


@numba.njit(cache=True)
def far(at: np.ndarray, place: np.ndarray, numbers: np.ndarray, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """How many spreads each gap is from the mean of those before it, and the gap; updates `numbers`."""
    out, gaps = np.zeros(len(at)), np.zeros(len(at))
    for i in range(len(at)):
        usual = numbers[place[i]]
        if usual[3] > 0:
            gap = gaps[i] = at[i] - usual[3]
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
    return out, gaps


def placed(state: Usual, subjects: pa.ChunkedArray) -> np.ndarray:
    """The place of each row's subject; room is made for new ones."""
    coded = subjects.combine_chunks().dictionary_encode()
    places = [state.places.setdefault(one, len(state.places)) for one in coded.dictionary.to_pylist()]
    more = len(state.places) - len(state.numbers)
    state.numbers = np.concatenate([state.numbers, np.zeros((more, 4))])
    return np.array(places)[coded.indices.to_numpy()]


def fold(rounds: int) -> Any:
    def step(refs: Refs, state: Usual, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
        at = rows["observed_at"].cast(pa.int64()).to_numpy() / 1e6
        score, gaps = far(at, placed(state, rows["subject"]), state.numbers, rounds)
        hits = rows.filter(pa.array(score > 9))
        n = hits.num_rows
        hours = np.round(gaps[score > 9] / 3600).astype(int)
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
    return pa.table({"subject": list(state.places), "numbers": state.numbers.tolist()})


def thaw(refs: Refs, frozen: pa.Table) -> Usual:  # noqa: ARG001
    places = {subject: place for place, subject in enumerate(frozen["subject"].to_pylist())}
    return Usual(places, np.array(frozen["numbers"].to_pylist()).reshape(-1, 4))


def by_subject(rows: pa.Table) -> pa.ChunkedArray:
    return rows["subject"]


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
        cut=by_subject,
        lateness=timedelta(minutes=5),
    )
