"""`feeds map` of tables that it cannot know all about: what it says, and what it never makes up."""

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.cli.test_ingest import floor as floor
from tests.cli.test_ingest import lines
from tests.cli.test_ingest import run as run

from watchfloor.formats.base import Batch
from watchfloor.formats.settings import SettingsError
from watchfloor.formats.tabular import mapping

SEIZURES = "Seizure No.,Date,Drug,Qty (kg)\nA1,2026-05-13,fentanyl,1.008\nA2,2026-05-14,cocaine,2.5\n"
BY_HAND = """kind = "seizure"
[fields]
observed_at = "Date"
drug = "Drug"
mass = "Qty (kg)"
"""


@pytest.fixture
def today():
    return datetime.now(UTC).date().isoformat()


@pytest.fixture
def mapped(run, tmp_path):
    """What `map` makes of a table: its answer as JSON, its exit code and what it says beside."""

    def go(text, kind="party", name="t.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        code, out, err = run("feeds", "map", path, "--kind", kind, "--mapping", tmp_path / "m.toml", "--json")
        (tmp_path / "m.toml").unlink(missing_ok=True)
        return (lines(out)[0] if code < 2 else None), code, err

    return go


def rows(text, data):
    found = mapping.read(mapping.parse(text, "m"), BytesIO(data.encode()), "t.csv")
    return [row for one in found if isinstance(one, Batch) for row in one.rows.to_pylist()]


def test_a_unit_in_the_name_of_a_column_counts_in_a_mapping_by_hand():
    assert [row["mass"] for row in rows(BY_HAND, SEIZURES)] == [1008.0, 2500.0]


def test_the_unit_of_each_field_is_shown(mapped):
    told, code, _ = mapped(SEIZURES, "seizure")
    assert told["units"] == {"mass": "kg to g"}
    assert [row["mass"] for row in told["first"]] == [1008.0, 2500.0]
    assert code == 0


@pytest.mark.parametrize("column", ["Volume (L)", "Qty (pcs)", "Length cm"])
def test_a_unit_without_a_factor_is_refused(column):
    with pytest.raises(SettingsError, match="has no factor to g"):
        mapping.parse(BY_HAND.replace("Qty (kg)", column), "m")


def test_a_number_whose_unit_nothing_states_is_told(mapped):
    told, code, _ = mapped(SEIZURES.replace("Qty (kg)", "Weight"), "seizure")
    assert code == 1
    assert any("'Weight' states no unit" in note for note in told["notes"])


def test_an_amount_in_another_currency_than_the_mapping_says_is_refused():
    text = 'kind = "payment"\n[fields]\nobserved_at = "Date"\namount = "Amount (USD)"\n[constants]\n'
    with pytest.raises(SettingsError, match="its column is in USD"):
        mapping.parse(text + 'currency = "CAD"\nmeans = "cash"\n', "m")


@pytest.mark.parametrize(
    ("head", "cell"),
    [("Recorded", "03/04/2026"), ("Date", "03/04/2026"), ("When it was", "20th of Nov, '26"), ("Day", "?")],
)
def test_a_date_that_is_not_understood_never_becomes_today(mapped, today, head, cell):
    told, code, err = mapped(f"Name,{head}\nAnn Roy,{cell}\nBo Li,{cell}\n")
    assert today not in json.dumps(told)
    assert told["missing"] == ["observed_at"]
    assert code == 1
    assert "ingest" not in err


def test_a_table_without_any_date_is_dated_today_and_told_so(mapped, today):
    told, code, _ = mapped("Name,Colour\nAnn Roy,red\n")
    assert told["mapping"]["constants"]["observed_at"] == today
    assert code == 1
    assert any(today in note for note in told["notes"])


def test_a_date_that_no_name_tells_is_found_in_the_cells(mapped):
    told, code, _ = mapped("Name,Recorded\nAnn Roy,2026-05-13\n")
    assert told["first"][0]["observed_at"].startswith("2026-05-13")
    assert code == 1


def test_no_row_that_reads_is_not_taken_in(mapped):
    told, code, err = mapped("Name,Date,Role\n")
    assert told["rows"] == 0
    assert code == 1
    assert "ingest" not in err


def test_a_header_below_titles_is_found(mapped):
    told, _, _ = mapped(f"Border report, 2026\n\n{SEIZURES}", "seizure")
    assert told["mapped"] == 2
    assert not told["missing"]


@pytest.mark.parametrize(
    ("text", "latitude"),
    [("45,0081", 45.0081), ("45,008", 45.008), ("-45,5", -45.5)],
)
def test_a_decimal_comma_is_read_where_it_can_be_nothing_else(mapped, text, latitude):
    table = f"Station;Date;Latitude\nA;2026-05-13;{text}\n"
    told, code, _ = mapped(table, "weather")
    assert told["first"][0]["latitude"] == latitude
    assert code == 0


def test_a_number_that_reads_in_two_ways_is_refused_by_name():
    data = SEIZURES.replace("1.008", '"1,008"')
    assert [row["mass"] for row in rows(BY_HAND, data)] == [2500.0]
    stated = BY_HAND.replace('"Qty (kg)"', '{ from = "Qty (kg)", decimal = "," }')
    assert [row["mass"] for row in rows(stated, data.replace("2.5", '"2,5"'))] == [1008.0, 2500.0]


@pytest.mark.parametrize(
    ("text", "born"),
    [("1er mai 1990", "1990-05-01"), ("3 août 1990", "1990-08-03"), ("le 2 févr. 1990", "1990-02-02")],
)
def test_french_dates_are_read(mapped, text, born):
    told, code, _ = mapped(f"Nom complet,Date,Date de naissance\nAnn,2026-05-13,{text}\n")
    assert told["first"][0]["birth_date"] == born
    assert code == 0


def test_eleven_ordinary_columns_are_known(mapped):
    heads = "Ship Date,Tracking #,Shipper,Consignee,Country of Origin,Dest,HS Code,Qty (kg),Value (CAD),"
    row = '13/05/2026,1Z999,Acme,B. Roy,China,CA,3926.90,"1,25","1,250.50",toys,FDX\n'
    told, code, _ = mapped(f"{heads}Description,Carrier\n{row}", "declaration")
    assert told["unused"] == []
    (first,) = told["first"]
    assert (first["mass"], str(first["value"]), first["currency"]) == (1.25, "1250.50", "CAD")
    assert (first["shipper_name"], first["consignee_name"]) == ("Acme", "B. Roy")
    assert first["subject"] == "parcel:t:1Z999"
    assert code == 0


def test_a_note_stands_once_and_columns_that_fill_nothing_are_told_of_a_written_mapping(
    run, mapped, tmp_path
):
    told, _, _ = mapped("Name,Date,Shade\nAnn Roy,03/04/2026,red\n")
    assert len(told["notes"]) == len(set(told["notes"]))
    path, to = tmp_path / "t.csv", tmp_path / "written.toml"
    path.write_text("Name,Date,Shade\nAnn Roy,2026-05-13,red\n", encoding="utf-8")
    run("feeds", "map", path, "--mapping", to)
    _, told, _ = run("feeds", "map", path, "--mapping", to, "--json")
    assert json.loads(told)["unused"] == ["Shade"]


JSON = [{"Name": "Ann Roy", "Date": "2026-05-13", "at": {"country": "Canada"}}, {"Name": "Bo", "Date": "x"}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.jsonl", "\n".join(map(json.dumps, JSON))),
        ("t.json", json.dumps(JSON, indent=2)),
    ],
)
def test_json_does_not_go_in_a_circle(run, floor, tmp_path, name, text):
    path, to = tmp_path / name, tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    _, _, err = run("ingest", path)
    assert "watchfloor feeds map FILE" in err
    code, _, err = run("feeds", "map", path, "--mapping", to)
    assert code == 1
    assert "watchfloor ingest" in err
    code, out, _ = run("ingest", path, "--mapping", to, "--json")
    assert code == 1
    assert (lines(out)[-1]["total"]["accepted"], lines(out)[-1]["total"]["quarantined"]) == (1, 1)


def test_what_is_no_table_is_not_sent_to_map(run, floor, tmp_path):
    path = tmp_path / "t.json"
    path.write_text('{"a": 1,\n"b": [2, 3], "c": 4}', encoding="utf-8")
    _, _, err = run("ingest", path)
    assert "watchfloor feeds map" not in err


@pytest.mark.parametrize("day", ["03/04/1971", "3-4-1971"])
def test_a_birth_date_that_reads_both_ways_fills_nothing(mapped, day):
    told, code, _ = mapped(f"Name,Date,DOB\nAnn,2026-05-13,{day}\n")
    assert "birth_date" not in told["mapping"]["fields"]
    assert any("alike" in note for note in told["notes"])
    assert code == 1
