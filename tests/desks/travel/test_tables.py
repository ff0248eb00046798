"""Tables of applications: what columns are taken for, and what is not looked at."""

import csv
import json

import pytest

from watchfloor.desks.travel.filings import CHECKS, UNCONFIRMED
from watchfloor.desks.travel.tables import left_out, read, taken
from watchfloor.formats.base import FormatError


def table(tmp_path, rows, name="a.csv"):
    path = tmp_path / name
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize(
    "name",
    [
        *(
            "nationality",
            "Country of birth",
            "Nationalité",
            "citizenship",
            "Sex",
            "gender",
            "langue",
            "religion",
        ),
        *(
            "birth city",
            "Ville de naissance",
            "NAT",
            "passport issuer",
            "État émetteur",
            "dial code",
            "Embassy",
        ),
        *("mother_tongue", "country", "passport country", "birthplace", "Lieu de naissance", "ethnic origin"),
    ],
)
def test_protected_columns_are_left_out(name):
    assert left_out(name)


@pytest.mark.parametrize(
    "name", ["phone", "consultant", "college", "bank", "office", "language school address"]
)
def test_others_are_not(name):
    assert left_out(name) == ("language" in name)


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (
            [
                "app_id",
                "applicant_name",
                "mobile",
                "e-mail",
                "agent_name",
                "fee payer",
                "IP address",
                "LOA number",
            ],
            ["number", "applicant", "telephones", "emails", "representative", "payer", "device", "reference"],
        ),
        (
            [
                "Numéro de demande",
                "Demandeur",
                "Téléphone",
                "Courriel",
                "Représentant",
                "Payeur",
                "Établissement",
            ],
            ["number", "applicant", "telephones", "emails", "representative", "payer", "institution"],
        ),
    ],
)
def test_columns_are_known_in_both_languages(names, fields):
    assert [one.field for one in taken(names)] == fields


def test_contacts_of_colleges_and_addresses_of_advisers_make_no_household():
    names = [
        "college address",
        "bank phone",
        "consultant address",
        "consultant phone",
        "address",
        "college name",
    ]
    fields = ["", "", "", "telephones", "addresses", "institution"]
    assert [one.field for one in taken(names)] == fields


def test_an_agent_beside_an_officer_is_an_adviser():
    assert [one.field for one in taken(["agent", "officer"])] == ["representative", "officer"]


def test_a_state_that_issued_a_passport_is_in_no_filing(tmp_path):
    rows = [
        {"application": "1", "passport": "X1", "issuing authority": "UTO", "issued by": "UTO", "phone": "1"}
    ]
    (one,) = read([table(tmp_path, rows)]).filings
    assert "UTO" not in repr(one)


def test_parts_of_a_name_are_one_name_and_a_key_goes_before_it(tmp_path):
    rows = [
        {"application": "1", "Prénom": "Ann", "Nom de famille": "Example"},
        {"application": "2", "Prénom": "Bob", "Nom de famille": "Example"},
    ]
    first, second = read([table(tmp_path, rows)]).filings
    assert (first.applicant, second.applicant) == ("Ann Example", "Bob Example")
    rows = [{"application": "1", "applicant name": "Ann", "client id": "7", "payer": "x"}]
    (one,) = read([table(tmp_path, rows)]).filings
    assert (one.applicant, one.names) == ("7", ("Ann",))


def test_a_table_is_read_liberally(tmp_path):
    rows = [
        {
            "Application ID": "1",
            "Applicant": "Ann Example",
            "Phone": "+1 (416) 555-0100",
            "Consultant": "none",
            "Nationality": "UTO",
            "Letter verified": "No",
            "Failed checks": "",
            "Passport number": "x 12-3",
            "Notes": "Letter looked  odd.\n Called the college.",
            "Colour": "red",
        }
    ]
    found = read([table(tmp_path, rows)])
    (one,) = found.filings
    assert one.ties == {"telephone": ("14165550100",), "document": ("X123",)}
    assert one.false == {UNCONFIRMED: True, CHECKS: False}
    assert (found.left_out, found.unused) == (["Nationality"], ["Colour"])
    assert "UTO" not in repr(found.filings)


def test_rows_of_one_number_in_two_files_are_one_application(tmp_path):
    first = table(tmp_path, [{"application": "1", "applicant": "A", "payer": "card"}])
    second = tmp_path / "b.json"
    second.write_text(json.dumps([{"application": "1", "letter_template": "t", "letter_confirmed": "true"}]))
    (one,) = read([first, second]).filings
    assert (one.ties, one.false) == ({"payer": ("card",), "template": ("t",)}, {UNCONFIRMED: False})


def test_officers_notes_are_whole(tmp_path):
    note = "x" * 5000 + "; end"
    found = read([table(tmp_path, [{"application": "1", "phone": "1", "officer_notes": note}])])
    assert found.notes == {"1": [note]}


def test_letters_in_the_same_words_are_one_wording(tmp_path):
    text = "We are pleased to offer {} a place in the program that begins in the fall, at our main campus."
    rows = [
        {"application": n, "applicant": who, "letter_text": text.format(who)}
        for n, who in enumerate(["Ann One", "Bob Two"])
    ]
    first, second = read([table(tmp_path, rows)]).filings
    assert first.ties["wording"] == second.ties["wording"]


def test_a_table_without_a_known_column_is_refused(tmp_path):
    with pytest.raises(FormatError, match="no column that is known"):
        read([table(tmp_path, [{"colour": "red", "height": "2"}])])
