"""What pyais and pyModeS say of a message, in our columns, so that fields can be compared one by one.

Differences that are meant, and so are brought to our form here: values that the standards call 'not
available' or 'not to be used' are numbers with pyais and null with us; pyais rounds degrees to six decimals
and the rate of turn to whole degrees a minute, has one number for several reserved types of ship and of
positioning device, and of texts it reads on behind the `@` that ends one, leaves out blanks before one, and
makes a letter of the spare bits behind a second name (type 21).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pyais.constants import EpfdType, ShipType

DEGREE = 6e-7
"""Within this pyais' rounded degrees are ours."""

NAMES = {
    "lon": "longitude",
    "lat": "latitude",
    "shipname": "name",
    "to_bow": "bow",
    "to_stern": "stern",
    "to_port": "port",
    "to_starboard": "starboard",
    "ais_version": "version",
    "partno": "part",
    "mothership_mmsi": "mothership",
    "aid_type": "aid",
    "virtual_aid": "virtual",
    "vendorid": "vendor",
    "name_ext": "extension",
    "alt": "altitude",
    "full_name": "",
    "reserved_1": "",
    "gnss": "",
}
"""pyais' names of what has another one here; an empty one is not compared."""

BOUNDS: Mapping[str, tuple[float, float]] = {
    "longitude": (-180, 180),
    "latitude": (-90, 90),
    "course": (0, 359.95),
    "heading": (0, 359),
    "imo": (1, 1 << 30),
    "ship_type": (1, 255),
    "draught": (0.05, 25.5),
    "year": (1, 9999),
    "month": (1, 12),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "altitude": (0, 4094),
    "mothership": (1, 1 << 30),
}
"""What lies outside is none."""


READ = (1, 2, 3, 4, 5, 9, 11, 18, 19, 21, 24, 27)
"""Types that are read whole; of others only who sends them."""


def of_pyais(message: Any) -> dict[str, Any]:
    """A decoded message of pyais in our columns."""
    told: dict[str, Any] = {}
    if message.msg_type not in READ:
        return {"mmsi": int(message.mmsi), "repeat": int(message.repeat)}
    for name, value in message.asdict().items():
        ours = NAMES.get(name, name)
        if ours and not ours.startswith("spare") and name not in ("msg_type", *FLAGS, *UNREAD):
            told[ours] = _plain(ours, value, message.msg_type)
    if message.msg_type == 18:
        told["flags"] = sum(int(getattr(message, name)) << (5 - i) for i, name in enumerate(FLAGS[:6]))
        told.pop("assigned", None)
    return told


FLAGS = ("cs", "display", "dsc", "band", "msg22", "assigned")
"""Bits 141 to 146 of type 18."""
UNREAD = ("reserved_2", "regional", "radio_status", "comm_state", "reserved")


def _plain(name: str, value: Any, kind: int) -> Any:
    if isinstance(value, bytes | str):
        text = value.decode() if isinstance(value, bytes) else value
        return text.partition("@")[0].strip(" ") or None
    if value is None:
        return None
    value = int(value) if not isinstance(value, float) else value
    if name == "turn":
        return None if value in (-128, 128) else value
    if name == "speed" and value >= {9: 1023, 27: 63}.get(kind, 102.25):
        return None
    low, high = BOUNDS.get(name, (float("-inf"), float("inf")))
    return value if low <= value <= high else None


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Fields in which two decoders differ: name, our value, theirs."""
    for name, value in theirs.items():
        mine = ours.get(name)
        if name == "turn" and mine is not None and abs(mine) < 127:
            mine = round((mine / 4.733) ** 2) * (1 if mine >= 0 else -1)
        if isinstance(mine, str):
            mine = mine.strip(" ") or None
            value = value[: len(mine)] if name == "extension" and mine and value else value
        elif name in KNOWN and mine is not None and "part" not in theirs:
            mine, value = int(KNOWN[name](mine) or 0) or None, value or None
        if not _same(mine, value):
            yield name, mine, value


KNOWN = {"ship_type": ShipType.from_value, "epfd": EpfdType.from_value}
"""Codes that pyais gathers."""


def _same(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, float) and isinstance(theirs, float | int):
        return abs(mine - theirs) <= DEGREE
    return bool(mine == theirs)


def of_pymodes(message: Mapping[str, Any]) -> dict[str, Any]:
    """A decoded message of pyModeS in the columns of `adsb_decode.Said`, without places.

    Differences that are meant: pyModeS gives the height of types 20 to 22 as if it were metres (DO-260B,
    2.2.3.2.3.4 codes it as pressure altitude is), rounds speed down to a knot, and gives NACp of version 0,
    which has none.
    """
    told: dict[str, Any] = {"address": int(message["icao"], 16), "type": message["typecode"]}
    for theirs, ours in {
        "altitude": "altitude",
        "cpr_format": "odd",
        "groundspeed": "speed",
        "track": "course",
        "vertical_rate": "climb",
        "airspeed": "airspeed",
        "heading": "heading",
        "geo_minus_baro": "geometric",
        "nac_v": "nac_v",
        "callsign": "callsign",
        "emergency_state": "emergency",
        "squawk": "squawk",
        "version": "version",
        "nac_p": "nac_p",
    }.items():
        if theirs in message:
            told[ours] = message[theirs]
    if told["type"] >= 20:
        told.pop("altitude", None)
    if told["type"] == 19 and not 1 <= message["subtype"] <= 4:
        told = {name: told[name] for name in ("address", "type")}
    if told["type"] == 31 and not message.get("version"):
        told["nac_p"] = None
    if told["type"] == 31 and message["subtype"] > 1:  # reserved
        told = {name: told[name] for name in ("address", "type")}
    if "callsign" in told:
        told["callsign"] = told["callsign"].strip("# _") or None
    if "squawk" in told:
        told["squawk"] = int(told["squawk"])
    return told


def of_said(said: Any, i: int) -> dict[str, Any]:
    """Message *i* of `adsb_decode.Said`."""
    told: dict[str, Any] = {"address": int(said.address[i]) & 0xFFFFFF, "type": int(said.type[i])}
    for name in ("odd", "nac_v", "emergency", "squawk", "version", "nac_p"):
        value = int(getattr(said, name)[i])
        told[name] = None if value < 0 else value
    for name in ("altitude", "speed", "course", "climb", "airspeed", "heading", "geometric"):
        value = float(getattr(said, name)[i])
        told[name] = None if value != value else value
    told["callsign"] = said.callsign[i].tobytes().decode().strip("\0# ") or None
    return told


def adsb_differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Fields in which two decoders of extended squitters differ."""
    for name, value in theirs.items():
        mine = ours.get(name)
        if name == "speed" and mine is not None and theirs["type"] == 19:
            mine = int(mine)
        if name == "course" and value is not None and mine is None and ours.get("speed") == 0:
            continue  # nobody who stands has a course
        if isinstance(mine, float) and isinstance(value, float | int):
            if abs(mine - value) > 1e-6:
                yield name, mine, value
        elif mine != value:
            yield name, mine, value
