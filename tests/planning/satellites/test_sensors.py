import json

import pytest
from tests.planning.satellites.made import THREE
from tests.refusals import refused

from watchfloor.formats.orbits import parse
from watchfloor.planning.satellites import sensors
from watchfloor.planning.satellites.sensors import Sensor

TOML = """[[sensor]]
name = "Sharp"
satellites = [40697, "RCM-*"]
incidence = [20.0, 45.0]
side = "left"
daylight = true
sun = 10
"""
SHARP = Sensor(
    name="Sharp", satellites=(40697, "RCM-*"), incidence=(20.0, 45.0), side="left", daylight=True, sun=10.0
)
SAME = {
    "a.toml": TOML,
    "b.json": json.dumps(
        {
            "sensors": [
                {
                    "sensor": "Sharp",
                    "satellites": [40697, "RCM-*"],
                    "min_incidence": 20,
                    "max_incidence": 45,
                    "look": "Left",
                    "requires_daylight": True,
                    "min sun elevation": 10,
                }
            ]
        }
    ),
    "c.csv": "name;satellites;incidence_min;incidence_max;side;daylight;sun\n"
    "Sharp;40697|RCM-*;20;45;L;yes;10\n",
    "d.csv": "mode,norad,incidence,side,daylight,sun\nSharp,40697;RCM-*,20-45,left,oui,10\n",
}


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.toml", "[sensors.eye]\nfield_of_regard = 20\n", Sensor(name="eye", off_nadir=10.0)),
        (
            "a.json",
            '{"eye": {"min_elevation": 30, "agency": "x"}}',
            Sensor(name="eye", incidence=(0.0, 60.0)),
        ),
        ("a.csv", "name,swath_km,agency\neye,290,x\n", Sensor(name="eye", swath_km=290.0)),
    ],
)
def test_other_forms_say_the_same(tmp_path, name, text, wanted):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert sensors.read(path) == (wanted,)


@pytest.mark.parametrize("name", SAME)
def test_a_sensor_is_read_from_each_form(tmp_path, name):
    path = tmp_path / name
    path.write_text(SAME[name], "utf-8")
    assert sensors.read(path) == (SHARP,)


def test_it_is_on_the_satellites_that_it_names():
    sentinel, landsat, rcm = parse(THREE.encode(), "a").elements
    assert [SHARP.on(one) for one in (sentinel, landsat, rcm)] == [True, False, True]
    assert Sensor(name="any", swath_km=10).on(landsat)


def test_those_of_the_package_have_sources_and_fit_their_satellites():
    every = sensors.shipped()
    assert all(one.source and one.satellites for one in every)
    assert len({one.name for one in every}) == len(every)
    found = {
        each.name: [one.name for one in sensors.chosen(every, ()) if one.on(each)]
        for each in parse(THREE.encode(), "a").elements
    }
    assert found == {"SENTINEL-2A": ["Sentinel-2 MSI"], "LANDSAT 8": ["Landsat OLI"], "RCM-1": ["RCM SC50"]}


def test_modes_are_named_whole_or_by_a_word():
    every = sensors.shipped()
    assert [one.name for one in sensors.chosen(every, ("sc100", "RCM SC30"))] == ["RCM SC100", "RCM SC30"]
    assert sensors.chosen(every, ("all",)) == every
    assert [one.name for one in sensors.chosen(every, (" wide  fine",))] == ["RADARSAT-2 Wide Fine"]
    assert {one.name for one in sensors.chosen(every, ("SCWA",))} == {
        "RADARSAT-2 SCWA",
        "RADARSAT-2 SCWA left",
    }
    refused("satellites.no-mode", sensors.chosen, every, ("XP",))


@pytest.mark.parametrize(
    "change",
    [
        ("incidence = [20.0, 45.0]", "incidence = [45.0, 20.0]"),
        ("incidence = [20.0, 45.0]", "incidence = [20.0, 45.0]\nswath_km = 3"),
        ("incidence = [20.0, 45.0]", ""),
        ("incidence = [20.0, 45.0]", "off_nadir = 95"),
        ("incidence = [20.0, 45.0]", "swath_km = -1"),
        ('side = "left"', 'side = "above"'),
        ("sun = 10", "sun = 100"),
        ("sun = 10", "colour = 1"),
        ('name = "Sharp"', ""),
        ("incidence = [20.0, 45.0]", 'min_elevation = "low"'),
    ],
)
def test_rows_that_cannot_be_are_refused(tmp_path, change):
    path = tmp_path / "a.toml"
    path.write_text(TOML.replace(*change), "utf-8")
    why = refused("satellites.bad-sensors", sensors.read, path)["why"]
    assert "a.toml" not in why  # the sentence names it
    assert ("both, left, right" in why) == ("side" in change[0])
    assert ("scene_km" in why) == ("colour" in change[1])


@pytest.mark.parametrize("text", ["", "[1, 2]", "[", '{"a": 1}', "3", '[{"fov": []}]'])
def test_what_holds_no_sensors_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, "utf-8")
    refused("satellites.bad-sensors", sensors.read, path)
