"""AIS and ADS-B decoders on the same bytes in one process: messages a second, and the share of equal fields.

AIS: ours gives Arrow columns of every field, half a MiB at a time, as from a file; pyais gives objects,
aiscat dicts, libais dicts (of messages in one sentence; it is handed payload and fill bits), marlin-py
objects. ADS-B: ours gives Arrow columns with places, pyModeS dicts with places. CPU time of this process;
everybody in turn, each run behind one that is not timed; medians. Of libais, aiscat and marlin-py those that
are installed.

    python -m benchmarks.surveillance.decoding [--runs 5] [--json]

Data: `sample`: 897 lines of ../shared/data/surveillance/nmea_data_sample.txt (pyais tests, MIT), many times
over; `mix`: generated messages of all types in the shares of a busy coast, behind tag blocks; `traffic`:
generated aircraft that fly straight, positions and velocities twice a second, call signs, operational states.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pyais
import pyModeS
from pyais.stream import IterMessages

from benchmarks.surveillance.decoding_oracles import (
    adsb_differences,
    differences,
    of_pyais,
    of_pymodes,
    of_said,
)
from watchfloor.formats.sensors.adsb import decode as adsb_decode
from watchfloor.formats.sensors.adsb import encode
from watchfloor.formats.sensors.adsb.mode_s import of_lines
from watchfloor.formats.sensors.adsb.stream import Stream
from watchfloor.formats.sensors.adsb.traffic import LATITUDE, LONGITUDE
from watchfloor.formats.sensors.ais import decode as ais_decode
from watchfloor.formats.sensors.ais.encode import LENGTHS, lines, payload
from watchfloor.formats.sensors.ais.tables import STATIC_B, TABLES, TEXTS
from watchfloor.formats.sensors.wires.lines import CHUNK
from watchfloor.formats.sensors.wires.lines import lines as lines_of

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "surveillance" / "nmea_data_sample.txt"
SHARES = {1: 50, 3: 14, 5: 9, 18: 10, 24: 3, STATIC_B: 3, 4: 5, 21: 3, 27: 1, 9: 1, 19: 1}
"""Messages of each type in a hundred of `mix`."""
START = 1_790_000_000


class Row(NamedTuple):
    data: str
    decoder: str
    version: str
    messages: int
    rate: float
    ratio: float
    equal: float | None


def timed(runs: int, calls: dict[str, Callable[[], int]]) -> dict[str, tuple[int, float]]:
    """Messages and median seconds of each call; they take turns, and each is called before it is timed."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    found = {}
    for _ in range(runs):
        for name, call in calls.items():
            call()
            began = time.process_time()
            found[name] = call()
            seconds[name].append(time.process_time() - began)
    return {name: (found[name], median(taken)) for name, taken in seconds.items()}


def sample() -> list[bytes]:
    """Lines of the public sample."""
    return [line for line in SAMPLE.read_bytes().split(b"\r\n") if line.startswith(b"!")]


def mix(count: int, seed: int = 1) -> list[bytes]:
    """Generated messages, as their lines."""
    draw = Random(seed)
    places = draw.choices(list(SHARES), list(SHARES.values()), k=count)
    found: list[bytes] = []
    for i, place in enumerate(places):
        fields: dict[str, int | str] = {}
        for field in TABLES[place]:
            if field.column in TEXTS:
                fields[field.column] = "".join(draw.choices("ABCDEFGHIJKLMNO 0123", k=field.width - 4))
            elif field.low < field.high:
                limit = (1 << (field.width - field.signed)) - 1
                low, high = max(field.low, -limit), min(field.high, limit)
                fields[field.column] = draw.randint(low, high) * field.times
        fields |= {
            "mmsi": draw.randrange(200_000_000, 776_000_000),
            "part": int(place == STATIC_B),
            "extension": "",
        }
        told = lines(*payload(place, fields), (START + i // 500) * 1_000_000, "tower 1", sequence=i % 10)
        found += [line.encode() for line in told]
    assert set(LENGTHS) >= set(SHARES)
    return found


def ais_calls(told: list[bytes]) -> dict[str, Callable[[], int]]:
    """Everybody's decoding of the lines."""
    data = b"\r\n".join(told) + b"\r\n"
    cuts = [0, *(data.index(b"\n", at) + 1 for at in range(CHUNK, len(data) - CHUNK, CHUNK)), len(data)]
    plain = [line.rpartition(b"\\")[2] for line in told]
    handed = [
        (part[5].decode(), int(part[6][:1]))
        for part in (line.split(b",") for line in plain)
        if part[1] == b"1"
    ]

    def ours() -> int:
        stream, count = ais_decode.Stream(), 0
        for start, end in pairwise(cuts):
            decoded = ais_decode.decode(data[start:end], None, stream)
            count += ais_decode.messages(decoded).num_rows
            ais_decode.details(decoded)
        return count

    def with_pyais() -> int:
        return sum(1 for _ in _decoded(IterMessages(plain)))

    def with_libais() -> int:
        import ais

        count = 0
        for body, fill in handed:
            try:
                ais.decode(body, fill)
                count += 1
            except ais.DecodeError:
                pass
        return count

    def with_aiscat() -> int:
        import aiscat

        decoder, count = aiscat.Decoder(), 0
        decoder.feed(b"\r\n".join(plain) + b"\r\n")
        while decoder.next() is not None:
            count += 1
        return count

    def with_marlin() -> int:
        import marlin.ais

        parser, count = marlin.ais.AisParser.streaming(), 0
        joined = b"\r\n".join(plain) + b"\r\n"
        for start in range(0, len(joined), 1 << 16):
            parser.feed(joined[start : start + (1 << 16)])
            with suppress(marlin.MarlinError):
                count += sum(1 for _ in parser)
        return count

    found = {"watchfloor": ours, "pyais": with_pyais}
    others = {
        "libais": ("ais", with_libais),
        "aiscat": ("aiscat", with_aiscat),
        "marlin-py": ("marlin", with_marlin),
    }
    return found | {name: call for name, (module, call) in others.items() if find_spec(module)}


def _decoded(messages: Any) -> Any:
    for message in messages:
        try:
            yield message.decode()
        except pyais.exceptions.AISBaseException:
            continue


def ais_equal(told: list[bytes]) -> float:
    """Share of fields in which we say what pyais says."""
    stream = ais_decode.Stream()
    decoded = ais_decode.decode(b"\n".join(told) + b"\n", None, stream)
    more = {row.pop("message"): row for row in ais_decode.details(decoded).to_pylist()}
    every = ais_decode.messages(decoded).to_pylist()
    theirs = list(_decoded(IterMessages(line.rpartition(b"\\")[2] for line in told)))
    fields = wrong = abs(len(every) - len(theirs))
    for i, (mine, message) in enumerate(zip(every, theirs, strict=False)):
        told_here = of_pyais(message)
        ours = more.get(i, {}) | {name: value for name, value in mine.items() if value is not None}
        fields += len(told_here)
        wrong += sum(1 for _ in differences(ours, told_here))
    return 1 - wrong / fields


def traffic(aircraft: int, seconds: int, seed: int = 1) -> list[tuple[float, bytes]]:
    """Messages of generated aircraft, in the order of their times."""
    draw = Random(seed)
    found = []
    for _ in range(aircraft):
        address, north, east = draw.randrange(1, 0xFFFFFF), draw.uniform(40, 50), draw.uniform(-90, -60)
        knots, course, feet = draw.uniform(100, 480), draw.uniform(0, 360), draw.uniform(500, 40_000)
        began = START + draw.random()
        for half in range(2 * seconds):
            at = began + half / 2
            run = knots / 3600 / 60 * half / 2
            place = (north + run * np.cos(np.radians(course)), east + run * np.sin(np.radians(course)) * 1.4)
            bodies = [encode.airborne(*place, feet, odd=half % 2 == 1)]
            bodies.append(encode.velocity(knots, course, draw.choice((0, 640, -640)), 200))
            if half % 10 == 0:
                bodies += [encode.identity(f"CA{address % 1000}", 0xA3), 31 << 51 | 2 << 13 | 9 << 8]
            found += [(at + 0.1 * i, encode.message(address, body)) for i, body in enumerate(bodies)]
    return sorted(found)


def adsb_calls(told: list[tuple[float, bytes]], of_peer: int) -> dict[str, Callable[[], int]]:
    """Both decoders; the peer gets the first messages only, since it is slow."""
    text = "".join(f"@{round((at - START) * 12e6):012X}{data.hex().upper()};\n" for at, data in told).encode()
    cuts = [0, *(text.index(b"\n", at) + 1 for at in range(CHUNK, len(text) - CHUNK, CHUNK)), len(text)]
    messages, times = [data.hex() for _, data in told[:of_peer]], [at for at, _ in told[:of_peer]]

    def ours() -> int:
        stream, count = Stream(now=START * 1_000_000), 0
        for start, end in pairwise(cuts):
            found = lines_of(text[start:end], 1, None)
            frames = of_lines(found.data, found.starts, found.ends)
            moments = stream.times(frames, found.received[frames.at])
            count += adsb_decode.columns(adsb_decode.decode(frames, moments, stream.traffic)).num_rows
        return count

    def with_pymodes() -> int:
        return len(pyModeS.decode(messages, timestamps=times))

    return {"watchfloor": ours, "pyModeS": with_pymodes}


def adsb_equal(told: list[tuple[float, bytes]]) -> float:
    """Share of fields, places among them, in which we say what pyModeS says of each message.

    Of places it is asked with a reference 30 km off: a pair it gives to both its reports, the place of one.
    """
    text = "".join(encode.avr(data, f"{at:.6f}") + "\n" for at, data in told).encode()
    found = lines_of(text, 1, None)
    frames = of_lines(found.data, found.starts, found.ends)
    decoded = adsb_decode.decode(frames, frames.time, Stream().traffic)
    fields = wrong = abs(len(decoded) - len(told))
    for i, (_, data) in enumerate(told):
        north, east = decoded.given[LATITUDE, i], decoded.given[LONGITUDE, i]
        placed = north == north
        theirs = pyModeS.decode(data.hex(), reference=(north + 0.27, east) if placed else None)
        told_here = of_pymodes(theirs)
        fields += len(told_here) + 2 * placed
        wrong += sum(1 for _ in adsb_differences(of_said(decoded.said, i), told_here))
        if placed:
            wrong += abs(theirs["latitude"] - north) > 1e-6
            wrong += abs(theirs["longitude"] - east) > 1e-6
    return 1 - wrong / fields


VERSIONS = {"pyModeS": "pymodes"}


def rows(data: str, found: dict[str, tuple[int, float]], equal: float) -> list[Row]:
    """The rows of one input; ratios are of ours to each."""
    ours = found["watchfloor"][0] / found["watchfloor"][1]
    made = []
    for name, (count, seconds) in found.items():
        rate = count / seconds
        made.append(
            Row(
                data,
                name,
                version(VERSIONS.get(name, name)),
                count,
                rate,
                ours / rate,
                equal if name == "watchfloor" else None,
            )
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench surveillance decoding", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument("--messages", type=int, default=200_000, help="messages of each input, about")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    options = parser.parse_args()
    made = []
    if SAMPLE.exists():
        told = sample()
        times = max(1, options.messages // len(told))
        made += rows("sample", timed(options.runs, ais_calls(told * times)), ais_equal(told))
    told = mix(options.messages)
    made += rows("mix", timed(options.runs, ais_calls(told)), ais_equal(told[:5_000]))
    flown = traffic(100, max(2, options.messages // 420))
    found = timed(options.runs, adsb_calls(flown, min(len(flown), 4_000)))
    made += rows("traffic", found, adsb_equal(flown[:4_000]))
    if options.json:
        print(json.dumps([row._asdict() for row in made], indent=1))
        return
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    print(
        f"{'data':8} {'decoder':12} {'version':10} {'messages':>9} {'msg/s':>12} {'ours is':>9}  equal fields"
    )
    for row in made:
        equal = "" if row.equal is None else f"{100 * row.equal:.3f} %"
        print(
            f"{row.data:8} {row.decoder:12} {row.version:10} {row.messages:9,} {row.rate:12,.0f}"
            f" {row.ratio:8.1f}x  {equal}"
        )


if __name__ == "__main__":
    main()
