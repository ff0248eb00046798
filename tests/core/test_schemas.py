"""The one table of what things are called, and the views of it."""

import pyarrow as pa
import pytest

from watchfloor.core import subjects
from watchfloor.core.schemas import BY_NAME, BY_WORD, SCHEMAS, family
from watchfloor.feeds import complete
from watchfloor.formats.lists import ftm, ofac_csv, ofac_xml
from watchfloor.formats.tabular import values


def test_no_word_means_two_things():
    said = [
        word for schema, about in SCHEMAS.items() for word in (schema.lower(), *about.names, *about.words)
    ]
    assert len(said) == len(set(said)) == len(BY_WORD)
    assert all(word == word.lower().strip() for word in said)


@pytest.mark.parametrize("table", [ftm.SCHEMAS, ofac_csv.SCHEMAS, ofac_xml.SCHEMAS])
def test_publishers_own_words_lead_to_our_schemas(table):
    assert set(table.values()) <= SCHEMAS.keys()


def test_every_schema_is_a_subject_can_be_written_and_compared():
    assert complete.TYPES.keys() == SCHEMAS.keys()
    assert set(complete.TYPES.values()) <= set(subjects.TYPES)
    assert set(BY_NAME.values()) == SCHEMAS.keys()
    assert values.schema(pa.array(list(BY_WORD))).values.to_pylist() == list(BY_WORD.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Person", "person"),
        ("PublicBody", "body"),
        ("organisation", "body"),
        ("Company", "body"),
        ("Airplane", "craft"),
        ("LegalEntity", None),
        ("Robot", None),
        (None, None),
    ],
)
def test_families(name, expected):
    assert family(name) == expected


def test_no_kind_has_a_column_by_the_name_that_readers_ask_the_log_by():
    from watchfloor.core.kinds import KINDS
    from watchfloor.store.segments.reading import POSITION

    assert [name for name, kind in KINDS.items() if POSITION in kind.schema.names] == []
