"""A desk: a pure fold from records to derived rows, and the references it may read.

A desk is data and a few functions, nothing to inherit from. The same definition serves a run over files, the
live floor and a cluster, because a desk sees only what is handed to it: its references, its own state, the
next rows in order, and the watermark.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

import pyarrow as pa

from watchfloor.core.canonical import table_digest

S = TypeVar("S")

Content: TypeAlias = bytes | pa.Table
"""What a reference says, whole: its digest covers everything, and it travels to another process as it is."""


class DeskError(Exception):
    """A desk that cannot be run as asked, or that broke its contract; the message names desk and place."""


class Order(Enum):
    """The order in which a desk is handed its rows."""

    OBSERVED = "observed"
    ARRIVAL = "arrival"


class _Rows(Enum):
    ROWS = "rows"


ROWS: Final = _Rows.ROWS
"""As a desk's `cut`: each row is judged by itself, so the input may be cut anywhere."""

Values: TypeAlias = Callable[[pa.Table], pa.Array | pa.ChunkedArray]
"""A value (text or bytes) for each row of a desk, by that row alone; null for a row that every part needs."""

OBSERVED: Final = Order.OBSERVED
"""By `observed_at` (derived kinds: by `at`); ties by kind in the order of `reads`, then as delivered. The
runner sorts, and rewinds for late rows."""

ARRIVAL: Final = Order.ARRIVAL
"""As the log has it, by when rows were received (`received_at`; where nobody noted it, `observed_at`). That
order is canonical: the same log gives the same bytes. Another order may give another answer, as with sensors
whose reports are late; the desk puts those right itself. Its clock is the latest moment of receipt so far."""


@dataclass(frozen=True, eq=False)
class Refs(Mapping[str, Any]):
    """Named references, and the floor's key for row ids. Nothing else from outside reaches a desk.

    Attributes:
        key: the secret that `watchfloor.core.derived.row_id` takes.
        contents: bytes or an Arrow table, by name.
    """

    key: bytes = field(repr=False)
    contents: Mapping[str, Content] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.contents[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.contents)

    def __len__(self) -> int:
        return len(self.contents)

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each reference, in hexadecimal; a run is recorded with them."""
        return MappingProxyType({name: _digest(self.contents[name]) for name in sorted(self.contents)})

    def only(self, names: tuple[str, ...]) -> "Refs":
        """These references and no others. Raises `KeyError` for one that is not there."""
        return Refs(self.key, {name: self.contents[name] for name in names})


Step = Callable[[Refs, S, pa.Table, datetime], dict[str, pa.Table]]
"""`step(refs, state, rows, watermark)` gives derived rows by kind. It owns the state and may change it.

Every row handed over so far was observed at or before the watermark (an aware `datetime`), every row to come
at or after it; in the order of arrival it is when they were received that counts. A step may have no rows:
then time has passed and nothing was seen.

Each derived row says in `at` when it became knowable: not after the watermark. Asserting a `row_id` again
revises it, asserting it with `retracted` takes it back. The runner numbers revisions; a desk leaves them 0.
"""


def _nothing(refs: Refs) -> Any:  # noqa: ARG001
    return None


def _freeze_nothing(state: Any) -> pa.Table:  # noqa: ARG001
    return pa.table({})


def _thaw_nothing(refs: Refs, frozen: pa.Table) -> Any:  # noqa: ARG001
    return None


@dataclass(frozen=True, eq=False, kw_only=True)
class Desk(Generic[S]):
    """One discipline of the cell. A desk without memory fills in the first five fields.

    Attributes:
        name: the name of its folder.
        version: changes whenever the same input could give another answer.
        reads: kinds of evidence, or kinds that other desks derive. A desk that reads several gets one table
            in the order of its fold with a column `kind`; what a kind has no column for is null.
        yields: derived kinds with their schemas, each starting with `watchfloor.core.derived.DERIVED`.
        step: the fold, see `Step`.
        begin: the state before the first row.
        freeze: the state as an Arrow table, for snapshots, hand-over to another process and replay.
        thaw: the state back from `freeze`.
        uses: names of references; it is given these and no others.
        cut: where the rows may be cut into parts that are folded apart, on several processors or machines.
            None: nowhere, one fold over everything. `ROWS`: between any two rows. A function: rows of one
            value stay together, as do rows of one report (source and `report_key`); a row without one (null)
            goes to every part, as lists do that others are screened against. Whatever values make up a part,
            together the parts derive what one fold derives, and no `row_id` twice; and time that passes
            without rows brings nothing.
        order: `OBSERVED` or `ARRIVAL`.
        lateness: how long the live runner holds rows back so that it can sort them.
        identity: it decides whether two records are one person or thing. Only such a desk is handed countries
            and citizenships, which may confirm or clear an identity and nothing else.
        fit: makes a reference from evidence and labels.
        picture: `picture(refs, state)` gives, by derived kind, what the state holds at this moment: for the
            live picture alone, between two moments at which the desk derives. Rows of the kind's schema; they
            are kept nowhere, and nothing rests on them.
        live: kinds with their schemas that only the picture has.
    """

    name: str
    version: str
    reads: tuple[str, ...]
    yields: Mapping[str, pa.Schema]
    step: Step[S]
    begin: Callable[[Refs], S] = _nothing
    freeze: Callable[[S], pa.Table] = _freeze_nothing
    thaw: Callable[[Refs, pa.Table], S] = _thaw_nothing
    uses: tuple[str, ...] = ()
    cut: Values | Literal[_Rows.ROWS] | None = None
    order: Order = OBSERVED
    lateness: timedelta = timedelta(0)
    identity: bool = False
    fit: Callable[[Mapping[str, pa.Table], pa.Table], bytes] | None = None
    picture: Callable[[Refs, S], dict[str, pa.Table]] | None = None
    live: Mapping[str, pa.Schema] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it is written: the module of its fold."""
        return getattr(self.step, "__module__", "?")


def derive(schema: pa.Schema, **columns: Any) -> pa.Table:
    """Derived rows from columns (arrays or lists of one length), the plain ones filled in.

    What is left out becomes: `revision` 0, `retracted` false, an empty list where the schema wants one, null
    where it allows it.

    Raises:
        DeskError: a column is unknown, is missing, or does not fit its type.
    """
    unknown = ", ".join(sorted(columns.keys() - set(schema.names)))
    if unknown:
        raise DeskError(f"the schema has no column {unknown}; its columns are {', '.join(schema.names)}")
    count = max((len(values) for values in columns.values()), default=0)
    return pa.table([_column(f, columns.get(f.name), count) for f in schema], schema=schema)


def _column(wanted: pa.Field, values: Any, count: int) -> pa.Array | pa.ChunkedArray:
    if values is None:
        return _plain(wanted, count) if count else pa.array([], wanted.type)
    try:
        if isinstance(values, pa.Array | pa.ChunkedArray):
            return values.cast(wanted.type)
        return pa.array(values, wanted.type)
    except (pa.ArrowException, TypeError) as error:
        raise DeskError(f"column {wanted.name} should hold {wanted.type}: {error}") from error


_PLAIN: Final[Mapping[str, Any]] = {"revision": 0, "retracted": False}


def _plain(wanted: pa.Field, count: int) -> pa.Array:
    if wanted.name in _PLAIN:
        return pa.array([_PLAIN[wanted.name]] * count, wanted.type)
    if wanted.nullable:
        return pa.nulls(count, wanted.type)
    if pa.types.is_list(wanted.type):
        return pa.array([[]] * count, wanted.type)
    raise DeskError(f"column {wanted.name} ({wanted.type}) may not be left out")


def _digest(content: Content) -> str:
    return (sha256(content).digest() if isinstance(content, bytes) else table_digest(content)).hex()
