"""Detection reports of a tape as rows of `detection`.

| of the report | column |
|---|---|
| `node_id`, `report_id` | `sensor`, `report_key` |
| `timestamp` of the message | `observed_at` |
| `location`, with errors | `latitude`, `longitude`, `altitude`, `var_east`, `var_north` |
| `range_bearing`, with errors | `azimuth`, `elevation`, `range`, their errors; the node's place |
| `enu_velocity` | `speed`, `course`, `climb`, and errors propagated to first order |
| `object_id`, `id`, `state` | `object`, `name`, `status` |
| `detection_confidence` | `confidence` |
| `classification` | `class` and `class_confidence` of the likeliest, or of its sub-class |
| `object_info` named `watchfloor.COLUMN` | that column, see `extensions` |

All else, and a place that these columns do not hold whole, is in `says`. A bearing without a distance is sent
with a stand-in for one whose error is as large as itself (ICD 5.0, appendix E): such a range is unknown.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors.protobuf.emit import says
from watchfloor.formats.sensors.protobuf.tape import Tape
from watchfloor.formats.sensors.sapient import extensions
from watchfloor.formats.sensors.sapient.measures import REPORT, Measured
from watchfloor.formats.sensors.sapient.schema import WORDS
from watchfloor.formats.sensors.sapient.taking import moments

Array = npt.NDArray[Any]
CLASSIFICATION: Final = "DetectionReport.DetectionReportClassification"
SUB_CLASS: Final = "DetectionReport.SubClass"

CLASSES: Final = {
    name: ours
    for ours, names in {
        "person": "human, person, pedestrian, people, walker",
        "group": "group, crowd, group of people",
        "vehicle": "vehicle, land vehicle, ground vehicle, car, truck, bus, van, motorbike, snowmobile, ugv",
        "boat": "boat, vessel, ship, sea vehicle, water vehicle, surface vessel, watercraft, usv, jet ski",
        "aircraft": "air vehicle, aircraft, aeroplane, airplane, helicopter, air vehicle fixed wing, rotor",
        "drone": "uav, uas, drone, fixed wing uav, rotor uav, uav fixed wing, uav rotary wing, quadcopter",
        "animal": "animal, bird, deer, dog, moose",
        "unknown": "unknown, static object, other",
    }.items()
    for name in names.split(", ")
}
"""Names of classes in use (ICD 5.0, appendix D, and its successors), lower case, and ours."""


def columns(tape: Tape, tops: Array, found: Measured) -> dict[str, pa.Array]:
    """Columns of `detection` by name, one row for each of these outermost messages.

    Args:
        tape: messages that are valid but for their values.
        tops: nodes of messages with a detection report.
        found: their numbers.
    """
    reports = tape.inside("SapientMessage", "detection_report", tops)
    without = np.zeros(len(tape.slot), np.bool_)
    out = _heads(tape, tops, reports, without)
    for field, part in found.parts.items():
        out |= {name: _column(values) for name, values in part.numbers.items()}
        _leave_out(tape, REPORT, field, reports, without, part.whole)
    if len(tape.entries(REPORT, "classification")):
        out |= _classes(tape, reports)
    for name, values in found.said.values.items():
        given = pa.array([values.get(row) for row in range(len(reports))], extensions.TYPES[name])
        out[name] = _pick(given, out.get(name))
    without[found.said.entries] = True
    out["says"] = _pick(out.get("says"), says(WORDS, tape, reports, without))
    return out


def _heads(tape: Tape, tops: Array, reports: Array, without: Array) -> dict[str, pa.Array]:
    """Who reports what, and when."""
    at, _ = moments(tape, "SapientMessage", "timestamp", tops)
    node = pc.ascii_lower(tape.text("SapientMessage", "node_id", tops))
    for name in ("report_id", "object_id", "state", "id", "detection_confidence"):
        _leave_out(tape, REPORT, name, reports, without)
    return {
        "report_key": pc.binary_join_element_wise(node, tape.text(REPORT, "report_id", reports), "/"),
        "observed_at": pa.array(at).view(pa.timestamp("us", "UTC")),
        "sensor": node,
        "object": tape.text(REPORT, "object_id", reports),
        "name": tape.text(REPORT, "id", reports),
        "status": tape.text(REPORT, "state", reports),
        "confidence": _column(np.round(tape.number(REPORT, "detection_confidence", reports), 7)),
    }


def _classes(tape: Tape, reports: Array) -> dict[str, pa.Array]:
    """The likeliest class, refined by the likeliest sub-class that we have a class for."""
    best = _likeliest(tape, CLASSIFICATION, tape.entries(REPORT, "classification"), len(tape.kind))[reports]
    finer = _likeliest(tape, SUB_CLASS, tape.entries(CLASSIFICATION, "sub_class"), len(tape.kind))[best]
    given = _ours(tape.text(CLASSIFICATION, "type", best))
    refined = _ours(tape.text(SUB_CLASS, "type", finer))
    says_more = pc.and_(pc.is_valid(refined), pc.not_equal(pc.fill_null(refined, "unknown"), "unknown"))
    named = pc.if_else(says_more, refined, given)
    named = pc.if_else(pa.array(best >= 0), pc.fill_null(named, "unknown"), pa.scalar(None, pa.string()))
    confidence = np.round(tape.number(CLASSIFICATION, "confidence", best), 7)
    return {"class": named, "class_confidence": _column(confidence)}


def _likeliest(tape: Tape, message: str, entries: Array, nodes: int) -> Array:
    """For each node, and one more, the node of the likeliest of these entries in it, else -1."""
    held = tape.size[entries].astype(np.int64)
    confidence = np.nan_to_num(tape.number(message, "confidence", held), nan=-1.0)
    best = np.full(nodes + 1, -1, np.int64)
    order = np.argsort(-confidence, kind="stable")[::-1]  # of equals the first is written last
    best[tape.node[entries[order]]] = held[order]
    return best


def _ours(names: pa.Array) -> pa.Array:
    """Our class for each name; null for a name that we have none for."""
    coded = names.dictionary_encode()
    known = [CLASSES.get(name.strip().lower()) for name in coded.dictionary.to_pylist()]
    return pa.array(known, pa.string()).take(coded.indices)


def _pick(first: pa.Array | None, second: pa.Array | None) -> pa.Array:
    """The first where it is not null, else the second."""
    if first is None or second is None:
        return first if second is None else second
    return pc.coalesce(first, second)


def _leave_out(
    tape: Tape, message: str, field: str, nodes: Array, without: Array, where: Array | None = None
) -> None:
    """Mark a field as having its columns, so that `says` does not repeat it."""
    entries = tape.entry(message, field, nodes if where is None else np.where(where, nodes, -1))
    without[entries[entries >= 0]] = True


def _column(values: Array) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=True)
