"""The size and shape of the Earth."""

import pytest

from watchfloor.core.earth import AXIS, FLATTENING, MEAN_RADIUS


def test_the_mean_radius_is_that_of_the_ellipsoid() -> None:
    """(2a + b) / 3, with b = 6,356,752.3142 m as NGA.STND.0036 prints it; within 5 cm, as it is rounded."""
    assert pytest.approx(6_356_752.3142, abs=1e-4) == AXIS * (1 - FLATTENING)
    assert pytest.approx((2 * AXIS + AXIS * (1 - FLATTENING)) / 3, abs=0.05) == MEAN_RADIUS
