"""A row comes back as Arrow gives it."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import INSTANT, KINDS, column
from watchfloor.store.index import bodies
from watchfloor.store.index.columns import DERIVED, INDEXED, UNREAD, schema_of, values

MOMENTS = st.datetimes(timezones=st.just(bodies.UTC))


def of(kind):
    """Values of an Arrow type."""
    if pa.types.is_struct(kind):
        return st.fixed_dictionaries({field.name: of(field.type) for field in kind})
    if pa.types.is_list(kind):
        return st.lists(of(kind.value_type), max_size=3)
    if pa.types.is_fixed_size_binary(kind):
        return st.binary(min_size=kind.byte_width, max_size=kind.byte_width)
    plain = {
        pa.string(): st.text(max_size=8),
        pa.bool_(): st.booleans(),
        pa.int32(): st.integers(-(2**31), 2**31 - 1),
        pa.int64(): st.integers(-(2**63), 2**63 - 1),
        pa.float64(): st.floats(allow_nan=False),
        pa.date32(): st.dates(),
        INSTANT: MOMENTS,
    }
    return plain[kind] if kind in plain else st.decimals(-(10**12), 10**12, places=kind.scale)


def row_of(schema):
    columns = {
        field.name: st.none() | of(field.type) if field.nullable else of(field.type) for field in schema
    }
    return st.fixed_dictionaries(columns)


@settings(max_examples=draws(60), deadline=None)
@given(st.data())
def test_a_row_of_every_kind_comes_back(data):
    schema = schema_of(data.draw(st.sampled_from(sorted(INDEXED))))
    table = pa.Table.from_pylist(data.draw(st.lists(row_of(schema), min_size=1, max_size=3)), schema)
    encoded = bodies.encode(bodies.plain(table, schema))
    assert [bodies.decode(body, schema) for body in encoded] == table.to_pylist()


def test_a_column_that_came_later_is_null():
    old = pa.schema([column("a", pa.string(), "one")])
    new = pa.schema([*old, column("b", pa.date32(), "two"), column("c", pa.decimal128(5, 2), "three")])
    (body,) = bodies.encode(bodies.plain(pa.table({"a": ["x"]}, old), old))
    assert bodies.decode(body, new) == {"a": "x", "b": None, "c": None}
    whole = pa.Table.from_pylist([{"a": "x", "b": date(1969, 12, 31), "c": Decimal("1.50")}], new)
    (body,) = bodies.encode(bodies.plain(whole, new))
    assert bodies.decode(body, new) == whole.to_pylist()[0]


@given(MOMENTS)
def test_moments_come_back(moment):
    assert bodies.moment(bodies.micros(moment)) == moment


def test_every_kind_says_what_of_it_is_indexed():
    assert set(INDEXED) == {*KINDS, *DERIVED} - UNREAD
    for kind, columns in INDEXED.items():
        names = {path.partition(".")[0] for path in (*columns.subjects, *columns.texts)}
        assert names <= set(schema_of(kind).names), kind


def test_every_column_of_typed_keys_is_indexed():
    for kind in KINDS.keys() - UNREAD:
        typed = {
            field.name for field in KINDS[kind].columns if "typed key" in field.metadata[b"doc"].decode()
        }
        assert typed <= {path.partition(".")[0] for path in INDEXED[kind].subjects} | {"about"}, kind


def test_values_follow_the_paths():
    columns = {"title": ["T"], "portions": [[{"text": "a"}, {"text": ""}, {"text": "b"}]], "subjects": [None]}
    assert list(values(columns, ("title", "portions.text", "subjects"))) == [["T", "a", "b"]]
    assert list(values(columns, ())) == [[]]
