"""Interchanges of X12: separators, counts, control numbers, cuts."""

from io import BytesIO

import pytest
from tests.formats.x12.made import bill, found, interchange, manifest

from watchfloor.formats import record_splitter
from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.cargo.x12 import bills, envelope
from watchfloor.formats.cargo.x12.envelope import events, moment
from watchfloor.formats.cargo.x12.file import FORMAT, read, sniff
from watchfloor.formats.registry import recognise

GOOD = interchange(manifest(bill()))


def reasons(data):
    return [(fault.reason, fault.partly, fault.rest) for fault in found(data)[2]]


@pytest.mark.parametrize(
    ("element", "end", "line"), [("*", "~", ""), ("|", "\n", ""), ("\x1d", "\x1c", "\r\n")]
)
def test_an_interchange_states_its_separators(element, end, line):
    rows, parties, faults = found(interchange(manifest(bill()), element=element, end=end, line=line))
    assert (rows[0]["goods"], len(parties), faults) == ("machine parts", 2, [])


@pytest.mark.parametrize("width", [80, 128])
def test_lines_of_one_length_are_put_together(width):
    plain = interchange(manifest(bill(), bill("LANT0002")), line="")
    data = b"\r\n".join(plain[at : at + width] for at in range(0, len(plain), width))
    assert sniff(Head("x", data)) == 0.96
    (rows, parties, faults), (whole, _, _) = found(data), found(plain)
    for row in (*rows, *whole):
        del row["locator"]
    assert (rows, len(parties), faults) == (whole, 4, [])


def test_what_fills_up_a_file_is_not_told():
    assert reasons(GOOD + b"\x1a\0\0") == []


def test_counts_and_control_numbers_that_do_not_agree_are_told():
    assert reasons(interchange(manifest(bill(), count=99)))[0] == (
        "SE says 99 segments; 16 came",
        True,
        False,
    )
    assert reasons(interchange(manifest(bill()), count=2))[0][0] == "GE says 2 transaction sets; 1 came"
    assert reasons(GOOD.replace(b"IEA*1", b"IEA*3"))[0][0] == "IEA says 3 groups; 1 came"
    for tag, theirs, header in ((b"SE*16*0001", "0002", "0001"), (b"GE*1*5", "6", "5")):
        wrong = tag[: -len(header)] + theirs.encode()
        said = f"has the control number {theirs!r}, its header {header!r}"
        assert said in reasons(GOOD.replace(tag, wrong))[0][0]


def test_several_sets_groups_and_interchanges():
    two = interchange(manifest(bill()), manifest(bill("LANT0002"), reference="0002"))
    rows, _, faults = found(two + GOOD)
    assert ([row["document"] for row in rows], faults) == (["LANT0001", "LANT0002", "LANT0001"], [])


def test_a_file_that_was_cut_keeps_what_came_before():
    whole = interchange(manifest(bill(), bill("LANT0002")))
    second = whole.index(b"LX*1", whole.index(b"LX*1") + 1) + len(b"LX*1~")
    for size in range(0, len(whole.rstrip()), 3):
        try:
            rows, _, faults = found(whole[:size])
        except FormatError:
            assert size <= 105
            continue
        assert ("LANT0001" in {row["document"] for row in rows}) == (size >= second)
        assert sum(fault.rest for fault in faults) == 1


def test_a_set_without_its_trailer_is_told():
    first = manifest(bill())
    text = first[: first.index("SE*")] + manifest(bill("LANT0002"), reference="0002")
    rows, _, faults = found(interchange(text, count=2))
    assert [row["document"] for row in rows] == ["LANT0002"]
    assert [fault.reason for fault in faults] == [
        "this bill was cut off, and was not read",
        "transaction set 0001 has no SE: segments may be missing",
    ]


def test_segments_that_stand_nowhere_are_told():
    assert "no transaction set" in reasons(GOOD.replace(b"ST*309*0001~\n", b""))[0][0]
    assert "no ST began" in reasons(GOOD.replace(b"ST*309*0001~\n", b""))[-2][0]
    assert "no interchange" in reasons(GOOD + b"LX*1~")[0][0]
    assert "no GS began" in reasons(GOOD.replace(b"IEA*1", b"GE*1*5~\nIEA*1"))[0][0]
    assert "has no IEA" in reasons(GOOD[: GOOD.index(b"IEA")] + GOOD)[0][0]


def test_other_sets_are_told_and_passed():
    data = interchange("ST*358*0009~M10*A~SE*3*0009~", manifest(bill()))
    rows, _, faults = found(data)
    assert len(rows) == 1
    assert [(fault.reason, fault.partly) for fault in faults] == [
        ("transaction set 0009 is a 358, not a 309", False)
    ]


def test_a_set_without_a_bill_says_so():
    assert reasons(interchange(manifest())) == [("transaction set 0001 holds no bill (LX, M11)", True, False)]


def test_what_is_too_large_costs_itself_alone(monkeypatch):
    long = bill(goods=("x" * (record_splitter.MAX_SEGMENT + 1),))
    rows, _, faults = found(interchange(manifest(long, bill("LANT0002"))))
    assert [row["goods"] for row in rows] == ["", "machine parts"]
    assert "more than 131,072 bytes" in faults[0].reason
    monkeypatch.setattr(bills, "MAX_BILL", 2000)
    rows, _, faults = found(interchange(manifest(bill(goods=["x"] * 100), bill("LANT0002"))))
    assert [row["document"] for row in rows] == ["LANT0002"]
    assert "more than 2,000 bytes" in faults[0].reason
    monkeypatch.setattr(envelope, "MAX_SET", 500)
    rows, _, faults = found(interchange(manifest(*(bill(f"LANT{one}") for one in range(3)))))
    assert [row["document"] for row in rows] == ["LANT0"]
    assert faults[-1].rest


@pytest.mark.parametrize(
    "data", [b"", b"ISA*00*", b"UNA:+.? '", GOOD[:104] + b"~", GOOD.replace(b"*", b"+", 1)]
)
def test_what_is_no_interchange_is_refused(data):
    with pytest.raises(FormatError):
        list(read(BytesIO(data), "x"))


def test_it_is_recognised():
    assert recognise(Head("x", GOOD)).name == FORMAT.name
    assert sniff(Head("x", GOOD.replace(b"ST*309", b"ST*850"))) == 0.5
    assert sniff(Head("x", b"ISAAC,a,b\n1,2,3\n")) == 0.0


def test_events_have_the_bytes_of_their_segments():
    for event in events(BytesIO(GOOD), "x"):
        if hasattr(event, "tag"):
            assert GOOD[event.start : event.end - 1] == event.raw


def test_moments():
    assert moment("261124", "0930").isoformat() == "2026-11-24T09:30:00+00:00"
    assert moment("20261124").isoformat() == "2026-11-24T00:00:00+00:00"
    assert moment("20261399") is None


def test_a_test_declares_nothing():
    rows, _, faults = found(GOOD.replace(b"*0*P*>", b"*0*T*>"))
    assert rows == []
    assert [fault.reason for fault in faults] == [
        "transaction set 0001 is marked as a test (ISA15): it declares nothing"
    ]
