"""Currencies by code and by name."""

import pytest

from watchfloor.formats.payments.currencies import CURRENCIES, MINOR, VIRTUAL, code_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cad", "CAD"),
        (" US  Dollar ", "USD"),
        ("UK pounds", "GBP"),
        ("Bitcoin", "XBT"),
        ("BTC", "XBT"),
        ("tether", "USDT"),
        ("Brazil Real", "BRL"),
        ("dollar", None),
        ("ZZZ", None),
        ("", None),
    ],
)
def test_codes_and_names(text, code):
    assert code_of(text) == code


def test_names_of_amlworld():
    names = (
        "US Dollar, Bitcoin, Euro, Australian Dollar, Yuan, Rupee, Yen, Mexican Peso, UK Pound, Ruble,"
        " Canadian Dollar, Swiss Franc, Brazil Real, Saudi Riyal, Shekel"
    )
    assert all(code_of(name) for name in names.split(", "))


def test_minor_units():
    assert [MINOR[code] for code in ("CAD", "JPY", "KWD", "CLF", "XBT", "ETH")] == [2, 0, 3, 4, 8, 18]
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert not CURRENCIES & VIRTUAL.keys()
