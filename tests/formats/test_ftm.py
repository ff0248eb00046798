"""FollowTheMoney entities."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.formats.lists import FTM, faults, listed, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lists.ftm import FORMAT, read


def _read(text: str | bytes) -> list:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read(BytesIO(data), "entities.json"))


def test_a_person():
    person, front = listed(_read(FTM))
    assert (person["entity_id"], person["list_id"], person["schema"]) == ("V-1", "ruri", "Person")
    assert texts(person) == ["Odo Valle", "Otto Valle", "The Lamp"]
    assert texts(person, "weak") == ["The Lamp"]
    assert (person["birth_dates"], person["countries"]) == (["1971-05-02"], ["IR"])
    assert person["identifiers"] == [{"system": "passport", "number": "R4711", "owner": None}]
    assert person["observed_at"] == datetime(2026, 1, 5, tzinfo=UTC)
    assert person["remarks"] == "topics: sanction"
    assert texts(front, "weak") == ["VF"]


def test_what_names_nobody_is_passed_over_without_a_fault():
    assert faults(_read(FTM)) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no FollowTheMoney entity"),
        ("[1]", "no FollowTheMoney entity"),
        ('{"id":"x","schema":"Person","properties":{}}', "has no name"),
        ('{"id":"x","schema":"Person","properties":{"name":[7]}}', "no FollowTheMoney entity"),
        ('{"id":"","schema":"Person","properties":{"name":["A"]}}', "has no name or no id"),
    ],
)
def test_a_broken_line_costs_itself_alone(line, reason):
    pieces = _read(FTM + line + "\n" + FTM.splitlines()[2])
    (fault,) = faults(pieces)
    assert (fault.locator, fault.raw) == ("line 4", line.encode())
    assert reason in fault.reason
    assert len(listed(pieces)) == 3


def test_a_line_that_never_ends_is_a_fault(monkeypatch):
    monkeypatch.setattr("watchfloor.formats.lists.ftm.MAX_LINE", 400)
    pieces = _read(FTM + "x" * 5000 + "\n" + FTM.splitlines()[2] + "\n")
    assert "longer than" in faults(pieces)[0].reason
    assert len(listed(pieces)) == 3


@pytest.mark.parametrize("text", ["", "{}", "id,name\n", b"\xff\xfe\x00"])
def test_what_is_no_such_file_is_refused(text):
    with pytest.raises(FormatError):
        _read(text)


def test_sniff():
    assert FORMAT.sniff(Head("x", FTM.encode())) == 0.9
    assert FORMAT.sniff(Head("x", b'{"schema": 1}\n')) == 0
