"""Aircraft, ports of entry, drop and pick-up, and local traffic."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from tests.desks.surveillance.events.worlds import (
    AIRCRAFT,
    ANIMAL,
    BOAT,
    LINE,
    PERSON,
    START,
    VEHICLE,
    merged,
    net,
    path,
    weather,
)

from watchfloor.desks.surveillance import events
from watchfloor.desks.surveillance.events import ports, traffic
from watchfloor.reference import surroundings


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def told(refs, points, *rules, sky=None):
    state = events.begin(refs)
    if sky is not None:
        events.weather(state, sky)
    return [one for one in events.fold_points(state, points) if one.rule in rules]


T = START + np.arange(0, 600, 10.0)


def flight(height, speed=40.0, **columns):
    return path(1, T, 1000.0, speed * (T - START), klass=AIRCRAFT, height=height, **columns)


def test_low_and_slow(refs):
    (one,) = told(refs, flight(80.0), "low-slow-aircraft")
    assert one.at == START + 60
    assert one.strength == "likely"
    assert one.why.message.startswith("surveillance.low-slow.")
    assert f"{one.why.params['knots']} {one.why.params['height']}" == "78 80"
    (unknown,) = told(refs, flight(np.nan), "low-slow-aircraft")
    assert unknown.score < one.score
    assert told(refs, flight(np.nan, claimed=5), "low-slow-aircraft")[0].strength == "unlikely"
    assert not told(refs, flight(400.0), "low-slow-aircraft")
    assert not told(refs, flight(80.0, speed=90.0), "low-slow-aircraft")
    field = events.Places(np.array([LINE]), np.array([-110.0]), np.array([30_000.0]))
    assert not told(refs._replace(aerodromes=field), flight(80.0), "low-slow-aircraft")


def test_a_landing_off_an_aerodrome(refs):
    far = events.Places(np.array([LINE]), np.array([-111.0]), np.array([1_000.0]))
    east = 40.0 * np.minimum(T - START, 300)
    points = path(1, T, 1000.0, east, klass=AIRCRAFT, height=np.where(T < START + 300, 200.0, 2.0))
    (one,) = told(refs._replace(aerodromes=far), points, "off-aerodrome-landing")
    assert START + 320 <= one.at <= START + 350
    assert one.strength == "likely"
    here = events.Places(np.array([LINE]), np.array([-109.84]), np.array([1_000.0]))
    assert not told(refs._replace(aerodromes=here), points, "off-aerodrome-landing")
    assert not told(refs, points, "off-aerodrome-landing")


PORT = pa.table(
    {
        "name": ["Monchy"],
        "latitude": [LINE],
        "longitude": [-110.0],
        "opens": [9 * 60],
        "closes": [17 * 60],
        "zone": ["America/Regina"],
    }
)


@pytest.mark.parametrize(
    ("opens", "closes", "zone", "when", "shut"),
    [
        (540, 1020, "America/Regina", "2026-01-01 08:59", True),
        (540, 1020, "America/Regina", "2026-01-01 09:00", False),
        (540, 1020, "America/Regina", "2026-07-01 17:00", True),
        (540, 1020, "America/Toronto", "2026-07-01 09:01", False),  # in summer time
        (480, 120, "America/Toronto", "2026-07-01 01:59", False),  # past midnight
        (480, 120, "America/Toronto", "2026-07-01 03:00", True),
        (0, 0, "America/Toronto", "2026-07-01 03:00", False),  # it never closes
    ],
)
def test_a_port_is_closed_by_its_own_clock(opens, closes, zone, when, shut):
    table = PORT.set_column(3, "opens", [[opens]]).set_column(4, "closes", [[closes]])
    one = events.ports_of_entry(table.set_column(5, "zone", [[zone]]))
    t = datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)).timestamp()
    assert ports.closed(one, np.array([0]), np.array([t]))[0] == shut


def test_an_approach_out_of_hours(refs):
    known = refs._replace(ports=events.ports_of_entry(PORT))
    points = path(1, T, 3000 - 10 * (T - START), 0.0, klass=VEHICLE)  # six in the evening in Regina
    (one,) = told(known, points, "port-out-of-hours")
    assert "Monchy" in str(one.why)
    assert one.at == pytest.approx(START + 240, abs=10)
    noon = points._replace(t=points.t + 18 * 3600)
    assert not told(known, noon, "port-out-of-hours")
    assert not told(refs, points, "port-out-of-hours")


def test_the_surroundings_of_a_floor_are_what_the_rules_look_up(refs):
    said = {
        "what": "port-of-entry",
        "name": "Monchy",
        "opens": "09:00",
        "closes": "17:00",
        "zone": "America/Regina",
    }
    ring = [[-111, 48], [-109, 48], [-109, 48.9], [-111, 48]]
    around = surroundings.parse(
        json.dumps(
            {
                "features": [
                    {"geometry": {"type": "Point", "coordinates": [-110.0, LINE]}, "properties": said},
                    {
                        "geometry": {"type": "Point", "coordinates": [-110.0, LINE]},
                        "properties": {"what": "harbour"},
                    },
                    {"geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"what": "water"}},
                ]
            }
        ).encode()
    )
    known = events.references(refs.line, around)
    assert known.harbours.radius.tolist() == [200.0]
    assert known.lands is None
    assert known.waters is not None
    points = path(1, T, 3000 - 10 * (T - START), 0.0, klass=VEHICLE)
    (one,) = told(known, points, "port-out-of-hours")
    assert "Monchy" in str(one.why)
    assert events.references(refs.line) == refs


def visit(track, start, side, klass=PERSON, east=0.0):
    """Somebody comes from 600 m on one side of a place near the line, stops for two minutes and goes back."""
    t = start + np.arange(0, 1000, 10.0)
    away = np.maximum(400 - (t - start), 0) + np.maximum(t - start - 520, 0)
    return path(track, t, 30 + side * 1.5 * away, east, klass=klass)


def test_drop_and_pick_up(refs):
    both = merged(visit(1, START, 1), visit(2, START + 1800, -1))
    (one,) = told(refs, both, "drop-and-pick-up")
    assert one.tracks == (2, 1)
    assert one.strength == "possible"
    assert one.at == pytest.approx(START + 1800 + 430, abs=30)
    same = merged(visit(1, START, 1), visit(2, START + 1800, 1))
    assert told(refs, same, "drop-and-pick-up")[0].strength == "unlikely"
    assert not told(refs, merged(visit(1, START, 1), visit(2, START + 5400, -1)), "drop-and-pick-up")
    assert not told(
        refs, merged(visit(1, START, 1), visit(2, START + 1800, -1, east=120.0)), "drop-and-pick-up"
    )
    assert not told(
        refs, merged(visit(1, START, 1), visit(2, START + 100, -1)), "drop-and-pick-up"
    )  # they meet


def test_boats_that_lie_together_drop_nothing(refs):
    """Each drifts, and the radar errs: neither has left by thirty metres."""
    t = START + np.arange(0, 1500, 10.0)
    random = np.random.default_rng(4)
    comes = np.maximum(0, 400 - (t - START)) * 4
    two = [
        path(n, t, side * comes + random.normal(0, 25, len(t)), 0.2 * (t - START), klass=BOAT)
        for n, side in ((1, 1), (2, -1))
    ]
    still = [one._replace(velocity=np.where(comes[:, None] > 0, one.velocity, 0.2)) for one in two]
    assert not told(refs, merged(*still), "drop-and-pick-up")


def test_animals_and_weather_take_strength(refs):
    walk = {"north": 300 - (T - START), "east": 0.0}
    plain = net(told(refs, path(1, T, **walk, klass=PERSON), "border-crossing"))[0]
    deer = net(told(refs, path(1, T, **walk, klass=ANIMAL), "border-crossing"))[0]
    snow = weather(wind_speed=14.0, precipitation="snow", visibility=500.0)
    storm = net(told(refs, path(1, T, **walk, klass=PERSON), "border-crossing", sky=snow))[0]
    assert (plain.strength, storm.strength, deer.strength) == ("certain", "possible", "unlikely")
    assert storm.score == pytest.approx(plain.score * 0.8**3)


def train(track, t0, klass=VEHICLE):
    t = t0 + np.arange(0, 200, 10.0)
    return path(track, t, 1500 - 15.0 * (t - t0), 0.0, klass=klass)


def test_what_passes_every_hour_loses_strength(refs):
    """A train an hour for three days; then a walker at the same place, who is as strong as before."""
    passes = [train(n, START + 3600 * n) for n in range(72)]
    every = net(told(refs, merged(*passes), "border-crossing"))
    score = {one.tracks[0]: one.score for one in every}
    assert len(score) == 72
    assert score[0] == pytest.approx(score[1], abs=0.35)
    assert score[71] < 0.5 * score[0]
    walker = merged(
        *passes,
        path(
            99, START + 72 * 3600 + np.arange(0, 600, 10.0), 300 - np.arange(0, 600, 10.0), 0.0, klass=PERSON
        ),
    )
    (one,) = [each for each in net(told(refs, walker, "border-crossing")) if each.tracks == (99,)]
    assert one.strength == "certain"


def test_what_is_no_longer_seen_is_forgotten(refs):
    state = events.begin(refs)
    events.fold_points(state, merged(*(train(n, START + 3600 * n) for n in range(48))))
    learned = state.traffic.count
    assert learned > 100
    events.fold_points(state, train(100, START + 400 * 86_400.0))
    assert state.traffic.count < learned / 2
    assert traffic.MOST * traffic.CELLS.itemsize < 50e6


def test_a_track_is_not_its_own_traffic(refs):
    t = START + np.arange(0, 5400, 10.0)
    back_and_forth = path(1, t, 800 * np.cos((t - START) / 300), 0.0, klass=PERSON)
    scores = [one.score for one in net(told(refs, back_and_forth, "border-crossing"))]
    assert len(scores) > 4
    assert min(scores) > 0.95
