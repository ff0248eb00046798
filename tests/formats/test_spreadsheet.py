from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.workbooks import ods, xlsx
from tests.thorough import draws

from watchfloor.formats.base import FormatError
from watchfloor.formats.tabular import spreadsheet

PEOPLE = [["Nom", "Né le", "No"], ["Élise Roy", date(1971, 5, 2), 7], ["Bo Li", None, 8.5]]


def rows(sheet):
    return [row for piece in sheet.pieces for row in piece.cells.to_pylist()]


def test_a_workbook_reads_as_people_see_it():
    sheet = spreadsheet.read(xlsx(Liste=PEOPLE), "l.xlsx")
    assert rows(sheet) == [
        {"Nom": "Élise Roy", "Né le": "1971-05-02", "No": "7"},
        {"Nom": "Bo Li", "Né le": None, "No": "8.5"},
    ]


def test_rows_say_where_they_stood():
    (piece,) = spreadsheet.read(xlsx(Liste=PEOPLE), "l.xlsx").pieces
    assert piece.locators.to_pylist() == ["sheet Liste, row 2", "sheet Liste, row 3"]
    assert piece.raw(0).decode() == '["Élise Roy", "1971-05-02", "7"]'


def test_titles_above_the_table_and_empty_sheets_are_passed_over():
    data = xlsx(Vide=[], Liste=[["Report of May"], [], *PEOPLE, [], ["Ann", None, 9]])
    sheet = spreadsheet.read(data, "l.xlsx")
    assert sheet.names == ["Nom", "Né le", "No"]
    (piece,) = sheet.pieces
    assert piece.locators.to_pylist()[0] == "sheet Liste, row 4"
    assert piece.locators.to_pylist()[-1] == "sheet Liste, row 7"


def test_a_sheet_and_a_header_may_be_named():
    data = xlsx(A=PEOPLE, B=[["x", "y"], ["a", "b"], ["1", "2"]])
    assert rows(spreadsheet.read(data, "l.xlsx", "B", 2)) == [{"a": "1", "b": "2"}]
    with pytest.raises(FormatError, match="no sheet 'C'"):
        spreadsheet.read(data, "l.xlsx", "C")
    with pytest.raises(FormatError, match="no row 99"):
        spreadsheet.read(data, "l.xlsx", "B", 99)


def test_opendocument():
    assert rows(spreadsheet.read(ods([["nom", "pays"], ["Élise", "CA"]]), "l.ods")) == [
        {"nom": "Élise", "pays": "CA"}
    ]


def test_an_empty_workbook_says_so():
    with pytest.raises(FormatError, match="is empty"):
        spreadsheet.read(xlsx(Vide=[]), "l.xlsx")


def test_a_cut_workbook_says_so():
    with pytest.raises(FormatError, match="damaged or cut"):
        spreadsheet.read(xlsx(Liste=PEOPLE)[:-40], "l.xlsx")


def test_a_workbook_that_would_unpack_too_large(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED", 100)
    with pytest.raises(FormatError, match="would unpack to"):
        spreadsheet.read(xlsx(Liste=PEOPLE), "l.xlsx")


@settings(deadline=None, max_examples=draws(150))
@given(st.data())
def test_damaged_workbooks_give_rows_or_a_format_error(data):
    whole = bytearray(data.draw(st.sampled_from([xlsx(Liste=PEOPLE), ods([["a", "b"], ["1", "2"]])])))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        rows(spreadsheet.read(bytes(whole[: data.draw(st.integers(1, len(whole)))]), "l.xlsx"))


def test_a_workbook_is_written_without_what_xml_cannot_hold():
    written = [("name", "text"), ("Ann\x00\x0b\ufffe", "=1+1 <&>"), ("Bob", "two\nlines")]
    sheet = spreadsheet.read(spreadsheet.write("Emerson/west", written), "made.xlsx")
    pieces = list(sheet.pieces)
    rows = [row for piece in pieces for row in piece.cells.to_pylist()]
    assert pieces[0].locators[0].as_py() == "sheet Emerson west, row 2"
    assert [tuple(row.values()) for row in rows] == [("Ann", "=1+1 <&>"), ("Bob", "two\nlines")]
