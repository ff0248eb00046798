"""The records a lead cites: looked up by id, beside every kind read whole."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.console.served import exercise
from tests.thorough import draws

from watchfloor.cell.evidence import cited, ids
from watchfloor.records.kinds import KINDS
from watchfloor.release.policy import Reader
from watchfloor.store.search import moments_of

READERS = [Reader("officer", purpose="test"), Reader("few", protected=0, tlp=1, purpose="test")]


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    return exercise(tmp_path_factory.mktemp("evidence"), scale=0.1)


@pytest.fixture(scope="module")
def known(floor):
    """Every record of the floor, by reader."""
    return {
        reader: {
            row["record_id"]: row | {"kind": kind}
            for kind in KINDS
            for row in floor.read(kind, reader).to_pylist()
        }
        for reader in READERS
    }


@settings(deadline=None, max_examples=draws(25))
@given(data=st.data())
def test_what_is_cited_is_what_reading_everything_finds(floor, known, data):
    every = sorted(known[READERS[0]])
    some = st.lists(st.sampled_from(every) | st.binary(min_size=16, max_size=16), max_size=30)
    lead = SimpleNamespace(
        contributions=[
            SimpleNamespace(evidence=tuple(part)) for part in data.draw(st.lists(some, max_size=4))
        ]
    )
    for reader in READERS:
        here = known[reader]
        assert cited(floor, reader, lead) == [here[id_] for id_ in ids(lead) if id_ in here]
        assert moments_of(floor, ids(lead), reader) == {
            id_: here[id_]["observed_at"] for id_ in ids(lead) if id_ in here
        }


def test_both_readers_see_some_and_not_all(known):
    few, every = known[READERS[1]], known[READERS[0]]
    assert 0 < len(few) < len(every)
