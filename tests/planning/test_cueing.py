"""What one reader is told to send, from his part of tracks, signals, assets and tasks; and sending it."""

from datetime import timedelta

import numpy as np
import pytest
from lxml import etree
from tests.planning.world import HIDDEN, NOW, OPEN, asset, east_of, endangered, keep, key, legs, north_of
from tests.refusals import because

from watchfloor.casework.tasking import assets, ordering, tasks, units
from watchfloor.casework.tasking.legs import Leg, Order
from watchfloor.cell.acts import Refusal, read, write
from watchfloor.core.kinds import TASK
from watchfloor.core.messages import Reason
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient.ids import node_of
from watchfloor.formats.sensors.sapient.schema import SCHEMA
from watchfloor.formats.settings import SettingsError
from watchfloor.planning import current_targets, sending
from watchfloor.planning.cue_sentences import sentences
from watchfloor.planning.cueing import advise
from watchfloor.reference import border
from watchfloor.run import published
from watchfloor.run.published import Header
from watchfloor.store import Actor, Floor

KEEPER = Actor("keeper", "watch", "RCMP Act s. 18")
POLICY = """[readers.keeper]
protected = "PC"
[readers.officer]
protected = "PB"
"""
LAW = "RCMP Act s. 18"
NEARS = (1, 0, 900, -1.2, OPEN)
STAYS = (2, 1500, 4000, 0.0, OPEN)


@pytest.fixture
def floor(tmp_path):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    (made.root / "assets.toml").write_text(asset("tower") + asset("east", north=500.0), "utf-8")
    return made


def advised(floor, name="keeper", now=NOW):
    return advise(floor, floor.reader(name, "watch"), now)


def why_none(advice):
    assert advice.cues == ()
    return advice.why_none


def test_cues_come_from_the_tracks_of_the_kept_run(floor):
    keep(floor, KEEPER, legs(NEARS, STAYS))
    found = advised(floor)
    assert [one.track for one in found.cues] == [key(1)] + [key(2)] * (len(found.cues) - 1)
    (first, *_) = found.cues
    assert first.bits > 0.5
    assert (first.deadline - NOW).total_seconds() == pytest.approx((900 - 12) / 1.2, rel=0.01)
    assert found.classes[key(1)] == "person"


def test_a_radar_or_ground_sensor_is_not_sent(floor):
    fixed = asset("radar", kind="radar", more="") + asset("mat", kind="ground-sensor", more="")
    (floor.root / "assets.toml").write_text(fixed, "utf-8")
    keep(floor, KEEPER, legs(NEARS, STAYS))
    assert why_none(advised(floor)).message == "planning.no-assets"


@pytest.mark.parametrize("wrong", ["mast_m = -1", "mast_m = inf", "field_deg = 0", "field_deg = nan"])
def test_a_mast_or_field_that_cannot_be_is_refused(wrong):
    with pytest.raises(SettingsError, match=wrong.split()[0]):
        assets.read(asset("tower", more=wrong), "assets.toml")


def test_two_assets_of_one_name_are_refused():
    with pytest.raises(SettingsError, match="tower"):
        assets.read(asset("tower") + asset("tower"), "assets.toml")


def test_of_the_live_floor_the_tracks_of_now_count(floor):
    keep(floor, KEEPER, legs(STAYS))
    published.index(floor.root, [OPEN], [""])
    published.write(floor.root, "", "surveillance.track", legs(NEARS), Header(NOW.timestamp(), 1, 1))
    published.write(floor.root, "", "surveillance.signal", endangered(1), Header(NOW.timestamp(), 1, 1))
    found = advised(floor)
    assert {one.track for one in found.cues} == {key(1)}
    assert found.cues[0].life
    later = advised(floor, now=NOW + timedelta(minutes=1))
    assert {one.track for one in later.cues} <= {key(2)}


def test_a_track_goes_on_from_where_it_was_last_and_less_surely():
    line, rows = border.load(), legs(NEARS, ago=timedelta(seconds=100))
    one = current_targets.targets(rows, line, NOW)
    assert one.latitude[0] == pytest.approx(north_of(900 - 120), abs=1e-7)
    assert one.longitude[0] == pytest.approx(east_of(0), abs=1e-9)
    assert one.spread[0] == pytest.approx((15**2 + 30**2) ** 0.5)
    assert one.until[0] == pytest.approx(780 / 1.2, rel=1e-3)
    risk = current_targets.targets(rows, line, NOW, {key(1)})
    assert (risk.life.tolist(), risk.until.tolist()) == ([True], [current_targets.LONGEST])


def test_a_life_at_risk_comes_first_and_for_an_hour(floor):
    keep(floor, KEEPER, legs(NEARS, STAYS), endangered(2))
    first = advised(floor).cues[0]
    assert (first.track, first.life) == (key(2), True)
    told = " ".join(sentences(first, advised(floor).fleet[first.asset], "person", NOW, "en"))
    assert "Life at risk: this goes before all else. Tell the rescue centre" in told
    late = legs(NEARS, STAYS, now=NOW + timedelta(hours=1))
    keep(floor, KEEPER, late, endangered(2))
    assert not any(one.life for one in advised(floor, now=NOW + timedelta(hours=1)).cues)


def test_a_reader_is_told_what_he_may_see_of_tracks_and_of_assets(floor):
    hidden = (3, 200, 700, -1.0, HIDDEN)
    with floor.writer(KEEPER) as writer:  # evidence of both markings: the two readers have two views
        for number, marking in enumerate((OPEN, HIDDEN)):
            told = ("task", "rcmp-operations", None, ("person:test:1",), "look", LAW, marking)
            row = tasks._row(f"t{number}", Order(*told), "issued", 1, "keeper", NOW, None)
            write(writer, TASK, row)
    position = floor.position
    view = floor.view(floor.reader("officer", "watch"), position)
    assert view
    keep(floor, KEEPER, legs(NEARS, STAYS, hidden), position=position)
    keep(floor, KEEPER, legs(NEARS, STAYS), view=view, position=position)
    (floor.root / "assets.toml").write_text(
        asset("tower") + asset("secret", more=f'slew_deg_s = 30\nmarking = "{HIDDEN}"'), "utf-8"
    )
    assert {one.track for one in advised(floor).cues} == {key(1), key(3)}
    mine = advised(floor, "officer")
    assert {one.track for one in mine.cues} == {key(1)}
    assert mine.fleet.keys() == {"tower"}


def test_an_asset_with_an_open_task_is_busy_and_its_track_is_covered(floor):
    keep(floor, KEEPER, legs(NEARS))
    found = advised(floor)
    assert len(found.cues) == 1
    sent = _sent(floor, found, found.cues[0])
    assert why_none(advised(floor)) == Reason("planning.all-covered", {"count": 1})
    keep(floor, KEEPER, legs(NEARS, STAYS), endangered(1))
    again = advised(floor)  # who went did not know that a life is at risk
    assert (again.cues[0].track, again.cues[0].life) == (key(1), True)
    assert found.cues[0].asset not in {one.asset for one in again.cues}
    _sent(floor, again, again.cues[0])
    assert why_none(advised(floor)) == Reason("planning.all-busy", {"names": "east, tower"})
    assert sent.order.asset in {"east", "tower"}


def _sent(floor, advice, cue, legs_=(), joins=(), law=LAW):
    said = advice.classes[cue.track], advice.markings[cue.track], law, NOW, "en", legs_, joins
    asked = sending.asked(cue, advice.fleet[cue.asset], *said)
    with floor.writer(KEEPER) as writer:
        at = NOW + timedelta(milliseconds=floor.position)
        writer.moment = lambda: at
        reader = floor.reader("keeper", "watch")
        return ordering.give(floor, writer, reader, units.load(floor.root), asked).item


def test_nothing_to_do_says_why(floor):
    assert why_none(advised(floor)) == Reason("planning.no-tracks")
    keep(floor, KEEPER, legs(NEARS, ago=timedelta(hours=1)))
    late = {"minutes": 10, "count": 1, "newest": "2026-02-01 17:00:00Z"}
    assert why_none(advised(floor)) == Reason("planning.all-old", late)
    keep(floor, KEEPER, legs((1, 0, 90_000, 0.0, OPEN)))
    assert why_none(advised(floor)) == Reason("planning.nothing-learned", {"assets": 2, "count": 1})
    (floor.root / "assets.toml").write_text(asset("tower", unit="navy"), "utf-8")
    assert why_none(advised(floor)) == Reason("planning.no-units", {"names": "tower"})
    (floor.root / "assets.toml").unlink()
    assert why_none(advised(floor)) == Reason("planning.no-assets")


def test_the_same_floor_gives_the_same_cues(floor):
    keep(floor, KEEPER, legs(NEARS, STAYS, (3, 100, 500, -0.4, OPEN)))
    assert advised(floor).cues == advised(Floor.open(floor.root)).cues


def test_a_cue_becomes_a_task_and_two_messages(floor, tmp_path):
    (floor.root / "assets.toml").write_text(asset("tower", more='slew_deg_s = 30\nnode = "tower-7"'), "utf-8")
    keep(floor, KEEPER, legs(NEARS), endangered(1))
    advice = advised(floor)
    (cue,) = advice.cues
    task = _sent(floor, advice, cue)
    order = task.order
    assert (order.unit, order.asset, order.subjects) == ("rcmp-operations", "tower", (key(1),))
    assert (order.flags, order.deadline, order.marking) == (("life-at-risk",), cue.deadline, OPEN)
    assert order.place == pytest.approx((north_of(300), east_of(0), 0), abs=1e-5)
    files = sending.write(tmp_path / "out", floor.settings.id, task, cue, advice.fleet["tower"])
    event, message = (file.read_bytes() for file in files)
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == sorted(one.name for one in files)
    assert message[:4] == (len(message) - 4).to_bytes(4, "little")
    said = codec.decode(SCHEMA, message[4:])
    assert said["destination_id"] == node_of("tower-7")
    assert said["node_id"] == floor.settings.id
    (place,) = said["task"]["command"]["look_at"]["location_list"]["locations"]
    assert (place["y"], place["x"]) == pytest.approx((cue.latitude, cue.longitude))
    assert said["task"]["task_description"].startswith(f"{OPEN}: Point tower at {key(1)}")
    point = etree.fromstring(event).find("point")
    assert float(point.get("lat")) == pytest.approx(cue.latitude, abs=1e-7)
    again = sending.write(tmp_path / "out", floor.settings.id, task, cue, advice.fleet["tower"])
    assert [file.read_bytes() for file in again] == [event, message]


def test_what_moves_is_told_where_to_go_and_crosses_the_line_by_its_legs_alone(floor, tmp_path):
    boat = asset("heron", "boat", 2500.0, reach=300.0, more='speed_m_s = 15.0\njoint = true\nnode = "h"')
    (floor.root / "assets.toml").write_text(boat, "utf-8")
    keep(floor, KEEPER, legs((1, 0, -2500, 0.0, OPEN)))
    advice = advised(floor)
    (cue,) = advice.cues
    with pytest.raises(Refusal, check=because("cell.legs-beyond", host="USA")):
        _sent(floor, advice, cue)
    leg = Leg("USA", "water", None, None, None, "CBMLEO-17", "USA:Lt. Doe", "USA")
    task = _sent(floor, advice, cue, (leg,), ("rcmp-air",), "ICLEOA s. 12")
    assert task.order.joins == ("rcmp-air",)
    _, message = sending.write(tmp_path, floor.settings.id, task, cue, advice.fleet["heron"])
    said = codec.decode(SCHEMA, message.read_bytes()[4:])
    (place,) = said["task"]["command"]["move_to"]["locations"]
    assert (place["y"], place["x"]) == pytest.approx(cue.stand)
    assert [row["asset"] for row in read(floor, floor.reader("keeper", "watch"), TASK)] == ["heron"]


def test_numbers_that_say_nothing_send_nobody_astray():
    rows = legs(NEARS, STAYS, (3, 0, 500, -1.0, OPEN))
    place, wide, fast = (rows.schema.get_field_index(name) for name in ("latitude", "var_east", "v_north"))
    rows = rows.set_column(place, "latitude", [[rows["latitude"][0].as_py(), float("nan"), 49.0]])
    rows = rows.set_column(wide, "var_east", [[float("inf"), 1.0, float("nan")]])
    rows = rows.set_column(fast, "v_north", [[float("-inf"), 1.0, None]])
    left = current_targets.fresh(rows, NOW)
    assert left["track"].to_pylist() == [1, 3]
    for column in current_targets.targets(left, border.load(), NOW)[1:]:
        assert np.isfinite(column.astype(float)).all()
