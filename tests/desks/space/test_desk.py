"""The space desk: what appears, is confirmed, goes, and what rests on a scene that came again."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchfloor.cell.weighing.weights import load
from watchfloor.core.derived import last, net
from watchfloor.core.kinds import SCENE, SCENE_CHANGE
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.space import desk
from watchfloor.desks.space.desk import DESK, band, real
from watchfloor.run import run

DAY = datetime(2026, 5, 2, 17, tzinfo=UTC)


def record(number, **columns):
    common = {"record_id": bytes(15) + bytes([number]), "source": "orbit", "origins": [], "locator": "item"}
    return common | {"marking": "PB//TLP:GREEN", "delivery": bytes(32)} | columns


def scene(number, day, digest="a", **columns):
    at = DAY + timedelta(days=day)
    asset = {"name": "visual", "href": "visual.tif", "role": "data", "digest": digest, "bytes": 9}
    about = {
        "report_key": f"14UPV/{day}",
        "observed_at": at,
        "scene": f"S-{day}",
        "platform": "sentinel-2b",
        "sensor": "msi",
        "started": at,
        "ended": at,
        "footprint": "{}",
        "tile": "14UPV",
        "assets": [asset],
    }
    return dict.fromkeys(SCENE.schema.names) | record(number, **about) | columns


def change(number, state="appeared", day=10, scenes=(1, 2), **columns):
    about = {
        "report_key": "c1",
        "observed_at": DAY + timedelta(days=day),
        "source": "change-scan",
        "change": "c1",
        "state": state,
        "before": ["14UPV/0"],
        "after": f"14UPV/{day}",
        "scenes": [bytes(15) + bytes([one]) for one in scenes],
        "since": DAY,
        "until": DAY + timedelta(days=10),
        "method": "ir-mad",
        "method_version": "1",
        "latitude": 49.01,
        "longitude": -96.5,
        "radius": 300.0,
        "shape": "{}",
        "area_m2": 2400.0,
        "length_m": 600.0,
        "width_m": 4.0,
        "false_alarms": 0.2,
        "what": "trail",
        "line_m": 900.0,
    }
    return dict.fromkeys(SCENE_CHANGE.schema.names) | record(number, **about) | columns


SCENES = (scene(1, 0), scene(2, 10))


def history(*changes, scenes=SCENES):
    tables = {
        "scene": pa.Table.from_pylist(list(scenes), SCENE.schema),
        "scene-change": pa.Table.from_pylist(list(changes), SCENE_CHANGE.schema),
    }
    return run(DESK, tables, Refs(bytes(32)))["signal"]


def standing(*changes, scenes=SCENES):
    return net(history(*changes, scenes=scenes)).to_pylist()


def test_a_shape_that_appears_is_a_place_to_look_at_and_rests_on_its_scenes():
    (signal,) = standing(change(9))
    assert (signal["rule"], signal["strength"]) == ("trail-appeared", "possible")
    assert signal["subjects"] == ["place:space:c1"]
    assert {one[-1] for one in signal["evidence"]} == {1, 2, 9}
    assert (signal["since"], signal["until"]) == (DAY, DAY + timedelta(days=10))
    assert (signal["latitude"], signal["longitude"], signal["radius"]) == (49.01, -96.5, 300.0)
    why = Reason.load(signal["reason"])
    assert why.message == "space.trail"
    assert (why.params["length"], why.params["distance"], why.params["alarms"]) == (600, "900 m", 0.2)


@pytest.mark.parametrize(("metres", "told"), [(None, "?"), (0.0, "0 m"), (120.4, "120 m"), (8_400.0, "8 km")])
def test_how_far_a_known_road_is_is_told_and_weighs_nothing(metres, told):
    (signal,) = standing(change(9, traffic_m=metres))
    assert Reason.load(signal["reason"]).params["traffic"] == told
    assert signal["strength"] == standing(change(9))[0]["strength"]


def test_a_later_scene_that_shows_it_too_makes_it_stronger_and_counts_once():
    rows = [change(9), change(10, "confirmed", 20), change(11, "confirmed", 20), change(12, "confirmed", 30)]
    first, *others = [rows[: n + 1] for n in range(4)]
    assert [standing(*first)[0]["strength"], *(standing(*some)[0]["strength"] for some in others)] == [
        *("possible", "likely", "likely", "certain")
    ]
    assert Reason.load(standing(*rows)[0]["reason"]).params["seen"] == 2
    assert len(set(history(*rows)["row_id"].to_pylist())) == 1  # one signal, revised


@pytest.mark.parametrize(("state", "message"), [("gone", "space.gone"), ("withdrawn", "space.withdrawn")])
def test_what_is_gone_or_was_none_is_taken_back_and_may_come_again(state, message):
    rows = [change(9), change(10, state, 20)]
    assert standing(*rows) == []
    assert Reason.load(last(history(*rows)).to_pylist()[0]["reason"]).message == message
    assert len(standing(*rows, change(11, "confirmed", 30))) == 1


def test_a_scene_that_came_again_with_other_pixels_takes_back_what_rests_on_it():
    assert standing(change(9), scenes=(*SCENES, scene(3, 10, digest="b"))) == []
    later = scene(3, 10, digest="b", observed_at=DAY + timedelta(days=12))
    taken_back = last(history(change(9), scenes=(*SCENES, later))).to_pylist()[0]
    assert taken_back["retracted"]
    assert Reason.load(taken_back["reason"]).message == "space.scene-replaced"


def test_a_scene_that_came_again_with_the_same_pixels_keeps_it_under_the_stricter_marking():
    again = scene(3, 10, marking="PB//TLP:RED", observed_at=DAY + timedelta(days=12))
    (signal,) = standing(change(9), scenes=(*SCENES, again))
    assert signal["marking"] == "PB//TLP:RED"
    assert {one[-1] for one in signal["evidence"]} == {1, 3, 9}


@pytest.mark.parametrize("what", ["harvest", "fire", "flood"])
def test_what_has_an_everyday_form_says_so_and_weighs_nothing(what):
    (signal,) = standing(change(9, what=what))
    assert (signal["rule"], signal["strength"], signal["score"]) == ("ordinary-change", what, None)
    assert not any("ordinary-change" in one.rules for one in load().hypotheses.values())


def test_another_form_in_a_later_record_takes_the_first_one_back():
    (signal,) = standing(change(9), change(10, "confirmed", 20, what="unknown"))
    assert signal["rule"] == "ground-change"


def test_a_form_that_nobody_knows_is_told_as_a_change():
    assert standing(change(9, what="crop-circle"))[0]["rule"] == "ground-change"


@pytest.mark.parametrize("what", desk.EXPECTED)
def test_rare_false_alarms_and_later_scenes_never_weaken_a_shape(what):
    rates = (0.0, 0.01, 0.5, 20.0)
    scores = [real(what, rate, 0) for rate in rates]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert all(real(what, rate, 1) >= real(what, rate, 0) for rate in rates)
    assert real(what, None, 0) < real(what, 0.01, 0)


def test_a_shape_far_from_the_line_or_at_an_unknown_distance_is_a_band_weaker():
    assert [band(0.95, metres) for metres in (0.0, 5_000.0, 5_001.0, None)] == [
        *("certain", "certain", "likely", "likely")
    ]
    assert band(0.0, None) == "unlikely"


def test_every_band_of_every_rule_has_a_row_in_the_weight_table():
    table = load().hypotheses["unlawful-crossing"].bits
    for rule in desk.RULES.values():
        bits = [table[rule, name] for _, name in desk.BANDS]
        assert bits == sorted(bits, reverse=True)
        assert bits[0] <= 2.5  # a place to look at is never enough by itself
