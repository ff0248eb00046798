"""Scenes as STAC describes them: items of versions 1.0 and 1.1, alone, in a collection, or with their files.

Read are the item (stacspec.org, versions 1.0.0 and 1.1.0), its common metadata, and the extensions eo, sar,
sat, view, proj (1.x and 2.x), file, mgrs, grid and landsat; bands stand in `eo:bands` of 1.0 or in `bands` of
1.1. A delivery with files is a tar archive whose first member is `item.json`: each file behind it is named as
the item names it, and its digest is taken as its bytes go by, whatever the item says of it.

The key of a scene is tile, moment and sensor, so that a scene that was processed anew takes the place of the
earlier one. Of two items of a collection with one key the first is read and the other is a fault.
"""

import hashlib
import json
import math
import re
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, NoReturn, cast
from urllib.parse import urlsplit, urlunsplit

import msgspec
import pyarrow as pa

from watchfloor.core.kinds import SCENE
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.imagery.scenes import COMMON, cut_at_antimeridian

NAME: Final = "stac"
FIRST: Final = "item.json"
"""Name of the first member of an archive."""
LONGEST: Final = 64 << 20
"""Bytes of JSON that are read: a collection of ten thousand items has 50 MB."""
MOST_ASSETS: Final = 2_000
MOST_MEMBERS: Final = 5_000
MOST_POINTS: Final = 50_000
"""Points of a footprint; those of swaths have some hundred."""
CHUNK: Final = 1 << 20
HINT: Final = re.compile(rb'"stac_version"\s*:')
VERSION: Final = re.compile(r"1\.[01](?:\.\d+)?(?:-\w[\w.]*)?")
POLARISATIONS: Final = ("VV", "VH", "HH", "HV", "RH", "RV")
ROLES: Final = {
    "quality": "cloud cloud-shadow snow-ice data-mask land-water water-mask saturation quality qa".split(),
    "overview": "overview thumbnail visual".split(),
    "metadata": "metadata iso-19115".split(),
    "data": "data reflectance amplitude sigma0 gamma0 beta0 temperature emissivity".split(),
}
"""Our words for the roles of assets, the first that fits, and the roles of STAC's best practices."""


def sniff(head: Head) -> float:
    """Be sure of an archive that begins with an item, and of JSON of a version of STAC."""
    if head.data.startswith(b"item.json\0"):
        return 0.98
    return (
        0.95 if head.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and HINT.search(head.data) else 0.0
    )


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:  # noqa: ARG001 - as every reader
    """Read scenes, and a fault for each item that cannot be used; see `Format.read`."""
    first = stream.read(512)
    if first.startswith(b"item.json\0"):
        yield from _archive(_Joined(first, stream))
        return
    yield from _items(_json(first + stream.read(LONGEST)), {})


def piece(stream: BinaryIO, locator: str) -> bytes | None:
    """Return the description that a locator names; see `Format.piece`."""
    first = stream.read(512)
    if first.startswith(b"item.json\0"):
        try:
            with tarfile.open(fileobj=cast("BinaryIO", _Joined(first, stream)), mode="r|") as archive:
                content = _description(archive)
        except (tarfile.TarError, OSError, ValueError, OverflowError, EOFError):
            return None
        return content if locator == "item" else None
    content = first + stream.read(LONGEST)
    try:
        told = _json(content)
    except FormatError:
        return None
    if told.get("type") != "FeatureCollection":
        return content if locator == "item" else None
    found = re.fullmatch(r"item (\d{1,9})", locator)
    items = told.get("features") or []
    at = int(found[1]) - 1 if found else -1
    return json.dumps(items[at]).encode() if 0 <= at < len(items) else None


class _Joined:
    """A stream, with the bytes that were read from its start put back."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int) -> bytes:
        """As a file's."""
        part, self._first = self._first[:size], self._first[size:]
        return part + self._rest.read(size - len(part)) if len(part) < size else part


def _json(content: bytes) -> dict[str, Any]:
    if len(content) > LONGEST:
        raise FormatError(f"a description has at most {LONGEST >> 20} MiB; deliver its items apart")
    try:
        told = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise FormatError(f"it is no JSON: {error}") from error
    if not isinstance(told, dict):
        raise FormatError("it is no STAC item: a JSON object with type, stac_version and properties")
    return told


def _archive(source: _Joined) -> Iterator[Batch | Fault]:
    """Read an archive: the item is known first, but its row waits for the digests of its files."""
    digests: dict[str, tuple[str, int]] = {}
    told: dict[str, Any] | None = None
    fault: Fault | None = None
    try:
        with tarfile.open(fileobj=cast("BinaryIO", source), mode="r|") as archive:
            told = _json(_description(archive))
            number = 1
            while (member := archive.next()) is not None:
                number += 1
                if number > MOST_MEMBERS:
                    fault = Fault(f"member {number}", f"more than {MOST_MEMBERS:,} files", b"", rest=True)
                    break
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is None:
                    continue
                total, size = hashlib.sha256(), 0
                while chunk := stream.read(CHUNK):
                    total.update(chunk)
                    size += len(chunk)
                if size != member.size:
                    fault = Fault(f"member {number}", f"{member.name} ends early", b"", rest=True)
                    break
                digests[member.name] = total.hexdigest(), size
    except (tarfile.TarError, OSError, ValueError, OverflowError, EOFError) as error:
        if isinstance(error, FormatError):
            raise
        if told is None:
            raise FormatError(
                "the archive is damaged before its description ends; deliver it again"
            ) from error
        fault = Fault("files", "the archive ends early or is damaged: deliver it again", b"", rest=True)
    yield from _items(told or {}, digests)
    if fault is not None:
        yield fault


def _description(archive: tarfile.TarFile) -> bytes:
    """Return the bytes of the first member."""
    member = archive.next()
    stream = archive.extractfile(member) if member is not None and member.isreg() else None
    if member is None or stream is None or member.name != FIRST or member.size > LONGEST:
        raise FormatError(f"the first file of a scene's archive is {FIRST}, its description")
    content = stream.read()
    if len(content) != member.size:
        raise FormatError("the archive ends within its description; deliver it again")
    return content


def _items(told: dict[str, Any], digests: Mapping[str, tuple[str, int]]) -> Iterator[Batch | Fault]:
    if told.get("type") in ("Catalog", "Collection"):
        raise FormatError("it describes a series of scenes; deliver the items of its scenes")
    several = told.get("type") == "FeatureCollection"
    items = told.get("features") if several else [told]
    if not isinstance(items, list):
        raise FormatError("a collection of items has a list of `features`")
    rows: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    for number, item in enumerate(items, 1):
        locator = f"item {number}" if several else "item"
        try:
            row = _row(item, digests) | {"locator": locator}
            if other := seen.get(row["report_key"]):
                raise ValueError(
                    f"it shows the tile, moment and sensor of {other}: two scenes of one moment are one; "
                    "deliver the one that you work with"
                )
            seen[row["report_key"]] = row["scene"]
            rows.append(row)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            said = str(error) if type(error) is ValueError else f"its members are of other types: {error}"
            yield Fault(locator, said, _raw(item))
    if rows:
        yield Batch(SCENE, pa.Table.from_pylist(rows, SCENE.body))


def _raw(item: Any) -> bytes:
    return json.dumps(item).encode("utf-8", "backslashreplace")[:4096]


def _row(item: Any, digests: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """Return the columns of an item. Raises `ValueError`, which says what to do."""
    if not isinstance(item, dict) or item.get("type") != "Feature":
        raise ValueError("it is no STAC item: type is Feature")
    if not VERSION.fullmatch(str(item.get("stac_version"))):
        raise ValueError(f"stac_version {item.get('stac_version')!r} is neither 1.0 nor 1.1")
    name = item.get("id")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it has no id")
    said = item.get("properties")
    if not isinstance(said, dict):
        raise ValueError("it has no properties")
    linked = item.get("assets") or {}
    if not isinstance(linked, dict) or len(linked) > MOST_ASSETS:
        raise ValueError(f"assets is an object of at most {MOST_ASSETS:,} files")
    for key, one in linked.items():
        if not isinstance(one, dict):
            raise ValueError(f"asset {key} is no object with an href")
    started, ended = _times(said)
    platform = _text(said.get("platform")) or _text(said.get("constellation")) or _missing("platform")
    instruments = [_text(one) for one in said.get("instruments") or ()]
    sensor = "-".join(one for one in instruments if one) or ("sar" if "sar:polarizations" in said else "")
    if not sensor:
        sensor = _missing("instruments")
    footprint, (west, south, east, north) = _footprint(item)
    tile = _tile(said, name) or _cell(west, south)
    bands = [*dict.fromkeys(_bands(said, linked))]
    return {
        "report_key": f"{tile}/{started:%Y%m%dT%H%M%SZ}/{platform}-{sensor}".lower(),
        "origins": [],
        "observed_at": started,
        "scene": name,
        "platform": platform.lower(),
        "sensor": sensor.lower(),
        "mode": _text(said.get("sar:instrument_mode")) or _text(said.get("processing:level")) or None,
        "collection": _text(item.get("collection")) or None,
        "started": started,
        "ended": ended,
        "footprint": footprint,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "cloud": _share(said.get("eo:cloud_cover"), "eo:cloud_cover"),
        "sun_elevation": _number(said.get("view:sun_elevation"), -90, 90, "view:sun_elevation"),
        "incidence": _number(said.get("view:incidence_angle"), 0, 90, "view:incidence_angle"),
        "side": _side(said),
        "resolution": _resolution(said, linked),
        "epsg": _epsg(said, linked),
        "bands": bands,
        "tile": tile,
        "assets": [_asset(key, one, digests) for key, one in linked.items()],
        "licence": _text(said.get("license")) or _linked_licence(item) or None,
    }


def _missing(what: str) -> NoReturn:
    raise ValueError(f"its properties have no {what}")


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: Any, low: float, high: float, what: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{what} is a number from {low:g} to {high:g}")
    return float(value)


def _share(value: Any, what: str) -> float | None:
    percent = _number(value, 0, 100, what)
    return None if percent is None else percent / 100


def _times(said: Mapping[str, Any]) -> tuple[datetime, datetime]:
    at, begin, end = (_time(said.get(key), key) for key in ("datetime", "start_datetime", "end_datetime"))
    started, ended = begin or at, end or at
    if (begin is None) != (end is None) or started is None or ended is None:
        raise ValueError("it has a datetime, or null and both of start_datetime and end_datetime")
    if ended < started:
        raise ValueError("end_datetime is before start_datetime")
    return started, ended


def _time(value: Any, what: str) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1957 <= found.year <= 2200:
        raise ValueError(f"{what} is a moment with its zone, as in 2026-12-01T17:20:00Z")
    return found.astimezone(UTC)


def _side(said: Mapping[str, Any]) -> str | None:
    side = _text(said.get("sar:observation_direction")).lower()
    return side if side in ("left", "right") else None


def _footprint(item: Mapping[str, Any]) -> tuple[str, tuple[float, float, float, float]]:
    """Return the geometry, cut at the antimeridian, and its edges, of which west may be greater than east."""
    import shapely

    geometry = item.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise ValueError("geometry is a polygon in WGS84: it says what the scene shows")
    kind, lists = geometry["type"], geometry.get("coordinates")
    polygons = [lists] if kind == "Polygon" else lists
    if not isinstance(polygons, list) or not polygons:
        raise ValueError("geometry has no coordinates")
    rings = [_ring(polygon) for polygon in polygons]
    if sum(map(len, rings)) > MOST_POINTS:
        raise ValueError(f"geometry has at most {MOST_POINTS:,} points")
    cut = [shapely.geometry.shape(cut_at_antimeridian(ring)) for ring in rings]
    whole = shapely.union_all([one for one in cut if not one.is_empty])
    if whole.is_empty or not whole.area:
        raise ValueError("geometry has no area")
    west, south, east, north = whole.bounds
    parts = list(getattr(whole, "geoms", [whole]))
    if west == -180 and east == 180 and len(parts) > 1:  # it lies over the antimeridian
        west = min(one.bounds[0] for one in parts if one.bounds[0] > 0 or one.bounds[2] == 180)
        east = max(one.bounds[2] for one in parts if one.bounds[0] == -180)
    _check_box(item.get("bbox"), (float(west), float(south), float(east), float(north)))
    text = json.dumps(shapely.geometry.mapping(whole), separators=(",", ":"))
    return text, (float(west), float(south), float(east), float(north))


def _check_box(box: Any, edges: tuple[float, float, float, float]) -> None:
    """Refuse a bbox that is none (RFC 7946), or is apart from what the scene shows; it may be left out."""
    if box is None:
        return
    numbers = isinstance(box, list) and all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in box
    )
    if not numbers or len(box) not in (4, 6):
        raise ValueError("bbox has four numbers, or six with heights: west, south, east, north")
    low, high = box[: len(box) // 2], box[len(box) // 2 :]
    if low[1] > high[1] or not (low[1] >= -90 and high[1] <= 90):
        raise ValueError("bbox has its southern edge first, and latitudes from -90 to 90")
    west, south, east, north = edges
    # Longitudes are left alone: bbox and geometry may name the antimeridian in two ways.
    apart = low[1] > north or high[1] < south
    if low[0] <= high[0] and west <= east:
        apart |= low[0] > east or high[0] < west
    if apart and low[0] >= -180 and high[0] <= 180:
        raise ValueError("bbox and geometry are apart: one of them is of another scene")


def _ring(polygon: Any) -> list[tuple[float, float]]:
    """Return the outer ring of a polygon."""
    outer = polygon[0] if isinstance(polygon, list) and polygon else None
    if not isinstance(outer, list) or len(outer) < 4:
        raise ValueError("geometry has a ring of fewer than four places")
    ring = []
    for place in outer:
        x, y = (float(one) for one in place[:2])
        if not (math.isfinite(x) and -360 <= x <= 360 and -90 <= y <= 90):
            raise ValueError(f"{x:g}, {y:g} is no longitude and latitude")
        ring.append((x, y))
    return ring


def _tile(said: Mapping[str, Any], name: str) -> str:
    """Return the place on its publisher's grid, where the item says it."""
    if square := _text(said.get("mgrs:grid_square")):
        return f"{said.get('mgrs:utm_zone')}{_text(said.get('mgrs:latitude_band'))}{square}"
    for key in ("s2:mgrs_tile", "grid:code"):
        if found := _text(said.get(key)):
            return found.removeprefix("MGRS-").removeprefix("MSIN-")
    if "landsat:wrs_path" in said and "landsat:wrs_row" in said:
        return f"{int(said['landsat:wrs_path']):03}{int(said['landsat:wrs_row']):03}"
    named = re.search(r"(?:^|_)T?(\d{1,2}[C-X][A-Z]{2})(?:_|$)", name)
    return named[1] if named else ""


def _cell(west: float, south: float) -> str:
    """Return the degree in which a scene's south-western corner lies, for one that is on no grid."""
    row, column = math.floor(south), math.floor(west)
    return f"{'NS'[row < 0]}{abs(row):02}{'EW'[column < 0]}{abs(column):03}"


def _bands(said: Mapping[str, Any], linked: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for holder in (*linked.values(), said):
        for key, common in (("bands", "eo:common_name"), ("eo:bands", "common_name")):
            for band in holder.get(key) or ():
                named = band.get(common) or band.get("name")
                if (text := _text(named).lower()) in COMMON or (named and common in band):
                    yield text
        for one in holder.get("sar:polarizations") or ():
            if one in POLARISATIONS:
                yield one.lower()


def _resolution(said: Mapping[str, Any], linked: Mapping[str, Mapping[str, Any]]) -> float | None:
    sizes = []
    for one in (*linked.values(), said):
        described = [*(one.get("raster:bands") or ()), *(one.get("bands") or ()), one]
        for each in described:
            for key in ("gsd", "spatial_resolution", "raster:spatial_resolution", "sar:pixel_spacing_range"):
                value = each.get(key)
                if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6:
                    sizes.append(float(value))
    return min(sizes, default=None)


def _epsg(said: Mapping[str, Any], linked: Mapping[str, Mapping[str, Any]]) -> int | None:
    for one in (said, *linked.values()):
        code = one.get("proj:epsg")
        if code is None and (found := re.fullmatch(r"EPSG:(\d{4,6})", _text(one.get("proj:code")))):
            code = int(found[1])
        if isinstance(code, int) and not isinstance(code, bool) and 1000 <= code < 1_000_000:
            return code
    return None


def _asset(name: str, told: Mapping[str, Any], digests: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    href = _text(told.get("href"))
    if not href:
        raise ValueError(f"asset {name} has no href")
    digest, size = digests.get(href, (None, None))
    if digest is None:
        stated = re.fullmatch(r"1220([0-9a-f]{64})", _text(told.get("file:checksum")).lower())
        digest = stated[1] if stated else None
        size = told.get("file:size") if isinstance(told.get("file:size"), int) else None
    roles = [_text(one).lower() for one in told.get("roles") or ()]
    role = next((word for word, ours in ROLES.items() if not {*ours}.isdisjoint(roles)), None)
    return {"name": name, "href": _public(href), "role": role, "digest": digest, "bytes": size}


def _public(href: str) -> str:
    """Return an address without what signs it: a key to somebody's store is no part of a record."""
    if "://" not in href:
        return href
    try:
        parts = urlsplit(href)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return href.partition("?")[0]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _linked_licence(item: Mapping[str, Any]) -> str:
    for link in item.get("links") or ():
        if isinstance(link, dict) and link.get("rel") == "license":
            return _text(link.get("href"))
    return ""


FORMAT: Final = Format(NAME, (SCENE.name,), sniff, read, piece=piece)
