"""Notices of the rules become events: strength, marks and the sentence."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite, isnan
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.desks.surveillance import messages
from watchfloor.desks.surveillance.events import crossing, gap, loitering, marks, rendezvous, risk, strength
from watchfloor.desks.surveillance.events.event import Event
from watchfloor.desks.surveillance.events.line import Line
from watchfloor.desks.surveillance.events.outbox import NOTICE
from watchfloor.desks.surveillance.events.walk import Seen
from watchfloor.records.messages import Reason, reason

Array = npt.NDArray[Any]

Factors = Callable[[Array], Array]
"""What is left of the strength of each notice, in the order of their points."""


class Told(NamedTuple):
    """Notices of one rule."""

    rule: str
    version: str
    notices: Array


class About(NamedTuple):
    """One notice, with what its sentence may need."""

    notice: Any
    left: float
    marks: tuple[str, ...]
    km: float


AT_RISK: Final = (risk.EXPOSED, risk.ICE, risk.ADRIFT)
"""Rules whose events go to rescue before any crime."""
UNLOWERED: Final = (*AT_RISK, gap.RULE)
"""Rules that neither local traffic nor class nor weather lowers."""
MARKED: Final = 0.5
"""Score that an event of a marked stretch has at most: possible, never likely."""


def told(factors: Factors, line: Line, seen: Seen, rules: list[Told]) -> list[Event]:
    """The events of a batch, in the order of their points, rules and tracks."""
    notices = np.concatenate([each.notices for each in rules] or [np.zeros(0, NOTICE)])
    number = np.repeat(np.arange(len(rules)), [len(each.notices) for each in rules])
    order = np.lexsort((notices["window"], notices["other"], notices["track"], number, notices["row"]))
    notices, number = notices[order], number[order]
    left = factors(notices)
    if not len(notices):
        return []
    lowered = np.array([each.rule not in UNLOWERED for each in rules])[number]
    left = np.where(lowered, left, 1.0)
    crosses = np.array([each.rule == crossing.RULE for each in rules])[number]
    piece = np.where(crosses & (notices["y"] >= 0), notices["y"], -1).astype(np.int64)
    stretch = np.where(piece >= 0, line.stretch[piece], -1)
    marked = marks.marks(notices["latitude"], notices["longitude"], stretch)
    km = np.where(piece >= 0, line.km[piece], np.nan)
    radius = _radius(seen, notices)
    return [
        _event(
            rules[number[k]],
            About(notices[k], float(left[k]), marked[k], float(km[k])),
            seen,
            float(radius[k]),
        )
        for k in range(len(notices))
    ]


def _radius(seen: Seen, notices: Array) -> Array:
    """Metres within which it is: two standard deviations of the point's place, where the rule says nothing."""
    cov = seen.points.cov[notices["row"]]
    return np.where(np.isnan(notices["radius"]), 2 * np.sqrt(cov[:, 0] + cov[:, 2]), notices["radius"])


def _event(rule: Told, about: About, seen: Seen, radius: float) -> Event:
    one = about.notice
    score = min(max(float(one["chance"]) * about.left, 0.0), 1.0)
    if about.marks and rule.rule in CAPPED:
        score = min(score, MARKED)
    other, also = int(one["other"]), int(one["also"])
    claimed = (int(one["claimed"]), also)
    return Event(
        rule=rule.rule,
        version=rule.version,
        tracks=(int(one["track"]), *((other,) if other >= 0 else ())),
        claimed=tuple(number for number in claimed if number >= 0),
        window=_instant(float(one["window"])),
        at=float(seen.clock[one["row"]]),
        since=float(one["since"]),
        until=float(one["until"]),
        retracted=bool(one["retracted"]),
        strength=strength.band(score),
        score=score,
        latitude=float(one["latitude"]),
        longitude=float(one["longitude"]),
        radius=radius,
        life_at_risk=rule.rule in AT_RISK,
        marks=about.marks,
        why=SENTENCES[rule.rule](about),
        row=int(seen.row[one["row"]]),
    )


def _instant(t: float) -> str:
    """A time as text, to the microsecond."""
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _clock(t: float) -> str | None:
    """A time for the eye."""
    return None if isnan(t) else datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _percent(share: float) -> int:
    return round(100 * share)


def _common(about: About) -> dict[str, Any]:
    one = about.notice
    return {
        "track": int(one["track"]),
        "since": _clock(float(one["since"])),
        "until": _clock(float(one["until"])),
    }


def _crossing(about: About) -> Reason:
    one, said = about.notice, _common(about)
    klass, chance = int(one["klass"]), _percent(float(one["chance"]))
    if one["retracted"]:
        return reason(messages.CAME_BACK[klass], track=said["track"], until=said["until"])
    if about.marks or not isfinite(about.km):
        return reason(
            messages.CROSSED_MARKED[klass], **said, chance=chance, marks=", ".join(about.marks) or None
        )
    message = messages.INTO_CANADA if one["x"] > 0 else messages.INTO_STATES
    return reason(message[klass], **said, km=about.km, chance=chance, left=_percent(about.left))


def _meeting(about: About) -> Reason:
    one = about.notice
    return reason(
        messages.MEETING[one["klass"]],
        **_common(about),
        other=int(one["other"]),
        metres=round(float(one["x"])),
    )


def _loitering(about: About) -> Reason:
    one = about.notice
    return reason(
        messages.LOITERING[one["klass"]], **_common(about), metres=_metres(one["y"]), speed=float(one["x"])
    )


def _gap(about: About) -> Reason:
    one, said = about.notice, _common(about)
    chance = _percent(float(one["chance"]))
    if isnan(one["until"]):
        return reason(
            messages.SILENT[one["klass"]],
            track=said["track"],
            since=said["since"],
            chance=chance,
            expected=round(float(one["x"])),
        )
    return reason(messages.HEARD_AGAIN[one["klass"]], **said, metres=round(float(one["y"])), chance=chance)


def _cold(about: About) -> Reason:
    one = about.notice
    return reason(
        messages.COLD[one["klass"]],
        track=int(one["track"]),
        minutes=int(one["y"] // 60),
        chill=round(float(one["x"])),
    )


def _ice(about: About) -> Reason:
    one = about.notice
    return reason(
        messages.THIN_ICE[one["klass"]],
        track=int(one["track"]),
        ice=round(100 * float(one["x"])),
        needs=round(100 * float(one["y"])),
        water=True if one["z"] > 0 else None,
    )


def _adrift(about: About) -> Reason:
    one, said = about.notice, _common(about)
    return reason(
        messages.ADRIFT[one["klass"]],
        track=said["track"],
        since=said["since"],
        wind=float(one["x"]),
        speed=float(one["y"]),
    )


def _metres(value: float) -> int | None:
    return round(float(value)) if isfinite(value) else None


CAPPED: Final = (crossing.RULE,)
"""Rules that speak of a side of the line."""

SENTENCES: Final[dict[str, Callable[[About], Reason]]] = {
    crossing.RULE: _crossing,
    rendezvous.RULE: _meeting,
    loitering.RULE: _loitering,
    gap.RULE: _gap,
    risk.EXPOSED: _cold,
    risk.ICE: _ice,
    risk.ADRIFT: _adrift,
}
"""The sentence of each rule."""
