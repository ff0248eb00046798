"""A plan that holds for its days: two planners at once, seed and commitment, and a tour that was flown."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.coverage.test_traces import _write, crossed
from tests.planning.coverage.test_traces import floor as floor
from tests.planning.world import HIDDEN, NOW, OPEN, asset
from tests.refusals import refused

import watchfloor
from watchfloor.actions.patrols import PatrolPlan
from watchfloor.actions.plans import PatrolFigures, TourRun, difference
from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import COVERAGE
from watchfloor.planning.patrols import game, risk
from watchfloor.planning.patrols.adoption import AdoptedPlan
from watchfloor.planning.patrols.risk import STRETCH
from watchfloor.store import Floor

DRONE = "speed_m_s = 20\nready_s = 300\nendurance_s = 5400"
WHY = "agreed on Monday"


@pytest.fixture
def root(tmp_path):
    made = Floor.create(tmp_path / "own", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    (made.root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")
    return made.root


def face(root, user="keeper"):
    return watchfloor.open(root, purpose="watch", authority=KEEPER.authority, user=user)


def adopt(root, user="keeper", **asked):
    return face(root, user).plans.adopt(**{"since": "2099-01-05", "days": 2, "seed": "7", "why": WHY} | asked)


def remarks(root, user="keeper", since="2099-01-05"):
    return "\n".join(face(root, user).patrols.patrols(since=since, days=2, seed="9").remarks)


def test_the_second_planner_is_told_of_the_first_and_writes_nothing(root):
    first = adopt(root)
    told = refused("patrols.days-taken", adopt, root, "officer", since="2099-01-06", seed="8")
    assert (told["by"], told["plan"]) == ("keeper", first.plan)
    assert (told["day"], told["last"]) == ("2099-01-05", "2099-01-06")
    assert first.plan in remarks(root, "officer", "2099-01-06")
    assert first.plan not in remarks(root, "officer", "2099-01-07")
    assert [one.plan for one in face(root, "officer").plans.adopted().plans] == [first.plan]
    face(root).plans.withdraw(plan=first.plan, why="the boats are in the yard")
    told = refused("patrols.plan-state", face(root).plans.withdraw, plan=first.plan, why="again")
    assert told["plan"] == first.plan
    third = adopt(root, "officer", seed="8")
    states = {one.plan: (one.state, one.by) for one in face(root).plans.adopted().plans}
    assert states == {
        first.plan: ("withdrawn", "keeper"),
        third.plan: ("adopted", "officer"),
    }
    assert adopt(root, since="2099-02-05").edition == 1
    refused("cell.empty-text", adopt, root, since="2099-03-05", why=" ")


def test_of_two_at_the_same_moment_one_is_adopted(root):
    def attempt(seed):
        try:
            return adopt(root, seed=seed).plan
        except Refusal as error:
            return error.reason.message

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(attempt, ["1", "2"]))
    assert done.count("patrols.days-taken") == 1
    assert len(face(root).plans.adopted().plans) == 1


def test_who_may_not_know_of_a_crew_is_told_of_no_plan_with_it(root):
    hidden = asset("secret", "drone", north=900.0, more=f'{DRONE}\nmarking = "{HIDDEN}"')
    (root / "assets.toml").write_text(asset("drone", "drone", more=DRONE) + hidden, "utf-8")
    first = adopt(root)
    assert first.marking == HIDDEN
    assert face(root, "officer").plans.adopted().plans == []
    assert first.plan not in remarks(root, "officer")
    assert adopt(root, "officer").crews == ["drone"]
    refused("cell.no-such-id", face(root, "officer").plans.withdraw, plan=first.plan, why="mine")


def test_the_seed_is_sealed_until_the_days_are_over_and_proves_the_draw(root, monkeypatch):
    planned = face(root).patrols.patrols(since="2099-01-05", days=2, seed="7")
    view = adopt(root)
    assert (view.seed, view.commitment) == ("", game.commitment("7"))
    assert view.commitment == planned.commitment
    kept = AdoptedPlan.read(Floor.open(root), Floor.open(root).reader("keeper", "watch"))[view.plan].first
    assert hashlib.sha256(kept["document"].encode()).hexdigest() == view.digest
    document = json.loads(kept["document"])
    assert document["seed"] == ""
    assert [one["km"] for one in document["tours"]] == [one.km for one in planned.tours]
    for day, seed in ((6, ""), (7, "7")):
        monkeypatch.setattr(Floor, "now", lambda _, day=day: datetime(2099, 1, day, 12, tzinfo=UTC))
        (one,) = face(root).plans.adopted().plans
        assert one.seed == seed


ADOPTED = """{"day":"2099-01-05","days":1,"tours":[{"crew":"drone","asset":"drone",
"begins":"2099-01-05T02:15:00Z","ends":"2099-01-05T03:45:00Z","local":"2099-01-05 02:15","km":1490,"to":1510,
"stretch":"49th parallel","seen":0.1,"predictability":0.2,"explores":true,"stop":"","route":[[49.0,-100.0]]}],
"left_out":[],"value":0.0,"attacker":0.0,"exploitability":0.0,"observed":0.0,"predictability":0.2,
"foreseen":0.1,"nobody":0.0,"exploring":1.0,"prior":0.0,"risk":[],"sources":[],"seed":"","commitment":"c",
"marking":"PB//TLP:AMBER","remarks":[],"language":"en"}"""
"""As a floor of December 2026 keeps it: a field that is added later needs a default."""


def test_a_plan_that_was_adopted_earlier_is_read():
    assert msgspec.json.decode(ADOPTED, type=PatrolPlan).tours[0].crew == "drone"


RUNS = st.lists(
    st.builds(
        lambda crew, first, count: TourRun(crew, first * STRETCH, (first + count) * STRETCH),
        st.sampled_from(["hawk", "boat", "plane"]),
        st.integers(0, 640),
        st.integers(1, 12),
    ).filter(lambda one: one.to <= 6_430),
    max_size=5,
)


@given(RUNS, RUNS)
def test_what_two_plans_gain_and_lose_is_the_difference_of_their_kilometres(before, after):
    def figures(runs):
        return PatrolFigures(runs, 4.0, 1.0, 1.5, 0.5, 1.6, 0.4, 0.3, OPEN)

    def visited(runs):
        return {km for one in runs for km in range(one.km, one.to)}

    def covered(rows):
        kilometres = [km for one in rows for km in range(one.km, one.to)]
        assert len(kilometres) == len(set(kilometres))
        return set(kilometres)

    shown = difference(figures(before), figures(after), "en")
    assert covered(shown.gained) == visited(after) - visited(before)
    assert covered(shown.lost) == visited(before) - visited(after)
    change = {one.name: one.after - one.before for one in shown.moved}
    for crew in ("hawk", "boat", "plane"):
        count = [sum(one.crew == crew for one in runs) for runs in (before, after)]
        assert change.get(crew, 0) == count[1] - count[0]
    kilometres = next(one for one in shown.figures if one.name == "kilometres")
    assert (kilometres.before, kilometres.after) == (len(visited(before)), len(visited(after)))


def test_two_files_are_compared_and_what_is_no_plan_is_refused(root, tmp_path):
    one = face(root).patrols.patrols(since="2099-01-05", days=2, seed="7", output=tmp_path / "one")
    face(root).patrols.patrols(since="2099-01-05", days=2, seed="8", explore=0.5, output=tmp_path / "two")
    files = [tmp_path / name / "patrols.json" for name in ("one", "two")]
    shown = face(root).plans.compare(before=files[0], after=files[1])
    assert shown.figures[0].before == len(one.tours)
    assert shown.marking == OPEN
    bad, placement = tmp_path / "bad.json", tmp_path / "placement.json"
    far = {"tours": [{"crew": "a", "km": 0, "to": 9 * 10**18}]}
    for change in ("[1", "[" * 100_000, far, {"value": 1e300}, {"nobody": "1"}):
        bad.write_text(
            change if isinstance(change, str) else json.dumps(json.loads(files[0].read_bytes()) | change),
            "utf-8",
        )
        refused("plans.no-plan", face(root).plans.compare, before=files[0], after=bad)
    names = ("expected", "worst_tenth", "not_covered_share", "fairness_cost")
    placement.write_bytes(msgspec.json.encode({"placement": {"Lacolle": 2}} | dict.fromkeys(names, 0.5)))
    refused("plans.two-sorts", face(root).plans.compare, before=files[0], after=placement)


def test_a_floor_on_which_nobody_looked_says_that_nothing_found_says_nothing(root, floor, monkeypatch):
    said = "\n".join(face(root).patrols.patrols(since="2099-01-05", days=1).remarks)
    assert "Nothing looked at the line in fourteen days" in said
    monkeypatch.setattr(Floor, "now", lambda _: NOW)
    (floor.root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")
    said = "\n".join(face(floor.root).patrols.patrols(since="2026-02-02", days=1).remarks)
    assert "Nothing looked" not in said


def test_a_day_of_an_exercise_is_rehearsed_as_on_the_evening_before(root, tmp_path, monkeypatch):
    refused("patrols.no-exercise", face(root).patrols.patrols, since="2026-02-02", rehearse=True)
    played = Floor.create(tmp_path / "played", KEEPER, ceiling="PC", exercise=True)
    (played.root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")
    crossed(played, (3, 100.0, OPEN))

    def planned(**asked):
        return face(played.root).patrols.patrols(since="2026-02-02", days=2, seed="7", **asked)

    refused("patrols.past-day", planned)
    rehearsed = planned(rehearse=True)
    assert rehearsed.nobody > 0, "of the crossing of the day before"
    monkeypatch.setattr(Floor, "now", lambda _: datetime(2026, 2, 2, tzinfo=UTC))
    assert planned() == rehearsed


def test_a_tour_that_was_flown_and_found_nothing_lowers_the_plan_s_risk_there_most(floor, monkeypatch):
    monkeypatch.setattr(Floor, "now", lambda _: NOW)
    crossed(floor, (3, 100.0, OPEN))
    (floor.root / "assets.toml").write_text(asset("drone", "drone", more=DRONE), "utf-8")

    def planned():
        return face(floor.root).patrols.patrols(since="2026-02-02", days=3, seed="7", explore=0)

    def rates():
        return risk.risk_of(floor, floor.reader("keeper", "watch")).rate

    plan, before = planned(), rates()
    tour = plan.tours[0]
    latitude, longitude = tour.route[len(tour.route) // 2]
    # The crew reports, as its feed does: where it looked at that hour of yesterday, how far and how well.
    begins = tour.begins - timedelta(days=2)
    flown = {
        "sensor": "drone",
        "state": "looking",
        "class": "drone",
        "detects": 0.9,
        "farthest": 4_000.0,
        "observed_at": begins,
        "until": begins + timedelta(hours=4),
        "latitude": latitude,
        "longitude": longitude,
    }
    assert flown["until"] <= NOW
    with floor.writer(KEEPER) as writer:
        _write(writer, COVERAGE, "flown", flown)
    after = rates()
    # More was looked at, so that the mean of the line falls a little; nowhere as far as where the crew was.
    fell = after / before
    watch, at = np.unravel_index(np.argmin(fell), fell.shape)
    assert (watch, tour.km <= at * STRETCH < tour.to) == (begins.hour // 6, True)
    assert (fell <= 1).all()
    assert planned().nobody < plan.nobody, "the adversary's best payoff fell with it"
