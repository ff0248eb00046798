"""Geometries of well-known binary, and those of a GeoPackage with their header.

GEOS reads what is in a geometry by calling itself, and looks only afterwards at whether it may be there: half
a million in each other end the process. So the bytes are walked first.
"""

import struct
from typing import Final

import shapely

DEEPEST: Final = 20
"""Collections within each other."""
PARTS: Final = {4: 1, 5: 2, 6: 3, 7: 0}
"""Types that hold others, and which they hold; 0: any."""
POINT, LINE, POLYGON = 1, 2, 3
_SRID, _M, _Z = 0x20000000, 0x40000000, 0x80000000
ENVELOPES: Final = (0, 32, 48, 48, 64)


def geometry(data: bytes) -> shapely.Geometry:
    """Return a geometry. Raises `ValueError`, or an error of Shapely, where it is none."""
    try:
        _walk(data)
    except (struct.error, IndexError) as error:
        raise ValueError("its geometry ends too early") from error
    return shapely.force_3d(made) if (made := shapely.from_wkb(data)).has_z else shapely.force_2d(made)


def _walk(data: bytes) -> None:
    """Raise `ValueError` where a geometry holds what it may not, or is too deep; of ISO and of EWKB."""
    at, open_ = 0, [[1, 0]]  # of each geometry that is open: parts that are left, and their type
    while open_:
        if not open_[-1][0]:
            open_.pop()
            continue
        open_[-1][0] -= 1
        order = "<" if data[at] == 1 else ">"
        (code,) = struct.unpack_from(f"{order}I", data, at + 1)
        at += 9 if code & _SRID else 5
        size = 2 + bool(code & _Z) + bool(code & _M)
        thousands, type_ = divmod(code & 0x0FFFFFFF, 1000)
        size += (0, 1, 1, 2)[thousands] if thousands < 4 else 0
        if thousands > 3 or not 1 <= type_ <= 7 or open_[-1][1] not in (0, type_):
            raise ValueError(
                "its geometry is of a type that is not read: only points, lines and polygons are"
            )
        if type_ == POINT:
            at += 8 * size
        else:
            (count,) = struct.unpack_from(f"{order}I", data, at)
            at += 4
            if type_ == LINE:
                at += 8 * size * count
            elif type_ == POLYGON:
                for _ in range(count):
                    (places,) = struct.unpack_from(f"{order}I", data, at)
                    at += 4 + 8 * size * places
            elif len(open_) > DEEPEST:
                raise ValueError(f"more than {DEEPEST} collections of geometries in each other")
            else:
                open_.append([count, PARTS[type_]])
        if at > len(data):
            raise ValueError("its geometry ends too early")


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
