"""The format `video`: a clip or a still of a fixed camera gives a row of coverage, and what moved detections.

A detection is one look at one box: when, in which direction, and whose. Its `says` is the rest of a SAPIENT
DetectionReport, so that rows are written as such reports and read again as they were: the box in pixels, the
number of the picture, and the SHA-256 of the clip as a name (RFC 6920). There is neither a range nor a class
nor a confidence: the gate knows none.

Where the camera stands a person says (`camera`). When a clip began a person says, or its name does:
`T07_20261124T101500Z.mp4`. The clock inside a file is not believed: cameras write local time there, the time
of copying, or none.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO, Final

import msgspec

from watchfloor.core.kinds import COVERAGE, DETECTION
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.sensors.binary_rows import ReadRows, Row
from watchfloor.formats.sensors.video import clip, motion
from watchfloor.formats.sensors.video.camera import Camera, direction

NAME: Final = "video"
EVERY: Final = 0.2
"""Seconds from one look at a clip to the next."""
DEGRADED: Final = 0.1
"""Share of blind looks from which a camera's view is told to be degraded."""
ROWS: Final = 5000
"""Rows that are given together."""
STARTED: Final = re.compile(
    r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)[T_-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d)(\.\d{1,6})?Z", re.ASCII
)


def sniff(head: Head) -> float:
    """Sure of how clips begin, less of stills, which may be anything's."""
    return 0.9 if clip.is_clip(head.data) else 0.5 if clip.is_still(head.data) else 0.0


def read(
    stream: BinaryIO, name: str, camera: Camera | None = None, base_time: datetime | None = None
) -> Iterator[Batch | Fault]:
    """Rows of a clip or a still, and a fault where it cannot be read to its end.

    Args:
        stream: the file.
        name: its name.
        camera: whose it is.
        base_time: when it began.

    Raises:
        FormatError: it is neither, or has no picture; nobody says whose it is or when it began; it is too
            large; OpenCV is not installed.
    """
    data = stream.read(clip.MAX_BYTES + 1)
    is_still = clip.is_still(data)
    if not is_still and not clip.is_clip(data):
        raise FormatError(f"{name} is no clip (MP4, AVI, Matroska) and no still (JPEG, PNG)")
    if len(data) > clip.MAX_BYTES:
        raise FormatError(f"{name} is larger than {clip.MAX_BYTES >> 20} MiB; cut it into shorter clips")
    if camera is None:
        raise FormatError(
            f"nobody says which camera took {name}: state its place, bearing and field of view in"
            " feeds.toml under [feeds.NAME.camera], and take the file in with --source NAME"
        )
    start = base_time or _started(name)
    if start is None:
        raise FormatError(
            f"nobody says when {name} began: name it with the time in UTC, such as T07_20261124T101500Z.mp4,"
            " or state base_time under its feed in feeds.toml"
        )
    # A start that is stated of a feed may be stated of several clips: none takes another's place then.
    evidence = _Evidence(camera, start.astimezone(UTC), data, alone=base_time is None)
    if is_still:
        height, width = clip.still(data, name).shape[:2]
        yield from ReadRows({COVERAGE.name: [evidence.looked(0.0, width, height, None)]}, []).pieces()
    else:
        yield from _clip(data, name, evidence)


def _clip(data: bytes, name: str, evidence: "_Evidence") -> Iterator[Batch | Fault]:
    gate, rows, faults = motion.Gate(), list[Row](), list[Fault]()
    width = height = 0
    seconds = 0.0
    try:
        for frame in clip.frames(data, name, EVERY):
            seconds, (height, width) = frame.seconds, frame.picture.shape[:2]
            rows += [evidence.moved(frame, box) for box in gate.look(frame.picture)]
            if len(rows) >= ROWS:
                yield from ReadRows({DETECTION.name: rows}, []).pieces()
                rows = []
    except clip.Cut as why:
        faults.append(Fault(WHOLE_FILE, str(why), data[:64], rest=True))
    looked = [evidence.looked(seconds, width, height, gate)] if gate.looks else []
    yield from ReadRows({COVERAGE.name: looked, DETECTION.name: rows}, faults).pieces()


def _started(name: str) -> datetime | None:
    """When a clip began, by its name; None where that has no time in UTC."""
    if not (match := STARTED.search(name)):
        return None
    year, month, day, hour, minute, second, fraction = match.groups("")
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}+00:00")
    except ValueError:
        return None


class _Evidence:
    """Makes the rows of one file: `camera` took it, and it began at `start`.

    Where it is `alone` with its start, the same clip delivered anew takes its place, whatever its bytes.
    """

    def __init__(self, camera: Camera, start: datetime, data: bytes, *, alone: bool) -> None:
        self._camera, self._start = camera, start
        name = urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
        self._file = {"type": "image" if clip.is_still(data) else "video", "url": f"ni:///sha-256;{name}"}
        self._key = f"{camera.sensor}/{start.isoformat()}" + ("" if alone else f"/{name[:12]}")
        self._place = {
            "latitude": camera.latitude,
            "longitude": camera.longitude,
            "altitude": camera.altitude,
        }

    def moved(self, frame: clip.Frame, box: motion.Box) -> Row:
        """The detection of a box."""
        camera, (height, width) = self._camera, frame.picture.shape[:2]
        left, right = (
            direction(camera, x, box.top + box.height / 2, width, height).azimuth
            for x in (box.left, box.left + box.width)
        )
        middle = direction(camera, box.left + box.width / 2, box.top + box.height / 2, width, height)
        spread = ((right - left) % 360.0) / 12**0.5  # anywhere between its edges
        infos = {"box": [*box[:4]], "picture": [width, height], "frame": frame.number}
        return {
            "observed_at": self._start + timedelta(seconds=frame.seconds),
            "report_key": f"{self._key}/{frame.number}/{box.number}",
            "locator": f"frame {frame.number}",
            "sensor": camera.sensor,
            "object": f"{self._key}/{box.number}",
            **{f"sensor_{name}": value for name, value in self._place.items()},
            "azimuth": middle.azimuth,
            "azimuth_error": (camera.bearing_error**2 + spread**2) ** 0.5,
            "elevation": None if camera.tilt is None else middle.elevation,
            "says": _json(
                {
                    "associated_file": [self._file],
                    "object_info": [
                        {"type": name, "value": _json(value)} for name, value in sorted(infos.items())
                    ],
                }
            ),
        }

    def looked(self, seconds: float, width: int, height: int, gate: motion.Gate | None) -> Row:
        """The coverage of so many seconds; of a still, which has no gate, of its moment."""
        camera = self._camera
        half = camera.field_of_view / 2
        said: dict[str, Any] = {"file": self._file["url"], "picture": [width, height]}
        if gate:
            said |= {"looks": gate.looks, "blind": gate.blind}
        degraded = gate is not None and gate.blind > DEGRADED * gate.looks
        return {
            "observed_at": self._start,
            "report_key": self._key,
            "locator": WHOLE_FILE,
            "sensor": camera.sensor,
            "until": self._start + timedelta(seconds=seconds),
            "state": "degraded" if degraded else "looking",
            "mode": self._file["type"],
            **self._place,
            "azimuth_from": (camera.bearing - half) % 360.0,
            "azimuth_to": (camera.bearing + half) % 360.0,
            "class": "camera",
            "says": _json(said),
        }


def _json(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


FORMAT: Final = Format(NAME, (COVERAGE.name, DETECTION.name), sniff, read)
