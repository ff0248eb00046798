"""Descriptions and files of scenes, made up."""

import io
import json
import tarfile

import numpy as np
import rasterio
from rasterio.transform import from_origin

RING = [[-97.6, 49.2], [-96.1, 49.2], [-96.1, 48.2], [-97.6, 48.2], [-97.6, 49.2]]


def item_10(**properties):
    """Return an item of STAC 1.0 as publishers of Sentinel-2 write it."""
    said = {
        "datetime": "2026-09-14T17:20:11.024Z",
        "platform": "Sentinel-2B",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": 10,
        "eo:cloud_cover": 12.5,
        "view:sun_elevation": 41.2,
        "view:incidence_angle": 5.5,
        "mgrs:utm_zone": 14,
        "mgrs:latitude_band": "U",
        "mgrs:grid_square": "PV",
        "proj:epsg": 32614,
        "processing:level": "L2A",
        "license": "CC-BY-4.0",
    }
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "S2B_14UPV_20260914_0_L2A",
        "collection": "sentinel-2-l2a",
        "geometry": {"type": "Polygon", "coordinates": [RING]},
        "bbox": [-97.6, 48.2, -96.1, 49.2],
        "properties": said | properties,
        "links": [],
        "assets": {
            "red": {
                "href": "B04.tif",
                "roles": ["data", "reflectance"],
                "eo:bands": [{"name": "B04", "common_name": "red"}],
            },
            "scl": {"href": "SCL.tif", "roles": ["data", "cloud"], "gsd": 20},
            "thumbnail": {"href": "https://x.test/t.jpg?sig=SECRET", "roles": ["thumbnail"]},
        },
    }


def item_11(**properties):
    """Return an item of STAC 1.1 of a radar, with bands in the common form."""
    said = {
        "datetime": None,
        "start_datetime": "2026-09-14T23:50:01Z",
        "end_datetime": "2026-09-14T23:50:26Z",
        "platform": "sentinel-1a",
        "instruments": ["c-sar"],
        "sar:instrument_mode": "IW",
        "sar:polarizations": ["VV", "VH"],
        "sar:observation_direction": "right",
        "view:incidence_angle": 38.2,
        "sat:relative_orbit": 63,
        "proj:code": "EPSG:32601",
    }
    return item_10() | {
        "stac_version": "1.1.0",
        "id": "S1A_IW_GRDH",
        "bbox": [179.2, 51.0, -179.4, 52.0],
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[179.2, 52.0], [-179.4, 52.0], [-179.4, 51.0], [179.2, 51.0], [179.2, 52.0]]],
        },
        "properties": said | properties,
        "links": [{"rel": "license", "href": "https://x.test/terms"}],
        "assets": {
            "vv": {
                "href": "vv.tif",
                "roles": ["amplitude", "data"],
                "bands": [{"name": "VV", "gsd": 10}],
                "file:checksum": "1220" + "ab" * 32,
                "file:size": 12,
            }
        },
    }


def archive(item, **files):
    """Return the tar archive of an item and its files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        content = item if isinstance(item, bytes) else json.dumps(item).encode()
        for name, data in {"item.json": content, **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


def raster(
    path, pixels, *, crs="EPSG:32614", west=600_000.0, north=5_440_000.0, size=10.0, names=(), **options
):
    """Write pixels (bands, rows, columns) as a GeoTIFF, and return its path."""
    pixels = np.asarray(pixels)
    count, rows, columns = pixels.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=rows,
        width=columns,
        count=count,
        dtype=pixels.dtype,
        crs=crs,
        transform=from_origin(west, north, size, size),
        **options,
    ) as file:
        file.write(pixels)
        for number, name in enumerate(names, 1):
            file.set_band_description(number, name)
    return path
