"""The forms by which a lead is taken, watched, closed, opened again and commented on, on its page."""

from typing import Final

from watchfloor.actions import triage
from watchfloor.console.endpoints.endpoint import Endpoint

ENDPOINTS: Final = tuple(
    Endpoint.for_action(
        action, f"/leads/{{lead_id}}/{action.name}", name=f"lead.{action.name}", within="lead"
    )
    for action in (triage.take_lead, triage.watch, triage.close, triage.reopen, triage.comment)
)
