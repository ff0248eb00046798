"""State of a fold, declared as columns: how it freezes and thaws follows from the fields of its dataclass.

    @dataclass(slots=True)
    class Lists:
        pieces: dict[tuple[str, str], Piece] = keyed("entity", "part")
        judged: dict[tuple[str, str], Same] = keyed("subject", "entity")

A declared field is a table of its own, named as the field is; `part=` gives it another name. What follows
from other fields is not declared: `__post_init__` makes it of them, at the beginning and after a thaw.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields, replace
from datetime import datetime
from functools import lru_cache, partial
from types import NoneType
from typing import Annotated, Any, Final, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import pyarrow as pa

from watchfloor.core.kinds import INSTANT, RECORD_ID
from watchfloor.core.streams import joined, parted
from watchfloor.desks.base import Refs

S = TypeVar("S")
Row = Mapping[str, Any]
Tables = Mapping[str, pa.Table]

_DECLARED: Final = "declared"
_ARROW: Final = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: RECORD_ID,
    datetime: INSTANT,
}


class Codec(NamedTuple):
    """How a field becomes tables by name, and is made again from them and from what it begins as."""

    freeze: Callable[[Any], Tables]
    thaw: Callable[[Any, Tables], Any]


def freeze(state: Any, column: str = "rows") -> pa.Table:
    """Return a state as one table: that of its only field where `part` is empty, else all by name."""
    found = tables(state)
    return found[""] if _alone(state) else joined(found, column)


def thaw(begin: Callable[[Refs], S]) -> Callable[[Refs, pa.Table], S]:
    """Return the function that makes a state from what `freeze` gave and what it begins as."""
    return partial(_thawed, begin)


def _thawed(begin: Callable[[Refs], Any], refs: Refs, frozen: pa.Table) -> Any:
    state = begin(refs)
    return restored(state, {"": frozen} if _alone(state) else parted(frozen))


def _alone(state: Any) -> bool:
    return [part for _, part, _ in _declared(state.__class__)] == [""]


def tables(state: Any) -> dict[str, pa.Table]:
    """Return the tables of all declared fields, by name."""
    found: dict[str, pa.Table] = {}
    for name, part, codec in _declared(state.__class__):
        found |= {part + inner: rows for inner, rows in codec.freeze(getattr(state, name)).items()}
    return found


def restored(begun: Any, found: Tables) -> Any:
    """Return a state that has just begun with the declared fields that `tables` gave."""
    made = {}
    for name, part, codec in _declared(begun.__class__):
        mine = {inner.removeprefix(part): rows for inner, rows in found.items() if inner.startswith(part)}
        made[name] = codec.thaw(getattr(begun, name), mine)
    return replace(begun, **made)


@lru_cache
def _declared(kind: Any) -> tuple[tuple[str, str, Codec], ...]:
    hints = get_type_hints(kind, include_extras=True)
    declared = [(one.name, one.metadata[_DECLARED]) for one in fields(kind) if _DECLARED in one.metadata]
    return tuple((name, name if part is None else part, of(hints[name])) for name, (part, of) in declared)


def declare(begin: Callable[[], Any], part: str | None, of: Callable[[Any], Codec]) -> Any:
    """Declare a field that begins so and is frozen by what `of` gives for its type."""
    return field(default_factory=begin, metadata={_DECLARED: (part, of)})


def table(
    begin: Callable[[], Any],
    freeze: Callable[[Any], pa.Table],
    thaw: Callable[[Any, pa.Table], Any],
    part: str | None = None,
) -> Any:
    """Declare a field of one table, which `freeze` and `thaw` make of its value and back."""
    codec = Codec(lambda value: {"": freeze(value)}, lambda begun, found: thaw(begun, found[""]))
    return declare(begin, part, lambda _: codec)


def several(
    begin: Callable[[], Any],
    freeze: Callable[[Any], Tables],
    thaw: Callable[[Any, Tables], Any],
    part: str = "",
) -> Any:
    """Declare a field of several tables; `part` stands before their names."""
    return declare(begin, part, lambda _: Codec(freeze, thaw))


def within(begin: Callable[[], Any], part: str = "") -> Any:
    """Declare a field that is a state of its own, or None; `part` stands before the names of its tables."""
    return several(
        begin,
        lambda state: {} if state is None else tables(state),
        lambda begun, found: None if begun is None else restored(begun, found),
        part,
    )


def rows(schema: pa.Schema, key: Callable[[Row], Any] | None = None, part: str | None = None) -> Any:
    """Declare a list of rows, or a dictionary of them by their key; `schema` has what is kept of each."""

    def frozen(held: Any) -> pa.Table:
        return pa.Table.from_pylist(list(held.values()) if key else held, schema)

    def thawed(_: Any, found: pa.Table) -> Any:
        return {key(row): row for row in found.to_pylist()} if key else found.to_pylist()

    return table(dict if key else list, frozen, thawed, part)


def table_rows(schema: pa.Schema, part: str | None = None) -> Any:
    """Declare a field that is a table."""
    return table(schema.empty_table, lambda rows: rows, lambda _, rows: rows, part)


def numbered(column: str, part: str | None = None) -> Any:
    """Declare a dictionary of names to their numbers, from 0 in their order."""
    return table(
        dict,
        lambda held: pa.table({column: pa.array(list(held), pa.string())}),
        lambda _, found: {name: number for number, name in enumerate(found[column].to_pylist())},
        part,
    )


def keyed(*names: str, part: str | None = None) -> Any:
    """Declare a dictionary as the columns of its key and its value.

    Their types are those of the field's annotation; `Annotated[int, pa.uint64()]` states another. A value
    that is a `NamedTuple` names its columns itself, after those of the key.
    """
    return declare(dict, part, partial(_keyed, names))


def _keyed(names: tuple[str, ...], hint: Any) -> Codec:
    shapes = [_shape(one) for one in get_args(hint)]
    given, hints = iter(names), [one for shape in shapes for one in shape.hints]
    called = [name or next(given) for shape in shapes for name in shape.names]
    schema = pa.schema([(name, arrow(one)) for name, one in zip(called, hints, strict=True)])

    def frozen(held: Any) -> Tables:
        columns = [*shapes[0].columns(held), *shapes[1].columns(held.values())]
        arrays = [pa.array(column, each.type) for column, each in zip(columns, schema, strict=True)]
        return {"": pa.Table.from_arrays(arrays, schema=schema)}

    def thawed(_: Any, found: Tables) -> Any:
        read = (found[""][name].to_pylist() for name in called)
        columns = [
            [one if one is None else tuple(one) for one in column] if is_tuple(of) else column
            for column, of in zip(read, hints, strict=True)
        ]
        end = len(shapes[0].hints)
        return dict(zip(shapes[0].values(columns[:end]), shapes[1].values(columns[end:]), strict=True))

    return Codec(frozen, thawed)


class _Shape(NamedTuple):
    """The columns of a key or a value: their own names, if any, and types; None makes a plain value."""

    names: tuple[str, ...]
    hints: tuple[Any, ...]
    make: Callable[[tuple[Any, ...]], Any] | None

    def columns(self, values: Iterable[Any]) -> list[Any]:
        """Return the columns of values."""
        return (
            [list(values)] if self.make is None else list(zip(*values, strict=True)) or [()] * len(self.hints)
        )

    def values(self, columns: list[list[Any]]) -> Iterable[Any]:
        """Return the values back from `columns`."""
        return columns[0] if self.make is None else map(self.make, zip(*columns, strict=True))


def _shape(hint: Any) -> _Shape:
    if hasattr(hint, "_fields"):
        found = get_type_hints(hint, include_extras=True)
        return _Shape(tuple(found), tuple(found.values()), hint._make)
    args = get_args(hint)
    if get_origin(hint) is tuple and Ellipsis not in args:
        return _Shape(("",) * len(args), args, tuple)
    return _Shape(("",), (hint,), None)


def arrow(hint: Any) -> pa.DataType:
    """Return the Arrow type of an annotation: one that it states itself, else that of its plain type."""
    args = get_args(hint)
    if get_origin(hint) is Annotated:
        return args[1]
    if NoneType in args:
        return arrow(args[0])
    return pa.list_(arrow(args[0])) if args else _ARROW[hint]


def is_tuple(hint: Any) -> bool:
    """Return whether lists of a column are tuples again."""
    return tuple in (get_origin(one) for one in (hint, *get_args(hint)))
