"""Geometries of well-known binary, in bounded depth, and those of a GeoPackage with their header."""

import re
import struct
from typing import Final

import shapely

DEEPEST: Final = 20
"""Collections within each other; GEOS would follow any number of them off its stack."""
_COLLECTION: Final = re.compile(
    rb"\x01(?:\x07\x00|\xef\x03|\xd7\x07|\xbf\x0b)\x00[\x00\x20\x40\x80\xa0\xc0\xe0]"
    rb"|\x00[\x00\x20\x40\x80\xa0\xc0\xe0]\x00(?:\x00\x07|\x03\xef|\x07\xd7|\x0b\xbf)"
)
"""How a collection begins, in either order of bytes: 7, 1007, 2007 or 3007, or 7 with the flags of EWKB."""
ENVELOPES: Final = (0, 32, 48, 48, 64)


def geometry(data: bytes) -> shapely.Geometry:
    """Return a geometry. Raises `ValueError`, or an error of Shapely, where it is none."""
    if len(_COLLECTION.findall(data)) > DEEPEST:
        raise ValueError(f"more than {DEEPEST} collections of geometries in one")
    return shapely.force_3d(made) if (made := shapely.from_wkb(data)).has_z else shapely.force_2d(made)


def packaged(data: object) -> tuple[shapely.Geometry | None, int]:
    """Return a geometry of a GeoPackage, and the number of its system; None for an empty one."""
    if not isinstance(data, bytes) or len(data) < 8 or data[:2] != b"GP":
        raise ValueError("its geometry is none of a GeoPackage")
    flags = data[3]
    if flags & 0x20:
        raise ValueError("its geometry is of an extended type, which no standard describes")
    order, envelope = "<" if flags & 1 else ">", flags >> 1 & 7
    if envelope >= len(ENVELOPES):
        raise ValueError("the header of its geometry is damaged")
    (srs,) = struct.unpack_from(f"{order}i", data, 4)
    return (None if flags & 0x10 else geometry(data[8 + ENVELOPES[envelope] :])), srs
