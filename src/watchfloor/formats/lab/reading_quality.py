"""Words of the column `quality`, which may speak against a reading; and names of results of no substance.

The words are a closed set, so that a desk can weigh them; a laboratory's own remark may stand beside them
and is kept, but changes nothing.
"""

from typing import Final

BLANK_FAILED: Final = "blank-failed"
BLANK_MISSING: Final = "blank-missing"
CALIBRANT_FAILED: Final = "calibrant-failed"
CALIBRANT_MISSING: Final = "calibrant-missing"
BEFORE_CLEAR_DOWN: Final = "before-clear-down"
OUTSIDE_WINDOW: Final = "outside-window"
BELOW_THRESHOLD: Final = "below-threshold"
CONTROL_LINE_INVALID: Final = "control-line-invalid"
STRIP_EXPIRED: Final = "strip-expired"
TOO_CONCENTRATED: Final = "too-concentrated"
DILUTION_UNKNOWN: Final = "dilution-unknown"
CALIBRATION_OVERDUE: Final = "calibration-overdue"
CALIBRATION_AHEAD: Final = "calibration-from-the-future"
LIBRARY_BEHIND: Final = "library-behind"
NOT_BLIND: Final = "handler-knew"
PEAKS_SATURATED: Final = "peaks-saturated"
AREAS_LEFT_OUT: Final = "areas-left-out"
CHECKSUM_WRONG: Final = "checksum-wrong"

QUALITY: Final = (
    *(BLANK_FAILED, BLANK_MISSING, CALIBRANT_FAILED, CALIBRANT_MISSING, BEFORE_CLEAR_DOWN),
    *(OUTSIDE_WINDOW, BELOW_THRESHOLD, CONTROL_LINE_INVALID, STRIP_EXPIRED, TOO_CONCENTRATED),
    *(DILUTION_UNKNOWN, CALIBRATION_OVERDUE, CALIBRATION_AHEAD, LIBRARY_BEHIND, NOT_BLIND),
    *(PEAKS_SATURATED, AREAS_LEFT_OUT, CHECKSUM_WRONG),
)

BLANK: Final = "blank"
CALIBRANT: Final = "calibrant"
CHECKS: Final = (BLANK, CALIBRANT)
"""Values of `matrix` by which a reading is one of the instrument itself and not of an item."""

CLASS: Final = "class:"
"""How the name of a result starts that is a member of a family and no substance by itself: `class:fentanyl`,
and behind a space what is known of it, such as the site that is modified."""
TARGET: Final = "target:"
"""How the name starts where an instrument says of what sort a thing is: `target:drugs` (a dog)."""
THREAT: Final = "threat:"
"""The same of screening equipment: `threat:contraband`."""
NUCLIDE: Final = "nuclide:"
"""The same of what a radiation instrument names, in its own words: `nuclide:Cs-137`."""
RADIATION: Final = "radiation:"
"""The same of its alarms, by sort of radiation: `radiation:neutron`."""
PEAK: Final = "peak:"
"""How the name of a result starts that is a peak of a chromatogram: by the laboratory's label, or its
retention time. Its area is its score, and of the areas of all peaks its share."""
MEASURE: Final = "measure:"
"""How the name of a result starts that is a measured value and no finding; the value is its score."""
