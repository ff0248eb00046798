"""Figures of the cell itself, as of a day: how good its queue is, how honest its numbers, whom it looks at.

Each comes with its interval, or says what is missing for one. Groups are streams and offices; nothing here
looks at a person's country, and countries of departure are on the page of cargo alone. A share of outcomes is
of the leads whose truth this reader may know.
"""

from datetime import date, datetime
from typing import Final

from watchfloor.cell.current_signals import signals
from watchfloor.records.marking import join
from watchfloor.release.policy import Reader
from watchfloor.scorecard.cell import words
from watchfloor.scorecard.cell.cargo import cargo_figures
from watchfloor.scorecard.cell.feeds import feed_figure
from watchfloor.scorecard.cell.queue import queue_figures
from watchfloor.scorecard.computed.result import end_of
from watchfloor.scorecard.findings import CellFigure
from watchfloor.scorecard.said import Said, day, said
from watchfloor.store.floor import Floor

NAMES: Final = tuple(words.TITLES)
"""Every figure, in the page's order."""


def cell_figures(floor: Floor | None, reader: Reader | None, on: date) -> tuple[CellFigure, ...]:
    """Every figure of `NAMES`, in that order, from what this reader may see of what was known by a day.

    Args:
        floor: whose; None: each figure says that there is none.
        reader: who asks; needed with a floor.
        on: the day, to its end in UTC.
    """
    if floor is None or reader is None:
        return _without(said(words.NO_FLOOR))
    created = datetime.fromisoformat(floor.settings.created).date()
    if created > on:
        return _without(said(words.BEFORE, created=day(created)))
    ends = end_of(on)
    found = (
        *queue_figures(floor, reader, ends),
        *cargo_figures(floor, reader, ends),
        feed_figure(floor, reader, ends),
    )
    return tuple(sorted(found, key=lambda one: NAMES.index(one.name)))


def cell_marking(floor: Floor, reader: Reader, on: date) -> str:
    """The join of what the figures rest on: signals that stand, outcomes, inspections and declarations.

    The sums of feeds count rows and tell nothing of them, so they take no part; empty where there is nothing.
    """
    ends = end_of(on)
    found = set(signals(floor, reader, ends)["marking"].unique().to_pylist())
    for kind in ("outcome", "inspection", "declaration"):
        found.update(floor.read(kind, reader, ends, ["marking"])["marking"].unique().to_pylist())
    return join(found) if found else ""


def _without(why: Said) -> tuple[CellFigure, ...]:
    return tuple(CellFigure(name, said(words.TITLES[name]), why) for name in NAMES)
