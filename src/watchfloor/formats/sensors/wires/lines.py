"""Lines of a receiver in one buffer: where each begins and ends, its number, and when it was received."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats import byte_ranges
from watchfloor.formats.sensors.log_times import NEVER

LONGEST: Final = 4096
"""Bytes of a line; a longer one is a fault, and no more of it is kept."""
CHUNK: Final = 1 << 19
"""Bytes of a file that are decoded together."""

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
_NEWLINE: Final = 10


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines, or frames of bytes. Line *i* is `data[starts[i]:ends[i]]`.

    `numbers` counts lines from 1, or is the place of a frame's first byte in the stream, from 0. `received`
    is microseconds since 1970, or `NEVER`.
    """

    data: Bytes
    starts: Ints
    ends: Ints
    numbers: Ints
    received: Ints
    binary: bool = False

    def __len__(self) -> int:
        return len(self.starts)

    def raw(self, i: int) -> bytes:
        """A line without its end, as much of it as is kept of an overlong one."""
        end = min(int(self.ends[i]), int(self.starts[i]) + LONGEST + 1)
        return self.data[self.starts[i] : end].tobytes()

    def where(self, i: int) -> str:
        """Its locator."""
        number = int(self.numbers[i])
        if self.binary:
            return byte_ranges.locator(number, number + int(self.ends[i] - self.starts[i]))
        return f"line {number}"

    def after(self, earlier: Sequence[tuple[int, bytes]]) -> "Lines":
        """These lines behind earlier ones, of which numbers and bytes are given."""
        head = b"".join(line + b"\n" for _, line in earlier)
        before = lines(head, 1, None)
        given = np.array([number for number, _ in earlier], np.int64)
        data = np.concatenate((before.data, self.data))
        data.flags.writeable = False  # as bytes are: kernels are compiled for that alone
        return Lines(
            data,
            np.concatenate((before.starts, self.starts + len(head))),
            np.concatenate((before.ends, self.ends + len(head))),
            np.concatenate((given, self.numbers)),
            np.concatenate((before.received, self.received)),
        )


def lines(buffer: bytes, first: int, received: int | Sequence[int] | Ints | None) -> Lines:
    """The lines of a buffer, each with its end.

    Args:
        buffer: whole lines.
        first: number of the first.
        received: when they were received: one time for all, one for each, or None.
    """
    data = np.frombuffer(buffer, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    starts = np.concatenate((np.zeros(min(1, len(ends)), np.int64), ends[:-1] + 1))
    when = np.asarray(NEVER if received is None else received, np.int64)
    return Lines(
        data, starts, ends, np.arange(first, first + len(ends)), np.broadcast_to(when, len(ends)).copy()
    )


def chunks(stream: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """Whole lines of a stream, many at a time; the last one gets the end that it may lack.

    Of a line longer than `LONGEST` one byte more than that is kept, whatever `size` is.
    """
    rest = b""
    while chunk := stream.read(size):
        whole, newline, tail = chunk.rpartition(b"\n")
        if newline:
            yield rest + whole + newline
            rest = b""
        rest = (rest + tail)[: LONGEST + 1]
    if rest:
        yield rest + b"\n"
