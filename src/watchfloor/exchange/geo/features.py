"""Rows as features: which kinds have a place, where it is in their columns, and what a map says of them.

A collection of a map holds the rows of one or two kinds. `layer` finds the geometries and times of a whole
table at once; what a feature says is put together for the rows that are asked for.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from watchfloor.core.earth import AXIS
from watchfloor.core.kinds import (
    COVERAGE,
    DETECTION,
    DISCLOSURE,
    KINDS,
    MAP_FEATURE,
    PUBLIC_ALERT,
    REPORT,
    SCENE,
    SCENE_CHANGE,
    SEIZURE,
    WEATHER,
)
from watchfloor.core.messages import Language
from watchfloor.exchange.bundles.sent import row_names
from watchfloor.exchange.geo.feature import Feature, Value, point
from watchfloor.exchange.sharing import Shared, sentence
from watchfloor.formats.geography.wkb import DEEPEST

Row = Mapping[str, Any]
Shapes = npt.NDArray[np.object_]
Micros = npt.NDArray[np.int64]
NEVER: Final = np.iinfo(np.int64).min
"""A moment that is not stated, in microseconds."""
_NESTED: Final = '"geometries"'
STEP: Final = 5.0
"""Degrees between two places of an arc."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How the rows of a kind are drawn.

    Attributes:
        collection: what they are one of on a map.
        shapes: geometry of each row; None where it has no place.
        says: columns that a feature has as they are.
        title, text: of a row, in a language.
        at, until: columns of its times.
        more: further values of a row by name.
    """

    collection: str
    shapes: Callable[[pa.Table], Shapes]
    says: tuple[str, ...]
    title: Callable[[Row], str]
    text: Callable[[Row, Language], str] = lambda _, __: ""
    at: str = "observed_at"
    until: str | None = None
    more: Callable[[Row], Mapping[str, Value]] | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A table with the place and times of each row.

    Attributes:
        kind: of the rows.
        names: how each row is named between nodes.
        rows: the table.
        shapes: geometries; None where a row has no place.
        at, until: microseconds since 1970, `NEVER` where it is not stated.
    """

    kind: str
    names: Sequence[str]
    rows: pa.Table
    shapes: Shapes
    at: Micros
    until: Micros

    def features(self, numbers: npt.NDArray[np.int64], language: Language) -> Iterator[Feature]:
        """Yield the features of some rows, by their numbers."""
        drawn = MAPPED[self.kind]
        some = self.rows.take(pa.array(numbers)).to_pylist()
        for number, row in zip(numbers.tolist(), some, strict=True):
            yield Feature(
                self.names[number],
                drawn.title(row),
                drawn.text(row, language),
                self.shapes[number],
                _moment(self.at[number]),
                row["marking"],
                more_of(drawn, row),
                _moment(self.until[number]),
                drawn.collection,
            )


def layer(kind: str, rows: pa.Table, names: Sequence[str] | None = None) -> Layer:
    """Find the places and times of a kind's rows; `names` are those between nodes unless they are given."""
    drawn = MAPPED[kind]
    shapes = drawn.shapes(rows)
    at = _micros(rows, drawn.at)
    until = _micros(rows, drawn.until) if drawn.until else np.full(len(at), NEVER)
    return Layer(kind, row_names(kind, rows) if names is None else names, rows, shapes, at, until)


def features(shared: Shared) -> Iterator[tuple[str, str, Feature]]:
    """Yield the kind, the name between nodes and the feature of each shared row that has a place."""
    for kind, rows in shared.records.items():
        if kind not in MAPPED or not rows.num_rows:
            continue
        found = layer(kind, _whole(kind, rows))
        placed = np.flatnonzero(found.shapes != None)  # noqa: E711 - compared one by one
        for one in found.features(placed, shared.language):
            yield kind, one.id, one
    for lead in shared.leads:
        place = next((one.place for one in lead.contributions if one.place), None)
        if place:
            yield "lead", lead.lead_id, _lead(lead, place, shared.language)


def _lead(lead: Any, place: tuple[float, float, float | None], language: Language) -> Feature:
    first = lead.contributions[0]
    more: dict[str, Value] = {
        "hypothesis": lead.hypothesis,
        "probability": lead.probability,
        "radius": place[2],
    }
    return Feature(
        *(lead.lead_id, lead.subject, first.reason.render(language), point(place[:2]), lead.at, lead.marking),
        more,
        collection="leads",
    )


def _whole(kind: str, rows: pa.Table) -> pa.Table:
    """Return rows with every column of their kind; one that may not go is null."""
    schema = KINDS[kind].schema
    missing = [field for field in schema if field.name not in rows.column_names]
    for field in missing:
        rows = rows.append_column(field.name, pa.nulls(rows.num_rows, field.type))
    return rows


def more_of(drawn: Mapped, row: Row) -> dict[str, Value]:
    """Return the values that a feature has beside its title, text, times and marking."""
    found: dict[str, Value] = dict(drawn.more(row)) if drawn.more else {}
    for name in drawn.says:
        value = row.get(name)
        if isinstance(value, list):
            found[name] = ", ".join(map(str, value))
        elif isinstance(value, datetime):
            found[name] = value.isoformat()
        else:
            found[name] = value
    return found


def _moment(micros: np.int64) -> datetime | None:
    return None if micros == NEVER else datetime.fromtimestamp(int(micros) / 1e6, UTC)


def _micros(rows: pa.Table, name: str) -> Micros:
    if name not in rows.column_names:
        return np.full(rows.num_rows, NEVER)
    return np.asarray(pc.fill_null(rows[name].cast(pa.int64()), NEVER).to_numpy(), np.int64)


def points(rows: pa.Table) -> Shapes:
    """Return a point for each row with a latitude and a longitude."""
    x, y = (
        np.asarray(rows[name].to_numpy(zero_copy_only=False), np.float64)
        for name in ("longitude", "latitude")
    )
    known = np.isfinite(x) & np.isfinite(y)
    made = np.full(len(x), None, object)
    made[known] = shapely.points(x[known], y[known])
    return made


def _written(column: str) -> Callable[[pa.Table], Shapes]:
    """Return what reads the geometries that a column has as GeoJSON."""

    def read(rows: pa.Table) -> Shapes:
        told = rows[column].to_pylist()
        # A row may be another node's; GEOS would follow collections in collections off its stack.
        texts = np.array([one if one and one.count(_NESTED) <= DEEPEST else None for one in told], object)
        return np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), object)

    return read


def warned(rows: pa.Table) -> Shapes:
    """Return the areas of each public alert, polygons and circles together; None where it names none."""
    made = np.full(rows.num_rows, None, object)
    for number, areas in enumerate(rows["areas"].to_pylist()):
        parts = [part for area in areas or () for part in _area(area)]
        if parts:
            made[number] = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return made


def _area(area: Row) -> Iterator[shapely.Polygon]:
    """Yield the shapes of an area as CAP writes them: latitude first, and radii in kilometres."""
    for text in area["polygons"] or ():
        yield shapely.Polygon([tuple(map(float, reversed(one.split(",")))) for one in text.split()])
    for text in area["circles"] or ():
        centre, _, radius = text.partition(" ")
        y, x = map(float, centre.split(","))
        if metres := 1000 * float(radius):
            yield _sector(x, y, None, metres, None, None)


def sectors(rows: pa.Table) -> Shapes:
    """Return what each sensor sees: a sector or a ring around where it stands, or the place alone."""
    made = points(rows)
    names = ("longitude", "latitude", "nearest", "farthest", "azimuth_from", "azimuth_to")
    drawn: dict[tuple[float | None, ...], shapely.Polygon] = {}
    for number, values in enumerate(zip(*(rows[name].to_pylist() for name in names), strict=True)):
        if made[number] is not None and values[3]:
            if values not in drawn:
                drawn[values] = _sector(*values)
            made[number] = drawn[values]
    return made


def _sector(
    x: float, y: float, near: float | None, far: float, left: float | None, right: float | None
) -> shapely.Polygon:
    first, angle = (0.0, 0.0) if left is None or right is None else (left, (right - left) % 360)
    whole = angle == 0
    last = first + (angle or 360.0)
    turns = np.radians(np.append(np.arange(first, last, STEP), last))
    outer = _around(x, y, far, turns)
    inner = _around(x, y, near, turns)[::-1] if near and near < far else [(x, y)]
    if whole:
        return shapely.Polygon(outer, [inner] if len(inner) > 1 else [])
    return shapely.Polygon([*outer, *inner])


def _around(x: float, y: float, metres: float, turns: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return places at a distance, by the plane that touches the Earth there: good to some hundred km."""
    north = np.degrees(metres / AXIS * np.cos(turns))
    east = np.degrees(metres / AXIS * np.sin(turns)) / max(0.01, np.cos(np.radians(y)))
    return list(zip((x + east).tolist(), np.clip(y + north, -90, 90).tolist(), strict=True))


def _reason(row: Row, language: Language) -> str:
    return sentence(row.get("reason") or row, language)


def _first(*names: str) -> Callable[[Row], str]:
    """Return what gives the first of some columns that says something."""

    def title(row: Row) -> str:
        for name in names:
            value = row.get(name)
            if value:
                return str(value[0] if isinstance(value, list) else value)
        return ""

    return title


def properties_of(row: Row) -> dict[str, Value]:
    """Return what the file of a map's feature said of it; lists and objects as JSON."""
    told = json.loads(row.get("properties") or "{}")
    return {name: json.dumps(one) if isinstance(one, list | dict) else one for name, one in told.items()}


_SIGNAL: Final = ("desk", "rule", "strength", "score", "radius", "subjects")

MAPPED: Final[Mapping[str, Mapped]] = {
    DISCLOSURE.name: Mapped(
        "events", points, ("form", *_SIGNAL, "retracted"), _first("subjects"), _reason, "since", "until"
    ),
    "signal": Mapped("events", points, _SIGNAL, _first("subjects"), _reason, "since", "until"),
    "track": Mapped("tracks", points, ("class", "claimed", "course", "radius"), _first("claimed", "track")),
    "tower": Mapped("towers", points, ("kind", "unit", "reach_m", "night"), _first("name")),
    "patrol": Mapped("patrols", points, ("kind", "unit", "reach_m", "night"), _first("name")),
    REPORT.name: Mapped("reports", points, ("author", "place", "subjects"), _first("title")),
    SEIZURE.name: Mapped(
        *("seizures", points, ("drug", "operation", "mass", "amount", "place", "mode"), _first("drug")),
        until="until",
    ),
    DETECTION.name: Mapped(
        *("detections", points, ("sensor", "class", "speed", "course", "altitude", "claimed", "confidence")),
        _first("name", "claimed", "class", "sensor"),
    ),
    COVERAGE.name: Mapped(
        *("coverage", sectors, ("sensor", "state", "mode", "class", "nearest", "farthest")),
        _first("sensor"),
        until="until",
    ),
    WEATHER.name: Mapped(
        *("weather", points, ("station", "temperature", "wind_speed", "visibility"), _first("station")),
        until="until",
    ),
    PUBLIC_ALERT.name: Mapped(
        *("alerts", warned, ("event", "status", "severity", "urgency", "certainty", "issuer", "instruction")),
        _first("headline", "event"),
        lambda row, _: str(row.get("description") or ""),
        at="since",
        until="until",
    ),
    SCENE.name: Mapped(
        *("scenes", _written("footprint"), ("platform", "sensor", "mode", "cloud", "resolution", "tile")),
        _first("scene"),
        at="started",
        until="ended",
    ),
    SCENE_CHANGE.name: Mapped(
        *("changes", _written("shape"), ("what", "state", "area_m2", "length_m", "method", "false_alarms")),
        _first("change"),
        at="since",
        until="until",
    ),
    MAP_FEATURE.name: Mapped(
        *("map-features", _written("geometry"), ("layer", "feature", "name"), _first("name", "feature")),
        at="since",
        until="until",
        more=properties_of,
    ),
}
"""How each kind with a place is drawn."""
