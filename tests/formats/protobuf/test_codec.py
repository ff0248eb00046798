"""The wire format as mappings, beside Google's own implementation of it."""

from contextlib import suppress

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.sensors.protobuf import codec, tables
from watchfloor.formats.sensors.protobuf.codec import WireError

TABLE = """
message Outer  the root
1 name string
2 size int32
3 big uint64
4 small uint32
5 ratio double =
6 share float
7 on bool
8 raw bytes
9 inner Inner
10 many Inner *
11 codes Code *
12 numbers int32 *
one of choice !
  13 left Inner
  14 right string

message Inner
1 text string =
2 deeper Outer
3 count int32 !

enum Code CODE_
0 NONE, 1 RED, 5 BLUE
"""
SCHEMA = tables.read(TABLE)


def test_the_notation():
    outer = SCHEMA.messages["Outer"]
    assert SCHEMA.root == "Outer"
    assert outer.groups == {"choice": True}
    assert outer.fields[14] == tables.Field(14, "right", "string", group="choice")
    assert outer.fields[5].implicit
    assert SCHEMA.enums == {"Code": {0: "CODE_NONE", 1: "CODE_RED", 5: "CODE_BLUE"}}
    assert SCHEMA.rivals["Outer"] == {"left": ("right",), "right": ("left",)}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("message A\n1 x thing", "A.x has an unknown type, thing"),
        ("message A\n1 x", "is no field"),
        ("table A\n1 x string", "begins neither"),
    ],
)
def test_a_table_that_is_wrong_says_where(text, wrong):
    with pytest.raises(ValueError, match=wrong):
        tables.read(text)


_INNER = st.fixed_dictionaries(
    {"count": st.integers(-(2**31), 2**31 - 1)}, optional={"text": st.text(min_size=1)}
)
_OUTER = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(),
        "size": st.integers(-(2**31), 2**31 - 1),
        "big": st.integers(0, 2**64 - 1),
        "small": st.integers(0, 2**32 - 1),
        "ratio": st.floats(allow_nan=False).filter(bool),
        "share": st.floats(width=32, allow_nan=False),
        "on": st.booleans(),
        "raw": st.binary(),
        "inner": _INNER,
        "many": st.lists(_INNER, min_size=1),
        "codes": st.lists(st.sampled_from(["CODE_NONE", "CODE_RED", "CODE_BLUE", 7]), min_size=1),
        "numbers": st.lists(st.integers(-5, 5), min_size=1),
        "left": _INNER,
    },
)


@given(_OUTER)
def test_what_is_written_reads_back(value):
    assert codec.decode(SCHEMA, codec.encode(SCHEMA, value)) == value


@given(_OUTER, _OUTER)
def test_bytes_behind_each_other_are_one_message_merged(one, other):
    """The last scalar stands, lists go on, nested messages merge: the rule of the wire format."""
    merged = codec.decode(SCHEMA, codec.encode(SCHEMA, one) + codec.encode(SCHEMA, other))
    for name in ("name", "size", "on"):
        assert merged.get(name) == other.get(name, one.get(name))
    assert merged.get("many", []) == one.get("many", []) + other.get("many", [])
    if "inner" in one and "inner" in other:
        assert merged["inner"] == one["inner"] | other["inner"]


def test_of_a_group_the_last_stands():
    both = codec.encode(SCHEMA, {"left": {"count": 1}}) + codec.encode(SCHEMA, {"right": "x"})
    assert codec.decode(SCHEMA, both) == {"right": "x"}


def test_an_integer_list_reads_packed_and_not():
    assert codec.decode(SCHEMA, b"\x62\x02\x01\x02" + b"\x60\x03") == {"numbers": [1, 2, 3]}


def test_what_the_table_has_not_is_left_out():
    assert codec.decode(SCHEMA, b"\xf8\x01\x01" + b"\x0a\x01a" + b"\xfa\x01\x02zz") == {"name": "a"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3),
        max_leaves=8,
    )
)
def test_google_reads_the_same(held):
    """`google.protobuf.Value`, written by Google, read by us and written back."""
    table = """
message Value
one of kind
  1 null_value Null
  2 number_value double
  3 string_value string
  4 bool_value bool
  5 struct_value Struct
  6 list_value ListValue

message Struct
1 fields Entry *

message Entry
1 key string
2 value Value

message ListValue
1 values Value *

enum Null NULL_
0 VALUE
"""
    value = struct_pb2.Value()
    if held is None:
        value.null_value = 0
    elif isinstance(held, bool):
        value.bool_value = held
    elif isinstance(held, float):
        value.number_value = held
    elif isinstance(held, str):
        value.string_value = held
    elif isinstance(held, list):
        value.list_value.extend(held)
        value.list_value.SetInParent()
    else:
        value.struct_value.update(held)
        value.struct_value.SetInParent()
    schema = tables.read(table)
    again = codec.encode(schema, codec.decode(schema, value.SerializeToString()))
    assert struct_pb2.Value.FromString(again) == value


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"\x0a\x05ab", "name: it is cut short"),
        (b"\x0a", "name: it is cut short"),
        (b"\x80", "it is cut short"),
        (b"\xff" * 11, "a number has more than ten bytes"),
        (b"\x0a\x01\xff", "name: its text is not UTF-8"),
        (b"\x4a\x02\x0a\x05", "inner.text: it is cut short"),
        (b"\x10\x80", "size: it is cut short"),
        (b"\x08\x01", "name: wire type 0 stands where 2 belongs"),
        (b"\x0b", "name: wire type 3 is none that is used"),
        (b"\x2d\x00", "ratio: it is cut short"),
    ],
)
def test_bytes_that_are_no_message(data, wrong):
    with pytest.raises(WireError) as raised:
        codec.decode(SCHEMA, data)
    assert str(raised.value) == wrong


def test_messages_within_messages_have_an_end():
    data = b""
    for _ in range(60):
        data = codec.varint(0x12) + codec.varint(len(data)) + data
        data = codec.varint(0x4A) + codec.varint(len(data)) + data
    with pytest.raises(WireError, match="more than 48 messages within each other"):
        codec.decode(SCHEMA, data)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"nome": 1}, "Outer has no field nome"),
        ({"name": 1}, "name: 1 is no string"),
        ({"inner": {"text": 3}}, "inner.text: 3 is no string"),
        ({"ratio": "x"}, "ratio: 'x' is no double"),
        ({"codes": ["CODE_PINK"]}, "codes: 'CODE_PINK' is no Code; it has CODE_NONE, CODE_RED, CODE_BLUE"),
        ({"raw": "text"}, "raw: 'text' is no bytes"),
        ({"share": 1e300}, "share: 1e+300 is no float"),
    ],
)
def test_values_that_no_field_holds(value, wrong):
    with pytest.raises(WireError) as raised:
        codec.encode(SCHEMA, value)
    assert str(raised.value) == wrong


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data):
    with suppress(WireError):
        codec.decode(SCHEMA, data)
