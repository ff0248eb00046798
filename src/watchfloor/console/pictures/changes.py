"""Changes between two pictures of one view: leads that came, went, rose or fell, and the signals why."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.wording.titles import Title
from watchfloor.console.pictures.picture import Picture
from watchfloor.core.messages import Language

Way = Literal["new", "gone", "risen", "fallen", "changed"]
MOST_REASONS = 3
"""Sentences told of one lead."""


class Change(msgspec.Struct, frozen=True):
    """One lead that is not what it was.

    Attributes:
        lead_id: of the lead.
        subject: its anchor; `title`: what, where and since when.
        way: how it changed.
        before: its probability then; None where it was not there.
        after: its probability now; None where it is no more.
        why: sentences of the signals that came or went.
        more: further signals that came or went.
        marking: of what is told.
    """

    lead_id: str
    subject: str
    title: Title
    way: Way
    before: float | None
    after: float | None
    why: tuple[str, ...]
    more: int
    marking: str


def changed_ids(old: Picture, new: Picture) -> list[str]:
    """Ids of the leads that differ: as the new picture orders them, then those that are gone."""
    before, after = old.ids(), new.ids()
    return [
        *(one for one, said in after.items() if before.get(one) != said),
        *(one for one in before if one not in after),
    ]


def changes(old: Picture, new: Picture, language: Language, most: int) -> Iterator[Change]:
    """The first `most` changes, each with its reasons."""
    for lead_id in changed_ids(old, new)[:most]:
        was, is_ = old.row_of(lead_id), new.row_of(lead_id)
        before = old.lead(was) if was is not None else None
        after = new.lead(is_) if is_ is not None else None
        title = new.title(is_) if is_ is not None else old.title(was or 0)
        yield _change(before, after, title, language)


def _change(before: Lead | None, after: Lead | None, title: Title, language: Language) -> Change:
    one = after or before
    assert one is not None
    came = _without(after, before)
    went = _without(before, after)
    told = [*(c.reason.render(language) for c in came), *(f"− {c.reason.render(language)}" for c in went)]
    return Change(
        one.lead_id,
        one.subject,
        title,
        _way(before, after),
        before.probability if before else None,
        after.probability if after else None,
        tuple(told[:MOST_REASONS]),
        max(len(told) - MOST_REASONS, 0),
        one.marking,
    )


def _way(before: Lead | None, after: Lead | None) -> Way:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    if after.bits == before.bits:
        return "changed"
    return "risen" if after.bits > before.bits else "fallen"


def _without(one: Lead | None, other: Lead | None) -> list[Contribution]:
    """Contributions of one that the other has not, or in another strength."""
    known = {(c.signal_id, c.strength) for c in other.contributions} if other else set()
    return [c for c in one.contributions if (c.signal_id, c.strength) not in known] if one else []
