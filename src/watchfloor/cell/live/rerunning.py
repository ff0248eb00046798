"""Running the desks again after deliveries were rolled, so that leads move without a person who says so.

It has time: it steps back behind everything else, rests several times as long as it worked, and leaves a
floor alone that has grown too large to be run from its start. Evidence is read without the floor's lock; what
was made is kept under it, unless an erasure or a newer run came in between: then it is made anew.
"""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from watchfloor.core.spool import Rows
from watchfloor.desks.registry import declare_messages, desks
from watchfloor.feeds.live import status
from watchfloor.feeds.references import left_aside, references
from watchfloor.run.floor import behind, run_desks
from watchfloor.run.views import readers
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.views import WHOLE

EVERY: Final = 120.0
"""Seconds between two reruns at least, where nothing else is said."""
RESTS: Final = 4.0
"""How many times as long as it worked it rests."""
MOST: Final = 5_000_000
"""Rows of evidence that are run from their start by themselves; of more, a person says when."""
PATIENCE: Final = 600.0
"""Seconds that what was made waits for whoever else writes to the floor."""
LOOKS: Final = 1.0
"""Seconds between two looks at whether there is something to run."""


class Overtaken(StoreError):  # noqa: N818 - no error: the run is made anew
    """Something came in between that a run must not hide."""


TOLD: Final = 5
"""Lines left aside of the floor's own files that are told at most."""


class Rerunner:
    """Runs the desks of a floor again when evidence came.

    Args:
        root: the floor's folder.
        actor: whom the log names for the runs.
        every: seconds between two reruns at least.

    Attributes:
        runs: how often it ran a desk.
    """

    def __init__(self, root: Path, actor: Actor, every: float = EVERY) -> None:
        declare_messages()
        self._floor, self._actor, self._every = Floor.open(root), actor, every
        self._next = time.monotonic() + every
        self._problem = ""
        self.runs = 0

    def look(self) -> bool:
        """Run what has not read all that is there, where it is time; whether something was run."""
        if time.monotonic() < self._next:
            self._state()
            return False
        began, done, failed = time.monotonic(), False, False
        self._problem = "; ".join(left_aside(self._floor)[:TOLD])
        try:
            done = self._run()
        except Overtaken:
            pass
        except Exception as error:  # a desk's or a setting's: it is tried again, and not at once
            failed = True
            self._problem = f"the desks were not run again: {error}"
        now = time.monotonic()
        self._next = now + (max(self._every, RESTS * (now - began)) if done or failed else LOOKS)
        self._state()
        return done

    def _run(self) -> bool:
        floor, known = self._floor, desks()
        waiting = set(behind(floor, known.values()))
        if not waiting:
            return False
        if (rows := floor.rows()) > MOST:
            self._problem = (
                f"the desks are not run by themselves on {rows:,} rows of evidence, more than {MOST:,}; "
                "run them when it suits: watchfloor run"
            )
            return False
        chosen = [desk for name, desk in known.items() if name in waiting]
        asking = floor.reader(self._actor.name, self._actor.purpose)
        keeper = _Keeper(floor, self._actor)
        for _ in run_desks(floor, keeper, chosen, references(floor), readers(floor, asking)):
            self.runs += 1
        return True

    def _state(self) -> None:
        told = status.Rerunning(os.getpid(), time.time(), self.runs, self._problem)
        with suppress(OSError):  # a full disk
            status.write(self._floor.root, told)


class _Keeper:
    """Keeps what was made, under the floor's lock for that moment alone."""

    def __init__(self, floor: Floor, actor: Actor) -> None:
        self._floor, self._actor = floor, actor

    def keep_run(
        self,
        desk: str,
        version: str,
        at_position: int,
        refs: Mapping[str, str],
        tables: Mapping[str, Rows],
        view: str = WHOLE,
    ) -> int:
        """As `Writer.keep_run`. Raises `Overtaken` where an erasure, or a newer run, came in between."""
        with self._floor.writer(self._actor, PATIENCE) as writer:
            newer = any(one.at_position > at_position for one in self._floor.runs(desk) if one.view == view)
            if newer or self._floor.newest_act("erasure") > at_position:
                raise Overtaken(f"desk {desk} is run anew: something came in between")
            return writer.keep_run(desk, version, at_position, refs, tables, view)
