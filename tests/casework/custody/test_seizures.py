"""Totals of seizures: Operation Blizzard's published figures to the digit, and nothing added twice."""

from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.casework.custody.seizures import BY, totals, within
from watchfloor.core.kinds import SEIZURE
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.tabular.fields import DIRECTIONS, MODES
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.reference import public_seizures

BLIZZARD = public_seizures.rows("operation-blizzard")
DAY = datetime(2025, 2, 20, tzinfo=UTC)


def row(**given):
    empty = {field.name: None for field in SEIZURE.columns}
    return {"report_key": None, "source": "test", "observed_at": DAY, "drug": "fentanyl"} | empty | given


def by(rows, *names):
    return {one.key: one for one in totals(rows, names)}


def test_operation_blizzard_by_drug_is_as_published():
    found = by(BLIZZARD, "drug")
    published = {
        "fentanyl": (116, 1730.0),
        "heroin": (26, 190.0),
        "methamphetamine": (17, 5380.0),
        "cocaine": (24, 13000.0),
        "opium": (17, 38840.0),
        "MDMA": (48, 2320.0),
        "cannabis": (249, None),
    }
    assert {drug: (found[drug,].count, found[drug,].mass) for drug in published} == published
    (all_,) = totals(BLIZZARD)
    assert (all_.count, all_.at_least) == (2600, True)
    assert all_.mass - 1730.0 == 59730.0  # “59.73 kilograms of other narcotics”


def test_operation_blizzard_by_direction_is_as_published():
    found = by(BLIZZARD, "direction", "other")
    assert found["inbound", "US"].share == 0.675
    assert found["outbound", "US"].share == 0.175
    assert all(found[key, "US"].published for key in ("inbound", "outbound"))
    fentanyl = by(BLIZZARD, "drug", "direction", "other")
    assert fentanyl["fentanyl", "outbound", "US"].mass == 1440.0
    assert fentanyl["fentanyl", "outbound", None].mass == 260.0
    assert fentanyl["fentanyl", None, None].mass == 30.0  # what the release does not place
    assert fentanyl["fentanyl", "outbound", "US"].count is None  # it does not say how many of the 116


def test_2600_single_records_give_the_published_shares():
    """A world of single seizures in the published proportions: shares are counted, and are the same."""
    ways = [("inbound", 1755), ("outbound", 455), (None, 390)]
    rows = [row(direction=way, other="US" if way else None) for way, count in ways for _ in range(count)]
    found = by(rows, "direction", "other")
    assert [found[way, "US"].share for way in ("inbound", "outbound")] == [0.675, 0.175]
    assert not any(one.published for one in found.values())


def test_few_seizures_have_a_count_and_no_share():
    assert by([row(direction="inbound")] * 19, "direction")["inbound",].share is None
    assert by([row(direction="inbound")] * 20, "direction")["inbound",].share == 1.0


def test_what_nobody_weighed_is_counted_and_not_nought():
    (one,) = totals([row(mass=1.0, mass_error=0.3), row(mass=2.0, mass_error=0.4), row()])
    assert (one.count, one.mass, one.mass_error, one.unweighed) == (3, 3.0, pytest.approx(0.5), 1)
    assert one.largest == pytest.approx(2 / 3)
    (none,) = totals([row()])
    assert none.mass is None


def test_a_row_that_is_part_of_itself_or_of_nothing_stands_alone():
    rows = [row(report_key="a", part_of="b"), row(report_key="b", part_of="a"), row(part_of="gone", count=3)]
    (one,) = totals(rows)
    assert one.rows == 3
    assert totals([]) == []


PARTS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.none() | st.sampled_from(DIRECTIONS[:2]),
        st.none() | st.integers(0, 50),
        st.none() | st.integers(0, 1000).map(float),
        st.none() | st.integers(0, 5),
    ),
    max_size=7,
)


def nested(parts):
    """Rows of which each may be part of one before it; those that are part of none say what they weigh."""
    rows = []
    for n, (drug, direction, count, mass, above) in enumerate(parts):
        part_of = str(above) if above is not None and above < n else None
        mass = 100.0 if mass is None and part_of is None else mass
        given = {"drug": drug, "direction": direction, "count": count, "mass": mass, "part_of": part_of}
        rows.append(row(report_key=str(n), **given))
    return rows


@given(PARTS.map(nested), st.lists(st.sampled_from(BY), unique=True, max_size=2))
def test_grouping_moves_mass_and_makes_none(rows, names):
    """However rows are part of each other, the groups together weigh what the wholes do."""
    whole = sum(one["mass"] for one in rows if one["part_of"] is None)
    assert sum(one.mass or 0.0 for one in totals(rows, names)) == pytest.approx(whole)


def test_arrests_of_a_part_are_not_counted_twice():
    rows = [
        row(report_key="a", arrests=5, count=9),
        row(report_key="b", arrests=2, part_of="a", direction="inbound"),
        row(report_key="c", arrests=1, part_of="a"),
    ]
    assert totals(rows)[0].arrests == 5
    found = by(rows, "direction")
    assert (found["inbound",].arrests, found[None,].arrests) == (2, 3)
    assert totals([row()])[0].arrests is None


def test_parts_that_exceed_the_whole_leave_less_than_nothing_and_it_is_said():
    whole = row(report_key="w", mass=10.0, mass_error=0.3)
    over = by([whole, row(report_key="p", part_of="w", mass=12.0, direction="outbound")], "direction")
    assert (over[None,].mass, over[None,].over, over["outbound",].mass) == (-2.0, True, 12.0)
    part = row(report_key="p", part_of="w", mass=4.0, mass_error=0.4, direction="outbound")
    found = by([whole, part], "direction")
    assert (found[None,].mass, found[None,].over) == (6.0, False)
    assert found[None,].mass_error == pytest.approx(0.5)  # what is left is uncertain by both weighings
    assert totals([whole, part])[0].mass_error == pytest.approx(0.3)


def test_a_span_takes_what_lies_in_it_as_a_whole():
    rows = [row(until=DAY.replace(day=25)), row(observed_at=DAY.replace(day=10))]
    assert within(rows, DAY, DAY.replace(day=25)) == rows[:1]
    assert within(rows, DAY, DAY.replace(day=24)) == []
    assert within(rows, None, None) == rows


# --- the table


TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
MAYBE = st.none() | TEXT
GRAMS = st.none() | st.floats(0, 1e9)
MOMENT = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
TABLE = st.fixed_dictionaries(
    {
        "report_key": MAYBE,
        "origins": st.lists(TEXT, max_size=2),
        "observed_at": MOMENT,
        "operation": MAYBE,
        "drug": TEXT,
        "substance": st.none() | st.just("substance:cas:437-38-7"),
        "until": st.none() | MOMENT,
        "count": st.none() | st.integers(0, 2**63 - 1),
        "at_least": st.none() | st.booleans(),
        "share": st.none() | st.floats(0, 1),
        "mass": GRAMS,
        "mass_error": GRAMS,
        "amount": MAYBE,
        "arrests": st.none() | st.integers(0, 100),
        "place": MAYBE,
        "direction": st.none() | st.sampled_from(DIRECTIONS),
        "other": st.none() | st.just("US"),
        "mode": st.none() | st.sampled_from(MODES),
        "part_of": MAYBE,
        "file": MAYBE,
        "latitude": st.none() | st.floats(-90, 90),
        "longitude": st.none() | st.floats(-180, 180),
        "phone": st.none() | st.just("phone:phone:16135550123"),
        "plate": st.none() | st.just("vehicle:plate:ABCD123"),
    }
)


def read(data):
    return list(TABLES["seizure"].read(BytesIO(data), "seizures.csv"))


@settings(max_examples=draws(400, quick=40), deadline=None)
@given(st.lists(TABLE, min_size=1, max_size=3))
def test_what_is_written_is_read_back(rows):
    table = pa.Table.from_pylist([one | {"locator": ""} for one in rows], schema=SEIZURE.body)
    stream = BytesIO()
    TABLES["seizure"].write([Batch("seizure", table)], stream)
    (batch,) = read(stream.getvalue())
    assert batch.rows.drop_columns(["locator"]).to_pylist() == rows


def test_a_count_keeps_every_digit():
    (batch,) = read(b"drug,observed_at,count\nheroin,2025-02-20,100000000000000001\n")
    assert batch.rows["count"].to_pylist() == [100_000_000_000_000_001]


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("1.73 kg", 1730.0),
        ("0.19kg", 190.0),
        ("12.4 g", 12.4),
        ("12.4", 12.4),
        ("500 mg", 0.5),
        ("1 lb", 453.59237),
    ],
)
def test_a_mass_carries_its_unit(text, grams):
    (batch,) = read(f"drug,observed_at,mass\nheroin,2025-02-20,{text}\n".encode())
    assert batch.rows["mass"].to_pylist() == [grams]


@pytest.mark.parametrize(
    "cells",
    ["-1,", "1 litre,", "1 Mg,", "1_0,", "inf,", ",maybe", "1e400,"],
)
def test_a_wrong_cell_is_a_fault_with_its_line(cells):
    found = read(
        f"drug,observed_at,mass,at_least\nheroin,2025-02-20,{cells}\ncocaine,2025-02-20,1,yes\n".encode()
    )
    (fault,) = (one for one in found if isinstance(one, Fault))
    (batch,) = (one for one in found if isinstance(one, Batch))
    assert b"heroin" in fault.raw
    assert batch.rows["drug"].to_pylist() == ["cocaine"]


def test_it_is_recognised_and_a_table_without_its_columns_is_refused():
    head = b"drug,observed_at,mass\nheroin,2025-02-20,1\n"
    assert recognise(Head("x.csv", head[:HEAD_BYTES])).name == "seizure-csv"
    with pytest.raises(FormatError, match="no column 'drug'"):
        read(b"observed_at\n2025-02-20\n")


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_faults_or_a_format_error(data):
    with suppress(FormatError):
        assert all(isinstance(one, Batch | Fault) for one in read(data))
