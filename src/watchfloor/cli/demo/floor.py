"""`watchfloor demo`: the main job from end to end, on one machine, with nothing to prepare."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.actions import leads
from watchfloor.cli.common import (
    REFUSED,
    JsonOption,
    LangOption,
    acting,
    busy,
    err,
    fail,
    reader,
)
from watchfloor.cli.admin.exercise import (
    PURPOSE,
    ListOption,
    ScaleOption,
    SeedOption,
    SensorsOption,
    described,
    targets,
)
from watchfloor.cli.face import Terminal, give
from watchfloor.cli.serve import PortOption, Taking

if TYPE_CHECKING:
    from watchfloor.exercise.make import Made
    from watchfloor.store.floor import Floor
    from watchfloor.store.lock import WriterLock
    from watchfloor.store.writer import Writer

MARK = "demo-of-watchfloor"

SLOWEST: Final = "surveillance"
LATER: Final = (SLOWEST, "finance")
"""Desks whose kernels take minutes to compile on a new machine: the first leads do not wait for them."""


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
            help="How fast the exercise's sensors are heard again, as live sources, while the console is "
            "open; 0: not at all.",
        ),
    ] = 60.0,
    nodes: Annotated[
        bool, typer.Option("--nodes", help="Ten institutions that tell each other what they lawfully may.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an exercise, ingest it with a list, run every desk, print the queue and open the console.

    With --nodes: six banks, a laboratory, a targeting centre, the financial intelligence unit and the cell,
    each a floor of its own. The banks close a ring by tokens, bundles go through gateways, receipts come
    back, and every byte of the cell is searched for what must not be there.

    Example: watchfloor demo --lists ../shared/data/law --lists ../shared/data/lists; watchfloor demo --nodes
    """
    from watchfloor.cli.demo import nodes as demo_nodes
    from watchfloor.exercise import nodes as of_nodes
    from watchfloor.exercise.make import make

    if nodes and lists:
        fail("--nodes plants no listed entity; leave --lists out, or --nodes")
    with _cleared(folder):
        started = time.perf_counter()
        if nodes:
            with busy("making the exercise"), _refused():
                told = of_nodes.make(folder / "exercise", seed=seed, scale=scale)
            demo_nodes.run(told, folder, top, lang, as_json)
            _say(f"{time.perf_counter() - started:.1f} s")
            _console(folder / of_nodes.CELL, port, no_browser or as_json)
            return
        with busy("making the exercise"), _refused():
            planted = targets(lists, seed)
            made = make(folder / "exercise", seed=seed, scale=scale, targets=planted, sensors=sensors)
        _say(f"made an exercise: {described(made)}")
        opened = play(made, folder / "floor", lists, started)
        context = Terminal(folder / "floor", PURPOSE, PURPOSE, lang)
        give(leads.list_, leads.list_(context, leads.ListLeads(top=top)), lang, as_json)
        _say(
            f"{time.perf_counter() - started:.1f} s. Next: watchfloor lead ID --floor {folder / 'floor'}; "
            f"watchfloor admin exercise score {folder / 'floor'} --key {made.key}"
        )
        closed = no_browser or as_json
        with nullcontext() if closed else _playing(made, opened, speed, port) as live:
            _console(folder / "floor", port, closed, live)


def _console(floor: Path, port: int, closed: bool, live: "Taking | None" = None) -> None:
    """Open the console on a floor, until it is stopped; else say how."""
    if closed:
        _say(f"Open it in a browser: watchfloor serve --floor {floor}")
        return
    from watchfloor.cli.serve import run
    from watchfloor.console.serving import Where

    run(floor, Where(port=port), browser=True, live=live)


@contextmanager
def _playing(made: "Made", opened: "Floor", speed: float, port: int) -> "Iterator[Taking | None]":
    """For the length of the block the exercise's sensors are heard again, by live sources of the floor."""
    from watchfloor.exercise import playing

    feeds = playing.played(made.feeds)
    if not feeds or not speed:
        yield None
        return
    ports = _described(opened, feeds)
    start = playing.starts(made.answers)
    player = playing.Player(feeds, ports, start, speed)
    _say(
        f"EXERCISE: its sensors are heard again from {start / 3600:.1f} h of its day on, {speed:g} times as "
        "fast as they spoke; the map moves. Watch"
    )
    for one in playing.scenes(made.answers, speed):
        box = ",".join(f"{side:.3f}" for side in one.box)
        _say(f"  in {max(0.0, one.after) / 60:.1f} min: {one.title}: http://127.0.0.1:{port}/map?box={box}")
    try:
        yield Taking(60.0, PURPOSE, PURPOSE, 0.0)
    finally:
        player.stop()


def _described(opened: "Floor", feeds: "Mapping[str, Path]") -> dict[str, int]:
    """Write the sources that take the play in into the floor's `feeds.toml`; gives their ports."""
    from watchfloor.exercise import playing
    from watchfloor.feeds import config

    ports = dict(zip(feeds, _free(len(feeds)), strict=True))
    known = config.load(opened.root)
    markings = {name: known.feed(name).marking or config.PERSONAL for name in feeds}
    with (opened.root / config.NAME).open("a", encoding="utf-8") as file:
        file.write(playing.settings(feeds, ports, markings))
    return ports


def _free(count: int) -> list[int]:
    """Ports of this machine that nobody uses."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


@contextmanager
def _refused() -> Iterator[None]:
    """End the command with a sentence where the exercise cannot be made as asked."""
    try:
        yield
    except ValueError as error:
        fail(str(error))


def play(made: "Made", floor: Path, lists: list[Path] | None = None, started: float | None = None) -> "Floor":
    """Make a floor that has taken an exercise in, with its list or real ones, and run every desk.

    Sensors and the desks that are compiled for minutes on a new machine come last. Before them the first lead
    is told, with the seconds since `started`, a `time.perf_counter()`.
    """
    from watchfloor.cell.rerun import rerun
    from watchfloor.desks.registry import desks
    from watchfloor.exercise import playing

    opened = _floor(floor, made)
    sensors = list(playing.played(made.feeds).values())
    others = [path for path in sorted(made.feeds.iterdir()) if path not in sensors]
    with opened.writer(acting(PURPOSE, PURPOSE)) as writer, _compiled() as wait:
        asking = reader(opened, PURPOSE)
        with busy("ingesting"):
            _ingest(opened, writer, [*(lists or filter(None, [made.lists])), *others])
        with busy("running the desks that are quick"):
            rerun(opened, writer, asking, only=desks().keys() - set(LATER))
        _tell_first(floor, started)
        if sensors:
            with busy("ingesting the sensors"):
                _ingest(opened, writer, sensors)
        with busy("running the other desks"):
            rerun(opened, writer, asking, only=set(LATER) - {SLOWEST})
            wait()
            done = rerun(opened, writer, asking)
    for one in done:
        _say(f"desk {one.desk}: {one.standing.get('signal', 0)} signals stand")
    return opened


def _tell_first(floor: Path, started: float | None) -> None:
    """Say which lead is first so far."""
    context = Terminal(floor, PURPOSE, PURPOSE, "en")
    for one in leads.first(context, context.queue, int(started is not None)).leads:
        seconds = time.perf_counter() - (started or 0)
        _say(f"first lead after {seconds:.0f} s: {one.lead_id} {one.chance.strip()} {one.reason}")


@contextmanager
def _compiled() -> "Iterator[Callable[[], object]]":
    """Compile the slowest desk beside the block, where a second processor can; gives what waits for it."""
    if (os.cpu_count() or 1) < 2:
        yield lambda: None
        return
    command = [sys.executable, "-m", "watchfloor", "admin", "warm", SLOWEST, "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            yield child.wait
        finally:
            child.terminate()


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


def _floor(path: Path, made: "Made") -> "Floor":
    from watchfloor.feeds import config
    from watchfloor.store.floor import Floor

    opened = Floor.create(path, acting(PURPOSE, PURPOSE), name="demo", ceiling="PB//TLP:RED", exercise=True)
    config.install(path, made.settings)
    shutil.copy(made.means, path)
    if made.surroundings:
        shutil.copy(made.surroundings, path)
    return opened


def _ingest(opened: "Floor", writer: "Writer", paths: list[Path]) -> None:
    from watchfloor.cli.ingest import told
    from watchfloor.feeds.config import load
    from watchfloor.feeds.intake import Orders, ingest_all, tally

    sums = tally(told(one, as_json=False) for one in ingest_all(writer, paths, load(opened.root), Orders()))
    for feed, account in sums.feeds().items():
        counts = " + ".join(
            f"{n} {word}" for word, n in account._asdict().items() if n and word != "received"
        )
        _say(f"feed {feed}: {account.received} received = {counts}")


def _say(text: str) -> None:
    err.print(text, highlight=False, markup=False)
