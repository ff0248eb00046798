"""SAPIENT messages: some written out, and a strategy that draws any the standard allows."""

import struct
from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st

from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient.schema import SCHEMA

NODE = "3d1ffd1b-cc01-4c26-a7e8-bf4da3d393b8"
OTHER = "0b9a1f8e-6f0c-4a55-9a42-3a5f7e1c2d10"
FUSION = "5913c0f4-9f89-4c01-ab90-939099797c4f"
ULID = "01JCZ8Y9Q0ABCDEFGHJKMNPQRS"
OBJECT = "01JCZ8Y9Q0ABCDEFGHJKMNPQRT"
TIME = {"seconds": 1_795_183_380, "nanos": 250_000_000}  # 2026-11-20T14:03:00.25Z
MOMENT = datetime(2026, 11, 20, 14, 3, 0, 250_000, UTC)
PLACE = {
    "x": -74.73,
    "y": 45.015,
    "coordinate_system": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
    "datum": "LOCATION_DATUM_WGS84_E",
}
POLAR = {
    "coordinate_system": "RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M",
    "datum": "RANGE_BEARING_DATUM_TRUE",
}
SECONDS = {"units": "TIME_UNITS_SECONDS", "value": 10.0}


def message(node: str = NODE, **content) -> dict:
    return {"timestamp": TIME, "node_id": node, **content}


def detection(node: str = NODE, report: str = ULID, **fields) -> dict:
    held = {"report_id": report, "object_id": OBJECT, "location": PLACE} | fields
    return message(node, detection_report={name: value for name, value in held.items() if value is not None})


def status(node: str = NODE, **fields) -> dict:
    held = {"report_id": ULID, "system": "SYSTEM_OK", "info": "INFO_NEW", "mode": "Default"}
    return message(node, status_report=held | fields)


def registration(node: str = NODE, commands: tuple[str, ...] = (), definition: dict | None = None) -> dict:
    """A registration; `definition` are fields of its detection definition."""
    system = "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M"
    place = {"location_units": system, "location_datum": "LOCATION_DATUM_WGS84_E"}
    mode = {
        "mode_name": "Default",
        "mode_type": "MODE_TYPE_PERMANENT",
        "settle_time": SECONDS,
        "detection_definition": [{"location_type": place} | (definition or {})],
        "task": {
            "region_definition": {"region_type": ["REGION_TYPE_AREA_OF_INTEREST"], "region_area": [place]},
            "command": [{"units": "", "completion_time": SECONDS, "type": one} for one in commands],
        },
    }
    return message(
        node,
        registration={
            "node_definition": [{"node_type": "NODE_TYPE_RADAR"}],
            "icd_version": "BSI Flex 335 v2.0",
            "name": "Tower 3",
            "capabilities": [{"category": "Radar", "type": "Range", "value": "5000", "units": "m"}],
            "status_definition": {"status_interval": SECONDS},
            "mode_definition": [mode],
            "config_data": [{"manufacturer": "Maker", "model": "M1"}],
        },
    )


def raw(said: dict) -> bytes:
    return codec.encode(SCHEMA, said)


def frame(said: dict | bytes) -> bytes:
    data = said if isinstance(said, bytes) else raw(said)
    return struct.pack("<I", len(data)) + data


def frames(*said: dict) -> bytes:
    return b"".join(map(frame, said))


_SHARES = st.integers(0, 1024).map(lambda x: x / 1024)
_SECONDS = st.integers(-62_135_596_800, 253_402_300_799).filter(bool)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SCALARS = {
    "string": _TEXT,
    "ulid": st.builds(
        str.__add__, st.sampled_from("01234567"), st.text(_CROCKFORD, min_size=25, max_size=25)
    ),
    "uuid": st.uuids().map(str),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False).map(lambda x: float(np.float32(x))),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=12),
}


@st.composite
def drawn(draw, of: str = SCHEMA.root, depth: int = 4) -> dict:
    """Any message of a type that the standard allows; at some depth only what is mandatory stands in it."""
    table = SCHEMA.messages[of]
    if of == "Timestamp":
        return {
            "seconds": draw(_SECONDS),
            "nanos": 1 + draw(st.integers(0, 999_999_998)),
        }
    chosen = {
        group: draw(st.sampled_from([f.name for f in table.fields.values() if f.group == group]))
        for group, mandatory in table.groups.items()
        if mandatory or (depth > 0 and draw(st.booleans()))
    }
    out = {}
    for field in table.fields.values():
        here = chosen.get(field.group) == field.name if field.group else field.mandatory
        if not here and (field.group or depth <= 0 or draw(st.integers(0, 2))):
            continue
        if field.of in SCHEMA.messages:
            value = drawn(field.of, depth - 1)
        elif field.of in SCHEMA.enums:
            names = [name for name in SCHEMA.enums[field.of].values() if name != "SYSTEM_TAMPER"]
            value = st.sampled_from(names[1:] if field.implicit else names)
        else:
            value = _SCALARS[field.of]
        if field.name in ("detection_confidence", "confidence", "ranking"):
            value = _SHARES
        if field.implicit and field.of == "string":
            value = value.filter(bool)
        out[field.name] = draw(st.lists(value, min_size=1, max_size=2) if field.repeated else value)
    return out


_LATITUDE, _LONGITUDE = st.floats(-89, 89), st.floats(-180, 180)
_ERROR = st.floats(0.02, 1e4)
_SHARE = st.integers(0, 1000).map(lambda x: x / 1000)
_PLACES = st.fixed_dictionaries(
    {
        "x": _LONGITUDE,
        "y": _LATITUDE,
        "coordinate_system": st.just("LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M"),
        "datum": st.sampled_from(["LOCATION_DATUM_WGS84_E", "LOCATION_DATUM_WGS84_G"]),
    },
    optional={"z": st.floats(-100, 1e4), "x_error": _ERROR, "y_error": _ERROR, "z_error": _ERROR},
)
_DIRECTIONS = st.fixed_dictionaries(
    {
        "coordinate_system": st.sampled_from(list(SCHEMA.enums["RangeBearingCoordinateSystem"].values())[1:]),
        "datum": st.sampled_from(list(SCHEMA.enums["RangeBearingDatum"].values())[1:]),
    },
    optional={
        "azimuth": st.floats(-6, 6),
        "elevation": st.floats(-1.5, 1.5),
        "range": st.floats(1, 50),
        "azimuth_error": st.floats(0.01, 0.2),
        "elevation_error": st.floats(0.01, 0.2),
        "range_error": st.floats(0.01, 60),
    },
)
_RATE = st.floats(-50, 50)
_RATES = st.fixed_dictionaries(
    {"east_rate": _RATE, "north_rate": _RATE},
    optional={"up_rate": _RATE, "east_rate_error": st.floats(0.1, 3)},
)
_REPORT = "DetectionReport"


@st.composite
def plausible(draw) -> dict:
    """A detection report, a status report or an alert whose values can be."""
    ids = {name: draw(_SCALARS["ulid"]) for name in ("report_id", "object_id", "alert_id")}
    node = draw(st.sampled_from([NODE, OTHER]))
    where = draw(
        st.one_of(_PLACES.map(lambda x: {"location": x}), _DIRECTIONS.map(lambda x: {"range_bearing": x}))
    )
    what = draw(st.sampled_from(["detection", "detection", "status", "alert"]))
    if what == "status":
        return status(node, report_id=ids["report_id"], node_location=draw(_PLACES))
    if what == "alert":
        return message(
            node, alert={"alert_id": ids["alert_id"], "confidence": draw(_SHARE), "location": draw(_PLACES)}
        )
    fields = {
        "detection_confidence": _SHARE,
        "enu_velocity": _RATES,
        "colour": _TEXT,
        "id": _TEXT,
        "state": _TEXT,
        "classification": st.lists(
            drawn(f"{_REPORT}.DetectionReportClassification", 2), min_size=1, max_size=2
        ),
        "object_info": st.lists(drawn(f"{_REPORT}.TrackObjectInfo", 1), min_size=1, max_size=2),
        "signal": st.lists(drawn(f"{_REPORT}.Signal", 1), min_size=1, max_size=2),
    }
    chosen = {name: draw(of) for name, of in fields.items() if draw(st.booleans())}
    return message(
        node,
        detection_report={"report_id": ids["report_id"], "object_id": ids["object_id"], **where, **chosen},
    )
