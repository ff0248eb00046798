"""Lists as `listed` and `screen` take them from the command line: files or folders, read and reported on."""

from pathlib import Path
from typing import TYPE_CHECKING

from watchfloor.cli.common import (
    MISSING,
    busy,
    err,
    fail,
)

if TYPE_CHECKING:
    import pyarrow as pa


def read_lists(paths: list[Path]) -> "tuple[pa.Table, int]":
    """Rows of the lists, and how many things were left aside; each is told on standard error."""
    from watchfloor.reference.listings import read

    for path in paths:
        if not path.exists():
            fail(f"there is no file or folder {path}", MISSING)
    sentences: list[str] = []

    def write(sentence: str) -> None:
        sentences.append(sentence)
        note(sentence)

    with busy(f"reading {', '.join(map(str, paths))}"):
        rows = read(paths, report=write)
    return rows, len(sentences)


def note(text: str) -> None:
    """Something about the lists that the reader of an answer should know."""
    err.print(text, style="yellow", markup=False, highlight=False)
