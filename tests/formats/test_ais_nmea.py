"""Files of AIS as rows of detections: what a row says, when it was, what is refused, and writing them."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.ais import TIME, log, random_messages, random_payload, sentence, tagged
from tests.formats.lists import DATA, public
from tests.thorough import draws

from watchfloor.core.kinds import DETECTION
from watchfloor.core.subjects import parts, subject
from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.registry import FORMATS, recognise
from watchfloor.formats.sensors.ais.encode import lines, payload
from watchfloor.formats.sensors.ais.nmea import piece, read, sniff, write
from watchfloor.formats.sensors.ais.tables import STATIC_B, STATIC_B_AUXILIARY
from watchfloor.formats.sensors.wires.faults import count

AT = datetime.fromtimestamp(TIME // 1_000_000, UTC)
T = f"{TIME // 1_000_000} "


def _pieces(text: str | bytes, **options) -> list[Batch | Fault]:
    data = text.encode() if isinstance(text, str) else text
    return list(read(BytesIO(data), "log.nmea", **options))


def _rows(text: str | bytes, **options) -> list[dict]:
    """Rows without what is null; `says` as an object."""
    found = []
    for batch in _pieces(text, **options):
        if isinstance(batch, Batch):
            assert batch.rows.schema == DETECTION.body
            found += [{k: v for k, v in row.items() if v is not None} for row in batch.rows.to_pylist()]
    return [{**row, "says": json.loads(row["says"])} for row in found]


def _row(place: int, **fields: int | str) -> dict:
    text = "\n".join(lines(*payload(place, {"mmsi": 316001234, **fields}), TIME))
    (row,) = _rows(text)
    return row


def test_a_position_report():
    line = sentence(
        1, longitude=-45_900_000, latitude=26_460_000, speed=123, course=912, heading=90, status=7, turn=20,
        accuracy=1, second=19, raim=1,
    )  # fmt: skip
    (row,) = _rows(tagged(line, f"s:tower 3,c:{TIME // 1_000_000}"))
    assert row.pop("says") == {
        "accurate": True, "channel": "A", "raim": True, "second": 19, "turn": 17.9, "type": 1,
    }  # fmt: skip
    assert row == {
        "observed_at": AT, "locator": "line 1", "sensor": "tower 3", "latitude": 44.1, "longitude": -76.5,
        "var_east": 100.0, "var_north": 100.0, "cov_east_north": 0.0, "speed": 12.3 * 1852 / 3600,
        "course": 91.2, "heading": 90.0, "class": "boat", "claimed": "vessel:mmsi:316001234",
        "status": "fishing",
    }  # fmt: skip


def test_what_is_not_available_is_null():
    row = _row(1)
    assert row.keys() == {"observed_at", "locator", "class", "claimed", "says"}
    assert row["says"] == {"accurate": False, "channel": "A", "type": 1}


def test_a_speed_off_the_scale_is_a_bound_and_no_speed():
    row = _row(1, speed=1022)
    assert "speed" not in row
    assert row["says"]["speed_at_least"] == 52.6
    assert _row(9, speed=10_220)["speed"] == pytest.approx(1022 * 1852 / 3600)


@pytest.mark.parametrize(("second", "fix"), [(61, "manual"), (62, "dead reckoning"), (63, "inoperative")])
def test_a_place_that_no_satellites_found_has_no_known_error(second, fix):
    row = _row(1, longitude=1, latitude=1, second=second)
    assert "var_east" not in row
    assert row["says"]["fix"] == fix


def test_a_place_that_is_rounded_has_a_larger_error():
    row = _row(27, longitude=0, latitude=60 * 600_000)
    assert row["var_north"] == pytest.approx(900 + 185.2**2 / 12)
    assert row["var_east"] == pytest.approx(900 + 185.2**2 / 12 / 4)


@pytest.mark.parametrize(
    ("place", "mmsi", "claimed", "class_"),
    [
        (1, 316001234, "vessel:mmsi:316001234", "boat"),
        (18, 812345678, "vessel:mmsi:812345678", "boat"),
        (18, 983160001, "vessel:mmsi:983160001", "boat"),
        (9, 111316001, "aircraft:mmsi:111316001", "aircraft"),
        (1, 111316001, "aircraft:mmsi:111316001", "aircraft"),
        (9, 316001234, "aircraft:mmsi:316001234", "aircraft"),
        (4, 3160001, "place:mmsi:003160001", "unknown"),
        (21, 993160001, "place:mmsi:993160001", "unknown"),
        (1, 970001234, "vessel:mmsi:970001234", "boat"),
        (1, 972001234, "vessel:mmsi:972001234", "person"),
        (1, 123456789, None, "unknown"),
        (1, 0, None, "unknown"),
        (1, 1_073_741_823, None, "unknown"),
    ],
)
def test_who_claims_to_speak(place, mmsi, claimed, class_):
    row = _row(place, mmsi=mmsi)
    assert (row.get("claimed"), row["class"]) == (claimed, class_)
    assert row["says"].get("mmsi") == (None if claimed else f"{mmsi:09}")
    if claimed:
        assert subject(*parts(claimed)) == claimed


def test_a_beacon_of_distress_says_so():
    assert _row(1, mmsi=972001234, status=14)["status"] == "emergency beacon active"
    assert _row(1, mmsi=970001234)["status"] == "emergency beacon under test"


def test_static_messages_are_rows_without_a_place():
    row = _row(
        5, imo=9074729, callsign="VC 12", name="  LA \"B\" \\ ", ship_type=71, bow=100, stern=20, port=5,
        starboard=10, draught=71, destination="KINGSTON", month=7, day=14, hour=9, minute=5, epfd=1,
    )  # fmt: skip
    assert row["name"] == 'LA "B" \\'
    assert "latitude" not in row
    assert row["says"] == {
        "beam": 15, "bow": 100, "callsign": "VC 12", "channel": "A", "craft": "cargo",
        "destination": "KINGSTON", "draught": 7.1, "eta": "07-14T09:05", "fixed_by": "GPS", "imo": 9074729,
        "length": 120, "port": 5, "ship_type": 71, "type": 5,
    }  # fmt: skip


def test_an_aid_to_navigation():
    row = _row(21, mmsi=993160001, name="A NAME OF TWENTY LET", extension="TERS", aid=5, off_position=1)
    assert (row["name"], row["status"]) == ("A NAME OF TWENTY LETTERS", "aid to navigation off position")
    assert row["says"]["aid"] == "light"
    assert row["says"]["off_position"]


def test_a_message_in_two_sentences_is_found_again():
    text = "\n".join(
        [*lines(*random_payload(5, Random(1)), TIME), *lines(*random_payload(1, Random(1)), TIME)]
    )
    assert [row["locator"] for row in _rows(text)] == ["lines 1-2", "line 3"]
    assert piece(BytesIO(text.encode()), "lines 1-2") == "\n".join(text.split("\n")[:2]).encode()
    assert piece(BytesIO(text.encode()), "item 7") is None


def test_a_file_without_times_is_refused_with_what_to_do():
    with pytest.raises(FormatError, match="base_time = "):
        _pieces(sentence(1, second=10))


def test_base_stations_tell_the_time_of_others():
    base = {"year": 2026, "month": 7, "day": 14, "hour": 9}
    text = "\n".join(
        [
            sentence(1, second=57),
            sentence(1, second=58),
            sentence(24, name="X"),
            sentence(4, mmsi=3160001, minute=30, second=1, **base),
            sentence(1, second=0),
            sentence(1, second=40),
            sentence(1, second=3),
            sentence(24, name="Y"),
            sentence(4, mmsi=3160001, minute=32, second=0, **base),
            sentence(18, second=59),
        ]
    )
    rows = _rows(text)
    start = datetime(2026, 7, 14, 9, 29, tzinfo=UTC)
    seconds = [(row["observed_at"] - start).total_seconds() for row in rows]
    assert seconds == [57, 58, 58, 61, 60, 40, 63, 63, 180, 179]
    assert {row["says"]["clock"] for row in rows} == {"base stations"}


def test_a_person_says_when_a_file_began():
    text = "\n".join(sentence(1, second=s) for s in (10, 12, 11, 59, 17))
    begun = datetime(2026, 7, 14, 9, 30, 9, tzinfo=UTC)
    rows = _rows(text, base_time=begun)
    assert [row["observed_at"] - begun for row in rows] == [timedelta(seconds=s) for s in (1, 3, 2, -10, 8)]
    assert {row["says"]["clock"] for row in rows} == {"base_time"}


def test_lines_that_carry_no_message_are_told_once():
    text = f"# log\n{T}{sentence(1)}\n!AIVDM,1,1,,B,,0*25\n!AIVDM,1,1,,B,,0*25\n\n"
    notes = [piece for piece in _pieces(text) if isinstance(piece, Fault)]
    assert all(note.partly for note in notes)
    assert [(note.locator, note.reason.split(": ")[1]) for note in notes] == [
        ("line 3", "2, this one first"),
        ("line 1", "this one"),
    ]


def test_many_broken_lines_are_few_faults_with_all_their_bytes():
    broken = [f"{i} no sentence" for i in range(5_000)]
    pieces = _pieces("\n".join([T + sentence(1), *broken]))
    faults = [piece for piece in pieces if isinstance(piece, Fault)]
    assert len(faults) < 5
    assert sum(count(fault) for fault in faults) == 5_000
    assert b"\n".join(fault.raw for fault in faults) == "\n".join(broken).encode()


def test_the_public_sample():
    data = public(DATA / "surveillance" / "nmea_data_sample.txt").read_bytes()
    rows = _rows(data)
    assert len(rows) == 778
    assert rows[0]["observed_at"] == datetime(2015, 6, 21, 9, 30, 9, tzinfo=UTC)
    assert rows[-1]["observed_at"] == datetime(2015, 6, 21, 9, 31, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "sure"),
    [
        (log(random_messages(1, 5)), True),
        ((T + sentence(1)).encode(), True),
        (b"$GPZDA,120000.00,14,07,2026,00,00*65\n" * 9 + sentence(1).encode(), True),
        (b"$GPZDA,120000.00,14,07,2026,00,00*65\n" * 9, False),
        (b"\n" * 100, False),
        (b"a,b\n1,2\n", False),
        (b"!AIVDM\n" * 9, False),
        (b"a text about !AIVDM,1,1,\n" + b"more text\n" * 9, False),
    ],
)
def test_files_are_recognised(data, sure):
    assert sniff(Head("x", data)) == (0.96 if sure else 0.0)
    if sure:
        assert recognise(Head("x", data)) is FORMATS["ais-nmea"]


NAME = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789\"\\'-.?[]^_", min_size=1, max_size=20)


@settings(max_examples=draws(30), deadline=None)
@given(st.integers(0, 10_000))
def test_rows_that_are_written_read_the_same(seed):
    pieces = _pieces(log(random_messages(seed, 12)))
    first = pa.concat_tables([piece.rows for piece in pieces if isinstance(piece, Batch)])
    written = _written(first)
    second = _table(written)
    assert _plain(second) == _plain(first)
    assert _written(second) == written


@settings(max_examples=draws(40), deadline=None)
@given(
    st.sampled_from([5, 24]),
    NAME,
    st.integers(1_000_000_000_000_000, 4_000_000_000_000_000),
    st.one_of(st.none(), st.floats(-80, 80)),
    st.floats(-180, 180),
    st.one_of(st.none(), st.floats(0, 50)),
)
def test_rows_of_others_are_written_as_messages(kind, name, micros, latitude, longitude, speed):
    row = dict.fromkeys(DETECTION.body.names) | {
        "observed_at": datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros),
        "locator": "row 1",
        "claimed": "vessel:mmsi:316001234",
    }
    named = row | {"name": name, "says": '{"imo":9074729}' if kind == 5 else None}
    placed = row | {"latitude": latitude, "longitude": longitude, "speed": speed}
    written = _written(pa.Table.from_pylist([named, placed], DETECTION.body))
    second, *rest = reversed(_table(written).to_pylist())
    assert second["observed_at"] == row["observed_at"]
    assert (rest[0]["name"] or "") == name.strip()
    if latitude is not None:
        assert second["latitude"] == pytest.approx(latitude, abs=1e-6)
        assert second["longitude"] == pytest.approx(longitude, abs=1e-6)
        assert second["speed"] == (speed and pytest.approx(speed, abs=0.03)) or not speed


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"claimed": None}, "claims nothing"),
        ({"claimed": "person:x:1"}, "person:x:1"),
        ({"says": '{"type":8}'}, "8"),
    ],
)
def test_a_row_that_no_message_says_is_refused(change, why):
    row = dict.fromkeys(DETECTION.body.names) | {"observed_at": AT, "locator": "row 1"}
    row |= {"claimed": "vessel:mmsi:316001234"} | change
    with pytest.raises(FormatError, match=why):
        _written(pa.Table.from_pylist([row], DETECTION.body))


def _written(table: pa.Table) -> bytes:
    stream = BytesIO()
    write([Batch(DETECTION, table)], stream)
    return stream.getvalue()


def _table(data: bytes) -> pa.Table:
    return pa.concat_tables([piece.rows for piece in _pieces(data) if isinstance(piece, Batch)])


def _plain(table: pa.Table) -> list[dict]:
    return table.drop_columns(["locator"]).to_pylist()


@settings(max_examples=draws(25), deadline=None)
@given(st.binary(max_size=400), st.integers(0, 100), st.integers(1, 300))
def test_no_bytes_are_an_exception(noise, seed, size):
    draw = Random(seed)
    data = bytearray(log(random_messages(seed, 20)) + noise)
    for _ in range(draw.randrange(30)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    cut = bytes(data[: draw.randrange(len(data))])
    try:
        pieces = _pieces(cut)
        small = _pieces(cut, size=size)
    except FormatError:  # no line is left that states a time
        return
    assert [p for p in small if isinstance(p, Batch)] == [] or _joined(small) == _joined(pieces)


def _joined(pieces: list[Batch | Fault]) -> pa.Table:
    return pa.concat_tables([piece.rows for piece in pieces if isinstance(piece, Batch)]).combine_chunks()


def test_forms_of_static_part_b_are_written():
    for place, mmsi in ((STATIC_B, 316001234), (STATIC_B_AUXILIARY, 983160001)):
        text = "\n".join(
            lines(*payload(place, {"mmsi": mmsi, "part": 1, "callsign": "VC1", "mothership": 5}), TIME)
        )
        table = _table(text.encode())
        assert _plain(_table(_written(table))) == _plain(table)
