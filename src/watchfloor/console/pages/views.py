"""Saved views: shown and saved on the page of leads, in `saved-views.html`."""

from typing import Final

from watchfloor.actions import views
from watchfloor.console.endpoints.endpoint import Endpoint

ENDPOINTS: Final = (
    Endpoint.for_action(views.list_, "/views"),
    Endpoint.for_action(views.save, "/views", within="queue", then=lambda _, row: f"/leads?{row.query}"),
    Endpoint.for_action(views.remove, "/views/remove", within="queue"),
)
