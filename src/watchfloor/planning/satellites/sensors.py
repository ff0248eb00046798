"""Sensors of satellites as data: what each sees from its orbit, and on whose word.

`sensors.toml` beside this module has public ones, a row a mode, each with its source; people bring others as
TOML, JSON or a table (CSV, spreadsheet) with the same names. The top of that file says what a row means.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.formats.orbits import Elements, Ephemeris
from watchfloor.formats.settings import Settings, SettingsError
from watchfloor.planning import tables

BAD_SENSORS: Final = declare("satellites.bad-sensors", "file", "why")
NO_MODE: Final = declare("satellites.no-mode", "mode", "modes")
FILE: Final = "sensors.toml"
Side = Literal["right", "left", "both"]

SYNONYMS: Final = {
    "sensor": "name",
    "mode": "name",
    "satellite": "satellites",
    "norad": "satellites",
    "norad_id": "satellites",
    "norad_ids": "satellites",
    "platform": "satellites",
    "platforms": "satellites",
    "swath": "swath_km",
    "swath_width_km": "swath_km",
    "max_off_nadir": "off_nadir",
    "max_off_nadir_deg": "off_nadir",
    "off_nadir_deg": "off_nadir",
    "off_nadir_max": "off_nadir",
    "incidence_deg": "incidence",
    "incidence_range": "incidence",
    "look": "side",
    "look_side": "side",
    "requires_daylight": "daylight",
    "needs_daylight": "daylight",
    "min_sun_elevation": "sun",
    "min_sun_elevation_deg": "sun",
    "sun_elevation": "sun",
    "least_sun": "sun",
    "resolution": "resolution_m",
}
"""Other names of fields that people use."""
REGARD: Final = (
    "field_of_regard",
    "field_of_regard_deg",
    "field_of_view",
    "field_of_view_deg",
    "fov",
    "fov_deg",
)
"""Names of twice the greatest off-nadir angle."""
ELEVATION: Final = (
    "min_elevation",
    "min_elevation_deg",
    "elevation_min",
    "least_elevation",
    "elevation_mask",
)
"""Names of the least elevation of the satellite: 90 degrees less the greatest incidence."""
LEAST, MOST = (
    ("incidence_min", "min_incidence", "incidence_min_deg", "min_incidence_deg", "incidence_from"),
    ("incidence_max", "max_incidence", "incidence_max_deg", "max_incidence_deg", "incidence_to"),
)
"""Names of two columns that are one range."""


class Sensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A mode of a sensor.

    Attributes:
        name: of the mode.
        satellites: catalogue numbers or patterns of names; none: every satellite of the elements.
        incidence: degrees at the ground, least and most.
        off_nadir: the most degrees from the nadir, at the satellite.
        swath_km: about the track, on the ground.
        side: on which side of the flight it looks.
        daylight: whether it sees by light.
        sun: the least elevation of the sun, degrees, that it then needs.
        resolution_m: metres on the ground.
        scene_km: width of what a pass images; none: all that it can see.
        systematic: whether it images every pass over land without an order.
        minutes: that it images in a revolution at most.
        usual: whether it counts where no mode is named.
        source: of these figures.
    """

    name: str
    satellites: tuple[int | str, ...] = ()
    incidence: tuple[float, float] | None = None
    off_nadir: float | None = None
    swath_km: float | None = None
    side: Side = "both"
    daylight: bool = False
    sun: float = 0.0
    resolution_m: float | None = None
    scene_km: float | None = None
    minutes: float | None = None
    systematic: bool = False
    usual: bool = True
    source: str = ""

    def on(self, satellite: Elements | Ephemeris) -> bool:
        """Return whether a satellite carries it."""
        if not self.satellites:
            return True
        name = satellite.name.upper()
        number = getattr(satellite, "norad", None)
        return any(
            one == number if isinstance(one, int) else fnmatchcase(name, one.upper())
            for one in self.satellites
        )


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sensor: tuple[Sensor, ...]


def shipped() -> tuple[Sensor, ...]:
    """Return the sensors of the package."""
    text = files("watchfloor.planning.satellites").joinpath(FILE).read_text("utf-8")
    return _checked(Settings(text, FILE))


def read(path: Path) -> tuple[Sensor, ...]:
    """Read sensors that somebody brings: TOML, JSON, or a table with a row a mode.

    Raises:
        Unusable: the file is none of these, or a row cannot be.
    """
    try:
        if path.suffix.lower() == ".toml":
            return _checked(Settings(path.read_text("utf-8-sig"), path.name))
        json = path.suffix.lower() == ".json"
        rows = _listed(msgspec.json.decode(path.read_bytes())) if json else list(_table(path))
        found = msgspec.convert([_foreign(one) for one in rows], tuple[Sensor, ...], strict=False)
    except (SettingsError, msgspec.MsgspecError, OSError, ValueError, TypeError, AttributeError) as error:
        why = str(error).removeprefix(path.name).lstrip(",: ")  # an error of settings names the file too
        raise Unusable(reason(BAD_SENSORS, file=path.name, why=why)) from None
    for at, one in enumerate(found, 1):
        if why := _problem(one):
            raise Unusable(reason(BAD_SENSORS, file=path.name, why=f"{at} ({one.name}): {why}"))
    return found


def chosen(sensors: Iterable[Sensor], modes: Iterable[str]) -> tuple[Sensor, ...]:
    """Return the usual sensors, or those whose names match one of the modes. Raises `Unusable`."""
    every, wanted = tuple(sensors), tuple(modes)
    if not wanted:
        return tuple(one for one in every if one.usual)
    found: dict[str, Sensor] = {}
    for mode in wanted:
        pattern = " ".join(mode.upper().split())
        if not (some := [one for one in every if pattern == "ALL" or _called(one.name.upper(), pattern)]):
            raise Unusable(reason(NO_MODE, mode=mode, modes=", ".join(one.name for one in every)))
        found |= {one.name: one for one in some}
    return tuple(found.values())


def _called(name: str, pattern: str) -> bool:
    """Return whether a name matches a pattern, or has its words one after another."""
    return fnmatchcase(name, pattern) or f" {pattern} " in f" {' '.join(name.split())} "


def _checked(file: Settings) -> tuple[Sensor, ...]:
    rows = _listed(file.values)
    values = {"sensor": [_row(one) if isinstance(one, dict) else one for one in rows]}
    found = file.convert(values, _File).sensor
    for one in found:
        if why := _problem(one):
            raise file.wrong(("sensor", "name"), f"{one.name}: {why}")
    return found


def _listed(plain: Any) -> list[Any]:
    """Return rows of a list, of tables in a list, or of tables that are called by the names of modes."""
    if isinstance(plain, dict):
        plain = next((plain[name] for name in ("sensor", "sensors") if name in plain), plain)
    if isinstance(plain, dict) and plain and all(isinstance(one, dict) for one in plain.values()):
        return [{"name": name, **one} for name, one in plain.items()]
    if not plain:
        raise ValueError("it has no [[sensor]]")
    return plain if isinstance(plain, list) else [plain]


def _problem(one: Sensor) -> str:
    """Return what is wrong with a row; empty where nothing is."""
    if sum(each is not None for each in (one.incidence, one.off_nadir, one.swath_km)) != 1:
        return "give one of incidence, off_nadir and swath_km"
    if one.incidence and not 0 <= one.incidence[0] < one.incidence[1] <= 90:
        return "incidence goes from a least to a greater one, 0 to 90 degrees"
    if one.off_nadir is not None and not 0 < one.off_nadir < 90:
        return "off_nadir is more than 0 and less than 90 degrees"
    for name in ("swath_km", "resolution_m", "scene_km", "minutes"):
        value = getattr(one, name)
        if value is not None and not 0 < value <= 20_000:
            return f"{name} is a number of more than 0"
    if not -90 <= one.sun <= 90:
        return "sun is an elevation, -90 to 90 degrees"
    return ""


def _foreign(given: Any) -> Any:
    """Return a row of somebody else's form: columns that say nothing about what is seen are left out."""
    row = _row(given)
    row.setdefault("name", str(next(iter(row.get("satellites", ())), "sensor")))
    return {name: value for name, value in row.items() if name in Sensor.__struct_fields__}


def _table(path: Path) -> Iterator[dict[str, Any]]:
    columns = tables.read(path, Sensor.__struct_fields__)
    texts = {name: columns.texts(name) for name in columns.by_name}
    for at in range(len(next(iter(texts.values())))):
        yield {name: values[at] for name, values in texts.items() if values[at]}


def _row(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row by the names of `Sensor`, whatever it is called by those who wrote it."""
    row: dict[str, Any] = {}
    for key, value in given.items():
        name = str(key).strip().lower().replace("-", "_").replace(" ", "_")
        row[SYNONYMS.get(name, name)] = value
    least = next((row.pop(name) for name in LEAST if name in row), None)
    most = next((row.pop(name) for name in MOST if name in row), None)
    if most is not None:
        row["incidence"] = (float(least or 0), float(most))
    if (regard := next((row.pop(name) for name in REGARD if name in row), None)) is not None:
        row["off_nadir"] = float(regard) / 2
    if (elevation := next((row.pop(name) for name in ELEVATION if name in row), None)) is not None:
        row.setdefault("incidence", (0.0, 90.0 - float(elevation)))
    if isinstance(row.get("incidence"), str):
        row["incidence"] = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", row["incidence"])]
    if isinstance(row.get("satellites"), str | int):
        row["satellites"] = [
            int(one) if one.strip().isdigit() else one.strip()
            for one in re.split(r"[;,|]", str(row["satellites"]))
            if one.strip()
        ]
    for name in ("daylight", "systematic", "usual"):
        if isinstance(row.get(name), str):
            row[name] = row[name].strip().lower() in ("1", "true", "yes", "y", "x", "oui", "vrai")
    if isinstance(row.get("side"), str):
        row["side"] = {"r": "right", "l": "left", "either": "both", "": "both"}.get(
            row["side"].strip().lower(), row["side"].strip().lower()
        )
    return row
