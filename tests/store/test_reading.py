from datetime import UTC, datetime, timedelta
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store import tamper
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.core.kinds import LISTING, PARTY
from watchfloor.core.marking import parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import Damaged, Floor, UnknownRecord
from watchfloor.store.segments import reading

MARKINGS = ["U//TLP:CLEAR", "PA//TLP:GREEN", "PB//TLP:AMBER//REL:CAN", "PB//TLP:RED//COMP:X"]
READERS = [READER, Reader("public", protected=0, tlp=0), Reader("partner", country="USA", protected=2)]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "append", "compact"]), st.integers(1, 30), st.sampled_from(MARKINGS)
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.usefixtures("small_segments")
@settings(max_examples=draws(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS, st.sampled_from(READERS))
def test_reading_is_the_allowed_prefix_in_order(tmp_path_factory, actor, acts, reader):
    """The oracle is a list of rows with their positions; compaction changes nothing of it."""
    floor = Floor.create(tmp_path_factory.mktemp("floors") / "floor", actor, ceiling="PB//COMP:X")
    expected, n = [], 0
    with floor.writer(actor) as writer:
        for act, count, marking in acts:
            if act == "compact":
                writer.compact()
                continue
            rows = parties(range(n, n + count), marking=marking)
            if act == "append":
                position = writer.append("party", rows)
            else:
                with writer.delivery("feed", "d", BytesIO(bytes([n]))) as intake:
                    intake.accept("party", rows)
                position = intake.position
            expected += [(f"name{i}", position, marking) for i in range(n, n + count)]
            n += count
    for as_of in {0, 1, floor.position // 2, floor.position}:
        rows = floor.read("party", reader, as_of, ["name", "position"])
        assert list(zip(*rows.to_pydict().values(), strict=True)) == [
            (name, at) for name, at, marking in expected if at <= as_of and allowed(reader, parse(marking))
        ]
    assert floor.read("party", reader).schema.equals(PARTY.schema)


@pytest.mark.parametrize("places", [None, np.uint64(7) << np.uint64(32)])
def test_what_lies_in_the_catalogue_is_masked_at_once(floor, writer, monkeypatch, places):
    masked, visible = [], reading.visible
    monkeypatch.setattr(reading, "visible", lambda *given: masked.append(given) or visible(*given))
    positions = [writer.append("party", parties([n])) for n in range(40)]
    columns = ["name", "position"]
    if places is None:
        rows = floor.read("party", READER, columns=columns)
        assert rows["position"].to_pylist() == positions
        assert rows["name"].to_pylist() == [f"name{n}" for n in range(40)]
    else:
        rows = floor.read_at("party", READER, columns, np.array([places]))
        assert rows["name"].to_pylist() == ["name6"]
    assert len(masked) == 1


def test_as_of_a_moment_is_as_of_its_position(floor, writer):
    first = ingest(writer, [1])
    moment = floor.acts()[-1].at
    ingest(writer, [2])
    assert floor.position_at(moment) == first.position
    assert floor.read("party", READER, moment).num_rows == 1
    assert floor.read("party", READER, moment - timedelta(days=1)).num_rows == 0
    assert floor.read("party", READER, datetime.now(UTC) + timedelta(days=1)).num_rows == 2
    with pytest.raises(UnknownRecord, match="no position 99"):
        floor.read("party", READER, 99)


def test_latest_is_taken_after_the_mask(floor, writer):
    """A newer row that a reader may not see must not hide the older one that he may."""
    ingest(writer, [1], marking="U//TLP:CLEAR")
    ingest(writer, [1], name="secret", marking="PB//TLP:RED")
    assert floor.read("party", READER, latest=True)["name"].to_pylist() == ["secret1"]
    assert floor.read("party", READERS[1], latest=True)["name"].to_pylist() == ["name1"]


def test_latest_keeps_every_row_without_a_key(floor, writer):
    ingest(writer, [1, 1, 2], keyed=False)
    rows = floor.read("party", READER, columns=["name"], latest=True)
    assert rows.to_pydict() == {"name": ["name1", "name1", "name2"]}


def test_an_empty_floor_gives_the_kinds_columns(floor):
    assert floor.read("listing", READER).schema.equals(LISTING.schema)
    assert floor.signals(READER).num_rows == 0


def test_unknown_kinds_and_columns_are_named(floor):
    with pytest.raises(ValueError, match="no kind 'partys'"):
        floor.read("partys", READER)
    with pytest.raises(ValueError, match="no column 'nom'"):
        floor.read("party", READER, columns=["nom"])


@pytest.mark.usefixtures("small_segments")
def test_a_rotten_segment_is_never_read_as_something_else(floor, writer):
    ingest(writer, range(16))
    (path,) = tamper.paths(floor, ".parquet")
    whole, data = floor.read("party", READER), tamper.read(floor, path)
    for at in range(0, len(data), 173):
        broken = bytearray(data)
        broken[at] ^= 8
        tamper.write(floor, path, broken)
        with pytest.raises(Damaged, match=f"at byte {at}: one bit"):
            floor.read("party", READER)
    tamper.write(floor, path, data)
    assert floor.read("party", READER).equals(whole)


def test_records_are_found_by_the_start_of_their_id_and_behind_the_mask(floor, writer):
    ingest(writer, range(20), marking="PB//TLP:RED")
    record_id = floor.read("party", READER)["record_id"][7].as_py()
    ((kind, row),) = floor.records(record_id.hex()[:12].upper(), READER)
    assert (kind, row["name"], row["record_id"]) == ("party", "name7", record_id)
    assert floor.records(record_id.hex(), READERS[1]) == []
    every = [pair for digit in "0123456789abcdef" for pair in floor.records(digit, READER)]
    assert sorted(row["name"] for _, row in every) == sorted(f"name{i}" for i in range(20))
