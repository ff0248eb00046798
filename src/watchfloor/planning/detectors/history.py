"""Histories of finds by area and season, as tables; of seasons that are planned, or later, nothing is read.

    area,season,found[,teams]

Seasons are fiscal or calendar years (`FY2021`, `2021`, `2021 (FYTD)`, `2021/22`), months (`2021-03`),
quarters (`2021-Q3`) or weeks (`2021-W07`), all of one sort. `teams` says how many looked, where that is
known: without it every area counts as fully looked at.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Message, declare, reason
from watchfloor.planning import tables
from watchfloor.planning.detectors.placement import Counts
from watchfloor.planning.detectors.rates import Floats
from watchfloor.planning.tables import PastedTable

TableFile = Path | PastedTable
"""A table that is read: a file, or a text that somebody pasted."""

TOO_MANY = declare("detectors.too-many-rows", "file", "rows", "most")
NO_COLUMN = declare("detectors.no-column", "file", "names")
NO_AREA = declare("detectors.no-area", "file", "row")
NO_SEASON = declare("detectors.no-season", "season")
UNKNOWN_SEASON = declare("detectors.unknown-season", "file", "row", "season")
MIXED_SEASONS = declare("detectors.mixed-seasons", "file", "row", "season", "first")
BAD_COUNT = declare("detectors.bad-count", "file", "row", "area", "column", "value")
TWICE = declare("detectors.twice", "file", "row", "area", "season")
NO_EARLIER = declare("detectors.no-earlier", "file", "season")
TWICE_PORT = declare("detectors.twice-port", "file", "row", "area")

NAMES: Final = {
    "area": ("area", "port", "place", "sector"),
    "season": ("season", "period", "year", "fy", "month"),
    "found": ("found", "finds", "events", "count"),
    "teams": ("teams", "effort"),
    "region": ("region",),
    "flow": ("flow", "crossings", "volume"),
    "now": ("now", "present"),
    "detector": ("detector", "serial", "dog"),
    "kind": ("kind", "instrument"),
    "confirmed": ("confirmed",),
    "missed": ("missed",),
    "refuted": ("refuted",),
    "cleared": ("cleared",),
    "capacity": ("capacity",),
    "ready": ("ready",),
    "at": ("at",),
}
"""What a column may be called; the first that is there is read."""

COUNTS: Final = frozenset(
    ("found", "teams", "flow", "now", "confirmed", "missed", "refuted", "cleared", "capacity")
)
"""Columns of numbers."""

MOST_ROWS: Final = 500_000
"""Of a table: 100 ports, a week a row, in 96 years."""

LARGEST: Final = 1e12
"""Above this a count is a mistake."""

_YEAR = re.compile(r"(?:(?:FY|CY)?\s*(\d{4})|(?:FY|CY)\s*(\d\d))\s*(?:\(FYTD\))?", re.IGNORECASE)
_PAIR = re.compile(r"(?:FY|CY)?\s*(\d{4})\s*[/–-]\s*(?:\d\d)?(\d\d)", re.IGNORECASE)
_PART = {
    "month": (re.compile(r"(\d{4})[-/](\d{1,2})"), 12),
    "quarter": (re.compile(r"(?:FY)?(\d{4})[\s/-]?[QT]([1-4])", re.IGNORECASE), 4),
    "week": (re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE), 53),
}


def _number(label: str, sort: str) -> int | None:
    """Return the place of a season among those of its sort, or None where it is none."""
    if sort == "year":
        match = _YEAR.fullmatch(label)
        return int(match[1] or "20" + match[2]) if match else None
    if sort == "pair":
        match = _PAIR.fullmatch(label)
        return int(match[1]) if match and (int(match[1]) + 1) % 100 == int(match[2]) else None
    pattern, parts = _PART[sort]
    match = pattern.fullmatch(label)
    return int(match[1]) * parts + int(match[2]) if match and 1 <= int(match[2]) <= parts else None


SORTS: Final = ("year", "pair", "month", "quarter", "week")
"""Sorts of seasons, in the order in which a file is tried: 2011-12 is two years before it is a month."""


@dataclass(frozen=True, slots=True)
class History:
    """Finds of the seasons before the one that is planned.

    Attributes:
        areas: names, as they are first written, in the order of their letters.
        seasons: labels of the seasons that have a row, from the first to the last.
        steps: seasons from each to the following one, the last to the one that is planned.
        found: finds [areas, seasons].
        effort: teams that looked; NaN where the file does not say [areas, seasons].
        reported: whether there is a row [areas, seasons].
        digest: SHA-256 of the rows that were read.
    """

    areas: tuple[str, ...]
    seasons: tuple[str, ...]
    steps: Counts
    found: Floats
    effort: Floats
    reported: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    digest: str


@dataclass(frozen=True, slots=True)
class PortRow:
    """A row of the table of ports; NaN where it does not say."""

    area: str
    region: str
    flow: float
    now: float


def spelling(area: str) -> str:
    """Return what two spellings of one area share: Québec in either form of Unicode, QUÉBEC, two blanks."""
    return " ".join(unicodedata.normalize("NFC", area).split()).casefold()


def read_history(path: TableFile, season: str) -> History:
    """Read the seasons before one.

    Raises:
        Unusable: the file or the season cannot be used; the reason says which row and why.
    """
    table = list(rows(path, ("area", "season", "found")))
    numbers, planned = _numbers(path, table, season.strip())
    cells: dict[tuple[str, int], tuple[float, float]] = {}
    areas: dict[str, str] = {}
    labels: dict[int, str] = {}
    for (row, one), number in zip(table, numbers, strict=True):
        if number >= planned:
            continue
        area = " ".join(unicodedata.normalize("NFC", one["area"]).split())
        if not area:
            raise Unusable(reason(NO_AREA, file=path.name, row=row))
        key = (spelling(area), number)
        if key in cells:
            raise Unusable(reason(TWICE, file=path.name, row=row, area=area, season=one["season"]))
        areas.setdefault(key[0], area)
        labels.setdefault(number, one["season"])
        looked = read_count(path, row, one, "teams", BAD_COUNT, whole=False) if one.get("teams") else np.nan
        cells[key] = (read_count(path, row, one, "found", BAD_COUNT), looked)
    if not cells:
        raise Unusable(reason(NO_EARLIER, file=path.name, season=season))
    keys, seasons = sorted(areas), sorted(labels)
    at_key, at_season = ({one: at for at, one in enumerate(each)} for each in (keys, seasons))
    found = np.zeros((len(keys), len(seasons)))
    effort, reported = np.full(found.shape, np.nan), np.zeros(found.shape, np.bool_)
    for (area, number), (count, teams) in cells.items():
        at = at_key[area], at_season[number]
        found[at], effort[at], reported[at] = count, teams, True
    basis = "".join(f"{areas[key[0]]}\t{key[1]}\t{cells[key]}\n" for key in sorted(cells))
    return History(
        tuple(areas[key] for key in keys),
        tuple(labels[number] for number in seasons),
        np.diff([*seasons, planned]).astype(np.int64),
        found,
        effort,
        reported,
        hashlib.sha256(basis.encode()).hexdigest(),
    )


def read_ports(path: TableFile) -> list[PortRow]:
    """Read a table of ports: area, and where it is known region, flow a season, teams that are there now.

    Raises:
        Unusable: the file cannot be used.
    """
    ports: dict[str, PortRow] = {}
    for row, one in rows(path, ("area",)):
        area = " ".join(unicodedata.normalize("NFC", one["area"]).split())
        if not area:
            raise Unusable(reason(NO_AREA, file=path.name, row=row))
        if spelling(area) in ports:
            raise Unusable(reason(TWICE_PORT, file=path.name, row=row, area=area))
        flow, now = (
            read_count(path, row, one, name, BAD_COUNT) if one.get(name) else np.nan
            for name in ("flow", "now")
        )
        ports[spelling(area)] = PortRow(area, one.get("region", ""), flow, now)
    return list(ports.values())


def sort_of(season: str) -> str:
    """Return the sort of a season, such as month. Raises `Unusable` if it is none."""
    sort = next((one for one in SORTS if _number(season.strip(), one) is not None), None)
    if sort is None:
        raise Unusable(reason(NO_SEASON, season=season))
    return sort


def rows(path: TableFile, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells of each row, by our names of the columns."""
    table = tables.read(path, frozenset().union(*NAMES.values()))
    headings = {
        name: found
        for name, spellings in NAMES.items()
        if (found := next((each for each in spellings if each in table.by_name), None)) is not None
    }
    if missing := [name for name in needed if name not in headings]:
        raise Unusable(reason(NO_COLUMN, file=path.name, names=", ".join(missing)))
    if (size := len(table.by_name[headings[needed[0]]])) > MOST_ROWS:
        raise Unusable(reason(TOO_MANY, file=path.name, rows=size, most=MOST_ROWS))
    columns = {name: table.texts(heading) for name, heading in headings.items()}
    if table.decimal == ",":
        columns |= {
            name: tuple(one.replace(",", ".") for one in columns[name]) for name in COUNTS & {*columns}
        }
    count = 0
    for line, cells in enumerate(zip(*columns.values(), strict=True), 2):
        if any(cells):
            count += 1
            yield line, dict(zip(columns, cells, strict=True))
    if not count:
        raise Unusable(reason(tables.EMPTY, file=path.name))


def _numbers(path: TableFile, table: list[tuple[int, dict[str, str]]], season: str) -> tuple[list[int], int]:
    """Return the place in time of each row's season and of the one that is planned."""
    for sort in SORTS:
        planned = _number(season, sort)
        numbers = [_number(one["season"], sort) for _, one in table]
        if planned is not None and None not in numbers:
            return [number for number in numbers if number is not None], planned
    if not any(_number(season, sort) is not None for sort in SORTS):
        raise Unusable(reason(NO_SEASON, season=season))
    for row, one in table:
        if not any(_number(one["season"], sort) is not None for sort in SORTS):
            raise Unusable(reason(UNKNOWN_SEASON, file=path.name, row=row, season=one["season"]))
    sort = next(sort for sort in SORTS if _number(season, sort) is not None)
    row, one = next((row, one) for row, one in table if _number(one["season"], sort) is None)
    raise Unusable(reason(MIXED_SEASONS, file=path.name, row=row, season=one["season"], first=season))


def read_count(
    path: TableFile, row: int, one: dict[str, str], column: str, message: Message, whole: bool = True
) -> float:
    """Return a count of `area` in a row, or refuse one that is negative, fractional or none."""
    try:
        value = float(one[column])
    except ValueError:
        value = np.nan
    if not 0 <= value <= LARGEST or (whole and value != int(value)):
        shown = one[column] or "—"
        raise Unusable(reason(message, file=path.name, row=row, area=one["area"], column=column, value=shown))
    return value
