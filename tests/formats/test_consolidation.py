from io import BytesIO

from watchfloor.formats import listing_csv
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.consolidation import whole
from watchfloor.records.kinds import CONSOLIDATION, LISTING

FORM = whole(listing_csv.FORMAT)
HEADER = "id,name,aliases,in_force\n"


def read(text):
    return list(FORM.read(BytesIO((HEADER + text).encode()), "toy.csv"))


def test_a_whole_edition_ends_with_what_it_held():
    *items, last = read("1,Ada Pemberley,,2026-06-01\n2,Bo Tarn,,2026-06-02\n")
    assert [piece.kind for piece in items] == [LISTING]
    assert last.kind is CONSOLIDATION
    (row,) = last.rows.to_pylist()
    assert (row["list_id"], row["entities"]) == ("toy", ["1", "2"])
    assert str(row["observed_at"].date()) == "2026-06-02", "when the last of its items was"


def test_an_edition_with_a_fault_says_nothing_by_its_silence():
    pieces = read("1,Ada Pemberley,,2026-06-01\n,nobody,,2026-06-01\n")
    assert any(isinstance(piece, Fault) for piece in pieces)
    assert all(piece.kind is LISTING for piece in pieces if isinstance(piece, Batch))


def test_an_edition_without_a_date_says_nothing_by_its_silence():
    (only,) = read("1,Ada Pemberley,,\n2,Bo Tarn,,\n")
    assert only.kind is LISTING


def test_it_says_which_kinds_it_yields():
    assert FORM.kinds == ("listing", "consolidation")
