"""A floor that has taken an exercise in, or on which one is to be played."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from watchfloor.actions import leads
from watchfloor.cli.common import acting, busy, err, reader
from watchfloor.cli.face import Terminal
from watchfloor.cli.run import running

if TYPE_CHECKING:
    from watchfloor.exercise.make import ExerciseFiles
    from watchfloor.store.floor import Floor
    from watchfloor.store.writer import Writer

PURPOSE: Final = "exercise"
"""What an exercise is looked at for, and by what right."""
SLOWEST: Final = "surveillance"
RETAINED: Final = 365
"""Days for which changes of the ground are kept."""
LATER: Final = (SLOWEST, "finance")
"""Desks whose kernels take minutes to compile on a new machine: the first leads do not wait for them."""


def fill(
    made: "ExerciseFiles",
    floor: Path,
    lists: list[Path] | None = None,
    started: float | None = None,
    at: datetime | None = None,
    meanwhile: Callable[[], object] | None = None,
    on: str | None = None,
    shared: str | None = None,
) -> "Floor":
    """Make a floor that has taken an exercise in, with its list or real ones, and run every desk.

    Sensors and the desks that are compiled for minutes on a new machine come last. Before them the first lead
    is told, with the seconds since `started`, a `time.perf_counter()`. While the slowest desk is compiled,
    `meanwhile` is called; it may compile what is needed next, and looks at no floor.

    With `at` the floor has a clock of its own, which stands at that moment of the exercise's day, and live
    sources: the sensors are not taken in, for they are to be played. `on` and `shared` say where desks run.
    """
    from watchfloor.cell.rerun import rerun
    from watchfloor.desks.registry import desks
    from watchfloor.exercise import playing

    opened = begin(floor, made, at)
    feeds = playing.played(made.feeds)
    others = [path for path in sorted(made.feeds.iterdir()) if path not in feeds.values()]
    sensors = [] if at else list(feeds.values())
    if at:
        describe(opened, feeds)
    with (
        opened.writer(acting(PURPOSE, PURPOSE)) as writer,
        _compiled(feeds) as wait,
        running(opened, on, shared) as runner,
    ):
        asking = reader(opened, PURPOSE)
        with busy("ingesting"):
            _ingest(opened, writer, [*(lists or filter(None, [made.lists])), *others])
        _scan(floor, writer, made)
        with busy("running the desks that are quick"):
            rerun(opened, writer, asking, only=desks().keys() - set(LATER), runner=runner)
        _tell_first(floor, started)
        if sensors:
            with busy("ingesting the sensors"):
                _ingest(opened, writer, sensors)
        with busy("running the other desks"):
            rerun(opened, writer, asking, only=set(LATER) - {SLOWEST}, runner=runner)
            if meanwhile:
                meanwhile()
            wait()
            done = rerun(opened, writer, asking, runner=runner)
    for one in done:
        say(f"desk {one.desk}: {one.standing.get('signal', 0)} signals stand")
    return opened


def _tell_first(floor: Path, started: float | None) -> None:
    """Say which lead is first so far."""
    context = Terminal(floor, PURPOSE, PURPOSE, "en")
    for one in leads.first(context, context.queue, int(started is not None)).leads:
        seconds = time.perf_counter() - (started or 0)
        say(f"first lead after {seconds:.0f} s: {one.lead_id} {one.chance.strip()} {one.reason}")


@contextmanager
def _compiled(feeds: "Mapping[str, Path]") -> "Iterator[Callable[[], object]]":
    """Compile the slowest desk beside the block, where a second processor can; gives what waits for it.

    Two processes of low priority do: the block goes first, and while it waits both processors compile.
    Without a sensor's feed that desk has nothing to do, and nothing is compiled.
    """
    if not feeds or (os.cpu_count() or 1) < 2:
        yield lambda: None
        return
    command = [sys.executable, "-m", "watchfloor", "admin", "warm", SLOWEST, "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            yield child.wait
        finally:
            child.terminate()


def begin(path: Path, made: "ExerciseFiles", at: datetime | None = None) -> "Floor":
    """Make a floor for an exercise; with `at` its clock stands at that moment."""
    from watchfloor.feeds import config
    from watchfloor.store import clock
    from watchfloor.store.floor import Floor

    opened = Floor.create(
        path,
        acting(PURPOSE, PURPOSE),
        name="demo",
        ceiling="PB//TLP:RED",
        exercise=True,
        clock=clock.begin(at) if at else None,
    )
    config.install(path, made.settings)
    for one in filter(None, (made.means, made.surroundings, *made.force)):
        shutil.copy(one, path)
    return opened


def _ingest(opened: "Floor", writer: "Writer", paths: list[Path]) -> None:
    from watchfloor.cli.ingest import reported
    from watchfloor.feeds.config import load
    from watchfloor.feeds.intake import Orders, ingest_all, tally

    sums = tally(
        reported(one, as_json=False) for one in ingest_all(writer, paths, load(opened.root), Orders())
    )
    for feed, account in sums.feeds().items():
        counts = " + ".join(
            f"{n} {word}" for word, n in account._asdict().items() if n and word != "received"
        )
        say(f"feed {feed}: {account.received} received = {counts}")


def _scan(floor: Path, writer: "Writer", made: "ExerciseFiles") -> None:
    """Compare the scenes of the exercise; without the library that reads them, take what a scan finds."""
    if made.scan is None:
        return
    from watchfloor.actions import changes
    from watchfloor.exercise.surveillance import scenes

    context = Terminal(floor, PURPOSE, PURPOSE, "en")
    ask = changes.ScanChanges(
        km=scenes.KM,
        since=f"{scenes.BEFORE:%Y-%m-%d}",
        until=f"{scenes.AFTER + timedelta(days=1):%Y-%m-%d}",
        retain=RETAINED,
        shapes=None if find_spec("rasterio") else made.scan,
    )
    found = changes.compared(context, ask)
    if found.results.rows:
        changes.kept(writer, found.results)
    how = "compared" if ask.shapes is None else "taken from its scan (watchfloor[space] reads the pixels)"
    say(
        f"scenes: {len(found.scenes)} {how}, {found.looked:.1f} km² looked at, {found.masked:.1f} masked; "
        f"{len(found.results.rows)} changes"
    )


def describe(opened: "Floor", feeds: "Mapping[str, Path]") -> None:
    """Write the sources that take the play in into the floor's `feeds.toml`."""
    from watchfloor.exercise import playing
    from watchfloor.feeds import config

    ports = dict(zip(feeds, free_ports(len(feeds)), strict=True))
    known = config.load(opened.root)
    markings = {name: known.feed(name).marking or config.PERSONAL for name in feeds}
    with (opened.root / config.NAME).open("a", encoding="utf-8") as file:
        file.write(playing.settings(feeds, ports, markings))


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody uses."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


def say(text: str) -> None:
    """Say something beside the answer."""
    err.print(text, highlight=False, markup=False)
