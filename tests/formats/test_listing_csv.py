"""A list as plain CSV, in good and in bad shape."""

from io import BytesIO

import pytest
from tests.formats.lists import CSV, faults, listed, texts

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lists.listing_csv import FORMAT, read


def _read(text: str | bytes, name: str = "watch.csv") -> list:
    return list(read(BytesIO(text if isinstance(text, bytes) else text.encode()), name))


def test_a_person_and_a_group():
    person, front = listed(_read(CSV))
    assert (person["entity_id"], person["list_id"], person["schema"]) == ("V-1", "watch", "Person")
    assert texts(person) == ["Odo Valle", "The Lamp", "Otto Valle", "Odo Valli"]
    assert (texts(person, "weak"), texts(front, "weak")) == (["The Lamp"], ["VF"])
    assert (person["birth_dates"], person["countries"]) == (["1971-05-02", "1972"], ["IR"])
    assert (person["instrument"], person["item"], person["remarks"]) == ("watch", "V-1", None)


def test_only_id_and_name_are_needed_and_other_columns_are_kept():
    (row,) = listed(_read("ID,Name,note\n7,Fen,a remark\n"))
    assert (row["schema"], row["name"], row["remarks"]) == ("LegalEntity", "Fen", "note: a remark")


def test_what_a_hit_cites_may_be_given():
    pieces = _read(
        "id,name,aliases,instrument,item,in_force\n1,Ada,,Toy Act,12,2026-06-01\n2,Bo,,,,2026-06-31\n"
    )
    (row,), (fault,) = listed(pieces), faults(pieces)
    assert (row["instrument"], row["item"], str(row["in_force"])) == ("Toy Act", "12", "2026-06-01")
    assert row["observed_at"].isoformat() == "2026-06-01T00:00:00+00:00"
    assert row["remarks"] is None
    assert "2026-06-31" in fault.reason


def test_a_listed_name_is_not_lost_for_a_cell_that_cannot_be_understood():
    text = "id,name,schema,birth_date,country\n1,Odo,Robot,1971;1971-02-30;spring,IR;Ruritania\n"
    (row,) = listed(_read(text))
    assert (row["schema"], row["birth_dates"], row["countries"]) == ("LegalEntity", ["1971"], ["IR"])
    assert row["remarks"] == ("schema: Robot; birth_date: 1971-02-30; birth_date: spring; country: Ruritania")
    told = {fault.locator: fault for fault in faults(_read(text))}
    assert {locator: fault.raw for locator, fault in told.items()} == {
        "column schema": b"line 2: Robot",
        "column birth_date": b"line 2: 1971-02-30\nline 2: spring",
        "column country": b"line 2: Ruritania",
    }
    assert "1 value is no schema (line 2: Robot): listed without" in told["column schema"].reason
    assert told["column birth_date"].reason == (
        "2 values are no date that there is (line 2: 1971-02-30; line 2: spring): listed without, and "
        "kept in the remarks. Write 1970-02-28, 1970-02 or 1970"
    )
    assert all(fault.partly and not fault.rest for fault in told.values())


def test_many_values_that_say_nothing_are_one_fault_of_bounded_size():
    rows = "".join(f"{i},Odo {i},1971-02-30\n" for i in range(9_000))
    pieces = _read(f"id,name,birth_date\n{rows}")
    (fault,) = faults(pieces)
    assert len(listed(pieces)) == 9_000
    assert "9,000 values are no date" in fault.reason
    assert "line 4: 1971-02-30; and others)" in fault.reason
    assert 60_000 < len(fault.raw) <= 1 << 16


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("id,aliases", "no column name; its header has id, aliases"),
        ("name,aliases", "no column id"),
        ("a,b", "no column id and no column name"),
    ],
)
def test_a_missing_column_is_named(header, says):
    with pytest.raises(FormatError, match=f"watch.csv has {says}"):
        _read(header + "\n1,2\n")


@pytest.mark.parametrize("row", [",Fen,,,,,", "9,,,,,,", '"  ","Fen",,,,,'])
def test_a_row_without_id_or_name_is_a_fault(row):
    pieces = _read(CSV + row + "\n")
    (fault,) = faults(pieces)
    assert (fault.locator, fault.raw) == ("line 4", row.encode())
    assert len(listed(pieces)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding):
    text = CSV.replace("Odo Valle,", "Édouard Vallée,")
    assert listed(_read(text.encode(encoding)))[0]["name"] == "Édouard Vallée"
    assert FORMAT.sniff(Head("watch.csv", text.encode(encoding))) == 0.9


def test_a_quote_broken_in_the_middle_costs_its_row_alone():
    rows = [f'{i},"Name {i}"' for i in range(500)]
    rows[250] = '250,"Name 250'
    pieces = _read("id,name\n" + "\n".join(rows) + "\n")
    assert [row["entity_id"] for row in listed(pieces)] == [str(i) for i in range(500) if i != 250]
    (fault,) = faults(pieces)
    assert (fault.locator, fault.rest) == ("line 252", False)


@pytest.mark.parametrize(
    ("header", "sure"), [("id,name,aliases", 0.9), ("id,name", 0.1), ("id,aliases", 0.2), ("id,amount", 0)]
)
def test_sniff(header, sure):
    assert FORMAT.sniff(Head("x", f"{header}\n1,2\n".encode())) == sure


def test_columns_named_alike_do_not_collide():
    (row,) = listed(_read("id,name,Name\n1,Fen,Marsh\n"))
    assert (row["name"], row["remarks"]) == ("Fen", "name (2): Marsh")
