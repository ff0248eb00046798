"""SAPIENT messages of a buffer as rows: taken apart, checked, and given to the kinds they belong to.

What nodes say to each other about messages and tasks (acknowledgements, tasks, errors) says nothing of the
world and gives no row; `session` hands it on. It stays in the delivery.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.protobuf import tidy
from watchfloor.formats.protobuf.emit import says
from watchfloor.formats.protobuf.layout import DOUBLE, FLOAT
from watchfloor.formats.protobuf.tape import Tape
from watchfloor.formats.sapient import alerts, coverage, detections, places
from watchfloor.formats.sapient.nodes import Node, registered
from watchfloor.formats.sapient.schema import LAYOUT, WORDS
from watchfloor.records.kinds import COVERAGE, DETECTION, INSTANT, Kind

Array = npt.NDArray[Any]

CONTENTS: Final = {
    field.number: field.name
    for field in LAYOUT.schema.messages["SapientMessage"].fields.values()
    if field.group
}
"""Contents of a message by their numbers."""

DETECTION_REPORT: Final = 7


@dataclass(frozen=True)
class Taken:
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

    def said(self, messages: Array) -> list[dict[str, Any]]:
        """Valid messages as mappings; enums by name."""
        if not len(messages):
            return []
        nodes = np.full(len(self), -1, np.int64)
        nodes[messages] = self.tape.top[messages]
        whole = says(WORDS, self.tape, nodes, np.zeros(len(self.tape.slot), np.bool_))
        return [msgspec.json.decode(one) for one in whole.take(pa.array(messages)).to_pylist()]


def take(data: Array, starts: Array, ends: Array) -> Taken:
    """Take apart and check the messages `data[starts[i]:ends[i]]`."""
    tape = tidy.read(LAYOUT, data, starts, ends)
    problems = tidy.problems(tape, data, starts, ends)
    for message, sentence in _not_finite(tape):
        problems.setdefault(message, []).append(sentence)
    _, undated = detections.moments(tape, "SapientMessage", "timestamp", tape.top)
    for message in np.flatnonzero(undated).tolist():
        problems.setdefault(message, []).append("timestamp is no moment of the years 1 to 9999")
    content = np.zeros(len(tape), np.int64)
    for number, name in CONTENTS.items():
        content[tape.entry("SapientMessage", name, tape.top) >= 0] = number
    invalid = np.isin(np.arange(len(tape)), list(problems))
    content[invalid] = 0
    nodes = np.where(invalid, -1, tape.top)
    sender = pc.ascii_lower(tape.text("SapientMessage", "node_id", nodes))
    return Taken(tape, content, sender, problems, tidy.unknown(tape))


REGISTRATION, STATUS_REPORT, ALERT = 4, 6, 10
_OF_ITSELF: Final = (REGISTRATION, STATUS_REPORT, ALERT)

Nodes = MutableMapping[str, Node]


class Part(NamedTuple):
    """Rows of one kind, and of each the message it is of."""

    kind: Kind
    rows: pa.Table
    message: Array


class Rows(NamedTuple):
    """Rows, and what turned out to be wrong with messages only when their values were read."""

    parts: list[Part]
    problems: dict[int, list[str]]


def rows(
    taken: Taken,
    accepted: Array,
    network: Array,
    nodes: Sequence[Nodes],
    locators: pa.Array,
    received: pa.Array,
) -> Rows:
    """Rows of the valid messages among those accepted, in their order.

    Args:
        taken: the messages.
        accepted: true for each that may give rows.
        network: of each message the number of the nodes that it came from.
        nodes: what is known of nodes, by network; it is brought up to date.
        locators: of each message.
        received: when each came; null where that is not known.
    """
    before = [dict(one) for one in nodes]
    told = _Told([], [], [], {})
    at, _ = detections.moments(taken.tape, "SapientMessage", "timestamp", taken.tape.top)
    few = np.flatnonzero(accepted & np.isin(taken.content, _OF_ITSELF))
    senders = taken.sender.take(pa.array(few)).to_pylist()
    for message, sender, said in zip(few.tolist(), senders, taken.said(few), strict=True):
        told.tell(int(network[message]), nodes[network[message]], message, sender, said)
    many = np.flatnonzero(accepted & (taken.content == DETECTION_REPORT))
    problems = told.problems
    seen = _detections(taken, many, network, before, told.versions, problems)
    fill = _Fill(at, locators, received)
    parts = [
        *fill.parts(DETECTION, [seen, *fill.table(DETECTION, told.alerts)]),
        *fill.parts(COVERAGE, fill.table(COVERAGE, told.reports)),
    ]
    return Rows(parts, problems)


@dataclass(frozen=True)
class _Told:
    """What nodes say of themselves: how each is after a message, and rows of alerts and of coverage."""

    versions: list[tuple[int, str, int, Node]]
    alerts: list[tuple[int, dict[str, Any]]]
    reports: list[tuple[int, dict[str, Any]]]
    problems: dict[int, list[str]]

    def tell(self, network: int, nodes: Nodes, message: int, sender: str, said: dict[str, Any]) -> None:
        """Read one message of a node about itself."""
        node = nodes.get(sender, Node())
        after: Node | str
        if held := said.get("registration"):
            place = node.latitude, node.longitude, node.altitude
            after = replace(registered(held), latitude=place[0], longitude=place[1], altitude=place[2])
        elif held := said.get("status_report"):
            after = coverage.moved(node, held)
        else:
            self._alert(node, message, sender, said["alert"])
            return
        if isinstance(after, str):
            self.problems[message] = [after]
            return
        row = coverage.of_registration if "registration" in said else coverage.of_status
        self.reports.append((message, row(after, sender, held)))
        self.versions.append((network, sender, message, after))
        nodes[sender] = after

    def _alert(self, node: Node, message: int, sender: str, alert: dict[str, Any]) -> None:
        if not alerts.is_seen(alert):
            self.reports.append((message, coverage.of_alert(node, sender, alert)))
            return
        row = alerts.row(node, sender, alert)
        if isinstance(row, str):
            self.problems[message] = [row]
        else:
            self.alerts.append((message, row))


class _Table(NamedTuple):
    """Columns by name, and of each row the message it is of."""

    columns: dict[str, pa.Array]
    message: Array


@dataclass(frozen=True)
class _Fill:
    """What rows of all kinds have: when, where and since when they are here."""

    at: Array
    locators: pa.Array
    received: pa.Array

    def table(self, kind: Kind, told: list[tuple[int, dict[str, Any]]]) -> list[_Table]:
        """Rows as columns, with the moment of their message; nothing where there are none."""
        if not told:
            return []
        message = np.array([one for one, _ in told], np.int64)
        columns = {
            field.name: pa.array([row.get(field.name) for _, row in told], field.type)
            for field in BODIES[kind.name]
        }
        moments = pa.array(self.at[message]).view(INSTANT)
        return [_Table(columns | {"observed_at": moments, "until": _until(moments, told)}, message)]

    def parts(self, kind: Kind, tables: list[_Table]) -> list[Part]:
        """The rows of a kind in the order of their messages; those with a marking of their own apart."""
        whole = [self._typed(kind, one) for one in tables if len(one.message)]
        if not whole:
            return []
        message = np.concatenate([one.message for one in tables if len(one.message)])
        joined = pa.concat_tables(whole).combine_chunks()
        if len(whole) > 1:
            order = np.argsort(message, kind="stable")
            message, joined = message[order], joined.take(pa.array(order))
        marked = np.asarray(joined.column(MARKING).is_valid())
        out = []
        names = BODIES[kind.name].names
        for mask, wanted in ((~marked, names[:-1]), (marked, names)):
            if mask.any():
                rows = joined if mask.all() else joined.filter(pa.array(mask))
                out.append(Part(kind, rows.select(wanted), message[mask]))
        return out

    def _typed(self, kind: Kind, table: _Table) -> pa.Table:
        index = pa.array(table.message)
        received = pc.coalesce(self.received.take(index), *filter(None, [table.columns.get("received_at")]))
        columns = table.columns | {"locator": self.locators.take(index), "received_at": received}
        schema = BODIES[kind.name]
        arrays = [
            columns[field.name] if field.name in columns else pa.nulls(len(index), field.type)
            for field in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)


MARKING: Final = "marking"
BODIES: Final = {
    kind.name: kind.body.append(pa.field(MARKING, pa.string())) for kind in (DETECTION, COVERAGE)
}
"""Columns of rows that may have a marking of their own."""


def _until(moments: pa.Array, told: list[tuple[int, dict[str, Any]]]) -> pa.Array:
    """When the next report is due, where the node has said so."""
    spans = [row.get("interval") for _, row in told]
    micros = pa.array([None if one is None else round(one * 1e6) for one in spans], pa.int64())
    return pc.add(moments.view(pa.int64()), micros).view(INSTANT)


def _detections(
    taken: Taken,
    many: Array,
    network: Array,
    before: Sequence[Mapping[str, Node]],
    versions: list[tuple[int, str, int, Node]],
    problems: dict[int, list[str]],
) -> _Table:
    if not len(many):
        return _Table({}, many)
    seen = _seen(taken.sender.take(pa.array(many)), many, network[many], before, versions)
    read = detections.rows(taken.tape, taken.tape.top[many], seen)
    wrong = np.zeros(len(many), np.bool_)
    for row, sentences in (*places.sentences(read.wrong), *read.refused.items()):
        wrong[row] = True
        problems.setdefault(int(many[row]), []).extend(sentences)
    columns, many = read.columns, many
    if wrong.any():
        keep = pa.array(~wrong)
        columns, many = {name: column.filter(keep) for name, column in columns.items()}, many[~wrong]
    return _Table(columns, many)


def _seen(
    senders: pa.Array,
    messages: Array,
    network: Array,
    before: Sequence[Mapping[str, Node]],
    versions: list[tuple[int, str, int, Node]],
) -> detections.Seen:
    """What was known of each row's node when its message came: the last version before it."""
    coded = senders.dictionary_encode()
    names = coded.dictionary.to_pylist()
    number = {name: i for i, name in enumerate(names)}
    who = network * len(names) + coded.indices.to_numpy()
    known = [
        (who_, -1, before[who_ // len(names)].get(names[who_ % len(names)], Node()))
        for who_ in np.unique(who).tolist()
    ]
    known += [(net * len(names) + number[name], m, node) for net, name, m, node in versions if name in number]
    known.sort(key=lambda one: one[:2])
    span = int(messages[-1]) + 2
    keys = np.array([one[0] * span + min(one[1], span - 2) + 1 for one in known], np.int64)
    found = np.searchsorted(keys, who * span + messages + 1) - 1
    nodes = [one[2] for one in known]
    return detections.Seen(
        _numbers(node.latitude for node in nodes)[found],
        _numbers(node.longitude for node in nodes)[found],
        _numbers(node.altitude for node in nodes)[found],
        np.array([node.error_unit for node in nodes], np.int64)[found],
        np.array([node.speed for node in nodes])[found],
        np.array([node.climb for node in nodes])[found],
        places.zones([node.zone for node in nodes])[found],
    )


def _numbers(values: Iterable[float | None]) -> Array:
    return np.array([np.nan if value is None else value for value in values], np.float64)


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
