"""AIS messages from bytes: pyais is the oracle; it does not matter how a stream is cut."""

from random import Random

import numpy as np
import pyais
import pyarrow as pa
import pytest
from benchmarks.surveillance.decoding_oracles import differences, of_pyais
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais.messages import MSG_CLASS
from tests.formats.ais import PLACES, TIME, log, random_messages, random_payload, sentence, tagged
from tests.formats.lists import DATA, public
from tests.thorough import draws

from watchfloor.formats.sensors.ais.decode import Decoded, Stream, decode, details, finish, messages
from watchfloor.formats.sensors.ais.encode import checksum, lines
from watchfloor.formats.sensors.ais.sentences import (
    BLANK,
    CHECKSUM,
    EMPTY,
    INCOMPLETE,
    LETTERS,
    LONG,
    MALFORMED,
    MESSAGE,
    NO_CHECKSUM,
    NO_SENTENCE,
    OTHER,
    REPEATED,
    SHORT,
    UNKNOWN,
    WAITING,
)
from watchfloor.formats.sensors.log_times import NEVER


def _decode(*lines: str | bytes) -> Decoded:
    text = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    return decode(text, None, Stream())


def _codes(*lines: str | bytes) -> list[int]:
    return _decode(*lines).codes.tolist()


def _told(decoded: Decoded) -> list[dict]:
    """Messages with their details."""
    more = {row.pop("message"): row for row in details(decoded).to_pylist()}
    every = messages(decoded).to_pylist()
    return [
        {**more.get(i, {}), **{k: v for k, v in one.items() if v is not None}} for i, one in enumerate(every)
    ]


def _compared(given: list[list[str]], decoded: Decoded) -> tuple[int, int]:
    """Fields that were compared with pyais', and that differ."""
    fields = wrong = 0
    for sentences, ours in zip(given, _told(decoded), strict=True):
        theirs = pyais.decode(*(line.rpartition("\\")[2].encode() for line in sentences))
        told = of_pyais(theirs)
        assert ours["type"] == theirs.msg_type
        fields += len(told)
        wrong += sum(1 for _ in differences(ours, told))
    return fields, wrong


@pytest.mark.parametrize("seed", range(3))
def test_fields_of_any_bits_are_those_of_pyais(seed):
    given = random_messages(seed, 500)
    fields, wrong = _compared(given, decode(log(given), None, Stream()))
    assert fields > 5_000
    assert wrong == 0


def test_what_pyais_encodes_is_read():
    draw = Random(4)
    given = []
    for kind in (1, 2, 3, 4, 5, 9, 18, 19, 21, 24, 27):
        for _ in range(20):
            fields = {
                "type": kind,
                "mmsi": draw.randrange(200_000_000, 776_000_000),
                "lat": round(draw.uniform(-90, 90), 5),
                "lon": round(draw.uniform(-180, 180), 5),
                "speed": draw.randrange(63),
                "course": draw.randrange(360),
                "heading": draw.randrange(360),
                "second": draw.randrange(60),
                "shipname": "".join(draw.choices("ABCDEFGHIJ 0123", k=12)).strip(),
                "callsign": "".join(draw.choices("VCXY123", k=6)),
                "imo": 9_074_729,
                "partno": draw.randrange(2),
                "draught": draw.randrange(1, 255) / 10,
                "destination": "KINGSTON",
            }
            known = {field.name for field in MSG_CLASS[kind].fields()} if kind != 24 else set(fields)
            taken = {name: value for name, value in fields.items() if name in known or name == "type"}
            given.append(pyais.encode_dict(taken, talker_id="AI", seq_id=len(given) % 10))
    fields, wrong = _compared(given, decode(log(given), None, Stream()))
    assert fields > 1_500
    assert wrong == 0


def test_the_public_sample_is_read_as_pyais_reads_it():
    data = public(DATA / "surveillance" / "nmea_data_sample.txt").read_bytes()
    decoded = decode(data if data.endswith(b"\n") else data + b"\n", None, Stream())
    given = [[line] for line in data.decode().split("\r\n") if line[7:10] == "1,1" and ",,0*2" not in line]
    assert len(decoded) == len(given) == 778
    fields, wrong = _compared(given, decoded)
    assert wrong <= fields / 1_000


@pytest.mark.parametrize("kind", [6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 20, 22, 23, 25, 26])
def test_of_other_types_the_sender_is_read(kind):
    (ours,) = _told(_decode(*lines(*random_payload(kind, Random(kind)))))
    (line,) = lines(*random_payload(kind, Random(kind)))
    assert (ours["type"], ours["mmsi"]) == (kind, int(pyais.decode(line.encode()).mmsi))


def test_a_field_that_a_message_is_too_short_for_is_none():
    whole, _ = random_payload(1, Random(0))
    (short,) = _told(_decode(*lines(whole[:14], 0)))
    (full,) = _told(_decode(*lines(whole, 0)))
    assert {name: full[name] for name in ("mmsi", "status", "speed") if name in full} == {
        name: short[name] for name in ("mmsi", "status", "speed") if name in short
    }
    assert not {"longitude", "latitude", "course"} & short.keys()


GOOD = sentence(1, longitude=-45_000_000, latitude=26_000_000)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (GOOD, MESSAGE),
        ("  " + GOOD + "  \r", MESSAGE),
        ("", BLANK),
        (" \r", BLANK),
        ("# a comment", OTHER),
        ("$GPZDA,120000.00,14,07,2026,00,00*65", OTHER),
        ("!AIABM,1,1,0,0,0,8,00000000000,2*31", OTHER),
        ("!AIVDM,1,1,,B,,0*25", EMPTY),
        ("nothing", NO_SENTENCE),
        (b"\xff\x00\x01\xfe", NO_SENTENCE),
        ("!AIVDM", NO_SENTENCE),
        ("\\s:x*00\\", NO_SENTENCE),
        ("\\s:never closed", NO_SENTENCE),
        (GOOD + "x" * 5000, LONG),
        (GOOD[:-3], NO_CHECKSUM),
        (GOOD[:-1], NO_CHECKSUM),
        (GOOD[:-2] + "zz", NO_CHECKSUM),
        (GOOD.replace(",A,", ",B,"), CHECKSUM),
        (GOOD + GOOD, CHECKSUM),
        ("!AIVDM,1,2,,A,13u?,0*00", MALFORMED),
        ("!AIVDM,0,0,,A,13u?,0*00", MALFORMED),
        ("!AIVDM,1,1,A,13u?,0*00", MALFORMED),
        ("!AIVDM,1,1,,A,13u?,7*00", MALFORMED),
        ("!AIVDM,1,1,,A,1~u?,0*00", LETTERS),
        ("!AIVDM,1,1,,A,0000000,0*00", UNKNOWN),
        ("!AIVDM,1,1,,A,t000000,0*00", UNKNOWN),
        ("!AIVDM,1,1,,A,100,0*00", SHORT),
        (sentence(1).replace("AIVDM", "ABVDM"), CHECKSUM),
    ],
)
def test_each_line_is_accounted_for(line, code):
    if isinstance(line, str) and line.endswith("*00") and line.startswith("!"):
        line = f"{line[:-2]}{checksum(line[1:-3])}"
    assert _codes(line) == [code]


@pytest.mark.parametrize(
    "line",
    [
        tagged(GOOD, "c:1790000000"),
        tagged(GOOD, "s:r1,c:1790000000,n:4"),
        tagged(GOOD, "c:1790000000000"),
        tagged(tagged(GOOD, "c:1790000000"), "g:1-1-77"),
        "1790000000 " + GOOD,
        "1790000000000,!" + GOOD[1:],
        "2026-09-21T14:13:20Z " + GOOD,
        "[2026-09-21 15:13:20.000+01:00] " + GOOD,
        GOOD + ",1790000000",
        GOOD + ",s25194,d-102,T46.08,x87829,r08JHAL1,1790000000",
        GOOD + "\t2026/09/21 14:13:20",
    ],
)
def test_times_beside_a_sentence(line):
    decoded = _decode(line)
    assert decoded.time.tolist() == [TIME]
    assert _told(decoded)[0]["time"].timestamp() == TIME / 1e6


@pytest.mark.parametrize("time", ["x790000000", "0000000001", "179000000", "", "-179000000", "1790000000x"])
def test_a_tag_block_may_state_no_time(time):
    assert _decode(tagged(GOOD, f"c:{time}")).time.tolist() == [
        TIME if time.startswith("1790000000") else NEVER
    ]


def test_a_tag_block_that_is_damaged_is_not_used():
    line = tagged(GOOD, "s:r1,c:1790000000").replace("c:17", "c:18")
    decoded = _decode(line)
    assert decoded.codes.tolist() == [MESSAGE]
    assert decoded.broken.tolist() == [True]
    assert decoded.time.tolist() == [NEVER]
    assert "source" not in _told(decoded)[0]


def test_the_tag_block_names_the_receiver():
    assert _told(_decode(tagged(GOOD, "s:station 4,c:1790000000")))[0]["source"] == "station 4"


def _parts(sequence: int, seed: int = 5, micros: int | None = None) -> list[str]:
    return list(lines(*random_payload(5, Random(seed)), micros, sequence=sequence))


def test_parts_come_in_any_order_and_with_others_between():
    one, two = _parts(1, 5), _parts(2, 6)
    decoded = _decode(one[1], two[0], GOOD, one[0], two[1])
    assert decoded.codes.tolist() == [MESSAGE] * 5
    assert messages(decoded)["type"].to_pylist() == [1, 5, 5]
    assert decoded.line.tolist() == [2, 3, 4]
    assert decoded.first.tolist() == [2, 0, 1]


def test_a_part_that_is_repeated_is_taken_once():
    one = _parts(1)
    assert _codes(one[0], one[0], one[1]) == [MESSAGE, REPEATED, MESSAGE]


def test_another_message_of_the_same_number_gives_up_the_first():
    old, new = _parts(1, 5), _parts(1, 6)
    assert _codes(old[0], new[0], new[1]) == [INCOMPLETE, MESSAGE, MESSAGE]


def test_parts_that_are_far_apart_are_no_message():
    one = _parts(1)
    assert _codes(one[0], *[GOOD] * 255, one[1])[-1] == MESSAGE
    assert _codes(one[0], *[GOOD] * 256, one[1])[::257] == [INCOMPLETE, WAITING]
    late = [_parts(1, micros=TIME)[0], _parts(1, micros=TIME + 61_000_000)[1]]
    assert _codes(*late) == [WAITING, WAITING]


def test_only_so_many_messages_wait():
    waiting = [
        part.replace(",A,", f",{chr(65 + i)},") for i in range(25) for s in range(3) for part in _parts(s)[:1]
    ]
    bodies = [line[1 : line.index("*")] for line in waiting]
    decoded = _decode(*(f"!{body}*{checksum(body)}" for body in bodies))
    assert np.count_nonzero(decoded.codes == WAITING) == 64
    assert decoded.codes.tolist() == [INCOMPLETE] * 11 + [WAITING] * 64


def test_what_waits_at_the_end_is_given_up():
    stream = Stream()
    decode((_parts(3)[0] + "\n").encode(), None, stream)
    assert finish(stream).codes.tolist() == [INCOMPLETE]
    assert stream.waiting == []


def _damaged(seed: int) -> list[bytes]:
    """Lines of a log in which some are lost, repeated, damaged or out of order."""
    draw = Random(seed)
    found = [line.encode() for message in random_messages(seed, 60) for line in message]
    found += [
        bytes(draw.randrange(256) for _ in range(draw.randrange(60))).replace(b"\n", b"") for _ in range(8)
    ]
    for _ in range(20):
        at = draw.randrange(len(found))
        line = bytearray(found[at] or b"!")
        line[draw.randrange(len(line))] ^= 1 << draw.randrange(7)
        found[at] = bytes(line).replace(b"\n", b"")
    found += draw.choices(found, k=20)
    for _ in range(30):
        i, j = draw.randrange(len(found)), draw.randrange(len(found))
        found[i], found[j] = found[j], found[i]
    return found


def _in_pieces(lines: list[bytes], cuts: list[int]) -> tuple[pa.Table, list[tuple]]:
    stream, tables, codes = Stream(), [], []
    for a, b in zip([0, *cuts], [*cuts, len(lines)], strict=True):
        stream = Stream.thaw(stream.freeze())
        buffer = b"".join(line + b"\n" for line in lines[a:b])
        for decoded in (decode(buffer, 7, stream), *((finish(stream),) if b == len(lines) else ())):
            tables.append(messages(decoded))
            settled = decoded.codes != WAITING
            codes += zip(
                decoded.lines.numbers[settled].tolist(), decoded.codes[settled].tolist(), strict=True
            )
    return pa.concat_tables(tables), sorted(codes)


@settings(max_examples=draws(40), deadline=None)
@given(st.integers(0, 1000), st.lists(st.integers(0, 107), max_size=12))
def test_it_does_not_matter_how_a_stream_is_cut(seed, cuts):
    lines = _damaged(seed)
    whole, codes = _in_pieces(lines, [])
    assert [number for number, _ in codes] == list(range(1, len(lines) + 1))
    assert _in_pieces(lines, sorted(min(cut, len(lines)) for cut in cuts)) == (whole, codes)


@pytest.mark.parametrize("table", [pa.table({"a": [1]}), Stream().freeze().slice(1)])
def test_a_state_that_is_none_is_refused(table):
    with pytest.raises(ValueError, match="remembered"):
        Stream.thaw(table)


def test_every_place_of_the_tables_is_tried():
    assert {
        messages(_decode(*lines(*random_payload(place, Random(place)))))["type"][0].as_py()
        for place in PLACES
    } == {*(1, 2, 3, 4, 5, 9, 11, 18, 19, 21, 24, 27)}
