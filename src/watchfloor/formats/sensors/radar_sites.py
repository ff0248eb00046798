"""Radars by the codes that they send: where they stand, and how well they measure.

A radar report names its radar by two numbers (SAC, system area code; SIC, system identification code), and
says range and azimuth. Where the radar stands a person says, under `[sensors."SAC/SIC"]` in a TOML file, or
the radar itself (I034/120).

    [sensors."25/12"]
    name = "Dundas Hill"
    latitude = 44.98
    longitude = -74.73
    altitude = 92.0            # of the antenna above the ellipsoid, m
    range_error = 70.0         # standard deviation, m
    azimuth_error = 0.08       # standard deviation, degree
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from watchfloor.formats.settings import Settings

Code = tuple[int, int]
"""System area code and system identification code."""


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Site of one radar; degrees, WGS84, and metres."""

    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    name: str | None = None
    range_error: float | None = None
    azimuth_error: float | None = None


Sites = Mapping[Code, Site]
UNKNOWN: Final = Site()


def sites(file: Settings, keys: tuple[str, ...] = ("sensors",)) -> Sites:
    """The radars of a settings file. Raises `SettingsError`, which names key and line."""
    table: object = file.values
    for key in keys:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise file.wrong(keys, 'is a table of radars: [sensors."SAC/SIC"]')
    return {_code(file, keys, name): _site(file, (*keys, name), value) for name, value in table.items()}


def _code(file: Settings, keys: tuple[str, ...], name: str) -> Code:
    area, _, radar = name.partition("/")
    if not (area.isdecimal() and radar.isdecimal() and int(area) < 256 and int(radar) < 256):
        raise file.wrong((*keys, name), 'a radar is named by its SAC and SIC, such as "25/12"')
    return int(area), int(radar)


def _site(file: Settings, keys: tuple[str, ...], value: object) -> Site:
    site = file.convert(value, Site, keys)
    if (site.latitude is None) != (site.longitude is None):
        raise file.wrong(keys, "a place needs latitude and longitude")
    if not (abs(site.latitude or 0.0) <= 90 and abs(site.longitude or 0.0) <= 180):
        raise file.wrong(keys, "its place is nowhere on Earth")
    for key in ("range_error", "azimuth_error"):
        if (getattr(site, key) or 0.0) < 0:
            raise file.wrong((*keys, key), "is a standard deviation, 0 or more")
    return site
