"""`watchfloor floor schedule`: what a floor has done by itself, when, and how that went."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    DEFAULT_FLOOR,
    OK,
    PARTLY,
    FloorOption,
    JsonOption,
    LangOption,
    busy,
    fail,
    print_json,
    print_rows,
    print_table,
    supervising,
)

if TYPE_CHECKING:
    from watchfloor.console.upkeep.schedule import TaskStatus

app = typer.Typer(
    help="What serve does by itself: expiry, runs, refits, backups with restore drills.", no_args_is_help=True
)


@app.command("list")
def list_(floor: FloorOption = DEFAULT_FLOOR, lang: LangOption = "en", as_json: JsonOption = False) -> None:
    """List the tasks of a floor's schedule: when each is due, how it went, when a backup was last restored.

    Ends with 1 where a task failed or was interrupted.

    Example: watchfloor floor schedule list --floor floor
    """
    from watchfloor.console.upkeep import schedule
    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    supervising(opened)
    found = schedule.statuses(opened, schedule.load(opened), datetime.now(UTC))
    if as_json:
        print_rows((_row(one) for one in found), "tasks")
    else:
        say = Catalogue()
        names = ("task", "state", "last", "next", "success", "drill", "result")
        heads = [say.say(f"upkeep.{name}", lang) for name in names]
        rows = (
            (
                say.say(f"upkeep.task_{one.task}", lang),
                say.say(f"upkeep.state_{one.state}", lang),
                *(_moment(each) for each in (one.at, one.next, one.succeeded, one.drilled)),
                str(one.detail.get("why", "")),
            )
            for one in found
        )
        print_table("", heads, rows, say.say("upkeep.empty", lang, file=str(opened.root / schedule.NAME)))
    raise typer.Exit(PARTLY if any(one.state in ("failed", "interrupted") for one in found) else OK)


@app.command()
def run(
    task: Annotated[str, typer.Argument(help="expire, run, refit or backup.")],
    floor: FloorOption = DEFAULT_FLOOR,
    as_json: JsonOption = False,
) -> None:
    """Do a task of the schedule now, as its file says; refused while a server does one.

    Ends with 1 where it failed; the log has why.

    Example: watchfloor floor schedule run backup --floor floor
    """
    from watchfloor.console.upkeep import schedule, tasks
    from watchfloor.console.upkeep.scheduler import actor
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    supervising(opened)
    known = schedule.load(opened)
    if task not in known.tasks:
        named = ", ".join(known.tasks) or "none"
        fail(f"{opened.root / schedule.NAME} has no [{task}]; its tasks are: {named}")
    with busy(f"{task}: {floor}"):
        done = tasks.perform(opened, task, actor(opened, known), datetime.now(UTC), asked=True)
    assert done is not None
    if as_json:
        print_json(_row(done))
    else:
        typer.echo(f"{task}: {done.state}. {', '.join(f'{k} {v}' for k, v in done.detail.items())}")
    raise typer.Exit(OK if done.state == "done" else PARTLY)


def _row(one: "TaskStatus") -> dict[str, Any]:
    import msgspec

    row: dict[str, Any] = msgspec.structs.asdict(one)
    return row


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%MZ}"
