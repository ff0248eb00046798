"""A message that is being read, and what is said of segments by themselves."""

from dataclasses import dataclass, field
from datetime import datetime

from watchfloor.formats.base import Fault
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo.edifact import codes
from watchfloor.formats.cargo.edifact.drafts import Draft
from watchfloor.formats.cargo.edifact.envelope import Begin
from watchfloor.formats.cargo.edifact.groups import Group
from watchfloor.formats.cargo.edifact.readers import draft_of
from watchfloor.formats.cargo.edifact.syntax import Segment
from watchfloor.formats.cargo.manifest_tally import Tally
from watchfloor.formats.tabular.blocks import MAX_RAW


@dataclass(slots=True)
class Message:
    """A message that is being read.

    Attributes:
        begin: its UNH.
        head: what comes before its first consignment.
        function: what it is for (1225).
        tally: what came of it so far.
    """

    begin: Begin
    head: Draft
    function: str
    tally: Tally = field(default_factory=Tally)

    def draft(self, group: Group) -> Draft:
        """Return the draft of a consignment."""
        draft = draft_of(group.segments)
        self.meet(draft)
        self.tally.consignments += 1
        return draft

    def meet(self, draft: Draft) -> None:
        """Counts the segments of a draft that are not known."""
        for one in draft.unknown:
            self.tally.meet(one.tag, locator(one.start, one.end))

    @property
    def postal(self) -> bool:
        """Whether it is about postal items."""
        return self.begin.type not in codes.MANIFESTS

    @property
    def at(self) -> datetime:
        """When it was made: its DTM 137, or when its interchange was prepared. Raises `ValueError`."""
        made = self.head.times.get("137") or self.begin.of.made
        if made is None:
            raise ValueError("neither DTM+137 nor UNB says when this message was made")
        return made


def code_of(one: Segment) -> str:
    """The processing indicator (7365) of a GIS or a GEI."""
    return one.element(2 if one.tag == "GEI" else 1)


def list_of(one: Segment) -> str:
    """The code list (1131) that the indicator is of; empty where it is UN/EDIFACT's."""
    return one.element(2 if one.tag == "GEI" else 1, 1)


def partly(one: Segment, why: str) -> Fault:
    """A fault about a segment that rows are made without."""
    return Fault(locator(one.start, one.end), why, one.raw[:MAX_RAW], partly=True)
