"""Track a whole recording: its detections become tracks at output times.

    found = track("detections.csv")                  # or a table of Arrow, pandas or polars
    found.tracks, found.summary

What arrives bit by bit goes to a `Tracker` itself: `tracker.update(reports)`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import column
from watchfloor.desks.surveillance import outputs
from watchfloor.desks.surveillance.empty_looks import add_empty_looks
from watchfloor.desks.surveillance.observing import of_table, reports
from watchfloor.desks.surveillance.registration import Offset, offsets, sentences
from watchfloor.desks.surveillance.tracking import POSITION, Config, Reports, Tracker, Updates
from watchfloor.desks.surveillance.tracking.places import anchor
from watchfloor.desks.surveillance.tracking.reassociation import join_tracks, reassociate
from watchfloor.desks.surveillance.tracking.reports import REASONS, TAKEN
from watchfloor.formats.base import FormatError
from watchfloor.formats.reader_options import FileStatement
from watchfloor.formats.sensors.detections.arrays import DetectionTable
from watchfloor.formats.sensors.detections.table import load
from watchfloor.formats.sensors.local_plane import to_wgs84

ASSIGNMENTS: Final = pa.schema(
    [
        column("row", pa.int64(), "of the file as it was read, 0 first", nullable=False),
        column("track_id", pa.int64(), "number of the track; null where none took it, or it was refused"),
    ]
)
NO_ORIGIN: Final = (
    "its places are metres of a plane, and a map needs to know where that is: write '# origin: 44.98, "
    "-74.73' (latitude, longitude of x = y = 0) before the header of a CSV, or give lon and lat"
)
ALONE: Final = 50
"""Reports of a sensor, most of which went to no track, that are tracked alone to compare it with others."""
PART: Final = 100_000
"""Reports that are taken between two words of progress."""


@dataclass(frozen=True, slots=True)
class TrackedRecording:
    """Tracks of a recording.

    Attributes:
        detections: what was read, with its account of columns, faults and what was left out.
        tracker: as it was at the end.
        beliefs: about every track at the tracker's own times.
        times: output times, rising.
        seconds: that tracking took.
        given: the track of each detection that was read, -1 for none.
        reasons: why each was refused, 0 for not.
        offsets: sensors whose places are off from those of others.
    """

    detections: DetectionTable
    tracker: Tracker
    beliefs: outputs.Beliefs
    times: outputs.Floats
    seconds: float
    given: npt.NDArray[np.int64]
    reasons: npt.NDArray[np.int8]
    offsets: list[Offset]

    @property
    def on_earth(self) -> bool:
        """Whether places are degrees; else metres of a plane."""
        return self.detections.mode == "geographic"

    @property
    def schema(self) -> pa.Schema:
        """Of the rows."""
        return outputs.EARTH if self.on_earth else outputs.PLANE

    def rows(self) -> Iterator[pa.Table]:
        """Yield a row for each confirmed track and output time, with its uncertainty, in tables by time."""
        return self.beliefs.rows(self.times, earth=self.on_earth)

    @property
    def tracks(self) -> pa.Table:
        """All rows as one table."""
        return pa.concat_tables([self.schema.empty_table(), *self.rows()])

    @property
    def assignments(self) -> pa.Table:
        """Which row of the file went to which track: every row has one, refused ones without a track."""
        track = np.full(self.detections.account.read, -1)
        track[self.detections.row] = self.given
        rows = np.arange(len(track))
        return pa.table([rows, pa.array(track, mask=track < 0)], schema=ASSIGNMENTS)

    def paths(self) -> Iterator[outputs.TrackPath]:
        """Yield each track that was ever shown as a path on Earth.

        Raises `FormatError` where places are metres of a plane, and nothing says where its zero is.
        """
        zero = self.detections.origin
        _refuse_unplaced(self.detections)
        for path in self.beliefs.paths(earth=self.on_earth):
            if zero is None or self.on_earth:
                yield path
            else:
                latitude, longitude = to_wgs84(zero, *path.place.T)
                yield path._replace(place=np.column_stack((longitude, latitude)))

    def _refused(self) -> dict[str, dict[str, int]]:
        """How often the tracker refused reports, by reason and name of the sensor."""
        refused = np.flatnonzero(self.reasons != TAKEN)
        pairs = np.column_stack((self.reasons[refused], self.detections.sensor.codes[refused]))
        found: dict[str, dict[str, int]] = {}
        for (why, sensor), count in zip(*np.unique(pairs, axis=0, return_counts=True), strict=True):
            if sensor >= 0:
                found.setdefault(REASONS[why], {})[self.detections.sensor.names[sensor]] = int(count)
        return found

    @property
    def summary(self) -> dict[str, Any]:
        """Counts by name, as `watchfloor track --json` has them."""
        account = self.detections.account
        refused = {why: count for why, count in self.tracker.counts.items() if count and why != "taken"}
        names = self.detections.sensor.names
        unread = sum(one.count for one in account.refused)
        return {
            "detections": len(self.detections) + unread,
            "columns": dict(account.used),
            "tracks": self.beliefs.tracks,
            "stationary": self.beliefs.stationary,
            "rows": self.beliefs.count(self.times),
            "refused": unread + sum(refused.values()),
            "reasons": {one.why: one.count for one in account.refused} | refused,
            "not used": list(account.ignored),
            "notes": [
                *account.broken,
                *(f"left out {one.count:,}: {one.why}" for one in account.left_out),
                *sentences(self.offsets, names),
            ],
            "refused by sensor": self._refused(),
            "seconds": round(self.seconds, 3),
        }


def track(
    detections: Any,
    config: Config | None = None,
    *,
    every: float | None = None,
    began: datetime | None = None,
    mapped: bool = False,
    progress: Callable[[str], object] = lambda _: None,
) -> TrackedRecording:
    """Follow what sensors saw: one row a track and output time, each with its uncertainty.

    What the recording can teach (how often a sensor sees what is there, clutter) is learned as it is read, in
    the order of its rows. Decided over the whole of it are: when a sensor that looks at a steady beat looked
    in vain (`empty_looks`), errors that are not stated of such a sensor, and which self-reports without
    identities, as of AIS, are of one object (`tracking.reassociation`); for the latter two it is tracked once
    more. So rows rest on later detections too.

    Args:
        detections: a file of any format that holds detections, or a table with times and places.
        config: settings of the tracker.
        every: seconds between output times; else each detection's.
        began: when a recording began that does not say so.
        mapped: whether the tracks are for a map; then refuse a recording that does not say where it is.
        progress: told what is being done.

    Raises:
        FormatError: there are no times or places; the message says what is wrong and what to do.
        OSError: the file cannot be opened.
        ValueError: `every` is no time.
    """
    if every is not None and not 0 < every < float("inf"):
        raise ValueError(f"every={every}: seconds between output times, more than 0")
    table = load(detections, FileStatement(began))
    if table.mode == "none":
        name = Path(detections).name if isinstance(detections, str | Path) else "the table"
        raise FormatError(
            f"{name} gives directions and not where its sensors are; add sensor_lat, sensor_lon"
        )
    if mapped:
        _refuse_unplaced(table)
    started = time.perf_counter()
    # Also whose sensors saw a track before it was confirmed.
    told = replace(config or Config(), tell_tentative=True)
    seen, mine = add_empty_looks(reports(of_table(table), earth=table.mode == "geographic"))
    tracker, updates = _pass(seen, told, "tracking", progress)
    chain = _chains(seen, tracker, updates, progress)
    if tracker.errors or (chain >= 0).any():
        found = np.full(len(seen), -1) if seen.claimed is None else seen.claimed
        named = np.where(chain >= 0, chain + found.max(initial=-1) + 1, found)
        again = replace(seen, claimed=named)
        tracker, updates = _pass(again, told, "tracking again", progress, tracker.errors)
    if (chain >= 0).any():
        updates = [join_tracks(updates, chain)]
    beliefs = outputs.Beliefs(updates, table.sensor.names)
    seconds = time.perf_counter() - started
    given = outputs.assigned(updates, len(seen))[mine]
    reasons = np.concatenate([one.reasons for one in updates])[mine]
    return TrackedRecording(
        table,
        tracker,
        beliefs,
        _times(table.t, every),
        seconds,
        given,
        reasons,
        _offsets(seen, mine, given, told),
    )


def _offsets(
    seen: Reports, mine: npt.NDArray[np.int64], given: npt.NDArray[np.int64], config: Config
) -> list[Offset]:
    """Return the sensors of places that are off from others, where more than one has told of places."""
    measure = np.asarray(seen.measure)[mine]
    mine, given = mine[measure == POSITION], given[measure == POSITION]
    sensor = np.asarray(seen.sensor)[mine]
    if len(np.unique(sensor)) < 2:
        return []
    for name in np.unique(sensor):
        rows = np.flatnonzero(sensor == name)
        if len(rows) >= ALONE and np.mean(given[rows] >= 0) < 0.5:
            # Others look where it sees them and find nothing there, so that no track of it is shown.
            whole: dict[str, Any] = {field.name: getattr(seen, field.name) for field in fields(Reports)}
            some: dict[str, Any] = {k: v if v is None else v[mine[rows]] for k, v in whole.items()}
            its = Reports(**some)
            alone = outputs.assigned(_pass(its, config, "tracking", lambda _: None)[1], len(rows))
            given[rows] = np.where(alone >= 0, alone + given.max(initial=-1) + 1, -1)
    middle = np.zeros(9)
    anchor(np.median(seen.place[mine], axis=0), bool(seen.place[mine, 2].any()), middle)
    across = middle[3:].reshape(2, 3).T
    stands = np.full_like(seen.place, np.nan) if seen.sensor_place is None else seen.sensor_place
    place, stands = ((where[mine] - middle[:3]) @ across for where in (seen.place, stands))
    return offsets(seen.t[mine], place, sensor, given, stands)


def _pass(
    seen: Reports,
    config: Config,
    doing: str,
    progress: Callable[[str], object],
    errors: Mapping[int, float] | None = None,
) -> tuple[Tracker, list[Updates]]:
    """Track all reports from nothing, but for the `errors` of sensors that are known."""
    tracker, updates = Tracker(config, errors), []
    for start in range(0, len(seen), PART):
        updates.append(tracker.update(seen.cut(start, start + PART)))
        progress(f"{doing}: {min(start + PART, len(seen)):,} of {len(seen):,} detections")
    updates.append(tracker.flush())
    return tracker, updates


def _chains(
    seen: Reports, tracker: Tracker, updates: list[Updates], progress: Callable[[str], object]
) -> npt.NDArray[np.int64]:
    """Number what one receiver of self-reports heard by whom it is of, where no identity is claimed; else -1.

    Of two receivers that hear the same vessels nobody says which reports are one, so they are left alone.
    """
    chain = np.full(len(seen), -1)
    position, unnamed = seen.measure == POSITION, np.asarray(seen.claimed) < 0
    mine = np.isin(seen.sensor, tracker.receivers) & position & unnamed
    if len(np.unique(np.asarray(seen.sensor)[mine])) != 1:
        return chain
    refused = np.concatenate([one.reasons for one in updates]) != TAKEN
    rows = np.flatnonzero(mine & ~refused)
    first = outputs.assigned(updates, len(seen))
    chain[rows] = reassociate(
        seen.t[rows],
        seen.place[rows],
        first[rows],
        lambda share: progress(f"weighing {len(rows):,} reports without identities: {share:.0%}"),
    )
    # The tracker knows a report that came twice by its claim too.
    twice = np.flatnonzero(mine & refused)
    if len(twice):
        said = np.column_stack((seen.t, seen.place))
        _, same = np.unique(said, axis=0, return_inverse=True)
        of = np.full(int(same.max()) + 1, -1)
        of[same[rows]] = chain[rows]
        chain[twice] = of[same[twice]]
    return chain


def _refuse_unplaced(table: DetectionTable) -> None:
    """Raise `FormatError` where places are metres of a plane, and nothing says where its zero is."""
    if table.mode == "plane" and table.origin is None:
        raise FormatError(NO_ORIGIN)


def _times(t: outputs.Floats, every: float | None) -> outputs.Floats:
    """Rising output times: those of the detections, or one each so many seconds."""
    finite = t[np.isfinite(t)]
    if every is None or not len(finite):
        return np.unique(finite)
    return np.arange(np.ceil(finite.min() / every), np.floor(finite.max() / every) + 1) * every
