"""Streams of events: cut anywhere, both encodings in turn, with junk between them."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.cot.made import event, read
from tests.formats.cot.test_reading import _message
from tests.thorough import draws

from watchfloor.formats.sensors.cot import stream
from watchfloor.formats.sensors.cot.stream import MAX_BYTES
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.wires.batch import Heard

DECLARED = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TAK = b"\xbf" + codec.varint(len(_message())) + _message()
PARTS = [
    DECLARED + event(uid="A"),
    event(uid="B"),
    TAK,
    b"\n\n" + DECLARED + event(uid="C", type_="t-x-c-t"),
    TAK,
    b"junk",
    event(uid="D", point=""),
    b"<events>" + event(uid="E"),
    b"<event uid='cut'>" + event(uid="F"),
    event(uid="G").replace(b"</event>", b"</event \n>"),
    b"</events>",
]
DATA = b"".join(PARTS)


def _told(pieces: list[bytes]) -> tuple[list, list]:
    found = stream.read([Heard(None, pieces, [0] * len(pieces))])
    rows = [row for one in found.read for row in one.rows.to_pylist()]
    return rows, [(fault.locator, fault.reason, fault.raw) for _, fault in found.faults]


WHOLE = _told([DATA])


def test_a_stream_of_all_sorts():
    rows, faults = WHOLE
    assert [row["object"] for row in rows] == ["A", "B", "ANDROID-1", "ANDROID-1", "E", "F", "G"]
    assert [reason.partition(":")[0] for _, reason, _ in faults] == [
        "these bytes are no Cursor on Target event; what follows was read",
        "this Cursor on Target event is invalid",
        "an event ended before it was whole",
    ]
    assert [raw for _, _, raw in faults] == [b"junk", event(uid="D", point=""), b"<event uid='cut'>"]
    for row in rows:
        start, end = map(int, row["locator"].removeprefix("bytes ").split("-"))
        assert DATA[start:end].strip().startswith((b"<", b"\xbf"))


@settings(max_examples=draws(60))
@given(st.lists(st.integers(0, len(DATA)), max_size=6))
def test_how_a_stream_is_cut_does_not_matter(cuts):
    edges = [0, *sorted(cuts), len(DATA)]
    rest, pieces = b"", []
    for a, b in pairwise(edges):
        rest += DATA[a:b]
        end = stream.whole(rest)
        pieces.append(rest[:end])
        rest = rest[end:]
    assert _told([*pieces, rest]) == WHOLE


@settings(max_examples=draws(150))
@given(st.data())
def test_no_damage_stops_the_reader(data):
    raw = bytearray(DATA)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[at] = data.draw(st.integers(0, 255))
        else:
            del raw[at : at + data.draw(st.integers(1, 40))]
    _told([bytes(raw)])


@given(st.lists(st.sampled_from([b"<", b">", b"/", b"event", b"\xbf", b"\x01", b" ", b"<?xml", b"</event>"])))
def test_any_words_are_read(words):
    _told([b"".join(words)])


def test_an_event_without_end_is_found_out():
    bomb = event().removesuffix(b"</detail></event>") + b"<a>" * (MAX_BYTES // 3)
    with pytest.raises(ValueError, match="does not end within 262,144 bytes"):
        stream.whole(bomb)
    rows, faults = read(bomb + event(uid="AFTER"))
    assert [row["object"] for row in rows] == ["AFTER"]
    assert "does not end within" in faults[0]


def test_a_length_that_no_message_has():
    data = b"\xbf" + codec.varint(MAX_BYTES + 1) + b"x" * 50
    with pytest.raises(ValueError, match="does not end within"):
        stream.whole(data)
    rows, faults = read(data + event())
    assert len(rows) == len(faults) == 1
    assert stream.whole(b"\xbf\xff\xff") == 0
    with pytest.raises(ValueError, match="does not end within"):
        stream.whole(b"\xbf" + b"\xff" * 12)


def test_what_is_cut_short():
    rows, faults = read(event() + event()[:-3])
    assert len(rows) == 1
    assert "cut short" in faults[0]
    assert stream.whole(event() + event()[:-3]) == len(event())


def test_datagrams_are_one_event_each():
    mesh = b"\xbf\x01\xbf" + _message()
    rows, faults = read(mesh, event(uid="B"), mesh)
    assert ([row["object"] for row in rows], faults) == (["ANDROID-1", "B", "ANDROID-1"], [])


def test_a_flood_of_one_fault_is_few():
    _, faults = read(event(point="") * 3000)
    assert len(faults) < 40
    assert "pieces from here to bytes" in faults[0]


def test_nothing_is_remembered():
    assert stream.thaw(stream.freeze(stream.nothing())) is None
    with pytest.raises(ValueError, match="nothing is remembered"):
        stream.thaw(b"x")
