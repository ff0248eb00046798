"""Tracking: from reports of many sensors to tracks with uncertainty. No part of it knows of kinds or files.

    tracker = Tracker(Config())
    updates = tracker.update(Reports(t, sensor, place, ...))   # again and again, in order of arrival
    updates = tracker.flush()                                # at the end, or when nothing has come for long
    table = tracker.freeze()                                 # everything it knows, an Arrow table
    tracker = Tracker.thaw(config, table)                    # goes on exactly there

Places are metres from the Earth's centre (`places.ecef`, `places.geodetic` turn them) or `(x, y, 0)` of a
plane. `updates.report` and the rows of `updates.reasons` (from `updates.first` on) count reports over the
tracker's whole life. A scan, what one sensor reports at one time or in one sweep, is taken when the first
report after it arrives: how the reports are cut into calls changes nothing. `tracker.counts` says how many
were refused and why; `REASONS` has the sentence of each code.
"""

from watchfloor.desks.surveillance.tracking.config import Config, ConfigError
from watchfloor.desks.surveillance.tracking.measurements import from_polar
from watchfloor.desks.surveillance.tracking.places import ecef, geodetic
from watchfloor.desks.surveillance.tracking.reports import (
    BEARING,
    KLASSES,
    NOTHING,
    POSITION,
    REASONS,
    Reports,
    Updates,
)
from watchfloor.desks.surveillance.tracking.tracker import Tracker

__all__ = [
    "BEARING",
    "KLASSES",
    "NOTHING",
    "POSITION",
    "REASONS",
    "Config",
    "ConfigError",
    "Reports",
    "Tracker",
    "Updates",
    "ecef",
    "from_polar",
    "geodetic",
]
