"""Library search beside matchms: `./dev bench lab.search [--real FILE.msp]`.

The same 20,000 spectra and the same queries in one process and one thread each; the ten best of each query
are compared, places and scores. Drawn spectra: 20 to 120 peaks at nominal masses with a mass defect, heights
log-normal; queries are library spectra with lost, moved and foreign peaks. `--real` takes measured spectra
(an MSP file, such as electron-ionisation spectra of MassBank) instead.
"""

import argparse
import logging
import os
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy as np  # noqa: E402

TOP, COUNT, QUERIES, SLOW = 10, 20_000, 200, 10
OPENED = 1_000_000


def drawn(count, rng):
    """Peak lists, each ascending m/z and heights."""
    for _ in range(count):
        nominal = np.unique(rng.integers(40, 450, rng.integers(20, 120)))
        mz = np.sort(nominal * 1.0005 + rng.normal(0, 0.02, len(nominal)))
        heights = rng.lognormal(0, 1.5, len(mz))
        yield mz, heights / heights.max()


def asked(library, rng, count):
    """Queries: library spectra without 15 % of their peaks, the others moved, and ten foreign ones."""
    for at in rng.choice(len(library), count, replace=False):
        mz, heights = library[at]
        keep = rng.random(len(mz)) < 0.85
        keep[heights.argmax()] = True
        x = np.concatenate([mz[keep] + rng.normal(0, 0.002, keep.sum()), rng.uniform(40, 450, 10)])
        y = np.concatenate([heights[keep] * rng.lognormal(0, 0.3, keep.sum()), rng.uniform(0.001, 0.05, 10)])
        order = np.argsort(x)
        yield x[order], y[order] / y.max()


def real(path, count):
    from watchfloor.formats.lab.spectra.files import load

    found = [(one.x[one.y > 0], one.y[one.y > 0]) for one in load([path]) if (one.y > 0).sum() > 4]
    return [(x, y / y.max()) for x, y in found[:count]]


def ours(library):
    from watchfloor.desks.lab.search import library as libraries
    from watchfloor.formats.lab.spectra.base import Spectrum

    return libraries.build(
        Spectrum(str(at), "ms", x, y, "m/z", "", True, "") for at, (x, y) in enumerate(library)
    )


def peer(spectra):
    from matchms import Spectrum

    return [Spectrum(mz=x, intensities=y, metadata={"precursor_mz": 500.0}) for x, y in spectra]


def timed(run):
    began = time.perf_counter()
    return run(), time.perf_counter() - began


def median(run):
    """Seconds of the middle one of three runs."""
    return sorted(timed(run)[1] for _ in range(3))[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.01)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    from matchms.similarity import CosineGreedy, FlashSimilarity

    from watchfloor.desks.lab.search.find import hits

    rng = np.random.default_rng(8)
    library = real(options.real, COUNT) if options.real else list(drawn(COUNT, rng))
    queries = list(asked(library, rng, QUERIES))
    name = options.real.name if options.real else "drawn"
    print(
        f"{len(library):,} spectra ({name}), {QUERIES} queries, tolerance {options.tolerance} m/z, top {TOP}"
    )
    index, built = timed(lambda: ours(library))
    hits(index, *queries[0], TOP, options.tolerance)  # compile
    found, spent = timed(lambda: [hits(index, x, y, TOP, options.tolerance) for x, y in queries])
    mine = spent / len(queries)
    spent_one = float(
        np.median([timed(lambda q=q: hits(index, *q, TOP, options.tolerance))[1] for q in queries[:20]])
    )

    references, wanted = peer(library), peer(queries)
    greedy = CosineGreedy(tolerance=options.tolerance)
    greedy.pair(references[0], wanted[0])
    slow, spent = timed(lambda: greedy.matrix(references, wanted[:SLOW], progress_bar=False))
    theirs = spent / SLOW
    flash = FlashSimilarity(
        score_type="cosine", tolerance=options.tolerance, noise_cutoff=0.0, merge_within=0.0
    )
    flash.matrix(wanted[:2], references[:50], n_jobs=1)
    quick, spent = timed(lambda: flash.matrix(wanted, references, n_jobs=1))
    batch = spent / len(wanted)
    one = median(lambda: flash.matrix(wanted[:1], references, n_jobs=1))

    scores = np.asarray(slow["score"])
    for at in range(SLOW):
        order = np.argsort(-scores[:, at], kind="stable")[:TOP]
        assert {hit.at for hit in found[at]} == set(order.tolist()) or np.allclose(
            np.sort([hit.score for hit in found[at]]), np.sort(scores[order, at]), atol=1e-12
        ), at
        assert np.allclose([hit.score for hit in found[at]], scores[order, at], atol=1e-12)
    same = np.mean([{hit.at for hit in hit_list} == _top(quick[at]) for at, hit_list in enumerate(found)])
    print(f"matchms {version('matchms')}, numba {version('numba')}, one thread each")
    print(f"CosineGreedy       {1e3 * theirs:10.3f} ms a query")
    print(
        f"FlashSimilarity    {1e3 * batch:10.3f} ms a query of a batch of {QUERIES}, {1e3 * one:.0f} for one"
    )
    print(f"ours, exact top {TOP} {1e3 * mine:10.3f} ms a query, {1e3 * spent_one:.3f} ms for one")
    print(f"ours, built in     {1e3 * built:10.0f} ms, once")
    print(f"× CosineGreedy     {theirs / mine:10.0f}   (≥ 400)")
    print(f"× Flash, batch     {batch / mine:10.1f}   (≥ 15)")
    print(f"× Flash, one query {one / spent_one:10.0f}   (≥ 500)")
    print(
        f"top {TOP} as CosineGreedy's, scores within 1e-12: {SLOW} of {SLOW}; as Flash's: {100 * same:.0f} %"
    )
    opened()


def _top(row):
    return set(np.argsort(-np.asarray(row), kind="stable")[:TOP].tolist())


def opened():
    """A library of a million spectra of 20 peaks: how long it takes to open, and to be asked."""
    from watchfloor.desks.lab.search import library as libraries
    from watchfloor.desks.lab.search.find import hits

    rng = np.random.default_rng(9)
    each = 20
    x = np.sort(rng.integers(40, 450, (OPENED, each)) + rng.normal(0, 0.02, (OPENED, each)), axis=1)
    y = rng.lognormal(0, 1.5, (OPENED, each))
    texts = {f"{name}_text": np.zeros(OPENED, np.uint8) for name in libraries.TEXTS}
    begins = {f"{name}_at": np.arange(OPENED + 1) for name in libraries.TEXTS}
    whole = libraries.indexed(
        {
            "starts": np.arange(OPENED + 1) * each,
            "x": x.ravel(),
            "y": y.ravel(),
            "norms": np.linalg.norm(y, axis=1),
            "centroid": np.ones(OPENED, bool),
            **{name: np.full(OPENED, np.nan) for name in ("voltage", "precursor")},
            **texts,
            **begins,
        }
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "million.lib"
        libraries.write(libraries.Library(whole), path)
        size = path.stat().st_size
        made, spent = timed(lambda: libraries.open_(path))
        first, begun = timed(lambda: hits(made, x[7], y[7], TOP))
        assert first[0].at == 7
        _, again = timed(lambda: [hits(made, x[at], y[at], TOP) for at in range(50)])
        print(
            f"{OPENED:,} spectra of {each} peaks, {size / 1e6:,.0f} MB: opened in {1e3 * spent:.1f} ms "
            f"(< 100), first query {1e3 * begun:.0f} ms, then {1e3 * again / 50:.1f} ms"
        )


if __name__ == "__main__":
    main()
