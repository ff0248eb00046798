"""The phrases of OFAC remarks."""

import pytest

from watchfloor.formats.lists.ofac_remarks import births, read_remarks


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("24 Aug 1951", ["1951-08-24"]),
        ("Aug 1951", ["1951-08"]),
        ("1951", ["1951"]),
        ("circa 1951", ["1951"]),
        ("circa 24 Aug 1951", ["1951-08-24"]),
        ("1950 to 1953", ["1950", "1951", "1952", "1953"]),
        ("circa 1970-1972", ["1970", "1971", "1972"]),
        ("01 Jan 1950 to 31 Dec 1951", ["1950", "1951"]),
        ("1900 to 1999", []),
        ("1953 to 1950", []),
        ("30 Feb 1951", []),
        ("24 Foo 1951", []),
        ("unknown", []),
        ("", []),
    ],
)
def test_births(text, dates):
    assert births(text) == dates


def test_names_in_quotes_are_weak_quotes_within_them_stay():
    names = read_remarks("a.k.a. 'ABU-'UMAR'; f.k.a. 'ANA I'; n.k.a. 'ANA II'.").names
    assert [(n.text, n.role, n.strength) for n in names] == [
        ("ABU-'UMAR", "alias", "weak"),
        ("ANA I", "former", "weak"),
        ("ANA II", "alias", "weak"),
    ]


def test_countries_and_numbers():
    said = read_remarks(
        "POB Strelsau, Vale, Cuba; nationality Iran; citizen Mexico; alt. Passport B 123 (Peru) expires 2020"
        "; Cedula No. 88 (Colombia); Identification Number IMO 1234567; Linked To: FEN."
    )
    assert said.countries == ["Cuba", "Iran", "Mexico"]
    assert [(i.system, i.number, i.owner) for i in said.identifiers] == [
        ("passport", "B 123", "Peru"),
        ("Cedula No", "88", "Colombia"),
        ("imo", "1234567", None),
    ]
