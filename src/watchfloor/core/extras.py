"""Optional parts of an installation: which extra brings a library, and what is said where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from watchfloor.core.messages import declare, reason

EXTRAS: Final = {
    "asterix": "asterix",
    "cv2": "video",
    "gmpy2": "partnership",
    "highspy": "rosters",
    "joserfc": "oidc",
    "jsonschema_rs": "reports",
    "lightgbm": "models",
    "matplotlib": "scorecard",
    "nats": "nats",
    "onnxruntime": "travel-images",
    "opendp": "partnership",
    "paho": "mqtt",
    "pmtiles": "tiles",
    "psycopg": "postgres",
    "pydicom": "lab",
    "pysail": "sail",
    "pyspark": "spark",
    "rapidocr": "travel-images",
    "rasterio": "terrain",
    "rdkit": "lab",
    "sgp4": "space",
    "splink": "splink",
    "stanag4609": "klv",
    "typst": "pdf",
}
"""The extra of `pyproject.toml` that brings each optional library, by the name under which it is imported."""


MISSING: Final = declare("extras.missing", "library", "extra")


SYSTEM: Final = {"libgomp.so.1": ("lightgbm", "libgomp1")}
"""Shared libraries that wheels do not bring: the library that needs each, and the Debian package of it."""

MISSING_SYSTEM: Final = declare("extras.missing-system", "library", "file", "package")


class MissingExtraError(ImportError):
    """A library that this run needs belongs to an extra that is not installed; the reason says which."""

    def __init__(self, library: str) -> None:
        self.reason = reason(MISSING, library=library, extra=EXTRAS[library])
        super().__init__(str(self.reason), name=library)


class MissingSystemLibraryError(MissingExtraError):
    """A library of an extra is installed, and a shared library that it needs is not."""

    def __init__(self, file: str) -> None:
        library, package = SYSTEM[file]
        self.reason = reason(MISSING_SYSTEM, library=library, file=file, package=package)
        ImportError.__init__(self, str(self.reason), name=library)


@contextmanager
def optional() -> Iterator[None]:
    """Raise `MissingExtraError` where a library of an extra is imported inside and is not installed.

    Also where it is installed and does not load for want of a shared library (`SYSTEM`).

    with optional():
        import typst
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in EXTRAS:
            raise
        raise MissingExtraError(library) from error
    except OSError as error:  # of ctypes: "libgomp.so.1: cannot open shared object file: ..."
        file = str(error).partition(":")[0]
        if file not in SYSTEM:
            raise
        raise MissingSystemLibraryError(file) from error
