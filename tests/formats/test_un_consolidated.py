"""The consolidated list of the United Nations."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from tests.formats.lists import LISTS, UN, faults, listed, public, rows_of, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lists.un_consolidated import FORMAT, read


def _read(text: str) -> list:
    return list(read(BytesIO(text.encode()), "un.xml"))


def test_an_individual():
    person = listed(_read(UN))[0]
    assert (person["entity_id"], person["item"], person["name"]) == ("UN#1", "RUi.001", "ODO VALLE")
    assert person["instrument"] == "UN Security Council sanctions list: Ruritania"
    assert {n["text"]: (n["role"], n["strength"]) for n in person["names"]} == {
        "ODO VALLE": ("primary", "strong"),
        "عودو فالي": ("alias", "strong"),
        "Otto Valle": ("alias", "strong"),
        "The Lamp Man": ("alias", "weak"),
        "Odo Velle": ("former", "strong"),
    }
    assert person["birth_dates"] == ["1971-05-02", "1968", "1969", "1970", "1972"]
    assert person["countries"] == ["IR"]
    assert person["identifiers"] == [{"system": "passport", "number": "R 4711", "owner": "Ruritania"}]
    assert (person["listed_on"], person["in_force"]) == (date(2012, 12, 31), date(2019, 5, 1))
    assert person["window_from"] == person["window_until"] == date(2026, 2, 27)
    assert person["observed_at"] == datetime(2026, 2, 27, tzinfo=UTC)
    assert person["remarks"] == "born approximately 1972; Believed abroad"


def test_an_entity_of_two_spellings_and_an_acronym():
    front = listed(_read(UN))[1]
    assert (front["schema"], front["name"]) == ("Organization", "VALE FRONT")
    assert texts(front) == ["VALE FRONT", "VF", "FRONT OF THE VALE", "Hill Front"]
    assert [name["role"] for name in front["names"]] == ["primary", "acronym", "alias", "former"]
    assert texts(front, "weak") == ["VF"]


def test_dates_that_do_not_exist_are_none():
    broken = UN.replace("1971-05-02", "1971-02-30").replace("2012-12-31", "2012-13-31")
    person = listed(_read(broken))[0]
    assert (person["birth_dates"], person["listed_on"]) == (["1968", "1969", "1970", "1972"], None)


def test_an_entry_without_a_name_is_a_fault():
    pieces = _read(UN.replace("<FIRST_NAME>ODO</FIRST_NAME><SECOND_NAME>VALLE</SECOND_NAME>", ""))
    (fault,) = faults(pieces)
    assert (fault.locator, fault.rest) == ("item RUi.001", False)
    assert b"RUi.001" in fault.raw
    assert [row["name"] for row in listed(pieces)] == ["VALE FRONT"]


def test_sniff_and_refusal():
    assert FORMAT.sniff(Head("x", UN.encode())) == 0.95
    with pytest.raises(FormatError, match="root <OTHER>"):
        _read("<OTHER/>")


def test_the_public_list():
    rows = rows_of(read, public(LISTS / "un_consolidated.xml"))
    assert [row["schema"] for row in rows].count("Person") == 730
    assert len({row["entity_id"] for row in rows}) == len(rows) == 1003
    qualities = [n["strength"] for row in rows if row["schema"] == "Person" for n in row["names"]]
    assert qualities.count("weak") >= 600  # 615 aliases are of low quality; some are given twice
