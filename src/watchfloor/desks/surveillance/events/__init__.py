"""Events worth an officer's eye: rules over points of tracks.

    from watchfloor.desks.surveillance import events

    state = events.begin(events.References(events.line.load()))
    for event in events.take(state, events.points(t=…, track=…, …)): ...

Each rule is a module with its name, its version, its definition and where that is published.
"""

from watchfloor.desks.surveillance.events import line
from watchfloor.desks.surveillance.events.event import Event
from watchfloor.desks.surveillance.events.fold import References, State, begin, freeze, take, thaw, weather
from watchfloor.desks.surveillance.events.places import NOWHERE, Places, places
from watchfloor.desks.surveillance.events.points import CLASSES, Points, points

__all__ = [
    "CLASSES",
    "NOWHERE",
    "Event",
    "Places",
    "Points",
    "References",
    "State",
    "begin",
    "freeze",
    "line",
    "places",
    "points",
    "take",
    "thaw",
    "weather",
]
