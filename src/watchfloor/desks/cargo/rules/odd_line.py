"""Rules about one line: `value-for-goods`, `mass-for-goods`, `odd-route`; and `new-party` beside them.

What such goods weigh and cost, and which ways a shipper takes, is what the stream has shown so far. A value
far out says as much of a slip of the pen as of anything else. The country of departure is held against the
shipper's own ways alone, and what it adds is bounded by the weight table.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of, retracted
from watchfloor.desks.cargo.assertions import (
    Standings,
    StandingSignal,
    Statement,
    place_of,
    signal_of,
    subjects_of,
)
from watchfloor.desks.cargo.columns import UNITS, Lines, middle_of
from watchfloor.desks.cargo.folding import Marks
from watchfloor.desks.cargo.goods_norms import Norm, Norms
from watchfloor.desks.cargo.ledger import DAY, KEPT, Ledger
from watchfloor.desks.cargo.measuring import TAIL
from watchfloor.desks.cargo.messages import (
    FAR,
    NEW_HANDLER,
    NEW_PARTY,
    NEW_WAY,
    PUT_RIGHT,
    TOO_HEAVY,
    VALUE_FOR_NORM,
)
from watchfloor.desks.cargo.routes import ODD_HANDLER, ODD_WAY
from watchfloor.desks.state import Row

VALUE, MASS, ROUTE, NEW = "value-for-goods", "mass-for-goods", "odd-route", "new-party"
RARE: Final = 100
"""A way is very odd where one in so many of the shipper's ways was new."""


def far_out(row: Row, m: int, measured: float, norm: Any) -> Statement:
    """A value (m 0) or a mass (m 1) far from what such goods have."""
    cases, middle, deep = (int(one) for one in norm)
    code = row["hs"].replace(" ", "").replace(".", "")[: 2 if deep else 4]
    why = reason(
        FAR[UNITS[m], bool(deep)],
        item=number_of(row["subject"], "parcel"),
        measured=measured,
        unit=(row["currency"] or "–") if m == 0 else "kg",
        cases=cases,
        code=code,
        middle=middle_of(middle),
        tail=TAIL,
    )
    strength = "low" if measured < middle_of(middle) else "high"
    return Statement((VALUE, MASS)[m], strength, subjects_of([row]), why, [row])


def against(row: Row, norm: Norm, measured: float) -> Statement:
    """A value outside what a node's own table says."""
    why = reason(
        VALUE_FOR_NORM,
        item=number_of(row["subject"], "parcel"),
        measured=measured,
        unit=norm.currency,
        code=norm.hs,
        low=norm.low,
        high=norm.high,
        source=norm.source,
    )
    return Statement(VALUE, "low" if measured < norm.low else "high", subjects_of([row]), why, [row])


def too_heavy(row: Row, most: float) -> Statement:
    """A mass that nothing of its mode has."""
    why = reason(TOO_HEAVY, item=number_of(row["subject"], "parcel"), mass=row["mass"], most=most)
    return Statement(MASS, "impossible", subjects_of([row]), why, [row])


def new_way(row: Row, m: int, trips: int, once: int) -> Statement:
    """A way (m 0) or a handler (m 1) that the shipper never used."""
    about: dict[str, Any] = {"item": number_of(row["subject"], "parcel"), "trips": trips, "once": once}
    if m:
        why = reason(NEW_HANDLER, handler=row["handler"], **about)
    else:
        why = reason(NEW_WAY, mode=row["mode"], departure=row["departure"], **about)
    strength = "very odd" if once * RARE <= trips and trips >= RARE else "odd"
    return Statement(ROUTE, strength, subjects_of([row]), why, [row])


def new_party(row: Row, side: int) -> Statement:
    """That a consignee (1) or a shipper (2) was not seen before."""
    why = reason(NEW_PARTY[side], item=number_of(row["subject"], "parcel"), days=KEPT // DAY // 2)
    return Statement(NEW, ("consignee", "shipper")[side - 1], subjects_of([row]), why, [row])


def statements(row: Row, marks: Marks, k: int, measured: Any) -> Iterator[tuple[str, Statement]]:
    """Yield the statements of one line's marks, each with what tells it from the others of its rule."""
    odd = int(marks.odd[k])
    for m in range(2):
        if odd & 1 << m:
            yield "", far_out(row, m, float(measured[m]), marks.norm[k, m])
        if odd & (ODD_WAY, ODD_HANDLER)[m]:
            trips, once = (int(one) for one in marks.way[k, m])
            yield ("way", "handler")[m], new_way(row, m, trips, once)


def beyond(norms: Norms, declared: pa.Table, lines: Lines) -> dict[int, list[Statement]]:
    """By place, what lines say against the reference by themselves: masses and values beyond its rows."""
    found: dict[int, list[Statement]] = {}
    for limit in norms.heaviest:
        over = np.flatnonzero((lines.mass > limit.kg) & _is(declared["mode"], limit.mode)).tolist()
        for k in over:
            found.setdefault(k, []).append(too_heavy(declared.slice(k, 1).to_pylist()[0], limit.kg))
    for norm in norms.norm:
        value = lines.measured[:, 0]
        off = (lines.heading == int(norm.hs)) & ((value < norm.low) | (value > norm.high))
        for k in np.flatnonzero(off & _is(declared["currency"], norm.currency)).tolist():
            found.setdefault(k, []).append(
                against(declared.slice(k, 1).to_pylist()[0], norm, float(value[k]))
            )
    return found


def _is(column: pa.ChunkedArray, value: str) -> Any:
    return np.asarray(pc.fill_null(pc.equal(column, value), False).to_numpy(), np.bool_)


def signals(state: Standings, key: bytes, ledger: Ledger, line: int, said: Any) -> Iterator[dict[str, Any]]:
    """Signals of one line; `said` gives what tells it from others of its rule, and the statement."""
    time = ledger.when(line)
    for which, one in said:
        row = one.rows[0]
        signal = signal_of(key, row["subject"], f"{place_of(row)}:{row['record_id'].hex()}{which}", one)
        state.put(StandingSignal(signal, -1, -1, time, 1, (line,)))
        yield signal | {"at": row["observed_at"]}


def corrected(state: Standings, old: int, row: Row) -> Iterator[dict[str, Any]]:
    """Signals of a line that a record ended are taken back."""
    for one in state.resting(old):
        state.drop(one.signal["row_id"])
        yield retracted(one.signal, PUT_RIGHT, row, row["observed_at"])
