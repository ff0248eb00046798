"""Interchanges and messages: counts, references, cuts."""

from io import BytesIO

import pytest
from tests.formats.edifact.made import bill, cuscar, found, interchange, item, itmatt, message, segment

from watchfloor.formats import record_splitter
from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.edifact import envelope, groups
from watchfloor.formats.cargo.edifact.envelope import events
from watchfloor.formats.cargo.edifact.file import FORMAT, read, sniff
from watchfloor.formats.registry import recognise

GOOD = interchange(itmatt(item()))


def reasons(data):
    return [(fault.reason, fault.partly, fault.rest) for fault in found(data)[1]]


def test_nothing_is_wrong_with_a_good_one():
    rows, faults = found(GOOD)
    assert (len(rows["declaration"]), len(rows["party"]), faults) == (1, 2, [])


def test_counts_and_references_that_do_not_agree_are_told():
    assert reasons(interchange(itmatt(item(), count=99))) == [("UNT says 99 segments; 14 came", True, False)]
    assert reasons(interchange(itmatt(item()), count=2)) == [("UNZ says 2 messages; 1 came", True, False)]
    assert reasons(GOOD.replace(b"UNT+14+1'", b"UNT+14+2'")) == [
        ("UNT has the control reference '2', its header '1'", True, False)
    ]
    assert reasons(GOOD.replace(b"UNZ+1+77'", b"UNZ+1+78'")) == [
        ("UNZ has the control reference '78', its header '77'", True, False)
    ]


@pytest.mark.parametrize(("width", "end"), [(70, "\n"), (80, "\r\n"), (128, "\n")])
def test_lines_of_one_length_are_put_together(width, end):
    plain = interchange(cuscar(bill()), itmatt(item(goods=("toys of wood",) * 3)), end="")
    lines = (plain[at : at + width] for at in range(0, len(plain), width))
    data = end.encode().join(lines)
    assert sniff(Head("x", data)) == 0.96
    (rows, faults), (whole, _) = found(data), found(plain)
    for row in (*rows["declaration"], *rows["party"], *whole["declaration"], *whole["party"]):
        del row["locator"]
    assert (rows, faults) == (whole, [])


def test_ends_of_lines_in_a_text_are_spaces_where_the_file_is_not_wrapped():
    rows, faults = found(interchange(itmatt(item(goods=("wooden\r\ntoys",)))))
    assert (rows["declaration"][0]["goods"], faults) == ("wooden toys", [])


def test_what_fills_up_a_file_is_not_told():
    assert reasons(GOOD + b"\x1a") == reasons(GOOD + b"\0" * 300) == []


def test_groups_of_messages_are_counted():
    group = segment("UNG", "ITMATT", "A", "B", ("261124", "0930"), "5", "UP")
    good = group + itmatt(item()) + segment("UNE", "1", "5")
    assert reasons(interchange(good)) == []
    assert reasons(interchange(good.replace("UNE+1", "UNE+3")))[0][0] == "UNE says 3 messages; 1 came"
    assert reasons(interchange(segment("UNE", "1", "5")))[0][0] == "ends a group that no UNG began"


def test_several_messages_and_interchanges_in_one_file():
    numbers = ("LX123456785CN", "RR123456785GB", "CX123456785DE")
    first = interchange(*(itmatt(item(one), reference=str(at)) for at, one in enumerate(numbers)))
    second = interchange(cuscar(bill()), una=True)
    rows, faults = found(first + second)
    assert faults == []
    assert [row["document"] for row in rows["declaration"]] == [*numbers, "SHA0001"]
    other = second.replace(b"UNA:+.? '", b"UNA:+,? '")
    assert "no interchange" in reasons(first + other)[0][0]


def test_a_file_that_was_cut_keeps_what_came_before():
    whole = interchange(itmatt(item(), item("RR123456785GB")))
    for size in range(len(whole) - 1):
        try:
            rows, faults = found(whole[:size])
        except FormatError:
            assert size <= len("UNA:+.? '\n")
            continue
        numbers = {row["document"] for row in rows["declaration"]}
        second = whole.index(b"CNI+1+RR")
        assert numbers <= {"LX123456785CN", "RR123456785GB"}
        assert ("LX123456785CN" in numbers) == (size >= second + len(b"CNI+1+RR123456785GB'"))
        assert size < whole.rindex(b"UNZ") or not faults or faults[-1].rest
        assert faults[-1].rest or size >= len(whole.rstrip())
        assert sum(fault.rest for fault in faults) <= 1


def test_a_message_without_its_trailer_is_told():
    first, second = itmatt(item()), itmatt(item("RR123456785GB"), reference="2")
    cut_off = first[: first.index("UNT")]
    rows, faults = found(interchange(cut_off, second))
    assert [row["document"] for row in rows["declaration"]] == ["RR123456785GB"]
    assert [fault.reason for fault in faults] == [
        "this consignment was cut off, and was not read",
        "message 1 has no UNT: segments may be missing",
    ]
    assert b"CNI" in faults[0].raw


def test_segments_that_stand_nowhere_are_told():
    assert "no message" in reasons(interchange(segment("CNI", "1") + itmatt(item())))[0][0]
    assert "no UNH" in reasons(interchange(segment("UNT", "2", "1")))[0][0]
    assert "no interchange" in reasons(GOOD + b"LOC+9+CAVAN'")[0][0]
    assert "has no UNZ" in reasons(GOOD[: GOOD.index(b"UNZ")] + GOOD[9:])[0][0]


def test_other_messages_are_told_and_passed():
    other = message("PAXLST", segment("BGM", "745"), reference="9")
    rows, faults = found(interchange(other, itmatt(item())))
    assert len(rows["declaration"]) == 1
    assert [fault.reason for fault in faults] == [
        "message 9 is of type PAXLST, which is not read; ITMATT, CUSITM, CUSRSP, CUSCAR are"
    ]
    assert not faults[0].partly


def test_a_message_without_a_consignment_says_so():
    assert reasons(interchange(itmatt())) == [("message 1 holds no consignment (CNI)", True, False)]


def test_a_segment_that_is_too_long_costs_itself_alone():
    long = item(goods=("x" * (record_splitter.MAX_SEGMENT + 1),))
    rows, faults = found(interchange(itmatt(long, item("RR123456785GB"))))
    assert [row["goods"] for row in rows["declaration"]] == ["", "wooden toys"]
    assert "more than 131,072 bytes" in faults[0].reason
    assert (faults[0].rest, faults[0].partly, len(faults[0].raw)) == (False, False, 1 << 16)


def test_a_consignment_that_is_too_large_is_passed_over(monkeypatch):
    monkeypatch.setattr(groups, "MAX_CONSIGNMENT", 2000)
    rows, faults = found(interchange(itmatt(item(goods=["toys"] * 100), item("RR123456785GB"))))
    assert [row["document"] for row in rows["declaration"]] == ["RR123456785GB"]
    assert "more than 2,000 bytes" in faults[0].reason


def test_a_head_that_is_too_large_costs_its_message(monkeypatch):
    monkeypatch.setattr(groups, "MAX_CONSIGNMENT", 2000)
    first = itmatt(item()).replace("CNI+", "RFF+ACC:1'" * 300 + "CNI+", 1).replace("UNT+14", "UNT+314")
    rows, faults = found(interchange(first, itmatt(item("RR123456785GB"), reference="2")))
    assert [row["document"] for row in rows["declaration"]] == ["RR123456785GB"]
    assert [(fault.reason, fault.partly) for fault in faults] == [
        (
            "what precedes message 1's consignments has more than 2,000 bytes, and the message was not read",
            False,
        )
    ]


def test_a_message_that_is_too_large_is_the_last(monkeypatch):
    monkeypatch.setattr(envelope, "MAX_MESSAGE", 500)
    numbers = ("LX123456785CN", "RR123456785GB", "CX123456785DE")
    rows, faults = found(interchange(itmatt(*map(item, numbers))))
    assert [row["document"] for row in rows["declaration"]] == ["LX123456785CN"]
    assert "500 bytes" in faults[-1].reason
    assert faults[-1].rest


def test_a_manifest_is_read_in_constant_memory(monkeypatch):
    class Endless(BytesIO):
        """A manifest of a million bills, of which no more is made than is read."""

        def __init__(self):
            super().__init__()
            self.rest = interchange(cuscar()).split(b"UNT")[0]
            self.made = 0

        def read(self, size=-1):
            while len(self.rest) < size:
                self.rest += "".join(bill(f"B{self.made}")).encode()
                self.made += 1
            data, self.rest = self.rest[:size], self.rest[size:]
            return data

    for module in (record_splitter, envelope):
        monkeypatch.setattr(module, "CHUNK", 4096)
    monkeypatch.setattr(manifests, "BATCH", 64)
    stream = Endless()
    next(read(stream, "x"))
    assert stream.made < 200


@pytest.mark.parametrize("data", [b"", b"hello", b"UNA++++++", b"ISA*00*", b"\n\n"])
def test_what_is_no_interchange_is_refused(data):
    with pytest.raises(FormatError):
        list(read(BytesIO(data), "x"))


def test_it_is_recognised():
    assert recognise(Head("x", GOOD)).name == FORMAT.name
    assert recognise(Head("x", b"\xef\xbb\xbf\r\n" + GOOD)).name == FORMAT.name
    assert sniff(Head("x", b"UNB+UNOA:1+A+B+1:1+1'UNH+1+ORDERS:D'")) == 0.5
    assert sniff(Head("x", b"UNABLE to read the UNB of a UNH")) == 0.0
    assert sniff(Head("x", b"UNB")) == 0.0


def test_events_have_the_bytes_of_their_segments():
    for event in events(BytesIO(GOOD), "x"):
        if hasattr(event, "tag"):
            assert GOOD[event.start : event.end - 1] == event.raw


def test_a_test_declares_nothing():
    rows, faults = found(GOOD.replace(b"+77'\nUNH", b"+77++ITMATT++++1'\nUNH"))
    assert rows["declaration"] == []
    assert [fault.reason for fault in faults] == [
        "message 1 is in an interchange marked as a test (UNB 0035): it declares nothing"
    ]
