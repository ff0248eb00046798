from datetime import UTC, datetime

import pyarrow as pa

from watchfloor.core.kinds import PARTY
from watchfloor.desks.listings import parties
from watchfloor.desks.listings.parties import Parties


def rows(*said):
    """Parties of (number, report key, delivery)."""
    made = [
        dict.fromkeys(PARTY.schema.names)
        | {
            "record_id": number.to_bytes(16),
            "report_key": key,
            "delivery": delivery.to_bytes(32),
            "source": "gate",
            "origins": [],
            "observed_at": datetime(2026, 11, 20, tzinfo=UTC),
            "marking": "PB",
            "locator": "line 2",
            "subject": f"person:gate:{number}",
            "role": "traveller",
            "name": f"Name {number}",
            "identifiers": [],
        }
        for number, key, delivery in said
    ]
    return pa.Table.from_pylist(made, PARTY.schema)


def standing(held):
    return [one.number for one in held.standing()]


def test_a_later_delivery_takes_the_place_of_what_stands_under_a_key():
    held = Parties(rows((0, "a", 1), (1, "b", 1), (2, "a", 1), (3, None, 1)))
    first = held.add(rows((4, "a", 2), (5, None, 2), (6, "a", 3), (7, "a", 3)))
    assert held.corrected(first) == {4: [0, 2], 6: [4]}
    assert standing(held) == [1, 3, 5, 6, 7]
    assert len(held) == held.table().num_rows == 5
    assert [one.number for one in held.asked(first)] == [4, 5, 6, 7]  # each is screened as it comes


def test_a_key_of_another_source_corrects_nothing():
    held = Parties(rows((0, "a", 1)))
    other = rows((1, "a", 2))
    at = other.schema.get_field_index("source")
    first = held.add(other.set_column(at, other.schema.field(at), pa.array(["port"])))
    assert held.corrected(first) == {}


def test_many_small_steps_stay_few_tables(monkeypatch):
    monkeypatch.setattr(parties, "PARTS", 4)
    held = Parties()
    for number in range(10):
        first = held.add(rows((number, f"k{number % 3}", number)))
        held.corrected(first)
        assert [one.number for one in held.asked(first)] == [number]
    assert standing(held) == [7, 8, 9]
    assert held.row(0)["name"] == "Name 0"  # what a retraction says of who stood before
    assert held.numbers([(8).to_bytes(16), (2).to_bytes(16)]) == {(8).to_bytes(16): 8, (2).to_bytes(16): 2}
    assert len(held._parts) < 4
