"""Tracks of patrols: coverage that counts each minute once, and refusals of what was not flown so."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.coverage.test_shown import KEEPER, POLICY
from tests.planning.test_cueing import keep, key, legs
from tests.planning.world import HIDDEN, LATITUDE, LONGITUDE, NOW, OPEN, asset, north_of
from tests.refusals import refused

import watchfloor
from watchfloor.casework.tasking.assets import read
from watchfloor.planning.coverage import flown_tracks
from watchfloor.planning.coverage.estimate import coverage_of
from watchfloor.planning.coverage.flown_tracks import Point
from watchfloor.planning.patrols import risk
from watchfloor.store import Floor

DRONE = "speed_m_s = 20\nready_s = 300\nendurance_s = 5400"
BEGINS = datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.fixture
def floor(tmp_path, monkeypatch):
    made = Floor.create(tmp_path / "floor", KEEPER, ceiling="PC")
    (made.root / "policy.toml").write_text(POLICY, "utf-8")
    (made.root / "assets.toml").write_text(
        asset("drone", "drone", reach=3_000, more=DRONE) + asset("tower"), "utf-8"
    )
    monkeypatch.setattr(Floor, "now", lambda _: NOW)
    return made


def written(path, *points):
    rows = "".join(
        f'<trkpt lat="{latitude}" lon="{longitude}"><time>{at:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        for latitude, longitude, at in points
    )
    space = "http://www.topografix.com/GPX/1/1"
    path.write_text(f'<gpx version="1.1" xmlns="{space}"><trk><trkseg>{rows}</trkseg></trk></gpx>', "utf-8")
    return path


def patrol(minutes, after=0, step=30, speed=15.0):
    """Points to and fro along the line for so many minutes."""
    degree = 111_200 * 0.656
    for second in range(after * 60, (after + minutes) * 60 + 1, step):
        along = abs((second * speed) % 16_000 - 8_000) - 4_000
        yield LATITUDE, LONGITUDE + along / degree, BEGINS + timedelta(seconds=second)


def flown(floor, user="keeper", **asked):
    opened = watchfloor.open(floor.root, purpose="watch", authority=KEEPER.authority, user=user)
    return opened.flown_tracks.flown(**{"asset": "drone"} | asked)


def seen(floor, user="keeper"):
    found = coverage_of(floor, floor.reader(user, "watch"), BEGINS - timedelta(hours=1), 4)
    return found.table.parts.get("drone"), found


def test_a_flown_patrol_is_coverage_and_lowers_the_risk_where_it_was(floor, tmp_path, monkeypatch):
    answer = flown(floor, file=written(tmp_path / "a.gpx", *patrol(60)), crew="air-1")
    assert (answer.minutes, answer.again, answer.crew) == (60, 0, "air-1")
    assert answer.km == pytest.approx(54, rel=0.05)
    assert answer.records == pytest.approx(54_000 / 1_800, abs=2)
    part, _ = seen(floor)
    assert set(part.hour) == {1}
    assert {1_496, 1_500, 1_504} <= set(part.km.tolist())
    assert len(set(part.km.tolist())) <= answer.line_km + 2
    hazard = risk.risk_of(floor, floor.reader("keeper", "watch"))
    assert hazard.exposure.sum() > 0


def test_two_tracks_of_one_patrol_count_once(floor, tmp_path):
    one = written(tmp_path / "a.gpx", *patrol(40))
    flown(floor, file=one, crew="air-1")
    alone = seen(floor)[0]
    again = flown(floor, file=one, crew="air-1")
    assert again.again == 40
    assert (seen(floor)[0].chance == alone.chance).all(), "the same track, sent twice"
    changed = flown(floor, file=written(tmp_path / "b.gpx", *patrol(40, after=20)), crew="air-2")
    assert changed.again == 20
    both = seen(floor)[0]
    whole = Floor.create(tmp_path / "other", KEEPER, ceiling="PC")
    for name in ("policy.toml", "assets.toml"):
        (whole.root / name).write_bytes((floor.root / name).read_bytes())
    flown(whole, file=written(tmp_path / "c.gpx", *patrol(60)))
    once = seen(whole)[0]
    assert both.chance.sum() == pytest.approx(once.chance.sum(), rel=0.05)
    assert both.chance.max() <= 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 1200), st.floats(-300, 300)), min_size=2, max_size=40))
def test_legs_cover_the_time_of_a_track_but_its_gaps_and_nothing_twice(steps):
    drone = read(asset("drone", "drone", reach=3_000, more=DRONE), "assets.toml").assets["drone"]
    points, at, north = [Point(LATITUDE, LONGITUDE, BEGINS)], BEGINS, 0.0
    for seconds, metres in steps:
        at, north = at + timedelta(seconds=seconds), north + metres
        points.append(Point(north_of(north), LONGITUDE, at))
    parts = list(flown_tracks.legs(points, drone))
    expected = sum(seconds for seconds, _ in steps if seconds < 600)
    assert sum((one.ends - one.begins).total_seconds() for one in parts) == expected
    for first, second in pairwise(parts):
        assert first.ends <= second.begins
    for one in parts:
        assert one.length <= 1_500 + 300


def test_a_track_of_the_map_is_kept_by_who_may_know_of_it(floor):
    times = [
        legs((1, along, 0.0, 0.0, OPEN), ago=timedelta(minutes=20 - along / 300)) for along in (0, 900, 1800)
    ]

    keep(floor, KEEPER, pa.concat_tables(times))
    answer = flown(floor, track=key(1))
    assert answer.minutes == 6
    refused("coverage.flown-no-track", flown, floor, track=key(2))


def test_what_was_not_flown_so_is_refused(floor, tmp_path):
    refused("coverage.flown-one", flown, floor)
    good = written(tmp_path / "good.gpx", *patrol(10))
    refused("coverage.flown-one", flown, floor, file=good, track=key(1))
    refused("coverage.flown-no-asset", flown, floor, file=good, asset="plane")
    refused("coverage.flown-stays", flown, floor, file=good, asset="tower")
    one = written(tmp_path / "one.gpx", (49, -97, BEGINS))
    refused("coverage.flown-few", flown, floor, file=one)
    refused("coverage.flown-few", flown, floor, file=written(tmp_path / "none.gpx"))
    late = written(tmp_path / "late.gpx", *((49, -97, NOW + timedelta(minutes=at)) for at in range(3)))
    refused("coverage.flown-future", flown, floor, file=late)
    for stamp in ("2026-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):  # no moment of UTC
        text = f'<gpx><trkpt lat="1" lon="2"><time>{stamp}</time></trkpt></gpx>'
        (tmp_path / "old.gpx").write_text(text, "utf-8")
        refused("coverage.flown-long-ago", flown, floor, file=tmp_path / "old.gpx")
    fast = written(tmp_path / "fast.gpx", *patrol(10, speed=60))
    assert refused("coverage.flown-too-fast", flown, floor, file=fast)["most"] == 30
    for text in ("", "<gpx>", '<gpx><trkpt lat="1" lon="2"/></gpx>', '<!DOCTYPE a [<!ENTITY b "c">]><gpx/>'):
        (tmp_path / "bad.gpx").write_text(text, "utf-8")
        refused("coverage.flown-unreadable", flown, floor, file=tmp_path / "bad.gpx")
    for stamp in ("soon", "2026-02-01T12:00:00"):
        text = f'<gpx><trkpt lat="1" lon="2"><time>{stamp}</time></trkpt></gpx>'
        (tmp_path / "bad.gpx").write_text(text, "utf-8")
        refused("coverage.flown-unreadable", flown, floor, file=tmp_path / "bad.gpx")
    assert seen(floor)[0] is None


def test_a_hidden_asset_has_no_track_for_who_may_not_know_of_it(floor, tmp_path):
    text = asset("drone", "drone", reach=3_000, more=f'{DRONE}\nmarking = "{HIDDEN}"')
    (floor.root / "assets.toml").write_text(text, "utf-8")
    good = written(tmp_path / "a.gpx", *patrol(10))
    told = refused("coverage.flown-no-asset", flown, floor, "officer", file=good)
    none = refused("coverage.flown-no-asset", flown, floor, "officer", file=good, asset="plane")
    assert told["assets"] == none["assets"] == "–"
    assert flown(floor, file=good).marking == HIDDEN
    assert seen(floor, "officer")[0] is None
