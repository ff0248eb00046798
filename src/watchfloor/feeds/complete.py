"""Complete the rows that a format has read with a feed's source, marking, expiry and missing subjects."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import Marking, join
from watchfloor.core.schemas import SCHEMAS
from watchfloor.core.subjects import parts
from watchfloor.formats.base import Batch
from watchfloor.formats.documents.rows import NAME
from watchfloor.formats.lists.listing_rows import UNDATED

TYPES: Final = {name: schema.subject for name, schema in SCHEMAS.items()}
"""The type of subject that a party of each schema is; one of no schema is a person."""

OWN: Final = "marking"
"""A column of rows that have a marking of their own, to which the feed's is joined."""

TOLD_BY: Final = ("name", "birth_date", "country")
"""What tells one party of a feed from another, where the feed has no number for them."""


REPEATED: Final = (
    "rows repeat a report_key of this delivery, and a later row replaces an earlier one of the same key;"
    " if they are different reports, choose a column that tells them apart"
)


class Completion:
    """Completes the rows of one delivery.

    Args:
        source: the feed's name.
        marking: of its records.
        retain_days: how long a record may be kept after the day it speaks of, or came where it speaks of
            none; None: as the marking says.
        key: the floor's secret, for subjects that are known by name only.
        today: the day of delivery; None: now.
        apart: marking of what cannot be read; None: as of its records.
        stated: whether somebody stated the marking, and it is no default.
    """

    def __init__(
        self,
        source: str,
        marking: Marking,
        retain_days: int | None,
        key: bytes,
        today: date | None = None,
        apart: Marking | None = None,
        *,
        stated: bool = False,
    ) -> None:
        self.source, self.marking, self.apart = source, marking, apart or marking
        self.stated = stated
        self._retain, self._key = retain_days, key
        self._today = today or datetime.now(UTC).date()
        self._repeated = 0

    def complete(self, batch: Batch) -> tuple[pa.Table, int]:
        """The rows that may still be kept, complete but for what the store adds; and how many may not."""
        rows, expired = self._marked(batch.rows)
        if batch.kind.name == "report":
            rows = self._with_names(rows)
        if batch.kind.name == "party":
            rows = self._with_subjects(rows)
            self._repeated += _repeats(rows.column("report_key"))
        return rows.append_column("source", pa.repeat(pa.scalar(self.source), rows.num_rows)), expired

    @property
    def strictest(self) -> Marking:
        """A marking that no earlier delivery of it exceeds: the feed's, whatever day it is kept until."""
        return self.marking if self._retain is None else replace(self.marking, retain_until=date.min)

    @property
    def constant(self) -> str | None:
        """The marking of every row that has none of its own; None where it changes with the day."""
        return str(self.marking) if self._retain is None else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Return notes on the rows for the person who delivers."""
        if not self._repeated:
            return ()
        return (f"{self._repeated:,} {REPEATED}",)

    def _marked(self, rows: pa.Table) -> tuple[pa.Table, int]:
        """The rows with their marking, without those whose time has passed."""
        days = pc.cast(rows.column("observed_at"), pa.date32()).combine_chunks().dictionary_encode()
        until = [self._marking_of(day) for day in days.dictionary.to_pylist()]
        markings = pa.array([str(one) for one in until], pa.string()).take(days.indices)
        if OWN in rows.column_names:
            rows, markings = rows.drop_columns([OWN]), _joined(rows.column(OWN), markings)
        rows = rows.append_column("marking", markings)
        kept = pa.array(
            [not one.retain_until or one.retain_until >= self._today for one in until], pa.bool_()
        )
        if pc.all(kept, min_count=0).as_py():
            return rows, 0
        still = rows.filter(kept.take(days.indices))
        return still, rows.num_rows - still.num_rows

    def _marking_of(self, day: date) -> Marking:
        if self._retain is None:
            return self.marking
        known = self._today if day == UNDATED.date() else day
        try:
            return self.marking | Marking(retain_until=known + timedelta(days=self._retain))
        except OverflowError:  # beyond the year 9999
            return self.marking

    def _with_names(self, rows: pa.Table) -> pa.Table:
        """Mentions that are known by name only, under the subject that a party of that name has."""
        at = rows.schema.get_field_index("mentions")
        told = [[self._keyed(one) for one in found] for found in rows.column(at).to_pylist()]
        return rows.set_column(at, rows.schema.field(at), pa.array(told, rows.schema.field(at).type))

    def _keyed(self, mention: dict[str, Any]) -> dict[str, Any]:
        type_, system, name = parts(mention["subject"])
        if system != NAME:
            return mention
        return mention | {"subject": f"{type_}:{self.source}:{self._number(name, None, None)}"}

    def _with_subjects(self, rows: pa.Table) -> pa.Table:
        given = rows.column("subject")
        if not given.null_count:
            return rows
        types = pc.coalesce(_translated(rows.column("schema"), TYPES), pa.scalar("person"))
        numbers = pc.coalesce(_filled(rows.column("report_key")), self._named(rows))
        made = pc.binary_join_element_wise(types, self.source, numbers, ":")
        at = rows.schema.get_field_index("subject")
        return rows.set_column(at, "subject", pc.coalesce(given, made))

    def _named(self, rows: pa.Table) -> pa.Array:
        """A number for each party without one: a keyed hash of what tells it from others of its feed."""
        needed = pc.is_null(_filled(rows.column("report_key"))).to_pylist()
        told = zip(*(rows.column(name).to_pylist() for name in TOLD_BY), strict=True)
        numbers = [self._number(*one) if need else None for one, need in zip(told, needed, strict=True)]
        return pa.array(numbers, pa.string())

    def _number(self, *told: str | None) -> str:
        text = "\x1f".join(one or "" for one in told)
        return "~" + blake2b(text.encode(), digest_size=10, key=self._key, person=b"subject").hexdigest()


def _joined(own: pa.ChunkedArray, markings: pa.Array) -> pa.Array:
    """Return the join of each row's own marking and its feed's; each pair is joined once."""
    rows = list(zip(own.to_pylist(), markings.to_pylist(), strict=True))
    joins = {pair: join(pair) for pair in set(rows)}
    return pa.array([joins[pair] for pair in rows], pa.string())


def _filled(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts trimmed, null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def _translated(texts: pa.ChunkedArray, words: dict[str, str]) -> pa.ChunkedArray:
    at = pc.index_in(texts, pa.array(list(words)))
    return pc.take(pa.array(list(words.values())), at)


def _repeats(keys: pa.ChunkedArray) -> int:
    distinct: int = pc.count_distinct(keys, mode="only_valid").as_py()
    return len(keys) - int(keys.null_count) - distinct
