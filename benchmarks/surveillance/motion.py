"""The motion gate on a clip of 1280 x 720: pictures a second of the processor, and of the clip it reads.

A made clip, ten pictures a second: a square over noise. Times are of the processor, all threads of OpenCV
included, and the best of three: decoding and the gate apart. The gate looks five times a second.

    ./dev bench surveillance.motion
"""

import tempfile
from pathlib import Path
from time import process_time

import cv2
import numpy as np

from watchfloor.formats.sensors.video import clip, motion
from watchfloor.formats.sensors.video.file import EVERY

WIDTH, HEIGHT, RATE, SECONDS = 1280, 720, 10, 20


def made():
    noise = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        code = cv2.VideoWriter_fourcc(*"mp4v")
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, RATE, (WIDTH, HEIGHT))
        for number in range(RATE * SECONDS):
            picture = noise.normal(90, 6, (HEIGHT, WIDTH)).clip(0, 255).astype(np.uint8)
            picture[300:380, 5 * number : 5 * number + 80] = 200
            writer.write(np.repeat(picture[..., None], 3, axis=2))
        writer.release()
        return path.read_bytes()


def timed(work):
    times = []
    for _ in range(3):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def main():
    data = made()
    pictures = [one.picture for one in clip.frames(data, "clip.mp4", EVERY)]

    def look():
        gate = motion.Gate()
        return [gate.look(one) for one in pictures]

    decoding, gating = timed(lambda: [*clip.frames(data, "clip.mp4", EVERY)]), timed(look)
    count = RATE * SECONDS
    print(f"{WIDTH} x {HEIGHT}, {count} pictures, {len(pictures)} looks, {sum(map(len, look()))} boxes")
    print(f"decoding: {count / decoding:.0f} pictures a second of the processor")
    print(f"gate: {len(pictures) / gating:.0f} looks a second of the processor")
    print(
        f"both, five looks a second: {SECONDS / (decoding + gating):.1f} cameras of {RATE} pictures a second"
    )


if __name__ == "__main__":
    main()
