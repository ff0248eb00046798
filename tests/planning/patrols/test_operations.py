"""What keeps crews from going: readiness, runways, fuel, ice, rest; and crews that share an asset."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.coverage.test_shown import KEEPER
from tests.planning.patrols.test_schedules import DRONE, HOUR, START, boat, crew, planned, remarked
from tests.planning.patrols.test_schedules import root as root
from tests.planning.world import HIDDEN, LONGITUDE, OPEN, asset, north_of

from watchfloor.cell.acts import common
from watchfloor.cell.acts import write as keep
from watchfloor.core.kinds import WEATHER
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.patrols import operations
from watchfloor.planning.patrols.crews import WATCH_S, Crew, Duty, tours
from watchfloor.planning.patrols.operations import Base, Ice
from watchfloor.planning.patrols.schedules import FITTING, Plan, link
from watchfloor.planning.readiness import Statement, readiness
from watchfloor.store import Floor

LAKE = {"kind": "boat", "latitude": 41.8, "longitude": -82.6, "speed_m_s": 12.0}


def said(**told):
    plain = {"asset": "drone", "of": "serviceability", "at": START - timedelta(days=1), "source": "log 7"}
    return Statement(**plain | told)


def stated(root, text):
    (root / "patrols.toml").write_text(text, "utf-8")


def statement(of, more, at="2026-01-01T00:00:00Z", name="drone"):
    head = f'[[readiness]]\nasset = "{name}"\nof = "{of}"\nat = {at}\nsource = "log 7"\n'
    return f"{head}{more}\n"


@given(st.permutations(range(4)))
def test_the_last_statement_holds_and_none_of_later(order):
    days = [START + timedelta(days=one) for one in (-3, -2, -1, 2)]
    every = [said(at=days[0]), said(at=days[1], ready=False), said(at=days[2]), said(at=days[3], ready=False)]
    found = readiness([every[one] for one in order], START)["drone"]
    assert found.begins < START
    assert found.limits == ()
    before = readiness([every[one] for one in order], days[1])["drone"]
    assert before.begins.year == 9999
    assert [one.message for one in before.within(START, days[3])] == ["readiness.unserviceable"]


@pytest.mark.parametrize(
    ("of", "more", "message"),
    [
        ("serviceability", 'ready = false\nwhy = "rotor"', "is not serviceable: rotor (log 7, 2026-01-01"),
        ("fuel", "hours = 0", "has no fuel (log 7"),
        ("crew-hours", "hours = 0", "no hours of duty left"),
        ("rest", "until = 2099-02-01T00:00:00Z", "rests until 2099-02-01 00:00Z (log 7"),
        ("certification", "until = 2098-01-01T00:00:00Z", "certification of drone runs out on 2098-01-01"),
        ("calibration", "until = 2098-01-01T00:00:00Z", "calibration of drone runs out on 2098-01-01"),
    ],
)
def test_what_is_not_ready_is_not_planned_and_named_with_its_source(root, of, more, message):
    stated(root, statement(of, more))
    answer = planned(root)
    assert answer.tours == []
    assert message in remarked(answer)
    assert "get from their base" not in remarked(answer)


def test_readiness_that_ends_in_the_days_ends_the_tours(root):
    stated(root, statement("certification", "until = 2099-01-06T06:00:00Z"))
    answer = planned(root, days=5)
    assert answer.tours
    assert all(one.ends <= datetime(2099, 1, 6, 6, tzinfo=UTC) for one in answer.tours)
    stated(root, statement("serviceability", "ready = false\nuntil = 2099-01-08T12:00:00Z"))
    answer = planned(root, days=5)
    assert answer.tours
    assert all(one.begins >= datetime(2099, 1, 8, 12, tzinfo=UTC) for one in answer.tours)
    assert "readiness" not in remarked(answer)
    (root / "patrols.toml").unlink()
    assert "no [[readiness]]" in remarked(planned(root))


def test_an_aircraft_that_needs_a_runway_needs_a_base_with_one(root):
    text = asset("plane", "aircraft", more=f"{DRONE}\nrunway_m = 800")
    (root / "assets.toml").write_text(text, "utf-8")
    answer = planned(root)
    assert answer.tours == []
    assert "runway that they need (runway_m): plane" in remarked(answer)
    place = f'[[base]]\nname = "strip"\nlatitude = {north_of(900)}\nlongitude = {LONGITUDE}\n'
    stated(root, f"{place}runway_m = 700\n")
    assert planned(root).tours == []
    stated(root, f"{place}runway_m = 800\n")
    assert planned(root).tours
    stated(root, f'{place}runway_m = 800\nmarking = "{HIDDEN}"\n')
    assert planned(root, "officer").tours == [], "what they may not know of they cannot count on"


def test_fuel_on_board_counts_where_there_is_none_at_the_base(root):
    stated(root, statement("fuel", "hours = 0.3"))
    short = planned(root)
    assert all(one.ends - one.begins <= timedelta(hours=0.3, seconds=301) for one in short.tours)
    place = (
        f'[[base]]\nname = "home"\nlatitude = {north_of(300)}\nlongitude = {LONGITUDE}\nfuel = ["drone"]\n'
    )
    stated(root, statement("fuel", "hours = 0.3") + place)
    assert planned(root).tours[0].ends - planned(root).tours[0].begins > timedelta(hours=1)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 3), st.floats(1_500, 9_000), st.floats(900, WATCH_S))
def test_no_leg_between_two_tanks_is_longer_than_the_endurance(south, endurance, seconds):
    far = boat(latitude=49.0 - south, endurance_s=endurance, speed_m_s=60.0)
    stop = Base("stop", 48.9, -97.2, fuel=("drone",))
    alone = {(one.first, one.last): one for one in tours(axis(), "d", far, 1, seconds)}
    both = {(one.first, one.last): one for one in tours(axis(), "d", far, 1, seconds, [stop])}
    assert alone.keys() <= both.keys()
    for key, one in both.items():
        assert one.seconds <= seconds + 1e-6
        if one.stop is None:
            assert one.seen == alone[key].seen
            continue
        out = 111_195 * (48.9 - far.latitude) / 60.0
        assert out <= endurance * 1.001
        assert one.seconds - 300 - 2 * out - 3600 <= endurance + 5
        assert key not in alone or max(one.seen) >= max(alone[key].seen)


def test_a_crew_out_of_range_refuels_on_the_way(root):
    text = asset("plane", "aircraft", north=-250_000.0, more="speed_m_s = 60\nendurance_s = 8000")
    (root / "assets.toml").write_text(text, "utf-8")
    assert planned(root).tours == []
    place = f"latitude = {north_of(-20_000)}\nlongitude = {LONGITUDE}\n"
    stated(root, f'[[base]]\nname = "stop"\nfuel = ["aircraft"]\n{place}')
    answer = planned(root)
    assert {one.stop for one in answer.tours} == {"stop"}
    assert answer.tours[0].route[1] == answer.tours[0].route[-2] == (north_of(-20_000), LONGITUDE)


def test_boats_keep_off_the_ice():
    water = np.zeros(len(axis()), bool)
    every = list(tours(axis(), "b", boat(**LAKE), 1, WATCH_S))
    water[every[0].first * 10 : every[-1].last * 10 + 10] = True
    assert not list(tours(axis(), "b", boat(**LAKE), 1, WATCH_S, (), water))
    some = water & (np.arange(len(water)) >= (every[0].first + 1) * 10)
    left = list(tours(axis(), "b", boat(**LAKE), 1, WATCH_S, (), some))
    assert left == [one for one in every if one.first == one.last == every[0].first]


@pytest.mark.parametrize(
    ("day", "frozen"), [("2026-12-14", 0), ("2026-12-15", 1), ("2027-02-28", 1), ("2027-04-11", 0)]
)
def test_a_season_of_ice_goes_over_new_year(day, frozen):
    ice = Ice((3014, 3472), "12-15", "04-10", "atlas")
    assert ice.holds(date.fromisoformat(day)) == frozen
    assert Ice((0, 1), "02-01", "03-01", "atlas").holds(date(2027, 3, 1))


def test_ice_by_season_and_by_report_is_told(root):
    text = asset("boat", "boat", more="speed_m_s = 12\nendurance_s = 20000")
    place = "latitude = 41.8\nlongitude = -82.6\n"
    lines = [one for one in text.splitlines() if not one.startswith(("latitude", "longitude"))]
    (root / "assets.toml").write_text("\n".join(lines).replace("unit =", f"{place}unit ="), "utf-8")
    assert planned(root).tours
    stated(root, '[[ice]]\nkm = [4000, 4700]\nfrom = "12-15"\nto = "03-31"\nsource = "ice atlas"\n')
    answer = planned(root)
    assert answer.tours == []
    assert "part of the water (ice atlas): boat" in remarked(answer)
    assert planned(root, since="2099-07-05").tours
    (root / "patrols.toml").unlink()
    row = dict.fromkeys(field.name for field in WEATHER.columns)
    with Floor.open(root).writer(KEEPER) as writer:
        row |= common("tests", "ice", OPEN, writer.moment())
        ice = {"station": "ice", "observed_at": START, "until": START + timedelta(days=9), "ice": 0.3}
        keep(writer, WEATHER, row | ice | {"latitude": 41.8, "longitude": -82.6, "radius": 200_000.0})
    assert planned(root).tours == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[ice]]\nkm = [1, 2]\nfrom = "13-01"\nto = "01-01"\nsource = ""\n', "day of the year"),
        ('[[ice]]\nkm = [2, 1]\nfrom = "12-01"\nto = "01-01"\nsource = ""\n', "later one"),
        ('[[base]]\nname = "x"\nlatitude = 95\nlongitude = 0\n', "degrees"),
        ('[[base]]\nname = "x"\nlatitude = 0\nlongitude = 0\nfuel = ["plane"]\n', "no kind of asset"),
        ('[[base]]\nname = "x"\nlatitude = 0\nlongitude = 0\nmarking = "SECRET!"\n', "marking"),
        ('[[crew]]\nname = "x"\nasset = "y"\n' * 2, "twice"),
        (statement("mood", ""), "nothing that readiness is of"),
        (statement("rest", ""), "needs `until`"),
        (statement("fuel", "hours = -1"), "0 or more"),
        (statement("rest", "until = 2099-01-01T00:00:00"), "time zone"),
        (statement("fuel", "hours = 1").replace("log 7", " "), "name the log"),
    ],
)
def test_settings_that_cannot_be_used_name_their_line(text, problem):
    with pytest.raises(SettingsError, match=problem) as caught:
        operations.read(text, "patrols.toml")
    assert "patrols.toml" in str(caught.value)


def test_crews_share_an_aircraft_and_their_hours(root):
    stated(root, "".join(f'[[crew]]\nname = "{one}"\nasset = "drone"\n' for one in ("a", "b")))
    answer = planned(root, days=7, crew_hours=6)
    hours = Counter()
    for one in answer.tours:
        assert one.asset == "drone"
        hours[one.crew] += (one.ends - one.begins) / timedelta(hours=1)
    assert set(hours) == {"a", "b"}
    assert max(hours.values()) <= 6
    assert len(answer.tours) > len(planned(root, days=7, crew_hours=3).tours)
    stated(root, (root / "patrols.toml").read_text("utf-8") + statement("crew-hours", "hours = 0", name="a"))
    assert {one.crew for one in planned(root, days=7, crew_hours=6).tours} == {"b"}


def shifts(draw, count):
    """Duties of a day with chances, in a strategy's draw."""
    chances = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    total = max(1.0, sum(chances))
    return [one / total for one in chances]


@st.composite
def two_days(draw):
    days = []
    for day in range(2):
        watches = sorted(draw(st.sets(st.integers(0, 3), min_size=1)))
        chances = shifts(draw, len(watches))
        begins = [START + timedelta(days=day, hours=6 * one) for one in watches]
        days.append(
            [(Duty(day, *one[:2], 6 * HOUR), one[2]) for one in zip(watches, begins, chances, strict=True)]
        )
    return days


@settings(max_examples=200, deadline=None)
@given(two_days(), st.floats(0, 16))
def test_two_days_keep_their_chances_and_what_has_no_rest_is_the_least(days, rest):
    before, after = days
    one = link(before, after, rest * HOUR)
    for axis_, day in ((1, before), (0, after)):
        chances = [chance for _, chance in day]
        assert one.joint.sum(axis_)[:-1] == pytest.approx(chances, abs=1e-9)
    assert (one.joint >= 0).all()
    if [(duty.watch, chance) for duty, chance in before] == [(duty.watch, chance) for duty, chance in after]:
        # Where only one joint has rest everywhere, the fit nears it as one over its rounds.
        assert one.joint[one.tired].sum() < 1 / FITTING, "the same watch every day leaves 18 hours"


@pytest.mark.parametrize("rest", [0, 8, 12])
def test_rest_is_kept_and_chances_are_those_that_are_stated(rest):
    one = crew("c", [(0, 0, [0.5]), (1, 3, [0.5]), (2, 5, [0.5]), (3, 5, [0.5])], days=9, seconds=5 * HOUR)
    few = Crew(
        "c",
        None,
        tuple(each for each in one.duties if (each.day, each.watch) not in {(3, 3), (4, 1)}),
        one.tours,
    )
    payoff = np.full((4, 6), 1.0)
    plan = Plan([few], payoff, 9, 1.0, 26 * HOUR, rest * HOUR)
    counts = np.zeros_like(plan.visited)
    times = 800
    for number in range(times):
        drawn = plan.draw(str(number))
        for first, second in pairwise(drawn):
            ends = first.duty.begins + timedelta(seconds=first.duty.seconds)
            assert second.duty.begins - ends >= timedelta(hours=rest)
        for outing in drawn:
            counts[outing.duty.day, outing.tour.watch, outing.tour.first] += 1 / times
    assert counts == pytest.approx(plan.visited, abs=0.06)
    assert plan.figures("1").attacker >= plan.value - 1e-9
