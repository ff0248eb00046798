"""Two plans side by side: only what differs changes, and what is taken back leaves everything as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.world import HIDDEN, LATITUDE, LONGITUDE, OPEN, asset
from tests.refusals import refused

import watchfloor
from watchfloor.casework.tasking.assets import Asset
from watchfloor.formats.settings import SettingsError
from watchfloor.planning.coverage import compare
from watchfloor.planning.coverage.axis import axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.estimate import Coverage
from watchfloor.planning.coverage.schedule import Schedule, Watch
from watchfloor.planning.coverage.share import RESTS, kilometres_at_most, rests_on, towers
from watchfloor.planning.coverage.table import Table
from watchfloor.reference import border
from watchfloor.store import Floor

START, HOURS, BEGUN = datetime(2099, 1, 1, tzinfo=UTC), 12, 3
KILOMETRES = (200, 900, 1_500, 3_100, 5_000)


def camera(km, reach=6_000.0, **more):
    latitude, longitude = border.load().at(km)
    settings_ = {"kind": "camera", "unit": "u", "half_width_m": 80.0, "detects": 0.9, "alarms": 0.0}
    place = {"latitude": latitude, "longitude": longitude, "reach_m": reach, "error_m": 10.0}
    return Asset(**settings_ | place | more)


def coverage(fleet, schedule):
    """Coverage as `coverage_of` computes it of a floor without records."""
    where = axis()
    table = Table.build(tuple(CROSSERS), len(where), HOURS, {})
    none = np.full(len(where), np.inf)
    bare = Coverage(
        table=table, where=where, start=START, begun=BEGUN, fleet=fleet, plan=schedule, minutes=none,
        responder=[""] * len(where), marking="",
    )  # fmt: skip
    return replace(
        bare,
        table=Table.build(
            table.kinds,
            *table.shape,
            {
                name: bare.part(one, watches)
                for name, one in fleet.items()
                if (watches := tuple(each for each in schedule.watch if each.asset == name))
            },
        ),
    )


def watch(name, begins="00:00", ends="00:00"):
    return Watch(asset=name, begins=begins, ends=ends)


@st.composite
def plans(draw):
    """A few cameras, each attended to at some hours."""
    count = draw(st.integers(2, 4))
    fleet = {f"c{number}": camera(draw(st.sampled_from(KILOMETRES))) for number in range(count)}
    hours = st.sampled_from(["00:00", "02:30", "08:00"])
    return fleet, Schedule(watch=tuple(watch(name, draw(hours), draw(hours)) for name in fleet))


@settings(max_examples=12)
@given(plans(), st.data())
def test_what_is_taken_out_and_added_again_leaves_the_same_table(made, data):
    fleet, schedule = made
    found = coverage(fleet, schedule)
    plan = compare.plan_of(fleet, schedule)
    gone = data.draw(st.sampled_from(sorted(fleet)))
    less = plan.without(gone)
    without = compare.table_of(found, plan, less)
    rest = {name: one for name, one in fleet.items() if name != gone}
    np.testing.assert_array_equal(without.missed, coverage(rest, schedule).table.missed)
    back = replace(less, gone=frozenset()).added({gone: fleet[gone]}, plan.watches[gone])
    again = compare.table_of(replace(found, table=without), less, back)
    np.testing.assert_array_equal(again.missed, found.table.missed)  # to the last bit
    assert compare.changes(found.table, again, found.where) == []
    assert not list(compare.moves(found, plan, back))


@settings(max_examples=12)
@given(plans(), st.data())
def test_another_plan_is_the_table_that_is_computed_of_it_whole(made, data):
    fleet, schedule = made
    found, plan = coverage(fleet, schedule), compare.plan_of(fleet, schedule)
    name = data.draw(st.sampled_from(sorted(fleet)))
    latitude, longitude = border.load().at(data.draw(st.sampled_from(KILOMETRES)))
    other = plan.moved(name, latitude, longitude).shifted(name, "04:00", "09:00")
    changed = tuple(one for one in schedule.watch if one.asset != name)
    whole = coverage(other.fleet, Schedule(watch=(*changed, watch(name, "04:00", "09:00"))))
    after = compare.table_of(found, plan, other)
    np.testing.assert_array_equal(after.missed, whole.table.missed)
    hours = compare.kilometre_hours(found.table, after, found.where)
    by_run = compare.changes(found.table, after, found.where)
    for kind in ("walker", "vehicle", "aircraft"):
        difference = hours[kind].after - hours[kind].before
        assert sum(one.by_kind[kind] for one in by_run) == pytest.approx(difference, abs=0.05)


def test_boats_are_counted_on_water_alone_and_no_more_than_all_is_seen():
    fleet = {"lake": camera(3_100), "land": camera(900)}
    schedule = Schedule(watch=(watch("lake"), watch("land")))
    found = coverage(fleet, schedule)
    plan = compare.plan_of(fleet, schedule)
    dry = compare.table_of(found, plan, plan.without("lake"))
    hours = compare.kilometre_hours(found.table, dry, found.where)
    assert hours["boat"].before > 0 == hours["boat"].after
    assert hours["boat"].most < hours["walker"].most == len(found.where) * HOURS
    assert all(0 <= each <= one.most for one in hours.values() for each in one[:2])


def test_the_cost_is_that_of_the_hours_to_come_in_which_somebody_attends():
    fleet = {"dear": camera(900, dollars_hour=50.0), "unknown": camera(200), "idle": camera(1_500)}
    schedule = Schedule(watch=(watch("dear", "06:00", "18:00"), watch("unknown")))
    found, plan = coverage(fleet, schedule), compare.plan_of(fleet, schedule)
    assert compare.cost(found, plan) == (50.0 * 6, ["unknown"]), "6 of 12 hours; three have begun"
    moved = {
        one.asset: one for one in compare.moves(found, plan, plan.shifted("dear", "", "").without("idle"))
    }
    assert (moved["dear"].what, moved["dear"].before, moved["dear"].after) == ("shifted", 6.0, 0.0)
    assert (moved["dear"].dollars_before, moved["dear"].dollars_after) == (300.0, 0.0)
    assert moved["idle"].what == "removed"


def test_hours_that_have_begun_stay_unless_the_asset_is_taken_out():
    fleet, schedule = {"c": camera(900)}, Schedule(watch=(watch("c"),))
    found, plan = coverage(fleet, schedule), compare.plan_of(fleet, schedule)
    reported = found.part(fleet["c"], (watch("c"),))
    shifted = replace(reported, hour=reported.hour - BEGUN)
    past = shifted.hour < BEGUN
    part = replace(shifted, km=shifted.km[past], hour=shifted.hour[past], chance=shifted.chance[:, past])
    found.table.replace("c", compare.schedule.joined(part, reported))
    whole = found.table.probability
    never = compare.table_of(found, plan, plan.shifted("c", "", "")).probability
    np.testing.assert_array_equal(never[:, :, :BEGUN], whole[:, :, :BEGUN])
    assert not never[:, :, BEGUN:].any()
    assert not compare.table_of(found, plan, plan.without("c")).probability.any()


def test_towers_reach_at_most_their_chords_and_the_rest_adds_up():
    fleet = {"a": camera(900, 15_000), "b": camera(1_500, 15_000), "d": camera(1_500, 3_000)}
    where = axis()
    assert kilometres_at_most([fleet["a"]], where) == pytest.approx(30, abs=1), "on a straight parallel"
    masts = towers(fleet.values())
    assert masts == [[fleet["a"]], [fleet["b"], fleet["d"]]], "two of one mast are one tower"
    every = [one for mast in masts for one in mast]
    assert kilometres_at_most(every, where) == pytest.approx(60, abs=2)
    found = coverage(fleet, Schedule(watch=(watch("a"), watch("b"))))
    rests = rests_on(found.table, fleet)
    assert tuple(rests) == RESTS
    assert sum(rests.values()) == pytest.approx(1.0)
    assert 0 < rests["tower"] <= 60 / len(where)
    assert rests["nobody"] == pytest.approx(1 - rests["tower"])


# The action.

SCHEDULE = '[[watch]]\nasset = "tower"\nfrom = "06:00"\nto = "18:00"\n\n[[watch]]\nasset = "hidden"\n'


@pytest.fixture
def root(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    hidden = asset("hidden", more=f'slew_deg_s = 30\nmarking = "{HIDDEN}"')
    tower = asset("tower", more="slew_deg_s = 30\ndollars_hour = 10")
    (made.root / "assets.toml").write_text(tower + hidden, "utf-8")
    (made.root / "coverage.toml").write_text(SCHEDULE, "utf-8")
    return made.root


def compared(root, user="keeper", **asked):
    floor = watchfloor.open(root, purpose="watch", authority=KEEPER.authority, user=user)
    return floor.coverage_plans.compare(**{"since": "2099-01-01T00:00Z", "hours": 24} | asked)


def test_a_reader_compares_what_they_may_know_of_as_if_the_rest_were_not_there(root):
    part = compared(root, "officer", shift=("tower=00:00-00:00",))
    (root / "assets.toml").write_text(asset("tower", more="slew_deg_s = 30\ndollars_hour = 10"), "utf-8")
    assert compared(root, "officer", shift=("tower=00:00-00:00",)) == part
    assert (part.dollars_before, part.dollars_after) == (120.0, 240.0)
    said = refused("coverage.not-in-plan", compared, root, "officer", move=("hidden=49,-97",))
    assert said["names"] == "tower"
    assert refused("coverage.not-in-plan", compared, root, "officer", move=("nobody=49,-97",)) == said | {
        "name": "nobody"
    }


def test_two_files_and_what_is_added_are_compared(root, tmp_path):
    longer, more = tmp_path / "longer.toml", tmp_path / "more.toml"
    longer.write_text(SCHEDULE.replace("18:00", "06:00"), "utf-8")
    more.write_text(asset("new", north=-50_000) + '[[watch]]\nasset = "new"\n', "utf-8")
    files = compared(root, after=longer)
    assert [(one.asset, one.what, one.hours_before, one.hours_after) for one in files.assets] == [
        ("tower", "shifted", 12.0, 24.0)
    ]
    assert files.kinds[0].after > files.kinds[0].before
    back = compared(root, before=longer, after=root / "coverage.toml")
    assert [(one.kind, one.before, one.after) for one in back.kinds] == [
        (one.kind, one.after, one.before) for one in files.kinds
    ]
    added = compared(root, add=more)
    assert [(one.asset, one.what) for one in added.assets] == [("new", "added")]
    assert added.unpriced == ["hidden", "new"]
    assert added.priced, "of the tower"
    more.write_text(asset("new", more=f'marking = "{HIDDEN}"'), "utf-8")
    assert (compared(root, "officer").marking, compared(root, "officer", add=more).marking) == (OPEN, HIDDEN)
    (root / "assets.toml").write_text(asset("tower"), "utf-8")
    assert not compared(root).priced
    assert added.stretches == [], "50 km south of the line it sees nothing of it"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"move": ("tower",)}, "coverage.bad-move"),
        ({"move": ("tower=91,0",)}, "coverage.bad-move"),
        ({"move": ("tower=nan,0",)}, "coverage.bad-move"),
        ({"move": ("=49,0",)}, "coverage.bad-move"),
        ({"shift": ("tower=6-18",)}, "coverage.bad-shift"),
        ({"shift": ("tower=25:00-06:00",)}, "coverage.bad-shift"),
        ({"shift": ("nobody=18:00-06:00",)}, "coverage.not-in-plan"),
        ({"without": ("nobody",)}, "coverage.not-in-plan"),
        ({"since": "yesterday"}, "cell.no-such-moment-in-field"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused(root, asked, message):
    refused(message, compared, root, **asked)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (asset("tower"), "coverage.asset-there"),
        ('[[watch]]\nasset = "nobody"\n', "coverage.not-in-plan"),
        ('zone = "UTC"\n', "only [assets.NAME] and [[watch]]"),
        (asset("new").replace("camera", "balloon"), "line 2: assets.new.kind"),
        ('[[watch]]\nasset = "tower"\nfrom = "6"\n', "line 3: watch.from"),
        ("[", "more.toml"),
    ],
)
def test_what_is_added_is_read_as_the_floor_s_own_files_are(root, tmp_path, text, problem):
    file = tmp_path / "more.toml"
    file.write_text(text, "utf-8")
    if problem.startswith("coverage."):
        refused(problem, compared, root, add=file)
    else:
        with pytest.raises(SettingsError, match=r"more\.toml") as error:
            compared(root, add=file)
        assert problem in str(error.value)


def test_the_place_and_hours_of_a_sensor_cover_one_day(root):
    one = compared(root, hours=48, without=("tower",))
    assert one.assets[0].hours_before == 24.0
    assert one.hour + timedelta(hours=one.hours) == datetime(2099, 1, 3, tzinfo=UTC)
    (run,) = (each for each in one.stretches)
    at = axis().near(LATITUDE, LONGITUDE, 8_000)[0]
    assert at.min() <= run.km <= run.to <= at.max() + 1
