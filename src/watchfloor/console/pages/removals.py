"""The register of removals: its list, one order as a timeline, and its tables in the API."""

from typing import Final

from watchfloor.actions import removals
from watchfloor.console.endpoints.endpoint import Endpoint

NAME: Final = "removals"
ENDPOINTS: Final = (
    Endpoint.for_action(removals.list_, "/removals", name=NAME, page="removals.html"),
    Endpoint.for_action(removals.inventory, "/removals/inventory"),
    Endpoint.for_action(removals.report, "/removals/report"),
    Endpoint.for_action(removals.table, "/removals/table"),
    Endpoint.for_action(removals.show, "/removals/orders/{order}", page="removal.html"),
)
