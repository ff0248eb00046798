"""Texts as numbers: what counts for the same address, telephone and page, and what does not."""

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.cargo import hashing
from watchfloor.desks.cargo.columns import bins_of, middle_of, pages

SEED = hashing.seed_of(bytes(32))


def numbers(of, *texts):
    return of(pa.chunked_array([list(texts)], pa.string()), SEED).tolist()


def test_an_address_in_other_order_case_and_short_words_is_the_same():
    one, other, another = numbers(
        hashing.addresses,
        "12-34 Main Street, Unit 5, Ottawa, Ontario K1A 0B1",
        "OTTAWA ON k1a0b1; 12-34 MAIN ST APT 5",
        "34-12 Main Street, Unit 5, Ottawa, Ontario K1A 0B1",
    )
    assert one == other != another
    accents = numbers(
        hashing.addresses,
        "5 Rue de l’Épée, Montréal",
        "5 rue DE L'EPEE Montreal",
        "５ Rue de l’Épée Montréal",
    )
    assert len(set(accents)) == 1


def test_what_is_no_place_by_itself_joins_nobody():
    assert numbers(hashing.addresses, "Ottawa", "General Delivery Ottawa", "K1A 0B1", "", None) == [0] * 5


def test_the_key_of_the_floor_is_in_every_number():
    text = pa.chunked_array([["5 Mill Lane, Northtown"]])
    assert hashing.addresses(text, SEED) != hashing.addresses(text, hashing.seed_of(b"another" * 5))


WRITTEN = st.sampled_from(
    [
        "+1 {0} {1} {2}",
        "1-{0}-{1}-{2}",
        "({0}) {1}-{2}",
        "{0}.{1}.{2}",
        "{0}{1}{2}",
        "011 1 {0} {1} {2}",
        "tel. {0}-{1}-{2} ext 9",
    ]
)


@given(WRITTEN, WRITTEN, st.sampled_from(["613", "416", "250"]), st.integers(0, 99), st.integers(0, 99))
def test_telephones_are_told_apart_as_the_library_does(one, other, area, last, lasts):
    """Oracle: phonenumbers' E.164 in Canada."""
    texts = [how.format(area, "555", f"01{at:02}") for how, at in ((one, last), (other, lasts))]
    parsed = [phonenumbers.parse(text.replace("011 1", "+1"), "CA") for text in texts]
    first, second = numbers(hashing.phones, *texts)
    same = [(each.country_code, each.national_number) for each in parsed]
    assert (first == second) == (same[0] == same[1])
    assert first != 0


def test_a_number_from_abroad_may_begin_three_ways_and_some_are_none():
    assert (
        len(set(numbers(hashing.phones, "+44 20 7946 0018", "011 44 20 7946 0018", "0044 2079460018"))) == 1
    )
    none = ("555-0199"[:6], "0000000000", "9999999999", "1231231" * 3, "", None, "no phone")
    assert numbers(hashing.phones, *none) == [0] * len(none)


@given(st.text(max_size=60))
def test_any_text_has_a_number_and_keeps_it(text):
    for of in (hashing.words, hashing.addresses, hashing.phones, hashing.exact):
        assert numbers(of, text, None, text)[0] == numbers(of, text)[0]


def test_sixty_four_kilobytes_in_five_scripts():
    text = ("Почтовые открытки 賀卡 بطاقات שלום cartes de vœux " * 1500)[: 64 * 1024]
    assert numbers(hashing.words, text)[0] != 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://shop.example/a?x=1#top", "HTTP://www.shop.example/a/", True),
        ("https://m.shop.example/a", "shop.example/a", True),
        ("https://shop.example/a", "https://shop.example/b", False),
    ],
)
def test_a_page_is_the_same_whatever_leads_to_it(one, other, same):
    first, second = numbers(pages, one, other)
    assert (first == second) == same
    assert first


def test_a_bare_host_is_no_page():
    assert numbers(pages, "https://shop.example/", "www.shop.example", "", None) == [0] * 4


@given(st.floats(2e-4, 9e7))
def test_the_scale_of_values_has_eight_steps_a_decade(value):
    (place,) = bins_of(pa.array([value]).to_numpy())
    assert 10 ** (-1 / 15) < middle_of(int(place)) / value < 10 ** (1 / 15)
