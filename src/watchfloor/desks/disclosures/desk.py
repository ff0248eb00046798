"""The disclosures desk: what another node disclosed speaks here under its maker's rule, strength and reason.

Each record gives one signal, so the desk has no memory: a later edition, or a recall, has the same
`report_key` and a later moment, and the runner lets the last one stand. The weight table knows a signal by
its rule and strength, so a disclosed one weighs like one of this floor, and `desk` names the desk that made
it over there. A pointer gives no signal: it says that something is held and not what. An echo gives none
either: it is this node's own report on its way back.
"""

from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.messages import REASON, reason
from watchfloor.desks.base import OBSERVED, Desk, Refs, derive
from watchfloor.desks.disclosures.messages import ECHO

NAME: Final = "disclosures"
SIGNAL_FORM: Final = "signal"


def step(refs: Refs, state: None, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Turn each disclosed signal into one of this floor."""
    rows = rows.filter(pc.equal(rows["form"], SIGNAL_FORM))
    ids = zip(rows["source"].to_pylist(), rows["row_id"].to_pylist(), strict=True)
    echo = pc.fill_null(rows["echo"], False)
    signals = derive(
        SIGNAL,
        row_id=[row_id(refs.key, NAME, source, (), id_.hex()) for source, id_ in ids],
        at=rows["observed_at"],
        retracted=pc.or_(rows["retracted"], echo),
        evidence=_alone(rows["record_id"]),
        reason=_reasons(rows, echo),
        **{name: rows[name] for name in _AS_THEY_CAME},
    )
    return {"signal": signals}


_AS_THEY_CAME: Final = (
    *("since", "until", "desk", "rule", "subjects", "strength", "score", "origins", "marking"),
    *("latitude", "longitude", "radius"),
)


def _alone(ids: pa.ChunkedArray) -> pa.Array:
    """Each record as the one item of a list."""
    whole = ids.combine_chunks()
    return pa.ListArray.from_arrays(pa.array(range(len(whole) + 1), pa.int32()), whole)


def _reasons(rows: pa.Table, echo: pa.ChunkedArray) -> pa.Array:
    """The sentence of each row's maker; of an echo, that it is one."""
    message, params = rows["message"].to_pylist(), rows["params"].to_pylist()
    for at, (node, repeats) in enumerate(zip(rows["node"].to_pylist(), echo.to_pylist(), strict=True)):
        if repeats:
            told = reason(ECHO, node=node).stored()
            message[at], params[at] = told["message"], told["params"]
    columns = [pa.array(message, pa.string()), pa.array(params, pa.string())]
    return pa.StructArray.from_arrays(columns, fields=list(REASON))


def cut(records: pa.Table) -> pa.ChunkedArray:
    """Return the signal of each record: one stays with its later editions."""
    return records["row_id"]


DESK: Final = Desk(
    name=NAME,
    version="1",
    reads=("disclosure",),
    yields={"signal": SIGNAL},
    step=step,
    order=OBSERVED,
    cut=cut,
)
