"""Exporters of concern: an assertion has a source, its days and a reason, or it lists nobody."""

import csv
from contextlib import suppress
from datetime import date
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.lists import faults, listed, texts

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.lists.concern_csv import COLUMNS, FORMAT, read
from watchfloor.formats.registry import FORMATS

HEADER = "id,name,source,asserted,expires,why,aliases,identifiers\n"
GOOD = (
    "X-1,Lindenrot Fine Chemicals,Europol notice 12/2026,2026-03-01,2027-02-28,"
    "shipped NPP under the name of a dye in two parcels,Lindenrot Chem,"
    "lei:5493001KJTIIGC8Y1R12;uscc:91110000600037341L;wallet:bc1qexample\n"
)


def rows(text: str) -> list[Batch | Fault]:
    return list(read(BytesIO(text.encode()), "concern.csv"))


def why_refused(**changes: str) -> str:
    cells = dict(zip(HEADER.strip().split(","), GOOD.strip().split(","), strict=True)) | changes
    (fault,) = faults(rows(HEADER + ",".join(cells.values()) + "\n"))
    return fault.reason


def test_an_assertion():
    (row,) = listed(rows(HEADER + GOOD))
    assert (row["list_id"], row["entity_id"]) == ("EXPORTERS-OF-CONCERN", "X-1")
    assert (row["listed_on"], row["ceased"]) == (date(2026, 3, 1), date(2027, 3, 1))
    assert (row["title"], row["remarks"][:11]) == ("Europol notice 12/2026", "shipped NPP")
    assert row["instrument"] == (
        "exporters of concern, “shipped NPP under the name of a dye in two parcels” (Europol notice 12/2026,"
        " until 2027-02-28)"
    )
    assert texts(row) == ["Lindenrot Fine Chemicals", "Lindenrot Chem"]
    assert [one["system"] for one in row["identifiers"]] == ["lei", "uscc", "wallet"]
    assert row["birth_dates"] == row["countries"] == []


@pytest.mark.parametrize("column", ["id", "name", "source", "asserted", "expires", "why"])
def test_nothing_is_listed_without(column):
    assert f"has no {column}" in why_refused(**{column: ""})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"asserted": "2026-02-30"}, "is no day"),
        ({"expires": "soon"}, "is no day"),
        ({"expires": "2026-02-01"}, "before it is asserted"),
        ({"expires": "2036-02-01"}, "more than three years"),
        ({"why": "bad"}, "bare flag"),
        ({"why": "x" * 500}, "500 letters"),
        ({"why": "because of his nationality and friends"}, "nobody is listed for what he is"),
        ({"why": "the owner was born in a certain town"}, "nobody is listed for what he is"),
        ({"identifiers": "lei:5493001KJTIIGC8Y1R13"}, "check digit"),
        ({"identifiers": "uscc:91110000600037341X"}, "check digit"),
        ({"identifiers": "no system"}, "no list of identifiers"),
    ],
)
def test_what_is_refused(changes, says):
    assert says in why_refused(**changes)


@pytest.mark.parametrize("why", ["fined by the tribunal for false labels", "sold NPP to Hindustan Dyes Ltd."])
def test_words_that_only_begin_alike_are_no_such_reason(why):
    cells = GOOD.split(",")
    cells[5] = why
    assert len(listed(rows(HEADER + ",".join(cells)))) == 1


def test_no_source_that_lists_people_for_what_they_are():
    assert "nobody is listed for what he is" in why_refused(source="register of nationality")


@pytest.mark.parametrize("column", ["nationality", "country", "citizenship", "Religion", "birth_country"])
def test_columns_about_what_somebody_is(column):
    with pytest.raises(FormatError, match="nobody is listed for what he is"):
        rows(HEADER.strip() + f",{column}\n" + GOOD.strip() + ",x\n")


def test_columns_that_are_not_ours_or_missing():
    with pytest.raises(FormatError, match="has not; "):
        rows(HEADER.strip() + ",alias\n")
    with pytest.raises(FormatError, match="no column source and no column why"):
        rows("id,name,asserted,expires\n")


def test_what_is_written_is_read_back():
    pieces = rows(HEADER + GOOD + GOOD.replace("X-1", "X-2").replace("Lindenrot", "Wälder; Söhne"))
    out = BytesIO()
    FORMAT.write([one for one in pieces if isinstance(one, Batch)], out)
    again = listed(list(read(BytesIO(out.getvalue()), "again.csv")))
    first = listed(pieces)
    assert [row | {"locator": ""} for row in again] == [row | {"locator": ""} for row in first]


def test_it_is_recognised():
    head = Head("concern.csv", (HEADER + GOOD).encode())
    assert max(FORMATS.values(), key=lambda form: form.sniff(head)).name == "concern-csv"
    assert FORMAT.sniff(Head("list.csv", b"id,name,aliases\n1,Odo,\n")) == 0


@given(st.lists(st.lists(st.text(max_size=12), min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=4))
def test_any_cells_give_rows_or_faults(cells):
    text = StringIO()
    csv.writer(text).writerows([COLUMNS, *cells])
    out = BytesIO(text.getvalue().encode("utf-8", "replace"))
    assert all(isinstance(one, Batch | Fault) for one in read(out, "fuzz.csv"))


@given(st.binary(max_size=200))
def test_any_bytes(data):
    with suppress(FormatError):
        assert all(isinstance(one, Batch | Fault) for one in read(BytesIO(data), "fuzz.csv"))
