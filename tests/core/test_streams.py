"""Tables as bytes and back."""

import pyarrow as pa
import pytest

from watchfloor.core.streams import joined, packed, parted, streams, unpacked

CHUNKS = pa.table({"n": pa.chunked_array([[1, 2], [], [3]], pa.int64())}).replace_schema_metadata({"a": "b"})
EMPTY = pa.schema([pa.field("at", pa.timestamp("us", "UTC"), nullable=False)]).empty_table()


@pytest.mark.parametrize("table", [CHUNKS, EMPTY, pa.table({})])
def test_a_table_comes_back_with_its_schema_and_metadata(table: pa.Table) -> None:
    back = unpacked(packed(table))
    assert back == table
    assert back.schema.equals(table.schema, check_metadata=True)
    assert unpacked(memoryview(packed(table))) == table


def test_equal_tables_are_equal_bytes_and_batches_stay() -> None:
    assert packed(CHUNKS) == packed(pa.Table.from_batches(CHUNKS.to_batches()))
    assert [len(one) for one in unpacked(packed(CHUNKS)).to_batches() if len(one)] == [2, 1]


@pytest.mark.parametrize("tables", [[], [CHUNKS, EMPTY], [None, CHUNKS, None, EMPTY], [None]])
def test_streams_are_those_that_each_table_is_packed_into(tables: list[pa.Table | None]) -> None:
    alone = pa.array([None if one is None else packed(one) for one in tables], pa.large_binary())
    made = streams(tables)
    made.validate(full=True)
    assert (made.type, made.null_count) == (alone.type, alone.null_count)
    assert made.equals(alone)


@pytest.mark.parametrize("data", [b"", b"no stream", packed(CHUNKS)[:40]])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((pa.ArrowInvalid, OSError)):
        unpacked(data)


def test_named_tables_come_back_in_their_order() -> None:
    for column in ("rows", "table"):
        table = joined({"z": CHUNKS, "a": EMPTY}, column)
        assert table.column_names == ["part", column]
        assert parted(table) == {"z": CHUNKS, "a": EMPTY}
        assert list(parted(table)) == ["z", "a"]
    assert parted(joined({})) == {}
