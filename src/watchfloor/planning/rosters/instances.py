"""Instances and their rosters, in whichever format they are."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import reason
from watchfloor.planning.rosters import curtois, inrc2
from watchfloor.planning.rosters.fields import NO_FORMAT, UNREADABLE
from watchfloor.planning.rosters.problem import Grid, Problem


class Format(NamedTuple):
    """How an instance and its rosters are read, and which files a roster is written as."""

    read: Callable[[Path], Problem]
    read_roster: Callable[[Problem, Path], Grid]
    files: Callable[[Problem, Grid, Path, Path, int], dict[str, bytes]]


FORMATS: Final = {
    "curtois": Format(curtois.read, curtois.read_roster, curtois.files),
    "inrc2": Format(inrc2.read, inrc2.read_roster, inrc2.files),
}


def format_of(path: Path, name: str) -> Format:
    """Return the format that is named, else the one that a path looks like."""
    if name:
        return FORMATS[name]
    if path.is_file() and path.suffix.lower() == ".txt" and not inrc2.WHICH.fullmatch(path.name):
        return FORMATS["curtois"]
    if inrc2.WHICH.fullmatch(path.name):
        return FORMATS["inrc2"]
    raise Unusable(reason(NO_FORMAT, file=str(path)))


def read(path: Path, name: str = "") -> tuple[Format, Problem]:
    """Read an instance. Raises `Unusable` with what is wrong."""
    found = format_of(path, name)
    with suppress(OSError, UnicodeDecodeError):
        return found, found.read(path)
    raise Unusable(reason(UNREADABLE, file=str(path)))


def read_roster(found: Format, problem: Problem, path: Path) -> Grid:
    """Read a roster of an instance. Raises `Unusable` with what is wrong."""
    with suppress(OSError, UnicodeDecodeError):
        return found.read_roster(problem, path)
    raise Unusable(reason(UNREADABLE, file=str(path)))
