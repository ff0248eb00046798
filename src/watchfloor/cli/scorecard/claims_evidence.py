"""What commands of the scorecard compute from: a floor, files of publishers, or the package's own table."""

from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import typer

from watchfloor.cli.common import (
    MISSING,
    USAGE,
    busy,
    err,
    fail,
    of_message,
    reader,
    remember_floor,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.scorecard.claims import Claim
    from watchfloor.scorecard.evidence import Evidence
    from watchfloor.scorecard.problems import Unanswerable
    from watchfloor.store.floor import Floor

OptionalFloor = Annotated[
    Path | None,
    typer.Option(
        "--floor",
        envvar="WATCHFLOOR_FLOOR",
        callback=remember_floor,
        help="Compute from the records of this floor; without it from --statistics, or the package's table.",
        is_eager=True,
    ),
]
StatisticsOption = Annotated[
    list[Path] | None,
    typer.Option("--statistics", metavar="PATH", help="Files or folders of publishers' tables; repeatable."),
]
ClaimsOption = Annotated[
    list[Path] | None,
    typer.Option("--claims", metavar="PATH", help="Further claims: TOML files or folders; repeatable."),
]
LinesOption = Annotated[
    Path | None,
    typer.Option("--lines", metavar="PATH", help="An office's own lines: a TOML file or a folder of them."),
]
OnOption = Annotated[
    str | None,
    typer.Option(
        "--on", metavar="DATE", help="As known on that day: numbers public later count as unpublished."
    ),
]


class Known(NamedTuple):
    """What is computed from: the evidence, and the floor with whose eyes where there is one."""

    evidence: "Evidence"
    floor: "Floor | None"
    reader: "Reader | None"


def known(floor: Path | None, statistics: list[Path] | None, purpose: str) -> Known:
    """The evidence that a command was given. Ends the command where there is none."""
    from watchfloor.formats.base import FormatError
    from watchfloor.scorecard import evidence
    from watchfloor.scorecard.problems import Unanswerable
    from watchfloor.store.floor import Floor

    if floor is not None and statistics:
        fail("--floor and --statistics: choose one; `watchfloor ingest` takes files into a floor")
    if floor is not None:
        opened = Floor.open(floor)
        eyes = reader(opened, purpose)
        return Known(evidence.of_floor(opened, eyes), opened, eyes)
    if not statistics:
        return Known(evidence.of_package(), None, None)
    there("--statistics", statistics)
    try:
        with busy("reading statistics") as say:
            found = evidence.of_files(statistics, say)
    except (Unanswerable, FormatError) as error:
        fail(str(error))
    for sentence in found.told:
        err.print(sentence, style="yellow", markup=False, highlight=False)
    return Known(found, None, None)


def chosen(paths: list[Path] | None, names: list[str] | None) -> "dict[str, Claim]":
    """The claims that a command was given; all where none is named. Ends the command for one that is none."""
    from watchfloor.scorecard import claims
    from watchfloor.scorecard.problems import Unanswerable

    there("--claims", paths)
    try:
        found = claims.claims(paths or ())
        return {name: claims.named(found, name) for name in names} if names else found
    except Unanswerable as error:
        _end(error, "en", USAGE)


def there(option: str, paths: "Iterable[Path] | None") -> None:
    """Ends the command for a path that an option names and that is not there."""
    for path in paths or ():
        if not path.exists():
            fail(f"{option}: there is no file or folder {path}", MISSING)


@contextmanager
def unanswerable(lang: "Language", code: int = USAGE) -> "Iterator[None]":
    """Ends the command with the sentence on what cannot be answered, such as an id that is none."""
    from watchfloor.scorecard.problems import Unanswerable

    try:
        yield
    except Unanswerable as error:
        _end(error, lang, code)


def _end(error: "Unanswerable", lang: "Language", code: int) -> NoReturn:
    """End with the sentence of what cannot be answered; what it asks of may be not there."""
    id_ = error.reason.message
    fail(error.said[lang], MISSING if of_message(id_) == MISSING else code, id_)


def day_of(text: str | None) -> date:
    """The day of `--on`; today where none is given."""
    from watchfloor.cli.moments import day

    return day(text, "--on")
