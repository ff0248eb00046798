"""How long a record must be kept, and how long it may: the floor and the ceiling of its retention.

The ceiling is the `UNTIL:` of its marking. The floor is two years after its last administrative use, unless
the individual consents to its disposal (Privacy Regulations, SOR/83-508, s. 4(1)(a), made under s. 6(1) of
the Privacy Act); administrative is a use in a decision-making process that directly affects the individual
(s. 3 of the Act). A task or lookout given, an outcome reported, a judgement, a report disseminated and a
disclosure count as such uses here: of every record that was known then and names their subjects, of every
record behind their lead as it was kept, and of the record of the act itself. That is more than the law asks
for where a decision went by less than all that was known, and never less.

Where the two clash the floor wins, the law being above a marking, and a person is told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.store import catalogue, log
from watchfloor.store.database import Database
from watchfloor.store.erasure import disclosure_snapshots, holds, subject_index
from watchfloor.store.errors import WrongCall
from watchfloor.store.segments import index, lookup, reading

YEARS: Final = 2
"""Years after the last administrative use, at least."""

ACTS: Final = ("task", "outcome", "judgement", "product", "exhibit")
"""Kinds whose records are an administrative use of what they are about."""

WAIVES: Final = ("consent", "order", "emergency", "restored")
"""Reasons for an erasure before the floor: s. 4(1)(a) knows consent, s. 4(2) an emergency at a post abroad;
a court's order is law of its own; what was erased already goes again from a restored backup."""

HELD = declare("retention.held", "holds")
CLASH = declare("retention.clash", "ceiling", "used", "floor")
FLOOR = declare("retention.floor", "used", "floor")
OVER = declare("retention.over", "ceiling")
CEILING = declare("retention.ceiling", "ceiling")
FREE = declare("retention.free")


class UnderRetention(WrongCall):
    """A record was used for a decision and must be kept for now."""


class Use(NamedTuple):
    """An administrative use: its position in the log, and when."""

    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Uses:
    """Every administrative use on a floor: of what was named, and of single records."""

    subjects: dict[str, list[Use]] = field(default_factory=dict)
    records: dict[bytes, list[Use]] = field(default_factory=dict)

    def last(self, record_id: bytes, named: Iterable[str], came: int) -> Use | None:
        """The last use of a record that came in at a position and names these subjects."""
        mine = [*self.records.get(record_id, ())]
        mine += [use for key in named for use in self.subjects.get(key, ()) if use.position >= came]
        return max(mine, default=None)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long one record is kept.

    Attributes:
        record_id: its id.
        kind: its kind.
        marking: its marking.
        ceiling: the last day that its marking allows, or None.
        used: when it was last used for a decision, or None.
        floor: the last day that the law wants it kept for that, or None.
        holds: positions of the legal holds over it.
        delivery: SHA-256 of the bytes that brought it.
    """

    record_id: bytes
    kind: str
    marking: str
    ceiling: date | None
    used: datetime | None
    floor: date | None
    holds: tuple[int, ...]
    delivery: bytes = b""

    def kept(self, today: date) -> bool:
        """Whether something keeps it today, past its marking too."""
        return bool(self.holds) or (self.floor is not None and today <= self.floor)

    def over(self, today: date) -> bool:
        """Whether its marking has ended."""
        return self.ceiling is not None and self.ceiling < today

    def applies(self, today: date) -> Reason:
        """Return the deciding rule, as a sentence with its source."""
        if self.holds:
            return reason(HELD, holds=", ".join(map(str, self.holds)))
        if self.used is not None and self.floor is not None and today <= self.floor:
            days = {"used": self.used.date().isoformat(), "floor": self.floor.isoformat()}
            if self.over(today):
                return reason(CLASH, ceiling=str(self.ceiling), **days)
            return reason(FLOOR, **days)
        if self.ceiling is None:
            return reason(FREE)
        return reason(OVER if self.over(today) else CEILING, ceiling=self.ceiling.isoformat())


def floor_of(used: datetime) -> date:
    """The last day of the two years after a use; of the 29th of February, the 1st of March."""
    day = used.date()
    try:
        return day.replace(year=day.year + YEARS)
    except ValueError:
        return date(day.year + YEARS, 3, 1)


def uses(root: Path, database: Database) -> Uses:
    """Every administrative use that the floor's records and acts tell of."""
    behind = _behind_leads(database)
    found = Uses(defaultdict(list), defaultdict(list))
    for kind in ACTS:
        for part in reading.payloads(database, kind):
            rows = reading.load(root, part)
            for record_id, named, position in _decisions(part, rows):
                use = Use(position, _moment(database, position))
                for record in (record_id, *(one for lead in named for one in behind.get(lead, ()))):
                    found.records[record].append(use)
                for key in filter(subject_index.is_subject, named):
                    found.subjects[key].append(use)
    for _, position, rests in disclosure_snapshots.sent(database):
        use = Use(position, _moment(database, position))
        for record in rests.unique().to_pylist():
            found.records[record].append(use)
    return found


def on(root: Path, record_ids: Iterable[bytes] | None = None) -> list[Retention]:
    """The retention of some records on a floor, or of all, whoever may see them."""
    with catalogue.snapshot(root) as database:
        if record_ids is None:
            return list(of_records(root, database))
        return of_places(root, database, lookup.places(root, database, record_ids))


def counted(root: Path) -> Iterator[tuple[Retention, int]]:
    """Count all records on a floor, whoever may see them, by what they share of their retention.

    What nothing used and no hold covers is kept as its marking says: one record stands for all of a kind and
    marking. Every other record is counted by itself.
    """
    with catalogue.snapshot(root) as database:
        used, held = uses(root, database), holds.standing(database)
        columns = None if used.subjects or held else ("record_id", "marking", "delivery", index.SEGMENT)
        for kind in evidence_kinds(database):
            for part in reading.payloads(database, kind):
                rows = reading.load(root, part, columns)
                touched = _touched(rows, used, held)
                for one in _retained(kind, part, rows.filter(pa.array(touched)), used, held):
                    yield one, 1
                others = rows.filter(pa.array(~touched))
                for marking in pc.unique(others["marking"]).to_pylist():
                    mine = others.filter(pc.field("marking") == marking)
                    (one,) = _retained(kind, part, mine.slice(0, 1), Uses(), [])
                    yield one, mine.num_rows


def _touched(rows: pa.Table, used: Uses, held: list[holds.Hold]) -> subject_index.Mask:
    """Rows that a hold covers, or that something may have used."""
    ids = pa.array(list(used.records), pa.binary(16))
    touched = subject_index.among(rows["record_id"], ids)
    for _, covered in holds.covering(held, rows):
        touched |= covered
    if used.subjects:
        touched[[row for row, key in subject_index.keys_in(rows) if key in used.subjects]] = True
    return touched


def of_records(
    root: Path, database: Database, wanted: Callable[[pa.Table], subject_index.Mask] | None = None
) -> Iterator[Retention]:
    """The retention of records, in the order of their kinds and the log.

    Args:
        root: the floor's folder.
        database: its catalogue.
        wanted: which rows of a payload; None for all.
    """
    used, held = uses(root, database), holds.standing(database)
    for kind in evidence_kinds(database):
        for part in reading.payloads(database, kind):
            rows = reading.load(root, part)
            if wanted is not None:
                rows = rows.filter(pa.array(wanted(rows)))
            if rows.num_rows:
                yield from _retained(kind, part, rows, used, held)


def of_places(root: Path, database: Database, places: Iterable[lookup.Place]) -> list[Retention]:
    """The retention of single records."""
    ids = pa.array([place.record_id for place in places], pa.binary(16))
    return list(of_records(root, database, lambda rows: subject_index.among(rows["record_id"], ids)))


def ended(today: date) -> Callable[[pa.Table], subject_index.Mask]:
    """Rows whose marking ended before a day."""

    def wanted(rows: pa.Table) -> subject_index.Mask:
        late = [text for text in pc.unique(rows["marking"]).to_pylist() if _is_over(text, today)]
        return subject_index.among(rows["marking"], pa.array(late, pa.string()))

    return wanted


def evidence_kinds(database: Database) -> list[str]:
    """Kinds of evidence that the floor holds rows of."""
    found = database.execute(
        "SELECT DISTINCT kind FROM segments WHERE position NOT IN (SELECT position FROM runs) ORDER BY kind"
    )
    return [kind for (kind,) in found]


def refuse_kept(found: Iterable[Retention], category: str, today: date) -> None:
    """Raise `Kept` for the first record that the law keeps for now, unless the category waives that."""
    for one in found:
        if category not in WAIVES and one.floor is not None and today <= one.floor:
            why = reason(FLOOR, used=_day(one.used), floor=one.floor.isoformat())
            raise UnderRetention(
                f"record {one.record_id.hex()}: {why}. "
                "Where the individual consents say --category consent, under a court's order --category order"
            )


def _day(used: datetime | None) -> str:
    return used.date().isoformat() if used else ""


def _is_over(marking: str, today: date) -> bool:
    until = parse(marking).retain_until
    return until is not None and until < today


def _retained(
    kind: str, part: reading.Payload, rows: pa.Table, used: Uses, held: list[holds.Hold]
) -> Iterator[Retention]:
    over: defaultdict[int, list[int]] = defaultdict(list)
    for hold, covered in holds.covering(held, rows):
        for row in covered.nonzero()[0].tolist():
            over[row].append(hold.position)
    named: defaultdict[int, set[str]] = defaultdict(set)
    if used.subjects:
        for row, key in subject_index.keys_in(rows):
            named[row].add(key)
    columns = (rows[name].to_pylist() for name in ("record_id", "marking", "delivery", index.SEGMENT))
    for row, (record_id, marking, delivery, segment) in enumerate(zip(*columns, strict=True)):
        last = used.last(record_id, named[row], part.segments[segment])
        yield Retention(
            record_id,
            kind,
            marking,
            parse(marking).retain_until,
            last.at if last else None,
            floor_of(last.at) if last else None,
            tuple(over[row]),
            delivery,
        )


def _decisions(part: reading.Payload, rows: pa.Table) -> Iterator[tuple[bytes, set[str], int]]:
    """Record, what it names (subjects and leads) and position of each act that is a decision."""
    names = [name for name in ("subject", "about", "subjects", "lead", "leads") if name in rows.column_names]
    decided = rows.filter(pc.field("state") != "draft") if "recipients" in rows.column_names else rows
    for row in decided.select(["record_id", index.SEGMENT, *names]).to_pylist():
        yield (
            row["record_id"],
            set(_strings([row[name] for name in names])),
            part.segments[row[index.SEGMENT]],
        )


def _behind_leads(database: Database) -> dict[str, list[bytes]]:
    """Records that each lead rested on when it was kept as shown, by the lead's id."""
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    rows = database.execute("SELECT what, record_id FROM shown JOIN shown_evidence USING (position)")
    for what, record_id in rows:
        found[what.split()[-1]].append(record_id)
    return found


def _moment(database: Database, position: int) -> datetime:
    (at,) = database.execute("SELECT at FROM log WHERE position = ?", (position,)).fetchone()
    return log.moment(at)


def _strings(value: object) -> Iterator[str]:
    """Every text in nested lists and tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(inner)
