"""The clock of an exercise as people set it: how fast it runs, and forward; never back."""

from datetime import UTC, datetime, timedelta

import pytest

import watchfloor
from watchfloor.cell.acts import Refusal
from watchfloor.store import Actor, Floor, clock

DAY = datetime(2026, 11, 20, 1, 50, tzinfo=UTC)
ACTOR = Actor("keeper", "exercise", "exercise")


@pytest.fixture
def played(tmp_path):
    Floor.create(tmp_path / "floor", ACTOR, exercise=True, clock=clock.begin(DAY))
    return watchfloor.open(tmp_path / "floor", purpose="exercise", authority="exercise")


def test_the_clock_stands_runs_and_is_put_forward(played):
    assert (played.exercise.clock().reads, played.exercise.clock().rate) == (DAY, 0)
    assert played.exercise.pace(rate=60).rate == 60
    there = played.exercise.skip(to="06:40").reads
    assert timedelta(0) <= there - DAY.replace(hour=6, minute=40) < timedelta(minutes=10)
    assert played.exercise.pace(rate=0).rate == 0
    assert [act.detail["rate"] for act in played._floor.acts_of("clock")] == [60, 60, 0]


@pytest.mark.parametrize(
    ("act", "said", "why"),
    [
        ("skip", {"to": "01:49"}, "actions.exercise-set-back"),
        ("skip", {"to": "2026-11-19"}, "actions.exercise-set-back"),
        ("skip", {"to": ""}, "cell.no-such-moment"),
        ("skip", {"to": "soon"}, "cell.no-such-moment-in-field"),
        ("pace", {"rate": -1.0}, "actions.exercise-rate"),
        ("pace", {"rate": 3601.0}, "actions.exercise-rate"),
    ],
)
def test_what_no_clock_can_do_is_refused(played, act, said, why):
    with pytest.raises(Refusal) as caught:
        getattr(played.exercise, act)(**said)
    assert caught.value.reason.message == why
    assert played.exercise.clock().reads == DAY


def test_a_floor_that_goes_by_its_machine_is_left_alone(tmp_path):
    Floor.create(tmp_path / "floor", ACTOR, exercise=True)
    opened = watchfloor.open(tmp_path / "floor", purpose="exercise", authority="exercise")
    assert opened.exercise.clock().rate == 1
    for refused in (lambda: opened.exercise.pace(rate=0.0), lambda: opened.exercise.skip(to="06:40")):
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.reason.message == "actions.exercise-no-clock"
