"""Lines of the operators' log, of consoles and commands alike: JSON, without values of records or secrets."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

MOST_FRAMES: Final = 12


def line(event: str, level: str, moment: datetime, fields: Mapping[str, object]) -> str:
    """Return an event as one line of JSON."""
    when = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return json.dumps(
        {"time": when, "level": level, "event": event, **fields}, ensure_ascii=False, default=str
    )


def failure(error: BaseException, kind: str, *, detail: bool = False) -> dict[str, object]:
    """Return the fields of a failure: a new incident id, its kind, and what `about` tells of its error.

    Args:
        error: what went wrong.
        kind: of failure.
        detail: whether what the error says is for operators; of a mistake of ours it may be about anybody.
    """
    fields = {"incident": os.urandom(4).hex(), "kind": kind, **about(error)}
    return fields | ({"detail": str(error)} if detail else {})


def about(error: BaseException) -> dict[str, object]:
    """Return the types of an error and of what it came from, and where it arose: no values."""
    import traceback  # which takes as long to load as a whole line may take

    types: list[str] = []
    one: BaseException | None = error
    while one is not None and len(types) < MOST_FRAMES:
        types.append(type(one).__name__)
        one = one.__cause__ or one.__context__
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return {"error": types, "at": [f"{place(one.filename, one.lineno)} {one.name}" for one in frames]}


def place(file: str, line_number: int | None) -> str:
    """Return a place in the program as a line of the log names it."""
    return f"{'/'.join(Path(file).parts[-2:])}:{line_number}"
