"""What the wizard proposes for tables of offices: nearly all of it right, and nothing wrong in silence."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.office_tables import FRESH, SEEN, UNSEEN, judged, tables
from tests.thorough import draws

from watchfloor.formats.tabular import coordinates, measures
from watchfloor.formats.tabular.fields import FIELDS, Source
from watchfloor.formats.tabular.mapping import Mapping, read
from watchfloor.formats.tabular.propose import propose
from watchfloor.formats.tabular.trial import proposed, table


@pytest.mark.parametrize(
    ("habits", "held", "columns", "rows"),
    [
        (SEEN, 0, 0.99, 0.99),
        pytest.param(UNSEEN, 1, 0.9, 0.9, marks=pytest.mark.thorough),
        pytest.param(FRESH, 2, 0.9, 0.9, marks=pytest.mark.thorough),
        (FRESH, 3, 0.95, 0.8),
    ],
    ids=["1", "2", "3", "last"],
)
def test_most_columns_and_rows_are_right_at_first(habits, held, columns, rows, tmp_path):
    found = [judged(one, tmp_path) for one in tables(habits, held)]
    assert len(found) >= 40
    assert [text for one in found for text in one.silent] == []
    assert sum(one.right for one in found) >= columns * sum(one.columns for one in found)
    assert sum(one.read for one in found) >= rows * sum(one.rows for one in found)


def test_units_beside_a_weight_are_its_own_whatever_they_are_called():
    found = of("seizure", Drug=["x"] * 2, Date=["2026-01-01"] * 2, Weight=["1.5", "2"], Measured=["kg", "lb"])
    assert found.mapping.fields["mass"] == Source("Weight", unit_from="Measured")
    sex = of("seizure", Drug=["x"] * 2, Date=["2026-01-01"] * 2, Weight=["1.5", "2"], Sex=["M", "M"])
    assert "Sex" not in sex.mapping.wanted()


def test_a_date_is_no_number_of_a_report():
    found = of("seizure", Drug=["x"] * 2, **{"Date of seizure": ["03/04/2026 10:00", "05/06/2026 11:00"]})
    assert found.mapping.wanted() == ("Drug",)
    assert found.missing == ("observed_at",)


def degrees(text, axis="longitude", **how):
    column = coordinates.reader(axis)(pa.array([text]), Source("x", **how))
    return column.wrong or round(column.values[0].as_py(), 5)


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("49.0031, -97.238", 49.0031, -97.238),
        ("49,0031; -97,238", 49.0031, -97.238),
        ("49°00'11.16\"N 97°14'16.8\"W", 49.0031, -97.238),
        ("97°14'16.8\"O, 49°00'11.16\"N", 49.0031, -97.238),
        ("POINT(-97.238 49.0031)", 49.0031, -97.238),
        ("N 49 0.186 / W 97 14.28", 49.0031, -97.238),
        # PROJ 9, EPSG 32618, as in test_utm
        ("18T 521250.82758 4984685.41442", 45.0153, -74.7303),
    ],
)
def test_a_text_of_two_numbers_gives_each_field_its_own(text, latitude, longitude):
    assert (degrees(text, "latitude"), degrees(text)) == (latitude, longitude)


@pytest.mark.parametrize(
    "text",
    ["97°61'W", "49.5°30.2'N", "181", "-97.2.3", "N49W", "", "x" * 500, "61T 500000 5000000"],
)
def test_what_is_no_longitude_is_said(text):
    assert isinstance(degrees(text), dict)


def test_a_latitude_is_no_longitude():
    assert "is a latitude" in degrees("49.1 N")[0]


@settings(max_examples=draws(100))
@given(st.floats(-180, 180), st.booleans())
def test_degrees_minutes_and_seconds_say_what_they_were_made_of(value, french):
    size = round(abs(value) * 3600, 2)
    minutes, seconds = divmod(size, 60)
    whole, minutes = divmod(int(minutes), 60)
    letter = ("O" if french else "W") if value < 0 else "E"
    text = f"{whole}°{minutes:02}'{seconds:05.2f}\"{letter}".replace(".", "," if french else ".")
    assert abs(degrees(text) - value) < 1e-4


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("613-555-0123", "phone:phone:16135550123"),
        ("(613) 555-0123 ext. 4", "phone:phone:16135550123"),
        ("+33 1 42 68 53 00", "phone:phone:33142685300"),
        ("613.555.0123", "phone:phone:16135550123"),
        ("call me", None),
        ("12", None),
    ],
)
def test_telephones_become_keys(text, key):
    assert measures.phone(pa.array([text])).values[0].as_py() == key


@pytest.mark.parametrize(
    ("text", "key"),
    [("abcd 123", "vehicle:plate:ABCD123"), ("F-71.22 A", "vehicle:plate:F7122A"), ("none", None)],
)
def test_plates_become_keys(text, key):
    assert measures.plate(pa.array([text])).values[0].as_py() == key


def of(kind, **columns):
    return propose(
        kind,
        pa.table({name: [str(one) for one in cells] for name, cells in columns.items()}),
        "t.csv",
        "2026-11-24",
    )


def test_latitude_and_longitude_under_each_others_name_are_taken_the_other_way_round_and_said():
    found = of("weather", Time=["2026-01-01"], Station=["a"], Lat=[-83.07], Long=[42.31])
    assert (found.mapping.fields["latitude"], found.mapping.fields["longitude"]) == ("Long", "Lat")
    assert any("the other way round" in note for note in found.notes)


def test_a_longitude_without_a_sign_is_west_and_said():
    found = of("weather", Time=["2026-01-01"], Station=["a"], Lat=[49.0], Long=[97.2])
    assert found.mapping.fields["longitude"] == Source("Long", unit="west")
    assert any("as west" in note for note in found.notes)
    east = of("weather", Time=["2026-01-01"], Station=["a"], Lat=[49.0], **{"Long (E)": [97.2]})
    assert east.mapping.fields["longitude"] == "Long (E)"


def test_metres_of_utm_without_a_zone_are_asked_about():
    found = of("seizure", Drug=["x"], Date=["2026-01-01"], Easting=["500000"], Northing=["5400000"])
    assert "latitude" not in found.mapping.fields
    assert any("no column states their zone" in note for note in found.notes)


def test_no_column_of_nationalities_is_told_by_its_cells():
    cells = {"Nat": ["CA", "CN"] * 8, "Nationality": ["CAD", "USD"] * 8, "Name": ["a"] * 16}
    for kind in FIELDS.keys() - {"statistic"}:
        found = of(kind, **cells)
        assert "Nationality" not in found.mapping.wanted()
        assert "Nat" not in found.mapping.wanted() or kind == "party"


def test_words_that_stand_for_nothing_are_told_and_go_to_quarantine():
    found = of(
        "seizure",
        Drug=["x"] * 8,
        Date=["2026-01-01"] * 8,
        Conveyance=["car", "on foot", "boat", "zeppelin"] * 2,
    )
    assert found.mapping.fields["mode"].values == {"car": "vehicle", "on foot": "person", "boat": "vessel"}
    assert any("'zeppelin'" in note for note in found.notes)


def test_a_remark_goes_once_its_field_is_filled_otherwise():
    found = of("seizure", Drug=["x"], Note=["y"])
    (note,) = (one for one in found.notes if "no column says when" in one)
    changed = Mapping("seizure", {"drug": "Drug", "observed_at": "Note"})
    assert note in found.open(found.mapping)
    assert note not in found.open(changed)


def test_a_tip_is_a_report_whose_marking_and_numbers_are_those_of_its_text(tmp_path):
    file = tmp_path / "tips.csv"
    file.write_text(
        "Tip No,Date,Details,Phone,Plate,Where seen\n"
        "T-1,2026-05-02,(PB//TLP:RED) A van met the boat IMO 9074729,613-555-0123,ABCD 123,Emerson\n",
        "utf-8",
    )
    found = proposed(table(file, "tips.csv", Mapping("report")), "tips.csv", "report")
    with file.open("rb") as stream:
        (batch,) = read(found.mapping, stream, "tips.csv")
    (row,) = batch.rows.to_pylist()
    assert row["subjects"] == ["phone:phone:16135550123", "vehicle:plate:ABCD123"]
    assert [one["subject"] for one in row["mentions"]] == ["vessel:imo:9074729"]
    assert (row["place"], row["marking"]) == ("Emerson", "PB//TLP:RED")
