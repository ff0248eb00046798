"""Assets: style sheets, scripts and data that pages load, all served by ourselves.

Their addresses hold a digest of all of them, so a browser keeps what it has until any of it changes, and
modules find each other by relative addresses. MapLibre GL JS is brought from npm by `./dev vendor`: a wheel
holds it, a repository does not.
"""

import gzip
import mimetypes
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

MAP: Final = "maplibre/"
"""Folder of what `./dev vendor` brings."""

TYPES: Final = {".js": "text/javascript", ".json": "application/json", ".bin": "application/octet-stream"}
_SMALL: Final = 512
"""Bytes below which packing gains nothing."""


class Asset(NamedTuple):
    """One file, as it is and packed with gzip; `packed` is None where that gains nothing."""

    type: str
    content: bytes
    packed: bytes | None


class Assets:
    """All assets, in memory; `base` is the folder of their addresses."""

    def __init__(self) -> None:
        self._all = dict(sorted(_own()))
        whole = blake2b(digest_size=8)
        for name, one in self._all.items():
            whole.update(name.encode() + b"\0" + one.content)
        self.digest = whole.hexdigest()
        self.base = f"/assets/{self.digest}"

    def __getitem__(self, name: str) -> Asset:
        return self._all[name]

    def get(self, name: str) -> Asset | None:
        """The asset of that name, or None."""
        return self._all.get(name)

    def names(self) -> list[str]:
        """Every name."""
        return list(self._all)

    def url(self, name: str) -> str:
        """The address of an asset. Raises `KeyError`: a page that asks for what is not there is a mistake."""
        if name not in self._all:
            raise KeyError(f"{name}: run ./dev vendor" if name.startswith(MAP) else name)
        return f"{self.base}/{name}"


def _own() -> Iterator[tuple[str, Asset]]:
    root = files("watchfloor.console") / "static"
    for name, file in _walk(root, ""):
        content = file.read_bytes()
        if name.endswith(".gz"):  # data that is kept packed, such as the base map
            yield (
                name.removesuffix(".gz"),
                _asset(name.removesuffix(".gz"), gzip.decompress(content), content),
            )
        else:
            yield name, _asset(name, content)


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _walk(one, f"{above}{one.name}/")
        else:
            yield f"{above}{one.name}", one


def _asset(name: str, content: bytes, packed: bytes | None = None) -> Asset:
    suffix = Path(name).suffix
    type_ = TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if type_.startswith("text/") or type_ == "application/json":
        type_ += "; charset=utf-8"
    if packed is None and len(content) > _SMALL and not type_.startswith(("image/png", "font/")):
        packed = _packed(content)
    return Asset(type_, content, packed)


@cache  # a process may serve several floors, one after the other
def _packed(content: bytes) -> bytes | None:
    made = gzip.compress(content, 9, mtime=0)
    return made if len(made) < len(content) else None
