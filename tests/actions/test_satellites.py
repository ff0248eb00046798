"""Passes and orders of satellites as people ask for them: on a floor, from Python and from a terminal."""

import json
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace
from tests.planning.satellites.made import MODES, PLACES, elements, pair
from tests.planning.satellites.test_orders import CONFLICT, ORDER
from tests.planning.world import asset
from tests.refusals import because, refused
from typer.testing import CliRunner

import watchfloor
from watchfloor.cell.acts import Conflict, Post, Unusable
from watchfloor.cli import app
from watchfloor.planning.adoption import keep
from watchfloor.planning.satellites.adoption import PlacedOrders
from watchfloor.planning.satellites.order_files import OrderBook, collection
from watchfloor.store import Actor, Floor

RUNNER = CliRunner()
KEEPER = Actor("keeper", "watch", "RCMP Act s. 18")
POLICY = """[readers.keeper]
protected = "PC"
[readers.officer]
protected = "PB"
"""


FLEET = elements(
    *(
        (f"RCM-{one}", pair(44_321 + one, 330.0, 10 + 115.0 * one, motion=14.92, day="56335.50000000"))
        for one in (1, 2, 3)
    ),
)
REQUESTS = """[[request]]
name = "line"
km = [0, 6438]
[[request]]
name = "trails"
km = [1200, 2134]
modes = ["SC30"]
weight = 3
purpose = "cut trails"
authority = "Customs Act s. 99"
retention_days = 30
marking = "PC"
"""


@pytest.fixture
def home(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    for name, text in (
        ("fleet.tle", FLEET),
        ("modes.toml", MODES),
        ("requests.toml", REQUESTS),
        ("places.csv", PLACES),
    ):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def opened(home, user="keeper"):
    return watchfloor.open(home / "floor", purpose="watch", authority=KEEPER.authority, user=user)


def since(home):
    """The day after the floor's, with elements of that day: orders are of hours to come."""
    now = Floor.open(home / "floor").now()
    day = now + timedelta(days=1)
    fleet = FLEET.replace("56335.50000000", f"{now:%y%j}.50000000")
    lines = fleet.splitlines()
    from watchfloor.formats.orbits.tle import checksum

    fixed = [line[:68] + str(checksum(line)) if line[:2] in ("1 ", "2 ") else line for line in lines]
    (home / "fleet.tle").write_text("\n".join(fixed) + "\n", "utf-8")
    return f"{day:%Y-%m-%d}"


def planned(home, **more):
    asked = {
        "elements": (home / "fleet.tle",),
        "sensors": home / "modes.toml",
        "requests": home / "requests.toml",
        "since": since(home),
        "days": 2,
        "output": home / "orders",
    }
    return opened(home).satellite_orders.satellites(**asked | more)


def test_orders_are_chosen_written_placed_counted_and_cancelled(home):
    plan = planned(home)
    assert plan.orders
    assert plan.shown <= plan.bound
    assert {one.request for one in plan.requests} == {"line", "trails"}
    assert {path.name for path in (home / "orders").iterdir()} == {"orders.json", "orders.csv", "orders.xlsx"}
    trails = next(one for one in plan.orders if "trails" in one.requests)
    assert trails.sensor == "RCM SC30"
    assert "cut trails" in trails.purpose
    assert "Customs Act s. 99" in trails.authority
    assert trails.retention_days == 30
    assert trails.marking.startswith("PC")
    items = json.loads((home / "orders" / "orders.json").read_bytes())["features"]
    assert [one["id"] for one in items] == [one.order for one in plan.orders]

    floor = opened(home)
    begin = f"{plan.orders[0].start:%Y-%m-%dT%H:00Z}"
    assert not floor.coverage.coverage(since=begin, hours=1, watched=True).cells
    placed = floor.satellite_orders.order(orders=home / "orders" / "orders.json", why="agreed")
    assert placed.state == "placed"
    assert placed.count == len(plan.orders)
    cells = floor.coverage.coverage(since=begin, hours=1, watched=True).cells
    first = plan.orders[0]
    assert {name for one in cells for name in one.by} >= {f"pass:{first.satellite} {first.sensor}"}
    assert {one.km for one in cells} >= {km for low, high in first.km for km in range(low, high)}

    with pytest.raises(Conflict, check=because("satellites.taken")):
        floor.satellite_orders.order(orders=home / "orders" / "orders.json", why="again")
    floor.satellite_orders.cancel(plan=placed.plan[:6], why="safe mode")
    assert not floor.coverage.coverage(since=begin, hours=1, watched=True).cells
    assert [one.state for one in floor.satellite_orders.orders().orders] == ["cancelled"]
    again = floor.satellite_orders.order(orders=home / "orders" / "orders.json", why="well again")
    assert again.edition == 3
    shown = floor.satellite_orders.orders(placed.plan[:6])
    assert [one.order for one in shown.each] == [one.order for one in plan.orders]
    assert [one.kilometres for one in shown.conflicts] == [one.kilometres for one in plan.conflicts]
    refused("cell.no-such-id", opened(home, "officer").satellite_orders.orders, placed.plan)


def test_elements_of_which_none_can_be_read_are_refused_with_the_reason_of_the_first(home):
    (home / "cut.tle").write_text(FLEET.replace(" 98.", " 198."), "utf-8")
    told = refused(
        "satellites.not-elements",
        opened(home).satellites.passes,
        elements=(home / "cut.tle",),
        points=home / "places.csv",
    )
    assert "line" in told["why"]


def test_who_may_not_know_of_orders_is_told_of_none(home):
    start = Floor.open(home / "floor").now() + timedelta(hours=3)
    order = replace(ORDER, start=start, end=start + timedelta(seconds=40), marking="PC")
    (home / "orders.json").write_bytes(collection(OrderBook((order,))))
    opened(home).satellite_orders.order(orders=home / "orders.json", why="agreed")
    asked = {"since": f"{start:%Y-%m-%dT%H:00Z}", "hours": 2, "watched": True}
    assert opened(home).coverage.coverage(**asked).cells
    other = opened(home, "officer")
    assert not other.satellite_orders.orders().orders
    assert not other.coverage.coverage(**asked).cells


def test_what_names_a_request_has_its_marking_also_where_nothing_is_ordered_for_it(home):
    nothing = planned(home, per_satellite=0)
    assert not nothing.orders
    assert nothing.marking.startswith("PC")
    start = Floor.open(home / "floor").now() + timedelta(hours=3)
    order = replace(ORDER, start=start, end=start + timedelta(seconds=40))
    (home / "one.json").write_bytes(collection(OrderBook((order,), (CONFLICT,))))
    assert (
        opened(home).satellite_orders.order(orders=home / "one.json", why="agreed").marking.startswith("PC")
    )
    assert not opened(home, "officer").satellite_orders.orders().orders


def test_orders_of_a_floor_that_kept_them_alone_are_read(home):
    floor = Floor.open(home / "floor")
    start = floor.now() + timedelta(hours=3)
    order = replace(ORDER, start=start, end=start + timedelta(seconds=40))
    earlier = msgspec.json.encode((order,)).decode()
    with floor.writer(KEEPER) as writer:
        post = Post(floor, floor.reader("keeper", "watch"), writer)
        keep(post, PlacedOrders, earlier, start.date(), 1, "PB", "agreed", lambda _: None)
    (view,) = opened(home).satellite_orders.orders().orders
    assert (view.count, view.state) == (1, "placed")
    asked = {"since": f"{start:%Y-%m-%dT%H:00Z}", "hours": 2, "watched": True}
    assert opened(home).coverage.coverage(**asked).cells
    assert opened(home).satellite_orders.cancel(plan=view.plan, why="safe mode").state == "cancelled"


def test_satellites_that_image_every_pass_stand_in_coverage_toml(home):
    begin = since(home)
    (home / "floor" / "fleet.tle").write_bytes((home / "fleet.tle").read_bytes())
    row = '[[satellite]]\nelements = "fleet.tle"\nsatellites = ["RCM-1"]\nwidth_m = 2000\ndetects = 0.5\n'
    (home / "floor" / "coverage.toml").write_text(row, "utf-8")
    floor = opened(home)
    found = floor.coverage.coverage(since=begin, hours=24, watched=True)
    assert {name for one in found.cells for name in one.by} == {"pass:RCM-1 RCM SC50"}
    remarks = len(found.remarks)  # of the weather, which nobody reported
    (home / "floor" / "coverage.toml").write_text(row.replace("fleet.tle", "none.tle"), "utf-8")
    broken = floor.coverage.coverage(since=begin, hours=24, watched=True)
    assert not broken.cells
    assert broken.remarks != found.remarks
    assert len(broken.remarks) == remarks == 1
    (home / "floor" / "coverage.toml").write_text(row + 'marking = "PC"\n', "utf-8")
    assert not opened(home, "officer").coverage.coverage(since=begin, hours=24, watched=True).cells


def test_gaps_stand_beside_the_ground_and_the_change(home):
    begin = since(home)
    asked = {
        "elements": [str(home / "fleet.tle")],
        "sensors": str(home / "modes.toml"),
        "since": begin,
        "days": 1,
    }
    found = opened(home).satellites.passes(**asked, gaps=True, without=("RCM-1",))
    sections = [one for one in found.gaps if one.section]
    assert len(found.gaps) - len(sections) == 6_438
    assert len(sections) == 21
    kilometres = [one for one in found.gaps if not one.section]
    assert all(one.ground_hours == 0 for one in kilometres)
    assert all(one.before_longest_hours <= one.longest_hours + 1e-6 for one in kilometres)
    assert all(one.unseen_hours <= 24 for one in kilometres)
    (home / "floor" / "assets.toml").write_text(asset("tower"), "utf-8")
    (home / "floor" / "coverage.toml").write_text(
        '[[watch]]\nasset = "tower"\nfrom = "04:00"\nto = "12:00"\n', "utf-8"
    )
    watched = opened(home).satellites.passes(**asked, gaps=True, without=("RCM-1",)).gaps
    assert {one.ground_hours for one in watched if not one.section} == {0, 8}
    assert all(
        one.unseen_hours <= before.unseen_hours and one.longest_hours == before.longest_hours
        for one, before in zip(watched, found.gaps, strict=True)
    )
    whole = opened(home).satellites.passes(**asked)
    assert len(whole.passes) == sum(1 for _ in whole.passes) > 6_438


def test_clouds_make_fewer_passes_by_light(home, tmp_path):
    eye = '[[sensor]]\nname = "eye"\nswath_km = 600\ndaylight = true\n'
    (home / "eye.toml").write_text(eye, "utf-8")
    (home / "clouds.csv").write_text("clear\n25\n", "utf-8")
    found = opened(home).satellites.passes(
        elements=(home / "fleet.tle",),
        sensors=home / "eye.toml",
        points=home / "places.csv",
        since=since(home),
        days=10,
        gaps=True,
        clouds=home / "clouds.csv",
    )
    assert [one.expected for one in found.gaps] == [
        pytest.approx(one.usable / 4, abs=0.01) for one in found.gaps
    ]


def test_a_change_that_changes_nothing_is_refused(home):
    files = {"elements": (home / "fleet.tle",), "sensors": home / "modes.toml", "points": home / "places.csv"}
    refused("satellites.not-flying", opened(home).satellites.passes, **files, gaps=True, without=("RCM 9",))
    refused("satellites.clouds-of-gaps", opened(home).satellites.passes, **files, clouds=home / "places.csv")
    assert opened(home).satellites.passes(**files, since=since(home), days=1, without=("44322",)).passes


def test_orders_that_are_over_are_told_as_such(home):
    (home / "orders.json").write_bytes(collection(OrderBook((ORDER,))))
    words = ["plan", "order", str(home / "orders.json"), "--why", "agreed", "--floor", str(home / "floor")]
    who = ["--purpose", "watch", "--authority", KEEPER.authority]
    result = RUNNER.invoke(app, [*words, *who], env={"WATCHFLOOR_USER": "keeper"})
    assert result.exit_code == 0, result.output
    assert f"{ORDER.end:%Y-%m-%d %H:%M}Z" in result.stderr


def test_a_mode_that_no_sensor_has_is_named(home):
    (home / "requests.toml").write_text(REQUESTS.replace("SC30", "XX"), "utf-8")
    with pytest.raises(Unusable, check=because("satellites.no-mode")):
        planned(home)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_terminal_shows_passes_gaps_and_orders(home, language):
    begin = since(home)
    common = ["--elements", str(home / "fleet.tle"), "--sensors", str(home / "modes.toml"), "--from", begin]
    for words in (
        ["passes", *common, "--days", "2", "--points", str(home / "places.csv")],
        ["passes", *common, "--days", "2", "--points", str(home / "places.csv"), "--gaps"],
        ["passes", *common, "--days", "1", "--gaps"],
    ):
        result = RUNNER.invoke(app, [*words, "--lang", language], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert "│" in result.stdout
        assert ("--json" in result.stdout) == ("--points" not in words)
