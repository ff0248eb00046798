"""The answer key: every storyline with its subjects, its records and when its first evidence was so.

It lies apart from the feeds, so that no floor that takes them in can read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from watchfloor.exercise.cast import keys
from watchfloor.exercise.feeds.base import Row
from watchfloor.exercise.plots.base import Plot


class KeyFileError(ValueError):
    """A file that is no answer key; the message says what to do."""


class Storyline(msgspec.Struct, frozen=True):
    """One answer.

    Attributes:
        name: short, unique in its key.
        title: what it is, in a sentence.
        hypotheses: those that are true of it; none of a look-alike.
        subjects: typed keys of its people and of what they use.
        records: report keys of its rows.
        first_evidence: the time of the earliest of them.
    """

    name: str
    title: str
    hypotheses: tuple[str, ...]
    subjects: tuple[str, ...]
    records: tuple[str, ...]
    first_evidence: datetime

    @property
    def true(self) -> bool:
        """Whether it is to be found; a look-alike is not."""
        return bool(self.hypotheses)


class Key(msgspec.Struct, frozen=True):
    """A whole answer key; `subjects` counts all that the exercise's feeds name, in storylines or not."""

    seed: int
    scale: float
    subjects: int
    storylines: tuple[Storyline, ...]

    @property
    def true(self) -> tuple[Storyline, ...]:
        """Those to be found."""
        return tuple(one for one in self.storylines if one.true)

    def share(self, hypothesis: str) -> float:
        """Share of the named subjects for which a hypothesis is true; at least half of one is taken so."""
        true = {subject for one in self.true if hypothesis in one.hypotheses for subject in one.subjects}
        return max(len(true), 0.5) / self.subjects


def answers(plots: Iterable[Plot], rows: Mapping[str, Sequence[Row]], seed: int, scale: float) -> Key:
    """The key to plots whose rows lie in the feeds, by feed."""
    named = {subject for of_feed in rows.values() for row in of_feed for subject in _subjects(row)}
    return Key(seed, scale, len(named), tuple(storyline(plot, rows) for plot in plots))


def storyline(plot: Plot, rows: Mapping[str, Sequence[Row]]) -> Storyline:
    """The answer for a plot whose rows lie in the feeds, by feed."""
    mine = [row for of_feed in rows.values() for row in of_feed if _is_of(row, plot)]
    return Storyline(
        plot.name,
        plot.title,
        plot.hypotheses,
        tuple(sorted({subject for row in mine for subject in _subjects(row)})),
        tuple(sorted(row.report_key for row in mine)),
        min(row.seen.act.at for row in mine),
    )


def _is_of(row: Row, plot: Plot) -> bool:
    """Whether a row is of its acts, and not about a bystander."""
    return row.seen.act in plot.acts and row.seen.party in (None, *plot.people)


def _subjects(row: Row) -> Iterable[str]:
    """Who a row is about, and what it names them by."""
    named = (row.subject,) if row.subject else ()
    return (*named, *keys(*row.seen.identifiers))


def write(path: Path, key: Key) -> Path:
    """The key as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(key), indent=1) + b"\n")
    return path


def read(path: Path) -> Key:
    """A key from a file. Raises `KeyFileError` where it is none, or `OSError`."""
    return parse(path.read_bytes(), str(path))


def parse(content: bytes, name: str) -> Key:
    """A key from the bytes of a file that is called so. Raises `KeyFileError` where they are none."""
    try:
        return msgspec.json.decode(content, type=Key)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KeyFileError(
            f"{name} is no answer key ({error}); `watchfloor exercise make` writes one as key/answer-key.json"
        ) from error
