"""Bases, ice, crews that share an asset, and readiness: `patrols.toml` of a floor.

[[base]]
name = "CYWG"
latitude = 49.91
longitude = -97.24
runway_m = 3353                  # its longest; without one, nothing lands that needs a runway
fuel = ["aircraft", "drone"]     # kinds of asset that can refuel there

[[ice]]                          # where boats cannot go, from a day of the year to another
km = [3014, 3472]
from = "12-15"
to = "04-10"
source = "ice atlas, 30-year median"

[[crew]]                         # of those who share an asset
name = "air-1"
asset = "helicopter"             # a key of assets.toml

[[readiness]]                    # see planning/readiness.py
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.casework.tasking.assets import KINDS, MARKING, Asset
from watchfloor.casework.tasking.spots import metres
from watchfloor.core.marking import MarkingError, parse
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.planning import readiness
from watchfloor.planning.coverage.axis import Axis
from watchfloor.planning.readiness import Readiness, Statement
from watchfloor.policy.policy import Reader, allowed

NAME: Final = "patrols.toml"
AT_BASE: Final = 3_000.0
"""Metres from a base within which an asset of assets.toml is there: an airfield is that long. Judgement."""
DAY: Final = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
"""A day of the year."""


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place to land, to moor and perhaps to refuel."""

    name: str
    latitude: float
    longitude: float
    runway_m: float = 0.0
    fuel: tuple[str, ...] = ()
    marking: str = MARKING

    def takes(self, asset: Asset) -> bool:
        """Return whether an asset can land there."""
        return self.runway_m >= asset.runway_m


class Ice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begins": "from", "ends": "to"}):
    """A stretch that is frozen from a day of the year to another, over New Year where `to` is earlier."""

    km: tuple[float, float]
    begins: str
    ends: str
    source: str

    def holds(self, day: date) -> bool:
        """Return whether it is frozen on a day."""
        at = f"{day:%m-%d}"
        if self.begins <= self.ends:
            return self.begins <= at <= self.ends
        return at >= self.begins or at <= self.ends


class CrewOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A crew of an asset that several share."""

    name: str
    asset: str


class Operations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bases, ice, crews and statements of readiness."""

    base: tuple[Base, ...] = ()
    ice: tuple[Ice, ...] = ()
    crew: tuple[CrewOf, ...] = ()
    readiness: tuple[Statement, ...] = ()

    def visible(self, reader: Reader) -> "Operations":
        """Return them with the bases and statements that a reader may know of."""
        known = {
            name: tuple(one for one in getattr(self, name) if allowed(reader, parse(one.marking)))
            for name in ("base", "readiness")
        }
        return msgspec.structs.replace(self, **known)

    @property
    def markings(self) -> set[str]:
        """Return those of what it says."""
        return {one.marking for one in self.base} | {one.marking for one in self.readiness}

    def ready(self, now: datetime) -> Mapping[str, Readiness]:
        """Return the readiness of each asset that something was said of."""
        return readiness.readiness(self.readiness, now)

    def base_of(self, asset: Asset) -> Base | None:
        """Return the nearest base at which an asset is, if it is at any."""
        apart = [
            (metres(one.latitude, one.longitude, asset.latitude, asset.longitude), one) for one in self.base
        ]
        near = [one for one in apart if one[0] <= AT_BASE]
        return min(near, key=lambda one: one[0])[1] if near else None

    def crews(self, asset: str) -> list[str]:
        """Return the crews of an asset; one of its own name where none is named."""
        return [one.name for one in self.crew if one.asset == asset] or [asset]

    def frozen(self, where: Axis, first: date, days: int) -> npt.NDArray[np.bool_]:
        """Return which kilometres are frozen on any of some days."""
        ice = np.zeros(len(where), bool)
        every = [first + timedelta(days=after) for after in range(days)]
        for one in self.ice:
            if any(map(one.holds, every)):
                ice[int(one.km[0]) : math.ceil(one.km[1])] = True
        return ice


def load(floor: Path) -> Operations:
    """Read a floor's file; without one it says nothing. Raises `SettingsError`."""
    path = floor / NAME
    return read(read_text(path), str(path)) if path.exists() else Operations()


def read(text: str, name: str) -> Operations:
    """Read operations from their text. Raises `SettingsError`, which names the line."""
    file = Settings(text, name)
    found = file.convert(file.values, Operations)
    for keys, problem in _problems(found):
        raise file.wrong(keys, problem)
    return found


def _problems(found: Operations) -> Iterator[tuple[tuple[str, ...], str]]:
    for one in found.base:
        for key, value, most in (("latitude", one.latitude, 90), ("longitude", one.longitude, 180)):
            if not abs(value) <= most:
                yield ("base", key), f"{one.name} needs degrees from -{most} to {most}"
        if not 0 <= one.runway_m < math.inf:
            yield ("base", "runway_m"), "is a number of metres, 0 or more"
        for kind in sorted(set(one.fuel).difference(KINDS)):
            yield ("base", "fuel"), f"{kind!r} is no kind of asset{nearest(kind, KINDS)}"
    for ice in found.ice:
        for key, text in (("from", ice.begins), ("to", ice.ends)):
            if not DAY.fullmatch(text):
                yield ("ice", key), f"{text!r} is no day of the year, such as 12-15"
        if not 0 <= ice.km[0] < ice.km[1] < math.inf:
            yield ("ice", "km"), "a stretch goes from a kilometre to a later one"
    for table, rows in (("base", found.base), ("crew", found.crew)):
        names = [one.name for one in rows]
        if twice := next((name for name in names if names.count(name) > 1), None):
            yield (table, "name"), f"{twice} is there twice; give each its own name"
    for statement in found.readiness:
        for key, problem in readiness.problems(statement):
            yield ("readiness", key), problem
    for table, marked in (("base", found.base), ("readiness", found.readiness)):
        for row in marked:
            try:
                parse(row.marking)
            except MarkingError as error:
                yield (table, "marking"), str(error)
