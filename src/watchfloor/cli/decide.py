"""`watchfloor decide`: what a person decides about a lead's subjects and the listed entities behind it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from watchfloor.cli.acting import writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    STORE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    err,
    fail,
    print_json,
    reader,
    who,
)
from watchfloor.cli.leads import asked_for, pick_or_fail
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    from watchfloor.cell.judgements import Behind, Verdict
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
    from watchfloor.cell.judgements import Judgement, judge, listed_behind

    if not why.strip():
        fail("--why needs a reason: it is what the next officer reads")
    opened, found = asked_for(floor, None, None, purpose)
    chosen = pick_or_fail(found, lead_id)
    behind = [
        one
        for one in listed_behind(opened, reader(opened, purpose), chosen)
        if entity in (None, one.item["entity_id"]) and subject in (None, one.subject)
    ]
    if not behind:
        which = " and ".join(filter(None, (entity, subject)))
        fail(
            f"lead {chosen.lead_id} rests on no listed entity {which}".rstrip()
            + ". What came of a lead: `watchfloor outcome`"
        )
    word: Verdict = "withdrawn" if verdict == "undo" else verdict
    officer = who()
    with writing(opened, purpose, authority) as writer:
        now = writer.moment()  # the log's time never falls, whatever the clock does
        expires = moment(until, "--until") if until else now + timedelta(days=365)
        if expires <= now:
            fail(f"--until {until} is past; a decision must hold for some time")
        refuse_unseen(opened, purpose, officer, chosen.subjects, anyway)
        behind = _undecided(opened, purpose, behind, word, now)
        if not behind:
            _nothing_to_decide(chosen, word, as_json)
            return
        position = judge(writer, chosen, behind, Judgement(word, why, officer, now, expires))
        _run_again(opened, writer, purpose, position)
    if as_json:
        about = [f"{one.item['list_id']}:{one.item['entity_id']}" for one in behind]
        subjects = [one.subject for one in behind]
        print_json({"position": position, "subjects": subjects, "verdict": word, "about": about})
        return
    named = "; ".join(f"{one.subject} {word} ({one.item['name']})" for one in behind)
    err.print(f"recorded at position {position}: {named}", highlight=False, markup=False)


def _undecided(
    opened: "Floor", purpose: str, behind: "list[Behind]", word: "Verdict", now: datetime
) -> "list[Behind]":
    """What this decision would change: what is decided, of an undoing; else what says something else."""
    from watchfloor.cell.judgements import says_the_same, standing

    held = standing(opened, reader(opened, purpose), behind, now)
    if word == "withdrawn":
        return [one for one, row in zip(behind, held, strict=True) if row is not None]
    return [one for one, row in zip(behind, held, strict=True) if not says_the_same(row, one, word)]


def _nothing_to_decide(chosen: "Lead", word: "Verdict", as_json: bool) -> None:
    """Say that a decision typed again writes nothing."""
    if word == "withdrawn":
        fail(f"nothing is decided about lead {chosen.lead_id} that could be undone")
    if as_json:
        print_json({"position": None, "verdict": word, "already": True})
    else:
        err.print(f"lead {chosen.lead_id}: {word!r} stands already; nothing is written", highlight=False)


def _run_again(opened: "Floor", writer: "Writer", purpose: str, position: int) -> None:
    """Run the desks on what was decided; the decision is kept also where that fails."""
    from watchfloor.cell.rerun import rerun
    from watchfloor.store.errors import StoreError

    try:
        rerun(opened, writer, reader(opened, purpose))
    except StoreError as error:
        why, *_ = str(error).partition(";")  # what to do about it is said below, and is not to decide again
        err.print(f"recorded at position {position}, and kept", highlight=False)
        fail(f"the desks could not run on it: {why}. `watchfloor run` when that is mended", code=STORE)


def refuse_unseen(
    opened: "Floor", purpose: str, officer: str, subjects: "Iterable[str]", anyway: bool
) -> None:
    """End the command where a colleague decided about these subjects after this officer last looked."""
    from watchfloor.cell.conflicts import last_look, since

    seen = last_look(opened, officer)
    others = since(opened, reader(opened, purpose), officer, subjects, seen) if not anyway else []
    if others:
        last = others[-1]
        fail(
            f"{last['decided_by']} decided {last['verdict']!r} about it at "
            f"{last['observed_at']:%Y-%m-%d %H:%M} UTC ({last['why']}), which you have not seen. "
            "Look at it (`watchfloor lead`), or decide with --anyway"
        )
