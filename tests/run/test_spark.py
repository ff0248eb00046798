"""A desk over a floor's evidence on Spark Connect: the answer as here, and one sentence where it fails."""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from tests.run.test_views import ACTOR, HIGH, LOW, run
from tests.run.test_views import floor as floor  # a fixture

from watchfloor.desks.registry import desks
from watchfloor.feeds.references import references
from watchfloor.policy import terms
from watchfloor.run import INLINE, Connect
from watchfloor.run.floor import PolicyChangedError, replay, run_desks
from watchfloor.run.spark import connect, copies, order
from watchfloor.run.spark.connect import joined
from watchfloor.run.spark.share import ClusterError, Share, new_key, sealed, unsealed
from watchfloor.store import Floor, files
from watchfloor.store.log.notes import Signer

REPORTS = {"reports": desks()["reports"]}


@pytest.fixture
def shared(tmp_path):
    """A shared location."""
    place = tmp_path / "shared"
    place.mkdir()
    return place


@pytest.fixture
def on(sail, shared):
    """The session's server, with a shared location of this test."""
    url = sail._url
    with Connect(url, f"file://{shared}", parts=3, deadline=60, few=0, by_id=False) as runner:
        yield runner


def run_on(floor, runner, *readers, names=("reports",)):
    chosen = [desks()[name] for name in names]
    with floor.writer(ACTOR) as writer:
        return list(
            run_desks(
                floor, writer, chosen, references(floor), readers or (HIGH, LOW), runner=runner, fresh=True
            )
        )


def compact(floor):
    """Have the rows lie in files, as those of larger deliveries do."""
    with floor.writer(ACTOR) as writer:
        assert writer.compact()


def refused(message, work):
    with pytest.raises(ClusterError) as caught:
        work()
    assert caught.value.reason.message == f"cluster.{message}", str(caught.value)
    assert caught.value.reason.render("fr") != str(caught.value.reason)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def segments(shared):
    return {place.name: place for place in shared.glob("*/segments/*")}


@pytest.mark.sail
@pytest.mark.parametrize("compacted", [False, True])
def test_every_desk_and_view_is_as_inline(floor, on, tmp_path, compacted):
    if compacted:
        compact(floor)
    here = Floor.open(shutil.copytree(floor.root, tmp_path / "here"))
    run(here, HIGH, LOW)
    run_on(floor, on, names=desks())
    kept, wanted = ({(one.desk, one.view): one.digest for one in each.runs()} for each in (floor, here))
    assert kept == wanted
    assert all(one.same for one in replay(floor, desks(), references(floor), LOW, runner=on))
    assert {task.desk for task in on.tasks} >= {"reports"}


@pytest.mark.sail
def test_files_are_copied_once_and_an_erasure_reaches_the_copies(floor, on, shared):
    compact(floor)
    run_on(floor, on)
    before = segments(shared)
    assert before
    times = {name: place.stat().st_mtime_ns for name, place in before.items()}
    run_on(floor, on)
    assert {name: place.stat().st_mtime_ns for name, place in segments(shared).items()} == times
    for place in before.values():
        assert b"seen" not in place.read_bytes()
    rows = floor.read("report", HIGH)
    keys = {one.key for one in files.copy_keys(floor.root)}
    with floor.writer(ACTOR) as writer:
        writer.erase([rows["record_id"][0].as_py()], "request 17")
    assert not keys & {one.key for one in files.copy_keys(floor.root)}, "a copy can still be read"
    on.close()
    with Connect(on._url, f"file://{shared}", parts=3, few=0, by_id=False) as again:
        run_on(floor, again)
    assert not segments(shared).keys() & before.keys()
    assert all(one.same for one in replay(floor, REPORTS, references(floor), HIGH, runner=INLINE))


@pytest.mark.sail
def test_a_run_leaves_nothing_but_the_copies(floor, on, shared):
    run_on(floor, on)
    on.close()
    assert not [place for place in shared.rglob("*") if place.is_file()]


def test_keys_of_copies_are_in_no_backup(floor, tmp_path):
    from watchfloor.store.backup import beside

    compact(floor)
    (stored,) = [part.stored for part in floor.parts("report", floor.position)[1]]
    made = files.copy_key(floor.root, stored.path, lambda: 300, 128)
    assert made == files.copy_key(floor.root, stored.path, lambda: 1, 7), "a key is made once"
    assert made.pieces == 3
    assert not [name for name in beside(floor.root) if "shared" in name]
    assert (floor.root / "shared").stat().st_mode & 0o77 == 0


@pytest.mark.sail
def test_what_a_killed_run_left_goes_by_the_clock_of_the_storage(shared):
    share = Share(f"file://{shared}")
    old, young = copies.Run(share, "f"), copies.Run(share, "f")
    for one in (old, young):
        one.put("kind", pa.table({"a": [1]}))
    stale = Path(shared, old._begun)
    week_ago = stale.stat().st_mtime - copies.STALE.total_seconds() - 60
    os.utime(stale, (week_ago, week_ago))
    copies.Run(share, "f")
    assert not Path(shared, old.folder).exists()
    assert Path(shared, young.folder).exists()


@pytest.mark.sail
def test_a_changed_policy_ends_the_run(floor, on, monkeypatch):
    digests = iter(["before", "after", "after", "after"])
    monkeypatch.setattr(terms, "digest", lambda _: next(digests))
    with pytest.raises(PolicyChangedError):
        run_on(floor, on)
    assert not floor.runs()


@pytest.mark.sail
def test_workers_with_another_package_refuse(floor, on, monkeypatch):
    monkeypatch.setattr(connect, "package_digest", lambda: "0" * 64)
    refused("other-package", lambda: run_on(floor, on))
    assert not floor.runs()


@pytest.mark.sail
def test_workers_refuse_an_order_that_the_floor_did_not_sign(floor, on, monkeypatch):
    forger, place = Signer("forger", bytes(32)), connect.place
    monkeypatch.setattr(
        connect, "place", lambda share, ticket, made, _, dumps: place(share, ticket, made, forger, dumps)
    )
    refused("not-signed", lambda: run_on(floor, on))
    assert not floor.runs()


@pytest.mark.sail
@pytest.mark.parametrize(("harm", "message"), [("lost", "object-lost"), ("damaged", "object-damaged")])
def test_a_segment_that_is_lost_or_damaged_is_copied_anew(floor, on, shared, harm, message):
    compact(floor)
    run_on(floor, on)
    kept = len(floor.runs())
    (name, place), *_ = segments(shared).items()
    taken_away = copies.Run._there

    def there(self):
        found = taken_away(self)
        if harm == "lost":
            place.unlink()
        return found

    if harm == "damaged":
        data = place.read_bytes()
        place.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(copies.Run, "_there", there)
        assert name in refused(message, lambda: run_on(floor, on))
    assert len(floor.runs()) == kept
    run_on(floor, on)
    assert len(floor.runs()) == kept + 2


@pytest.mark.sail
@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Python worker exited unexpectedly (crashed)", connect.FAILED),
        ("java.lang.OutOfMemoryError: Java heap space", connect.FAILED),
        ("ExecutorLostFailure (executor 1 exited unrelated to the running tasks)", connect.GONE),
    ],
)
def test_a_task_that_fails_is_no_cluster_that_is_gone(said, message):
    """The text is as Spark's DAGScheduler writes it."""
    runner = Connect.__new__(Connect)
    runner._url, runner._desk = "sc://here:1", "listings"
    where = "Lost task 1.3 in stage 2.0 (TID 9) (10.0.0.7 executor 1)"
    text = f"Job aborted due to stage failure: Task 1 in stage 2.0 failed 4 times: {where}: {said}\nat x"
    found = runner._explained(RuntimeError(text))
    assert found.message == message
    assert message == connect.GONE or said in str(found)


def test_a_result_that_somebody_changed_is_not_kept(floor, on, monkeypatch):
    get = Share.get

    def changed(self, name):
        data = get(self, name)
        return (
            pa.py_buffer(data.to_pybytes()[:-1])
            if self is on._share and name.rpartition("-")[2].isalnum()
            else data
        )

    monkeypatch.setattr(Share, "get", changed)
    refused("other-result", lambda: run_on(floor, on))
    assert not floor.runs()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.org/x", "share-unknown"),
        ("/mnt/shared", "share-unknown"),
        ("file:///no/such/folder", "share-absent"),
        ("hdfs://localhost:1/x", "share-unusable"),
    ],
)
def test_a_location_that_cannot_be_used_is_named(url, message):
    assert url in refused(message, lambda: Share(url).check())


@pytest.mark.parametrize(
    ("number", "message"),
    [(28, "share-full"), (122, "share-full"), (30, "share-read-only"), (13, "share-read-only")],
)
def test_a_location_that_takes_nothing_is_named(shared, monkeypatch, number, message):
    share = Share(f"file://{shared}")

    class Refusing:
        type_name = "local"

        def __getattr__(self, name):
            return getattr(real, name)

        def open_output_stream(self, path):
            raise OSError(number, os.strerror(number))

    real = share._system
    share._system = Refusing()
    refused(message, share.check)
    assert not [place for place in shared.rglob("*") if place.is_file()]


def test_a_sealed_object_opens_under_its_key_and_name_alone(shared):
    share, key = Share(f"file://{shared}"), new_key()
    share.put("a/b", sealed(key, "a/b", b"rows"))
    share.put("a/c", sealed(key, "a/b", b"rows"))
    assert unsealed(share, key, "a/b") == b"rows"
    refused("object-damaged", lambda: unsealed(share, new_key(), "a/b"))
    refused("object-damaged", lambda: unsealed(share, key, "a/c"))
    refused("object-lost", lambda: unsealed(share, key, "a/d"))


def test_values_that_pairs_join_get_the_least_number():
    import numpy as np

    def pairs(*both):
        return np.array(both, np.uint32).tobytes()

    names, least = joined([pairs((7, 3), (9, 7)), pairs((4, 5))])
    assert dict(zip(names.tolist(), least.tolist(), strict=True)) == {3: 3, 7: 3, 9: 3, 4: 4, 5: 4}
    assert not len(joined([])[0])


def test_the_digest_of_the_package_is_of_its_files_and_its_libraries(monkeypatch):
    order.package_digest.cache_clear()
    mine = order.package_digest()
    monkeypatch.setattr(order, "_versions", lambda: [("numpy", "0")])
    order.package_digest.cache_clear()
    assert order.package_digest() != mine
    order.package_digest.cache_clear()
