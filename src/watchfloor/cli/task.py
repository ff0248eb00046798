"""`watchfloor task`: what units are asked to do about leads, and what they answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli.acting import (
    AsOfOption,
    FlagOption,
    MarkingOption,
    WhyOption,
    clock,
    lead_of,
    minute,
    refusals,
    writing,
)
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
    refuse_no_floor,
)
from watchfloor.cli.moments import as_of, moment

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Row
    from watchfloor.cell.acting.legs import Leg
    from watchfloor.cell.acting.ordering import Asked, Given
    from watchfloor.cell.acting.tasks import Task
    from watchfloor.cell.acting.units import Units
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Give units tasks, lookouts and targets, and follow what becomes of them.", no_args_is_help=True
)

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="The task's id, or its start.")]
EditionOption = Annotated[
    int | None,
    typer.Option(
        "--edition", min=1, help="The edition you looked at, as `task show` gives it; else the present one."
    ),
]
DeadlineOption = Annotated[
    str | None, typer.Option("--deadline", help="By when: a day (its end) or 2026-11-24T03:00Z.")
]

LegOption = Annotated[
    list[str] | None,
    typer.Option(
        "--leg",
        metavar="KEY=VALUE,…",
        help="A part in one country, of a task across the line: host=USA,medium=water,place=45.01,-74.72,"
        "vessel=NAME,officer=NAME,director=USA:NAME,custody=USA, over land authority=LAW. Repeatable.",
    ),
]
JoinsOption = Annotated[
    list[str] | None, typer.Option("--joins", metavar="UNIT", help="A unit that supports it. Repeatable.")
]

HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("task", "form", "state", "edition", "unit", "what is asked", "deadline", "flags", "last act"),
    "fr": (
        "tâche",
        "forme",
        "état",
        "édition",
        "unité",
        "demande",
        "échéance",
        "indicateurs",
        "dernier acte",
    ),
}
NONE: Final = {
    "en": "No open task that you may see; --all shows those that are closed.",
    "fr": "Aucune tâche ouverte que vous puissiez voir; --all montre celles qui sont closes.",
}


NEAR: Final = {
    "en": "WARNING: another task is near in place and time. Before anybody goes, call who keeps "
    "deconfliction and name {number}; the other commander is warned too.",
    "fr": "AVERTISSEMENT : une autre tâche est proche dans l’espace et le temps. Avant que quiconque "
    "parte, appelez qui tient la coordination et nommez {number}; l’autre commandant est averti aussi.",
}


@app.command()
def issue(
    unit: Annotated[str, typer.Option("--unit", help="Who is asked; `watchfloor task units` lists them.")],
    instruction: Annotated[str, typer.Option("--instruction", help="What is asked, in your words.")],
    lead: Annotated[str | None, typer.Argument(help="The lead's id, or its start.")] = None,
    form: Annotated[
        Literal["task", "lookout", "target"], typer.Option("--form", help="What it is to be.")
    ] = "task",
    subject: Annotated[
        list[str] | None, typer.Option("--subject", help="A typed key, where there is no lead.")
    ] = None,
    deadline: DeadlineOption = None,
    place: Annotated[
        str | None, typer.Option("--place", help="Where: latitude,longitude[,metres around it].")
    ] = None,
    starts: Annotated[str | None, typer.Option("--starts", help="From when, as --deadline.")] = None,
    leg: LegOption = None,
    joins: JoinsOption = None,
    asset: Annotated[
        str | None, typer.Option("--asset", help="What is to be sent or pointed, as assets.toml names it.")
    ] = None,
    flag: FlagOption = None,
    marking: MarkingOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Give a unit a task, under an authority that its mandate names. Flags of earlier tasks are inherited.

    With a place, both commanders are warned where another task is near in place and time, whoever may see it.
    A task across the line says of each country who directs there and whose law holds (--leg).

    Example: watchfloor task issue 3f2a --unit border-operations --authority "Customs Act s. 99"
    --instruction "Examine the parcel, double gloves" --deadline 2026-11-25 --flag fentanyl-hazard
    """
    from watchfloor.cell.acting.ordering import Asked
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    asked = Asked(
        form,
        unit,
        instruction,
        authority,
        lead_of(opened, lead, purpose) if lead is not None else None,
        tuple(subject or ()),
        marking,
        moment(deadline, "--deadline") if deadline else None,
        moment(starts, "--starts") if starts else None,
        place,
        tuple(flag or ()),
        legs=legs_of(leg or (), lang),
        joins=tuple(joins or ()),
        asset=asset,
    )
    done, numbers = given(opened, asked, purpose, lang)
    _sent(opened, done.task)
    _say(done.task, done.position, done.at, lang, as_json, numbers)
    if not as_json:
        warned(opened, done, numbers, lang)


def _sent(opened: "Floor", task: "Task") -> None:
    """Hand the task to the live floor, where its asset takes tasks over SAPIENT and it says a place."""
    from watchfloor.planning.sending import hand_over

    if (file := hand_over(opened, task)) is not None:
        err.print(f"-> {file}", highlight=False, markup=False)


def legs_of(texts: Sequence[str], lang: "Language") -> "tuple[Leg, ...]":
    """Legs as they are typed; ends the command where one cannot be read."""
    from watchfloor.cell.acting import legs

    with refusals(lang):
        return tuple(map(legs.leg, texts))


def given(opened: "Floor", asked: "Asked", purpose: str, lang: "Language") -> "tuple[Given, list[str]]":
    """Give a unit a task; ends the command where that is refused. With the numbers of warnings."""
    from watchfloor.cell.acting.ordering import give, warn
    from watchfloor.cell.acting.units import load

    units, mine = load(opened.root), reader(opened, purpose)
    with refusals(lang):
        with writing(opened, purpose, asked.authority) as writer:
            done = give(opened, writer, mine, units, asked, lang)
        return done, warn(opened, mine, asked.authority, done.task)


def warned(opened: "Floor", done: "Given", numbers: Sequence[str], lang: "Language") -> None:
    """Say what else is near, and that the unit is closed, where it is."""
    from watchfloor.cell.acting.ordering import closed_until
    from watchfloor.cell.acting.units import load

    for number in numbers:
        err.print(NEAR[lang].format(number=number), highlight=False, markup=False)
    unit = load(opened.root).unit(done.task.order.unit)
    if opening := closed_until(unit, done.at):
        err.print(_closed(unit.called(lang), opening, lang), highlight=False, markup=False)


@app.command()
def amend(
    task: TaskArgument,
    edition: EditionOption = None,
    instruction: Annotated[str | None, typer.Option("--instruction", help="What is asked now.")] = None,
    deadline: DeadlineOption = None,
    new_authority: Annotated[
        str | None, typer.Option("--task-authority", help="The statute and section it rests on now.")
    ] = None,
    flag: FlagOption = None,
    leg: LegOption = None,
    joins: JoinsOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Change what is asked; the unit must accept it again. A refused or expired task is opened again so.

    Legs and units in support, where any is given, take the place of those before.

    Example: watchfloor task amend 5b1c --edition 2 --deadline 2026-11-26 --why "the vessel is late"
    """
    from watchfloor.cell.acting import assets, tasks
    from watchfloor.cell.acting.units import load
    from watchfloor.store.floor import Floor

    by_when = moment(deadline, "--deadline") if deadline else None
    parts = legs_of(leg, lang) if leg else None
    change = tasks.Change(
        instruction, by_when, new_authority, tuple(flag or ()), parts, tuple(joins) if joins else None
    )
    units = load(floor)
    fleet = assets.visible(floor, reader(Floor.open(floor), purpose))

    def make(one: "Task", on: int, by: str, now: datetime) -> "Row":
        return tasks.amend(units, one, on, change, by, now, why, lang, fleet)

    _act(floor, task, edition, make, lang, purpose, authority, as_json)


@app.command()
def accept(
    task: TaskArgument,
    edition: EditionOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a task on for the unit.

    Example: watchfloor task accept 5b1c --edition 1
    """
    from watchfloor.cell.acting import tasks

    _act(floor, task, edition, _with(tasks.accept, why), lang, purpose, authority, as_json)


@app.command()
def refuse(
    task: TaskArgument,
    edition: EditionOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Refuse a task for the unit, with the reason.

    Example: watchfloor task refuse 5b1c --edition 1 --why "no vessel can be there before 06:00"
    """
    from watchfloor.cell.acting import tasks

    _act(floor, task, edition, _with(tasks.decline, why), lang, purpose, authority, as_json)


@app.command()
def done(
    task: TaskArgument,
    edition: EditionOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say that a task is done. What came of the lead is an outcome, and recorded as one.

    Example: watchfloor task done 5b1c --edition 2
    """
    from watchfloor.cell.acting import tasks

    _act(floor, task, edition, _with(tasks.finish, why), lang, purpose, authority, as_json)


@app.command()
def hit(
    task: TaskArgument,
    edition: EditionOption = None,
    why: WhyOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say that a lookout or a target was met, and what happened. It stays open until it is done.

    Example: watchfloor task hit 5b1c --edition 2 --why "at the line in Lacolle, 03:12, referred inside"
    """
    from watchfloor.cell.acting import tasks

    _act(floor, task, edition, _with(tasks.hit, why), lang, purpose, authority, as_json)


@app.command("list")
def list_(
    unit: Annotated[str | None, typer.Option("--unit", help="Only of this unit.")] = None,
    lead: Annotated[
        str | None, typer.Option("--lead", help="Only on this lead; the start of its id.")
    ] = None,
    state: Annotated[
        Literal["issued", "amended", "accepted", "refused", "done", "hit", "expired"] | None,
        typer.Option("--state", help="Only in this state."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what is done or refused.")] = False,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List tasks that still ask something: life at risk first, then by deadline.

    Example: watchfloor task list --unit border-operations --as-of 120
    """
    from watchfloor.cell.acting.tasks import urgent

    opened, found, now = _asked_for(floor, at, purpose)
    chosen = [
        one
        for one in sorted(found.values(), key=urgent)
        if unit in (None, one.order.unit)
        and (lead is None or (one.order.lead or "").startswith(lead))
        and (one.standing(now) == state if state else all_ or one.standing(now) not in ("done", "refused"))
    ]
    detail = {"what": "tasks", "as_of": at, "tasks": len(chosen), "shown": [one.task for one in chosen]}
    opened.act(acting(purpose, authority), "query", detail)
    if as_json:
        print_rows((told(one, now) for one in chosen), "tasks")
        return
    lines = (_line(one, now, lang)[:-1] for one in chosen)
    print_table("", HEADS[lang][:-1], lines, NONE[lang])


@app.command()
def show(
    task: TaskArgument,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a task and every act on it, each with its record.

    Example: watchfloor task show 5b1c --as-of 120
    """
    from watchfloor.cell.acting.acts import pick, words

    opened, found, now = _asked_for(floor, at, purpose)
    with refusals(lang):
        one = pick(found, task, "task", "task list --all")
    opened.act(acting(purpose, authority), "query", {"what": "task", "task": one.task, "as_of": at})
    if as_json:
        print_json(told(one, now) | {"history": [_act_row(row) for row in one.history]})
        return
    pairs = zip(HEADS[lang], _line(one, now, lang), strict=True)
    print_table("", ("", one.order.marking), [*pairs, *_more(one, lang)], "")
    heads = {
        "en": ("edition", "at", "who", "what", "why", "record"),
        "fr": ("édition", "quand", "qui", "quoi", "pourquoi", "enregistrement"),
    }
    rows = (
        (
            row["edition"],
            minute(row["observed_at"]),
            row["by"],
            words(row["state"], lang),
            row["why"],
            row["record_id"].hex(),
        )
        for row in one.history
    )
    print_table("", heads[lang], rows, "")


@app.command()
def units(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """List the units: what they may be given, under which authorities, and whether they are open.

    Example: watchfloor task units --lang fr
    """
    from watchfloor.cell.acting.units import load

    refuse_no_floor(floor)
    table = load(floor)
    now = datetime.now(UTC)
    rows = [_unit_row(table, key, now, lang) for key in table.units]
    if as_json:
        print_rows(rows, "units")
        return
    heads = {
        "en": ("unit", "name", "may be given", "assets", "opens"),
        "fr": ("unité", "nom", "peut recevoir", "moyens", "ouvre"),
    }
    lines = (
        (row["unit"], row["name"], _powers(row, lang), ", ".join(row["assets"]), minute(row["opens"]))
        for row in rows
    )
    print_table(f"units.toml: {table.status}", heads[lang], lines, "units.toml names no unit.")


def _unit_row(table: "Units", key: str, now: datetime, lang: "Language") -> dict[str, Any]:
    """A unit as JSON; `opens` is null where it is open now."""
    from watchfloor.cell.acting.units import FORMS, authorities, opens

    unit = table.units[key]
    starts = opens(unit, now)
    return {
        "unit": key,
        "name": unit.called(lang),
        "authorities": {form: authorities(table, unit, form, lang) for form in FORMS},
        "opens": starts if starts > now else None,
        "assets": list(unit.assets),
        "clearance": unit.clearance,
        "country": unit.country,
        "status": table.status,
    }


def _powers(row: Mapping[str, Any], lang: "Language") -> str:
    from watchfloor.cell.acting.acts import words

    return "\n".join(
        f"{words(form, lang)}: {'; '.join(has)}" for form, has in row["authorities"].items() if has
    )


def _with(
    act: "Callable[[Task, int, str, datetime, str | None], Row]", why: str | None
) -> "Callable[[Task, int, str, datetime], Row]":
    return lambda one, on, by, now: act(one, on, by, now, why)


def _act(
    floor: Path,
    task: str,
    edition: int | None,
    make: "Callable[[Task, int, str, datetime], Row]",
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
) -> None:
    """Act on the edition that the officer looked at, and say how the task stands then."""
    from watchfloor.cell.acting.ordering import act
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        done = act(opened, writer, reader(opened, purpose), task, edition, make)
    _say(done.task, done.position, done.at, lang, as_json)


def _asked_for(floor: Path, at: str | None, purpose: str) -> "tuple[Floor, dict[str, Task], datetime]":
    """The floor, its tasks as this reader may see them, and the moment they are looked at."""
    from watchfloor.cell.acting.acts import read
    from watchfloor.cell.acting.tasks import tasks
    from watchfloor.records.kinds import TASK
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    position = as_of(at)
    return opened, tasks(read(opened, reader(opened, purpose), TASK, position)), clock(opened, position)


def _say(
    one: "Task",
    position: int,
    now: datetime,
    lang: "Language",
    as_json: bool,
    near: Sequence[str] = (),
) -> None:
    from watchfloor.cell.acting.acts import words

    if as_json:
        print_json(told(one, now) | {"position": position, "near": list(near)})
        return
    flags = f" [{words(', '.join(one.order.flags), lang)}]" if one.order.flags else ""
    text = {
        "en": f"{one.order.form} {one.task} is {one.state}: edition {one.edition}, "
        f"position {position}{flags}",
        "fr": f"{words(one.order.form, lang)} {one.task} : {words(one.state, lang)}, édition {one.edition}, "
        f"position {position}{flags}",
    }[lang]
    err.print(text, highlight=False, markup=False)


def _closed(name: str, starts: datetime, lang: "Language") -> str:
    return {
        "en": f"{name} is closed; it opens {minute(starts)}. Call who is on duty if it cannot wait.",
        "fr": f"{name} : fermé; ouvre {minute(starts)}. Appelez qui est de service si cela ne peut attendre.",
    }[lang]


def _line(one: "Task", now: datetime, lang: "Language") -> tuple[object, ...]:
    from watchfloor.cell.acting.acts import words

    return (
        one.task,
        words(one.order.form, lang),
        words(one.standing(now), lang),
        one.edition,
        one.order.unit,
        one.order.instruction,
        minute(one.order.deadline),
        words(", ".join(one.order.flags), lang),
        f"{words(one.state, lang)}, {one.by}, {minute(one.at)}",
    )


def _more(one: "Task", lang: "Language") -> list[tuple[str, object]]:
    from watchfloor.cell.acting.acts import words
    from watchfloor.cell.acting.legs import described

    order = one.order
    heads = {
        "en": ("lead", "about", "authority", "asset", "joins", "leg"),
        "fr": ("piste", "sujets", "autorisation", "moyen", "appui", "tronçon"),
    }
    lead, about, authority, asset, joins, leg = heads[lang]
    rows: list[tuple[str, object]] = [
        (lead, order.lead),
        (about, ", ".join(order.subjects)),
        (authority, order.authority),
    ]
    rows += [(asset, order.asset)] if order.asset else []
    rows += [(joins, ", ".join(order.joins))] if order.joins else []
    for number, part in enumerate(order.legs, 1):
        rows.append((f"{leg} {number}", "\n".join(described(part, lambda word: words(word, lang)))))
    return rows


def told(one: "Task", now: datetime) -> dict[str, Any]:
    """A task as JSON, as it stands at a moment."""
    from dataclasses import asdict

    order = one.order
    return {
        "task": one.task,
        "form": order.form,
        "state": one.standing(now),
        "edition": one.edition,
        "unit": order.unit,
        "lead": order.lead,
        "subjects": list(order.subjects),
        "instruction": order.instruction,
        "authority": order.authority,
        "deadline": order.deadline,
        "place": order.place,
        "starts": order.starts,
        "legs": [asdict(one) for one in order.legs],
        "joins": list(order.joins),
        "asset": order.asset,
        "flags": list(order.flags),
        "last_act": one.state,
        "by": one.by,
        "at": one.at,
        "why": one.why,
        "marking": order.marking,
    }


def _act_row(row: "Row") -> dict[str, Any]:
    return {
        "edition": row["edition"],
        "state": row["state"],
        "at": row["observed_at"],
        "by": row["by"],
        "why": row["why"],
        "instruction": row["instruction"],
        "deadline": row["deadline"],
        "flags": row["flags"],
        "record": row["record_id"].hex(),
    }
