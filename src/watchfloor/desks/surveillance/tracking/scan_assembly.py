"""Scans: which reports of a sensor belong to one look, and when no more of them are waited for.

A look is a scan that the sensor numbers, or all that it tells of one time, or, of a sensor that tells each
report's own time and meets its objects again after a steady beat, what it tells within one beat. Sensors
report in among one another, and over slow lines, so each has a scan of its own that is open. It is closed
by a report of the same sensor that does not belong to it, or when the clock has passed it: at once where the
sensor's looks come in one piece, and later, by what it has shown to be needed, where they come in pieces.
"""

from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel

TORN: Final = 0.08
"""Share of reports that come after their scan was closed beyond which the sensor is waited for longer."""
MARGIN: Final = 1.1
"""How much longer it is waited for than was needed so far."""
BEAT: Final = 0.98
"""Part of a beat that a scan lasts: an object that comes nearer is met again a little sooner."""
OPEN: Final = np.dtype([("head", "i8"), ("tail", "i8")])
"""The open scan of a sensor: its first and last report (-1: there is none). Whether it is a piece of the one
before and when it is due is told by the sensor as it stands, so that it can be restored from its reports."""


@kernel(error_model="numpy")
def restore(feed: Any, at: int, done: Any, link: Any, scans: Any) -> None:
    """Put the reports before `at` that are not `done` into open scans again, as they were when they came."""
    for s in range(len(scans)):
        scans[s].head = -1
    for i in range(at):
        if not done[i]:
            _append(feed, i, link, scans)


@kernel(error_model="numpy")
def _append(feed: Any, i: int, link: Any, scans: Any) -> None:
    """Put report `i` at the end of the open scan of its sensor, which may be empty."""
    own = scans[feed[i].sensor]
    link[i] = -1
    if own.head < 0:
        own.head = i
    else:
        link[own.tail] = i
    own.tail = i


@kernel(error_model="numpy")
def belongs(report: Any, opened: float, scan: int, sensor: Any, longest: float) -> Any:
    """Whether a report is of the look that was opened at a time with a scan's number."""
    apart = report.t - opened
    if report.scan >= 0 and sensor.stuck < 2:
        return report.scan == scan and abs(apart) <= longest
    if sensor.cut > 0:
        return 0 <= apart < BEAT * sensor.cut
    return apart == 0


@kernel(error_model="numpy")
def closes(feed: Any, at: int, scans: Any, sensors: Any, longest: float) -> Any:
    """The sensor whose scan must be closed before report `at` is put in; -1 when there is none.

    First those from a time that was taken back, then the others that the clock has passed, the one that was
    due first before the rest; then its own sensor's, when the report does not belong to it.
    """
    own = feed[at].sensor
    first, least = -1, feed[at].clock
    for s in range(len(scans)):
        if scans[s].head < 0:
            continue
        if taken_back(feed[scans[s].head], feed[at].clock):
            return s
        if s == own:
            continue
        due = feed[scans[s].head].t + max(sensors[s].linger, sensors[s].cut)
        if due < least:
            first, least = s, due
    if first >= 0 or scans[own].head < 0:
        return first
    lead = feed[scans[own].head]
    return -1 if belongs(feed[at], lead.t, lead.scan, sensors[own], longest) else own


@kernel(error_model="numpy")
def taken_back(lead: Any, now: float) -> Any:
    """Whether a scan is from a time that the clock was put back from; no other is ahead of the clock."""
    return lead.t > now


@kernel(error_model="numpy")
def oldest(feed: Any, scans: Any) -> Any:
    """The sensor with the scan that was opened first, -1 when none is open."""
    first = -1
    for s in range(len(scans)):
        head = scans[s].head
        if head >= 0 and (first < 0 or feed[head].t < feed[scans[first].head].t):
            first = s
    return first


@kernel(error_model="numpy")
def put(feed: Any, at: int, link: Any, scans: Any, sensors: Any, longest: float) -> None:
    """Put report `at` into its sensor's scan; learn from it how long the sensor must be waited for."""
    report = feed[at]
    sensor = sensors[report.sensor]
    own = scans[report.sensor]
    again = own.head < 0 and sensor.frames > 0 and report.scan >= 0 and report.scan == sensor.scan
    if again and abs(report.t - sensor.opened) > longest:
        sensor.stuck += 1
    _append(feed, at, link, scans)
    torn = piece(feed[own.head], sensor)
    sensor.pieces = min(sensor.pieces + 1, 200)
    sensor.tears += (torn - sensor.tears) / (sensor.pieces + 10)
    if torn and sensor.tears > TORN:
        needed = MARGIN * (report.clock - sensor.opened)
        sensor.linger = min(max(sensor.linger, needed), longest)


@kernel(error_model="numpy")
def size(scans: Any, s: int, link: Any) -> Any:
    """Number of reports in the open scan of a sensor."""
    count = 0
    i = scans[s].head
    while i >= 0:
        count += 1
        i = link[i]
    return count


@kernel(error_model="numpy")
def gather(feed: Any, s: int, count: int, link: Any, done: Any, scans: Any) -> Any:
    """Take the first `count` reports out of the open scan of a sensor; it is closed when none is left."""
    part = np.empty(count, feed.dtype)
    i = scans[s].head
    for k in range(count):
        part[k] = feed[i]
        done[i] = True
        i = link[i]
    scans[s].head = i
    return part


@kernel(error_model="numpy")
def piece(lead: Any, sensor: Any) -> Any:
    """Whether a scan with this first report is a piece of the one before."""
    return sensor.frames > 0 and belongs(lead, sensor.opened, sensor.scan, sensor, np.inf)
