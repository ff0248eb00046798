"""Events: an assertion of a rule, made from its notice with strength, marks and the sentence."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite, isnan
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.messages import Message, Reason, reason
from watchfloor.desks.surveillance import messages
from watchfloor.desks.surveillance.events import (
    aircraft,
    crossing,
    dark,
    disputed_areas,
    drop,
    gap,
    identity,
    loitering,
    ports,
    predicted,
    rendezvous,
    risk,
    strength,
)
from watchfloor.desks.surveillance.events.line import HIGH_SEAS, Line
from watchfloor.desks.surveillance.events.points import AIRCRAFT, BOAT
from watchfloor.desks.surveillance.events.rule_output import NOTICE
from watchfloor.desks.surveillance.events.track_history import PointHistory


class Event(NamedTuple):
    """An assertion of a rule, or its revision, or its withdrawal.

    Attributes:
        rule, version: under which rule.
        tracks: numbers of the tracks it is about, the foremost first.
        claimed: numbers of the identities it is about.
        window: sets it apart from others of the same rule and subjects; the same for every revision.
        at: first moment it could be known, seconds: the clock of the fold.
        since, until: what it is about, seconds; until is NaN while it goes on.
        retracted: whether the rule takes it back.
        strength: band, see `watchfloor.desks.surveillance.events.strength.BANDS`.
        score: 0 to 1.
        latitude, longitude: where, degrees.
        radius: metres within which it is.
        life_at_risk: whether it outranks every crime.
        marks: stretches that are marked and not asserted, see `disputed_areas`.
        why: the sentence.
        row: number of the point, in the batch, that made it known.
        was: number of the track that the foremost one took up, -1 for none: one object, as far as we know.
    """

    rule: str
    version: str
    tracks: tuple[int, ...]
    claimed: tuple[int, ...]
    window: str
    at: float
    since: float
    until: float
    retracted: bool
    strength: str
    score: float
    latitude: float
    longitude: float
    radius: float
    life_at_risk: bool
    marks: tuple[str, ...]
    why: Reason
    row: int
    was: int = -1


Array = npt.NDArray[Any]

Factors = Callable[[Array, Array], Array]
"""What is left of the strength of each notice, in the order of their points; how many it says to stand."""


class RuleNotices(NamedTuple):
    """Notices of one rule, and the names that its numbers stand for, where they do."""

    rule: str
    version: str
    notices: Array
    names: tuple[str, ...] = ()


class About(NamedTuple):
    """One notice, with what its sentence may need."""

    notice: Any
    left: float
    marks: tuple[str, ...]
    km: float
    names: tuple[str, ...]


AT_RISK: Final = (risk.EXPOSED, risk.ICE, risk.ADRIFT)
"""Rules whose events go to rescue before any crime."""
UNLOWERED: Final = (*AT_RISK, gap.RULE, identity.JUMPED, identity.SHARED, identity.ASHORE)
"""Rules that neither local traffic nor class nor weather lowers."""
STAND: Final = {rendezvous.RULE: 2, drop.RULE: 2, loitering.RULE: 1}
"""Rules that speak of tracks that stand, and of how many."""
MARKED: Final = 0.5
"""Score that an event of a marked stretch has at most: possible, never likely."""


def build_events(factors: Factors, line: Line, seen: PointHistory, rules: list[RuleNotices]) -> list[Event]:
    """The events of a batch, in the order of their points, rules and tracks."""
    some = [each.notices for each in rules if len(each.notices)]
    if not some:
        factors(np.zeros(0, NOTICE), np.zeros(0, np.int8))
        return []
    notices = np.concatenate(some)
    number = np.repeat(np.arange(len(rules)), [len(each.notices) for each in rules])
    order = np.lexsort((notices["window"], notices["other"], notices["track"], number, notices["row"]))
    notices, number = notices[order], number[order]
    left = factors(notices, np.array([STAND.get(each.rule, 0) for each in rules], np.int8)[number])
    lowered = np.array([each.rule not in UNLOWERED for each in rules])[number]
    left = np.where(lowered, left, 1.0)
    crosses = np.array([each.rule in CAPPED for each in rules])[number]
    piece = np.where(crosses & (notices["y"] >= 0), notices["y"], -1).astype(np.int64)
    stretch = np.where(piece >= 0, line.stretch[piece], -1)
    left = np.where(crosses & _passes(notices), left * crossing.PASSES, left)
    crossed = np.array([each.rule == crossing.RULE for each in rules])[number]
    lawful = crossed & (notices["z"] == crossing.AT_PORT)
    left = np.where(lawful, np.minimum(left, crossing.LAWFUL), left)
    marked = disputed_areas.marks(notices["latitude"], notices["longitude"], stretch)
    km = np.where(piece >= 0, line.km[piece], np.nan)
    radius = _radius(seen, notices)
    border = stretch != HIGH_SEAS
    return [
        _event(rules[n], About(notices[k], left[k], marked[k], km[k], rules[n].names), seen, radius[k])
        for k, n in enumerate(number.tolist())
        if border[k]
    ]


def _passes(notices: Array) -> Array:
    """Whether each speaks of a boat or an aircraft that only passes, or has not crossed yet."""
    may = np.isin(notices["klass"], (BOAT, AIRCRAFT))
    return np.asarray(may & (notices["z"] != 0))


def _radius(seen: PointHistory, notices: Array) -> Array:
    """Metres within which it is: two standard deviations of the point, where the rule says nothing."""
    cov = seen.points.cov[notices["row"]]
    return np.where(np.isnan(notices["radius"]), 2 * np.sqrt(cov[:, 0] + cov[:, 2]), notices["radius"])


def _event(rule: RuleNotices, about: About, seen: PointHistory, radius: float) -> Event:
    one = about.notice
    score = min(max(float(one["chance"] * about.left), 0.0), 1.0)
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
        radius=float(radius),
        life_at_risk=rule.rule in AT_RISK,
        marks=about.marks,
        why=SENTENCES[rule.rule](about),
        row=int(seen.row[one["row"]]),
        was=int(one["was"]),
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
    passes = one["z"] > 0 and klass in (BOAT, AIRCRAFT)
    if about.marks or not isfinite(about.km):
        return reason(messages.CROSSED_MARKED[klass], **said, chance=chance, marks=_named(about))
    if one["x"] > 0:
        message = messages.PASSED_INTO_CANADA if passes else messages.INTO_CANADA
    else:
        message = messages.PASSED_INTO_STATES if passes else messages.INTO_STATES
    return reason(message[klass], **said, km=float(about.km), chance=chance, left=_percent(about.left))


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


def _named(about: About) -> str | None:
    """Names of the marks, as they are kept."""
    return ", ".join(about.marks) or None


def _metres(value: float) -> int | None:
    return round(float(value)) if isfinite(value) else None


def _predicted(about: About) -> Reason:
    one, said = about.notice, _common(about)
    klass = int(one["klass"])
    if one["retracted"]:
        return reason(messages.NOT_MET[klass], track=said["track"], until=said["until"])
    chance = _percent(float(one["share"]))
    if about.marks or not isfinite(about.km):
        return reason(messages.WILL_PASS[klass], track=said["track"], chance=chance, marks=_named(about))
    message = messages.WILL_ENTER_CANADA if one["x"] > 0 else messages.WILL_ENTER_STATES
    minutes = float(one["z"]) / 60
    return reason(message[klass], track=said["track"], km=float(about.km), chance=chance, minutes=minutes)


def _dropped(about: About) -> Reason:
    one = about.notice
    return reason(
        messages.DROP[one["klass"]],
        track=int(one["track"]),
        other=int(one["other"]),
        minutes=round(float(one["x"]) / 60),
        metres=round(drop.SAME),
    )


def _jumped(about: About) -> Reason:
    one = about.notice
    said = {"track": int(one["track"]), "km": float(one["x"]) / 1000, "seconds": round(float(one["y"]))}
    return reason(messages.JUMP[one["klass"]], **said)


def _shared(about: About) -> Reason:
    one, said = about.notice, _common(about)
    return reason(
        messages.SHARED[one["klass"]], track=said["track"], since=said["since"], km=float(one["x"]) / 1000
    )


def _plain(message: tuple[Message, ...]) -> Callable[[About], Reason]:
    return lambda about: reason(message[about.notice["klass"]], track=int(about.notice["track"]))


def _dark(about: About) -> Reason:
    one = about.notice
    if one["retracted"]:
        return reason(messages.LIGHT[one["klass"]], track=int(one["track"]))
    return reason(messages.DARK[one["klass"]], track=int(one["track"]), minutes=int(one["x"] // 60))


def _flight(message: tuple[Message, ...]) -> Callable[[About], Reason]:
    return lambda about: reason(
        message[about.notice["klass"]],
        track=int(about.notice["track"]),
        knots=round(float(about.notice["x"]) * 3600 / 1852),
        height=_metres(about.notice["y"]),
    )


def _port(about: About) -> Reason:
    one, said = about.notice, _common(about)
    name = about.names[int(one["x"])]
    return reason(messages.OUT_OF_HOURS[one["klass"]], track=said["track"], port=name, until=said["until"])


CAPPED: Final = (crossing.RULE, predicted.RULE)
"""Rules that speak of a side of the line."""

SENTENCES: Final[dict[str, Callable[[About], Reason]]] = {
    crossing.RULE: _crossing,
    rendezvous.RULE: _meeting,
    loitering.RULE: _loitering,
    gap.RULE: _gap,
    risk.EXPOSED: _cold,
    risk.ICE: _ice,
    risk.ADRIFT: _adrift,
    predicted.RULE: _predicted,
    drop.RULE: _dropped,
    identity.JUMPED: _jumped,
    identity.SHARED: _shared,
    identity.ASHORE: _plain(messages.ON_LAND),
    dark.RULE: _dark,
    aircraft.LOW: _flight(messages.LOW_SLOW),
    aircraft.LANDED: _flight(messages.LANDED),
    ports.RULE: _port,
}
"""The sentence of each rule."""
