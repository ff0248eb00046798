"""The pages of tasks: the list, one task, and the forms on it."""

from typing import Final

from watchfloor.actions import tasks
from watchfloor.console.endpoints.endpoint import Endpoint

ENDPOINTS: Final = (
    Endpoint.for_action(tasks.list_, "/tasks", name="tasks", page="tasks.html"),
    Endpoint.for_action(tasks.show, "/tasks/{task}", page="task.html"),
    *(
        Endpoint.for_action(act, f"/tasks/{{task}}/{act.name.split()[-1]}", within="task.show")
        for act in (tasks.accept, tasks.decline, tasks.finish, tasks.hit, tasks.amend)
    ),
)
