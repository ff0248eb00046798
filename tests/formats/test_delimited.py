from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.base import FormatError
from watchfloor.formats.encoding.charset import detect
from watchfloor.formats.tabular.delimited import Dialect, header_of, read, sniff_delimiter
from watchfloor.formats.tabular.table import Rows

TEXT = "nom;pays\nÉlise Côté;CA\nZoë — Müller;DE\n"


def cells(data, dialect=None):
    return [row for item in read(BytesIO(data), "x.csv", dialect).pieces for row in item.cells.to_pylist()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_encoding_reads_the_same(encoding):
    data = TEXT.encode(encoding)
    assert cells(data) == [{"nom": "Élise Côté", "pays": "CA"}, {"nom": "Zoë — Müller", "pays": "DE"}]


def test_raw_bytes_are_those_delivered():
    data = TEXT.encode("cp1252")
    (rows,) = read(BytesIO(data), "x.csv").pieces
    assert rows.raw(0) == "Élise Côté;CA".encode("cp1252")
    assert rows.locators.to_pylist() == ["line 2", "line 3"]


def test_the_guess_of_an_encoding_is_said():
    assert "Windows-1252" in detect(TEXT.encode("cp1252")).note
    assert detect(TEXT.encode()).note == ""
    assert detect(TEXT.encode("utf-16")).note == "read as UTF-16-LE"


def test_accents_behind_a_long_plain_start_decide_the_encoding():
    data = b"nom,pays\n" + b"Smith,CA\n" * 10_000 + "Côté,CA\n".encode("cp1252")
    sheet = read(BytesIO(data), "x.csv")
    rows = [row for piece in sheet.pieces for row in piece.cells.to_pylist()]
    assert rows[-1] == {"nom": "Côté", "pays": "CA"}
    assert "Windows-1252" in sheet.note()


def test_a_byte_that_windows_1252_does_not_know_is_a_fault():
    found = list(read(BytesIO(b"a,b\ncaf\xe9,1\nx\x81,2\n"), "x.csv").pieces)
    rows = [row for item in found if isinstance(item, Rows) for row in item.cells.to_pylist()]
    assert rows == [{"a": "café", "b": "1"}]
    assert [(item.locator, item.raw) for item in found if not isinstance(item, Rows)] == [
        ("line 3", b"x\x81,2")
    ]


def test_a_cut_utf16_file_says_so():
    found = list(read(BytesIO("a,b\n1,2\n3,4".encode("utf-16")[:-1]), "x.csv").pieces)
    assert found[-1].rest
    assert "cut" in found[-1].reason


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_delimiters_are_found(delimiter):
    data = f"a{delimiter}b\n1{delimiter}x, y and z\n".encode() if delimiter != "," else b"a,b\n1,x;y\n"
    assert sniff_delimiter(data) == delimiter


def test_a_stated_delimiter_and_directive_win():
    assert cells(b"sep=;\na;b\n1,5;2\n") == [{"a": "1,5", "b": "2"}]
    assert cells(b"a;b\n1;2\n", Dialect(delimiter=",")) == [{"a;b": "1;2"}]


def test_old_line_ends_are_read():
    assert cells(b"a,b\r1,2\r3,4") == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_headers_are_made_unique():
    assert header_of(b"name, name ,,name\n1,2,3,4\n") == ["name", "name (2)", "column 3", "name (3)"]


def test_a_first_line_of_one_name_alone_is_numbered():
    """The digits of a map on one line, as a sniffed file begins: in cubic time this took 24 minutes."""
    names = header_of(b"1," * 32_000)
    assert len(names) == len(set(names)) == 32_001
    assert names[1] == "1 (2)"
    assert names[-2:] == ["1 (32000)", "column 32001"]


def test_a_header_further_down():
    assert cells(b"Report of May\n\na,b\n1,2\n", Dialect(header=3)) == [{"a": "1", "b": "2"}]
    with pytest.raises(FormatError, match="no line 9"):
        cells(b"a,b\n", Dialect(header=9))


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be(data):
    with pytest.raises(FormatError, match="is empty"):
        cells(data)


def test_a_header_alone_has_no_rows():
    assert cells(b"a,b") == []
    assert cells(b"a,b\n") == []


def test_an_unknown_encoding_is_named():
    with pytest.raises(FormatError, match="'klingon' is no encoding"):
        cells(b"a,b\n", Dialect(encoding="klingon"))


def test_no_line_end_at_all():
    with pytest.raises(FormatError, match="no line end"):
        cells(b"x" * (1 << 21))


@settings(deadline=None, max_examples=draws(100))
@given(st.text(alphabet="aé中\n,ش", min_size=1), st.sampled_from(["utf-8-sig", "utf-16", "utf-32"]))
def test_marked_text_is_found_to_be_what_it_is(text, encoding):
    charset = detect(text.encode(encoding))
    assert text.encode(encoding)[charset.skip :].decode(charset.encoding) == text
