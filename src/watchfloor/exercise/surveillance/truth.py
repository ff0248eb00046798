"""Truth of a day along the line: where everything was, what happened, and which row is of what.

It belongs to the answer key and lies beside it, in two tables: `paths.parquet` has the turning points of each
object, between which it goes straight, and `rows.parquet` the object of each row of each feed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchfloor.core.kinds import INSTANT
from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.plots.base import Plot
from watchfloor.exercise.surveillance.day import Day, numbers
from watchfloor.exercise.surveillance.paths import moment, where
from watchfloor.exercise.surveillance.radio import key_of
from watchfloor.exercise.surveillance.sensing import NOTHING
from watchfloor.reference import border

Floats = npt.NDArray[np.float64]

CROSSING: Final = "border-crossing"
DARK: Final = "dark-contact"
STEP: Final = 15.0
"""Seconds between two looks at the side on which something is; shorter visits to the other side are none."""

SOME: Final = 1 << 11
"""Objects of the coast whose paths are written at once."""

PATHS: Final = pa.schema(
    [
        pa.field("object", pa.int64(), nullable=False),
        pa.field("class", pa.string(), nullable=False),
        pa.field("called", pa.string(), nullable=False),
        pa.field("storyline", pa.string()),
        pa.field("size", pa.float64(), nullable=False),
        pa.field("observed_at", INSTANT, nullable=False),
        pa.field("latitude", pa.float64(), nullable=False),
        pa.field("longitude", pa.float64(), nullable=False),
        pa.field("altitude", pa.float64(), nullable=False),
    ]
)
"""`object` counts from 0 by when it began; `storyline` is null for everyday traffic."""
ROWS: Final = pa.schema(
    [
        pa.field("feed", pa.string(), nullable=False),
        pa.field("row", pa.string(), nullable=False),
        pa.field("object", pa.int64()),
    ]
)
"""`row` is a report key; of AIS, which has none, the number of the message. No `object`: it was nothing."""


class Happening(msgspec.Struct, frozen=True):
    """Something that happened.

    Attributes:
        rule: as the surveillance desk names what it ought to say.
        storyline: whose; empty for everyday traffic.
        objects: numbers in `paths.parquet`.
        since, until: when.
        latitude, longitude: where, degrees.
        into: country that was entered, where the line was crossed.
    """

    rule: str
    storyline: str
    objects: tuple[int, ...]
    since: datetime
    until: datetime
    latitude: float
    longitude: float
    into: str = ""


def passages_of(plot: Plot) -> tuple[Passage, ...]:
    """Return the passages of a plot, which sensors may see."""
    return tuple(one for one in plot.acts if isinstance(one, Passage))


def storylines(day: Day, plots: Iterable[Plot]) -> dict[int, str]:
    """The storyline or look-alike of each object that is in one."""
    return {day.number_of[id(one)]: plot.name for plot in plots for one in passages_of(plot)}


def subjects_of(passages: Iterable[Passage]) -> set[str]:
    """Typed keys that they claim by radio."""
    return {key_of(radio) for one in passages for radio in one.radio}


def first_seen(day: Day, passages: Sequence[Passage]) -> datetime | None:
    """When a sensor first saw one of some passages; None where none did."""
    mine = [day.number_of[id(one)] for one in passages]
    found = [
        min(feed.rows["observed_at"].filter(pa.array(np.isin(feed.objects, mine))).to_pylist(), default=None)
        for feed in day.feeds.values()
    ]
    return min((at for at in found if at), default=None)


def happenings(day: Day, plots: Sequence[Plot]) -> tuple[Happening, ...]:
    """All that a desk could say rightly: what plots tell, crossings by all but animals, silent boats."""
    names = storylines(day, plots)
    found = [
        Happening(
            told.rule,
            plot.name,
            tuple(day.number_of[id(one)] for one in told.passages),
            moment(told.since),
            moment(told.until),
            told.latitude,
            told.longitude,
        )
        for plot in plots
        for told in plot.events
    ]
    found.extend(_crossings(day.passages, names))
    found.extend(_dark(day.passages, names))
    return tuple(sorted(found, key=lambda one: (one.since, one.rule, one.objects)))


def _dark(passages: Sequence[Passage], names: Mapping[int, str]) -> Iterator[Happening]:
    """Boats that never tell who they are, all the way."""
    for number, one in enumerate(passages):
        if one.what == "boat" and not one.radio:
            first, last = one.path[0], one.path[-1]
            times = moment(first.seconds), moment(last.seconds)
            yield Happening(DARK, names.get(number, ""), (number,), *times, first.latitude, first.longitude)


def _crossings(passages: Sequence[Passage], names: Mapping[int, str]) -> Iterator[Happening]:
    """Each time that something comes to be on the other side."""
    looks = [_looks(one) for one in passages]
    spots = [where(one.path, at) for one, at in zip(passages, looks, strict=True)]
    latitude, longitude = (np.concatenate([one[n] for one in spots]) for n in (0, 1))
    sides = np.split(border.load().side(latitude, longitude), np.cumsum([len(at) for at in looks])[:-1])
    for number, (one, at, mine) in enumerate(zip(passages, looks, sides, strict=True)):
        for n in np.flatnonzero(mine[1:] != mine[:-1]) if one.what != "animal" else ():
            spot = where(one.path, at[n : n + 2])
            yield Happening(
                CROSSING,
                names.get(number, ""),
                (number,),
                moment(float(at[n])),
                moment(float(at[n + 1])),
                float(spot.latitude.mean()),
                float(spot.longitude.mean()),
                str(mine[n + 1]),
            )


def _looks(passage: Passage) -> Floats:
    first, last = passage.path[0].seconds, passage.path[-1].seconds
    return np.append(np.arange(first, last, STEP), last)


def paths(day: Day, names: Mapping[int, str]) -> pa.Table:
    """Turning points of every object."""
    rows: list[dict[str, Any]] = [
        {
            "object": number,
            "class": one.what,
            "called": one.called,
            "storyline": names.get(number),
            "size": one.size,
            "observed_at": moment(fix.seconds),
            "latitude": fix.latitude,
            "longitude": fix.longitude,
            "altitude": fix.height,
        }
        for number, one in enumerate(day.passages)
        for fix in one.path
    ]
    return pa.Table.from_pylist(rows, PATHS)


def far(day: Day) -> Iterator[pa.Table]:
    """Yield the turning points of the coast's vessels and flights, some thousand at a time."""
    if day.coast is None:
        return
    called = day.coast.called()
    for start in range(0, len(called), SOME):
        which = range(start, min(start + SOME, len(called)))
        turns = [day.coast.turns(one) for one in which]
        one = np.repeat(np.array(which), [len(each) for each in turns])
        at, latitude, longitude, height = np.concatenate(turns).T
        flies = one >= day.coast.vessels
        start_of_day = round(DAY.timestamp() * 1e6)
        columns = {
            "object": one + len(day.passages),
            "class": pa.array(["boat", "aircraft"]).take(pa.array(flies.astype(np.int64))),
            "called": pa.array(called).take(pa.array(one)),
            "storyline": pa.nulls(len(one), pa.string()),
            "size": np.where(flies, 40.0, 30.0),
            "observed_at": pa.array(start_of_day + np.round(at * 1e6).astype(np.int64)).cast(INSTANT),
            "latitude": latitude,
            "longitude": longitude,
            "altitude": height,
        }
        yield pa.table([columns[name] for name in PATHS.names], schema=PATHS)


def rows(feed: str, objects: npt.NDArray[np.int64]) -> pa.Table:
    """The object of each row of a feed: its report key; in `ais`, the number of the message."""
    count = len(objects)
    texts = pa.array(np.arange(1, count + 1)).cast(pa.string())
    keys = pc.binary_join_element_wise("message", texts, " ") if feed == "ais" else numbers(feed, 0, count)
    return pa.table(
        [pa.repeat(feed, count), keys, pa.array(objects, mask=objects == NOTHING)],
        schema=ROWS,
    )


def write(
    folder: Path, day: Day, plots: Sequence[Plot], objects: Mapping[str, npt.NDArray[np.int64]]
) -> None:
    """Write both tables into the key's folder; `objects` are those of the rows of each feed."""
    folder.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(folder / "paths.parquet", PATHS) as writer:
        writer.write_table(paths(day, storylines(day, plots)))
        for part in far(day):
            writer.write_table(part)
    seen = [rows(name, objects[name]) for name in day.feeds if name not in ("coverage", "weather")]
    pq.write_table(pa.concat_tables(seen), folder / "rows.parquet")
