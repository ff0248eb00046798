"""The parts of a desk's rows that can be folded apart, as the desk's `cut` has them.

Runners, processes, clusters and reruns number parts here and nowhere else: equal rows have the same number in
every process and version of Python. Parts of one count are coarser parts of any count that it divides.

A later row of a report (kind, source and `report_key`) takes the earlier one's place, even where it is about
another subject. So the values of one report's rows are joined, and with them all that shares a value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.protected import IDENTITY_ONLY
from watchfloor.desks.base import ROWS, Desk, DeskError

Numbers: TypeAlias = npt.NDArray[np.int32]

EVERY: Final = -1
"""The number of a row that every part needs."""

REPORT: Final = ("kind", "source", "report_key")
"""Columns, as far as there are any, whose equal rows are of one report."""


class Values(NamedTuple):
    """The values by which the rows of a desk are cut.

    Attributes:
        codes: for each row the place of its value among `names`, or `EVERY`.
        names: the values; of values that reports join, the least.
    """

    codes: Numbers
    names: list[bytes]


def numbers(
    desk: Desk[Any], rows: pa.Table, count: int, joined: Mapping[bytes, bytes] | None = None
) -> Numbers:
    """Return for each row the number of its part, from 0 to `count` - 1, or `EVERY`.

    Args:
        desk: whose rows.
        rows: all of them, or some with what `joins` says of all.
        count: of parts.
        joined: what `joins` gives of all rows; None: these are all.

    Raises:
        DeskError: the desk's cut gives something else than a text or bytes for each row.
    """
    if desk.cut is None:
        return np.zeros(rows.num_rows, np.int32)
    found = values(desk, rows, joined)
    hashes = np.fromiter(map(crc32, found.names), np.uint32, len(found.names))
    return np.append((hashes % np.uint32(count)).astype(np.int32), np.int32(EVERY))[found.codes]


def values(desk: Desk[Any], rows: pa.Table, joined: Mapping[bytes, bytes] | None = None) -> Values:
    """Return the values by which the rows of a desk with a cut are cut. Raises as `numbers` does."""
    own = stated(desk, rows)
    if joined is None:
        joined = joins(rows, own) if desk.cut is not ROWS else {}
    coded = pc.dictionary_encode(own)
    codes = np.asarray(pc.fill_null(coded.indices, EVERY).to_numpy(), np.int32)
    names: list[bytes] = coded.dictionary.to_pylist()
    if not joined:
        return Values(codes, names)
    again = pa.array([joined.get(name, name) for name in names], pa.large_binary()).dictionary_encode()
    return Values(np.append(again.indices.to_numpy(), np.int32(EVERY))[codes], again.dictionary.to_pylist())


def stated(desk: Desk[Any], rows: pa.Table) -> pa.Array:
    """Return what the desk says of each row by itself. Raises as `numbers` does.

    A cut is not handed what may only confirm or clear an identity, so no part is made by it.
    """
    if callable(desk.cut):
        found = desk.cut(rows.drop_columns([name for name in rows.column_names if name in IDENTITY_ONLY]))
    else:
        found = rows.column("record_id" if "record_id" in rows.column_names else "row_id")
    if len(found) != rows.num_rows or not any(is_one(found.type) for is_one in _PLAIN):
        raise DeskError(
            f"desk {desk.name!r} ({desk.place}): its cut gives {len(found)} values of {found.type} for "
            f"{rows.num_rows} rows, and should give a text or bytes for each"
        )
    plain = found.cast(pa.large_binary())
    return plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain


_PLAIN: Final = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
)


def joins(reports: pa.Table, own: pa.Array) -> dict[bytes, bytes]:
    """Return by each value that a report joins with a lesser one the least that it is joined with.

    Args:
        reports: rows with the columns of `REPORT`, as far as there are any; all rows, or those of the reports
            whose rows have several values.
        own: what `stated` says of each.
    """
    keys = [name for name in REPORT if name in reports.column_names]
    if "report_key" not in keys:
        return {}
    coded = pc.dictionary_encode(own)
    every = reports.select(keys).append_column("code", coded.indices)
    named = every.filter(pc.and_(pc.is_valid(every["report_key"]), pc.is_valid(every["code"])))
    several = named.group_by(keys).aggregate([("code", "min"), ("code", "max")])
    several = several.filter(pc.not_equal(several["code_min"], several["code_max"]))
    if not several.num_rows:
        return {}
    edges = named.join(several.select([*keys, "code_min"]), keys, join_type="inner")
    names: list[bytes] = coded.dictionary.to_pylist()
    above: dict[bytes, bytes] = {}  # union-find: towards the least value
    for pair in zip(edges["code_min"].to_pylist(), edges["code"].to_pylist(), strict=True):
        low, high = sorted(_least(above, names[code]) for code in pair)
        if low != high:
            above[high] = low
    return {name: _least(above, name) for name in above}


def _least(above: dict[bytes, bytes], name: bytes) -> bytes:
    while (up := above.get(name, name)) != name:
        above[name] = above.get(up, up)
        name = up
    return name


def split(rows: pa.Table, part: Numbers) -> Iterator[pa.Table]:
    """Return the rows of each part that has rows of its own, with those that every part needs."""
    everywhere, own = np.flatnonzero(part == EVERY), np.flatnonzero(part != EVERY)
    own = own[np.argsort(part[own], kind="stable")]
    ends = np.flatnonzero(np.diff(part[own])) + 1
    if not len(ends):
        yield rows
        return
    for mine in np.split(own, ends):
        yield rows.take(pa.array(np.sort(np.concatenate([everywhere, mine])) if len(everywhere) else mine))
