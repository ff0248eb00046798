"""Which substances a sample holds: one after the other while each explains enough, then each tried without."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.desks.lab.identify.align import Laid, lay
from watchfloor.desks.lab.identify.compounds import Shelf
from watchfloor.desks.lab.identify.fit import Channel, Fit, fit
from watchfloor.desks.lab.prepare import Peaks

WORTH: Final = 25.0
MOST: Final = 8
"""Substances of one sample at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Substances of a sample, by their place on the shelf, their fit, and what each is worth: how much worse
    the fit is without it."""

    places: tuple[int, ...]
    fit: Fit
    worth: tuple[float, ...]


class Sample:
    """The spectra of a sample, and substances laid beside them when first asked for."""

    def __init__(self, shelf: Shelf, queries: Sequence[Peaks]) -> None:
        self.shelf, self.queries = shelf, queries
        self.channels = [
            Channel(one.y / one.y.sum(), one.floor / float(one.y.sum()), one.tolerance) for one in queries
        ]
        self._laid: dict[int, list[Laid | None]] = {}

    def laid(self, compound: int) -> list[Laid | None]:
        """A substance beside each channel: of its spectra the most similar one."""
        if compound not in self._laid:
            self._laid[compound] = [
                self._best(channel.y, query, self.shelf.of(compound, query))
                for channel, query in zip(self.channels, self.queries, strict=True)
            ]
        return self._laid[compound]

    def _best(self, y: object, query: Peaks, spectra: Sequence[Peaks]) -> Laid | None:
        laid = [lay(query, one) for one in spectra]
        return max(laid, key=lambda one: float(np.sqrt(one.on) @ np.sqrt(self._unit(query))), default=None)

    @staticmethod
    def _unit(query: Peaks) -> np.ndarray:  # type: ignore[type-arg]
        return query.y / query.y.sum()

    def fit(self, places: Sequence[int]) -> Fit:
        """The fit of some substances."""
        each = [self.laid(one) for one in places]
        return fit(self.channels, [[one[v] for one in each] for v in range(len(self.channels))])


def choose(sample: Sample, candidates: Sequence[int], worth: float = WORTH) -> Chosen:
    """Choose substances: the one that improves the fit most, again and again; then drop what is worth less."""
    places: list[int] = []
    now = sample.fit(places)
    while len(places) < MOST:
        tried = [(sample.fit([*places, one]).loss, one) for one in candidates if one not in places]
        if not tried or now.loss - min(tried)[0] < worth:
            break
        places.append(min(tried)[1])
        now = sample.fit(places)
    while places:
        each = [sample.fit([two for two in places if two != one]).loss - now.loss for one in places]
        if min(each) >= worth:
            return Chosen(tuple(places), now, tuple(each))
        places.pop(int(np.argmin(each)))
        now = sample.fit(places)
    return Chosen((), now, ())
