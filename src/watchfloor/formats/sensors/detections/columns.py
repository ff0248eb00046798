"""Meanings of the columns of a table of detections, from their names alone.

A name is read as a quantity, what is said of it, and a unit: `sigma_x`, `range_error_km`, `bearing (rad)`,
`varAzimuth`, `sog_kn`. The words for the kind's own columns are those of `columns.toml`, in English and
French; here are those of a plane, of identities, of errors and of units. Case, accents and separators do not
matter.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final, Literal, NamedTuple

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.tabular.column_names import words
from watchfloor.formats.tabular.lexicon import plain

Sort = Literal["value", "sigma", "var", "cov"]
"""What is said of a quantity: its value, its standard deviation, its variance, a covariance."""


class Use(NamedTuple):
    """Use of a column: a quantity, its statistic, the factor to our unit, the unit.

    `stated` is whether the column's name says the unit.
    """

    quantity: str
    sort: Sort
    factor: float
    unit: str
    stated: bool = False

    @property
    def target(self) -> tuple[str, Sort]:
        """Return the target, which only one column can have."""
        return self.quantity, self.sort

    def __str__(self) -> str:
        said = {
            "value": "",
            "sigma": "standard deviation of ",
            "var": "variance of ",
            "cov": "covariance of ",
        }
        return f"{said[self.sort]}{self.quantity}" + (f" in {self.unit}" if self.unit else "")


class Columns(NamedTuple):
    """The columns of a table: by name what each is used as, and the names of those that are not used."""

    used: Mapping[str, Use]
    ignored: tuple[str, ...]

    def column(self, quantity: str, sort: Sort = "value") -> str | None:
        """The name of the column that says this, where there is one."""
        return next((name for name, use in self.used.items() if use.target == (quantity, sort)), None)

    def has(self, *quantities: str) -> bool:
        """Whether there are values of all of these."""
        return all(self.column(quantity) for quantity in quantities)


_CARRIERS: Final = (
    *("sensor", "own", "own ship", "ego", "observer", "platform", "station", "ferry", "vehicle"),
)
"""What carries a sensor, before a name of its place."""
_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "x": ("x", "east", "easting", "pos x", "position x", "px", "local x", "est", "target x", "detection x"),
    "y": (
        "y",
        "north",
        "northing",
        "pos y",
        "position y",
        "py",
        "local y",
        "nord",
        "target y",
        "detection y",
    ),
    **{
        f"sensor_{one}": (f"sensor {one}", *(f"{of} {way}" for of in _CARRIERS for way in (one, *ways)))
        for one, ways in (("x", ("east", "easting")), ("y", ("north", "northing")))
    },
    "vx": ("vx", "v x", "velocity x", "v east", "velocity east", "ve", "x dot", "vel x"),
    "vy": ("vy", "v y", "velocity y", "v north", "velocity north", "vn", "y dot", "vel y"),
    "origins": ("origins",),
    "mmsi": ("mmsi", "mmsi number", "ssm", "isdm"),
    "icao24": (
        "icao24",
        "icao 24",
        "icao",
        "icao address",
        "hex",
        "mode s",
        "mode s address",
        "aircraft address",
    ),
}
_LENGTH: Final = {
    **dict.fromkeys(("", "m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("km", "kilometres", "kilometers"), 1000.0),
    **dict.fromkeys(("nm", "nmi"), 1852.0),
    **dict.fromkeys(("ft", "feet"), 0.3048),
    "mi": 1609.344,
    "yd": 0.9144,
    "cm": 0.01,
    "mm": 0.001,
}
_ANGLE: Final = {
    **dict.fromkeys(("", "deg", "degree", "degrees"), 1.0),
    **dict.fromkeys(("rad", "radian", "radians"), 57.29577951308232),
    "mrad": 0.05729577951308232,
}
_SPEED: Final = {
    **dict.fromkeys(("", "ms", "mps", "m s"), 1.0),
    **dict.fromkeys(("kn", "kt", "kts", "knot", "knots"), 1852.0 / 3600.0),
    **dict.fromkeys(("kmh", "kph", "km h"), 1.0 / 3.6),
    "mph": 0.44704,
    "fpm": 0.00508,
    "ft min": 0.00508,
}
_TIME: Final = {
    "": 0.0,  # found from the values
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "millis"), 1e-3),
    **dict.fromkeys(("us", "μs", "micros"), 1e-6),
    **dict.fromkeys(("ns", "nanos"), 1e-9),
}
_SHARE: Final = {"": 1.0, "pct": 0.01, "percent": 0.01}
_NONE: Final = {"": 1.0}

_UNITS: Final[Mapping[str, Mapping[str, float]]] = {
    **dict.fromkeys(
        ("x", "y", "sensor_x", "sensor_y", "altitude", "sensor_altitude", "range", "position"), _LENGTH
    ),
    **dict.fromkeys(("east", "north", "east_north"), _LENGTH),
    **dict.fromkeys(("azimuth", "elevation", "course", "heading"), _ANGLE),
    **dict.fromkeys(("latitude", "longitude", "sensor_latitude", "sensor_longitude"), _ANGLE),
    **dict.fromkeys(("range_rate", "speed", "climb", "vx", "vy"), _SPEED),
    **dict.fromkeys(("observed_at", "received_at"), _TIME),
    **dict.fromkeys(("confidence", "class_confidence"), _SHARE),
}
_SHOWN: Final = {id(_LENGTH): "m", id(_ANGLE): "deg", id(_SPEED): "m/s", id(_SHARE): "", id(_NONE): ""}

_ERRS: Final[Mapping[str, str]] = {
    "x": "east",
    "longitude": "east",
    "y": "north",
    "latitude": "north",
    "vx": "vx",
    "vy": "vy",
    **{name: name for name in ("azimuth", "range", "range_rate", "speed", "course")},
}
"""Quantities whose errors are read, and what these are errors of."""
_BOTH: Final = ("", "pos", "position", "xy", "horizontal", "place", "h", "en")
"""Of what an error is said that is meant for both axes."""
_SIGNS: Final = (
    *(("%", " pct "), ("°", " deg "), ("²", "2"), ("σ", "sigma")),
    *(("m/s", " mps "), ("km/h", " kmh ")),
)
_PAIRS: Final = {
    **dict.fromkeys(("xy", "yx", "eastnorth", "northeast", "en", "ne"), "east_north"),
    **dict.fromkeys(("xx", "ee", "easteast"), "east"),
    **dict.fromkeys(("yy", "nn", "northnorth"), "north"),
}
_SIGMA: Final = (
    "sigma|stddev|stdev|std|sd|erreur|error|err|accuracy|acc|uncertainty|standarddeviation|erreur|ecarttype"
)
_SAID: Final = re.compile(
    rf"(?P<sigma>{_SIGMA})?(?P<var>variance|var)?(?P<cov>covariance|cov)?(?P<rest>.*?)"
    rf"(?P<sigma2>{_SIGMA})?(?P<var2>variance|var)?"
)


def columns(names: Iterable[str], units: Mapping[str, str] = {}) -> Columns:
    """Decide the use of each column of a table; of two that say the same, the plainer name wins.

    `units` are those that values tell of columns whose names say none.
    """
    read = [(at, name, use, rank) for at, name in enumerate(names) for use, rank in _read(name)]
    used: dict[str, Use] = {}
    taken: set[tuple[str, Sort]] = set()
    for _, _, name, use in sorted((rank, at, name, use) for at, name, use, rank in read):
        if use.target not in taken and name not in used:
            used[name] = use
            taken.add(use.target)
    for name, unit in units.items():
        used[name] = used[name]._replace(factor=_UNITS[used[name].quantity][unit], unit=unit, stated=True)
    _share_units(used)
    order = {name: used[name] for name in names if name in used}
    return Columns(order, tuple(name for name in names if name not in used))


def _share_units(used: dict[str, Use]) -> None:
    """Let the error of an angle have the unit of its value: beside `bearing_rad`, `bearing_std` is too."""
    stated = {use.quantity: use for use in used.values() if use.sort == "value" and use.stated}
    for name, use in used.items():
        value = stated.get(use.quantity)
        if value and use.sort != "value" and not use.stated and _UNITS[use.quantity] is _ANGLE:
            factor = value.factor if use.sort == "sigma" else value.factor**2
            used[name] = use._replace(factor=factor, unit=value.unit)


@cache
def vocabulary() -> Mapping[str, tuple[str, int]]:
    """For each known name, without spaces, its quantity and how plain a name for it this is (0: plainest)."""
    known: dict[str, tuple[str, int]] = {}
    for quantity, called in {**words().kinds[DETECTION.name], **_MORE}.items():
        for rank, word in enumerate((quantity, *called)):
            known.setdefault(plain(word).replace(" ", ""), (quantity, rank))
    return known


def _read(name: str) -> Iterator[tuple[Use, int]]:
    """Yield the use that a column's name states, and how plainly; none if it is not known."""
    pieces = plain(_spaced(name)).split()
    for size in range(min(3, len(pieces))):
        rest, unit = "".join(pieces[: len(pieces) - size]), " ".join(pieces[len(pieces) - size :])
        for quantity, sort, rank in _said(rest):
            units = _UNITS.get(quantity, _NONE)
            if (factor := _factor(units, unit, sort)) is not None:
                shown = unit or _SHOWN.get(id(units), "")
                yield Use(quantity, sort, factor, shown, bool(unit)), rank + size
                return


def _spaced(name: str) -> str:
    """A name with spaces where capitals start words, and signs of units as words."""
    for sign, word in (
        ("%", " pct "),
        ("°", " deg "),
        ("²", "2"),
        ("σ", "sigma"),
        ("m/s", " mps "),
        ("km/h", " kmh "),
    ):
        name = name.replace(sign, word)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _factor(units: Mapping[str, float], unit: str, sort: Sort) -> float | None:
    """The factor to our unit; squared for variances, whose unit may be written `m2`."""
    if sort in ("value", "sigma"):
        return units.get(unit)
    factor = units.get(re.sub(r" ?(2|squared)$", "", unit))
    return None if factor is None else factor * factor


def _said(name: str) -> Iterator[tuple[str, Sort, int]]:
    """The quantity of a name without spaces or unit, what is said of it, and how plainly."""
    if found := vocabulary().get(name):
        quantity, rank = found
        exact = {
            "var_east": ("east", "var"),
            "var_north": ("north", "var"),
            "cov_east_north": ("east_north", "cov"),
        }
        of, sort = exact.get(quantity, (quantity, "value"))
        yield of, sort, rank  # type: ignore[misc]
        return
    match = _SAID.fullmatch(name)
    if not match or not name:
        return
    said = {key: value for key, value in match.groupdict().items() if value and key != "rest"}
    if len(said) != 1:
        return
    sort, rest = next(iter(said)).removesuffix("2"), match["rest"]
    if sort in ("cov", "var") and rest in _PAIRS:
        of = _PAIRS[rest]
        yield of, "cov" if of == "east_north" else "var", 0
    elif sort != "cov" and rest in _BOTH:
        yield "position", sort, _BOTH.index(rest)  # type: ignore[misc]
    elif sort != "cov" and (found := vocabulary().get(rest)) and found[0] in _ERRS:
        yield _ERRS[found[0]], sort, found[1]  # type: ignore[misc]
