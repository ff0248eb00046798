"""JSON as rows: a line an object, or an array of objects."""

from io import BytesIO

import pytest

from watchfloor.formats.base import Fault
from watchfloor.formats.tabular import json_lines


def read(data):
    """Cells of each row, and the place of each fault."""
    pieces = list(json_lines.read(data[:8], BytesIO(data[8:]), "x.jsonl").pieces)
    rows = [row for one in pieces if not isinstance(one, Fault) for row in one.cells.to_pylist()]
    return rows, [one.locator for one in pieces if isinstance(one, Fault)]


@pytest.mark.parametrize(
    "bad", ['{"a.b": 1, "a": {"b": 2}}', '{"a": {"b": "\\u0000"}}', '{"a\\u0000": 1}', "[1]"]
)
def test_an_object_that_no_row_can_hold_is_a_fault(bad):
    assert read(f'{{"a": {{"b": 1.10}}}}\n{bad}\n'.encode()) == ([{"a.b": "1.10"}], ["line 2"])
    assert read(f'[{{"a": {{"b": 1.10}}}}, {bad}]'.encode()) == ([{"a.b": "1.10"}], ["item 2"])


def test_rows_have_the_columns_that_are_asked_for_alone():
    data = b"".join(b'{"k%d": %d}\n' % (n, n) for n in range(100))
    sheet = json_lines.read(data[:8], BytesIO(data[8:]), "x.jsonl", ("k99", "k7"))
    (rows,) = sheet.pieces
    assert rows.cells.column_names == ["k99", "k7"]
    assert set(sheet.names) == {f"k{n}" for n in range(100)}
