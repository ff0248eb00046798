"""The table: every endpoint of the console, and the routes that are none (streams, uploads)."""

from collections.abc import Callable, Iterable
from typing import Final

from starlette.routing import BaseRoute

from watchfloor.console.access import entry
from watchfloor.console.browser import Browser
from watchfloor.console.endpoint import Endpoint
from watchfloor.console.pages import acts, lead, queue, record
from watchfloor.console.services import Services

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *entry.ENDPOINTS,
    *queue.ENDPOINTS,
    *acts.ENDPOINTS,
    *lead.ENDPOINTS,
    *record.ENDPOINTS,
)

ROUTES: Final[tuple[Callable[[Services, Browser], Iterable[BaseRoute]], ...]] = ()
"""What makes further routes."""

MENU: Final = ("queue",)
"""Pages that every page leads to, in their order."""
