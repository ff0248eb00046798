"""Scenes from outside are worked in a process of their own, with limits, no network and no other programs.

The process opens the files by their paths, since a scene may be larger than memory, and writes no file but
the map that it is asked for. It answers with JSON, of which nothing is taken on trust: it is decoded into the
structs that are expected. Where it uses more memory than `MEMORY`, or is silent for `SILENT` seconds, it is
ended.
"""

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.core.messages import known as known_message
from watchfloor.desks.space.change.scanning import Scan, scan_pair
from watchfloor.feeds.isolation import PASSED
from watchfloor.formats.imagery.pictures import Edges, picture
from watchfloor.formats.imagery.scenes import SceneError

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from typing import BinaryIO

MEMORY: Final = 2 << 30
"""Bytes of address space beside what the libraries take: a window of 256 by 256 needs a hundredth."""
SILENT: Final = 120.0
"""Seconds between two signs of life."""
LONGEST: Final = 256 << 20
"""Bytes of an answer."""
_START: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from watchfloor.feeds.scene_process import main; main()"
)

ENDED = declare("scene.ended", "why")
MISTAKE = declare("scene.mistake", "why")

Progress = Callable[[float], None]


class _Request(msgspec.Struct):
    """A request to the process: the name of a function, and what it is called with; paths are texts."""

    name: str
    named: dict[str, Any]


class _Refusal(msgspec.Struct):
    message: str
    params: str


class _Answer(msgspec.Struct, omit_defaults=True):
    """A line of the process: how far it is, why it refuses, or the answer."""

    progress: float | None = None
    refusal: _Refusal | None = None
    failure: str = ""
    scan: Scan | None = None
    picture: str = ""
    pictures: list[tuple[str, str]] = []


def scan_apart(
    before: Path,
    after: Path,
    *,
    masked: Sequence[Mapping[str, Any]] = (),
    within: Mapping[str, Any] | None = None,
    known: Sequence[Mapping[str, Any]] = (),
    out: Path | None = None,
    least: int | None = None,
    looks: float = 0.0,
    progress: Progress | None = None,
) -> Scan:
    """Do what `scan_pair` does in a process of its own. Raises `SceneError`."""
    named: dict[str, Any] = {"before": str(before), "after": str(after), "looks": looks}
    named |= {"masked": [*masked], "within": within, "known": [*known]}
    named |= {"out": str(out)} if out is not None else {}
    named |= {"least": least} if least is not None else {}
    answer = _asked(_Request("scan", named), progress)
    if answer.scan is None:
        raise SceneError(reason(ENDED, why="no answer"))
    return answer.scan


def picture_apart(
    path: Path,
    edges: Edges,
    pixels: int = 256,
    *,
    masked: Sequence[Mapping[str, Any]] = (),
    like: Path | None = None,
) -> bytes:
    """Do what `picture` does in a process of its own. Raises `SceneError`."""
    named: dict[str, Any] = {"path": str(path), "edges": [*edges], "pixels": pixels, "masked": [*masked]}
    named |= {"like": str(like)} if like is not None else {}
    return base64.b64decode(_asked(_Request("picture", named), None).picture)


def pictures_apart(
    before: Path,
    after: Path,
    places: Sequence[Edges],
    pixels: int = 256,
    *,
    masked: Sequence[Mapping[str, Any]] = (),
) -> list[tuple[bytes, bytes]]:
    """Return two pictures of each place, both with the earlier one's stretch, made in a process of its own.

    A place that a scene does not show has two empty ones. Raises `SceneError`.
    """
    named: dict[str, Any] = {"before": str(before), "after": str(after), "masked": [*masked]}
    found = _asked(_Request("pictures", named | {"places": [*places], "pixels": pixels}), None).pictures
    return [(base64.b64decode(one), base64.b64decode(other)) for one, other in found]


def _pictures(
    before: Path, after: Path, places: Sequence[Edges], pixels: int, masked: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    made = []
    for edges in places:
        try:
            one = picture(before, edges, pixels, masked=masked)
            other = picture(after, edges, pixels, masked=masked, like=before)
        except SceneError:
            one = other = b""
        made.append((base64.b64encode(one).decode(), base64.b64encode(other).decode()))
    return made


def _asked(request: _Request, progress: Progress | None) -> _Answer:
    told = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in PASSED or name.startswith(("LC_", "NUMBA_"))
    }
    told |= {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    flags = ["-P", *(f"-W{each}" for each in sys.warnoptions)]
    process = subprocess.Popen(
        [sys.executable, *flags, "-c", _START, *filter(None, sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=told,
    )
    alive = threading.Event()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            alive.clear()
            if not alive.wait(SILENT) and not over.is_set():
                process.kill()
                return

    watcher = threading.Thread(target=watch, name="watch of a scene", daemon=True)
    watcher.start()
    try:
        with cast("BinaryIO", process.stdin) as sink:
            sink.write(msgspec.json.encode(request))
        return _answered(cast("BinaryIO", process.stdout), alive, progress)
    except BrokenPipeError:
        raise SceneError(reason(ENDED, why=f"code {process.wait()}")) from None
    finally:
        over.set()
        alive.set()
        process.kill()
        process.wait()
        cast("BinaryIO", process.stdout).close()


def _answered(source: "BinaryIO", alive: threading.Event, progress: Progress | None) -> _Answer:
    while line := source.readline(LONGEST):
        alive.set()
        try:
            one = msgspec.json.decode(line, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SceneError(reason(ENDED, why="what it gave is no answer")) from error
        if one.refusal is not None and known_message(one.refusal.message):
            raise SceneError(Reason.load({"message": one.refusal.message, "params": one.refusal.params}))
        if one.failure:
            raise SceneError(reason(MISTAKE, why=one.failure[:200]))
        if one.progress is None:
            return one
        if progress is not None:
            progress(one.progress)
    raise SceneError(reason(ENDED, why="it needed more memory or time than it may"))


def main() -> None:
    """Answer one request from standard input on standard output."""
    from watchfloor.feeds.reader_process import forbid

    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=_Request)

    def say(answer: _Answer) -> None:
        sink.write(msgspec.json.encode(answer) + b"\n")
        sink.flush()

    _load()
    _limit()
    forbid()
    named = request.named
    for name in ("before", "after", "out", "path", "like"):
        if name in named:
            named[name] = Path(named[name])
    try:
        if request.name == "picture":
            shown = picture(named.pop("path"), tuple(named.pop("edges")), named.pop("pixels"), **named)
            say(_Answer(picture=base64.b64encode(shown).decode()))
        elif request.name == "pictures":
            say(_Answer(pictures=_pictures(**named)))
        else:
            say(_Answer(scan=scan_pair(**named, progress=lambda share: say(_Answer(progress=share)))))
    except SceneError as error:
        stored = error.reason.stored()
        say(_Answer(refusal=_Refusal(stored["message"], stored["params"])))
    except ImportError as error:
        say(_refused(error))
    except MemoryError:
        stored = reason(ENDED, why="it needs more memory than it may").stored()
        say(_Answer(refusal=_Refusal(stored["message"], stored["params"])))
    except Exception as error:  # a mistake of ours or of a library: said, and not printed
        say(_Answer(failure=f"{type(error).__name__}: {error}"))


def _refused(error: ImportError) -> _Answer:
    why = getattr(error, "reason", None)
    if not isinstance(why, Reason):
        return _Answer(failure=str(error))
    stored = why.stored()
    return _Answer(refusal=_Refusal(stored["message"], stored["params"]))


def _load() -> None:
    """Load what is needed before limits hold: libraries are not what a file may make large."""
    from contextlib import suppress
    from importlib import import_module

    for name in ("scipy.ndimage", "shapely", "rasterio.features", "rasterio.warp", "rasterio.io"):
        with suppress(ImportError):
            import_module(name)


def _limit() -> None:
    if sys.platform == "win32":
        return
    from watchfloor.feeds.reader_process import address_space

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (address_space() + MEMORY, hard))
