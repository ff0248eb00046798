"""Tables of the register: removals by year and quarter, inventories on a day, and what the agency published.

A table counts enforced orders, one each, in the columns and rows of the agency's own page. It is made from
the register as it stood at a position of the log, so a table has its vintage as the published one has.
Nothing is counted by nationality or citizenship.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import msgspec

from watchfloor.casework.removals.law import under
from watchfloor.casework.removals.orders import Order
from watchfloor.casework.removals.steps import GROUNDS, KINDS, REGIONS, WAYS, day_of

UNKNOWN: Final = "unknown"
"""The row of orders of which the records do not say it."""
STAGES: Final = ("monitoring", "stay", "working", "removal-in-progress", "wanted")
"""Inventories, in the order of the tables."""
FLOWS: Final = (
    "order-made",
    "stay-granted",
    "stay-ended",
    "warrant-issued",
    "warrant-ended",
    "enforced",
    "order-set-aside",
    "order-void",
)
"""Steps that are counted as flows."""
MOST_YEARS: Final = 40
TABLED_DAYS: Final = 10
"""Days after the end of a month in which its report is to be tabled (s. 49(5))."""
ADDRESS: Final = (
    "https://cbsa-asfc.gc.ca/agency-agence/reports-rapports/security-securite/removals-renvois-eng.html"
)
"""The page that the agency publishes its tables on."""


def region(order: Order) -> str:
    """Return the region that enforced an order, or else that made it."""
    rows = (order.enforced, order.order)
    return next((row["region"] for row in rows if row and row.get("region")), UNKNOWN)


def ground(order: Order) -> str:
    """Return the ground of inadmissibility, as the section of the Act that the tables count."""
    cited = (order.order or {}).get("grounds") or ""
    return next((one for one in GROUNDS if under(cited, (one,))), UNKNOWN)


def way(order: Order) -> str:
    """Return how an order was enforced."""
    return (order.enforced or {}).get("way") or UNKNOWN


DIMENSIONS: Final[Mapping[str, tuple[Callable[[Order], str], Sequence[str]]]] = {
    "region": (region, REGIONS),
    "kind": (lambda order: order.kind or UNKNOWN, KINDS),
    "ground": (ground, GROUNDS),
    "way": (way, WAYS),
}
"""By what removals are counted: how an order's row is found, and the rows in order."""


class Table(NamedTuple):
    """A table of removals.

    Attributes:
        by: what its rows are.
        years: calendar or fiscal, from April to March and named for the year in which it begins.
        columns: as 2024, 2024-Q1, FY2024, FY2024-Q1.
        rows: by key, numbers in the order of the columns.
        total: of all rows.
        partial: columns of which the time has not passed.
    """

    by: str
    years: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[int, ...]]
    total: tuple[int, ...]
    partial: tuple[str, ...] = ()


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that the agency published, as `published.toml` has it.

    Attributes:
        name: its number there.
        published: the day by which it was public; dated: how that day is known, stated or inferred.
    """

    name: str
    by: str
    years: str
    published: date
    dated: str
    columns: tuple[str, ...]
    rows: dict[str, tuple[int, ...]]
    total: tuple[int, ...] = ()
    partial: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    table: tuple[Published, ...]


def fiscal_year(day: date) -> int:
    """Return the year in which the fiscal year of a day began, in April."""
    return day.year if day.month >= 4 else day.year - 1


def column_of(day: date, years: str) -> tuple[str, str]:
    """Return the year and the quarter in which a day lies, as columns name them."""
    if years == "fiscal":
        year, quarter = fiscal_year(day), (day.month - 4) % 12 // 3 + 1
        return f"FY{year}", f"FY{year}-Q{quarter}"
    return f"{day.year}", f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def columns(first: int, last: int, years: str) -> tuple[str, ...]:
    """Return the columns of years from a first to a last, the last one with its quarters before it."""
    prefix = "FY" if years == "fiscal" else ""
    whole = [f"{prefix}{year}" for year in range(first, last)]
    return (*whole, *(f"{prefix}{last}-Q{quarter}" for quarter in range(1, 5)), f"{prefix}{last}")


def end_of(column: str) -> date:
    """Return the last day of a column."""
    name, _, quarter = column.removeprefix("FY").partition("-Q")
    months = (3 if column.startswith("FY") else 0) + 3 * int(quarter or 4)
    year, month = divmod(int(name) * 12 + months, 12)
    return date.fromordinal(date(year, month + 1, 1).toordinal() - 1)


def removals(orders: Iterable[Order], by: str, cols: Sequence[str], years: str, on: date) -> Table:
    """Return how many orders were enforced, by row and column, up to a day."""
    find, keys = DIMENSIONS[by]
    counts: Counter[tuple[str, str]] = Counter()
    for order in orders:
        if order.enforced is None or (day := day_of(order.enforced)) > on:
            continue
        row = find(order)
        counts.update((row, column) for column in column_of(day, years))
    return _table(by, years, cols, keys, counts, on)


def _table(
    by: str, years: str, cols: Sequence[str], keys: Sequence[str], counts: Counter[tuple[str, str]], on: date
) -> Table:
    others = sorted({row for row, _ in counts} - set(keys))
    rows = {key: tuple(counts[key, column] for column in cols) for key in (*keys, *others)}
    total = tuple(sum(numbers) for numbers in zip(*rows.values(), strict=True))
    partial = tuple(column for column in cols if end_of(column) > on)
    return Table(by, years, tuple(cols), rows, total, partial)


def inventory(orders: Iterable[Order]) -> dict[str, Counter[str]]:
    """Return how many orders are in each inventory, by region."""
    found: dict[str, Counter[str]] = {stage: Counter() for stage in STAGES}
    for order in orders:
        if order.order is not None and order.stage in found:
            found[order.stage].update((region(order),))
    return found


def flows(orders: Iterable[Order], first: date, last: date) -> Counter[str]:
    """Return how many steps of each sort there were from a first to a last day, both counted."""
    days = ((row["step"], day_of(row)) for order in orders for row in order.history)
    return Counter(step for step, day in days if first <= day <= last)


class Monthly(NamedTuple):
    """The counts of the monthly report on removal orders (s. 49(3)).

    Attributes:
        last: the last day of the month; `due`: the last of the ten days after it (s. 49(5)).
        enforced: orders enforced in the month, by ground.
        delayed: orders in force and not enforced by its end, by what their records give as the reason.
    """

    last: date
    due: date
    enforced: Counter[str]
    delayed: Counter[str]


def monthly(orders: Iterable[Order], last: date) -> Monthly:
    """Return the counts of a month from its orders as they stood at the end of its last day."""
    enforced: Counter[str] = Counter()
    delayed: Counter[str] = Counter()
    for order in orders:
        if order.enforced is not None:
            day = day_of(order.enforced)
            enforced.update([ground(order)] * ((day.year, day.month) == (last.year, last.month)))
        elif order.ended is None and order.order is not None:
            force = order.in_force.day
            delayed.update([delay(order)] * (force is not None and force <= last))
    return Monthly(last, date.fromordinal(last.toordinal() + TABLED_DAYS), enforced, delayed)


def delay(order: Order) -> str:
    """Return the reason for which an order in force is not enforced, as its records have it."""
    holds = [one.name for one in order.holds()]
    if holds:
        return holds[0]
    if order.open("warrant"):
        return "wanted"
    return "travel-document" if order.open("travel-document") else UNKNOWN


@cache
def published() -> tuple[Published, ...]:
    """Return what the agency published, table by table, the oldest vintage first."""
    data = files(__package__).joinpath("published.toml").read_bytes()
    return msgspec.toml.decode(data, type=_File).table


class Difference(NamedTuple):
    """A number that our table and the published one have differently."""

    row: str
    column: str
    ours: int
    theirs: int


def beside(ours: Table, theirs: Published) -> Iterator[Difference]:
    """Yield the numbers of a published table that ours has otherwise, its total among them."""
    known = {column: n for n, column in enumerate(ours.columns)}
    rows = [*theirs.rows.items(), *([("total", theirs.total)] if theirs.total else [])]
    for key, numbers in rows:
        mine = ours.total if key == "total" else ours.rows.get(key, (0,) * len(ours.columns))
        for column, number in zip(theirs.columns, numbers, strict=True):
            if mine[known[column]] != number:
                yield Difference(key, column, mine[known[column]], number)
