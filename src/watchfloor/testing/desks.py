"""Checks of what every desk keeps, each of which names what was broken."""

import contextlib
import datetime as dt
import os
import random
import socket
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pyarrow as pa

from watchfloor.core.canonical import table_digest
from watchfloor.core.messages import Reason
from watchfloor.desks.base import ARRIVAL, ROWS, Desk, Refs
from watchfloor.run import INLINE, cut, run
from watchfloor.run.digest import digests
from watchfloor.run.fold import Fold, gathered
from watchfloor.run.order import arranged, clock, moment, up_to
from watchfloor.run.revisions import settled
from watchfloor.run.runner import Runner

Inputs = Mapping[str, pa.Table]

FINEST = 0
"""As a count of parts: each value is a part of its own."""
BY_ID = [("row_id", "ascending"), ("revision", "ascending")]


class Cut(NamedTuple):
    """Where a batch ends, how far on its watermark is towards the next row, whether the state moves."""

    end: int
    reach: float
    frozen: bool


def check_cuts(desk: Desk[Any], inputs: Inputs, refs: Refs, cuts: list[Cut]) -> None:
    """The history is the same, byte for byte, for every cut, watermark and freeze/thaw point."""
    whole, pieces = run(desk, inputs, refs), history_in_pieces(desk, inputs, refs, cuts)
    assert digests(pieces) == digests(whole), f"{desk.name}: the cut {cuts} changes the answer"
    for kind in whole:
        assert table_digest(pieces[kind]) == table_digest(whole[kind]), f"{desk.name}: {cuts} changes history"


def history_in_pieces(desk: Desk[Any], inputs: Inputs, refs: Refs, cuts: list[Cut]) -> dict[str, pa.Table]:
    """Return the history that a run in pieces gives, by derived kind."""
    rows = arranged(desk, inputs)
    fold, emitted = Fold(desk, refs), []
    for start, piece, watermark in _steps(desk, rows, cuts):
        emitted += fold.step(rows.slice(start, piece.end - start), moment(watermark))
        if piece.frozen:
            fold = Fold(desk, refs, moved(fold.freeze()))
    return {kind: settled(derived).sort_by(BY_ID) for kind, derived in gathered(desk, emitted).items()}


def check_parts(desk: Desk[Any], inputs: Inputs, refs: Refs, count: int, seed: int) -> None:
    """Folds over parts derive what one fold derives, whatever values make up a part.

    Args:
        count: how many parts there are at most; `FINEST` for each value a part of its own.
        seed: which values make up a part.
    """
    rows, rng = arranged(desk, inputs), np.random.default_rng(seed)
    check_values(desk, rows, rng)
    codes, names = cut.values(desk, rows)
    drawn = rng.integers(count, size=len(names)) if count != FINEST else np.arange(len(names))
    part = np.append(drawn, cut.EVERY)[codes].astype(np.int32)
    until = moment(int(clock(desk, rows).max()))
    folded = [gathered(desk, Fold(desk, refs).step(mine, until)) for mine in cut.split(rows, part)]
    later = run(desk, inputs, refs, until=until + timedelta(days=400))
    for kind, whole in run(desk, inputs, refs).items():
        assert later[kind].equals(whole), f"{desk.name}: time alone changes {kind}"
        apart = [settled(tables[kind]) for tables in folded]
        assert sum(len(one["row_id"].unique()) for one in apart) == len(
            pa.concat_tables(apart)["row_id"].unique()
        ), f"{desk.name}: two parts derive the same {kind}"
        together = pa.concat_tables(apart).sort_by(BY_ID)
        assert table_digest(together) == table_digest(whole), (
            f"{desk.name}: {len(folded)} parts change {kind}"
        )


def check_values(desk: Desk[Any], rows: pa.Table, rng: np.random.Generator) -> None:
    """The value of a row is its own, whatever rows it is asked about with."""
    if callable(desk.cut):
        some = pa.array(rng.permutation(rows.num_rows)[: rows.num_rows // 2])
        assert desk.cut(rows.take(some)).to_pylist() == desk.cut(rows).take(some).to_pylist(), (
            f"{desk.name}: the value of a row depends on the other rows"
        )


def moved(state: pa.Table | None) -> pa.Table | None:
    """A frozen state as another process would get it."""
    if state is None:
        return None
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, state.schema) as writer:
        writer.write_table(state)
    return pa.ipc.open_stream(sink.getvalue()).read_all()


def _steps(desk: Desk[Any], rows: pa.Table, cuts: list[Cut]) -> Iterator[tuple[int, Cut, int]]:
    at = clock(desk, rows)
    last, ends = int(at.max()), [*sorted({c for c in cuts if c.end < len(at)}), Cut(len(at), 1, False)]
    starts = [0, *(piece.end for piece in ends)]
    for start, piece in zip(starts, ends, strict=False):
        if piece.end == len(at):
            yield start, piece, last
        elif desk.order is ARRIVAL or desk.cut is ROWS:
            yield start, piece, int(at[: max(piece.end, 1)].max())
        else:
            low, high = int(at[max(piece.end - 1, 0)]), int(at[piece.end])
            yield start, piece, low + int((high - low) * piece.reach)


def check_causality(desk: Desk[Any], inputs: Inputs, refs: Refs, until: int) -> None:
    """A run up to a moment gives what the whole history says was held at that moment."""
    whole = run(desk, inputs, refs)
    known = {kind: up_to(desk, inputs[kind], until) for kind in desk.reads}
    before = run(desk, known, refs, until=moment(until))
    assert digests({kind: up_to_at(rows, until) for kind, rows in whole.items()}) == digests(before), (
        f"{desk.name}: what was held at {moment(until)} depends on what came later"
    )


def up_to_at(derived: pa.Table, until: int) -> pa.Table:
    """Return the rows that were known at a moment, in microseconds."""
    return derived.filter(pa.array(derived["at"].cast(pa.int64()).to_numpy() <= until))


def check_order(desk: Desk[Any], inputs: Inputs, refs: Refs, seed: int) -> None:
    """A desk that takes each row by itself gives the same net for a shuffled delivery."""
    rng = np.random.default_rng(seed)
    shuffled = {kind: rows.take(pa.array(rng.permutation(rows.num_rows))) for kind, rows in inputs.items()}
    assert digests(run(desk, shuffled, refs)) == digests(run(desk, inputs, refs)), (
        f"{desk.name}: order matters"
    )


def check_runner(desk: Desk[Any], inputs: Inputs, refs: Refs, runner: Runner) -> None:
    """Another runner gives the same digest and the same history."""
    here, there = run(desk, inputs, refs, INLINE), run(desk, inputs, refs, runner)
    assert digests(there) == digests(here), f"{desk.name}: {runner} changes the answer"
    for kind in here:
        assert table_digest(there[kind]) == table_digest(here[kind]), f"{desk.name}: {runner} changes history"


def check_reasons(desk: Desk[Any], inputs: Inputs, refs: Refs) -> dict[str, pa.Table]:
    """Each row names records of its input or coverage, and says why in both languages. Gives the rows."""
    derived = run(desk, inputs, refs)
    known = {
        record
        for kind in desk.reads
        if "record_id" in inputs[kind].column_names
        for record in inputs[kind]["record_id"].to_pylist()
    }
    for row in (row for rows in derived.values() for row in rows.to_pylist()):
        cited = [*row.get("evidence", ()), *row.get("coverage", ())]
        assert cited, f"{desk.name}: a row rests on nothing: {row}"
        assert not known or known.issuperset(cited), f"{desk.name}: a row cites what it was not given: {row}"
        if "reason" in row:
            said = Reason.load(row["reason"])
            assert said.render("en"), f"{desk.name}: {said.message} says nothing in English"
            assert said.render("fr"), f"{desk.name}: {said.message} says nothing in French"
    return derived


class AmbientError(AssertionError):
    """A fold looked at something that it was not handed."""


def check_nothing_ambient(desk: Desk[Any], inputs: Inputs, refs: Refs) -> None:
    """No clock, randomness, environment, file, socket or process, once modules and kernels are loaded."""
    rows = arranged(desk, inputs)
    end = moment(int(clock(desk, rows).max()))
    loaded = Fold(desk, refs)
    loaded.step(rows, end)
    Fold(desk, refs, loaded.freeze())
    with nothing_ambient(desk):
        fold = Fold(desk, refs)
        fold.step(rows, end)
        Fold(desk, refs, fold.freeze())


@contextlib.contextmanager
def nothing_ambient(desk: Desk[Any]) -> Iterator[None]:
    """Deny clock, chance, environment, files and network to the desk's modules."""
    with contextlib.ExitStack() as stack:
        for owner, name in _AMBIENT:
            real, denied = getattr(owner, name), _denied(f"{owner.__name__}.{name}")
            stack.enter_context(mock.patch.object(owner, name, denied))
            for names in namespaces(desk):
                aliases = {alias: denied for alias, value in names.items() if value is real}
                stack.enter_context(mock.patch.dict(names, aliases))
        for names in namespaces(desk):
            found = {alias: _stand_in(value) for alias, value in names.items()}
            stack.enter_context(mock.patch.dict(names, {k: v for k, v in found.items() if v is not None}))
        stack.enter_context(_no_files_or_sockets())
        yield


def namespaces(desk: Desk[Any]) -> list[dict[str, Any]]:
    """The globals of the desk's functions and of the modules of its folder."""
    package = desk.place.rpartition(".")[0]
    found = [
        vars(module) for name, module in list(sys.modules.items()) if package and name.startswith(package)
    ]
    functions = (desk.step, desk.begin, desk.freeze, desk.thaw)
    found += [function.__globals__ for function in functions if hasattr(function, "__globals__")]
    return [names for names in {id(names): names for names in found}.values() if names is not globals()]


_AMBIENT = [
    *(
        (time, name)
        for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime")
    ),
    *((random, name) for name in ("random", "randint", "choice", "shuffle", "getrandbits", "_urandom")),
    *((os, name) for name in ("urandom", "getenv", "getpid")),
    *((uuid, name) for name in ("uuid1", "uuid4")),
    *((np.random, name) for name in ("rand", "random", "randint", "normal", "shuffle", "permutation")),
    (socket, "socket"),
]


def _denied(what: str) -> Any:
    def deny(*_: Any, **__: Any) -> Any:
        raise AmbientError(f"looked at {what}")

    return deny


class _NoEnvironment:
    def __getattr__(self, name: str) -> Any:
        raise AmbientError("looked at os.environ")

    __getitem__ = __contains__ = __getattr__


def _clockless(of: type) -> type:
    """A date class that is the same but for the clock."""
    body: dict[str, Any] = {
        name: classmethod(_denied(f"{of.__name__}.{name}"))
        for name in ("now", "today", "utcnow")
        if hasattr(of, name)
    }
    body["__class_getitem__"] = None
    meta = type("Same", (type,), {"__instancecheck__": lambda _, value: isinstance(value, of)})
    made: type = meta(of.__name__, (of,), {k: v for k, v in body.items() if v})
    return made


def _copy(module: Any, **other: Any) -> Any:
    copy = type(sys)(module.__name__)
    copy.__dict__.update(vars(module), **other)
    return copy


_DATETIME, _DATE = _clockless(dt.datetime), _clockless(dt.date)


def _stand_in(value: Any) -> Any:
    """Stand-in that a desk's module gets in place of a class or a module that leads outside.

    The environment is denied to the desk's own modules alone: compiled libraries read their switches from it.
    """
    if value is dt.datetime:
        return _DATETIME
    if value is dt.date:
        return _DATE
    if value is dt:
        return _copy(dt, datetime=_DATETIME, date=_DATE)
    if value is os:
        return _copy(os, environ=_NoEnvironment(), getenv=_denied("os.getenv"), urandom=_denied("os.urandom"))
    return _NoEnvironment() if value is os.environ else None


_watching: list[bool] = []


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if _watching and (
        event == "open" or event.startswith(("socket.", "subprocess.", "os.system", "os.exec"))
    ):
        raise AmbientError(f"fold: {event} {args[:1]}")


sys.addaudithook(_audit)  # a hook cannot be taken off again; it sleeps while nobody watches


@contextlib.contextmanager
def _no_files_or_sockets() -> Iterator[None]:
    _watching.append(True)
    try:
        yield
    finally:
        _watching.pop()


def every_row(rows: int) -> list[Cut]:
    """The finest cut: each row a batch, the state moved after each."""
    return [Cut(end, 0.5, True) for end, _ in pairwise(range(1, rows + 1))]
