"""Birth dates for and against; what kind of thing is named."""

import pytest

from watchfloor.desks.listings.evidence import Birth, compare_births, other_kind


@pytest.mark.parametrize(
    ("asked", "listed", "expected"),
    [
        (None, ["1971"], Birth.OPEN),
        ("1971", [], Birth.OPEN),
        ("1971-05-02", ["1971-05-02"], Birth.SAME),
        ("1971", ["1971-05-02"], Birth.YEAR),
        ("1971-05", ["1971-05-02"], Birth.YEAR),
        ("1972", ["1971"], Birth.NEAR),
        ("1971-02-05", ["1971-05-02"], Birth.NEAR),
        ("1973", ["1971"], Birth.OPEN),
        ("1990", ["1971"], Birth.OTHER),
        ("1990", ["1971", "1990-01-01"], Birth.YEAR),
        ("1971", ["about 1971"], Birth.OPEN),
    ],
)
def test_births(asked, listed, expected):
    assert compare_births(asked, listed)[0] is expected


@pytest.mark.parametrize("text", ["1971-02-30", "02/05/1971", "71", "0000-01-01", "x"])
def test_no_date(text):
    assert compare_births("1971", [text]) == (Birth.OPEN, "")
    with pytest.raises(ValueError, match="no date"):
        compare_births(text, ["1971"])


def test_kinds():
    assert other_kind("Person", "Organization")
    assert not other_kind(None, "Organization")
    assert not other_kind("Company", "Organization")
    assert not other_kind("Person", "LegalEntity")
