import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import casrn, iban, iso6346, lei
from tests.thorough import draws

from watchfloor.formats.documents.mentions import mentions


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("paid into FI21 1234 5600 0007 85.", "account:iban:FI2112345600000785"),
        ("DE89370400440532013000 was used", "account:iban:DE89370400440532013000"),
        ("the ship (IMO 9074729)", "vessel:imo:9074729"),
        ("IMO no. 9074729", "vessel:imo:9074729"),
        ("MMSI: 316001234", "vessel:mmsi:316001234"),
        ("LEI 5493001KJTIIGC8Y1R12", "company:lei:5493001KJTIIGC8Y1R12"),
        ("437-38-7 in a drum", "substance:cas:437-38-7"),
        ("container CSQU 305438-3", "container:iso6346:CSQU3054383"),
        ("parcel RR 473 124 829 GB", "parcel:s10:RR473124829GB"),
        ("Mode S C0FFE1", "aircraft:icao24:c0ffe1"),
        ("ICAO 24-bit address: a1b2c3", "aircraft:icao24:a1b2c3"),
        ("call 613-555-0123", "phone:phone:16135550123"),
        ("call (613) 555-0123 now", "phone:phone:16135550123"),
        ("call 1-613-555-0123.", "phone:phone:16135550123"),
        ("text +16135550123", "phone:phone:16135550123"),
        ("numéro +33 1 42 68 53 00", "phone:phone:33142685300"),
        ("tel +49 30 123456", "phone:phone:4930123456"),
    ],
)
def test_each_system(text, subject):
    (found,) = mentions(text)
    assert found.subject == subject
    assert text[found.start :].startswith(found.text)


@pytest.mark.parametrize(
    "text",
    [
        "FI21 1234 5600 0007 86",  # check digits
        "9074729",  # seven digits alone
        "IMO 9074728",
        "316001234",
        "437-38-8",
        "on 2026-11-24 at 15:00",
        "CSQU3054384",
        "RR473124828GB",
        "C0FFE1",
        "ICAO said facade",
        "file 2026-1234567",
        "kilometre 12 345",
        "6135550123",
        "+99 999 999 999",
        "2026-11-24 10.30",
        "45.4215 -75.6972 12.5",
    ],
)
def test_what_nothing_tells_apart_is_no_mention(text):
    assert mentions(text) == []


def test_the_next_words_are_no_part_of_an_account():
    (found,) = mentions("DE89 3704 0044 0532 0130 00 THEN 2026 came")
    assert found.text == "DE89 3704 0044 0532 0130 00"


def test_several_in_their_order():
    found = mentions("IMO 9074729 called 613-555-0123 about 437-38-7")
    assert [one.subject.split(":")[0] for one in found] == ["vessel", "phone", "substance"]


@settings(max_examples=draws(200))
@given(st.text(st.sampled_from("AFI0123456789 -IMOCAS:U.\n"), max_size=80))
def test_whatever_is_found_stands_there_and_passes_its_own_check(text):
    """The peer is stdnum's own `is_valid`, asked about the text as it is written."""
    peers = {"iban": iban, "lei": lei, "cas": casrn, "iso6346": iso6346}
    end = 0
    for one in mentions(text):
        assert text[one.start : one.start + len(one.text)] == one.text
        assert one.start >= end
        end = one.start + len(one.text)
        system = one.subject.split(":")[1]
        assert system not in peers or peers[system].is_valid(
            one.text.replace("-", "") if system == "iso6346" else one.text
        )


@settings(max_examples=draws(200))
@given(st.text(st.sampled_from("ABCEFI -+()IMOCAShex:U.\n"), max_size=80))
def test_a_text_without_a_digit_names_nothing(text):
    assert mentions(text) == []
