"""Finds the desks and refuses those that may not run.

A desk is a folder of `watchfloor.desks` whose module `desk` has an attribute `DESK`. A desk that lives
outside names its module in the entry point group `watchfloor.desks`. Nothing is registered by being imported.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.derived import DERIVED, SIGNAL
from watchfloor.core.kinds import KINDS
from watchfloor.core.protected import IDENTITY_ONLY, is_protected
from watchfloor.desks.base import Desk, DeskError, Refs

PACKAGE: Final = "watchfloor.desks"


class DeskRefusedError(DeskError):
    """A desk that may not be registered."""


@lru_cache(maxsize=1)
def desks() -> Mapping[str, Desk[Any]]:
    """Every desk by name, those first whose derived kinds others read. Raises `DeskRefusedError`."""
    return MappingProxyType({desk.name: desk for desk in checked([*found(), *found_outside()])})


def found(package: str = PACKAGE) -> Iterator[Desk[Any]]:
    """The desks among the folders of a package, by folder name."""
    for folder in sorted(m.name for m in iter_modules(import_module(package).__path__) if m.ispkg):
        if find_spec(f"{package}.{folder}.desk"):
            desk = _desk_of(import_module(f"{package}.{folder}.desk"))
            if desk.name != folder:
                raise DeskRefusedError(
                    f"{package}.{folder}.desk: the desk calls itself {desk.name!r}, not {folder!r}"
                )
            yield desk


def declare_messages(package: str = PACKAGE) -> None:
    """Make every desk's messages known, so that stored reasons can be rendered, without loading the desks."""
    for folder in iter_modules(import_module(package).__path__):
        if folder.ispkg and find_spec(f"{package}.{folder.name}.messages"):
            import_module(f"{package}.{folder.name}.messages")


def found_outside() -> Iterator[Desk[Any]]:
    """The desks that installed distributions offer."""
    for entry in sorted(entry_points(group=PACKAGE), key=lambda entry: entry.name):
        yield _desk_of(import_module(entry.module))


def sample(desk: Desk[Any], seed: int) -> tuple[Mapping[str, pa.Table], Refs]:
    """Input for `desk` from the module `sample` beside it: tables by kind, and references.

    The shared tests of the contract run every registered desk over it. `sample(seed)` gives the same input
    for the same seed, small (some hundred rows), with what makes the desk speak, take back and stay silent.
    """
    module = f"{desk.place.rpartition('.')[0]}.sample"
    if not find_spec(module):
        raise _refuse(desk, f"needs a module {module} with sample(seed), for the shared tests")
    inputs, refs = import_module(module).sample(seed)
    return inputs, refs


def _desk_of(module: ModuleType) -> Desk[Any]:
    desk = getattr(module, "DESK", None)
    if not isinstance(desk, Desk):
        raise DeskRefusedError(f"{module.__name__}: needs an attribute DESK, a watchfloor.desks.base.Desk")
    return desk


def checked(candidates: Iterable[Desk[Any]]) -> list[Desk[Any]]:
    """The desks in an order in which each comes after those whose kinds it reads.

    Raises:
        DeskRefusedError: a desk that breaks a rule; the message names desk, place, kind and column.
    """
    all_desks = list(candidates)
    _refuse_namesakes(all_desks)
    schemas = {name: kind.schema for name, kind in KINDS.items()} | _derived_kinds(all_desks)
    for desk in all_desks:
        _refuse_reading(desk, schemas)
        _refuse_halves(desk)
    return _sorted_by_kind(all_desks)


def _refuse(desk: Desk[Any], why: str) -> DeskRefusedError:
    return DeskRefusedError(f"desk {desk.name!r} ({desk.place}): {why}")


def _refuse_namesakes(all_desks: list[Desk[Any]]) -> None:
    seen: dict[str, Desk[Any]] = {}
    for desk in all_desks:
        if desk.name in seen:
            raise _refuse(desk, f"its name is taken by the desk in {seen[desk.name].place}")
        seen[desk.name] = desk


def _derived_kinds(all_desks: list[Desk[Any]]) -> dict[str, pa.Schema]:
    """Schemas of all derived kinds, each the same whoever yields it."""
    schemas: dict[str, pa.Schema] = {"signal": SIGNAL}
    for desk in all_desks:
        for kind, schema in desk.yields.items():
            _refuse_yielding(desk, kind, schema)
            known = schemas.setdefault(kind, schema)
            if not known.equals(schema):
                raise _refuse(desk, f"it yields {kind!r} with {_difference(schema, known)}")
    return schemas


def _refuse_yielding(desk: Desk[Any], kind: str, schema: pa.Schema) -> None:
    if kind in KINDS:
        raise _refuse(
            desk, f"it yields {kind!r}, which is a kind of evidence; a derived kind needs another name"
        )
    if not pa.schema(list(schema)[: len(DERIVED)]).equals(pa.schema(DERIVED)):
        names = ", ".join(f.name for f in DERIVED)
        raise _refuse(desk, f"the schema of {kind!r} must start with the columns of records.derived: {names}")
    for path in _paths(schema):
        if is_protected(path[-1]) or path[-1] in IDENTITY_ONLY:
            raise _refuse(
                desk, f"it yields {kind!r} with the column {'.'.join(path)}, which no derived row may carry"
            )


def _difference(schema: pa.Schema, known: pa.Schema) -> str:
    for field in schema:
        if field.name not in known.names:
            return f"a column {field.name} that others do not yield"
        if not field.equals(known.field(field.name)):
            return f"a column {field.name} of {field.type}, where others yield {known.field(field.name).type}"
    return "fewer columns than others, or in another order"


def _refuse_reading(desk: Desk[Any], schemas: Mapping[str, pa.Schema]) -> None:
    if not desk.reads:
        raise _refuse(desk, "it reads no kind, so it would never be called")
    for kind in desk.reads:
        if kind not in schemas:
            raise _refuse(
                desk, f"it reads {kind!r}, which is no kind; the kinds are {', '.join(sorted(schemas))}"
            )
        for path in _paths(schemas[kind]):
            if is_protected(path[-1]):
                raise _refuse(
                    desk, f"it reads {kind!r} with the column {'.'.join(path)}, which no desk may use"
                )
            if path[-1] in IDENTITY_ONLY and len(path) > 1 and not desk.identity:
                raise _refuse(
                    desk, f"it reads {kind!r} with {'.'.join(path)}, which only an identity desk may see"
                )
    unify(desk, schemas)


def _refuse_halves(desk: Desk[Any]) -> None:
    plain = Desk[Any](name="", version="", reads=(), yields={}, step=desk.step)
    own = [part for part in ("begin", "freeze", "thaw") if getattr(desk, part) is not getattr(plain, part)]
    if own and len(own) < 3:
        raise _refuse(
            desk, f"it has its own {' and '.join(own)}: a desk with memory needs begin, freeze and thaw"
        )


def unify(desk: Desk[Any], schemas: Mapping[str, pa.Schema]) -> pa.Schema:
    """Columns of the table that `desk` is handed: those of the kinds it reads, in that order.

    Raises:
        DeskRefusedError: two kinds have a column of one name and different types, or one is called `kind`.
    """
    hidden = frozenset() if desk.identity else IDENTITY_ONLY
    fields: dict[str, tuple[str, pa.Field]] = {}
    for kind in desk.reads:
        for field in schemas[kind]:
            first, known = fields.setdefault(field.name, (kind, field))
            if known.type != field.type:
                raise _refuse(
                    desk,
                    f"column {field.name} is {known.type} in {first!r} and {field.type} in {kind!r}",
                )
    several = len(desk.reads) > 1
    if several and "kind" in fields:
        raise _refuse(
            desk, f"kind {fields['kind'][0]!r} has a column 'kind', which tells the kinds it reads apart"
        )
    columns = [field.with_nullable(True) for _, field in fields.values() if field.name not in hidden]
    return pa.schema([*columns, *([pa.field("kind", pa.string(), nullable=False)] if several else [])])


def _paths(schema: pa.Schema) -> Iterator[tuple[str, ...]]:
    """Names of all columns and of the fields inside them."""
    for field in schema:
        yield from _field_paths(field, ())


def _field_paths(field: pa.Field, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    path = (*above, field.name)
    yield path
    for inner in _inside(field.type):
        yield from _field_paths(inner, path)


def _inside(of: pa.DataType) -> Iterator[pa.Field]:
    """The fields inside a type, through lists, maps and dictionaries."""
    if pa.types.is_struct(of):
        yield from (of.field(number) for number in range(of.num_fields))
    elif pa.types.is_map(of):
        yield from (*_inside(of.key_type), *_inside(of.item_type))
    elif hasattr(of, "value_type"):
        yield from _inside(of.value_type)


def _sorted_by_kind(all_desks: list[Desk[Any]]) -> list[Desk[Any]]:
    """Depth first from each desk to those that yield what it reads; a way back to itself is a cycle."""
    done: dict[str, Desk[Any]] = {}
    for desk in all_desks:
        _visit(desk, all_desks, done, ())
    return list(done.values())


def _visit(
    desk: Desk[Any], all_desks: list[Desk[Any]], done: dict[str, Desk[Any]], above: tuple[Desk[Any], ...]
) -> None:
    if desk.name in done:
        return
    if desk in above:
        circle = " reads from ".join(d.name for d in (*above[above.index(desk) :], desk))
        raise _refuse(desk, f"the kinds go in a circle: {circle}")
    for other in all_desks:
        if not other.yields.keys().isdisjoint(desk.reads):
            _visit(other, all_desks, done, (*above, desk))
    done[desk.name] = desk
