"""Tables whose columns are known by name: which column a word has, and what becomes of each row."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.tabular.lexicon import Block, Cell, Lexicon, plain
from watchfloor.formats.tabular.measures import natural
from watchfloor.formats.tabular.table import Rows, grouped, joined, taken, text_table

COLUMNS = {
    "place": Cell(("place", "lieu", "where")),
    "count": Cell(("count", "nombre"), natural, needed=True),
    "day": Cell(("day", "jour")),
}
WRITTEN = st.sampled_from(["Place", " LIEU ", "Where", "Count", "nombre", "Jour", "day_", "other"])


def rows(cells, names):
    where = pa.array([f"line {at + 2}" for at in range(len(cells))])
    return Rows(text_table(names, cells), where, lambda at: b"%d" % at)


@given(st.lists(WRITTEN, unique=True, min_size=1))
def test_a_word_has_its_first_column_or_the_one_of_its_plainest_name(header):
    for plainest in (False, True):
        found = Lexicon("a table of counts", COLUMNS, plainest=plainest).find(header)
        for word, cell in COLUMNS.items():
            names = [plain(name) for name in cell.names]
            mine = [name for name in header if plain(name) in names]
            if plainest:
                mine.sort(key=lambda name: names.index(plain(name)))
            assert found.get(word) == next(iter(mine), None)


def test_what_is_needed_and_what_tells_a_table_from_others():
    lexicon = Lexicon("a table of counts", COLUMNS, ("day",))
    assert lexicon.sniff(Head("t.csv", b"Nombre;Jour\n1;2\n")) > 0.5
    assert lexicon.sniff(Head("t.csv", b"Nombre;Lieu\n1;2\n")) == 0.0
    assert lexicon.sniff(Head("t.csv", b"Jour;Lieu\n1;2\n")) == 0.0
    with pytest.raises(
        FormatError, match=r"t\.csv has no column 'count'; .*'cuont'.*, as a table of counts has"
    ):
        lexicon.require(["cuont", "day"], "t.csv")


@settings(max_examples=draws(300, 30))
@given(st.lists(st.tuples(*[st.sets(st.integers(0, 5))] * 2), max_size=4), st.sets(st.integers(0, 5)))
def test_each_row_is_good_or_has_its_first_reason(reasons, empty):
    cells = [["", "x"] if at in empty else ["7", "x"] for at in range(6)]
    block = Block({"count": "n"}, rows(cells, ["n", "other"]))
    made = block.read(Lexicon("a table of counts", COLUMNS))
    expected = dict.fromkeys(sorted(empty), "count: is empty")
    for number, (some, _) in enumerate(reasons):
        block.refuse(f"reason {number}", np.isin(np.arange(6), list(some)))
        expected = dict.fromkeys(sorted(some), f"reason {number}") | expected
    faults = {int(one.raw): (one.locator, one.reason) for one in block.faults()}
    assert faults == {row: (f"line {row + 2}", why) for row, why in expected.items()}
    assert set(block.good().tolist()) == set(range(6)) - expected.keys()
    assert made["count"].to_pylist() == [None if at in empty else 7 for at in range(6)]
    assert made["place"].null_count == 6


@given(st.lists(st.integers(0, 3), max_size=5), st.data())
def test_parts_of_a_table_are_one_table(sizes, data):
    parts = [rows([[f"{part}"]] * size, ["n"]) for part, size in enumerate(sizes) if size]
    if not parts:
        return
    whole = joined(parts)
    cells = [cell for part in parts for cell in part.cells["n"].to_pylist()]
    raw = [part.raw(at) for part in parts for at in range(part.cells.num_rows)]
    some = np.array(data.draw(st.lists(st.integers(0, len(cells) - 1), min_size=1)))
    assert (whole.cells["n"].to_pylist(), [whole.raw(at) for at in range(len(raw))]) == (cells, raw)
    few = taken(whole, some)
    assert few.cells["n"].to_pylist() == [cells[at] for at in some]
    assert [few.raw(at) for at in range(len(some))] == [raw[at] for at in some]


@settings(max_examples=draws(300, 40))
@example([1, None, 2], 3, True, True)
@given(st.lists(st.integers() | st.just(None), max_size=12), st.integers(1, 4), st.booleans(), st.booleans())
def test_nothing_found_is_lost_when_a_reader_fails(pieces, size, in_order, fails):
    fault = Fault("line 1", "why", b"")

    def found():
        yield from (fault if one is None else one for one in pieces)
        if fails:
            raise OSError

    got = []
    try:
        for one in grouped(found(), size, lambda some: [some], in_order=in_order):
            got += [one]
    except OSError:
        assert fails
    flat = [one for piece in got for one in (piece if isinstance(piece, list) else [None])]
    assert all(len(piece) <= size for piece in got if isinstance(piece, list))
    assert flat.count(None) == pieces.count(None)
    assert [one for one in flat if one is not None] == [one for one in pieces if one is not None]
    assert not in_order or flat == pieces
