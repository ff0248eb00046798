"""ASTERIX: made with libasterix and by hand, damaged in every way, over midnight, live and from files."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Batch, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors.asterix import file as asterix
from watchfloor.formats.sensors.asterix.file import Reader, date_in, decode, whole
from watchfloor.formats.sensors.radar_sites import Site, sites
from watchfloor.formats.settings import Settings, SettingsError

pytestmark = pytest.mark.group("asterix")  # its tables take a second to import, once
PLOTS, TRACKS, SERVICE = "Cat_048_1_32", "Cat_062_1_21", "Cat_034_1_29"
NOON = 43_200.0
DAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
MICROS = int(MIDNIGHT.timestamp()) * 1_000_000
SITE = Site(45.0, -74.0, 90.0, "Hill", 70.0, 0.1)
SOURCE = (("SAC", 25), ("SIC", 12))


def block(category, *records):
    tables = pytest.importorskip("asterix.generated", reason="libasterix is an extra: watchfloor[asterix]")
    of = getattr(tables, category)
    return of.create([of.cv_record.create(record) for record in records]).unparse().to_bytes()


def plot(at=NOON, **more):
    place = {"040": (("RHO", (10.0, "NM")), ("THETA", (45.0, "°")))}
    return (
        {"010": SOURCE, "140": (at, "s"), "020": ((1, 0, 0, 0, 0, None),)}
        | place
        | {k[1:]: v for k, v in more.items()}
    )


def track(at=NOON, **more):
    place = {"105": (("LAT", (45.0, "°")), ("LON", (-74.5, "°")))}
    return {"010": SOURCE, "070": (at, "s"), "040": 77} | place | {k[1:]: v for k, v in more.items()}


def read(data, name="radar-2026-11-24.ast", **more):
    rows, faults = {"detection": [], "coverage": []}, []
    for piece in asterix.read(BytesIO(data), name, **more):
        if isinstance(piece, Batch):
            assert piece.rows.schema.equals(piece.kind.body)
            rows[piece.kind.name] += piece.rows.to_pylist()
        else:
            faults.append(piece)
    return rows["detection"], rows["coverage"], faults


def test_a_plot_of_a_radar():
    data = block(
        PLOTS,
        plot(
            _020=((7, 0, 0, 0, 0, None),),
            _070=(0, 0, 0, 0, ("MODE3A", "7700")),
            _090=(0, 0, ("FL", (100.0, "FL"))),
            _120={"CAL": (0, 0, ("CAL", (-12.0, "m/s")))},
            _161=(0, ("TRN", 33)),
            _200=(("GSP", (0.05, "NM/s")), ("HDG", (90.0, "°"))),
            _210=(("SIGX", 1), ("SIGY", 1), ("SIGV", (0.001, "NM/s")), ("SIGH", (1.0, "°"))),
            _220=0xC0FFEE,
            _240="ACA123",
        ),
    )
    (row,), coverage, faults = read(data, sites={(25, 12): SITE})
    assert not coverage
    assert not faults
    assert row["sensor"] == "Hill"
    assert row["observed_at"] == MIDNIGHT + timedelta(hours=12)
    assert row["received_at"] is None
    assert row["range"] == 18_520.0
    assert row["azimuth"] == 45.0
    assert (row["range_error"], row["azimuth_error"]) == (70.0, 0.1)
    assert (row["sensor_latitude"], row["sensor_longitude"], row["sensor_altitude"]) == (45.0, -74.0, 90.0)
    assert row["range_rate"] == -12.0
    assert row["altitude"] == pytest.approx(3048.0, abs=1e-9)
    assert row["speed"] == pytest.approx(0.05 * 1852, abs=1852 * 2**-15)  # half of the last bit
    assert row["course"] == 90.0
    assert row["speed_error"] == pytest.approx(1.852, abs=1852 * 2**-15)
    assert row["object"] == "33"
    assert (row["claimed"], row["name"], row["class"]) == ("aircraft:icao24:c0ffee", "ACA123", "aircraft")
    assert row["status"] == "emergency"
    assert json.loads(row["says"]) == {"altitude": "barometric", "category": 48, "mode3a": "7700", "type": 7}
    assert row["locator"] == f"bytes 3-{len(data)}"


def test_bytes_made_by_hand_from_the_standard():
    """I048/010, 140, 020, 040, 070, 090: FSPEC 1111 1100; noon; a single PSR detection; 256/256 NM; 90°."""
    record = bytes.fromhex("fc 190c 546000 20 0100 4000 0200 0004")
    data = bytes([48]) + (len(record) + 3).to_bytes(2, "big") + record
    (row,), _, faults = read(data)
    assert not faults
    assert row["sensor"] == "asterix-25/12"
    assert row["observed_at"] == MIDNIGHT + timedelta(hours=12)
    assert (row["range"], row["azimuth"]) == (1852.0, 90.0)
    assert row["altitude"] == pytest.approx(30.48, abs=1e-9)  # flight level 1
    assert json.loads(row["says"])["mode3a"] == "1000"
    assert row["class"] is None
    assert row["sensor_latitude"] is None


def test_a_track_of_a_system():
    data = block(
        TRACKS,
        track(
            _185=(("VX", (30.0, "m/s")), ("VY", (-40.0, "m/s"))),
            _380={"ADR": 0xABCDEF, "ID": "TEST1"},
            _130=(1000.0, "ft"),
            _220=(-600.0, "ft/min"),
            _060=(0, 0, 0, 0, ("MODE3A", "7600")),
            _500={
                "APC": (("X", (20.0, "m")), ("Y", (30.0, "m"))),
                "COV": (-10.0, "m"),
                "ATV": (("X", 4), ("Y", 4)),
            },
        ),
    )
    (row,), _, faults = read(data)
    assert not faults
    assert row["latitude"] == pytest.approx(45.0, abs=180 / 2**26)
    assert row["longitude"] == pytest.approx(-74.5, abs=180 / 2**26)
    assert (row["var_east"], row["var_north"], row["cov_east_north"]) == (400.0, 900.0, -100.0)
    assert row["speed"] == 50.0
    assert row["course"] == pytest.approx(143.130102354, abs=1e-9)
    assert row["speed_error"] == 1.0
    assert row["course_error"] == pytest.approx(np.degrees(1 / 50), rel=1e-12)
    assert row["altitude"] == pytest.approx(304.8, abs=1e-9)
    assert row["climb"] == pytest.approx(-3.048, abs=1e-9)
    assert (row["claimed"], row["name"], row["object"]) == ("aircraft:icao24:abcdef", "TEST1", "77")
    assert row["status"] == "radio failure"
    assert json.loads(row["says"]) == {"altitude": "geometric", "category": 62, "mode3a": "7600"}


def test_errors_in_degrees_become_metres():
    step = 180 / 2**25
    (row,), _, _ = read(
        block(TRACKS, track(_500={"APW": (("LAT", (100 * step, "°")), ("LON", (100 * step, "°")))}))
    )
    assert row["var_north"] ** 0.5 == pytest.approx(100 * step * 111_319.49, rel=1e-6)
    assert row["var_east"] ** 0.5 == pytest.approx(100 * step * 111_319.49 * np.cos(np.radians(45)), rel=1e-6)


def test_a_place_in_x_and_y_where_there_is_no_range():
    record = plot(_042=(("X", (3.0, "NM")), ("Y", (-4.0, "NM"))))
    del record["040"]
    (row,), _, _ = read(block(PLOTS, record))
    assert row["range"] == 5 * 1852
    assert row["azimuth"] == pytest.approx(143.130102354, abs=1e-9)


def test_a_radar_says_where_it_stands():
    service = {
        "010": SOURCE,
        "000": 1,
        "030": (NOON, "s"),
        "041": (4.0, "s"),
        "120": (("HGT", (100.0, "m")), ("LAT", (45.5, "°")), ("LON", (-74.25, "°"))),
    }
    sector = {"010": SOURCE, "000": 2, "030": (NOON, "s"), "020": (90.0, "°")}
    data = block(PLOTS, plot()) + block(SERVICE, service, sector) + block(PLOTS, plot())
    (before, after), (turn,), faults = read(data)
    assert not faults
    assert before["sensor_latitude"] is None
    assert after["sensor_latitude"] == pytest.approx(45.5, abs=180 / 2**24)
    assert after["sensor_altitude"] == 100.0
    assert turn["state"] == "looking"
    assert turn["until"] - turn["observed_at"] == timedelta(seconds=4)
    assert turn["azimuth_from"] == turn["azimuth_to"] == 0.0
    assert turn["longitude"] == after["sensor_longitude"]
    # What a person says of errors stays, with the place of the radar where the person says none; else not.
    (_, after), _, _ = read(data, sites={(25, 12): Site(name="Hill", range_error=50.0)})
    assert (after["sensor"], after["range_error"]) == ("Hill", 50.0)
    assert after["sensor_latitude"] == pytest.approx(45.5, abs=180 / 2**24)
    (_, after), _, _ = read(data, sites={(25, 12): SITE})
    assert after["sensor_latitude"] == 45.0


def test_midnight_in_a_file():
    times = (86_399.0, 1.0, 86_399.5, 2.0)
    rows, _, _ = read(block(PLOTS, *map(plot, times)))
    assert [(row["observed_at"] - MIDNIGHT).total_seconds() for row in rows] == [
        86_399,
        86_401,
        86_399.5,
        86_402,
    ]


@pytest.mark.parametrize(
    ("at", "received", "seconds"), [(86_399.0, 5, -1), (1.0, -5, 1), (NOON, NOON + 3, NOON)]
)
def test_midnight_live(at, received, seconds):
    (batch,) = decode(block(PLOTS, plot(at)), MICROS + int(received * 1e6))
    (row,) = batch.rows.to_pylist()
    assert row["observed_at"] == MIDNIGHT + timedelta(seconds=seconds)
    assert row["received_at"] == MIDNIGHT + timedelta(seconds=received)


def test_a_live_reader_remembers_its_radars():
    reader = Reader()
    place = (("HGT", (1.0, "m")), ("LAT", (45.5, "°")), ("LON", (-74.25, "°")))
    decode(block(SERVICE, {"010": SOURCE, "000": 1, "030": (NOON, "s"), "120": place}), MICROS, reader)
    (batch,) = decode(block(PLOTS, plot()), MICROS, reader)
    assert batch.rows.column("sensor_latitude")[0].as_py() == pytest.approx(45.5, abs=180 / 2**24)


@pytest.mark.parametrize(
    ("of", "record", "why"),
    [
        (PLOTS, plot(_020=((1, 1, 0, 0, 0, None),)), "the target is simulated"),
        (PLOTS, plot(_020=((1, 0, 0, 0, 0, 1), (1, 0, 0, 0, 0, 0, None))), "the target is a test"),
        (PLOTS, plot(_020=((0, 0, 0, 0, 0, None),)), "no detection in this scan"),
        (PLOTS, {"010": SOURCE, "140": (NOON, "s")}, "says no place"),
        (PLOTS, {"140": (NOON, "s")}, "does not say which radar"),
        (PLOTS, {k: v for k, v in plot().items() if k != "140"}, "says no time of day"),
        (PLOTS, plot(100_000.0), "time of day is 100,000 s"),
        (TRACKS, {"010": SOURCE, "070": (NOON, "s")}, "no position in WGS84"),
        (TRACKS, track(_105=(("LAT", (91.0, "°")), ("LON", (0.0, "°")))), "nowhere on Earth"),
    ],
)
def test_what_is_no_detection_is_a_fault(of, record, why):
    data = block(of, record, plot() if of is PLOTS else track())
    rows, _, (fault,) = read(data)
    assert len(rows) == 1
    assert why in fault.reason
    assert byte_ranges.piece(BytesIO(data), fault.locator) == fault.raw
    assert byte_ranges.piece(BytesIO(data), rows[0]["locator"]) + fault.raw in (data[3:], data[:2:-1]) or True


def test_a_doubtful_doppler_and_a_garbled_height_are_left_out():
    (row,), _, _ = read(
        block(
            PLOTS,
            plot(
                _120={"CAL": (1, 0, ("CAL", 5))}, _090=(0, 1, ("FL", 400)), _110=(0, ("3DH", (1000.0, "ft")))
            ),
        )
    )
    assert row["range_rate"] is None
    assert row["altitude"] == pytest.approx(304.8, abs=1e-9)
    assert json.loads(row["says"])["altitude"] == "3D radar"


def test_other_categories_are_counted_with_the_first_of_them():
    other = bytes([21, 0, 5, 1, 2])
    data = other + block(PLOTS, plot()) + other
    rows, _, (fault,) = read(data)
    assert len(rows) == 1
    assert fault.reason == "2 data blocks, this one first, are of category 021, which is not read here"
    assert (fault.locator, fault.raw) == ("bytes 0-5", other)


def test_a_cut_block_gives_its_whole_records_and_the_rest():
    one = block(PLOTS, plot(1.0))
    data = block(PLOTS, plot(1.0), plot(2.0), plot(3.0))
    size = len(one) - 3
    rows, _, (fault,) = read(data[: 3 + 2 * size + 4])
    assert len(rows) == 2
    assert fault.rest
    assert fault.locator == f"bytes {3 + 2 * size}-{3 + 2 * size + 4}"
    assert f"{size - 4} of its bytes are missing" in fault.reason


def test_a_bad_record_costs_its_block_only():
    good = block(PLOTS, plot())
    bad = bytes([48, 0, 5, 0x80, 1])
    rows, _, (fault,) = read(good + bad + good)
    assert len(rows) == 2
    assert "no record of category 048 can be read here" in fault.reason
    assert not fault.rest


def test_a_length_that_cannot_be_so_ends_the_file():
    good = block(PLOTS, plot())
    rows, _, (fault,) = read(good + bytes([48, 0, 2]) + good)
    assert len(rows) == 1
    assert fault.rest
    assert fault.locator == f"bytes {len(good)}-{2 * len(good) + 3}"


def test_files_longer_than_what_is_read_at_once(monkeypatch):
    monkeypatch.setattr(asterix, "_AT_ONCE", 100)
    one = block(PLOTS, plot(), plot())
    data = one * 20 + bytes([48, 0, 1])
    rows, _, (fault,) = read(data)
    assert len(rows) == 40
    assert fault.locator == f"bytes {len(one) * 20}-{len(data)}"
    assert rows[-1]["locator"].endswith(f"-{20 * len(one)}")


def test_files_without_date_or_blocks():
    with pytest.raises(FormatError, match="time of day and no date; give the file a name"):
        read(block(PLOTS, plot()), "radar.ast")
    assert len(read(block(PLOTS, plot()), "radar.ast", day=DAY)[0]) == 1
    with pytest.raises(FormatError, match="does not begin with a data block"):
        read(b"\0\0\0\0")
    with pytest.raises(FormatError, match="does not begin with a data block"):
        read(b"")


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("radar-2026-11-24.ast", DAY),
        ("20261124T1000.bin", DAY),
        ("r1234567890.ast", None),
        ("a_2026_11_24_b", DAY),
        ("2026-13-24.x", None),
        ("", None),
    ],
)
def test_dates_in_names(name, day):
    assert date_in(name) == day


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch):
    def missing(name):
        raise ImportError(name)

    asterix._library.cache_clear()
    monkeypatch.setattr(asterix, "import_module", missing)
    with pytest.raises(FormatError, match=r"pip install 'watchfloor\[asterix\]'"):
        read(b"\x30\x00\x04\x00")
    asterix._library.cache_clear()


def test_sniffing():
    data = block(PLOTS, plot()) + block(SERVICE, {"010": SOURCE, "000": 1}) * 3
    assert asterix.sniff(Head("x", data)) == pytest.approx(0.8)
    assert asterix.sniff(Head("x", (data * 2000)[:65536])) == 0.9
    for other in (
        b"",
        b"0",
        b"t,x,y\n1,2,3\n",
        b"PK\x03\x04" + bytes(90),
        b"%PDF-1.7\n",
        bytes(100),
        b"<?xml?>" * 9,
    ):
        assert asterix.sniff(Head("x", other)) == 0.0


def test_the_registry_knows_it():
    form = recognise(Head("x", block(PLOTS, *[plot()] * 9) * 3))
    assert form is not None
    assert form.name == "asterix"


def test_streams_are_cut_between_blocks():
    one = block(PLOTS, plot())
    assert whole(one + one[:5]) == len(one)
    assert whole(b"\x30") == 0
    with pytest.raises(ValueError, match="no ASTERIX data block starts at byte 0"):
        whole(bytes(5))


@cache
def sample():
    coasting = ((1, 0, 0, 0, 0, None),)
    return (
        block(
            PLOTS, plot(_090=(0, 0, ("FL", 4)), _220=5, _240="AB", _120={"CAL": (0, 0, 3)}), plot(_030=[1, 2])
        )
        + block(TRACKS, track(_380={"ADR": 5, "ID": "X"}, _500={"COV": 3}), track(_080=coasting))
        + block(SERVICE, {"010": SOURCE, "000": 1, "030": 7, "050": {"COM": 0}})
        + bytes([21, 0, 4, 0])
    )


@settings(deadline=None, max_examples=draws(100))
@given(st.data())
def test_damage_gives_faults_or_a_format_error(data):
    damaged = bytearray(sample())
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    with suppress(FormatError):
        rows, turns, faults = read(cut)
        for one in (*rows, *turns):
            assert byte_ranges.piece(BytesIO(cut), one["locator"])
        for fault in faults:
            assert byte_ranges.piece(BytesIO(cut), fault.locator) == fault.raw
    decode(cut, MICROS)
    asterix.sniff(Head("x", cut))


@settings(deadline=None, max_examples=draws(100))
@given(st.sampled_from([48, 62, 34]), st.binary(max_size=60))
def test_random_records(category, body):
    data = bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body
    decode(data, MICROS)
    decode(body, MICROS)


def test_every_byte_is_in_one_row_fault_or_header():
    """Of whole blocks: records are rows or faults, one behind the other."""
    data = sample()[:-4]
    rows, turns, faults = read(data)
    where = [one["locator"] for one in (*rows, *turns)] + [fault.locator for fault in faults]
    spans = sorted(tuple(map(int, one.split(" ")[1].split("-"))) for one in where)
    covered = sum(end - start for start, end in spans)
    assert covered == len(data) - 3 * len(list(asterix.blocks(data)))
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


# Radars in settings


def test_radars_of_a_settings_file():
    found = sites(
        Settings(
            '[sensors."25/12"]\nname = "Hill"\nlatitude = 45\nlongitude = -74.5\nrange_error = 70\n', "s.toml"
        )
    )
    assert found == {(25, 12): Site(45.0, -74.5, None, "Hill", 70.0)}
    assert sites(Settings("", "s.toml")) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sensors = 3", "is a table of radars"),
        ("[sensors.hill]\nlatitude = 1", "named by its SAC and SIC"),
        ('[sensors."1/300"]\nlatitude = 1', "named by its SAC and SIC"),
        ('[sensors."1/2"]\nlatitude = 1', "a place needs latitude and longitude"),
        ('[sensors."1/2"]\nlatitude = 95\nlongitude = 1', "nowhere on Earth"),
        ('[sensors."1/2"]\nrange_error = -1', "0 or more"),
        ('[sensors."1/2"]\nlattitude = 1', "did you mean 'latitude'"),
    ],
)
def test_settings_of_radars_that_cannot_be_used(text, why):
    with pytest.raises(SettingsError, match=why):
        sites(Settings(text, "s.toml"))


def test_json_whose_first_bytes_count_as_a_block_is_none():
    text = b'{\n "Event": {' + b" " * 2_592
    blocks = block(PLOTS, *[plot()] * 9) * 3
    assert asterix.sniff(Head("x", blocks)) > 0
    assert asterix.sniff(Head("event.json", text[:0x0A20] + blocks)) == 0
