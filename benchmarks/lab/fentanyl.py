"""Unknown members of the fentanyl family: `./dev bench lab.fentanyl [--others FILE.msp]`.

Data: 55 electron-ionisation spectra, foldered by site of change (NIST, asm3-nist/FentanylClassifier cf612c9),
below ../shared/data/lab. Replicates of one compound are left out together. The rules are written by hand and
hold nothing that was fitted to a compound but the score that is enough: for each compound it is chosen anew,
as the lowest score of the other compounds, and no lower than the one that fewer than 2 in 1,000 of the other
spectra reach. Who wrote the rules had seen these spectra: a figure for compounds nobody had seen would be
lower.

The peer is a library search: the nearest other compound by greedy cosine (matchms), taken for one of the
family where the cosine is at least 0.8, and for having its sites. False positives are counted over other
measured spectra: those of lab/jcamp, and an MSP file (`--others`), such as those of MassBank.
"""

import argparse
import re
import sys
from pathlib import Path

import numpy as np

DATA = Path("../shared/data/lab")
NEAR = 0.8
RARE = 0.002


def label(path):
    """The sites that a folder's name states; those made from fentanyl's precursor differ at the acyl."""
    found = re.search(r"(?:Type|Fentanyl_)([A-E]+)$", path.parent.name)
    return "".join(sorted(set(found[1]))) if found else "E" if "Synthesize" in path.parent.name else ""


def compound(one):
    return one.inchikey or re.sub(r"[^a-z0-9]", "", one.name.lower())


def nearest(spectra):
    """For each spectrum the cosine and the place of the most similar one of another compound."""
    from matchms import Spectrum
    from matchms.similarity import CosineGreedy

    peers = [
        Spectrum(mz=one.x[one.y > 0], intensities=one.y[one.y > 0], metadata={"precursor_mz": 1.0})
        for one in spectra
    ]
    scores = np.asarray(CosineGreedy(tolerance=0.3).matrix(peers, peers, progress_bar=False)["score"])
    names = np.array([compound(one) for one in spectra])
    scores[names[:, None] == names[None]] = -1.0
    return scores.max(1), scores.argmax(1)


def others(paths):
    from watchfloor.formats.lab.spectra.files import load

    for path in paths:
        spectra = [one for one in load([path]) if one.x_unit == "m/z" and one.centroid and (one.y > 0).any()]
        yield path, spectra


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=Path, action="append", default=[])
    options = parser.parse_args()
    if not (DATA / "fentanyl_ei").exists():
        sys.exit(f"{DATA} is not there: these are measured spectra, and none are in the project")
    from importlib.metadata import version

    from watchfloor.desks.lab import fentanyls
    from watchfloor.formats.lab.spectra.files import load

    spectra = load([DATA / "fentanyl_ei"])
    truth = [label(Path(one.said["file"])) for one in spectra]
    found = [fentanyls.classify(one.x, one.y) for one in spectra]
    names = [compound(one) for one in spectra]
    foreign = {
        path: [fentanyls.classify(one.x, one.y) for one in each]
        for path, each in others([DATA / "jcamp" / "mass_spectra", *options.others])
    }
    clean = [[one for one in each if one.verdict != "no"] for each in foreign.values()]
    rivals = sorted((one.score for each in clean for one in each if sound(one)), reverse=True)
    total = sum(map(len, foreign.values()))
    allowed = int(RARE * total)
    least = rivals[allowed] if len(rivals) > allowed else 0.0
    right = sites = 0
    for at, one in enumerate(found):
        rest = [
            other.score
            for other, name in zip(found, names, strict=True)
            if name != names[at] and sound(other)
        ]
        enough = max(min(rest), least)
        known = sound(one) and one.score >= enough
        right += known
        sites += known and one.sites == truth[at]
        if not known or one.sites != truth[at]:
            told = (one.sites or "none") if known else "unknown"
            print(f"  {spectra[at].name[:48]:48} labelled {truth[at] or 'none':4} told {told}")
    print(f"{len(spectra)} spectra of {len(set(names))} compounds, leaving each compound out:")
    print(f"class {right} of {len(spectra)}, {100 * right / len(spectra):.1f} % (≥ 95 %)")
    print(f"sites, exactly {sites} of {len(spectra)}, {100 * sites / len(spectra):.1f} % (≥ 80 %)")
    cosine, near = nearest(spectra)
    hit = cosine >= NEAR
    same = sum(truth[a] == truth[b] for a, b in zip(np.flatnonzero(hit), near[hit], strict=True))
    print(
        f"peer, nearest other compound (matchms {version('matchms')}, cosine ≥ {NEAR}): class {hit.sum()}, "
        f"sites {same}, silent on {(~hit).sum()}"
    )
    print("as shipped, on spectra of other substances:")
    for path, each in foreign.items():
        yes, perhaps = (sum(one.verdict == told for one in each) for told in ("yes", "unknown"))
        print(f"{path.name}: {yes} of {len(each):,} taken for the family, {perhaps} not told")
    yes = sum(one.verdict == "yes" for one in found)
    print(f"as shipped, on the 55: {yes} yes, {sum(one.verdict == 'unknown' for one in found)} unknown")


def sound(one):
    """Whether a pattern was found that nothing speaks against, whatever its score."""
    return one.verdict == "yes" or (one.verdict == "unknown" and len(one.why) == 1 and bool(one.ions))


if __name__ == "__main__":
    main()
