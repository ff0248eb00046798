"""The grid of the border line, kept between starts: the same as built, and built anew where it is spoilt."""

import numpy as np

from watchfloor.core import caches
from watchfloor.desks.surveillance.events import line
from watchfloor.reference import border


def test_a_grid_that_was_kept_is_the_one_that_was_built(tmp_path, monkeypatch):
    monkeypatch.setattr(caches, "folder", lambda: tmp_path)
    content = border.content()
    built = line.build(border.parse(content))
    first = line.of_file(content)
    (place,) = tmp_path.rglob("*.npz")
    kept = line.of_file(content)
    place.write_bytes(place.read_bytes()[:1_000])  # a disk that was full
    again = line.of_file(content)
    for one in (first, kept, again):
        for name, mine, theirs in zip(line.Line._fields, built, one, strict=True):
            assert mine.dtype == theirs.dtype, name
            assert np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f"), name
    assert place.stat().st_size > 1_000_000
