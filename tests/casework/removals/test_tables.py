"""Tables of the register against the published ones, and against counting."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.casework.removals.steps import NOW, enforced, made, stay, stay_ended, step
from tests.thorough import THOROUGH, draws

from watchfloor.casework.removals import tables
from watchfloor.casework.removals.orders import fold
from watchfloor.casework.removals.steps import REGIONS, day_of

TABLES = {f"{one.name} {one.published}": one for one in tables.published()}

NOT_ADDED_UP = {
    ("1.1 2025-02-25", "2024-Q4"): (3829, 3828),
    ("1.1 2025-12-31", "2025-Q3"): (1781, 1782),
    ("1.1 2025-12-31", "2025"): (12696, 12697),
}
"""Totals that the agency printed otherwise than its own rows add up: what the rows give, what is printed."""


def first_of(column):
    """The first day of a column."""
    end, months = tables.end_of(column), 3 if "-Q" in column else 12
    year, month = divmod(end.year * 12 + end.month - months, 12)
    return date(year, month + 1, 1)


def steps_of(one):
    """A made-up order and its removal for each that a published table counts, within the column's days.

    A column that is the sum of quarters has no removals of its own.
    """
    whole = {column for column in one.columns if f"{column}-Q1" in one.columns}
    rows = []
    for region, numbers in one.rows.items():
        for column, number in zip(one.columns, numbers, strict=True):
            if column in whole:
                continue
            first, days = first_of(column), (tables.end_of(column) - first_of(column)).days + 1
            for n in range(number):
                id_ = f"order:test:{region}-{column}-{n}"
                on = first + timedelta(n % days)
                rows.append(made(date(2018, 1, 1), "exclusion", order=id_) | {"region": region})
                rows.append(enforced(on, order=id_) | {"region": region})
    return rows


@pytest.mark.parametrize("name", TABLES)
def test_a_register_of_as_many_removals_gives_the_published_table_to_the_unit(name):
    one = TABLES[name]
    # A quick run makes the removals of the last year alone, in its quarters: 13,000 to 17,000 of them.
    kept = [n for n, column in enumerate(one.columns) if THOROUGH or column.startswith(one.columns[-1])]
    part = replace(
        one,
        columns=tuple(one.columns[n] for n in kept),
        rows={key: tuple(numbers[n] for n in kept) for key, numbers in one.rows.items()},
        total=tuple(one.total[n] for n in kept if one.total),
    )
    orders = fold(steps_of(part), date(2026, 6, 30), NOW)
    ours = tables.removals(orders.values(), "region", part.columns, part.years, date(2026, 6, 30))
    found = {(one.row, one.column): (one.ours, one.theirs) for one in tables.beside(ours, part)}
    known = {("total", column): pair for (table, column), pair in NOT_ADDED_UP.items() if table == name}
    assert found == known
    assert not any(order.problems for order in orders.values())


@pytest.mark.parametrize("name", TABLES)
def test_published_rows_add_up_but_for_the_totals_that_are_named(name):
    one = TABLES[name]
    assert tuple(one.rows) == REGIONS[: len(one.rows)]
    sums = [sum(numbers) for numbers in zip(*one.rows.values(), strict=True)]
    wrong = {
        (name, column): (ours, theirs)
        for column, ours, theirs in zip(one.columns, sums, one.total or sums, strict=True)
        if ours != theirs
    }
    assert wrong == {key: pair for key, pair in NOT_ADDED_UP.items() if key[0] == name}
    year = one.columns[-1]
    quarters = [n for n, column in enumerate(one.columns) if column.startswith(f"{year}-Q")]
    assert all(sum(numbers[n] for n in quarters) == numbers[-1] for numbers in one.rows.values())


def test_nothing_is_counted_by_nationality():
    assert set(tables.DIMENSIONS) == {"region", "kind", "ground", "way"}


@pytest.mark.parametrize(
    ("day", "years", "columns"),
    [
        ("2024-03-31", "calendar", ("2024", "2024-Q1")),
        ("2024-03-31", "fiscal", ("FY2023", "FY2023-Q4")),
        ("2024-04-01", "fiscal", ("FY2024", "FY2024-Q1")),
        ("2024-12-31", "calendar", ("2024", "2024-Q4")),
        ("2025-01-01", "fiscal", ("FY2024", "FY2024-Q4")),
    ],
)
def test_a_day_lies_in_its_year_and_quarter(day, years, columns):
    assert tables.column_of(date.fromisoformat(day), years) == columns


@given(st.dates(date(2000, 1, 1), date(2040, 12, 31)), st.sampled_from(["calendar", "fiscal"]))
def test_a_day_is_between_the_ends_of_its_column_and_the_one_before(day, years):
    for column in tables.column_of(day, years):
        assert first_of(column) <= day <= tables.end_of(column)


@st.composite
def registers(draw):
    rows = []
    for number in range(draw(st.integers(0, 12))):
        id_ = f"order:test:{number}"
        at = date(2026, 1, 1) + timedelta(draw(st.integers(0, 90)))
        rows.append(made(at, draw(st.sampled_from(("departure", "exclusion"))), order=id_, region="prairie"))
        if draw(st.booleans()):
            at += timedelta(draw(st.integers(0, 60)))
            rows.append(stay(at, order=id_))
            if draw(st.booleans()):
                at += timedelta(draw(st.integers(0, 60)))
                rows.append(stay_ended(at, order=id_))
        if draw(st.booleans()):
            at += timedelta(draw(st.integers(0, 60)))
            rows.append(enforced(at, order=id_))
    return rows


@settings(max_examples=draws(500, 50))
@given(registers(), st.integers(0, 200), st.integers(0, 200))
def test_inventories_change_by_the_flows_between_them(rows, a, b):
    first, last = sorted(date(2026, 1, 1) + timedelta(days) for days in (a, b))
    before, after = (fold(rows, on, NOW) for on in (first - timedelta(1), last))
    count = [
        sum(one.total() for one in tables.inventory(orders.values()).values()) for orders in (before, after)
    ]
    flow = tables.flows(after.values(), first, last)
    assert count[1] - count[0] == flow["order-made"] - flow["enforced"]


@settings(max_examples=draws(300, 30))
@given(registers(), st.sampled_from(sorted(tables.DIMENSIONS)), st.sampled_from(["calendar", "fiscal"]))
def test_a_table_has_every_removal_once_whatever_its_rows_are(rows, by, years):
    on = date(2026, 11, 30)
    orders = fold(rows, on, NOW)
    columns = tables.columns(2025, 2026, years)
    made_ = tables.removals(orders.values(), by, columns, years, on)
    days = Counter(
        column for row in rows if row["step"] == "enforced" for column in tables.column_of(day_of(row), years)
    )
    assert made_.total == tuple(days[column] for column in columns)


def test_the_monthly_report_counts_the_enforced_by_ground_and_the_others_by_reason():
    def row(name, on, number, **more):
        return step(name, on, order=f"order:test:{number}", **more)

    rows = [
        made("2026-04-01", order="order:test:1", grounds="41(a)"),
        enforced("2026-05-31", order="order:test:1"),
        made("2026-04-01", order="order:test:2", grounds="36(1)(a)"),
        enforced("2026-05-01", order="order:test:2"),
        *(made("2026-04-01", order=f"order:test:{number}") for number in (3, 4, 5, 6)),
        row("stay-granted", "2026-05-31", 3, section="50(c)", reference="S"),
        row("warrant-issued", "2026-05-30", 4, section="55(1)", reference="W"),
        row("document-requested", "2026-05-30", 5),
        made("2026-04-01", order="order:test:7", claimant=True),
        made("2026-04-01", order="order:test:8"),
        enforced("2026-04-30", order="order:test:8"),
    ]
    last = date(2026, 5, 31)
    found = tables.monthly(fold(rows, last, NOW).values(), last)
    assert found.due == date(2026, 6, 10)
    assert found.enforced == {"41": 1, "36(1)": 1}
    assert found.delayed == {"judicial": 1, "wanted": 1, "travel-document": 1, "unknown": 1}


@settings(max_examples=draws(300, 30))
@given(registers(), st.integers(1, 6))
def test_a_month_has_every_order_in_force_once_enforced_or_delayed(rows, month):
    last = date(2026, month + 1, 1) - timedelta(1)
    orders = fold(rows, last, NOW)
    found = tables.monthly(orders.values(), last)
    assert found.enforced.total() == tables.flows(orders.values(), last.replace(day=1), last)["enforced"]
    assert found.delayed.total() == sum(one.total() for one in tables.inventory(orders.values()).values())
