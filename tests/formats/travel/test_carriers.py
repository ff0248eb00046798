"""PAXLST and PNRGOV: rows, what is left out, and bad pieces that are told."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from tests.formats.edifact.made import segment
from tests.formats.travel.lists import HALLOWAY, booking, docs, paxlst, pnrgov, traveller

from watchfloor.formats.base import Fault, FormatError, Head
from watchfloor.formats.registry import FORMATS, recognise

SAMPLES = {"paxlst": paxlst(traveller(), traveller(HALLOWAY, "C1234567")), "pnrgov": pnrgov(booking(docs()))}
every = pytest.mark.parametrize("name", SAMPLES)


def read(name, data):
    """Rows by kind, and faults."""
    rows, faults = {"crossing": [], "travel-document": [], "party": []}, []
    for one in FORMATS[name].read(BytesIO(data), "list.edi"):
        if isinstance(one, Fault):
            faults.append(one)
        else:
            rows[one.kind.name] += one.rows.to_pylist()
    return rows, faults


def reasons(faults):
    """What is told beside that something is left out."""
    return [one.reason for one in faults if "left out" not in one.reason]


@every
def test_a_list_is_recognised(name):
    assert recognise(Head("list.edi", SAMPLES[name])).name == name


@every
def test_a_traveller_gives_a_name_a_document_and_a_crossing(name):
    rows, faults = read(name, SAMPLES[name])
    assert reasons(faults) == []
    party, document, crossing = (rows[kind][0] for kind in ("party", "travel-document", "crossing"))
    assert (party["name"], party["role"], party["birth_date"]) == ("VALE AVERY", "traveller", "1974-08-12")
    assert party["identifiers"] == [{"system": "booking", "number": "PNR123", "owner": None}]
    assert document["document"] == "document:uto:L898902C3" == crossing["document"]
    assert (document["what"], document["expires"]) == ("passport", date(2035, 4, 15))
    assert document["holder"] == party["subject"] == crossing["traveller"]
    assert (crossing["port"], crossing["direction"], crossing["mode"]) == ("YYZ", "inbound", "air")
    assert crossing["voyage"] == "WF123"


@every
def test_times_are_local_to_the_port(name):
    rows, _ = read(name, SAMPLES[name])
    assert rows["crossing"][0]["observed_at"] == datetime(2026, 11, 24, 15, tzinfo=UTC)  # 10:00 in Toronto


@every
def test_a_voyage_out_crosses_at_its_departure(name):
    data = (
        paxlst(traveller(), ports=("YYZ", "LHR"))
        if name == "paxlst"
        else pnrgov(booking(), ports=("YYZ", "LHR"))
    )
    (crossing,) = read(name, data)[0]["crossing"]
    assert (crossing["port"], crossing["direction"]) == ("YYZ", "outbound")
    assert crossing["observed_at"] == datetime(2026, 11, 24, 13, tzinfo=UTC)


@every
def test_a_domestic_voyage_crosses_nothing(name):
    data = (
        paxlst(traveller(), ports=("YYZ", "YUL"))
        if name == "paxlst"
        else pnrgov(booking(), ports=("YYZ", "YUL"))
    )
    rows, _ = read(name, data)
    assert rows["crossing"] == []
    assert len(rows["party"]) == 1


@every
def test_nationality_and_sex_are_left_out_and_that_is_told_once(name):
    more = traveller(), traveller(HALLOWAY), traveller(("", ""))
    data = paxlst(*more) if name == "paxlst" else pnrgov(booking(docs()), booking(docs()), booking(docs("")))
    rows, faults = read(name, data)
    told = [one.reason for one in faults if "left out" in one.reason]
    assert len(told) == len(set(told)) > 0
    assert any("nationality" in one for one in told)
    assert any("sex" in one for one in told)
    whole = repr(rows) + repr(faults)
    assert "XYZ" not in whole
    assert "MRS" not in whole
    assert "'F'" not in whole


@every
def test_no_fault_of_a_list_that_is_cut_or_misread_holds_what_is_left_out(name):
    data = SAMPLES[name]
    una = [b":+.?", b":+.? 2", b":..? +", b": .? +", b"+:.? '", b":+.?+'", b":+'? \n"]
    bad = [data[:end] for end in range(data.index(b"UNH") + 20, len(data), 3)]
    for each in (*bad, *(data.replace(b":+.? '", one, 1) for one in una)):
        _, faults = read(name, each)
        assert faults
        assert "XYZ" not in repr(faults)


# Bad pieces.


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"birth": "741301"}, "no day"),
        ({"expiry": "350230"}, "no day"),
        ({"number": "L8/9"}, "document number"),
        ({"number": ""}, "without a number"),
        ({"name": ("",)}, "has no name"),
        ({"more": [segment("QQQ", "1")]}, "QQQ is not known"),
    ],
)
def test_bad_segments_of_a_traveller_are_told_and_the_next_is_read(bad, told):
    rows, faults = read("paxlst", paxlst(traveller(**bad), traveller(HALLOWAY, "C1234567")))
    assert [one for one in reasons(faults) if told in one]
    assert rows["party"][-1]["name"] == "HALLOWAY WREN ODO"
    assert rows["travel-document"][-1]["number"] == "C1234567"


@pytest.mark.parametrize("function", ["XR", "CLNB", "XF"])
def test_lists_of_who_does_not_travel_declare_nothing(function):
    rows, faults = read("paxlst", paxlst(traveller(), function=function))
    assert not any(rows.values())
    assert [one for one in reasons(faults) if function in one]


def test_crew_is_crew_and_counts_are_compared():
    rows, faults = read("paxlst", paxlst(traveller(role="FM"), count=3))
    assert rows["party"][0]["role"] == "crew"
    assert [one for one in reasons(faults) if "CNT says 3; 1 came" in one]


def test_a_document_goes_to_the_traveller_of_its_reference_or_name():
    two = (("VALE", "AVERYMR", "1"), ("HALLOWAY", "WREN MISS", "2"))
    one = booking(docs("A1", reference="2"), docs("B2", reference="", name=("VALE", "AVERY")), travellers=two)
    rows, faults = read("pnrgov", pnrgov(one))
    names = {row["subject"]: row["name"] for row in rows["party"]}
    assert {row["number"]: names[row["holder"]] for row in rows["travel-document"]} == {
        "A1": "HALLOWAY WREN",
        "B2": "VALE AVERY",
    }
    assert reasons(faults) == []


def test_a_document_of_nobody_is_told():
    two = (("VALE", "AVERY", "1"), ("HALLOWAY", "WREN", "2"))
    _, faults = read("pnrgov", pnrgov(booking(docs(reference="", name=("ODD", "OTTO")), travellers=two)))
    assert [one for one in reasons(faults) if "no traveller of the booking" in one]


def test_a_booking_without_travellers_and_a_wrong_count_are_told():
    _, faults = read("pnrgov", pnrgov(booking(travellers=()), count=4))
    assert [one for one in reasons(faults) if "names no traveller" in one]
    assert [one for one in reasons(faults) if "EQN says 4 bookings; 1 came" in one]


@pytest.mark.parametrize("version", ["11", "12", "13", "14", "15"])
def test_each_version_of_pnrgov_is_read(version):
    rows, faults = read("pnrgov", pnrgov(booking(docs()), version=version))
    assert len(rows["crossing"]) == 1
    assert reasons(faults) == []


@every
def test_a_file_that_is_cut_off_keeps_what_came_before(name):
    three = (traveller(), traveller(HALLOWAY), traveller()) if name == "paxlst" else (booking(), booking())
    data = paxlst(*three) if name == "paxlst" else pnrgov(*three)
    mark = b"NAD+FL" if name == "paxlst" else b"SRC'"
    rows, faults = read(name, data[: data.rindex(mark) + len(mark) + 4])
    assert len(rows["party"]) == 1
    assert [one for one in faults if one.rest]


@every
def test_messages_of_another_type_are_refused(name):
    other = "pnrgov" if name == "paxlst" else "paxlst"
    rows, faults = read(name, SAMPLES[other])
    assert not any(rows.values())
    assert [one for one in reasons(faults) if "is not read here" in one]


@every
def test_what_is_no_interchange_is_refused(name):
    with pytest.raises(FormatError):
        read(name, b"Dear Sir")


def test_a_long_list_is_read_traveller_by_traveller():
    data = paxlst(*(traveller(("VALE", f"A{at}"), f"L{at:06d}") for at in range(3000)))
    rows, faults = read("paxlst", data)
    assert len({row["subject"] for row in rows["party"]}) == 3000
    assert reasons(faults) == []
