"""Clips and stills, opened from their bytes within limits, by OpenCV with the FFmpeg in it.

Only files are opened that begin as one of `SIGNATURES`: FFmpeg also knows play lists, which name other files.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import MissingExtraError
from watchfloor.formats.base import FormatError

Picture = npt.NDArray[np.uint8]

MAX_BYTES: Final = 512 << 20
MAX_PIXELS: Final = 8192 * 4320
MAX_FRAMES: Final = 1_000_000
MAX_SECONDS: Final = 86_400.0
SLACK: Final = 2
"""Pictures fewer than a file says that are no sign of a cut: some writers count what was never shown."""

MP4: Final = frozenset(b"isom iso2 iso4 iso5 iso6 mp41 mp42 avc1 M4V MSNV qt 3gp4 3gp5".split())
"""Brands of MP4 and QuickTime; pictures of phones (HEIF, AVIF) have the same frame and others."""
STILLS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Frame(NamedTuple):
    """A picture of a clip: its number, counted from 0, seconds from the start, and pixels, blue first."""

    number: int
    seconds: float
    picture: Picture


class Cut(Exception):  # noqa: N818 - the reason is for the quarantine
    """A clip that cannot be read to its end; the message says from where on, and why."""


def is_clip(data: bytes) -> bool:
    """Whether a file begins as MP4 or QuickTime, AVI, or Matroska and WebM do."""
    if data[4:8] == b"ftyp":
        return data[8:12].rstrip() in MP4
    return (data[:4] == b"RIFF" and data[8:12] == b"AVI ") or data[:4] == b"\x1a\x45\xdf\xa3"


def is_still(data: bytes) -> bool:
    """Whether a file begins as JPEG or PNG do."""
    return data.startswith(STILLS)


@cache
def library() -> Any:
    """OpenCV, on one thread, silent. Raises `FormatError` where it is not installed."""
    quiet = {"OPENCV_LOG_LEVEL": "SILENT", "OPENCV_FFMPEG_LOGLEVEL": "-8"}
    for name, value in (quiet | {"OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PIXELS)}).items():
        os.environ.setdefault(name, value)
    try:
        cv2 = import_module("cv2")
    except ImportError as error:
        raise FormatError(str(MissingExtraError("cv2"))) from error
    cv2.setNumThreads(1)
    return cv2


def still(data: bytes, name: str) -> Picture:
    """Return a still. Raises `FormatError` where it cannot be read, or is too large."""
    cv2 = library()
    picture = None
    with suppress(cv2.error, MemoryError):
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise FormatError(
            f"{name} begins as a picture and cannot be read: it is cut or damaged, or has more than"
            f" {MAX_PIXELS:,} pixels; deliver it anew"
        )
    return np.asarray(picture, np.uint8)


def frames(data: bytes, name: str, every: float) -> Iterator[Frame]:
    """Yield pictures of a clip that are at least so far apart, in their order.

    Args:
        data: the file.
        name: its name, for messages.
        every: seconds from one to the next.

    Raises:
        FormatError: it is no clip that can be opened, it has no picture, or they are too large.
        Cut: after some pictures, where the next cannot be used.
    """
    cv2 = library()
    with _path(data) as path:
        capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [])
        if not capture.isOpened():
            raise FormatError(
                f"{name} begins as a clip and cannot be opened: its end, where the index stands, may be"
                " missing, or it has no video; deliver it anew"
            )
        try:
            yield from _frames(cv2, capture, name, every)
        finally:
            capture.release()


@contextmanager
def _path(data: bytes) -> Iterator[str]:
    """A path of a file that holds these bytes; on Linux in memory, so that it goes with the process.

    OpenCV 5.0 also reads from a stream of Python, and crashes on damaged AVI files there.
    """
    if hasattr(os, "memfd_create"):  # Linux
        with os.fdopen(os.memfd_create("clip"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, "clip")
        path.write_bytes(data)
        yield str(path)


def _frames(cv2: Any, capture: Any, name: str, every: float) -> Iterator[Frame]:
    width, height = (int(capture.get(of)) for of in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    if width * height > MAX_PIXELS:
        raise FormatError(
            f"{name} has pictures of {width:,} by {height:,} pixels; more than {MAX_PIXELS:,} are not read"
        )
    rate, stated = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    number, due, seconds = -1, 0.0, 0.0
    while capture.grab():
        number += 1
        before, seconds = seconds, _seconds(capture.get(cv2.CAP_PROP_POS_MSEC), number, rate)
        if number and not before < seconds <= MAX_SECONDS:
            raise Cut(f"picture {number:,} is at {seconds:,.3f} s, behind one at {before:,.3f} s")
        if number >= MAX_FRAMES:
            raise Cut(f"more than {MAX_FRAMES:,} pictures of a clip are not read; cut it")
        if seconds < due:
            continue
        found, picture = capture.retrieve()
        if not found or picture.shape[:2] != (height, width):
            raise Cut(f"picture {number:,} cannot be used: it is damaged, or of another size than the first")
        due = seconds + every * (1 - 1e-6)
        yield Frame(number, seconds, picture)
    if number < 0:
        raise FormatError(f"{name} has no picture that can be read; deliver it anew")
    if stated - SLACK > number + 1:
        raise Cut(f"the clip says that it has {stated:,.0f} pictures, and {number + 1:,} could be read")


def _seconds(milliseconds: float, number: int, rate: float) -> float:
    """Seconds of a picture from the start; of one that does not say so, by the rate of the clip."""
    if milliseconds > 0 or not number:
        return milliseconds / 1000
    return number / rate if 0.01 <= rate <= 1000 else 0.0
