"""Linkage of persons without labels: blocking, comparisons, the model, consistency."""

from datetime import date, timedelta
from random import Random

import pyarrow as pa
import pytest

from watchfloor.cell.identity.linkage.linkage import link
from watchfloor.cell.identity.linkage.tables import as_persons

GIVEN = "Ann Bo Cyril Dora Emil Fatou Gita Hugo Inga Jorge Kim Lea Max Nadia Omar Pia Rosa Sven Tara".split()
FAMILY = "Roy Lund Okoro Tamm Vidal Weber Xu Yilmaz Zola Abadi Brandt Cruz Dufour Eklund Fischer".split()


def people(count, seed):
    random = Random(seed)
    return [
        {
            "first_name": random.choice(GIVEN),
            "last_name": random.choice(FAMILY) + random.choice(("", "son", "ova", "ez")),
            "date_of_birth": str(date(1940, 1, 1) + timedelta(random.randrange(23_000))),
            "street_number": str(random.randint(1, 300)),
            "street_name": random.choice(FAMILY) + " Street",
        }
        for _ in range(count)
    ]


def table(name, rows):
    return as_persons(name, pa.Table.from_pylist(rows))


def numbered(rows, prefix):
    return [{"id": f"{prefix}{at}"} | row for at, row in enumerate(rows)]


def pairs(*tables, **how):
    found = link(list(tables), **how)
    return {
        frozenset((found.records.ids[a], found.records.ids[b]))
        for a, b in zip(found.one.tolist(), found.other.tolist(), strict=True)
    }


@pytest.fixture(scope="module")
def two():
    rows = people(300, 1)
    return numbered(rows[:200], "a"), numbered(rows[100:], "b")


def test_persons_of_two_tables_are_linked(two):
    one, other = two
    assert pairs(table("a", one), table("b", other)) == {
        frozenset((f"a{at + 100}", f"b{at}")) for at in range(100)
    }


def test_the_order_of_rows_and_of_tables_changes_nothing(two):
    one, other = two
    assert pairs(table("a", one), table("b", other)) == pairs(table("b", other[::-1]), table("a", one[::-1]))
