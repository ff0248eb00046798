"""Pairs without a change: false alarms that `change pair` states beside those that there are.

    ./dev bench change.nulls

Landscapes with a texture that stays are seen twice with other noise, gain and offset. As few shapes come up
at the threshold of the method, it is lowered by some per cent too. Stated are the pixels by
`Threshold.null_share`, and shapes by `chance_shapes`, each with a peak of 5 % above the threshold.
"""

import numpy as np
from scipy import ndimage

from watchfloor.desks.space.change import descriptions, pairs, scanning

SIDE, PAIRS = 1024, 6
LOWERED = (0.0, 0.05, 0.1, 0.15, 0.2)
PEAK = 1.05
COVER = np.array([[300, 500, 300, 3500, 1500, 700], [500, 900, 700, 3900, 2100, 1200]], float)
"""Reflectance of forest and of a field in ten-thousandths, blue to 2.2 µm."""


def pair(seed, bands):
    """Return two pictures of one landscape (bands, pixels)."""
    rng = np.random.default_rng(seed)
    blocks = (rng.random((SIDE // 32,) * 2) > 0.7).repeat(32, 0).repeat(32, 1).ravel()
    place = COVER[blocks.astype(int), :bands].T * (1 + 0.08 * rng.standard_normal((1, SIDE**2)))
    return [
        np.round(place * gain + offset + 25 * rng.standard_normal(place.shape))
        for gain, offset in ((1, 0), (1.15, 80))
    ]


def main():
    heads = ("bands", "lowered", "pixels", "stated", "shapes", "stated")
    print(" ".join(f"{one:>9}" for one in heads))
    for bands in (6, 4):
        counts = np.zeros((len(LOWERED), 4))
        for seed in range(PAIRS):
            before, after = pair(seed, bands)
            views = pairs.fit(before[:, ::10].copy(), after[:, ::10].copy())
            flat = (bands, SIDE, SIDE)
            distance = views.distance(before.reshape(flat), after.reshape(flat))
            mean = pairs.averaged(distance, np.ones((SIDE, SIDE), bool))
            found = pairs.threshold(mean.ravel(), bands)
            for row, part in zip(counts, LOWERED, strict=True):
                value = found.value * (1 - part)
                labels, count = ndimage.label(mean > value, np.ones((3, 3)))
                sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
                peaks = ndimage.maximum(mean, labels, np.arange(1, count + 1)) if count else np.zeros(0)
                lowered = pairs.Threshold(value, 0, found.middle, found.spread)
                shapes = descriptions.chance_shapes(lowered, PEAK * value, scanning.LEAST)
                row += (
                    (mean > value).sum(),
                    lowered.null_share(value) * mean.size,
                    ((sizes >= scanning.LEAST) & (np.array(peaks) > PEAK * value)).sum(),
                    shapes * mean.size,
                )
        for part, (pixels, stated, shapes, most) in zip(LOWERED, counts, strict=True):
            print(f"{bands:>9} {part:>9.0%} {pixels:>9.0f} {stated:>9.3g} {shapes:>9.0f} {most:>9.3g}")


if __name__ == "__main__":
    main()
