"""The live floor as a whole: one process takes in and starts two others, which fold and roll.

They are apart so that no desk and no delivery keeps a socket waiting. The log is all that passes between
them: who dies is started anew and goes on from what is on the disk.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from watchfloor.casework.life_cycle import Make, act
from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.watch.alerting import LiveAlerts, raise_alerts
from watchfloor.cell.acts import Post, Refusal, Row
from watchfloor.cell.live import READY, context, folding, rerunning
from watchfloor.cell.live.rerunning import Rerunner
from watchfloor.cell.live.views import Desks
from watchfloor.feeds.live import status
from watchfloor.feeds.live.ingestion import Rolls, Taking
from watchfloor.feeds.live.log import Position
from watchfloor.feeds.live.outbox import ANSWERS, Answer, answers
from watchfloor.feeds.live.rollover import NEEDED, Roller
from watchfloor.formats.base import FormatError
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.lock import WriterLock
from watchfloor.store.log import Actor

PAUSE: Final = 2.0
"""Seconds before a process that died is started anew."""
BEHIND: Final = 10
"""How much the rolling steps back (POSIX niceness): it has time."""
LAST: Final = 15
"""And how much the desks do that are run again by themselves."""
LOOKS: Final = 0.2
"""Seconds between two looks at what the folds say that somebody must be told."""
STATED: Final = 1.0
"""Seconds between two words on how that stands."""
ENDING: Final = 30.0
"""Seconds that the processes have to end."""

_CONTEXT: Final = context()
_FORK: Final = multiprocessing.get_context("fork") if _CONTEXT.get_start_method() == "forkserver" else None
"""How a process that runs no threads yet begins its own: what it has loaded they have at once."""
if TYPE_CHECKING:
    Channel = Connection[Any, Any]


@dataclass(frozen=True, slots=True)
class Orders:
    """How the live floor is to run.

    Attributes:
        root: the floor's folder.
        actor: whom the log names for the deliveries, and whose view is folded.
        rolls: when segments of the log are closed.
        desks: that are run; None: all that can be.
        rerun: seconds between two reruns of all desks over the floor at least; 0: none by itself.
    """

    root: Path
    actor: Actor
    rolls: Rolls = field(default_factory=Rolls)
    desks: Desks | None = None
    rerun: float = 0.0


class Worker:
    """The live floor of one folder, from its start to `stop`; ends with the process that started it.

    Args:
        orders: how it is to run.

    Raises:
        FloorBusy: another one runs on this floor.
    """

    def __init__(self, orders: Orders) -> None:
        (orders.root / status.FOLDER).mkdir(exist_ok=True)
        WriterLock(orders.root / status.FOLDER).release()  # raises here, where somebody is told
        self._orders = orders
        if _CONTEXT.get_start_method() == "forkserver":
            _CONTEXT.set_forkserver_preload([READY if orders.desks is None else __name__])
        self._start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return bool(self._process.is_alive())

    def look(self) -> str:
        """Start it anew where it has died, after `PAUSE` at least; gives why it has; empty: it runs."""
        if self.alive or time.monotonic() - self._began < PAUSE:
            return ""
        why = ""
        with suppress(EOFError, OSError):
            why = str(self._control.recv()) if self._control.poll() else ""
        self._control.close()
        self._start()
        return why or "the live floor has died, and was started anew"

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """Take in what is here, roll it, write down what the folds know, and end."""
        self._control.close()
        self._process.join(ENDING)
        if self._process.is_alive():
            self.kill()

    def _start(self) -> None:
        self._control, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_work, args=(self._orders, theirs), name="watchfloor live")
        self._process.start()
        theirs.close()
        self._began = time.monotonic()


def _work(orders: Orders, control: "Channel") -> None:
    """The process that takes in."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with WriterLock(orders.root / status.FOLDER):
            asyncio.run(_all(orders, control, _begun(orders, control)))
    except StoreError as error:
        with suppress(OSError):
            control.send(str(error))
        sys.exit(1)


def _begun(orders: Orders, control: "Channel") -> "dict[str, Child]":
    """The other processes, started; before this one has threads, so that it can be forked."""
    desks = folding.live_desks() if orders.desks is None else orders.desks
    if not desks:
        (orders.root / status.FOLDER / NEEDED).unlink(missing_ok=True)
    targets = {"fold": _fold, "alert": _alert} if desks else {}
    targets |= {"roll": _roll} | ({"rerun": _rerun} if orders.rerun else {})
    children: dict[str, Child] = {}
    held = [control]
    for name, target in targets.items():
        children[name] = Child(target, orders)
        held.append(children[name].begin(held))
    return children


async def _all(orders: Orders, control: "Channel", children: "dict[str, Child]") -> None:
    tell = children["fold"].notify if "fold" in children else lambda _: None
    taking = Taking(orders.root, orders.rolls, tell)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, *(() if sys.platform == "win32" else (signal.SIGHUP,))):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(taking.stop))
    threading.Thread(target=_until_told, args=(control, loop, taking.stop), daemon=True).start()
    watching = asyncio.create_task(_watch([*children.values()]))
    try:
        await taking.run()
    finally:
        watching.cancel()
        for child in children.values():
            await asyncio.to_thread(child.stop)


def _until_told(control: "Channel", loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
    """Wait until whoever started this process lets go of it, or is gone."""
    with suppress(EOFError, OSError):
        control.recv()
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(stop)


async def _watch(children: "list[Child]") -> None:
    while True:
        for child in children:
            await asyncio.to_thread(child.look)
        await asyncio.sleep(0.2)


class Child:
    """A process that is started anew when it dies.

    Args:
        target: what it does, with the orders and the end of a pipe that closes when it is to end.
        orders: its.
    """

    def __init__(self, target: "Callable[[Orders, Channel], None]", orders: Orders) -> None:
        self._target, self._orders = target, orders
        self._process: BaseProcess | None = None
        self._pipe: Channel | None = None
        self._began = -PAUSE
        self._guard = threading.Lock()
        self._last: Position | None = None

    def begin(self, held: "list[Channel]") -> "Channel":
        """Start it for the first time; gives our end of its pipe.

        Args:
            held: ends of pipes that it is not to keep open, as a fork of this process would.
        """
        return self._start(held)

    def look(self) -> None:
        """Start it where it does not run; one that died at once, after a while."""
        gone = self._process is None or not self._process.is_alive()
        if gone and time.monotonic() - self._began > PAUSE:
            self._start()

    def notify(self, end: Position) -> None:
        """Say up to where the log is durable; where it is busy, the next word says more."""
        self._last = end
        with self._guard, suppress(OSError):  # full, or gone
            if self._pipe is not None:
                self._pipe.send(tuple(end))

    def stop(self) -> None:
        """Let it end what it does, and wait for it."""
        with self._guard:
            if self._pipe is not None:
                self._pipe.close()
                self._pipe = None
        if self._process is not None:
            self._process.join(ENDING / 2)
            self._process.kill()

    def _start(self, held: "list[Channel] | None" = None) -> "Channel":
        ends: tuple[Channel, Channel] = _CONTEXT.Pipe(duplex=False)
        theirs, ours = ends
        if sys.platform != "win32":
            os.set_blocking(ours.fileno(), False)
        process: BaseProcess
        if held is None or _FORK is None:
            process = _CONTEXT.Process(target=self._target, args=(self._orders, theirs), daemon=True)
        else:
            task = (self._target, self._orders, theirs, [*held, ours])
            process = _FORK.Process(target=_forked, args=task, daemon=True)
        process.start()
        theirs.close()
        with self._guard:
            self._process, self._pipe, self._began = process, ours, time.monotonic()
        if self._last is not None:
            self.notify(self._last)
        return ours


def _forked(
    target: "Callable[[Orders, Channel], None]", orders: Orders, told: "Channel", held: "list[Channel]"
) -> None:
    """A process that was forked, and closes what others are to find closed once its parent is gone."""
    for one in held:
        one.close()
    target(orders, told)


def _fold(orders: Orders, told: "Channel") -> None:
    """The process that folds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        folding.run(orders.root, orders.actor, orders.desks, told)
    except Exception as error:
        problem = f"the picture stands still: {error}"
        with suppress(OSError):
            status.write(orders.root, status.Folding(os.getpid(), time.time(), 0, 0, 0, 0, 0, problem))
        raise


def _rerun(orders: Orders, told: "Channel") -> None:
    """The process that runs the desks again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(LAST)
    again = Rerunner(orders.root, orders.actor, orders.rerun)
    floor = Floor.open(orders.root)
    while not _over(told, rerunning.LOOKS):
        if again.look():
            with suppress(StoreError, FormatError):  # busy or full, or a setting that somebody is changing
                raise_alerts(floor, orders.actor)


def _alert(orders: Orders, told: "Channel") -> None:
    """The process that raises alerts on what the folds publish."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    alerts, raised, stated = LiveAlerts(orders.root, orders.actor), 0, 0.0
    with suppress(StoreError, FormatError):
        raise_alerts(Floor.open(orders.root), orders.actor)  # what stood before this began
    while not _over(told, LOOKS):
        problem = ""
        try:
            raised += alerts.look()
        except (StoreError, FormatError) as error:  # busy or full, or a setting that somebody is changing
            problem = f"no alert is raised by rule: {error}"
        if problem or time.monotonic() - stated > STATED:
            stated = time.monotonic()
            with suppress(OSError):
                status.write(orders.root, status.Alerting(os.getpid(), time.time(), raised, problem))


def _over(told: "Channel", seconds: float) -> bool:
    """Wait some seconds; whether it is to end."""
    try:
        return bool(told.poll(seconds) and told.recv() is None)
    except EOFError:
        return True


def _roll(orders: Orders, told: "Channel") -> None:
    """The process that rolls."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(BEHIND)

    clerk = Clerk(orders.root, orders.actor)

    def stopped(seconds: float) -> bool:
        clerk.look()
        return _over(told, seconds)

    Roller(orders.root, orders.actor).run(stopped)


# What sensors answer to tasks becomes acts on those tasks, in the log, as if their units had typed it in.
#
# A node that accepts a task accepts it for its unit; one that rejects it, or fails, refuses it, and gives its
# reason; one that has completed it has done it. An answer that may not follow what the task is by then (it
# was done, or called off) changes nothing, and lies in `live/answers/unused`. What the node said stands in
# the bytes of its delivery, whatever becomes of it here.


UNUSED: Final = "unused"
PATIENCE: Final = 20.0
"""Seconds that an act waits for whoever else writes to the floor."""


class Clerk:
    """Notes what sensors answer.

    Args:
        root: the floor's folder.
        actor: whom the log names; he must be able to see the tasks.
    """

    def __init__(self, root: Path, actor: Actor) -> None:
        self._root, self._actor = root, actor

    def look(self) -> int:
        """Note what was answered; gives how much that was. Where the floor is busy or full it waits."""
        done = 0
        for path, answer in answers(self._root):
            try:
                self._note(answer)
            except (StoreError, FormatError):  # busy or full, or a setting that somebody is changing
                break
            except Refusal:
                unused = self._root / ANSWERS / UNUSED
                unused.mkdir(exist_ok=True)
                path.replace(unused / path.name)
            else:
                path.unlink()
                done += 1
        return done

    def _note(self, answer: Answer) -> None:
        floor = Floor.open(self._root)
        reader = floor.reader(self._actor.name, self._actor.purpose)
        with floor.writer(self._actor, PATIENCE) as writer:
            act(Post(floor, reader, writer), Task, answer.task, None, _making(answer))


def _making(answer: Answer) -> Make[Task]:
    """Return the act on a task that an answer stands for; a status outside the standard declines it."""
    why = f"SAPIENT node {answer.node}: {WORDS.get(answer.status, answer.status)}"
    if answer.reasons:
        why = f"{why}: {'; '.join(answer.reasons)}"

    def make(task: Task, edition: int, by: str, now: datetime) -> Row:
        if answer.status == "TASK_STATUS_ACCEPTED":
            return tasks.accept(task, edition, by, now, why)
        if answer.status == "TASK_STATUS_COMPLETED":
            return tasks.finish(task, edition, by, now, why)
        return tasks.decline(task, edition, by, now, why)

    return make


WORDS: Final[Mapping[str, str]] = {
    "TASK_STATUS_ACCEPTED": "accepted",
    "TASK_STATUS_REJECTED": "rejected",
    "TASK_STATUS_COMPLETED": "completed",
    "TASK_STATUS_FAILED": "failed",
}
