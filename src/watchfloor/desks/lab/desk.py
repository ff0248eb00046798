"""The laboratory desk as a fold over readings: a substance in a sample that the law controls.

Whether it does is looked up in `reference.controls`, by CAS number or InChIKey, as of the reading's day. A
substance of Schedule VI is a precursor and speaks under a rule of its own. What techniques identify that
make a scheme of ASTM E2329 stands, whatever another reading presumed; what is only presumed is as strong as
the device's alarms have been right so far, and is taken back once a method that takes mixtures apart does
not find it. What speaks against a reading lowers it or sets it aside, and is said. Levels are the
instrument's own: the desk reads no spectrum.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.lab.findings import findings
from watchfloor.desks.lab.law import Law
from watchfloor.desks.lab.messages import NOT_BORNE_OUT
from watchfloor.desks.lab.outcomes import Came, Device, device, tally
from watchfloor.desks.lab.saying import signals
from watchfloor.desks.lab.spoken import NAME
from watchfloor.desks.standing import Row, Said, Standing, frozen, place_of, revised, thawed
from watchfloor.records.derived import SIGNAL
from watchfloor.records.kinds import READING

_COLUMNS: Final = (
    *("record_id", "report_key", "source", "origins", "observed_at", "marking", "subject", "instrument"),
    *("serial", "method", "category", "matrix", "substance", "level", "results", "quality", "mass"),
    *("mass_error", "calibrated_at", "calibrated_until"),
)
KEPT: Final = pa.schema(
    [
        *(READING.schema.field(name) for name in _COLUMNS),
        pa.field("checked", pa.int32()),
        pa.field("confirmed", pa.int32()),
    ]
)
"""What is kept of a reading: no peaks. `checked` and `confirmed` are of its device's alarms in other items
when it was taken; null where it gives no serial number."""


@dataclass(slots=True)
class Bench:
    """State of the fold: the readings that stand, what came of each device's alarms, and the law."""

    law: Law
    standing: Standing = field(default_factory=Standing)
    came: Counter[tuple[Device, Came]] = field(default_factory=Counter)


def begin(refs: Refs) -> Bench:
    """Before the first reading."""
    return Bench(Law(refs["controls"]))


def step(refs: Refs, state: Bench, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch of readings."""
    made = [
        signal
        for row in rows.select(list(_COLUMNS)).to_pylist()
        for signal in _taken(refs.key, state, _named(state.law, row))
    ]
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _named(law: Law, row: dict[str, Any]) -> dict[str, Any]:
    """A reading whose substances have one key each, whatever the instrument numbers them by."""
    results = [one | {"substance": law.named(one["substance"])} for one in row["results"] or ()]
    return row | {"substance": law.named(row["substance"]), "results": results}


def _taken(key: bytes, state: Bench, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Let a reading take its place, with what its device's alarms in other items came to until then."""

    def say(item: str, readings: Sequence[Row]) -> Said:
        return signals(key, state.law, item, readings)

    item, standing = _item(row), state.standing
    touched = {one for one in (standing.things.get(place_of(row)), item) if one is not None}
    for one in touched:
        state.came.subtract(tally(standing.of(one), state.law.controlled))
    made = list(revised(standing, row | _rates(state, row), item, say, NOT_BORNE_OUT))
    for one in touched:
        state.came.update(tally(standing.of(one), state.law.controlled))
    return made


def _rates(state: Bench, row: Row) -> dict[str, int | None]:
    if (which := device(row)) is None:
        return {"checked": None, "confirmed": None}
    confirmed = state.came[which, "confirmed"]
    return {"checked": confirmed + state.came[which, "refuted"], "confirmed": confirmed}


def _item(row: Row) -> str | None:
    """What was measured, where the reading found something or looked for it."""
    return row["subject"] if findings(row) else None


def freeze(state: Bench) -> pa.Table:
    """The readings that stand."""
    return frozen(state.standing, KEPT)


def thaw(refs: Refs, rows: pa.Table) -> Bench:
    """The state back from `freeze`."""
    state = Bench(Law(refs["controls"]), thawed(rows, _item))
    for item in state.standing.about:
        state.came.update(tally(state.standing.of(item), state.law.controlled))
    return state


DESK: Final = Desk(
    name=NAME,
    version="2",
    reads=("reading",),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw,
    uses=("controls",),
)
