"""Tasking requests: whose pictures of which stretch, how often, for what and under which law.

    [[request]]
    name = "river ice"
    km = [2411, 2545]
    every_hours = 24
    modes = ["RCM SC30"]
    weight = 2
    purpose = "vehicles on ice"
    authority = "RCMP Act s. 18"
    retention_days = 90
    marking = "PB"

or a table (CSV, Parquet, spreadsheet) with the same names, and `from` and `to` for the kilometres.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from watchfloor.cell.acts import Unusable
from watchfloor.core.marking import MarkingError, parse
from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import Settings, SettingsError
from watchfloor.planning import tables
from watchfloor.planning.satellites.sensors import Sensor, chosen

BAD_REQUESTS: Final = declare("satellites.bad-requests", "file", "why")
LONGEST_KEPT: Final = 3_650
"""Days for which a picture may be kept at most: a slip of the pen, not a law."""


class TaskingRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request for pictures of a stretch.

    Attributes:
        name: of the request.
        km: from a kilometre to a later one.
        every_hours: length of the periods in each of which it is wanted once.
        modes: of sensors, that serve it; none: all.
        weight: beside other requests.
        purpose, authority: for which, and under which law; else those of who plans.
        retention_days: for which the pictures may be kept; 0: as who plans says.
        marking: of the request, and of its orders.
    """

    name: str
    km: tuple[float, float]
    every_hours: float = 24.0
    modes: tuple[str, ...] = ()
    weight: float = 1.0
    purpose: str = ""
    authority: str = ""
    retention_days: int = 0
    marking: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    request: tuple[TaskingRequest, ...]


def read(path: Path, length: int) -> tuple[TaskingRequest, ...]:
    """Read requests for a line of so many kilometres. Raises `Unusable`."""
    try:
        if path.suffix.lower() == ".toml":
            file = Settings(path.read_text("utf-8-sig"), path.name)
            found = file.convert(file.values, _File).request
        else:
            found = msgspec.convert(list(_rows(path)), tuple[TaskingRequest, ...], strict=False)
    except (SettingsError, msgspec.MsgspecError, OSError, UnicodeDecodeError, ValueError) as error:
        why = str(error).removeprefix(path.name).lstrip(",: ")  # an error of settings names the file too
        raise Unusable(reason(BAD_REQUESTS, file=path.name, why=why)) from None
    names = [one.name for one in found]
    for one in found:
        why = _problem(one, length)
        if names.count(one.name) > 1:
            why = "that name is there twice"
        if why:
            raise Unusable(reason(BAD_REQUESTS, file=path.name, why=f"{one.name}: {why}"))
    return found


def resolved(one: TaskingRequest, sensors: Sequence[Sensor]) -> TaskingRequest:
    """Return a request with whole names of modes, which are among those of the sensors. Raises `Unusable`."""
    if not one.modes:
        return one
    return msgspec.structs.replace(one, modes=tuple(each.name for each in chosen(sensors, one.modes)))


def _problem(one: TaskingRequest, length: int) -> str:
    """Return what is wrong with a request; empty where nothing is."""
    if not 0 <= one.km[0] < one.km[1] <= length:
        return f"km goes from a kilometre to a later one, 0 to {length}"
    if not 1 <= one.every_hours <= 24 * 366:
        return "every_hours is a number of hours, 1 or more"
    if not 0 < one.weight < 1e6:
        return "weight is a number of more than 0"
    if not 0 <= one.retention_days <= LONGEST_KEPT:
        return f"retention_days is 0 to {LONGEST_KEPT}"
    try:
        if one.marking:
            parse(one.marking)
    except MarkingError as error:
        return str(error)
    return ""


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    columns = tables.read(path, TaskingRequest.__struct_fields__)
    texts = {name: columns.texts(name) for name in columns.by_name}
    for at in range(len(next(iter(texts.values())))):
        row: dict[str, Any] = {name: values[at] for name, values in texts.items() if values[at]}
        if "from" in row and "to" in row:
            row["km"] = (float(row.pop("from")), float(row.pop("to")))
        elif isinstance(row.get("km"), str):
            row["km"] = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", row["km"])]
        if isinstance(row.get("modes"), str):
            row["modes"] = [one.strip() for one in re.split(r"[;|]", row["modes"]) if one.strip()]
        yield row
