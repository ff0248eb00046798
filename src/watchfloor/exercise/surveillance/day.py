"""The day as sensors saw it: the rows of each feed, and which row is of which passage."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import COVERAGE, DETECTION, INSTANT, WEATHER
from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.surveillance import coast, force, patrols, radio, sensing, traffic, weather, world
from watchfloor.exercise.surveillance.coast import Coast
from watchfloor.exercise.surveillance.paths import Place, moment, where
from watchfloor.exercise.surveillance.sensing import CLASSES, NOTHING, Columns
from watchfloor.exercise.surveillance.world import Sensor

Floats = npt.NDArray[np.float64]
Texts = list[str] | list[str | None]

NUISANCE: Final = 0.85
"""Reports an hour of a ground sensor that nobody set off, at a wind of 5 m/s."""
CLUTTER: Final = 5.0
"""Plots an hour of a radar that are nothing, at scale 1 and beyond."""
REPORTED: Final = 60.0
"""Seconds between two reports of a moving sensor on what it sees."""

_OF_KIND: Final = {
    "radar": "towers",
    "camera": "towers",
    "ground-sensor": "ground",
    "drone": "patrols",
    "aircraft": "patrols",
    "vessel": "patrols",
}
_DIGITS: Final = {
    **dict.fromkeys(("latitude", "longitude", "sensor_latitude", "sensor_longitude"), 6),
    **dict.fromkeys(("azimuth", "elevation", "class_confidence", "confidence"), 3),
    **dict.fromkeys(("range", "range_rate", "altitude", "sensor_altitude", "speed", "course", "climb"), 1),
    **dict.fromkeys(("azimuth_error", "range_error", "range_rate_error"), 2),
    **dict.fromkeys(("var_east", "var_north", "cov_east_north"), 1),
}
"""Digits after the point that a sensor writes."""
_US: Final = 1_000_000
_OWN_REPORTS: Final = ("ais", "adsb")


@dataclass(frozen=True)
class Feed:
    """Rows that one feed delivers.

    Attributes:
        rows: of its kind, in the order in which they came.
        objects: which passage each row is of, `NOTHING` where of none.
    """

    rows: pa.Table
    objects: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Day:
    """A day along the line.

    Attributes:
        passages: what truly happened, in the order in which it began: their numbers are those of objects.
        sensors: who looked.
        feeds: what came of it, by name.
        seed: of the exercise.
        coast: who else tells of itself; their numbers come after those of the passages. None: nobody.
    """

    passages: tuple[Passage, ...]
    sensors: tuple[Sensor, ...]
    feeds: Mapping[str, Feed]
    seed: int = 0
    coast: Coast | None = None

    @cached_property
    def number_of(self) -> dict[int, int]:
        """The object's number of a passage, by its identity."""
        return {id(one): number for number, one in enumerate(self.passages)}

    def pieces(self, feed: str) -> Iterator[Feed]:
        """Yield all that a feed delivers, in the order in which it came: whole, or an hour at a time."""
        near = self.feeds[feed]
        if self.coast is None or feed not in _OWN_REPORTS:
            yield near
            return
        received = near.rows["received_at"].cast(pa.int64()).to_numpy()
        done = number = 0
        for hour, far in enumerate(coast.hours(self.coast, feed, self.seed), 1):
            until = len(received) if hour == weather.HOURS else np.searchsorted(received, _hour(hour))
            mine = slice(done, int(until))
            order = np.argsort(np.concatenate([received[mine], far.received]), kind="stable")
            rows = pa.concat_tables([near.rows.slice(done, int(until) - done), far.rows]).take(order)
            whose = np.concatenate([near.objects[mine], far.entry + len(self.passages)])
            yield Feed(_numbered(feed, rows, number), whose[order])
            done, number = int(until), number + len(order)


def observe(told: Iterable[Passage], seed: int, scale: float, strings: int | None = None) -> Day:
    """Observe some passages, the patrols and everyday traffic by sensors.

    Args:
        told: passages of storylines and look-alikes.
        seed: the same gives the same.
        scale: 1 is the volume of a demonstration, see `traffic.A_DAY`. Beyond `coast.NEAR` the stretches see
            no more: the coast does.
        strings: of ground sensors beside the watched ones; as many as the scale has where None.
    """
    drawn = Random(f"{seed}/traffic")  # noqa: S311 - an exercise is meant to be repeated
    far, scale = coast.draw(seed, scale), min(scale, coast.NEAR)
    strings = world.TRUE_STRINGS if far and strings is None else strings
    found = [*told, *patrols.flights(drawn, often=far is not None), *traffic.everyday(drawn, scale)]
    passages = tuple(sorted(found, key=lambda one: (one.at, one.path)))
    sensors = (*world.towers(), *world.ground(_strings(scale, strings)), *patrols.sensors())
    rng = np.random.default_rng([seed, 335])
    off = outages()
    seen = [*_seen(rng, sensors, passages, off), *_nothing(rng, sensors, min(scale, 1.0), off)]
    seen = [_attended(sensors, part) for part in seen]
    feeds = {name: _detections(name, sensors, seen) for name in ("towers", "ground", "patrols")}
    feeds |= {name: _reports(rng, name, passages) for name in ("ais", "adsb")}
    feeds |= {"coverage": _looked(sensors, passages, off), "weather": _table(WEATHER, weather.rows())}
    return Day(passages, sensors, feeds, seed, far)


def _strings(scale: float, strings: int | None) -> int:
    return round(world.STRINGS * scale) if strings is None else strings


class Outage(NamedTuple):
    """When a sensor does not look, in seconds since the day began, its state then, and why."""

    first: float
    last: float
    state: str
    why: str | None = None


def outages() -> dict[str, list[Outage]]:
    """By sensor: cameras on the lake see little in fog, and one radar has its yearly service."""
    first, last = (3_600.0 * hour for hour in weather.FOG)
    found = {f"{name}-camera": [Outage(first, last, "degraded")] for name, _ in world.SHORE}
    return found | {"kingsville-radar": [Outage(54_000, 56_700, "off")]}


def _times(off: Mapping[str, Sequence[Outage]], sensor: Sensor) -> list[tuple[float, float]]:
    return [(one.first, one.last) for one in off.get(sensor.name, ())]


def _seen(
    rng: np.random.Generator,
    sensors: Sequence[Sensor],
    passages: Sequence[Passage],
    off: Mapping[str, Sequence[Outage]],
) -> Iterator[Columns]:
    """Sensors that stand see all day; one that moves sees on each of its flights."""
    for number, sensor in enumerate(sensors):
        moves = _OF_KIND[sensor.kind] == "patrols"
        flights = [one for one in passages if one.carries == sensor.name] if moves else [None]
        for carrier in flights:
            yield from sensing.sights(rng, sensor, number, passages, _times(off, sensor), carrier)


def _nothing(
    rng: np.random.Generator, sensors: Sequence[Sensor], share: float, off: Mapping[str, Sequence[Outage]]
) -> Iterator[Columns]:
    for number, sensor in enumerate(sensors):
        times = _times(off, sensor)
        if sensor.kind == "radar":
            yield sensing.clutter(rng, sensor, number, CLUTTER * share, times)
        elif sensor.kind == "ground-sensor":
            winds = weather.winds(sensor.stretch)
            yield sensing.nuisance(rng, sensor, number, NUISANCE, winds, times)


def _detections(feed: str, sensors: Sequence[Sensor], seen: Sequence[Columns]) -> Feed:
    """Rows of the sensors of one feed."""
    mine = [n for n, one in enumerate(sensors) if _OF_KIND[one.kind] == feed]
    found = _joined([part for part in seen if len(part["sensor"]) and part["sensor"][0] in mine])
    texts = {
        "sensor": [sensors[n].name for n in found["sensor"]],
        "class": [CLASSES[n] for n in found["class"]],
    }
    return _rows(feed, found, texts)


def _reports(rng: np.random.Generator, feed: str, passages: Sequence[Passage]) -> Feed:
    """Self-reports of vessels or of aircraft."""
    grades = radio.VESSELS if feed == "ais" else (radio.AIRCRAFT,)
    found = _joined(list(radio.heard(rng, passages, grades)))
    radios = [passages[o].radio[n] for o, n in zip(found["whose"], found["of"], strict=True)]
    named = found["named"] | (feed == "adsb")
    texts: dict[str, Texts] = {
        "claimed": [radio.key_of(one) for one in radios],
        "name": [one.name if told else None for one, told in zip(radios, named, strict=True)],
    }
    if feed == "ais":
        texts["sensor"] = [world.RECEIVERS[n][0] for n in found["receiver"]]
        texts["says"] = list(map(_said, radios, found["named"]))
    else:
        texts |= {
            "sensor": ["adsb-network"] * len(radios),
            "class": [passages[o].what for o in found["whose"]],
        }
    return _rows(feed, found, texts)


def _said(one: Any, named: bool) -> str:
    """Return the text of an AIS message beside its fields: its type."""
    kind = (24 if one.grade == "B" else 5) if named else (18 if one.grade == "B" else 1)
    return f'{{"type":{kind}}}'


def _joined(parts: Sequence[Columns]) -> Columns:
    """All parts in one; what a part does not tell is NaN, and -1 of whole numbers."""
    whole = ("sensor", "whose", "class", "scan", "receiver", "of", "named")
    names = {name for part in parts for name in part} | {"seconds", "lag", *whole}
    made: Columns = {}
    for name in sorted(names):
        missing: float = NOTHING if name in whole else np.nan
        columns = [part.get(name, np.full(len(part["seconds"]), missing)) for part in parts]
        made[name] = np.concatenate(columns) if columns else np.zeros(0)
        if name in whole:
            made[name] = made[name].astype(np.int64)
    return made


def _rows(feed: str, found: Columns, texts: Mapping[str, Texts]) -> Feed:
    """A table of the kind `detection`, in the order in which reports came, numbered in it."""
    received = found["seconds"] + found["lag"]
    order = np.lexsort((found["whose"], received))
    size = len(order)
    columns: dict[str, Any] = {
        "report_key": [f"{feed}-{number:06}" for number in range(1, size + 1)],
        "observed_at": _moments(found["seconds"][order]),
        "received_at": _moments(received[order]),
        "origins": [[]] * size,
        "locator": [""] * size,
    }
    columns |= {name: [values[n] for n in order] for name, values in texts.items()}
    for name in DETECTION.body.names:
        if name in found and name not in columns:
            columns[name] = _written(name, found[name][order])
    rows = [pa.array(columns.get(field.name, [None] * size), field.type) for field in DETECTION.body]
    return Feed(pa.table(rows, schema=DETECTION.body), found["whose"][order])


def _numbered(feed: str, rows: pa.Table, before: int) -> pa.Table:
    """Return rows with their report keys, the first after so many."""
    at = rows.schema.get_field_index("report_key")
    return rows.set_column(at, rows.schema.field(at), numbers(feed, before, rows.num_rows))


def numbers(feed: str, before: int, count: int) -> pa.Array:
    """Return the report keys of rows, which are numbered in the order in which they came."""
    texts = pa.array(np.arange(before + 1, before + count + 1)).cast(pa.string())
    return pc.binary_join_element_wise(feed, pc.utf8_lpad(texts, 6, "0"), "-")


def _hour(hour: int) -> int:
    """Microseconds since 1970 at an hour of the day."""
    return round((DAY.timestamp() + 3_600 * hour) * _US)


def _moments(seconds: Floats) -> pa.Array:
    """Moments of whole milliseconds, so many seconds after the day began."""
    start = round(DAY.timestamp() * _US)
    return pa.array(start + np.round(seconds * 1_000).astype(np.int64) * 1_000, INSTANT)


def _written(name: str, values: npt.NDArray[Any]) -> pa.Array:
    if name == "scan":
        return pa.array(values, pa.int64(), mask=values < 0)
    return pa.array(np.round(values, _DIGITS.get(name, 3)), pa.float64(), mask=np.isnan(values))


def _table(kind: Any, rows: Sequence[Mapping[str, Any]]) -> Feed:
    schema = kind.body
    full = [dict.fromkeys(schema.names) | dict(row) for row in rows]
    return Feed(pa.Table.from_pylist(full, schema), np.full(len(rows), NOTHING))


def _unstaffed(sensor: Sensor) -> list[Outage]:
    """Return when nobody sits at a camera's console."""
    hours = force.UNSTAFFED.get(sensor.stretch) if sensor.kind == "camera" else None
    return [Outage(3_600 * hours[0], 3_600 * hours[1], "off", "console not staffed")] if hours else []


def _attended(sensors: Sequence[Sensor], part: Columns) -> Columns:
    """Leave out what a camera showed while nobody sat at its console."""
    kept = np.ones(len(part["seconds"]), bool)
    for one in _unstaffed(sensors[part["sensor"][0]]) if len(kept) else ():
        kept &= (part["seconds"] < one.first) | (part["seconds"] > one.last)
    return part if kept.all() else {name: values[kept] for name, values in part.items()}


def _looked(
    sensors: Sequence[Sensor], passages: Sequence[Passage], off: Mapping[str, Sequence[Outage]]
) -> Feed:
    """When sensors looked, and when not; one that moves says anew every minute where it is."""
    rows = []
    for one in sensors:
        if _OF_KIND[one.kind] == "patrols":
            rows += [row for each in passages if each.carries == one.name for row in _flown(one, each)]
        else:
            idle = sorted((*off.get(one.name, ()), *_unstaffed(one)))
            rows += [_coverage(one, one.place, one.height, *stretch) for stretch in _stretches(idle)]
    rows.sort(key=lambda row: (row["observed_at"], row["sensor"]))
    return _table(COVERAGE, [row | {"report_key": f"coverage-{n:06}"} for n, row in enumerate(rows, 1)])


def _flown(one: Sensor, carrier: Passage) -> Iterator[dict[str, Any]]:
    first, last = carrier.path[0].seconds, carrier.path[-1].seconds
    begins = np.arange(first, last, REPORTED)
    spot = where(carrier.path, np.minimum(begins + REPORTED / 2, last))
    for start, *place, height in zip(begins, spot.latitude, spot.longitude, spot.height, strict=True):
        end = float(min(start + REPORTED, last))
        here = float(place[0]), float(place[1])
        yield _coverage(one, here, round(float(height), 1), float(start), end, "looking")


def _stretches(off: Sequence[Outage]) -> list[tuple[float, float, str, str | None]]:
    """The day cut into stretches by when a sensor did not look."""
    found: list[tuple[float, float, str, str | None]] = []
    now = 0.0
    for one in off:
        found += [(now, one.first, "looking", None), (one.first, one.last, one.state, one.why)]
        now = one.last
    return [*found, (now, 86_400.0, "looking", None)]


def _coverage(
    one: Sensor, place: Place, height: float, start: float, end: float, state: str, why: str | None = None
) -> dict[str, Any]:
    return {
        "sensor": one.name,
        "observed_at": moment(start),
        "received_at": moment(start),
        "until": moment(end),
        "state": state,
        "mode": why,
        "latitude": round(place[0], 6),
        "longitude": round(place[1], 6),
        "altitude": height,
        "nearest": sensing.DEAF if one.kind == "radar" else 0.0,
        "farthest": one.farthest,
        "azimuth_from": 0.0,
        "azimuth_to": 0.0,
        "class": one.kind,
        "origins": [],
        "locator": "",
    }
