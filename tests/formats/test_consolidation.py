from datetime import UTC, datetime
from io import BytesIO

import pytest
from tests.formats.lists import ADD, ALT, FTM, SDN, UN

from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.listing_rows import UNDATED
from watchfloor.formats.registry import FORMATS
from watchfloor.records.kinds import CONSOLIDATION, LISTING

HEADER = "id,name,aliases,in_force\n"


def read(text, form="listing-csv", name="toy.csv"):
    return list(FORMATS[form].read(BytesIO(text.encode()), name))


def toy(text):
    return read(HEADER + text)


def editions(pieces):
    return [
        row for p in pieces if isinstance(p, Batch) and p.kind is CONSOLIDATION for row in p.rows.to_pylist()
    ]


def test_a_whole_edition_ends_with_what_it_held():
    *items, last = toy("1,Ada Pemberley,,2026-06-01\n2,Bo Tarn,,2026-06-02\n")
    assert [piece.kind for piece in items] == [LISTING]
    (row,) = editions([last])
    assert (row["list_id"], row["entities"]) == ("toy", ["1", "2"])


def test_the_date_of_an_item_is_no_date_of_its_edition():
    (row,) = editions(toy("1,Ada Pemberley,,2026-06-01\n"))
    assert row["observed_at"] == UNDATED, "without item 2, of a later date, it must not seem the older one"


def test_an_edition_that_states_its_day_is_observed_then():
    (row,) = editions(read(UN, "un-consolidated", "un.xml"))
    assert row["observed_at"] == datetime.combine(row["window_from"], datetime.min.time(), UTC) > UNDATED


def test_an_edition_with_a_fault_says_nothing_by_its_silence():
    pieces = toy("1,Ada Pemberley,,2026-06-01\n,nobody,,2026-06-01\n")
    assert any(isinstance(piece, Fault) for piece in pieces)
    assert editions(pieces) == []


def test_a_table_without_a_row_is_an_empty_list():
    (row,) = editions(toy(""))
    assert (row["list_id"], row["entities"]) == ("toy", [])


@pytest.mark.parametrize(
    ("text", "provision", "held"),
    [
        (SDN, None, ["OFAC-SDN#101", "OFAC-SDN#102", "OFAC-SDN#103"]),
        (ALT, "alt.csv", ["OFAC-SDN#101/alt/1", "OFAC-SDN#102/alt/2"]),
        (ADD, "add.csv", ["OFAC-SDN#101/add/7", "OFAC-SDN#102/add/8"]),
    ],
    ids=["sdn", "alt", "add"],
)
def test_only_the_file_of_entities_says_who_is_listed(text, provision, held):
    (row,) = editions(read(text, "ofac-csv", "any.csv"))
    assert (row["list_id"], row["provision"], row["entities"]) == ("OFAC-SDN", provision, held)


def test_followthemoney_is_an_edition_too():
    assert editions(read(FTM, "ftm", "x.json"))


@pytest.mark.parametrize(
    "name", ["justice-laws", "un-consolidated", "ofac-csv", "ofac-xml", "ftm", "listing-csv"]
)
def test_every_format_of_lists_says_that_it_yields_editions(name):
    assert FORMATS[name].kinds == ("listing", "consolidation")
