"""Our tracker, run over a recording."""

import time

import numpy as np

from benchmarks.surveillance.recording import Recording, Tracks, ecef, from_polar, plane

BATCH = 4_096
"""Reports a call, as a file run hands them over."""

clock = time.process_time
"""CPU time: a busy machine does not blur it."""


def reports(recording: Recording, rows: slice):
    """These rows as the tracker takes them. Polar measurements are turned into places here."""
    from watchfloor.desks.surveillance.tracking import BEARING, NOTHING, POSITION, Reports

    place, cov, bearing = recording.place[rows], recording.cov[rows], recording.bearing[rows]
    if recording.polar is not None:
        place, cov = from_polar(recording.take(np.arange(len(recording))[rows]))
    measure = np.where(np.isnan(bearing), POSITION, BEARING)
    own = None if recording.own is None else np.column_stack((recording.own[rows], np.zeros(len(place))))
    if recording.lonlat is None:
        measure[np.isnan(place).any(1)] = NOTHING
        place = np.column_stack((place, np.zeros(len(place))))
    else:
        place = ecef(recording.lonlat[rows])
    return Reports(
        t=recording.t[rows],
        sensor=recording.sensor[rows],
        scan=recording.scan[rows],
        measure=measure,
        place=place,
        cov=cov,
        bearing=bearing,
        sensor_place=own,
    )


def run(recording: Recording, config=None, batch: int = BATCH) -> tuple[Tracks, float]:
    """Tracks, and seconds of CPU time.

    The reports are made before the clock starts, as for the peers, but polar ones are turned into places
    under the clock, as the peers' filters do.
    """
    from watchfloor.desks.surveillance.tracking import Config, Tracker

    tracker = Tracker(Config() if config is None else config)
    cuts = [slice(at, at + batch) for at in range(0, len(recording), batch)]
    later = recording.polar is not None
    made = [None if later else reports(recording, cut) for cut in cuts]
    start = clock()
    found = [tracker.update(reports(recording, c) if later else r) for c, r in zip(cuts, made, strict=True)]
    found.append(tracker.flush())
    spent = clock() - start
    return joined(recording, found), spent


def joined(recording: Recording, found: list) -> Tracks:
    """The tracker's updates as the measures take them: what is not confirmed is not there."""
    wanted = ("t", "track", "place", "velocity", "ended", "confirmed", "report")
    columns = {name: np.concatenate([getattr(one, name) for one in found]) for name in wanted}
    place = columns["place"][:, :2]
    if recording.lonlat is not None:
        place = plane(columns["place"], np.median(recording.lonlat, axis=0))
    return Tracks(
        t=columns["t"],
        track=columns["track"],
        state=np.column_stack((place, columns["velocity"])),
        ended=columns["ended"] | ~columns["confirmed"],
        report=columns["report"],
    )


def given(tracks: Tracks, count: int) -> np.ndarray:
    """[count] the track that each report was given to, -1 for none; of several the last.

    A report that began a track is in no row unless the tracker tells of tracks not yet confirmed: run it with
    `tell_tentative` for this.
    """
    found = np.full(count, -1)
    some = tracks.report >= 0
    found[tracks.report[some]] = tracks.track[some]
    return found


def warm(recording: Recording) -> None:
    """One pass over the first reports, so that compiling is not timed."""
    run(recording.take(np.arange(min(len(recording), 2 * BATCH))))
