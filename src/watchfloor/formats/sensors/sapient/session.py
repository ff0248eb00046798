"""The side of a fusion node in a SAPIENT conversation, without sockets: bytes in, rows and replies out.

A connection carries one node, or several behind a middleware. Each registers before it says anything else
and is acknowledged; a message that is invalid, or of a node that has not registered, is answered with an
error that names the field, gives no row, and is a fault. A node id belongs to one connection: a second
one that claims it is refused, whichever of the two is the sensor, until the first has ended or fallen silent.
Nodes that are silent for a minute, or three of their status intervals where those are longer, are gone
(ICD 5.0, 4.4.1 has the minute).

Replies promise that what was said is kept: send them when the rows are durable.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import COVERAGE, INSTANT
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Fault
from watchfloor.formats.fault_aggregation import together
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient import coverage, messages, stream
from watchfloor.formats.sensors.sapient.filling import Part
from watchfloor.formats.sensors.sapient.ids import ulid
from watchfloor.formats.sensors.sapient.nodes import Node
from watchfloor.formats.sensors.sapient.reading import judge
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES, SCHEMA
from watchfloor.formats.sensors.sapient.taking import CONTENTS, DETECTION_REPORT, Messages, take_apart

Array = npt.NDArray[Any]

SILENCE: Final = timedelta(seconds=60)
"""A node that says nothing for so long is gone."""

INTERVALS: Final = 3
"""Or for so many of its own status intervals, where they are longer."""

_HEARD: Final = ("status_report", "detection_report")
_ANSWERED: Final = ("task_ack", "alert", "alert_ack", "error")
_NEVER: Final = np.iinfo(np.int64).max


class Refusal(ValueError):  # noqa: N818 - a refusal is an answer, not a failure
    """A task that cannot be sent; the message says why."""


class Event(NamedTuple):
    """Something that is no row.

    Attributes:
        what: registered, refused, gone, task, alert, error, or the name of another content.
        node: of which node; empty where none is named.
        said: the content of its message; of a node that is gone, why.
    """

    what: str
    node: str
    said: Mapping[str, Any]


@dataclass
class Outcome:
    """Outcome of bytes, or of time that passed.

    Attributes:
        faults: what could not be read, or may not be said.
        replies: to send on this connection once the rows are durable.
        events: what else was said.
        passed: the accepted messages as they came, for a log that is read again.
        close: whether the connection is to be closed, after the replies.
        later: makes further rows, when somebody asks for them.
        own: those of the rows that no message holds: that a node is gone. They are in `parts` too.
    """

    faults: list[Fault] = field(default_factory=list)
    replies: bytes = b""
    events: list[Event] = field(default_factory=list)
    passed: bytes = b""
    close: bool = False
    later: list[Callable[[], list[Part]]] = field(default_factory=list, repr=False)
    own: list[Part] = field(default_factory=list)
    _parts: list[Part] = field(default_factory=list, repr=False)

    @property
    def parts(self) -> list[Part]:
        """Rows, by kind. They are made when they are asked for: who keeps what `passed` needs them later."""
        while self.later:
            self._parts += self.later.pop(0)()
        return self._parts


class Sent(NamedTuple):
    """A task on its way: its id, the session that carries it, and the bytes to send."""

    task: str
    session: "Session"
    data: bytes


@dataclass
class Registered:
    """A node that has registered.

    Attributes:
        session: the connection that it is on.
        heard: when it last said anything.
        commands: types of the commands that it takes, as it registered.
    """

    session: "Session"
    heard: datetime
    commands: frozenset[str]


class Fusion:
    """A fusion node and the nodes that are registered with it.

    Args:
        node: its own id, a UUID.
        draw: gives so many random bytes, for ids.

    Attributes:
        node: its own id.
        nodes: those registered, by their ids.
    """

    def __init__(self, node: str, draw: Callable[[int], bytes] = os.urandom) -> None:
        self.node = node
        self.nodes: dict[str, Registered] = {}
        self._draw = draw

    def session(self) -> "Session":
        """A connection that has come about."""
        return Session(self)

    def task(self, node: str, command: Mapping[str, Any], now: datetime, **task: Any) -> Sent:
        """A task for a node.

        Args:
            node: its id.
            command: as `messages.look_at` and others give it.
            now: when.
            task: further fields of `Task`, such as `task_description` or `task_end_time`.

        Raises:
            Refusal: the node is not here, does not take such a command, or the task is none.
        """
        registered = self.nodes.get(node)
        if registered is None:
            raise Refusal(f"node {node} is not connected, so nobody would carry out the task")
        name = next((one for one in command if one in messages.COMMANDS), "")
        if messages.COMMANDS.get(name) not in registered.commands:
            raise Refusal(
                f"node {node} did not register the command {name or 'that was asked'}, and would reject it"
            )
        id_ = ulid(int(now.timestamp() * 1000), self._draw(10))
        content = {"task_id": id_, "control": "CONTROL_START", "command": dict(command)} | task
        try:
            data = messages.checked(messages.wrapped(self.node, node, now, task=content))
        except ValueError as error:
            raise Refusal(f"the task cannot be sent: {error}") from error
        return Sent(id_, registered.session, data)

    def forward(self, message: bytes) -> Sent:
        """A task that others have written, behind its length, for the node that it names.

        Raises:
            Refusal: the node is not here, or does not take such a command.
            ValueError: it is no task for one node.
        """
        said = codec.decode(SCHEMA, message[stream.LENGTH :])
        node, task = said.get("destination_id"), said.get("task")
        if not node or not task:
            raise ValueError("it is no task for one node")
        registered = self.nodes.get(node)
        if registered is None:
            raise Refusal(f"node {node} is not connected, so nobody would carry out the task")
        name = next((one for one in task.get("command", {}) if one in messages.COMMANDS), "")
        if messages.COMMANDS.get(name) not in registered.commands:
            raise Refusal(f"node {node} did not register the command {name or 'that was asked'}")
        return Sent(task["task_id"], registered.session, message)

    def stop(self, node: str, task: str, now: datetime) -> Sent:
        """The order to stop a task. Raises `Refusal` where the node is not here."""
        registered = self.nodes.get(node)
        if registered is None:
            raise Refusal(f"node {node} is not connected")
        content = {"task_id": task, "control": "CONTROL_STOP"}
        return Sent(
            task, registered.session, messages.framed(messages.wrapped(self.node, node, now, task=content))
        )


class Session:
    """One connection.

    Args:
        fusion: the fusion node.
    """

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion
        self._network: dict[str, Node] = {}
        self._rest = b""
        self._at = 0
        self._closed = False

    def feed(self, data: bytes, now: datetime) -> Outcome:
        """Read what came on the connection; how it is cut does not matter."""
        out = Outcome()
        if self._closed:
            return out
        data = self._rest + data
        frames = stream.framed([data])
        taken = take_apart(frames.data, frames.starts, frames.ends)
        gate = _Gate(self, taken, now, out)
        accepted = gate.accepted()
        received = pa.array([now] * len(taken), INSTANT)
        place = stream.locators(frames._replace(offset=frames.offset + self._at))
        network = np.zeros(len(taken), np.int64)
        judged = judge(taken, accepted, network, [self._network])
        out.later.append(lambda: judged.parts(place, received))
        accepted &= ~np.isin(np.arange(len(taken)), list(judged.problems))
        shifted = frames._replace(offset=frames.offset + self._at)
        problems = gate.refused | judged.problems
        faults = together((0, fault) for _, fault in stream.faulty(taken, problems, shifted))
        out.faults += [fault for _, fault in faults]
        out.replies += gate.replies(taken.problems | problems, frames)
        out.passed = b"".join(
            data[start - stream.LENGTH : end]
            for start, end in zip(
                frames.starts[accepted].tolist(), frames.ends[accepted].tolist(), strict=True
            )
        )
        rest = int(frames.rests[0])
        self._rest = data[rest:]
        self._at += rest
        if len(self._rest) >= stream.LENGTH and int.from_bytes(self._rest[:4], "little") > MAX_BYTES:
            self._lost(out, now)
        return out

    def tick(self, now: datetime) -> Outcome:
        """Say which nodes have been silent for too long; call it now and then."""
        out = Outcome()
        for node, registered in self._mine():
            interval = self._network[node].interval or 0.0
            limit = max(SILENCE, INTERVALS * timedelta(seconds=interval))
            if now - registered.heard > limit:
                self._gone(node, f"it has said nothing for {limit.total_seconds():g} seconds", now, out)
        out.close = bool(out.events) and not self._mine()
        self._closed |= out.close
        return out

    def end(self, now: datetime) -> Outcome:
        """The connection has ended."""
        out = Outcome()
        for node, _ in self._mine():
            self._gone(node, "its connection has ended", now, out)
        if self._rest:
            out.faults.append(stream.broken(self._rest, self._at))
            self._rest = b""
        self._closed = True
        return out

    def _mine(self) -> list[tuple[str, Registered]]:
        return [(name, one) for name, one in self._fusion.nodes.items() if one.session is self]

    def _gone(self, node: str, why: str, now: datetime, out: Outcome) -> None:
        del self._fusion.nodes[node]
        known = self._network[node]
        if known.state != "gone":  # a node that said goodbye has its row
            row = coverage.of_silence(known, node, why) | {"observed_at": now, "received_at": now}
            names = COVERAGE.body.names
            table = pa.Table.from_pylist(
                [{"locator": byte_ranges.locator(self._at, self._at), **row}], COVERAGE.body
            ).select(names)
            out.own.append(Part(COVERAGE, table, np.zeros(1, np.int64)))
            out.parts.append(out.own[-1])
        out.events.append(Event("gone", node, {"why": why}))

    def _lost(self, out: Outcome, now: datetime) -> None:
        """The stream cannot be followed any more."""
        out.faults.append(stream.broken(self._rest, self._at))
        why = stream.lost_at(self._rest)
        out.replies += messages.framed(messages.error(self._fusion.node, None, now, self._rest[:64], [why]))
        self._rest = b""
        out.close = self._closed = True


_ONE_EACH: Final = "Two nodes cannot have one id: give each its own, or end the other connection"


class _Gate:
    """Who may say what: registrations, and what is said before them."""

    def __init__(self, session: Session, taken: Messages, now: datetime, out: Outcome) -> None:
        self._session, self._fusion = session, session._fusion
        self._taken, self._now, self._out = taken, now, out
        self.refused: dict[int, list[str]] = {}
        self._acks: dict[int, bytes] = {}
        self._coded = taken.sender.dictionary_encode()
        self._names: list[str] = self._coded.dictionary.to_pylist()
        self._who = self._coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        self._since = np.array([-1 if self._is_here(name) else _NEVER for name in self._names] + [_NEVER])

    def _is_here(self, node: str) -> bool:
        registered = self._fusion.nodes.get(node)
        return registered is not None and registered.session is self._session

    def accepted(self) -> Array:
        """Which messages may give rows; what is said in the others, and in acknowledgements, is handed on."""
        taken = self._taken
        content = taken.content
        few = np.flatnonzero((content > 0) & (content != DETECTION_REPORT))
        for message, said in zip(few.tolist(), taken.mappings(few), strict=True):
            self._hear(message, CONTENTS[int(content[message])], said)
        accepted: Array = (content > 0) & (self._since[self._who] <= np.arange(len(taken)))
        for message in np.flatnonzero((content > 0) & ~accepted).tolist():
            self.refused.setdefault(message, [self._stranger(message)])
        accepted &= ~np.isin(np.arange(len(taken)), list(self.refused))
        for who in np.unique(self._who[accepted]).tolist():
            self._fusion.nodes[self._names[who]].heard = self._now
        return accepted

    def _hear(self, message: int, what: str, said: Mapping[str, Any]) -> None:
        who = int(self._who[message])
        node = self._names[who]
        if what == "registration":
            self._register(message, who, said["registration"])
        elif what not in (*_HEARD, *_ANSWERED):
            self.refused[message] = [f"{what} is what a fusion node sends, and is not read by one"]
        elif self._since[who] <= message and what in _ANSWERED:
            if what == "alert":
                self._acks[message] = messages.framed(
                    messages.alert_ack(self._fusion.node, node, self._now, said["alert"]["alert_id"])
                )
            self._out.events.append(Event("task" if what == "task_ack" else what, node, said[what]))

    def _register(self, message: int, who: int, said: Mapping[str, Any]) -> None:
        node = self._names[who]
        other = self._fusion.nodes.get(node)
        reasons = []
        if other is not None and other.session is not self._session:
            reasons = [f"node_id {node} is registered on another connection. {_ONE_EACH}"]
        elif node == self._fusion.node:
            reasons = [f"node_id {node} is that of the fusion node itself. {_ONE_EACH}"]
        self._acks[message] = messages.framed(
            messages.registration_ack(self._fusion.node, node, self._now, reasons)
        )
        if reasons:
            self.refused[message] = reasons
            self._out.events.append(Event("refused", node, {"why": reasons[0]}))
            return
        self._fusion.nodes[node] = Registered(self._session, self._now, _commands(said))
        self._since[who] = min(self._since[who], message)
        self._out.events.append(Event("registered", node, said))

    def _stranger(self, message: int) -> str:
        node = self._names[self._who[message]]
        other = self._fusion.nodes.get(node)
        if other is not None and other.session is not self._session:
            return f"node_id {node} is registered on another connection, and only that may speak for it"
        return f"node_id {node} has not registered on this connection; it must, before it says anything else"

    def replies(self, problems: Mapping[int, list[str]], frames: stream.Framed) -> bytes:
        """Acknowledgements and errors, in the order of what they answer."""
        out = []
        errors = self._taken.tape.entry("SapientMessage", "error", self._taken.tape.top) >= 0
        for message in sorted({*problems, *self._acks}):
            if message in self._acks and message not in problems.keys() - self.refused.keys():
                out.append(self._acks[message])
            elif not errors[message]:  # an error that answers an error would never end
                packet = frames.data[frames.starts[message] : frames.ends[message]].tobytes()
                to = self._names[self._who[message]] if self._who[message] >= 0 else None
                wrong = messages.error(self._fusion.node, to, self._now, packet, problems[message])
                out.append(messages.framed(wrong))
        return b"".join(out)


def _commands(registration: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        command["type"]
        for mode in registration["mode_definition"]
        for command in mode["task"].get("command", ())
    )
