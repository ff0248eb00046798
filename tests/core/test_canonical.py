"""Oracle: a plain Python encoder of the same rules."""

import struct
from datetime import UTC, datetime
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core import canonical
from watchfloor.core.canonical import encode_rows, row_views
from watchfloor.core.kinds import IDENTIFIER, INSTANT

SCHEMA = pa.schema(
    {
        "text": pa.string(),
        "raw": pa.binary(),
        "flag": pa.bool_(),
        "small": pa.int16(),
        "real": pa.float64(),
        "when": INSTANT,
        "fixed": pa.binary(4),
        "day": pa.date32(),
        "tags": pa.list_(pa.string()),
        "ids": pa.list_(IDENTIFIER),
    }
)

moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001
identifiers = st.fixed_dictionaries(
    {"system": st.text(max_size=3), "number": st.text(max_size=3), "owner": st.none() | st.text(max_size=3)}
)
rows = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(max_size=8),
        "raw": st.none() | st.binary(max_size=8),
        "flag": st.none() | st.booleans(),
        "small": st.none() | st.integers(-(2**15), 2**15 - 1),
        "real": st.none() | st.floats(),
        "when": st.none() | moments,
        "fixed": st.none() | st.binary(min_size=4, max_size=4),
        "day": st.none() | st.dates(),
        "tags": st.none() | st.lists(st.none() | st.text(max_size=4), max_size=3),
        "ids": st.none() | st.lists(identifiers, max_size=2),
    }
)


def plain(value, kind):
    """The value's bytes without presence byte."""
    if pa.types.is_string(kind):
        data = value.encode()
        return struct.pack("<I", len(data)) + data
    if pa.types.is_fixed_size_binary(kind):
        return value
    if pa.types.is_binary(kind):
        return struct.pack("<I", len(value)) + value
    if pa.types.is_list(kind):
        return struct.pack("<I", len(value)) + b"".join(present(v, kind.value_type) for v in value)
    if pa.types.is_struct(kind):
        return b"".join(
            present(value[kind.field(i).name], kind.field(i).type) for i in range(kind.num_fields)
        )
    if pa.types.is_boolean(kind):
        return bytes([value])
    if pa.types.is_floating(kind):
        return struct.pack("<d", float("nan") if value != value else value + 0.0)
    if pa.types.is_date32(kind):
        return struct.pack("<i", pa.scalar(value, kind).value)
    if pa.types.is_timestamp(kind):
        return struct.pack("<q", pa.scalar(value, kind).value)
    return value.to_bytes(kind.bit_width // 8, "little", signed=True)


def present(value, kind):
    return b"\0" if value is None else b"\1" + plain(value, kind)


def expected(row):
    parts = (
        (struct.pack("<H", i) + plain(row[field.name], field.type))
        for i, field in enumerate(SCHEMA)
        if row[field.name] is not None
    )
    return b"".join(parts)


ORDINALS = {name: i for i, name in enumerate(SCHEMA.names)}


@settings(deadline=None, max_examples=draws(150))
@given(st.lists(rows, max_size=6), st.integers(0, 3))
def test_equals_the_plain_encoder_also_on_slices(data, start):
    table = pa.Table.from_pylist(data, schema=SCHEMA).slice(start)
    for few in (0, 9):  # column by column, and value by value
        with patch.object(canonical, "FEW", few):
            views = row_views(encode_rows(table, ORDINALS))
        assert [bytes(v) for v in views] == [expected(row) for row in data[start:]]


@settings(deadline=None, max_examples=draws(50))
@given(st.lists(rows, min_size=2, max_size=6))
def test_chunks_and_dictionaries_change_nothing(data):
    whole = pa.Table.from_pylist(data, schema=SCHEMA)
    chunked = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    coded = whole.set_column(0, "text", whole.column("text").dictionary_encode())
    wanted = [bytes(v) for v in row_views(encode_rows(whole, ORDINALS))]
    for other in (chunked, coded):
        assert [bytes(v) for v in row_views(encode_rows(other, ORDINALS))] == wanted


def test_a_new_nullable_column_changes_no_older_row():
    old = pa.table({"a": ["x", "y"]})
    new = old.append_column("b", pa.nulls(2, pa.string()))
    before = [bytes(v) for v in row_views(encode_rows(old, {"a": 0}))]
    assert [bytes(v) for v in row_views(encode_rows(new, {"a": 0, "b": 1}))] == before


@pytest.mark.parametrize("value", [-0.0, np.float64("nan")])
def test_equal_floats_have_equal_bytes(value):
    odd = pa.table({"a": pa.array([value])})
    even = pa.table({"a": pa.array([0.0 if value == 0 else float("nan")])})
    assert bytes(encode_rows(odd, {"a": 0}).data) == bytes(encode_rows(even, {"a": 0}).data)


def test_many_rows_are_encoded_as_few_are():
    numbers = np.arange(5_000)
    tags = pa.array([[f"tag {n}"] * (n % 4) if n % 5 else None for n in numbers])
    table = pa.table({"n": pa.array(numbers, mask=numbers % 7 == 0), "tags": tags})
    ordinals = {"n": 3, "tags": 700}
    whole = [bytes(v) for v in row_views(encode_rows(table, ordinals))]
    pieces = [table.slice(start, 999) for start in range(0, 5_000, 999)]
    assert whole == [bytes(v) for piece in pieces for v in row_views(encode_rows(piece, ordinals))]
    assert whole[1] == (struct.pack("<HqHI", 3, 1, 700, 1) + b"\1" + struct.pack("<I", 5) + b"tag 1")
