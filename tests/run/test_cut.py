"""The parts of a desk's rows: stable, whole, in order, and refused where they cannot be."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks import toys
from tests.thorough import draws

from watchfloor.desks.base import DeskError
from watchfloor.run import cut
from watchfloor.run.order import arranged

VALUES = st.lists(st.sampled_from([*"abcdefghij", None]), max_size=60)


def given_values(values):
    return pa.table({"v": pa.array(values, pa.string()), "n": pa.array(range(len(values)), pa.int64())})


BY_VALUE = replace(toys.UNKEYED, cut=lambda rows: rows["v"])


@settings(max_examples=draws(60), deadline=None)
@given(VALUES, st.integers(1, 12))
def test_parts_hold_each_row_once_in_its_order_and_some_everywhere(values, count):
    rows = given_values(values)
    numbers = cut.numbers(BY_VALUE, rows, count)
    assert [number == cut.EVERY for number in numbers] == [value is None for value in values]
    assert len({(v, n) for v, n in zip(values, numbers, strict=True)}) == len(set(values))
    found = [part["n"].to_pylist() for part in cut.split(rows, numbers)]
    everywhere = {n for n, value in enumerate(values) if value is None}
    assert all(part == sorted(part) and everywhere.issubset(part) for part in found)
    own = sorted(n for part in found for n in part if n not in everywhere)
    assert own == sorted(set(range(len(values))) - everywhere)
    assert len(found) == max(1, len({n for n in numbers.tolist() if n != cut.EVERY}))


@given(VALUES, st.integers(1, 4), st.integers(1, 9))
def test_fewer_parts_are_coarser_ones(values, count, times):
    rows = given_values(values)
    fine, coarse = (cut.numbers(BY_VALUE, rows, n) for n in (count * times, count))
    assert np.array_equal(np.where(fine == cut.EVERY, fine, fine % count), coarse)


def test_numbers_are_the_same_in_every_process_for_ever():
    """The number of "a" is its CRC-32 (e8b7be43), as in every other program; kept parts rest on that."""
    rows = given_values(["a", "b", None])
    assert cut.numbers(BY_VALUE, rows, 1 << 10).tolist() == [0x243, 0x3F9, cut.EVERY]
    as_bytes = replace(BY_VALUE, cut=lambda rows: rows["v"].cast(pa.binary()))
    assert cut.numbers(as_bytes, rows, 1 << 10).tolist() == [0x243, 0x3F9, cut.EVERY]


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["party", "payment"]),
        st.sampled_from([None, *"rstuvw"]),
        st.sampled_from([*"abcdefghij", None]),
    ),
    max_size=25,
)


@settings(max_examples=draws(200, quick=60), deadline=None)
@given(REPORTS)
def test_a_report_stays_together_whatever_its_rows_are_about(reports):
    """Beside a plain search of what reports and values connect."""
    kinds, keys, values = (list(column) for column in zip(*reports, strict=True)) if reports else ([], [], [])
    rows = pa.table(
        {
            "kind": pa.array(kinds, pa.string()),
            "source": pa.array(["feed"] * len(reports), pa.string()),
            "report_key": pa.array(keys, pa.string()),
            "v": pa.array(values, pa.string()),
        }
    )
    codes, names = cut.values(BY_VALUE, rows)
    found = [None if code == cut.EVERY else names[code].decode() for code in codes]
    groups = {value: {value} for value in values if value is not None}
    for kind, key, value in reports:
        for other_kind, other_key, other in reports:
            if None not in {key, value, other} and (kind, key) == (other_kind, other_key):
                both = groups[value] | groups[other]
                groups |= dict.fromkeys(both, both)
    assert found == [None if value is None else min(groups[value]) for value in values]
    whole = cut.numbers(BY_VALUE, rows, 5)
    joined = cut.joins(rows, cut.stated(BY_VALUE, rows))
    pieces = [cut.numbers(BY_VALUE, rows.slice(start, 4), 5, joined) for start in range(0, len(values), 4)]
    assert np.array_equal(np.concatenate([whole[:0], *pieces]), whole)


def test_one_fold_has_one_part_and_rows_have_any():
    rows = arranged(toys.UNKEYED, toys.sample(0)[0])
    assert not cut.numbers(toys.UNKEYED, rows, 7).any()
    assert list(cut.split(rows, cut.numbers(toys.UNKEYED, rows, 7))) == [rows]
    assert set(cut.numbers(toys.BY_ROWS, rows, 7)) == set(range(7))


def test_a_cut_is_not_handed_what_only_confirms_an_identity():
    rows = toys.records(toys.PARTY, [{"observed_at": toys.at(1), "country": "XX"}])
    with pytest.raises(KeyError):
        cut.numbers(replace(toys.STATELESS, identity=True, cut=lambda rows: rows["country"]), rows, 4)


@pytest.mark.parametrize("of", [lambda rows: rows["n"], lambda rows: rows["v"].slice(1)])
def test_values_of_no_use_are_refused(of):
    with pytest.raises(DeskError, match=r"its cut gives \d values of .* for 3 rows, and should give a text"):
        cut.numbers(replace(toys.UNKEYED, cut=of), given_values(["a", "b", "c"]), 4)
