"""Our tracker, run over a recording."""

import time

import numpy as np

from benchmarks.surveillance.recording import Recording, Tracks, axes, ecef, from_polar

BATCH = 4_096
"""Reports a call, as a file run hands them over."""

clock = time.process_time
"""CPU time: a busy machine does not blur it."""


def reports(recording: Recording, rows: slice):
    """These rows as the tracker takes them. Polar measurements are turned into places here."""
    from watchfloor.desks.surveillance.tracking import BEARING, POSITION, Reports

    t = recording.t[rows]
    place, cov = recording.place[rows], recording.cov[rows]
    bearing = recording.bearing[rows]
    if recording.polar is not None:
        place, cov = from_polar(recording.take(np.arange(len(recording))[rows]))
    if recording.lonlat is not None:
        xyz = ecef(recording.lonlat[rows])
    else:
        xyz = np.column_stack((place, np.zeros(len(t))))
    count = len(t)
    blank = np.full(count, np.nan)
    return Reports(
        t=t,
        sensor=recording.sensor[rows].astype(np.int32),
        scan=recording.scan[rows].astype(np.int64),
        measure=np.where(np.isnan(bearing), POSITION, BEARING).astype(np.uint8),
        place=xyz,
        frame=np.zeros(count),
        cov=np.ascontiguousarray(cov),
        bearing=bearing,
        rate=blank,
        rate_var=blank,
        velocity=np.full((count, 2), np.nan),
        velocity_var=blank,
        klass=np.zeros(count, np.int8),
        confidence=blank,
        claimed=np.full(count, -1, np.int32),
    )


def run(recording: Recording, config=None, batch: int = BATCH) -> tuple[Tracks, float]:
    """Tracks, and seconds of CPU time. The reports are made before the clock starts, as for the peers,
    but polar ones are turned into places under the clock, as the peers' filters do."""
    from watchfloor.desks.surveillance.tracking import Config, Tracker

    tracker = Tracker(Config() if config is None else config)
    cuts = [slice(at, at + batch) for at in range(0, len(recording), batch)]
    polar = recording.polar is not None
    made = [None if polar else reports(recording, cut) for cut in cuts]
    start = clock()
    found = [tracker.take(reports(recording, c) if polar else r) for c, r in zip(cuts, made, strict=True)]
    spent = clock() - start
    return joined(recording, found, cuts), spent


def joined(recording: Recording, found: list, cuts: list[slice]) -> Tracks:
    """The tracker's updates as the measures take them: what is not confirmed is not there."""
    updates = {
        name: np.concatenate([getattr(one, name) for one in found])
        for name in ("t", "track", "place", "velocity", "ended", "confirmed")
    }
    report = np.concatenate(
        [np.where(one.report >= 0, one.report + cut.start, -1) for one, cut in zip(found, cuts, strict=True)]
    )
    place = updates["place"][:, :2]
    if recording.lonlat is not None:
        origin = np.median(recording.lonlat, axis=0)
        place = (updates["place"] - ecef(origin[None])) @ axes(origin).T
    return Tracks(
        t=updates["t"],
        track=updates["track"],
        state=np.column_stack((place, updates["velocity"])),
        ended=updates["ended"] | ~updates["confirmed"],
        report=report,
    )


def given(tracks: Tracks, count: int) -> np.ndarray:
    """[count] the track that each report was given to, -1 for none."""
    found = np.full(count, -1)
    some = tracks.report >= 0
    found[tracks.report[some]] = tracks.track[some]
    return found


def warm(recording: Recording) -> None:
    """One pass over the first reports, so that compiling is not timed."""
    run(recording.take(np.arange(min(len(recording), 2 * BATCH))))
