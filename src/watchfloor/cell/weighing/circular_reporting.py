"""Echoes: how likely a signal without a stated origin repeats an earlier one of its lead.

A mixture of two classes, fitted to the file in hand by expectation and maximisation (Dempster, Laird and
Rubin 1977). An *echo* resembles the signal that it repeats; an *independent* signal resembles the others of
its lead as much as chance and the subject make it. What is looked at, for each signal and the earlier signal
of its lead that it resembles most:

- the text: how alike, and how rare among other leads the rarest word is that both use (`cell.texts`).
  Where a form is shared, likeness comes with common words only, independent signals show it as often, and the
  fit learns that it says nothing;
- the delay, in eighths of the delays found: echoes come soon, on whatever scale the file's clock has;
- the weight: an echo carries the bits of what it repeats;
- the source: some mostly repeat others. Each has a share of echoes of its own, drawn towards that of its kind
  (those that are known to have repeated somebody, and the rest).

Signals with a stated origin that is another's are known echoes and teach the fit what echoes look like;
stated first reports teach it the opposite. Both classes start from a belief, worth `BELIEF` signals, which
prevails where the file has little to teach.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.cell.linking import Floats, Numbers
from watchfloor.cell.texts import FEW, Texts, Words, alike
from watchfloor.cell.weighing.counting import Members
from watchfloor.core.kernels import kernel

UNSTATED, FIRST, REPEATS = 0, 1, 2
"""What is known of a signal's origin: nothing, that it is a first report, that it repeats another."""

BACK: Final = 32
"""Earlier signals of a lead that each is compared with, the latest; echoes come soon."""

LIKE: Final = np.array([0.15, 0.3, 0.5, 0.7, 0.9])
RARE: Final = np.array([2.0, 4.0, 7.0])
DELAYS: Final = 8
BELIEF: Final = 20.0
COPY_LIKE: Final = 0.3
COPY_RARE: Final = 3.0
"""Likeness, and bits of the rarest word in common, of a text that is taken for a copy by itself."""

KIN: Final = 5.0
"""Signals that a source's kind is worth, beside its own."""

SUREST: Final = 1_000.0
"""Odds that a fit to one file is never surer than, for or against an echo."""

ROUNDS: Final = 60


class Resemblance(NamedTuple):
    """For each entry the earlier one that it resembles most.

    Attributes:
        of: the signal resembled, -1 where there is none earlier of the same direction.
        like, rare: see `texts.alike`; -1 where either has no text.
        delay: between the two, in the unit of `at`.
        same: whether both carry the same bits.
    """

    of: Numbers
    like: Floats
    rare: Floats
    delay: Floats
    same: npt.NDArray[np.bool_]


class Echoes(NamedTuple):
    """The odds that each entry is an echo, 0 where it cannot be one, and the signal that it resembles."""

    odds: Floats
    of: Numbers


def resemblance(members: Members, bits: Floats, at: Numbers, texts: Texts, word_bits: Floats) -> Resemblance:
    """Compare each entry with up to `BACK` entries of its lead that came before it.

    Args:
        members: entries, in any order.
        bits: of each signal; only signals that point the same way are compared.
        at: moment of each signal.
        texts: of each signal.
        word_bits: `texts.rarity`.
    """
    order = np.lexsort((members.signals, at[members.signals], members.leads))
    signals = members.signals[order]
    found = _resemble(members.start, signals, bits, at, texts.start, texts.words, word_bits, BACK)
    unsorted = np.empty_like(order)
    unsorted[order] = np.arange(len(order))
    of, like, rare, delay, same = found
    return Resemblance(of[unsorted], like[unsorted], rare[unsorted], delay[unsorted], same[unsorted])


def infer(found: Resemblance, known: Numbers, source: Numbers, ours: npt.NDArray[np.bool_]) -> Echoes:
    """Fit the mixture and give each unstated entry its odds.

    In a file with too few known echoes to learn from, only a likeness in rare words makes an echo: signals of
    one rule that come in bursts, or on one form, are another thing that a mixture would find.

    Args:
        found: resemblance of each entry.
        known: `UNSTATED`, `FIRST` or `REPEATS` for each entry.
        source: number of each entry's source.
        ours: entries that may be judged; the others teach nothing and get odds 0.
    """
    usable = (found.of >= 0) & ours
    if (known[usable] == REPEATS).sum() < BELIEF:
        copies = (found.like >= COPY_LIKE) & (found.rare >= COPY_RARE)
        known = np.where((known == UNSTATED) & ~copies, FIRST, known)
    judged = usable & (known == UNSTATED)
    if not judged.any():
        return Echoes(np.zeros(len(known)), found.of)
    kind = np.isin(np.arange(np.max(source) + 1), source[known == REPEATS]).astype(np.int64)
    looks = _looks(found, usable)
    keys, place = np.unique(
        np.column_stack([source[usable], known[usable], looks[usable]]), axis=0, return_inverse=True
    )
    counts = np.bincount(place.ravel()).astype(np.float64)
    odds = _fit(keys, counts, kind)
    given = np.zeros(len(known))
    given[usable] = odds[place.ravel()]
    return Echoes(np.where(judged, given, 0.0), found.of)


def adds(bits: Floats, odds: Floats, chance: Floats) -> Floats:
    """Compute the bits that signals add which may be echoes.

    An echo comes whether or not the hypothesis holds; an independent signal comes 2^bits times as often where
    it does. So the likelihood ratio of a signal that is one or the other is `p + (1 - p) 2^bits`, with `p`
    the probability that it is an echo *if the hypothesis does not hold*. The fitted odds are those over all
    leads, where independent signals come as often as `chance`, the probability of the lead without this
    signal, makes them: `1 + chance (2^bits - 1)` times as often as if it did not hold.
    """
    ratio = np.exp2(np.clip(bits, -500, 500))
    against = odds * (1 + chance * (ratio - 1))
    p = against / (1 + against)
    return np.where(odds > 0, np.log2(p + (1 - p) * ratio), bits)


def _looks(found: Resemblance, usable: npt.NDArray[np.bool_]) -> Numbers:
    """The cells of text, delay and weight of each entry."""
    text = 1 + np.searchsorted(LIKE, found.like, "right") * (len(RARE) + 1)
    text = np.where(found.like < 0, 0, text + np.searchsorted(RARE, found.rare, "right"))
    cuts = np.quantile(found.delay[usable], np.arange(1, DELAYS) / DELAYS)
    delay = np.searchsorted(cuts, found.delay, "left")
    return np.column_stack([text, delay, found.same.astype(np.int64)])


def _beliefs() -> tuple[list[Floats], list[Floats]]:
    """Shares of cells before the file is seen, of independent signals and of echoes."""
    like, rare = np.meshgrid(np.arange(len(LIKE) + 1), np.arange(len(RARE) + 1), indexing="ij")
    echo = np.concatenate([[0.5], (4.0 ** np.minimum(like, 4) * (1 + rare)).ravel() / 250])
    free = np.concatenate([[0.5], (4.0 ** -(np.maximum(like - 1, 0) * rare / 3)).ravel() / 6])
    soon = 0.75 ** np.arange(DELAYS)
    independent = [free, np.ones(DELAYS), np.array([0.5, 0.5])]
    return [p / p.sum() for p in independent], [p / p.sum() for p in (echo, soon, np.array([0.2, 0.8]))]


def _fit(keys: Numbers, counts: Floats, kind: Numbers) -> Floats:
    """Odds of every distinct look: rows of source, known, text cell, delay cell, weight cell."""
    source, known, cells = keys[:, 0], keys[:, 1], keys[:, 2:]
    free = known == UNSTATED
    independent, echo = _beliefs()
    ratio = _ratio(cells, independent, echo)
    share = np.full(len(kind), 0.1)
    for _ in range(ROUNDS):
        odds = share[source] / (1 - share[source]) * ratio
        p = np.where(free, odds / (1 + odds), known == REPEATS)
        share = _shares(source[free], counts[free], p[free], kind)
        a, b = _beliefs()
        independent = [_counted(cells[:, k], counts * (1 - p), a[k]) for k in range(3)]
        echo = [_counted(cells[:, k], counts * p, b[k]) for k in range(3)]
        ratio = _ratio(cells, independent, echo)
    return np.asarray(np.clip(share[source] / (1 - share[source]) * ratio, 1 / SUREST, SUREST))


def _ratio(cells: Numbers, independent: list[Floats], echo: list[Floats]) -> Floats:
    ratio = np.ones(len(cells))
    for k in range(cells.shape[1]):
        ratio *= echo[k][cells[:, k]] / independent[k][cells[:, k]]
    return ratio


def _counted(cell: Numbers, weight: Floats, belief: Floats) -> Floats:
    """Shares of cells: those counted, and the belief as `BELIEF` more."""
    found = np.bincount(cell, weight, len(belief)) + BELIEF * belief
    return np.asarray(found / found.sum())


def _shares(source: Numbers, counts: Floats, p: Floats, kind: Numbers) -> Floats:
    """The share of echoes of each source: its own, and its kind's as `KIN` more. A kind starts at 1 in 20."""
    echoes = np.bincount(source, counts * p, len(kind))
    total = np.bincount(source, counts, len(kind))
    of_kind = (np.bincount(kind, echoes, 2) + 1) / (np.bincount(kind, total, 2) + 20)
    share = (echoes + KIN * of_kind[kind]) / (total + KIN)
    return np.clip(share, 1e-6, 1 - 1e-6)


@kernel(few=FEW)
def _resemble(
    starts: Numbers,
    signals: Numbers,
    bits: Floats,
    at: Numbers,
    text: Numbers,
    words: Words,
    word_bits: Floats,
    back: int,
) -> tuple[Numbers, Floats, Floats, Floats, npt.NDArray[np.bool_]]:  # pragma: no cover - compiled
    """Entries are in the order of their moments. Alike and rare first, then equal bits, then the latest."""
    of, same = np.full(len(signals), -1), np.zeros(len(signals), np.bool_)
    like, rare = np.full(len(signals), -1.0), np.full(len(signals), -1.0)
    delay = np.zeros(len(signals))
    for lead in range(len(starts) - 1):
        for entry in range(starts[lead], starts[lead + 1]):
            i, best = signals[entry], -1.0
            for other in range(entry - 1, max(starts[lead], entry - back) - 1, -1):
                j = signals[other]
                if bits[i] * bits[j] <= 0:
                    continue
                a, b = -1.0, -1.0
                if text[i + 1] > text[i] and text[j + 1] > text[j]:
                    a, b = alike(text, words, word_bits, i, j)
                score = max(a * b, 0.0) + (1.0 if bits[i] == bits[j] else 0.0)
                if score > best:
                    best, of[entry], like[entry], rare[entry] = score, j, a, b
                    same[entry], delay[entry] = bits[i] == bits[j], at[i] - at[j]
    return of, like, rare, delay, same
