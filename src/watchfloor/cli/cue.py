"""`watchfloor cue`: which sensor to send where now, and sending it."""

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
    acting,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
    refuse,
)
from watchfloor.cli.moments import as_of, moment

if TYPE_CHECKING:
    from watchfloor.planning.cueing import Advice
    from watchfloor.planning.sensor_tasking import Cue
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

HEADS: Final = {
    "en": ("", "asset", "unit", "track", "bits", "looks", "why"),
    "fr": ("", "moyen", "unité", "piste", "bits", "regarde", "pourquoi"),
}
STRANGERS: Final = {
    "en": "left out, since units.toml names no such unit: {names}",
    "fr": "laissés de côté, car units.toml ne nomme pas leur unité : {names}",
}
UNSERVED: Final = {
    "en": "LIFE AT RISK, and nothing that is free can look there in time: {names}. Call the rescue centre "
    "now.",
    "fr": "VIE EN DANGER, et rien de libre ne peut y regarder à temps : {names}. Appelez aussitôt le centre "
    "de sauvetage.",
}


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
        typer.Option("--leg", metavar="KEY=VALUE,…", help="As `task issue --leg`. Repeatable."),
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

    Examples: watchfloor cue --floor floor; watchfloor cue --send tower-7-camera --authority "RCMP Act s. 18"
    """
    from watchfloor.actions.tasks import legs_of
    from watchfloor.planning.cueing import advise
    from watchfloor.store.floor import Floor

    if send is not None and (at or when):
        fail("--as-of and --at look at another moment, and a task is given now: leave them out with --send")
    opened = Floor.open(floor)
    now, position = _moment(opened, at, when)
    advice = advise(opened, reader(opened, purpose), now, position)
    shown = [one.track for one in advice.cues]
    detail = {"what": "cues", "as_of": at, "at": when, "cues": len(shown), "shown": shown}
    opened.act(acting(purpose, authority), "query", detail)
    if advice.unserved:
        err.print(UNSERVED[lang].format(names=", ".join(advice.unserved)), highlight=False, markup=False)
    if send is not None:
        with refusals(lang):
            legs = legs_of(leg or ())
        one = _picked(advice, send, track, lang)
        _send(opened, advice, one, now, out, legs, tuple(joins or ()), lang, purpose, authority, as_json)
    elif as_json:
        _print_json(advice, now, lang)
    else:
        _print(advice, now, lang)


def _moment(opened: "Floor", at: str | None, when: str | None) -> tuple[datetime, int | None]:
    """When it is looked, and at which position of the log; None for the present."""
    position = as_of(at)
    if isinstance(position, datetime):
        return (moment(when, "--at") if when else position), opened.position_at(position)
    if position is not None:
        return (moment(when, "--at") if when else opened.moment_of(position)), position
    return (moment(when, "--at") if when else datetime.now(UTC)), None


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
    opened: "Floor",
    advice: "Advice",
    one: "Cue",
    now: datetime,
    out: Path | None,
    legs: Any,
    joins: tuple[str, ...],
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> None:
    from watchfloor.actions import tasks
    from watchfloor.cli.face import Terminal, builtins
    from watchfloor.planning import sending

    asset = advice.fleet[one.asset]
    klass, marking = advice.classes[one.track], advice.markings[one.track]
    asked = sending.asked(one, asset, klass, marking, authority, now, lang, legs, joins)
    context = Terminal(opened.root, purpose, authority, lang)
    with refusals(lang):
        done = tasks.give(context, asked)
    folder = out or opened.root / sending.OUTBOX
    files = sending.write(folder, opened.settings.id, done.task, one, asset)
    answer = tasks.warn(context, done)
    if as_json:
        print_json(builtins(answer) | {"files": [str(file) for file in files]})
        return
    err.print(f"{done.task.order.instruction}\n", highlight=False, markup=False)
    task = {"en": "task {} for {}, position {}", "fr": "tâche {} pour {}, position {}"}[lang]
    err.print(task.format(done.task.task, asset.unit, done.position), highlight=False, markup=False)
    for file in files:
        err.print(f"-> {file}", highlight=False, markup=False)


def _print(advice: "Advice", now: datetime, lang: "Language") -> None:
    from watchfloor.planning.words import clock, sentences

    lines = [
        (
            number,
            one.asset,
            advice.fleet[one.asset].unit,
            one.track,
            f"{one.bits:.2f}",
            clock(one.at),
            " ".join(sentences(one, advice.fleet[one.asset], advice.classes[one.track], now, lang)),
        )
        for number, one in enumerate(advice.cues, 1)
    ]
    why = advice.why_none.render(lang) if advice.why_none else ""
    print_table(f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}", HEADS[lang], lines, why)
    if advice.strangers:
        note = STRANGERS[lang].format(names=", ".join(advice.strangers))
        err.print(note, highlight=False, markup=False)


def _print_json(advice: "Advice", now: datetime, lang: "Language") -> None:
    if advice.why_none is not None:
        why = {"why": advice.why_none.render(lang), "unserved": list(advice.unserved)}
        print_json({"cues": 0, **why, "strangers": list(advice.strangers)})
        return
    print_rows([_row(advice, number, one, now, lang) for number, one in enumerate(advice.cues, 1)], "cues")


def _row(advice: "Advice", number: int, one: "Cue", now: datetime, lang: "Language") -> dict[str, Any]:
    from watchfloor.planning.words import sentences

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
