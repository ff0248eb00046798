"""One desk's fold: its state, and the steps that move it on. Every runner runs it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.run.order import moment, pieces

Emitted = list[tuple[str, pa.Table]]
"""What steps derived, in the order they did: the derived kind, rows (never none)."""


class Fold:
    """A desk, its references and its state.

    Args:
        desk: whose.
        refs: what it may look at, at least what it `uses`.
        frozen: a state from `freeze`, to go on from; None for a fresh start.

    Raises:
        DeskError: a reference is missing.
    """

    def __init__(self, desk: Desk[Any], refs: Refs, frozen: pa.Table | None = None) -> None:
        self._desk = desk
        self._refs = narrowed(desk, refs)
        self._begun = frozen is not None
        with _uncollected():
            self._state = desk.thaw(self._refs, frozen) if frozen is not None else None

    def step(self, rows: pa.Table, watermark: datetime) -> Emitted:
        """Fold more rows in their order; without rows, time has passed and nothing was seen."""
        desk = self._desk
        try:
            if not self._begun:
                self._state, self._begun = desk.begin(self._refs), True
            with _uncollected():
                derived = desk.step(self._refs, self._state, rows, watermark)
        except Exception as error:
            raise DeskError(
                f"desk {desk.name!r} ({desk.place}): step failed, {rows.num_rows} rows up to "
                f"{watermark.isoformat()}: {type(error).__name__}: {error}"
            ) from error
        return [(kind, checked(desk, kind, table)) for kind, table in derived.items() if table.num_rows]

    def run(self, rows: pa.Table, until: datetime) -> Emitted:
        """Fold rows to the end, in bounded pieces."""
        return [made for part in pieces(self._desk, rows, until) for made in self.step(*part)]

    def freeze(self) -> pa.Table | None:
        """Return the state as an Arrow table that shares nothing with it; None before the first step."""
        return self._desk.freeze(self._state) if self._begun else None

    def picture(self) -> dict[str, pa.Table]:
        """Return the live snapshot of the state, by derived kind; empty where the desk shows none."""
        if self._desk.picture is None or not self._begun:
            return {}
        shown = self._desk.picture(self._refs, self._state)
        return {kind: checked(self._desk, kind, rows, live=True) for kind, rows in shown.items()}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave cycles be: a state holds very many objects, and the collector looks at them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def narrowed(desk: Desk[Any], refs: Refs) -> Refs:
    """The references that `desk` uses and no others."""
    missing = [name for name in desk.uses if name not in refs]
    if missing:
        raise DeskError(f"desk {desk.name!r} uses the reference {', '.join(missing)}, which was not given")
    return refs.only(desk.uses)


def checked(desk: Desk[Any], kind: str, rows: pa.Table, *, live: bool = False) -> pa.Table:
    """Derived rows under their schema. Raises `DeskError` for an undeclared kind, another schema, a null."""
    schema = desk.yields.get(kind) or (desk.live.get(kind) if live else None)
    if schema is None:
        raise DeskError(f"desk {desk.name!r} ({desk.place}): derived {kind!r}, which it does not yield")
    if not rows.schema.equals(schema):
        raise DeskError(f"desk {desk.name!r} ({desk.place}): {kind!r} {_difference(rows.schema, schema)}")
    for field in schema:
        if not field.nullable and rows.column(field.name).null_count:
            raise DeskError(f"desk {desk.name!r} ({desk.place}): {kind!r} has a row without {field.name}")
    return rows


def _difference(given: pa.Schema, wanted: pa.Schema) -> str:
    if given.names != wanted.names:
        return f"has the columns {', '.join(given.names)}, where it yields {', '.join(wanted.names)}"
    field = next(f for f in wanted if not f.equals(given.field(f.name)))
    return f"has {_type(given.field(field.name))} in column {field.name}, where it yields {_type(field)}"


def _type(field: pa.Field) -> str:
    return f"{field.type}{'' if field.nullable else ' not null'}"


def gathered(desk: Desk[Any], emitted: Emitted) -> dict[str, pa.Table]:
    """Rows of each kind that `desk` yields, in the order they were derived."""
    found: dict[str, list[pa.Table]] = {kind: [] for kind in desk.yields}
    for kind, rows in emitted:
        found[kind].append(rows)
    return {
        kind: pa.concat_tables(tables) if len(tables) > 1 else (tables or [_none(desk, kind)])[0]
        for kind, tables in found.items()
    }


@lru_cache(maxsize=256)
def _none(desk: Desk[Any], kind: str) -> pa.Table:
    """No rows: a live run asks many times a second, and nearly always there are none."""
    return desk.yields[kind].empty_table()


def refuse_foreknowledge(desk: Desk[Any], kind: str, derived: pa.Table, end: int) -> None:
    """Raise `DeskError` when a derived row claims to be known from after the moment it was derived at."""
    if derived.num_rows and (known := int(derived.column("at").cast(pa.int64()).to_numpy().max())) > end:
        raise DeskError(
            f"desk {desk.name!r} ({desk.place}): a row of {kind!r} says it is known at "
            f"{moment(known).isoformat()}, after the watermark {moment(end).isoformat()}"
        )
