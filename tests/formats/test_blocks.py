import csv
from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Fault
from watchfloor.formats.encoding.charset import Utf8
from watchfloor.formats.tabular import blocks, delimited
from watchfloor.formats.tabular.blocks import Layout, careful, columnar, parse
from watchfloor.formats.tabular.table import Rows

LAYOUT = Layout(["a", "b"], ",", Utf8(BytesIO(), b""))
MESSY = st.text(alphabet='a,"\n\r é\0x', max_size=60)
CELLS = st.text(alphabet='ab,"\n é;', max_size=6)


def collect(found):
    """Rows with their locators and raw bytes, and faults."""
    rows, faults = [], []
    for item in found:
        if isinstance(item, Rows):
            lines = zip(item.locators.to_pylist(), item.cells.to_pylist(), strict=True)
            rows += [(where, tuple(row.values()), item.raw(i)) for i, (where, row) in enumerate(lines)]
        else:
            faults.append((item.locator, item.reason, item.raw))
    return rows, faults


def finished(generator):
    found = []
    try:
        while True:
            found.append(next(generator))
    except StopIteration as stop:
        return collect(found), stop.value


@settings(deadline=None, max_examples=draws(400))
@given(MESSY)
def test_the_fast_way_reads_what_the_careful_way_reads(text):
    block = (text + "\n").encode()
    clean = columnar(LAYOUT, block, 1)
    if clean:
        rows, used = clean
        (expected, faults), _ = finished(careful(LAYOUT, block[:used], 1, True))
        assert collect([rows]) == (expected, faults)


@settings(deadline=None, max_examples=draws(200))
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_what_the_csv_module_writes_is_read_back(pairs):
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["a", "b"])
    writer.writerows(pairs)
    rows, faults = collect(delimited.read(BytesIO(out.getvalue().encode()), "x.csv").pieces)
    assert not faults
    assert [cells for _, cells, _ in rows] == [(a or None, b or None) for a, b in pairs if a or b]


@settings(deadline=None, max_examples=draws(200))
@given(
    st.lists(
        st.sampled_from(["1,2", '"x\ny",3', '7,"broken', "1,2,3", "", ",,", 'q"q,""""', "é,ü"]), max_size=12
    )
)
def test_small_blocks_read_what_one_block_reads(lines):
    data = ("a,b\n" + "\n".join(lines)).encode()
    whole = collect(delimited.read(BytesIO(data), "x.csv").pieces)
    (rows, faults), used = finished(parse(LAYOUT, data[4:] + b"\n", 2, True))
    assert (rows, faults) == whole
    assert used == len(data[4:]) + 1


@pytest.mark.parametrize("size", [3, 7, 50])
def test_a_stream_in_small_pieces_reads_the_same(monkeypatch, size):
    data = b'a,b\n1,2\n"two\nlines",3\n4,"broken\n5,6\n\n7,8,9\n10,11'
    whole = collect(delimited.read(BytesIO(data), "x.csv").pieces)
    monkeypatch.setattr(delimited, "BLOCK", size)
    monkeypatch.setattr(delimited, "HEAD_BYTES", 4)
    assert collect(delimited.read(BytesIO(data), "x.csv").pieces) == whole


def test_a_broken_quote_costs_its_own_line():
    data = b'a,b\n1,2\n3,"broken\n5,6\n7,8\n'
    rows, faults = collect(delimited.read(BytesIO(data), "x.csv").pieces)
    assert [(where, cells) for where, cells, _ in rows] == [
        ("line 2", ("1", "2")),
        ("line 4", ("5", "6")),
        ("line 5", ("7", "8")),
    ]
    assert faults == [("line 3", "opens a quote that is never closed", b'3,"broken')]


def test_a_broken_quote_that_a_later_line_closes_costs_its_own_line():
    rows, faults = collect(delimited.read(BytesIO(b'a,b\n1,"x\n2,"y"\n3,z\n'), "x.csv").pieces)
    assert [cells for _, cells, _ in rows] == [("2", "y"), ("3", "z")]
    assert [where for where, _, _ in faults] == ["line 2"]


def test_a_broken_quote_in_a_long_file_does_not_swallow_it():
    lines = [f"{i},name {i}" for i in range(5000)]
    lines[100] = '100,"broken'
    rows, faults = collect(delimited.read(BytesIO(("a,b\n" + "\n".join(lines)).encode()), "x.csv").pieces)
    assert len(rows) == 4999
    assert [where for where, _, _ in faults] == ["line 102"]


def test_ragged_rows_are_faults_and_empty_ends_are_not():
    rows, faults = collect(delimited.read(BytesIO(b"a,b\n1\n1,2,,\n1,2,3\n,,,\n"), "x.csv").pieces)
    assert [cells for _, cells, _ in rows] == [("1", "2")]
    assert faults == [
        ("line 2", "has 1 cell where the header has 2", b"1"),
        ("line 4", "has 3 cells where the header has 2", b"1,2,3"),
    ]


def test_bytes_of_another_encoding_are_a_fault_of_their_line():
    data = "a,b\né,ü\n".encode() + b"caf\xe9,x\n" + "ö,y\n".encode()
    rows, faults = collect(delimited.read(BytesIO(data), "x.csv").pieces)
    assert [cells for _, cells, _ in rows] == [("é", "ü"), ("ö", "y")]
    assert faults[0][0] == "line 3"
    assert "0xe9" in faults[0][1]
    assert faults[0][2] == b"caf\xe9,x"


def test_a_line_without_end_is_one_fault(monkeypatch):
    monkeypatch.setattr(delimited, "MAX_LINE", 1000)
    monkeypatch.setattr(delimited, "BLOCK", 100)
    data = b"a,b\n1,2\n" + b"x" * 5000 + b"\n3,4\n"
    monkeypatch.setattr(delimited, "HEAD_BYTES", 8)
    rows, faults = collect(delimited.read(BytesIO(data), "x.csv").pieces)
    assert [cells for _, cells, _ in rows] == [("1", "2"), ("3", "4")]
    assert [(where, "line end" in reason) for where, reason, _ in faults] == [("line 3", True)]
    assert isinstance(faults[0][2], bytes)


@settings(deadline=None, max_examples=draws(200))
@given(st.binary(max_size=300))
def test_any_bytes_give_rows_and_faults_or_a_format_error(data):
    try:
        found = list(delimited.read(BytesIO(data), "x.csv").pieces)
    except delimited.FormatError:
        return
    assert all(isinstance(item, Rows | Fault) for item in found)


@settings(deadline=None, max_examples=draws(200))
@given(MESSY, st.lists(st.sampled_from(["", "\r"]), max_size=5))
def test_blank_lines_before_a_block_change_its_numbers_alone(text, blank):
    before = "".join(f"{line}\n" for line in blank)
    block = (text + "\n").encode()
    (rows, faults), used = finished(parse(LAYOUT, block, 1 + len(blank), True))
    assert finished(parse(LAYOUT, before.encode() + block, 1, True)) == ((rows, faults), used + len(before))


BLANK_LINES = st.sampled_from(["\n", "\r\n", " \n", ",\n", ",,,\n", " ,  \n", "\n \n", '""\n'])


@settings(deadline=None, max_examples=draws(60))
@given(st.text(alphabet='a,"\n', max_size=12), BLANK_LINES, st.integers(380, 1500), MESSY)
def test_a_long_gap_reads_as_its_lines_read_one_by_one(before, blank, times, behind):
    block = (before + "\n" + blank * times + behind + "\n").encode()
    assert finished(parse(LAYOUT, block, 1, True)) == finished(careful(LAYOUT, block, 1, True))


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \n", b",,,,\n", b" \n\n", b"\t ,\r\n", b"\xc2\xa0\n"])
def test_millions_of_blank_lines_are_not_read_as_records(blank, monkeypatch):
    records, read = [], blocks.parse_record
    monkeypatch.setattr(blocks, "parse_record", lambda *asked: records.append(asked[1]) or read(*asked))
    times = 100_000
    data = b"a,b,c\n" + blank * times + b"1,2,3\n3\n" + blank * times + b"4,5,6\n"
    rows, faults = collect(delimited.read(BytesIO(data), "x.csv").pieces)
    gap = times * blank.count(b"\n")
    assert [(where, cells) for where, cells, _ in rows] == [
        (f"line {gap + 2}", ("1", "2", "3")),
        (f"line {2 * gap + 4}", ("4", "5", "6")),
    ]
    assert [where for where, _, _ in faults] == [f"line {gap + 3}"]
    assert len(records) < 100
