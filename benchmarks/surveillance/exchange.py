"""SAPIENT messages in and Cursor on Target events out, beside other implementations on the same input.

SAPIENT in: `sapient-proto` (Google's C runtime) parses; the same and a walk in Python over the rules that its
own descriptors state, which is what a validating middleware does. Ours takes messages apart and holds them
against every rule of the standard (`checked`), and values against what can be, and makes rows (`rows`), hears
them in a session (`session`), and takes a log of them into a floor, each row durable (`stored`). Apex, the
middleware of the standard's authors, is not on PyPI; issue 6 has 333 messages a second for it.

Events out: the same tracks as XML by pytak and by taky, and as TAK messages by takproto; ours from the table
of tracks, in both encodings. Events in: XML by taky, and both by ours, which makes rows of `detection`.

CPU time of this process, but for `stored`, which is by the clock; everybody in turn, medians.

    python -m benchmarks.surveillance.exchange [--messages 20000] [--tracks 5000] [--runs 5] [--json]

Data: generated here, seed 1: 40 nodes that register, report once a second and see 20 walkers, boats and
aircraft each; 90 % detection reports, of them 60 places to 40 directions. Tracks: boats, walkers and drones,
marked. taky is looked for in `.dev/taky`, where CI has it.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
import types
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pyarrow as pa
import takproto
from lxml import etree
from sapient_msg import proto_options_pb2 as options
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from watchfloor.feeds.config import Feeds
from watchfloor.feeds.intake import ingest_all, tally
from watchfloor.formats.sensors.cot import columns, tak_out, xml_out
from watchfloor.formats.sensors.cot import stream as cot
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient import messages, stream
from watchfloor.formats.sensors.sapient.ids import ulid
from watchfloor.formats.sensors.sapient.schema import SCHEMA
from watchfloor.formats.sensors.sapient.session import Fusion
from watchfloor.formats.sensors.sapient.taking import take_apart
from watchfloor.formats.sensors.wires.batch import Heard
from watchfloor.store import Actor, Floor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it wants aiohttp for what is not used here
    import pytak

ACTOR = Actor("benchmark", "benchmark", "none needed")
TAKY = Path(__file__).parents[2] / ".dev" / "taky"
START = datetime(2026, 11, 20, 14, tzinfo=UTC)
NODES, OBJECTS = 40, 20
CHUNK = 1 << 20
CLASSES = (("Human", "person"), ("Vehicle", "boat"), ("Air Vehicle", "aircraft"))


class Row(NamedTuple):
    task: str
    by: str
    version: str
    items: int
    rate: float
    ratio: float


def timed(
    runs: int, calls: dict[str, Callable[[], int]], clock: Callable[[], float]
) -> dict[str, tuple[int, float]]:
    """Items and median seconds of each call; they take turns."""
    for call in calls.values():
        call()
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    found = {}
    for _ in range(runs):
        for name, call in calls.items():
            began = clock()
            found[name] = call()
            seconds[name].append(clock() - began)
    return {name: (found[name], median(taken)) for name, taken in seconds.items()}


def rows(task: str, found: dict[str, tuple[int, float]], versions: dict[str, str]) -> list[Row]:
    """Rows of one task; the ratio of each of ours to the first, which is a peer."""
    first = next(iter(found.values()))
    base = first[0] / first[1]
    return [
        Row(task, name, versions.get(name, "watchfloor"), count, count / seconds, count / seconds / base)
        for name, (count, seconds) in found.items()
    ]


def node(number: int) -> str:
    """The id of a node."""
    return str(UUID(int=0x5000_4000_8000_0000_0000 + number, version=4))


def traffic(count: int, seed: int = 1) -> list[bytes]:
    """Messages of nodes, in the order of their times."""
    draw = Random(seed)
    said: list[dict[str, Any]] = [registration(number) for number in range(NODES)]
    step = 0
    while len(said) < count:
        at = START + timedelta(milliseconds=100 * step)
        for number in range(NODES):
            if step % 10 == 0:
                said.append(status(number, at, draw))
            said.append(detection(number, at, draw))
        step += 1
    return [codec.encode(SCHEMA, one) for one in said[:count]]


def registration(number: int) -> dict[str, Any]:
    place = {
        "location_units": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
        "location_datum": "LOCATION_DATUM_WGS84_E",
    }
    interval = {"units": "TIME_UNITS_SECONDS", "value": 1.0}
    mode = {
        "mode_name": "Default",
        "mode_type": "MODE_TYPE_PERMANENT",
        "settle_time": interval,
        "detection_definition": [{"location_type": place}],
        "task": {
            "region_definition": {"region_type": ["REGION_TYPE_AREA_OF_INTEREST"], "region_area": [place]}
        },
    }
    content = {
        "node_definition": [{"node_type": "NODE_TYPE_RADAR"}],
        "icd_version": "BSI Flex 335 v2.0",
        "capabilities": [{"category": "Radar", "type": "Range", "value": "5000", "units": "m"}],
        "status_definition": {"status_interval": interval},
        "mode_definition": [mode],
        "config_data": [{"manufacturer": "Maker", "model": "M1"}],
    }
    return messages.wrapped(node(number), None, START, registration=content)


def _id(at: datetime, draw: Random) -> str:
    return ulid(int(at.timestamp() * 1000), draw.randbytes(10))


def status(number: int, at: datetime, draw: Random) -> dict[str, Any]:
    content = {
        "report_id": _id(at, draw),
        "system": "SYSTEM_OK",
        "info": "INFO_NEW",
        "mode": "Default",
        "node_location": messages.place(45.0 + number / 100, -74.7, 80.0),
        "status": [{"status_type": "STATUS_TYPE_PD", "status_value": "0.9"}],
    }
    return messages.wrapped(node(number), None, at, status_report=content)


def detection(number: int, at: datetime, draw: Random) -> dict[str, Any]:
    seen = draw.randrange(OBJECTS)
    name = CLASSES[seen % 3][0]
    share = draw.random()
    content: dict[str, Any] = {
        "report_id": _id(at, draw),
        "object_id": ulid(0, bytes((number, seen)) * 5),
        "detection_confidence": round(draw.uniform(0.3, 1), 2),
        "classification": [
            {"type": name, "confidence": round(share, 2)},
            {"type": "Animal", "confidence": round(1 - share, 2)},
        ],
    }
    if draw.random() < 0.6:
        place = messages.place(45 + draw.uniform(0, 0.4), -74.7 + draw.uniform(0, 0.1))
        content["location"] = place | {"x_error": 8.0, "y_error": 11.0}
        content["enu_velocity"] = {"east_rate": draw.gauss(0, 2), "north_rate": draw.gauss(0, 2)}
    else:
        content["range_bearing"] = {
            "azimuth": draw.uniform(0, 360),
            "range": draw.uniform(100, 5000),
            "azimuth_error": 0.4,
            "range_error": 12.0,
            "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
            "datum": "RANGE_BEARING_DATUM_TRUE",
        }
    return messages.wrapped(node(number), None, at, detection_report=content)


def _needs(group: Any) -> bool:
    return bool(group.GetOptions().Extensions[options.oneof_options].is_mandatory)


def broken(message: Any) -> list[str]:
    """What the descriptors of `sapient-proto` find wrong: what is mandatory and missing, and ids."""
    wrong = [
        one.name for one in message.DESCRIPTOR.oneofs if _needs(one) and not message.WhichOneof(one.name)
    ]
    present = dict(message.ListFields())
    for field in message.DESCRIPTOR.fields:
        value, rule = present.get(field), field.GetOptions().Extensions[options.field_options]
        if value is None:
            wrong += [field.name] if rule.is_mandatory else []
        elif rule.is_ulid and len(value) != 26:
            wrong.append(field.name)
        elif rule.is_uuid:
            UUID(value)
        elif field.message_type is not None and field.message_type.full_name.startswith("sapient_msg."):
            for one in value if field.is_repeated else (value,):
                wrong += broken(one)
    return wrong


def sapient_calls(told: list[bytes]) -> dict[str, Callable[[], int]]:
    """Everybody's reading of the messages."""
    framed = [len(one).to_bytes(4, "little") + one for one in told]
    data = b"".join(framed)
    cuts, size = [0], 0
    for one in framed:
        size += len(one)
        if size - cuts[-1] > CHUNK:
            cuts.append(size)
    cuts += [len(data)] if cuts[-1] < len(data) else []
    chunks = [data[a:b] for a, b in pairwise(cuts)]

    def parsed() -> int:
        return sum(1 for one in told if SapientMessage.FromString(one).node_id)

    def parsed_and_checked() -> int:
        return sum(1 for one in told if not broken(SapientMessage.FromString(one)))

    def checked() -> int:
        count = 0
        for chunk in chunks:
            frames = stream.framed([chunk])
            taken = take_apart(frames.data, frames.starts, frames.ends)
            count += len(taken) - len(taken.problems)
        return count

    def made() -> int:
        state = stream.begin()
        found = [stream.read([Heard(state, [chunk], [0])]) for chunk in chunks]
        return sum(read.rows.num_rows for one in found for read in one.read)

    def heard() -> int:
        session = Fusion("5913c0f4-9f89-4c01-ab90-939099797c4f").session()
        outs = [session.feed(chunk, START) for chunk in chunks]
        assert not any(out.faults for out in outs)
        return len(told)

    return {
        "sapient-proto, parsed and its rules walked": parsed_and_checked,
        "sapient-proto, parsed only": parsed,
        "watchfloor, checked": checked,
        "watchfloor, checked and rows": made,
        "watchfloor, session": heard,
    }


def stored(told: list[bytes], runs: int) -> tuple[int, float]:
    """Messages of a log taken into a new floor, durable, and median seconds by the clock."""
    seconds = []
    for run in range(runs + 1):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "log.sapient"
            path.write_bytes(b"".join(len(one).to_bytes(4, "little") + one for one in told))
            floor = Floor.create(Path(name) / "floor", ACTOR)
            began = time.perf_counter()
            with floor.writer(ACTOR) as writer:
                sums = tally(ingest_all(writer, [path], Feeds()))
            seconds += [time.perf_counter() - began] if run else []
            assert sums.total.accepted == len(told), sums
    return len(told), median(seconds)


def tracks(count: int, seed: int = 1) -> pa.Table:
    """Tracks as the desk has them."""
    draw = np.random.default_rng(seed)
    east, north = draw.uniform(9, 400, (2, count))
    return pa.table(
        {
            "track": np.arange(count),
            "until": pa.array(
                [START + timedelta(milliseconds=i) for i in range(count)], pa.timestamp("us", "UTC")
            ),
            "latitude": draw.uniform(44, 46, count),
            "longitude": draw.uniform(-76, -74, count),
            "var_east": east,
            "var_north": north,
            "cov_east_north": draw.uniform(-0.5, 0.5, count) * np.sqrt(east * north),
            "speed": draw.uniform(0, 20, count),
            "course": draw.uniform(0, 360, count),
            "class": [("boat", "person", "drone")[i % 3] for i in range(count)],
            "exists": draw.uniform(0.5, 1, count),
            "marking": ["PB//TLP:AMBER//REL:CAN,USA"] * count,
        }
    )


def _taky() -> Any:
    """The model of events of taky; None where it is not installed."""
    if not (TAKY / "taky").is_dir():
        return None
    resources = types.ModuleType("pkg_resources")  # newer setuptools have it no more
    resources.get_distribution = metadata.distribution  # type: ignore[attr-defined]
    resources.DistributionNotFound = metadata.PackageNotFoundError  # type: ignore[attr-defined]
    sys.modules.setdefault("pkg_resources", resources)
    sys.path.append(str(TAKY))
    from taky.cot import models

    return models


def out_calls(table: pa.Table, models: Any) -> dict[str, Callable[[], int]]:
    """Everybody's events of the tracks, as bytes."""
    given = table.to_pylist()
    radius = [((one["var_east"] + one["var_north"]) / 2) ** 0.5 for one in given]
    kinds = {"boat": "a-u-S-X", "person": "a-u-G", "drone": "a-u-A-M-F-Q"}
    written = [pytak.serialize_cot(_pytak(one, r, kinds)) for one, r in zip(given, radius, strict=True)]

    def with_pytak() -> int:
        return sum(
            len(pytak.serialize_cot(_pytak(one, r, kinds))) > 0 for one, r in zip(given, radius, strict=True)
        )

    def with_taky() -> int:
        count = 0
        for one, r in zip(given, radius, strict=True):
            at = one["until"].replace(tzinfo=None)
            event = models.Event(
                f"t{one['track']}", kinds[one["class"]], "m-f", at, at, at + timedelta(minutes=2)
            )
            event.point = models.Point(one["latitude"], one["longitude"], 9999999.0, r, 9999999.0)
            event.detail = models.Detail(
                etree.fromstring(f'<detail><contact callsign="T{one["track"]}"/></detail>')
            )
            count += len(etree.tostring(event.as_element)) > 0
        return count

    def with_takproto() -> int:
        return sum(len(takproto.xml2proto(one, takproto.TAKProtoVer.STREAM)) > 0 for one in written)

    def xml() -> int:
        return xml_out.stream(columns.of_tracks(table)).count(b"</event>")

    def tak() -> int:
        return len(tak_out.stream(columns.of_tracks(table))) and table.num_rows

    peers = {"pytak, XML": with_pytak}
    peers |= {"taky, XML": with_taky} if models else {}
    return peers | {"takproto, XML to TAK": with_takproto, "watchfloor, XML": xml, "watchfloor, TAK": tak}


def _pytak(one: dict[str, Any], radius: float, kinds: dict[str, str]) -> Any:
    return pytak.cot_event(
        one["latitude"],
        one["longitude"],
        radius,
        None,
        None,
        f"t{one['track']}",
        120,
        kinds[one["class"]],
        callsign=f"T{one['track']}",
    )


def in_calls(table: pa.Table, models: Any) -> dict[str, Callable[[], int]]:
    """Everybody's reading of the events."""
    events = columns.of_tracks(table)
    data, messages_ = xml_out.stream(events), tak_out.stream(events)
    single = [text.encode() for text in xml_out.events(events).to_pylist()]

    def with_taky() -> int:
        return sum(models.Event.from_elm(etree.fromstring(one)).uid is not None for one in single)

    def ours(whole: bytes) -> int:
        return sum(read.rows.num_rows for read in cot.read([Heard(None, [whole], [0])]).read)

    peers = {"taky, XML": with_taky} if models else {}
    return peers | {"watchfloor, XML": lambda: ours(data), "watchfloor, TAK": lambda: ours(messages_)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench surveillance.exchange", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="SAPIENT messages")
    parser.add_argument("--tracks", type=int, default=5_000, help="events")
    parser.add_argument("--runs", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    chosen = parser.parse_args()
    made = measure(chosen.messages, chosen.tracks, chosen.runs)
    if chosen.json:
        print(json.dumps([row._asdict() for row in made], indent=1))
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(f"{'task':14} {'by':44} {'version':10} {'items':>7} {'a second':>10} {'to first':>9}")
    for row in made:
        print(
            f"{row.task:14} {row.by:44} {row.version:10} {row.items:7,} {row.rate:10,.0f} {row.ratio:8.2f}x"
        )


def measure(messages_: int, events: int, runs: int) -> list[Row]:
    """All rows."""
    told, table, models = traffic(messages_), tracks(events), _taky()
    proto = metadata.version("sapient-proto")
    versions = {"sapient-proto, parsed only": proto, "sapient-proto, parsed and its rules walked": proto}
    found = timed(runs, sapient_calls(told), time.process_time)
    found["watchfloor, stored and durable"] = stored(told, runs)
    made = rows("SAPIENT in", found, versions)
    versions = {
        "pytak, XML": metadata.version("pytak"),
        "takproto, XML to TAK": metadata.version("takproto"),
        "taky, XML": next((one.stem.split("-")[1].removesuffix(".dist") for one in TAKY.glob("taky-*")), "-"),
    }
    made += rows("events out", timed(runs, out_calls(table, models), time.process_time), versions)
    made += rows("events in", timed(runs, in_calls(table, models), time.process_time), versions)
    return made


if __name__ == "__main__":
    main()
