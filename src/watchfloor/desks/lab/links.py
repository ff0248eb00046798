"""Links between items by their impurity profiles: how alike two are, and how much likelier of one batch.

What a likeness is worth is learned for each procedure from the floor's own profiles: pairs of one item show
how alike samples of one source are, made `WIDER` for seizures of one batch, and pairs of different items how
alike strangers are. A signal says that two items are alike where their ratio is `LEAST` or more and no less
than the number of items it was picked from, so that of each item fewer than one signal is by chance. Ratios
are learned again when the pairs have doubled.

Whoever reads a signal may see all that it was learned from: a pair counts for a signal only where its marking
adds nothing to the signal's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log10
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.core.kinds import READING
from watchfloor.core.marking import join
from watchfloor.core.messages import reason
from watchfloor.desks.assertions import asserted, retracted
from watchfloor.desks.assertions import number_of as called
from watchfloor.desks.lab.likelihood import Ratios, learned
from watchfloor.desks.lab.messages import ALIKE, ALIKE_UNKNOWN, ALIKE_WITHDRAWN
from watchfloor.desks.lab.profiles import (
    BINS,
    PER_DECADE,
    Profile,
    compared,
    is_profile,
    largest_common,
    profile,
)
from watchfloor.desks.lab.spoken import signal
from watchfloor.desks.standing import CurrentEvidence, kept, place_of, standing_rows
from watchfloor.desks.state import Row, keyed

RULE: Final = "like-profile"
LEAST: Final = 10.0
"""Least ratio that is told: moderate support (ENFSI, Guideline for Evaluative Reporting, 2015, table 2)."""
BANDS: Final = ((1000.0, "strong"), (100.0, "moderately-strong"), (LEAST, "moderate"))
"""Support from a ratio on, after the same."""
UNKNOWN: Final = "uncalibrated"
ENOUGH: Final = 10
"""Pairs of one item without which nothing is learned (judgement)."""
FEW: Final = 10
"""Items up to which the very alike are told without a ratio; of more, some are so by chance (judgement)."""
VERY: Final = 0.99
"""Cosine from which two are very alike (judgement)."""
WIDER: Final = PER_DECADE
"""Bins by which two seizures of one batch may be less alike than two samples of one item: up to ten times as
far apart. Judgement: no public data tell it. Without it, made batches whose seizures differ twice as much as
samples do are found in half of all cases, with it in nearly all (`./dev bench lab.profiles`)."""
SHOWN: Final = 5
"""Common peaks that a reason shows."""

KEPT: Final = kept(
    READING.schema,
    "subject procedure exhibit matrix results quality calibrated_at calibrated_until",
)


class Link(NamedTuple):
    """A signal that stands, and by which procedure."""

    signal: Row
    procedure: str


class Learned(NamedTuple):
    """Counts that ratios were learned from: items, and pairs by bin of likeness, of one item and of two."""

    items: int
    one: tuple[int, ...]
    two: tuple[int, ...]

    @property
    def pairs(self) -> tuple[int, int]:
        """How many pairs of one item, and of two."""
        return sum(self.one), sum(self.two)


def item_of(row: Row) -> str | None:
    """Return the item whose profile a reading is; None where it is none, or of no procedure."""
    return row["subject"] if is_profile(row) else None


@dataclass(slots=True)
class Links:
    """State of the comparison.

    Attributes:
        standing: readings that are profiles.
        pairs: how many there are, by procedure, marking, bin of likeness and whether they are of one item.
        learned: what the ratios of a procedure were last learned from, by marking of the signal.
        told: signals that stand.
        profiles: of the readings, by procedure and place.
        ratios: by procedure and marking.
        about: the signals about an item, by procedure.
    """

    standing: CurrentEvidence = standing_rows(KEPT, item_of, part="profiles")
    pairs: dict[tuple[str, str, int, bool], int] = keyed("procedure", "marking", "bin", "same", "count")
    learned: dict[tuple[str, str], Learned] = keyed("procedure", "marking")
    told: dict[bytes, Link] = asserted(part="links")
    profiles: dict[str, dict[Any, Profile]] = field(default_factory=dict)
    ratios: dict[tuple[str, str], Ratios] = field(default_factory=dict)
    about: dict[tuple[str, str], set[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, row in self.standing.rows.items():
            self.profiles.setdefault(row["procedure"], {})[place] = profile(row)
        for at, one in self.learned.items():
            self.ratios[at] = learned(np.array(one.one), np.array(one.two), one.items, WIDER)
        for id_, link in self.told.items():
            self.keep(id_, link)

    def keep(self, id_: bytes, link: Link) -> None:
        """Keep a signal that stands."""
        self.told[id_] = link
        for item in link.signal["subjects"]:
            self.about.setdefault((link.procedure, item), set()).add(id_)

    def items(self, procedure: str, mark: str) -> set[str]:
        """The items that have a profile by a procedure which a reader of a marking may see."""
        rows = (self.standing.rows[place] for place in self.profiles.get(procedure, ()))
        return {row["subject"] for row in rows if _both(row["marking"], mark) == mark}


def step(key: bytes, state: Links, row: Row) -> Iterator[dict[str, Any]]:
    """Let a reading take its place, and give the signals about likenesses that this changes."""
    place, item = place_of(row), item_of(row)
    before = state.standing.rows.get(place)
    if before is None and item is None:
        return
    touched: dict[tuple[str, str], None] = {}
    if before is not None:
        touched[before["procedure"], before["subject"]] = None
        _count(state, place, -1)
        del state.profiles[before["procedure"]][place]
    state.standing.put({name: row[name] for name in KEPT.names}, item)
    if item is not None:
        touched[row["procedure"], item] = None
        state.profiles.setdefault(row["procedure"], {})[place] = profile(row)
        _count(state, place, 1)
    for procedure in dict.fromkeys(one for one, _ in touched):
        if _learn(state, procedure):
            rows = (state.standing.rows[one] for one in state.profiles[procedure])
            touched |= dict.fromkeys((procedure, one) for one in sorted({row["subject"] for row in rows}))
    for procedure, one in touched:
        yield from _revised(key, state, procedure, one, row)


def _count(state: Links, place: Any, by: int) -> None:
    """Count the pairs of a profile with all others of its procedure, or take them off."""
    row = state.standing.rows[place]
    profiles = state.profiles[row["procedure"]]
    others = [at for at in profiles if at != place]
    bins = compared(profiles[place], [profiles[at] for at in others]).bins.tolist()
    for at, bin_ in zip(others, bins, strict=True):
        other = state.standing.rows[at]
        same = other["subject"] == row["subject"]
        # Two exhibits of one item may be of one source or of two: nobody knows.
        if bin_ < 0 or (same and other["exhibit"] != row["exhibit"]):
            continue
        pair = row["procedure"], _both(row["marking"], other["marking"]), bin_, same
        if count := state.pairs.pop(pair, 0) + by:
            state.pairs[pair] = count


def _learn(state: Links, procedure: str) -> bool:
    """Learn the ratios of a procedure where they can be, and anew where its pairs have doubled or halved."""
    counted = {key[1:]: count for key, count in state.pairs.items() if key[0] == procedure}
    marks = {mark for mark, _, _ in counted} | {mark for one, mark in state.learned if one == procedure}
    done = False
    for mark in sorted(marks):
        bins = np.zeros((2, BINS), np.int64)
        for (theirs, bin_, same), count in counted.items():
            if _both(theirs, mark) == mark:
                bins[int(not same), bin_] += count
        now, then = bins.sum(1).tolist(), state.learned.get((procedure, mark))
        enough = now[0] >= ENOUGH and now[1] > 0
        if then is None if not enough else then and not _changed(then.pairs, now):
            continue
        done = True
        if not enough:
            del state.learned[procedure, mark], state.ratios[procedure, mark]
            continue
        items = len(state.items(procedure, mark))
        one, two = map(tuple, bins.tolist())
        state.learned[procedure, mark] = Learned(items, one, two)
        state.ratios[procedure, mark] = learned(bins[0], bins[1], items, WIDER)
    return done


def _changed(then: Sequence[int], now: Sequence[int]) -> bool:
    return any(new >= 2 * old or 2 * new < old for old, new in zip(then, now, strict=True))


def _revised(key: bytes, state: Links, procedure: str, item: str, by: Row) -> Iterator[dict[str, Any]]:
    """Give the signals about an item that are new, changed or no longer so."""
    before = {id_: state.told[id_] for id_ in sorted(state.about.get((procedure, item), ()))}
    after = {one["row_id"]: one for one in _links(key, state, procedure, item)}
    at = by["observed_at"]
    for id_, one in after.items():
        held = before.pop(id_, None)
        # A ratio that moved within its band is not told again: the pairs grow with every profile.
        if held and all(held.signal[name] == one[name] for name in ("strength", "evidence", "marking")):
            continue
        state.keep(id_, Link(one, procedure))
        yield one | {"at": at}
    for id_, held in before.items():
        del state.told[id_]
        for one in held.signal["subjects"]:
            state.about[procedure, one].discard(id_)
        yield retracted(held.signal, ALIKE_WITHDRAWN, by, at)


def _links(key: bytes, state: Links, procedure: str, item: str) -> Iterator[dict[str, Any]]:
    """Yield a signal, all but `at`, for each other item that is as alike as is worth to tell."""
    profiles, rows = state.profiles.get(procedure, {}), state.standing.rows
    others = sorted(at for at in profiles if rows[at]["subject"] != item)
    shapes, least = [profiles[at] for at in others], _least(state, procedure)
    best: dict[tuple[str, str], tuple[float, int, Any, Any]] = {}
    for mine in sorted(at for at in profiles if rows[at]["subject"] == item):
        alike = compared(profiles[mine], shapes)
        bins = alike.bins
        for n in np.flatnonzero((bins >= 0) & (bins >= least)).tolist():
            mark = _both(rows[mine]["marking"], rows[others[n]]["marking"])
            pair = (*sorted((mine, others[n])),)
            found = float(alike.cosine[n]), int(bins[n]), *pair
            about = rows[others[n]]["subject"], mark
            # Of several profiles of an item the most alike; of equals the same whichever item is asked of.
            if about not in best or (-found[0], pair) < (-best[about][0], best[about][2:]):
                best[about] = found
    among = {mark: len(state.items(procedure, mark)) - 1 for mark in {mark for _, mark in best}}
    for (_, mark), (cosine, bin_, first, second) in sorted(best.items()):
        ratios = state.ratios.get((procedure, mark))
        first, second = sorted((first, second), key=lambda at: rows[at]["subject"])
        pair = rows[first], rows[second]
        shown = largest_common(profiles[first], profiles[second], SHOWN)
        said: dict[str, Any] = {
            "first": called(pair[0]["subject"], "parcel"),
            "second": called(pair[1]["subject"], "parcel"),
            "procedure": procedure,
            "cosine": f"{cosine:.4f}",
            "shares": "; ".join(f"{name} {a:.2g} | {b:.2g}" for name, a, b in shown),
            "compared": among[mark],
        }
        if ratios is not None:
            ratio = ratios.ratio(bin_)
            if ratio.value < max(LEAST, among[mark]):
                continue
            strength = next(name for least, name in BANDS if ratio.value >= least)
            base = state.learned[procedure, mark]
            said |= dict(zip(("linked", "unlinked"), base.pairs, strict=True)) | {
                "items": base.items,
                "ratio": _rounded(ratio.value),
                "low": _rounded(ratio.low),
                "high": _rounded(ratio.high),
                "most": _rounded(ratios.most),
            }
            why = reason(ALIKE, **said)
        elif cosine >= VERY and among[mark] <= FEW:
            strength, why = UNKNOWN, reason(ALIKE_UNKNOWN, **said, enough=ENOUGH)
        else:
            continue
        subjects = (*sorted(one["subject"] for one in pair),)
        yield signal(key, RULE, subjects, strength, why.stored(), pair, f"{procedure}\x1f{mark}")


def _least(state: Links, procedure: str) -> int:
    """Return the bin below which no pair of a procedure is told, whatever its marking."""
    very = int(-log10(1 - VERY) * PER_DECADE) - 1
    return min(
        [very, *(ratios.begin(LEAST) for (one, _), ratios in state.ratios.items() if one == procedure)]
    )


@lru_cache(maxsize=4096)
def _both(one: str, other: str) -> str:
    return join((one, other))


def _rounded(ratio: float) -> str:
    """Write a ratio with two significant digits, rounded down: no more is known of it."""
    if ratio < 10:
        return f"{ratio:.1f}"
    unit = 10 ** (len(str(int(ratio))) - 2)
    return str(int(ratio) // unit * unit)
