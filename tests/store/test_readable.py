"""Rows read back from their canonical bytes by the stand-alone verifier, against Arrow's own values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.canonical import encode_rows
from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import KINDS
from watchfloor.store import segments
from watchfloor.store.log import standalone, standalone_rows

MOMENT = pa.timestamp("us", "UTC")
FIRST, LAST = (datetime.fromisoformat(text) for text in ("0001-01-02", "9999-12-30"))
VALUES = {
    pa.string(): st.text(max_size=9),
    pa.binary(): st.binary(max_size=9),
    pa.binary(16): st.binary(min_size=16, max_size=16),
    pa.bool_(): st.booleans(),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint16(): st.integers(0, 2**16 - 1),
    pa.float64(): st.floats(allow_nan=False).map(lambda x: x + 0.0),
    pa.date32(): st.dates(date(1, 1, 1)),
    MOMENT: st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    pa.decimal128(18, 2): st.integers(-(10**17), 10**17).map(lambda n: Decimal(n).scaleb(-2)),
}


def typed():
    plain = st.sampled_from(list(VALUES)).map(lambda kind: (kind, VALUES[kind]))
    return st.recursive(
        plain, lambda inner: inner.map(listed) | st.lists(inner, min_size=1, max_size=3).map(made)
    )


def listed(inner):
    kind, values = inner
    return pa.list_(kind), st.lists(st.none() | values, max_size=4)


def made(fields):
    kind = pa.struct([pa.field(f"f{i}", one) for i, (one, _) in enumerate(fields)])
    return kind, st.fixed_dictionaries({f"f{i}": st.none() | values for i, (_, values) in enumerate(fields)})


def shown(value):
    """A value as the verifier writes it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat() + "+00:00"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [shown(one) for one in value]
    if isinstance(value, dict):
        return {name: shown(one) for name, one in value.items()}
    return value


@settings(max_examples=draws(200), deadline=None)
@given(st.lists(typed(), min_size=1, max_size=4), st.data())
def test_a_row_is_read_as_it_was_written(columns, data):
    row = {f"c{i}": data.draw(st.none() | values) for i, (_, values) in enumerate(columns)}
    schema = pa.schema([pa.field(f"c{i}", kind) for i, (kind, _) in enumerate(columns)])
    table = pa.Table.from_pylist([row], schema)
    written = encode_rows(table, {name: i for i, name in enumerate(schema.names)}).data.tobytes()
    types = [[field.name, segments.type_of(field.type)] for field in schema]
    assert standalone_rows.decode(types, written) == {k: shown(v) for k, v in row.items() if v is not None}


@pytest.mark.parametrize("schema", [*(kind.schema for kind in KINDS.values()), SIGNAL], ids=str)
def test_every_kind_can_be_shown(schema):
    for field in schema:
        assert segments.type_of(field.type)


@settings(max_examples=draws(150), deadline=None)
@given(st.binary(max_size=60))
def test_damaged_row_bytes_end_in_an_error_that_the_program_tells(data):
    types = [
        ["a", "text"],
        ["b", {"list": {"struct": [["c", "signed:4"], ["d", "bytes"]]}}],
        ["e", "moment:8"],
    ]
    try:
        row = standalone_rows.decode(types, data)
    except (standalone.Failed, IndexError, ValueError, OverflowError, standalone_rows.struct.error):
        return
    assert set(row) <= {"a", "b", "e"}
