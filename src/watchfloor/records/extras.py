"""Optional parts of an installation: which extra brings a library, and what is said where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from watchfloor.records.messages import declare, reason

EXTRAS: Final = {
    "asterix": "asterix",
    "gmpy2": "partnership",
    "joserfc": "oidc",
    "jsonschema_rs": "reports",
    "lightgbm": "models",
    "matplotlib": "scorecard",
    "nats": "nats",
    "opendp": "partnership",
    "paho": "mqtt",
    "psycopg": "postgres",
    "psycopg_pool": "postgres",
    "pydicom": "lab",
    "pysail": "sail",
    "pyspark": "spark",
    "rdkit": "lab",
    "splink": "splink",
    "stanag4609": "klv",
    "typst": "pdf",
}
"""The extra of `pyproject.toml` that brings each optional library, by the name under which it is imported."""


MISSING: Final = declare(
    "extras.missing",
    en="this needs {library}, which is not installed. Install it with: pip install 'watchfloor[{extra}]' "
    "(in a clone: ./dev install)",
    fr="ceci demande {library}, qui n’est pas installé. Pour l’installer : pip install 'watchfloor[{extra}]' "
    "(dans un clone : ./dev install)",
)


class MissingExtraError(ImportError):
    """A library that this run needs belongs to an extra that is not installed; the reason says which."""

    def __init__(self, library: str) -> None:
        self.reason = reason(MISSING, library=library, extra=EXTRAS[library])
        super().__init__(str(self.reason), name=library)


@contextmanager
def optional() -> Iterator[None]:
    """Raise `MissingExtraError` where a library of an extra is imported inside and is not installed.

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
