"""The readings of a query: what Latin writes in one word and Arabic script in two, and the reverse."""

import pytest
from tests.desks.listings.lists import TOY, table

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
