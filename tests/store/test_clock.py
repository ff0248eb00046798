"""The clock of an exercise: what goes by it, and that it is never set back behind the log."""

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.feeds.live.inbox import Clock as Received
from watchfloor.store import Actor, Floor, clock
from watchfloor.store import settings as floor_settings
from watchfloor.store.errors import NoFloor, WrongCall

ACTOR = Actor("keeper", "exercise", "exercise")
DAY = datetime(2026, 11, 20, 1, 50, tzinfo=UTC)


@pytest.fixture
def played(tmp_path, monkeypatch):
    """A floor whose clock stands at ten to two, and what moves the machine's clock."""
    machine = [1_796_000_000_000_000_000]
    monkeypatch.setattr(clock.time, "time_ns", lambda: machine[0])

    def wait(seconds):
        machine[0] += round(seconds * 1e9)

    return Floor.create(tmp_path / "floor", ACTOR, exercise=True, clock=clock.begin(DAY)), wait


def test_an_exercise_goes_by_its_own_clock_and_so_does_its_log(played):
    floor, wait = played
    assert (floor.now(), floor.acts(1, 1)[0].at, floor.settings.created) == (DAY, DAY, DAY.isoformat())
    wait(100)
    assert floor.now() == DAY  # it stands until somebody starts it
    floor.set_clock(ACTOR, rate=60)
    wait(2)
    assert floor.now() == DAY + timedelta(minutes=2)
    assert Floor.open(floor.root).acts_at([floor.act(ACTOR, "query", {})])[0].at == floor.now()
    floor.set_clock(ACTOR, rate=0)
    wait(3600)
    assert floor.now() == DAY + timedelta(minutes=2)
    floor.set_clock(ACTOR, reads=DAY + timedelta(hours=5), rate=1)
    wait(1)
    assert floor.now() == DAY + timedelta(hours=5, seconds=1)
    assert [act.detail["rate"] for act in floor.acts_of("clock")] == [60, 0, 1]
    assert not list(floor.verify())


def test_a_clock_is_not_set_back_behind_the_log(played):
    floor, wait = played
    floor.set_clock(ACTOR, reads=DAY + timedelta(hours=5), rate=60)
    wait(60)
    floor.act(ACTOR, "query", {})
    before = floor.root.joinpath("floor.toml").read_bytes()
    with pytest.raises(WrongCall, match=r"set back to 2026-11-20 01:50:00Z: the log .* 07:50:00Z"):
        floor.set_clock(ACTOR, reads=DAY)
    assert floor.root.joinpath("floor.toml").read_bytes() == before
    floor.set_clock(ACTOR, reads=floor.now())


def test_a_clock_that_is_set_back_by_hand_reorders_nothing(played):
    floor, wait = played
    ticking = clock.Ticking(floor.root)
    received = Received(0, ticking.micros)
    floor.set_clock(ACTOR, rate=60)
    wait(60)
    first, last = received.now(), floor.position
    set_back = floor_settings.read(floor.root)
    floor_settings.rewrite(floor.root, set_back)
    text = floor.root.joinpath("floor.toml").read_text()
    floor.root.joinpath("floor.toml").write_text(text.replace("01:50:00", "00:50:00"))
    ticking = clock.Ticking(floor.root)
    received = Received(first, ticking.micros)
    assert (received.now(), received.now()) == (first + 1, first + 2)
    assert round(received.behind) == 3600
    floor.act(ACTOR, "query", {})
    acts = floor.acts(last)
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert not list(floor.verify())


def test_only_an_exercise_has_a_clock_and_it_runs_no_faster_than_it_may(played, tmp_path):
    floor, _ = played
    for rate in (-1, clock.FASTEST + 1, float("nan")):
        with pytest.raises(WrongCall, match="an exercise clock runs 0 to 3600 times as fast"):
            floor.set_clock(ACTOR, rate=rate)
    with pytest.raises(WrongCall, match="time zone"):
        floor.set_clock(ACTOR, reads=DAY.replace(tzinfo=None))
    plain = Floor.create(tmp_path / "plain", ACTOR, exercise=True)
    assert "clock" not in plain.root.joinpath("floor.toml").read_text()
    with pytest.raises(WrongCall, match="goes by this machine's clock"):
        plain.set_clock(ACTOR, rate=60)
    settings = floor.root / "floor.toml"
    settings.write_text(settings.read_text().replace("exercise = true", "exercise = false"))
    with pytest.raises(NoFloor, match="only the floor of an exercise"):
        Floor.open(floor.root)
