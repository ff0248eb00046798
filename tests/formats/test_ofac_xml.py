"""OFAC's XML form, held to its CSV form."""

from datetime import date
from io import BytesIO

import pytest
from tests.formats.lists import SDN, SDN_XML, faults, listed, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lists import ofac_csv
from watchfloor.formats.lists.ofac_xml import FORMAT, read


def _read(text: str) -> list:
    return list(read(BytesIO(text.encode()), "sdn.xml"))


def test_a_person():
    person = listed(_read(SDN_XML))[0]
    assert texts(person) == ["VALLE, Odo", "VALLI, Otto", "THE LAMP"]
    assert texts(person, "weak") == ["THE LAMP"]
    assert person["countries"] == ["CU", "IR", "FR"]
    assert (person["birth_dates"], person["remarks"]) == (["1971-05-02"], "Minister")
    assert person["window_from"] == person["window_until"] == date(2026, 11, 20)


def test_both_forms_give_the_same_entities():
    csv = {row["entity_id"]: row for row in listed(list(ofac_csv.read(BytesIO(SDN.encode()), "sdn.csv")))}
    for row in listed(_read(SDN_XML)):
        same = csv[row["entity_id"]]
        for column in ("list_id", "item", "name", "schema", "instrument"):
            assert row[column] == same[column]
        assert row["identifiers"][0] == same["identifiers"][0]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<uid>101</uid>", "", "no uid"),
        ("<sdnType>Vessel</sdnType>", "<sdnType>Robot</sdnType>", "'robot' is no type"),
        ("<lastName>SEA LANTERN</lastName>", "", "no name"),
    ],
)
def test_faults_of_an_entry(old, new, reason):
    pieces = _read(SDN_XML.replace(old, new))
    (fault,) = faults(pieces)
    assert reason in fault.reason
    assert len(listed(pieces)) == 1


def test_the_advanced_form_is_told_apart():
    text = '<Sanctions xmlns="https://www.un.org/sanctions/1.0/ADVANCED_XML"/>'
    assert FORMAT.sniff(Head("sdn_advanced.xml", text.encode())) == 0.5
    with pytest.raises(FormatError, match=r"take sdn\.xml"):
        _read(text)
