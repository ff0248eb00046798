"""Country names as lists write them."""

import pytest

from watchfloor.formats.lists.countries import country_code, country_codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Iran (Islamic Republic of)", "IR"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Korea, North", "KP"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Burma", "MM"),
        ("ca", "CA"),
        ("CAN", "CA"),
        ("Ruritania", None),
        ("USSR", None),
        ("", None),
    ],
)
def test_country_code(text, code):
    assert country_code(text) == code


def test_each_country_once_and_in_order():
    assert country_codes(["Cuba", None, "", "Ruritania", "CU", "France"]) == ["CU", "FR"]
