"""Quality bands of scenes as one set of classes: clear, water, shadow, snow, cloud, fill.

Landsat writes them as CFMask classes, as bits of Collection 1 (`pixel_qa` of analysis-ready data) or as bits
of Collection 2 (`QA_PIXEL`); Sentinel-2 as a scene classification (SCL). Sources: USGS LSDS-1435
(Collection 1), LSDS-1328 and LSDS-1619 (Collection 2), ESA Sentinel-2 product specification 14.9.
"""

from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

CLEAR, WATER, SHADOW, SNOW, CLOUD, FILL = 0, 1, 2, 3, 4, 255
"""Classes of CFMask."""

Classes = npt.NDArray[np.uint8]


class QualityKind(StrEnum):
    """How a quality band is written."""

    CFMASK = "cfmask"
    COLLECTION_1 = "collection-1"
    COLLECTION_2 = "collection-2"
    SCENE_CLASSIFICATION = "scl"


_CFMASK: Final = {0: CLEAR, 1: WATER, 2: SHADOW, 3: SNOW, 4: CLOUD, 255: FILL}
_CLEARED: Final = dict.fromkeys((4, 5, 7), CLEAR)
_SCL: Final = _CLEARED | {
    0: FILL,
    1: FILL,
    2: SHADOW,
    3: SHADOW,
    6: WATER,
    8: CLOUD,
    9: CLOUD,
    10: CLOUD,
    11: SNOW,
}
_COLLECTION_1: Final = ((10, CLEAR), (1, CLEAR), (2, WATER), (4, SNOW), (3, SHADOW), (5, CLOUD), (0, FILL))
_COLLECTION_2: Final = (
    (6, CLEAR),
    (7, WATER),
    (5, SNOW),
    (4, SHADOW),
    (1, CLOUD),
    (2, CLOUD),
    (3, CLOUD),
    (0, FILL),
)
"""Bits and their classes; a later one outranks an earlier one."""

FIRST_COLLECTION_2: Final = 4_096
"""Smallest clear value of Collection 2: it always sets a bit of a confidence above this one."""


def kind_of(values: npt.NDArray[np.integer]) -> QualityKind | None:
    """Guess how a quality band is written; None if it fits nothing."""
    present = {int(one) for one in np.unique(values)}
    if present <= _CFMASK.keys():
        return QualityKind.CFMASK
    if present <= _SCL.keys():
        return QualityKind.SCENE_CLASSIFICATION
    if min(present) < 0 or max(present) > 65_535:
        return None
    seen = [one for one in present if not one & 1]
    if seen and min(seen) >= FIRST_COLLECTION_2:
        return QualityKind.COLLECTION_2
    if max(seen, default=0) < FIRST_COLLECTION_2 and all(one & 0b11100111110 for one in seen):
        return QualityKind.COLLECTION_1
    return None


def classes(values: npt.NDArray[np.integer], kind: QualityKind) -> tuple[Classes, int]:
    """Return the class of each value, and how many values the kind does not have; those count as fill."""
    values = np.asarray(values)
    out = np.full(values.shape, FILL, np.uint8)
    if kind in (QualityKind.CFMASK, QualityKind.SCENE_CLASSIFICATION):
        strange = np.ones(values.shape, bool)
        for value, of in (_CFMASK if kind is QualityKind.CFMASK else _SCL).items():
            at = values == value
            out[at] = of
            strange &= ~at
        return out, int(strange.sum())
    wide = values.astype(np.int64)
    strange = np.ones(values.shape, bool)
    if kind is QualityKind.COLLECTION_1:
        at = (wide >> 8 & 3) == 3  # high confidence of cirrus alone is not held against a pixel
        out[at] = CLEAR
        strange &= ~at
    for bit, of in _COLLECTION_1 if kind is QualityKind.COLLECTION_1 else _COLLECTION_2:
        at = (wide >> bit & 1).astype(bool) & (wide >= 0)
        out[at] = of
        strange &= ~at
    return out, int(strange.sum())


VISIBLE_SHADOW: Final = 2
"""Dark ground and its own shadow in SCL: a series leaves them out, a pair of scenes is compared there."""


def hidden(values: npt.NDArray[np.integer], kind: QualityKind) -> npt.NDArray[np.bool_]:
    """Return where cloud, its shadow or a defect hides the ground."""
    found, _ = classes(values, kind)
    gone = (found == SHADOW) | (found == CLOUD) | (found == FILL)
    if kind is QualityKind.SCENE_CLASSIFICATION:
        gone &= np.asarray(values) != VISIBLE_SHADOW
    return np.asarray(gone)
