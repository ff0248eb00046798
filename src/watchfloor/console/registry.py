"""The table: every endpoint of the console, and the routes that are none (streams, uploads)."""

from collections.abc import Callable, Iterable
from typing import Final

from starlette.routing import BaseRoute

from watchfloor.console.access import entry
from watchfloor.console.endpoints.browser import Browser
from watchfloor.console.endpoints.endpoint import Endpoint
from watchfloor.console.live import stream
from watchfloor.console.map import region_tiles
from watchfloor.console.map import stream as frames_of_map
from watchfloor.console.pages import (
    accounts,
    acts,
    audit,
    audit_checks,
    audit_proofs,
    briefing,
    bulk,
    calendar_feeds,
    clearances,
    coverage,
    exercise,
    feeds,
    graph,
    ground,
    inspections,
    jobs,
    lead,
    notices,
    now,
    partners,
    placing,
    planning,
    policy,
    quarantine,
    queue,
    record,
    removals,
    rosters,
    satellite_orders,
    scorecard,
    search,
    sections,
    subject,
    tasks,
    tracks,
    triage,
    upkeep,
    views,
    watch,
)
from watchfloor.console.pages import help as help_page
from watchfloor.console.pages import map as map_page
from watchfloor.console.pages.mapping import endpoints as mapping
from watchfloor.console.services import Services

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *entry.ENDPOINTS,
    *now.ENDPOINTS,
    *queue.ENDPOINTS,
    *views.ENDPOINTS,
    *notices.ENDPOINTS,
    *bulk.ENDPOINTS,
    *acts.ENDPOINTS,
    *triage.ENDPOINTS,
    *lead.ENDPOINTS,
    *tasks.ENDPOINTS,
    *inspections.ENDPOINTS,
    *sections.ENDPOINTS,
    *removals.ENDPOINTS,
    *map_page.ENDPOINTS,
    *tracks.ENDPOINTS,
    *coverage.ENDPOINTS,
    *planning.ENDPOINTS,
    *placing.ENDPOINTS,
    *satellite_orders.ENDPOINTS,
    *rosters.ENDPOINTS,
    *record.ENDPOINTS,
    *ground.ENDPOINTS,
    *subject.ENDPOINTS,
    *graph.ENDPOINTS,
    *watch.ENDPOINTS,
    *stream.ENDPOINTS,
    *search.ENDPOINTS,
    *audit.ENDPOINTS,
    *audit_proofs.ENDPOINTS,
    *audit_checks.ENDPOINTS,
    *scorecard.ENDPOINTS,
    *briefing.ENDPOINTS,
    *accounts.ENDPOINTS,
    *policy.ENDPOINTS,
    *clearances.ENDPOINTS,
    *partners.ENDPOINTS,
    *upkeep.ENDPOINTS,
    *feeds.ENDPOINTS,
    *quarantine.ENDPOINTS,
    *mapping.ENDPOINTS,
    *jobs.ENDPOINTS,
    *exercise.ENDPOINTS,
    *help_page.ENDPOINTS,
)

ROUTES: Final[tuple[Callable[[Services, Browser], Iterable[BaseRoute]], ...]] = (
    stream.routes,
    calendar_feeds.routes,
    frames_of_map.routes,
    region_tiles.routes,
)
"""What makes further routes."""

PLACES: Final = {
    "now": ("now", "watch", "tasks", "inspections"),
    "leads": ("queue",),
    "map": ("map", "coverage.line", "coverage.sections"),
    "find": ("search", "graph"),
    "reports": (
        "watch.sitrep",
        "planning",
        "planning.detectors",
        "planning.satellites",
        "rosters",
        "removals",
        "scorecard",
        "exercise",
    ),
}
"""The places that every page leads to, in their order, and the pages of each; a place opens at its first."""

OWN: Final = (
    "notices",
    "feeds",
    "feeds.quarantine",
    "feeds.mapping",
    "feeds.jobs",
    "audit",
    "policy",
    "clearances",
    "partners",
    "upkeep",
    "accounts",
    "profile",
    "help",
)
"""Pages behind a person's name."""
