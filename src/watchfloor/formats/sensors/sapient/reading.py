"""SAPIENT messages of a buffer as rows: judged by their values, and given to the kinds they belong to.

What nodes say to each other about messages and tasks (acknowledgements, tasks, errors) says nothing of the
world and gives no row; `session` hands it on. It stays in the delivery.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import COVERAGE, DETECTION
from watchfloor.formats.sensors.sapient import alerts, coverage, detections, places
from watchfloor.formats.sensors.sapient.filling import Fill, Part, Table
from watchfloor.formats.sensors.sapient.measures import Measured, NodeColumns, measured
from watchfloor.formats.sensors.sapient.nodes import Node, registered
from watchfloor.formats.sensors.sapient.taking import (
    ALERT,
    DETECTION_REPORT,
    REGISTRATION,
    STATUS_REPORT,
    Messages,
    moments,
)

Array = npt.NDArray[Any]
Nodes = MutableMapping[str, Node]
_OF_ITSELF: Final = (REGISTRATION, STATUS_REPORT, ALERT)


@dataclass(frozen=True)
class Judged:
    """Messages whose values were read.

    Attributes:
        taken: the messages.
        problems: what is wrong with those whose values cannot be, by message.
        told: what nodes say of themselves.
        many: messages with a detection report.
        found: their numbers; None where there are none.
    """

    taken: Messages
    problems: dict[int, list[str]]
    told: "NodeReports"
    many: Array
    found: Measured | None

    def parts(self, locators: pa.Array, received: pa.Array) -> list[Part]:
        """The rows of what is not wrong.

        Args:
            locators: of each message.
            received: when each came; null where that is not known.
        """
        tape = self.taken.tape
        at, _ = moments(tape, "SapientMessage", "timestamp", tape.top)
        fill = Fill(at, locators, received)
        seen = [self._detections(self.found)] if self.found is not None else []
        return [
            *fill.parts(DETECTION, [*seen, *fill.table(DETECTION, self.told.alerts)]),
            *fill.parts(COVERAGE, fill.table(COVERAGE, self.told.reports)),
        ]

    def _detections(self, found: Measured) -> Table:
        columns = detections.columns(self.taken.tape, self.taken.tape.top[self.many], found)
        wrong = np.isin(self.many, list(self.problems))
        if not wrong.any():
            return Table(columns, self.many)
        keep = pa.array(~wrong)
        return Table({name: column.filter(keep) for name, column in columns.items()}, self.many[~wrong])


def judge(taken: Messages, accepted: Array, network: Array, nodes: Sequence[Nodes]) -> Judged:
    """Read the values of the valid messages among those accepted, in their order.

    Args:
        taken: the messages.
        accepted: true for each that may give rows.
        network: of each message the number of the nodes that it came from.
        nodes: what is known of nodes, by network; it is brought up to date.
    """
    before = [dict(one) for one in nodes]
    told = NodeReports([], [], [], {})
    few = np.flatnonzero(accepted & np.isin(taken.content, _OF_ITSELF))
    senders = taken.sender.take(pa.array(few)).to_pylist()
    for message, sender, said in zip(few.tolist(), senders, taken.mappings(few), strict=True):
        told.read(int(network[message]), nodes[network[message]], message, sender, said)
    many = np.flatnonzero(accepted & (taken.content == DETECTION_REPORT))
    problems, found = told.problems, None
    if len(many):
        senders_ = taken.sender.take(pa.array(many))
        found = measured(
            taken.tape, taken.tape.top[many], _seen(senders_, many, network[many], before, told.versions)
        )
        problems |= {int(many[row]): sentences for row, sentences in found.problems(len(many)).items()}
    return Judged(taken, problems, told, many, found)


@dataclass(frozen=True)
class NodeReports:
    """Nodes' reports on themselves: how each is after a message, and rows of alerts and of coverage."""

    versions: list[tuple[int, str, int, Node]]
    alerts: list[tuple[int, dict[str, Any]]]
    reports: list[tuple[int, dict[str, Any]]]
    problems: dict[int, list[str]]

    def read(self, network: int, nodes: Nodes, message: int, sender: str, said: dict[str, Any]) -> None:
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


def _seen(
    senders: pa.Array,
    messages: Array,
    network: Array,
    before: Sequence[Mapping[str, Node]],
    versions: list[tuple[int, str, int, Node]],
) -> NodeColumns:
    """Return each row's node as it was when its message came: the last version before it."""
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
    return NodeColumns(
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
