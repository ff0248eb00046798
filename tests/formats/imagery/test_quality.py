"""What hides the ground, by the two quality bands that lie beside scenes."""

import numpy as np

from watchfloor.formats.imagery.quality import QualityKind, hidden


def test_a_scene_classification_hides_cloud_its_shadow_and_defects():
    classes = np.arange(12)
    gone = hidden(classes, QualityKind.SCENE_CLASSIFICATION)
    assert np.flatnonzero(gone).tolist() == [0, 1, 3, 8, 9, 10]


def test_bits_of_collection_2_hide_fill_clouds_and_their_shadow():
    bits = 1 << np.arange(8)
    gone = hidden(bits | 1 << 12, QualityKind.COLLECTION_2)
    assert np.flatnonzero(gone).tolist() == [0, 1, 2, 3, 4]
    snow_in_shadow = np.array([1 << 5 | 1 << 4])
    assert hidden(snow_in_shadow, QualityKind.COLLECTION_2).all()
