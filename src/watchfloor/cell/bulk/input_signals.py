"""Signals that are given in a file with their bits: their columns, what is wrong with them, and as arrays.

Rows are put into the order of their ids and subjects are numbered in the order of their keys, so that
nothing further on depends on the order of the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from watchfloor.cell.linking import CAPS, Floats, Named, Numbers
from watchfloor.cell.weighing.circular_reporting import FIRST, REPEATS, UNSTATED
from watchfloor.cell.weighing.counting import ALONE, Rests
from watchfloor.core.marking import MarkingError, parse
from watchfloor.formats.base import FormatError

NEEDED: Final = ("signal_id", "desk", "subjects", "bits", "origin", "source")
NUMBERS: Final = ("bits", "latitude", "longitude", "radius", "rho")
LISTS: Final = ("subjects", "records")
PLACED: Final = ("latitude", "longitude", "radius")
COLUMNS: Final = (*NEEDED, "at", "text", *PLACED, "records", "group", "rho", "marking")

MOST_SUBJECTS: Final = 1_000
"""Subjects that one signal may name. What names more tells nobody apart."""

MOST_BITS: Final = 1_000.0
"""Bits that one signal may be worth, for or against; twenty are a million to one."""

Mask = npt.NDArray[np.bool_]


class Fault(NamedTuple):
    """A row that cannot be weighed: its number in the file, from 1, and why."""

    row: int
    signal_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class InputSignals:
    """Signals as arrays, one element a signal in the order of their ids.

    Attributes:
        ids: of the signals.
        keys: of the subjects, in order.
        named: subjects of each signal.
        caps: bits that each subject is worth at most as a link, by its type.
        bits: of each signal.
        at, dated: microseconds since 1970, and whether the signal has a moment.
        source: number of each signal's source.
        known: `UNSTATED`, `FIRST` or `REPEATS`.
        rests: origins and records.
        group, rho: of dependent rules.
        texts: null where a signal has none.
        latitude, longitude, radius: NaN where a signal has none.
        marking: who may see each signal; null where the file marks none.
    """

    ids: pa.Array
    keys: pa.Array
    named: Named
    caps: Floats
    bits: Floats
    at: Numbers
    dated: Mask
    source: Numbers
    known: Numbers
    rests: Rests
    group: Numbers
    rho: Floats
    texts: pa.Array
    latitude: Floats
    longitude: Floats
    radius: Floats
    marking: pa.Array


def with_types(table: pa.Table, name: str) -> pa.Table:
    """The columns that are read, each of its one type; what is optional and absent is null.

    Raises:
        FormatError: a column is missing, or is of a type that cannot be read as what it should be.
    """
    if missing := [column for column in NEEDED if column not in table.column_names]:
        raise FormatError(
            f"{name} has no column {', '.join(missing)}; signals have the columns {', '.join(NEEDED)} "
            f"and may have {', '.join(COLUMNS[len(NEEDED) :])}"
        )
    if twice := {column for column in COLUMNS if table.column_names.count(column) > 1}:
        raise FormatError(f"{name} has several columns {', '.join(sorted(twice))}; leave one of each")
    return pa.table({column: _typed(table, column, name) for column in COLUMNS})


def faults(table: pa.Table) -> list[Fault]:
    """Return the faults of single rows of a table `with_types`, in the order of the rows."""
    ids = table["signal_id"].combine_chunks()
    found = [
        Fault(int(row) + 1, ids[int(row)].as_py() or "", reason)
        for reason, mask in _wrong(table).items()
        for row in np.flatnonzero(mask)
    ]
    return sorted(found)


def read(table: pa.Table) -> InputSignals:
    """The arrays of a table `with_types` that has no faults."""
    table = table.take(pc.sort_indices(table["signal_id"])).combine_chunks()
    one = {column: _one(table[column]) for column in COLUMNS}
    keys, named = _numbered(one["subjects"])
    at, dated = _moments(one["at"])
    rests, known = _origins(one["signal_id"], one["origin"], one["records"], at)
    types = pc.list_element(pc.split_pattern(keys, ":", max_splits=1), 0).to_pylist()
    return InputSignals(
        ids=one["signal_id"],
        keys=keys,
        named=named,
        caps=np.array([CAPS.get(type_, np.inf) for type_ in types], np.float64),
        bits=_floats(one["bits"]),
        at=at,
        dated=dated,
        source=_codes(one["source"]),
        known=known,
        rests=rests,
        group=np.where(pc.is_valid(one["group"]).to_numpy(False), _codes(one["group"]), ALONE),
        rho=np.nan_to_num(_floats(one["rho"])),
        texts=one["text"],
        latitude=np.where(dated, _floats(one["latitude"]), np.nan),
        longitude=_floats(one["longitude"]),
        radius=_floats(one["radius"]),
        marking=one["marking"],
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _typed(table: pa.Table, column: str, name: str) -> pa.ChunkedArray | pa.Array:
    kind, of = _wanted(column)
    if column not in table.column_names:
        return pa.nulls(table.num_rows, of)
    values = table[column]
    if isinstance(values.type, pa.DictionaryType):
        values = values.cast(values.type.value_type)
    if isinstance(values.type, pa.BaseExtensionType):
        values = values.cast(values.type.storage_type)
    if pa.types.is_null(values.type):
        return pa.nulls(table.num_rows, of)
    try:
        return _READ[kind](values)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError, ValueError) as error:
        raise FormatError(
            f"{name}: column {column} holds {values.type}, not {_SAID[kind]}; write it as such"
        ) from error


def _wanted(column: str) -> tuple[str, pa.DataType]:
    if column in LISTS:
        return "list", pa.list_(pa.string())
    if column in NUMBERS:
        return "number", pa.float64()
    return ("moment", pa.int64()) if column == "at" else ("text", pa.string())


def _as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    type_ = values.type
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_):
        return pa.chunked_array([pa.array([v.hex() if v is not None else None for v in values.to_pylist()])])
    if not (pa.types.is_integer(type_) or _is_text(type_)):
        raise TypeError
    return values.cast(pa.string())


def _is_text(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    )


def _as_list(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_list(values.type) or pa.types.is_large_list(values.type)):
        raise TypeError
    inner = values.type.value_type
    if isinstance(inner, pa.DictionaryType):
        inner = inner.value_type
    if pa.types.is_null(inner) or _is_text(inner):
        return values.cast(pa.list_(pa.string()))
    if pa.types.is_binary(inner) or pa.types.is_fixed_size_binary(inner):
        rows = [[one.hex() for one in row] if row is not None else None for row in values.to_pylist()]
        return pa.chunked_array([pa.array(rows, pa.list_(pa.string()))])
    raise TypeError


def _as_number(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (
        pa.types.is_integer(values.type)
        or pa.types.is_floating(values.type)
        or pa.types.is_decimal(values.type)
    ):
        raise TypeError
    return values.cast(pa.float64())


def _as_moment(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Microseconds since 1970; bare numbers are seconds of the file's own clock."""
    type_ = values.type
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return values.cast(
            pa.timestamp("us", type_.tz if pa.types.is_timestamp(type_) else None), safe=False
        ).cast(pa.int64())
    if _is_text(type_):
        return pa.chunked_array([pa.array([_microseconds(text) for text in values.to_pylist()], pa.int64())])
    seconds = _as_number(values).to_numpy()
    finite = np.isfinite(seconds) & (np.abs(seconds) < 1e12)
    return pa.chunked_array([pa.array((np.where(finite, seconds, 0) * 1e6).astype(np.int64), mask=~finite)])


def _microseconds(text: str | None) -> int | None:
    if text is None or not text.strip():
        return None
    moment = np.datetime64(datetime.fromisoformat(text.strip()).replace(tzinfo=None), "us")
    offset = datetime.fromisoformat(text.strip()).utcoffset()
    return int(moment.astype(np.int64)) - (int(offset.total_seconds() * 1e6) if offset else 0)


_READ: Final[dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]]] = {
    "text": _as_text,
    "list": _as_list,
    "number": _as_number,
    "moment": _as_moment,
}
_SAID: Final = {
    "text": "text",
    "list": "lists of text, such as ['vessel:imo:9074729']",
    "number": "numbers",
    "moment": "moments (timestamps, ISO 8601 texts or seconds)",
}


def _wrong(table: pa.Table) -> dict[str, Mask]:
    """Which rows each sentence is about."""
    ids, bits = _one(table["signal_id"]), _floats(_one(table["bits"]))
    unnamed = pc.fill_null(pc.equal(ids, ""), True).to_numpy(False)
    codes = _codes(ids)
    twice = (np.bincount(codes, minlength=1)[codes] > 1) & ~unnamed if len(codes) else unnamed
    subjects = _one(table["subjects"])
    many = pc.fill_null(pc.list_value_length(subjects), 0).to_numpy(False) > MOST_SUBJECTS
    finite = np.isfinite(bits)
    out = {
        "it has no signal_id; give it one": unnamed,
        "its signal_id stands in several rows, and which one is right cannot be told; leave one": twice,
        "its bits are no finite number; give log2 of the likelihood ratio": ~finite,
        f"its bits are beyond {MOST_BITS:,.0f}, which no evidence is worth; give log2 of the ratio": finite
        & (np.abs(bits) > MOST_BITS),
        f"it names more than {MOST_SUBJECTS:,} subjects and tells nobody apart; split it": many,
        "one of its subjects is no key such as vessel:imo:9074729": _bad_keys(subjects),
        "its latitude, longitude or radius is out of range (degrees, degrees, metres)": _bad_place(table),
    }
    return out | _bad_groups(table) | _bad_markings(_one(table["marking"]))


def _bad_keys(subjects: pa.Array) -> Mask:
    bad = np.zeros(len(subjects), bool)
    entries = pc.list_flatten(subjects)
    well = pc.fill_null(pc.match_substring_regex(entries, r"^[^:\s]+:\S"), False).to_numpy(False)
    bad[pc.list_parent_indices(subjects).to_numpy(False)[~well]] = True
    return bad


def _bad_place(table: pa.Table) -> Mask:
    latitude, longitude, radius = (_floats(_one(table[c])) for c in ("latitude", "longitude", "radius"))
    return np.asarray((np.abs(latitude) > 90) | (np.abs(longitude) > 360) | (radius < 0) | np.isinf(radius))


def _bad_groups(table: pa.Table) -> dict[str, Mask]:
    group, rho = _one(table["group"]), _floats(_one(table["rho"]))
    grouped = pc.is_valid(group).to_numpy(False)
    bad = grouped & ~((rho >= 0) & (rho <= 1))
    codes = _codes(group)
    count = int(np.max(codes, initial=0)) + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, codes[grouped & ~bad], rho[grouped & ~bad])
    np.maximum.at(high, codes[grouped & ~bad], rho[grouped & ~bad])
    return {
        "it has a group of dependent rules and no correlation rho between 0 and 1": bad,
        "its group of dependent rules has several correlations rho; give one": grouped & (low < high)[codes],
    }


def _bad_markings(marking: pa.Array) -> dict[str, Mask]:
    """Where one signal is marked all must be, or a lead would be less strict than what it rests on."""
    if marking.null_count == len(marking):
        return {}
    encoded = marking.dictionary_encode(null_encoding="encode")
    wrong = np.array([not _is_marking(text) for text in encoded.dictionary.to_pylist()])
    rows = wrong[encoded.indices.to_numpy(zero_copy_only=False)]
    return {"its marking is none, in a file that marks its signals; write one as U//TLP:CLEAR": rows}


def _is_marking(text: str | None) -> bool:
    try:
        return bool(parse(text or ""))
    except MarkingError:
        return False


def _floats(column: pa.Array) -> Floats:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _codes(column: pa.Array) -> Numbers:
    """A number for each value; nulls share one of their own."""
    codes = column.dictionary_encode(null_encoding="encode").indices
    return np.asarray(codes.to_numpy(zero_copy_only=False), np.int64)


def _numbered(subjects: pa.Array) -> tuple[pa.Array, Named]:
    """The keys in order, and the subjects of each signal without repeats, the foremost first."""
    encoded = pc.list_flatten(subjects).dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    numbers = rank[encoded.indices.to_numpy(zero_copy_only=False)] if len(encoded) else np.empty(0, np.int64)
    signal = pc.list_parent_indices(subjects).to_numpy(zero_copy_only=False).astype(np.int64)
    place = np.lexsort((np.arange(len(numbers)), numbers, signal))
    again = np.zeros(len(numbers), bool)
    again[place[1:]] = (numbers[place[1:]] == numbers[place[:-1]]) & (signal[place[1:]] == signal[place[:-1]])
    numbers, signal = numbers[~again], signal[~again]
    start = np.searchsorted(signal, np.arange(len(subjects) + 1))
    return encoded.dictionary.take(order), Named(start.astype(np.int64), numbers)


def _moments(at: pa.Array) -> tuple[Numbers, Mask]:
    """Moments, and which are given; what has none comes before all others."""
    dated = pc.is_valid(at).to_numpy(zero_copy_only=False)
    values = pc.fill_null(at, 0).to_numpy(zero_copy_only=False)
    first = values[dated].min() - 1 if dated.any() else 0
    return np.where(dated, values, first), dated


def _origins(ids: pa.Array, origin: pa.Array, records: pa.Array, at: Numbers) -> tuple[Rests, Numbers]:
    """Return the origins and records that each signal rests on, and how far its origin is known.

    An origin may be another signal's id, whose own origin may be a third's: all of them are one origin. A
    signal that names itself says nothing in a file where no origin is left empty, for there it is how
    "unknown" is written; where some are empty, it is a statement.
    """
    total = len(ids)
    given = pc.fill_null(pc.not_equal(origin, ""), False).to_numpy(zero_copy_only=False)
    inside = (
        pc.fill_null(pc.index_in(origin, value_set=ids), -1).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    inside[~given] = -1
    own = np.arange(total)
    outside = given & (inside < 0)
    target = np.where(inside >= 0, inside, own)
    target[outside] = total + _codes(origin)[outside]
    size = int(target.max(initial=total)) + 1
    _, root = connected_components(
        coo_array((np.ones(total, np.int8), (own, target)), (size, size)), directed=False
    )
    known = np.full(total, UNSTATED)
    if (~given).any():
        known[given & (inside == own)] = FIRST
    known[given & (inside != own)] = REPEATS
    known[_first_of(root.astype(np.int64), at, outside)] = FIRST
    return _rests(root.astype(np.int64)[:total], records, size), known


def _first_of(root: Numbers, at: Numbers, outside: Mask) -> Numbers:
    """Of signals that state one origin from outside the file, the earliest."""
    rows = np.flatnonzero(outside)
    rows = rows[np.lexsort((rows, at[rows]))]
    _, first = np.unique(root[rows], return_index=True)
    return np.asarray(rows[first])


def _rests(origin: Numbers, records: pa.Array, size: int) -> Rests:
    codes = _codes(pc.list_flatten(records)) + size
    signals = np.concatenate([np.arange(len(origin)), pc.list_parent_indices(records).to_numpy(False)])
    order = np.argsort(signals, kind="stable")
    start = np.searchsorted(signals[order], np.arange(len(origin) + 1)).astype(np.int64)
    return Rests(start, np.concatenate([origin, codes])[order])
