"""The pages of tasks: the list, one task, and the forms on it."""

from typing import Final

from watchfloor.actions import deadlines, tasks
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw


def due_calendar(asker: Asker, ask: deadlines.ListDeadlines) -> Raw:
    """Give the days by which something is due as a calendar (iCalendar, RFC 5545)."""
    found = deadlines.list_(asker, ask).deadlines
    return Raw(deadlines.calendar(found, asker).encode(), "text/calendar; charset=utf-8", "due.ics")


ENDPOINTS: Final = (
    Endpoint.for_action(tasks.list_, "/tasks", name="tasks", page="tasks.html"),
    Endpoint.for_action(tasks.show, "/tasks/{task}", page="task.html"),
    Endpoint.for_action(deadlines.list_, "/deadlines", name="deadlines"),
    Endpoint("deadlines.calendar", "GET", "/deadlines.ics", deadlines.ListDeadlines, Raw, due_calendar),
    *(
        Endpoint.for_action(act, f"/tasks/{{task}}/{act.name.split()[-1]}", within="task.show")
        for act in (tasks.accept, tasks.decline, tasks.finish, tasks.hit, tasks.amend)
    ),
)
