"""Orbit ephemeris messages (OEM, CCSDS 502.0-B-3) as KVN and XML: states in order of time.

Read are states in the frames TEME, ITRF (any realisation) and EME2000 (also ICRF and GCRF, from which it
differs by 23 milliarcseconds: under a metre in a low orbit), and moments of UTC, GPS, TAI and TT. Leap
seconds are those since 2017 (37 s); an earlier message must state UTC. Covariance and accelerations are
passed over.
"""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from lxml import etree

from watchfloor.formats import xml_limits
from watchfloor.formats.base import Fault
from watchfloor.formats.orbits.elements import Ephemeris
from watchfloor.formats.orbits.omm import KEYWORD, moment

FRAMES: Final = {
    "TEME": "TEME",
    "EME2000": "EME2000",
    "J2000": "EME2000",
    "ICRF": "EME2000",
    "GCRF": "EME2000",
}
OFFSETS: Final = {"UTC": 0.0, "GPS": 18.0, "TAI": 37.0, "TT": 69.184}
"""Seconds by which each is ahead of UTC since 2017."""
LEAP_YEAR: Final = 2017
STATE: Final = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
State = tuple[datetime, list[float]]


def read_kvn(lines: list[str]) -> Iterator[Ephemeris | Fault]:
    """Yield the segments of a message as KVN; a line that is no state is a fault."""
    header: dict[str, str] = {}
    states: list[State] = []
    at, within, passed = 1, False, False
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith("COMMENT"):
            continue
        if line == "META_START":
            if header:
                yield _ephemeris(header, states, at)
            header, states, at, within = {}, [], number, True
        elif line in ("META_STOP", "COVARIANCE_STOP"):
            within = passed = False
        elif line == "COVARIANCE_START":
            passed = True
        elif found := KEYWORD.fullmatch(line):
            if within:
                header[found[1]] = found[2]
        elif not passed:
            try:
                states.append(_state(line))
            except ValueError as error:
                yield Fault(f"line {number}", str(error), raw.encode(errors="replace")[:4096])
    if header:
        yield _ephemeris(header, states, at)


def read_xml(data: bytes, name: str) -> Iterator[Ephemeris | Fault]:
    """Yield the segments of each `oem` of an XML document. Raises `FormatError`."""
    for one in xml_limits.elements(io.BytesIO(data), name, {"segment"}, {"ndm", "oem"}):
        if isinstance(one, Fault):
            yield one
            continue
        if xml_limits.local(one) != "segment":
            continue
        header: dict[str, str] = {}
        states: list[State] = []
        for each in one.iter("{*}*"):
            if xml_limits.local(each) == "metadata":
                header = {xml_limits.local(part): xml_limits.text_of(part) for part in each}
            elif xml_limits.local(each) == "stateVector":
                parts = {xml_limits.local(part): xml_limits.text_of(part) for part in each}
                try:
                    states.append(_state(" ".join(parts.get(name, "") for name in ("EPOCH", *STATE))))
                except ValueError as error:
                    yield Fault(f"line {each.sourceline}", str(error), etree.tostring(each)[:4096])
        yield _ephemeris(header, states, getattr(one, "sourceline", None) or 0)


def _state(line: str) -> State:
    words = line.split()
    if len(words) < 7:
        raise ValueError("a state has a moment, a place and a velocity: seven values")
    values = [float(one) for one in words[1:7]]
    if not np.isfinite(values).all():
        raise ValueError("a state is no number")
    return moment(words[0]), values


def _ephemeris(header: Mapping[str, str], states: list[State], at: int) -> Ephemeris | Fault:
    try:
        frame, centre = header.get("REF_FRAME", "").upper(), header.get("CENTER_NAME", "EARTH").upper()
        system = header.get("TIME_SYSTEM", "UTC").upper()
        known = "ITRF" if re.match(r"ITRF", frame) else FRAMES.get(frame)
        if centre != "EARTH" or known is None:
            raise ValueError(
                f"the frame is {frame or 'not stated'} around {centre}: give {', '.join(FRAMES)} or ITRF"
            )
        if system not in OFFSETS:
            raise ValueError(f"TIME_SYSTEM is {system}: give {', '.join(OFFSETS)}")
        if len(states) < 2:
            raise ValueError("a segment has two states or more")
        if system != "UTC" and states[0][0].year < LEAP_YEAR:
            raise ValueError(f"before {LEAP_YEAR} only UTC is read: the leap seconds were others")
        start = states[0][0] - timedelta(seconds=OFFSETS[system])
        seconds = np.array([(one - states[0][0]).total_seconds() for one, _ in states])
        if (np.diff(seconds) <= 0).any():
            raise ValueError("the states are not in order of time")
    except ValueError as error:
        piece = "\n".join(f"{name} = {value}" for name, value in header.items())
        return Fault(f"line {at}", str(error), piece.encode(errors="replace")[:4096])
    values = np.array([one for _, one in states])
    return Ephemeris(
        name=header.get("OBJECT_NAME", ""),
        designator=header.get("OBJECT_ID", ""),
        frame=known,
        start=start,
        seconds=seconds,
        position=values[:, :3],
        velocity=values[:, 3:],
        locator=f"line {at}",
    )
