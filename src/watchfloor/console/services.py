"""What a console runs on: one of each a process, made at its start and closed at its end."""

import multiprocessing
import threading
from collections.abc import Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from watchfloor.console import settings
from watchfloor.console.access.accounts import Accounts
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import Sessions
from watchfloor.console.assets import Assets
from watchfloor.console.events import Events
from watchfloor.console.jobs import Jobs
from watchfloor.console.memory import Memory
from watchfloor.console.pictures.changes import changed_ids
from watchfloor.console.pictures.keeping import Pictures
from watchfloor.console.pictures.picture import Picture
from watchfloor.console.scribe import Scribe
from watchfloor.console.words import Words
from watchfloor.desks.registry import declare_messages
from watchfloor.store.floor import Floor

LOOKS: Final = 0.25
"""Seconds between two looks at whether the floor has moved."""
TOLD: Final = 50
"""Changed leads that an event names; of more it says how many."""


@dataclass(frozen=True)
class Listening:
    """Where the console is reached: its own addresses, and whether by TLS."""

    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    tls: bool = False


class Services:
    """What a console runs on.

    Args:
        floor: which.
        listening: where it is reached.
        executor: where pictures are made; None: in processes of their own.
        jobs: where long work is done; None: in a process of its own.

    Attributes:
        floor, listening: as given.
        settings: of `console.toml`.
        words, assets: of the interface.
        file, accounts, sessions: who may come in.
        scribe: logs what is looked at.
        pictures: queues of views.
        events: the stream.
        jobs: long work.
        heard: by session, what to say on the next page.
        sent: by token of a form, where it led: sent twice, it writes once.
    """

    def __init__(
        self,
        floor: Floor,
        listening: Listening | None = None,
        executor: Executor | None = None,
        jobs: Executor | None = None,
    ) -> None:
        declare_messages()
        self.floor, self.listening = floor, listening or Listening()
        self.settings = settings.load(floor.root)
        self.words, self.assets = Words(), Assets()
        self.file = AccessFile(floor.root)
        self.accounts = Accounts(self.file)
        hours = self.settings.sessions
        self.sessions = Sessions(self.file, hours.hours, hours.idle_hours)
        self.scribe = Scribe(floor)
        self.events = Events()
        self._executor = executor or ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))
        self.pictures = Pictures(floor, self._executor, self._changed)
        self.jobs = Jobs(jobs)
        self.heard: Memory[list[str]] = Memory()
        self.sent: Memory[str] = Memory()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        """Stop what runs, and let go of everything."""
        self._stop.set()
        self._watcher.join()
        self.jobs.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self.scribe.close()
        self.file.close()

    def _watch(self) -> None:
        """Have pictures made anew when the floor moved; one that cannot be read now is looked at again."""
        last = -1
        while not self._stop.wait(LOOKS):
            try:
                position = self.floor.position
                if position != last:
                    self.pictures.look(datetime.now(UTC))
                    last = position
            except Exception:  # noqa: S112 - whoever asks for a page is told what is wrong
                continue

    def _changed(self, view: str, before: Picture | None, now: Picture, number: int) -> None:
        """Tell a view's stream what changed in its queue."""
        if before is None:
            return
        ids = changed_ids(before, now)
        said: Mapping[str, Any] = {"number": number, "changed": len(ids), "leads": ids[:TOLD]}
        self.events.publish(view, "queue", said)
