"""Numbers are the examples that the standards or their registries publish."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchfloor.core.subjects import SYSTEMS, SubjectError, parts, subject

GOOD = [
    ("account", "iban", "FI21 1234 5600 0007 85", "account:iban:FI2112345600000785"),
    ("vessel", "imo", "IMO 9074729", "vessel:imo:9074729"),
    ("vessel", "mmsi", "316001234", "vessel:mmsi:316001234"),
    ("aircraft", "mmsi", "111316001", "aircraft:mmsi:111316001"),
    ("place", "mmsi", "003160001", "place:mmsi:003160001"),
    ("company", "lei", "213800KUD8LAJWSQ9D15", "company:lei:213800KUD8LAJWSQ9D15"),
    ("company", "bic", "nedsza jj xxx", "company:bic:NEDSZAJJXXX"),
    ("company", "bn", "12302 6635 RC 0001", "company:bn:123026635"),
    ("company", "uscc", "91110000600037341L", "company:uscc:91110000600037341L"),
    ("substance", "cas", "437-38-7", "substance:cas:437-38-7"),
    ("container", "iso6346", "csqu3054383", "container:iso6346:CSQU3054383"),
    ("parcel", "s10", "RR 473 124 829 GB", "parcel:s10:RR473124829GB"),
    ("parcel", "awb", "014 1234 5675", "parcel:awb:014-12345675"),
    ("aircraft", "icao24", "C0FFEE", "aircraft:icao24:c0ffee"),
    ("person", "visa-office", " T-0012 ", "person:visa-office:T-0012"),
]


@pytest.mark.parametrize(("type_", "system", "number", "key"), GOOD)
def test_numbers_are_normalised_and_checked(type_, system, number, key):
    assert subject(type_, system, number) == key
    assert subject(*parts(key)) == key


@pytest.mark.parametrize(
    ("type_", "system", "number"),
    [
        ("account", "iban", "FI2112345600000786"),
        ("vessel", "imo", "9074720"),
        ("vessel", "mmsi", "123456789"),
        ("vessel", "mmsi", "031600123"),
        ("place", "mmsi", "000000000"),
        ("company", "lei", "213800KUD8LAJWSQ9D16"),
        ("company", "bic", "NEDSZAJJX"),
        ("company", "uscc", "91110000600037342L"),
        ("company", "bn", "123456783"),
        ("substance", "cas", "437-38-8"),
        ("container", "iso6346", "CSQU3054384"),
        ("parcel", "s10", "RR473124828GB"),
        ("aircraft", "icao24", "000000"),
        ("person", "visa-office", "  "),
        ("human", "visa-office", "1"),
        ("vessel", "iban", "FI2112345600000785"),
        ("person", "Visa Office", "1"),
    ],
)
def test_a_wrong_number_is_no_subject(type_, system, number):
    with pytest.raises(SubjectError):
        subject(type_, system, number)


@given(st.sampled_from(sorted(SYSTEMS)), st.text(st.sampled_from("019AUZ_-. ٣²Éß"), max_size=14))
@example("iso6346", "CS_U3054383")
@example("mmsi", "٣١٦٠٠١٢٣٤")
def test_any_text_is_a_number_in_ascii_or_refused(system, text):
    with suppress(SubjectError):
        assert subject(SYSTEMS[system][0][0], system, text).isascii()


@pytest.mark.parametrize("key", ["", "person", "person:x", "human:x:1"])
def test_a_text_that_is_no_key_is_refused(key):
    with pytest.raises(SubjectError, match="subject key"):
        parts(key)


def accepted(type_, system, numbers):
    """Those of some numbers that are taken for one of a system."""
    for number in numbers:
        try:
            yield parts(subject(type_, system, number))[2]
        except SubjectError:
            continue


@given(st.integers(0, 9_999_999))
def test_an_air_waybill_ends_in_the_seven_digits_before_modulo_seven(serial):
    """IATA Resolution 600a."""
    found = accepted("parcel", "awb", [f"014{serial:07}{digit}" for digit in range(10)])
    assert list(found) == [f"014-{serial:07}{serial % 7}"]


@pytest.mark.parametrize(
    ("serial", "check"),
    [("47312482", 9), ("00000000", 5), ("02000000", 0), ("00000001", 4), ("10000000", 3)],
)
def test_a_postal_item_has_one_check_digit(serial, check):
    """UPU S10: 11 less the weighted sum modulo 11, where 10 is written 0 and 11 is written 5."""
    found = accepted("parcel", "s10", [f"RR{serial}{digit}GB" for digit in range(10)])
    assert list(found) == [f"RR{serial}{check}GB"]
