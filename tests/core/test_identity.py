from collections import Counter
from datetime import UTC, datetime
from hashlib import blake2b

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.canonical import encode_rows, row_views
from watchfloor.core.identity import Identities
from watchfloor.core.kinds import PARTY, PROVENANCE

KEY = bytes(range(32))
AT = datetime(2026, 3, 1, tzinfo=UTC)


def party(name, report_key=None, **over):
    row = {
        "report_key": report_key,
        "source": "parcels",
        "origins": [],
        "observed_at": AT,
        "marking": "U//TLP:CLEAR",
        "delivery": bytes(32),
        "locator": "line 1",
        "subject": f"person:parcels:{name}",
        "role": "consignee",
        "name": name,
    }
    return row | over


def table(*rows):
    return pa.Table.from_pylist(list(rows), schema=PARTY.schema.remove(0))


def ids(*rows, key=KEY):
    return Identities(PARTY, key).record_ids(table(*rows)).to_pylist()


def test_a_repeated_delivery_has_the_same_identities():
    rows = [party("Ada"), party("Ada"), party("Bo")]
    assert ids(*rows) == ids(*rows)


def test_equal_rows_without_a_source_id_are_told_apart():
    assert len(set(ids(party("Ada"), party("Ada"), party("Ada")))) == 3


def test_one_report_delivered_twice_is_one_record():
    assert len(set(ids(party("Ada", "r1"), party("Ada", "r1")))) == 1


def test_an_amended_report_under_its_old_id_is_a_new_record():
    assert len(set(ids(party("Ada", "r1"), party("Eda", "r1")))) == 2


def test_where_a_row_stood_is_no_part_of_what_it_says():
    assert ids(party("Ada")) == ids(party("Ada", locator="line 9", delivery=b"x" * 32))


@pytest.mark.parametrize("change", [{"source": "visas"}, {"marking": "PB//TLP:AMBER"}, {"origins": ["a"]}])
def test_source_marking_and_origin_are_part_of_it(change):
    assert ids(party("Ada")) != ids(party("Ada", **change))


def test_without_the_key_an_identity_cannot_be_recomputed():
    assert ids(party("Ada")) != ids(party("Ada"), key=b"another key of the floor")
    with pytest.raises(ValueError, match="16 to 64 bytes"):
        Identities(PARTY, b"short")


@settings(deadline=None, max_examples=draws(60))
@given(st.lists(st.sampled_from("ABC"), max_size=12), st.data())
def test_batches_of_one_delivery_do_not_change_identities(names, data):
    rows = [party(name) for name in names]
    cut = data.draw(st.integers(0, len(rows)))
    whole = Identities(PARTY, KEY).record_ids(table(*rows)).to_pylist()
    parts = Identities(PARTY, KEY)
    assert (
        parts.record_ids(table(*rows[:cut])).to_pylist() + parts.record_ids(table(*rows[cut:])).to_pylist()
        == whole
    )
    assert len(set(whole)) == len(rows)


def plain(batches):
    """Oracle: one dictionary of occurrences."""
    ordinals = {field.name: i for i, field in enumerate(PARTY.schema) if field.name not in PROVENANCE}
    how = {"digest_size": 16, "key": KEY, "person": blake2b(b"party", digest_size=16).digest()}
    seen = Counter()
    for batch in batches:
        for row, view in zip(batch, row_views(encode_rows(table(*batch), ordinals)), strict=True):
            digest = blake2b(view, **how).digest()
            before = seen[digest]
            seen[digest] += row["report_key"] is None
            numbered = row["report_key"] is None and before
            yield blake2b(digest + before.to_bytes(8, "little"), **how).digest() if numbered else digest


batches = st.lists(
    st.lists(st.builds(party, st.sampled_from("ABCDEFG"), st.none() | st.just("r")), max_size=9)
)


@settings(deadline=None, max_examples=draws(60))
@given(batches)
def test_occurrences_equal_those_a_dictionary_counts(found):
    identities = Identities(PARTY, KEY)
    assert [each for batch in found for each in identities.record_ids(table(*batch)).to_pylist()] == list(
        plain(found)
    )
