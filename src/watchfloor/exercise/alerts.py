"""What a surveillance desk says, against what truly happened: which alert is of which happening.

An alert is of a happening where both are of one rule, their times overlap or are at most `SLACK` seconds
apart, and the alert's place is at most `NEAR` metres, or its own radius if that is larger, from where the
happening is told or from where one of its objects then was. Of several the nearest counts; several alerts may
be of one happening.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.learning.calibration import Share, jeffreys
from watchfloor.exercise.surveillance.geometry import towards
from watchfloor.exercise.surveillance.truth import Happening

Floats = npt.NDArray[np.float64]
Paths = Mapping[int, Floats]
"""Of each object the seconds since 1970, latitude and longitude of its turning points."""

FORETOLD: Final = {"predicted-crossing": ("border-crossing", 900.0)}
"""Rules that say what will happen: the rule of what then does, and within how many seconds."""
SLACK: Final = 300.0
NEAR: Final = 1_500.0


class Alert(NamedTuple):
    """What a desk says happened: rule, first and last moment, place in degrees, radius in metres."""

    rule: str
    since: datetime
    until: datetime
    latitude: float
    longitude: float
    radius: float = 0.0


class Worth(NamedTuple):
    """What the alerts of one rule are worth.

    Attributes:
        precision: share of alerts that are of a happening.
        recall: share of happenings that have an alert.
    """

    precision: Share
    recall: Share


def paths_of(table: pa.Table) -> dict[int, Floats]:
    """Paths from the rows of `paths.parquet`."""
    columns = [table["observed_at"].cast(pa.int64()), table["latitude"], table["longitude"]]
    rows = np.stack([np.asarray(one.to_numpy(), np.float64) for one in columns], 1)
    rows[:, 0] /= 1e6
    objects = table["object"].to_numpy()
    return {int(one): rows[objects == one] for one in pc.unique(table["object"]).to_pylist()}


def happened(alert: Alert, happenings: Iterable[Happening], paths: Paths) -> Happening | None:
    """The happening that an alert is of; None for a false one."""
    rule, seconds = FORETOLD.get(alert.rule, (alert.rule, SLACK))
    slack, ahead = timedelta(seconds=SLACK), timedelta(seconds=seconds)
    here, best, found = (alert.latitude, alert.longitude), max(NEAR, alert.radius), None
    for one in happenings:
        if one.rule == rule and one.since - ahead <= alert.until and alert.since - slack <= one.until:
            metres = min(towards(here, place)[1] for place in _places(one, alert, paths))
            if metres <= best:
                best, found = metres, one
    return found


def _places(one: Happening, alert: Alert, paths: Paths) -> Iterator[tuple[float, float]]:
    """Where a happening is told, and where its objects were when the alert began and ended."""
    yield one.latitude, one.longitude
    for object_ in one.objects:
        path = paths[object_]
        for at in (alert.since.timestamp(), alert.until.timestamp()):
            yield float(np.interp(at, path[:, 0], path[:, 1])), float(np.interp(at, path[:, 0], path[:, 2]))


def worth(alerts: Sequence[Alert], happenings: Sequence[Happening], paths: Paths) -> dict[str, Worth]:
    """Precision and recall by rule, with their intervals."""
    rules = sorted({*(one.rule for one in alerts), *(one.rule for one in happenings)})
    return {rule: _worth(rule, alerts, happenings, paths) for rule in rules}


def _worth(rule: str, alerts: Sequence[Alert], happenings: Sequence[Happening], paths: Paths) -> Worth:
    mine = [one for one in happenings if one.rule == FORETOLD.get(rule, (rule,))[0]]
    found = [happened(one, mine, paths) for one in alerts if one.rule == rule]
    hit = {id(one) for one in found if one}
    right = sum(one is not None for one in found)
    return Worth(jeffreys(right, len(found)), jeffreys(len(hit), len(mine)))
