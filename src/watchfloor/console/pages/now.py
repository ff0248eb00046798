"""The page Now: the map, and beside it what needs somebody."""

from collections.abc import Collection
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec
import numpy as np

from watchfloor.actions.public_alerts import PublicAlertView
from watchfloor.actions.tasks import CLOSED, TaskView, task_view
from watchfloor.actions.watch import AlertView, Log
from watchfloor.casework.tasking.tasks import Task, urgent
from watchfloor.casework.tasking.units import load as load_units
from watchfloor.casework.triage import NEW
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.estimative_language import WORDS
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, first_queue
from watchfloor.console.pages.feeds import known_feeds
from watchfloor.console.pages.map import Map, MapAsk, map_
from watchfloor.console.pages.queue import Line, line_of
from watchfloor.console.pages.watch import Offer, offer
from watchfloor.console.pictures.fitting import states_of, tasked
from watchfloor.console.pictures.picture import FOUND_FALSE, Filter
from watchfloor.core.marking import joined
from watchfloor.feeds.live import status

LIKELY: Final = [n for n, (bound, _, _) in enumerate(WORDS) if bound > 0.55]
"""Bands of probability from `likely` on."""
URGENT: Final = 1
"""The tier of a life at risk, which comes first from a few per cent on."""
LEADS: Final = 5
"""Leads that are told of."""


class Source(msgspec.Struct, frozen=True):
    """A feed that delivers by itself: its state, rows a second, and for how many seconds it was silent."""

    name: str
    state: str
    rate: float
    silent: int | None


class Now(msgspec.Struct, frozen=True):
    """The map, and what needs somebody.

    Attributes:
        marking: the join of what is shown.
        now: the moment that it speaks of.
        map: everything that has a place.
        alerts: that are open.
        public: public alerts in force by which lives are at risk.
        offer: a handover that waits for the signature of who looks.
        leads: the first new ones that no open task or alert is about: lives at risk, then what is likely.
        late: tasks whose deadline has passed.
        sources: feeds that deliver by themselves.
    """

    marking: str
    now: datetime
    map: Map
    alerts: list[AlertView]
    public: list[PublicAlertView]
    offer: Offer | None
    leads: list[Line]
    late: list[TaskView]
    sources: list[Source]


class NowAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`box`: west,south,east,north in degrees, where the map begins."""

    box: str = ""


def page(asker: Asker, ask: NowAsk) -> Now:
    """Show the map, and what needs somebody: alerts, leads, a handover, late tasks, silent feeds."""
    seen, log = map_(asker, MapAsk(box=ask.box)), Log(asker)
    alerts = log.alerts()
    if alerts:
        log.query_alerts(alerts)
    public = [one for one in log.public().alerts if one.life]
    if public:
        log.query("public alerts", shown=[one.record for one in public])
    given = offer(log, asker.name)
    mine = given if given and given.mine else None
    if mine:
        log.query("watch log", lines=1, shown=[mine.line.entry])
    leads, late = _leads(asker, {one.about for one in alerts}), _late(asker)
    markings = [seen.marking, mine.line.marking if mine else ""]
    for told in (alerts, public, leads, late):
        markings += [one.marking for one in told]
    return Now(
        joined(filter(None, markings)),
        log.now,
        seen,
        alerts,
        public,
        mine,
        leads,
        late,
        _sources(asker),
    )


def _leads(asker: Asker, told: Collection[str | None]) -> list[Line]:
    """Return the first new leads that no open task or alert is about: lives at risk, then what is likely."""
    picture, given, weights = asker.picture, tasked(asker), load()
    rows = picture.chosen(Filter(), asker.now)
    tier, band = (picture.table[name].to_numpy()[rows] for name in ("tier", "band"))
    rows = rows[(tier == URGENT) | np.isin(band, LIKELY)]
    on = frozenset().union(*given.values()) | set(told)
    states = states_of(asker, picture)
    new = (row for row in rows.tolist() if states.get(row, NEW).state == "new")
    free = ((row, said) for row in new if (said := picture.listed(np.array([row]))[0])["lead_id"] not in on)
    likely = ((row, said) for row, said in free if said["tier"] < FOUND_FALSE)
    leads = [
        line_of(said, weights, asker, {}, given, states.get(row, NEW)) for row, said in islice(likely, LEADS)
    ]
    if leads:
        shown = [one.lead_id for one in leads]
        asker.log_query("leads", leads=len(picture), digest=picture.about.digest, shown=shown)
    return leads


def _late(asker: Asker) -> list[TaskView]:
    """Return tasks whose deadline has passed, life at risk first."""
    table = load_units(asker.floor.root)
    open_ = (
        one for one in Task.read(asker.floor, asker.reader).values() if one.standing(asker.now) not in CLOSED
    )
    views = [task_view(one, table, asker) for one in sorted(open_, key=urgent)]
    late = [one for one in views if one.late]
    if late:
        asker.log_query("tasks", tasks=len(late), shown=[one.task for one in late])
    return late


def _sources(asker: Asker) -> list[Source]:
    """Return the live feeds that the reader may know of, by name."""
    standing = status.read(asker.floor.root).sources
    known = known_feeds(asker).by_name
    return [
        Source(one.name, one.state, one.rate, None if one.silent is None else round(one.silent))
        for one in (standing.sources if standing else ())
        if one.name in known
    ]


ENDPOINTS: Final = (
    Endpoint("now", "GET", "/now", NowAsk, Now, page, page="now.html", script=True, prepares=first_queue),
)
