"""Plain tables of detections: what a header says, what a row may say, and that nothing is lost."""

import base64
import json
import re
import struct
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import HEAD_BYTES, Batch, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.formats.sensors.detections import parquet_file as detection_parquet
from watchfloor.formats.sensors.detections.columns import columns
from watchfloor.formats.sensors.detections.files import Notes
from watchfloor.formats.sensors.detections.table import load
from watchfloor.formats.sensors.local_plane import Origin, origin, to_wgs84
from watchfloor.formats.tabular.fields import CLASSES

MODULES = {"csv": detection_csv, "parquet": detection_parquet}
every = pytest.mark.parametrize("sort", MODULES)
SCALE = 1_795_514_400.0  # 2026-11-24T10:00:00Z


def read(data, module=detection_csv, name="d.csv"):
    rows, faults = [], []
    for piece in module.read(BytesIO(data), name):
        if isinstance(piece, Batch):
            assert piece.kind is DETECTION
            assert piece.rows.schema.equals(DETECTION.body)
            rows += piece.rows.to_pylist()
        else:
            faults.append(piece)
    return rows, faults


@pytest.fixture
def loaded(tmp_path):
    def one(data, name="d.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return load(path)

    return one


# What a header says


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("t", "observed_at"),
        ("Timestamp (ms)", "observed_at in ms"),
        ("time_us", "observed_at in us"),
        ("Horodatage", "observed_at"),
        ("sensorId", "sensor"),
        ("capteur", "sensor"),
        ("LON", "longitude in deg"),
        ("x_km", "x in km"),
        ("bearing_rad", "azimuth in rad"),
        ("azimuth [deg]", "azimuth in deg"),
        ("Portée", "range in m"),
        ("distance_km", "range in km"),
        ("sensor_lat", "sensor_latitude in deg"),
        ("sensorX", "sensor_x in m"),
        ("sigma", "standard deviation of position in m"),
        ("σ_x", "standard deviation of east in m"),
        ("std_y", "standard deviation of north in m"),
        ("x_std", "standard deviation of east in m"),
        ("varX", "variance of east in m"),
        ("cov_xx", "variance of east in m"),
        ("cov_xy", "covariance of east_north in m"),
        ("var_x_km2", "variance of east in km2"),
        ("azimuth_error_rad", "standard deviation of azimuth in rad"),
        ("sigma_range", "standard deviation of range in m"),
        ("doppler", "range_rate in m/s"),
        ("sog_kn", "speed in kn"),
        ("speed (km/h)", "speed in kmh"),
        ("cog", "course in deg"),
        ("score", "confidence"),
        ("confidence_%", "confidence in pct"),
        ("MMSI", "mmsi"),
        ("identity", "claimed"),
        ("var_east", "variance of east in m"),
        ("range_rate_error", "standard deviation of range_rate in m/s"),
    ],
)
def test_names_of_columns(name, said):
    assert {str(use) for use in columns([name]).used.values()} == {said}


@pytest.mark.parametrize(
    "name", ["", "  ", "foo", "truth", "elevation_m", "x_kn", "sensor_type", "2", "sigma_name"]
)
def test_names_that_say_nothing_known(name):
    assert columns([name]).ignored == (name,)


def test_of_two_columns_that_say_the_same_the_plainer_is_used():
    found = columns(["timestamp", "t", "bearing", "azimuth"])
    assert found.column("observed_at") == "t"
    assert found.column("azimuth") == "azimuth"
    assert found.ignored == ("timestamp", "bearing")


def test_every_column_of_the_kind_is_known_by_its_own_name():
    assert not columns(detection_csv.COLUMNS).ignored


@settings(deadline=None, max_examples=draws(200))
@given(st.lists(st.text(max_size=20), max_size=8))
def test_every_column_is_used_or_ignored(names):
    found = columns(names)
    assert {*found.used} | {*found.ignored} == {*names}
    targets = [use.target for use in found.used.values()]
    assert len(targets) == len(set(targets))


# The loader


def test_a_plane(loaded):
    found = loaded(
        "t,sensor,x,y,sigma_x,sigma_y,cov_xy,class,confidence,truth\n"
        "0.5,radar,1.5,-2,3,4,6,walker,0.9,7\n"
        "0.25,camera,nan,,3,4,,boat,,8\n"
        "1,radar,0,0,3,4,13,spaceship,1.5,9\n"
    )
    assert (found.mode, found.dated) == ("plane", False)
    assert found.row.tolist() == [0, 2]
    assert found.t.tolist() == [0.5, 1.0]
    assert found.place.tolist() == [[1.5, -2.0], [0.0, 0.0]]
    assert found.cov.tolist() == [[9.0, 6.0, 16.0], [9.0, 0.0, 16.0]]
    assert found.sensor.array().to_pylist() == ["radar", "radar"]
    assert found.klass.array().to_pylist() == ["person", "unknown"]
    assert found.account.ignored == ("truth",)
    assert [(one.why, one.rows.tolist()) for one in found.account.refused] == [
        ("it says neither where it was nor in which direction", [1])
    ]
    assert {one.why for one in found.account.left_out} == {
        "its covariance is larger than its variances allow",
        "its confidence cannot be so",
        "the class 'spaceship' is none of ours, and was read as unknown",
    }
    np.testing.assert_array_equal(found.numbers["confidence"], [0.9, np.nan])


def test_longitude_latitude_and_units(loaded):
    found = loaded(
        "timestamp_ms;lat;lon;sog_kn;cog;mmsi;sensor_lat;sensor_lon;bearing_rad;range_km;range_error;altitude_ft\n"
        "1795514400000;44,98;-74,73;10;90;316001234;45;286;1,5707963267948966;1,5;10;1000\n"
    )
    assert (found.mode, found.dated) == ("geographic", True)
    assert found.t.tolist() == [SCALE]
    assert found.place.tolist() == [[-74.73, 44.98]]
    assert found.sensor_place.tolist() == [[-74.0, 45.0]]
    assert found.numbers["speed"] == pytest.approx([18520 / 3600], rel=1e-12)
    assert found.velocity[0] == pytest.approx([18520 / 3600, 0], abs=1e-12)
    assert found.numbers["azimuth"] == pytest.approx([90], rel=1e-12)
    assert found.numbers["range"].tolist() == [1500.0]
    assert found.numbers["range_error"].tolist() == [10.0]
    assert found.altitude == pytest.approx([304.8], rel=1e-12)
    assert found.claimed.array().to_pylist() == ["vessel:mmsi:316001234"]


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2026-11-24T10:00:00Z", SCALE),
        ("2026-11-24T05:00:00.250-05:00", SCALE + 0.25),
        ("2026-11-24 10:00:00", SCALE),
        ("1795514400", SCALE),
        ("1795514400.5", SCALE + 0.5),
        ("1795514400000", SCALE),
        ("1795514400000001", SCALE + 1e-6),
        ("1795514400000000000", SCALE),
        ("17.5", 17.5),
    ],
)
def test_times(loaded, cell, seconds):
    assert loaded(f"t,x,y\n{cell},1,2\n{cell},1,2\n").t.tolist() == [seconds, seconds]


def test_times_of_two_sorts_are_read_where_most_are_of_one(loaded):
    found = loaded("t,x,y\n2026-11-24T10:00:00Z,1,2\n2026-11-24 10:00:01,1,2\nnoon,1,2\n,1,2\n")
    assert found.t.tolist() == [SCALE, SCALE + 1]
    assert [one.why for one in found.account.refused] == ["its time cannot be read", "it has no time"]


def test_directions_only(loaded):
    found = loaded("t,sensor,azimuth,azimuth_error\n1,a,-10,1\n2,a,inf,1\n3,a,370,-1\n")
    assert found.mode == "none"
    assert found.numbers["azimuth"].tolist() == [350.0, 10.0]
    np.testing.assert_array_equal(found.numbers["azimuth_error"], [1.0, np.nan])
    assert np.isnan(found.place).all()


def test_velocities(loaded):
    found = loaded("t,x,y,vx,vy,sigma_vx,sigma_vy\n0,0,0,3,-4,1,2\n0,0,0,inf,1,1,1\n")
    np.testing.assert_array_equal(found.velocity, [[3, -4], [np.nan, np.nan]])
    assert found.velocity_var.tolist() == [2.5, 1.0]
    assert found.numbers["speed"][0] == 5.0
    assert found.numbers["course"][0] == pytest.approx(180 - 36.8698976458, abs=1e-9)


def test_what_is_refused_has_a_reason(loaded):
    found = loaded(
        "t,lat,lon,azimuth,range\n"
        "1,45,-74,,\n"
        "2,91,-74,,\n"
        "3,45,400,,\n"
        "4,inf,-74,,\n"
        "5,45,-74,10,-1\n"
        "nan,45,-74,,\n"
        "1e300,45,-74,,\n"
        "7,45,-74,,inf\n"
    )
    assert found.row.tolist() == [0]
    assert {one.rows[0]: one.why for one in found.account.refused} == {
        1: "its latitude is not from -90 to 90",
        2: "its longitude is not from -180 to 180",
        3: "its place is at infinity",
        4: "its range is negative",
        5: "it has no time",
        6: "its time cannot be read",
        7: "its range is infinite",
    }
    assert "rows refused: 1 of 8, row 2 first" in "\n".join(found.account.sentences())


def test_both_sorts_of_places_where_one_says_all(loaded):
    assert loaded("t,x,y,lon,lat\n1,0,0,-74,45\n2,,,-74,45\n").mode == "geographic"
    assert loaded("t,x,y,lon,lat\n1,0,0,,\n2,5,6,-74,45\n").mode == "plane"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "d.csv is empty"),
        ("\n\n", "d.csv is empty"),
        ("x,y\n1,2\n", "no column of times, such as t or observed_at; its columns: x, y"),
        ("t,speed\n1,2\n", "says of no detection where it was: it needs x and y, or lon and lat, or azimuth"),
        (
            "t,x,y,lon,lat\n1,0,0,,\n2,,,-74,45\n",
            "some places in x and y and others in longitude and latitude",
        ),
        ("hello", "no column of times"),
    ],
)
def test_files_of_no_use(loaded, text, why):
    with pytest.raises(FormatError, match=why.replace("(", r"\(")):
        loaded(text)


@pytest.mark.parametrize("data", [b"PAR1" + bytes(50), b"PAR1", bytes(100), bytes(range(256)) * 4])
def test_damaged_files(loaded, data):
    with pytest.raises(FormatError):
        loaded(data)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"a": 1}]', "no column of times"),
        ("<xml/>", "is no table and of no format of detections known here"),
        ('{"t": 1}', "says of no detection where it was"),
        ("[1, 2]", "no column of times"),
        ("[{]", "is no table in JSON"),
        ('{"t": "a', "is cut off"),
    ],
)
def test_other_texts(loaded, text, why):
    with pytest.raises(FormatError, match=why):
        loaded(text)


def test_a_folder(tmp_path):
    with pytest.raises(FormatError, match="is a folder; name a file in it"):
        load(tmp_path)


def test_a_header_without_rows(loaded):
    found = loaded("t,x,y\n")
    assert len(found) == 0
    assert found.account.read == 0


def test_lines_that_are_no_rows_are_told(loaded):
    found = loaded("t,x,y\n1,2,3\n1,2\n1,2,3,4,5\n2,3,4\n")
    assert found.t.tolist() == [1, 2]
    assert found.account.broken == (
        "2 lines are no rows of it and left out, such as '1,2' has 2 cells, not 3",
    )


def test_encodings_comments_and_line_ends(loaded):
    text = "# made by hand\n\nTemps;Capteur;x;y\r\n1,5;été;1;2\r\n"
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        found = loaded(text.encode(encoding))
        assert (found.t.tolist(), found.sensor.names) == ([1.5], ("été",))


def test_numbers_that_are_names_stay_texts(loaded):
    found = loaded("t,x,y,icao24,object,sensor\n1,0,0,4e1234,007,1\n2,0,0,0C0FFE,008,1\n")
    assert found.claimed.array().to_pylist() == ["aircraft:icao24:4e1234", "aircraft:icao24:0c0ffe"]
    assert found.texts["object"].array().to_pylist() == ["007", "008"]


def test_an_id_of_each_row_is_no_identity(loaded):
    rows = "".join(f"{at},0,0,{at}\n" for at in range(30))
    assert (loaded(f"t,x,y,id\n{rows}").claimed.codes == -1).all()
    same = "".join(f"{at},0,0,{at % 3}\n" for at in range(30))
    assert loaded(f"t,x,y,id\n{same}").claimed.names == (
        "track:claimed:0",
        "track:claimed:1",
        "track:claimed:2",
    )


def test_an_impossible_mmsi_is_still_a_claim(loaded):
    assert loaded("t,lat,lon,mmsi\n1,45,-74,123\n").claimed.names == ("vessel:claimed:123",)


def test_types_of_parquet(tmp_path):
    path = tmp_path / "d.parquet"
    moment = datetime(2026, 11, 24, 10, tzinfo=UTC)
    table = pa.table(
        {
            "time": pa.array([moment, None], pa.timestamp("ns", "America/Toronto")),
            "lon": pa.array([-74, -75], pa.float32()),
            "lat": pa.array([45, 46], pa.int16()),
            "sensor": pa.array(["a", "b"]).dictionary_encode(),
            "mmsi": pa.array([316001234.0, None], pa.float64()),
            "nothing": pa.nulls(2),
            "score": pa.nulls(2),
        }
    )
    pq.write_table(table, path)
    found = load(path)
    assert found.t.tolist() == [SCALE]
    assert found.place.tolist() == [[-74.0, 45.0]]
    assert found.claimed.names == ("vessel:mmsi:316001234",)
    assert np.isnan(found.numbers["confidence"]).all()


def test_a_parquet_file_whose_chunks_are_not_those_of_its_schema_is_read_or_refused(tmp_path):
    path = tmp_path / "d.parquet"
    columns = {"time": ["2026-11-24T10:00:00Z"], "lat": [45.0], "lon": [-75.0], "track": ["T-1"]}
    pq.write_table(pa.table(columns), path, store_schema=False)
    data = path.read_bytes()
    for found in re.finditer(b"track", data):
        changed = data[: found.start()] + b"trick" + data[found.end() :]
        with suppress(FormatError):
            rows, faults = read(changed, detection_parquet, path.name)
            assert rows or faults


def test_a_zone_of_parquet_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "d.parquet"
    times = pa.array([0], pa.timestamp("us", "Europe/Zagreb"))
    pq.write_table(pa.table({"time": times, "lat": [45.0], "lon": [-75.0]}), path)
    data = path.read_bytes()
    stored = base64.b64decode(pq.ParquetFile(path).metadata.metadata[b"ARROW:schema"])
    changed = base64.b64encode(stored.replace(b"Zagreb", b"Zagre\xc3"))
    data = data.replace(base64.b64encode(stored), changed)
    with pytest.raises(FormatError):
        read(data, detection_parquet, path.name)
    path.write_bytes(data)
    with pytest.raises(FormatError):
        load(path)


def test_bytes_of_parquet_that_are_no_text_are_one_fault(tmp_path):
    path = tmp_path / "d.parquet"
    buffers = [None, pa.py_buffer(struct.pack("<3i", 0, 2, 4)), pa.py_buffer(b"\xff\xfeab")]
    names = pa.Array.from_buffers(pa.string(), 2, buffers)
    times = pa.array(["2026-11-24T10:00:00Z"] * 2)
    pq.write_table(
        pa.table({"time": times, "lat": [45.0, 46.0], "lon": [-75.0, -76.0], "track": names}), path
    )
    (fault,) = read(path.read_bytes(), detection_parquet, path.name)[1]
    assert (fault.locator, fault.rest) == ("row 1", True)
    assert "UTF8" in fault.reason


def test_our_own_files_are_loaded(tmp_path):
    rows = pa.Table.from_pylist(
        [
            {
                "locator": "",
                "observed_at": datetime(2026, 1, 1, tzinfo=UTC),
                "latitude": 45.0,
                "longitude": -74.0,
                "var_east": 4.0,
                "var_north": 9.0,
                "claimed": "vessel:mmsi:316001234",
                "class": "boat",
            }
        ],
        DETECTION.body,
    )
    for sort, module in MODULES.items():
        path = tmp_path / f"d.{sort}"
        with path.open("wb") as stream:
            module.write([Batch(DETECTION, rows)], stream)
        found = load(path)
        assert found.cov.tolist() == [[4.0, 0.0, 9.0]]
        assert found.claimed.names == ("vessel:mmsi:316001234",)
        assert found.klass.names == ("boat",)


CELL = st.one_of(
    st.sampled_from(
        ["", "nan", "inf", "-1", "1e400", "45", "-74.5", "1,5", "2026-11-24T10:00:00Z", "x", '"', "é"]
    ),
    st.floats(allow_nan=True).map(str),
    st.text(max_size=5),
)
NAME = st.sampled_from(
    "t time x y lon lat azimuth range sensor sigma var_x cov_xy sensor_x sensor_lat vx vy class mmsi id scan"
    " foo speed course confidence received_at".split()
)


@settings(deadline=None, max_examples=draws(150))
@given(st.lists(NAME, min_size=1, max_size=9), st.lists(st.lists(CELL, max_size=9), max_size=6))
def test_every_row_is_read_or_accounted_for(tmp_path_factory, names, rows):
    path = tmp_path_factory.mktemp("fuzz") / "d.csv"
    path.write_text("\n".join([",".join(names), *(",".join(row) for row in rows)]), "utf-8", "replace", "\n")
    with suppress(FormatError):
        found = load(path)
        account = found.account
        refused = np.concatenate([one.rows for one in account.refused] or [np.zeros(0, int)])
        assert sorted([*found.row, *refused]) == list(range(account.read))
        assert (np.diff(found.row) > 0).all()
        assert np.isfinite(found.t).all()
        placed = np.isfinite(found.place).all(axis=1)
        assert (placed | np.isfinite(found.numbers["azimuth"])).all()
        assert not np.isinf(found.cov).any()
        assert not (found.cov[:, [0, 2]] < 0).any()


@settings(deadline=None, max_examples=draws(60))
@given(st.binary(max_size=200), st.sampled_from([b"", b"t,x,y\n", b"PAR1", b"# origin: 1,2\nt,x,y\n"]))
def test_random_bytes_give_a_format_error_or_an_account(tmp_path_factory, data, head):
    path = tmp_path_factory.mktemp("fuzz") / "d.bin"
    path.write_bytes(head + data)
    with suppress(FormatError):
        load(path)
    for module in MODULES.values():
        with suppress(FormatError):
            read(head + data, module)
        module.sniff(Head("d", head + data))
    detection_parquet.piece(BytesIO(head + data), "row 1")


# Units that a table does not say


def moving(unit, header="speed", per_second=1.0, count=60, turn=0.0, noise=0.0):
    """Three objects that move as fast as they say, in the unit given."""
    rng = np.random.default_rng(5)
    lines = [f"t,id,x,y,{header},mmsi"]
    for who in range(3):
        speed, place = 5.0 + who, np.zeros(2)
        for at in range(count):
            angle = turn * at
            place = place + speed * 10 * np.array([np.sin(angle), np.cos(angle)])
            x, y = place + rng.normal(0, noise, 2)
            lines.append(f"{at * 10},{who},{x:.3f},{y:.3f},{speed / unit:.4f},")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("turn", [0.0, 0.1])
@pytest.mark.parametrize(("name", "size"), [("m/s", 1.0), ("kn", 1852 / 3600), ("km/h", 1 / 3.6)])
def test_the_unit_of_speeds_is_found_from_motion(loaded, name, size, turn):
    found = loaded(moving(size, turn=turn, noise=5.0))
    assert found.numbers["speed"] == pytest.approx(np.repeat([5.0, 6.0, 7.0], 60), rel=1e-3)
    assert name in found.account.used["speed"]
    assert ("how far objects moved" in found.account.used["speed"]) == (name != "m/s")


def test_a_unit_that_is_stated_is_kept(loaded):
    assert loaded(moving(1852 / 3600, "speed_ms")).numbers["speed"][0] == pytest.approx(
        5.0 / (1852 / 3600), rel=1e-4
    )
    assert loaded(moving(1.0, "sog_kn")).numbers["speed"][0] == pytest.approx(5.0 * 1852 / 3600, rel=1e-4)


def test_too_little_motion_tells_no_unit(loaded):
    assert loaded(moving(1852 / 3600, count=3)).numbers["speed"][0] == pytest.approx(
        5.0 / (1852 / 3600), rel=1e-4
    )
    assert loaded(moving(7.0)).numbers["speed"][0] == pytest.approx(5.0 / 7.0, rel=1e-3)


def test_a_header_behind_a_hash_and_values_of_vessels_that_know_none(loaded):
    text = "# Timestamp,MMSI,Latitude,Longitude,SOG,COG,Heading\n"
    rows = (
        "1795514400,316001234,45,-74,102.3,360,511\n"
        "1795514401,316001234,45,-74,3,90,90\n"
        "1795514402,1,91,181,,,\n"
    )
    for found in (loaded(text + rows), loaded("# made by us\n" + text + rows)):
        assert found.row.tolist() == [0, 1]
        for quantity in ("speed", "course", "heading"):
            assert np.isnan(found.numbers[quantity][0])
            assert not np.isnan(found.numbers[quantity][1])
    rows, _ = read((text + rows).encode())
    assert len(rows) == 2
    assert rows[0]["speed"] is None


# The formats

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
MAYBE = st.none() | TEXT
REAL = st.none() | st.floats(-1e6, 1e6)
SIZE = st.none() | st.floats(0, 1e6)
SHARE = st.none() | st.floats(0, 1)
ANGLE = st.none() | st.floats(0, 360, exclude_max=True)
MOMENT = st.datetimes(datetime(1973, 4, 1), datetime(2106, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROW = st.fixed_dictionaries(
    {
        "report_key": MAYBE,
        "origins": st.lists(TEXT, max_size=2),
        "observed_at": MOMENT,
        "sensor": MAYBE,
        "received_at": st.none() | MOMENT,
        "scan": st.none() | st.integers(0, 2**40),
        "latitude": st.floats(-90, 90),
        "longitude": st.floats(-180, 180),
        "altitude": REAL,
        "var_east": st.floats(1, 1e6),
        "var_north": st.floats(1, 1e6),
        "cov_east_north": st.floats(-1, 1),
        "sensor_latitude": st.just(45.0),
        "sensor_longitude": st.floats(-180, 180),
        "sensor_altitude": REAL,
        "azimuth": ANGLE,
        "elevation": st.none() | st.floats(-90, 90),
        "range": SIZE,
        "range_rate": REAL,
        "speed": SIZE,
        "course": ANGLE,
        "climb": REAL,
        "heading": ANGLE,
        "class": st.none() | st.sampled_from(CLASSES),
        "class_confidence": SHARE,
        "confidence": SHARE,
        "object": MAYBE,
        "claimed": st.sampled_from([None, "vessel:mmsi:316001234", "aircraft:icao24:c0ffee"]),
        "name": MAYBE,
        "status": MAYBE,
        "says": st.none() | st.just('{"a":1}'),
        "authority": MAYBE,
    }
)


def written(module, rows):
    out = BytesIO()
    module.write(
        [Batch(DETECTION, pa.Table.from_pylist([{"locator": ""} | row for row in rows], DETECTION.body))], out
    )
    return out.getvalue()


@every
@settings(deadline=None, max_examples=draws(40))
@given(st.lists(ROW, max_size=4))
def test_what_is_written_is_read_back(sort, rows):
    found, faults = read(written(MODULES[sort], rows), MODULES[sort])
    assert not faults
    assert [{name: row[name] for name in rows[0]} for row in found] == rows


@every
def test_what_is_written_is_recognised(sort):
    row = {
        "observed_at": datetime(2026, 1, 1, tzinfo=UTC),
        "latitude": 45.0,
        "longitude": -74.0,
        "origins": [],
    }
    form = recognise(Head("x", written(MODULES[sort], [row])[:HEAD_BYTES]))
    assert form is not None
    assert form.name == f"detection-{sort}"


@every
@settings(deadline=None, max_examples=draws(40))
@given(rows=st.lists(ROW, min_size=1, max_size=2), data=st.data())
def test_damage_gives_faults_or_a_format_error(sort, rows, data):
    damaged = bytearray(written(MODULES[sort], rows))
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]), MODULES[sort])


def test_a_plane_needs_an_origin_and_a_clock_a_start():
    plane = b"t,sensor,x,y\n1.5,a,1000,2000\n"
    with pytest.raises(FormatError, match="counts its times from a moment that it does not say"):
        read(plane)
    with pytest.raises(FormatError, match=r"not where on Earth: write a first line such as # origin: 44"):
        read(b"# start: 2026-11-24T10:00:00Z\n" + plane)
    rows, faults = read(b"# origin: 45, -74\n# start: 2026-11-24T10:00:00Z\n" + plane)
    assert not faults
    assert rows[0]["locator"] == "line 4"
    assert rows[0]["observed_at"] == datetime(2026, 11, 24, 10, 0, 1, 500000, tzinfo=UTC)
    assert rows[0]["latitude"] == pytest.approx(45.018, abs=1e-3)
    stated = next(detection_csv.read(BytesIO(plane), "d.csv", Notes(Origin(45.0, -74.0), SCALE)))
    assert stated.rows.to_pylist()[0]["latitude"] == rows[0]["latitude"]


def test_an_origin_that_is_none():
    with pytest.raises(FormatError, match=r"'nowhere' is no origin: latitude and longitude, such as"):
        read(b"# origin: nowhere\nt,x,y\n1795514400,1,2\n")
    with pytest.raises(FormatError, match="start: 'noon' is no moment"):
        read(b"# start: noon\nt,x,y\n1,1,2\n")


def test_a_parquet_file_says_its_origin_in_its_metadata():
    table = pa.table({"t": [1795514400], "x": [0.0], "y": [0.0]}).replace_schema_metadata(
        {"origin": "45, -74"}
    )
    out = BytesIO()
    pq.write_table(table, out)
    rows, _ = read(out.getvalue(), detection_parquet)
    assert (rows[0]["latitude"], rows[0]["longitude"]) == (pytest.approx(45), pytest.approx(-74))
    assert rows[0]["locator"] == "row 1"
    assert json.loads(detection_parquet.piece(BytesIO(out.getvalue()), "row 1")) == {
        "t": 1795514400,
        "x": 0,
        "y": 0,
    }
    assert detection_parquet.piece(BytesIO(out.getvalue()), "row 2") is None


def test_refused_rows_are_faults_with_their_bytes():
    rows, faults = read(
        b"t,lat,lon,foo,class\n1795514400,45,-74,1,boat\n1795514400,95,-74,2,boat\n1795514401,45,-74,3,ufo\n"
    )
    assert [row["locator"] for row in rows] == ["line 2", "line 4"]
    assert [(one.locator, one.partly) for one in faults] == [
        ("line 1", True),
        ("line 3", False),
        ("line 4", True),
    ]
    assert faults[0].reason == "the columns 'foo' are not known, and rows were read without them"
    assert faults[1].reason == "the detection is refused: its latitude is not from -90 to 90"
    assert faults[1].raw == b"1795514400,95,-74,2,boat"


def test_tables_of_other_things_are_not_taken_for_detections():
    for head in (
        b"id,name\n1,x\n",
        b"date,amount\n1,2\n",
        b"",
        b"observed_at,station,temperature\n",
        b"<x/>",
    ):
        assert detection_csv.sniff(Head("x", head)) == 0.0


# The plane


def test_a_plane_touches_the_ellipsoid():
    lat, lon = to_wgs84(Origin(0.0, 10.0), np.array([0.0, 6_378_137.0, np.nan]), np.array([0.0, 0.0, 1.0]))
    assert lat[:2] == pytest.approx([0, 0], abs=1e-12)
    assert lon[:2] == pytest.approx([10, 55], abs=1e-9)  # as far out as the radius: half a right angle
    assert np.isnan(lat[2])


@settings(deadline=None, max_examples=draws(100))
@given(st.floats(-89, 89), st.floats(-179, 179), st.floats(-20e3, 20e3), st.floats(-20e3, 20e3))
def test_a_plane_against_the_radii_of_curvature(latitude, longitude, east, north):
    zero = Origin(latitude, longitude)
    lat, lon = (float(one[0]) for one in to_wgs84(zero, np.array([east]), np.array([north])))
    e2, a = 0.00669437999014132, 6378137.0
    w = 1 - e2 * np.sin(np.radians(latitude)) ** 2
    meridian, normal = a * (1 - e2) / w**1.5, a / np.sqrt(w)
    tolerance = (
        3 * (east**2 + north**2) / a * max(1, abs(np.tan(np.radians(latitude)))) + 1e-6
    )  # second order, m
    assert np.radians(lat - latitude) * meridian == pytest.approx(north, abs=tolerance)
    turned = (lon - longitude + 180) % 360 - 180
    assert np.radians(turned) * normal * np.cos(np.radians(latitude)) == pytest.approx(east, abs=tolerance)


@pytest.mark.parametrize("text", ["", "1", "91, 0", "0, 181", "a, b", "1.2.3, 4"])
def test_texts_that_are_no_origin(text):
    with pytest.raises(ValueError, match="is no origin"):
        origin(text)


@pytest.mark.parametrize(
    ("turn", "unit", "radians"),
    [(2.5, "", True), (0.9, "", False), (2.5, "_deg", False), (7.0, "", False)],
)
def test_directions_without_a_unit_are_radians_where_they_can_be_nothing_else(tmp_path, turn, unit, radians):
    said = np.linspace(-turn, 0, 60)
    rows = "".join(f"{n},camera,0,0,{one!r},0.01\n" for n, one in enumerate(said.tolist()))
    (tmp_path / "d.csv").write_text(f"t,sensor,own_x,own_y,bearing{unit},bearing_std\n{rows}", "utf-8")
    found = load(tmp_path / "d.csv")
    factor = np.degrees(1) if radians else 1
    assert found.numbers["azimuth"] == pytest.approx(said * factor % 360) or found.numbers[
        "azimuth"
    ] == pytest.approx(said * factor)
    assert found.numbers["azimuth_error"] == pytest.approx(0.01 * factor)
    assert ("in rad" in found.account.used[f"bearing{unit}"]) == radians
