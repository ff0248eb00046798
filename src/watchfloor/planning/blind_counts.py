"""Items of each stream and period: as counted in `volume` records, and as declared."""

from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

Period = Literal["day", "month"]

LONGEST: Final = {"day": timedelta(hours=36), "month": timedelta(days=32)}
"""A count over a longer time is of no one period; a flight or a shift may pass midnight."""

KEYS: Final = ("period", "direction", "mode", "office")


class Stream(NamedTuple):
    """Goods of one way, mode and office in a period; office None: of all, or of none that is named."""

    period: date
    direction: str
    mode: str
    office: str | None


Items = tuple[int, int]
"""Items and masters, each once."""


class Declared(NamedTuple):
    """Items by stream, on time and late; with office None those of no office, and `whole` those of all."""

    on_time: dict[Stream, Items]
    late: dict[Stream, Items]
    whole: dict[Stream, Items]
    whole_late: dict[Stream, Items]

    def counts_of(self, key: Stream, waybills: bool) -> tuple[int, int, int]:
        """Items of a stream on time, those that may be of it, those that were late."""
        if key.office is None:
            return self.whole.get(key, (0, 0))[waybills], 0, self.whole_late.get(key, (0, 0))[waybills]
        unplaced = self.on_time.get(key._replace(office=None), (0, 0))[waybills]
        return self.on_time.get(key, (0, 0))[waybills], unplaced, self.late.get(key, (0, 0))[waybills]

    def streams(self) -> list[Stream]:
        """Every stream with a declaration."""
        return list(dict.fromkeys((*self.on_time, *self.late)))


def counted_items(
    volumes: pa.Table, by: Period, zone: str
) -> tuple[dict[Stream, tuple[int, str | None, int]], int]:
    """The largest count of each stream, whose it is and the smallest; and how many counts span too long."""
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
    counts: dict[Stream, list[tuple[int, str | None]]] = {}
    for row in sums:
        key = Stream(*(row[name] for name in KEYS))
        counts.setdefault(key, []).append((row["items_sum"], row["counted_by"]))
    told = {
        key: (*max(found, key=lambda one: (one[0], one[1] or "")), min(items for items, _ in found))
        for key, found in counts.items()
    }
    return told, rows.num_rows - fitting.num_rows


def _last(volumes: pa.Table) -> pa.Table:
    """Of the counts of one source with one report key, the last row; those without a key all stand."""
    keyed = zip(volumes["source"].to_pylist(), volumes["report_key"].to_pylist(), strict=True)
    at = {(source, row if key is None else key): row for row, (source, key) in enumerate(keyed)}
    return volumes.take(pa.array(sorted(at.values()), pa.int64()))


def _period(moments: pa.ChunkedArray, by: Period, zone: str) -> pa.ChunkedArray:
    try:
        local = pc.local_timestamp(pc.cast(moments, pa.timestamp("us", zone)))
    except pa.ArrowInvalid as error:
        raise ValueError(f"{zone!r} is no time zone such as America/Toronto") from error
    return pc.cast(pc.floor_temporal(local, unit=by), pa.date32(), safe=False)


def declared_items(declarations: pa.Table, by: Period, zone: str) -> tuple[Declared, int]:
    """Items with advance data by stream, and how many declarations are of no stream."""
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
    return Declared(*map(_distinct, (*parts, *whole))), rows.num_rows - streamed.num_rows


def _ends(routes: pa.ChunkedArray) -> pa.Array:
    """The last place of each route; null where there is none."""
    whole = routes.combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(whole), 0)
    some = pc.greater(lengths, 0)
    ends = pc.subtract(pc.cumulative_sum(pc.cast(lengths, pa.int64())), 1)
    return whole.flatten().take(pc.if_else(some, ends, pa.scalar(None, pa.int64())))


def _distinct(table: pa.Table) -> dict[Stream, Items]:
    groups = table.group_by(list(KEYS)).aggregate([("item", "count_distinct"), ("master", "count_distinct")])
    return {
        Stream(*(row[name] for name in KEYS)): (row["item_count_distinct"], row["master_count_distinct"])
        for row in groups.to_pylist()
    }
