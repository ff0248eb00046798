"""Tasks on their way to sensors, and what those answer: files of the floor's folder, one a message.

`live/outbox/TASK.sapient` is a task behind its length (`planning.sending` writes it). It goes to its node
over the connection on which that has registered, and lies in `sent` then; until the node connects it waits.
When its time is over it lies in `expired`; a node that does not take such a command is not asked, and it lies
in `refused`. What a node answers to a task lies in `live/answers`, for who keeps the tasks
(`casework.live_worker`).
"""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from watchfloor.feeds.live.source import Source
from watchfloor.feeds.live.status import FOLDER as LIVE
from watchfloor.feeds.live.tcp import Answer as Reply
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient.schema import SCHEMA
from watchfloor.formats.sensors.sapient.session import Event, Refusal
from watchfloor.formats.sensors.sapient.stream import LENGTH
from watchfloor.store import clock

FOLDER: Final = f"{LIVE}/outbox"
ANSWERS: Final = f"{LIVE}/answers"
SUFFIX: Final = ".sapient"
EVERY: Final = 0.25
"""Seconds between two looks."""
REJECTED: Final = "TASK_STATUS_REJECTED"


class Answer(msgspec.Struct, frozen=True):
    """A node's answer to a task.

    Attributes:
        task: its id.
        node: the SAPIENT node's id.
        status: `TASK_STATUS_ACCEPTED`, `_REJECTED`, `_COMPLETED` or `_FAILED`.
        reasons: why, where that is said.
    """

    task: str
    node: str
    status: str
    reasons: list[str] = []


class Outbox:
    """The tasks of one floor.

    Args:
        root: the floor's folder.
        sources: those over which nodes are talked to.
    """

    def __init__(self, root: Path, sources: Iterable[Source]) -> None:
        self._root, self._folder = root, root / FOLDER
        self._sources = [one for one in sources if one.talks is not None]
        for one in self._sources:
            one.events = self.hear
        self._looked = 0.0
        self._names: dict[str, str] = {}
        for path in (self._folder / "sent").glob(f"*{SUFFIX}"):
            with suppress(OSError, ValueError):
                self._names[_said(path.read_bytes())["task"]["task_id"]] = path.stem

    def look(self) -> None:
        """Send what waits and can be sent; not more often than every `EVERY` seconds."""
        if not self._sources or time.monotonic() - self._looked < EVERY:
            return
        self._looked = time.monotonic()
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            with suppress(OSError):
                self._send(path, clock.now(self._root))

    def hear(self, event: Event) -> None:
        """Keep a node's statement on a task that went out from here as an answer."""
        if event.what != "task" or (name := self._names.get(event.said["task_id"])) is None:
            return
        self._answer(Answer(name, event.node, event.said["task_status"], _reasons(event.said)))

    def _send(self, path: Path, now: datetime) -> None:
        message = path.read_bytes()
        try:
            said = _said(message)
            node = said["destination_id"]
            if _ended(said["task"], now):
                _moved(path, "expired")
                return
            one = next((one for one in self._sources if node in one.talks.nodes), None)
            if one is None:
                return
            sent = one.talks.forward(message)
        except Refusal as error:
            _moved(path, "refused")
            self._answer(Answer(path.stem, node, REJECTED, [f"it was not sent: {error}"]))
        except (ValueError, KeyError):
            _moved(path, "refused")
        else:
            self._names[sent.task] = path.stem
            stream = one.streams[sent.session]
            stream.answer(Reply(stream, sent.data, close=False))
            _moved(path, "sent")

    def _answer(self, answer: Answer) -> None:
        folder = self._root / ANSWERS
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020}"
        draft = folder / f".{name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(answer))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / f"{name}.json")


def answers(root: Path) -> list[tuple[Path, Answer]]:
    """Return the answers of nodes that nobody has noted yet, oldest first, each with its file."""
    found = []
    for path in sorted((root / ANSWERS).glob("*.json")):
        with suppress(OSError, ValueError):
            found.append((path, msgspec.json.decode(path.read_bytes(), type=Answer)))
    return found


def _said(message: bytes) -> Mapping[str, Any]:
    return codec.decode(SCHEMA, message[LENGTH:])


def _reasons(said: Mapping[str, Any]) -> list[str]:
    found = said.get("reason", [])
    return [found] if isinstance(found, str) else list(found)


def _ended(task: Mapping[str, Any], now: datetime) -> bool:
    ends = task.get("task_end_time")
    return ends is not None and ends["seconds"] < now.timestamp()


def _moved(path: Path, where: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    path.replace(folder / path.name)
