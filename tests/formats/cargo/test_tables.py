"""Postal, courier, export and eManifest tables: lines under one number, masses, keys, damage."""

import csv
from contextlib import suppress
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.workbooks import xlsx
from tests.thorough import draws

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.cargo.declared_tables import table as declared_table
from watchfloor.formats.cargo.declared_tables.table import FORMATS
from watchfloor.formats.registry import recognise
from watchfloor.formats.tabular import delimited

BY_NAME = {form.name: form for form in FORMATS}
ITEM = "LX123456785CN"
POSTAL = {
    "Item number": ITEM,
    "Date of posting": "2026-11-20",
    "Sender name": "B. Roe",
    "Sender address": "2 Sample Rd",
    "Sender city": "Shenzhen",
    "Sender country": "China",
    "Addressee name": "A. Vale",
    "Addressee address": "1 Example St",
    "Addressee postcode": "M5V 0A1",
    "Addressee country": "Canada",
    "Addressee telephone": "416 555 0100",
    "Category of item": "Gift",
    "Detailed description of contents": "phone case",
    "Quantity": "2",
    "Net weight (in kg)": "0.2",
    "Value": "15.00",
    "Currency": "CAD",
    "HS tariff number": "392690",
    "Country of origin": "CN",
    "Total gross weight": "0.65",
    "Comments": "fragile",
}
COURIER = {
    "Unique identifier number": "1Z0001",
    "Date": "2026-11-20",
    "Consignee name": "A. Vale",
    "Consignee address": "1 Example St, Toronto",
    "Importer name": "I Inc",
    "Importer BN": "123456782RM0001",
    "Shipper/exporter": "B. Roe",
    "Shipper name": "B. Roe",
    "Quantity": "2",
    "Weight": "1",
    "Weight unit": "LBS",
    "Estimated value for duty": "15.00",
    "Description": "phone case",
    "Country of origin": "CN",
    "Carrier code": "8XYZ",
    "Port of release": "0497",
}
EXPORT = {
    "Proof of report": "AB12342026112017",
    "Date": "2026-11-20",
    "Exporter name": "Z Ltd",
    "Exporter BN": "123456782RM0001",
    "Consignee name": "Q GmbH",
    "Country of final destination": "Germany",
    "HS export code": "84669300",
    "Description of goods": "lathe parts",
    "Value FOB": "1200.50",
    "Currency": "CAD",
    "Gross weight": "245",
    "Place of exit": "0821",
    "Mode of transport": "Air",
    "Transportation document number": "014-12345675",
}
EMANIFEST = {
    "Cargo control number": "7ABC000123",
    "Date": "2026-11-20",
    "Carrier": "7ABC",
    "Conveyance reference number": "7ABC9",
    "Shipper name": "X Co",
    "Shipper country": "US",
    "Consignee name": "Y Inc",
    "Consignee country": "CA",
    "Description of goods": "bolts",
    "Quantity": "10",
    "Unit of measure": "BOX",
    "Weight": "100",
    "Weight unit": "LBR",
    "First port of arrival": "0410",
    "Estimated time of arrival": "2026-11-21T10:00:00Z",
    "Mode": "Rail",
}
SAMPLES = {"postal-csv": POSTAL, "courier-csv": COURIER, "export-csv": EXPORT, "emanifest-csv": EMANIFEST}


def table(*rows):
    text = StringIO()
    writer = csv.DictWriter(text, list(rows[0]), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def found(name, data):
    pieces = list(BY_NAME[name].read(BytesIO(data), "x.csv"))
    rows = [row for one in pieces if isinstance(one, Batch) for row in one.rows.to_pylist()]
    return rows, [one for one in pieces if isinstance(one, Fault)]


def declared(name, *rows):
    rows, faults = found(name, table(*rows))
    return [row for row in rows if "goods" in row], faults


def test_each_is_recognised_and_read():
    for name, sample in SAMPLES.items():
        assert recognise(Head("x.csv", table(sample))).name == name
        rows, faults = declared(name, sample)
        assert (len(rows), faults) == (1, [])


def test_a_postal_item_of_one_line_has_its_gross_mass():
    (row,), _ = declared("postal-csv", POSTAL)
    assert (row["subject"], row["document"], row["report_key"]) == (f"parcel:s10:{ITEM}", ITEM, f"{ITEM}#1")
    assert (row["mass"], row["mode"], row["direction"], row["category"]) == (0.65, "post", "inbound", "gift")
    assert (row["departure"], row["destination"]) == ("CN", "CA")
    assert row["codes"] == ["quantity=2", "comments=fragile"]
    assert row["consignee_address"] == "1 Example St, M5V 0A1, Canada"
    assert row["consignee_phone"] == "416 555 0100"


def test_lines_of_one_item_share_what_is_said_once_and_have_net_masses():
    second = {"Detailed description of contents": "toy", "Net weight (in kg)": "0.3", "Value": "5"}
    other = POSTAL | {"Item number": "RR 123 456 785 CA", "Addressee country": "DE", "Sender country": ""}
    rows, faults = declared("postal-csv", POSTAL, second, other)
    assert not faults
    assert [row["report_key"] for row in rows] == [f"{ITEM}#1", f"{ITEM}#2", "RR123456785CA#1"]
    assert [row["mass"] for row in rows] == [0.2, 0.3, 0.65]
    assert [row["goods"] for row in rows] == ["phone case", "toy", "phone case"]
    assert [row["direction"] for row in rows] == ["inbound", "inbound", "outbound"]
    assert rows[1]["consignee_name"] == "A. Vale"
    assert rows[1]["hs"] is None
    assert {"mass=net", "gross-mass=0.65"} < set(rows[1]["codes"])
    assert rows[2]["departure"] == "CA"  # of the number, where the sender's country is not said


def test_masses_of_which_only_the_sum_is_said_are_not_given_to_a_line():
    first = POSTAL | {"Net weight (in kg)": ""}
    rows, _ = declared("postal-csv", first, {"Detailed description of contents": "toy", "Value": "5"})
    assert [row["mass"] for row in rows] == [None, None]
    assert all("gross-mass=0.65" in row["codes"] for row in rows)


def test_parties_are_named_once_an_item_and_a_town_alone_is_no_shared_address():
    rows, _ = found("postal-csv", table(POSTAL | {"Sender address": ""}, {"Value": "5"}))
    parties = [row for row in rows if "role" in row]
    assert [(row["role"], row["name"], row["country"]) for row in parties] == [
        ("shipper", "B. Roe", "CN"),
        ("consignee", "A. Vale", "CA"),
    ]
    shipper, consignee = ({one["system"]: one["number"] for one in row["identifiers"]} for row in parties)
    assert shipper == {"s10": ITEM}
    assert consignee == {"s10": ITEM, "phone": "416 555 0100", "address": "1 Example St, M5V 0A1, Canada"}


def test_a_number_that_comes_again_is_a_fault_that_names_the_first():
    other = POSTAL | {"Item number": "RR123456785CA"}
    rows, faults = declared("postal-csv", POSTAL, other, POSTAL, {"Detailed description of contents": "x"})
    assert [row["document"] for row in rows] == [ITEM, "RR123456785CA"]
    assert [fault.reason for fault in faults] == [
        f"postal item {ITEM} stands in this file already, at line 2: this one was not read"
    ]


def test_a_wrong_check_digit_costs_the_line_and_its_parties():
    rows, faults = found("postal-csv", table(POSTAL | {"Item number": "LX123456780CN"}))
    assert rows == []
    assert "its check digit should be 5" in faults[0].reason


def test_a_courier_list():
    rows, _ = found("courier-csv", table(COURIER))
    (row,) = (row for row in rows if "goods" in row)
    assert (row["subject"], row["mode"], row["direction"]) == ("parcel:courier:1Z0001", "courier", "inbound")
    assert (row["currency"], row["mass"], row["office"]) == ("CAD", 0.45359237, "0497")
    assert row["importer"] == "company:bn:123456782"
    assert [one["role"] for one in rows if "role" in one] == ["shipper", "consignee", "importer"]


def test_an_export_declaration():
    (row,), _ = declared("export-csv", EXPORT)
    assert (row["direction"], row["mode"], row["destination"]) == ("outbound", "air-cargo", "DE")
    assert (row["shipper"], row["document"], row["hs"]) == (
        "company:bn:123456782",
        "014-12345675",
        "84669300",
    )
    assert (row["office"], row["mass"], float(row["value"])) == ("0821", 245.0, 1200.5)


def test_an_emanifest_of_rail_and_of_highway():
    second = {"Description of goods": "nuts", "Weight": "50", "Weight unit": "KGM"}
    rows, faults = declared("emanifest-csv", EMANIFEST, second)
    assert not faults
    assert [row["mass"] for row in rows] == [45.359237, 50.0]
    assert {(row["subject"], row["mode"], row["conveyance"]) for row in rows} == {
        ("parcel:ccn:7ABC000123", "rail", "7ABC9")
    }
    assert rows[0]["expected_at"].hour == 10
    assert declared("emanifest-csv", EMANIFEST | {"Mode": ""})[0][0]["mode"] == "vehicle"


def test_a_french_header():
    data = (
        "Numéro de l'envoi;Date de dépôt;Nom de l'expéditeur;Pays de l'expéditeur;Nom du destinataire;"
        "Adresse du destinataire;Pays du destinataire;Catégorie de l'envoi;Désignation détaillée du contenu;"
        "Poids net;Valeur;Devise\n"
        f"{ITEM};2026-11-20;B. Roe;Chine;A. Vale;1, rue Exemple;Canada;Cadeau;étui;0.2;15,00;CAD\n"
    ).encode("cp1252")
    assert recognise(Head("x.csv", data)).name == "postal-csv"
    (row, *_), faults = found("postal-csv", data)
    assert not faults
    assert (row["goods"], row["category"], row["direction"]) == ("étui", "gift", "inbound")
    assert (row["mass"], row["codes"]) == (0.2, ["mass=net"])


def test_a_workbook():
    header, first = list(COURIER), list(COURIER.values())
    sheet = xlsx(List=[header, first, first, ["1Z0002", *first[1:]], first])
    rows, faults = found("courier-csv", sheet)
    assert [row["document"] for row in rows if "goods" in row] == ["1Z0001", "1Z0001", "1Z0002"]
    assert "stands in this file already, at sheet List, row 2" in faults[0].reason


@pytest.mark.parametrize("text", ["ДЕТАЛИ МАШИН", "机器零件", "قطع غيار", "부품", "X" * 65_536])
def test_descriptions_are_taken_as_delivered(text):
    (row,), faults = declared("postal-csv", POSTAL | {"Detailed description of contents": text})
    assert (row["goods"], faults) == (text, [])


def test_a_line_without_a_description_is_read_and_told():
    second = {"Detailed description of contents": " ", "Value": "5"}
    rows, faults = declared("postal-csv", POSTAL, second, POSTAL | {"Item number": "RR123456780CA"} | second)
    assert [row["goods"] for row in rows] == ["phone case", ""]
    assert [(fault.locator, fault.partly) for fault in faults] == [("line 3", True), ("line 4", False)]
    assert faults[0].reason == f"postal item {ITEM}: the line describes no goods"


def test_lines_are_numbered_as_the_table_says_or_counted_where_it_says_one_twice():
    lines = [{"Line": n, "Detailed description of contents": "x", "Value": "1"} for n in ("1", "2", "2")]
    rows, _ = declared("postal-csv", POSTAL | lines[0], lines[1])
    assert [row["report_key"] for row in rows] == [f"{ITEM}#1", f"{ITEM}#2"]
    rows, _ = declared("postal-csv", POSTAL | lines[1], lines[2], lines[0])
    assert [row["report_key"] for row in rows] == [f"{ITEM}#{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(("mass", "read"), [("0", 0.0), ("1000000000", 1e9)])
def test_any_mass_is_taken_as_delivered(mass, read):
    assert declared("postal-csv", POSTAL | {"Total gross weight": mass})[0][0]["mass"] == read


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"Date of posting": "2026-02-30"}, "observed_at"),
        ({"Total gross weight": "-1"}, "mass"),
        ({"Total gross weight": "a lot"}, "mass"),
        ({"Value": "15,000"}, "value"),
        ({"Category of item": "present"}, "category"),
        ({"Country of origin": "Atlantis"}, "origin"),
        ({"Item number": ""}, "subject"),
    ],
)
def test_what_is_wrong_is_said(said, reason):
    rows, faults = declared("postal-csv", POSTAL | said)
    assert rows == []
    assert faults[0].reason.startswith(reason)


def test_a_missing_column_is_named():
    with pytest.raises(FormatError, match=r"x\.csv has no column 'value'.*as a table of postal items has"):
        found("postal-csv", table({name: text for name, text in POSTAL.items() if name != "Value"}))


LINES = st.lists(
    st.tuples(
        st.sampled_from([None, None, "A", "B", "C", "D", "E", "F"]),
        st.sampled_from(["", "0.2", "3"]),
        st.text('ab,;"\n é机', min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=14,
)


def first_of_each(rows):
    """The rows of groups whose number did not come before, one row after the other."""
    seen, number, kept = set(), None, True
    for row in rows:
        new = row.get("Unique identifier number")
        if new and new != number:
            number, kept = new, new not in seen
            seen.add(new)
        if kept:
            yield row


@settings(max_examples=draws(15), deadline=None)
@given(LINES, st.integers(600, 2000))
def test_how_a_file_is_cut_into_blocks_changes_nothing(lines, size):
    rows = []
    for number, mass, text in lines:
        said = {"Weight": mass, "Description": f"x{text}"}
        rows.append(
            COURIER | {"Unique identifier number": number or "A"} | said if number or not rows else said
        )
    whole = declared("courier-csv", *rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "HEAD_BYTES", size)
        patch.setattr(delimited, "BLOCK", size)
        assert declared("courier-csv", *rows) == whole
    assert [row["goods"] for row in whole[0]] == [row["Description"].strip() for row in first_of_each(rows)]
    assert len({row["report_key"] for row in whole[0]}) == len(whole[0])


def test_an_item_of_too_many_lines_is_cut_and_told(monkeypatch):
    monkeypatch.setattr(declared_table, "MOST_LINES", 2)
    monkeypatch.setattr(delimited, "HEAD_BYTES", 700)
    monkeypatch.setattr(delimited, "BLOCK", 700)
    rows, faults = declared("courier-csv", *[COURIER] * 12)
    assert 2 <= len(rows) < 12
    assert "stands in this file already, at line 2" in faults[0].reason


@settings(max_examples=draws(20), deadline=None)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 20),
            st.sampled_from([b"", b",", b'"', b"\n", b"\0"]) | st.binary(max_size=4),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_damage_gives_faults_or_a_format_error(name, edits):
    sample = SAMPLES[name]
    data = table(sample, dict(list(sample.items())[5:]), sample)
    for where, length, by in edits:
        at = int(where * len(data))
        data = data[:at] + by + data[at + length :]
    with suppress(FormatError):
        for one in BY_NAME[name].read(BytesIO(data), "x.csv"):
            if isinstance(one, Fault):
                assert one.reason
            else:
                assert one.rows.schema.equals(one.kind.body)
