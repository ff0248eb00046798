"""What sensors answer to tasks becomes acts on those tasks, in the log, as if their units had typed it in.

A node that accepts a task accepts it for its unit; one that rejects it, or fails, refuses it, and gives its
reason; one that has completed it has done it. An answer that may not follow what the task is by then (it
was done, or called off) changes nothing, and lies in `live/answers/unused`. What the node said stands in the
bytes of its delivery, whatever becomes of it here.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from watchfloor.cell.acting import tasks
from watchfloor.cell.acting.acts import Refused, Row
from watchfloor.cell.acting.ordering import Make, act
from watchfloor.cell.acting.tasks import Task
from watchfloor.feeds.live.outbox import ANSWERS, Answer, answers
from watchfloor.formats.base import FormatError
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

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
            except Refused:
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
            act(floor, writer, reader, answer.task, None, _making(answer))


def _making(answer: Answer) -> Make:
    """What an answer makes of a task; of a word that is none of the standard's, nothing."""
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
