from datetime import UTC, date, datetime
from io import BytesIO
from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.lists import ADD, ALT, FTM, SDN, UN

from watchfloor.core.kinds import CONSOLIDATION, LISTING
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.lists.consolidation import closing
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.registry import FORMATS

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


def test_a_value_that_rows_were_read_without_leaves_the_edition_whole():
    pieces = read("id,name,aliases,birth_date\n1,Ada Pemberley,,1970-02-30\n2,Bo Tarn,,\n")
    assert [piece.locator for piece in pieces if isinstance(piece, Fault)] == ["column birth_date"]
    (row,) = editions(pieces)
    assert row["entities"] == ["1", "2"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("un-consolidated", '<CONSOLIDATED_LIST dateGenerated="2026-06-01"/>'),
        ("un-consolidated", "<CONSOLIDATED_LIST><INDIVIDUALS/><ENTITIES/></CONSOLIDATED_LIST>"),
        ("ofac-xml", "<sdnList/>"),
    ],
)
def test_a_publishers_list_without_an_item_says_that_it_is_empty_and_takes_nobody_away(form, text):
    (fault,) = read(text, form, "list.xml")
    assert fault.locator == "whole file"
    assert fault.reason.startswith("list.xml holds no item of a list: it is empty")


def rows_of(*items):
    """Rows of `listing` from list, language, first day, file of parts, entity, key and day of observation."""
    names = ("list_id", "lang", "window_from", "provision", "entity_id", "report_key", "observed_at")
    rest = dict.fromkeys(LISTING.body.names) | {"instrument": "x", "name": "x", "locator": "x"}
    lists = {"names": [], "birth_dates": [], "countries": [], "identifiers": [], "origins": []}
    rows = [rest | lists | {"schema": "Person"} | dict(zip(names, item, strict=True)) for item in items]
    return pa.Table.from_pylist(rows, LISTING.body)


DAYS = st.sampled_from([datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3)])
ITEM = st.tuples(
    st.sampled_from(["A", "B"]),
    st.sampled_from([None, "en"]),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 2)),
    st.sampled_from([None, "alt.csv", "Schedule 1"]),
    st.sampled_from("123"),
    st.sampled_from([None, "", "k1", "k2"]),
    DAYS,
)


@given(st.lists(st.lists(ITEM, min_size=1, max_size=6), min_size=1, max_size=4))
def test_editions_are_those_of_a_loop_over_the_rows(batches):
    held = {}
    for list_id, lang, day, provision, entity, key, at in (item for batch in batches for item in batch):
        part = key if provision == "alt.csv" and key else None
        of = held.setdefault((list_id, lang, day, provision if part else None), {})
        of.setdefault(part or entity, []).append(at)

    def plain(_stream, _name):
        return (Batch(LISTING, rows_of(*batch)) for batch in batches)

    found = {
        (row["list_id"], row["lang"], row["window_from"], row["provision"]): row
        for row in editions(list(closing(plain)(BytesIO(), "any")))
    }
    assert {key: row["entities"] for key, row in found.items()} == {k: list(of) for k, of in held.items()}
    for key, row in found.items():
        assert row["observed_at"] == (max(chain(*held[key].values())) if key[2] else UNDATED)


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
    "name",
    ["justice-laws", "un-consolidated", "ofac-csv", "ofac-xml", "ftm", "listing-csv", "uk-sanctions-xml"],
)
def test_every_format_of_lists_says_that_it_yields_editions(name):
    assert {"listing", "consolidation"} <= set(FORMATS[name].kinds)
