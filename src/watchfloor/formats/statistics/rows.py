"""Fields of a table of statistics to rows of `statistic`."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import STATISTIC
from watchfloor.formats.statistics.vintage import STATED


def rows(columns: Mapping[str, pa.Array], locators: pa.Array) -> pa.Table:
    """Rows of `STATISTIC.body`; a missing key is made of series, vintage, period, measure and cell."""
    made = {**columns, "locator": locators}
    made["dated"] = pc.fill_null(made["dated"], STATED)
    made["report_key"] = pc.coalesce(made["report_key"], report_keys(made))
    return pa.Table.from_arrays(
        [pc.cast(made[one.name], one.type) for one in STATISTIC.body], schema=STATISTIC.body
    )


def report_keys(columns: Mapping[str, pa.Array]) -> pa.Array:
    """Keys under which an older vintage never stands for a newer one.

    A calendar month is written as that, 2024-06; any other period by its first day and the one after it.
    """
    day, first, until = (_day(columns[name]) for name in ("published", "observed_at", "until"))
    whole = pa.array(_is_month(columns["observed_at"], columns["until"]))
    month = pc.utf8_slice_codeunits(first, 0, 7)
    period = pc.if_else(whole, month, pc.binary_join_element_wise(first, until, ".."))
    return pc.binary_join_element_wise(
        columns["series"], day, period, columns["measure"], columns["cell"], "/"
    )


def _day(moments: pa.Array) -> pa.Array:
    coded = pc.dictionary_encode(moments)
    days = np.datetime_as_string(_moments(coded.dictionary).astype("datetime64[D]"))
    return pa.array(days, pa.string()).take(coded.indices)


def _moments(column: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.datetime64]]":
    moments: np.ndarray[tuple[int], np.dtype[np.datetime64]] = (
        column.cast(pa.int64()).to_numpy().astype("datetime64[us]")
    )
    return moments


def _is_month(since: pa.Array, until: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    first, after = _moments(since), _moments(until)
    month = first.astype("datetime64[M]")
    starts = month.astype("datetime64[us]") == first
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = starts & (
        (month + np.timedelta64(1, "M")).astype("datetime64[us]") == after
    )
    return found
