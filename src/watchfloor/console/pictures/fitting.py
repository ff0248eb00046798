"""Which leads of a picture a query of the list asks for."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from watchfloor.casework import triage
from watchfloor.casework.saved_views import FRESH, Query, Tab
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.triage import Progress
from watchfloor.cell.queue import NoLead
from watchfloor.console.pictures.picture import Filter, Picture, Rows
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor


class Onlooker(Protocol):
    """Who looks at a floor, and when."""

    @property
    def floor(self) -> Floor:
        """Return the floor."""

    @property
    def reader(self) -> Reader:
        """Return what they may see."""

    @property
    def at(self) -> datetime:
        """Return the moment."""


def fitting(
    picture: Picture,
    ask: Query,
    given: Mapping[str, frozenset[str]],
    states: Mapping[int, Progress],
    at: datetime,
    name: str,
) -> tuple[Rows, int]:
    """Return the rows that a query asks for, in order, and how many more are below its `least`.

    Args:
        picture: whose rows.
        ask: the query.
        given: what `tasked` says; `states`: what `states_of` says.
        at: when, and `name`: who asks.
    """
    rows = picture.chosen(_filter(ask, given), at)
    rows = rows[under(ask.state, rows, states, name)]
    every = rows if ask.band else rows[picture.table["band"].to_numpy()[rows] >= ask.least]
    return every, len(rows) - len(every)


def states_of(asker: Onlooker, picture: Picture) -> dict[int, Progress]:
    """Return how far each lead is that somebody did something about, by its row."""
    known = triage.records_of(asker.floor, asker.reader)
    found: dict[int, Progress] = {}
    for id_ in known.ids():
        with suppress(NoLead):
            row, head, _ = picture.matter(id_)
            if row not in found:
                found[row] = triage.standing(head, known, asker.at)
    return found


def under(tab: Tab, rows: Rows, states: Mapping[int, Progress], asks: str) -> npt.NDArray[np.bool_]:
    """Return which rows stand under a tab."""
    if not tab:
        return np.ones(len(rows), np.bool_)
    touched = np.fromiter(states, np.int64, len(states))
    mine = [row for row, left in states.items() if _is_in(tab, left, asks)]
    untouched = ~np.isin(rows, touched) & _is_in(tab, None, asks)
    return np.isin(rows, np.array(mine, np.int64)) | untouched


def _is_in(tab: Tab, left: Progress | None, asks: str) -> bool:
    """Return whether a lead stands under a tab; None: nobody has touched it."""
    if not tab or left is None:
        return tab in ("", "new")
    if tab == "mine":
        return left.owner == asks and left.state != "closed"
    return left.state == tab


def _filter(ask: Query, given: Mapping[str, frozenset[str]]) -> Filter:
    ask.check()
    found = ask.rectangle
    box = (found.west, found.south, found.east, found.north) if found else None
    return Filter(
        ask.hypothesis,
        frozenset(ask.band),
        ask.text,
        box,
        FRESH[ask.fresh] if ask.fresh else None,
        given.get(ask.unit, frozenset()) if ask.unit else None,
    )


def tasked(asker: Onlooker) -> dict[str, frozenset[str]]:
    """By unit, the leads on which it has an open task."""
    found: dict[str, set[str]] = {}
    for one in Task.read(asker.floor, asker.reader).values():
        if one.order.lead and one.standing(asker.at) not in ("done", "refused"):
            found.setdefault(one.order.unit, set()).add(one.order.lead)
    return {unit: frozenset(leads) for unit, leads in found.items()}
