"""The register: every sentence of the report as lines, with who answers for each and the evidence of it.

`register` reads the lines of the package and those of an office; `state`, `late` and `line` say what is known
of one on a day. This folder holds the files of the package; docs/scorecard-register.md says how a line is
written.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from watchfloor.core.messages import declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard.problems import WrongQuestion
from watchfloor.scorecard.register.entries import Bears, Cited, Dated, Entry, Kind
from watchfloor.scorecard.register.reading import Lines, read
from watchfloor.scorecard.register.sentences import fingerprint, sentences, unmatched
from watchfloor.scorecard.register.states import (
    KnownQuantity,
    State,
    found,
    known,
    late,
    line,
    quantity_sentences,
    state,
)

__all__ = [
    "Bears",
    "Cited",
    "Dated",
    "Entry",
    "Kind",
    "KnownQuantity",
    "State",
    "entry",
    "fingerprint",
    "found",
    "known",
    "late",
    "line",
    "quantity_sentences",
    "register",
    "sentences",
    "state",
    "unmatched",
]

NO_FOLDER: Final = declare("register.entry-no-folder", "folder")
UNKNOWN_LINE: Final = declare("register.entry-unknown-line", "id", "near")


def register(folder: Path | None = None) -> tuple[Entry, ...]:
    """All lines in the report's order, then those of no sentence.

    Args:
        folder: TOML files of an office (or one file). Their lines are added, stand instead of those of the
            package with the same id, or amend them.

    Raises:
        WrongQuestion: a file cannot be read or a line is wrong; the message names both.
    """
    lines = _packaged() if folder is None else read(_theirs(folder), _packaged())
    return tuple(sorted(lines.values(), key=lambda one: one.place))


def entry(id: str, folder: Path | None = None) -> Entry:  # noqa: A002 - the field's word
    """One line. Raises `WrongQuestion`, with the nearest id, where there is none of that id."""
    lines = {one.id: one for one in register(folder)}
    if id not in lines:
        raise WrongQuestion(reason(UNKNOWN_LINE, id=id, near=nearest(id, lines)))
    return lines[id]


@cache
def _packaged() -> Lines:
    own = sorted(files(__package__).iterdir(), key=lambda one: one.name)
    return read({one.name: one.read_bytes() for one in own if one.name.endswith(".toml")}, {})


def _theirs(folder: Path) -> dict[str, bytes]:
    if not folder.exists():
        raise WrongQuestion(reason(NO_FOLDER, folder=str(folder)))
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.toml"))
    return {str(path): path.read_bytes() for path in paths}
