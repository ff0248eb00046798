"""Romanisation, legal forms, countries and given names, each against rigour, from which the tables come."""

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigour.names import NameTypeTag, analyze_names, extract_org_types, replace_org_types_compare
from rigour.territories import lookup_territory
from rigour.text.translit import ascii_text as peer_ascii
from rigour.text.translit import maybe_ascii

from watchfloor.formats.documents.names import _given_names
from watchfloor.formats.encoding.romanise import ascii_text, romanise
from watchfloor.formats.lists import legal_forms
from watchfloor.formats.lists.countries import country_code

SCRIPTS = {
    "Russian": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "Ukrainian and Belarusian": "абвгжзийіїєґўыцчш",
    "Serbian and Macedonian": "абгдежзиіјклљњћќџѓѕђцчшый",
    "Greek": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "Armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "Georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "Latin": "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿāăąćčďđēėęěğģħĩīıķłńņňŋőœŕřśşšţťũůűŵŷźżžəơưșțḍḥṣṭẓấếịọửỳ",
}


def peer(text: str) -> str:
    """rigour's, in small letters; ICU's apostrophes that keep νγ and πσ apart are of no name."""
    return maybe_ascii(text).casefold().replace("'", "")


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_word_of_two_letters(script):
    for letters in product(SCRIPTS[script], repeat=2):
        word = "".join(letters)
        assert romanise(word) == peer(word), word


@pytest.mark.parametrize("script", SCRIPTS)
def test_longer_words(script):
    draw = random.Random(2031)
    for _ in range(2_000):
        word = "".join(draw.choices(SCRIPTS[script], k=draw.randrange(3, 9)))
        if "γγ" not in word:  # three in a row are of no Greek word
            assert romanise(word) == peer(word), word


def test_capitals_are_small_letters():
    for text in SCRIPTS.values():
        for letter in text:
            assert romanise(letter.upper()) == romanise(letter), letter


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Тарас Шевченко",
            "Олексій Гриценко",
            "Ђорђе Шћепановић",
            "Александр Лукашенко",
            "Аляксандр Лукашэнка",
        ),
        *("Ευάγγελος Παπαδόπουλος", "Ντόρα Μπακογιάννη", "Γκίκας", "Սերժ Սարգսյան", "ნინო ბურჯანაძე"),
        *(
            "김민석",
            "王伟",
            "محمد بن سلمان",
            "ひらがな カタカナ",
            "नरेन्द्र मोदी",
            "ไทย",
            "Łódź",
            "Əliyev",
            "Weiß & Söhne",
        ),
    ],
)
def test_names_of_any_script_in_ascii(text):
    assert ascii_text(text) == peer_ascii(text).lower()


@given(st.text(max_size=30))
def test_any_text_becomes_ascii(text):
    assert ascii_text(text).isascii()


FORMS = (
    "aktiengesellschaft ag gmbh ооо ао пао limited liability company ltd ltd. co., inc. s.a. s.r.l. spółka "
    "株式会社 有限公司 股份有限公司 شركة public joint stock société anonyme à responsabilité limitée"
    " z o.o. oy ab kft foo"
).split()


@given(
    st.lists(st.sampled_from(FORMS), min_size=1, max_size=8),
    st.sampled_from([" ", "  ", ", ", "-", ".", "\n"]),
)
def test_legal_forms(words, between):
    text = between.join(words)
    assert legal_forms.generic(text) == replace_org_types_compare(text, generic=True)


def test_every_legal_form_of_one_word():
    for word in [*legal_forms._spellings(), *FORMS, "foo", "border"]:
        if word.isalnum():
            found = bool(extract_org_types(word) or extract_org_types(word, generic=True))
            assert legal_forms.is_legal_form(word) == found, word


def peer_country(text: str) -> str | None:
    found = lookup_territory(text)
    code = found.code.split("-")[0].upper() if found else ""
    return code if len(code) == 2 else None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Canada",
            "ca",
            "CAN",
            "Q16",
            "us-ny",
            "US_NY",
            "Quebec",
            "Québec",
            "Россия",
            "Российская Федерация",
        ),
        *(
            "中国",
            "Côte d’Ivoire",
            "COTE D'IVOIRE",
            "Tehran",
            "Great Britain",
            "the Netherlands",
            "Ελλάδα",
            "مصر",
        ),
        *(
            "Հայաստան",
            "საქართველო",
            "대한민국",
            "भारत",
            "Soviet Union",
            "Kosovo",
            "Atlantis",
            "x",
            "-",
            "Korea, North",
        ),
    ],
)
def test_countries(text):
    assert country_code(text) == peer_country(text)


@pytest.mark.thorough  # rigour takes five seconds to load its names
def test_given_names():
    draw = random.Random(2031)
    known = sorted(_given_names())
    for name in draw.sample(known, 500):
        at = draw.randrange(len(name))
        for word in (name, name[:at] + draw.choice("aeioubcdé") + name[at + 1 :]):
            if word.isalpha():
                symbols = [
                    str(symbol.category)
                    for one in analyze_names(NameTypeTag.PER, [word], rewrite=False, phonetics=False)
                    for symbol in one.symbols
                ]
                assert (word in _given_names()) == ("SymbolCategory.NAME" in symbols), word
