"""Dogs' searches: an alert names a sort of thing, a non-alert is a reading too."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.instruments import PARCEL, found, read_to_the_end, table
from tests.thorough import draws

from watchfloor.formats.base import Head
from watchfloor.formats.lab.dog_csv import FORMAT
from watchfloor.formats.registry import FORMATS, recognise

SEARCH = {
    "time": "2026-07-14T09:00:00Z",
    "item": PARCEL,
    "dog": "K9-31",
    "handler": "B-204",
    "target": "drugs",
    "response": "alert",
    "certified until": "2026-12-31",
    "matrix": "parcel",
    "blind": "yes",
}


def one(**said):
    rows, faults = found(FORMAT, table(SEARCH | said))
    assert not faults
    return rows[0]


def test_an_alert():
    row = one()
    assert (row["method"], row["serial"], row["operator"]) == ("dog", "K9-31", "B-204")
    assert row["results"][0] | {"score": None} == {
        **dict.fromkeys(("substance", "score", "share", "share_low", "share_high", "by")),
        "name": "target:drugs",
        "level": "presumptive",
    }
    assert (row["substance"], row["level"], row["category"], row["quality"]) == (
        None,
        "presumptive",
        None,
        [],
    )
    assert row["calibrated_until"].year == 2026


@pytest.mark.parametrize(
    ("response", "level"),
    [
        ("no alert", "not-detected"),
        ("None", "not-detected"),
        ("interest", "inconclusive"),
        ("Alerte", "presumptive"),
    ],
)
def test_responses(response, level):
    assert one(response=response)["level"] == level


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("Narcotics", "target:drugs"),
        ("stupéfiants", "target:drugs"),
        ("cash", "target:currency"),
        ("agriculture", "target:food-plant-animal"),
    ],
)
def test_targets(target, name):
    assert one(target=target)["results"][0]["name"] == name


def test_an_alert_whose_handler_knew_is_marked():
    assert one(blind="no")["quality"] == ["handler-knew"]
    assert one(blind="no", response="no alert")["quality"] == []


def test_no_name_of_a_handler_is_kept():
    row = one(**{"handler name": "Ann Roe", "handler": "Ann Roe"})
    assert "Ann Roe" not in str(row)
    assert row["operator"] is None


def test_a_certificate_holds_through_its_last_day():
    assert one(**{"certified until": "2026-07-14"})["calibrated_until"] > one()["observed_at"]
    assert one(**{"certified until": "2026-07-13"})["calibrated_until"] < one()["observed_at"]


@pytest.mark.parametrize(
    ("said", "why"),
    [({"dog": ""}, "dog: is empty"), ({"target": "people"}, "none of"), ({"item": "?"}, "no parcel")],
)
def test_what_is_wrong_is_said(said, why):
    rows, faults = found(FORMAT, table(SEARCH | said))
    assert rows == []
    assert why in faults[0].reason


def test_it_is_recognised():
    assert recognise(Head("x.csv", table(SEARCH).encode())) is FORMATS["dog-csv"]


@settings(max_examples=draws(150), deadline=None)
@given(st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = table(SEARCH, SEARCH).encode()
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 6))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    read_to_the_end(FORMAT, bytes(damaged[: data.draw(st.integers(0, len(good)))]))
