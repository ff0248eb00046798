import tomllib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.tabular import date_forms, mapping
from watchfloor.formats.tabular.date_forms import Date, date_form
from watchfloor.formats.tabular.propose import propose
from watchfloor.formats.tabular.table import text_table

DAY = "2026-11-24"


def proposed(columns, kind="party", file="liste.csv"):
    return propose(kind, pa.table(columns), file, DAY)


def test_french_columns():
    found = proposed(
        {
            "Numéro": ["1", "2"],
            "BÉNÉFICIAIRE": ["Ann", "Bo"],
            "Né le": ["13.05.1971", "1.2.1980"],
            "Pays": ["Canada", "Chine"],
            "Type": ["Individu", "Société"],
            "Date du paiement": ["24/11/2026 10:30", "1/2/2026 11:00"],
        }
    )
    fields = found.mapping.fields
    assert fields["report_key"] == "Numéro"
    assert fields["name"] == "BÉNÉFICIAIRE"
    assert fields["birth_date"].format == "%d.%m.%Y"
    assert fields["country"] == "Pays"
    assert fields["schema"] == "Type"
    assert fields["observed_at"].format == "%d/%m/%Y %H:%M"
    assert found.mapping.constants == {"role": "payee"}
    assert not found.missing


def test_columns_must_keep_what_their_names_promise():
    found = proposed(
        {"id": ["1", "1"], "name": ["Ann", "Bo"], "country": ["red", "blue"], "type": ["x", "y"]}
    )
    assert found.mapping.fields == {"name": "name"}
    assert len(found.notes) == 4


def test_nationality_is_never_proposed():
    found = proposed({"Name": ["Ann"], "Nationality": ["CA"], "Religion": ["x"], "Ethnicity": ["y"]})
    assert found.mapping.fields == {"name": "Name"}


def test_what_reads_both_ways_is_noted():
    found = proposed({"name": ["Ann"], "dob": ["03/04/1971"]})
    assert any("alike" in note for note in found.notes)


def test_lists():
    found = proposed(
        {"Ref": ["7"], "Name": ["Star"], "AKA": ["S; T"], "Listed on": ["2020-01-01"]}, "listing"
    )
    assert found.mapping.fields == {
        "entity_id": "Ref",
        "name": "Name",
        "aliases": "AKA",
        "listed_on": "Listed on",
    }
    assert found.mapping.constants == {"list_id": "liste", "instrument": "liste"}


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["1971-05-02", "1980"], ""),
        (["31/12/1980"], "%d/%m/%Y"),
        (["12/31/1980"], "%m/%d/%Y"),
        (["19801231"], "%Y%m%d"),
        (["31 décembre 1980"], "%d %B %Y"),
        ([], ""),
    ],
)
def test_forms_of_dates(texts, form):
    assert date_form(texts) == Date(form)


@settings(deadline=None, max_examples=draws(60))
@given(st.data())
def test_any_table_gives_a_mapping_that_is_read_back(data):
    words = st.sampled_from(
        ["Nom", "prénom", "DOB", "date", "pays", "type", "id", "passeport", "x"]
    ) | st.text(min_size=1)
    names = data.draw(st.lists(words, min_size=1, max_size=6, unique=True))
    rows = data.draw(
        st.lists(st.lists(st.text(max_size=8), min_size=len(names), max_size=len(names)), max_size=4)
    )
    kind = data.draw(st.sampled_from(["party", "listing"]))
    found = propose(kind, text_table(names, rows), "f.csv", DAY)
    if not found.missing:
        assert mapping.parse(mapping.dump(found.mapping, found.notes), "m.toml") == found.mapping


@pytest.mark.parametrize("name", ['Date "of entry"', 'Date\n[constants]\nlist_id = "x"'])
def test_no_name_of_a_column_ends_a_note_in_the_mapping(name):
    found = proposed({"Name": ["Ann", "Bo"], name: ["03/04/2026", "04/05/2026"]})
    (note,) = found.notes
    stated = note[note.index("observed_at = ") : note.index(" with the form")]
    assert tomllib.loads(stated) == {"observed_at": {"from": name, "format": "…"}}
    written = tomllib.loads(mapping.dump(found.mapping, found.notes))
    assert written["constants"] == dict(found.mapping.constants)


@pytest.mark.parametrize("text", ["2026-01-01" + " " * 60_000 + "10:00x", "le" + " " * 60_000 + "x"], ids=len)
def test_a_cell_longer_than_a_date_is_not_searched_for_one(text, monkeypatch):
    read = []
    monkeypatch.setattr(date_forms, "_parted", lambda one: read.append(one) or (one, ""))
    assert date_form([text, "13.05.2026"], with_clock=True) == Date("%d.%m.%Y")
    assert read == ["13.05.2026"]


def test_numbers_of_orders_and_persons_become_keys_known_under_the_feed():
    columns = {"order": ["A-1", "A-2"], "step": ["order-made", "order-made"], "person": ["P-7", "P-8"]}
    fields = proposed(columns, "removal-step", "steps 2026.csv").mapping.fields
    assert (fields["order"].key, fields["person"].key) == ("order:steps", "person:steps")
    keys = columns | {"order": ["order:cbsa:A-1", "order:cbsa:A-2"]}
    assert proposed(keys, "removal-step").mapping.fields["order"] == "order"
