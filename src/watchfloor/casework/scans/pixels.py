"""Pixels of scenes compared by the space desk's library, in a process of its own."""

from collections.abc import Sequence
from typing import Any

from watchfloor.casework.scans.masks import Ground
from watchfloor.casework.scans.scans import PIXELS, Box, Comparison, Pair, Progress, Shape
from watchfloor.feeds import scene_process


class Pixels:
    """The library; masks are applied when a window is read, before anything is computed of it."""

    reads_pixels = True

    def __init__(self, ground: Ground) -> None:
        self._masked, self._within = ground.hidden, ground.within

    def compare(self, pair: Pair, known: Sequence[dict[str, Any]], progress: Progress) -> Comparison:
        """Compare two scenes on the ground that is not masked. Raises `SceneError`."""
        return scene_process.scan_apart(
            *pair.paths, masked=self._masked, within=self._within, known=list(known), progress=progress
        )

    def pictures(
        self, pair: Pair, shapes: Sequence[Shape], boxes: Sequence[Box]
    ) -> list[tuple[bytes, bytes]]:
        """Return ground before and after as PNG, grey where it is masked. Raises `SceneError`."""
        del shapes
        return scene_process.pictures_apart(*pair.paths, boxes, PIXELS, masked=self._masked)
