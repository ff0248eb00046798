"""KLV of aircraft video: values of the standard, damaged packets, targets, transport streams."""

import json
import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Batch, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors.klv import file as klv
from watchfloor.formats.sensors.klv import library as klv_library
from watchfloor.formats.sensors.klv.file import UAS, checksum, decode, pieces, whole
from watchfloor.formats.sensors.klv.items import _of_corners
from watchfloor.formats.sensors.local_plane import Origin, from_wgs84, to_wgs84

pytestmark = pytest.mark.group("klv")
MOMENT = datetime(2026, 11, 24, 10, tzinfo=UTC)
MICROS = int(MOMENT.timestamp()) * 1_000_000


def library(name="stanag4609"):
    return pytest.importorskip(name, reason="stanag4609 is an extra: watchfloor[klv]")


def item(tag, value):
    return bytes([tag, len(value)]) + value


def sealed(items, size=None):
    """A packet with its checksum; `size` are the octets of its length where they are not the shortest."""
    value = items + b"\x01\x02"
    total = len(value) + 2
    size = size or (bytes([total]) if total < 128 else b"\x82" + total.to_bytes(2, "big"))
    packet = UAS + size + value
    summed = sum(byte << 8 if at % 2 == 0 else byte for at, byte in enumerate(packet)) & 0xFFFF
    return packet + summed.to_bytes(2, "big")


def plain(at=MICROS, **more):
    """A packet made by hand: time, version and further items by their tag."""
    given = {2: at.to_bytes(8, "big"), 65: b"\x13"} | {int(tag[1:]): value for tag, value in more.items()}
    return sealed(b"".join(item(tag, value) for tag, value in given.items()))


STANDARD = {  # values printed in MISB ST 0601 beside their bytes
    "_3": b"MISSION01",
    "_4": b"AF-101",
    "_5": bytes.fromhex("71c2"),  # 159.974365°
    "_11": b"EO",
    "_13": bytes.fromhex("5595b66d"),  # 60.176822966978335°
    "_14": bytes.fromhex("5b5360c4"),  # 128.42675904204452°
    "_15": bytes.fromhex("c221"),  # 14190.7195 m
    "_16": bytes.fromhex("cd9c"),  # 144.571298°
    "_17": bytes.fromhex("d917"),  # 152.643626°
    "_18": bytes.fromhex("724a0a20"),  # 160.719211474396°
    "_21": bytes.fromhex("03830926"),  # 68590.983298744 m
    "_23": bytes.fromhex("f101a229"),  # -10.542388633146132°
    "_24": bytes.fromhex("14bc082b"),  # 29.157890122923014°
}


def read(data, name="flight.klv"):
    rows, faults = {"coverage": [], "detection": []}, []
    for piece in klv.read(BytesIO(data), name):
        if isinstance(piece, Batch):
            assert piece.rows.schema.equals(piece.kind.body)
            rows[piece.kind.name] += piece.rows.to_pylist()
        else:
            faults.append(piece)
    return rows["coverage"], rows["detection"], faults


def test_values_of_the_standard():
    library()
    at = datetime(2008, 10, 24, 0, 13, 29, 913000, tzinfo=UTC)
    packet = plain(0x000459F4A6AA4AA8, **STANDARD)
    (row,), found, faults = read(packet)
    assert not found
    assert not faults
    assert row["observed_at"] == at
    assert row["sensor"] == "AF-101/EO"
    assert row["latitude"] == pytest.approx(60.176822966978335, abs=1e-9)
    assert row["longitude"] == pytest.approx(128.42675904204452, abs=1e-9)
    assert row["altitude"] == pytest.approx(14190.7195, abs=1e-3)
    assert row["farthest"] == pytest.approx(68590.983298744, abs=1e-6)
    middle = 159.974365 + 160.719211474396
    assert row["azimuth_from"] == pytest.approx((middle - 144.571298 / 2) % 360, abs=1e-5)
    assert row["azimuth_to"] == pytest.approx((middle + 144.571298 / 2) % 360, abs=1e-5)
    assert (row["state"], row["class"], row["mode"]) == ("looking", "drone", "EO")
    assert row["locator"] == f"bytes 0-{len(packet)}"
    says = json.loads(row["says"])
    assert says["frame_center"] == pytest.approx([-10.542388633146132, 29.157890122923014], abs=1e-9)
    assert (says["altitude"], says["mission"]) == ("sea level", "MISSION01")


def test_packets_of_the_library_are_read_alike():
    st0601 = library("stanag4609.st0601")
    data = st0601.encode_uas_local_set({2: MOMENT, 65: 19, 13: 45.0, 14: -74.5, 75: 1500.0, 10: "MQ-9"})
    (row,), _, _ = read(data)
    assert row["observed_at"] == MOMENT
    assert row["latitude"] == pytest.approx(45.0, abs=1e-7)
    assert row["altitude"] == pytest.approx(1500.0, abs=0.2)
    assert json.loads(row["says"])["altitude"] == "ellipsoid"
    assert checksum(data)[0] == checksum(data)[1]


def test_sentinels_are_null():
    library()
    out = {"_13": b"\x80\0\0\0", "_14": b"\x80\0\0\0", "_23": b"\x80\0\0\0", "_24": b"\x80\0\0\0", "_15": b""}
    (row,), _, faults = read(plain(**out))
    assert not faults
    assert (row["latitude"], row["longitude"], row["altitude"]) == (None, None, None)
    assert "frame_center" not in json.loads(row["says"])


def test_leap_seconds_and_correction():
    library()
    clock = b"\x81\x08\x01\x25" + b"\x81\x09\x01\x0a"  # tags 136: 37 s, and 137: 10 microseconds
    (row,), _, _ = read(sealed(item(2, MICROS.to_bytes(8, "big")) + item(65, b"\x13") + clock))
    assert row["observed_at"] == MOMENT - timedelta(seconds=37) + timedelta(microseconds=10)


@pytest.mark.parametrize("at", [0x80FFFFFFFFFFFFFF, 2**64 - 1, 253_402_300_800_000_000])
def test_times_that_no_calendar_has(at):
    library()
    rows, _, (fault,) = read(plain(at) + plain())
    assert len(rows) == 1
    assert not fault.rest


def test_a_wrong_checksum_keeps_the_packet_apart():
    library()
    good = plain(**STANDARD)
    bad = bytearray(good)
    bad[40] ^= 1
    rows, _, (fault,) = read(good + bytes(bad) + good)
    assert len(rows) == 2
    assert "its checksum is" in fault.reason
    assert fault.raw == bytes(bad)
    assert fault.locator == f"bytes {len(good)}-{2 * len(good)}"


def test_a_packet_without_checksum_is_kept_apart():
    library()
    value = item(2, MICROS.to_bytes(8, "big"))
    rows, _, (fault,) = read(UAS + bytes([len(value)]) + value + plain())
    assert len(rows) == 1
    assert fault.reason == "the KLV packet is not used: it has no checksum at its end"


def test_a_damaged_length_costs_one_packet():
    library()
    good = plain()
    longer = bytearray(good)
    longer[16] = 100
    for bad in (bytes(longer), good[:16] + b"\x82\xff\xff" + good[17:], good[:16] + b"\x8f" + good[17:]):
        rows, _, faults = read(bad + good * 2)
        assert len(rows) == 2, bad
        assert sum(len(fault.raw) for fault in faults) == len(bad)
        assert not any(fault.rest for fault in faults)


def test_the_end_may_be_cut():
    library()
    good = plain()
    for size in range(1, len(good)):
        rows, _, faults = read(good + good[:size])
        assert len(rows) == 1
        assert b"".join(fault.raw for fault in faults) == good[:size]
        assert faults[-1].rest or size < 4


def test_what_lies_between_packets_is_kept():
    library()
    good = plain()
    rows, _, (fault,) = read(good + b"hello" + good)
    assert len(rows) == 2
    assert (fault.reason, fault.raw) == ("no KLV packet starts here", b"hello")


def test_packets_of_other_keys_are_told_once():
    library()
    other = UAS[:-1] + b"\x07\x02hi"
    rows, _, (fault,) = read(other + plain() + other)
    assert len(rows) == 1
    assert fault.reason.endswith("is not read here, here and in 1 packets more")
    assert fault.raw == other


def test_a_field_that_cannot_be_read_is_left_out_and_told():
    library()
    rows, _, (fault,) = read(plain(_13=b"\x01\x02") * 3)
    assert len(rows) == 3
    assert fault.partly
    assert "a field of the KLV packet was left out" in fault.reason
    assert "here and in 2 packets more" in fault.reason


def test_long_lengths_are_read_where_the_checksum_holds():
    library()
    items = item(2, MICROS.to_bytes(8, "big")) + b"\x04\x81\x02AB" + item(65, b"\x13")
    data = sealed(items, size=b"\x81" + bytes([len(items) + 4]))
    (row,), _, faults = read(data)
    assert not faults
    assert row["sensor"] == "AB"


def test_packets_across_what_is_read_at_once(monkeypatch):
    library()
    monkeypatch.setattr(klv, "_AT_ONCE", 50)
    good = plain(**STANDARD)
    rows, _, faults = read(good * 5 + b"x")
    assert [row["locator"] for row in rows] == [
        f"bytes {len(good) * at}-{len(good) * (at + 1)}" for at in range(5)
    ]
    assert [fault.raw for fault in faults] == [b"x"]


def test_live():
    library()
    found = decode(plain(**STANDARD), MICROS + 250_000)
    (row,) = found[0].rows.to_pylist()
    assert row["received_at"] == MOMENT + timedelta(milliseconds=250)
    assert whole(plain() + plain()[:20]) == len(plain())
    assert whole(b"abc" + UAS[:3]) == 3


# Targets


@cache
def targets():
    """A packet with four targets: placed with errors and velocity; by the frame; not at all; not seen."""
    st0601, st0903 = library("stanag4609.st0601"), library("stanag4609.st0903")
    place = st0903.Location(45.1, -74.4, 60.0, 3.0, 4.0, 5.0, 0.5, 0.0, 0.0)
    tracker = st0903.VTrackerLocalSet(
        algorithm_id=1,
        track_history_series=(place, place),
        velocity=st0903.Velocity(3.0, -4.0, 0.0, 1.0, 1.0, 1.0),
    )
    ontology = st0903.OntologyLocalSet(1, "http://example.org/o", "http://example.org/o#Boat")
    algorithm = st0903.AlgorithmLocalSet(1, "finder", "1", "finder")
    series = (
        st0903.VTargetData(
            7,
            {1: 5, 5: 80, 17: place, 22: 1, 23: 1, 104: tracker, 107: (st0903.VObjectLocalSet(1, 0.9),)},
        ),
        st0903.VTargetData(8, {1: 6, 10: 0.01, 11: -0.02, 12: 50.0}),
        st0903.VTargetData(9, {1: 7}),
        st0903.VTargetData(10, {1: 8, 17: place, 23: 4}),
    )
    vmti = st0903.encode_vmti_local_set(
        {4: 6, 5: 4, 8: 1920, 9: 1080}, targets=series, algorithms=(algorithm,), ontologies=(ontology,)
    )
    values = {2: MOMENT, 65: 19, 13: 45.0, 14: -74.5, 75: 1500.0, 23: 45.1, 24: -74.4, 59: "OWL"}
    vmti = st0903.decode_vmti_local_set(vmti, standalone=False)
    return st0601.encode_uas_local_set(values | {74: vmti})


def test_targets_become_detections():
    (coverage,), (first, second), faults = read(targets())
    assert not faults
    assert (first["object"], first["sensor"], first["class"], first["status"]) == (
        "7",
        "OWL",
        "boat",
        "moving",
    )
    assert first["latitude"] == pytest.approx(45.1, abs=1e-5)
    assert first["longitude"] == pytest.approx(-74.4, abs=1e-5)
    assert first["confidence"] == 0.8
    assert first["var_east"] == pytest.approx(9.0, rel=0.02)
    assert first["var_north"] == pytest.approx(16.0, rel=0.02)
    assert first["cov_east_north"] == pytest.approx(6.0, rel=0.02)
    assert first["speed"] == pytest.approx(5.0, abs=0.1)
    assert first["course"] == pytest.approx(math.degrees(math.atan2(3, -4)), abs=1.0)
    assert first["sensor_latitude"] == pytest.approx(45.0, abs=1e-6)
    assert second["latitude"] == pytest.approx(45.11, abs=1e-5)
    assert second["longitude"] == pytest.approx(-74.42, abs=1e-5)
    assert second["altitude"] == pytest.approx(50.0, abs=0.5)
    says = json.loads(coverage["says"])
    assert (says["targets"], says["targets_not_seen"], says["targets_without_place"]) == (2, 1, 1)


# Where a sensor looked


def corners(points):
    return [
        tuple(float(one[0]) for one in to_wgs84(Origin(45.0, -74.5), np.array([e]), np.array([n])))
        for e, n in points
    ]


def test_a_frame_ahead():
    view = _of_corners(
        Origin(45.0, -74.5), 1000.0, corners([(-500, 3000), (500, 3000), (400, 2000), (-400, 2000)])
    )
    assert view.nearest == pytest.approx(math.hypot(2000, 1000), rel=1e-3)
    assert view.farthest == pytest.approx(math.hypot(math.hypot(500, 3000), 1000), rel=1e-3)
    assert view.left == pytest.approx(360 - math.degrees(math.atan2(400, 2000)), abs=0.01)
    assert view.right == pytest.approx(math.degrees(math.atan2(400, 2000)), abs=0.01)


def test_a_frame_below():
    view = _of_corners(
        Origin(45.0, -74.5), 1000.0, corners([(-500, 500), (500, 500), (500, -500), (-500, -500)])
    )
    assert (view.nearest, view.left, view.right) == (1000.0, 0.0, 0.0)


def test_corners_of_a_packet():
    library()
    half = 2**31 - 1

    def degrees(latitude, longitude):
        return [
            round(value / most * half).to_bytes(4, "big", signed=True)
            for value, most in ((latitude, 90), (longitude, 180))
        ]

    items = {"_13": degrees(45.0, -74.5)[0], "_14": degrees(45.0, -74.5)[1], "_75": bytes.fromhex("1870")}
    for tag, place in zip(
        (82, 84, 86, 88), corners([(-500, 3000), (500, 3000), (400, 2000), (-400, 2000)]), strict=True
    ):
        items[f"_{tag}"], items[f"_{tag + 1}"] = degrees(*place)
    (row,), _, faults = read(plain(**items))
    assert not faults
    assert row["azimuth_to"] == pytest.approx(math.degrees(math.atan2(400, 2000)), abs=0.01)
    assert row["nearest"] == pytest.approx(math.hypot(2000, row["altitude"]), rel=1e-3)


@settings(deadline=None, max_examples=draws(50))
@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-2e4, 2e4), st.floats(-2e4, 2e4))
def test_planes_there_and_back(latitude, longitude, east, north):
    zero = Origin(latitude, longitude)
    back = from_wgs84(zero, *to_wgs84(zero, np.array([east]), np.array([north])))
    assert np.column_stack(back)[0] == pytest.approx(
        [east, north], abs=1.5
    )  # the plane is 31 m above, 20 km out


# Transport streams


@cache
def transported():
    transport, st0601 = library("stanag4609.transport"), library("stanag4609.st0601")
    muxer = transport.TransportMuxer(
        transport_stream_id=1,
        program_number=1,
        program_map_pid=256,
        pcr_pid=497,
        streams=[transport.asynchronous_klv_stream(497)],
    )
    sent = [
        st0601.encode_uas_local_set(
            {2: MOMENT + timedelta(seconds=at), 65: 19, 59: "OWL", 13: 45.0, 14: -74.0}
        )
        for at in range(4)
    ]
    packets = list(muxer.program_tables())
    for one in sent:
        packets += muxer.mux_async_klv(497, one)
    return b"".join(packets), sent


def test_a_transport_stream():
    data, sent = transported()
    rows, _, faults = read(data)
    assert not faults
    assert [row["observed_at"] for row in rows] == [MOMENT + timedelta(seconds=at) for at in range(4)]
    assert [klv.piece(BytesIO(data), row["locator"]) for row in rows] == sent
    assert rows[1]["locator"].startswith("pid 497, bytes ")
    assert klv.sniff(Head("x.ts", data)) == 0.6
    assert klv.piece(BytesIO(data), "pid 1, bytes 0-4") is None


def test_a_transport_stream_without_klv():
    library()
    with pytest.raises(FormatError, match="transport stream without KLV"):
        read((b"\x47\x1f\xff\x10" + bytes(184)) * 20)


@settings(deadline=None, max_examples=draws(30))
@given(st.data())
def test_damaged_transport_streams(data):
    whole_stream, _ = transported()
    damaged = bytearray(whole_stream)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(FormatError):
        read(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


# Damage


@settings(deadline=None, max_examples=draws(100))
@given(st.data())
def test_every_byte_is_in_a_row_or_a_fault(data):
    """Of damaged streams too: packets that are read, and faults, lie one behind the other."""
    stream = plain(**STANDARD) + targets() + b"?" + plain()
    damaged = bytearray(stream)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    with suppress(FormatError):
        rows, found, faults = read(cut)
        places = {row["locator"] for row in (*rows, *found)} | {
            one.locator for one in faults if not one.partly
        }
        spans = sorted(tuple(map(int, one.split(" ")[1].split("-"))) for one in places)
        assert sum(end - start for start, end in spans) == len(cut)
        for one in faults:
            assert klv.piece(BytesIO(cut), one.locator) == one.raw
    decode(cut, MICROS)


@settings(deadline=None, max_examples=draws(100))
@given(st.lists(st.tuples(st.integers(2, 142), st.binary(max_size=20)), max_size=6))
def test_random_fields_under_a_right_checksum(fields):
    library()
    body = b"".join(
        bytes([tag] if tag < 128 else [0x81, tag & 0x7F]) + bytes([len(value)]) + value
        for tag, value in fields
    )
    decode(sealed(body), MICROS)
    decode(sealed(item(2, MICROS.to_bytes(8, "big")) + item(65, b"\x13") + body), MICROS)


@settings(deadline=None, max_examples=draws(60))
@given(st.binary(max_size=200))
def test_random_bytes(data):
    library()
    with suppress(FormatError):
        read(data)
    decode(data, MICROS)
    klv.sniff(Head("x", data))
    assert sum(one.end - one.start for one in pieces(data, final=True)) == len(data)


def test_many_keys_are_no_burden():
    library()
    data = (UAS + b"\x83\x0f\xff\xff") * 20_000
    assert len(list(pieces(data, final=True))) == 20_000
    data = (klv.PREFIX + b"\x83") * 20_000
    assert sum(one.end - one.start for one in pieces(data, final=True)) == len(data)


# The format


def test_sniffing_and_the_registry():
    form = recognise(Head("x", plain()))
    assert form is not None
    assert form.name == "klv"
    assert klv.sniff(Head("x", b"junk" + plain())) == 0.5
    for other in (b"", b"hello", b"t,x,y\n1,2,3\n", b"\x47" * 100, bytes(5000), b"<xml/>"):
        assert klv.sniff(Head("x", other)) == 0.0


def test_files_of_something_else():
    library()
    with pytest.raises(FormatError, match="there is no key in its first"):
        read(b"hello")
    with pytest.raises(FormatError, match="no file of KLV"):
        read(b"")


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch):
    def missing(name):
        raise ImportError(name)

    klv_library.library.cache_clear()
    monkeypatch.setattr(klv_library, "import_module", missing)
    with pytest.raises(FormatError, match=r"pip install 'watchfloor\[klv\]'"):
        read(plain())
    klv_library.library.cache_clear()
