"""Service characters, character sets, and segments beside those of another reader."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.formats.edifact.made import content, found, interchange, item, itmatt, segment
from tests.thorough import draws

from watchfloor.formats.cargo.edifact.syntax import Signs, decoded, signs_of
from watchfloor.formats.cargo.edifact.syntax import segment as parse
from watchfloor.formats.record_splitter import Piece

OTHER = Signs("|", "^", ",", "\\", "~")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
DATA = st.lists(st.lists(TEXT, min_size=1, max_size=3), max_size=4)


def of(text, signs=Signs()):  # noqa: B008 - a constant
    raw = text.encode()
    return parse(Piece(0, len(raw) + 1, raw), text, signs)


@settings(max_examples=draws(100), deadline=None)
@given(data=DATA, signs=st.sampled_from([Signs(), OTHER]))
def test_what_is_written_is_read(data, signs):
    text = segment("ABC", *map(tuple, data), signs=signs).removesuffix(signs.terminator)
    assert of(text, signs).data == [["ABC"], *data]


@settings(max_examples=draws(100), deadline=None)
@given(data=DATA)
def test_segments_are_those_of_pydifact(data):
    parser = pytest.importorskip("pydifact.parser").Parser
    assume(any(map(any, data)))
    theirs = next(iter(parser().parse(segment("ABC", *map(tuple, data)))))
    ours = of(segment("ABC", *map(tuple, data)).removesuffix("'")).data[1:]
    assert shortened(theirs.elements) == shortened(ours)


def shortened(data):
    """Elements without the empty components and elements at their end, which pydifact drops."""
    found = [list(one) if isinstance(one, list) else [one] for one in data]
    for one in [*found, found]:
        while one and not any(one[-1]):
            one.pop()
    return found


def test_una_states_the_signs():
    assert signs_of(b"UNA:+.? 'UNB") == (Signs(), 9)
    assert signs_of(b"UNB+UNOA") == (Signs(), 0)
    assert signs_of(b"UNA|^,\\ ~") == (OTHER, 9)
    assert signs_of(b"UNA:+,  '")[0].release == ""


@pytest.mark.parametrize(
    "advice", [b"UNA++.? '", b"UNA:+.+ '", b"UNA:+", "UNA:+.?é'".encode("latin-1") + b"'"]
)
def test_signs_that_cannot_be_told_apart_are_refused(advice):
    with pytest.raises(ValueError, match="told apart"):
        signs_of(advice)


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("UNOA", "ascii", "TOYS"),
        ("UNOC", "latin-1", "jouets en bois, forêt"),
        ("UNOD", "iso8859-2", "zabawki żółte"),
        ("UNOE", "iso8859-5", "деревянные игрушки"),
        ("UNOF", "iso8859-7", "ξύλινα παιχνίδια"),
        ("UNOI", "iso8859-6", "ألعاب خشبية"),
        ("UNOJ", "iso8859-8", "צעצועי עץ"),
        ("UNOK", "iso8859-9", "ahşap oyuncak"),
        ("UNOY", "utf-8", "木製玩具 деревянные ξύλινα ألعاب toys"),
        ("UNOW", "utf-8", "나무 장난감"),
    ],
)
def test_descriptions_in_the_characters_of_the_interchange(charset, encoding, text):
    data = interchange(itmatt(item(goods=(text,))), charset=charset, encoding=encoding)
    rows, faults = found(data)
    assert not faults
    assert rows["declaration"][0]["goods"] == text


def test_other_characters_than_stated_are_read_and_told():
    rows, faults = found(interchange(itmatt(item(goods=("木製玩具", "jouets"))), charset="UNOB"))
    assert [row["goods"] for row in rows["declaration"]] == ["木製玩具", "jouets"]
    assert [fault.partly for fault in faults] == [True]
    assert "read as UTF-8" in faults[0].reason
    assert decoded("é".encode("latin-1"), "ascii") == (
        "é",
        "holds byte 0xe9, which is no ASCII; it was read as ISO 8859-1",
    )
    assert decoded(b"a\xff", "utf-8")[0] == "a�"


def test_unknown_characters_and_escapes_are_told():
    _, faults = found(interchange(itmatt(item()), charset="UNOZ"))
    assert "none of UNOA" in faults[0].reason
    _, faults = found(interchange(itmatt(item()), charset="UNOX"))
    assert "escape sequences" in faults[0].reason


def test_other_service_characters():
    signs = OTHER
    parts = [
        segment("BGM", "ITM", "M1", "9", signs=signs),
        segment("CNI", "1", "LX123456785CN", signs=signs),
        segment("GID", "1", signs=signs),
        segment("FTX", "AAA", "", "", "toys ~ and ^ more", signs=signs),
        segment("MEA", "WT", "AAL", ("KGM", "0,5"), signs=signs),
    ]
    head = segment("UNH", "1", ("ITMATT", "1"), signs=signs)
    text = head + "".join(parts) + segment("UNT", "7", "1", signs=signs)
    rows, faults = found(interchange(text, signs=signs))
    assert not faults
    assert (rows["declaration"][0]["goods"], rows["declaration"][0]["mass"]) == ("toys ~ and ^ more", 0.5)


def test_lines_that_end_anywhere():
    for end in ("", "\n", "\r\n"):
        rows, faults = found(interchange(itmatt(item()), end=end))
        assert (len(rows["declaration"]), faults) == (1, [])
    assert content(1, "x")[0] == "GID+1+2'"
