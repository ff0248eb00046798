"""Coverage as it is asked for: hours that were and will be, masks, what-if, and who is there in time."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.planning.coverage.test_terrain import NORTH, STEP, WEST, ground, write
from tests.planning.world import HIDDEN, LATITUDE, LONGITUDE, OPEN, asset
from tests.refusals import refused

import watchfloor
from watchfloor.casework import rosters
from watchfloor.casework.rosters import Edition, Shift
from watchfloor.cell.acts import Post, common
from watchfloor.cell.acts import write as keep
from watchfloor.core.kinds import WEATHER
from watchfloor.planning.coverage.estimate import coverage_of
from watchfloor.store import Actor, Floor

KEEPER = Actor("keeper", "watch", "RCMP Act s. 18")
POLICY = """[readers.keeper]
protected = "PC"
[readers.officer]
protected = "PB"
"""
SCHEDULE = f"""[[watch]]
asset = "tower"

[[watch]]
asset = "hidden"

[[responder]]
name = "patrol"
latitude = {LATITUDE}
longitude = {LONGITUDE}
speed_m_s = 20
marking = "{OPEN}"

[[responder]]
name = "unseen"
latitude = {LATITUDE}
longitude = {LONGITUDE}
speed_m_s = 200
marking = "{HIDDEN}"
"""
FIRST = datetime(2099, 1, 1, tzinfo=UTC)
LATER = "2099-01-01T00:00Z"


@pytest.fixture
def root(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    hidden = asset("hidden", more=f'slew_deg_s = 30\nmarking = "{HIDDEN}"')
    (made.root / "assets.toml").write_text(asset("tower") + hidden, "utf-8")
    (made.root / "coverage.toml").write_text(SCHEDULE, "utf-8")
    return made.root


def shown(root, user="keeper", language="en", **asked):
    floor = watchfloor.open(root, purpose="watch", authority=KEEPER.authority, user=user, language=language)
    return floor.coverage.coverage(**{"since": LATER, "hours": 2, "km": "1490-1510"} | asked)


def test_a_reader_is_told_of_no_asset_and_no_responder_that_they_may_not_know_of(root):
    whole, part = shown(root), shown(root, "officer")
    middle = [one for one in whole.cells if one.km == 1_500]
    assert [(sorted(one.by), one.responder) for one in middle] == [(["hidden", "tower"], "unseen")] * 2
    masked = [one for one in part.cells if one.km == 1_500]
    assert [(sorted(one.by), one.responder) for one in masked] == [(["tower"], "patrol")] * 2
    assert (whole.marking, part.marking) == (HIDDEN, OPEN)
    (root / "assets.toml").write_text(asset("tower"), "utf-8")
    (root / "coverage.toml").write_text(SCHEDULE.partition('[[responder]]\nname = "unseen"')[0], "utf-8")
    assert shown(root, "officer") == part, "as if what is hidden were not there"
    assert refused("coverage.no-asset", shown, root, "officer", without=("hidden",))["names"] == "tower"


def test_what_is_not_in_the_answer_is_said_beside_it(root):
    floor = Floor.open(root)

    def remarks(user="keeper", language="en"):
        return shown(root, user, language, watched=True).remarks

    def reasons(user="keeper"):
        reader = floor.reader(user, "watch")
        found = coverage_of(floor, reader, datetime(2099, 1, 1, tzinfo=UTC), 2)
        return {one.message: one.params for one in found.remarks}

    assert reasons() == {
        "coverage.no-terrain": {"names": "hidden, tower"},
        "coverage.no-weather": {"percent": 100},
    }
    assert len(remarks()) == len(set(remarks() + remarks(language="fr"))) / 2 == 2
    (root / "coverage.toml").write_text(f'[[watch]]\nasset = "towr"\n{SCHEDULE}', "utf-8")
    assert reasons()["coverage.no-such-asset"] == {"names": "towr"}
    assert "coverage.no-such-asset" not in reasons("officer"), "to them it may be one that is hidden"
    fleet = (root / "assets.toml").read_text("utf-8")
    vault = asset("towr", more='slew_deg_s = 30\nmarking = "PA//TLP:AMBER//COMP:ALPHA"')
    (root / "assets.toml").write_text(fleet + vault, "utf-8")
    assert "coverage.no-such-asset" not in reasons(), "of a compartment, which no ceiling has"
    (root / "assets.toml").write_text(fleet, "utf-8")
    write(root / "terrain", "a.asc", WEST, NORTH, STEP, ground())
    assert reasons()["coverage.no-mast"] == {"names": "hidden, tower"}
    (root / "assets.toml").write_text(asset("tower", more="mast_m = 30"), "utf-8")
    assert not {one for one in reasons() if "terrain" in one or "mast" in one}
    (root / "terrain" / "a.asc").write_text("ncols many", "ascii")
    assert set(reasons()) > {"coverage.bad-terrain", "coverage.no-terrain"}


def test_two_that_see_miss_together_what_each_of_them_misses(root):
    (cell,) = (one for one in shown(root, hours=1).cells if one.km == 1_500)
    assert tuple(cell.seen) == ("walker", "vehicle", "aircraft"), "no boats on the 49th parallel"
    for kind in cell.seen:
        missed = (1 - cell.by["tower"][kind]) * (1 - cell.by["hidden"][kind])
        assert cell.seen[kind] == pytest.approx(1 - missed, abs=2e-4)
    (alone,) = (one for one in shown(root, hours=1, without=("hidden",)).cells if one.km == 1_500)
    assert alone.seen == cell.by["tower"]


def test_what_nobody_attends_to_is_not_covered_and_no_report_is_no_coverage(root):
    assert not shown(root, watched=True, since="2020-01-01T00:00Z").cells, "the schedule is of hours to come"
    (root / "coverage.toml").unlink()
    assert not shown(root, watched=True).cells
    assert {tuple(one.seen.values()) for one in shown(root).cells} == {(0.0, 0.0, 0.0)}
    assert {tuple(one.seen.values()) for one in shown(root, km="3100-3102").cells} == {(0.0, 0.0, 0.0, 0.0)}


def test_covered_but_unwatched_is_not_covered(root):
    """A camera whose console is staffed from 18:00 to 06:00 covers those hours and no other."""
    staffed = 'zone = "America/Regina"\n' + SCHEDULE.replace(
        'asset = "tower"', 'asset = "tower"\nfrom = "18:00"\nto = "06:00"', 1
    )
    (root / "coverage.toml").write_text(staffed, "utf-8")
    found = shown(root, "officer", hours=24, km="1500-1501", watched=True).cells
    assert [one.hour.hour for one in found] == list(range(12))  # Regina is six hours behind, all year
    assert found[0].local == "2098-12-31T18:00-06:00"
    assert (found[0].canada, found[0].united_states) == ("SK", "MT")


def test_what_hides_is_not_in_the_answer_the_remarks_nor_the_log(root):
    """With a partner's tower, its weather and its responder; and in a world without them."""

    def world():
        answer = shown(root, "officer", hours=3)
        acts = [one for one in Floor.open(root).acts() if one.act == "query" and one.actor.name == "officer"]
        return answer, {name: each for name, each in acts[-1].detail.items() if name != "as_of"}

    write(root / "terrain", "a.asc", WEST, NORTH, STEP, ground())
    partner = asset("hidden", more=f'slew_deg_s = 30\nmast_m = 30\nmarking = "{HIDDEN}"')
    (root / "assets.toml").write_text(asset("tower", more="mast_m = 30") + partner, "utf-8")
    with Floor.open(root).writer(KEEPER) as writer:
        row = dict.fromkeys(field.name for field in WEATHER.columns)
        row |= common("partner", "CWXX", HIDDEN, writer.moment())
        fog = {"station": "CWXX", "visibility": 3_000.0, "latitude": LATITUDE, "longitude": LONGITUDE}
        keep(writer, WEATHER, row | fog | {"observed_at": datetime(2099, 1, 1, tzinfo=UTC)})
    whole = shown(root, hours=3)
    assert "hidden" in str(whole)
    assert whole.marking == HIDDEN
    hidden = world()
    (root / "assets.toml").write_text(asset("tower", more="mast_m = 30"), "utf-8")
    (root / "coverage.toml").write_text(SCHEDULE.partition('[[responder]]\nname = "unseen"')[0], "utf-8")
    assert world() == hidden


def test_it_is_reached_if_somebody_is_there_within_the_minutes(root):
    cells = shown(root, "officer", hours=1, km="1480-1520", within=10).cells
    for one in cells:
        assert one.reached == (one.seen if one.minutes <= 10 else dict.fromkeys(one.seen, 0.0))
    assert min(one.minutes for one in cells) < 1 < 10 < max(one.minutes for one in cells)


def test_one_line_a_kilometre_and_hour_in_their_order(root):
    found = shown(root, since="2099-01-01T05:20Z", hours=3, km="10-12", kind=("boat",)).cells
    hours = [datetime(2099, 1, 1, hour, tzinfo=UTC) for hour in (5, 6, 7)]
    assert [(one.km, one.hour) for one in found] == [(km, hour) for km in (10, 11) for hour in hours]
    assert {tuple(one.seen) for one in found} == {("boat",)}
    assert len(shown(root, hours=1, km="").cells) == 6_438
    french = shown(root, hours=1, km="3100-3101", language="fr").cells
    assert [(one.ground, one.stretch) for one in french] == [("lake", "lac Supérieur")]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"km": "30-20"}, "coverage.bad-stretch"),
        ({"km": "0-99999"}, "coverage.bad-stretch"),
        ({"km": "here"}, "coverage.bad-stretch"),
        ({"hours": 0}, "coverage.bad-hours"),
        ({"hours": 1_000_000}, "coverage.bad-hours"),
        ({"kind": ("horse",)}, "coverage.no-kind"),
        ({"without": ("nobody",)}, "coverage.no-asset"),
        ({"within": float("nan")}, "coverage.bad-within"),
        ({"within": float("inf")}, "coverage.bad-within"),
        ({"since": "yesterday"}, "cell.no-such-moment-in-field"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(root, asked, message):
    refused(message, shown, root, **asked)


def test_a_sensor_whose_console_nobody_is_on_by_the_roster_is_not_watched(root):
    post = '[[watch]]\nasset = "tower"\npost = "console"\npool = "Emerson"\n'
    (root / "coverage.toml").write_text(post, "utf-8")
    (root / "policy.toml").write_text(
        POLICY.replace("[readers", '[readers.chief]\nprotected = "PC"\nrole = "supervisor"\n[readers', 1)
    )

    def watched(user="keeper", **asked):
        return [
            one.hour.hour
            for one in shown(root, user, **{"km": "1500-1501", "hours": 6} | asked).cells
            if one.by
        ]

    def remarks():
        found = coverage_of(Floor.open(root), Floor.open(root).reader("officer", "watch"), FIRST, 6)
        return {one.message for one in found.remarks}

    assert watched() == []
    assert "coverage.nobody-on" in remarks()
    floor = Floor.open(root)
    shifts = [
        Shift("ann", "day", "console", FIRST + timedelta(hours=1), FIRST + timedelta(hours=3)),
        Shift("ben", "day", "console", FIRST + timedelta(hours=2), FIRST + timedelta(hours=4)),
        Shift("ben", "late", "desk", FIRST + timedelta(hours=4), FIRST + timedelta(hours=6)),
    ]
    made = Edition("Emerson", FIRST.date(), 1, "UTC", "", ["ann", "ben"], shifts, b"papers", "")
    with floor.writer(Actor("chief", "watch", "none")) as writer:
        rosters.publish(Post(floor, floor.reader("chief", "watch"), writer), made, HIDDEN)
    assert watched() == [1, 2, 3]
    assert watched("officer") == [], "who may not see the roster"
    assert "coverage.nobody-on" in remarks()
    assert shown(root, hours=6).marking == HIDDEN
