"""Current evidence of a desk: the last record of each report, by its subject.

Some desks say of one account or parcel what all its records together come to. When a record is added, or one
takes another's place, they say it anew of what is touched: what has changed is asserted, what no longer holds
is taken back. A later record may be about something else than the one it replaces (a wrong account is put
right), which `run.cut` knows: the rows of one report are in one part.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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
    """State of the fold: the record that stands of each report, and what each is about."""

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
        if place in self.rows:
            del self.rows[place]
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


def standing_rows(kept: pa.Schema, thing: Callable[[Row], str | None], part: str | None = None) -> Any:
    """Declare a field of the rows that stand, with the columns that a desk keeps; `thing` as in `put`."""

    def thawed(state: CurrentEvidence, rows: pa.Table) -> CurrentEvidence:
        for row in rows.to_pylist():
            state.put(row, thing(row))
        return state

    return table(
        CurrentEvidence, lambda state: pa.Table.from_pylist(list(state.rows.values()), kept), thawed, part
    )
