"""Why no figure of the public declarations' own split is to be quoted: its test rows repeat training rows.

    ./dev bench cargo.leak

The published split is by date: the files train and valid against test. The rows are synthetic, and of each
tuple (HS6, origin, rate, mass, price) several were made, which lie on both sides with the same outcome. A
lookup of the price, one line and no model, then beats every model. Split by tuple it knows nothing.
"""

import numpy as np

from benchmarks.cargo.public import JUDGES, Codes, Floats, Measures, in_folds, load, measures


def lookup(learn: Codes, judged: Codes, routes: bool) -> Floats:  # noqa: ARG001 - as all judges
    """The mean outcome of the training rows with the same price; the base rate where there is none."""
    public = load()
    _, price = np.unique(
        public.cells["Item Price"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True
    )
    count, found = np.bincount(price[learn], minlength=price.max() + 1), public.found
    sums = np.bincount(price[learn], found[learn], price.max() + 1)
    mean = np.where(count > 0, sums / np.maximum(count, 1), found[learn].mean())
    return mean[price[judged]]


def main() -> None:
    public = load()
    learn, judged = np.flatnonzero(public.part < 2), np.flatnonzero(public.part == 2)
    found = public.found[judged]
    print(f"published split: {len(learn):,} rows before, {len(judged):,} after, base rate {found.mean():.3f}")
    texts = public.cells["Item Price"].to_numpy(zero_copy_only=False).astype(str)
    repeated = np.isin(texts[judged], np.unique(texts[learn]))
    print(f"  test rows whose price is one of a training row: {repeated.sum():,} ({repeated.mean():.1%})")
    tuples = np.isin(public.group[judged], public.group[learn])
    print(f"  test rows whose tuple is one of a training row: {tuples.sum():,} ({tuples.mean():.1%})")
    print(f"  {'':24}{'P5':>8}{'P10':>8}{'AUC':>8}")
    scores = {
        name: judge(learn, judged, True) for name, judge in {"lookup of the price": lookup, **JUDGES}.items()
    }
    for name, score in scores.items():
        show(name, measures(found, score))
    base = found[~tuples].mean()
    print(f"the {int((~tuples).sum()):,} test rows of new tuples alone, base rate {base:.3f}")
    for name, score in scores.items():
        show(name, measures(found[~tuples], score[~tuples]))
    print("split by tuple, five folds of everything (the models: ./dev bench cargo.declarations)")
    show("lookup of the price", measures(public.found, in_folds(lookup, np.arange(len(public.found)), True)))


def show(name: str, some: Measures) -> None:
    print(f"  {name:24}" + "".join(f"{one:8.3f}" for one in some), flush=True)


if __name__ == "__main__":
    main()
