"""Zones of the standard's specimens, damaged ones, and what check digits can and cannot find."""

import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from tests.formats.travel.specimens import (
    HOLDERS,
    ON,
    SPECIMENS,
    TD1,
    TD1_LONG,
    TD2,
    TD2_SHORT,
    TD3,
    changed,
    zone,
)
from tests.thorough import draws

from watchfloor.formats.travel import columnar, mrz
from watchfloor.formats.travel.finding import settled, zone_of, zones
from watchfloor.formats.travel.layouts import ALPHABET, HIDDEN, LAYOUTS, check_digit

ids = pytest.mark.parametrize


def verdict(lines, on=ON, layout=""):
    text = lines if isinstance(lines, str) else "\n".join(lines)
    return mrz.verify(zone_of(text, layout=layout), on)


def said(reasons):
    return [one.message.removeprefix("mrz.") for one in reasons]


@ids(
    "text, digit",
    [("520727", 3), ("AB2134<<<", 5), ("HA672242<658022549601086<<<<<<<<<<<<<<0", 8), ("D23145890734", 9)],
)
def test_check_digits_of_the_standard(text, digit):
    """Part 3, appendix A, examples 1 to 3, and part 11, D.2."""
    assert check_digit(text) == digit


@ids("name", SPECIMENS)
def test_every_specimen_is_sound(name):
    found = verdict(SPECIMENS[name])
    assert found.layout == name.split()[0]
    assert found.sound
    assert {one.verdict for one in found.checks} == {"right"}
    assert found.suggestion is None


def test_what_is_read_of_a_specimen():
    found = verdict(TD3)
    assert (found.code, found.issuer, found.number) == ("P", "UTO", "L898902C3")
    assert (found.primary, found.secondary) == ("ERIKSSON", "ANNA MARIA")
    assert (found.birth, found.expires) == ("1974-08-12", date(2012, 4, 15))
    assert said(found.notes) == ["expired"]
    assert [one.name for one in found.checks] == ["number", "birth", "expiry", "optional", "composite"]


def test_long_numbers_go_on_in_the_optional_data():
    for name in ("TD1 long", "TD2 long"):
        assert verdict(SPECIMENS[name]).number == "D23145890734"
    bad = verdict(changed(TD1_LONG, 1, 19, "8"))
    assert said(bad.faults) == ["check-number", "check-composite"]
    assert bad.checks[0][:4] == ("number", "wrong", "8", "9")


def test_a_long_number_without_its_rest_is_a_fault():
    assert "no-rest" in said(verdict(changed(TD1, 1, 15, "<")).faults)


def test_the_composite_digit_of_an_example_that_the_standard_misprints():
    """Part 11, D.2, example 2 prints 8 where the digits give 2; so do other implementations."""
    found = verdict(TD2_SHORT)
    assert found.number == "L898902C"
    assert found.checks[-1][:4] == ("composite", "wrong", "8", "2")


@ids("primary, secondary, names", HOLDERS)
def test_names_of_the_standard(primary, secondary, names):
    found = verdict(("P<UTO" + names.ljust(39, "<"), TD3[1]))
    assert (found.primary, found.secondary) == (primary, secondary)
    assert found.sound
    assert ("cut-names" in said(found.notes)) == (len(names) == 39)
    assert ("no-secondary" in said(found.notes)) == (not secondary)


@ids("names", ["<ERIKSSON<<ANNA", "ERIKSSON<<<ANNA", "ERIKSSON<<ANNA<<MARIA"])
def test_names_that_no_zone_has(names):
    assert said(verdict(zone(names=names)).faults) == ["names"]


@ids("layout", LAYOUTS)
@ids("birth", ["740812", "7408<<", "74<<<<", "<<<<<<"])
def test_unknown_parts_of_a_birth(layout, birth):
    found = verdict(
        zone(layout, code="V<" if layout[0] == "M" else "P<" if layout == "TD3" else "I<", birth=birth)
    )
    assert found.sound
    assert found.birth == {6: "1974-08-12", 4: "1974-08", 2: "1974", 0: None}[len(birth.rstrip("<"))]


@ids(
    "birth, on, year",
    [
        ("261201", "2026-12-01", 2026),
        ("261202", "2026-12-01", 1926),
        ("000229", "2026-12-01", 2000),
        ("990101", "2026-12-01", 1999),
    ],
)
def test_the_century_of_a_birth_is_of_the_day(birth, on, year):
    assert verdict(zone(birth=birth, expiry="300101"), date.fromisoformat(on)).birth.startswith(str(year))


@ids("expiry, year", [("760101", 2076), ("770101", 1977), ("261130", 2026), ("991231", 1999)])
def test_the_century_of_an_expiry_is_the_nearest(expiry, year):
    assert verdict(zone(birth="750101", expiry=expiry)).expires.year == year


@ids("birth", ["740230", "741301", "740800", "730229", "7<0812", "7408<1"])
def test_days_that_do_not_exist(birth):
    found = verdict(zone(birth=birth))
    assert "no-birth-day" in said(found.faults)
    assert found.birth is None


def test_a_document_that_expires_before_the_birth():
    assert said(verdict(zone(birth="240812", expiry="190101")).faults) == ["order"]


@ids("issuer, told", [("UTO", []), ("D", []), ("CAN", ["pattern"]), ("QQQ", ["issuer"]), ("XXA", [])])
def test_issuers_and_their_patterns_are_told_and_refuse_nothing(issuer, told):
    found = verdict(zone(issuer=issuer))
    assert found.sound
    assert said(found.notes) == told


def test_a_code_that_a_layout_does_not_have_is_told():
    found = verdict(zone("TD2", code="P<"))
    assert found.sound
    assert said(found.notes) == ["code"]


# What a reader of OCR-B and people do to a zone.


def test_a_filler_short_in_the_names_is_at_their_end():
    found = verdict((TD3[0][:-1], TD3[1]))
    assert said(found.faults) == ["length"]
    assert (found.suggestion.reason.message, found.suggestion.line, found.suggestion.put) == (
        "mrz.insert",
        1,
        "<",
    )


@ids("at", range(37, 42))
def test_a_filler_short_among_data_has_one_place(at):
    line = TD3[1][:at] + TD3[1][at + 1 :]
    found = verdict((TD3[0], line))
    assert said(found.faults) == ["length"]
    assert (found.suggestion.line, found.suggestion.column, found.suggestion.number) == (2, 38, "L898902C3")


def test_a_filler_too_many():
    found = verdict((TD3[0], TD3[1].replace("<<<<<", "<<<<<<")))
    assert found.suggestion.reason.message == "mrz.remove"
    assert verdict((TD3[0] + "<", TD3[1])).suggestion.reason.message == "mrz.remove"


def test_lower_case_is_told_once_a_line():
    found = verdict([line.lower() for line in TD3])
    assert said(found.faults) == ["lower-case"] * 2
    assert {one.verdict for one in found.checks} == {"right"}
    assert found.faults[0].params == {"line": 1, "column": 1, "signs": 21}


@ids(
    "sign, read, message",
    [
        ("\u0415", "E", "other-alphabet"),  # Cyrillic
        ("\uff25", "E", "other-alphabet"),  # full width
        ("\u0395", "E", "other-alphabet"),  # Greek
    ],
)
def test_letters_of_another_alphabet_are_read_and_told(sign, read, message):
    found = verdict(changed(TD3, 1, 6, sign))
    assert said(found.faults) == [message]
    assert found.faults[0].params | {"sign": ""} == {"line": 1, "column": 6, "sign": "", "read": read}
    assert found.primary == "ERIKSSON"


def test_other_signs_for_fillers():
    found = verdict((TD3[0].replace("<<ANNA", "«ANNA").replace("<<<<", "‹‹‹‹"), TD3[1]))
    assert set(said(found.faults)) == {"other-filler"}
    assert found.secondary == "ANNA MARIA"


@ids("around", ['"{}",', "'{}'", "Line 1: {}", "MRZ  {}  (scan 2)", "\ufeff{}\r"])
def test_what_stands_beside_a_line_is_passed_over(around):
    found = verdict([around.format(line) for line in TD3])
    assert found.sound
    assert found.number == "L898902C3"


def test_spaces_between_signs_are_no_signs():
    assert verdict([" ".join(line) for line in TD3]).sound


def test_a_letter_for_a_digit_of_a_date_is_restored():
    found = verdict(changed(TD3, 2, 24, "O"))
    assert "sign" in said(found.faults)
    suggested = found.suggestion
    assert (suggested.line, suggested.column, suggested.was, suggested.put, suggested.among) == (
        2,
        24,
        "O",
        "0",
        "all",
    )


def test_a_letter_for_a_digit_of_a_number_is_restored_among_look_alikes():
    found = verdict(changed(TD3, 2, 6, "O"))
    assert said(found.faults) == ["check-number", "check-composite"]
    suggested = found.suggestion
    assert (suggested.column, suggested.put, suggested.among, suggested.number) == (
        6,
        "0",
        "look-alikes",
        "L898902C3",
    )


def test_two_errors_have_no_suggestion():
    assert verdict(changed(changed(TD3, 2, 24, "O"), 2, 14, "I")).suggestion is None


def test_an_error_where_no_check_digit_is_has_no_suggestion():
    found = verdict(changed(TD3, 1, 8, "1"))
    assert said(found.faults) == ["sign"]
    assert found.suggestion is None


@ids("field", HIDDEN)
def test_what_stands_for_nationality_or_sex_is_nowhere_in_a_verdict(field):
    start, _ = LAYOUTS["TD3"].fields[field]
    line, column = LAYOUTS["TD3"].place(start)
    for sign in ("7", "Я", "z"):
        found = verdict(changed(TD3, line, column, sign))
        assert not found.sound
        told = [one.params.values() for one in (*found.faults, *found.notes)]
        assert sign not in str(told) + str(found.suggestion)
    whole = repr(verdict(changed(changed(zone(issuer="CAN"), 2, 11, "Q"), 2, 21, "F")))
    assert "QAN" not in whole


def test_what_an_optical_reader_takes_for_another_is_settled_by_the_field():
    lines = ("P<UT0ER1KSSON<<ANNA<MAR1A<<<<<<<<<<<<<<<<<<<", "L898902C36UT074O8I22F12O4159ZEI84226B<<<<<10")
    found = mrz.verify(settled(zone_of("\n".join(lines))), ON)
    assert (found.issuer, found.primary, found.birth) == ("UTO", "ERIKSSON", "1974-08-12")
    assert set(said(found.notes)) == {"by-field", "expired"}
    assert set(said(found.faults)) == {"check-optional", "check-composite"}  # a field of both stays as read
    assert found.suggestion is None  # 1 and L look like I and have one value


# Finding zones.


def test_zones_in_a_text_with_noise():
    text = ["Booking 12 < 13", "", *TD3, "", "Page 2 of 3", TD1[0], "", TD1[1], TD1[2], "P. S. yours", *TD2]
    text += ["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72", "<html><body>", "".join(SPECIMENS["MRV-A"])]
    found = [(one.locator, one.layout.name) for one in zones(enumerate(text, 1))]
    assert found == [("line 3", "TD3"), ("line 7", "TD1"), ("line 12", "TD2"), ("line 16", "MRV-A")]


def test_prose_and_code_are_no_zones():
    text = """
    Please find attached the scans of all pages < 2 MB
    and call if anything << is not readable on screen.
    if mine <= theirs and not (clash and sum(numbers))
    assert len(answer.content) < 16 << 10 and not more
    CHAPTER 1 INTRODUCTION AND SCOPE OF THE PRESENT ACT
    """
    assert list(zones(enumerate(text.splitlines(), 1))) == []


@ids("name", ["TD1", "TD2", "TD3", "MRV-A", "MRV-B"])
@ids("sign", ["Q", "7", "<", "V"])
def test_a_zone_whose_code_is_misread_is_not_passed_over(name, sign):
    lines = (*SPECIMENS["TD3"], *changed(SPECIMENS[name], 1, 1, sign), *SPECIMENS["TD2"])
    found = list(zones(enumerate(lines, 1)))
    visa = {"TD3": "MRV-A", "TD2": "MRV-B"}.get(name, name) if sign == "V" else name
    assert [one.layout.name for one in found] == ["TD3", visa, "TD2"]


def test_a_file_of_many_zones():
    lines = [line for _ in range(300) for name in SPECIMENS for line in SPECIMENS[name]]
    found = list(zones(enumerate(lines, 1)))
    assert len(found) == 300 * len(SPECIMENS)
    assert all(mrz.verify(one, ON).sound for one in found)


@ids("keep", [(0,), (0, 2), (0, 1)])
def test_a_zone_that_lacks_a_line_is_told(keep):
    (found,) = zones(enumerate([TD1[at] for at in keep], 1))
    assert said(mrz.verify(found, ON).faults)[0] == "lines"


@limits(max_examples=draws(300, 15))
@given(st.lists(st.one_of(st.text(max_size=50), st.text(ALPHABET, min_size=28, max_size=46)), max_size=6))
def test_any_text_has_zones_or_none(lines):
    for one in zones(enumerate(lines, 1)):
        found = mrz.verify(one, ON)
        assert found.sound or found.faults
        for reason in (*found.faults, *found.notes):
            assert reason.render("en")
            assert reason.render("fr")


@limits(max_examples=draws(300, 15))
@given(
    st.sampled_from(sorted(SPECIMENS)),
    st.lists(
        st.tuples(st.floats(0, 0.999), st.sampled_from(["cut", "add", "change"]), st.characters()), max_size=4
    ),
)
def test_damaged_specimens_have_a_verdict(name, damage):
    text = "\n".join(SPECIMENS[name])
    for where, what, sign in damage:
        at = int(where * len(text))
        text = text[:at] + (sign if what != "cut" else "") + text[at + (what != "add") :]
    for one in zones(enumerate(text.splitlines(), 1)):
        found = mrz.verify(one, ON)
        assert all(reason.render("fr") for reason in (*found.faults, *found.notes))


# What check digits can find. The oracle is the standard's sum, written out.


def passes(layout, text):
    """Whether every check digit of a zone with a number of at most nine signs is right."""
    for check in layout.checks:
        over = "".join(text[start:end] for start, end in check.spans)
        if check.may_be_blank and text[check.at] == "<" and not over.strip("<"):
            continue
        total = 0
        for at, sign in enumerate(over):
            worth = 0 if sign == "<" else int(sign, 36)
            total += worth * (7, 3, 1)[at % 3]
        if text[check.at] != str(total % 10):
            return False
    return True


@ids("name", ["TD1", "TD2", "TD3", "MRV-A", "MRV-B"])
def test_each_substitution_that_check_digits_can_find_is_found(name):
    layout, text = LAYOUTS[name], "".join(SPECIMENS[name])
    bits = sum(columnar.BITS[one] for one in ("number", "birth", "expiry", "optional", "composite"))
    trials = [
        text[:at] + sign + text[at + 1 :]
        for at in range(layout.size)
        for sign in ALPHABET
        if sign != text[at]
    ]
    found = columnar.verify(columnar.stacked(trials, layout), layout, ON).faults
    number = next(check.at for check in layout.checks if check.name == "number")
    for trial, faults in zip(trials, found, strict=True):
        if layout.overflows and trial[number] == "<":
            continue  # the number goes on elsewhere
        assert bool(faults & bits) == (not passes(layout, trial))


def test_the_shares_that_check_digits_miss():
    """Counted by hand: modulo 10 are alike 0, A, K, U and the filler; 1, B, L, V; …; 6, G, Q; …"""
    share = {name: missed / of for name, of, missed in columnar.blind_spots()}
    assert share["digit for digit"] == 0
    assert share["digit for letter"] == share["letter for digit"] == pytest.approx(0.1)
    assert share["digit for sign"] == pytest.approx(0.075)
    assert share["letter for letter"] == pytest.approx(44 / 650)
    assert share["sign for sign"] == pytest.approx(104 / 1332)
    assert share["neighbouring digits swapped"] == pytest.approx(1 / 9)
    assert mrz.blind().params == {"digit": 75, "sign": 78, "letter": 100, "swapped": 111}


def test_columns_and_single_zones_say_the_same():
    draw = random.Random(7)
    for name in ("TD1", "TD2", "TD3", "MRV-A", "MRV-B"):
        layout, texts = LAYOUTS[name], []
        for _ in range(150):
            text = list("".join(SPECIMENS[name]))
            for _ in range(draw.randint(0, 2)):
                text[draw.randrange(layout.size)] = draw.choice(ALPHABET)
            texts.append("".join(text))
        columns = columnar.verify(columnar.stacked(texts, layout), layout, ON)
        for row, text in enumerate(texts):
            found = mrz.verify(zone_of(_split(text, layout), layout=name), ON)
            wrong = {one.name for one in found.checks if one.verdict == "wrong"}
            assert wrong == {one for one in columnar.FAULTS[:5] if columns.wrong(one)[row]}
            assert found.sound == (columns.faults[row] == 0)
            assert found.expires == columns.expiry[row].item()


def _split(text, layout):
    return "\n".join(text[at : at + layout.width] for at in range(0, layout.size, layout.width))


def test_days_are_those_of_the_calendar():
    days = [date(2000, 1, 1).toordinal() + 37 * at for at in range(250)]
    texts = ["".join(zone(birth=f"{date.fromordinal(day):%y%m%d}", expiry="<<<<<<")) for day in days]
    found = columnar.verify(columnar.stacked(texts, LAYOUTS["TD3"]), LAYOUTS["TD3"], ON)
    assert found.birth.tolist() == [date.fromordinal(day) for day in days]
    assert np.isnat(found.expiry).all()
    assert not found.faults.any()


def test_no_zones_have_no_verdicts():
    assert columnar.verify(columnar.stacked([], LAYOUTS["TD1"]), LAYOUTS["TD1"], ON).faults.size == 0
