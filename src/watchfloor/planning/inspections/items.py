"""The items of a stream: parcels and containers, each with the lines that were declared of it."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.referrals.powers import POSTAL
from watchfloor.planning.inspections.days import days_of
from watchfloor.planning.inspections.draws import Floats, Rows

PARTIES: Final = ("importer", "consignee", "shipper")
UNKNOWN: Final = "unknown"


class Items(NamedTuple):
    """Items in the order of their first lines.

    Attributes:
        lines: declarations.
        item: the item of each line [lines].
        first: the first line of each item [n].
        subject: typed key of each [n].
    """

    lines: pa.Table
    item: Rows
    first: Rows
    subject: list[str]

    @property
    def mode(self) -> list[str]:
        """How each travels; a number of the post is post."""
        found: list[str] = self._mode().to_pylist()
        return found

    @property
    def direction(self) -> list[str]:
        """Which way each goes."""
        found: list[str] = self._direction().to_pylist()
        return found

    @property
    def stream(self) -> list[str]:
        """Mode and direction of each, such as `post inbound`."""
        found: list[str] = pc.binary_join_element_wise(self._mode(), self._direction(), " ").to_pylist()
        return found

    @property
    def by_post(self) -> pa.ChunkedArray:
        """Whether each has a number of the post."""
        return pc.starts_with(self._first("subject"), POSTAL)

    def column(self, name: str) -> list[Any]:
        """A column of each item's first line."""
        found: list[Any] = self._first(name).to_pylist()
        return found

    def days(self) -> pa.Array:
        """The day of each."""
        return days_of(self.lines).take(pa.array(self.first))

    def most(self, values: Floats) -> tuple[Floats, Rows]:
        """The greatest value of each item's lines [n], and the line that has it."""
        order = np.lexsort((-values, self.item))
        at = order[np.searchsorted(self.item[order], np.arange(len(self.subject)))]
        return values[at], at

    def markings(self, rows: Rows) -> dict[int, set[str]]:
        """The markings of the lines of some items, by number."""
        mine = np.isin(self.item, rows)
        found: dict[int, set[str]] = {}
        marked = self.lines["marking"].filter(pa.array(mine)).to_pylist()
        for row, marking in zip(self.item[mine].tolist(), marked, strict=True):
            found.setdefault(row, set()).add(marking)
        return found

    def only(self, keep: npt.NDArray[np.bool_]) -> "Items":
        """The items that are kept [n], with their lines."""
        return items(self.lines.filter(pa.array(keep[self.item])))

    def _mode(self) -> pa.ChunkedArray:
        return pc.coalesce(self._first("mode"), pc.if_else(self.by_post, "post", UNKNOWN))

    def _direction(self) -> pa.ChunkedArray:
        return pc.fill_null(self._first("direction"), UNKNOWN)

    def _first(self, name: str) -> pa.ChunkedArray:
        return self.lines[name].take(pa.array(self.first))


def items(lines: pa.Table) -> Items:
    """The items that declarations are of."""
    coded = pc.dictionary_encode(lines["subject"].combine_chunks()) if lines.num_rows else None
    if coded is None:
        nobody = np.zeros(0, np.int64)
        return Items(lines, nobody, nobody, [])
    item = coded.indices.to_numpy().astype(np.int64)
    _, first = np.unique(item, return_index=True)
    return Items(lines, item, first.astype(np.int64), coded.dictionary.to_pylist())


def named(found: Items, keys: Sequence[str]) -> Rows:
    """The items that one of the keys names, as parcel, container or party, in the order of the keys."""
    place: dict[str, list[int]] = {}
    wanted = pa.array(list(dict.fromkeys(keys)), pa.string())
    for name in ("subject", *PARTIES):
        hits = pc.fill_null(pc.is_in(found.lines[name], value_set=wanted), False).to_numpy()
        values = found.lines[name].filter(pa.array(hits)).to_pylist()
        for key, item in zip(values, found.item[hits].tolist(), strict=True):
            place.setdefault(key, []).append(item)
    rows = [row for key in wanted.to_pylist() for row in place.get(key, ())]
    return np.array(list(dict.fromkeys(rows)), np.int64)
