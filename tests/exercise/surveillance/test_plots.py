"""What plots tell of passages is so: who meets, who crosses, who is cold."""

import numpy as np
import pytest

from watchfloor.exercise import lists
from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.plots import plots, watched
from watchfloor.exercise.surveillance import weather
from watchfloor.exercise.surveillance.geometry import seen
from watchfloor.exercise.surveillance.paths import seconds, where
from watchfloor.exercise.surveillance.truth import CROSSING, happenings, passages_of
from watchfloor.exercise.surveillance.world import PRAIRIE
from watchfloor.reference import border

INTO = {
    "courier-boat": ["CAN", "USA"],
    "night-walkers": ["CAN"] * 3,
    "low-flight": ["CAN", "USA"],
    "borrowed-number": ["CAN"],
    "lake-ferry": ["USA", "CAN"],
    "patrol-meeting": ["CAN", "USA"],
    "drifting-tugs": [],
    "snowmobile-club": [],
}


def named(told, name):
    (found,) = (one for one in told if one.name == name)
    return found


def apart(one, other, times):
    first, second = (where(each.path, times) for each in (one, other))
    there = (second.latitude, second.longitude, second.height)
    return seen((first.latitude, first.longitude, first.height), there).range


@pytest.mark.parametrize("name", INTO)
def test_who_crosses_the_line_and_who_does_not(told, day, name):
    found = [one.into for one in happenings(day, told) if (one.rule, one.storyline) == (CROSSING, name)]
    assert found == INTO[name]


def test_a_crossing_is_where_and_when_the_side_changes(told, day):
    found = [one for one in happenings(day, told) if one.rule == CROSSING]
    assert any(not one.storyline for one in found)
    sides = {"CAN": "USA", "USA": "CAN"}
    for one in found:
        times = np.array([seconds(one.since), seconds(one.until)])
        spot = where(day.passages[one.objects[0]].path, times)
        assert border.load().side(spot.latitude, spot.longitude).tolist() == [sides[one.into], one.into]
        assert border.load().nearest([one.latitude], [one.longitude]).metres[0] < 700


@pytest.mark.parametrize(
    ("name", "least"), [("courier-boat", 600), ("drifting-tugs", 6_000), ("patrol-meeting", 600)]
)
def test_boats_that_meet_are_near_and_slow_for_long(told, name, least):
    (meeting,) = (one for one in named(told, name).events if one.rule == "rendezvous")
    one, other = meeting.passages
    times = np.arange(meeting.since, meeting.until, 10.0)
    assert meeting.until - meeting.since >= least
    assert apart(one, other, times).max() < 200
    assert max(where(each.path, times).speed.max() for each in (one, other)) < 1.03
    begun = apart(one, other, np.array([max(one.path[0].seconds, other.path[0].seconds)]))
    assert begun[0] > 2_000


def test_who_walks_is_out_in_deadly_cold(told):
    plot = named(told, "night-walkers")
    for one in plot.events:
        assert one.rule == "cold-exposure"
        for at in (one.since, one.until):
            celsius, wind = weather.temperature(PRAIRIE, at / 3_600), weather.winds(PRAIRIE)[int(at // 3_600)]
            power = (wind * 3.6) ** 0.16  # Environment Canada's wind chill index
            assert 13.12 + 0.6215 * celsius - 11.37 * power + 0.3965 * celsius * power < -40
    last = [one.path[-1].seconds for one in passages_of(plot)[:3]]
    assert last[2] > max(last[:2]) + 3_600  # one stays behind


def test_the_low_aircraft_is_low_and_slow_and_stands_on_a_field(told):
    aircraft, truck = passages_of(named(told, "low-flight"))
    assert not aircraft.radio
    assert max(one.height for one in aircraft.path) < 500 * 0.3048
    (landing,) = (one for one in named(told, "low-flight").events if one.rule == "off-aerodrome-landing")
    times = np.arange(landing.since + 120, landing.until - 40, 10)
    assert where(aircraft.path, times).speed.max() == 0
    assert apart(aircraft, truck, times).min() < 60


def test_two_vessels_are_under_one_number_at_one_time(told):
    plot = named(told, "borrowed-number")
    (boat,), (freighter,) = passages_of(plot), plot.around
    assert boat.radio[0].claimed == freighter.radio[0].claimed
    times = np.arange(boat.path[0].seconds, boat.path[-1].seconds, 60)
    assert freighter.path[0].seconds < times[0]
    assert apart(boat, freighter, times).min() > 1_000


@pytest.mark.parametrize("seed", range(1, 9))
def test_every_seed_tells_the_same_storylines_within_the_day(seed):
    cast = Cast(seed)
    told = [*plots(cast, lists.fictitious()), *watched(cast)]
    assert {one.name for one in told} >= INTO.keys()
    for plot in told:
        for one in (*passages_of(plot), *(act for act in plot.around if isinstance(act, Passage))):
            times = [fix.seconds for fix in one.path]
            assert times == sorted(times)
            assert times[0] >= 0
            assert times[-1] <= 24 * 3_600 + 1
