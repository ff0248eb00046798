"""When a lead changed, as one reader could have seen it: after a run of the desks, or a judgement.

What a run yielded is kept, and a run that yields the same as the one before is known by that without being
read. So the moments are found from the rows of the few runs that said something new, and no queue is weighed.
A record that joins two matters without a run of any desk between is not among them.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.segments.reading import POSITION
from watchfloor.store.segments.runs import Run

MOST: Final = 200
"""Runs that are read, the newest."""

_READ: Final = ("row_id", "revision", "retracted", "strength", "subjects", "marking")
_JUDGED: Final = ("subject", "about", "verdict", "decided_by", "marking", POSITION)

Stand = Mapping[bytes, tuple[int, str]]
"""Revision and strength of each signal that stands, by its id."""


class Stop(NamedTuple):
    """A moment at which something changed.

    Attributes:
        at: of the act in the log.
        what: a run, or a judgement.
        came: signals that stand since, or say something else; `went`: that stand no longer.
        by: who judged.
        verdict: of the judgement.
        markings: of what is told.
    """

    at: datetime
    what: Literal["run", "judgement"]
    came: int = 0
    went: int = 0
    by: str = ""
    verdict: str = ""
    markings: tuple[str, ...] = ()


def stops(floor: Floor, reader: Reader, subjects: Collection[str]) -> list[Stop]:
    """The moments at which what is said of some subjects changed in a reader's view, oldest first."""
    found = [*_runs(floor, reader, subjects), *_judgements(floor, reader, subjects)]
    return sorted(found, key=lambda one: (one.at, one.what))


def _runs(floor: Floor, reader: Reader, subjects: Collection[str]) -> Iterator[Stop]:
    """One stop a round of the desks, at its last run."""
    wanted = pa.array(sorted(subjects), pa.string())
    before: dict[str, tuple[Stand, frozenset[str]]] = {}
    for rounds in _rounds(_changed(floor.runs_of(reader))[-MOST:]):
        came = went = 0
        markings: set[str] = set()
        for run in rounds:
            was, hidden = before.get(run.desk, ({}, frozenset()))
            now, seen = _stand(floor.yielded("signal", run, reader, _READ), wanted)
            before[run.desk] = now, seen
            if now != was:
                came += sum(was.get(id_) != said for id_, said in now.items())
                went += sum(id_ not in now for id_ in was)
                markings |= seen | hidden
        if came or went:
            yield Stop(
                floor.moment_of(rounds[-1].position), "run", came, went, markings=tuple(sorted(markings))
            )


def _changed(runs: list[Run]) -> list[Run]:
    """Runs whose rows are kept elsewhere than those of the desk's run before: they said something else."""
    kept: dict[str, int] = {}
    found = []
    for run in runs:
        if kept.get(run.desk) != run.kept:
            kept[run.desk] = run.kept
            found.append(run)
    return found


def _rounds(runs: list[Run]) -> Iterator[list[Run]]:
    """Runs that read the log up to the same position."""
    mine: list[Run] = []
    for run in runs:
        if mine and mine[-1].at_position != run.at_position:
            yield mine
            mine = []
        mine.append(run)
    if mine:
        yield mine


def _stand(rows: pa.Table, wanted: pa.Array) -> tuple[Stand, frozenset[str]]:
    """Return the current signals that name one of some subjects, and their markings."""
    lists = rows["subjects"].combine_chunks()
    hits = pc.is_in(lists.flatten(), wanted).to_numpy(zero_copy_only=False)
    mine = np.unique(pc.list_parent_indices(lists).to_numpy()[hits])
    last: dict[bytes, dict[str, Any]] = {}
    for row in rows.take(pa.array(mine)).drop_columns(["subjects"]).to_pylist():
        known = last.get(row["row_id"])
        if known is None or known["revision"] <= row["revision"]:
            last[row["row_id"]] = row
    stand = {id_: (row["revision"], row["strength"]) for id_, row in last.items() if not row["retracted"]}
    return stand, frozenset(row["marking"] for row in last.values())


def _judgements(floor: Floor, reader: Reader, subjects: Collection[str]) -> Iterator[Stop]:
    rows = floor.read("judgement", reader, columns=_JUDGED)
    wanted = pa.array(sorted(subjects), pa.string())
    mine = pc.or_(pc.is_in(rows["subject"], wanted), pc.is_in(rows["about"], wanted))
    for row in rows.filter(mine).to_pylist():
        at = floor.moment_of(row[POSITION])
        yield Stop(at, "judgement", by=row["decided_by"], verdict=row["verdict"], markings=(row["marking"],))
