"""The table of coverage: cells of kilometre, hour and kind of crosser, and the assets that each rests on.

Assets are taken to see independently of each other, so a cell is one minus the product of what each of them
misses. The parts are kept by asset: when one goes, only the cells that it served are computed anew, to the
last bit as if it had never been there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """Cells that one asset serves.

    Attributes:
        km, hour: numbers of the cells that it serves, each pair once.
        chance: of shape (kinds of crosser, cells): probability that it sees a crossing in that cell.
    """

    km: Numbers
    hour: Numbers
    chance: Floats


class Table:
    """Probabilities that crossings are seen."""

    def __init__(self, kinds: tuple[str, ...], kilometres: int, hours: int) -> None:
        self.kinds, self.shape = kinds, (kilometres, hours)
        self.parts: dict[str, Part] = {}
        self.missed = np.ones((len(kinds), kilometres, hours))

    @classmethod
    def build(cls, kinds: tuple[str, ...], kilometres: int, hours: int, parts: Mapping[str, Part]) -> "Table":
        """Make a table of parts by asset."""
        table = cls(kinds, kilometres, hours)
        for name in sorted(parts):
            table.parts[name] = parts[name]
            table._multiply(parts[name], np.ones(len(parts[name].km), bool))
        return table

    @property
    def probability(self) -> Floats:
        """Probability that a crossing is seen, of shape (kinds, kilometres, hours)."""
        return np.asarray(1.0 - self.missed)

    def replace(self, name: str, part: Part | None) -> Numbers:
        """Put another part in the place of an asset's, or none; give the numbers of the cells it touches.

        Only those cells are computed anew, from the parts of all assets in the order of their names.
        """
        old = self.parts.pop(name, None)
        if part is not None:
            self.parts[name] = part
        affected = np.zeros(self.shape, bool)
        for one in (old, part):
            if one is not None:
                affected[one.km, one.hour] = True
        self.missed[:, affected] = 1.0
        for other in sorted(self.parts):
            self._multiply(self.parts[other], affected[self.parts[other].km, self.parts[other].hour])
        return np.flatnonzero(affected)

    def without(self, names: Iterable[str]) -> "Table":
        """Return a table without some assets; this one stays as it is."""
        table = Table(self.kinds, *self.shape)
        table.parts, table.missed = dict(self.parts), self.missed.copy()
        for name in names:
            table.replace(name, None)
        return table

    def by_cell(self, first: int, last: int) -> dict[tuple[int, int], dict[str, Floats]]:
        """Return the reasons of every cell of a stretch that something looks at."""
        found: dict[tuple[int, int], dict[str, Floats]] = {}
        for name in sorted(self.parts):
            part = self.parts[name]
            for at in np.flatnonzero((part.km >= first) & (part.km < last) & part.chance.any(0)):
                found.setdefault((int(part.km[at]), int(part.hour[at])), {})[name] = part.chance[:, at]
        return found

    def _multiply(self, part: Part, some: npt.NDArray[np.bool_]) -> None:
        km, hour = part.km[some], part.hour[some]
        self.missed[:, km, hour] *= 1.0 - part.chance[:, some]
