"""The lists of the United Kingdom, the EU, Australia and Switzerland, each in its official form."""

from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats import abroad
from tests.formats.lists import faults, listed, texts

from watchfloor.formats.base import Batch, FormatError, Head
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.lists.sanctions_entry import birth_dates
from watchfloor.formats.registry import FORMATS, recognise

FORMS = {
    "uk-sanctions-xml": abroad.UK_XML.encode(),
    "uk-sanctions-csv": abroad.UK_CSV.encode(),
    "eu-fsf-xml": abroad.EU_XML.encode(),
    "eu-fsf-csv": abroad.EU_CSV.encode(),
    "au-dfat": abroad.AU_CSV.encode(),
    "ch-seco": abroad.CH_XML.encode(),
}
every = pytest.mark.parametrize("name", FORMS)


def read(name, data=None):
    pieces = list(FORMATS[name].read(BytesIO(FORMS[name] if data is None else data), "list"))
    return listed(pieces), faults(pieces), pieces


@every
def test_each_is_recognised_and_read_whole(name):
    rows, wrong, pieces = read(name)
    assert not wrong
    assert len(rows) == 2
    assert recognise(Head("list", FORMS[name])).name == name
    assert [piece.kind.name for piece in pieces if isinstance(piece, Batch)] == ["listing", "consolidation"]


@every
def test_a_person_has_names_by_strength_births_and_numbers(name):
    (odo, _), _, _ = read(name)
    assert odo["schema"] == "Person"
    assert odo["name"].casefold() in ("odo valle", "odo piro valle")
    assert "Otto Valli" in texts(odo, "strong")
    assert texts(odo, "weak") == ["The Lamp Man"]
    assert odo["birth_dates"] == ["1971-05-02", "1972"]
    assert "IR" in odo["countries"]
    assert "Believed abroad" in odo["remarks"]
    if name != "au-dfat":
        assert "R4711" in [one["number"] for one in odo["identifiers"] if one["system"] == "passport"]
        assert "RUi.001" in [one["number"] for one in odo["identifiers"] if one["system"] == "un"]
        assert odo["window_from"] == odo["window_until"] == date(2026, 9, 21)
        assert odo["listed_on"] == date(2012, 6, 29)
        assert odo["in_force"] == date(2026, 8, 4)
    else:
        assert odo["observed_at"] == UNDATED


@pytest.mark.parametrize("pair", [("uk-sanctions-xml", "uk-sanctions-csv"), ("eu-fsf-xml", "eu-fsf-csv")])
def test_both_forms_of_a_list_give_the_same_entities(pair):
    def facts(row):
        kept = (
            "entity_id",
            "list_id",
            "name",
            "schema",
            "birth_dates",
            "listed_on",
            "in_force",
            "instrument",
        )
        numbers = sorted((one["system"], one["number"]) for one in row["identifiers"])
        return [row[one] for one in kept], sorted(texts(row)), sorted(row["countries"]), numbers

    xml, table = ([facts(row) for row in read(name)[0]] for name in pair)
    assert xml[0] == table[0]
    assert [row[0][0] for row in xml] == [row[0][0] for row in table]


def test_ships_are_found_by_their_number():
    for name in ("uk-sanctions-xml", "uk-sanctions-csv", "au-dfat", "ch-seco"):
        _, ship = read(name)[0]
        assert (ship["schema"], ship["name"]) == ("Vessel", "SEA LANTERN")
        assert [(one["system"], one["number"]) for one in ship["identifiers"]] == [("imo", "9074729")]


def test_a_target_of_switzerland_that_was_de_listed_has_ceased_and_history_is_no_name():
    odo, ship = read("ch-seco")[0]
    assert (odo["ceased"], ship["ceased"]) == (None, date(2025, 1, 31))
    assert "Never A Name" not in texts(odo)
    assert {"Odo Vallé", "عودو فالي"} <= set(texts(odo))
    assert odo["instrument"].endswith("Ordinance on measures against Ruritania")
    assert "FR" in odo["countries"]


def test_what_the_eu_knows_to_be_false_is_no_number_and_an_acronym_is_weak():
    odo, front = read("eu-fsf-xml")[0]
    assert "77" not in [one["number"] for one in odo["identifiers"]]
    assert "known to be false" in odo["remarks"]
    assert "born about 1972" in odo["remarks"]
    assert texts(front, "weak") == ["VF"]


def test_a_workbook_says_the_same_as_its_text():
    whole = abroad.au_xlsx()
    assert [row | {"locator": ""} for row in read("au-dfat", whole)[0]] == [
        row | {"locator": ""} for row in read("au-dfat")[0]
    ]
    name = "Australian_Sanctions_Consolidated_List.xlsx"
    assert recognise(Head(name, whole)).name == "au-dfat"
    other = recognise(Head("other.xlsx", whole))
    assert other is None or "listing" not in other.kinds


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("uk-sanctions-xml", "<UniqueID>RUR0002</UniqueID>", "", "number"),
        ("uk-sanctions-xml", ">Ship<", ">Spaceship<", "Spaceship"),
        ("uk-sanctions-csv", "RUR0002", "", "number"),
        ("uk-sanctions-csv", "SEA LANTERN", "", "name"),
        ("eu-fsf-xml", 'wholeName="VF"', 'wholeName=""', ""),
        ("eu-fsf-xml", 'code="enterprise"', 'code="ghost"', "ghost"),
        ("eu-fsf-csv", ";enterprise;", ";ghost;", "ghost"),
        ("au-dfat", '"102"', '"x"', "number"),
        ("ch-seco", 'target ssid="101"', "target", "number"),
        ("ch-seco", "object", "thing", "neither"),
    ],
)
def test_an_entry_that_is_none_is_a_fault_and_the_edition_is_not_whole(name, old, new, why):
    data = FORMS[name].decode().replace(old, new).encode()
    rows, wrong, pieces = read(name, data)
    if not why:
        assert not wrong, "one of two names is enough"
        return
    assert len(rows) == 1
    assert any(why in fault.reason for fault in wrong)
    assert "consolidation" not in [piece.kind.name for piece in pieces if isinstance(piece, Batch)]


@pytest.mark.parametrize("name", ["uk-sanctions-csv", "eu-fsf-csv", "au-dfat"])
def test_rows_of_an_entry_that_stand_apart_are_a_fault(name):
    lines = FORMS[name].decode().rstrip("\n").split("\n")
    at = next(n for n, line in enumerate(lines) if "Valli" in line)
    data = "\n".join([*lines, lines[at]]).encode()
    rows, (fault,), pieces = read(name, data)
    assert len(rows) == 2
    assert "again" in fault.reason
    assert "consolidation" not in [piece.kind.name for piece in pieces if isinstance(piece, Batch)]


@every
def test_a_list_that_breaks_off_takes_nobody_away(name):
    data = FORMS[name]
    _, wrong, pieces = read(name, data[: data.rindex(b"9074729" if b"9074729" in data else b"Vale Front")])
    if name.endswith("csv") or name == "au-dfat":
        return  # a table has no end of its own; `more than half would leave` guards it
    assert wrong
    assert "consolidation" not in [piece.kind.name for piece in pieces if isinstance(piece, Batch)]


@pytest.mark.parametrize("name", ["uk-sanctions-csv", "eu-fsf-csv", "au-dfat"])
def test_a_table_of_other_columns_is_refused(name):
    with pytest.raises(FormatError):
        read(name, b"a,b\n1,2\n")


@pytest.mark.parametrize(
    ("text", "dates", "vague"),
    [
        ("dd/mm/1945", ["1945"], False),
        ("00/05/1975", ["1975-05"], False),
        ("27/08/1955", ["1955-08-27"], False),
        ("31/02/1970", ["1970"], False),
        ("a) 1 Jan. 1971 b) 3 Sept 1973", ["1971-01-01", "1973-09-03"], False),
        ("Approximately 1965", ["1965"], True),
        ("Between 1958 and 1960", ["1958", "1959", "1960"], True),
        ("1958 or 1960", ["1958", "1960"], False),
        ("1900 to 1990", [], True),
        ("unknown", [], False),
    ],
)
def test_births_have_the_precision_that_is_written(text, dates, vague):
    assert birth_dates(text) == (dates, vague)


@given(st.text(max_size=60))
def test_any_text_gives_dates_of_the_calendar(text):
    for one in birth_dates(text)[0]:
        date.fromisoformat((one + "-01-01")[:10])
