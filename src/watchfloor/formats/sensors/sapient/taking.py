"""SAPIENT messages of a buffer, taken apart, and held against what the standard asks of any message."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors.protobuf import tidy
from watchfloor.formats.sensors.protobuf.emit import says
from watchfloor.formats.sensors.protobuf.layout import DOUBLE, FLOAT
from watchfloor.formats.sensors.protobuf.tape import Tape
from watchfloor.formats.sensors.sapient.schema import LAYOUT, SCHEMA, WORDS

Array = npt.NDArray[Any]

CONTENTS: Final = {
    field.number: field.name for field in SCHEMA.messages["SapientMessage"].fields.values() if field.group
}
"""Contents of a message by their numbers."""

REGISTRATION, STATUS_REPORT, DETECTION_REPORT, ALERT = 4, 6, 7, 10

_SHARES: Final = (
    ("DetectionReport", "detection_confidence"),
    ("DetectionReport.DetectionReportClassification", "confidence"),
    ("DetectionReport.SubClass", "confidence"),
    ("DetectionReport.Behaviour", "confidence"),
    ("Alert", "confidence"),
    ("Alert", "ranking"),
)
"""Fields that hold a probability."""


@dataclass(frozen=True)
class Messages:
    """Messages of one buffer.

    Attributes:
        tape: their fields.
        content: number of each one's content, see `CONTENTS`; 0 where it is invalid.
        sender: the node that each names, lower case; null where it is invalid.
        problems: what is wrong, by message: sentences that begin with the field.
        unknown: fields that the standard does not have, by message.
    """

    tape: Tape
    content: Array
    sender: pa.Array
    problems: dict[int, list[str]]
    unknown: dict[int, list[str]]

    def __len__(self) -> int:
        return len(self.content)

    def mappings(self, messages: Array) -> list[dict[str, Any]]:
        """Valid messages as mappings; enums by name."""
        if not len(messages):
            return []
        nodes = np.full(len(self), -1, np.int64)
        nodes[messages] = self.tape.top[messages]
        whole = says(WORDS, self.tape, nodes, np.zeros(len(self.tape.slot), np.bool_))
        return [msgspec.json.decode(one) for one in whole.take(pa.array(messages)).to_pylist()]


def take_apart(data: Array, starts: Array, ends: Array) -> Messages:
    """Take apart and check the messages `data[starts[i]:ends[i]]`."""
    tape = tidy.read(LAYOUT, data, starts, ends)
    problems = tidy.problems(tape, data, starts, ends)
    for message, sentence in (*_not_finite(tape), *_no_shares(tape)):
        problems.setdefault(message, []).append(sentence)
    _, undated = moments(tape, "SapientMessage", "timestamp", tape.top)
    for message in np.flatnonzero(undated).tolist():
        problems.setdefault(message, []).append("timestamp is no moment of the years 1 to 9999")
    content = np.zeros(len(tape), np.int64)
    for number, name in CONTENTS.items():
        content[tape.entry("SapientMessage", name, tape.top) >= 0] = number
    invalid = np.isin(np.arange(len(tape)), list(problems))
    content[invalid] = 0
    nodes = np.where(invalid, -1, tape.top)
    sender = pc.ascii_lower(tape.text("SapientMessage", "node_id", nodes))
    return Messages(tape, content, sender, problems, tidy.unknown(tape))


def moments(tape: Tape, message: str, field: str, nodes: Array) -> tuple[Array, Array]:
    """Moments of a field in microseconds since 1970, and where they are none of the years 1 to 9999."""
    held = tape.inside(message, field, nodes)
    seconds = tape.integer("Timestamp", "seconds", held)
    nanos = tape.integer("Timestamp", "nanos", held)
    bad = (seconds < -62_135_596_800) | (seconds > 253_402_300_799) | (nanos < 0) | (nanos > 999_999_999)
    return np.where(bad, 0, seconds) * 1_000_000 + np.where(bad, 0, nanos) // 1000, bad


def _not_finite(tape: Tape) -> Iterator[tuple[int, str]]:
    """Numbers that are none: the standard has no field where NaN or infinity could mean something."""
    kinds = np.append(LAYOUT.kind, 255)[tape.slot]
    for kind in (DOUBLE, FLOAT):
        entries = np.flatnonzero(kinds == kind)
        values = tape.value[entries]
        numbers = values.view(np.float64) if kind == DOUBLE else values.astype(np.uint32).view(np.float32)
        none = ~np.isfinite(numbers)
        for entry, number in zip(entries[none].tolist(), numbers[none], strict=True):
            node = int(tape.node[entry])
            name = ".".join([*tape.path(node), LAYOUT.slots[tape.slot[entry]][1].name])
            yield int(tape.root[node]), f"{name} is {number}, which is no number"


def _no_shares(tape: Tape) -> Iterator[tuple[int, str]]:
    """Probabilities outside 0 to 1."""
    for message, field in _SHARES:
        entries = tape.entries(message, field)
        values = tape.floats(entries, LAYOUT.slot[message, field])
        wrong = ~((values >= 0) & (values <= 1)) & np.isfinite(values)
        for entry, value in zip(entries[wrong].tolist(), values[wrong], strict=True):
            node = int(tape.node[entry])
            yield int(tape.root[node]), f"{'.'.join([*tape.path(node), field])} is {value:g}, outside 0 to 1"
