"""The answer key: every storyline with its subjects, its records and when its first evidence was so.

It lies apart from the feeds, so that no floor that takes them in can read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from statistics import fmean

import msgspec

from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import keys
from watchfloor.exercise.feeds.base import Row
from watchfloor.exercise.plots.base import Cut, Plot
from watchfloor.exercise.surveillance import truth
from watchfloor.exercise.surveillance.day import Day
from watchfloor.exercise.surveillance.truth import Happening


class KeyFileError(ValueError):
    """A file that is no answer key; the message says what to do."""


class Trace(msgspec.Struct, frozen=True):
    """Where something of a storyline went.

    Attributes:
        object: its number, see `watchfloor.exercise.surveillance.truth`.
        called: what it is.
        path: seconds since the day began, latitude and longitude of its turning points.
    """

    object: int
    called: str
    path: tuple[tuple[float, float, float], ...]


class Storyline(msgspec.Struct, frozen=True):
    """One answer.

    Attributes:
        name: short, unique in its key.
        title: what it is, in a sentence.
        hypotheses: those that are true of it; none of a look-alike.
        subjects: typed keys of its people and of what they use.
        records: report keys of its rows.
        first_evidence: the time of the earliest of them, or of what a sensor first saw of it.
        traces: of what moves in it.
        ground: latitude and longitude of the middle of a trail that was cut for it; None: none was.
    """

    name: str
    title: str
    hypotheses: tuple[str, ...]
    subjects: tuple[str, ...]
    records: tuple[str, ...]
    first_evidence: datetime
    traces: tuple[Trace, ...] = ()
    ground: tuple[float, float] | None = None

    @property
    def true(self) -> bool:
        """Whether it is to be found; a look-alike is not."""
        return bool(self.hypotheses)


class Key(msgspec.Struct, frozen=True):
    """A whole answer key.

    Attributes:
        seed, scale: of the exercise.
        subjects: how many its feeds name, in storylines or not.
        storylines: and look-alikes.
        happenings: what sensors could see, of everyday traffic too.
    """

    seed: int
    scale: float
    subjects: int
    storylines: tuple[Storyline, ...]
    happenings: tuple[Happening, ...] = ()

    @property
    def true(self) -> tuple[Storyline, ...]:
        """Those to be found."""
        return tuple(one for one in self.storylines if one.true)

    def share(self, hypothesis: str) -> float:
        """Share of the named subjects for which a hypothesis is true; at least half of one is taken so."""
        true = {subject for one in self.true if hypothesis in one.hypotheses for subject in one.subjects}
        return max(len(true), 0.5) / self.subjects


def answers(
    plots: Sequence[Plot],
    rows: Mapping[str, Sequence[Row]],
    named: set[str],
    seed: int,
    scale: float,
    day: Day | None = None,
) -> Key:
    """The key to plots whose rows lie in the feeds, and whose passages sensors saw on a day.

    Args:
        plots: they, storylines and look-alikes.
        rows: theirs by feed; others may be among them.
        named: every subject that the feeds name.
        seed, scale: of the exercise.
        day: as sensors saw it; None where there are none.
    """
    every = named | (truth.subjects_of(day.passages) if day else set())
    every |= set(day.coast.claimed.to_pylist()) if day and day.coast else set()
    told = tuple(storyline(plot, rows, day) for plot in plots)
    return Key(seed, scale, len(every), told, truth.happenings(day, plots) if day else ())


def named(rows: Iterable[Row]) -> set[str]:
    """Every subject that rows are about or name."""
    return {subject for row in rows for subject in _subjects(row)}


def storyline(plot: Plot, rows: Mapping[str, Sequence[Row]], day: Day | None = None) -> Storyline:
    """The answer for a plot whose rows lie in the feeds, by feed."""
    mine = [row for of_feed in rows.values() for row in of_feed if _is_of(row, plot)]
    moved = truth.passages_of(plot) if day else ()
    seen = truth.first_seen(day, moved) if day and moved else None
    return Storyline(
        plot.name,
        plot.title,
        plot.hypotheses,
        tuple(sorted({subject for row in mine for subject in _subjects(row)} | truth.subjects_of(moved))),
        tuple(sorted(row.report_key for row in mine)),
        min(at for at in (*(row.seen.act.at for row in mine), seen) if at),
        tuple(_trace(day, one) for one in moved) if day else (),
        middle_of(plot.cut) if day and plot.cut else None,
    )


def middle_of(cut: Cut) -> tuple[float, float]:
    """Return the middle of a trail: of its ends and turning points, for it is nearly straight."""
    latitude, longitude = zip(*cut.path, strict=True)
    return round(fmean(latitude), 6), round(fmean(longitude), 6)


def _trace(day: Day, one: Passage) -> Trace:
    path = ((round(at, 1), round(north, 6), round(east, 6)) for at, north, east, _ in one.path)
    return Trace(day.number_of[id(one)], one.called, tuple(path))


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
            f"{name} is no answer key ({error}); `watchfloor admin exercise make` writes one as "
            f"key/answer-key.json"
        ) from error
