"""XML from outside: bombs, damage, size."""

import io
from collections.abc import Iterator

import pytest

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.xml_limits import CHUNK, elements, text_of


def found(data: bytes, wanted: tuple[str, ...] = ("item",)) -> list[str | Fault]:
    pieces = elements(io.BytesIO(data), "f.xml", wanted, {"list"})
    return [p if isinstance(p, Fault) else text_of(p) for p in pieces][1:]


def test_wanted_elements_whole_and_in_order():
    data = b"<list><a><item>1<b>2</b></item></a><item/><other>x</other><item>3<item>4</item></item></list>"
    assert found(data) == ["12", "", "34"]


def test_ancestors_stay_reachable():
    data = b'<list><part n="1"><item/></part><part n="2"><item/></part></list>'
    pieces = elements(io.BytesIO(data), "f.xml", {"item"}, {"list"})
    assert [p.getparent().get("n") for p in list_lazily(pieces)] == ["1", "2"]


def list_lazily(pieces: Iterator) -> Iterator:
    next(pieces)
    yield from pieces


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">'
    + b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 30))
    + b"]><list><item>&l29;</item></list>"
)
QUADRATIC = (
    b'<!DOCTYPE l [<!ENTITY a "' + b"a" * 100_000 + b'">]><list><item>' + b"&a;" * 10_000 + b"</item></list>"
)
PARAMETER = (
    b"<!DOCTYPE l [<!ENTITY % a \"<!ENTITY b 'bbbb'>\">"
    + b"".join(b'<!ENTITY %% a%d "%s">' % (i, b"%a;" * 10) for i in range(20))
    + b"%a19;]><list><item>&b;</item></list>"
)
EXTERNAL = b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><list><item/></list>'
INCLUDED = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><list><item>&x;</item></list>'


@pytest.mark.parametrize("bomb", [LAUGHS, QUADRATIC, PARAMETER, EXTERNAL, INCLUDED])
def test_bombs_are_refused_before_they_expand(bomb):
    with pytest.raises(FormatError, match=r"document type|cannot be read|not XML"):
        found(bomb)


def test_an_undeclared_entity_is_damage():
    (first, fault) = found(b"<list><item>1</item><item>&what;</item></list>")
    assert (first, isinstance(fault, Fault)) == ("1", True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty: 0 bytes"),
        (b"   ", "not XML"),
        (b"no xml at all", "not XML"),
        (b"\x00\x01\x02", "not XML"),
        (b"<html><body/></html>", "root <html>, where <list>"),
        (b'<?xml version="1.0" encoding="klingon"?><list/>', "not XML"),
    ],
)
def test_what_is_no_such_file_is_refused(data, says):
    with pytest.raises(FormatError, match=f"f.xml .*{says}"):
        found(data)


def test_what_stands_before_the_damage_is_kept():
    whole = b"<list>" + b"".join(b"<item>%d</item>\n" % i for i in range(20_000)) + b"</list>"
    pieces = found(whole[: len(whole) // 2])
    fault = pieces.pop()
    assert isinstance(fault, Fault)
    assert fault.rest
    assert fault.locator.startswith("line ")
    assert pieces == [str(i) for i in range(len(pieces))]
    assert len(pieces) > 9_900


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\x00", b"<&>", b"</list></list>"])
def test_damage_in_the_middle(bad):
    pieces = found(b"<list><item>1</item>" + bad + b"<item>2</item></list>")
    assert pieces[0] == "1"
    assert isinstance(pieces[-1], Fault)


def test_a_file_of_another_encoding_than_it_says():
    data = '<?xml version="1.0" encoding="utf-8"?><list><item>1</item><item>é</item></list>'.encode("latin-1")
    pieces = found(data)
    assert pieces[0] == "1"
    assert isinstance(pieces[1], Fault)


def test_utf16_is_read():
    assert found('<?xml version="1.0" encoding="utf-16"?><list><item>é</item></list>'.encode("utf-16")) == [
        "é"
    ]


def test_depth_is_bounded():
    assert isinstance(found(b"<list>" + b"<a>" * 5000)[-1], Fault)


def test_one_element_of_endless_content_is_refused():
    data = b"<list><item>" + b"<a/>" * 300_000 + b"</item></list>"
    with pytest.raises(FormatError, match="more than 200,000 elements in one <item> near byte 786,432"):
        found(data)


MUCH = b"a" * 10_100_000


@pytest.mark.parametrize(
    ("inside", "seen"),
    [
        (b"<b>" * 300, "elements more than 256 deep, in <b>"),
        (b"<b>" + MUCH, "more than 10,000,000 bytes in one text, comment or tag, in <b>"),
        (b"<b><![CDATA[" + MUCH, "more than 10,000,000 bytes in one text, comment or tag, in <b>"),
        (b"<!--" + MUCH, "more than 10,000,000 bytes in one text, comment or tag, in <item>"),
        (b'<b c="' + MUCH + b'"/>', "more than 10,000,000 bytes in one text, comment or tag, in <b>"),
        (b"<" + b"b" * 60_000, "a name of more than 50,000 bytes, in <item>"),
    ],
)
def test_a_limit_is_said_with_what_was_seen_and_what_to_do(inside, seen):
    first, fault = found(b"<list><item>1</item><item>" + inside)
    assert (first, isinstance(fault, Fault), fault.rest) == ("1", True, True)
    assert fault.reason.startswith(f"the file has {seen} near byte ")
    assert "deliver the file as its publisher or sender gives it" in fault.reason
    assert "HUGE" not in fault.reason
    assert "complete copy" not in fault.reason


def test_a_limit_reached_before_the_root_is_one_too():
    with pytest.raises(FormatError, match=r"f\.xml has a name of more than 50,000 bytes near byte 0"):
        found(b"<" + b"b" * 60_000 + b"><item/>")


def test_what_is_just_within_the_limits_is_read():
    inside = b"<b>" * 253 + b"</b>" * 253 + b"a" * 9_900_000 + b"<a/>" * 199_000
    assert found(b"<list><item>" + inside + b"</item></list>") == ["a" * 9_900_000]


def test_damage_is_no_limit():
    (fault,) = found(b"<list><item>")
    assert fault.reason.startswith("the XML breaks off or is damaged here (Premature end")
    assert fault.reason.endswith("Get a complete copy")
    assert "<string>" not in fault.reason


class Endless(io.RawIOBase):
    """So many items, made while they are read."""

    def __init__(self, size: int, item: bytes) -> None:
        self.left, self.item = size, item
        self.buffer = b"<list>"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.left <= 0:
            return b""
        while len(self.buffer) < size:
            self.buffer += self.item * 500
        self.left -= size
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out


@pytest.mark.parametrize("item", [b"<item>some words</item>", b"<other>some <b>words</b></other>"])
def test_memory_is_constant(item):
    """The tree never holds more than what one chunk brought, whether elements are wanted or not."""
    pieces = elements(Endless(25 * CHUNK, item), "f.xml", {"item"}, {"list"})
    root = next(pieces)
    held = [len(root) for _ in pieces]
    assert max(*held, len(root)) <= 2 * CHUNK // len(item)
