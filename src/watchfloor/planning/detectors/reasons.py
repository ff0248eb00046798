"""Reasons for a team in an area: rate, uncertainty, flow, what is learned by being there."""

from typing import Final

import numpy as np
from msgspec import Struct

from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.planning.detectors.rates import Floats

RATE = declare("detectors.rate", "rate", "low", "high", "percent")
ADDS = declare("detectors.adds", "count", "percent")
KINDS = declare("detectors.kinds", "kinds", "percent")
EXPLORES = declare("detectors.explores", "count")
LEARNED = declare("detectors.learned", "percent")
FLOW = declare("detectors.flow", "flow", "per")
NO_FLOW = declare("detectors.no-flow")
CLOSED = declare("detectors.closed")
NOTHING_FOUND = declare("detectors.nothing-found", "seasons", "percent")
NOTHING_BY_CHANCE = declare("detectors.nothing-by-chance", "seasons", "percent")
FEW = declare("detectors.few", "found", "seasons")
NO_HISTORY = declare("detectors.no-history")
NOT_LOOKED = declare("detectors.not-looked", "season")
CHANGED = declare("detectors.changed", "before", "latest")
COMES = declare("detectors.comes", "count")
LEAVES = declare("detectors.leaves", "count")

SMALL: Final = 5
"""Finds below which an area is too little known to be judged by them."""
RARE: Final = 0.05
"""Chance below which finding nothing is hardly chance."""


class Area(Struct, frozen=True):
    """Knowledge of an area.

    Attributes:
        rate, low, high, share, learned, flow: see `record.Port`.
        flows: whether that of any area is known.
        usual: mean rate of all areas.
        found, exposure: by season.
        seasons: their labels.
    """

    rate: float
    low: float
    high: float
    share: float
    learned: float
    flow: float | None
    flows: bool
    usual: float
    found: Floats
    exposure: Floats
    seasons: tuple[str, ...]


class Presence(Struct, frozen=True):
    """Teams of an area.

    Attributes:
        teams, exploring: how many, and how many of them explore.
        adds: share of all finds that they should have.
        now: how many are there today.
        kinds: how many of each kind, where there are kinds.
    """

    teams: int
    exploring: int
    adds: float
    now: int | None
    kinds: dict[str, int]


def why(area: Area, presence: Presence) -> tuple[Reason, ...]:
    """Return why teams are in an area, or what is missed by having none there."""
    rate = reason(
        RATE,
        rate=_figure(area.rate),
        low=_figure(area.low),
        high=_figure(area.high),
        percent=percent(area.share),
    )
    learned = reason(LEARNED, percent=percent(area.learned))
    return rate, *_seen(area), *_flow(area), *_presence(presence), learned


def _seen(area: Area) -> list[Reason]:
    """Return what the earlier seasons of an area say, and what they are too few to say."""
    looked = np.flatnonzero(area.exposure > 0)
    if not looked.size:
        return [reason(NO_HISTORY)]
    found = area.found[looked]
    total, count = int(found.sum()), len(looked)
    why = []
    if total == 0:
        chance = float(np.exp(-area.usual * area.exposure[looked].sum()))
        message = NOTHING_BY_CHANCE if chance >= RARE else NOTHING_FOUND
        why.append(reason(message, seasons=count, percent=percent(chance)))
    elif total < SMALL:
        why.append(reason(FEW, found=total, seasons=count))
    elif count > 1:
        before, latest = float(found[:-1].mean()), float(found[-1])
        # Two Poisson counts differ by more than twice what chance alone makes of them.
        if abs(latest - before) > 2 * np.sqrt(latest + before / (count - 1) + 1):
            why.append(reason(CHANGED, before=_figure(before), latest=_figure(latest)))
    if looked[-1] < len(area.exposure) - 1:
        why.append(reason(NOT_LOOKED, season=area.seasons[looked[-1]]))
    return why


def _flow(area: Area) -> list[Reason]:
    if area.flow is None:
        return [reason(NO_FLOW)] if area.flows else []
    if not area.flow:
        return [reason(CLOSED)]
    return [reason(FLOW, flow=int(area.flow), per=_figure(1e5 * area.rate / area.flow))]


def _presence(presence: Presence) -> list[Reason]:
    why: list[Reason] = []
    teams, now = presence.teams, presence.now
    if presence.kinds:
        kinds = ", ".join(f"{count} × {kind}" for kind, count in presence.kinds.items())
        why.append(reason(KINDS, kinds=kinds, percent=percent(presence.adds)))
    elif teams:
        why.append(reason(ADDS, count=teams, percent=percent(presence.adds)))
    if presence.exploring:
        why.append(reason(EXPLORES, count=presence.exploring))
    if now is not None and teams != now:
        message: Message = COMES if teams > now else LEAVES
        why.append(reason(message, count=abs(teams - now)))
    return why


def _figure(value: float) -> int | float:
    return round(value) if value >= 1 else value


def percent(share: float) -> int | float:
    """Return a share as it is written in a sentence."""
    return round(100 * share) if share >= 0.01 or share == 0 else max(100 * share, 0.01)
