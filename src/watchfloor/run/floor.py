"""Runs desks over a floor's evidence, once a view, and keeps what they made, and took back, and why."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, Protocol

import pyarrow as pa

from watchfloor.core.derived import DERIVED, net, to_keep
from watchfloor.core.messages import declare, reason
from watchfloor.core.spool import Rows, Spool, pieces
from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.policy import terms
from watchfloor.policy.policy import Reader
from watchfloor.run import memo
from watchfloor.run.checkpoints import Checkpoints
from watchfloor.run.inline import INLINE
from watchfloor.run.runner import Runner
from watchfloor.run.spark.connect import Connect
from watchfloor.run.streaming import Histories, evaluated, whole
from watchfloor.store.errors import explained
from watchfloor.store.floor import Floor
from watchfloor.store.segments.runs import Run

POLICY_CHANGED: Final = declare("cluster.policy-changed")


class DeskRun(NamedTuple):
    """Result of one desk: up to which position it read, and the derived rows that stand, by kind.

    Attributes:
        desk: its name.
        version: of its code.
        position: of the log.
        standing: how many rows stand, by kind.
        view: whose it is, as `Floor.view` gives it.
        read: what of its evidence was folded: `all`, `new` with what that touches, or `none` where nothing
            was new.
    """

    desk: str
    version: str
    position: int
    standing: dict[str, int]
    view: str = ""
    read: Literal["all", "new", "none"] = "all"


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
        tables: Mapping[str, Rows],
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
    fresh: bool = False,
) -> Iterator[DeskRun]:
    """Run each desk once for each view that the readers have, and keep the results in place of the earlier.

    A desk for which nothing is new is left as it is; one of which parts can be folded apart folds what is new
    and what that touches (`run.memo`); one that is a single fold goes on from a checkpoint where it can
    (`run.checkpoints`). What is kept is, byte for byte, that of a run over everything.

    Args:
        desks: in an order in which each comes after those whose kinds it reads, as the registry gives them.
        refs: everything that any of them uses.
        readers: of whom many may share a view; those who see everything share the whole.
        runner: where the folds run.
        fresh: run every desk over everything, whatever is known of it.

    Raises:
        PolicyChangedError: the policy is another than when the run began: it may give readers other views.
        StoreFull: the disk has no room for what is derived; runs that were kept before stay.
    """
    position, chosen, policy = floor.position, list(desks), terms.digest(floor.root)
    views = {floor.view(reader, position): reader for reader in readers}
    derived: dict[str, dict[str, pa.Table]] = {view: {} for view in views}
    chained = not memo.is_for(chosen)  # a desk may read what another derives
    fresh = fresh or chained
    for desk in chosen:
        used = {name: refs.digests[name] for name in desk.uses}
        bases = {} if fresh else _bases(floor, desk, refs, views)
        newest = floor.newest(desk.reads, position)
        if len(bases) == len(views) and all(one.at_position >= newest for one in bases.values()):
            for view, one in bases.items():
                yield DeskRun(
                    desk.name, desk.version, one.at_position, _standing(floor, desk, one), view, "none"
                )
            continue
        known, points = memo.Memo(floor, desk, refs), Checkpoints(floor, desk, refs)
        for view, reader in views.items():
            made = known.answer(reader, bases[view], position) if view in bases else None
            read: Literal["all", "new"] = "new"
            if made is None:
                with explained(floor.root):  # much that is derived goes to a file there
                    histories = points.resumed(reader, position) if view in bases else None
                    if histories is None:
                        read = "all"
                        inline = runner is INLINE and points.usable
                        taking = points.runner(reader, position) if inline else runner
                        histories = _histories_of(floor, desk, refs, reader, position, derived[view], taking)
                    if chained:
                        history = _at_once(histories)
                        derived[view] |= history
                        histories = whole(history)
                    made = _to_keep(floor, desk, histories)
            if terms.digest(floor.root) != policy:
                raise PolicyChangedError
            writer.keep_run(desk.name, desk.version, position, used, made, view)
            points.keep(reader)
            standing = {kind: _count(rows) for kind, rows in made.items()}
            yield DeskRun(desk.name, desk.version, position, standing, view, read)
        if not isinstance(runner, Connect):  # a memo reads every row here, and these lie with the cluster
            known.keep(position)


STANDING: Final = ["row_id", "revision", "retracted"]
"""Columns that tell which rows stand."""


def _bases(floor: Floor, desk: Desk[Any], refs: Refs, views: Mapping[str, Reader]) -> dict[str, Run]:
    """The kept runs that those of views may go on from, by view; none for those that have none."""
    found = ((view, memo.basis(floor, desk, refs, reader)) for view, reader in views.items())
    return {view: kept for view, kept in found if kept}


def _standing(floor: Floor, desk: Desk[Any], kept: Run) -> dict[str, int]:
    told = pa.schema([field for field in DERIVED if field.name in STANDING])
    return {kind: _count(floor.kept(kind, kept, told)) for kind in desk.yields}


def _count(rows: Rows) -> int:
    return sum(net(piece.select(STANDING)).num_rows for piece in pieces(rows))


def _to_keep(floor: Floor, desk: Desk[Any], histories: Histories) -> dict[str, Spool]:
    made = {}
    for kind, parts in histories.items():
        made[kind] = spool = Spool(desk.yields[kind], floor.root)
        for rows in parts:
            spool.put(to_keep(kind, rows))
    return made


def _at_once(histories: Histories) -> dict[str, pa.Table]:
    return {kind: pa.concat_tables(parts) for kind, parts in histories.items()}


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
    chained = not memo.is_for(desks.values())
    for name, desk in desks.items():
        if name not in ran:
            continue
        view = floor.view(reader, ran[name].at_position)
        kept = next((one for one in reversed(floor.runs(name)) if one.view == view), None)
        newest = kept or ran[name]
        histories = _histories_of(floor, desk, refs, reader, newest.at_position, derived, runner)
        if chained:
            derived |= (history := _at_once(histories))
            histories = whole(history)
        made = _to_keep(floor, desk, histories)
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
    return _at_once(_histories_of(floor, desk, refs, reader, position, derived, runner))


def _histories_of(
    floor: Floor,
    desk: Desk[Any],
    refs: Refs,
    reader: Reader,
    position: int,
    derived: Mapping[str, pa.Table],
    runner: Runner,
) -> Histories:
    if isinstance(runner, Connect):
        return whole(runner.over_floor(floor, desk, refs, reader, position, derived))
    return evaluated(floor, desk, refs, reader, position, derived, runner)
