"""The laboratory desk as a fold over readings: a substance in a sample that the law controls.

Whether it does is looked up in `reference.controls`, by CAS number or InChIKey, as of the reading's day. A
substance of Schedule VI is a precursor and speaks under a rule of its own. What techniques identify that
make a scheme of ASTM E2329 stands, whatever another reading presumed; what is only presumed is as strong as
the device's alarms have been right so far, and is taken back once a method that takes mixtures apart does
not find it. What speaks against a reading lowers it or sets it aside, and is said. Levels are the
instrument's own: the desk reads no spectrum. Impurity profiles of one procedure are compared (`links`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import READING
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.lab import links
from watchfloor.desks.lab.findings import findings
from watchfloor.desks.lab.law import Law
from watchfloor.desks.lab.links import Links
from watchfloor.desks.lab.messages import NOT_BORNE_OUT
from watchfloor.desks.lab.outcomes import Came, Device, device, tally
from watchfloor.desks.lab.quality import doubts
from watchfloor.desks.lab.saying import signals
from watchfloor.desks.lab.spoken import NAME
from watchfloor.desks.standing import CurrentEvidence, Said, kept, place_of, revised, standing_rows
from watchfloor.desks.state import Row, freeze, several, thaw, within

_RATES: Final = ("checked", "confirmed")
KEPT: Final = kept(
    READING.schema,
    "subject instrument serial method category matrix substance level results quality mass mass_error "
    "calibrated_at calibrated_until",
    *(pa.field(name, pa.int32()) for name in _RATES),
)
"""What is kept of a reading: no peaks. `checked` and `confirmed` are of its device's alarms in other items
when it was taken; null where it gives no serial number."""


def item_of(row: Row) -> str | None:
    """Return what was measured, where the reading found something or looked for it."""
    return row["subject"] if findings(row) else None


_TALLY: Final = pa.schema(
    [*((name, pa.string()) for name in ("instrument", "serial", "came")), ("count", pa.int64())]
)


@dataclass(slots=True)
class Bench:
    """State of the fold.

    Attributes:
        law: what it controls.
        standing: the readings that stand.
        links: profiles, and which items they link.
        came: what came of each device's alarms.
        tallies: the share of that by item; where one is missing it is counted.
        said: the signals that stand, by item; where one is missing it is worked out.
    """

    law: Law
    standing: CurrentEvidence = standing_rows(KEPT, "subject", part="standing")
    links: Links = within(Links)
    came: Counter[tuple[Device, Came]] = several(
        Counter,
        lambda came: {"": pa.Table.from_pylist([_tallied(*one) for one in sorted((+came).items())], _TALLY)},
        lambda _, found: Counter(dict(map(_counted, found[""].to_pylist()))) if found else Counter(),
        part="came",
    )
    tallies: dict[str, Counter[tuple[Device, Came]]] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.standing.about if not self.came else ():  # as of an earlier version
            self.count(item)

    def discount(self, item: str) -> None:
        """Leave out what came of the alarms in an item, whose readings are about to change."""
        known = self.tallies.pop(item, None)
        self.came.subtract(self.tally(item) if known is None else known)

    def tally(self, item: str) -> Counter[tuple[Device, Came]]:
        """Count what came of the alarms in an item."""
        return tally(self.standing.rows_of(item), self.law.controlled)

    def count(self, item: str) -> None:
        """Take what came of the alarms in an item into account."""
        self.tallies[item] = self.tally(item)
        self.came.update(self.tallies[item])


def begin(refs: Refs) -> Bench:
    """Before the first reading."""
    return Bench(Law(refs["controls"]))


def step(refs: Refs, state: Bench, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch of readings."""
    made: list[dict[str, Any]] = []
    for row in rows.select(list(dict.fromkeys([*KEPT.names[: -len(_RATES)], *links.KEPT.names]))).to_pylist():
        made += _taken(refs.key, state, read(state.law, row))
        made += links.step(refs.key, state.links, row)
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def read(law: Law, row: Row) -> dict[str, Any]:
    """A reading with what it says and what speaks against it, which are asked for again and again."""
    keyed = law.keyed(row)
    return keyed | {"findings": findings(keyed), "doubts": doubts(keyed)}


def _taken(key: bytes, state: Bench, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Let a reading take its place, with what its device's alarms in other items came to until then."""

    item, standing = item_of(row), state.standing
    touched = {one for one in (standing.things.get(place_of(row)), item) if one is not None}
    before = {one: state.said.pop(one) for one in touched if one in state.said}

    def say(about: str, readings: Sequence[Row]) -> Said:
        if about in before:
            return before.pop(about)
        state.said[about] = signals(key, state.law, about, readings)
        return state.said[about]

    for one in touched:
        state.discount(one)
    made = list(revised(standing, row | _rates(state, row), item, say, NOT_BORNE_OUT))
    for one in touched:
        state.count(one)
    return made


def _rates(state: Bench, row: Row) -> dict[str, int | None]:
    if (which := device(row)) is None:
        return {"checked": None, "confirmed": None}
    confirmed = state.came[which, "confirmed"]
    return {"checked": confirmed + state.came[which, "refuted"], "confirmed": confirmed}


def _tallied(of: tuple[Device, Came], count: int) -> dict[str, Any]:
    (instrument, serial), came = of
    return {"instrument": instrument, "serial": serial, "came": came, "count": count}


def _counted(row: Row) -> tuple[tuple[Device, Came], int]:
    return ((row["instrument"], row["serial"]), row["came"]), row["count"]


DESK: Final = Desk(
    name=NAME,
    version="4",
    reads=("reading",),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw(begin),
    uses=("controls",),
)
