"""`share deconflict`: who asks about what you hold, what owners answered you, and tasks near yours."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli.acting import minute, refusals
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    err,
    print_json,
    print_rows,
    print_table,
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.casework.tasking.deconfliction import Hit

app = typer.Typer(
    help="Keep two agencies from working one target blind: hits, answers, and tasks near each other.",
    no_args_is_help=True,
)

NO_HITS: Final = "Nobody has asked about what you hold and others may not see."
NO_NOTICES: Final = "No owner has answered you."
NO_WARNINGS: Final = "No task that you may see is near another in place and time."


@app.command()
def hits(
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered.")] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Who asked about what you hold and he may not see: who, when, what for. He was told nothing.

    Example: watchfloor share deconflict hits --floor floor
    """
    from watchfloor.casework.tasking.deconfliction import hits as held
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = [one for one in held(opened, reader(opened, purpose)).values() if every or one.verdict is None]
    opened.act(acting(purpose, authority), "query", {"what": "deconflict hits", "found": len(found)})
    if as_json:
        print_rows(map(_row, found), "hits")
        return
    heads = ("hit", "when", "who", "what for", "under", "about", "what is held is marked", "answer")
    print_table("Hits", heads, map(_line, found), NO_HITS)


@app.command()
def answer(
    hit: Annotated[str, typer.Argument(metavar="HIT", help="The hit's id, or its start.")],
    verdict: Annotated[
        Literal["contact", "deny", "silent"],
        typer.Argument(help="contact: he is told whom to call; deny: he is told no; silent: nothing."),
    ],
    say: Annotated[str | None, typer.Option("--say", help="What he is told: whom to call, and how.")] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Answer who asked about what you hold: make contact, deny, or stay silent. The answer is logged.

    Example: watchfloor share deconflict answer 5b1c contact --say "Call the duty officer, Project Heron"
    """
    from watchfloor.casework.tasking import deconfliction
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        done, position = deconfliction.answer(
            opened, acting(purpose, authority), reader(opened, purpose), hit, verdict, say
        )
    if as_json:
        print_json(_row(done) | {"position": position})
        return
    told = {"contact": f"{done.by} is told: {done.answer}", "deny": f"{done.by} is told that it is denied"}
    err.print(
        f"hit {done.hit}: {told.get(verdict, f'{done.by} is told nothing')}", markup=False, highlight=False
    )


@app.command()
def notices(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """What owners answered to your own queries and tasks: whom to contact, or that it is denied.

    Example: watchfloor share deconflict notices --floor floor
    """
    from watchfloor.casework.tasking import deconfliction
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = deconfliction.notices(opened, who())
    opened.act(acting(purpose, authority), "query", {"what": "deconflict notices", "found": len(found)})
    rows = [
        {"asked": one.at, "about": list(one.subjects), "verdict": one.verdict, "says": one.answer}
        for one in found
    ]
    if as_json:
        print_rows(rows, "notices")
        return
    lines = ((minute(one.at), ", ".join(one.subjects), one.verdict, one.answer) for one in found)
    print_table("Notices", ("you asked", "about", "answer", "says"), lines, NO_NOTICES)


@app.command()
def near(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Tasks that you may see and that are near another in place and time; of the other, only a number.

    Example: watchfloor share deconflict near --floor floor
    """
    from watchfloor.casework.tasking.spots import warnings
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = warnings(opened, reader(opened, purpose))
    opened.act(acting(purpose, authority), "query", {"what": "deconflict near", "found": len(found)})
    if as_json:
        print_rows(({"number": one.number, "task": one.task, "at": one.at} for one in found), "near")
        return
    lines = ((one.task, minute(one.at), one.number) for one in found)
    print_table("Near another task", ("task", "warned", "number to name"), lines, NO_WARNINGS)


def _row(one: "Hit") -> dict[str, Any]:
    return {
        "hit": one.hit,
        "at": one.at,
        "by": one.by,
        "organisation": one.organisation,
        "purpose": one.purpose,
        "authority": one.authority,
        "what": one.what,
        "subjects": list(one.subjects),
        "owners": list(one.owners),
        "marking": one.marking,
        "verdict": one.verdict,
        "answer": one.answer,
        "answered_by": one.answered_by,
    }


def _line(one: "Hit") -> tuple[object, ...]:
    return (
        one.hit,
        minute(one.at),
        f"{one.by} ({one.organisation})",
        one.purpose,
        one.authority,
        ", ".join(one.subjects),
        one.marking,
        f"{one.verdict}: {one.answer}" if one.verdict else "open",
    )
