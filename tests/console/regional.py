"""A regional map around Cornwall for tests of maps, in layers that are named as Protomaps names them."""

from io import BytesIO

import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import zxy_to_tileid
from pmtiles.writer import Writer
from tests.console.placed import CORNWALL

from watchfloor.exchange.geo.feature import Feature, FileHead
from watchfloor.exchange.geo.tiles import write_pmtiles

SOUTH, WEST = CORNWALL[0] - 0.2, CORNWALL[1] - 0.3
CREDIT = '<a href="https://www.openstreetmap.org/copyright">&copy; <b>OpenStreetMap</b></a>'


def shape(layer, kind, geometry, number=0):
    return Feature(f"{layer}:{kind}:{number}", kind, "", geometry, None, "", {"kind": kind}, collection=layer)


def town(english, french, x, y, kind="locality"):
    names = {"name": english, "name:fr": french, "kind": kind, "min_zoom": 7}
    point = shapely.Point(WEST + x, SOUTH + y)
    return Feature(f"places:{english}", english, "", point, None, "", names, collection="places")


def line(*places):
    return shapely.LineString([(WEST + x, SOUTH + y) for x, y in places])


def area(*places):
    return shapely.Polygon([(WEST + x, SOUTH + y) for x, y in places])


FEATURES = (
    shape("earth", "earth", area((0, 0), (0.6, 0), (0.6, 0.4), (0, 0.4))),
    shape("water", "river", area((0, 0.1), (0.6, 0.22), (0.6, 0.26), (0, 0.13))),
    shape("water", "stream", line((0.1, 0.4), (0.15, 0.3), (0.13, 0.12))),
    shape("roads", "highway", line((0, 0.16), (0.3, 0.22), (0.6, 0.3))),
    shape("roads", "major_road", line((0.3, 0.22), (0.28, 0.4))),
    *(shape("roads", "minor_road", line((0.2 + n / 50, 0.2), (0.2 + n / 50, 0.3)), n) for n in range(8)),
    shape("boundaries", "county", line((0.4, 0.4), (0.42, 0.2))),
    shape("boundaries", "country", line((0, 0.05), (0.6, 0.05))),
    shape("places", "locality", area((0.25, 0.2), (0.35, 0.2), (0.35, 0.25), (0.25, 0.25))),
    town("Long Sault", "Long-Sault", 0.1, 0.22),
    town("Cornwall", "Cornwall", 0.28, 0.22),
    town("Ontario", "Ontario", 0.3, 0.35, "region"),
)


def written(path, features=FEATURES, marking="", attribution=CREDIT):
    """Write the map, with what others say of whose data theirs are; gives its path."""
    made = BytesIO()
    write_pmtiles(FileHead("region", marking), features, made)
    get = MemorySource(made.getvalue())
    reader = Reader(get)
    with path.open("wb") as file:
        writer = Writer(file)
        for zxy, tile in all_tiles(get):
            writer.write_tile(zxy_to_tileid(*zxy), tile)
        writer.finalize(reader.header(), reader.metadata() | {"attribution": attribution})
    return path
