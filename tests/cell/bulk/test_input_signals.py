"""Given signals: what their columns may be, what is refused, and that the order of rows is of no account."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.cell.bulk.input_signals import MOST_SUBJECTS, NEEDED, faults, read, with_types
from watchfloor.cell.weighing.circular_reporting import FIRST, REPEATS, UNSTATED
from watchfloor.formats.base import FormatError


def row(id_="a", subjects=("person:x:1",), bits=1.0, origin=None, **more):
    base = {"signal_id": id_, "desk": "d", "subjects": list(subjects), "bits": bits, "origin": origin}
    return base | {"source": "s"} | more


def table(*rows):
    columns = dict.fromkeys(name for one in rows for name in one)
    types = {"subjects": pa.list_(pa.string()), "origin": pa.string()}
    return pa.table({c: pa.array([one.get(c) for one in rows], types.get(c)) for c in columns})


def reasons(*rows):
    return [(fault.row, fault.reason) for fault in faults(with_types(table(*rows), "f"))]


@pytest.mark.parametrize("column", NEEDED)
def test_each_needed_column_is_missed_by_name(column):
    with pytest.raises(FormatError, match=rf"f has no column {column}"):
        with_types(table(row()).drop_columns([column]), "f")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("bits", pa.array(["much"])),
        ("bits", pa.array([True])),
        ("subjects", pa.array(["person:x:1"])),
        ("subjects", pa.array([[1]])),
        ("at", pa.array(["yesterday"])),
        ("origin", pa.array([[1.5]])),
        ("text", pa.array([1.5])),
        ("latitude", pa.array(["N45"])),
    ],
)
def test_a_column_of_a_wrong_type_is_told_with_what_it_should_be(column, values):
    given = table(row())
    given = given.drop_columns([column]) if column in given.column_names else given
    with pytest.raises(FormatError, match=rf"column {column} holds .*; write it as such"):
        with_types(given.append_column(column, values), "f")


@pytest.mark.parametrize(
    "values",
    [
        pa.array([datetime(2026, 1, 1, 6, tzinfo=UTC)], pa.timestamp("ns", "UTC")),
        pa.array([datetime(2026, 1, 1, 6)], pa.timestamp("s")),  # noqa: DTZ001 - without a zone
        pa.array(["2026-01-01T06:00:00Z"]),
        pa.array(["2026-01-01T01:00:00-05:00"]),
        pa.array([1_767_247_200]),
        pa.array([1_767_247_200.0]),
    ],
)
def test_moments_may_be_written_in_many_ways(values):
    of = read(with_types(table(row()).append_column("at", values), "f"))
    assert of.at.tolist() == [1_767_247_200_000_000]


def test_ids_and_subjects_may_be_numbers_bytes_or_dictionaries():
    given = table(row(), row("b"))
    for ids in (pa.array([1, 2]), pa.array([b"\x01", b"\x02"]), pa.array(["1", "2"]).dictionary_encode()):
        of = read(with_types(given.drop_columns(["signal_id"]).append_column("signal_id", ids), "f"))
        assert of.ids.to_pylist() in (["1", "2"], ["01", "02"])


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("b", bits=float("nan")), "no finite number"),
        (row("b", bits=float("inf")), "no finite number"),
        (row("b", bits=None), "no finite number"),
        (row("b", bits=1e308), "beyond 1,000"),
        (row(""), "no signal_id"),
        (row(None), "no signal_id"),
        (row("b", ["person:x:1", "nobody"]), "no key such as"),
        (row("b", [""]), "no key such as"),
        (row("b", [None]), "no key such as"),
        (row("b", [f"person:x:{n}" for n in range(MOST_SUBJECTS + 1)]), "more than 1,000 subjects"),
        (row("b", latitude=91.0, longitude=0.0), "out of range"),
        (row("b", radius=-1.0), "out of range"),
        (row("b", group="g"), "no correlation rho"),
        (row("b", group="g", rho=1.5), "no correlation rho"),
    ],
)
def test_a_bad_row_is_told_by_its_number(bad, said):
    found = reasons(row(), bad, row("c"))
    assert [number for number, _ in found] == [2]
    assert said in found[0][1]


def test_where_one_signal_is_marked_all_must_be():
    marked = row("a", marking="U//TLP:CLEAR")
    found = reasons(marked, row("b"), row("c", marking="SECRETISH"))
    assert [number for number, _ in found] == [2, 3]
    assert "marking" in found[0][1]


def test_an_id_that_stands_twice_is_no_id():
    assert [number for number, _ in reasons(row("a"), row("b"), row("a"))] == [1, 3]


def test_a_group_has_one_correlation():
    found = reasons(row("a", group="g", rho=0.2), row("b", group="g", rho=0.3), row("c", group="h", rho=0.3))
    assert [number for number, _ in found] == [1, 2]


def origins(*pairs):
    of = read(with_types(table(*(row(id_, origin=origin) for id_, origin in pairs)), "f"))
    first = of.rests.tokens[of.rests.start[:-1]].tolist()
    names = of.ids.to_pylist()
    return [{names[k] for k, token in enumerate(first) if token == mine} for mine in first], of.known.tolist()


def test_an_echo_of_an_echo_has_the_first_origin():
    together, known = origins(("a", None), ("b", "a"), ("c", "b"), ("d", None))
    assert together == [{"a", "b", "c"}] * 3 + [{"d"}]
    assert known == [UNSTATED, REPEATS, REPEATS, UNSTATED]


def test_two_that_name_each_other_are_one_origin():
    assert origins(("a", "b"), ("b", "a"))[0] == [{"a", "b"}] * 2


def test_an_origin_from_outside_is_shared():
    together, known = origins(("a", "r1"), ("b", "r1"), ("c", "r2"), ("d", ""))
    assert together == [{"a", "b"}, {"a", "b"}, {"c"}, {"d"}]
    assert known == [FIRST, REPEATS, FIRST, UNSTATED]


def test_ones_own_id_is_a_statement_where_others_leave_theirs_empty():
    assert origins(("a", "a"), ("b", None))[1] == [FIRST, UNSTATED]
    assert origins(("a", "a"), ("b", "b"))[1] == [UNSTATED, UNSTATED]


def test_subjects_are_counted_once_a_signal_and_keep_their_order():
    of = read(with_types(table(row("a", ["person:z:1", "person:a:1", "person:z:1"]), row("b", [])), "f"))
    assert of.keys.to_pylist() == ["person:a:1", "person:z:1"]
    assert of.named.subjects.tolist() == [1, 0]
    assert of.named.start.tolist() == [0, 2, 2]


def test_the_order_of_rows_is_of_no_account():
    rng = np.random.default_rng(5)
    rows = [
        row(
            f"s{n}",
            [f"person:x:{k}" for k in rng.integers(0, 9, 2)],
            float(n),
            f"s{n // 2}",
            at=n,
            text=f"t {n}",
        )
        for n in range(40)
    ]
    one, other = (read(with_types(table(*some), "f")) for some in (rows, rows[::-1]))
    for name in ("bits", "at", "known", "source"):
        if name != "source":
            assert np.array_equal(getattr(one, name), getattr(other, name))
    assert one.ids.equals(other.ids)
    assert one.keys.equals(other.keys)
    assert np.array_equal(one.named.subjects, other.named.subjects)
