"""Events worth an officer's eye: rules over points of tracks.

    from watchfloor.desks.surveillance import events

    state = events.begin(events.references(events.line.load(), surroundings.parse(content)))
    for event in events.fold_points(state, events.points(t=…, track=…, …)): ...

Each rule is a module with its name, its version, its definition and where that is published.
"""

from watchfloor.desks.surveillance.events import line
from watchfloor.desks.surveillance.events.event import Event
from watchfloor.desks.surveillance.events.fold import (
    References,
    State,
    begin,
    fold_points,
    freeze,
    references,
    thaw,
    weather,
)
from watchfloor.desks.surveillance.events.places import NOWHERE, Places, places
from watchfloor.desks.surveillance.events.points import CLASSES, Points, points
from watchfloor.desks.surveillance.events.ports import NO_PORTS, Ports, ports_of_entry

__all__ = [
    "CLASSES",
    "NOWHERE",
    "NO_PORTS",
    "Event",
    "Places",
    "Points",
    "Ports",
    "References",
    "State",
    "begin",
    "fold_points",
    "freeze",
    "line",
    "places",
    "points",
    "ports_of_entry",
    "references",
    "thaw",
    "weather",
]
