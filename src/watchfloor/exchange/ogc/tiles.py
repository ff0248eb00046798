"""Vector tiles of a collection: its tilesets, the one tiling there is, and tiles (OGC API Tiles, 20-057).

A tile holds what the items of the collection hold for the same reader, values included. Above the deepest
zoom one feature is left of those on one spot; at the deepest one none is left out.
"""

from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from watchfloor.core.messages import Language, declare, reason
from watchfloor.exchange.geo.tiles import EDGE, Placed, mercator, spans, thinned, tile
from watchfloor.exchange.ogc.documents import JSON, MVT, QUAD, link, title
from watchfloor.exchange.ogc.queries import MOST
from watchfloor.exchange.ogc.snapshot import Numbers, Snapshot
from watchfloor.exchange.ogc.systems import EPSG
from watchfloor.exchange.taxii.queries import Wrong
from watchfloor.formats.geography.antimeridian import cut

DEEPEST: Final = 16
"""Zoom of tiles some 600 m wide; maps draw the same tile further in."""
CELLS: Final = 64
"""Cells of a tile's side, of which each shows one feature above the deepest zoom; all are logged by name."""
REGISTERED: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
SCHEME: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
HALF_SIDE: Final = 20037508.3427892
"""Half the side of Web Mercator's square, in metres."""
PIXEL: Final = 0.00028
"""Metres of a pixel, by which scale denominators are reckoned (17-083r4, section 6.1)."""
FULL: Final = declare("ogc.full-tile", "most")


class _Properties(msgspec.Struct):
    id: str
    properties: dict[str, Any]


_decoder: Final = msgspec.json.Decoder(_Properties)


def tilesets(home: str, name: str, language: Language) -> dict[str, Any]:
    """Return the list of a collection's tilesets."""
    here = f"{home}/collections/{name}/tiles"
    one = _about(name, language) | {"links": [link(f"{here}/{QUAD}", "self")]}
    return {"links": [link(here, "self")], "tilesets": [one]}


def tileset(home: str, name: str, snapshot: Snapshot, language: Language) -> dict[str, Any]:
    """Return the description of a tileset, with the tiles of each zoom that have something."""
    here = f"{home}/collections/{name}/tiles/{QUAD}"
    template = link(f"{here}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MVT)
    return _about(name, language) | {
        "marking": snapshot.marking,
        "layers": [{"id": name, "dataType": "vector"}],
        "tileMatrixSetLimits": _limits(snapshot.square),
        "links": [
            link(here, "self"),
            link(f"{home}/tileMatrixSets/{QUAD}", SCHEME),
            {**template, "templated": True},
        ],
    }


def _about(name: str, language: Language) -> dict[str, Any]:
    said = {"title": title(name, language), "dataType": "vector", "crs": f"{EPSG}3857"}
    return said | {"tileMatrixSetURI": REGISTERED}


def _limits(square: npt.NDArray[np.float64]) -> list[dict[str, Any]]:
    if not len(square):
        return []
    edges = np.append(square[:, :2].min(axis=0), square[:, 2:].max(axis=0))[None]
    names = ("minTileCol", "minTileRow", "maxTileCol", "maxTileRow")
    return [
        {"tileMatrix": f"{zoom}", **dict(zip(names, spans(edges, zoom)[0].tolist(), strict=True))}
        for zoom in range(DEEPEST + 1)
    ]


def tiling(home: str) -> dict[str, Any]:
    """Return the definition of the tiling (17-083r4, annex D.1)."""
    cells = [2 * HALF_SIDE / 256 / (1 << zoom) for zoom in range(DEEPEST + 1)]
    return {
        "id": QUAD,
        "uri": REGISTERED,
        "crs": f"{EPSG}3857",
        "orderedAxes": ["E", "N"],
        "tileMatrices": [
            {
                "id": f"{zoom}",
                "scaleDenominator": size / PIXEL,
                "cellSize": size,
                "pointOfOrigin": [-HALF_SIDE, HALF_SIDE],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 1 << zoom,
                "matrixHeight": 1 << zoom,
            }
            for zoom, size in enumerate(cells)
        ],
        "links": [link(f"{home}/tileMatrixSets/{QUAD}", "self", JSON)],
    }


def chosen(snapshot: Snapshot, zoom: int, row: int, column: int) -> tuple[Numbers, npt.NDArray[np.object_]]:
    """Return the numbers of a tile's features, and their shapes on the square. Raises `Wrong`."""
    side = 1 / (1 << zoom)
    left, top, margin = column * side, row * side, side * EDGE
    west, north, east, south = snapshot.square.T
    near = (west <= left + side + margin) & (east >= left - margin)
    numbers = np.flatnonzero(near & (north <= top + side + margin) & (south >= top - margin))
    first_x, first_y, last_x, last_y = spans(snapshot.square[numbers], zoom).T
    numbers = numbers[(first_x <= column) & (last_x >= column) & (first_y <= row) & (last_y >= row)]
    if zoom < DEEPEST:
        numbers = thinned(snapshot.square, numbers, zoom, CELLS)
    if len(numbers) > MOST:
        raise Wrong(413, reason(FULL, most=MOST))
    shapes = np.full(len(numbers), None, object)
    shapes[:] = [cut(one) for one in snapshot.shapes[numbers].tolist()]
    shapes = shapely.transform(shapely.force_2d(shapes), mercator)
    edges = left - margin, top - margin, left + side + margin, top + side + margin
    met = shapely.intersects(shapes, shapely.box(*edges))
    return numbers[met], shapes[met]


def encoded(
    name: str, snapshot: Snapshot, numbers: Numbers, shapes: npt.NDArray[np.object_], at: tuple[int, int, int]
) -> bytes:
    """Return a tile with one layer; `at` is its zoom, row and column."""
    zoom, row, column = at
    values = []
    for one in map(_decoder.decode, snapshot.render(numbers, None)):
        flat = {key: value for key, value in one.properties.items() if isinstance(value, str | int | float)}
        values.append({"id": one.id, **flat})
    placed = Placed(name, shapes, np.asarray(shapely.bounds(shapes), np.float64).reshape(-1, 4), values)
    return tile([placed], zoom, column, row, {name: np.arange(len(numbers))})
