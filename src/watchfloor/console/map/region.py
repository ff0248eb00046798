"""The regional base map: a PMTiles file of the cell's own, drawn below everything else on a map.

Who may not see the marking of a file that `watchfloor share pmtiles` wrote gets maps without it.
"""

import html
import logging
import re
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from watchfloor.console.operations import event
from watchfloor.core.extras import MissingExtraError
from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason
from watchfloor.exchange.geo.tile_archive import TileArchive, TileArchiveError
from watchfloor.policy.policy import Reader, allowed

PATH: Final = "/map/region/{version}/{z}/{x}/{y}"
TAG: Final = re.compile(r"<[^<>]*>")
LONGEST: Final = 300
"""Characters of an attribution."""


class RegionView(NamedTuple):
    """Parts of it that a page draws it by.

    Attributes:
        source: address of tiles, zooms, box and layers, as JSON.
        attribution: whose data it is, as text.
        marking: of the file; empty where it has none.
    """

    source: str
    attribution: str
    marking: str


class Region:
    """The file, opened when it is first asked for, and again when another has taken its place."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._opened: tuple[str, TileArchive | None] = "", None

    def shown(self, reader: Reader) -> tuple[str, TileArchive] | None:
        """Return its version and the archive; None where there is none that is good and that they may see."""
        version, archive = self._now()
        may = archive is not None and (not archive.marking or allowed(reader, parse(archive.marking)))
        return (version, archive) if archive is not None and may else None

    def view(self, reader: Reader) -> RegionView | None:
        """Return what a page needs to draw it; None as `shown` does."""
        found = self.shown(reader)
        if found is None:
            return None
        version, archive = found
        tiles = PATH.replace("{version}", version)
        source = {"tiles": tiles, "zooms": archive.zooms, "box": archive.box, "layers": archive.layers}
        said = html.unescape(TAG.sub("", archive.attribution)).strip()[:LONGEST]
        return RegionView(msgspec.json.encode(source).decode(), said, archive.marking)

    def _now(self) -> tuple[str, TileArchive | None]:
        if self._path is None:
            return "", None
        try:
            stat = self._path.stat()
            said = f"{stat.st_ino} {stat.st_size} {stat.st_mtime_ns}"
        except OSError:
            said = ""
        version = blake2b(said.encode(), digest_size=8).hexdigest()
        if self._opened[0] != version:
            try:
                self._opened = version, TileArchive(self._path)
            except (TileArchiveError, MissingExtraError) as error:
                self._opened = version, None
                wrong(error.reason)
        return self._opened


def wrong(why: Reason) -> None:
    """Log why it, or a tile of it, is not drawn."""
    event("region", logging.WARNING, message=why.message)
