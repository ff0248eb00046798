"""Extended squitters from what an aircraft says: positions, velocity, call sign. Inverse of `adsb_decode`.

For exercises and tests: downlink format 17, ADS-B version 0, checked by the parity of the standard.
"""

from math import cos, floor, nan, radians, sin
from typing import Final

from watchfloor.formats.sensors.adsb.cpr import zones_of
from watchfloor.formats.sensors.adsb.mode_s import CHECK

_LETTERS: Final = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789"


def message(address: int, body: int, capability: int = 5) -> bytes:
    """The fourteen bytes of a message with 56 bits of content."""
    head = (17 << 27 | capability << 24 | address).to_bytes(4, "big") + body.to_bytes(7, "big")
    parity = 0
    for byte in head:
        parity = ((parity << 8) ^ int(CHECK[(parity >> 16) ^ byte])) & 0xFFFFFF
    return head + parity.to_bytes(3, "big")


def cpr(latitude: float, longitude: float, *, odd: bool, surface: bool = False) -> tuple[int, int]:
    """Latitude and longitude, degrees, as 17 bits each (ICAO Doc 9871, C.2.6.2)."""
    span = 90.0 if surface else 360.0
    north = span / (60 - odd)
    y = floor((1 << 17) * (latitude % north) / north + 0.5)
    seen = north * (y / (1 << 17) + floor(latitude / north))
    east = span / max(int(zones_of(seen)) - odd, 1)
    x = floor((1 << 17) * (longitude % east) / east + 0.5)
    return y & 0x1FFFF, x & 0x1FFFF


def airborne(latitude: float, longitude: float, feet: float, *, odd: bool, kind: int = 11) -> int:
    """Content of an airborne position, altitude in steps of 25 ft from -1,000 to 50,175."""
    steps = min(max(round((feet + 1_000) / 25), 0), 2047)
    altitude = (steps >> 4) << 5 | 1 << 4 | (steps & 15)
    y, x = cpr(latitude, longitude, odd=odd)
    return kind << 51 | altitude << 36 | odd << 34 | y << 17 | x


def surface(latitude: float, longitude: float, *, odd: bool, movement: int = 0, track: float = nan) -> int:
    """Content of a surface position; `movement` is the code of `adsb_tables.MOVEMENT`, track degrees."""
    stated = track == track
    turned = round(track * 128 / 360) % 128 if stated else 0
    y, x = cpr(latitude, longitude, odd=odd, surface=True)
    return 7 << 51 | movement << 44 | stated << 43 | turned << 36 | odd << 34 | y << 17 | x


def velocity(knots: float, course: float, climb: float, above: float | None = None) -> int:
    """Content of a velocity over ground: knots to 1,021, degrees, feet a minute.

    `above` is feet of GNSS height above pressure altitude, to 3,137.
    """
    east, north = (round(knots * part) for part in (sin(radians(course)), cos(radians(course))))
    body = 19 << 51 | 1 << 48 | (east < 0) << 42 | (abs(east) + 1) << 32 | (north < 0) << 31
    body |= (abs(north) + 1) << 21 | (climb < 0) << 19 | (round(abs(climb) / 64) + 1) << 10
    if above is not None:
        body |= (above < 0) << 7 | (round(abs(above) / 25) + 1)
    return body


def identity(callsign: str, category: int = 0xA0) -> int:
    """Content of an identification: up to eight capitals, digits and blanks; category 0xA0 to 0xD7."""
    body = (0xE - (category >> 4)) << 51 | (category & 7) << 48
    for i, letter in enumerate(callsign.upper().ljust(8)[:8]):
        body |= max(_LETTERS.find(letter), 0) << (42 - 6 * i)
    return body


def avr(data: bytes, stamp: str = "") -> str:
    """A message as a line of hexadecimal digits, behind a time."""
    return f"{stamp}{' ' if stamp else ''}*{data.hex().upper()};"


def beast(data: bytes, ticks: int = 0, signal: int = 0) -> bytes:
    """A message of 7 or 14 bytes as a Beast frame, with the receiver's counter and the signal level."""
    inner = ticks.to_bytes(6, "big") + bytes([signal]) + data
    return b"\x1a" + (b"3" if len(data) == 14 else b"2") + inner.replace(b"\x1a", b"\x1a\x1a")
