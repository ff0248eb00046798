"""Unknown members of the fentanyl family, by their electron-ionisation mass spectra: class, site of change.

Fentanyl breaks beside the nitrogen of its ring and loses the end of its tail: m/z 245. From there it loses
its acyl as a ketene (189) or a piece of the ring (202); 158, 146 and 96 are what is left of ring and anilide
(Ohta et al., J. Anal. Toxicol. 23 (1999) 280). What a molecule has more or less than fentanyl moves each of
these ions that holds the place of the change, and no other (Moorthy et al., Forensic Chem. 20 (2020) 100237).
So each combination of changes predicts a pattern, and the one found best names the sites:

    A  aromatic end of the tail     B  chain of the tail     C  piperidine ring
    D  ring of the anilide          E  acyl

A methyl ester at position 4 of the ring, as in carfentanil, makes it break otherwise, and has a rule of its
own. Analytical only: masses of fragments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from watchfloor.formats.lab.spectra.base import Spectrum

Floats = NDArray[np.float64]

ENOUGH: Final = 1.1
"""Score from which on a spectrum is of the family: few others reach it, see `./dev bench lab.fentanyl`."""
PERHAPS: Final = 0.85
"""Score from which on it is not excluded."""
SURE: Final = 1.6
"""Score from which on a spectrum is of the family though its ions make less than half of it: `MIXED`."""
HALF, MIXED = 0.5, 0.35
"""Part of the signal from m/z 140 on that the ions of the pattern make: from `HALF` on of the family, below
`MIXED` of something else; between them this does not tell."""
NEAR: Final = 0.2
"""How far below the best score another combination of changes may be that nothing speaks against."""
SITES: Final = {
    "A": "aromatic end of the tail",
    "B": "chain of the tail",
    "C": "piperidine ring",
    "D": "ring of the anilide",
    "E": "acyl",
}
CHAIN: Final = (0, 14)
RING: Final = (0, 14, 28, 44, 58, 72, 76)
"""Methyl, ethyl, methoxymethyl, methyl ester, the ester with methyl, phenyl."""
ANILIDE: Final = (0, 5, 14, 16, 18, 28, 30, 34, 78)
"""Five deuteriums, methyl, hydroxy, fluoro, ethyl, methoxy, chloro, bromo."""
ACYL: Final = (0, -28, -14, -2, 5, 12, 14, 16, 20, 21, 26, 28, 38, 40, 42, 48, 54, 62, 68, 90)
"""Against propionyl: formyl, acetyl, acryloyl, deuterated, cyclopropyl, butyryl, methoxyacetyl, chloroacetyl,
deuterated butyryl, cyclobutyl, valeryl, furoyl, cyclopentyl, oxolanyl, benzoyl, thienyl, phenylacetyl,
tetramethylcyclopropyl, pentafluoropropionyl."""
TAIL, HYDROXY = 0.05, 0.05
"""Height of a cation of the tail from which on it is seen, and of one with a hydroxyl; judgement."""
LABELS: Final = (5, 20, 21)
"""Masses among these that only deuterium has."""
ALPHA: Final = 0.08
"""Height of m/z 110 in the place of 96 from which on a methyl may stand beside the nitrogen of the ring."""
BARE: Final = -56
"""Without acyl."""
WEIGHTS: Final = {245: 1.0, 189: 0.6, 146: 0.8, 96: 0.6, 202: 0.5, 158: 0.5, 57: 0.3}
"""What the root of the height of each ion counts, by its m/z in fentanyl; judgement."""
COST, COSTLY = 0.12, 0.08
"""What each change takes from a score, and what one at position 4 of the ring takes besides."""
SHORT: Final = {91: "benzyl", 97: "thenyl"}
"""Cations of tails of one carbon."""
DEUTERATED: Final = (18, 98, 110, 112)
"""Masses of methyl with three deuteriums, benzyl with seven, phenethyl with five and seven."""
NO_TAIL: Final = "no ions of a tail"
FEW: Final = 8
SEVERAL: Final = 6
HIGH: Final = 140
SIZE: Final = 700
TOLD: Final = 0.02


@dataclass(frozen=True, slots=True)
class Family:
    """A spectrum's membership of the fentanyl family.

    Attributes:
        verdict: whether it is of the family; `unknown` where the spectrum does not tell.
        score: how well the best pattern is found, about 0 to 3.
        sites: letters of `SITES` where it differs from fentanyl; empty for fentanyl itself.
        ions: what was found: m/z in fentanyl and m/z here, height of 0 to 1.
        why: what decided, a clause each.
    """

    verdict: Literal["yes", "no", "unknown"]
    score: float
    sites: str
    ions: tuple[tuple[int, int, float], ...]
    why: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The same for a reader."""
        said = {"yes": "its pattern is found", "no": "not its pattern", "unknown": "cannot be told"}
        places = ", ".join(f"{site} ({SITES[site]})" for site in self.sites) or "none: as fentanyl itself"
        at = f"; changed at {places}" if self.verdict == "yes" else ""
        return f"fentanyl family: {self.verdict}, {said[self.verdict]} ({'; '.join(self.why)}){at}"

    def row(self) -> dict[str, Any]:
        """For JSON."""
        ions = [{"fentanyl": a, "here": b, "height": round(y, 3)} for a, b, y in self.ions]
        return {
            "verdict": self.verdict,
            "score": round(self.score, 2),
            "sites": list(self.sites),
            "ions": ions,
            "why": list(self.why),
        }


def suited(one: Spectrum, technique: str = "") -> bool:
    """Whether a spectrum may be of electron ionisation: stated, or a plain one of nominal masses."""
    stated = one.technique or technique
    if stated not in ("gc-ms", "ms", "") or one.x_unit not in ("m/z", "") or not one.centroid:
        return False
    if one.precursor is not None or one.voltage is not None:
        return False
    return "gc-ms" in (stated, technique) or bool((np.abs(one.x - np.round(one.x)) < 1e-9).all())


def classify(x: Floats, y: Floats) -> Family:
    """Decide by an electron-ionisation spectrum whether a substance is of the fentanyl family.

    Args:
        x: m/z, (n,); nominal or accurate.
        y: intensities above or at 0, any scale, as many.
    """
    heights = _nominal(x, y)
    if (heights > 0).sum() < FEW:
        return Family("unknown", 0.0, "", (), (f"fewer than {FEW} peaks",))
    if heights[HIGH:].max() < TOLD:
        return Family("no", 0.0, "", (), (f"no ions from m/z {HIGH} on",))
    ester = _ester(heights)
    if ester is not None:
        return ester
    end, chain = _tail(heights)
    shifts, score = _pattern(heights, chain or heights[110] > max(heights[96], ALPHA))
    ions = _ions(shifts)
    wrong, part = _against(heights, ions), _part(heights, ions)
    if not shifts[2] and (hydroxy := _hydroxy(heights)):
        end, chain = "A" in hydroxy, True
        wrong = tuple(text for text in wrong if text != NO_TAIL)
    mixed = (f"its ions make {100 * part:.0f} % of the signal from m/z {HIGH} on, not half",) * (part < HALF)
    wrong = (*mixed, *wrong) if part < MIXED else wrong
    found = tuple((was, now, float(heights[now])) for was, now in ions.items() if heights[now] >= TOLD)
    moved = ", ".join(f"{was}→{now}" if was != now else str(was) for was, now, _ in found)
    sites = "".join(
        site
        for site, there in zip(
            "ABCDE",
            (end, chain or shifts[0] != 0, shifts[1] != 0, shifts[2] != 0, shifts[3] != 0),
            strict=True,
        )
        if there
    )
    if score >= (SURE if mixed else ENOUGH) and not wrong:
        return Family("yes", score, sites, found, (f"ions {moved}",))
    if score >= PERHAPS and len(wrong) < (2 if score >= ENOUGH else 1):
        return Family("unknown", score, "", found, tuple(dict.fromkeys((f"ions {moved}", *mixed, *wrong))))
    if at := _short(heights):
        why = f"ions {at}, 82 and {82 + at} of a {SHORT[at]} in place of the phenethyl"
        return Family("unknown", score, "", (), (why,))
    return Family("no", score, "", (), wrong or (f"score {score:.2f} below {PERHAPS}",))


def _nominal(x: Floats, y: Floats) -> Floats:
    """Heights at whole masses, highest 1."""
    keep = (y > 0) & (x > 0) & (x < SIZE - 1)
    heights = np.bincount(np.round(x[keep]).astype(np.int64), y[keep], SIZE)[:SIZE]
    return np.asarray(heights / max(heights.max(), 1e-300))


def _bare(heights: Floats) -> Floats:
    """Heights without what a peak below adds by its carbon-13, at most 1.1 % for each of m/13 carbons."""
    below = np.concatenate([[0.0], heights[:-1]])
    return np.asarray(np.maximum(heights - 0.00085 * np.arange(SIZE) * below, 0.0))


@cache
def _hypotheses() -> NDArray[np.int64]:
    """Shifts by changes at B, C, D, E; (h, 4).

    No more than two of B, C and D at once; deuterium, which reference materials carry, at one site alone.
    """
    found = [
        (b, c, d, e)
        for b in CHAIN
        for c in RING
        for d in ANILIDE
        for e in (*ACYL, BARE)
        if 0 in (b, c, d) and not (d in LABELS and e in LABELS)
    ]
    return np.array(found, np.int64)


def _ions(shifts: Any) -> dict[int, Any]:
    """Where ions of fentanyl stand after changes: each moves by the changes whose place it holds."""
    b, c, d, e = shifts
    return {
        245: 245 + b + c + d + e,
        189: 189 + b + c + d,
        146: 146 + c + d,
        96: 96 + b + c,
        202: 202 + c + d + e,
        158: 158 + c + d,
        57: 57 + e,
    }


def _pattern(heights: Floats, chain: bool) -> tuple[tuple[int, ...], float]:
    """The changes whose ions are found best, and their score."""
    tried = _hypotheses()
    ions = _ions(tried.T)
    root = np.sqrt(_bare(heights))
    bare = tried[:, 3] == BARE
    score = np.zeros(len(tried))
    for was, now in ions.items():
        found = root[np.maximum(now, 0)]
        if was == 57:  # methoxyacetyl shows as the methoxymethyl cation
            found = np.where(tried[:, 3] == 16, root[45], found)
        score += WEIGHTS[was] * np.where(bare & np.isin(was, (189, 202, 57)), 0.0, found)
    score -= COST * (tried != 0).sum(1) + COSTLY * (tried[:, 1] > 14)
    score[heights[ions[245]] < 0.15] = 0.0
    if not chain:
        score[tried[:, 0] > 0] = 0.0
    first = np.argsort(-score, kind="stable")[:SEVERAL]
    close = [at for at in first if score[at] >= score[first[0]] - NEAR and score[at] > 0]
    best = next((at for at in close if not _against(heights, _ions(tried[at].tolist()))), first[0])
    return tuple(tried[best].tolist()), float(score[best])


def _tail(heights: Floats) -> tuple[bool, bool]:
    """Whether the end of the tail, and its chain, differ: by 91 and 105, the benzyl and phenethyl cations."""
    benzyl, thenyl, phenethyl, longer = heights[[91, 97, 105, 119]]
    thienyl = thenyl > max(1.5 * benzyl, 0.05)
    methyl = longer > max(0.5 * phenethyl, 0.04) and phenethyl > 0.05
    none = benzyl + phenethyl < 0.08
    return bool(thienyl or methyl or none), bool(_chain(heights, thienyl))


def _hydroxy(heights: Floats) -> str:
    """The sites that a hydroxyl on the chain tells, B of a phenyl and AB of a thienyl; else nothing.

    The tail is lost as before, so no ion of the ring moves; its cation is the hydroxybenzyl, 107, in place of
    91 and 105, or the hydroxythenyl, 113, of 97 and 111. A methylaniline has 107 too: not where D is changed.
    """
    if heights[[91, 97, 105, 111]].max() >= TAIL:
        return ""
    phenyl, thienyl = _bare(heights)[[107, 113]]
    return "B" if phenyl >= max(HYDROXY, thienyl) else "AB" if thienyl >= HYDROXY else ""


def _chain(heights: Floats, thienyl: bool) -> bool:
    """A benzyl cation without a phenethyl cation beside it: the chain is branched, longer or shorter."""
    first, second = heights[[97, 111]] if thienyl else heights[[91, 105]]
    return bool(first > 0.08 and second < 0.3 * first)


def _part(heights: Floats, ions: Mapping[int, int]) -> float:
    """The part of the signal from `HIGH` on that the ions of a pattern make, with their neighbours."""
    key = sorted({near for was, now in ions.items() if was > HIGH for near in (now - 1, now, now + 1)})
    return float(heights[[one for one in key if one >= HIGH]].sum() / heights[HIGH:].sum())


def _against(heights: Floats, ions: Mapping[int, int]) -> tuple[str, ...]:
    """Return what speaks against the family, though the pattern may be found."""
    largest = ions[245]
    ends = (
        2 * min(heights[91], heights[105]),
        min(heights[97], heights[111]),
        min(heights[105], heights[119]),
        *(0.5 * heights[at] for at, thienyl in ((91, False), (97, True)) if _chain(heights, thienyl)),
    )
    said = {
        NO_TAIL: max(ends) < 0.05,
        "ions of a hydrocarbon chain": heights[[69, 83, 97]].min() > 0.1,
        f"no m/z {ions[96]} of the ring": heights[ions[96]] < 0.03,
        f"m/z {largest} is not the end of its fragments": heights[largest + 3 :].sum()
        > 1.5 * heights[largest],
        f"m/z {largest} is not large": heights[largest] < 0.3 * heights[HIGH + 10 :].max(),
    }
    return tuple(text for text, wrong in said.items() if wrong)


def _ester(heights: Floats) -> Family | None:
    """A 4-carboxylic methyl ester: without its anilide m/z 140 + R, which loses 59, and 140 without R.

    R is what the nitrogen of the ring carries: 105 phenethyl, 91 benzyl, 15 methyl. Such an ion has lost a
    whole molecule and keeps one nitrogen, so its mass is odd, unless R carries deuterium.
    """
    acyl, aniline = heights[57], min(heights[77], max(heights[[93, 94, 118, 132, 146]]))
    if heights[140] < 0.08 or acyl < 0.08 or aniline < 0.05:
        return None
    parents = np.array(sorted({*range(155, 300, 2), *(140 + one for one in DEUTERATED)}))
    strength = np.minimum(heights[parents], heights[parents - 59])
    parent = int(parents[int(np.argmax(strength))])
    if strength.max() < 0.1 or heights[[69, 83, 97]].min() > 0.1:
        return None
    rest = parent - 140
    longer = "B" if heights[91] >= heights[105] else "A"  # of R 119: phenylpropyl, or tolylethyl
    sites = {105: "", 91: "B", 119: longer, 97: "AB", 15: "AB"}.get(rest, "A") + "C"
    found = tuple((0, at, float(heights[at])) for at in (parent, parent - 59, 140, 57))
    why = f"ions {parent}, {parent - 59} and 140 of a methyl ester at position 4, its nitrogen with {rest}"
    return Family("yes", ENOUGH + float(strength.max()), sites, found, (why,))


def _short(heights: Floats) -> int:
    """The cation of a tail of one carbon, `SHORT`, which the ring keeps; 0 where there is none.

    It is largest; the ring has it, 82 more, once the anilide has gone as a whole molecule, as from the ester,
    and is seen without it, 82.
    """
    aniline = min(heights[77], max(heights[[93, 118, 119, 132, 146]]))
    chain = heights[[55, 67, 69, 81, 95]].max()
    if heights[82] <= 0.08 or aniline <= 0.02:
        return 0
    found = [at for at in SHORT if heights[at] > 0.5 > chain / heights[at] and heights[82 + at] > 0.05]
    return found[0] if found else 0
