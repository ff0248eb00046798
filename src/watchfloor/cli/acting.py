"""Parts of commands that write an act: waiting for the writer, the clock of an `--as-of`, refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import (
    REFUSED,
    USAGE,
    acting,
    busy,
    err,
    refuse,
)

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A log position, a day or a moment: how it stood then."),
]
WeightsOption = Annotated[
    Path | None, typer.Option("--weights", exists=True, dir_okay=False, help="Another weight table (TOML).")
]


@contextmanager
def writing(opened: "Floor", purpose: str, authority: str) -> "Iterator[Writer]":
    """The floor's writer; where another act is just being written, it waits for a while."""
    from watchfloor.store.lock import PATIENCE

    actor = acting(purpose, authority)
    with busy("waiting for another act to be written"):
        writer = opened.writer(actor, PATIENCE)
    with writer:
        yield writer


@contextmanager
def refusals(lang: "Language") -> Iterator[None]:
    """End with the sentence of a refusal, in the language asked for."""
    from watchfloor.cell.acts import Refusal, Unusable, render

    try:
        yield
    except Refusal as error:
        from watchfloor.casework.tasking.tasks import Task

        said, message = render(error.reason, lang), error.reason.message
        if message == Task.stale.id:  # a page shows the task below the same sentence
            said += f" `watchfloor cases task show {error.reason.params['task']}`"
        refuse(said, message, USAGE if isinstance(error, Unusable) else REFUSED)


def clock(opened: "Floor", as_of: int | datetime | None) -> datetime:
    """The moment that an `--as-of` speaks of: of a position, when its act was; without one, now."""
    if isinstance(as_of, datetime):
        return as_of
    if as_of is None:
        return opened.now()
    return opened.moment_of(as_of)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    from watchfloor.actions import base

    with refusals("en"), base.new_file(path, text.encode()):
        pass
    err.print(f"wrote {path}", highlight=False, markup=False)


def minute(moment: datetime | None) -> str:
    """A moment as a person reads it, in UTC; nothing for none."""
    from watchfloor.cell import acts

    return acts.minute(moment) if moment else ""
