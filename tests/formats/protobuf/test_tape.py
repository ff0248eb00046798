"""Many messages at once, beside the codec that reads them one by one."""

import json

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from tests.formats.protobuf.test_codec import _OUTER, SCHEMA

from watchfloor.formats.sensors.protobuf import codec, tape, tidy
from watchfloor.formats.sensors.protobuf.codec import WireError
from watchfloor.formats.sensors.protobuf.emit import Words, says
from watchfloor.formats.sensors.protobuf.layout import layout

LAYOUT = layout(SCHEMA)
WORDS = Words(LAYOUT)


def _read(messages: list[bytes]) -> tape.Tape:
    ends = np.cumsum([len(one) for one in messages], dtype=np.int64)
    starts = ends - np.array([len(one) for one in messages], np.int64)
    return tidy.read(LAYOUT, np.frombuffer(b"".join(messages), np.uint8), starts, ends)


def _problems(messages: list[bytes]) -> dict[int, list[str]]:
    ends = np.cumsum([len(one) for one in messages], dtype=np.int64)
    starts = ends - np.array([len(one) for one in messages], np.int64)
    data = np.frombuffer(b"".join(messages), np.uint8)
    return tidy.problems(tidy.read(LAYOUT, data, starts, ends), data, starts, ends)


def _plain(value):
    """A mapping as its JSON is read back."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


_NAMED = _OUTER.filter(lambda value: 7 not in value.get("codes", ()))


@given(st.lists(_NAMED, max_size=4))
@example(
    [{"share": float(np.float32(0.1)), "ratio": float("inf"), "raw": b"\x00\xff", "name": 'a"\\\n\x01é'}]
)
@example([{"many": [{"count": 1}, {"count": -2, "text": "x"}], "big": 2**64 - 1, "small": 2**32 - 1}])
def test_the_tape_says_what_the_codec_says(values):
    read = _read([codec.encode(SCHEMA, value) for value in values])
    texts = says(WORDS, read, read.top, np.zeros(len(read.slot), np.bool_)).to_pylist()
    for value, text in zip(values, texts, strict=True):
        held = json.loads(text or "{}")
        if "big" in held:
            held["big"] %= 2**64
        if "share" in held and not isinstance(held["share"], str):
            held["share"] = float(np.float32(held["share"]))
        if "share" in value and np.isfinite(value["share"]):
            assert held["share"] == value["share"]
        assert held == _plain(value)
        assert list(held) == sorted(held)


@given(st.lists(st.binary(max_size=30), max_size=3))
def test_any_bytes_are_read_as_the_codec_reads_them_or_refused(messages):
    problems = _problems(messages)
    for i, data in enumerate(messages):
        value, wrong = _decoded(data)
        if value is None:
            assert wrong in problems[i] or "UTF-8" in wrong
        else:
            assert not any("cut short" in one or "wire" in one for one in problems.get(i, ()))
            chosen = "left" in value or "right" in value
            assert chosen or any("choice is missing" in one for one in problems[i])


def _decoded(data: bytes) -> tuple[dict | None, str]:
    try:
        return codec.decode(SCHEMA, data), ""
    except WireError as error:
        return None, str(error)


def test_columns_are_selections_of_the_tape():
    read = _read(
        [
            codec.encode(SCHEMA, {"size": -3, "inner": {"count": 1, "text": "é"}, "ratio": 2.5}),
            codec.encode(SCHEMA, {"many": [{"count": 7}, {"count": 8}], "share": 0.5}),
        ]
    )
    inner = read.inside("Outer", "inner", read.top)
    assert read.integer("Outer", "size", read.top, 99).tolist() == [-3, 99]
    assert read.text("Inner", "text", inner).to_pylist() == ["é", None]
    np.testing.assert_array_equal(read.number("Outer", "ratio", read.top), [2.5, np.nan])
    np.testing.assert_array_equal(read.number("Outer", "share", read.top), [np.nan, 0.5])
    many = read.size[read.entries("Outer", "many")]
    assert read.integer("Inner", "count", many).tolist() == [7, 8]
    assert read.path(int(many[1])) == ["many"]


def test_a_field_that_stands_twice_is_merged_as_the_wire_format_merges():
    one = {"name": "a", "inner": {"count": 1}, "left": {"count": 3}}
    other = {"inner": {"count": 2, "text": "b"}, "right": "r"}
    read = _read([codec.encode(SCHEMA, one) + codec.encode(SCHEMA, other), codec.encode(SCHEMA, other)])
    texts = says(WORDS, read, read.top, np.zeros(len(read.slot), np.bool_)).to_pylist()
    assert json.loads(texts[0]) == {"name": "a", "inner": {"count": 2, "text": "b"}, "right": "r"}
    assert json.loads(texts[1]) == other


def test_what_is_missing_or_wrong_is_named():
    good = {"right": "x"}
    messages = [
        codec.encode(SCHEMA, good),
        codec.encode(SCHEMA, {"many": [{"count": 1}, {"text": "no count"}], "right": ""}),
        codec.encode(SCHEMA, {"codes": [1, 3, 70], "right": "x"}),
        codec.encode(SCHEMA, {"name": "x"}),
        b"\x0a\x05ab",
        codec.encode(SCHEMA, good) + b"\x0a\x01\xff",
    ]
    assert _problems(messages) == {
        1: ["many.count is missing, which is mandatory"],
        2: ["codes is 3, which Code does not have", "codes is 70, which Code does not have"],
        3: ["choice is missing: one of its fields is mandatory"],
        4: ["name: it is cut short"],
        5: ["name is no UTF-8 text"],
    }


def test_fields_that_the_table_has_not_are_named():
    read = _read([codec.encode(SCHEMA, {"right": "x"}) + b"\xf8\x01\x01", b"\x4a\x05\x18\x01\xd2\x3e\x00"])
    assert tidy.unknown(read) == {0: ["31"], 1: ["inner.1002"]}


def test_what_is_left_out_is_left_out_whole():
    read = _read([codec.encode(SCHEMA, {"inner": {"count": 1}, "size": 2, "right": "x"})])
    without = np.zeros(len(read.slot), np.bool_)
    without[read.entries("Outer", "inner")] = True
    assert says(WORDS, read, read.top, without).to_pylist() == ['{"right":"x","size":2}']
    without[:] = True
    assert says(WORDS, read, np.array([0, -1]), without).to_pylist() == [None, None]
