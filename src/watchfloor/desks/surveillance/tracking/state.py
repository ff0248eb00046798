"""Memory of the tracker as arrays of records: tracks, sensors, the clock; how it grows and freezes."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.desks.surveillance.tracking.motion import SIZE
from watchfloor.desks.surveillance.tracking.reports import KLASSES
from watchfloor.desks.surveillance.tracking.stationary import SUMS

RECENT: Final = 8
"""Of how many sensors a track remembers the last scan that it was seen in."""
OCTAVES: Final = 16
"""Doublings, from a quarter second on, over which times between two reports of an object are counted."""
FINE: Final = 32
"""Classes of such times for each doubling."""
CELLS: Final = 16
"""A sensor's view is learned on a square of so many cells a side."""


Shape = tuple[int, ...]


def record(numbers: str, counts: str, **arrays: Shape | tuple[str, Shape]) -> np.dtype[Any]:
    """A record of 8 bytes a number: no byte of it is idle, so equal states are equal bytes.

    Names of floats, of integers, and of arrays with their shapes, of floats unless a type stands before.
    """
    kinds: list[Any] = [(name, "f8") for name in numbers.split()] + [(name, "i8") for name in counts.split()]
    for name, shape in arrays.items():
        kinds.append((name, *shape) if isinstance(shape[0], str) else (name, "f8", shape))
    return np.dtype(kinds, align=True)


def track(models: int) -> np.dtype[Any]:
    """A slot for one track.

    Probability that it `exists`; seconds: `time` of the state, `seen` last, `born`, usual `gap` between
    reports (NaN before there are two); `altitude` last reported; `claimed` the identity claimed most (-1:
    none) and `claims` how often, less how often another was; `name` its id; `hits` reports taken; `origin`
    the sensor that saw it first; whether `confirmed` once, and `shown` as such in its last row; whether it
    is the `double` of an older track; `states` and `weights` of each motion model (see `motion`); `anchor`
    its plane (`places.anchor`); `klass` evidence for each class; `recent` sensors that looked at it (-1:
    none), in which of their `frames` each saw it last (-1: in none), when it `looked` last, how probably the
    track is `visible` to it, how often it `met` it, when to `ask` whether its silence says that the track is
    gone, and how far that was `charged` (log).

    Of echoes (see `echoes`): log-odds that it is one (`echo`, NaN: not judged), behind the track in which
    slot (`caster`), what that one's azimuth was (`swung`, rad) and how far `aside` of it when it was `aimed`
    at last (s); `echoes` that it casts itself, and in how many scans. `size` is its variance along and across
    its course, m², and `beside` whether it lay within another's ship so far (see `extent`). Since when
    it `stood` (s), about which `stand` (m), and the sums of its `line`: see `stationary`. `parent` is the
    slot of the silent track that it may be of (-1: none), and `parent_name` that one's name (see
    `manoeuvres`).

    Two columns are not of this track: `live` lists the slots in use, oldest track first, and `free` is a
    stack of the others.
    """
    return record(
        "exists time seen born gap altitude claims roam echo swung aside aimed stood",
        "name live free hits claimed origin confirmed shown fine past double caster beside "
        "parent parent_name",
        states=(models, SIZE),
        weights=(models,),
        anchor=(9,),
        start=(3,),
        stand=(3,),
        line=(SUMS,),
        spot=(3,),
        klass=(len(KLASSES),),
        echoes=(2,),
        size=(2,),
        recent=("i8", (RECENT,)),
        frames=("i8", (RECENT,)),
        looked=(RECENT,),
        gaps=(RECENT,),
        visible=(RECENT,),
        charged=(RECENT,),
        ask=(RECENT,),
        met=("i8", (RECENT,)),
    )


def sensor(models: int) -> np.dtype[Any]:
    """State of one sensor.

    `several` share of scans with more than one report; `interval` seconds between reports of one track;
    `half` a side of its square view (m, 0 before there is one); `weight` scans that the sums of strays hold,
    old ones forgotten, `span` their seconds, `spoken` their reports, and `stray` those that no track
    explains; `said` the time of its last report, taken or not, `heard` when that was received and `lead` how
    far it was ahead of that (s, NaN: not noted), `turn` which report of all it was; whether it is `fast`:
    its clock was found ahead of the others'; `last` scan's time and the usual `period`
    between scans; `strict` how much more it takes to confirm its tracks (log-odds); `moves` behind the
    `share` of each motion model; `name` its number in the reports; `frames` taken, and how many of
    them told that they found nothing (`empty`); `stuck` how often its scan number did not change when it
    should (not believed from 2 on); whether it is `pointing`, telling bearings, and from `here` in its plane.

    Of its last scan the number (`scan`) and the time it was `opened`; how many seconds it is waited for
    (`linger`), the share of reports that came too late for their scan (`tears`, of so many `pieces`); the
    `beat` at which it meets objects again, how `steady` it is, and the seconds that its scans are `cut` to by
    it (0: not); whether its looks are `sweeps`, how often that was wrong (`doubt`), at which of its scans
    tracks were last `checked`; the share of its reports that are `named`; how many tracks that it began were
    `false`; `sight`: reports of tracks that it had met twice and scans in which it could have, reports of
    those met once in the scan after and how many.

    `reach` the farthest that it reported (m); `echoes` behind tracks, and scans of tracks that could have
    some.

    `clear` looks at tracks and how far they were visible to it; `anchor` plane of its view; `box` east from
    and to, north from and to of what it reported; `looks` at tracks, and sights of them; `births` tracks
    begun, and those that proved themselves; `error` usual variance of a place per axis (m²), `noise` the
    learned one and the weight behind it; `lag` by which its times are late (s), times its weight, and the
    weight (see `latency`); `speed` sum of squared speeds per axis of confirmed tracks, and count; `traffic`
    objects met with, on each scale; `pace` times between two reports of a track by class, for each class of
    what was usual and for all, and their sums for each doubling, `paces`, and in all, `paced`; `cells` of
    the view: strays, looks, sights.
    """
    return record(
        "several interval half weight span spoken stray said heard lead last period strict moves "
        "opened linger tears beat steady cut named error reach",
        "name frames stuck pointing scan pieces sweeps doubt checked false empty turn fast",
        share=(models,),
        here=(2,),
        clear=(2,),
        sight=(4,),
        anchor=(9,),
        box=(4,),
        looks=(2,),
        births=(2,),
        echoes=(2,),
        noise=(2,),
        lag=(2,),
        speed=(2,),
        traffic=(4,),
        pace=(OCTAVES + 1, OCTAVES * FINE),
        paces=(OCTAVES + 1, OCTAVES),
        paced=(OCTAVES + 1,),
        cells=(3, CELLS, CELLS),
    )


CLOCK: Final = record(
    "now last check front",
    "live next free sensors judged run_ahead run_late unborn axes speaker same noted",
)
"""Times and counts: the latest time believed (`now`, NaN before the first report), that of the `last` report,
when tracks are next looked through; `live` tracks, `next` id, `free` slots, `sensors`; reports `judged` so
far, runs of those from the future and of late ones; tracks `unborn` for want of room; `axes` (0: not known,
1: plane, 2: earth); `speaker` of the last report, and how many it has made at the `same` time.
"""


def tracks(count: int, models: int) -> np.ndarray:
    """Room for `count` tracks, all free."""
    made = np.zeros(count, track(models))
    made["free"] = np.arange(count - 1, -1, -1)
    return made


def sensors(count: int, models: int) -> np.ndarray:
    """Room for `count` sensors."""
    made = np.zeros(count, sensor(models))
    made["scan"] = -1
    made["opened"] = np.nan
    for name in ("interval", "said", "heard", "lead", "last", "period"):
        made[name] = np.nan
    made["turn"] = -(1 << 62)
    made["box"] = [np.inf, -np.inf, np.inf, -np.inf]
    return made


def clock() -> np.ndarray:
    """A clock that has not begun."""
    made = np.zeros(1, CLOCK)
    made["now"] = made["last"] = made["check"] = made["front"] = np.nan
    return made


def more_tracks(old: np.ndarray, count: int, free: int) -> np.ndarray:
    """`old` and room for at least `count` tracks more. New slots go under the stack of the `free` ones."""
    size = len(old)
    grow = max(count, size)
    new = np.concatenate((old, np.zeros(grow, old.dtype)))
    new["free"][:grow] = np.arange(size + grow - 1, size - 1, -1)
    new["free"][grow : grow + free] = old["free"][:free]
    return new


def freeze(parts: dict[str, np.ndarray]) -> pa.Table:
    """Every array of `parts`, one row each: name, count, bytes."""
    ends = np.cumsum([0, *(part.nbytes for part in parts.values())], dtype=np.int64)
    whole = np.concatenate([np.ascontiguousarray(part).view(np.uint8).reshape(-1) for part in parts.values()])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(whole)]
    return pa.table(
        {
            "name": pa.array(list(parts), pa.string()),
            "count": pa.array([len(part) for part in parts.values()], pa.int64()),
            "data": pa.Array.from_buffers(pa.large_binary(), len(parts), buffers),
        }
    )


def thaw(table: pa.Table, kinds: dict[str, Any]) -> dict[str, np.ndarray]:
    """The arrays that `freeze` wrote, of these types."""
    rows = table.to_pylist()
    return {row["name"]: np.frombuffer(row["data"], kinds[row["name"]], row["count"]).copy() for row in rows}
