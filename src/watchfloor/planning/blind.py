"""How much of each stream of cargo came without advance data: counts of items against declarations.

A stream is direction, mode and office in a day or a month. Counts are somebody's: of several counters of one
stream the largest count stands, for who counts misses items more easily than he invents some. What nobody
counted is not known, never 0; what came without declarations is blind as a whole.

A declaration is at its own office; where its feed names none, at the last place of its route. One that has
neither could be any office's: it widens the share of each to an interval. No other error is guessed: a count
does not say its own.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final, Literal, NamedTuple

import pyarrow as pa

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning.blind_counts import Declared, Period, Stream, counted_items, declared_items

State = Literal["seen", "blind", "not-known", "more-declared", "nothing"]

BY_WAYBILL: Final = "flight manifest"
"""A counter of air waybills, masters as one: its counts are compared with masters, others with items."""


class Share(NamedTuple):
    """The outcome of one stream in one period.

    Attributes:
        office: None: the stream as a whole, wherever counted.
        counted: items by the largest count; None where nobody counted.
        by: who counted so, as `volume` names it.
        least: items by the smallest count of another counter; `counted` where there is none.
        declared: items with advance data.
        unplaced: items with advance data that may be of this office or of another.
        late: items whose data came after the goods; none of `declared`.
        low: the share without advance data, at least, 0 to 1; None where it is not known.
        high: the same, at most.
    """

    period: date
    direction: str
    mode: str
    office: str | None
    state: State
    counted: int | None
    by: str | None
    least: int | None
    declared: int
    unplaced: int
    late: int
    low: float | None
    high: float | None

    @property
    def sentence(self) -> Reason:
        """Say what that means."""
        message = SAID["between" if self.low != self.high else self.state]
        known = {
            "counted": self.counted or 0,
            "declared": self.declared,
            "low": round(100 * (self.low or 0)),
            "high": round(100 * (self.high or 0)),
        }
        return reason(message, **{name: known[name] for name in message.parameters})


class Blind(NamedTuple):
    """Shares, the blindest first, and what could not be compared.

    Attributes:
        streamless: declarations without direction or mode: they are of no stream.
        spread: counts over a longer time than the period.
    """

    shares: list[Share]
    streamless: int
    spread: int


def blind(volumes: pa.Table, declarations: pa.Table, by: Period = "day", zone: str = "UTC") -> Blind:
    """Compare counts with declarations.

    Args:
        volumes: rows of the kind `volume`; of one report key the last row stands.
        declarations: rows of the kind `declaration`; lines of goods of one item count once, lines of flight
            manifests not at all.
        by: the period.
        zone: of the calendar, IANA.

    Raises:
        ValueError: no such zone.
    """
    counted, spread = counted_items(volumes, by, zone)
    declared, streamless = declared_items(declarations, by, zone)
    covered = _covering(counted)
    shares = [_share(key, *counted[key], declared) for key in counted]
    shares += [_uncounted(key, declared) for key in declared.streams() if not covered(key)]
    return Blind(sorted(shares, key=_order), streamless, spread)


def _share(key: Stream, items: int, by: str | None, least: int, declared: Declared) -> Share:
    on_time, unplaced, late = declared.counts_of(key, by == BY_WAYBILL)
    state: State = "seen"
    if items == 0:
        state = "nothing" if on_time + late == 0 else "more-declared"
    elif on_time > items:
        state = "more-declared"
    elif on_time + unplaced == 0:
        state = "blind"
    shared = items > 0 and state != "more-declared"
    high = 1 - on_time / items if shared else None
    low = max(0.0, 1 - (on_time + unplaced) / items) if shared else None
    return Share(*key, state, items, by, least, on_time, unplaced, late, low, high)


def _uncounted(key: Stream, declared: Declared) -> Share:
    on_time, late = (found.get(key, (0, 0))[0] for found in (declared.on_time, declared.late))
    return Share(*key, "not-known", None, None, None, on_time, 0, late, None, None)


def _covering(counted: Iterable[Stream]) -> Callable[[Stream], bool]:
    """Whether a count is of some declarations: of their office, or of all offices of the stream.

    Declarations of no office are covered where any office of their stream is counted: they widen its share.
    """
    keys = set(counted)
    streams = {key._replace(office=None) for key in keys}

    def covered(key: Stream) -> bool:
        wide = key._replace(office=None)
        return key in keys or wide in keys or (key.office is None and wide in streams)

    return covered


def _order(share: Share) -> tuple[date, int, float, str, str, str]:
    """By period; in it what is blind, then what is not known, then the others."""
    rank = {"blind": 0, "seen": 1, "not-known": 2, "more-declared": 3, "nothing": 4}[share.state]
    return (share.period, rank, -(share.high or 0), share.direction, share.mode, share.office or "")


# What the share of a stream without advance data means, as sentences.


SAID: Final = {
    "seen": declare("planning.blind.seen", "counted", "high"),
    "between": declare("planning.blind.between", "counted", "low", "high"),
    "blind": declare("planning.blind.blind", "counted"),
    "not-known": declare("planning.blind.not-known", "declared"),
    "more-declared": declare("planning.blind.more-declared", "declared", "counted"),
    "nothing": declare("planning.blind.nothing"),
}
"""By the state of the stream."""
