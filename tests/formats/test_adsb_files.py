"""ADS-B in files: lines, Beast frames, BaseStation text; what rows say, when they were, what is refused."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from math import hypot
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.adsb import TIME, flight, log, random_messages
from tests.thorough import draws

from watchfloor.core.kinds import DETECTION
from watchfloor.core.subjects import parts, subject
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors.adsb import avr as adsb_avr
from watchfloor.formats.sensors.adsb import beast as adsb_beast
from watchfloor.formats.sensors.adsb import encode
from watchfloor.formats.sensors.adsb import sbs as adsb_sbs
from watchfloor.formats.sensors.adsb.mode_s import CHECK
from watchfloor.formats.sensors.wires.faults import count

AT = datetime.fromtimestamp(TIME // 10**6, UTC)
STAMP = str(TIME // 10**6)


def _pieces(form, data: bytes, **options) -> list[Batch | Fault]:
    return list(form.read(BytesIO(data), "log", **options))


def _table(pieces: list[Batch | Fault]) -> pa.Table:
    tables = [piece.rows for piece in pieces if isinstance(piece, Batch)]
    return pa.concat_tables(tables).combine_chunks() if tables else DETECTION.body.empty_table()


def _rows(form, data: bytes, **options) -> list[dict]:
    """Rows without what is null; `says` as an object."""
    table = _table(_pieces(form, data, **options))
    assert table.schema == DETECTION.body
    found = [{k: v for k, v in row.items() if v is not None} for row in table.to_pylist()]
    return [{**row, "says": json.loads(row["says"])} for row in found]


def _avr(*bodies: int, address: int = 0xC0FFEE, capability: int = 5) -> list[dict]:
    messages = [encode.message(address, body, capability) for body in bodies]
    return _rows(adsb_avr, "".join(encode.avr(one, STAMP) + "\n" for one in messages).encode())


def test_a_flight_is_where_it_was_sent_from():
    told = flight(seconds=10, knots=360, course=50, feet=9_000)
    rows = _rows(adsb_avr, log(told))
    assert "latitude" not in rows[0]
    assert rows[0]["says"]["unresolved"].startswith("no partner within 10 s")
    placed = [(row, one) for row, one in zip(rows, told, strict=True) if "latitude" in row]
    assert len(placed) == 19
    for row, (at, _, (north, east)) in placed:
        assert hypot(row["latitude"] - north, row["longitude"] - east) < 1e-4
        assert row["observed_at"] == datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)
        assert row["speed"] == pytest.approx(360 * 1852 / 3600, abs=0.5)
        assert row["course"] == pytest.approx(50, abs=0.2)
        assert row["climb"] == pytest.approx(640 * 0.3048 / 60)
        assert row["altitude"] == pytest.approx((9_000 + 300) * 0.3048)
        assert row["says"]["pressure_altitude"] == pytest.approx(9_000 * 0.3048, abs=0.1)
        assert row["says"]["velocity_age"] == 0.3
        assert row["var_east"] == row["var_north"] == pytest.approx((92.6 / 2.4477) ** 2)
        assert (row["claimed"], row["class"]) == ("aircraft:icao24:c0ffee", "aircraft")
        assert subject(*parts(row["claimed"])) == row["claimed"]


def test_reported_accuracy_counts_before_that_of_the_type():
    told = flight(seconds=1)
    state = [(TIME - 1, encode.message(0xC0FFEE, 31 << 51 | 2 << 13 | 10 << 8), (0.0, 0.0))]
    rows = _rows(adsb_avr, log([*state, *told]))
    assert rows[0]["says"] == {"nac_p": 10, "type": 31, "version": 2}
    assert rows[3]["var_east"] == pytest.approx((10 / 2.4477) ** 2)


def test_height_by_gnss_is_altitude():
    (row,) = _avr(20 << 51 | 0b000011011000 << 36)
    assert row["says"]["altitude_from"] == "GNSS"
    assert "pressure_altitude" not in row["says"]
    (row,) = _avr(encode.airborne(44, -76, 5_000, odd=False))
    assert row["says"]["altitude_from"] == "pressure"


@pytest.mark.parametrize(
    ("category", "class_"),
    [(0xA3, "aircraft"), (0xB6, "drone"), (0xC2, "vehicle"), (0xB3, "person"), (0xC4, "unknown")],
)
def test_the_category_says_what_it_is(category, class_):
    first, second = _avr(encode.identity("N1", category), encode.velocity(10, 90, 0))
    assert (first["class"], second["class"]) == (class_, class_)
    assert (first["name"], first["says"]["category"]) == ("N1", f"{category:X}")


@pytest.mark.parametrize(
    ("state", "status"), [(0, None), (1, "emergency"), (4, "no communications"), (5, "unlawful interference")]
)
def test_an_emergency_is_its_status(state, status):
    (row,) = _avr(28 << 51 | 1 << 48 | state << 45 | 0b0101010000000 << 32)
    assert row.get("status") == status
    assert row["says"]["squawk"] == "7000"


def test_an_alert_in_a_position_and_an_aircraft_on_the_ground():
    alert = encode.airborne(44, -76, 0, odd=False) | 1 << 49
    ground = encode.surface(44, -76, odd=False, movement=13, track=90)
    first, second = _avr(alert, ground)
    assert (first["status"], second["status"]) == ("emergency", "on the ground")
    assert second["course"] == 90
    assert second["speed"] == pytest.approx(2 * 1852 / 3600)


def test_airspeed_is_no_speed_over_ground():
    (row,) = _rows(adsb_avr, f"{STAMP} *8DA05F219B06B6AF189400CBC33F;".encode())
    assert not {"speed", "course", "heading"} & row.keys()
    assert row["says"]["airspeed"] == pytest.approx(375 * 1852 / 3600, abs=0.01)
    assert (row["says"]["airspeed_is"], row["says"]["magnetic_heading"]) == ("true", 243.98)


@pytest.mark.parametrize(
    ("format_", "control", "address", "claimed"),
    [
        (17, 5, 0xC0FFEE, "aircraft:icao24:c0ffee"),
        (18, 0, 0xC0FFEE, "aircraft:icao24:c0ffee"),
        (18, 1, 0xC0FFEE, None),
        (18, 5, 0xC0FFEE, None),
        (18, 6, 0xC0FFEE, "aircraft:icao24:c0ffee"),
        (17, 5, 0, None),
        (17, 5, 0xFFFFFF, None),
    ],
)
def test_who_claims_to_speak(format_, control, address, claimed):
    body = encode.velocity(100, 90, 0)
    data = (format_ << 27 | control << 24 | address).to_bytes(4, "big") + body.to_bytes(7, "big")
    parity = 0
    for byte in data:
        parity = ((parity << 8) ^ int(CHECK[(parity >> 16) ^ byte])) & 0xFFFFFF
    line = f"{STAMP} *{(data + parity.to_bytes(3, 'big')).hex()};"
    (row,) = _rows(adsb_avr, line.encode())
    assert row.get("claimed") == claimed
    assert row["says"].get("address") == ("C0FFEE" if claimed is None and 0 < address < 0xFFFFFF else None)


@pytest.mark.parametrize("form", [adsb_avr, adsb_beast])
def test_a_file_without_times_is_refused_with_what_to_do(form):
    message = encode.message(1, encode.velocity(100, 90, 0))
    data = encode.avr(message).encode() if form is adsb_avr else encode.beast(message)
    with pytest.raises(FormatError, match="base_time = "):
        _pieces(form, data)


def _beast(told: list[tuple[int, bytes, tuple[float, float]]]) -> bytes:
    return b"".join(encode.beast(data, (at - TIME) * 12 + 7_000) for at, data, _ in told)


def test_the_counter_says_how_far_apart_messages_are():
    told = flight(seconds=5)
    lines = "".join(f"@{(at - TIME) * 12 + 99:012X}{data.hex()};\n" for at, data, _ in told).encode()
    want = [row["observed_at"] for row in _rows(adsb_avr, log(told))]
    assert [row["observed_at"] for row in _rows(adsb_avr, lines, base_time=AT)] == want
    assert [row["observed_at"] for row in _rows(adsb_beast, _beast(told), base_time=AT)] == want


def test_lines_and_frames_give_the_same_rows():
    told = flight(seconds=5, latitude=-33, longitude=179.999)
    lines = _table(_pieces(adsb_avr, log(told))).drop_columns(["locator"])
    frames = _pieces(adsb_beast, _beast(told), base_time=AT)
    assert _table(frames).drop_columns(["locator"]) == lines
    where = _table(frames)["locator"][3].as_py()
    assert adsb_beast.FORMAT.piece(BytesIO(_beast(told)), where) == encode.beast(
        told[3][1], 7_000 + 12 * 700_000
    )


def test_what_is_no_extended_squitter_is_told_once():
    told = flight(seconds=1)
    short = b"".join(encode.beast(bytes([0x5D, i, 0, 0, 0, 0, 0])) for i in range(9))
    status = b"\x1a4" + bytes(21)
    (note,) = [
        p for p in _pieces(adsb_beast, short + _beast(told) + status, base_time=AT) if isinstance(p, Fault)
    ]
    assert note.partly
    assert note.locator == "bytes 0-16"
    assert note.reason.endswith(": 10, this one first")


def test_bytes_outside_of_frames_are_faults():
    told = flight(seconds=1)
    data = b"noise" + _beast(told) + b"\x1a3cut"
    pieces = _pieces(adsb_beast, data, base_time=AT)
    faults = [piece for piece in pieces if isinstance(piece, Fault)]
    assert [fault.raw for fault in faults] == [b"noise", b"\x1a3cut"]
    assert [fault.locator for fault in faults] == ["bytes 0-5", f"bytes {len(data) - 5}-{len(data)}"]
    assert _table(pieces).num_rows == 4


SBS = """MSG,3,1,1,C0FFEE,1,2026/09/21,14:13:20.250,2026/09/21,14:13:21.000,,10000,,,44.5,-76.25,,,0,0,0,0\r
MSG,1,1,1,c0ffee,1,2026/09/21,14:13:20.250,2026/09/21,14:13:21.000,CGABC   ,,,,,,,,,,,\r
MSG,4,1,1,C0FFEE,1,2026/09/21,14:13:20.250,2026/09/21,14:13:21.000,,,100.5,270,,,-64,,,,,-1\r
MSG,6,1,1,~C0FFEE,1,2026/09/21,14:13:20.250,2026/09/21,14:13:21.000,,,,,,,,0021,0,-1,-1,0\r
"""


def test_base_station_text():
    first, second, third, fourth = _rows(adsb_sbs, SBS.encode())
    moment = AT + timedelta(milliseconds=250)
    assert {row["observed_at"] for row in (first, second, third, fourth)} == {moment}
    assert (first["latitude"], first["longitude"], first["altitude"]) == (44.5, -76.25, 3048)
    assert first["claimed"] == second["claimed"] == "aircraft:icao24:c0ffee"
    assert second["name"] == "CGABC"
    assert (third["course"], third["status"]) == (270, "on the ground")
    assert third["speed"] == pytest.approx(100.5 * 1852 / 3600)
    assert third["climb"] == pytest.approx(-64 * 0.3048 / 60)
    assert (fourth["status"], "claimed" in fourth) == ("emergency", False)
    assert fourth["says"] == {"address": "~C0FFEE", "ident": True, "message": "6", "squawk": "0021"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "no line of BaseStation"),
        ("MSG,3,1", "without 22 cells"),
        (SBS.split("\r")[0] + ",1", "without 22 cells"),
        (SBS.split("\r")[0].replace("44.5", "94.5"), "cannot be read"),
        (SBS.split("\r")[0].replace("44.5", "4x"), "cannot be read"),
        (SBS.split("\r")[0].replace("C0FFEE", "C0FFE"), "cannot be read"),
        (SBS.split("\r")[0].replace("2026/09/21,", ","), "does not say when"),
        (SBS.split("\r")[0].replace("10000", '"10000"'), "no line of BaseStation"),
        (SBS.split("\r")[0].replace("10000", "1\x000"), "no line of BaseStation"),
        ("x" * 9_000, "no line of BaseStation"),
    ],
)
def test_a_broken_line_of_base_station_text_costs_itself(line, why):
    pieces = _pieces(adsb_sbs, (line + "\n" + SBS).encode())
    (fault,) = [piece for piece in pieces if isinstance(piece, Fault)]
    assert why in fault.reason
    assert fault.raw == line.encode()[: len(fault.raw)]
    assert _table(pieces).num_rows == 4


def test_other_lines_of_base_station_are_told_once():
    text = (
        "STA,,5,179,400AE7,10103,2008/11/28,14:58:51.153,2008/11/28,14:58:51.153,RM\nID,1\nCLK,,496\n" + SBS
    )
    (note,) = [piece for piece in _pieces(adsb_sbs, text.encode()) if isinstance(piece, Fault)]
    assert note.partly
    assert note.reason.endswith(": 3, this one first")


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (log(flight(seconds=2)), adsb_avr.FORMAT),
        ("".join(encode.avr(data) + "\n" for _, data, _ in flight()).encode(), adsb_avr.FORMAT),
        (f"{STAMP}.5,8D4840D6202CC371C32CE0576098,4840D6,4\n".encode() * 3, adsb_avr.FORMAT),
        (_beast(flight(seconds=2)), adsb_beast.FORMAT),
        (encode.beast(bytes(7)) * 40, adsb_beast.FORMAT),
        (SBS.encode(), adsb_sbs.FORMAT),
        (b"\x1a\x1a\x1a\x1a" * 50, None),
        (b"MSG,hello\n" * 5, None),
        (b"*emphasis* in a text;\n" * 5, None),
        (b"a,b\n1,2\n", None),
    ],
)
def test_files_are_recognised(data, form):
    found = recognise(Head("x", data), above=0.1)
    name = found and found.name
    assert name == form.name if form else name not in ("adsb-avr", "adsb-beast", "adsb-sbs")


@settings(max_examples=draws(40), deadline=None)
@given(
    st.sampled_from([adsb_avr, adsb_beast, adsb_sbs]), st.integers(0, 100), st.binary(max_size=200), st.data()
)
def test_no_bytes_are_an_exception_and_cuts_change_nothing(form, seed, noise, data):
    draw = Random(seed)
    told = [(TIME + i * 10_000, one, (0.0, 0.0)) for i, one in enumerate(random_messages(seed, 15))]
    text = {adsb_avr: log, adsb_beast: _beast, adsb_sbs: lambda _: SBS.encode()}[form](told)
    mixed = bytearray(text + noise + text)
    for _ in range(draw.randrange(20)):
        mixed[draw.randrange(len(mixed))] ^= 1 << draw.randrange(8)
    cut = bytes(mixed[: data.draw(st.integers(1, len(mixed)))])
    options = {} if form is adsb_sbs else {"base_time": AT}
    whole = _pieces(form, cut, **options)
    small = _pieces(form, cut, size=data.draw(st.integers(1, 100)), **options)
    assert _table(small) == _table(whole)
    if form is not adsb_beast:
        assert _accounted(whole) == _accounted(small) == len([one for one in cut.split(b"\n") if one.strip()])


def _accounted(pieces: list[Batch | Fault]) -> int:
    """Lines of which something is told."""
    told = _table(pieces).num_rows
    for fault in pieces:
        if isinstance(fault, Fault):
            words = fault.reason.rsplit(": ", 1)[-1].split(",")[0]
            told += (int(words) if words.isdigit() else 1) if fault.partly else count(fault)
    return told


def test_a_flood_of_lines_is_accounted_for():
    data = log(flight(seconds=1)) + b"*8D4840D6202CC371C32CE0576099;\n" * 100_000
    pieces = _pieces(adsb_avr, data)
    faults = [piece for piece in pieces if isinstance(piece, Fault)]
    assert len(faults) < 100
    assert sum(map(count, faults)) == 100_000
    assert sum(len(fault.raw) + 1 for fault in faults) == 100_000 * 31
