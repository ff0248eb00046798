"""References beside payments and accounts: who is listed and who is near to one, who has imported.

Lists, decisions and customs entries are records like any other, and take effect from their place in the
stream on. A floor that holds none of a kind leaves what asks for it unanswered: a bank holds no declaration
to customs (Customs Act, s. 107, keeps them), so there the indicator that asks for one abstains.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance import near
from watchfloor.desks.finance.listed import ANY, Listed, Lists
from watchfloor.desks.finance.near import FARTHEST, Cited, Near, Steps
from watchfloor.desks.finance.typologies.frame import Frame, Integers
from watchfloor.desks.state import keyed, table, within

Row = dict[str, Any]

SIDES: Final = ("payer", "payee")
READS: Final = ("listing", "consolidation", "judgement", "declaration")
"""Kinds that take effect here, those that a list is of first."""

COLUMNS: Final = (
    *("kind", "place", "record_id", "report_key", "marking", "observed_at"),
    *("list_id", "entity_id", "lang", "provision", "identifiers", "ceased", "entities"),
    *("subject", "about", "verdict", "expires_at", "importer", "consignee"),
)
"""What is looked at of their records."""


class Entered(NamedTuple):
    """The first declaration to customs that names a key."""

    record: bytes
    marking: str


class Tie(NamedTuple):
    """A path from an account to a listed entity: payments, and the records that say who is listed."""

    payments: tuple[Cited, ...]
    said: dict[bytes, str]


@dataclass
class Surroundings:
    """Knowledge of lists, accounts near to listed ones, and importers.

    Attributes:
        lists: who is listed.
        near: accounts that are near to one.
        entered: importers and consignees of declarations, by key.
        changed: whether a list has changed since it was last looked at who is near.
    """

    lists: Lists = within(Lists)
    near: dict[str, Near] = table(dict, near.frozen, near.thawed)
    entered: dict[str, Entered] = keyed("key")
    changed: bool = True

    def apply(self, row: Row) -> None:
        """Let one record take effect."""
        if row["kind"] == "declaration":
            for key in importers(row):
                self.entered.setdefault(key, Entered(row["record_id"], row["marking"]))
        else:
            self.lists.apply(row)
            self.changed = True

    def forget(self, record: bytes) -> None:
        """Let go of who was near by a payment that is put right."""
        gone = [name for name, one in self.near.items() if any(paid.record == record for paid in one.path)]
        for name in gone:
            del self.near[name]

    def _settle(self) -> None:
        """Let go of who was near to an entity that is listed no more."""
        if self.near and self.changed:
            keys = self.lists.keys
            self.near = {name: one for name, one in self.near.items() if one.root in keys}
        self.changed = False

    def beside(self, rows: pa.Table, places: Integers, events: deque[Row]) -> tuple[pa.Table, "Ties"]:
        """Payments with steps and customs entries of either side; the events among them take effect.

        Args:
            rows: payments, rows of `intake.LEDGER`.
            places: [n] their places in the batch.
            events: records that take effect, by place; those before the last payment are taken away.
        """
        time = np.asarray(rows["time"].to_numpy(), np.int64)
        runs: list[_Run] = []
        start = 0
        while start < rows.num_rows:
            while events and events[0]["place"] < places[start]:
                self.apply(events.popleft())
            self.changed |= self.lists.expire(int(time[start]))
            self._settle()
            ends = self.lists.ends
            end = rows.num_rows if not events else int(np.searchsorted(places, events[0]["place"]))
            end = end if ends is None else min(end, int(np.searchsorted(time, ends)))
            runs.append(self._run(rows.slice(start, end - start), start))
            start = end
        made = {name: pa.chunked_array([run.columns[name] for run in runs]) for name in runs[0].columns}
        for name, column in made.items():
            rows = rows.set_column(rows.column_names.index(name), name, column)
        return rows, Ties(runs)

    def _run(self, rows: pa.Table, start: int) -> "_Run":
        made: dict[str, pa.Array] = {f"{side}.entry": self._entry(rows, side) for side in SIDES}
        if not self.lists.keys and not self.near:
            made |= {f"{side}.steps": pa.nulls(rows.num_rows, pa.float64()) for side in SIDES}
            return _Run(start, made)
        run = _Run(start, made, Walk(rows, self.lists.keys, self.near))
        made |= {
            f"{side}.steps": pa.array(run.walk.steps.of_side(k), from_pandas=True)  # type: ignore[union-attr]
            for k, side in enumerate(SIDES)
        }
        self.near = self.near | run.walk.news()  # type: ignore[union-attr]
        return run

    def _entry(self, rows: pa.Table, side: str) -> pa.Array:
        if not self.entered:
            return pa.nulls(rows.num_rows, pa.bool_())
        found = [
            np.array([name in self.entered for name in names] + [False])[codes]
            for names, codes in (coded(rows[column]) for column in (side, f"{side}.holder"))
        ]
        return pa.array(found[0] | found[1])


def importers(row: Row) -> list[str]:
    """Whom a declaration names as the one who imports or receives."""
    return [key for key in dict.fromkeys((row["importer"], row["consignee"])) if key]


def coded(column: pa.ChunkedArray) -> tuple[list[str], Integers]:
    """The texts of a column, and [n] which each row has, -1: none."""
    one = column.combine_chunks()
    whole = (pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one).dictionary_encode()
    codes = np.asarray(pc.fill_null(whole.indices, -1).to_numpy(zero_copy_only=False), np.int64)
    return whole.dictionary.to_pylist(), codes


class Walk:
    """Who is near to a listed entity along some payments.

    Args:
        rows: the payments, none among which a list changed.
        keys: who is listed.
        before: who was near before them.
    """

    def __init__(self, rows: pa.Table, keys: Mapping[str, Listed], before: Mapping[str, Near]) -> None:
        self.rows, self.keys, self.before = rows, keys, before
        self.frame = Frame(rows)
        self.roots = list(keys)
        self.names, both = coded(
            pa.chunked_array([*rows["payer"].chunks, *rows["payee"].chunks], pa.string())
        )
        self.accounts = both.reshape(2, -1)
        self.numbers = {key: at for at, key in enumerate(self.roots)}
        known = [before.get(name) for name in self.names]
        for root in sorted({one.root for one in known if one} - set(self.numbers)):
            self.numbers[root] = len(self.roots)
            self.roots.append(root)
        self.listed = np.array([self._listed(k, side) for k, side in enumerate(SIDES)])
        self.steps: Steps = near.steps(
            self.accounts[0],
            self.accounts[1],
            self.listed,
            np.array([len(one.path) if one else FARTHEST + 1 for one in known], np.int64),
            np.array([self.numbers[one.root] if one else -1 for one in known], np.int64),
        )

    def _listed(self, k: int, side: str) -> Integers:
        """[n] number of the key by which one side is listed, by its own number or as its holder's; -1."""
        own = np.array([self._number(name) for name in self.names] + [-1])[self.accounts[k]]
        holders, codes = coded(self.rows[f"{side}.holder"])
        held = np.array([self._number(name) for name in holders] + [-1])[codes]
        found: Integers = np.where(own >= 0, own, held)
        return found

    def _number(self, name: str) -> int:
        plain = self.numbers.get(name) if name in self.keys else None
        if plain is None and name.startswith("account:"):
            plain = self.numbers.get(f"account:{ANY}:{name.split(':', 2)[2]}")
        return -1 if plain is None else plain

    def tie(self, k: int, row: int) -> Tie | None:
        """Return the path from one side of a payment to a listed entity, by this payment and earlier ones."""
        if self.steps.steps[k, row] > FARTHEST:
            return None
        root = self.roots[self.steps.root[k, row]]
        said = dict(self.keys[root].records) if root in self.keys else {}
        return Tie(self._path(k, row), said | self._holding(k, row))

    def _path(self, k: int, row: int) -> tuple[Cited, ...]:
        by = int(self.steps.by[k, row])
        if self.steps.steps[k, row] == 0:
            return ()
        if by < 0:
            return self.before[self.names[self.accounts[k, row]]].path
        other = int(self.accounts[0, by] == self.accounts[k, row])
        return (*self._path(other, by), *cited(self.frame, np.array([by])))

    def _holding(self, k: int, row: int) -> dict[bytes, str]:
        """The record by which a listed holder holds the account, where that is on this payment."""
        if self.steps.steps[k, row] or self.names[self.accounts[k, row]] in self.keys:
            return {}
        at = np.array([row])
        (record,), (marking,) = (
            self.frame.values(f"{SIDES[k]}.{name}", at) for name in ("record", "marking")
        )
        return {} if record is None else {record: marking}

    def news(self) -> dict[str, Near]:
        """Who came nearer by these payments."""
        found: dict[str, Near] = {}
        for k in range(2):
            for row in np.flatnonzero(self.steps.by[k] == np.arange(self.rows.num_rows)).tolist():
                name = self.names[self.accounts[k, row]]
                one = Near(self._path(k, row), self.roots[self.steps.root[k, row]])
                if name not in found or len(one.path) < len(found[name].path):
                    found[name] = one
        return found


@dataclass
class _Run:
    start: int
    columns: dict[str, pa.Array]
    walk: Walk | None = None


class Ties:
    """Paths to listed entities from payments of one batch.

    Args:
        runs: runs of payments, in order.
    """

    def __init__(self, runs: Iterable[_Run]) -> None:
        self.runs = list(runs)
        self.starts = [run.start for run in self.runs]

    def tie(self, side: str, row: int) -> Tie | None:
        """Return the path from one side of a payment to a listed entity, None if there is none."""
        run = self.runs[bisect_right(self.starts, row) - 1]
        return run.walk.tie(SIDES.index(side), row - run.start) if run.walk else None


def cited(frame: Frame, rows: Integers) -> list[Cited]:
    """Payments of a frame as they are named."""
    columns = [frame.values(name, rows) for name in ("record_id", "marking", "origins")]
    return [Cited(*row) for row in zip(*columns, frame.time[rows].tolist(), strict=True)]
