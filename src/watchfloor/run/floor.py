"""Runs desks over a floor's evidence, once a view, and keeps what they made, and took back, and why."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

import pyarrow as pa

from watchfloor.core.derived import last_of_each_marking, net, since_first
from watchfloor.core.messages import declare, reason
from watchfloor.desks.base import ARRIVAL, Desk, DeskError, Refs
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.run.inline import INLINE
from watchfloor.run.order import as_received
from watchfloor.run.runner import Runner, run
from watchfloor.run.spark.connect import Connect
from watchfloor.store.floor import Floor
from watchfloor.store.segments.replacing import told_apart

POLICY_CHANGED: Final = declare("cluster.policy-changed")


class DeskRun(NamedTuple):
    """Result of one desk: up to which position it read, and the derived rows that stand, by kind.

    `view` is whose it is, as `Floor.view` gives it.
    """

    desk: str
    version: str
    position: int
    standing: dict[str, int]
    view: str = ""


class PolicyChangedError(DeskError):
    """The policy changed during a run; what was kept before stays, as it was read under the earlier one."""

    def __init__(self) -> None:
        self.reason = reason(POLICY_CHANGED)
        super().__init__(str(self.reason))


class Keeper(Protocol):
    """Keeps what a run made; see `Writer.keep_run`, which is one."""

    def keep_run(
        self,
        desk: str,
        version: str,
        at_position: int,
        refs: Mapping[str, str],
        tables: Mapping[str, pa.Table],
        view: str = ...,
    ) -> int:
        """Keep what a desk made; gives the run's position."""


def run_desks(
    floor: Floor,
    writer: Keeper,
    desks: Iterable[Desk[Any]],
    refs: Refs,
    readers: Iterable[Reader],
    *,
    runner: Runner = INLINE,
) -> Iterator[DeskRun]:
    """Run each desk once for each view that the readers have, and keep the results in place of the earlier.

    Args:
        desks: in an order in which each comes after those whose kinds it reads, as the registry gives them.
        refs: everything that any of them uses.
        readers: of whom many may share a view; those who see everything share the whole.
        runner: where the folds run.

    Raises:
        PolicyChangedError: the policy is another than when the run began: it may give readers other views.
    """
    position, policy = floor.position, terms.digest(floor.root)
    views = {floor.view(reader, position): reader for reader in readers}
    derived: dict[str, dict[str, pa.Table]] = {view: {} for view in views}
    for desk in desks:
        used = {name: refs.digests[name] for name in desk.uses}
        for view, reader in views.items():
            history = history_of(floor, desk, refs, reader, position, derived[view], runner)
            made = {kind: to_keep(kind, rows) for kind, rows in history.items()}
            if terms.digest(floor.root) != policy:
                raise PolicyChangedError
            writer.keep_run(desk.name, desk.version, position, used, made, view)
            derived[view] |= history
            standing = {kind: net(rows).num_rows for kind, rows in made.items()}
            yield DeskRun(desk.name, desk.version, position, standing, view)


def to_keep(kind: str, history: pa.Table) -> pa.Table:
    """Select the revisions of a kind to keep: the last under each marking, signals as first known."""
    rows = last_of_each_marking(history)
    return since_first(rows, history) if kind == "signal" else rows


def behind(floor: Floor, desks: Iterable[Desk[Any]]) -> list[str]:
    """The desks that have not read all that is there: rows came since they ran, or a run was cut off."""
    read = {run.desk: run.at_position for run in floor.runs()}
    return [desk.name for desk in desks if floor.newest(desk.reads) > read.get(desk.name, 0)]


class Replay(NamedTuple):
    """A kept run done again from the evidence of its position."""

    desk: str
    position: int
    same: bool
    version_then: str
    version_now: str
    other_references: tuple[str, ...]


def replay(
    floor: Floor, desks: Mapping[str, Desk[Any]], refs: Refs, reader: Reader, *, runner: Runner = INLINE
) -> Iterator[Replay]:
    """Do each desk's last run of the reader's view again and compare it, byte for byte, with what was kept.

    It differs when the code or a reference has changed since, or when a record it rested on was erased. A
    reader whose view was not kept is shown what is made anew each time, which cannot differ.
    """
    derived: dict[str, pa.Table] = {}
    ran = {last.desk: last for last in floor.standing()}
    for name, desk in desks.items():
        if name not in ran:
            continue
        view = floor.view(reader, ran[name].at_position)
        kept = next((one for one in reversed(floor.runs(name)) if one.view == view), None)
        newest = kept or ran[name]
        history = history_of(floor, desk, refs, reader, newest.at_position, derived, runner)
        made = {kind: to_keep(kind, rows) for kind, rows in history.items()}
        derived |= history
        other = tuple(n for n in desk.uses if refs.digests[n] != newest.refs.get(n))
        same = kept is None or floor.digest(made) == kept.digest
        yield Replay(name, newest.position, same, newest.version, desk.version, other)


def history_of(
    floor: Floor,
    desk: Desk[Any],
    refs: Refs,
    reader: Reader,
    position: int,
    derived: Mapping[str, pa.Table],
    runner: Runner = INLINE,
) -> dict[str, pa.Table]:
    """Every revision of what a desk says of the evidence up to a position that `reader` may see.

    `derived` holds what the desks before it said, by kind.
    """
    if isinstance(runner, Connect):
        return runner.over_floor(floor, desk, refs, reader, position, derived)
    lowered = floor.lowered(position)
    inputs = {
        kind: derived[kind]
        if kind in derived
        else told_apart(floor.read(kind, reader, as_of=position), lowered)
        for kind in desk.reads
    }
    if desk.order is ARRIVAL:
        inputs = {kind: as_received(rows) for kind, rows in inputs.items()}
    return run(desk, inputs, refs, runner)
