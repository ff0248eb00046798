"""Instances of tours with prizes: files of the orienteering library (OPLib) and of VRPLIB."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TextIO

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, reason

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNREADABLE = declare("patrols.instance-unreadable", "file", "line", "text")
NO_KEY = declare("patrols.instance-no-key", "file", "key")
NO_SUCH_TYPE = declare("patrols.instance-type", "file", "key", "value")
UNSUPPORTED = declare("patrols.instance-section", "file", "section")
TOO_LARGE = declare("patrols.instance-too-large", "file", "count", "most")
SECTION_SIZE = declare("patrols.instance-size", "file", "section", "count", "expected")
NODE_TWICE = declare("patrols.instance-node", "file", "section", "node")
BAD_VALUE = declare("patrols.instance-value", "file", "section", "node")

MOST: Final = 8000
"""Stops of an instance; distances between all pairs take 4 bytes each."""

WHOLE: Final = 2**31 - 1
"""Largest number that a distance, a sum of distances or a prize may be."""

TENTHS: Final = 10
"""Instances with windows of time count in tenths, cut off: the convention of the DIMACS challenge of 2022."""

LONGEST: Final = 2**20
"""Characters of a line, for which a row of the largest matrix leaves a hundred a number."""

PIECE: Final = 2**16
"""Numbers that are kept as text at the same time."""

HEADER: Final = re.compile(r"\s*([A-Z][A-Z0-9_]*)\s*(?::\s*(.*?)\s*)?$")
SKIPPED: Final = frozenset({"DISPLAY_DATA", "TOUR"})


class Instance(Struct, frozen=True):
    """Stops with prizes, the first of which is the depot.

    Attributes:
        name: of the file.
        distances: [n, n], symmetric or not; travel takes as long as it is far.
        prizes: [n]; of the depot too in an orienteering problem.
        limit: length of the one tour of an orienteering problem, which is to collect most; None: at least
        cost
            (distance and prizes not collected), with what follows.
        demands, early, late, service: of each stop [n]; of the depot, when tours may begin and must end.
        capacity, vehicles: of all tours.
        required: stops that must be visited [n].
    """

    name: str
    distances: npt.NDArray[np.int32]
    prizes: Integers
    limit: int | None
    demands: Integers
    early: Integers
    late: Integers
    service: Integers
    capacity: int
    vehicles: int
    required: npt.NDArray[np.bool_]


class _File:
    """Keys and sections of a file, each with where it stands for a refusal."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.keys: dict[str, str] = {}
        self.sections: dict[str, Floats] = {}
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                self._read(lines)
        except OSError as error:
            raise Unusable(reason(UNREADABLE, file=path.name, line=0, text=str(error.strerror))) from None

    def _read(self, lines: TextIO) -> None:
        """Read keys and sections, numbers as they come: no more than an instance of this size can have."""
        section, most, line = "", 0, 0
        text, found = list[str](), list[Floats]()
        for line, content in enumerate(iter(partial(lines.readline, LONGEST), ""), 1):
            if len(content) == LONGEST:
                raise self.refusal(UNREADABLE, line=line, text=content.strip()[:40])
            if header := HEADER.match(content):
                self._close(section, text, found, line)
                section, text, found = "", [], []
                if header[1] == "EOF":
                    break
                if header[1].endswith("_SECTION"):
                    section = header[1].removesuffix("_SECTION")
                    count = self.count()
                    most = count * count if section == "EDGE_WEIGHT" else 3 * count
                elif header[2] is not None:
                    self.keys[header[1]] = header[2]
            elif section in SKIPPED:
                continue
            elif section:
                text += content.split()
                if len(text) > PIECE:
                    found.append(self._numbers(text, line))
                    text.clear()
                    if (count := sum(map(len, found))) > most + PIECE:
                        raise self.refusal(SECTION_SIZE, section=section, count=count, expected=most)
            elif content.strip():
                raise self.refusal(UNREADABLE, line=line, text=content.strip()[:40])
        self._close(section, text, found, line)

    def _close(self, section: str, text: list[str], found: list[Floats], line: int) -> None:
        if section and section not in SKIPPED:
            self.sections[section] = np.concatenate([*found, self._numbers(text, line)])

    def _numbers(self, text: list[str], line: int) -> Floats:
        try:
            return np.array(text, np.float64)
        except ValueError as error:
            raise self.refusal(UNREADABLE, line=line, text=str(error)[:60]) from None

    def count(self) -> int:
        """Read how many stops there are, which stands before all sections."""
        count = self.number("DIMENSION", least=2)
        if count > MOST:
            raise self.refusal(TOO_LARGE, count=count, most=MOST)
        return count

    def refusal(self, message: object, **params: str | int) -> Unusable:
        """Make the refusal of this file."""
        return Unusable(_reason(message, file=self.name, **params))

    def number(self, key: str, least: int = 0, default: int | None = None) -> int:
        """Read a whole number of the header."""
        text = self.keys.get(key)
        if text is None:
            if default is None:
                raise self.refusal(NO_KEY, key=key)
            return default
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not least <= value <= WHOLE:
            raise self.refusal(NO_SUCH_TYPE, key=key, value=text[:40])
        return int(value)

    def column(self, section: str, count: int, width: int = 1) -> Floats:
        """Read `width` values of each stop [count, width], in the order of the stops."""
        values = self.sections.get(section)
        if values is None:
            raise self.refusal(NO_KEY, key=f"{section}_SECTION")
        if values.size != count * (width + 1):
            raise self.refusal(
                SECTION_SIZE, section=section, count=values.size // (width + 1), expected=count
            )
        table = values.reshape(count, width + 1)
        order = np.argsort(table[:, 0], kind="stable")
        expected = np.arange(1, count + 1)
        if (wrong := np.flatnonzero(table[order, 0] != expected)).size:
            raise self.refusal(NODE_TWICE, section=section, node=int(expected[wrong[0]]))
        table = table[order, 1:]
        bad = ~np.isfinite(table) | (np.abs(table) > WHOLE / TENTHS)
        if section != "NODE_COORD":
            bad |= table < 0
        if bad.any():
            raise self.refusal(BAD_VALUE, section=section, node=int(np.flatnonzero(bad.any(axis=1))[0]) + 1)
        return table


def _reason(message: object, **params: str | int) -> Reason:
    return reason(message, **params)  # type: ignore[arg-type]


def read(path: Path) -> Instance:
    """Read an instance.

    `.oplib` and every file of TYPE OP: one tour from the first stop and back, at most COST_LIMIT long;
    distances are TSPLIB's. VRPLIB (CVRP, VRPTW, PCVRP, PCVRPTW): tours from the first stop; distances, times
    and prizes are in tenths, cut off, where the file has windows of time, else distances are rounded. A stop
    without a prize must be visited.

    Raises:
        Unusable: the file is none of these, contradicts itself or has what is not supported.
    """
    file = _File(path)
    kind = file.keys.get("TYPE", "OP" if path.suffix.lower() == ".oplib" else "").split(" ")[0].upper()
    if kind not in ("OP", "CVRP", "VRPTW", "CVRPTW", "PCVRP", "PCVRPTW"):
        raise file.refusal(NO_SUCH_TYPE, key="TYPE", value=kind)
    count = file.count()
    depot = file.sections.get("DEPOT", np.array([1.0, -1.0]))
    if list(depot) not in ([1.0], [1.0, -1.0]):
        raise file.refusal(UNSUPPORTED, section="DEPOT")
    known = {"NODE_COORD", "EDGE_WEIGHT", "DEPOT"}
    none = np.zeros(count, np.int64)
    if kind == "OP":
        known |= {"NODE_SCORE"}
        _refuse_others(file, known)
        return Instance(
            file.name,
            _distances(file, count, 1),
            file.column("NODE_SCORE", count)[:, 0].astype(np.int64),
            file.number("COST_LIMIT"),
            *(none, none, none, none),
            capacity=0,
            vehicles=1,
            required=none == 1,
        )
    _refuse_others(file, known | {"DEMAND", "TIME_WINDOW", "SERVICE_TIME", "PRIZE"})
    unit = TENTHS if "TIME_WINDOW" in file.sections else 1

    def whole(section: str) -> Integers:
        return (unit * file.column(section, count)[:, 0]).astype(np.int64)

    windows = np.array([[0, WHOLE]]).repeat(count, axis=0)
    if "TIME_WINDOW" in file.sections:
        windows = (unit * file.column("TIME_WINDOW", count, 2)).astype(np.int64)
        if (closed := np.flatnonzero(windows[:, 0] > windows[:, 1])).size:
            raise file.refusal(BAD_VALUE, section="TIME_WINDOW", node=int(closed[0]) + 1)
    service = none
    if "SERVICE_TIME" in file.sections:
        service = whole("SERVICE_TIME")
    elif "SERVICE_TIME" in file.keys:
        service = np.full(count, unit * file.number("SERVICE_TIME"))
        service[0] = 0
    prizes = whole("PRIZE") if "PRIZE" in file.sections else none
    demands = file.column("DEMAND", count)[:, 0].astype(np.int64) if "DEMAND" in file.sections else none
    required = prizes == 0
    required[0] = False
    return Instance(
        file.name,
        _distances(file, count, unit),
        np.where(np.arange(count) == 0, 0, prizes),
        None,
        demands,
        windows[:, 0].copy(),
        windows[:, 1].copy(),
        service,
        file.number("CAPACITY", default=WHOLE),
        min(file.number("VEHICLES", least=1, default=count - 1), count - 1),
        required,
    )


def _refuse_others(file: _File, known: set[str]) -> None:
    """Refuse a section that would change the answer and is not read."""
    if others := file.sections.keys() - known:
        raise file.refusal(UNSUPPORTED, section=min(others))


def _distances(file: _File, count: int, unit: int) -> npt.NDArray[np.int32]:
    """Compute the distances between all stops, a row at a time."""
    kind = file.keys.get("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if kind == "EXPLICIT":
        return _explicit(file, count, unit)
    if kind not in METRICS:
        raise file.refusal(NO_SUCH_TYPE, key="EDGE_WEIGHT_TYPE", value=kind)
    places = file.column("NODE_COORD", count, 2)
    if unit > 1 and kind == "EUC_2D":
        kind = "TENTHS"
    if kind == "GEO":
        # Degrees and minutes as D.MM, with the value of pi that TSPLIB has.
        degrees = np.trunc(places)
        places = 3.141592 * (degrees + 5 * (places - degrees) / 3) / 180
    found = np.empty((count, count), np.int32)
    for row in range(count):
        line = METRICS[kind](places[row], places)
        if line.max() > WHOLE:
            raise file.refusal(BAD_VALUE, section="NODE_COORD", node=row + 1)
        found[row] = line
    np.fill_diagonal(found, 0)
    return found


def _explicit(file: _File, count: int, unit: int) -> npt.NDArray[np.int32]:
    layout = file.keys.get("EDGE_WEIGHT_FORMAT", "").upper()
    values = file.sections.get("EDGE_WEIGHT")
    if values is None:
        raise file.refusal(NO_KEY, key="EDGE_WEIGHT_SECTION")
    if layout not in SPANS:
        raise file.refusal(NO_SUCH_TYPE, key="EDGE_WEIGHT_FORMAT", value=layout)
    spans = [SPANS[layout](row, count) for row in range(count)]
    ends = np.cumsum([end - start for start, end in spans])
    if values.size != ends[-1]:
        raise file.refusal(SECTION_SIZE, section="EDGE_WEIGHT", count=values.size, expected=int(ends[-1]))
    if (bad := np.flatnonzero(~((values >= 0) & (values * unit <= WHOLE)))).size:
        node = int(np.searchsorted(ends, bad[0], "right")) + 1
        raise file.refusal(BAD_VALUE, section="EDGE_WEIGHT", node=node)
    found = np.zeros((count, count), np.int32)
    for row, (start, end) in enumerate(spans):
        found[row, start:end] = unit * values[ends[row] - (end - start) : ends[row]]
    if layout != "FULL_MATRIX":
        found = np.maximum(found, found.T)
    np.fill_diagonal(found, 0)
    return found


def _legs(here: Floats, places: Floats) -> Floats:
    found: Floats = np.sqrt(((here - places) ** 2).sum(axis=1))
    return found


def _great_circle(here: Floats, places: Floats) -> Floats:
    """Compute kilometres on TSPLIB's sphere, between places in radians."""
    (latitude, longitude), other = here, places.T
    east, north = np.cos(longitude - other[1]), np.cos(latitude - other[0])
    both = np.cos(latitude + other[0])
    angle = np.arccos(np.clip(0.5 * ((1 + east) * north - (1 - east) * both), -1, 1))
    found: Floats = np.floor(6378.388 * angle + 1)
    return found


METRICS: Final[dict[str, Callable[[Floats, Floats], Floats]]] = {
    "EUC_2D": lambda here, places: np.floor(_legs(here, places) + 0.5),
    "TENTHS": lambda here, places: np.floor(TENTHS * _legs(here, places)),
    "CEIL_2D": lambda here, places: np.ceil(_legs(here, places)),
    "MAN_2D": lambda here, places: np.floor(np.abs(here - places).sum(axis=1) + 0.5),
    "MAX_2D": lambda here, places: np.floor(np.abs(here - places).max(axis=1) + 0.5),
    "ATT": lambda here, places: np.ceil(np.sqrt(((here - places) ** 2).sum(axis=1) / 10)),
    "GEO": _great_circle,
}
"""Distances of TSPLIB (G. Reinelt, ORSA Journal on Computing 3, 1991), from one place to all."""

SPANS: Final[dict[str, Callable[[int, int], tuple[int, int]]]] = {
    "FULL_MATRIX": lambda _row, count: (0, count),
    "LOWER_DIAG_ROW": lambda row, _count: (0, row + 1),
    "UPPER_DIAG_ROW": lambda row, count: (row, count),
    "LOWER_ROW": lambda row, _count: (0, row),
    "UPPER_ROW": lambda row, count: (row + 1, count),
}
"""Columns of each row of an explicit matrix that a file has."""
