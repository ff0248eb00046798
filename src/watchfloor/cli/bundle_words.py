"""What the commands of `watchfloor bundle` share: what is chosen, refusals, files that are written once."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import leads_of
from watchfloor.cli.common import (
    REFUSED,
    fail,
    reader,
    refuse,
)

if TYPE_CHECKING:
    from watchfloor.exchange.offers import Offer
    from watchfloor.exchange.withholding import Withheld
    from watchfloor.records.messages import Language
    from watchfloor.release.gateways import Gateway
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Actor

LeadsOption = Annotated[
    list[str] | None, typer.Option("--leads", help="Signals of this lead; may be given again.")
]
SubjectsOption = Annotated[
    list[str] | None, typer.Option("--subjects", help="Signals that name this subject; again.")
]
SignalsOption = Annotated[
    list[str] | None, typer.Option("--signals", help="The start of a signal's id, or all; again.")
]
RecordsOption = Annotated[
    list[str] | None, typer.Option("--records", help="Evidence: a record's id, KIND, or KIND/SUBJECT; again.")
]
PointersOption = Annotated[
    list[str] | None,
    typer.Option("--pointers", help="Tell that something is held about this subject, and no more; again."),
]
FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The note's file.")
]
NotesOption = Annotated[
    Path, typer.Option("--notes", file_okay=False, help="Folder for notes that go back, or on.")
]


def gateways_of(opened: "Floor") -> "dict[str, Gateway]":
    """The gateways of a floor, with what its own `gateways.toml` adds and ends."""
    from watchfloor.release.gateway_table import load

    return load(opened.root / "gateways.toml")


def offered(
    opened: "Floor",
    purpose: str,
    leads: list[str] | None,
    subjects: list[str] | None,
    signals: list[str] | None,
    records: list[str] | None,
    pointers: list[str] | None,
) -> "Offer":
    """What is chosen on the command line, in the form in which it would travel."""
    from watchfloor.exchange import offers

    who = reader(opened, purpose)
    cited = [c.signal_id.hex() for one in leads_of(opened, leads or [], purpose) for c in one.signals]
    chosen = offers.signals_of(opened, who, [*(signals or ()), *cited], subjects or ())
    found = offers.records_of(opened, who, records or ())
    return offers.offer(opened, who, signals=chosen, pointers=pointers or (), records=found)


@contextmanager
def lawfully(
    lang: "Language",
    opened: "Floor | None" = None,
    actor: "Actor | None" = None,
    file: str = "",
    data: bytes = b"",
) -> Iterator[None]:
    """End with the sentence of a refusal; one of a file that came is logged, as somebody may ask."""
    from watchfloor.cell.acting.acts import Refused, render
    from watchfloor.exchange.receiving import log_refusal
    from watchfloor.release import gateways

    try:
        yield
    except (Refused, gateways.Refused) as error:
        if opened is not None and actor is not None:
            log_refusal(opened, actor, file, data, error.reason)
        words = gateways.render if isinstance(error, gateways.Refused) else render
        stays = reasons(getattr(error, "withheld", ()), lang)
        said = ": ".join([words(error.reason, lang), *(["; ".join(stays)] if stays else [])])
        refuse(said, error.reason.message)


def unused(path: Path | None, option: str) -> None:
    """End the command where a file that it is to write is there already, before anything is done."""
    if path is not None and os.path.lexists(path):
        fail(f"{path} is there already; name a new file with {option}", REFUSED)


def note_file(path: Path, text: str) -> Path:
    """Write a note; where its name is taken, under the next that is free, such as `ID-2.receipt`.

    Gives the path: no file is ever replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    further = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(free for free in chain([path], further) if _wrote(free, text))


def _wrote(path: Path, text: str) -> bool:
    """Whether the name was free, and the text is under it."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def of_node(name: str) -> str:
    """A node's name as part of a file's name."""
    return re.sub(r"[^\w.-]", "_", name)


def reasons(withheld: "Iterable[Withheld]", lang: "Language") -> dict[str, int]:
    """Rows that stay, by reason."""
    return {one.reason.render(lang): one.rows for one in withheld}
