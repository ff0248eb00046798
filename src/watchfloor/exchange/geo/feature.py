"""A feature: one thing with a place (WGS 84), its times and its marking, as every writer takes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:  # it takes 0.3 s, and most commands write no place
    import shapely

Value = str | int | float | bool | None
Form = Literal["csv", "geojson", "kml"]
"""Forms of a list of leads."""
TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "gpx": "application/gpx+xml",
    "gpkg": "application/geopackage+sqlite3",
    "geoparquet": "application/vnd.apache.parquet",
    "pmtiles": "application/vnd.pmtiles",
}
"""Media types of `exchange.geo.files.WRITERS`."""


class Feature(NamedTuple):
    """One thing.

    Attributes:
        id: its own, in the file and on the floor.
        title: what it is called.
        text: a sentence about it.
        geometry: longitudes and latitudes in degrees, and heights in metres where it has any; None: no place.
        at: when it was so, or began.
        marking: who may see it.
        more: further values by name.
        until: when it ended; None: it has no end, or no length.
        collection: what it is one of: tracks, events…
        times: when it was at each place of its line.
    """

    id: str
    title: str
    text: str
    geometry: "shapely.Geometry | None"
    at: datetime | None
    marking: str
    more: Mapping[str, Value] = {}
    until: datetime | None = None
    collection: str = "features"
    times: Sequence[datetime] = ()

    @property
    def values(self) -> dict[str, Value]:
        """Values beside its id and its place, its marking last."""
        end = {} if self.until is None else {"until": self.until.isoformat()}
        return {
            "title": self.title,
            "text": self.text,
            "at": self.at.isoformat() if self.at else None,
            **end,
            **self.more,
            "marking": self.marking,
        }


class FileHead(NamedTuple):
    """Head of a file: its name, the marking of all that is in it, and when it was made."""

    name: str
    marking: str
    at: datetime | None = None


def point(place: tuple[float, float] | None) -> "shapely.Point | None":
    """Return a latitude and longitude as a geometry; None for none."""
    import shapely

    return None if place is None else shapely.Point(place[1], place[0])
