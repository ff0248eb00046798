"""A standby: what is shipped, applied, promoted; what a fork, a kill and a stranger's bundle come to."""

import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.store import Damaged, Floor, NoFloor, catalogue
from watchfloor.store.encryption import make_key
from watchfloor.store.errors import FloorBusy, NotEmpty, WrongCall
from watchfloor.store.standby import following, gate
from watchfloor.store.standby.following import Follower, Forked
from watchfloor.store.standby.shipping import Shipper

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the index of the log is mapped memory there")
KILLS = draws(50, quick=4)
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def primary(tmp_path, actor):
    floor = Floor.create(tmp_path / "primary", actor, name="north")
    (tmp_path / "shared").mkdir()
    follow_to(floor, tmp_path / "shared", make_key(tmp_path / "key"))
    (floor.root / "feeds.toml").write_text("", "utf-8")
    return floor


def follow_to(floor, shared, recipient):
    text = f"to = {msgspec.json.encode(str(shared)).decode()}\nrecipients = [{recipient!r}]\n"
    (floor.root / gate.SETTINGS).write_text(text, "utf-8")


@pytest.fixture
def standby(tmp_path):
    def follower():
        return Follower(tmp_path / "standby", tmp_path / "shared", tmp_path / "key")

    return follower


def ship(shipper):
    while shipper.ship():
        pass


def names(floor):
    return sorted(floor.read("party", READER, columns=["name"])["name"].to_pylist())


def promoted(follower, actor, **how):
    with follower as one:
        one.promote(actor, sleep=lambda _: None, **how)
        return Floor.open(one.root)


def test_a_standby_follows_and_takes_over(primary, standby, actor, small_segments):
    shipper = Shipper(primary)
    ship(shipper)
    with standby() as follower:
        assert follower.follow() == 1
        with primary.writer(actor) as writer:
            for n in range(0, 200, 20):
                ingest(writer, range(n, n + 18))
                writer.append("party", parties([n + 18]))
                ship(shipper)
            assert follower.follow() == 10 + 10 or follower.state.position == primary.position
            writer.compact()
            ship(shipper)
        follower.follow()
        assert follower.state.position == primary.position == shipper.position
        assert follower.state.root == primary.log_root().hex()
        with pytest.raises(NoFloor):
            Floor.open(follower.root)
    shipper._publish(released=True)
    shipper.close()
    new = promoted(standby(), actor)
    assert names(new) == names(primary)
    assert list(new.verify()) == []
    assert new.acts()[-1].act == "promoted"
    assert new.consistency(primary.position), "the log goes on"
    with new.writer(actor) as writer:
        ingest(writer, range(900, 905))
    with pytest.raises(gate.TakenOver), primary.writer(actor) as writer:
        writer.append("party", parties([1000]))
    with pytest.raises(gate.TakenOver):
        primary.act(actor, "query", {"what": "x"})
    with pytest.raises(gate.TakenOver):
        Shipper(primary).ship()


def test_an_erasure_reaches_the_standby_and_what_lies_between(
    primary, standby, actor, tmp_path, small_segments
):
    stopped = threading.Event()
    with primary.writer(actor) as writer:
        writer.append("party", parties([1]))
        ingest(writer, [7, 8, 9], raw=b"name7\n")
        shipper = Shipper(primary)
        shipping_ = threading.Thread(target=shipper.run, args=(stopped,))
        shipping_.start()
        try:
            with standby() as follower:
                wait_for(
                    lambda: follower.follow() is not None and follower.state.position == primary.position
                )
                old = follower.state.generation
                assert hits(follower.root, b"name7")
                (gone,) = (
                    row["record_id"]
                    for row in primary.read("party", READER, columns=["record_id", "name"]).to_pylist()
                    if row["name"] == "name7"
                )
                writer.erase([gone], "file A-77")
                wait_for(lambda: follower.follow() is not None and follower.state.generation != old)
                wait_for(
                    lambda: follower.follow() is not None and follower.state.position == primary.position
                )
                assert not hits(primary.root, b"name7")
                assert not hits(follower.root, b"name7")
                assert not (tmp_path / "shared" / old).exists(), "nor can anybody follow what was before"
        finally:
            stopped.set()
            shipping_.join()
    new = promoted(standby(), actor)
    assert "name7" not in names(new)
    assert list(new.verify()) == []


def hits(root, word):
    return [one for one in root.rglob("*") if one.is_file() and word in one.read_bytes()]


def wait_for(done):
    for _ in range(3000):
        if done():
            return
        threading.Event().wait(0.01)
    raise AssertionError


def test_a_primary_that_lives_is_not_replaced_unless_forced(primary, standby, actor):
    shipper = Shipper(primary)
    ship(shipper)
    with standby() as follower:
        with pytest.raises(FloorBusy, match="the primary lives"):
            follower.promote(actor, sleep=lambda _: shipper._publish())
        assert not (follower._source / gate.FENCE).exists()
        done = follower.promote(actor, force=True)
        assert done.forced
    assert Floor.open(follower.root).acts()[-1].detail["forced"]
    with pytest.raises(gate.TakenOver):
        primary.act(actor, "query", {"what": "x"})
    with pytest.raises(gate.TakenOver):
        shipper.ship_ = gate.refuse_fenced(primary.root)
    shipper.close()


def test_a_long_writer_of_the_old_primary_is_stopped_too(primary, standby, actor):
    shipper = Shipper(primary)
    with primary.writer(actor) as writer:
        writer.append("party", parties([1]))
        ship(shipper)
        promoted(standby(), actor, force=True)
        with pytest.raises(gate.TakenOver):
            writer.append("party", parties([2]))
    shipper.close()
    assert names(primary) == ["name1"]


def test_a_log_that_does_not_go_on_is_no_news(primary, standby, actor, tmp_path):
    shutil.copytree(primary.root, tmp_path / "copy")
    shipper = Shipper(primary)
    primary.act(actor, "query", {"what": "mine"})
    ship(shipper)
    shipper.close()
    with standby() as follower:
        follower.follow()
        known = follower.state.root
        other = Floor.open(tmp_path / "copy")
        for _ in range(3):
            other.act(actor, "query", {"what": "another story"})
        forked = Shipper(other)
        ship(forked)
        forked.close()
        with pytest.raises(Forked, match="forked or replaced"):
            follower.follow()
        assert follower.state.root == known
        with pytest.raises(Forked):
            follower.promote(actor, sleep=lambda _: None)
    new = promoted(standby(), actor, force=True)
    assert new.acts()[-2].detail == {"what": "mine"}
    assert list(new.verify()) == []


def test_an_old_base_that_is_put_back_changes_nothing(primary, standby, actor, tmp_path):
    """Who can write to the shared folder alone has what was shipped, which the floor has signed."""
    shipper = Shipper(primary)
    ship(shipper)
    shutil.copytree(tmp_path / "shared", tmp_path / "old")
    with primary.writer(actor) as writer:
        writer.append("party", parties([1]))
    shipper.close()
    again = Shipper(primary)
    ship(again)
    again.close()
    with standby() as follower:
        follower.follow()
        shutil.rmtree(tmp_path / "shared")
        (tmp_path / "old").rename(tmp_path / "shared")
        with pytest.raises(Forked, match="put back"):
            follower.follow()
    assert names(promoted(standby(), actor, force=True)) == ["name1"]


@pytest.mark.parametrize("step", ["sync_folder", "to_wal", "unlink"])
def test_a_promotion_that_was_cut_off_is_ended_by_the_next(primary, standby, actor, monkeypatch, step):
    shipper = Shipper(primary)
    ship(shipper)
    shipper._publish(released=True)
    shipper.close()

    def cut(*_, **__):
        raise KeyboardInterrupt

    module = {"sync_folder": following.files, "to_wal": following.catalogue, "unlink": Path}[step]
    with standby() as follower, monkeypatch.context() as patch:
        follower.follow()
        patch.setattr(module, step, cut)
        with pytest.raises(KeyboardInterrupt):
            follower.promote(actor)
    assert names(promoted(standby(), actor)) == names(primary)


def test_what_another_floor_ships_and_what_was_changed_is_refused(primary, standby, actor, tmp_path):
    shipper = Shipper(primary)
    ship(shipper)
    primary.act(actor, "query", {"what": "x"})
    ship(shipper)
    place = tmp_path / "shared" / shipper._head.generation
    whole = (place / "00000001").read_bytes()
    shipper.close()
    with standby() as follower:
        (place / "00000001").write_bytes(whole[:-40])
        with pytest.raises(Damaged):
            follower.follow()
        assert follower.state.sequence == 0
        shutil.copy(place / "00000000", place / "00000001")
        with pytest.raises(Damaged, match="another bundle"):
            follower.follow()
        stranger = Floor.create(tmp_path / "stranger", actor, name="north")
        (tmp_path / "elsewhere").mkdir()
        recipient = (tmp_path / "key").read_text("ascii").split()[2]
        follow_to(stranger, tmp_path / "elsewhere", recipient)
        theirs = Shipper(stranger)
        ship(theirs)
        stranger.act(actor, "query", {"what": "x"})
        ship(theirs)
        shutil.copy(tmp_path / "elsewhere" / theirs._head.generation / "00000001", place / "00000001")
        with pytest.raises(Damaged, match="signed"):
            follower.follow()
        theirs.close()
        (place / "00000001").write_bytes(whole)
        assert follower.follow() == 1
        follow_to(stranger, tmp_path / "shared", recipient)
        with pytest.raises(WrongCall, match="another floor"):
            Shipper(stranger)


def test_a_folder_that_is_used_is_left_alone(primary, standby, tmp_path):
    (tmp_path / "standby").mkdir()
    (tmp_path / "standby" / "letters.txt").write_text("mine", "utf-8")
    with pytest.raises(NotEmpty):
        standby()


def test_nothing_shipped_is_nothing_to_promote(primary, standby, actor):
    with standby() as follower:
        assert follower.follow() == 0
    with standby() as follower, pytest.raises(WrongCall, match="nothing was shipped"):
        follower.promote(actor, sleep=lambda _: None)


def test_shipping_that_stands_still_lets_writers_go_on(primary, actor, monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0.01)
    shipper = Shipper(primary)
    ship(shipper)
    for n in range(3):
        primary.act(actor, "query", {"what": str(n)})
    assert gate.shipped(primary.root) < primary.position, "the lag is told"
    ship(shipper)
    assert gate.shipped(primary.root) == primary.position
    shipper.close()


WRITING = """
import os, sys, threading
from tests.store.killed import small_segments, say
from tests.store.rows import ingest, parties
from watchfloor.store import Actor, Floor
from watchfloor.store.standby.shipping import Shipper
small_segments()
floor, first = Floor.open(sys.argv[1]), int(sys.argv[2])
shipper = Shipper(floor)
shipper.ship()
threading.Thread(target=shipper.run, args=(threading.Event(),), daemon=True).start()
with floor.writer(Actor("child", "testing", "none")) as writer:
    ingest(writer, [10**9 + first])  # what is compiled or loaded at its first use is
    writer.append("party", parties([10**9 + first + 1]))
    say("ready")
    for n in range(first, first + 10**6, 10):
        ingest(writer, range(n, n + 9))
        say(*range(n, n + 9))
        writer.append("party", parties([n + 9]))
        say(n + 9)
        if n % 70 == 0:
            writer.compact()
"""


def test_no_more_than_one_group_commit_is_lost_with_the_primary(primary, standby, actor, tmp_path):
    chance = random.Random(20261202)
    commits, lost = [], []
    with standby() as follower:
        for kill in range(KILLS):
            with subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", WRITING, str(primary.root), str(kill * 10**6)],
                stdout=subprocess.PIPE,
                text=True,
                cwd=REPOSITORY,
            ) as child:
                assert child.stdout.readline() == "ready\n"
                timer = threading.Timer(chance.uniform(0.05, 0.6), child.kill)
                timer.start()
                commits += [set(map(int, line.split())) for line in child.stdout if line.endswith("\n")]
            follower.follow()
            copy = tmp_path / f"copy{kill}"
            shutil.copytree(follower.root, copy)
            (copy / "floor.toml.standby").replace(copy / "floor.toml")
            catalogue.to_wal(copy)
            floor = Floor.open(copy)
            there = {int(one.removeprefix("name")) for one in names(floor)}
            lost.append(sum(not one <= there for one in commits))
            assert all(one <= there for one in commits[: len(commits) - lost[-1]]), "a gap"
            assert kill % 5 or list(floor.verify()) == []
            shutil.rmtree(copy)
            commits = [one for one in commits if one <= there]
    assert len(commits) > 3 * KILLS
    assert max(lost) <= 1, lost
