"""Which names act alone."""

import pytest

from watchfloor.formats.lists.strength import is_acronym, strength_of


@pytest.mark.parametrize(
    "text",
    [
        "AQIM",
        "HuM",
        "TdA",
        "PCP-SL",
        "FPLP — CG",
        "FSI–MI",
        "C18",
        "MS-13",
        "B&H",
        "ISCAP",
    ],
)
def test_acronyms(text):
    assert is_acronym(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hamas",
        "al-Shabaab",
        "ISIS-Mozambique",
        "IS Khorasan",
        "IRFAN – Canada",
        "764",
        "Aum",
        "",
        "A. I. C. Sogo",
    ],
)
def test_no_acronyms(text):
    assert not is_acronym(text)


@pytest.mark.parametrize(
    "text",
    [
        "764",
        "The Base",
        "AI",
        "The Youth",
        "Aleph",
        "DOV",
        "the Youth",
        "la Federación",
        "Los Rojos",
        "RIM",
        "The",
        "!",
    ],
)
def test_weak(text):
    assert strength_of(text) == "weak"
    assert strength_of(text, primary=True) == "weak" or text == "Los Rojos"


@pytest.mark.parametrize(
    "text",
    [
        "Hizballah",
        "Harrow Vale Front",
        "Al Qanoon",
        "Black June",
        "青山",
        "Les Almoravides et fils",
    ],
)
def test_strong(text):
    assert strength_of(text) == "strong"


def test_of_persons_one_word_never_acts_alone():
    assert strength_of("Lamper") == "strong"
    assert strength_of("Lamper", person=True) == "weak"
    assert strength_of("Abd-al-Lamper", person=True) == "strong"
    assert strength_of("Odo Lamper", person=True) == "strong"


def test_where_all_is_in_capitals_they_tell_nothing():
    assert strength_of("CRYMVA", capitals=True) == "strong"
    assert strength_of("CRYMVA") == "weak"
    assert strength_of("CRY", capitals=True) == "weak"
