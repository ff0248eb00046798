"""Things with a place as CSV, GeoJSON and KML: read back by other readers, each with its marking."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from watchfloor.core.tables import FORMULAS
from watchfloor.exchange.geo import NAMESPACE, TYPES, Feature, written

MARKING = "PB//TLP:AMBER"
TEXT = st.text(max_size=30)
PLACES = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def feature(number, title, text, place, more):
    latitude, longitude = place or (None, None)
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    return Feature(f"{number:06x}", title, text, latitude, longitude, at, MARKING, {"said": more})


FEATURES = st.lists(st.tuples(TEXT, TEXT, PLACES, TEXT), max_size=4).map(
    lambda found: [feature(number, *one) for number, one in enumerate(found)]
)


@given(FEATURES)
def test_geojson_is_read_back_with_every_value_in_the_order_of_the_standard(features):
    text = written("geojson", "cell", MARKING, features)
    made = json.loads(text)
    assert made["marking"] == MARKING
    for one, back in zip(features, made["features"], strict=True):
        assert (back["id"], back["properties"]["marking"]) == (one.id, MARKING)
        assert (back["properties"]["title"], back["properties"]["said"]) == (one.title, one.more["said"])
        if one.latitude is None:
            assert back["geometry"] is None
        else:
            point = shapely.from_geojson(json.dumps(back["geometry"]))
            assert (point.x, point.y) == (one.longitude, one.latitude)


@given(FEATURES)
def test_kml_is_read_back_whatever_the_texts_hold(features):
    root = etree.fromstring(written("kml", "cell", MARKING, features).encode())
    assert root.findtext(".//{*}Document/{*}name") == f"{MARKING} cell"
    found = root.findall(f".//{{{NAMESPACE}}}Placemark")
    for one, back in zip(features, found, strict=True):
        assert back.findtext("{*}description").startswith(MARKING)
        assert back.findtext("{*}ExtendedData/{*}Data[@name='marking']/{*}value") == MARKING
        place = back.findtext("{*}Point/{*}coordinates")
        given_ = None if one.latitude is None else (one.longitude, one.latitude)
        assert (place and tuple(map(float, place.split(",")))) == given_


@given(FEATURES)
def test_csv_is_read_back_and_no_cell_is_a_formula(features):
    rows = list(csv.DictReader(io.StringIO(written("csv", "cell", MARKING, features), newline="")))
    assert {row["marking"] for row in rows} == {MARKING}
    assert not [cell for row in rows for name, cell in row.items()
                if name not in ("latitude", "longitude") and cell.startswith(FORMULAS)]  # fmt: skip
    for one, row in zip(features, rows, strict=False):
        assert row["title"].removeprefix("'") == one.title.removeprefix("'")
        assert (float(row["latitude"]) if row["latitude"] else None) == one.latitude


@pytest.mark.parametrize("form", TYPES)
def test_a_file_of_nothing_still_says_its_marking(form):
    assert MARKING in written(form, "cell", MARKING, [])
