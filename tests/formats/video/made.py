"""Clips that are made here: a square that moves over noise, or noise alone."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from watchfloor.formats.sensors.video.camera import Camera

CAMERA = Camera("T07/EO", 45.0, -73.0, 180.0, 40.0, 60.0, tilt=0.0, bearing_error=0.5)
WIDTH, HEIGHT, SIDE, RATE = 160, 120, 16, 10


def library():
    return pytest.importorskip("cv2", reason="OpenCV is an extra: watchfloor[video]")


def place(second, step=3):
    """Left and upper edge of the square: `step` pixels a picture to the right."""
    return 5 + step * round(second * RATE), 50


def pictures(count=40, moves=True, light=lambda _: 0, seed=7):
    """Pictures of grey 90 with noise of 6, and a square of grey 200."""
    noise = np.random.default_rng(seed)
    for number in range(count):
        picture = 90.0 + light(number) + noise.normal(0, 6, (HEIGHT, WIDTH))
        if moves:
            left, top = place(number / RATE)
            picture[top : top + SIDE, left : left + SIDE] = 200
        yield np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def written(shown, suffix=".avi", codec="MJPG", rate=RATE):
    """The bytes of a clip of these pictures."""
    cv2 = library()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip{suffix}"
        size = WIDTH, HEIGHT
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*codec), rate, size)
        for one in shown:
            writer.write(one)
        writer.release()
        return path.read_bytes()


@cache
def clip():
    """A clip in which a square moves."""
    return written(pictures())
