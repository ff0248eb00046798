"""`watchfloor surveillance cue`: which sensor to send where now, and sending it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import AsOfOption, refusals
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    REFUSED,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    refuse,
)
from watchfloor.cli.moments import moment

if TYPE_CHECKING:
    from watchfloor.actions.base import Context
    from watchfloor.core.messages import Language
    from watchfloor.planning.cueing import Advice
    from watchfloor.planning.sensor_tasking import Cue

COLUMNS: Final = ("number", "asset", "unit", "track", "bits", "looks", "why")


def cue(
    send: Annotated[
        str | None,
        typer.Option(
            "--send", metavar="N|ASSET", help="Give this one as a task: its number, or its asset's name."
        ),
    ] = None,
    track: Annotated[
        str | None,
        typer.Option(help="Send it only if it is still for this track; numbers change from look to look."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Where the messages of a task that is sent are written; else live/outbox of the floor.",
        ),
    ] = None,
    leg: Annotated[
        list[str] | None,
        typer.Option("--leg", metavar="KEY=VALUE,…", help="As `cases task issue --leg`. Repeatable."),
    ] = None,
    joins: Annotated[
        list[str] | None, typer.Option("--joins", metavar="UNIT", help="A unit that supports it. Repeatable.")
    ] = None,
    at: AsOfOption = None,
    when: Annotated[
        str | None,
        typer.Option(
            "--at", help="As if it were this moment, with all that is known by now; for rehearsals."
        ),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say which camera, drone, aircraft or boat should look where now, so that the most is learned in time.

    A life at risk is served first. What is free, where it is and how well it sees is in assets.toml of the
    floor; --send gives the asset's unit a task under --authority, which its mandate must name, and writes it
    as a SAPIENT message, where the asset has a node, and as a Cursor on Target event. Each look is logged.

    Example: watchfloor surveillance cue --send tower-7-camera --authority "RCMP Act s. 18"
    """
    from watchfloor.actions.base import note
    from watchfloor.cli.face import Terminal
    from watchfloor.planning.cueing import UNSERVED, advise

    if send is not None and (at or when):
        fail("--as-of and --at look at another moment, and a task is given now: leave them out with --send")
    context = Terminal(floor, purpose, authority, lang, at)
    position = context.as_of
    if isinstance(position, datetime):
        position = context.floor.position_at(position)
    now = (moment(when, "--at") if when else context.now).astimezone(UTC)
    advice = advise(context.floor, context.reader, now, position)
    shown = [one.track for one in advice.cues]
    context.log_query("cues", as_of=at, at=when, cues=len(shown), shown=shown)
    if advice.unserved:
        note(context, UNSERVED, names=", ".join(advice.unserved))
    if send is not None:
        _send(context, advice, _picked(advice, send, track, lang), now, out, leg or (), joins or (), as_json)
    elif as_json:
        _print_json(advice, now, lang)
    else:
        _print(advice, now, lang)


def _picked(advice: "Advice", send: str, track: str | None, lang: "Language") -> "Cue":
    """The cue that is to be sent; ends the command where there is none such any more."""
    if advice.why_none is not None:
        refuse(advice.why_none.render(lang), advice.why_none.message)
    found = {one.asset: one for one in advice.cues}
    found |= {str(number): one for number, one in enumerate(advice.cues, 1) if str(number) not in found}
    if send not in found:
        fail(
            f"there is no cue {send!r} now; there are {len(advice.cues)}: "
            + ", ".join(f"{number} ({one.asset})" for number, one in enumerate(advice.cues, 1)),
            MISSING,
        )
    one = found[send]
    if track is not None and one.track != track:
        fail(
            f"{one.asset} would now look at {one.track}, not at {track}; look again, or leave --track out",
            REFUSED,
        )
    return one


def _send(
    context: "Context",
    advice: "Advice",
    one: "Cue",
    now: datetime,
    out: Path | None,
    legs: Sequence[str],
    joins: Sequence[str],
    as_json: bool,
) -> None:
    """Give the asset's unit a task, and write it as messages."""
    from watchfloor.actions import tasks
    from watchfloor.actions.base import note
    from watchfloor.cli.face import builtins
    from watchfloor.planning import sending

    asset, floor, lang = advice.fleet[one.asset], context.floor, context.language
    about = advice.classes[one.track], advice.markings[one.track], context.actor.authority
    with refusals(lang):
        asked = sending.asked(one, asset, *about, now, lang, tasks.legs_of(legs), tuple(joins))
        done = tasks.give(context, asked)
    files = sending.write(out or floor.root / sending.OUTBOX, floor.settings.id, done.item, one, asset)
    answer = tasks.warn(context, done)
    if as_json:
        print_json(builtins(answer) | {"files": [str(file) for file in files]})
        return
    err.print(f"{done.item.order.instruction}\n", highlight=False, markup=False)
    note(context, sending.SENT, task=done.item.id, unit=asset.unit, position=str(done.position))
    for file in files:
        err.print(f"-> {file}", highlight=False, markup=False)


def _print(advice: "Advice", now: datetime, lang: "Language") -> None:
    from watchfloor.core.messages import reason
    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.planning.cue_sentences import clock
    from watchfloor.planning.cueing import STRANGERS

    lines = []
    for number, one in enumerate(advice.cues, 1):
        row = _row(advice, number, one, now, lang)
        cells = (row[name] for name in ("asset", "unit", "track"))
        lines.append((number, *cells, f"{one.bits:.2f}", clock(one.at), row["why"]))
    why = advice.why_none.render(lang) if advice.why_none else ""
    heads = [Catalogue().say(f"planning.cue_{column}", lang) for column in COLUMNS]
    print_table(f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}", heads, lines, why)
    if advice.strangers:
        sentence = reason(STRANGERS, names=", ".join(advice.strangers)).render(lang)
        err.print(sentence, highlight=False, markup=False)


def _print_json(advice: "Advice", now: datetime, lang: "Language") -> None:
    if advice.why_none is not None:
        why = {"why": advice.why_none.render(lang), "unserved": list(advice.unserved)}
        print_json({"cues": 0, **why, "strangers": list(advice.strangers)})
        return
    print_rows([_row(advice, number, one, now, lang) for number, one in enumerate(advice.cues, 1)], "cues")


def _row(advice: "Advice", number: int, one: "Cue", now: datetime, lang: "Language") -> dict[str, Any]:
    from watchfloor.planning.cue_sentences import sentences

    asset, klass = advice.fleet[one.asset], advice.classes[one.track]
    return {
        "number": number,
        "asset": one.asset,
        "kind": asset.kind,
        "unit": asset.unit,
        "track": one.track,
        "class": klass,
        "life_at_risk": one.life,
        "bits": one.bits,
        "of_existence": one.of_existence,
        "of_crossing": one.of_crossing,
        "exists": one.exists,
        "crosses": one.crosses,
        "at": one.at,
        "deadline": one.deadline,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "stand": list(one.stand),
        "why": " ".join(sentences(one, asset, klass, now, lang)),
        "marking": advice.markings[one.track],
    }
