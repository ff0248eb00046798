"""`watchfloor demo`: the main job from end to end, on one machine, with nothing to prepare."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.actions import leads
from watchfloor.cli.admin.exercise import (
    ListOption,
    ScaleOption,
    SeedOption,
    SensorsOption,
    described,
    targets,
)
from watchfloor.cli.common import (
    REFUSED,
    JsonOption,
    LangOption,
    acting,
    busy,
    fail,
    who,
)
from watchfloor.cli.demo.exercise_floor import PURPOSE, fill, say
from watchfloor.cli.face import Terminal, give
from watchfloor.cli.serve import PortOption, Taking

if TYPE_CHECKING:
    from watchfloor.console.services import Entrance
    from watchfloor.exercise.make import ExerciseFiles
    from watchfloor.store.floor import Floor
    from watchfloor.store.lock import WriterLock

MARK = "demo-of-watchfloor"

ROLLED: Final = 5.0
"""Seconds after which what is played becomes deliveries."""
RUN_AGAIN: Final = 10.0
"""Seconds between two runs of the desks on them, at least."""
PAUSE: Final = 0.1
REHEARSED: Final = 1200.0
"""Seconds of the day that are played before anybody looks, so that a new machine compiles its kernels."""
REHEARSAL: Final = 300.0
"""How many times as fast as it was: slow enough that a busy machine stops it in time."""
LONGEST: Final = 600.0
"""Seconds that this may take."""


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where to make it; an earlier demo there is replaced.")
    ] = Path("demo"),
    lists: ListOption = None,
    seed: SeedOption = 1,
    scale: ScaleOption = 1.0,
    sensors: SensorsOption = True,
    top: Annotated[int, typer.Option(min=1, help="Leads to show.")] = 15,
    lang: LangOption = "en",
    no_browser: Annotated[
        bool,
        typer.Option("--no-browser", help="For machines without one: end with the queue, open no console."),
    ] = False,
    port: PortOption = 8765,
    speed: Annotated[
        float,
        typer.Option(
            "--speed",
            min=0,
            max=600,
            help="Times as fast as it was that the day is played while the console is open; 0: not at all.",
        ),
    ] = 60.0,
    nodes: Annotated[
        bool, typer.Option("--nodes", help="Ten institutions that tell each other what they lawfully may.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an exercise, ingest it with a list, run every desk, print the queue and open the console.

    In the console the day is played: sensors report over sockets of this machine, by the exercise's own
    clock, 60 times as fast as they did, from before two boats meet at night and people walk over the line in
    deadly cold. You are signed in. With --no-browser or --json the sensors' reports are taken in as files.

    With --nodes: six banks, a laboratory, a targeting centre, the financial intelligence unit and the cell,
    each a floor of its own. The banks close a ring by tokens, bundles go through gateways, receipts come
    back, and every byte of the cell is searched for what must not be there.

    Example: watchfloor demo --lists ../shared/data/law --lists ../shared/data/lists; watchfloor demo --nodes
    """
    from watchfloor.cli.demo import nodes as demo_nodes
    from watchfloor.exercise import nodes as of_nodes
    from watchfloor.exercise import playing
    from watchfloor.exercise.cast import DAY
    from watchfloor.exercise.make import make

    if nodes and lists:
        fail("--nodes plants no listed entity; leave --lists out, or --nodes")
    with _cleared(folder):
        started = time.perf_counter()
        if nodes:
            with busy("making the exercise"), _refused():
                told = of_nodes.make(folder / "exercise", seed=seed, scale=scale)
            demo_nodes.run(told, folder, top, lang, as_json)
            say(f"{time.perf_counter() - started:.1f} s")
            _console(folder / of_nodes.CELL, port, no_browser or as_json)
            return
        with busy("making the exercise"), _refused():
            planted = targets(lists, seed)
            made = make(folder / "exercise", seed=seed, scale=scale, targets=planted, sensors=sensors)
        say(f"made an exercise: {described(made)}")
        scenes = playing.scenes(made.answers)
        closed = no_browser or as_json
        played = bool(scenes and speed and not closed)
        at = playing.moment_of_day(scenes[0].begins - REHEARSED) if played else None
        planned = sensors and not played
        opened = fill(made, folder / "floor", lists, started, at, _compile_tours if planned else None)
        context = Terminal(folder / "floor", PURPOSE, PURPOSE, lang)
        give(leads.list_, leads.list_(context, leads.ListLeads(top=top)), lang, as_json)
        say(
            f"{time.perf_counter() - started:.1f} s. Next: watchfloor lead ID --floor {folder / 'floor'}; "
            f"watchfloor admin exercise score {folder / 'floor'} --key {made.key}"
        )
        if sensors:
            say(
                f"Watched in that night, kilometre by kilometre: watchfloor coverage --watched "
                f"--from {DAY:%Y-%m-%dT%H:%MZ} --km 5190-5200 --floor {folder / 'floor'}"
            )
            if planned:
                _next_night(context, DAY + timedelta(days=1), folder / "floor")
        with entrance_to(made, opened, speed) if played else nullcontext() as entrance:
            _console(folder / "floor", port, closed, entrance)


def _compile_tours() -> None:
    """Compile what the tours of the next night are planned with."""
    from watchfloor.planning.patrols import tours

    for compile_ in tours.KERNELS:
        compile_()


def _next_night(context: Terminal, day: datetime, floor: Path) -> None:
    """Say the tours of the night after the one that was played, as its evening would have planned them."""
    from watchfloor.actions import patrols
    from watchfloor.actions.text import AnswerText

    ask = patrols.PatrolTerms(since=f"{day:%Y-%m-%d}", days=1, seed="demo", rehearse=True)
    with busy("planning the next night"):
        plan, _ = patrols.planned(context.floor, context.reader, context.language, ask)
    context.log_query("plan patrols", **patrols.detail_of(plan))
    tours = "; ".join(f"{one.crew} {one.local[-5:]} km {one.km}–{one.to}" for one in plan.tours)
    command = f"watchfloor plan patrols --from {ask.since} --days 1 --seed demo --rehearse --floor {floor}"
    text = AnswerText(context.language)
    say(text.say("plans.next_night", tours=tours or text.say("patrols.no_tours"), command=command))
    say(text.say("plans.next_page", page=f"/planning?since={ask.since}&days=1&seed=demo&rehearse=true"))


def _console(floor: Path, port: int, closed: bool, entrance: "Entrance | None" = None) -> None:
    """Open the console on a floor, until it is stopped; else say how."""
    if closed:
        say(f"Open it in a browser: watchfloor serve --floor {floor}")
        return
    if entrance:
        from watchfloor.cell.live import prepare

        prepare()  # before the console, as `serve --live` does
    from watchfloor.cli.serve import run
    from watchfloor.console.serving import Where

    live = Taking(ROLLED, PURPOSE, PURPOSE, RUN_AGAIN) if entrance else None
    run(floor, Where(port=port), browser=True, live=live, entrance=entrance)


@contextmanager
def entrance_to(made: "ExerciseFiles", opened: "Floor", speed: float) -> "Iterator[Entrance]":
    """For the length of the block the exercise is played, from when somebody came in by the entrance."""
    from watchfloor.console.services import Entrance
    from watchfloor.exercise import playing
    from watchfloor.feeds.live import status

    feeds, scenes = playing.played(made.feeds), playing.scenes(made.answers)
    began, ended = threading.Event(), threading.Event()
    hurry = playing.Hurry(opened, acting(PURPOSE, PURPOSE), scenes, speed)
    player = playing.Player(
        opened, feeds, playing.ports(opened, feeds), lambda at: hurry(at) if began.is_set() else None
    )

    def folded() -> bool:
        stands = status.read(opened.root)
        taken = sum(one.accepted for one in stands.sources.sources) if stands.sources else 0
        return bool(stands.folding and 0 < taken <= stands.folding.rows)

    def ready() -> None:
        """Let the fold compile what it needs on what comes before the first scene; then stand still."""
        begins, until = playing.moment_of_day(scenes[0].begins), time.monotonic() + LONGEST
        player.connected.wait(LONGEST)
        opened.set_clock(acting(PURPOSE, PURPOSE), rate=REHEARSAL)
        while opened.now() < begins and not ended.wait(PAUSE):
            pass
        opened.set_clock(acting(PURPOSE, PURPOSE), rate=0)
        while not folded() and time.monotonic() < until and not ended.wait(PAUSE):
            pass

    _on_call(opened)
    say(f"EXERCISE: its day is played once the console is open, from {opened.now():%H:%M}Z on:")
    for one in scenes:
        say(f"  {playing.moment_of_day(one.begins):%H:%M}Z {one.title}: /map?box={one.shown}")
    say("The patrols of the next night, planned of what this one showed: /planning?days=1")
    page = f"/now?box={scenes[0].shown}"
    try:
        yield Entrance(who(), PURPOSE, PURPOSE, page, ready, began.set)
    finally:
        ended.set()
        player.stop()
        opened.set_clock(acting(PURPOSE, PURPOSE), rate=0)


def _on_call(opened: "Floor") -> None:
    """Put whoever starts the demo on call in every role, so that its alerts go to somebody."""
    from watchfloor.actions import watch
    from watchfloor.casework.watch import orders

    context = Terminal(opened.root, PURPOSE, PURPOSE, "en")
    for role in orders.load(opened.root).roles:
        watch.put_on_call(context, watch.PutOnCall(role=role, person=who()))


@contextmanager
def _refused() -> Iterator[None]:
    """End the command with a sentence where the exercise cannot be made as asked."""
    try:
        yield
    except ValueError as error:
        fail(str(error))


def _cleared(folder: Path) -> "WriterLock":
    """Make room, but only where an earlier demo lay; no other demo may until the lock is released.

    Raises:
        FloorBusy: another demo runs in the folder.
    """
    from watchfloor.store.lock import NAME, WriterLock

    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        fail(f"{folder} holds something that is no demo; name another folder", REFUSED)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    held = WriterLock(folder)
    for one in folder.iterdir():
        if one.is_dir():
            shutil.rmtree(one)
        elif one.name not in (MARK, NAME):
            one.unlink()
    return held
