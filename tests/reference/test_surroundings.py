"""What lies around a floor: places, ports with their hours, areas, and files that are none."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.reference import surroundings

RING = [[-74, 45], [-73, 45], [-73, 46], [-74, 45]]


def file(*features):
    made = [{"type": "Feature", "geometry": geometry, "properties": said} for geometry, said in features]
    return json.dumps({"type": "FeatureCollection", "features": made}).encode()


def point(what, x=-74.0, y=45.0, **said):
    return {"type": "Point", "coordinates": [x, y]}, {"what": what} | said


def area(what):
    return {"type": "Polygon", "coordinates": [RING]}, {"what": what}


HOURS = {"name": "Monchy", "opens": "09:00", "closes": "17:00", "zone": "America/Regina"}


def test_every_kind_is_read():
    found = surroundings.parse(
        file(
            point("harbour", radius=150),
            point("harbour", -73.5),
            point("aerodrome"),
            point("receiver"),
            point("port-of-entry", **HOURS),
            point("port-of-entry", name="Lacolle"),
            area("water"),
        )
    )
    assert found.harbours["radius"].to_pylist() == [150.0, 200.0]
    assert found.aerodromes.num_rows == found.receivers.num_rows == 1
    assert found.ports.to_pylist()[0] == {
        "latitude": 45.0,
        "longitude": -74.0,
        "radius": 100.0,
        "name": "Monchy",
        "opens": 540,
        "closes": 1020,
        "zone": "America/Regina",
    }
    assert found.ports["opens"][1] == found.ports["closes"][1]
    assert found.waters is not None
    assert found.lands is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "no JSON"),
        (b"[]", "FeatureCollection"),
        (file(point("pub")), "'pub' is none of harbour"),
        (file((area("water")[0], {"what": "harbour"})), "is a Point"),
        (file((point("harbour")[0], {"what": "land"})), "not a Point"),
        (file(point("harbour", 200.0)), "out of range"),
        (file(point("harbour", radius="wide")), "cannot be read"),
        (file(point("port-of-entry")), "cannot be read: 'name'"),
        (file(point("port-of-entry", **HOURS | {"opens": "9 am"})), "no time of day"),
        (file(point("port-of-entry", **HOURS | {"closes": "25:00"})), "no time of day"),
        (file(point("port-of-entry", **HOURS | {"zone": "Regina"})), "no time zone"),
        (file(point("port-of-entry", name="A", opens="09:00", closes="17:00")), "needs its zone"),
    ],
)
def test_what_cannot_be_read_is_said(content, says):
    with pytest.raises(surroundings.SurroundingsError, match=says):
        surroundings.parse(content)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(["Point", "harbour"]),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "properties", "what", "radius", "name"]),
            each,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    st.binary(max_size=40)
    | st.lists(JSON, max_size=3).map(lambda each: json.dumps({"features": each}).encode())
)
def test_any_bytes_are_surroundings_or_an_error(content):
    with suppress(surroundings.SurroundingsError):
        surroundings.parse(content)


@given(JSON, JSON)
def test_any_feature_is_read_or_an_error(geometry, said):
    said = {"what": "port-of-entry"} | (said if isinstance(said, dict) else {})
    with suppress(surroundings.SurroundingsError):
        surroundings.parse(file((geometry, said)))
