"""Life at risk, the wind chill that decides it, and the weather at a place."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from tests.desks.surveillance.events.worlds import BOAT, LINE, PERSON, START, VEHICLE, net, path, weather

from watchfloor.desks.surveillance import events
from watchfloor.desks.surveillance.events import weather_lookup
from watchfloor.reference import polygons

T = START + np.arange(0, 3600, 10.0)


@pytest.fixture(scope="module")
def refs():
    return events.References(events.line.load())


def told(refs, points, *rows):
    state = events.begin(refs)
    for row in rows:
        events.weather(state, row)
    return [one for one in events.fold_points(state, points) if one.life_at_risk]


@pytest.mark.parametrize(
    ("air", "kmh", "index"),
    # the calculator's table of Environment and Climate Change Canada
    [(-10, 10, -15), (-20, 30, -33), (-30, 40, -48), (-40, 60, -64), (0, 20, -5), (-25, 5, -30)],
)
def test_wind_chill_is_that_of_the_published_table(air, kmh, index):
    assert weather_lookup.wind_chill(air, kmh / 3.6) == pytest.approx(index, abs=0.51)


def test_wind_chill_is_the_air_when_calm_and_continuous_at_5_kmh():
    assert weather_lookup.wind_chill(-20.0, 0.0) == -20
    assert weather_lookup.wind_chill(-20.0, np.nan) == -20
    assert weather_lookup.wind_chill(-20.0, 4.999 / 3.6) == pytest.approx(
        weather_lookup.wind_chill(-20.0, 5 / 3.6), abs=0.7
    )
    assert weather_lookup.wind_chill(5.0, 10.0) == 5


def test_a_walker_at_thirty_below(refs):
    walker = path(1, T, 100.0, T - START, klass=PERSON)
    every = told(refs, walker, weather(temperature=-22.0, wind_speed=5.0))
    (one,) = net(every)
    assert one.rule == "cold-exposure"
    assert one.life_at_risk
    assert every[0].at == START + 600
    assert every[0].strength == "likely"
    assert one.why.message == "surveillance.cold.person"
    (colder,) = net(told(refs, walker, weather(temperature=-40.0, wind_speed=5.0)))
    assert colder.strength == "certain"
    assert not told(refs, walker, weather(temperature=-15.0, wind_speed=5.0))
    assert not told(refs, walker)
    assert not told(refs, path(1, T, 100.0, T - START, klass=VEHICLE), weather(temperature=-40.0))


def test_weather_holds_where_and_while_it_says(refs):
    walker = path(1, T, 100.0, T - START, klass=PERSON)
    ended = datetime.fromtimestamp(START - 60, UTC)
    assert not told(refs, walker, weather(temperature=-40.0, until=ended))
    assert not told(refs, walker, weather(temperature=-40.0, latitude=51.0))
    assert told(refs, walker, weather(temperature=-40.0, latitude=51.0, radius=300_000.0))
    assert not told(
        refs, walker, weather(temperature=-40.0), weather(temperature=0.0)
    )  # the later one stands
    near = weather(temperature=0.0, station="near", longitude=-110.01)
    assert not told(refs, walker, weather(temperature=-40.0, longitude=-110.2), near)


def test_thin_ice(refs):
    walker = path(1, T, 100.0, T - START, klass=PERSON)
    (one,) = net(told(refs, walker, weather(ice=0.06)))
    assert one.rule == "thin-ice"
    assert one.strength == "possible"  # nobody says where the water is
    assert not told(refs, walker, weather(ice=0.15))
    assert not told(refs, walker, weather(ice=0.0))
    car = path(1, T, 100.0, T - START, klass=VEHICLE)
    assert "6 cm" in str(one.why)
    assert net(told(refs, car, weather(ice=0.15)))
    box = np.array([(-110.1, LINE - 0.1), (-109.9, LINE - 0.1), (-109.9, LINE + 0.1), (-110.1, LINE - 0.1)])
    waters = polygons.from_shapes([shapely.Polygon(box)], ({},))
    (sure,) = net(
        told(
            refs._replace(waters=waters),
            path(1, T, -2000.0, 0.1 * (T - START), klass=PERSON),
            weather(ice=0.06),
        )
    )
    assert sure.strength == "certain"
    dry = polygons.from_shapes([shapely.Polygon(box + 1)], ({},))
    assert not told(refs._replace(waters=dry), walker, weather(ice=0.06))


def test_a_boat_that_goes_with_the_wind(refs):
    wind = weather(wind_speed=10.0, wind_from=270.0)
    drifting = path(1, T, 1000.0, 0.4 * (T - START), klass=BOAT)
    every = told(refs, drifting, wind)
    (one,) = net(every)
    assert one.rule == "drifting-boat"
    assert every[0].at == START + 900
    assert not told(refs, path(1, T, 1000.0, -0.4 * (T - START), klass=BOAT), wind)  # against it
    assert not told(refs, path(1, T, 1000.0, 4.0 * (T - START), klass=BOAT), wind)  # under power
    assert not told(refs, path(1, T, 1000.0, 0.01 * (T - START), klass=BOAT), wind)  # at anchor
    assert not told(refs, drifting)
