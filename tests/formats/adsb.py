"""Extended squitters for tests: of any bits, and of aircraft that fly straight."""

from math import cos, radians, sin
from random import Random

from watchfloor.formats.sensors.adsb import encode

TIME = 1_790_000_000_000_000
"""Microseconds since 1970."""
TYPES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 18, 19, 19, 19, 20, 21, 22, 28, 29, 31)
SUBTYPES = {19: (0, 1, 2, 3, 4, 5), 28: (0, 1, 1, 2), 29: (0, 2, 3), 31: (0, 1, 2)}


def random_body(draw: Random) -> int:
    """56 bits of a message of a type that is read, each field of any value."""
    kind = draw.choice(TYPES)
    body = kind << 51 | draw.getrandbits(51)
    if kind in SUBTYPES:
        body = body & ~(7 << 48) | draw.choice(SUBTYPES[kind]) << 48
    return body


def random_messages(seed: int, count: int) -> list[bytes]:
    draw = Random(seed)
    return [encode.message(draw.randrange(1, 0xFFFFFF), random_body(draw)) for _ in range(count)]


def flight(
    address: int = 0xC0FFEE,
    latitude: float = 44.0,
    longitude: float = -76.5,
    knots: float = 400,
    course: float = 70,
    seconds: int = 20,
    feet: float = 31_000,
) -> list[tuple[int, bytes, tuple[float, float]]]:
    """Time, message and true place of an aircraft: two positions and two velocities a second."""
    found = []
    for half in range(2 * seconds):
        run = knots * 1852 / 3600 * half / 2 / 111_120
        north = latitude + run * cos(radians(course))
        east = longitude + run * sin(radians(course)) / cos(radians(north))
        east = (east + 180) % 360 - 180
        at = TIME + 500_000 * half
        body = encode.airborne(north, east, feet, odd=half % 2 == 1)
        found.append((at, encode.message(address, body), (north, east)))
        body = encode.velocity(knots, course, 640, 300)
        found.append((at + 200_000, encode.message(address, body), (north, east)))
    return found


def log(messages: list[tuple[int, bytes, tuple[float, float]]]) -> bytes:
    """A file of lines behind their times."""
    return "".join(encode.avr(data, f"{at / 1e6:.6f}") + "\n" for at, data, _ in messages).encode()
