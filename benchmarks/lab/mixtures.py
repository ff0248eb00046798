"""Measured DART mixtures beside cosine: `./dev bench lab.mixtures`.

Data: six mixtures and pure substances at 30, 60 and 90 V (NIST, asm3-nist/DART-MS-DST 966a5b4), and ten other
pure substances as decoys (DART-MS-DBB 6189fd3), below ../shared/data/lab. What the mixtures hold is inferred
from the order of their files: all pairs of acetylfentanyl, benzylfentanyl, amphetamine, methamphetamine. They
are consistent with it; nobody published it.

The threshold is chosen leaving each mixture out: of the other five, midway (geometrically) between the
strongest substance that is not in them and the weakest that is. Cosine is told how many substances there are.
Then mixtures drawn from the pure spectra: more substances, minor ones, noise, shifted masses, contaminants,
substances that the library has not. The rules were tried on draws of the same kind with other seeds, so these
show what to expect of such samples, and are no proof for measured ones.
"""

import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

DATA = Path("../shared/data/lab")
NAMES = ("AcetylFentanyl", "BenzylFentanyl", "Amphetamine", "Methamphetamine")
TRUTH = {f"Mixture{at}": set(pair) for at, pair in enumerate(combinations(NAMES, 2), 1)}
SEED = 2026
DRAWS = 60


def spectra():
    from watchfloor.desks.lab.prepare import checked
    from watchfloor.formats.lab.spectra.files import load

    folders = [DATA / "dart", *(DATA / "dart_pure" / f"{volts}V" for volts in (30, 60, 90))]
    return [checked(one, "dart-ms") for one in load(folders)]


def grouped(found):
    from watchfloor.desks.lab.identify.compounds import sample

    groups = {}
    for one in found:
        groups.setdefault(sample(one.name), []).append(one)
    return groups


def shelf(pure, without=()):
    from watchfloor.desks.lab.identify.compounds import Shelf
    from watchfloor.desks.lab.search import library

    return Shelf(library.build(one for name, each in pure.items() if name not in without for one in each))


def worths(group, library):
    """Every substance that the fit keeps at almost no threshold, and what it is worth."""
    from watchfloor.desks.lab.identify.answer import _calibrated, _shelved
    from watchfloor.desks.lab.identify.choose import Sample, choose
    from watchfloor.desks.lab.prepare import peaks

    queries = [peaks(one) for one in group]
    queries, _ = _calibrated(queries, [_shelved(library, one) for one in queries])
    chosen = choose(Sample(library, queries), 0.5)
    return {library.compounds[at].name: worth for at, worth in zip(chosen.places, chosen.worth, strict=True)}


def threshold(known):
    """Midway between the strongest false and the weakest true substance of mixtures."""
    false = [worth for name, each in known.items() for one, worth in each.items() if one not in TRUTH[name]]
    true = [each.get(one, 0.5) for name, each in known.items() for one in TRUTH[name]]
    return float(np.sqrt(max([1.0, *false]) * min(true)))


def cosine(group, library, count):
    """The substances of the highest mean cosine over voltages (matchms' greedy cosine), told how many."""
    from matchms import Spectrum
    from matchms.similarity import CosineGreedy

    greedy = CosineGreedy(tolerance=0.01)
    scores = {}
    for at in range(len(library.library)):
        one = library.library.spectrum(at)
        query = next(each for each in group if each.voltage == one.voltage)
        pair = [
            Spectrum(mz=each.x, intensities=each.y, metadata={"precursor_mz": 1.0}) for each in (one, query)
        ]
        name = library.compounds[int(library.owner[at])].name
        scores[name] = scores.get(name, 0.0) + float(greedy.pair(*pair)["score"])
    return set(sorted(scores, key=lambda name: -scores[name])[:count])


def measured(groups, library):
    found = {name: worths(groups[name], library) for name in TRUTH}
    right = false = peer = 0
    print("mixture    threshold   named (leaving it out)")
    for name, truth in TRUTH.items():
        limit = threshold({other: each for other, each in found.items() if other != name})
        named = {one for one, worth in found[name].items() if worth >= limit}
        right, false = right + len(named & truth), false + len(named - truth)
        peer += len(cosine(groups[name], library, len(truth)) & truth)
        print(f"{name}   {limit:9.1f}   {', '.join(sorted(named))}")
    total = sum(map(len, TRUTH.values()))
    print(f"ours: {right} of {total} components, {false} false; cosine given the count: {peer} of {total}")
    wrong = [worth for name, each in found.items() for one, worth in each.items() if one not in TRUTH[name]]
    strongest = max(wrong, default=0.0)
    weakest = min(found[name].get(one, 0.0) for name in TRUTH for one in TRUTH[name])
    print(f"strongest false {strongest:.1f}, weakest true {weakest:.1f}; all six give {threshold(found):.1f}")


def alone(groups, pure):
    """What is named at one voltage and at three, with the whole library and with one substance taken out."""
    from watchfloor.desks.lab.identify.answer import identify

    print("\nmeasured mixtures by voltages    named      false")
    for lacking in (False, True):
        for volts in (None, 30.0, 60.0, 90.0):
            right = false = total = 0
            for name, truth in TRUTH.items():
                group = [one for one in groups[name] if volts in (None, one.voltage)]
                for lack in truth if lacking else [None]:
                    there = truth - {lack}
                    answer = identify(group, shelf(pure, (lack,)))
                    could = [
                        {one.compound.name, *(each.name for each in one.alternatives)}
                        for one in answer.components
                    ]
                    total += len(there)
                    right += sum(bool(each & there) for each in could)
                    false += sum(not each & there for each in could)
            kind = f"{'all' if volts is None else f'{volts:g} V'}{', one of the two lacking' * lacking}"
            print(f"{kind:30} {right:3} of {total}   {false:3}")


def drawn(rng, pure, shares, volts=(30.0, 60.0, 90.0), noise=0.15, shift=0.0, foreign=0):
    """A mixture of pure spectra: each response differs between voltages, each height by `noise`."""
    for volt in volts:
        parts = [
            (one.x, share * np.exp(rng.normal(0, 0.3)) * one.y / one.y.sum())
            for name, share in shares.items()
            for one in pure[name]
            if one.voltage == volt
        ]
        if foreign:
            parts.append((rng.uniform(60, 400, foreign), 0.25 * rng.dirichlet(np.ones(foreign))))
        x, y = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(x)
        group = np.concatenate([[0], np.cumsum(np.diff(x[order]) > 0.006)])
        total = np.bincount(group, y[order])
        place = np.bincount(group, x[order] * y[order]) / total
        total = total * np.exp(rng.normal(0, noise, len(total)))
        keep = total > 0.008 * total.max()
        moved = place[keep] + rng.normal(0, 0.002, keep.sum()) + shift
        yield replace(next(iter(pure.values()))[0], name="drawn", x=moved, y=1e5 * total[keep], voltage=volt)


def cases(names):
    """Kinds of drawn samples: what each holds, how it is made, and what the library lacks."""

    def pick(rng, count, among=names):
        return [str(one) for one in rng.choice(among, count, replace=False)]

    def even(rng, count, among=names):
        return dict(zip(pick(rng, count, among), rng.dirichlet(np.full(count, 5.0)).tolist(), strict=True))

    def minor(rng):
        return dict(zip(pick(rng, 2), (0.95, 0.05), strict=True))

    def lacking(rng, count):
        shares = even(rng, count)
        return shares, {}, (next(iter(shares)),)

    return {
        "pure": lambda rng: (even(rng, 1), {}, ()),
        "pure, noise 30 %": lambda rng: (even(rng, 1), {"noise": 0.3}, ()),
        "pure, masses 0.02 to 0.3 off": lambda rng: (even(rng, 1), {"shift": rng.uniform(0.02, 0.3)}, ()),
        "two, eight contaminants": lambda rng: (even(rng, 2), {"foreign": 8}, ()),
        "two, one voltage": lambda rng: (even(rng, 2), {"volts": (float(rng.choice([30, 60, 90])),)}, ()),
        "three of the four": lambda rng: (even(rng, 3, NAMES), {}, ()),
        "all four": lambda rng: (even(rng, 4, NAMES), {}, ()),
        "three of fourteen": lambda rng: (even(rng, 3), {}, ()),
        "95 % and 5 %": lambda rng: (minor(rng), {}, ()),
        "one that the library lacks": lambda rng: lacking(rng, 1),
        "two, one lacking": lambda rng: lacking(rng, 2),
    }


def simulated(pure):
    from watchfloor.desks.lab.identify.answer import identify

    print(
        f"\ndrawn from pure spectra (seed {SEED}, {DRAWS} each)  "
        "named       or one of  false   share in interval"
    )
    for at, (kind, case) in enumerate(cases(list(pure)).items()):
        rng = np.random.default_rng([SEED, at])
        right = alike = total = false = inside = 0
        for _ in range(DRAWS):
            shares, how, lacks = case(rng)
            answer = identify(list(drawn(rng, pure, shares, **how)), shelf(pure, lacks))
            wanted = {name: share for name, share in shares.items() if name not in lacks}
            total += len(wanted)
            for one in answer.components:
                could = {one.compound.name, *(other.name for other in one.alternatives)}
                hit = could & set(wanted)
                right += one.compound.name in wanted
                alike += bool(hit) and one.compound.name not in wanted
                false += not hit
                if one.compound.name in wanted:
                    whole = 1.25 if how.get("foreign") else 1.0
                    inside += one.low <= wanted[one.compound.name] / whole <= one.high + 1e-9
        print(
            f"{kind:46} {right:4} of {total:3}   {alike:6}   {false:6}   "
            + (f"{100 * inside / right:6.0f} %" if right else "")
        )


def main():
    if not (DATA / "dart").exists():
        sys.exit(f"{DATA} is not there: these are measured spectra, and none are in the project")
    found = grouped(spectra())
    pure = {name: each for name, each in found.items() if name not in TRUTH}
    from importlib.metadata import version

    print(f"{len(pure)} pure substances in the library; cosine by matchms {version('matchms')}")
    measured(found, shelf(pure))
    alone(found, pure)
    simulated(pure)


if __name__ == "__main__":
    main()
