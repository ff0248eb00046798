"""Which substances a sample holds: one after the other while each explains enough; then without each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.identify.align import Laid, lay, stacked
from watchfloor.desks.lab.identify.candidates import candidates
from watchfloor.desks.lab.identify.compounds import Shelf
from watchfloor.desks.lab.identify.fit import Channel, Fit, fit
from watchfloor.desks.lab.prepare import Peaks

WORTH: Final = 12.0
"""What the fit must be worse by without a substance that is named, in units of what it leaves unexplained.

A trial's strongest false one was worth 12 and its weakest true one 20; of the six mixtures measured here the
weakest true one is worth 55: `./dev bench lab.mixtures`.
"""
MOST: Final = 8
"""Substances of one sample at most."""
MAJOR, MISSED, SEEN = 0.1, 0.2, 3.0
"""A substance is refuted where one of its peaks as high as `MAJOR` of its highest, which would stand `SEEN`
times above noise, has less than `MISSED` of the height that it would have."""
OWN: Final = 0.4
"""A substance has a peak of its own where it makes more than this part of it and the others make less."""
OWN_PART: Final = 0.1
"""Part of a substance's heights that its own peaks must make in one channel."""
ALL_SEEN: Final = 5.0
"""The same for all of its peaks above noise together."""

ALIKE: Final = 0.97
"""Cosine of two substances over all channels from which on they are never told apart: small peaks alone that
differ may come from the instrument."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Substances of a sample: their places on the shelf, their fit, and what each is worth."""

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
        """A substance beside each channel: of its spectra the most similar one; None where it has none."""
        if compound not in self._laid:
            self._laid[compound] = [
                max(
                    (lay(query, one) for one in self.shelf.comparable(compound, query)),
                    key=lambda one, y=channel.y: float(np.sqrt(one.on) @ np.sqrt(y)),  # type: ignore[misc]
                    default=None,
                )
                for channel, query in zip(self.channels, self.queries, strict=True)
            ]
        return self._laid[compound]

    def fit(self, places: Sequence[int]) -> Fit:
        """The fit of some substances."""
        each = [self.laid(one) for one in places]
        return fit(self.channels, [[one[v] for one in each] for v in range(len(self.channels))])

    def refuted(self, place: int, share: float) -> bool:
        """Whether peaks that a share of a substance must show are not there."""
        return any(
            laid is not None and _missing(channel, laid, share)
            for channel, laid in zip(self.channels, self.laid(place), strict=True)
        )

    def owns(self, place: int, share: float, without: Fit) -> bool:
        """Whether a share of a substance makes peaks that the others leave unexplained."""
        return any(
            laid is not None and _own(channel, laid.on * share, told)
            for channel, laid, told in zip(self.channels, self.laid(place), without.told, strict=True)
        )


def choose(sample: Sample, worth: float = WORTH) -> Chosen:
    """Take the substance that improves the fit most, again and again; then drop what is worth less."""
    places: list[int] = []
    now = sample.fit(places)
    while len(places) < MOST:
        best, found = None, now
        for one in candidates(sample.shelf, sample.queries, _left(sample, now)):
            if one in places or not any(sample.laid(one)):
                continue
            if any(_likeness(sample, one, other) > ALIKE for other in places):
                continue  # one of them is all that can be said; the other becomes its alternative
            tried = sample.fit([*places, one])
            share = float(tried.shares[-1])
            if tried.loss < found.loss and not sample.refuted(one, share) and sample.owns(one, share, now):
                best, found = one, tried
        if best is None or now.loss - found.loss < worth * found.scale:
            break
        places.append(best)
        now = found
    while places:
        each = [_worth(sample, places, at, now) for at in range(len(places))]
        if min(each) >= worth:
            return Chosen(tuple(places), now, tuple(each))
        places.pop(int(np.argmin(each)))
        now = sample.fit(places)
    return Chosen((), now, ())


def _worth(sample: Sample, places: Sequence[int], at: int, now: Fit) -> float:
    """How much worse the fit is without a substance; below 0 where it is refuted or has no own peaks."""
    place, share = places[at], float(now.shares[at])
    without = sample.fit([*places[:at], *places[at + 1 :]])
    if sample.refuted(place, share) or not sample.owns(place, share, without):
        return -1.0
    return (without.loss - now.loss) / now.scale


def alternatives(sample: Sample, chosen: Chosen, at: int, worth: float = WORTH) -> list[int]:
    """Return the spectra that could replace a chosen one, as far as these spectra tell."""
    rest = [one for one in chosen.places if one != chosen.places[at]]
    without = sample.fit(rest)
    found = []
    for one in candidates(sample.shelf, sample.queries, _left(sample, without)):
        if one in chosen.places or not any(sample.laid(one)):
            continue
        tried = sample.fit([*rest, one])
        near = tried.loss - chosen.fit.loss < worth * chosen.fit.scale
        told = near and not sample.refuted(one, float(tried.shares[-1]))
        if told or _likeness(sample, chosen.places[at], one) > ALIKE:
            found.append((tried.loss, one))
    return [one for _, one in sorted(found)]


def _likeness(sample: Sample, one: int, other: int) -> float:
    """Mean cosine of two substances over the channels in which both are known; 0 where one is missing."""
    found = []
    for channel, a, b in zip(sample.channels, sample.laid(one), sample.laid(other), strict=True):
        if a is None or b is None:
            return 0.0
        both = stacked([a, b], channel.tolerance)
        sizes = float(np.linalg.norm(both, axis=0).prod())
        found.append(float(both[:, 0] @ both[:, 1]) / sizes if sizes > 0 else 0.0)
    return float(np.mean(found))


def match(sample: Sample, chosen: Chosen, at: int) -> float:
    """Cosine of a substance's peaks with what the others leave of the sample there, 0 to 1."""
    mine, left = [], []
    for channel, laid, told, shares in zip(
        sample.channels, sample.laid(chosen.places[at]), chosen.fit.told, chosen.fit.each, strict=True
    ):
        if laid is not None:
            own = laid.on * shares[at]
            mine += [laid.on, laid.off]
            rest = np.maximum(channel.y - (told - own), 0.0)
            left += [np.where(laid.on > 0, rest, 0.0), np.zeros(len(laid.off))]
    a, b = np.concatenate(mine), np.concatenate(left)
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _left(sample: Sample, now: Fit) -> list[NDArray[np.float64]]:
    """Return the residual of a fit in each channel."""
    return [np.maximum(one.y - told, 0.0) for one, told in zip(sample.channels, now.told, strict=True)]


def _own(channel: Channel, mine: NDArray[np.float64], others: NDArray[np.float64]) -> bool:
    seen = channel.y > SEEN * channel.floor
    alone = seen & (others < OWN * channel.y) & (mine > OWN * channel.y)
    return bool(mine[alone].sum() > OWN_PART * mine.sum() > 0)


def _missing(channel: Channel, laid: Laid, share: float) -> bool:
    top = max(laid.on.max(initial=0.0), laid.off.max(initial=0.0))
    told, there = np.concatenate([laid.on, laid.off]), np.concatenate([channel.y, np.zeros(len(laid.off))])
    told = told * share
    must = (told >= MAJOR * share * top) & (told > SEEN * channel.floor)
    if (there[must] < MISSED * told[must]).any():
        return True
    above = told > channel.floor
    found = np.minimum(there[above], told[above]).sum()
    return bool(told[above].sum() > ALL_SEEN * channel.floor and found < MISSED * told[above].sum())
