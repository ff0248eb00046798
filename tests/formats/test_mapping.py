from contextlib import suppress
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.workbooks import xlsx
from tests.thorough import draws

from watchfloor.formats.base import Batch, FormatError
from watchfloor.formats.settings import SettingsError
from watchfloor.formats.tabular import mapping
from watchfloor.formats.tabular.propose import propose

TOML = """
kind = "party"

[fields]
report_key = "No"
name = ["Prénom", "Nom"]
birth_date = { from = "Date de naissance", format = "%d/%m/%Y" }
country = { from = "Pays", values = { "Ang." = "GB", "inconnu" = "" } }
identifiers = [
    { from = "Passeport", system = "passport" },
    { from = "Visa", system = "visa", owner = "IRCC" },
]
role = "Rôle"

[constants]
role = "consignee"
observed_at = "2026-11-24"
"""
CSV = """No;Prénom;Nom;Date de naissance;Pays;Passeport;Visa;Rôle
1; Élise ;Roy;31/12/1980;Ang.;A:1;V;payee
2;;Roy;31/02/1980;Ang.;;;
3;;Roy;;inconnu;;V2;
4;;;;Canada;;;
"""


def read(text, data, name="f.csv"):
    found = list(mapping.read(mapping.parse(text, "m.toml"), BytesIO(data), name))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if not isinstance(item, Batch)]


def test_a_table_becomes_parties():
    rows, _ = read(TOML, CSV.encode("cp1252"))
    first, second = rows
    assert first["name"] == "Élise Roy"
    assert (first["role"], second["role"]) == ("payee", "consignee")
    assert (first["country"], second["country"]) == ("GB", None)
    assert first["birth_date"] == "1980-12-31"
    assert first["identifiers"] == [
        {"system": "passport", "number": "A:1", "owner": None},
        {"system": "visa", "number": "V", "owner": "IRCC"},
    ]
    assert second["identifiers"] == [{"system": "visa", "number": "V2", "owner": "IRCC"}]
    assert second["observed_at"].isoformat() == "2026-11-24T00:00:00+00:00"
    assert second["locator"] == "line 4"


def test_what_cannot_be_is_a_fault_with_its_bytes():
    _, faults = read(TOML, CSV.encode("cp1252"))
    assert [fault.locator for fault in faults] == ["line 3", "line 5"]
    assert "31/02/1980" in faults[0].reason
    assert "'Date de naissance'" in faults[0].reason
    assert "is empty" in faults[1].reason
    assert faults[0].raw == b"2;;Roy;31/02/1980;Ang.;;;"


def test_a_workbook_reads_as_the_same_table():
    cells = [line.split(";") for line in CSV.splitlines()]
    rows, faults = read(TOML, xlsx(Liste=cells), "f.xlsx")
    expected, _ = read(TOML, CSV.encode())
    assert [row["name"] for row in rows] == [row["name"] for row in expected]
    assert [fault.locator for fault in faults] == ["sheet Liste, row 3", "sheet Liste, row 5"]


def test_a_missing_column_is_named():
    with pytest.raises(FormatError, match=r"f.csv has no column 'Pays', which country needs"):
        read(TOML, CSV.replace("Pays", "Pay").encode())


LISTING = """
kind = "listing"
[fields]
entity_id = "id"
name = "name"
aliases = { from = "aka", split = "|" }
weak_aliases = "weak"
birth_dates = { from = "born", split = ",", format = "%d.%m.%Y" }
countries = "nat"
listed_on = "since"
[constants]
list_id = "HOUSE"
instrument = "Watch list of the harbour"
"""


def test_a_table_becomes_listings():
    row = '7,Northern Star Ltd,"N. Star|NSL",Star,"02.05.1971,1972",CA;Cuba,2020-01-01'
    data = f"id,name,aka,weak,born,nat,since\n{row}\n"
    (row,), faults = read(LISTING, data.encode())
    assert not faults
    assert [(n["text"], n["role"], n["strength"]) for n in row["names"]] == [
        ("Northern Star Ltd", "primary", "strong"),
        ("N. Star", "alias", "strong"),
        ("NSL", "alias", "weak"),
        ("Star", "alias", "weak"),
    ]
    assert row["birth_dates"] == ["1971-05-02", "1972"]
    assert row["countries"] == ["CA", "CU"]
    assert row["report_key"] == "HOUSE#7"
    assert row["observed_at"].year == 2020


def test_one_wrong_member_of_a_list_is_a_fault():
    data = "id,name,aka,weak,born,nat,since\n7,Northern Star,,,,CA;Ruritania,2020-02-30\n"
    rows, (fault,) = read(LISTING, data.encode())
    assert not rows
    assert "Ruritania" in fault.reason


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ('kind = "prty"', "line 1: kind", "did you mean 'party'"),
        ('kind = "party"\n[fields]\nnme = "x"', "line 3: fields.nme", "did you mean 'name'"),
        (TOML.replace("format =", "fromat ="), "line 7: fields.birth_date.fromat", "did you mean 'format'"),
        ('kind = "party"\nencodin = "x"', "line 2: encodin", "did you mean 'encoding'"),
        (TOML.replace('"2026-11-24"', '"2026-02-30"'), "line 17: constants.observed_at", "does not exist"),
        (TOML.replace("%Y", "%y"), "line 7: fields.birth_date", "century"),
        (TOML.replace('"No"', "3"), "line 5: fields.report_key", "Expected `str`"),
        (TOML.replace('"No"', '[""]'), "line 5: fields.report_key", "names no column"),
        (
            'kind = "party"\n[fields]\nname = "x"\n[constants]\nrole = "r"',
            "line 2: fields.observed_at",
            "needs it",
        ),
        ("kind = ", "m.toml", "nvalid"),
        ('kind = "party"\nfields = 3', "line 2: fields", "table"),
        ("", "m.toml", "kind"),
    ],
)
def test_a_wrong_mapping_is_named_with_key_and_line(text, place, advice):
    with pytest.raises(SettingsError) as caught:
        mapping.parse(text, "m.toml")
    assert place in str(caught.value)
    assert advice in str(caught.value)


@settings(deadline=None, max_examples=draws(150))
@given(st.binary(max_size=200))
def test_any_bytes_under_a_mapping(data):
    fields = '[fields]\nname = "column 1"\n[constants]\nrole = "r"\nobserved_at = "2026-11-24"'
    with suppress(FormatError):
        read(f'kind = "party"\nheader = 1\n{fields}', b"\n" + data)


@pytest.mark.parametrize(("kind", "amount"), [("payment", "amount"), ("declaration", "value")])
def test_a_dollar_sign_beside_a_currency_that_has_none_is_a_fault(kind, amount):
    rows = [("$5", "EUR"), ("5 $", "GBP"), ("$5", "CAD"), ("$5", ""), ("5", "EUR"), ("$5", "usd")]
    cells = pa.table({"Amount": [one for one, _ in rows], "Currency": [code for _, code in rows]})
    made = mapping.Mapping(kind, fields={amount: "Amount", "currency": "Currency"})
    (field,) = (one for one in mapping.FIELDS[kind] if one.name == amount)
    found = mapping.read_field(made, field, cells)
    assert sorted(found.wrong) == [0, 1]
    assert "EUR" in found.wrong[0]


def test_a_column_of_units_is_of_each_row_and_a_contradiction_is_a_fault():
    rows = [
        ("5", "lb"),
        ("7", "KGS"),
        ("5 kg", "lb"),
        ("5 kg", "kilo"),
        ("5", ""),
        ("5 kg", ""),
        ("5", "bar"),
    ]
    cells = pa.table({"Weight": [one for one, _ in rows], "Weight unit": [unit for _, unit in rows]})
    fields = {"mass": mapping.Source("Weight", unit_from="Weight unit")}
    (field,) = (one for one in mapping.FIELDS["declaration"] if one.name == "mass")
    made = mapping.Mapping("declaration", fields=fields)
    found = mapping.read_field(made, field, cells)
    assert sorted(found.wrong) == [2, 4, 6]
    assert [found.values[at].as_py() for at in (0, 1, 3, 5)] == [2.26796185, 7.0, 5.0, 5.0]
    assert made.wanted() == ("Weight", "Weight unit")


def test_a_unit_beside_a_number_with_blanks_behind_it_counts():
    cells = pa.table({"Weight": ["5 ", "5\u00a0", "5"], "Weight unit": ["lb", "lb", "lb "]})
    (field,) = (one for one in mapping.FIELDS["declaration"] if one.name == "mass")
    made = mapping.Mapping(
        "declaration", fields={"mass": mapping.Source("Weight", unit_from="Weight unit")}, trim=False
    )
    assert mapping.read_field(made, field, cells).values.to_pylist() == [2.26796185] * 3


@pytest.mark.parametrize("name", ["Weight unit", "Unit", "UoM", "Unité"])
def test_a_column_of_units_is_proposed_with_its_numbers(name):
    cells = pa.table({"Weight": ["5", "7"], name: ["lb", "kg"]})
    found = propose("declaration", cells, "f.csv", "2026-11-24")
    assert found.mapping.sources("mass") == (mapping.Source("Weight", unit_from=name),)
    assert not [one for one in found.notes if "Weight" in one or name in one]
    other = propose("declaration", cells.set_column(1, name, [["box", "bag"]]), "f.csv", "2026-11-24")
    assert other.mapping.sources("mass")[0].unit_from == "", "those are no units of a mass"
