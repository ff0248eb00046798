"""Current evidence of a desk: the last record of each report, by its subject.

Some desks say of one account or parcel what all its records together come to. When a record is added, or one
takes another's place, they say it anew of what is touched: what has changed is asserted, what no longer holds
is taken back. A later record may be about something else than the one it replaces (a wrong account is put
right), which `run.cut` knows: the rows of one report are in one part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.messages import Message
from watchfloor.desks.assertions import retracted
from watchfloor.desks.state import Row, table

Place = tuple[str, str, str]
"""Kind, source and key of a report; the record's own identity where its source gives no key."""

OF_KIND: Final = pa.field("kind", pa.string(), nullable=False)

Said = Mapping[bytes, dict[str, Any]]
"""Signals by `row_id`, all but `at`."""


@dataclass(slots=True)
class CurrentEvidence:
    """State of the fold: the record that stands of each report, and what each is about.

    Attributes:
        rows: by place; those of a checkpoint may be missing until one is asked for.
        things: what each place is about, all in the order in which they came.
        about: places by thing.
    """

    rows: dict[Place, Row] = field(default_factory=dict)
    things: dict[Place, str] = field(default_factory=dict)
    about: dict[str, set[Place]] = field(default_factory=dict)

    def rows_of(self, thing: str) -> list[Row]:
        """Return the rows that stand about a thing, in the order of observation."""
        places = sorted(self.about.get(thing, ()), key=lambda one: (self.rows[one]["observed_at"], one))
        return [self.rows[one] for one in places]

    def put(self, row: Row, thing: str | None) -> None:
        """Let a row take its place; about nothing (None), it only ends what stood there."""
        place = place_of(row)
        if place in self.things:
            self.rows.pop(place, None)
            self.about[self.things.pop(place)].discard(place)
        if thing is not None:
            self.rows[place], self.things[place] = row, thing
            self.about.setdefault(thing, set()).add(place)


def kept(schema: pa.Schema, names: str, *more: pa.Field) -> pa.Schema:
    """Return what is kept of the records of a kind: what signals rest on, the columns named, and others."""
    every = f"record_id report_key source origins observed_at marking {names}".split()
    return pa.schema([*map(schema.field, every), *more])


def place_of(row: Row) -> Place:
    """Where a row stands among the reports of its kind."""
    return row.get("kind") or "", row["source"], row["report_key"] or row["record_id"].hex()


def revised(
    state: CurrentEvidence,
    row: Row,
    thing: str | None,
    say: Callable[[str, Sequence[Row]], Said],
    taken_back: Message,
) -> Iterator[dict[str, Any]]:
    """Let a row take its place, and give the signals that this changes.

    Args:
        state: what stood before; it is changed.
        row: the next in order.
        thing: what it is about; None where it says nothing that counts.
        say: the signals about a thing, from all that stands about it.
        taken_back: the reason of a signal that no longer holds; its parameter is `day`.
    """
    touched = list(dict.fromkeys(one for one in (state.things.get(place_of(row)), thing) if one is not None))
    before = {id_: signal for one in touched for id_, signal in say(one, state.rows_of(one)).items()}
    state.put(row, thing)
    after = {id_: signal for one in touched for id_, signal in say(one, state.rows_of(one)).items()}
    at = row["observed_at"]
    for id_, signal in after.items():
        if before.get(id_) != signal:
            yield signal | {"at": at}
    for id_, signal in before.items():
        if id_ not in after:
            yield retracted(signal, taken_back, row, at)


class _Frozen(dict[Place, Row]):
    """Rows of a checkpoint, each made when it is asked for: of all of a day a delivery touches few."""

    def __init__(self, table: pa.Table, places: Iterable[Place]) -> None:
        super().__init__()
        self.table, self.at = table, dict(zip(places, count(), strict=False))

    def __missing__(self, place: Place) -> Row:
        row: Row = self.table.slice(self.at[place], 1).to_pylist()[0]
        self[place] = row
        return row


def places(rows: pa.Table) -> list[Place]:
    """Return the place of each row, as `place_of` does."""
    columns = [rows[name].to_pylist() for name in ("source", "report_key", "record_id")]
    kinds = rows["kind"].to_pylist() if "kind" in rows.column_names else [""] * rows.num_rows
    return [
        (kind or "", source, key or id_.hex()) for kind, source, key, id_ in zip(kinds, *columns, strict=True)
    ]


def standing_rows(kept: pa.Schema, thing: Callable[[Row], str | None] | str, part: str | None = None) -> Any:
    """Declare a field of the rows that stand, with the columns that a desk keeps.

    Args:
        kept: these columns.
        thing: as in `CurrentEvidence.put`; or the column that says it, so that a row of a checkpoint is read
            when it is asked for.
        part: name of its table.
    """

    def frozen(state: CurrentEvidence) -> pa.Table:
        if not isinstance(state.rows, _Frozen):
            return pa.Table.from_pylist(list(state.rows.values()), kept)
        known, read = state.rows, [place for place in state.things if place in state.rows]
        number = count(known.table.num_rows)
        order = [next(number) if place in known else known.at[place] for place in state.things]
        every = pa.concat_tables([known.table, pa.Table.from_pylist([known[one] for one in read], kept)])
        return every.take(pa.array(order, pa.int64())).combine_chunks()

    def thawed(state: CurrentEvidence, rows: pa.Table) -> CurrentEvidence:
        if isinstance(thing, str):
            state.things = dict(zip(places(rows), rows[thing].to_pylist(), strict=True))
            state.rows = _Frozen(rows, state.things)
            for place, one in state.things.items():
                state.about.setdefault(one, set()).add(place)
            return state
        for row in rows.to_pylist():
            state.put(row, thing(row))
        return state

    return table(CurrentEvidence, frozen, thawed, part)
