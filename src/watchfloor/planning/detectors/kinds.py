"""Detectors of several kinds: dogs, analysers, scanners, imaging; how well each finds, and which are ready.

    detector,kind[,confirmed,missed,refuted,cleared][,capacity][,ready][,at]

The four counts are those of `watchfloor lab devices --json`: alarms that were confirmed or refuted, and
negatives that proved wrong or right. A hit rate is what a detector confirmed among what was there, drawn
towards that of its kind as if that were ten tests more (a beta prior): a dog that found nothing in two
tests is no worse a dog for it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from watchfloor.cell.acts import Unusable
from watchfloor.core import proportions
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning.detectors.history import BAD_COUNT, TableFile, read_count, rows, spelling
from watchfloor.planning.detectors.rates import Floats
from watchfloor.planning.detectors.reasons import percent

NO_DETECTOR = declare("detectors.no-detector", "file", "row")
TWICE_DETECTOR = declare("detectors.twice-detector", "file", "row", "detector")
NONE_READY = declare("detectors.none-ready", "file", "count")
UNSTATED = declare("detectors.readiness-unstated", "detectors")
NOT_READY = declare("detectors.not-ready", "detector", "why")
NEVER_FOUND = declare("detectors.never-found", "detector", "tests", "percent")
NEVER_BY_CHANCE = declare("detectors.never-by-chance", "detector", "tests", "percent")
UNTESTED = declare("detectors.untested", "kind", "percent")

PRIOR: Final = 10.0
"""Tests that the hit rate of a kind counts for in that of one detector."""
FEW: Final = 0.05
"""Chance below which it is hardly chance that a detector never found."""
READY: Final = frozenset(("", "yes", "y", "1", "true", "oui", "o"))


class Detector(Struct, frozen=True):
    """A row of the table; NaN where it does not say. `why` it is not ready is empty where it is."""

    name: str
    kind: str
    confirmed: float
    missed: float
    refuted: float
    cleared: float
    capacity: float
    why: str
    at: str


class Kind(Struct, frozen=True):
    """Detectors of a kind that are ready.

    Attributes:
        kind: its name.
        detectors: names of those that are ready.
        hit, low, high: mean chance that one of them finds what is there; the 95 % interval of the kind.
        tests: of items that held something.
        false: share of false alarms among items that held nothing; None where it is not known.
        capacity: items that one examines in a season, rest included; None: all that pass.
        at: areas where they are now.
    """

    kind: str
    detectors: tuple[str, ...]
    hit: float
    low: float
    high: float
    tests: int
    false: float | None
    capacity: float | None
    at: tuple[str, ...]

    def hits(self, flows: Floats) -> Floats:
        """Return the hit rate in each area: of what passes, one detector examines no more than it can.

        A flow that is not known (NaN) is taken as the median of the others, so that it is no advantage.
        """
        known = flows[np.isfinite(flows)]
        if self.capacity is None or not known.size:
            return np.full(len(flows), self.hit)
        flows = np.where(np.isfinite(flows), flows, np.median(known))
        examined = np.where(flows > 0, self.capacity / np.where(flows > 0, flows, 1.0), 1.0)
        return self.hit * np.minimum(examined, 1.0)


def read_detectors(path: TableFile) -> list[Detector]:
    """Read a table of detectors.

    Raises:
        Unusable: the file cannot be used, a detector has no name or no kind, or one is named twice.
    """
    found: dict[str, Detector] = {}
    for row, one in rows(path, ("detector", "kind")):
        if not one["detector"] or not one["kind"]:
            raise Unusable(reason(NO_DETECTOR, file=path.name, row=row))
        key = spelling(one["detector"])
        if key in found:
            raise Unusable(reason(TWICE_DETECTOR, file=path.name, row=row, detector=one["detector"]))
        of = one | {"area": one["detector"]}
        counts = {
            name: read_count(path, row, of, name, BAD_COUNT) if one.get(name) else np.nan
            for name in ("confirmed", "missed", "refuted", "cleared", "capacity")
        }
        ready = one.get("ready", "")
        why = "" if ready.casefold() in READY else ready
        found[key] = Detector(one["detector"], one["kind"], **counts, why=why, at=one.get("at", ""))
    return list(found.values())


def ready_kinds(
    path: TableFile, hit: float, stated: Mapping[str, Sequence[Reason]] | None = None
) -> tuple[list[Kind], tuple[Reason, ...]]:
    """Return the kinds that have a detector ready, the best first, and what is to be known of detectors.

    Args:
        path: see `read_detectors`.
        hit: of a kind of which no detector was tested.
        stated: why each detector that something was said of is not ready, by its spelling; none: it is.

    Raises:
        Unusable: the file cannot be used, or no detector is ready.
    """
    detectors = read_detectors(path)
    notes = [reason(NOT_READY, detector=one.name, why=one.why) for one in detectors if one.why]
    if stated is not None:
        notes += [why for one in detectors for why in stated.get(spelling(one.name), ())]
        unstated = [one.name for one in detectors if spelling(one.name) not in stated and not one.why]
        notes += [reason(UNSTATED, detectors=", ".join(unstated))] if unstated else []
        detectors = [
            replace(one, why=one.why or "; ".join(map(str, stated.get(spelling(one.name), ()))))
            for one in detectors
        ]
    groups: dict[str, list[Detector]] = {}
    for one in detectors:
        groups.setdefault(spelling(one.kind), []).append(one)
    kinds = []
    for group in groups.values():
        kind, told = _kind(group, hit)
        notes += told
        if kind.detectors:
            kinds.append(kind)
    if not kinds:
        raise Unusable(reason(NONE_READY, file=path.name, count=len(detectors)))
    return sorted(kinds, key=lambda one: (-one.hit, one.kind)), tuple(notes)


def _kind(group: Sequence[Detector], hit: float) -> tuple[Kind, list[Reason]]:
    confirmed, missed, refuted, cleared = (
        np.nan_to_num([getattr(one, name) for one in group])
        for name in ("confirmed", "missed", "refuted", "cleared")
    )
    tests = confirmed + missed
    total = float(tests.sum())
    name = group[0].kind
    ready = np.array([not one.why for one in group])
    notes = []
    if total:
        usual = float((confirmed.sum() + 0.5) / (total + 1))  # Jeffreys, so that it is neither 0 nor 1
        low, high = proportions.jeffreys(float(confirmed.sum()), total)
        each = (confirmed + PRIOR * usual) / (tests + PRIOR)
        for one, right, tried in zip(group, confirmed, tests, strict=True):
            if tried and not right and not one.why:
                chance = (1.0 - usual) ** tried
                message = NEVER_BY_CHANCE if chance >= FEW else NEVER_FOUND
                notes.append(
                    reason(message, detector=one.name, tests=int(tried), percent=percent(float(chance)))
                )
    else:
        low, high = 0.0, 1.0
        each = np.full(len(group), hit)
        notes.append(reason(UNTESTED, kind=name, percent=percent(hit)))
    empty = float((refuted + cleared).sum())
    limits = [one.capacity for one in group if not one.why and not np.isnan(one.capacity)]
    kind = Kind(
        kind=name,
        detectors=tuple(one.name for one in group if not one.why),
        hit=float(each[ready].mean()) if ready.any() else hit,
        low=low,
        high=high,
        tests=int(total),
        false=float(refuted.sum()) / empty if empty else None,
        capacity=float(np.mean(limits)) if limits else None,
        at=tuple(one.at for one in group if not one.why),
    )
    return kind, notes
