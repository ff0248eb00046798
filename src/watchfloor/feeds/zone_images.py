"""Lines of text in an image that a person names, by an optical reader in a process of its own.

The reader is RapidOCR on ONNX Runtime, whose models lie in its package: nothing is fetched, and the process
can open no connection. It has limits of memory, processor and time. Nothing of the image is kept.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec

from watchfloor.core.extras import MissingExtraError
from watchfloor.core.messages import declare, reason
from watchfloor.feeds.isolation import PASSED
from watchfloor.formats.base import FormatError

if sys.platform != "win32":
    import resource

SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
FORMATS: Final = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
MAX_BYTES: Final = 64 << 20
MAX_PIXELS: Final = 50_000_000
MEMORY: Final = 3 << 30
"""Bytes above what libraries take: a page of 50 million pixels, and what the models make of it."""
SECONDS: Final = 300
"""Of processor time, and of waiting."""

UNREAD: Final = declare("mrz.image-unread", "file")
NO_IMAGE: Final = declare("mrz.no-image", "file")
TOO_LARGE: Final = declare("mrz.image-large", "file")

_START: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from watchfloor.feeds.zone_images import main; main()"
)


class _Answer(msgspec.Struct):
    """The answer of the process: lines, or what is wrong."""

    lines: list[str] = []
    wrong: str = ""


def lines_of(path: Path) -> list[str]:
    """Return the lines of text in an image, from top to bottom.

    Raises:
        MissingExtraError: the optical reader is not installed.
        FormatError: it is no image that can be read, or reading it took too long.
    """
    for library in ("rapidocr", "onnxruntime"):
        if find_spec(library) is None:
            raise MissingExtraError(library)
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FormatError(str(reason(TOO_LARGE, file=path.name)))
    environment = {
        name: value for name, value in os.environ.items() if name.upper() in PASSED or name.startswith("LC_")
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", _START, *filter(None, sys.path)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
        answer = msgspec.json.decode(done.stdout, type=_Answer)
    except (subprocess.TimeoutExpired, msgspec.DecodeError) as error:
        raise FormatError(str(reason(UNREAD, file=path.name))) from error
    if answer.wrong:
        raise FormatError(str(reason(NO_IMAGE, file=path.name)))
    return answer.lines


def main() -> None:
    """Read an image from standard input, and write its lines to standard output."""
    from watchfloor.feeds.reader_process import address_space, forbid

    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    data = sys.stdin.buffer.read()
    engine = _engine()
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (address_space() + MEMORY, hard))
    forbid()
    sink.write(msgspec.json.encode(_read(engine, data)))
    sink.flush()


def _engine() -> Any:
    from rapidocr import RapidOCR

    one = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    return RapidOCR(params=one | {"Global.log_level": "critical"})


def _read(engine: Any, data: bytes) -> _Answer:
    import numpy as np
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return _Answer(wrong="too large")
            image = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return _Answer(wrong=str(error))
    found = engine(np.asarray(image)[:, :, ::-1])  # it wants blue first
    if found.boxes is None:
        return _Answer()
    return _Answer(joined(zip(found.boxes.tolist(), found.txts, strict=True)))


def joined(pieces: Iterable[tuple[list[list[float]], str]]) -> list[str]:
    """Return pieces of text as lines: those at one height from left to right, heights from top to bottom.

    A piece is the corners of its box, and its text; readers part a line of a zone at wide gaps.
    """
    placed = []
    for corners, text in pieces:
        heights = [y for _, y in corners]
        middle, size = sum(heights) / len(heights), max(heights) - min(heights)
        placed.append((middle, size, min(x for x, _ in corners), text))
    lines: list[list[tuple[float, float, float, str]]] = []
    for one in sorted(placed):
        if lines and one[0] - lines[-1][-1][0] < 0.5 * min(one[1], lines[-1][-1][1]):
            lines[-1].append(one)
        else:
            lines.append([one])
    return [" ".join(text for *_, text in sorted(line, key=lambda each: each[2])) for line in lines]
