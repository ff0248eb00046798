"""Patrols of the days to come: risk as Bayes has it, tours in their limits, a draw that its bound limits."""

import re
from datetime import UTC, datetime, timedelta
from itertools import combinations
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.coverage.test_traces import crossed
from tests.planning.coverage.test_traces import floor as floor
from tests.planning.world import HIDDEN, LATITUDE, LONGITUDE, NOW, OPEN, asset
from tests.refusals import refused

import watchfloor
from watchfloor.cell.acts import common
from watchfloor.cell.acts import write as keep
from watchfloor.core import icalendar
from watchfloor.core.kinds import WEATHER
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.cueing import dark
from watchfloor.planning.patrols import exports, risk
from watchfloor.planning.patrols.crews import WATCH_S, Crew, Duty, Tour, tours
from watchfloor.planning.patrols.exports import Leg
from watchfloor.planning.patrols.schedules import Plan
from watchfloor.store import Floor

START = datetime(2099, 1, 5, tzinfo=UTC)
HOUR = 3_600.0
DRONE = "speed_m_s = 20\nready_s = 300\nendurance_s = 5400"


def crew(name, options, days=7, seconds=HOUR):
    """A crew with tours (watch, first stretch, chances of seeing) that it can make on every day."""
    made = {}
    for watch, first, seen in options:
        tour = Tour(name, watch, first, first + len(seen) - 1, seconds, tuple(seen))
        made.setdefault((watch, seconds), []).append(tour)
    begins = {watch: timedelta(hours=6 * watch) for watch, _ in made}
    duties = [
        Duty(day, watch, START + timedelta(days=day) + begins[watch], seconds)
        for day in range(days)
        for watch, _ in made
    ]
    return Crew(name, None, tuple(duties), {key: tuple(each) for key, each in made.items()})


@st.composite
def teams(draw):
    """Crews of a few tours over four watches and six stretches, and payoffs, some of them 0."""
    count = draw(st.integers(1, 3))
    chance = st.floats(0.05, 1.0)
    options = st.tuples(st.integers(0, 3), st.integers(0, 4), st.lists(chance, min_size=1, max_size=2))
    crews = [crew(f"c{number}", draw(st.lists(options, min_size=1, max_size=4))) for number in range(count)]
    payoff = np.array([[draw(st.integers(0, 9)) for _ in range(6)] for _ in range(4)], float)
    return crews, payoff


def programme(crews, payoff, share):
    """The least payoff of the adversary, the linear programme written out cell by cell."""
    columns = [(one.name, tour) for one in crews for each in one.tours.values() for tour in each]
    rows, limits = [], []
    for watch, at in np.ndindex(payoff.shape):
        seen = [
            tour.seen[at - tour.first] if tour.watch == watch and tour.first <= at <= tour.last else 0.0
            for _, tour in columns
        ]
        if any(seen):
            rows.append([*(-payoff[watch, at] * np.array(seen)), -1.0])
            limits.append(-payoff[watch, at])
    for one in crews:
        rows.append([*(float(name == one.name) for name, _ in columns), 0.0])
        limits.append(share)
    return linprog([0.0] * len(columns) + [1.0], A_ub=rows, b_ub=limits, bounds=(0, None)).fun


@settings(max_examples=40, deadline=None)
@given(teams(), st.integers(1, 7))
def test_the_value_is_that_of_the_linear_programme_and_no_draw_beats_it(team, outings):
    crews, payoff = team
    plan = Plan(crews, payoff, 7, 0.0, outings * HOUR)
    assert plan.value == pytest.approx(programme(crews, payoff, outings / 7), abs=1e-6)
    figures = plan.figures("7")
    assert figures.attacker >= plan.value - 1e-6
    assert figures.observed <= figures.attacker + 1e-9
    assert figures.foreseen <= figures.predictability + 1e-9 <= 1 + 2e-9
    if len(crews) == 1:
        assert figures.exploitability <= 1e-6, "chances of one crew add up: its draw reaches the bound"


@settings(max_examples=40, deadline=None)
@given(teams(), st.integers(1, 7), st.integers(1, 13), st.text(max_size=8))
def test_no_crew_is_drawn_beyond_its_hours_or_twice_a_day(team, outings, days, seed):
    crews, payoff = team
    crews = [
        Crew(one.name, None, tuple(duty for duty in one.duties if duty.day < days), one.tours)
        for one in crews
    ]
    drawn = Plan(crews, payoff, days, 0.3, outings * HOUR).draw(seed)
    for one in crews:
        mine = [outing for outing in drawn if outing.tour.crew == one.name]
        for week in (range(7), range(7, 14)):
            assert sum(outing.tour.seconds for outing in mine if outing.duty.day in week) <= outings * HOUR
        assert len({outing.duty.day for outing in mine}) == len(mine)
    assert drawn == Plan(crews, payoff, days, 0.3, outings * HOUR).draw(seed)


def test_tours_are_drawn_with_their_probabilities():
    one = crew("c", [(0, 0, [0.5]), (1, 3, [0.5]), (2, 5, [0.5])])
    payoff = np.zeros((4, 6))
    payoff[[0, 1, 2], [0, 3, 5]] = 3, 2, 1
    plan = Plan([one], payoff, 7, 0.2, 4 * HOUR)
    counts = np.zeros(payoff.shape)
    for number in range(600):
        for outing in plan.draw(str(number)):
            counts[outing.tour.watch, outing.tour.first] += 1 / (7 * 600)
    assert counts == pytest.approx(plan.visited[0], abs=0.03)
    assert plan.visited[0].sum() == pytest.approx(4 / 7, abs=1e-6)


def test_a_share_of_tours_goes_where_risk_would_send_nobody():
    one = crew("c", [(0, 0, [0.5]), (1, 3, [0.5])])
    payoff = np.zeros((4, 6))
    payoff[0, 0] = 1
    assert Plan([one], payoff, 7, 0.0, 50 * HOUR).visited[0, 1, 3] == 0
    plan = Plan([one], payoff, 7, 0.2, 50 * HOUR)
    assert plan.visited[0, 1, 3] == pytest.approx(0.1)
    drawn = [outing for number in range(30) for outing in plan.draw(str(number))]
    assert {outing.explores for outing in drawn if outing.tour.watch == 1} == {True}
    assert {outing.explores for outing in drawn if outing.tour.watch == 0} == {True, False}


def test_the_posterior_rate_is_that_of_bayes_rule_on_a_grid():
    crossings, exposure = np.array([[0.0, 3.0, 1.0, 0.0]]), np.array([[0.0, 40.0, 10.0, 50.0]])
    rate, prior = risk.posterior(crossings, exposure)
    assert prior == pytest.approx(4 / 100)
    grid = (np.arange(400_000) + 0.5) * 5e-6
    for at in range(4):
        weight = np.exp(-grid / prior - grid * exposure[0, at]) * grid ** crossings[0, at]
        assert rate[0, at] == pytest.approx((weight * grid).sum() / weight.sum(), rel=1e-4)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 500)), min_size=2, max_size=6),
    st.integers(0, 5),
    st.floats(0.1, 50),
)
def test_looking_in_vain_lowers_the_rate_there(cells, at, more):
    crossings, exposure = (np.array([list(each)], float) for each in zip(*cells, strict=True))
    at %= len(cells)
    before, prior = risk.posterior(crossings, exposure)
    exposure[0, at] += crossings[0, at] + more
    after, _ = risk.posterior(crossings, exposure)
    if not prior:
        assert not after.any(), "where nothing was detected at all, there is no map"
    else:
        assert after[0, at] < before[0, at]


def boat(**told):
    plain = {"kind": "drone", "latitude": 49.0, "longitude": -97.2, "reach_m": 3_000.0, "detects": 0.9}
    plain |= {"speed_m_s": 20.0, "ready_s": 300.0, "endurance_s": 9_000.0}
    return SimpleNamespace(**plain | told)


@settings(max_examples=25, deadline=None)
@given(st.floats(600, WATCH_S), st.floats(1_000, 20_000), st.floats(5, 90))
def test_a_tour_is_travelled_in_duty_and_endurance(seconds, endurance, speed):
    asked = boat(endurance_s=endurance, speed_m_s=speed)
    for tour in tours(axis(), "d", asked, 1, seconds):
        assert tour.seconds <= seconds + 1e-6
        assert tour.seconds - 300 <= endurance + 1e-6
        patrolled = (tour.last - tour.first + 1) * 10_000
        assert patrolled / speed <= tour.seconds, "it gets along its stretches once"
        assert all(0 <= one <= 1 for one in tour.seen)


def test_boats_stay_on_water_and_what_is_too_far_has_no_tour():
    assert not list(tours(axis(), "b", boat(kind="boat"), 1, WATCH_S)), "the 49th parallel is no water"
    assert not list(tours(axis(), "d", boat(latitude=60.0), 1, WATCH_S))
    water = risk.afloat(axis())
    lake = list(tours(axis(), "b", boat(kind="boat", latitude=41.8, longitude=-82.6), 1, WATCH_S))
    assert lake
    assert all(water[tour.first : tour.last + 1].all() for tour in lake)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=120)


@given(texts, texts)
def test_calendars_and_routes_hold_any_text(title, text):
    leg = Leg("c", START, START + timedelta(hours=1), title, text, [(49.0, -97.0), (49.0, -96.9)])
    raw = exports.calendar([leg], START)
    lines = raw.decode().split("\r\n")
    assert all(len(one.encode()) <= 75 for one in lines)
    whole = raw.decode().replace("\r\n ", "").split("\r\n")
    assert [one for one in whole if one.startswith("BEGIN:")] == ["BEGIN:VCALENDAR", "BEGIN:VEVENT"]
    said = next(one for one in whole if one.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    plain = re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], said)
    assert plain == icalendar.printable(title)
    root = ET.fromstring(exports.routes([leg]))
    space = "{http://www.topografix.com/GPX/1/1}"
    assert [one.get("lat") for one in root.iter(f"{space}rtept")] == ["49.000000", "49.000000"]
    assert (root.find(f"{space}rte/{space}name").text or "") == icalendar.printable(title)


@pytest.fixture
def root(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    (made.root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")
    return made.root


def planned(root, user="keeper", **asked):
    floor = watchfloor.open(root, purpose="watch", authority=KEEPER.authority, user=user)
    return floor.patrols.patrols(**{"since": "2099-01-05", "days": 2, "seed": "7"} | asked)


def remarked(answer):
    return "\n".join(answer.remarks)


def test_without_crossings_all_tours_explore_and_it_is_said(root):
    answer = planned(root)
    assert "map of risk is zero" in remarked(answer)
    assert "[[watch]]" in remarked(answer)
    assert (answer.exploring, answer.prior, answer.value) == (1.0, 0.0, 0.0)
    assert len(answer.tours) == 2
    assert all(one.explores for one in answer.tours)
    assert answer == planned(root)
    assert answer.seed == "7"
    assert {one.why for one in answer.left_out} >= {"reach"}


def test_who_cannot_go_is_told(root):
    said = {
        "no-fuel": "speed_m_s = 20",
        "slow": "speed_m_s = 0.5\nendurance_s = 3600",
    }
    text = "".join(asset(name, "drone", more=more) for name, more in said.items())
    (root / "assets.toml").write_text(text, "utf-8")
    answer = planned(root)
    assert answer.tours == []
    assert "(endurance_s): no-fuel." in remarked(answer)
    assert "endurance: slow." in remarked(answer)
    (root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")
    answer = planned(root, crew_hours=1)
    assert (answer.tours, "a crew has in a week: drone" in remarked(answer)) == ([], True)
    one = planned(root, crew_hours=2, days=7)
    assert len(one.tours) == 1
    assert "do not go out every day" in remarked(one)


def test_dark_and_weather_keep_crews_in(root):
    light = asset("drone", "drone", more=f"{DRONE}\nnight = false")
    (root / "assets.toml").write_text(light, "utf-8")
    answer = planned(root, days=7)
    assert "keeps these in for part of their duty: drone" in remarked(answer)
    assert answer.tours
    middles = [one.begins + (one.ends - one.begins) / 2 for one in answer.tours]
    assert not any(dark(LATITUDE, LONGITUDE, one) for one in middles)
    row = dict.fromkeys(field.name for field in WEATHER.columns)
    with Floor.open(root).writer(KEEPER) as writer:
        row |= common("tests", "gale", OPEN, writer.moment())
        gale = {
            "station": "CYWG",
            "observed_at": START,
            "until": START + timedelta(days=9),
            "wind_speed": 30.0,
        }
        keep(writer, WEATHER, row | gale | {"latitude": LATITUDE, "longitude": LONGITUDE})
    answer = planned(root, days=7)
    assert answer.tours == []
    assert "duty and endurance: drone" in remarked(answer)


def test_what_cannot_be_planned_is_refused(root):
    refused("patrols.past-day", planned, root, since="2020-01-01")
    refused("cell.no-such-day", planned, root, since="tomorrow")
    text = asset("drone", "drone", more=DRONE)
    (root / "assets.toml").write_text(re.sub("latitude = .*\n", "", text), "utf-8")
    with pytest.raises(SettingsError, match="latitude"):
        planned(root)
    (root / "assets.toml").write_text(asset("drone", "drone", more="endurance_s = 5400"), "utf-8")
    with pytest.raises(SettingsError, match="speed"):
        planned(root)
    (root / "assets.toml").unlink()
    refused("patrols.no-crew", planned, root)


def test_a_crew_that_a_reader_may_not_know_of_is_in_no_part_of_their_plan(root):
    before = planned(root, "officer")
    hidden = asset("secret", "drone", north=900.0, more=f'{DRONE}\nmarking = "{HIDDEN}"')
    (root / "assets.toml").write_text(asset("drone", "drone", more=DRONE) + hidden, "utf-8")
    (root / "coverage.toml").write_text('[[watch]]\nasset = "secret"\nto = "06:00"\n', "utf-8")
    assert {one.crew for one in planned(root).tours} == {"drone", "secret"}
    assert planned(root, "officer") == before


def test_duty_hours_hold_and_files_are_written(root, tmp_path):
    text = '[[watch]]\nasset = "../evil"\nfrom = "22:00"\nto = "02:00"\n'
    (root / "coverage.toml").write_text(text, "utf-8")
    (root / "assets.toml").write_text(asset('"../evil"', "drone", more=DRONE), "utf-8")
    answer = planned(root, days=3, output=tmp_path / "out")
    assert answer.tours
    for one in answer.tours:
        assert one.begins.hour in (22, 23, 0, 1)
        assert one.ends.hour in (22, 23, 0, 1, 2)
    written = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert written == ["_evil.gpx", "_evil.ics", "patrols.csv", "patrols.json"]
    assert (tmp_path / "out" / "_evil.ics").read_bytes().count(b"BEGIN:VEVENT") == len(answer.tours)
    for one in written:
        assert answer.marking in (tmp_path / "out" / one).read_text("utf-8").replace("\r\n ", "")
    refused("actions.file-there", planned, root, output=tmp_path / "out")
    for before, after in combinations(answer.tours, 2):
        assert before.ends <= after.begins


def test_risk_is_of_what_a_reader_may_know_of(floor, monkeypatch):
    monkeypatch.setattr(Floor, "now", lambda _: NOW)

    def found(user):
        return risk.risk_of(floor, floor.reader(user, "watch"))

    crossed(floor, (3, 100.0, OPEN))
    before = found("officer")
    watch, at = 9 * 4 // 24, 1_500 // risk.STRETCH
    assert before.signals == 1
    assert before.crossings.sum() > 0
    assert before.rate[before.crossings > 0] > before.prior
    assert before.exposure[:, at].all()
    assert not before.exposure[:, at + 5].any()
    assert before.rate[watch, at] < before.prior == before.rate[watch, at + 5], "looked at in vain"
    crossed(floor, (3, 100.0, OPEN), (2, 100.0, HIDDEN))
    after = found("officer")
    assert (found("keeper").signals, after.signals) == (2, 1)
    assert (after.rate == before.rate).all()
    assert after.marking == before.marking == OPEN


def test_what_was_seen_is_where_a_crew_goes_and_the_rest_is_left_out(floor, monkeypatch):
    crossed(floor, (3, 100.0, OPEN))
    monkeypatch.setattr(Floor, "now", lambda _: NOW)
    (floor.root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")
    answer = planned(floor.root, since="2026-02-02", days=7, crew_hours=168, explore=0)
    assert len(answer.tours) == 7
    assert all(one.km <= 1_500 < one.to for one in answer.tours)
    assert all(12 <= one.begins.hour < 18 for one in answer.tours), "at the watch at which it was"
    assert answer.nobody > answer.attacker >= answer.value > 0
    assert {one.why for one in answer.left_out} == {"reach", "hours"}
