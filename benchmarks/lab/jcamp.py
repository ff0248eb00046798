"""JCAMP-DX beside the `jcamp` package: which files of the conformance set are read, with how many points.

    ./dev bench lab.jcamp [FOLDER]

A file counts where every table of numbers in it is read, each with as many points as the file declares, or
where the reader says that it has not. Tables are counted by a scan of their labels that shares no code with
either reader. The peer's values are compared with ours where the peer has as many points in as many tables.
Speed is of the files that the peer reads right, each the best of several times, both from bytes in memory.
Nothing was tuned on a file of its own: the form is the standard's.
"""

import contextlib
import io
import re
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jcamp as peer
import numpy as np

from watchfloor.formats.base import FormatError
from watchfloor.formats.lab.spectra import jcamp
from watchfloor.formats.lab.spectra.base import Spectrum

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "lab" / "jcamp"
TABLE = re.compile(rb"^\s*##\s*(?:XY ?DATA|XYPOINTS|PEAK ?TABLE|DATA ?TABLE)\s*=", re.IGNORECASE)
ASSIGNED = re.compile(rb"^\s*##\s*PEAK ?ASSIGNMENTS?\s*=", re.IGNORECASE)
NESTS = re.compile(rb"^\s*##\s*(TITLE|END)\s*=", re.IGNORECASE)
LIES = "it says that it has"
CLOSE = 1e-9
"""Largest difference from the peer, relative to the largest value of the table."""


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    if not folder.is_dir():
        sys.exit(f"{folder} is not there: give the folder of the conformance set")
    print(f"peer: jcamp {version('jcamp')}")
    for title, suffixes in (("conformance set, *.jdx", (".jdx",)), ("official files", (".DX", ".JCM"))):
        files = [path for path in sorted(folder.rglob("*")) if path.suffix in suffixes]
        print(f"\n{title}: {len(files)} files")
        report({path: path.read_bytes() for path in files})


def report(files: dict[Path, bytes]) -> None:
    """Print what each reader makes of some files."""
    theirs = {path: read_by_peer(data) for path, data in files.items()}
    ours = {path: read_by_us(path, data) for path, data in files.items()}
    declared = {path: tables(data) for path, data in files.items()}
    verified = [p for p in files if len(ours[p]) == declared[p] > 0 and all(map(counted, ours[p]))]
    right = [p for p in files if len(theirs[p]) == declared[p] and all(n == m for *_, n, m in theirs[p])]
    read = [p for p in files if theirs[p]]
    none = [p for p in files if ours[p]]
    lying = [p.name for p in verified if any(LIES in " ".join(one.doubts) for one in ours[p])]
    print(f"  {'':44}peer  ours")
    print(f"  {'some table read':44}{len(read):4}  {len(none):4}")
    print(f"  {'every table read, every count as declared':44}{len(right):4}  {len(verified) - len(lying):4}")
    print(f"  {'every table read, a wrong count said so':44}{0:4}  {len(lying):4}  {' '.join(lying)}")
    print("  not whole by ours:", ", ".join(p.name for p in files if p not in verified) or "none")
    same, differ, most = compared(right, theirs, ours)
    print(f"  tables that both read right: {same} equal within {CLOSE:g} of their maximum (most {most:.1e})")
    print("  others:", ", ".join(differ) or "none")
    speed(right, files)


def speed(paths: list[Path], files: dict[Path, bytes], rounds: int = 7) -> None:
    """Print points a second of both readers, each file at its best."""
    points = sum(len(one.y) for path in paths for one in read_by_us(path, files[path]))
    ours = sum(best(lambda one=path: read_by_us(one, files[one]), rounds) for path in paths)
    theirs = sum(best(lambda one=path: call_peer(files[one]), rounds) for path in paths)
    print(f"  {points:,} points in {len(paths)} files, points/s: ours {points / ours:,.0f},", end=" ")
    print(f"peer {points / theirs:,.0f}: {theirs / ours:.1f} times")


def best(reader: Callable[[], Any], rounds: int) -> float:
    """The shortest of several times, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        reader()
        times.append(time.perf_counter() - start)
    return min(times)


def read_by_us(path: Path, data: bytes) -> list[Spectrum]:
    """Every spectrum of a file; none of one that is refused."""
    try:
        return [one for one in jcamp.read(io.BytesIO(data), path.name) if isinstance(one, Spectrum)]
    except FormatError:
        return []


def call_peer(data: bytes) -> Any:
    """What the peer makes of a file, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return peer.read(data.splitlines(keepends=True))


def read_by_peer(data: bytes) -> list[tuple[Any, Any, int, int | None]]:
    """Abscissa, ordinate, points found and declared of each block with a table; none where it raises."""
    try:
        found = call_peer(data)
    except Exception:  # the peer raises whatever a line makes it
        return []
    blocks = [one for one in found.get("children", [found]) if len(one.get("y", ()))]
    return [(one["x"], one["y"], len(one["y"]), one.get("npoints")) for one in blocks]


def tables(data: bytes) -> int:
    """How many tables there are by their labels; assignments count where their block has nothing else."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    count, stack = 0, [[0, 0]]
    for line in lines:
        if nest := NESTS.match(line):
            if nest[1].upper() == b"TITLE":
                stack.append([0, 0])
            elif len(stack) > 1:
                measured, assigned = stack.pop()
                count += measured or assigned
        stack[-1][0] += bool(TABLE.match(line))
        stack[-1][1] += bool(ASSIGNED.match(line))
    return count + sum(measured or assigned for measured, assigned in stack)


def counted(one: Spectrum) -> bool:
    """Whether a spectrum has as many points as declared, those left out apart, or says that it has not."""
    doubts = " ".join(one.doubts)
    label = next((key for key in one.said if re.sub(r"\W", "", key).upper() == "NPOINTS"), None)
    told = re.match(r"\d+", one.said[label]) if label and "symbol" not in one.said else None
    left = sum(int(n) for n in re.findall(r"(\d+) points? (?:without|of neg|at no)", doubts))
    return told is None or int(told[0]) == len(one.y) + left or LIES in doubts


def compared(paths: list[Path], theirs: Any, ours: Any) -> tuple[int, list[str], float]:
    """How many tables have the peer's values, the names of others, and the largest difference."""
    same, differ, most = 0, [], 0.0
    for path in paths:
        for (px, py, *_), one in zip(theirs[path], ours[path], strict=True):
            x, y = np.asarray(px, float), np.asarray(py, float)
            order = np.argsort(x, kind="stable") if np.diff(x).max(initial=0) > 0 else slice(None, None, -1)
            x, y = x[order], y[order]
            kept = x > 0 if len(x) > len(one.x) else np.ones(len(x), bool)
            off = max(apart(x[kept], one.x), apart(y[kept], one.y))
            if off <= CLOSE:
                same, most = same + 1, max(most, off)
            else:
                differ.append(f"({path.name}: {off:.1e})")
    return same, differ, most


def apart(theirs: Any, ours: Any) -> float:
    """Largest difference, relative to the largest value."""
    if len(theirs) != len(ours):
        return float("inf")
    return float(np.abs(theirs - ours).max(initial=0) / max(np.abs(theirs).max(initial=0), 1e-300))


if __name__ == "__main__":
    main()
