from io import BytesIO

from watchfloor.formats import listing_csv
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.consolidation import whole
from watchfloor.records.kinds import CONSOLIDATION, LISTING

FORM = whole(listing_csv.FORMAT)
HEADER = "id,name,aliases,weak_aliases,schema,birth_date,country\n"


def read(text):
    return list(FORM.read(BytesIO((HEADER + text).encode()), "toy.csv"))


def test_a_whole_edition_ends_with_what_it_held():
    *items, last = read("1,Ada Pemberley,,,,,\n2,Bo Tarn,,,,,\n")
    assert [piece.kind for piece in items] == [LISTING]
    assert last.kind is CONSOLIDATION
    (row,) = last.rows.to_pylist()
    assert (row["list_id"], row["entities"]) == ("toy", ["1", "2"])
    assert row["observed_at"] == items[0].rows.column("observed_at")[0].as_py()


def test_an_edition_with_a_fault_says_nothing_by_its_silence():
    pieces = read("1,Ada Pemberley,,,,,\n,nobody,,,,,\n")
    assert any(isinstance(piece, Fault) for piece in pieces)
    assert all(piece.kind is LISTING for piece in pieces if isinstance(piece, Batch))


def test_it_says_which_kinds_it_yields():
    assert FORM.kinds == ("listing", "consolidation")
