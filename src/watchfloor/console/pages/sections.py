"""The page of sections of the line, and the forms on it: impact level, and requests for information."""

from typing import Final

from watchfloor.actions import sections
from watchfloor.console.endpoints.endpoint import Endpoint

NAME: Final = "coverage.sections"
ENDPOINTS: Final = (
    Endpoint.for_action(sections.list_, "/coverage/sections", name=NAME, page="sections.html"),
    *(
        Endpoint.for_action(act, f"/coverage/sections/{{section}}/{act.name.split()[-1]}", within=NAME)
        for act in (sections.impact, sections.restore, sections.request)
    ),
)
