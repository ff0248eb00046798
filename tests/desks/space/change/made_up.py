"""Made-up series of a pixel: seasons, noise, clouds and a clearing."""

from datetime import date

import numpy as np

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
MIDDLES = np.array([300.0, 500.0, 450.0, 2500.0, 1600.0, 800.0])
START = date(2001, 1, 3).toordinal()


def series(count, broken=None, seed=0, every=16, noise=0.04, size=0.35):
    """Days and values (bands × days) of a pixel; from observation `broken` on it is another."""
    rng = np.random.default_rng(seed)
    days = START + every * np.arange(count)
    season = np.cos(2 * np.pi * days / 365.25 - 3.3)
    values = MIDDLES[:, None] * (1 + np.array([0.1, 0.1, 0.15, 0.3, 0.2, 0.2])[:, None] * season)
    values += MIDDLES[:, None] * noise * rng.normal(size=values.shape)
    if broken is not None:
        values[:, broken:] += (MIDDLES * np.array([1, 1, 1, -1, 1, 1]) * size)[:, None]
    return days, values


def table(count, broken=None, seed=0, header=False, every=16):
    """The text of such a series in the order of USGS pixel series; each seventh observation is cloud."""
    days, values = series(count, broken, seed, every)
    lines = ["date,blue,green,red,nir,swir1,swir2,thermal,qa"] if header else []
    for at, day in enumerate(days.tolist()):
        cloud = at % 7 == 3
        row = [6000] * 6 if cloud else np.round(values[:, at]).astype(int).tolist()
        lines.append(",".join(map(str, [day, *row, 2900 + at % 5, 4 if cloud else 0])))
    return "\n".join(lines) + "\n"
