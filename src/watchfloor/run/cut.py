"""The parts of a desk's rows that can be folded apart, as the desk's `cut` has them.

Runners, processes, clusters and reruns number parts here and nowhere else: equal rows have the same number in
every process and version of Python. Parts of one count are coarser parts of any count that it divides.

A later row of a report (kind, source and `report_key`) takes the earlier one's place, even where it is about
another subject. So the values of one report's rows are joined, and with them all that shares a value.
"""

from collections.abc import Iterator
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


def numbers(desk: Desk[Any], rows: pa.Table, count: int) -> Numbers:
    """Return for each row the number of its part, from 0 to `count` - 1, or `EVERY`.

    Raises:
        DeskError: the desk's cut gives something else than a text or bytes for each row.
    """
    if desk.cut is None:
        return np.zeros(rows.num_rows, np.int32)
    found = values(desk, rows)
    hashes = np.fromiter(map(crc32, found.names), np.uint32, len(found.names))
    return np.append((hashes % np.uint32(count)).astype(np.int32), np.int32(EVERY))[found.codes]


def values(desk: Desk[Any], rows: pa.Table) -> Values:
    """Return the value by which each row of a desk with a cut is cut. Raises as `numbers` does."""
    coded = pc.dictionary_encode(_stated(desk, rows))
    names: list[bytes] = coded.dictionary.to_pylist()
    codes = np.asarray(pc.fill_null(coded.indices, EVERY).to_numpy(), np.int32)
    if desk.cut is ROWS or "report_key" not in rows.column_names:
        return Values(codes, names)
    reports = rows.select([name for name in REPORT if name in rows.column_names])
    return Values(_joined(codes, names, reports), names)


def _stated(desk: Desk[Any], rows: pa.Table) -> pa.Array:
    """Ask the desk for the value of each row. It is not handed what may only confirm or clear an identity."""
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


def _joined(codes: Numbers, names: list[bytes], reports: pa.Table) -> Numbers:
    """Codes where values that stand in one report have one code, that of the least value."""
    told = pc.and_(pc.is_valid(reports["report_key"]), pa.array(codes != EVERY))
    named, keys = reports.append_column("code", pa.array(codes)).filter(told), reports.column_names
    several = named.group_by(keys).aggregate([("code", "min"), ("code", "max")])
    several = several.filter(pc.not_equal(several["code_min"], several["code_max"]))
    if not several.num_rows:
        return codes
    edges = named.join(several.select([*keys, "code_min"]), keys, join_type="inner")
    group = _groups(len(names), edges["code_min"].to_numpy(), edges["code"].to_numpy())
    least = np.empty(len(names), np.int32)
    order = np.array(sorted(range(len(names)), key=names.__getitem__, reverse=True))
    least[group[order]] = order
    return np.append(least[group], np.int32(EVERY))[codes]


def _groups(count: int, one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """The number of each value's group, where groups are joined by pairs of values."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(one), np.bool_), (one, other)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def parts(desk: Desk[Any], rows: pa.Table, count: int) -> Iterator[pa.Table]:
    """Return the rows of each part in the order of the fold; at least one part, which may be empty."""
    if desk.cut is None or count == 1:
        yield rows
    else:
        yield from split(rows, numbers(desk, rows, count))


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
