"""`watchfloor floor log show` and `duties`: who did what, and whether the log holds what laws ask of it."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    counted,
    fail,
    print_rows,
    print_table,
    reader,
    who,
)

if TYPE_CHECKING:
    from datetime import datetime

    from watchfloor.exchange.log.access import About
    from watchfloor.exchange.log.requirements import DutyStatus
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Act


def show(
    names: Annotated[
        list[str] | None, typer.Option("--act", help="Only acts of this name, such as query; repeatable.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Only what this person did.")] = None,
    about: Annotated[
        str | None,
        typer.Option(
            "--about",
            metavar="SUBJECT|ID",
            help="Only what names this subject, or a record or lead by its id.",
        ),
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="A day or a moment: from then on.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="A day (its end) or a moment: up to it.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="Only what went to this recipient.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many to show, the newest.")] = 100,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Who did what, when, what for, by what right and to whom; each look at the log is logged too.

    You see your own acts; the roles reviewer and counsel of the floor's policy see everybody's, and of those
    above their clearance when they were and what they are called. An analyst's acts are numbered from 1; who
    keeps the floor sees their positions in the log.

    Example: watchfloor floor log show --about person:transfers:1 --since 2026-11-01 --floor floor
    """
    from watchfloor.exchange.log import access
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    asked = access.ActFilter(
        frozenset(names or ()),
        by,
        _about(opened, about, purpose) if about else None,
        _moment(since, "--since", first=True),
        _moment(until, "--until"),
        to,
    )
    with busy("reading the log"):
        mine = access.access(opened, who(), reader(opened, purpose))
        found = list(access.history(opened, mine, asked))
    sought = {"acts": names, "by": by, "about": about, "since": since, "until": until, "to": to}
    detail = {"what": "log", **{name: value for name, value in sought.items() if value}, "found": len(found)}
    opened.act(acting(purpose, authority), "query", detail)
    if as_json:
        print_rows((_row(*one, mine.keeper) for one in found[-top:]), "acts")
        return
    if len(found) > top:
        typer.echo(f"the newest {top:,} of {counted(len(found), 'act')}; --top shows more")
    heads = ("position" if mine.keeper else "number", *HEADS)
    print_table("", heads, (_line(*one) for one in found[-top:]), "No act that you may read matches.")


def duties(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show what laws ask a log to hold, where it is in this one, and which acts that you may read lack it.

    Example: watchfloor floor log duties --floor floor
    """
    from watchfloor.exchange.log.access import keeping
    from watchfloor.exchange.log.requirements import standing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    mine = keeping(opened, who(), reader(opened, purpose))
    found = standing(act for act in opened.acts() if mine.sees(act))
    lacking = sum(len(one.lacking) for one in found)
    opened.act(acting(purpose, authority), "query", {"what": "duties", "lacking": lacking})
    if as_json:
        print_rows(map(_duty_row, found), "duties")
        return
    print_table("", DUTY_HEADS, map(_duty_line, found), "")
    typer.echo(
        f"{counted(lacking, 'gap')} in the acts that you may read: watchfloor floor log show --act NAME "
        f"shows them"
        if lacking
        else "No act that you may read lacks any of this."
    )


HEADS: Final = ("at", "act", "by", "purpose", "authority", "what", "to")
DUTY_HEADS: Final = ("law", "asks", "acts", "where in them", "count", "lacking", "erased")


def _about(opened: "Floor", text: str, purpose: str) -> "About":
    from watchfloor.cell.acts import Refusal
    from watchfloor.exchange.log import access

    try:
        with busy("finding its records and leads"):
            return access.about(opened, reader(opened, purpose), text)
    except Refusal as error:
        fail(f"--about {text!r}: {error}")


def _moment(text: str | None, option: str, *, first: bool = False) -> "datetime | None":
    """A moment; a day alone is its start for `--since` and its end for `--until`."""
    from watchfloor.cli.moments import moment

    return None if text is None else moment(text, option, first=first)


def _row(number: int, act: "Act", keeper: bool) -> dict[str, Any]:
    from watchfloor.exchange.log.access import recipient

    actor = act.actor
    return {
        "position" if keeper else "number": number,
        "at": act.at,
        "act": act.act,
        "by": actor and actor.name,
        "purpose": actor and actor.purpose,
        "authority": actor and actor.by_right,
        "to": recipient(act) or None,
        "detail": act.detail,
    }


def _line(number: int, act: "Act") -> tuple[object, ...]:
    from watchfloor.exchange.log.access import recipient, summary

    said, actor = "erased, or not for you" if act.detail is None else summary(act), act.actor
    by = (actor.name, actor.purpose, actor.by_right) if actor else (None, None, None)
    return (number, f"{act.at:%Y-%m-%d %H:%M:%S}", act.act, *by, said, recipient(act))


def _duty_row(one: "DutyStatus") -> dict[str, Any]:
    duty = one.duty
    said = {"law": duty.law, "asks": duty.asks, "acts": list(duty.where), "part": duty.part}
    return said | {"count": one.acts, "lacking": list(one.lacking), "erased": one.erased}


def _duty_line(one: "DutyStatus") -> tuple[object, ...]:
    duty = one.duty
    lacking = ", ".join(map(str, one.lacking[:5])) + (" …" if len(one.lacking) > 5 else "")
    return (
        duty.law,
        duty.asks,
        ", ".join(duty.where),
        duty.part,
        one.acts,
        lacking or "–",
        one.erased or "–",
    )
