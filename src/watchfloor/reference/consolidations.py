"""Lists over time: what stood on a list on a day, and what changed between two of its consolidations.

A consolidation speaks for its own window, from the day the instrument last changed to the day it is current
to. No consolidation tells what stood before or after that, so for a day outside every window the nearest one
is given and marked as not covering it. Lists that state no window, such as OFAC's CSV, never cover a day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.concern import LIST as ASSERTED
from watchfloor.formats.base import FormatError

Row = dict[str, Any]

CONTENT: Final = (
    "name",
    "schema",
    "birth_dates",
    "countries",
    "identifiers",
    "provision",
    "listed_on",
    "ceased",
    "remarks",
)
"""What an item says, besides its names. Its number is none of it: numbers move when one above is repealed."""


class Window(NamedTuple):
    """First and last day that a consolidation speaks for; `None` where it does not say."""

    first: date | None
    last: date | None

    def covers(self, day: date) -> bool:
        """Whether the window holds the day."""
        return self.first is not None and self.last is not None and self.first <= day <= self.last

    def distance(self, day: date) -> int:
        """Days from a day to the window, 0 within; a window that is not stated is farthest."""
        if self.first is None and self.last is None:
            return date.max.toordinal()
        first, last = self.first or self.last or day, self.last or self.first or day
        return max((first - day).days, (day - last).days, 0)

    def __str__(self) -> str:
        if self.first is None and self.last is None:
            return "states no dates"
        return f"{self.first or '?'} to {self.last or '?'}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Content of one list on a day, and the consolidation that it is known by."""

    list_id: str
    day: date
    window: Window
    items: list[Row]

    @property
    def covered(self) -> bool:
        """Whether the consolidation speaks for the day, or is the nearest one only."""
        return self.window.covers(self.day)

    @property
    def note(self) -> str:
        """How the answer is known, as a sentence."""
        if self.covered:
            return f"{self.list_id}: {self.day} is covered by the consolidation of {self.window}"
        if self.window == Window(None, None):
            why = "this copy of the list states no dates or is not whole"
            return f"{self.list_id}: {self.day} is not covered: {why}"
        return f"{self.list_id}: {self.day} is not covered; nearest is the consolidation of {self.window}"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two states of a list.

    Attributes:
        kind: added, removed or changed.
        item: the row now, or as it was when it was removed.
        fields: for a change, what each differing column was and is.
        names_added: names that are new.
        names_removed: names that are gone.
    """

    kind: Literal["added", "removed", "changed"]
    item: Row
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    names_added: list[str] = field(default_factory=list)
    names_removed: list[str] = field(default_factory=list)


def windows(rows: pa.Table) -> dict[str, list[Window]]:
    """The windows of each list's consolidations, oldest first."""
    columns = (rows.column(name).to_pylist() for name in ("list_id", "window_from", "window_until"))
    found: dict[str, set[Window]] = defaultdict(set)
    for list_id, first, last in zip(*columns, strict=True):
        found[list_id].add(Window(first, last))
    return {list_id: sorted(seen, key=_age) for list_id, seen in sorted(found.items())}


def on(rows: pa.Table, day: date) -> list[Answer]:
    """Return the content of each list on a day.

    Args:
        rows: listings of any number of consolidations, as `listings.read` gives them.
        day: the day asked for.

    Returns:
        One answer a list, ordered by list; its items in the order of the instrument.
    """
    answers = []
    of = _by_consolidation(rows)
    for list_id, known in windows(rows).items():
        window = nearest(known, day)
        items = [row for row in of[list_id, window] if not (row["ceased"] and row["ceased"] <= day)]
        answers.append(Answer(list_id, day, window, items))
    return answers


def of_day(rows: pa.Table, day: date) -> tuple[pa.Table, list[Answer]]:
    """Choose the rows to screen against on a day.

    Of lists that are given in several editions it is the one of the day; assertions about exporters that
    stand no longer on the day are left out.

    Args:
        rows: listings of any number of consolidations, as `listings.read` gives them.
        day: the day asked for.

    Returns:
        The rows, and what each list held; that is empty where none is given in several editions.
    """
    answers = []
    editions = rows.group_by(["list_id", "window_from", "window_until"]).aggregate([])
    if editions.num_rows > len(editions.column("list_id").unique()):
        answers = on(rows, day)
        rows = pa.Table.from_pylist([item for answer in answers for item in answer.items], rows.schema)
    over = pc.and_(pc.equal(rows["list_id"], ASSERTED), pc.less_equal(rows["ceased"], day))
    return rows.filter(pc.invert(pc.fill_null(over, False))), answers


def nearest(known: Iterable[Window], day: date) -> Window:
    """The window that holds the day, the newest where several do; else the nearest, of two the earlier."""
    known = list(known)
    if covering := [window for window in known if window.covers(day)]:
        return max(covering, key=_age)
    return min(known, key=lambda window: (window.distance(day), _age(window)))


def latest(rows: pa.Table) -> pa.Table:
    """The rows of each list's newest consolidation: what a screening of today stands on."""
    newest = {list_id: known[-1] for list_id, known in windows(rows).items()}
    columns = (rows.column(name).to_pylist() for name in ("list_id", "window_from", "window_until"))
    return rows.filter(
        pa.array([newest[i] == Window(a, b) for i, a, b in zip(*columns, strict=True)], pa.bool_())
    )


def diff(old: pa.Table, new: pa.Table) -> Iterator[Change]:
    """Yield the changes from one state to another, item by item: removals, then the new state's order.

    Each side is one state: of several consolidations of a list, its newest is taken.

    Raises:
        FormatError: the two have no list in common, so that everything would have changed.
    """
    before, after = _by_entity(latest(old)), _by_entity(latest(new))
    if before and after and not _lists(before) & _lists(after):
        raise FormatError(
            f"the two have no list in common: {', '.join(sorted(_lists(before)))} and "
            f"{', '.join(sorted(_lists(after)))}"
        )
    yield from (Change("removed", row) for key, row in before.items() if key not in after)
    for key, row in after.items():
        if key not in before:
            yield Change("added", row)
        elif change := _compare(before[key], row):
            yield change


def _compare(was: Row, now: Row) -> Change | None:
    fields = {name: (was[name], now[name]) for name in CONTENT if (was[name] or None) != (now[name] or None)}
    before = {name["text"]: name for name in was["names"]}
    after = {name["text"]: name for name in now["names"]}
    added = [text for text in after if text not in before]
    removed = [text for text in before if text not in after]
    for attribute in ("role", "strength"):
        moved = {t: (before[t][attribute], after[t][attribute]) for t in after if t in before}
        if differing := {text: pair for text, pair in moved.items() if pair[0] != pair[1]}:
            fields[f"{attribute}s"] = (
                {text: pair[0] for text, pair in differing.items()},
                {text: pair[1] for text, pair in differing.items()},
            )
    return Change("changed", now, fields, added, removed) if fields or added or removed else None


def _by_consolidation(rows: pa.Table) -> dict[tuple[str, Window], list[Row]]:
    found: dict[tuple[str, Window], list[Row]] = defaultdict(list)
    for row in rows.to_pylist():
        found[row["list_id"], Window(row["window_from"], row["window_until"])].append(row)
    return {key: list(_once(items)) for key, items in found.items()}


def _once(items: list[Row]) -> Iterator[Row]:
    """Each item once, though one consolidation may have been given twice."""
    seen = set()
    for row in items:
        if row["record_id"] not in seen:
            seen.add(row["record_id"])
            yield row


def _by_entity(rows: pa.Table) -> dict[tuple[str, str], Row]:
    return {(row["list_id"], row["entity_id"]): row for row in rows.to_pylist()}


def _lists(rows: Iterable[tuple[str, str]]) -> set[str]:
    return {list_id for list_id, _ in rows}


def _age(window: Window) -> tuple[date, date]:
    return (window.first or date.min, window.last or date.min)
