"""Extended squitters from bytes: fields and places beside pyModeS, and beside what was encoded."""

from math import asin, degrees
from random import Random

import numpy as np
import pyModeS
import pytest
from benchmarks.surveillance.decoding_oracles import adsb_differences, of_pymodes, of_said
from hypothesis import given, settings
from hypothesis import strategies as st
from pyModeS.position._cpr import airborne_position_pair, surface_position_pair
from tests.formats.adsb import TIME, flight, random_messages
from tests.thorough import draws

from watchfloor.formats.sensors.adsb import cpr, encode
from watchfloor.formats.sensors.adsb.decode import Decoded, columns, decode, message_fields
from watchfloor.formats.sensors.adsb.mode_s import (
    DAMAGED,
    DIGITS,
    LONG,
    MESSAGE,
    NO_MESSAGE,
    OTHER,
    Frames,
    of_lines,
)
from watchfloor.formats.sensors.adsb.tables import ALTITUDE, MOVEMENT
from watchfloor.formats.sensors.adsb.traffic import (
    AGE,
    AMBIGUOUS,
    CROWDED,
    DOUBTFUL,
    EMITTER,
    GEOMETRIC,
    LATITUDE,
    LONGITUDE,
    MISFIT,
    NAC,
    NO_PARTNER,
    PAUSE,
    PLACED,
    SPEED,
    Traffic,
)
from watchfloor.formats.sensors.wires.lines import lines

SECOND = 1_000_000


def _frames(messages: list[bytes]) -> Frames:
    told = lines("".join(encode.avr(one) + "\n" for one in messages).encode(), 1, None)
    return of_lines(told.data, told.starts, told.ends)


def _decode(
    told: list[tuple[int, bytes]], traffic: Traffic | None = None, receiver: tuple[float, float] | None = None
) -> Decoded:
    time = np.array([at for at, _ in told], np.int64)
    return decode(_frames([data for _, data in told]), time, traffic or Traffic(), receiver)


def _position(
    at: float, latitude: float, longitude: float, *, odd: bool, address: int = 1
) -> tuple[int, bytes]:
    body = encode.airborne(latitude, longitude, 5_000, odd=odd)
    return TIME + round(at * SECOND), encode.message(address, body)


def _surface(
    at: float, latitude: float, longitude: float, *, odd: bool, movement: int = 0
) -> tuple[int, bytes]:
    body = encode.surface(latitude, longitude, odd=odd, movement=movement)
    return TIME + round(at * SECOND), encode.message(1, body)


def _places(decoded: Decoded) -> list[tuple[float, float] | None]:
    pairs = zip(decoded.given[LATITUDE].tolist(), decoded.given[LONGITUDE].tolist(), strict=True)
    return [None if north != north else (north, east) for north, east in pairs]


@pytest.mark.parametrize("seed", range(3))
def test_fields_of_any_bits_are_those_of_pymodes(seed):
    messages = random_messages(seed, 700)
    frames = _frames(messages)
    told = message_fields(frames)
    assert len(frames.at) == len(messages)
    fields = wrong = 0
    for i, message in enumerate(messages):
        theirs = of_pymodes(pyModeS.decode(message.hex()))
        fields += len(theirs)
        wrong += sum(1 for _ in adsb_differences(of_said(told, i), theirs))
    assert fields > 2_000
    assert wrong == 0


def test_places_are_those_of_pymodes():
    told = [
        (at, data)
        for draw in map(Random, range(12))
        for at, data, _ in flight(
            draw.randrange(1, 1 << 24),
            draw.uniform(-85, 85),
            draw.uniform(-180, 180),
            course=draw.randrange(360),
        )
    ]
    decoded = _decode(told)
    places = _places(decoded)
    placed = [(data, place) for (_, data), place in zip(told, places, strict=True) if place]
    assert len(placed) >= 12 * 38
    for data, (north, east) in placed:  # each report, with a reference that is 40 km off
        theirs = pyModeS.decode(data.hex(), reference=(north + 0.3, east))
        assert theirs["latitude"] == pytest.approx(north, abs=1e-9)
        assert (theirs["longitude"] - east + 180) % 360 == pytest.approx(180, abs=1e-9)


@settings(max_examples=draws(200), deadline=None)
@given(st.floats(-1, 1), st.floats(-180, 179.99), st.booleans())
def test_a_pair_gives_the_place_that_was_encoded(sine, longitude, odd):
    latitude = degrees(asin(sine))
    even_y, even_x = encode.cpr(latitude, longitude, odd=False)
    odd_y, odd_x = encode.cpr(latitude, longitude, odd=True)
    north, east = cpr.together(even_y, even_x, odd_y, odd_x, int(odd), False, 0.0)
    theirs = airborne_position_pair(even_y, even_x, odd_y, odd_x, even_is_newer=not odd)
    if north != north:
        assert theirs is None
        return
    assert cpr.distance(north, east, latitude, longitude) < 10
    assert (north, (east + 180) % 360) == pytest.approx((theirs[0], (theirs[1] + 180) % 360), abs=1e-9)


@settings(max_examples=draws(200), deadline=None)
@given(st.floats(-80, 80), st.floats(-179.9, 179.9), st.booleans(), st.tuples(*[st.floats(-0.5, 0.5)] * 2))
def test_a_pair_on_the_ground_is_placed_by_a_reference(latitude, longitude, odd, by):
    even_y, even_x = encode.cpr(latitude, longitude, odd=False, surface=True)
    odd_y, odd_x = encode.cpr(latitude, longitude, odd=True, surface=True)
    at = (latitude + by[0], longitude + by[1])
    north, east = cpr.together(even_y, even_x, odd_y, odd_x, int(odd), True, at[0])
    theirs = surface_position_pair(
        even_y, even_x, odd_y, odd_x, lat_ref=at[0], lon_ref=at[1], even_is_newer=not odd
    )
    if north != north:
        assert theirs is None
        return
    east = cpr.quarter(east, at[1])
    assert cpr.distance(north, east, latitude, longitude) < 3
    assert (north, (east + 180) % 360) == pytest.approx((theirs[0], (theirs[1] + 180) % 360), abs=1e-9)


@settings(max_examples=draws(100), deadline=None)
@given(st.floats(-89, 89), st.floats(-180, 179.99), st.booleans(), st.floats(-1.4, 1.4))
def test_one_report_near_a_reference_gives_its_place(latitude, longitude, odd, by):
    y, x = encode.cpr(latitude, longitude, odd=odd)
    found = cpr.near(y, x, int(odd), False, min(max(latitude + by, -90), 90), longitude)
    assert cpr.distance(*found, latitude, longitude) < 10


def test_the_published_example():
    """The pair that ICAO's guidance material and its textbooks work through."""
    told = [(TIME, bytes.fromhex("8D40621D58C386435CC412692AD6"))]
    told.append((TIME + SECOND, bytes.fromhex("8D40621D58C382D690C8AC2863A7")))
    decoded = _decode(told)
    assert _places(decoded)[1] == pytest.approx((52.2572, 3.91937), abs=1e-4)
    assert decoded.said.altitude.tolist() == [38_000, 38_000]


@pytest.mark.parametrize(("apart", "placed"), [(9.9, True), (10.1, False), (-9.9, True), (-3600, False)])
def test_a_pair_in_the_air_is_at_most_ten_seconds_apart(apart, placed):
    decoded = _decode([_position(0, 44, -76, odd=False), _position(apart, 44, -76, odd=True)])
    assert decoded.how.tolist() == [NO_PARTNER, PLACED if placed else NO_PARTNER]


@pytest.mark.parametrize(
    ("apart", "movement", "placed"), [(49, 1, True), (51, 1, False), (24, 50, True), (26, 50, False)]
)
def test_a_pair_on_the_ground_may_be_older_where_it_is_slow(apart, movement, placed):
    told = [_surface(at, 44, -76, odd=at > 0, movement=movement) for at in (0, apart)]
    decoded = _decode(told, receiver=(44.2, -76.4))
    assert decoded.how.tolist()[1] == (PLACED if placed else NO_PARTNER)


def test_a_pair_on_the_ground_alone_is_ambiguous():
    told = [_surface(at, 44, -76, odd=at > 0) for at in (0, 1)]
    assert _decode(told).how.tolist() == [NO_PARTNER, AMBIGUOUS]


def test_an_aircraft_that_lands_is_placed_by_where_it_was():
    told = [
        _position(0, 44, -76, odd=False),
        _position(1, 44, -76, odd=True),
        _surface(60, 44.01, -76.02, odd=False),
    ]
    assert _places(_decode(told))[2] == pytest.approx((44.01, -76.02), abs=1e-4)


def test_a_place_before_counts_for_five_minutes():
    told = [_position(0, 44, -76, odd=False), _position(1, 44, -76, odd=True)]
    told += [_position(300, 44.5, -76, odd=True), _position(601, 45, -76, odd=True)]
    decoded = _decode(told)
    assert decoded.how.tolist() == [NO_PARTNER, PLACED, PLACED, NO_PARTNER]
    assert _places(decoded)[2] == pytest.approx((44.5, -76), abs=1e-4)


def test_two_aircraft_of_one_address_are_never_one_place_between_them():
    told = []
    for half in range(60):
        told.append(_position(half / 2, 44, -76, odd=half % 4 < 2))
        told.append(_position(half / 2 + 0.1, 45, -75, odd=half % 4 in (1, 2)))
    decoded = _decode(told)
    assert DOUBTFUL in decoded.how
    for place in _places(decoded)[20:]:
        assert place is None or min(abs(place[0] - 44), abs(place[0] - 45)) < 0.01


def test_a_wrong_place_is_given_up():
    traffic = Traffic()
    _decode([_position(0, 10, 10, odd=False), _position(1, 10, 10, odd=True)], traffic)
    told = [_position(20 + at, 50, 60, odd=at % 2 == 1) for at in range(8)]
    places = _places(_decode(told, traffic))
    assert places[-1] == pytest.approx((50, 60), abs=1e-4)


def test_a_pair_across_a_limit_of_zones_is_none():
    limit = float(cpr.LIMITS[10])
    told = [_position(0, limit - 0.0005, 20, odd=False), _position(1, limit + 0.0005, 20, odd=True)]
    assert _decode(told).how.tolist() == [NO_PARTNER, MISFIT]


def test_what_goes_with_a_position():
    told = [(at, data) for at, data, _ in flight(seconds=2, knots=300, course=90)]
    told.insert(0, (TIME - SECOND, encode.message(0xC0FFEE, encode.identity("CGXYZ", 0xB6))))
    told.insert(0, (TIME - SECOND, encode.message(0xC0FFEE, 31 << 51 | 2 << 13 | 9 << 8)))
    given = _decode(told).given
    at = 4  # the second position
    assert given[[SPEED, AGE, GEOMETRIC, NAC, EMITTER], at].tolist() == [300, 0.3, 300, 9, 0xB6]


def test_zones_and_codes_are_the_published_ones():
    assert [int(cpr.zones_of(latitude)) for latitude in (0, 10.4, 10.5, 87, 87.1, -90)] == [
        59,
        59,
        58,
        1,
        1,
        1,
    ]
    assert ALTITUDE[0b000000010000] == -1_000
    assert np.count_nonzero(~np.isnan(ALTITUDE)) == 2048 + 1280
    assert MOVEMENT[[1, 2, 8, 9, 39, 123, 124]].tolist() == [0, 0.125, 0.875, 1, 15, 170, 175]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("*8D4840D6202CC371C32CE0576098;", MESSAGE),
        ("*8d4840d6202cc371c32ce0576098;\r", MESSAGE),
        ("@0123456789AB8D4840D6202CC371C32CE0576098;", MESSAGE),
        ("<0123456789ABFF8D4840D6202CC371C32CE0576098;", MESSAGE),
        ("2026-07-14 09:30:00 *8D4840D6202CC371C32CE0576098;", MESSAGE),
        ("*8D4840D6202CC371C32CE0576098; 1790000000", MESSAGE),
        ('1790000000.5,"8D4840D6202CC371C32CE0576098","4840D6",4', MESSAGE),
        ("8D4840D6202CC371C32CE0576098", MESSAGE),
        ("*5D4840D6202CC3;", OTHER),
        ("*A000083E202CC371C31DE0AA1CCF;", OTHER),
        ("# a comment", OTHER),
        ("", 0),
        ("*8D4840D6202CC371C32CE0576099;", DAMAGED),
        ("*8D4840D7202CC371C32CE0576098;", DAMAGED),
        ("*8D4840D6202CC371C32CE05760;", DIGITS),
        ("*8D4840D6202CC371C32CE057609G;", DIGITS),
        ("*8D4840D6202CC371C32CE0576098", MESSAGE),
        ("*", NO_MESSAGE),
        ("nothing", NO_MESSAGE),
        ("x" * 5_000, LONG),
    ],
)
def test_each_line_is_accounted_for(line, code):
    told = lines((line + "\n").encode(), 1, None)
    assert of_lines(told.data, told.starts, told.ends).codes.tolist() == [code]


def test_every_single_bit_is_checked():
    (message,) = random_messages(1, 1)
    for bit in range(112):
        flipped = bytearray(message)
        flipped[bit // 8] ^= 128 >> bit % 8
        assert len(_frames([bytes(flipped)]).at) == 0


@settings(max_examples=draws(30), deadline=None)
@given(st.integers(0, 100), st.lists(st.integers(0, 200), max_size=8))
def test_it_does_not_matter_how_a_stream_is_cut(seed, cuts):
    draw = Random(seed)
    told = [(at, data) for a in range(1, 4) for at, data, _ in flight(a, 44 + a, seconds=10)]
    told.sort(key=lambda one: one[0] + draw.randrange(2_000_000))
    told += [(TIME + draw.randrange(60) * SECOND, data) for data in random_messages(seed, 40)]
    whole = columns(_decode(told))
    traffic, parts = Traffic(), []
    ends = sorted(min(cut, len(told)) for cut in cuts)
    for a, b in zip([0, *ends], [*ends, len(told)], strict=True):
        traffic = Traffic.thaw(traffic.freeze(), traffic.closed)
        parts += columns(_decode(told[a:b], traffic)).to_pylist()
    assert parts == whole.to_pylist()


def test_a_flood_of_addresses_is_bounded(monkeypatch):
    monkeypatch.setattr("watchfloor.formats.sensors.adsb.traffic.MOST", 512)
    flood = [_position(i / 1e6, 44, -76, odd=False, address=i + 1) for i in range(1_000)]
    traffic = Traffic()
    decoded = _decode(flood, traffic)
    assert traffic.used == 256
    assert traffic.closed == PAUSE - 744
    assert decoded.how.tolist() == [NO_PARTNER] * 256 + [CROWDED] * 744
    traffic.closed = 0
    later = [_position(700 + i, 44, -76, odd=i == 1, address=5_000) for i in range(2)]
    assert _decode(later, traffic).how.tolist() == [NO_PARTNER, PLACED]
    assert traffic.used == 1
