"""Feeds in our own columns: what the nodes' feeds share."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from watchfloor.exercise.acts import Act
from watchfloor.exercise.cast import Identifier, Party
from watchfloor.exercise.feeds.base import Row, Seen
from watchfloor.formats.base import Batch
from watchfloor.formats.registry import FORMATS
from watchfloor.records.kinds import KINDS

SETTINGS: Final = """\
[feeds.{feed}]
paths = ["{feed}.csv"]
format = "{kind}-csv"
marking = "PB//TLP:AMBER"
"""


def settings(feed: str, kind: str) -> str:
    """The feed in `feeds.toml`."""
    return SETTINGS.format(feed=feed, kind=kind)


def seen(act: Act, identifiers: Sequence[Identifier | None] = (), **says: Any) -> Seen:
    """A row that names its subjects in its own columns."""
    return Seen(act, None, tuple(one for one in identifiers if one), says)


def write(folder: Path, feed: str, kind: str, rows: Sequence[Row]) -> None:
    """The feed's delivery of the day."""
    made = [
        {"report_key": row.report_key, "observed_at": row.seen.act.at, "origins": [], "locator": ""}
        | dict(row.seen.says)
        for row in rows
    ]
    table = pa.Table.from_pylist(made, schema=KINDS[kind].body)
    writer = FORMATS[f"{kind}-csv"].write
    assert writer is not None, kind
    with (folder / f"{feed}.csv").open("wb") as stream:
        writer([Batch(KINDS[kind], table)], stream)


def person(feed: str, party: Party) -> str:
    """A person as a feed knows him, by a number of its own."""
    said = "\x1f".join((feed, party.name, party.born or "", *(party.address or ())))
    return f"person:{feed}:{int.from_bytes(blake2b(said.encode(), digest_size=5).digest()):013}"
