from pathlib import Path

import pytest
import sgp4
from hypothesis import given
from hypothesis import strategies as st
from sgp4.api import Satrec
from tests.planning.satellites.made import THREE, pair

from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.orbits import parse, tle

LINES = pair(40697, 226.0, 270.0)
WRONG = {
    "checksum": LINES[:68] + str((int(LINES[68]) + 1) % 10) + LINES[69:],
    "of two satellites": "\n".join((LINES.splitlines()[0], pair(40698, 226.0, 270.0).splitlines()[1])),
    "characters": LINES[:60] + LINES[69:],
    "no TLE has": LINES.replace("15028A", "15028é"),
    "without its line 1": LINES.partition("\n")[2],
    "without its line 2": LINES.partition("\n")[0] + "\n" + LINES,
    "without two lines": "FIRST\nSECOND\n" + LINES,
    "the file ends": LINES + "\n" + LINES.partition("\n")[0],
}


def read(text):
    return list(tle.read(text.splitlines()))


def test_three_lines_give_the_name_and_two_do_without():
    assert [one.name for one in parse(THREE.encode(), "a").elements] == ["SENTINEL-2A", "LANDSAT 8", "RCM-1"]
    bare = "".join(line + "\n" for line in THREE.splitlines() if line[0] in "12")
    assert [one.norad for one in parse(bare.encode(), "a").elements] == [40697, 39084, 44322]
    assert [one.name for one in read(f"0 SENTINEL-2A\r\n{LINES}")] == ["SENTINEL-2A"]


@pytest.mark.parametrize(("said", "text"), WRONG.items())
def test_lines_that_are_none_become_faults_where_they_stand(said, text):
    faults = [one for one in read(text) if isinstance(one, Fault)]
    assert len(faults) == 1
    assert said in faults[0].reason
    assert faults[0].locator.startswith("line ")


def test_a_file_that_ends_after_the_first_line_is_told_as_such():
    found = parse(f"SENTINEL-2A\n{LINES.partition(chr(10))[0]}\n".encode(), "a")
    assert "the file ends" in found.faults[0].reason


def test_what_stands_after_a_damaged_satellite_is_read():
    found = parse(f"{WRONG['checksum']}\n{THREE}".encode(), "a")
    assert [one.locator for one in found.faults] == ["line 1"]
    assert [one.locator for one in found.elements] == ["line 4", "line 7", "line 10"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("00005", 5), ("99999", 99_999), ("A0000", 100_000), ("Z9999", 339_999), ("    5", 5)],
)
def test_catalogue_numbers_above_five_digits_begin_with_a_letter(text, number):
    assert tle.catalogue_number(text) == number


@pytest.mark.parametrize("text", ["I0000", "O0000", "AA000", "-0001", "", "1.000"])
def test_other_letters_are_no_catalogue_number(text):
    with pytest.raises(ValueError, match="catalogue number"):
        tle.catalogue_number(text)


def test_years_of_two_digits_are_of_two_centuries():
    epochs = [
        read(pair(1, 0, 0, day=f"{year}001.00000000"))[0].epoch.year for year in ("57", "99", "00", "56")
    ]
    assert epochs == [1957, 1999, 2000, 2056]


def test_elements_agree_with_those_that_sgp4_reads():
    lines = (Path(sgp4.__file__).parent / "SGP4-VER.TLE").read_text().splitlines()
    mine = {one.locator: one for one in read("\n".join(lines)) if not isinstance(one, Fault)}
    assert len(mine) == 30  # of three more the checksum is made wrong
    for at, line in enumerate(lines, 1):
        if one := mine.get(f"line {at}"):
            other = Satrec.twoline2rv(line, lines[at])
            turn = 2 * 3.141592653589793
            assert one.norad == other.satnum
            assert (one.eccentricity, one.drag) == pytest.approx((other.ecco, other.bstar), rel=1e-12)
            assert one.mean_motion == pytest.approx(other.no_kozai * 1440 / turn, rel=1e-12)
            assert one.motion_dot == pytest.approx(other.ndot * 1440**2 / turn, rel=1e-12, abs=1e-15)
            days = other.jdsatepoch + other.jdsatepochF - 2_451_545.0
            assert one.epoch.timestamp() == pytest.approx(days * 86_400 + 946_728_000, abs=1e-3)


@given(st.lists(st.sampled_from([*THREE.splitlines(), "", "#", "1 ", "2 40697", "\x00é"]), max_size=12))
def test_any_lines_in_any_order_are_elements_or_faults(lines):
    found = read("\n".join(lines))
    assert len(found) <= len(lines)


@given(st.data())
def test_a_changed_digit_never_goes_unnoticed(data):
    at = data.draw(st.sampled_from([at for at, sign in enumerate(LINES) if sign.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != LINES[at]]))
    assert any(isinstance(one, Fault) for one in read(LINES[:at] + other + LINES[at + 1 :]))


@pytest.mark.parametrize("data", [b"", b"name,lat\n", b"1 40697U\n", bytes(range(256)), b"<x/>", b"{", b"["])
def test_what_is_no_file_of_orbits_is_refused(data):
    with pytest.raises(FormatError):
        parse(data, "a.txt")
