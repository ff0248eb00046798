"""Joint tasks: legs on one clock, and each thing that keeps one from being made."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.casework.test_legs import RIVER, SOUTH
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.patrols.test_operations import statement
from tests.planning.world import HIDDEN, OPEN
from tests.refusals import refused

import watchfloor
from watchfloor.cell.acts import common
from watchfloor.cell.acts import write as keep
from watchfloor.core.kinds import WEATHER
from watchfloor.formats.settings import SettingsError
from watchfloor.store import Floor

BEGINS = datetime(2099, 1, 6, 16, tzinfo=UTC)
ASSETS = """[assets.{name}]
kind = "{kind}"
unit = "{unit}"
latitude = {latitude}
longitude = -75.93
reach_m = 3000.0
half_width_m = 200.0
detects = 0.9
alarms = 0.02
error_m = 20.0
speed_m_s = {speed}
{more}
"""
HOME = 44.3650
BOAT = {"name": "boat", "kind": "boat", "unit": "rcmp-operations", "latitude": HOME, "speed": 15}
PLANE = {"name": "plane", "kind": "aircraft", "unit": "rcmp-air", "latitude": 44.6, "speed": 60}
FUEL = "endurance_s = 14400"
HEAD = f"""instruction = "Watch and stop a boat without lights"
authority = "ICLEOA s. 12"
begins = {BEGINS.isoformat()}
"""
LAW = 'officer = "CBMLEO-17"\ndirector = "{0}:Lt. Doe"\ncustody = "{0}"\nhost = "{0}"\n'


def leg(asset="boat", place=RIVER, role="interdict", more="", minutes=10):
    unit = {"boat": "rcmp-operations", "plane": "rcmp-air"}.get(asset, "rcmp-operations")
    head = f'[[leg]]\nunit = "{unit}"\nasset = "{asset}"\nrole = "{role}"\nplace = {list(place)}\n'
    return f"{head}minutes = {minutes}\n{more}\n"


MEET = 'meeting = "A"\n'
PAIR = leg(more=f'{MEET}takes_over = "watch"') + leg(
    "plane", role="watch", more=f'{MEET}hands_over = "watch"'
)


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    equipped(made)
    return made


def equipped(floor, boat=FUEL, plane=FUEL):
    text = ASSETS.format(**BOAT, more=boat) + ASSETS.format(**PLANE, more=plane)
    (floor.root / "assets.toml").write_text(text, "utf-8")


def checked(floor, text, user="keeper", head=HEAD, act="joint"):
    file = floor.root.parent / "joint.toml"
    file.write_text(head + text, "utf-8")
    opened = watchfloor.open(floor.root, purpose="watch", authority="ICLEOA s. 12", user=user)
    return getattr(opened.joint_tasks, act)(file=file)


def test_who_is_first_waits_and_the_hand_over_is_told(floor):
    answer = checked(floor, PAIR)
    boat, plane = answer.legs
    assert (answer.unit, answer.joins) == ("rcmp-operations", ["rcmp-air"])
    assert boat.waits == 0 or plane.waits == 0
    assert boat.arrives + timedelta(minutes=boat.waits) == pytest.approx(
        plane.arrives + timedelta(minutes=plane.waits), abs=timedelta(seconds=5)
    )
    assert boat.leaves == plane.leaves
    there = (plane.arrives - BEGINS) / timedelta(minutes=1)
    assert there == pytest.approx((44.6 - RIVER[0]) * 111_195 / 60 / 60, rel=1e-3)
    assert plane.endurance == pytest.approx(240 - there - plane.waits - 10, abs=0.2)
    assert "Hands over: watch." in answer.instruction
    assert "No weather is known" in answer.remarks[0]
    assert "no [[readiness]]" in answer.remarks[1]


def test_it_is_issued_as_one_task_with_its_legs(floor):
    text = (
        leg(more=LAW.format("CAN"))
        + leg(place=SOUTH, more=LAW.format("USA") + 'vessel = "Bold Heron"')
        + leg("plane", role="watch", more=LAW.format("CAN"))
    )
    task = checked(floor, text, act="issue")
    assert (task.unit, task.joins) == ("rcmp-operations", ["rcmp-air"])
    assert [(one.host, one.medium) for one in task.legs] == [
        ("CAN", "water"),
        ("USA", "water"),
        ("CAN", "air"),
    ]
    assert task.starts == BEGINS
    assert "3. plane watches" in task.instruction


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("", "cell.legs-no-officer"),
        ('officer = "7"', "cell.legs-no-director"),
        ('officer = "7"\ndirector = "CAN:Sgt. Roy"', "cell.legs-not-of-host"),
        ('officer = "7"\ndirector = "USA:Lt. Doe"', "cell.legs-no-custody"),
        ('officer = "7"\ndirector = "USA:Lt. Doe"\ncustody = "CAN"', "cell.legs-other-law"),
        ('officer = "7"\ndirector = "USA:Lt. Doe"\ncustody = "USA"', "cell.legs-not-joint"),
    ],
)
def test_a_leg_across_the_line_lacks_nothing_that_the_act_asks(floor, more, message):
    home = leg(more=LAW.format("CAN"))
    refused(message, checked, floor, home + leg(place=SOUTH, more=f'host = "USA"\n{more}'))
    equipped(floor, boat=f"{FUEL}\njoint = true")
    assert checked(floor, home + leg(place=SOUTH, more=LAW.format("USA"))).legs


def test_a_place_is_in_the_country_that_its_leg_says_and_no_way_leads_elsewhere(floor):
    told = refused("cell.legs-wrong-side", checked, floor, leg(place=SOUTH))
    assert (told["host"], told["side"]) == ("CAN", "USA")
    equipped(floor, plane="endurance_s = 40000")
    crossed = refused("joint.crosses", checked, floor, leg("plane", place=(47.45, -68.4)))
    assert crossed["host"] == "USA"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (leg("tower"), "no-asset"),
        (leg("plane").replace("rcmp-air", "rcmp-operations"), "no-asset"),
        (leg(more=MEET), "alone"),
        (leg(more=MEET) + leg("plane", place=(RIVER[0] + 0.01, RIVER[1]), more=MEET), "apart"),
        (PAIR.replace('takes_over = "watch"', ""), "nobody-takes"),
        (PAIR.replace('hands_over = "watch"', 'hands_over = "target"'), "nobody-takes"),
        (
            leg(more=MEET)
            + leg(more='meeting = "B"')
            + leg("plane", more='meeting = "B"')
            + leg("plane", more=MEET),
            "never",
        ),
        (leg(minutes=300), "no-range"),
        (leg(minutes=239), "no-range"),
        (leg("plane", more="lands = true"), "no-landing"),
    ],
)
def test_legs_that_cannot_be_made_are_refused(floor, text, message):
    refused(f"joint.{message}", checked, floor, text)


def test_fuel_landing_readiness_duty_dark_and_ice(floor):
    equipped(floor, plane="")
    assert refused("joint.no-fuel", checked, floor, leg("plane"))["asset"] == "plane"
    equipped(floor, plane=f"{FUEL}\nrunway_m = 900")
    refused("joint.no-landing", checked, floor, leg("plane"))
    base = (
        '[[base]]\nname = "{0}"\nlatitude = {1}\nlongitude = -75.93\nrunway_m = 1000\nfuel = ["aircraft"]\n'
    )
    bases = base.format("home", 44.6) + base.format("river", RIVER[0])
    (floor.root / "patrols.toml").write_text(bases, "utf-8")
    long = leg("plane", minutes=180)
    refused("joint.no-range", checked, floor, long + long)
    landed = checked(floor, leg("plane", minutes=180, more="lands = true") + long)
    assert landed.legs[0].endurance == 240, "it fills its tanks there"
    equipped(floor)
    for of, more in (("serviceability", "ready = false"), ("certification", "until = 2099-01-06T16:05:00Z")):
        (floor.root / "patrols.toml").write_text(statement(of, more, name="boat"), "utf-8")
        told = "unserviceable" if of == "serviceability" else "certification-out"
        refused(f"readiness.{told}", checked, floor, leg())
    ice = '[[ice]]\nkm = [4904, 5086]\nfrom = "12-15"\nto = "03-31"\nsource = "ice atlas"\n'
    (floor.root / "patrols.toml").write_text(ice, "utf-8")
    refused("joint.ice", checked, floor, leg())
    assert checked(floor, leg("plane")).legs
    (floor.root / "patrols.toml").unlink()
    (floor.root / "coverage.toml").write_text(
        '[[watch]]\nasset = "boat"\nfrom = "10:00"\nto = "16:05"\n', "utf-8"
    )
    refused("joint.off-duty", checked, floor, leg())
    (floor.root / "coverage.toml").write_text(
        '[[watch]]\nasset = "boat"\nfrom = "10:00"\nto = "18:00"\n', "utf-8"
    )
    assert checked(floor, leg()).legs
    equipped(floor, boat=f"{FUEL}\nnight = false")
    (floor.root / "coverage.toml").unlink()
    night = HEAD.replace("T16", "T04")
    refused("joint.dark", checked, floor, leg(), head=night)
    refused("joint.past", checked, floor, leg(), head=HEAD.replace("2099", "2020"))


def test_a_gale_keeps_the_boat_in_and_fair_weather_is_known(floor):
    row = dict.fromkeys(field.name for field in WEATHER.columns)
    for wind, name in ((5.0, "fair"), (30.0, "gale")):
        with Floor.open(floor.root).writer(KEEPER) as writer:
            row |= common("tests", name, OPEN, writer.moment())
            told = {
                "station": "x",
                "observed_at": BEGINS,
                "until": BEGINS + timedelta(days=1),
                "wind_speed": wind,
            }
            keep(
                writer,
                WEATHER,
                row | told | {"latitude": RIVER[0], "longitude": RIVER[1], "radius": 50_000.0},
            )
        if name == "fair":
            assert "weather" not in "".join(checked(floor, leg()).remarks)
    assert refused("joint.weather", checked, floor, leg())["asset"] == "boat"


def test_a_hidden_asset_is_as_one_that_is_not_there(floor):
    equipped(floor, plane=f'{FUEL}\nmarking = "{HIDDEN}"')
    hidden = refused("joint.no-asset", checked, floor, leg("plane"), "officer")
    none = refused(
        "joint.no-asset", checked, floor, leg("tower").replace("rcmp-operations", "rcmp-air"), "officer"
    )
    assert hidden["assets"] == none["assets"] == "–"
    assert checked(floor, leg("plane")).marking == HIDDEN


@pytest.mark.parametrize(
    ("text", "head", "problem"),
    [
        ("leg = []", HEAD, "has legs"),
        (leg(role="spy"), HEAD, "no role"),
        (leg(more='host = "MEX"'), HEAD, "neither CAN nor USA"),
        (leg(place=(95, 0)), HEAD, "degrees"),
        (leg(minutes=-1), HEAD, "0 or more"),
        (leg(more='takes_over = "watch"'), HEAD, "needs a meeting"),
        (leg(), HEAD.replace("+00:00", ""), "time zone"),
        (leg(), 'marking = "SECRET!"\n' + HEAD, "marking"),
        (leg(more="colour = 1"), HEAD, "no such setting"),
    ],
)
def test_files_that_cannot_be_used_name_their_line(floor, text, head, problem):
    with pytest.raises(SettingsError, match=problem):
        checked(floor, text, head=head)
