"""A document against a JSON schema that the user supplies. No schema of the unit is part of this program."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from watchfloor.cell.acts import refuse
from watchfloor.core.extras import optional
from watchfloor.core.messages import declare
from watchfloor.exchange.fintrac.traced import escaped

MOST: Final = 100
"""Errors of a document that are told."""

BAD_SCHEMA: Final = declare("fintrac.bad-schema", "file", "problem")


class SchemaError(NamedTuple):
    """Where a document breaks the schema, and how."""

    pointer: str
    message: str


class Schema(NamedTuple):
    """A schema: its file's name and SHA-256, and the check."""

    name: str
    digest: str
    errors: Callable[[Any], Iterator[SchemaError]]
    valid: Callable[[Any], bool]


def load(path: Path) -> Schema:
    """The schema in a file; one that points outside of itself is refused, nothing is fetched.

    Raises:
        watchfloor.cell.acts.Refusal: it is no schema.
        MissingExtraError: the library is not installed.
    """
    with optional():
        import jsonschema_rs
    data = path.read_bytes()
    try:
        given = json.loads(data)
        validator = jsonschema_rs.validator_for(given, retriever=_nowhere)
    except (
        ValueError,
        jsonschema_rs.ReferencingError,
    ) as error:  # its own errors of a schema are ValueErrors
        refuse(BAD_SCHEMA, file=str(path), problem=str(error).partition("\n")[0])

    def errors(document: Any) -> Iterator[SchemaError]:
        for found, _ in zip(validator.iter_errors(document), range(MOST), strict=False):
            pointer = "".join(f"/{escaped(str(step))}" for step in found.instance_path)
            yield SchemaError(pointer, found.message)

    return Schema(path.name, sha256(data).hexdigest(), errors, validator.is_valid)


def _nowhere(uri: str) -> Any:
    raise ValueError(f"it points to {uri}, and nothing is fetched; put everything into one file")
