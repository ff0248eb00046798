"""Audit of referrals: examined, not examined and why, withdrawn, or overdue without a result.

Every `inspection` record that a reader may see counts, of whatever source; the last act of a referral stands.
Shares are of the referrals that have ended or should have: examined, not examined, withdrawn and overdue.
They have 95 % intervals after Jeffreys (`core.proportions`). The Auditor General of Canada found in such
a count that the Canada Border Services Agency had not examined about one in five of the exports it held to
be of high risk (2015 Fall Reports, Report 2, Controlling Exports at the Border; the press gave 17 per cent).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.referrals.life import OPEN, REASONS
from watchfloor.core.proportions import jeffreys
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.segments.replacing import latest

COLUMNS: Final = (
    *("record_id", "report_key", "source", "observed_at", "marking", "subject", "document", "state"),
    *("referral", "result", "why", "deadline", "unit"),
)
GROUPED: Final = ("direction", "mode", "unit", "became")
Group = tuple[str | None, str | None, str | None]
"""Direction, mode and unit; None where nobody says."""


class Line(NamedTuple):
    """Results of the referrals of one stream and unit.

    Attributes:
        direction, mode, unit: of these; None where no declaration or referral says so.
        open: still to be examined in time.
        overdue: past the deadline with no word of an end, also where the clock's end is on record.
        withdrawn: taken back.
        results: of those examined, by result; None where a record gives none.
        reasons: of those not examined, by reason.
    """

    direction: str | None
    mode: str | None
    unit: str | None
    open: int
    overdue: int
    withdrawn: int
    results: Mapping[str | None, int]
    reasons: Mapping[str, int]

    @property
    def examined(self) -> int:
        """How many were examined."""
        return sum(self.results.values())

    @property
    def not_examined(self) -> int:
        """How many were not, with a reason."""
        return sum(self.reasons.values())

    @property
    def due(self) -> int:
        """How many have ended or should have."""
        return self.examined + self.not_examined + self.withdrawn + self.overdue

    @property
    def unexamined(self) -> int:
        """How many of those due nobody examined."""
        return self.due - self.examined

    def share(self, count: int) -> tuple[float, float, float] | None:
        """A share of those due and its 95 % interval; None where none is due."""
        return (count / self.due, *jeffreys(count, self.due)) if self.due else None


def audit(
    floor: Floor,
    reader: Reader,
    now: datetime,
    as_of: int | datetime | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Line]:
    """Return the results of the referrals that a reader may see, those with most overdue first.

    Args:
        floor: whose.
        reader: who asks.
        now: decides what is overdue.
        as_of: what was known.
        since, until: only of referrals whose first act is from then, and before.
    """
    acts = floor.read("inspection", reader, as_of, COLUMNS)
    rows = latest(acts)
    begun = _begun(acts, rows)
    for end, meets in ((since, pc.greater_equal), (until, pc.less)):
        if end is not None:
            kept = meets(begun, pa.scalar(end, begun.type))
            rows, begun = rows.filter(kept), begun.filter(kept)
    table = pa.table([*_streams(floor, reader, as_of, rows), rows["unit"], _became(rows, now)], GROUPED)
    counts = table.group_by(GROUPED).aggregate([([], "count_all")]).to_pylist()
    grouped: dict[Group, Counter[str]] = {}
    for row in counts:
        group = (row["direction"], row["mode"], row["unit"])
        grouped.setdefault(group, Counter())[row["became"]] = row["count_all"]
    return sorted((_line(*one) for one in grouped.items()), key=_worst)


def total(lines: Iterable[Line]) -> Line:
    """All lines as one."""
    every = list(lines)
    results: Counter[str | None] = Counter()
    reasons: Counter[str] = Counter()
    for line in every:
        results.update(line.results)
        reasons.update(line.reasons)
    opened, overdue, withdrawn = (
        sum(getattr(line, name) for line in every) for name in ("open", "overdue", "withdrawn")
    )
    return Line(None, None, None, opened, overdue, withdrawn, results, reasons)


def _begun(acts: pa.Table, rows: pa.Table) -> pa.ChunkedArray:
    """When the first act of each referral was; of a record without a key of its own, when that was."""
    keyed = acts.append_column("key", _key(acts)).group_by("key").aggregate([("observed_at", "min")])
    first = keyed["observed_at_min"].take(pc.index_in(_key(rows), value_set=keyed["key"].combine_chunks()))
    return pc.if_else(pc.is_null(rows["report_key"]), rows["observed_at"], first)


def _key(rows: pa.Table) -> pa.ChunkedArray:
    """A source and its own number of the referral, as one text."""
    return pc.binary_join_element_wise(rows["source"], pc.fill_null(rows["report_key"], ""), "\x1f")


def _streams(
    floor: Floor, reader: Reader, as_of: int | datetime | None, rows: pa.Table
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Which way the item of each row goes and how, as a declaration of it says."""
    told = floor.read("declaration", reader, as_of, ["subject", "direction", "mode"], latest=True)
    told = told.filter(pc.and_(pc.is_valid(told["direction"]), pc.is_valid(told["mode"])))
    at = pc.index_in(rows["subject"], value_set=told["subject"].combine_chunks())
    return told["direction"].take(at), told["mode"].take(at)


def _became(rows: pa.Table, now: datetime) -> pa.ChunkedArray:
    """Return each referral's result: open, overdue, withdrawn, examined/RESULT or not-examined/REASON."""
    state, deadline = rows["state"], rows["deadline"]
    is_open = pc.is_in(state, value_set=pa.array(sorted(OPEN)))
    late = pc.fill_null(pc.less_equal(deadline, pa.scalar(now, deadline.type)), False)
    overdue = pc.or_(pc.equal(state, "expired"), pc.and_(is_open, late))
    reason = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.fill_null(rows["why"], ""), "(?s):.*", ""))
    known = pc.if_else(pc.is_in(reason, value_set=pa.array(REASONS)), reason, "other")
    return pc.case_when(
        pc.make_struct(overdue, is_open, pc.equal(state, "examined"), pc.equal(state, "not-examined")),
        "overdue",
        "open",
        pc.binary_join_element_wise("examined", pc.fill_null(rows["result"], ""), "/"),
        pc.binary_join_element_wise("not-examined", known, "/"),
        state,
    )


def _line(group: Group, became: Counter[str]) -> Line:
    ends: dict[str, dict[str, int]] = {"examined": {}, "not-examined": {}}
    for name, count in sorted(became.items()):
        end, _, what = name.partition("/")
        if end in ends:
            ends[end][what] = count
    results = {name or None: count for name, count in ends["examined"].items()}
    opened, overdue, withdrawn = (became[name] for name in ("open", "overdue", "withdrawn"))
    return Line(*group, opened, overdue, withdrawn, results, ends["not-examined"])


def _worst(line: Line) -> tuple[object, ...]:
    """A sorting key: most overdue first, then the largest share that nobody examined."""
    unexamined = line.unexamined / line.due if line.due else 0.0
    return -line.overdue, -unexamined, *(name or "~" for name in line[:3])
