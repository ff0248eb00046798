"""Small made-up terrain, and an oracle that walks along each line of sight in small steps."""

import numpy as np

from watchfloor.formats.terrain import Terrain

EARTH = 6_371_008.8


def terrain(heights, step=100.0):
    """Heights as terrain whose south-western centre is at half a step."""
    heights = np.asarray(heights, np.float32)
    return Terrain(heights, step / 2, step * (heights.shape[0] - 0.5), step, step)


def write_grid(path, heights, step=100.0, **header):
    """Write an ESRI ASCII grid; a void is -9999."""
    heights = np.asarray(heights, float)
    lines = {"ncols": heights.shape[1], "nrows": heights.shape[0], "xllcorner": 0, "yllcorner": 0}
    lines |= {"cellsize": step, "NODATA_value": -9999, **header}
    rows = (" ".join(f"{one:.9g}" for one in row) for row in np.nan_to_num(heights, nan=-9999))
    text = "\n".join([*(f"{name} {value}" for name, value in lines.items() if value is not None), *rows])
    path.write_text(text + "\n", encoding="ascii")


def write_places(path, what, places, **columns):
    """Write a table of sites or cells named A0, A1 and so on."""
    rows = [",".join([what, "x", "y", *columns])]
    for at, (x, y) in enumerate(places):
        rows.append(
            ",".join(map(str, [f"{what[0].upper()}{at}", x, y, *(one[at] for one in columns.values())]))
        )
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def above_line(ground, site, cell, samples=3_000):
    """How far the ground rises above the line between two places, in metres; each is (row, column, above)."""
    (row, column, mast), (row_to, column_to, target) = site, cell
    shares = [np.linspace(0, 1, samples)]
    for start, end in ((row, row_to), (column, column_to)):  # and where it crosses a line between centres
        if start != end:
            lines = np.arange(np.ceil(min(start, end)), np.floor(max(start, end)) + 1)
            shares.append((lines - start) / (end - start))
    t = np.clip(np.concatenate(shares), 0, 1)
    far = np.hypot((row_to - row) * ground.step_y, (column_to - column) * ground.step_x)
    first, last = (
        float(_surface(ground, *np.array([[r], [c]]))[0]) for r, c in ((row, column), (row_to, column_to))
    )
    line = first + mast + (last + target - first - mast) * t
    curve = 6 / 7 * far**2 / (2 * EARTH) * t * (1 - t)
    return float(
        (_surface(ground, row + t * (row_to - row), column + t * (column_to - column)) + curve - line).max()
    )


def _surface(ground, row, column):
    z = np.where(np.isnan(ground.heights), 1e6, ground.heights).astype(float)
    i = np.minimum(np.floor(row).astype(int), z.shape[0] - 2)
    j = np.minimum(np.floor(column).astype(int), z.shape[1] - 2)
    u, v = row - i, column - j
    return (
        (1 - u) * (1 - v) * z[i, j]
        + (1 - u) * v * z[i, j + 1]
        + u * (1 - v) * z[i + 1, j]
        + u * v * z[i + 1, j + 1]
    )
