"""The readings of a query: what Latin writes in one word and Arabic script in two, and the reverse."""

import pytest
from tests.desks.listings.lists import TOY, table

from watchfloor.desks.listings.index import Index
from watchfloor.desks.listings.readings import MAX_READINGS, readings
from watchfloor.desks.listings.screener import Screener


@pytest.fixture(scope="module")
def index():
    return Screener.build(table(TOY))._index


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("شمس الدین", ("شمسدين",)),
        ("مطيع الله", ("مطيعاله",)),
        ("حبيب الرحمن", ("حبيبرحمن",)),
        ("آخوند زاده", ("اخوندزاده",)),
        ("أبوغيث", ("abu", "غيث")),
        ("عبد الرحمن", ("abdul", "رحمن")),
    ],
)
def test_arabic_compounds_are_also_read_as_latin_writes_them(index, written, read):
    assert read in readings(index, written, "Person")


def test_readings_are_few(index):
    assert len(readings(index, "شمس الدین " * 30, None)) <= MAX_READINGS


def test_a_legal_form_is_read_though_a_word_of_it_is_mistyped_or_split():
    index = Index()
    index.add([("soe", "atomflot"), ("bsqrd", "llc")], (0, 1), ("a", "b"))
    index.weigh()
    assert ("soe", "atomflot") in readings(index, "Federal State Unitary Enterpise ATOMFLOT", "Organization")
    assert ("bsqrd", "limited") in readings(index, "BSQRD LIMIT ED", "Company")


def test_words_are_joined_as_they_were_written():
    """`ong` is a legal form in French; half of `Samjong` is not."""
    index = Index()
    index.add([("korea", "samjong", "shipping")], (0,), ("a",))
    index.weigh()
    assert ("korea", "samjong", "shipping") in readings(index, "KOREA SAMJ ONG SHIPPING", "Organization")
