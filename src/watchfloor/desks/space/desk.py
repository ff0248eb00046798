"""The space desk as a fold over scenes and the changes that a scan measured between them: where to look.

It sees no pixel: the scan of scenes does, and writes a `scene-change` a shape. Each that stands is one
signal about a place. Its score is the chance that the shape is real: of shapes like it so many appear
(`EXPECTED`) and so many are seen by chance, as the method states for its statistic; a later scene that shows
it too makes chance less likely (`AGAIN`). The band falls by one step beyond `NEAR` of the line. How far the
nearest known road is, is told and weighs nothing: nobody measured what it says about a crossing. A shape that
looks like harvest, fire or flood is told as that, under a rule that no hypothesis weighs. What is gone or was
none is taken back, and so is what rests on a scene that came again with other pixels.

Nobody is inferred: subject of a signal is the place, by the number of the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import SCENE, SCENE_CHANGE
from watchfloor.core.messages import Message, declare, reason
from watchfloor.core.subjects import subject
from watchfloor.desks.assertions import assertion, retracted
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.standing import Said
from watchfloor.desks.state import Row, freeze, rows, thaw

NAME: Final = "space"

_ALWAYS: Final = ("since", "until", "distance", "traffic", "seen", "alarms")
LOOK: Final = {
    "trail": declare("space.trail", "length", "width", *_ALWAYS),
    "clearing": declare("space.clearing", "area", *_ALWAYS),
    "bridge": declare("space.bridge", "length", *_ALWAYS),
    "vehicle-on-ice": declare("space.vehicle-on-ice", "area", *_ALWAYS),
    "unknown": declare("space.unknown", "area", *_ALWAYS),
}
"""What is told of each form that is worth a look."""

EXPLAINED: Final = {
    "harvest": declare("space.harvest", "area", "since", "until"),
    "fire": declare("space.fire", "area", "since", "until"),
    "flood": declare("space.flood", "area", "since", "until"),
}
"""What is told of forms with an everyday reason."""

GONE = declare("space.gone", "day")
WITHDRAWN = declare("space.withdrawn", "day")
REPLACED = declare("space.scene-replaced", "day")

RULES: Final = {
    "trail": "trail-appeared",
    "clearing": "clearing-appeared",
    "bridge": "bridge-appeared",
    "vehicle-on-ice": "vehicles-on-ice",
    "unknown": "ground-change",
}
ORDINARY: Final = "ordinary-change"
"""Rule of what looks like harvest, fire or flood; its strength says which."""

EXPECTED: Final = {"trail": 0.1, "clearing": 0.3, "bridge": 0.02, "vehicle-on-ice": 0.3, "unknown": 0.3}
"""New ones in 1,000 km² of borderland from one date to the next. Judgement: nobody publishes it."""
AGAIN: Final = 0.1
"""Share of chance shapes that the next scene shows too: cloud edges and shadows move. Judgement."""
UNSTATED: Final = 1.0
"""False alarms in 1,000 km² and date of a method that states none. Judgement, on the side of caution."""
BANDS: Final = ((0.9, "certain"), (0.6, "likely"), (0.3, "possible"), (0.0, "unlikely"))
NEAR: Final = 5_000.0
"""Metres from the line up to which a shape has its whole band. Judgement: an hour on foot."""

Report = tuple[str, str | None]
"""Source and report key of a scene."""

STANDS: Final = ("appeared", "confirmed")

SCENE_KEPT: Final = pa.schema(
    [
        *map(SCENE.schema.field, ("record_id", "report_key", "source", "origins", "observed_at", "marking")),
        pa.field("pixels", pa.string()),
    ]
)
"""What is kept of a scene: `pixels` are the digests of its files, in their order."""

CHANGE_KEPT: Final = pa.schema(
    [
        *map(
            SCENE_CHANGE.schema.field,
            (
                *("record_id", "report_key", "source", "origins", "observed_at", "marking"),
                *("change", "state", "after", "scenes", "since", "until", "latitude", "longitude", "radius"),
                *("area_m2", "length_m", "width_m", "false_alarms", "what", "line_m", "traffic_m"),
            ),
        ),
        pa.field("seen", pa.list_(pa.string())),
    ]
)
"""What is kept of a change: `seen` are the scenes that showed it after the first one."""


@dataclass(slots=True)
class Ground:
    """State of the fold: every scene by its record, and the last record of each change.

    Attributes:
        scenes: rows of `SCENE_KEPT` by record.
        changes: rows of `CHANGE_KEPT` by change.
        current: the record that stands of each scene's report.
        resting: changes that rest on a scene's report.
    """

    scenes: dict[bytes, Row] = rows(SCENE_KEPT, lambda row: row["record_id"])
    changes: dict[str, Row] = rows(CHANGE_KEPT, lambda row: row["change"])
    current: dict[Report, Row] = field(default_factory=dict)
    resting: dict[Report, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.scenes.values():
            self.current[_report(row)] = row
        for row in self.changes.values():
            self.rest(row)

    def rest(self, change: Row) -> None:
        """Note what a change rests on."""
        for record in change["scenes"]:
            if record in self.scenes:
                self.resting.setdefault(_report(self.scenes[record]), set()).add(change["change"])


def begin(refs: Refs) -> Ground:  # noqa: ARG001
    """Before the first scene."""
    return Ground()


def step(refs: Refs, state: Ground, batch: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch of scenes and changes."""
    made: list[dict[str, Any]] = []
    for row in batch.to_pylist():
        made += (
            _of_scene(refs.key, state, row) if row["kind"] == "scene" else _of_change(refs.key, state, row)
        )
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _of_scene(key: bytes, state: Ground, row: Row) -> Iterator[dict[str, Any]]:
    """Take a scene in; what rests on an earlier record of it is told anew, or taken back."""
    kept = {name: row[name] for name in SCENE_KEPT.names if name != "pixels"}
    kept["pixels"] = " ".join(one["digest"] or one["href"] for one in row["assets"])
    touched = sorted(state.resting.get(_report(kept), ()))
    before = {change: _said(key, state, state.changes[change]) for change in touched}
    state.scenes[row["record_id"]] = state.current[_report(kept)] = kept
    for change in touched:
        yield from _revised(before[change], _said(key, state, state.changes[change]), row, REPLACED)


def _of_change(key: bytes, state: Ground, row: Row) -> Iterator[dict[str, Any]]:
    """Take the next record of a change in."""
    before = state.changes.get(row["change"])
    seen = before["seen"] if before else []
    if before and row["state"] == "confirmed" and row["after"] not in (before["after"], *seen):
        seen = [*seen, row["after"]]
    kept = {name: row[name] for name in CHANGE_KEPT.names if name != "seen"} | {"seen": seen}
    was = _said(key, state, before) if before else {}
    state.changes[row["change"]] = kept
    state.rest(kept)
    why = GONE if row["state"] == "gone" else WITHDRAWN
    yield from _revised(was, _said(key, state, kept), row, why)


def _revised(before: Said, after: Said, by: Row, why: Message) -> Iterator[dict[str, Any]]:
    """Yield what a record changes in what is said of one change."""
    at = by["observed_at"]
    for id_, signal in after.items():
        if before.get(id_) != signal:
            yield signal | {"at": at}
    for id_, signal in before.items():
        if id_ not in after:
            yield retracted(signal, why, by, at)


def _said(key: bytes, state: Ground, row: Row) -> Said:
    """Return the signal about a change, by its id; none where it does not stand."""
    if row["state"] not in STANDS:
        return {}
    scenes = [state.scenes[record] for record in row["scenes"] if record in state.scenes]
    current = [state.current[_report(one)] for one in scenes]
    if any(one["pixels"] != now["pixels"] for one, now in zip(scenes, current, strict=True)):
        return {}
    what, seen = (
        row["what"] if row["what"] in LOOK or row["what"] in EXPLAINED else "unknown",
        len(row["seen"]),
    )
    told = {
        "since": row["since"].date().isoformat(),
        "until": row["until"].date().isoformat(),
        "area": _whole(row["area_m2"]),
        "length": _whole(row["length_m"]),
        "width": _whole(row["width_m"]),
        "distance": distance_of(row["line_m"]),
        "traffic": distance_of(row["traffic_m"]),
        "seen": seen,
        "alarms": alarms_of(row["false_alarms"]),
    }
    message = (LOOK | EXPLAINED)[what]
    score = None if what in EXPLAINED else real(what, row["false_alarms"], seen)
    rule = ORDINARY if score is None else RULES[what]
    place = subject("place", NAME, row["change"])
    signal = assertion(
        [row, *current],
        row_id=row_id(key, NAME, rule, (place,), row["change"]),
        desk=NAME,
        rule=rule,
        subjects=[place],
        strength=what if score is None else band(score, row["line_m"]),
        score=score,
        reason=reason(message, **{name: told[name] for name in message.parameters}).stored(),
        since=row["since"],
        until=row["until"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        radius=row["radius"],
    )
    return {signal["row_id"]: signal}


def real(what: str, false_alarms: float | None, seen: int) -> float:
    """Return the chance that a shape is one on the ground and not one of chance, 0 to 1.

    Args:
        what: its form, one of `EXPECTED`.
        false_alarms: shapes as strong by chance in 1,000 km² at one date; None: not stated.
        seen: later scenes that show it too.
    """
    chance = (UNSTATED if false_alarms is None else false_alarms) * AGAIN**seen
    return EXPECTED[what] / (EXPECTED[what] + chance)


def band(score: float, line_m: float | None) -> str:
    """Return the strength of a shape that is as likely real, so far from the line; far where nobody says."""
    at = next(n for n, (least, _) in enumerate(BANDS) if score >= least)
    far = line_m is None or line_m > NEAR
    return BANDS[min(at + far, len(BANDS) - 1)][1]


def distance_of(metres: float | None) -> str:
    """Return a distance as a sentence has it."""
    if metres is None:
        return "?"
    return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.0f} km"


def alarms_of(rate: float | None) -> str | float:
    """Return a rate of false alarms with two significant digits at most."""
    if rate is None:
        return "?"
    return round(rate, 2) if rate >= 0.005 else "< 0.01"


def _whole(metres: float | None) -> int | None:
    return None if metres is None else round(metres)


def _report(scene: Row) -> Report:
    return scene["source"], scene["report_key"]


def cut(rows: pa.Table) -> pa.ChunkedArray:
    """Return the change of each record; none of a scene, on which many changes rest."""
    return rows["change"]


DESK: Final = Desk(
    name=NAME,
    version="2",
    reads=("scene", "scene-change"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw(begin),
    cut=cut,
)
