"""Feeds in our own columns: what the nodes' feeds share."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from watchfloor.core.kinds import KINDS, PARTY
from watchfloor.exercise.acts import Act
from watchfloor.exercise.cast import Cast, Identifier, Party
from watchfloor.exercise.feeds import parties
from watchfloor.exercise.feeds.base import Feed, Observation, Row, batches
from watchfloor.exercise.volumes import Volume
from watchfloor.formats.registry import FORMATS

SETTINGS: Final = """\
[feeds.{feed}]
paths = ["{feed}.csv"]
format = "{kind}-csv"
marking = "PB//TLP:AMBER"
"""


def nothing(cast: Cast, count: int) -> Iterator[Act]:  # noqa: ARG001 - what a feed of everyday acts takes
    """No acts of its own: it sees those of other feeds."""
    yield from ()


def feed(
    name: str,
    kind: str,
    sees: Callable[[Act], Iterator[Observation]],
    volume: Volume,
    everyday: Callable[[Cast, int], Iterator[Act]] = nothing,
) -> Feed:
    """A feed of one kind, delivered as one CSV file in our own columns."""
    settings = SETTINGS.format(feed=name, kind=kind)
    return Feed(name, volume, settings, everyday, sees, partial(_write, name, kind))


def seen(act: Act, identifiers: Sequence[Identifier | None] = (), **says: Any) -> Observation:
    """A row that names its subjects in its own columns."""
    return Observation(act, None, tuple(one for one in identifiers if one), says)


def _write(name: str, kind: str, folder: Path, rows: Sequence[Row]) -> None:
    if kind == PARTY.name:
        parties.write(folder, name, rows)
        return
    writer = FORMATS[f"{kind}-csv"].write
    assert writer is not None, kind
    with (folder / f"{name}.csv").open("wb") as stream:
        writer(batches(KINDS[kind], rows, _cells), stream)


def _cells(row: Row) -> dict[str, object]:
    first = {"report_key": row.report_key, "observed_at": row.seen.act.at, "origins": [], "locator": ""}
    return first | dict(row.seen.says)


def person(feed: str, party: Party) -> str:
    """A person as a feed knows him, by a number of its own."""
    said = "\x1f".join((feed, party.name, party.born or "", *(party.address or ())))
    return f"person:{feed}:{int.from_bytes(blake2b(said.encode(), digest_size=5).digest()):013}"
