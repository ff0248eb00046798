"""Lines of several connections in one call: which `Heard` each is of, and its number there."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.core.streams import unpacked
from watchfloor.formats.sensors.wires.batch import Heard, Numbers, numbers


class Connection(NamedTuple):
    """Lines that one connection brought, with the time of receipt and the place of each.

    Attributes:
        state: what is remembered of it.
        buffer: whole lines.
        received: of each line, microseconds since 1970.
        of: of each line which `Heard`.
        number: of each line its number in the messages of its `Heard`, from 1.
    """

    state: Any
    buffer: bytes
    received: Numbers
    of: Numbers
    number: Numbers


def connections(heard: Sequence[Heard]) -> Iterator[Connection]:
    """Each connection once, with all that was heard of it."""
    by_state: dict[int, list[int]] = {}
    for at, one in enumerate(heard):
        by_state.setdefault(id(one.state), []).append(at)
    for members in by_state.values():
        parts = [_lines(heard[at]) for at in members]
        counts = numbers((len(received) for _, received in parts), len(parts))
        ends = np.cumsum(counts)
        yield Connection(
            heard[members[0]].state,
            b"".join(buffer for buffer, _ in parts),
            np.concatenate([received for _, received in parts]),
            np.repeat(np.array(members, np.int64), counts),
            np.arange(1, int(ends[-1]) + 1) - np.repeat(ends - counts, counts),
        )


def _lines(heard: Heard) -> tuple[bytes, Numbers]:
    """The messages as lines, and when each line was received."""
    ended = [message if message.endswith(b"\n") else message + b"\n" for message in heard.messages]
    counts = numbers((message.count(b"\n") for message in ended), len(ended))
    return b"".join(ended), np.repeat(numbers(heard.received), counts)


def thawed(data: bytes) -> pa.Table:
    """A table back from `packed`. Raises `ValueError` where they are none."""
    try:
        return unpacked(data)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"is no table of Arrow: {error}") from error
