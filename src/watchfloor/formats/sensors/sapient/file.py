"""Logs of SAPIENT messages: each behind its length in four bytes, or in the JSON form, one a line."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import INSTANT
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.fault_aggregation import together
from watchfloor.formats.sensors.protobuf import codec, lines
from watchfloor.formats.sensors.protobuf.tables import camel
from watchfloor.formats.sensors.sapient import stream, writing
from watchfloor.formats.sensors.sapient.nodes import Node
from watchfloor.formats.sensors.sapient.reading import judge
from watchfloor.formats.sensors.sapient.schema import MAX_BYTES, SCHEMA
from watchfloor.formats.sensors.sapient.stream import Framed, Network
from watchfloor.formats.sensors.sapient.taking import CONTENTS, take_apart
from watchfloor.formats.tabular.blocks import MAX_RAW
from watchfloor.formats.xml_limits import head_text

CHUNK: Final = 1 << 20
LINES: Final = 1000
"""Lines that are read together."""

_MARK: Final = b"\xef\xbb\xbf"
_CONTENT: Final = re.compile(
    r'\{.*"(?:' + "|".join(sorted({*CONTENTS.values(), *map(camel, CONTENTS.values())})) + r')"\s*:\s*\{'
)


def sniff(head: Head) -> float:
    """Sure of a first message with a content, sender and time; less sure of such a line of JSON."""
    if _is_json(head.data):
        line = head_text(head).lstrip().partition("\n")[0]
        return 0.9 if '"timestamp"' in line and _CONTENT.search(line) else 0.0
    size = int.from_bytes(head.data[: stream.LENGTH], "little")
    if not 0 < size <= MAX_BYTES:
        return 0.0
    message = head.data[stream.LENGTH : stream.LENGTH + size]
    if len(message) < size:  # a first message longer than what is seen here
        return 0.3 if message.startswith(b"\x0a") else 0.0
    try:
        said = codec.decode(SCHEMA, message)
    except codec.WireError:
        return 0.0
    return 0.95 if "node_id" in said and "timestamp" in said and said.keys() & set(CONTENTS.values()) else 0.0


def read(stream_: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows and faults. Raises `FormatError` for a file that does not begin with a message."""
    network: Network = {}
    first = stream_.read(CHUNK)
    if not first:
        raise FormatError(f"{name} is empty, where SAPIENT messages were expected")
    if _is_json(first):
        yield from _lines(stream_, first, name, network)
    else:
        yield from _messages(stream_, first, name, network)


def write(batches: Iterable[Batch], stream_: BinaryIO) -> None:
    """Rows of `detection` and `coverage` as messages. Raises `ValueError` as `writing.messages_of` does."""
    stream_.writelines(writing.write(batches))


def write_lines(batches: Iterable[Batch], stream_: BinaryIO) -> None:
    """The same in the JSON form."""
    for batch in batches:
        for message in writing.messages_of(batch):
            whole = codec.decode(SCHEMA, codec.encode(SCHEMA, message))
            stream_.write(lines.dump(SCHEMA, whole) + b"\n")


def _is_json(data: bytes) -> bool:
    return data.removeprefix(_MARK).lstrip()[:1] == b"{" and b"\x00" not in data[:4]


def _messages(stream_: BinaryIO, data: bytes, name: str, network: Network) -> Iterator[Batch | Fault]:
    at, begun = 0, False
    while data:
        frames = stream.framed([data])
        if not begun:
            _begins(frames, data, name)
            begun = True
        yield from _rows(frames._replace(offset=frames.offset + at), network)
        rest = int(frames.rests[0])
        if int.from_bytes(data[rest : rest + stream.LENGTH], "little") > MAX_BYTES and len(data) - rest >= 4:
            yield stream.broken(data[rest:], at + rest)
            return
        at += rest
        more = stream_.read(CHUNK)
        if not more and rest < len(data):
            yield stream.broken(data[rest:], at)
        data = data[rest:] + more if more else b""


def _begins(frames: Framed, data: bytes, name: str) -> None:
    """Whether a file begins with a message, as far as can be seen."""
    size = int.from_bytes(data[: stream.LENGTH], "little")
    if size > MAX_BYTES or (not size and len(frames.starts) < 2):
        raise FormatError(f"{name} is no log of SAPIENT messages: {stream.lost_at(data)}")
    if len(frames.starts):
        try:
            codec.decode(SCHEMA, data[frames.starts[0] : frames.ends[0]])
        except codec.WireError as error:
            raise FormatError(f"{name} is no log of SAPIENT messages; the first is none: {error}") from error


def _rows(frames: Framed, network: Network) -> Iterator[Batch | Fault]:
    """The rows of frames of one piece."""
    taken = take_apart(frames.data, frames.starts, frames.ends)
    received = pa.nulls(len(taken), INSTANT)
    judged = judge(taken, taken.content > 0, frames.of, [network])
    for part in judged.parts(stream.locators(frames), received):
        yield Batch(part.kind, part.rows)
    faults = together((0, fault) for _, fault in stream.faulty(taken, judged.problems, frames))
    yield from (fault for _, fault in faults)


def _lines(stream_: BinaryIO, data: bytes, name: str, network: dict[str, Node]) -> Iterator[Batch | Fault]:
    number, data = 0, data.removeprefix(_MARK)
    while data:
        more = stream_.read(CHUNK)
        end = data.rfind(b"\n") + 1 if more else len(data)
        if not end and len(data) > 4 * MAX_BYTES:
            yield Fault(f"line {number + 1}", _LONG, data[:MAX_RAW], rest=True)
            return
        if not end:
            data += more
            continue
        found = data[:end].split(b"\n")
        for begin in range(0, len(found), LINES):
            part = found[begin : begin + LINES]
            yield from _some(part, number + begin, name, network)
        number += len(found) - (1 if data[:end].endswith(b"\n") else 0)
        data = data[end:] + more


_LONG: Final = f"this line is longer than {4 * MAX_BYTES:,} bytes, which no SAPIENT message is"


def _some(found: list[bytes], before: int, name: str, network: dict[str, Node]) -> Iterator[Batch | Fault]:
    """Rows and faults of some lines."""
    raw: list[bytes] = []
    places: list[int] = []
    for i, line in enumerate(found):
        if not line.strip():
            continue
        try:
            raw.append(codec.encode(SCHEMA, lines.load(SCHEMA, line)))
            places.append(i)
        except codec.WireError as error:
            if before + i == 0:
                raise FormatError(f"{name} is no log of SAPIENT messages in JSON; line 1: {error}") from error
            yield Fault(f"line {before + i + 1}", f"this is no SAPIENT message: {error}", line[:MAX_RAW])
    ends = np.cumsum([len(one) for one in raw], dtype=np.int64)
    starts = ends - np.array([len(one) for one in raw], np.int64)
    data = np.frombuffer(b"".join(raw), np.uint8)
    taken = take_apart(data, starts, ends)
    where = [f"line {before + i + 1}" for i in places]
    received = pa.nulls(len(raw), INSTANT)
    own = np.zeros(len(raw), np.int64)
    judged = judge(taken, taken.content > 0, own, [network])
    for part in judged.parts(pa.array(where, pa.string()), received):
        yield Batch(part.kind, part.rows)
    frames = Framed(data, starts, ends, own, own, own, own)
    for message, fault in stream.faulty(taken, judged.problems, frames):
        yield Fault(where[message], fault.reason, found[places[message]][:MAX_RAW], partly=fault.partly)


FORMAT: Final = Format("sapient", ("detection", "coverage"), sniff, read, write, byte_ranges.piece)
