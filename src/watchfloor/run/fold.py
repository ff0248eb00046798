"""One desk's folds, one a key: their states, and the steps that move them on. Every runner runs these."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa

from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.run.order import by_key, moment

Emitted = list[tuple[Any, str, pa.Table]]
"""What steps derived, in the order they did: the key of the fold, the derived kind, rows (never none)."""


class Folds:
    """The states of one desk.

    Args:
        desk: whose.
        refs: what it may look at, at least what it `uses`.
        states: frozen states by key, to go on from; none for a fresh start.

    Raises:
        DeskError: a reference is missing.
    """

    def __init__(self, desk: Desk[Any], refs: Refs, states: Mapping[Any, pa.Table] | None = None) -> None:
        self._desk = desk
        self._refs = narrowed(desk, refs)
        self._states = {key: desk.thaw(self._refs, frozen) for key, frozen in (states or {}).items()}

    def step(self, rows: pa.Table, watermark: datetime) -> Emitted:
        """Fold more rows in their order; folds without rows learn that time has passed."""
        emitted: Emitted = []
        quiet = dict.fromkeys(self._states)
        for key, part in self._parts(rows):
            quiet.pop(key, None)
            emitted += self._step(key, part, watermark)
        for key in quiet:
            emitted += self._step(key, rows.slice(0, 0), watermark)
        return emitted

    def freeze(self) -> dict[Any, pa.Table]:
        """The states as Arrow tables, by key; they share nothing with the folds, which go on."""
        return {key: self._desk.freeze(state) for key, state in self._states.items()}

    def picture(self) -> dict[str, pa.Table]:
        """Return the live snapshot of the states, by derived kind; empty where the desk shows none."""
        found: dict[str, list[pa.Table]] = {}
        if self._desk.picture is not None:
            for state in self._states.values():
                for kind, rows in self._desk.picture(self._refs, state).items():
                    found.setdefault(kind, []).append(checked(self._desk, kind, rows, live=True))
        return {kind: pa.concat_tables(tables) for kind, tables in found.items()}

    def adopt(self, other: "Folds") -> None:
        """Go on from the states of other folds of this desk, in place of one's own under the same keys."""
        self._states |= other._states

    def _parts(self, rows: pa.Table) -> Iterator[tuple[Any, pa.Table]]:
        if isinstance(self._desk.key, str):
            yield from by_key(rows, self._desk.key)
        else:
            yield None, rows

    def _step(self, key: Any, rows: pa.Table, watermark: datetime) -> Emitted:
        desk = self._desk
        try:
            if key not in self._states:
                self._states[key] = desk.begin(self._refs)
            derived = desk.step(self._refs, self._states[key], rows, watermark)
        except Exception as error:
            where = f", key {key!r}" if isinstance(desk.key, str) else ""
            raise DeskError(
                f"desk {desk.name!r} ({desk.place}): step failed{where}, {rows.num_rows} rows up to "
                f"{watermark.isoformat()}: {type(error).__name__}: {error}"
            ) from error
        return [(key, kind, checked(desk, kind, table)) for kind, table in derived.items() if table.num_rows]


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
    for _, kind, rows in emitted:
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
