"""Traces that were found afterwards, against what the map stated and what was detected.

A trace is a report of the floor with a place by the line, whose author says that it speaks to a crossing:
footprints, a cut fence, an abandoned boat. Somebody crossed there in the hours before it was found. Whether
sensors had detected that says how likely they detect, whatever the map states: the share of traces near which
a crossing was detected, as in capture and recapture (Petersen 1896). That holds where who found the trace did
not come because of the detection; so a report that names a track is left out.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from watchfloor.cell.current_signals import signals
from watchfloor.core.earth import great_circle
from watchfloor.core.marking import joined
from watchfloor.core.proportions import jeffreys
from watchfloor.desks.surveillance.events.crossing import RULE
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.estimate import Coverage
from watchfloor.policy.policy import Reader
from watchfloor.reference import border
from watchfloor.store.floor import Floor

COLUMNS: Final = ("report_key", "observed_at", "hypothesis", "subjects", "latitude", "longitude", "marking")
CROSSER: Final[Mapping[str, Mapping[bool, str]]] = {
    "unlawful-crossing": {False: "walker", True: "boat"},
    "trafficking-by-vehicle": {False: "vehicle", True: "vehicle"},
    "trafficking-by-water-or-air": {False: "aircraft", True: "boat"},
}
"""Kind of crosser by what the author says that a report speaks to, on land and on water."""
BY_THE_LINE: Final = 5_000.0
"""Metres from the line within which a trace is one of a crossing. Judgement."""
NEAR: Final = 2_000.0
"""Metres between a trace and a crossing that was detected, at which they are taken for one. Judgement."""


@dataclass(frozen=True, slots=True)
class Realised:
    """Traces of one kind of crosser on one kind of ground.

    Attributes:
        traces: how many.
        stated: mean probability of detection that the map has for where and when they may have crossed.
        detected: how many had a crossing detected near them.
        low, high: 95 % interval of the share that was detected (Jeffreys).
    """

    kind: str
    ground: str
    traces: int
    stated: float
    detected: int
    low: float
    high: float


def realised(
    floor: Floor, reader: Reader, found: Coverage, before: int, as_of: int | datetime | None = None
) -> tuple[list[Realised], str]:
    """Compare traces with what was stated and detected; give the marking of all that went into it too.

    Args:
        floor: whose reports and signals.
        reader: who asks.
        found: coverage of the hours in which traces were found, and of as many before them as `before`.
        before: hours before it was found in which somebody left a trace.
        as_of: a position or moment of the log.
    """
    hour, hours = timedelta(hours=1), found.table.shape[1]
    chance, numbers = found.table.probability, {name: at for at, name in enumerate(CROSSERS)}
    crossings = signals(floor, reader, as_of)
    crossings = crossings.filter(
        pc.and_(pc.equal(crossings["rule"], RULE), pc.is_valid(crossings["latitude"]))
    )
    known = crossings.select(["since", "at", "latitude", "longitude", "marking"]).to_pylist()
    cases: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    markings = {found.marking}
    for row in floor.read("report", reader, as_of, columns=COLUMNS, latest=True).to_pylist():
        last = int((row["observed_at"] - found.start) // hour)
        if row["hypothesis"] not in CROSSER or not before <= last < hours or _led_by_track(row):
            continue
        km = _kilometre(row)
        if km is None:
            continue
        ground = found.where.stretch(km).ground
        kind = CROSSER[row["hypothesis"]][ground != "land"]
        near = [one for one in known if _is_near(one, row, timedelta(hours=before))]
        markings |= {row["marking"], *(one["marking"] for one in near)}
        stated = chance[numbers[kind], km, last - before + 1 : last + 1].mean()
        cases[kind, ground].append((float(stated), bool(near)))
    answer = []
    for (kind, ground), each in sorted(cases.items()):
        mean, hits = np.array(each, float).mean(0), sum(one for _, one in each)
        answer.append(Realised(kind, ground, len(each), float(mean[0]), hits, *jeffreys(hits, len(each))))
    return answer, joined(markings - {""})


def _led_by_track(row: Mapping[str, Any]) -> bool:
    return any(one.startswith("track:") for one in row["subjects"] or ())


def _kilometre(row: Mapping[str, Any]) -> int | None:
    """Return the kilometre by which a report's place is; None of one that is not by the line."""
    if row["latitude"] is None or row["longitude"] is None:
        return None
    near = border.load().nearest(row["latitude"], row["longitude"])
    return int(near.km[0]) if near.metres[0] <= BY_THE_LINE and not near.alaska[0] else None


def _is_near(crossing: Mapping[str, Any], trace: Mapping[str, Any], before: timedelta) -> bool:
    at = crossing["since"] or crossing["at"]
    places = (np.asarray(one[name]) for one in (crossing, trace) for name in ("latitude", "longitude"))
    there = trace["observed_at"]
    return bool(there - before <= at <= there and great_circle(*places) <= NEAR)
