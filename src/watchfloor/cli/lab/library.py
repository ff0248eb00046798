"""`watchfloor lab library`: spectra in one file that opens at once, what it holds, what is wrong with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, counted, err, print_rows, print_table

if TYPE_CHECKING:
    from watchfloor.desks.lab.identify.compounds import Shelf
    from watchfloor.desks.lab.search.check import Finding
    from watchfloor.desks.lab.search.library import Library

app = typer.Typer(
    help="Libraries of spectra that `watchfloor identify` looks in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

BUILD = """
Example:

  watchfloor lab library build dart/ master.msp -o dart.lib
"""
SHOW = """
Example:

  watchfloor lab library show dart.lib --json
"""
CHECK = """
Example:

  watchfloor lab library check dart.lib

Ends with 1 where something is found.
"""
FOUND = {
    "duplicate": "the same spectrum twice",
    "unlike": "one substance, unlike spectra: one may be mislabelled",
    "same": "two names, nearly one spectrum: mislabelled, or not told apart by this technique",
}

TechniqueOption = Annotated[
    str, typer.Option("--technique", help="Of spectra whose files do not state it: dart-ms, gc-ms, ftir, …")
]


@app.command("build", epilog=BUILD, help="Write spectra of files and folders into one library.")
def build(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files and folders of spectra.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="LIB", help="The library to write.")],
    technique: TechniqueOption = "",
    as_json: JsonOption = False,
) -> None:
    """A table in a folder with columns Code and Name names spectra that are called by a code."""
    from watchfloor.desks.lab.identify.compounds import compounds
    from watchfloor.desks.lab.search import library as libraries

    made = _read(files, technique)
    libraries.write(made, out)
    spectra, substances = len(made), len(compounds(made))
    if as_json:
        row = {"library": str(out), "spectra": spectra, "substances": substances, "bytes": out.stat().st_size}
        print_rows([row], "libraries")
    else:
        held = f"{counted(spectra, 'spectrum', 'spectra')} of {counted(substances, 'substance')}"
        typer.echo(f"{out}: {held}")


@app.command("show", epilog=SHOW, help="What a library holds, substance by substance.")
def show(
    library: Annotated[list[Path], typer.Argument(metavar="LIB", help="A library, or files and folders.")],
    technique: TechniqueOption = "",
    as_json: JsonOption = False,
) -> None:
    """One row a substance: names, numbers, and its spectra by technique and voltage."""
    from watchfloor.desks.lab.identify.compounds import Shelf

    shelf = Shelf(_read(library, technique))
    rows = list(_shown(shelf))
    if as_json:
        print_rows(rows, "substances")
        return
    columns = ("substance", "CAS", "InChIKey", "spectra")
    lines = ((row["name"], row["cas"], row["inchikey"], "; ".join(row["spectra"])) for row in rows)
    held = f"{counted(len(shelf.library), 'spectrum', 'spectra')} of {counted(len(rows), 'substance')}"
    print_table(held, columns, lines, "an empty library")


@app.command("check", epilog=CHECK, help="Duplicates and spectra that may be mislabelled.")
def check(
    library: Annotated[list[Path], typer.Argument(metavar="LIB", help="A library, or files and folders.")],
    technique: TechniqueOption = "",
    as_json: JsonOption = False,
) -> None:
    """Compares every spectrum with the others of its substance, and with the most similar of all others."""
    from watchfloor.desks.lab.identify.compounds import Shelf
    from watchfloor.desks.lab.search.check import check as checked

    shelf = Shelf(_read(library, technique))
    with busy("comparing spectra"):
        found = list(checked(shelf))
    if as_json:
        print_rows((_finding(shelf, one) for one in found), "findings")
    else:
        rows = (
            (FOUND[one.kind], _told(shelf, one.first), _told(shelf, one.second), f"{one.score:.3f}")
            for one in found
        )
        held = counted(len(shelf.library), "spectrum", "spectra")
        print_table(
            f"{counted(len(found), 'finding')} in {held}",
            ("what", "spectrum", "and", "cosine"),
            rows,
            f"nothing found in {held}",
        )
    if found:
        raise typer.Exit(PARTLY)


def _read(paths: list[Path], technique: str) -> "Library":
    from watchfloor.desks.lab.identify.sources import library

    with busy("reading spectra") as say:
        made, notes = library(
            paths, technique, report=lambda step: say(f"reading spectra: {step.done} of {step.total} files")
        )
    for note in notes:
        err.print(note, markup=False, highlight=False)
    return made


def _shown(shelf: "Shelf") -> Iterator[dict[str, Any]]:
    for one in shelf.compounds:
        yield {
            "name": one.name,
            "cas": one.cas or None,
            "inchikey": one.inchikey or None,
            "spectra": [_channel(shelf, at) for at in one.places],
        }


def _channel(shelf: "Shelf", at: int) -> str:
    volts = float(shelf.library.arrays["voltage"][at])
    technique = shelf.library.text("technique", at)
    return technique if volts != volts else f"{technique} {volts:g} V"


def _told(shelf: "Shelf", at: int) -> str:
    return f"{shelf.library.text('name', at)} ({_channel(shelf, at)}; {shelf.library.text('source', at)})"


def _finding(shelf: "Shelf", one: "Finding") -> dict[str, Any]:
    def side(at: int) -> dict[str, Any]:
        text = {
            column: shelf.library.text(column, at) or None for column in ("name", "inchikey", "cas", "source")
        }
        return {**text, "spectrum": _channel(shelf, at)}

    return {
        "finding": one.kind,
        "what": FOUND[one.kind],
        "first": side(one.first),
        "second": side(one.second),
        "score": round(one.score, 4),
    }
