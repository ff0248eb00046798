"""How much of each stream of cargo came without advance data: counts of items against declarations.

A stream is direction, mode and office in a day or a month. Counts are somebody's: of several counters of one
stream the largest count stands, for who counts misses items more easily than he invents some. What nobody
counted is not known, never 0; what came without declarations is blind as a whole.

A declaration is at its own office; where its feed names none, at the last place of its route. One that has
neither could be any office's: it widens the share of each to an interval. No other error is guessed: a count
does not say its own.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.planning.blind_words import SAID
from watchfloor.records.messages import Reason, reason

Period = Literal["day", "month"]
State = Literal["seen", "blind", "not-known", "more-declared", "nothing"]

LONGEST: Final = {"day": timedelta(hours=36), "month": timedelta(days=32)}
"""A count over a longer time is of no one period; a flight or a shift may pass midnight."""

BY_WAYBILL: Final = "flight manifest"
"""A counter of air waybills, masters as one: its counts are compared with masters, others with items."""

KEYS: Final = ("period", "direction", "mode", "office")


class Share(NamedTuple):
    """What came of one stream in one period.

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
    def said(self) -> Reason:
        """What that means, as a sentence."""
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
    counted, spread = _counted(volumes, by, zone)
    declared, streamless = _declared(declarations, by, zone)
    covered = _covering(counted)
    shares = [_share(key, *counted[key], declared) for key in counted]
    shares += [_uncounted(key, declared) for key in declared.streams() if not covered(key)]
    return Blind(sorted(shares, key=_order), streamless, spread)


class _Stream(NamedTuple):
    period: date
    direction: str
    mode: str
    office: str | None


_Items = tuple[int, int]
"""Items and masters, each once."""


class _Declared(NamedTuple):
    """Items by stream, on time and late; with office None those of no office, and `whole` those of all."""

    on_time: dict[_Stream, _Items]
    late: dict[_Stream, _Items]
    whole: dict[_Stream, _Items]
    whole_late: dict[_Stream, _Items]

    def of(self, key: _Stream, waybills: bool) -> tuple[int, int, int]:
        """Items of a stream on time, those that may be of it, those that were late."""
        if key.office is None:
            return self.whole.get(key, (0, 0))[waybills], 0, self.whole_late.get(key, (0, 0))[waybills]
        unplaced = self.on_time.get(key._replace(office=None), (0, 0))[waybills]
        return self.on_time.get(key, (0, 0))[waybills], unplaced, self.late.get(key, (0, 0))[waybills]

    def streams(self) -> list[_Stream]:
        """Every stream with a declaration."""
        return list(dict.fromkeys((*self.on_time, *self.late)))


def _counted(
    volumes: pa.Table, by: Period, zone: str
) -> tuple[dict[_Stream, tuple[int, str | None, int]], int]:
    """The largest count of each stream, whose it is, and the smallest of another counter."""
    rows = _last(volumes)
    long = pc.greater(
        pc.subtract(rows["until"], rows["observed_at"]), pa.scalar(LONGEST[by], pa.duration("us"))
    )
    fitting = rows.filter(pc.invert(long))
    table = pa.table(
        {
            "period": _period(fitting["observed_at"], by, zone),
            **{name: fitting[name] for name in (*KEYS[1:], "counted_by", "items")},
        }
    )
    sums = table.group_by([*KEYS, "counted_by"]).aggregate([("items", "sum")]).to_pylist()
    counts: dict[_Stream, list[tuple[int, str | None]]] = {}
    for row in sums:
        key = _Stream(*(row[name] for name in KEYS))
        counts.setdefault(key, []).append((row["items_sum"], row["counted_by"]))
    best = {key: max(found, key=lambda one: (one[0], one[1] or "")) for key, found in counts.items()}
    return {
        key: (*best[key], min(found)[0]) for key, found in counts.items()
    }, rows.num_rows - fitting.num_rows


def _last(volumes: pa.Table) -> pa.Table:
    """Of the counts with one report key, the last row; those without a key all stand."""
    keyed = volumes["report_key"].to_pylist()
    at = {key if key is not None else row: row for row, key in enumerate(keyed)}
    return volumes.take(pa.array(sorted(at.values()), pa.int64()))


def _period(moments: pa.ChunkedArray, by: Period, zone: str) -> pa.ChunkedArray:
    try:
        local = pc.local_timestamp(pc.cast(moments, pa.timestamp("us", zone)))
    except pa.ArrowInvalid as error:
        raise ValueError(f"{zone!r} is no time zone such as America/Toronto") from error
    return pc.cast(pc.floor_temporal(local, unit=by), pa.date32(), safe=False)


def _declared(declarations: pa.Table, by: Period, zone: str) -> tuple[_Declared, int]:
    aboard = pc.starts_with(declarations["subject"], "parcel:manifest:")
    rows = declarations.filter(pc.invert(aboard))
    known = pc.and_(pc.is_valid(rows["direction"]), pc.is_valid(rows["mode"]))
    streamed = rows.filter(known)
    table = pa.table(
        {
            "period": _period(pc.coalesce(streamed["expected_at"], streamed["observed_at"]), by, zone),
            "direction": streamed["direction"],
            "mode": streamed["mode"],
            "office": pc.coalesce(streamed["office"], _ends(streamed["route"])),
            "item": streamed["subject"],
            "master": pc.coalesce(streamed["master"], streamed["document"], streamed["subject"]),
            "late": pc.fill_null(pc.greater(streamed["observed_at"], streamed["expected_at"]), False),
        }
    )
    parts = [table.filter(pc.invert(table["late"])), table.filter(table["late"])]
    whole = [part.set_column(3, "office", pa.nulls(part.num_rows, pa.string())) for part in parts]
    return _Declared(*map(_distinct, (*parts, *whole))), rows.num_rows - streamed.num_rows


def _ends(routes: pa.ChunkedArray) -> pa.Array:
    """The last place of each route; null where there is none."""
    whole = routes.combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(whole), 0)
    some = pc.greater(lengths, 0)
    ends = pc.subtract(pc.cumulative_sum(pc.cast(lengths, pa.int64())), 1)
    return whole.flatten().take(pc.if_else(some, ends, pa.scalar(None, pa.int64())))


def _distinct(table: pa.Table) -> dict[_Stream, _Items]:
    groups = table.group_by(list(KEYS)).aggregate([("item", "count_distinct"), ("master", "count_distinct")])
    return {
        _Stream(*(row[name] for name in KEYS)): (row["item_count_distinct"], row["master_count_distinct"])
        for row in groups.to_pylist()
    }


def _share(key: _Stream, items: int, by: str | None, least: int, declared: _Declared) -> Share:
    on_time, unplaced, late = declared.of(key, by == BY_WAYBILL)
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


def _uncounted(key: _Stream, declared: _Declared) -> Share:
    on_time, late = (found.get(key, (0, 0))[0] for found in (declared.on_time, declared.late))
    return Share(*key, "not-known", None, None, None, on_time, 0, late, None, None)


def _covering(counted: Iterable[_Stream]) -> Callable[[_Stream], bool]:
    """Whether a count is of some declarations: of their office, or of all offices of the stream.

    Declarations of no office are covered where any office of their stream is counted: they widen its share.
    """
    keys = set(counted)
    streams = {key._replace(office=None) for key in keys}

    def covered(key: _Stream) -> bool:
        wide = key._replace(office=None)
        return key in keys or wide in keys or (key.office is None and wide in streams)

    return covered


def _order(share: Share) -> tuple[date, int, float, str, str, str]:
    """By period; in it what is blind, then what is not known, then the others."""
    rank = {"blind": 0, "seen": 1, "not-known": 2, "more-declared": 3, "nothing": 4}[share.state]
    return (share.period, rank, -(share.high or 0), share.direction, share.mode, share.office or "")
