"""What is said once about a file: how many of its lines were left out because they are no messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from watchfloor.formats.base import Fault
from watchfloor.formats.wire_lines import Lines


@dataclass(slots=True)
class Seen:
    """How many lines, and the first of them."""

    count: int
    number: int
    raw: bytes


@dataclass(slots=True)
class Notes:
    """Sums over a file.

    Attributes:
        wanted: codes of lines that are counted, with what is said of them, as of several lines.
        seen: what was counted, by what is said.
    """

    wanted: Mapping[int, str]
    seen: dict[str, Seen] = field(default_factory=dict)

    def count(self, lines: Lines, codes: npt.NDArray[np.uint8]) -> None:
        """Count the lines of each code that is wanted."""
        for code, said in self.wanted.items():
            self.add(lines, codes == code, said)

    def add(self, lines: Lines, marked: npt.NDArray[np.bool_], said: str) -> None:
        """Count marked lines."""
        at = np.flatnonzero(marked)
        if len(at):
            first = self.seen.setdefault(said, Seen(0, int(lines.numbers[at[0]]), lines.raw(at[0])))
            first.count += len(at)

    def faults(self) -> Iterator[Fault]:
        """One note each, at the place of the first line."""
        for said, seen in self.seen.items():
            lines = "1 line" if seen.count == 1 else f"{seen.count:,} lines"
            yield Fault(f"line {seen.number}", f"{lines}, this one first, {said}", seen.raw, partly=True)
