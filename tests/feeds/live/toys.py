"""A desk in the order of arrival: each sensor is a track, numbered as it first spoke; who is far north."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import DERIVED, SIGNAL, row_id
from watchfloor.core.kinds import RECORD_ID
from watchfloor.core.marking import join
from watchfloor.core.messages import declare, reason
from watchfloor.desks.base import ARRIVAL, Desk, derive

NORTH = declare("toy.north", en="{name} is in the north.", fr="{name} est au nord.")
TRACK = pa.schema(
    [
        *DERIVED,
        pa.field("track", pa.int64(), nullable=False),
        pa.field("subjects", pa.list_(pa.string()), nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("radius", pa.float64()),
        pa.field("minor", pa.float64()),
        pa.field("axis", pa.float64()),
        pa.field("speed", pa.float64()),
        pa.field("course", pa.float64()),
        pa.field("class", pa.string()),
        pa.field("reports", pa.int64(), nullable=False),
        pa.field("evidence", pa.list_(RECORD_ID), nullable=False),
        pa.field("marking", pa.string(), nullable=False),
    ]
)


@dataclass
class State:
    tracks: dict[str, dict[str, Any]] = field(default_factory=dict)


def begin(refs):
    return State()


def step(refs, state, rows, watermark):
    signals = []
    placed = rows.filter(pc.is_valid(rows["latitude"]))
    names = ("sensor", "record_id", "latitude", "longitude", "marking", "received_at", "observed_at")
    for row in placed.select(names).to_pylist():
        name = row["sensor"] or "-"
        number = len(state.tracks) + 1
        track = state.tracks.setdefault(name, {"track": number, "reports": 0, "marking": row["marking"]})
        track |= {
            one: row[one] for one in ("latitude", "longitude", "received_at", "observed_at", "record_id")
        }
        track["reports"] += 1
        track["marking"] = join((track["marking"], row["marking"]))
        if row["latitude"] > 60:
            why = reason(NORTH, name=name).stored()
            about = {"at": row["received_at"], "marking": row["marking"], "reason": why, "desk": "toy"}
            about |= {"row_id": row_id(refs.key, "toy", "north", (name,), ""), "rule": "north", "origins": []}
            about |= {"subjects": [f"track:toy:{name}"], "strength": "corroborate", "coverage": []}
            about |= {"evidence": [row["record_id"]], "revision": 0, "retracted": False}
            about |= {"latitude": row["latitude"], "longitude": row["longitude"]}
            signals.append(about)
    return {"signal": pa.Table.from_pylist(signals, schema=SIGNAL), "track": tracks(refs, state)}


def tracks(refs, state):
    of = state.tracks
    known = list(of.values())
    return derive(
        TRACK,
        row_id=[row_id(refs.key, "toy", "track", (name,), "") for name in of],
        at=[one["received_at"] for one in known],
        since=[one["observed_at"] for one in known],
        until=[one["observed_at"] for one in known],
        track=[one["track"] for one in known],
        subjects=[[f"track:toy:{name}"] for name in of],
        latitude=[one["latitude"] for one in known],
        longitude=[one["longitude"] for one in known],
        reports=[one["reports"] for one in known],
        evidence=[[one["record_id"]] for one in known],
        marking=[one["marking"] for one in known],
    )


def freeze(state):
    return pa.Table.from_pylist([{"name": name, **one} for name, one in state.tracks.items()], schema=FROZEN)


def thaw(refs, frozen):
    return State({one.pop("name"): one for one in frozen.to_pylist()})


FROZEN = pa.schema(
    [
        ("name", pa.string()),
        *((one, TRACK.field(one).type) for one in ("track", "reports", "marking", "latitude", "longitude")),
        ("received_at", pa.timestamp("us", tz="UTC")),
        ("observed_at", pa.timestamp("us", tz="UTC")),
        ("record_id", RECORD_ID),
    ]
)

TOY: Desk[State] = Desk(
    name="toy",
    version="1",
    reads=("detection",),
    yields={"track": TRACK, "signal": SIGNAL},
    step=step,
    begin=begin,
    freeze=freeze,
    thaw=thaw,
    order=ARRIVAL,
)
