from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.proven import proves
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.store import Floor


@pytest.mark.usefixtures("small_segments")
@settings(max_examples=draws(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 25), min_size=1, max_size=9))
def test_joining_changes_files_and_nothing_else(tmp_path_factory, actor, sizes):
    floor, n = Floor.create(tmp_path_factory.mktemp("floors") / "floor", actor), 0
    with floor.writer(actor) as writer:
        for size in sizes:
            writer.append("party", parties(range(n, n + size)))
            n += size
        rows = floor.read("party", READER, columns=["record_id", "name", "position"])
        some = rows["record_id"].to_pylist()[:: max(1, n // 5)]
        proofs, root = [floor.prove(each) for each in some], floor.log_root()
        writer.compact()
        files = len(list((floor.root / "segments").rglob("*.parquet")))
        assert files <= 1 + 2 * n // 16
        assert writer.compact() == 0
    assert floor.read("party", READER, columns=["record_id", "name", "position"]).equals(rows)
    assert all(proves(proof, root) for proof in proofs)
    assert all(proves(floor.prove(each), floor.log_root()) for each in some)
    assert not list(floor.verify())


@pytest.fixture
def impatient(monkeypatch):
    """Writers that soon give up to clear what a reader holds."""
    monkeypatch.setattr("watchfloor.store.catalogue.PATIENCE", 0.1)


@pytest.mark.usefixtures("impatient", "small_segments")
def test_a_reader_in_the_middle_of_a_compaction_begins_again(floor, writer, monkeypatch):
    """Its file goes between its look at the catalogue and its opening of the file."""
    from watchfloor.store.segments import reading

    ingest(writer, range(6))
    ingest(writer, range(10, 16))
    real, calls = reading.payloads, []

    def compacted_meanwhile(*args, **how):
        found = real(*args, **how)
        if not calls:
            calls.append(1)
            writer.compact()
        return found

    monkeypatch.setattr(reading, "payloads", compacted_meanwhile)
    assert floor.read("party", READER).num_rows == 12
    assert calls


def test_joining_by_itself_writes_a_row_again_a_few_times_only(floor, actor, monkeypatch):
    monkeypatch.setattr("watchfloor.store.writer.ROLL_SEGMENTS", 4)
    with floor.writer(actor) as writer:
        for number in range(100):
            writer.append("party", parties([number]))
    joined = Counter(segment for act in floor.acts_of("compaction") for segment in act.detail["segments"])
    assert len(joined) >= 95
    assert max(joined.values()) <= 6  # of 20 times: each time a file is joined, it comes to thrice as much
    assert floor.read("party", READER)["name"].to_pylist() == [f"name{number}" for number in range(100)]
    assert not list(floor.verify())
