"""`watchfloor decide`: what a person decides about a lead's subjects and the listed entities behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchfloor.cli.acting import refusals, writing
from watchfloor.cli.common import (
    BROKEN,
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    err,
    fail,
    print_json,
    reader,
)
from watchfloor.cli.leads import asked_for, pick_or_fail
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    from watchfloor.cell.deciding import Decided
    from watchfloor.cell.leads import Lead
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer

AnywayOption = Annotated[
    bool, typer.Option("--anyway", help="Also if somebody decided about it after you last looked.")
]


def decide(
    lead_id: Annotated[str, typer.Argument(help="The lead's id, or its start.")],
    verdict: Annotated[
        Literal["different", "same", "undo"],
        typer.Argument(help="The subject is another than the listed entity; is the same; or take it back."),
    ],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    entity: Annotated[
        str | None, typer.Option("--entity", help="Only about this listed entity; else all behind the lead.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Only about this subject; else all of the lead.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", help="The day it must be looked at again; a year from now if not given."),
    ] = None,
    anyway: AnywayOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record what you decided about a lead. It holds until it expires or the list item says something else.

    Example: watchfloor decide 3f2a different --why "born 1990, the listed person 1971; passport seen"
    """
    from watchfloor.cell import deciding

    if not why.strip():
        fail("--why needs a reason: it is what the next officer reads")
    opened, found = asked_for(floor, None, None, purpose)
    chosen = pick_or_fail(found, lead_id)
    mine = reader(opened, purpose)
    with refusals("en"):
        deciding.about(opened, mine, chosen, deciding.Decision(verdict, why, entity, subject))
        with writing(opened, purpose, authority) as writer, overtaken():
            expires = moment(until, "--until") if until else None
            said = deciding.Decision(verdict, why, entity, subject, expires, anyway=anyway)
            done = deciding.decide(opened, writer, mine, chosen, said)
            if done.position is None:
                _stands_already(chosen, done, as_json)
                return
            _run_again(opened, writer, purpose, done.position)
    if as_json:
        about = [f"{one.item['list_id']}:{one.item['entity_id']}" for one in done.behind]
        subjects = [one.subject for one in done.behind]
        print_json({"position": done.position, "subjects": subjects, "verdict": done.verdict, "about": about})
        return
    named = "; ".join(f"{one.subject} {done.verdict} ({one.item['name']})" for one in done.behind)
    err.print(f"recorded at position {done.position}: {named}", highlight=False, markup=False)


def _stands_already(chosen: "Lead", done: "Decided", as_json: bool) -> None:
    """Say that a decision typed again writes nothing."""
    if as_json:
        print_json({"position": None, "verdict": done.verdict, "already": True})
    else:
        said = f"lead {chosen.lead_id}: {done.verdict!r} stands already; nothing is written"
        err.print(said, highlight=False)


def _run_again(opened: "Floor", writer: "Writer", purpose: str, position: int) -> None:
    """Run the desks on what was decided; the decision is kept also where that fails."""
    from watchfloor.cell.rerun import rerun
    from watchfloor.store.errors import StoreError

    try:
        rerun(opened, writer, reader(opened, purpose))
    except StoreError as error:
        why, *_ = str(error).partition(";")  # what to do about it is said below, and is not to decide again
        err.print(f"recorded at position {position}, and kept", highlight=False)
        fail(f"the desks could not run on it: {why}. `watchfloor run` when that is mended", code=BROKEN)


@contextmanager
def overtaken() -> Iterator[None]:
    """End the command where a colleague decided about these subjects after this officer last looked."""
    from watchfloor.cell.acting.acts import Conflict, render

    try:
        yield
    except Conflict as error:
        fail(f"{render(error.reason)} Look at it (`watchfloor lead`), or decide with --anyway")
