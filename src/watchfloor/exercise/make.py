"""Makes an exercise: feeds in their wire formats, a list, settings for a floor, and an answer key apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.casework.tasking import assets
from watchfloor.exercise import key as keys
from watchfloor.exercise import lists, means
from watchfloor.exercise.acts import Passage
from watchfloor.exercise.cast import Cast
from watchfloor.exercise.feeds import feeds
from watchfloor.exercise.feeds.base import Observation, Row, numbered
from watchfloor.exercise.key import Key
from watchfloor.exercise.lists import Target
from watchfloor.exercise.plots import plots, watched
from watchfloor.exercise.plots.base import Plot
from watchfloor.exercise.surveillance import feeds as wires
from watchfloor.exercise.surveillance import force, scenes, surroundings, truth
from watchfloor.exercise.surveillance.day import observe
from watchfloor.exercise.volumes import refuse
from watchfloor.planning.coverage import schedule
from watchfloor.planning.inspections.means import NAME

FORCE: Final = {assets.NAME: force.assets, schedule.NAME: force.schedule}


@dataclass(frozen=True, slots=True)
class ExerciseFiles:
    """Where an exercise lies and what it holds.

    Attributes:
        feeds: the folder to ingest.
        lists: the fictitious list; None where entities of real lists were planted.
        settings: `feeds.toml` for a floor: why and under which law names are screened.
        means: `inspection.toml` for the floor: what its mail centre can examine on a day.
        surroundings: for the floor's folder, what lies around its sensors; None without sensors.
        force: for the floor's folder too, what can be sent and who looks when; none without sensors.
        scan: what a scan of its scenes finds, for machines that cannot read pixels; None without sensors.
        key: the answer key.
        rows: how many rows each feed has.
        answers: what the key says.
    """

    feeds: Path
    lists: Path | None
    settings: Path
    means: Path
    surroundings: Path | None
    force: tuple[Path, ...]
    scan: Path | None
    key: Path
    rows: dict[str, int]
    answers: Key


def make(
    out: Path,
    *,
    seed: int = 1,
    scale: float = 1.0,
    targets: Sequence[Target] = (),
    sensors: bool = True,
    strings: int | None = None,
) -> ExerciseFiles:
    """Write an exercise: `feeds/`, `lists/`, settings of a floor and, apart from them, the key in `key/`.

    Args:
        out: a new or empty folder.
        seed: the same seed gives the same bytes.
        scale: 1 is a thousandth of a Canadian day, see `watchfloor.exercise.volumes`.
        targets: listed entities of a real list to plant; without any, a fictitious list is written too.
        sensors: whether sensors look too; what they see is most of an exercise's rows. All else is the same.
            Beyond scale `coast.NEAR` fifteen towers see no more, and a coast and the country's flights do.
        strings: of four ground sensors each, beside the two that are always there; by the scale where None.

    Raises:
        FileExistsError: `out` holds something already.
        ValueError: the scale is not positive, or more than a whole day.
    """
    refuse(out, scale)
    cast = Cast(seed)
    told = list(plots(cast, targets or lists.fictitious()))
    (out / "feeds").mkdir(parents=True, exist_ok=True)
    written = _write(out / "feeds", cast, told, scale)
    told += watched(cast) if sensors else ()
    counts = dict(written.counts)
    day = observe(_passages(told), seed, scale, strings) if sensors else None
    if day:
        objects = wires.write(out / "feeds", day)
        counts |= {name: len(of) for name, of in objects.items()}
        truth.write(out / "key", day, told, objects)
        cut = next(plot.cut for plot in told if plot.cut)
        counts[scenes.FOLDER] = scenes.write(out / "feeds", out / scenes.SCAN, cut, seed)
    answers = keys.answers(told, written.rows, written.subjects, seed, scale, day)
    return ExerciseFiles(
        out / "feeds",
        None if targets else lists.write(out / "lists" / "exercise-list.csv"),
        _settings(out / "feeds.toml", sensors=sensors),
        means.write(out),
        _surroundings(out / surroundings.FILE) if sensors else None,
        _force(out) if sensors else (),
        out / scenes.SCAN if sensors else None,
        keys.write(out / "key" / "answer-key.json", answers),
        counts,
        answers,
    )


def found(out: Path) -> ExerciseFiles:
    """An exercise that was made in a folder before.

    Raises:
        FileNotFoundError: there is none; `KeyFileError`, where its key cannot be read.
    """
    key, around = out / "key" / "answer-key.json", out / surroundings.FILE
    return ExerciseFiles(
        out / "feeds",
        next(iter((out / "lists").glob("*.csv")), None),
        out / "feeds.toml",
        out / NAME,
        around if around.exists() else None,
        tuple(path for name in FORCE if (path := out / name).exists()),
        path if (path := out / scenes.SCAN).exists() else None,
        key,
        {},
        keys.read(key),
    )


def _passages(told: Iterable[Plot]) -> list[Passage]:
    """Return the passages in plots and around them."""
    return [act for plot in told for act in (*plot.acts, *plot.around) if isinstance(act, Passage)]


class Contents(NamedTuple):
    """Contents of the feeds: by feed the rows of storylines and the number of all; every subject named."""

    rows: dict[str, list[Row]]
    counts: dict[str, int]
    subjects: set[str]


def _write(folder: Path, cast: Cast, told: Iterable[Plot], scale: float) -> Contents:
    """Write one feed after the other: the rows of a whole day do not fit into memory at once.

    Everyday acts are drawn in the order of the feeds' names, and one may also be seen by a feed that comes
    later (an examined parcel). An earlier one is written already: a `KeyError` says so.
    """
    waiting: dict[str, list[Observation]] = {name: [] for name in feeds()}
    planted = {id(act): act for plot in told for act in plot.acts}
    for act in planted.values():
        for name, feed in feeds().items():
            waiting[name].extend(feed.sees(act))
    written = Contents({}, {}, set())
    for name, feed in feeds().items():
        for act in feed.everyday(cast, feed.volume.at(scale)):
            for other, each in feeds().items():
                for seen in each.sees(act):
                    waiting[other].append(seen)
        rows = numbered(name, waiting.pop(name))
        feed.write(folder, rows)
        written.counts[name] = len(rows)
        written.rows[name] = [row for row in rows if id(row.seen.act) in planted]
        written.subjects.update(keys.named(rows))
    return written


def _surroundings(path: Path) -> Path:
    path.write_bytes(surroundings.content())
    return path


def _force(out: Path) -> tuple[Path, ...]:
    for name, text in FORCE.items():
        (out / name).write_text(text(), encoding="utf-8", newline="\n")
    return tuple(out / name for name in FORCE)


def _settings(path: Path, *, sensors: bool) -> Path:
    parts = [
        *(feed.settings for feed in feeds().values()),
        *([wires.settings(), scenes.SETTINGS] if sensors else []),
    ]
    path.write_text("\n".join(parts), encoding="utf-8", newline="\n")
    return path
