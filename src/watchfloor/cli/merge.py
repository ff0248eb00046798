"""`watchfloor merge`, `apart` and `unmerge`: what a person decides about two leads being one matter."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import writing
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
    who,
)
from watchfloor.cli.decide import AnywayOption, refuse_unseen
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
    from watchfloor.cell.identity.merges import standing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    held = standing(opened.read("judgement", reader(opened, purpose)), datetime.now(UTC))
    leads = asked_for(floor, None, None, purpose)[1]
    mine = [
        pair
        for pair in held
        if pair.of(_subjects(leads, one)) and (other is None or pair.of(_subjects(leads, other)))
    ]
    if not mine:
        fail(
            f"no merge holds {one}{f' and {other}' if other else ''}; `watchfloor lead` lists those of a lead"
        )
    if len(mine) > 1:
        fail(f"{len(mine)} merges hold {one}; name both subjects of one: {_listed(mine)}")
    _judge(floor, mine[0].one, mine[0].other, "withdrawn", why, None, anyway, purpose, authority, as_json)


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
    from watchfloor.cell.identity.merges import judge_pair, standing
    from watchfloor.cell.judgements import Judgement

    if not why.strip():
        fail("--why needs a reason: it is what the next officer reads")
    opened, leads = asked_for(floor, None, None, purpose)
    pair = _anchor(leads, one), _anchor(leads, other)
    if pair[0] == pair[1]:
        fail(f"{one} and {other} are one lead already; name the subjects to hold them apart")
    officer = who()
    with writing(opened, purpose, authority) as writer:
        now = writer.moment()  # the log's time never falls, whatever the clock does
        expires = moment(until, "--until") if until else None
        if expires is not None and expires <= now:
            fail(f"--until {until} is past; a decision must hold for some time")
        held = {(p.one, p.other): p for p in standing(opened.read("judgement", reader(opened, purpose)), now)}
        if (known := held.get((min(pair), max(pair)))) and known.verdict == verdict:
            _stands_already(known, as_json)
            return
        refuse_unseen(opened, purpose, officer, pair, anyway)
        markings = [lead.marking for lead in leads if not set(pair).isdisjoint(lead.subjects)]
        position = judge_pair(
            writer, pair, markings or ["PB"], Judgement(verdict, why, officer, now, expires)
        )
    deconfliction.tell(opened, reader(opened, purpose), authority, pair, "merge")
    if as_json:
        print_json({"position": position, "subjects": sorted(pair), "verdict": verdict})
        return
    err.print(f"recorded at position {position}: {pair[0]} and {pair[1]}: {verdict}", highlight=False)


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
    """The subject that a lead's id or a subject's key stands for; ends the command where it is no key."""
    from watchfloor.records.subjects import SubjectError, parts, subject

    if ":" not in named:
        return pick_or_fail(leads, named).subject
    try:
        key = str(subject(*parts(named)))
    except SubjectError as error:
        fail(str(error))
    if not any(key in lead.subjects for lead in leads):
        err.print(f"no lead names {key}: what you say of it counts once a signal does", highlight=False)
    return key


def _subjects(leads: "list[Lead]", named: str) -> tuple[str, ...]:
    return (named,) if ":" in named else pick_or_fail(leads, named).subjects


def _listed(pairs: "list[Pair]") -> str:
    return "; ".join(f"{pair.one} {pair.other}" for pair in pairs)
