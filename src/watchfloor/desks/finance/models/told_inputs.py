"""Inputs of a model as payments come: the same, bit for bit, as `inputs.of` and `model.score` give of a file.

What depends on the payment alone is computed by `inputs` itself; what depends on earlier ones (the engine,
who used a device before, what the first models thought) is kept here from batch to batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.boosted_trees import BoostedTrees
from watchfloor.desks.finance.engine.stream import DAY, Stream, stream_rows
from watchfloor.desks.finance.ledger import Ledger
from watchfloor.desks.finance.models import inputs, trees, trust
from watchfloor.desks.finance.models.installed import Installed
from watchfloor.desks.finance.surroundings import coded
from watchfloor.desks.finance.typologies.intake import fact
from watchfloor.desks.state import numbered, table

Floats = npt.NDArray[Any]
Integers = npt.NDArray[np.int64]

_PLAIN: Final = (
    *("means", "channel", "currency", "purpose", "payer_bank", "payee_bank", "payer_seat", "payee_seat"),
    *inputs.SHARED,
)


@dataclass
class Others:
    """Which accounts used a device, an address… before, by column."""

    seen: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    def before(self, name: str, column: pa.ChunkedArray, accounts: Integers) -> Floats:
        """[n] how many other accounts had each row's value before; NaN where it has none."""
        texts, keys = coded(column)
        seen = self.seen.setdefault(name, {})
        base = np.array([len(seen.get(text, ())) for text in texts] + [0])
        wide = int(accounts.max(initial=0)) + 1
        pairs, first = np.unique(keys * wide + accounts, return_index=True)
        fresh = np.zeros(len(keys), np.int64)
        for pair, row in zip(pairs.tolist(), first.tolist(), strict=True):
            known = seen.setdefault(texts[keys[row]], set()) if keys[row] >= 0 else {pair % wide}
            fresh[row] = pair % wide not in known
            known.add(pair % wide)
        order = np.argsort(keys, kind="stable")
        counted = np.cumsum(fresh[order])
        starts = np.flatnonzero(np.r_[True, np.diff(keys[order]) != 0])
        group = np.repeat(counted[starts] - fresh[order][starts], np.diff(np.r_[starts, len(keys)]))
        out = np.empty(len(keys))
        out[order] = counted - group - 1
        return np.where(keys < 0, np.nan, out + base[keys])

    def freeze(self) -> pa.Table:
        """Return a row for each value of each column."""
        rows = [
            {"column": column, "value": value, "accounts": sorted(accounts)}
            for column, seen in self.seen.items()
            for value, accounts in seen.items()
        ]
        return pa.Table.from_pylist(rows, _OTHERS)

    def thaw(self, rows: pa.Table) -> "Others":
        """Return what `freeze` gave."""
        for row in rows.to_pylist():
            self.seen.setdefault(row["column"], {})[row["value"]] = set(row["accounts"])
        return self


@dataclass
class Inputs:
    """Inputs kept between batches.

    Attributes:
        stream: the engine, with the model's plan.
        numbers: of accounts, in the order in which they were first seen.
        others: who used what before.
        kept: what the first models thought of each account's payments, see `trust`.
    """

    stream: Stream = stream_rows()
    numbers: dict[str, int] = numbered("account")
    others: Others = table(Others, lambda others: others.freeze(), lambda begun, rows: begun.thaw(rows))
    kept: Floats = table(
        lambda: np.zeros((0, 2, 3)),
        lambda kept: pa.table({"kept": pa.array(kept.ravel(), pa.float64())}),
        lambda _, rows: rows["kept"].to_numpy().reshape(-1, 2, 3).copy(),
    )

    def features(self, installed: Installed, payments: pa.Table, beside: pa.Table) -> Floats:
        """Inputs of the second models, [n, their features], of payments in their order.

        Args:
            installed: the model.
            payments: records, each with an amount above zero and an account on one side at least.
            beside: the same as rows of `intake.LEDGER`.
        """
        model = installed.fitted
        rows = _rows(model.facts, payments, beside)
        book = self._ledger(beside)
        plain = inputs.build(rows, book, replace(model.plan, groups=()), model.words, model.facts)
        made = dict(zip(plain.names, plain.values.T, strict=True))
        made |= {
            f"{name}_others": self.others.before(name, rows[name], book.payer).astype(np.float32)
            for name in inputs.SHARED
        }
        told = self.stream.features(book.payer, book.payee, book.time, book.amount)
        made |= dict(zip(model.plan.names, told.T, strict=True))
        chance = _chance(installed, made, book.time)
        made |= dict(zip(trust.TOLD, self._trust(book, chance).T, strict=True))
        return _ordered(installed.second[0], made)

    def _trust(self, book: Ledger, chance: Floats) -> Floats:
        if len(self.kept) < len(self.numbers):
            self.kept = np.concatenate((self.kept, np.zeros((len(self.numbers), 2, 3))))
        return trust.trust_features(book.payer, book.payee, chance, self.kept)

    def _ledger(self, beside: pa.Table) -> Ledger:
        """Numbers of the payments; a side without an account has one for each account on the other side."""
        texts = [beside[side].to_pylist() for side in ("payer", "payee")]
        pairs = ((one or f"\x00{other}", other or f"\x00{one}") for one, other in zip(*texts, strict=True))
        found = np.array(
            [[self.numbers.setdefault(name, len(self.numbers)) for name in pair] for pair in pairs], np.int64
        ).reshape(-1, 2)
        return Ledger(
            np.ascontiguousarray(found[:, 0]),
            np.ascontiguousarray(found[:, 1]),
            np.asarray(beside["time"].to_numpy(), np.int64),
            np.asarray(beside["cents"].to_numpy(), np.int64) / 100.0,
            pa.nulls(0, pa.string()),
        )


def _chance(installed: Installed, made: Mapping[str, Floats], time: Integers) -> Floats:
    """Compute the first models' chance; of a payment before `until` by those not grown on its time."""
    every = [_odds(ends, models, made, time) for ends, models in installed.first]
    return trees.as_chance(np.mean(every, axis=0))


def _odds(
    ends: tuple[int, ...], models: list[BoostedTrees], made: Mapping[str, Floats], time: Integers
) -> Floats:
    values = _ordered(models[0], made)
    cuts = [0, *np.searchsorted(time, ends).tolist(), len(time)]
    parts = zip(pairwise(cuts), [*([one] for one in models), models], strict=True)
    found = [trees.odds(by, values[start:end]) for (start, end), by in parts if end > start]
    return np.concatenate(found)


def _rows(facts: tuple[str, ...], payments: pa.Table, beside: pa.Table) -> pa.Table:
    """The payments with the columns of a file."""
    time = np.asarray(beside["time"].to_numpy(), np.int64)
    made: dict[str, Any] = {name: payments[name] for name in _PLAIN}
    made["to_self"] = pc.fill_null(pc.equal(beside["payer"], beside["payee"]), False)
    made |= {f"{side}_holder_type": beside[f"{side}.holder_type"] for side in ("payer", "payee")}
    days = {
        f"{side}_account_days": pc.add(beside[f"{side}.age"], pa.array((time % DAY) / DAY))
        for side in ("payer", "payee")
    }
    lists = payments["facts"].combine_chunks()
    made |= {name: days[name] if name in days else fact(lists, name, len(time)) for name in facts}
    return pa.table(made)


def _ordered(model: BoostedTrees, made: Mapping[str, Floats]) -> Floats:
    """The columns that a model reads, in its order; one that is not there is unknown."""
    size = len(next(iter(made.values())))
    out = np.full((size, len(model.names)), np.nan, np.float32)
    for k, name in enumerate(model.names):
        if name in made:
            out[:, k] = made[name]
    return out


_OTHERS: Final = pa.schema(
    [("column", pa.string()), ("value", pa.string()), ("accounts", pa.list_(pa.int64()))]
)
