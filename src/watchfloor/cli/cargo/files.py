"""Files that commands about cargo read, and what of them could not be read."""

from pathlib import Path
from typing import TYPE_CHECKING

from watchfloor.cli.common import (
    MISSING,
    busy,
    err,
    fail,
)

if TYPE_CHECKING:
    from watchfloor.feeds.files import Files


def read(paths: list[Path], kinds: tuple[str, ...], *, standing: bool = True) -> "Files":
    """Records of some kinds in files, folders and archives; what was not read is told on standard error.

    Ends the command where there is no such path.
    """
    from watchfloor.feeds.files import read as found_in

    for path in paths:
        if not path.exists():
            fail(f"there is no file or folder {path}", MISSING)
    with busy("reading") as say:
        found = found_in(paths, kinds, say, standing=standing)
    for sentence in found.told:
        err.print(sentence, style="yellow", markup=False, highlight=False)
    if found.faults > len(found.told) - found.aside:
        err.print(f"pieces that could not be read, in all: {found.faults:,}", highlight=False)
    return found
