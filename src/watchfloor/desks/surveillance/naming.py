"""Names as numbers, for the kernels: sensors, claimed identities, markings; and first reports of records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import join
from watchfloor.desks.surveillance.evidence_index import CODES, bits

Numbers = npt.NDArray[np.int64]

REMEMBERED: Final = 100_000
"""Records that repeat others whose first reports are remembered, those that came last."""

OTHERS: Final = "others"
"""What sensors beyond the number that are told apart are called."""


@dataclass
class Names:
    """Numbers of names in the order in which they first came.

    Attributes:
        sensor, claimed, mark: names by number.
        repeats: first reports of the records that repeat any, by record id.
    """

    sensor: list[str] = field(default_factory=list)
    claimed: list[str] = field(default_factory=list)
    mark: list[str] = field(default_factory=list)
    repeats: dict[bytes, tuple[str, ...]] = field(default_factory=dict)
    _codes: dict[str, dict[str, int]] = field(default_factory=dict)
    _seen: dict[int, list[str]] = field(default_factory=dict)
    _joins: dict[tuple[int, tuple[str, ...]], str] = field(default_factory=dict)

    def codes(self, what: str, column: pa.ChunkedArray) -> Numbers:
        """The number of each name of a column, new names numbered; -1 for none."""
        names: list[str] = getattr(self, what)
        if column.null_count == len(column):
            return np.full(len(column), -1, np.int64)
        known = self._codes.setdefault(what, {name: number for number, name in enumerate(names)})
        coded = pc.dictionary_encode(column.combine_chunks())
        mine = np.empty(len(coded.dictionary) + 1, np.int64)
        mine[-1] = -1
        for at, name in enumerate(coded.dictionary.to_pylist()):
            if name not in known:
                known[name] = len(names)
                names.append(name)
            mine[at] = known[name]
        at = coded.indices.fill_null(len(mine) - 1) if coded.null_count else coded.indices
        return np.asarray(mine[at.to_numpy()])

    def remember(self, ids: Sequence[bytes], origins: Iterable[Sequence[str]]) -> None:
        """First reports of records that repeat others."""
        self.repeats |= {id_: tuple(of) for id_, of in zip(ids, origins, strict=True) if of}
        while len(self.repeats) > REMEMBERED:
            del self.repeats[next(iter(self.repeats))]

    def subjects(self, track: str, claimed: int) -> list[str]:
        """The track's key, and what it claims to be."""
        return [track, self.claimed[claimed]] if claimed >= 0 else [track]

    def sensors(self, mask: int) -> list[str]:
        """Names of the sensors whose bits are set; those of the last bit are not told apart."""
        if mask not in self._seen:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            self._seen[mask] = self._named(mask)
        return self._seen[mask]

    def _named(self, mask: int) -> list[str]:
        found = [self.sensor[one] for one in bits(mask) if one < CODES - 1 and one < len(self.sensor)]
        return sorted(found) + ([OTHERS] if mask >> (CODES - 1) & 1 else [])

    def origins(self, ids: Iterable[bytes]) -> list[str]:
        """The first reports behind some records."""
        return sorted({one for id_ in ids for one in self.repeats.get(id_, ())})

    def marking(self, mask: int) -> str:
        """The join of the markings whose bits are set; the last bit stands for all that came later."""
        late = tuple(self.mark[CODES - 1 :]) if mask >> (CODES - 1) & 1 else ()
        if (mask, late) not in self._joins:
            early = [self.mark[one] for one in bits(mask) if one < CODES - 1]
            self._joins[mask, late] = join([*early, *late])
        return self._joins[mask, late]


def capped(codes: Numbers) -> npt.NDArray[np.uint8]:
    """Numbers as bits: all from the last on are one."""
    return np.minimum(codes, CODES - 1).astype(np.uint8)
