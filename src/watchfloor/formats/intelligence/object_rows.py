"""Rows of the kind `intelligence-object`, from formats whose objects are read one at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.formats.base import Batch


class ObjectRow(NamedTuple):
    """An object of somebody else's intelligence; fields are the columns of its kind, and its own marking."""

    report_key: str
    locator: str
    observed_at: datetime
    standard: str
    object_id: str
    object_type: str
    version: str | None
    name: str | None
    object_refs: list[str]
    subjects: list[str]
    body: str
    modified: datetime | None = None
    revoked: bool = False
    created_by: str | None = None
    object_marking: tuple[str, ...] = ()
    marking: str | None = None
    spec_version: str | None = None
    created: datetime | None = None
    origins: tuple[str, ...] = ()


def batch(rows: Sequence[ObjectRow]) -> Batch:
    """Return rows as a batch; where they state markings of their own, with that column."""
    schema = INTELLIGENCE_OBJECT.body
    if rows[0].marking is not None:
        schema = schema.append(pa.field("marking", pa.string()))
    return Batch(INTELLIGENCE_OBJECT, pa.Table.from_pylist([one._asdict() for one in rows], schema))
