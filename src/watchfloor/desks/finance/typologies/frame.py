"""Payments as columns of numbers, as the typologies look at them."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance.typologies.columns import ALWAYS, type_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Numbers = TypeVar("Numbers")


class Frame:
    """Rows in the order of the stream.

    Args:
        table: `time` (µs), `cents`, `words` (bits of `lexicon`, of memo and purpose), `payer.words` and
            `payee.words` (of the occupations), and columns as `COLUMNS` names them, where there are any.
        features: of the engine, by name, [n].
    """

    def __init__(self, table: pa.Table, features: Mapping[str, npt.NDArray[Any]] | None = None) -> None:
        self.table, self.features = table, features or {}
        self.size = table.num_rows
        self.names = frozenset(table.column_names)
        self._coded: dict[str, tuple[Integers, list[str]]] = {}
        self._made: dict[tuple[str, str], Any] = {}

    @cached_property
    def time(self) -> Integers:
        """[n] µs."""
        return np.asarray(self.table["time"].to_numpy(), np.int64)

    @cached_property
    def cents(self) -> Integers:
        """[n] amounts in hundredths."""
        return np.asarray(self.table["cents"].to_numpy(), np.int64)

    @cached_property
    def amounts(self) -> tuple[Integers, int]:
        """[n] numbers of the different amounts, and how many there are."""
        values, codes = np.unique(self.cents, return_inverse=True)
        return codes.astype(np.int64), len(values)

    @cached_property
    def accounts(self) -> tuple[Integers, Integers, int]:
        """[n] numbers of payers and of payees under one count (-1: none), and how many there are."""
        both = pa.chunked_array(
            [one for side in ("payer", "payee") for one in _texts(self.table[side]).chunks], pa.string()
        )
        coded = both.combine_chunks().dictionary_encode()
        codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int64)
        return codes[: self.size], codes[self.size :], len(coded.dictionary)

    def has(self, name: str) -> bool:
        """Whether the file, or the feed, has a column."""
        if name.startswith("engine."):
            return name.removeprefix("engine.") in self.features
        return name in ALWAYS or _stored(name) in self.names

    def coded(self, name: str) -> tuple[Integers, list[str]]:
        """[n] numbers of a column's texts (-1: none), and the texts."""
        if name not in self._coded:
            if name not in self.names:
                return np.full(self.size, -1), []
            one = _texts(self.table[name]).combine_chunks()
            coded = (one.chunk(0) if isinstance(one, pa.ChunkedArray) else one).dictionary_encode()
            codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int64)
            self._coded[name] = codes, coded.dictionary.to_pylist()
        return self._coded[name]

    def numbers(self, name: str) -> Floats:
        """[n] of a column of numbers; NaN where it has none."""
        return self._once("number", name, self._numbers)

    def truths(self, name: str) -> Mask:
        """[n] of a column of yes and no; no where it says neither."""
        return self._once("truth", name, self._truths)

    def bits(self, name: str) -> Integers:
        """[n] bits of the word lists that a text has words of."""
        return self._once("words", name, self._bits)

    def known(self, name: str) -> Mask:
        """[n] whether a column says anything."""
        return self._once("known", name, self._known)

    def values(self, name: str, rows: Integers) -> list[Any]:
        """Return a column at a few rows. Its pieces are joined once: a search through many is slow."""
        found: list[Any] = self._once("whole", name, self._whole).take(pa.array(rows)).to_pylist()
        return found

    def _whole(self, name: str) -> pa.Array:
        one = self.table[name].combine_chunks()
        return pa.concat_arrays(one.chunks) if isinstance(one, pa.ChunkedArray) else one

    def _once(self, of: str, name: str, make: Callable[[str], Numbers]) -> Numbers:
        if (of, name) not in self._made:
            self._made[of, name] = make(name)
        found: Numbers = self._made[of, name]
        return found

    def _numbers(self, name: str) -> Floats:
        if name == "amount":
            return self.cents / 100.0
        if name.startswith("engine."):
            found = self.features.get(name.removeprefix("engine."))
            return np.full(self.size, np.nan) if found is None else found.astype(np.float64)
        if name not in self.names:
            return np.full(self.size, np.nan)
        return np.asarray(self.table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)

    def _truths(self, name: str) -> Mask:
        if name not in self.names:
            return np.zeros(self.size, np.bool_)
        return np.asarray(pc.fill_null(self.table[name], False).to_numpy(), np.bool_)

    def _bits(self, name: str) -> Integers:
        stored = _stored(name)
        if stored not in self.names:
            return np.zeros(self.size, np.int64)
        return np.asarray(pc.fill_null(self.table[stored], 0).to_numpy(), np.int64)

    def _known(self, name: str) -> Mask:
        of = type_of(name)
        if of == "number":
            return ~np.isnan(self.numbers(name))
        if of == "words":
            return self.bits(name) != 0 if name == "memo" else self._valid(_stored(name))
        return self._valid(name)

    def _valid(self, name: str) -> Mask:
        if name not in self.names:
            return np.zeros(self.size, np.bool_)
        return np.asarray(self.table[name].is_valid().to_numpy(), np.bool_)


def _stored(name: str) -> str:
    """Where the bits of a text lie."""
    if name == "memo":
        return "words"
    return name.replace(".occupation", ".words")


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if column.type != pa.string() else column
