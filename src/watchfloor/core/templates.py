"""Templates of pages: strict, escaped, and compiled once on a machine.

Jinja makes Python of each template, which takes 30 ms for a page of the console and its parts. That code is
kept beside the machine code of kernels, under a digest of all that it follows from: the template, the version
of Jinja, and what the filters ask for, which Jinja looks up while it compiles.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from typing import Any, Final

import jinja2
from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket

from watchfloor.core import caches

_FOLDER: Final = "templates"


def environment(package: str, filters: Mapping[str, Callable[..., Any]], **options: Any) -> Environment:
    """Return Jinja's environment for the templates that lie in a package; `options` are Jinja's own."""
    settings = options | {"trim_blocks": True, "lstrip_blocks": True}
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_kept(package, filters, settings),
        **settings,
    )
    made.filters |= filters
    return made


def _kept(
    package: str, filters: Mapping[str, Callable[..., Any]], settings: Mapping[str, Any]
) -> BytecodeCache | None:
    asked = sorted((name, str(getattr(one, "jinja_pass_arg", ""))) for name, one in filters.items())
    follows = repr((package, jinja2.__version__, asked, sorted(settings.items())))
    place = caches.folder() / _FOLDER / blake2b(follows.encode(), digest_size=8).hexdigest()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a full disk, or a cache that is only read and has none of these
        return None
    return _Kept(str(place))


class _Kept(FileSystemBytecodeCache):
    """Jinja's cache in a folder. A page is shown where its code cannot be kept, or was damaged."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(Exception):  # whatever a damaged file makes pickle raise
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)
