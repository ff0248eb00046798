from random import Random

import pyarrow as pa

from watchfloor.cell.identity.namesakes import namesakes
from watchfloor.core.kinds import PARTY

OTHERS = [
    f"{given} {family}"
    for given in ("Ada", "Milo", "Oona", "Petra")
    for family in ("Quill", "Marsh", "Lunde")
]


def parties(*people):
    common = {
        "source": "f",
        "marking": "U",
        "locator": "1",
        "role": "payee",
        "delivery": bytes(32),
        "observed_at": 0,
    }
    rows = [
        common | {"record_id": i.to_bytes(16, "big"), "subject": s, "name": n, "schema": k, "birth_date": b}
        for i, (s, n, k, b) in enumerate(people)
    ]
    return pa.Table.from_pylist(rows, schema=PARTY.schema)


def crowd():
    return [(f"person:x:{i}", name, "Person", f"19{50 + i}-01-01") for i, name in enumerate(OTHERS)]


def joined(*people):
    return {(found.one, found.other): found.joins for found in namesakes(parties(*crowd(), *people))}


def test_a_persons_name_joins_with_the_birth_date_and_is_proposed_without():
    mail = ("person:mail:1", "Tavish Okonedo-Marr", "Person", "1971-04-12")
    bank = ("person:bank:7", "OKONEDO MARR, Tavish", "Person", "1971-04-12")
    assert joined(mail, bank) == {("person:bank:7", "person:mail:1"): True}
    assert joined(mail, (*bank[:3], None)) == {("person:bank:7", "person:mail:1"): False}


def test_another_birth_date_proposes_nothing():
    one = ("person:mail:1", "Tavish Okonedo-Marr", "Person", "1971-04-12")
    other = ("person:bank:7", "Tavish Okonedo-Marr", "Person", "1994-11-30")
    assert joined(one, other) == {}


def test_a_company_joins_by_the_whole_of_a_rare_name():
    one = ("company:mail:1", "Ostrava Meridian Reagents Ltd", "Company", None)
    other = ("company:bank:7", "OSTRAVA MERIDIAN REAGENTS LIMITED", "Company", None)
    assert joined(one, other) == {("company:bank:7", "company:mail:1"): True}
    third = ("company:bank:8", "Ostrava Meridian Supplies", "Company", None)
    assert not joined(one, third).get(("company:bank:8", "company:mail:1"), False)


def test_a_name_that_many_bear_tells_nobody_apart():
    many = [(f"company:mail:{i}", "Meridian Reagents", "Company", None) for i in range(12)]
    assert joined(*many) == {}


def test_the_order_of_the_records_does_not_matter():
    people = [
        *crowd(),
        ("person:m:1", "Ada Quil", "Person", "1950-01-01"),
        ("person:m:2", "Petra Lunde", "Person", None),
    ]
    found = namesakes(parties(*people))
    assert found
    Random(1).shuffle(people)
    assert namesakes(parties(*people)) == found
