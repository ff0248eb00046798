"""How likely a sensor sees a crossing that happens while it works.

A sensor returns to a place every `revisit` seconds and sees what is there with probability `detects`. A
crosser is in its sight for `exposure` seconds, and nobody knows when in the round that begins. So it gets n =
floor(exposure / revisit) looks, and one more with the probability of the rest; looks are independent:

    seen = 1 - (1 - detects)^n * (1 - rest * detects)

Where the looks of one sensor fail together (fog, a hiding place), this is too high.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def detection_probability(detects: float, exposure: Floats, revisit: Floats) -> Floats:
    """Return the probability that a crossing is seen; a revisit of 0 is a sensor that stares.

    Args:
        detects: probability of one look.
        exposure: seconds in sight.
        revisit: seconds between looks.
    """
    looks = np.divide(exposure, revisit, out=np.full(np.shape(exposure), np.inf), where=revisit > 0)
    whole = np.floor(np.minimum(looks, 1e6))
    rest = np.minimum(looks, 1e6) - whole
    return np.asarray(1.0 - (1.0 - detects) ** whole * (1.0 - rest * detects))


def exposure(reach: Floats, metres: Floats, speed: float) -> Floats:
    """Return the seconds that a crosser is in sight who crosses the line at a right angle.

    Args:
        reach: metres within which it is seen.
        metres: from the sensor to the place on the line; along the line it is the chord that remains.
        speed: metres a second.
    """
    chord = 2.0 * np.sqrt(np.maximum(reach**2 - metres**2, 0.0))
    return np.asarray(chord / speed)
