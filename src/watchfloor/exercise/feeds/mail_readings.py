"""Readings of parcels: handheld analysers at the mail centre, and the laboratory that samples go to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from watchfloor.desks.lab.techniques import category
from watchfloor.exercise.acts import Act, Analysed
from watchfloor.exercise.cast import DAY, Cast
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import bench, tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "mail-readings"
HANDHELD: Final = ("raman", "ftir")
HELD: Final = 4
"""Handheld analysers at the mail centre."""


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Powders that an analyser names as something harmless, or that lack what it looked for."""
    own = cast.beside(NAME)
    for act in bench.everyday(own, count):
        assert isinstance(act, Analysed)
        found = "presumptive" if act.level == "identified" else act.level
        yield replace(act, method=own.one_of(HANDHELD), level=found)


def sees(act: Act) -> Iterator[Observation]:
    """Yield the readings of the instrument, with which instrument it was."""
    if isinstance(act, Analysed):
        for seen in bench.sees(act):
            yield replace(seen, says={**seen.says, **_instrument(act)})


def _instrument(act: Analysed) -> dict[str, Any]:
    if act.method not in HANDHELD:
        return {"instrument": "laboratory", "serial": "GC-0417", "category": category(act.method)}
    number = 1 + sum(map(ord, act.sample)) % HELD
    return {
        "instrument": f"handheld analyser {number}",
        "serial": f"HA-{number:03}",
        "calibrated_at": DAY - timedelta(days=30 * number),
        "calibrated_until": DAY + timedelta(days=365 - 30 * number),
        "library": "narcotics 2026.2",
        "operator": f"badge {4000 + number}",
        "place": "Port Ashby mail centre",
        "category": category(act.method),
        "matrix": "powder",
        "unit": "cm-1",
    }


FEED: Final = tables.feed(NAME, "reading", sees, Volume(60_000, "our choice"), everyday)
