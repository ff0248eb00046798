"""Readiness as evidence: who said when, and by what paper, that an asset, a dog or a device may be used.

[[readiness]]                       # in patrols.toml of a floor
asset = "helicopter"                # a key of assets.toml, or the name of a detector
of = "serviceability"               # or fuel, crew-hours, rest, certification, calibration
at = 2026-12-06T18:00:00-06:00      # when it was found to be so
source = "technical log 2231"       # by what paper
ready = false                       # of serviceability: whether it may be used; true where it is not said
until = 2026-12-20T12:00:00Z        # certification, calibration: good until; else: out until
hours = 3.5                         # fuel: endurance on board; crew-hours: left in this week
why = "tail rotor"

Of several of one thing the last holds. What is not said is taken to be ready, and that is said.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchfloor.casework.tasking.assets import MARKING
from watchfloor.core.messages import Reason, declare, reason

SERVICEABILITY, FUEL, CREW_HOURS, REST = "serviceability", "fuel", "crew-hours", "rest"

UNSERVICEABLE = declare("readiness.unserviceable", "asset", "why", "at", "source")
NO_FUEL_LEFT = declare("readiness.no-fuel-left", "asset", "at", "source")
NO_HOURS_LEFT = declare("readiness.no-hours-left", "asset", "at", "source")
RESTS = declare("readiness.rests", "asset", "until", "at", "source")
RUN_OUT = {
    "certification": declare("readiness.certification-out", "asset", "until", "source"),
    "calibration": declare("readiness.calibration-out", "asset", "until", "source"),
}
"""Papers that run out."""

THINGS: Final = (SERVICEABILITY, FUEL, CREW_HOURS, REST, *RUN_OUT)
STATED: Final = {FUEL: "hours", CREW_HOURS: "hours", REST: "until", **dict.fromkeys(RUN_OUT, "until")}
"""Field that a statement must have, by what it is of."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A statement of one thing about one asset; see the module."""

    asset: str
    of: str
    at: datetime
    source: str
    ready: bool = True
    until: datetime | None = None
    hours: float | None = None
    why: str = ""
    marking: str = MARKING


class Readiness(msgspec.Struct, frozen=True):
    """When and how far an asset can be used.

    Attributes:
        begins, ends: between which it can be.
        endurance_s: that its fuel allows; infinite: nothing is said of it.
        week_s: of duty that its crew has left in a week; infinite: nothing is said of it.
        limits: from when to when it cannot be used, and why, each a sentence with its source.
    """

    begins: datetime = datetime.min.replace(tzinfo=UTC)
    ends: datetime = datetime.max.replace(tzinfo=UTC)
    endurance_s: float = math.inf
    week_s: float = math.inf
    limits: tuple[tuple[datetime, datetime, Reason], ...] = ()

    def within(self, since: datetime, until: datetime) -> list[Reason]:
        """Return why it cannot be used for a part of some time."""
        return [why for begins, ends, why in self.limits if begins < until and since < ends]


UNKNOWN: Final = Readiness()


def strictest(of: Iterable[Readiness]) -> Readiness:
    """Return when and how far all of them can be used, such as an asset and its crews."""
    every = [UNKNOWN, *of]
    return Readiness(
        max(one.begins for one in every),
        min(one.ends for one in every),
        min(one.endurance_s for one in every),
        min(one.week_s for one in every),
        tuple(limit for one in every for limit in one.limits),
    )


def problems(one: Statement) -> Iterator[tuple[str, str]]:
    """Yield the keys of a statement that cannot be used, each with what is wrong."""
    if one.of not in THINGS:
        yield "of", f"{one.of!r} is nothing that readiness is of: {', '.join(THINGS)}"
    for key in ("at", "until"):
        moment = getattr(one, key)
        if moment is not None and moment.tzinfo is None:
            yield key, f"of {one.asset} needs a time zone, such as 2026-12-07T11:00:00Z"
    if not one.source.strip():
        yield "source", f"of {one.asset} is empty: name the log, release or certificate"
    needed = STATED.get(one.of)
    if needed and getattr(one, needed) is None:
        yield "of", f"{one.of} of {one.asset} needs `{needed}`"
    if one.hours is not None and not 0 <= one.hours < math.inf:
        yield "hours", "is a number of hours, 0 or more"


def readiness(statements: Iterable[Statement], now: datetime) -> dict[str, Readiness]:
    """Return the readiness of each asset that something was said of until now."""
    last: dict[tuple[str, str], Statement] = {}
    for one in sorted(statements, key=lambda one: one.at):
        if one.at <= now:
            last[one.asset, one.of] = one
    by_asset: dict[str, dict[str, Statement]] = {}
    for (asset, thing), one in last.items():
        by_asset.setdefault(asset, {})[thing] = one
    return {asset: _of_asset(one) for asset, one in by_asset.items()}


def _of_asset(said: Mapping[str, Statement]) -> Readiness:
    begins, ends = UNKNOWN.begins, UNKNOWN.ends
    endurance = week = math.inf
    limits: list[tuple[datetime, datetime, Reason]] = []
    for of, one in said.items():
        where = {"asset": one.asset, "at": _minute(one.at), "source": one.source}
        until = one.until.astimezone(UTC) if one.until else UNKNOWN.ends
        if of == SERVICEABILITY and not one.ready:
            begins = max(begins, until)
            limits.append((UNKNOWN.begins, until, reason(UNSERVICEABLE, **where, why=one.why or "-")))
        elif of == FUEL:
            endurance = 3600.0 * (one.hours or 0.0)
            if not endurance:
                limits.append((UNKNOWN.begins, UNKNOWN.ends, reason(NO_FUEL_LEFT, **where)))
        elif of == CREW_HOURS:
            week = 3600.0 * (one.hours or 0.0)
            if not week:
                limits.append((UNKNOWN.begins, UNKNOWN.ends, reason(NO_HOURS_LEFT, **where)))
        elif of == REST:
            begins = max(begins, until)
            limits.append((UNKNOWN.begins, until, reason(RESTS, **where, until=_minute(until))))
        elif of in RUN_OUT:
            ends = min(ends, until)
            params = {"asset": one.asset, "source": one.source, "until": _minute(until)}
            limits.append((until, UNKNOWN.ends, reason(RUN_OUT[of], **params)))
    return Readiness(begins, ends, endurance, week, tuple(limits))


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%MZ}"
