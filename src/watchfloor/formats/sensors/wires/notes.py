"""Notes told once about a file: how many of its lines were left out because they are no messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from watchfloor.formats.base import Fault
from watchfloor.formats.sensors.wires.lines import Lines


@dataclass(slots=True)
class SkippedLines:
    """How many lines, and where and what the first of them is."""

    count: int
    where: str
    raw: bytes


@dataclass(slots=True)
class Notes:
    """Sums over a file.

    Attributes:
        wanted: codes of lines that are counted, with what they are.
        seen: what was counted, by what is said.
    """

    wanted: Mapping[int, str]
    seen: dict[str, SkippedLines] = field(default_factory=dict)

    def count(self, lines: Lines, codes: npt.NDArray[np.uint8]) -> None:
        """Count the lines of each code that is wanted."""
        for code, said in self.wanted.items():
            self.add(lines, codes == code, said)

    def add(self, lines: Lines, marked: npt.NDArray[np.bool_], said: str) -> None:
        """Count marked lines."""
        at = np.flatnonzero(marked)
        if len(at):
            first = self.seen.setdefault(said, SkippedLines(0, lines.where(at[0]), lines.raw(at[0])))
            first.count += len(at)

    def faults(self) -> Iterator[Fault]:
        """One note each, at the place of the first line."""
        for said, seen in self.seen.items():
            count = "this one" if seen.count == 1 else f"{seen.count:,}, this one first"
            yield Fault(seen.where, f"{said}: {count}", seen.raw, partly=True)
