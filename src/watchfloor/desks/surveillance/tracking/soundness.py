"""Whether a source is as it was: each is judged by its own history, where the moment of receipt was noted.

How long after its time a report is received has a least that no network goes below and no clock that is right
goes far beyond, but for what was held up: then the source was silent first. So a source whose reports are all
at once newer, or older without a silence before, has another clock; what it says is refused until its times
are as before. Most sources at once are not wrong: then it is this machine's clock. What a source says of each
second, and whether it says anything new, is judged likewise.

A source that is heard in batches, such as from files, has no such history and is not judged here.
"""

from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.reports import (
    FLOOD,
    FROZEN,
    NOTHING,
    SHIFTED,
    TAKEN,
)
from watchfloor.desks.surveillance.tracking.state import record

ENOUGH: Final = 20
"""Reports of a source, and later its seconds, that make a history. Judgement, as all here."""
FRESH: Final = 60.0
"""Seconds between time and receipt beyond which a report teaches nothing of its source's clock."""
LEAST: Final = 0.5
"""Seconds by which a clock may move: an object at 10 m/s is then still within the usual errors of places."""
SPREADS: Final = 6.0
"""And how many times the usual departure from the least delay."""
RELEARN: Final = 600.0
"""Seconds after which a clock that keeps its new time is one to be learned anew."""
RECENT: Final = 30.0
"""Seconds for which a source has a vote on whose clock has moved."""
FADE: Final = 1e-3
"""Of a report, in the least delay and the departure from it."""
TIMES: Final = 4.0
"""How much more than usual a source may say of a second, and `MORE` beside: boats leave port together."""
MORE: Final = 20.0
HOLD: Final = 1.0
"""Seconds without a flood after which a source is believed again, and its usual wait between seconds."""
PLACES: Final = 128
"""Places of a source that are remembered."""
VARIED: Final = 50
"""New places after which a source is known to move about."""
STILL: Final = 0.2
"""Share of places said before that is usual: moored vessels, and sensors that count in coarse steps."""
RUN: Final = 6
"""How many more places were said before than were not, of a source of which that is not usual: it is frozen.
When there are none more, it lives again."""
FEW: Final = 2.5
"""Reports a second below which it is not judged: one vessel that lies still may say one place for days."""
COPIES, SINGLES = 0.4, 0.1
"""Share of copies from which a source repeats itself, and below which it does no longer."""

KIND: Final = record(
    "least spread seen received credit moved lead rate wait until repeats copies",
    "learned second told seconds varied run frozen copying",
    places=("i8", (PLACES,)),
    times=(PLACES,),
)
"""What is known of a source: `least` delay and the usual departure (`spread`), s; the last report's time
(`seen`) and when it was `received`; the seconds of a silence that explain a delay (`credit`); since when its
clock has `moved` (NaN: it has not) and by how much (`lead`); reports of a `second`, of which it has `told` so
many now and at the usual `rate`, after a `wait`; `until` when a flood counts; shares of places and of reports
that were said before; reports it has `learned` from, `seconds` and `varied` places; how many more of the last
were said before than were not (`run`); whether it is `frozen` or `copying`; the `places` that it said, and at
which `times`."""


def room(count: int) -> np.ndarray:
    """Return room for so many sources."""
    made = np.zeros(count, KIND)
    for name in ("least", "seen", "received", "moved"):
        made[name] = np.nan
    made["until"] = -np.inf
    made["times"] = -np.inf
    return made


@kernel(error_model="numpy")
def judge(report: Any, received: float, sources: Any, count: int) -> Any:
    """Return why a report's source is not believed, or `TAKEN`; learns from it otherwise."""
    if received != received:
        return TAKEN
    own = sources[report.sensor]
    shifted = _shifted(report.t, received, own)
    own.seen, own.received = report.t, received
    if shifted and not _most(received, sources, count):
        return SHIFTED
    if report.measure == NOTHING:
        return TAKEN
    if _floods(report.t, received, own):
        return FLOOD
    return FROZEN if _frozen(report, own) else TAKEN


@kernel(error_model="numpy")
def _shifted(t: float, received: float, own: Any) -> Any:
    """Whether its clock has moved; notes since when."""
    lag = received - t
    apart = received - own.received
    if apart == 0 and abs(t - own.seen) > LEAST:
        own.learned = 0  # it comes in batches
    if own.learned < ENOUGH:
        if abs(lag) <= FRESH:
            fresh = own.learned == 0
            own.least = lag if fresh else min(own.least, lag)
            own.spread += (lag - own.least - own.spread) / (own.learned + 1)
            own.learned += 1
        own.moved = np.nan
        return False
    silent = apart > 2 * own.wait + LEAST
    own.credit = max(own.credit - 0.5 * apart, apart if silent else 0.0)
    excess = lag - own.least
    allowed = LEAST + SPREADS * own.spread
    if -allowed <= excess <= allowed or (0 < excess <= own.credit + allowed):
        own.moved = np.nan
        if excess <= allowed:
            own.least += FADE * excess
            own.spread += FADE * (abs(excess) - own.spread)
        return False
    if own.moved != own.moved or abs(lag - own.lead) > allowed:
        own.moved, own.lead = received, lag
    if received - own.moved > RELEARN:
        own.learned = 0
    return True


@kernel(error_model="numpy")
def _most(received: float, sources: Any, count: int) -> Any:
    """Whether more sources have moved than have not, of those that speak: then it is this machine's clock."""
    moved = 0
    for k in range(count):
        if sources[k].learned >= ENOUGH and abs(received - sources[k].received) <= RECENT:
            moved += 1 if sources[k].moved == sources[k].moved else -1
    return moved > 0


@kernel(error_model="numpy")
def _floods(t: float, received: float, own: Any) -> Any:
    """Whether a source says much more of a second than it is used to."""
    second = int(np.floor(t))
    if second != own.second:
        if own.seconds > 0 and received > own.until:
            share = max(1.0 / own.seconds, 0.05)
            own.rate += share * (own.told - own.rate)
            own.wait += share * (min(max(second - own.second, 0), 60) - own.wait)
        own.second, own.told = second, 0
        own.seconds += 1
    own.told += 1
    if own.seconds > ENOUGH // 4 and own.told > TIMES * own.rate + MORE:
        own.until = received + HOLD + own.wait
    return received <= own.until


@kernel(error_model="numpy")
def _frozen(report: Any, own: Any) -> Any:
    """Whether a source that moves about says the same places again and again, at new times."""
    told = np.array([report.place[0], report.place[1], report.place[2], report.bearing]).view(np.int64)
    h = np.uint64(0x9E3779B97F4A7C15)
    for part in told:
        h = (h ^ np.uint64(part)) * np.uint64(0x9E3779B97F4A7C15)
        h ^= h >> np.uint64(29)
    said = np.int64(h >> np.uint64(1))
    at = np.int64(h & np.uint64(PLACES - 1))
    other = at + 1 if at % 2 == 0 else at - 1
    if own.places[other] == said or (own.places[at] != said and own.times[other] < own.times[at]):
        at = other  # two of a pair are kept, and the one said longer ago gives way
    again = own.places[at] == said and own.times[at] != report.t
    own.places[at], own.times[at] = said, report.t
    own.varied += 0 if again else 1
    own.run = min(own.run + 1, RUN) if again else max(own.run - 1, 0)
    if own.frozen == 0:
        own.repeats += 0.01 * (int(again) - own.repeats)
        known = own.varied >= VARIED and own.rate >= FEW and own.repeats < STILL
        own.frozen = int(known and own.run == RUN)
    elif own.run == 0:
        own.frozen = 0
    return own.frozen == 1


@kernel(error_model="numpy")
def copies(own: Any, copy: bool) -> Any:
    """Return `REPEATING` for a copy of a source that sends many, else what it is."""
    own.copies += 0.02 * (int(copy) - own.copies)
    own.copying = int(own.copies > (SINGLES if own.copying else COPIES))
    return own.copying == 1 and copy
