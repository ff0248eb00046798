"""Identify a sample: substances with shares, intervals and limits, and what is unexplained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.identify import align
from watchfloor.desks.lab.identify.align import Laid
from watchfloor.desks.lab.identify.candidates import FEW, similar
from watchfloor.desks.lab.identify.choose import WORTH, Chosen, Sample, alternatives, choose, match
from watchfloor.desks.lab.identify.compounds import HARD, SOFT, Compound, Shelf, comparable
from watchfloor.desks.lab.identify.fit import PART, Channel, Fit, fit
from watchfloor.desks.lab.prepare import NOMINAL, TENTHS, Peaks, checked, peaks, where
from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra.base import Spectrum

NEAREST: Final = 5
"""Most similar spectra of the library that are told beside the answer."""
MANY, MINOR = 3, 0.1
"""A share below `MINOR` that more than `MANY` others could explain as well names none of them."""
TRACE: Final = 0.05
"""Part of the signal that must be explained before anything is named: less may be a coincidence."""
NOTABLE: Final = 0.1
"""Unexplained part of the signal from which on a remainder is called unknown."""
POOR: Final = 0.8
"""Match below which a name is not one to act upon: of 91 true ones in measured mixtures none is below it."""


ALONE: Final = (
    "one voltage alone: homologues and isomers may share its ions, and where the library lacks one of them "
    "the other is named more often. Measure the sample at other voltages too"
)


@dataclass(frozen=True, slots=True)
class Component:
    """A substance that a sample is taken to hold.

    Attributes:
        compound: which, in the library.
        share: of the signal, 0 to 1, over all spectra of the sample; not of its mass.
        low, high: 95 % interval of the share.
        limit: the least share of it that would have been named here.
        match: cosine of its peaks with what the others leave of the sample.
        worth: how much worse the fit is without it, in units of what stays unexplained.
        alternatives: what could stand in its place, as far as these spectra tell.
    """

    compound: Compound
    share: float
    low: float
    high: float
    limit: float
    match: float
    worth: float
    alternatives: tuple[Compound, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A spectrum of the library that is similar to one of the sample, whatever that means."""

    compound: Compound
    score: float
    channel: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Composition of a sample.

    Attributes:
        components: largest share first; empty where nothing of the library is in it.
        unexplained: part of the signal that they do not account for, 0 to 1.
        shift: how far its masses lie above those of the library; they were put right by it.
        channels: what was compared: technique and voltage, and how many peaks.
        nearest: the most similar spectra of the library.
        doubts: what a reader should know of how the answer came about.
        alone: whether it rests on spectra of soft ionisation at one voltage alone.
    """

    components: tuple[Component, ...]
    unexplained: float
    shift: float
    channels: tuple[str, ...]
    nearest: tuple[Near, ...]
    doubts: tuple[str, ...]
    alone: bool = False

    @property
    def unknown(self) -> bool:
        """Whether a notable part of the signal is of nothing in the library."""
        return self.unexplained > NOTABLE

    def weaknesses(self, component: Component) -> tuple[str, ...]:
        """Return why a component may be another substance, such as a homologue that the library lacks."""
        found = [f"its match is {component.match:.2f}, below {POOR}"] if component.match < POOR else []
        found += [f"{self.unexplained:.0%} of the signal is unexplained"] if self.unknown else []
        found += ["one voltage alone does not tell it from homologues and isomers"] if self.alone else []
        found += [_passed_over(self.passed_over)] if self.passed_over else []
        return tuple(found)

    @property
    def passed_over(self) -> Near | None:
        """The most similar spectrum of the library where its substance is not among those that are named."""
        return _first_unnamed(self.components, self.nearest)


def identify(
    spectra: Sequence[Spectrum],
    shelf: Shelf,
    technique: str = "",
    tolerance: float | None = None,
    worth: float = WORTH,
    seed: int = 0,
) -> Answer:
    """Identify a sample by all its spectra at once.

    Args:
        spectra: of one sample: at several voltages, by several techniques, or one alone.
        shelf: the library.
        technique: of spectra whose files do not state it.
        tolerance: in m/z; None as `prepare.peaks` takes it.
        worth: see `choose.WORTH`.
        seed: of the bootstrap.

    Raises:
        FormatError: a spectrum cannot be used, or the library has nothing to compare any of them with.
    """
    sound = [checked(one, technique) for one in spectra]
    queries = [peaks(one, tolerance) for one in sound]
    shelves = [_shelved(shelf, one) for one in queries]
    used = [at for at, shelved in enumerate(shelves) if shelved]
    if not used:
        raise FormatError(_nothing(sound[0], queries[0], shelf))
    doubts = [f"{where(sound[at])}: {text}" for at in used for text in sound[at].doubts]
    doubts += [
        f"{where(one)} was left out: {_nothing(one, queries[at], shelf)}"
        for at, one in enumerate(sound)
        if at not in used
    ]
    queries, shift = _calibrated([queries[at] for at in used], [shelves[at] for at in used])
    if abs(shift) > min(one.tolerance for one in queries) / 2:
        doubts.append(f"masses lie about {shift:+.4f} m/z off those of the library: put right")
    sample = Sample(shelf, queries)
    chosen = choose(sample, worth)
    components = _components(sample, chosen, worth, seed)
    if components and chosen.fit.explained < TRACE:
        like = ", ".join(one.compound.name for one in components)
        doubts.append(f"traces that look like {like} make too little of the signal to name anything")
        components, chosen = [], Chosen((), sample.fit([]), ())
    vague = [one for one in components if len(one.alternatives) > MANY and one.share < MINOR]
    components = [one for one in components if one not in vague]
    doubts += [
        f"{100 * one.share:.0f} % of the signal may be any of {1 + len(one.alternatives)} substances: unnamed"
        for one in vague
    ]
    doubts += list(_also(components, queries))
    nearest = tuple(_nearest(sample))
    over = _first_unnamed(components, nearest)
    doubts += [_passed_over(over)] if over else []
    alone = _alone(queries)
    doubts += [ALONE] if alone and components else []
    return Answer(
        tuple(components),
        1.0 - chosen.fit.explained + sum(one.share for one in vague),
        shift,
        tuple(_channel(one) for one in queries),
        nearest,
        tuple(doubts),
        alone,
    )


def _alone(queries: Sequence[Peaks]) -> bool:
    """Whether all are of soft ionisation at one voltage; spectra that state none may be of the same."""
    soft = (
        one.domain == "mass"
        and (one.technique in SOFT or (one.technique not in HARD and one.voltage is not None))
        for one in queries
    )
    return all(soft) and all(comparable(*pair) for pair in combinations(queries, 2))


def _components(sample: Sample, chosen: Chosen, worth: float, seed: int) -> list[Component]:
    if not chosen.places:
        return []
    each = [sample.laid(one) for one in chosen.places]
    laid = [[one[v] for one in each] for v in range(len(sample.channels))]
    bounds = intervals(sample.channels, laid, chosen.fit, seed)
    least = limits(chosen.fit, worth)
    shelf = sample.shelf.compounds
    share = shares(chosen.fit)
    made = [
        Component(
            shelf[place],
            float(share[at]),
            float(bounds[at, 0]),
            float(bounds[at, 1]),
            float(least[at]),
            match(sample, chosen, at),
            chosen.worth[at],
            tuple(shelf[other] for other in alternatives(sample, chosen, at, worth)),
        )
        for at, place in enumerate(chosen.places)
    ]
    return sorted(made, key=lambda one: -one.share)


def _shelved(shelf: Shelf, query: Peaks) -> list[Peaks]:
    """Spectra of the library that a query may be compared with; of a large library the most similar ones."""
    if len(shelf.compounds) <= FEW:
        return [one for at in range(len(shelf.compounds)) for one in shelf.comparable(at, query)]
    wide = align.REACH if query.tolerance < NOMINAL else query.tolerance
    return [shelf.peaks(at) for at, _ in similar(shelf, query, query.y, 2 * FEW, wide)]


def _calibrated(queries: Sequence[Peaks], shelves: Sequence[Sequence[Peaks]]) -> tuple[list[Peaks], float]:
    masses = [at for at, one in enumerate(queries) if one.domain == "mass" and one.tolerance < TENTHS]
    if not masses:
        return list(queries), 0.0
    scale = align.scale([queries[at] for at in masses], [shelves[at] for at in masses])
    return [align.moved(one, scale) if at in masses else one for at, one in enumerate(queries)], scale.mean


def _nearest(sample: Sample) -> list[Near]:
    best: dict[str, Near] = {}
    for query in sample.queries:
        for at, score in similar(sample.shelf, query, query.y, NEAREST):
            one = Near(sample.shelf.compounds[int(sample.shelf.owner[at])], score, _channel(query))
            if one.compound.key not in best or best[one.compound.key].score < score:
                best[one.compound.key] = one
    return sorted(best.values(), key=lambda one: -one.score)[:NEAREST]


def _first_unnamed(components: Sequence[Component], nearest: Sequence[Near]) -> Near | None:
    named = {each.key for one in components for each in (one.compound, *one.alternatives)}
    return nearest[0] if named and nearest and nearest[0].compound.key not in named else None


def _passed_over(one: Near) -> str:
    return f"the most similar spectrum of the library, of {one.compound.name} ({one.score:.2f}), is not named"


def _also(components: Sequence[Component], queries: Sequence[Peaks]) -> list[str]:
    """Return advice where substances cannot be told apart."""
    if not any(one.alternatives for one in components):
        return []
    mass = all(one.domain == "mass" for one in queries)
    more = "spectra at other voltages" if mass else "another technique"
    return [f"some substances look alike in these spectra; {more} may tell them apart"]


def _channel(one: Peaks) -> str:
    volts = "" if one.voltage is None else f" {one.voltage:g} V"
    return f"{one.technique}{volts}, {len(one.x)} {'peaks' if one.domain == 'mass' else 'bins'}"


def _nothing(one: Spectrum, query: Peaks, shelf: Shelf) -> str:
    volts = sorted({float(v) for v in shelf.library.arrays["voltage"] if not np.isnan(v)})
    kinds = ", ".join(sorted({str(kind) for kind in shelf.techniques} - {""})) or "nothing"
    at = f" (voltages {', '.join(f'{v:g}' for v in volts)})" if volts else ""
    asked = one.technique + ("" if query.voltage is None else f" at {query.voltage:g} V")
    return f"{where(one)} is of {asked}; the library holds nothing to compare it with, only {kinds}{at}"


# How sure shares are: a seeded bootstrap of the fit, and the least share that would have been seen.


Floats = NDArray[np.float64]

DRAWS: Final = 200
COVERED: Final = 0.95
RESPONSE: Final = 0.3
"""Standard deviation of the logarithm of a substance's response from run to run; judgement."""


def intervals(
    channels: Sequence[Channel],
    laid: Sequence[Sequence[Laid | None]],
    fitted: Fit,
    seed: int = 0,
    draws: int = DRAWS,
) -> Floats:
    """The 95 % interval of each share, (j, 2).

    Each draw makes the sample anew from the fit, heights off by what they are uncertain by, and responses in
    each channel by `RESPONSE`; it weighs the channels at random (Rubin, Ann. Statist. 9 (1981) 130). Shares
    are of the signal: what is not explained is not shared out, but what lies at places where the substances
    have peaks may be theirs, so it counts for the upper end.

    Args:
        channels, laid: as `fit.fit` takes them.
        fitted: what it gave.
        seed: of the draws; the same gives the same interval.
        draws: how many.
    """
    rng = np.random.default_rng(seed)
    has = np.array([[one is not None for one in row] for row in laid])
    rest = [np.maximum(one.y - told, 0.0) for one, told in zip(channels, fitted.told, strict=True)]
    spread = PART * np.sqrt(fitted.scale)
    found = np.empty((draws, len(fitted.shares)))
    for draw in range(draws):
        made = [
            replace(one, y=_drawn(rng, told, left, spread, one.floor))
            for one, told, left in zip(channels, fitted.told, rest, strict=True)
        ]
        weight = has * rng.dirichlet(np.ones(len(channels)))[:, None]
        each = fit(made, laid).each
        each = each * np.exp(rng.normal(0.0, RESPONSE, each.shape))
        mean = (each * weight).sum(0) / np.maximum(weight.sum(0), 1e-12)
        found[draw] = mean / max(mean.sum(), 1e-12)
    tail = (1 - COVERED) / 2
    low, high = np.quantile(found, (tail, 1 - tail), axis=0)
    share = shares(fitted)
    low, high = low * fitted.explained, high * max(fitted.claimed, fitted.explained)
    return np.stack([np.minimum(low, share), np.maximum(high, share)], 1)


def shares(fitted: Fit) -> Floats:
    """The part of all signal that each substance makes, (j,): what is explained, shared out as fitted."""
    total = float(fitted.shares.sum())
    return np.asarray(fitted.shares * (fitted.explained / total if total > 0 else 0.0))


def limits(fitted: Fit, worth: float) -> Floats:
    """The least share of each substance that would have been named, (j,).

    It is where its worth reaches the threshold: without a substance a fit is worse by the square of its share
    over the share's standard error.
    """
    return np.asarray(np.minimum(fitted.errors * np.sqrt(worth * fitted.scale), 1.0))


def _drawn(rng: np.random.Generator, told: Floats, left: Floats, spread: float, floor: float) -> Floats:
    off = told * np.exp(rng.normal(0.0, spread, len(told))) + rng.normal(0.0, floor, len(told))
    made = np.maximum(off + left, 1e-3 * floor)
    return np.asarray(made / made.sum())
