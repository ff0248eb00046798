"""Looks of a ferry's sensors: shapes that the dataset has, places on Earth, and what is no look."""

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors import autoferry

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "surveillance" / "autoferry"


def look(sensor=2, measurement=(), time=1.62e9, own=(0.0, 0.0)):
    return {"sensorID": sensor, "time": time, "ownshipPosition": own, "measurement": measurement}


def read(*looks):
    return [*autoferry.read(BytesIO(json.dumps(looks).encode()), "looks.json")]


def detections(*looks):
    (found,) = [p.rows for p in read(*looks) if isinstance(p, Batch) and p.kind.name == "detection"]
    return found


def test_places_are_metres_north_and_east_of_the_ferry_which_is_so_far_from_the_pier():
    found = detections(look(2, [[100.0, 0.0], [0.0, 200.0]], own=(11.0, -7.0))).to_pylist()
    north, east = autoferry.PIER.latitude, autoferry.PIER.longitude
    a_degree_north, a_degree_east = 111_484.0, 49_956.0  # of WGS84 at 63.44 N
    assert found[0]["latitude"] - north == pytest.approx(111 / a_degree_north, rel=1e-3)
    assert found[1]["longitude"] - east == pytest.approx(193 / a_degree_east, rel=1e-3)
    assert found[0]["sensor_latitude"] - north == pytest.approx(11 / a_degree_north, rel=1e-3)


def test_a_number_a_list_and_nothing_are_looks():
    found = detections(look(3, -2.2), look(4, [0.5, 1.0]), look(3, []), look(1, [3.0, 4.0]), look(2, None))
    assert found["sensor"].to_pylist() == ["infrared", "camera", "camera", "lidar"]
    wanted = [np.degrees(-2.2) % 360, np.degrees(0.5), np.degrees(1.0)]
    assert found["azimuth"].to_pylist()[:3] == pytest.approx(wanted)


def test_every_look_says_that_somebody_looked():
    _, coverage = read(look(3, []), look(2, [1.0, 2.0]))
    assert coverage.rows["sensor"].to_pylist() == ["infrared", "radar"]
    assert coverage.rows["state"].to_pylist() == ["looking", "looking"]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (look(7, 1.0), "dataset has 1 to 4"),
        (look(2, [1.0, 2.0, 3.0]), "pairs of metres"),
        (look(2, [[1.0, 2.0], [3.0]]), "no look of a sensor"),
        (look(3, "north"), "no look of a sensor"),
        (look(3, 1.0, time=-5.0), "seconds from 1970"),
        ({"sensorID": 3}, "no look of a sensor"),
    ],
)
def test_what_is_no_look_is_told_and_the_others_are_read(bad, said):
    fault, batch, _ = read(look(3, 1.0), bad)
    assert isinstance(fault, Fault)
    assert (fault.locator, batch.rows.num_rows) == ("look 1", 1)
    assert said in fault.reason


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    try:
        pieces = [*autoferry.read(BytesIO(data), "x")]
    except FormatError as error:
        assert "no whole list of looks" in str(error)  # noqa: PT017
    else:
        assert all(isinstance(piece, Fault) for piece in pieces)


def test_the_dataset_is_recognised_and_read_whole():
    path = DATA / "scenario2" / "scenario2_detections.json"
    if not path.exists():
        pytest.skip("needs ../shared/data/surveillance")
    data = path.read_bytes()
    assert recognise(Head(path.name, data[:65_536])) is autoferry.FORMAT
    placed, coverage = autoferry.read(BytesIO(data), path.name)
    assert coverage.rows.num_rows == len(json.loads(data))
    assert placed.rows.num_rows == 4239
