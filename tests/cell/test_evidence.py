"""The records a lead cites: looked up by id, beside every kind read whole."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.console.served import KEEPER, exercise
from tests.thorough import draws

from watchfloor.cell.evidence import cited, folded, ids, standing, votes
from watchfloor.core.kinds import KINDS
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.policy.policy import Reader
from watchfloor.store.index.search import moments_of

RADAR = (
    "observed_at,sensor,latitude,longitude,var_east,var_north,cov_east_north,class,confidence\n"
    + "".join(
        f"2026-01-05T08:00:{n:02}Z,mast-{n % 2},45.0,-73,64,64,0,{('animal', 'group', 'person')[n % 3]},0.9\n"
        for n in range(12)
    )
)

READERS = [Reader("officer", purpose="test"), Reader("few", protected=0, tlp=1, purpose="test")]


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    home = tmp_path_factory.mktemp("evidence")
    made = exercise(home, scale=0.1)
    (home / "radar.csv").write_text(RADAR)
    with made.writer(KEEPER) as writer:
        list(ingest_all(writer, [home / "radar.csv"], config.load(made.root), Orders()))
    return made


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
    lead = lead_on(*data.draw(st.lists(some, max_size=4)))
    for reader in READERS:
        here = known[reader]
        assert cited(floor, reader, lead) == [here[id_] for id_ in ids(lead) if id_ in here]
        assert standing(floor, reader, lead) == [id_ for id_ in ids(lead) if id_ in here]
        assert moments_of(floor, ids(lead), reader) == {
            id_: here[id_]["observed_at"]
            for id_ in ids(lead)
            if id_ in here and not KINDS[here[id_]["kind"]].bulk
        }


def lead_on(*parts):
    """What a lead has of contributions, each of one track, that rest on these records."""
    return SimpleNamespace(
        contributions=[
            SimpleNamespace(evidence=tuple(part), subject=f"track:surveillance:{n}")
            for n, part in enumerate(parts)
        ]
    )


def test_what_is_listed_is_what_is_counted_and_a_sensor_has_one_row_a_track(floor, known):
    here = known[READERS[0]]
    radar = [id_ for id_, row in here.items() if row["kind"] == "detection"]
    radar.sort(key=lambda id_: here[id_]["observed_at"])
    others = [id_ for id_, row in here.items() if row["kind"] == "party"][:2]
    lead = lead_on(radar[:8], [*others, *radar[8:]])
    found = folded(cited(floor, READERS[0], lead), lead)
    assert len(radar) == 12
    assert sum(len(one.record_ids) for one in found) == len(standing(floor, READERS[0], lead)) == 14
    assert [(one.sensor, one.track, len(one.record_ids)) for one in found if one.sensor] == [
        ("mast-0", "track:surveillance:0", 4),
        ("mast-1", "track:surveillance:0", 4),
        ("mast-0", "track:surveillance:1", 2),
        ("mast-1", "track:surveillance:1", 2),
    ]
    assert found[0].votes == {"animal": 2, "person": 1, "group": 1}
    assert votes(found, "en")["track:surveillance:1"] == "person 2, animal 1, group 1"
    assert votes(found, "fr")["track:surveillance:1"] == "personne 2, animal 1, groupe 1"
    assert folded([], lead) == []


def test_both_readers_see_some_and_not_all(known):
    few, every = known[READERS[1]], known[READERS[0]]
    assert 0 < len(few) < len(every)
