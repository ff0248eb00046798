"""The scribe: acts of many people at once, in one commit of the log.

Each act is durable before its page is sent. A commit waits for the disk, so what comes while one is under way
goes with the next, all together.
"""

import queue
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Final, NamedTuple

from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

MOST: Final = 512
"""Acts of one commit."""


class _Waiting(NamedTuple):
    actor: Actor
    act: str
    detail: Mapping[str, object]
    done: "Future[int]"


class Scribe:
    """Logs acts from any thread; `log` returns when the act is durable."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="scribe", daemon=True)
        self._thread.start()

    def log(self, actor: Actor, act: str, detail: Mapping[str, object]) -> int:
        """Log one act; gives its position. Raises what `Floor.act` raises."""
        done: Future[int] = Future()
        self._waiting.put(_Waiting(actor, act, detail, done))
        return done.result()

    def close(self) -> None:
        """Log what waits, and stop."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, stop = [first], False
            while len(batch) < MOST and not self._waiting.empty():
                if (one := self._waiting.get()) is None:
                    stop = True
                    break
                batch.append(one)
            self._commit(batch)
            if stop:
                return

    def _commit(self, batch: list[_Waiting]) -> None:
        """All in one commit; where that fails, each alone, so that one person's trouble is not another's."""
        try:
            positions = self._floor.acts_by([(one.actor, one.act, one.detail) for one in batch])
        except Exception as error:
            if len(batch) == 1:
                batch[0].done.set_exception(error)
                return
            for one in batch:
                self._commit([one])
            return
        for one, position in zip(batch, positions, strict=True):
            one.done.set_result(position)
