"""What the commands of `watchfloor custody` share: options, how an act is done and told."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import minute, refusals, writing
from watchfloor.cli.common import (
    REFUSED,
    acting,
    err,
    fail,
    print_json,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.cell.custody.exhibits import Exhibit, World
    from watchfloor.cell.custody.keeping import Desk, Done, When
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

ExhibitArgument = Annotated[
    str, typer.Argument(metavar="EXHIBIT", help="The exhibit's number, its id, or the start of its id.")
]
ExhibitsArgument = Annotated[
    list[str], typer.Argument(metavar="EXHIBIT…", help="Numbers or ids of exhibits, or starts of ids.")
]
EditionOption = Annotated[
    int | None,
    typer.Option("--edition", min=1, help="The edition you looked at, as `custody show` has it."),
]
AtOption = Annotated[
    str | None,
    typer.Option(
        "--at", help="When it was done, if not now: 2026-11-24T22:30-05:00; the day is that of the zone."
    ),
]
MassOption = Annotated[float | None, typer.Option("--mass", help="Net mass as weighed now, in grams.")]
ErrorOption = Annotated[
    float | None, typer.Option("--mass-error", help="Its standard uncertainty, in grams.")
]
SealOption = Annotated[str | None, typer.Option("--seal", help="Number of the new seal.")]
PlaceOption = Annotated[str | None, typer.Option("--place", help="Where.")]
AgencyOption = Annotated[
    str | None, typer.Option("--agency", help="Police force, agency or entity that you belong to.")
]
FileOption = Annotated[str | None, typer.Option("--file", help="Number of the file or police report.")]
DocumentOption = Annotated[
    str | None,
    typer.Option("--document", help="Number of the warrant, order, consent, certificate or report."),
]
PdfOption = Annotated[Path, typer.Option("-o", "--output", help="A new PDF file.")]

HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("exhibit", "number", "what", "state", "held by", "seal", "left", "edition", "last act"),
    "fr": ("pièce", "numéro", "quoi", "état", "détenue par", "scellé", "reste", "édition", "dernier acte"),
}


def when(text: str | None) -> "When":
    """The moment and the calendar day of an act from what was typed."""
    from datetime import datetime

    from watchfloor.cell.custody.keeping import NOW, When

    if text is None:
        return NOW
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--at {text}: write a moment with its zone, such as 2026-11-24T22:30-05:00")
    if at.tzinfo is None:
        try:
            at = at.astimezone()
        except (OverflowError, ValueError, OSError):
            fail(f"--at {text}: look at the year")
    return When(at, at.date())


def grams(mass: float | None, error: float | None) -> dict[str, Any]:
    """A mass as an act has it; ends the command where it comes without its uncertainty."""
    if (mass is None) != (error is None):
        fail("a mass needs its standard uncertainty, and the other way round: --mass and --mass-error")
    return {"mass": mass, "mass_error": error}


def do(
    floor: Path,
    purpose: str,
    authority: str,
    lang: "Language",
    make: "Callable[[Desk], Done]",
    as_json: bool,
) -> None:
    """Do something with an exhibit and tell it; a refusal ends the command and leaves no trace."""
    from watchfloor.cell.custody.keeping import Desk
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        done = make(Desk(opened, mine, writer))
    told(done, lang, as_json)


def simple(
    floor: Path,
    purpose: str,
    authority: str,
    lang: "Language",
    as_json: bool,
    exhibit: str,
    what: str,
    given: Mapping[str, object],
    edition: int | None = None,
    at: str | None = None,
) -> None:
    """An act that needs nothing but its columns."""
    from watchfloor.cell.custody import keeping

    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.act(desk, exhibit, what, given, edition, when(at)),
        as_json,
    )


def told(done: "Done", lang: "Language", as_json: bool) -> None:
    """Say what an act left."""
    from watchfloor.cell.acting.acts import words

    one = done.exhibit
    if as_json:
        children = [plain(each) for each in done.children]
        print_json(plain(one) | {"position": done.position, "children": children})
        return
    last = one.last
    typer.echo(
        f"{one.id} ({one.number}): {words(last['act'], lang)}, {line(one, lang)[3]}; "
        f"{'edition' if lang == 'en' else 'édition'} {one.edition}, position {done.position}"
    )
    for each in done.children:
        typer.echo(f"  {each.id} ({each.number}): {line(each, lang)[6]}")
    for doubt in last["doubts"]:
        err.print(DOUBTS[doubt][lang], highlight=False, markup=False)


DOUBTS: Final[Mapping[str, Mapping[str, str]]] = {
    "heavier": {
        "en": "FLAGGED: it weighs more than it did, beyond twice the combined standard uncertainty.",
        "fr": "SIGNALÉ : elle pèse plus qu’avant, au-delà de deux fois l’incertitude-type composée.",
    },
    "lighter": {
        "en": "FLAGGED: it weighs less than it did, beyond twice the combined standard uncertainty.",
        "fr": "SIGNALÉ : elle pèse moins qu’avant, au-delà de deux fois l’incertitude-type composée.",
    },
    "late-application": {
        "en": "FLAGGED: the application came after the 60 days of s. 24(1); a justice decides.",
        "fr": "SIGNALÉ : la demande est venue après les 60 jours du par. 24(1); un juge de paix décide.",
    },
    "entered-for-receiver": {
        "en": "FLAGGED: you entered the signature of the person who receives it; have them confirm that they "
        "signed.",
        "fr": "SIGNALÉ : vous avez inscrit la signature de la personne qui la reçoit; faites-lui confirmer "
        "qu’elle a signé.",
    },
    "unsealed": {"en": "FLAGGED: it is under no seal.", "fr": "SIGNALÉ : elle n’est sous aucun scellé."},
}
"""What is odd about an act, in words."""


def one_of(opened: "Floor", start: str, purpose: str, lang: "Language") -> "tuple[World, Exhibit]":
    """Every exhibit, and the one that was asked for; ends the command where there is none."""
    found, (one,) = several(opened, [start], purpose, lang)
    return found, one


def several(
    opened: "Floor", starts: Iterable[str], purpose: str, lang: "Language", as_of: Any = None
) -> "tuple[World, list[Exhibit]]":
    """The same of several."""
    from watchfloor.cell.custody.keeping import pick_one, world

    found = world(opened, reader(opened, purpose), as_of)
    with refusals(lang):
        return found, [pick_one(found, start) for start in starts]


def looked(opened: "Floor", purpose: str, authority: str, what: str, shown: "Iterable[Exhibit]") -> None:
    """Log that somebody looked, and at what."""
    detail = {"what": what, "shown": [one.id for one in shown]}
    opened.act(acting(purpose, authority), "query", detail)


def line(one: "Exhibit", lang: "Language") -> tuple[str, ...]:
    """An exhibit as a row of a table."""
    from watchfloor.cell.acting.acts import words
    from watchfloor.cell.custody.masses import written

    state = words(one.state, lang)
    if one.offer is not None:
        state += f", {words('offered', lang)}: {one.offer['to']}"
    last = f"{words(one.last['act'], lang)} {minute(one.at)}"
    left = written(one.mass, lang) if one.state == "held" else ""
    return (
        *(one.id, one.number, one.called, state, one.holder, one.seal or ""),
        *(left, str(one.edition), last),
    )


def plain(one: "Exhibit") -> dict[str, Any]:
    """An exhibit as JSON."""
    mass = None if one.mass is None else {"grams": one.mass.grams, "standard_uncertainty": one.mass.error}
    first = {
        name: one.first[name] for name in ("subject", "substance", "name", "sort", "parent", "law", "place")
    }
    return {
        "exhibit": one.id,
        "number": one.number,
        **first,
        "seized": one.day,
        "state": one.state,
        "holder": one.holder,
        "offered_to": one.offer["to"] if one.offer else None,
        "seal": one.seal,
        "mass": mass,
        "weighed": one.weighed,
        "flags": list(one.flags),
        "doubts": sorted({doubt for row in one.history for doubt in row["doubts"]}),
        "split_into": list(one.children),
        "edition": one.edition,
        "last_act": one.last["act"],
        "at": one.at,
        "marking": one.marking,
    }


def write_pdf(path: Path, made: bytes) -> None:
    """Write a PDF to a file that is not there yet."""
    try:
        with path.open("xb") as file:
            file.write(made)
    except FileExistsError:
        fail(f"{path} is there already; name a new file", REFUSED)
    err.print(f"wrote {path}", highlight=False, markup=False)
