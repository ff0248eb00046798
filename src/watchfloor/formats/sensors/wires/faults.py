"""Faults from codes of pieces: one each where they are few, one for many where they are many.

A receiver's log can hold a million broken lines. Each is kept, but a fault of its own for each would be more
than a person reads and than a delivery may have.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats.base import Fault
from watchfloor.formats.sensors.wires.lines import LONGEST, Lines
from watchfloor.formats.tabular.blocks import MAX_RAW

ONE_BY_ONE: Final = 20
"""Most lines of one reason in one call that have a fault each."""


def faults(lines: Lines, codes: npt.NDArray[np.uint8], reasons: Mapping[int, str]) -> Iterator[Fault]:
    """A fault for each line whose code has a reason; many of one reason are taken together."""
    return (fault for _, fault in placed(lines, codes, reasons))


def placed(
    lines: Lines, codes: npt.NDArray[np.uint8], reasons: Mapping[int, str]
) -> Iterator[tuple[int, Fault]]:
    """As `faults`, each with the index of its first line."""
    for code in sorted(reasons.keys() & set(np.unique(codes).tolist())):
        at, reason = np.flatnonzero(codes == code), reasons[code]
        if len(at) <= ONE_BY_ONE:
            yield from ((i, Fault(lines.where(i), reason, lines.raw(i))) for i in at.tolist())
        else:
            yield from _together(lines, at, reason)


def _together(lines: Lines, at: npt.NDArray[np.intp], reason: str) -> Iterator[tuple[int, Fault]]:
    """Faults for runs of lines, each run with all its bytes."""
    sizes = np.minimum(lines.ends[at] - lines.starts[at], LONGEST + 1) + 1
    part = np.cumsum(sizes) // (MAX_RAW - LONGEST - 2)
    for run in np.split(at, np.flatnonzero(np.diff(part)) + 1):
        raw = b"\n".join(lines.raw(i) for i in run)
        several = f"{len(run):,} pieces from here to {lines.where(run[-1])}, each of which "
        yield int(run[0]), Fault(lines.where(run[0]), several + reason if len(run) > 1 else reason, raw)


def count(fault: Fault) -> int:
    """How many lines or frames a fault is about."""
    words = fault.reason.split(" ", 1)
    many = words[0].replace(",", "")
    return int(many) if many.isdigit() and words[1].startswith("pieces from here") else 1
