from collections import Counter
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.core.canonical import encode_rows, row_views
from watchfloor.core.identity import Identities
from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Fault
from watchfloor.store import AccountingError, Floor, StoreError, UnknownRecord, segments
from watchfloor.store.intake import conforming
from watchfloor.store.log.merkle import leaf_hash

DELIVERIES = st.lists(
    st.tuples(st.lists(st.integers(0, 30), max_size=40), st.booleans(), st.integers(0, 3), st.integers(1, 9)),
    min_size=1,
    max_size=5,
)


@pytest.mark.usefixtures("small_segments")
@settings(max_examples=draws(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DELIVERIES)
def test_rows_are_kept_once_and_every_row_is_accounted_for(tmp_path_factory, actor, deliveries):
    """The oracle: keyed rows are a set, keyless ones a bag whose size is the largest of any delivery's."""
    floor = Floor.create(tmp_path_factory.mktemp("floors") / "floor", actor)
    keyed, bag = set(), Counter()
    with floor.writer(actor) as writer:
        for n, (numbers, has_key, faults, batch) in enumerate(deliveries):
            with writer.delivery("feed", f"d{n}", BytesIO(bytes([n]) * 100)) as intake:
                for at in range(0, len(numbers), batch):
                    intake.accept("party", parties(numbers[at : at + batch], keyed=has_key))
                intake.quarantine([Fault(f"line {i}", "broken", b"raw") for i in range(faults)])
            before = len(keyed) + bag.total()
            if has_key:
                keyed |= set(numbers)
            else:
                bag |= Counter(numbers)
            fresh = len(keyed) + bag.total() - before
            assert intake.account == (len(numbers) + faults, fresh, len(numbers) - fresh, faults, 0)
    rows = floor.read("party", READER)
    assert Counter(rows.filter(pa.compute.is_valid(rows["report_key"]))["name"].to_pylist()) == Counter(
        f"name{n}" for n in keyed
    )
    assert rows.num_rows == len(keyed) + bag.total() == floor.accounting()["feed"].accepted
    assert not list(floor.verify())


@pytest.mark.usefixtures("small_segments")
def test_a_delivery_repeated_writes_nothing(floor, actor):
    with floor.writer(actor) as writer:
        first = ingest(writer, range(50))
    before = floor.read("party", READER)
    with floor.writer(actor) as writer:
        again = ingest(writer, range(50))
    assert again.account == (50, 0, 50, 0, 0)
    assert again.earlier == first.position
    assert floor.read("party", READER).equals(before)


def test_an_amended_report_is_kept_beside_the_old_one(floor, writer):
    ingest(writer, [1, 2])
    amended = ingest(writer, [1], name="amended")
    assert amended.account.accepted == 1
    assert floor.read("party", READER)["name"].to_pylist() == ["name1", "name2", "amended1"]
    assert floor.read("party", READER, latest=True)["name"].to_pylist() == ["name2", "amended1"]


def test_what_is_marked_above_the_ceiling_stays_outside(floor, writer):
    intake = ingest(writer, [1, 2], marking="PC")
    assert intake.account == (2, 0, 0, 0, 2)
    (delivery,) = floor.deliveries()
    ((reason, count),) = delivery.withheld.items()
    assert reason.startswith("marked PC//TLP:CLEAR, above this floor's ceiling PB//TLP:CLEAR")
    assert count == 2


def test_a_sum_that_does_not_come_out_is_refused_and_nothing_is_kept(floor, writer):
    position = floor.position

    def short():
        with writer.delivery("feed", "short", BytesIO(b"three")) as intake:
            intake.accept("party", parties([1, 2]))
            intake.expect(3)

    with pytest.raises(AccountingError, match="3 pieces delivered, 2 accounted for"):
        short()
    assert floor.position == position
    assert ingest(writer, [1, 2]).account.accepted == 2


@pytest.mark.usefixtures("small_segments")
def test_an_error_in_the_block_leaves_no_trace(floor, writer):
    files = sorted(floor.root.rglob("*"))

    def broken():
        with writer.delivery("feed", "broken", BytesIO(b"x" * 1000)) as intake:
            intake.accept("party", parties(range(40)))
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    left = [p for p in sorted(floor.root.rglob("*")) if p.is_file() and p not in files]
    assert left == []
    assert floor.accounting() == {}
    assert ingest(writer, range(40)).account.accepted == 40


def changed(rows, name, values):
    return rows.set_column(rows.column_names.index(name), name, values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop_columns(["name"]), "lack the column 'name'"),
        (lambda rows: rows.append_column("age", pa.array([1])), "a column 'age'"),
        (lambda rows: changed(rows, "observed_at", pa.array(["soon"])), "do not have its types"),
        (
            lambda rows: changed(rows, "name", pa.nulls(1, pa.string())),
            "'name' with null",
        ),
    ],
)
def test_rows_that_are_none_of_the_kind(writer, change, message):
    rows = parties([1])
    with pytest.raises(ValueError, match=message), writer.delivery("feed", "x", BytesIO()) as intake:
        intake.accept("party", change(rows))


def test_what_a_bad_piece_quotes_may_hold_a_nul(floor, writer):
    for duplicate in (0, 1):
        with writer.delivery("feed", "bad", BytesIO(b"a\0b")) as intake:
            intake.quarantine([Fault("line 1", "'a\0b' is no date", b"a\0b")])
        assert intake.account.duplicate == duplicate
    (piece,) = floor.quarantine()
    assert (piece.reason, piece.raw) == ("'a␀b' is no date", b"a\0b")
    assert not list(floor.verify())


def test_quarantine_is_kept_and_retried_with_an_exact_sum(floor, writer):
    with writer.delivery("feed", "d", BytesIO(b"abc")) as intake:
        intake.accept("party", parties([1]))
        intake.quarantine(
            [Fault("line 2", "no date", b"bad"), Fault("line 3", "no name", b"worse", rest=True)]
        )
    first, second = floor.quarantine("feed")
    assert (first.locator, first.reason, first.raw, first.rest) == ("line 2", "no date", b"bad", False)
    assert second.rest is True
    with writer.again(intake.position, [first.id]) as retry:
        assert retry.open().read() == b"abc"
        retry.accept("party", parties([2, 3]))
    assert floor.quarantined(first.id).resolved == retry.position
    assert [each.id for each in floor.quarantine()] == [second.id]
    assert len(floor.quarantine(unresolved=False)) == 2
    assert floor.accounting()["feed"] == (4, 3, 0, 1, 0)
    with pytest.raises(UnknownRecord, match="resolved before"), writer.again(intake.position, [first.id]):
        pass
    assert not list(floor.verify())


def test_a_delivery_within_a_delivery_is_refused(writer):
    with (
        writer.delivery("feed", "outer", BytesIO()),
        pytest.raises(StoreError, match="'outer' is still open"),
    ):
        writer.append("party", parties([1]))


def test_unknown_numbers_have_a_message(floor, writer):
    with pytest.raises(UnknownRecord, match="number 9"):
        floor.quarantined(9)
    with pytest.raises(UnknownRecord, match="position 77"), writer.again(77, []):
        pass


@pytest.mark.usefixtures("small_segments")
def test_wide_rows_fill_a_segment_before_there_are_many(floor, actor, monkeypatch):
    batch = parties(range(6))
    monkeypatch.setattr("watchfloor.store.segments.draft.BYTES", batch.nbytes)
    with floor.writer(actor) as writer, writer.delivery("feed", "wide", BytesIO(b"x")) as intake:
        for start in range(0, 36, 6):
            intake.accept("party", parties(range(start, start + 6)))
    (act,) = (act for act in floor.acts() if act.act == "ingest")
    sizes = [segment["rows"] for segment in act.detail["segments"]]
    assert sum(sizes) == 36
    assert max(sizes) < 16, "they end for their bytes, not for their rows"
    assert floor.read("party", READER)["name"].to_pylist() == [f"name{n}" for n in range(36)]
    assert not list(floor.verify())


def test_a_delivery_knows_which_of_its_rows_were_here_before_it(writer):
    ingest(writer, [1, 2])
    with writer.delivery("feed", "again", BytesIO(b"y")) as intake:
        intake.accept("party", parties([2, 3]))
        assert len(intake.repeats) == 16


@pytest.mark.parametrize("count", [0, 1, 600, 1500])
def test_leaves_are_those_of_rows_hashed_one_by_one_however_they_came(count):
    rows = parties(range(count)).drop_columns(["locator"])
    batches = [rows.slice(0, 7), rows.slice(7, 600), rows.slice(607)]
    payload = segments.salted(3, 0, pa.concat_tables(batches))
    columns, salts = segments.columns_of(payload), payload[segments.SALT].combine_chunks()
    leaves = b"".join(segments.leaf_hashes(payload, columns, salts))
    salts = salts.to_pylist()
    encoded = encode_rows(payload, {name: at for at, name in enumerate(columns)})
    wanted = [leaf_hash(salt + bytes(row)) for salt, row in zip(salts, row_views(encoded), strict=True)]
    assert leaves == b"".join(wanted)


def test_leaves_of_rows_that_were_encoded_for_their_identities_are_the_same():
    added = {
        "source": pa.repeat("feed", 600),
        "delivery": pa.repeat(pa.scalar(bytes(32), pa.binary(32)), 600),
    }
    bare = parties(range(600))
    for name, values in added.items():
        bare = bare.append_column(name, values)
    rows = conforming(KINDS["party"], bare)
    identities = Identities(KINDS["party"], bytes(32))
    content = identities.content(rows)
    rows = rows.add_column(0, "record_id", identities.record_ids(rows, content))
    payload = segments.salted(3, 0, rows)
    columns, salts = segments.columns_of(payload), payload[segments.SALT].combine_chunks()
    given = segments.leaf_hashes(payload, columns, salts, content)
    assert given == segments.leaf_hashes(payload, columns, salts)
