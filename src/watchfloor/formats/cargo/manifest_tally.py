"""Tally of one manifest: consignments that come twice, amendments, segments that are not known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from watchfloor.formats.base import Fault

MAX_SEEN: Final = 250_000
"""Consignments of one manifest whose numbers are remembered, to find those that come twice."""
MAX_TAGS: Final = 20
"""Tags of one manifest that are counted by themselves."""


AMENDED: Final = (
    "each line takes the place of the one with its number, and lines that an earlier version had beyond these"
    " still stand; look for them by the number: watchfloor search NUMBER"
)


@dataclass(slots=True)
class Tally:
    """Tally of one manifest so far.

    Attributes:
        seen: where each consignment stood, by its number.
        unknown: how many segments of each tag that is not known, and where the first stood.
        amended: how many consignments say that they amend earlier ones, and where the first stood.
        consignments: how many, also such as gave no row.
        damaged: whether pieces of it could not be read, so that it may hold more than was seen.
    """

    seen: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, tuple[int, str]] = field(default_factory=dict)
    amended: tuple[int, str] = (0, "")
    consignments: int = 0
    damaged: bool = False

    def meet(self, tag: str, where: str) -> None:
        """Counts a segment that is not known; those of many tags as others."""
        name = tag[:20] if tag[:20] in self.unknown or len(self.unknown) < MAX_TAGS else "of other tags"
        number, first = self.unknown.get(name, (0, where))
        self.unknown[name] = number + 1, first

    def amend(self, where: str) -> None:
        """Counts a consignment that says that it amends an earlier one."""
        number, first = self.amended
        self.amended = number + 1, first or where

    def before(self, key: str, where: str) -> str | None:
        """Where a consignment stood before; it is remembered where it did not, and there is room."""
        first = self.seen.get(key)
        if first is None and len(self.seen) < MAX_SEEN:
            self.seen[key] = where
        return first

    def faults(self, what: str, where: str, none: str) -> Iterator[Fault]:
        """Yield the faults of a manifest that has ended, and whose beginning stood at `where`."""
        if not self.consignments and not self.damaged:
            yield Fault(where, f"{what} holds no {none}", b"", partly=True)
        if self.consignments > MAX_SEEN:
            many = f"{what} holds more than {MAX_SEEN:,} consignments"
            yield Fault(where, f"{many}: whether later ones come twice was not looked for", b"", partly=True)
        number, first = self.amended
        if number:
            many = f"consignments that amend earlier ones: {number:,}, the first here"
            yield Fault(first, f"{many}; {AMENDED}", b"", partly=True)
        if self.unknown:
            tags = ", ".join(f"{count:,} {tag}" for tag, (count, _) in self.unknown.items())
            first = next(place for _, place in self.unknown.values())
            why = f"segments that are not known were read past: {tags}; the first stands here"
            yield Fault(first, why, b"", partly=True)
