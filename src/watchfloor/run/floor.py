"""Runs desks over a floor's evidence and keeps what they made."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.records.derived import net
from watchfloor.release.policy import Reader
from watchfloor.run.inline import INLINE
from watchfloor.run.runner import Runner, run
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer


class DeskRun(NamedTuple):
    """What one desk did: rows it read, and derived rows that stand, by kind."""

    desk: str
    version: str
    position: int
    read: int
    standing: dict[str, int]


def run_desks(
    floor: Floor,
    writer: Writer,
    desks: Iterable[Desk[Any]],
    refs: Refs,
    reader: Reader,
    *,
    runner: Runner = INLINE,
) -> Iterator[DeskRun]:
    """Run each desk over all evidence that `reader` may see, and keep its result in place of the earlier one.

    Args:
        desks: in an order in which each comes after those whose kinds it reads, as the registry gives them.
        refs: everything that any of them uses.
        runner: where the folds run.
    """
    derived: dict[str, pa.Table] = {}
    for desk in desks:
        position = floor.position
        inputs = {kind: derived.get(kind, _evidence(floor, kind, reader, position)) for kind in desk.reads}
        made = {kind: net(rows) for kind, rows in run(desk, inputs, refs, runner).items()}
        used = {name: refs.digests[name] for name in desk.uses}
        writer.keep_run(desk.name, desk.version, position, used, made)
        derived |= made
        read = sum(table.num_rows for table in inputs.values())
        yield DeskRun(desk.name, desk.version, position, read, {k: t.num_rows for k, t in made.items()})


def _evidence(floor: Floor, kind: str, reader: Reader, position: int) -> pa.Table:
    return floor.read(kind, reader, as_of=position)
