import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.encoding.charset import SAMPLE, Charset, Utf8, checked, detect, named, stated
from watchfloor.formats.tabular.delimited import Dialect, read

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.charsets.samples import ENCODINGS, files, mixed, western

CYRILLIC = "Иванов Пётр\nСмирнова Анна\nКузнецов Олег\nЛебедева Юлия\nЩербаков Игорь\n"


def whole(data, size=1 << 20, charset=None, head=SAMPLE):
    text = Utf8(BytesIO(data[head:]), data[:head], charset)
    pieces = list(iter(lambda: text.read(size), b""))
    return text, b"".join(pieces)


@pytest.mark.parametrize("shape", ["names", "csv"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_fifty_lines_of_names_tell_their_encoding(encoding, shape):
    for sample in files({encoding: ENCODINGS[encoding]}, 50, 5, shape, origin="written"):
        text, found = whole(sample.data)
        assert found.decode() == sample.text
        assert text.charset.rival == ""


def test_200_short_french_spanish_and_portuguese_files_are_western():
    for sample in western(200, origin="written"):
        assert whole(sample.data)[1].decode() == sample.text


@pytest.mark.parametrize("lines", [20, 50, 200])
def test_western_languages_side_by_side_are_western(lines):
    for sample in mixed(10, lines, origin="written"):
        assert whole(sample.data)[1].decode() == sample.text


@pytest.mark.parametrize("text", ["10 – 20 €\n", "n° 5, 1º\n", "«»\n", "½ × £5\n"])
def test_signs_without_letters_are_western(text):
    assert detect(text.encode("cp1252")).encoding == "cp1252"


def test_two_names_of_another_part_of_europe_are_not_sure():
    found = detect("Łukasz Wiśniewski\nGrażyna Dąbrowska\n".encode("iso8859-2"))
    assert found.rival


def test_latin_and_cyrillic_in_one_table():
    lines = [f"{at};Smith Street {at};{name}" for at, name in enumerate(CYRILLIC.split("\n")[:-1])]
    data = ("id;street;nom\n" + "\n".join(lines) + "\n").encode("cp1251")
    assert whole(data)[1].decode() == data.decode("cp1251")


SOME_TEXT = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda lines, encoding: "\n".join(lines).encode(encoding, "replace"),
        st.lists(st.text('Éé oŁюЩ中あ가م,"', max_size=12), max_size=20),
        st.sampled_from([*ENCODINGS, "cp1252", "utf-8", "utf-16", "utf-16-be", "cp932", "big5hkscs"]),
    ),
)


@given(SOME_TEXT, st.integers(1, 40), st.integers(0, 60))
def test_the_cut_into_chunks_changes_nothing(data, size, ascii_bytes):
    data = b"a" * ascii_bytes + data
    one, text = whole(data)
    other, same = whole(data, size)
    assert (text, one.charset, one.truncated) == (same, other.charset, other.truncated)


@given(SOME_TEXT)
def test_each_line_leads_back_to_its_bytes(data):
    text, found = whole(data)
    if not text.truncated and b"\r" not in data:
        assert b"".join(map(text.delivered, found.splitlines(keepends=True))) == data[text.charset.skip :]


@pytest.mark.parametrize("encoding", ["cp932", "cp950", "big5hkscs", "gb18030", "cp949", "cp1251", "cp037"])
@given(data=st.binary(max_size=200))
def test_a_stated_encoding_leads_back_to_the_bytes(encoding, data):
    text, found = whole(data, charset=named(encoding, data))
    if b"\r" not in data:
        assert text.delivered(found) == data


def test_bytes_that_two_ways_of_writing_a_character_share_are_set_aside():
    pieces = list(read(BytesIO(b"a,b\n\xed\x40,1\n\xfa\x5c,2\n"), "x.csv", Dialect("cp932")).pieces)
    assert [(one.locator, one.raw) for one in pieces if isinstance(one, Fault)] == [("line 2", b"\xed\x40,1")]


def test_an_encoding_behind_a_long_plain_start_is_found_in_any_chunks():
    data = b"nom,pays\n" + b"Smith,CA\n" * 10_000 + CYRILLIC.encode("koi8-r") * 2_000
    one, text = whole(data)
    other, same = whole(data, 4096)
    assert one.charset == other.charset == Charset("koi8-r", guessed=True)
    assert text == same == data.decode("koi8-r").encode()


def faults(data, **dialect):
    pieces = read(BytesIO(data), "x.csv", Dialect(delimiter=",", **dialect)).pieces
    return [one.locator for one in pieces if isinstance(one, Fault)]


def test_lines_in_another_encoding_than_the_first_are_faults():
    table = "nom,n\n" + CYRILLIC.replace("\n", ",1\n") * 3
    assert faults(table.encode("cp1251") + "Пётр,1\n".encode()) == ["line 17"]
    assert faults(table.encode("cp1251") + "Петров,1\n".encode("koi8-r")) == ["line 17"]
    assert faults(table.encode() + "Пётр,1\n".encode("cp1251")) == ["line 17"]
    french = "nom,n\nHélène Côté,1\nZoé,1\n"
    assert faults(french.encode("cp1252") + "Noël,1\n".encode()) == ["line 4"]
    assert faults(french.encode("cp1252") + "Кузнецов,1\n".encode("cp1251")) == ["line 4"]


def test_lines_that_a_stated_encoding_does_not_know_are_faults():
    assert faults("nom,n\nÉlise,1\nAnna,2\n".encode("cp1252"), encoding="ascii") == ["line 2"]
    assert faults("nom,n\nÉlise,1\nZoé,2\n".encode("cp1252") + "Zoé,3\n".encode(), encoding="cp1252") == [
        "line 4"
    ]
    assert faults("nom,n\nЕё,1\n".encode("cp1251"), encoding="cp1251") == []


@pytest.mark.parametrize(
    "encoding",
    ["zlib_codec", "rot13", "hex", "idna", "punycode", "unicode_escape", "utf-7", "hz", "no-such", "a\0"],
)
def test_what_is_no_encoding_of_text_cannot_be_stated(encoding):
    with pytest.raises(FormatError):
        checked(encoding)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "UTF-16", "utf-32-be", "cp1252", "koi8-r", "gb18030", "shift_jis", "cp037"]
)
def test_encodings_of_text_can_be_stated(encoding):
    text = "nom,n\nJohn,1\n"
    assert whole(text.encode(checked(encoding)), charset=named(encoding, b""))[1].decode() == text


def test_a_statement_holds_for_all_that_is_read_under_it_and_notes_are_collected():
    data = "Ива\n".encode("koi8-r")
    with stated("koi8-r") as statement:
        assert whole(data)[1].decode() == "Ива\n"
        assert statement.notes == ("read as KOI8-R",)
    assert whole(b"a\n")[0].charset.encoding == "utf-8"
