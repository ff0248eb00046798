"""Instances and their rosters, in whichever format they are."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, reason
from watchfloor.planning.rosters import curtois, inrc2, own
from watchfloor.planning.rosters.fields import NO_FORMAT, UNREADABLE
from watchfloor.planning.rosters.problem import Grid, Problem


class Instance(NamedTuple):
    """An instance, and how its rosters are read and written.

    Attributes:
        problem: what is to be solved.
        read_roster: reads a roster of it. Raises `Unusable`, `OSError` or `UnicodeDecodeError`.
        files: returns the files that a roster is written as, by name, from grid, path and cost.
        notes: what a person should know before they use it.
        folder: rules and staff, of our own format.
    """

    problem: Problem
    read_roster: Callable[[Path], Grid]
    files: Callable[[Grid, Path, int], dict[str, bytes]]
    notes: tuple[Reason, ...] = ()
    folder: own.Own | None = None


def _curtois(path: Path) -> Instance:
    problem = curtois.read(path)
    return Instance(
        problem,
        partial(curtois.read_roster, problem),
        lambda grid, to, cost: curtois.files(problem, grid, path, to, cost),
    )


def _inrc2(path: Path) -> Instance:
    problem = inrc2.read(path)
    return Instance(
        problem,
        partial(inrc2.read_roster, problem),
        lambda grid, to, cost: inrc2.files(problem, grid, path, to, cost),
    )


def of_own(found: own.Own) -> Instance:
    """Return an instance of our own format."""
    return Instance(
        found.problem,
        partial(own.read_roster, found),
        lambda grid, to, _: {to.name: own.roster_file(found, grid, to.suffix)},
        found.notes,
        found,
    )


FORMATS: Final[dict[str, Callable[[Path], Instance]]] = {
    "curtois": _curtois,
    "inrc2": _inrc2,
    "own": lambda path: of_own(own.read(path)),
}


def format_of(path: Path, name: str) -> str:
    """Return the format that is named, else the one that a path looks like."""
    if name:
        return name
    if path.is_file() and path.suffix.lower() == ".txt" and not inrc2.WHICH.fullmatch(path.name):
        return "curtois"
    if inrc2.WHICH.fullmatch(path.name):
        return "inrc2"
    if (path / own.RULES).is_file():
        return "own"
    raise Unusable(reason(NO_FORMAT if path.exists() else UNREADABLE, file=str(path)))


def read(path: Path, name: str = "") -> Instance:
    """Read an instance. Raises `Unusable` or `SettingsError` with what is wrong."""
    found = FORMATS[format_of(path, name)]
    with suppress(OSError, UnicodeDecodeError):
        return found(path)
    raise Unusable(reason(UNREADABLE, file=str(path)))


def read_roster(found: Instance, path: Path) -> Grid:
    """Read a roster of an instance. Raises `Unusable` with what is wrong."""
    with suppress(OSError, UnicodeDecodeError):
        return found.read_roster(path)
    raise Unusable(reason(UNREADABLE, file=str(path)))


def refuse_absent(path: Path) -> None:
    """Raise `Unusable` unless a file is there."""
    if not path.is_file():
        raise Unusable(reason(UNREADABLE, file=str(path)))
