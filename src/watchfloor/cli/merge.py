"""`watchfloor merge`, `apart` and `unmerge`: what a person decides about two leads being one matter."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import refusals, writing
from watchfloor.cli.common import (
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
from watchfloor.cli.decide import AnywayOption, overtaken
from watchfloor.cli.leads import asked_for, pick_or_fail
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    from watchfloor.cell.identity.merges import Pair, Verdict
    from watchfloor.cell.leads import Lead

OneArgument = Annotated[
    str, typer.Argument(metavar="ONE", help="A lead's id or its start, or a subject's key.")
]
OtherArgument = Annotated[str, typer.Argument(metavar="OTHER", help="The other lead or subject.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, in your words.")]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="The day it must be looked at again; never, if not given.")
]


def merge(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption,
    floor: FloorOption = DEFAULT_FLOOR,
    until: UntilOption = None,
    anyway: AnywayOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Join two leads: their subjects are one matter. `unmerge` takes it back and both leads return exactly.

    Example: watchfloor merge 3f2a 91bc --why "the same telephone in both files"
    """
    _judge(floor, one, other, "same", why, until, anyway, purpose, authority, as_json)


def apart(
    one: OneArgument,
    other: OtherArgument,
    why: WhyOption,
    floor: FloorOption = DEFAULT_FLOOR,
    until: UntilOption = None,
    anyway: AnywayOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Hold two subjects apart, whatever any rule says: they are two matters. `unmerge` takes it back.

    Example: watchfloor apart person:parcels:P-12 person:payments:T-7 --why "father and son"
    """
    _judge(floor, one, other, "different", why, until, anyway, purpose, authority, as_json)


def unmerge(
    one: OneArgument,
    why: WhyOption,
    other: Annotated[
        str | None, typer.Argument(metavar="OTHER", help="Needed where several merges hold it.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    anyway: AnywayOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take back a merge, or what holds two subjects apart. Leads and scores are then what they were before.

    Example: watchfloor unmerge 3f2a --why "two people share that telephone"
    """
    from watchfloor.cell.identity.deciding import held_by, the_one
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    held = held_by(opened, reader(opened, purpose), datetime.now(UTC))
    leads = asked_for(floor, None, None, purpose)[1]
    named = f"{one}{f' and {other}' if other else ''}"
    with refusals("en"):
        pair = the_one(held, _subjects(leads, one), _subjects(leads, other) if other else None, named)
    _judge(floor, pair.one, pair.other, "withdrawn", why, None, anyway, purpose, authority, as_json)


def _judge(
    floor: Path,
    one: str,
    other: str,
    verdict: "Verdict",
    why: str,
    until: str | None,
    anyway: bool,
    purpose: str,
    authority: str,
    as_json: bool,
) -> None:
    from watchfloor.cell.acting import deconfliction
    from watchfloor.cell.identity import deciding

    if not why.strip():
        fail("--why needs a reason: it is what the next officer reads")
    opened, leads = asked_for(floor, None, None, purpose)
    mine, expires = reader(opened, purpose), moment(until, "--until") if until else None
    with refusals("en"):
        pair = _anchor(leads, one), _anchor(leads, other)
        said = deciding.Pairing(*pair, verdict, why, expires, anyway=anyway)
        with writing(opened, purpose, authority) as writer, overtaken():
            done = deciding.pair(opened, writer, mine, leads, said)
    if done.known:
        _stands_already(done.known, as_json)
        return
    deconfliction.tell(opened, mine, authority, pair, "merge")
    if as_json:
        print_json({"position": done.position, "subjects": sorted(pair), "verdict": verdict})
        return
    err.print(f"recorded at position {done.position}: {pair[0]} and {pair[1]}: {verdict}", highlight=False)


def _stands_already(known: "Pair", as_json: bool) -> None:
    """Say that a judgement typed again writes nothing."""
    if as_json:
        print_json(
            {
                "position": None,
                "subjects": [known.one, known.other],
                "verdict": known.verdict,
                "already": True,
            }
        )
    else:
        said = f"{known.verdict} stands already, by {known.by} on {known.at.date()} ({known.why})"
        err.print(f"{said}; nothing is written", highlight=False, markup=False)


def _anchor(leads: "list[Lead]", named: str) -> str:
    """The subject that a lead's id or a subject's key stands for. Refused where it is no key."""
    from watchfloor.cell.identity.deciding import key_of

    if ":" not in named:
        return pick_or_fail(leads, named).subject
    key = key_of(named)
    if not any(key in lead.subjects for lead in leads):
        err.print(f"no lead names {key}: what you say of it counts once a signal does", highlight=False)
    return key


def _subjects(leads: "list[Lead]", named: str) -> tuple[str, ...]:
    return (named,) if ":" in named else pick_or_fail(leads, named).subjects
