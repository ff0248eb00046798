"""Upkeep by schedule, for who keeps the floor: what was done, when, and what is due."""

from typing import Final

import msgspec

from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Nothing
from watchfloor.console.upkeep import schedule
from watchfloor.console.upkeep.schedule import TaskStatus
from watchfloor.exchange.log.access import keeping
from watchfloor.formats.settings import SettingsError
from watchfloor.store.readers import NotPermitted


class UpkeepPage(msgspec.Struct, frozen=True):
    """The tasks of the schedule.

    Attributes:
        marking: of the page.
        tasks: how each stands.
        problem: why the schedule cannot be followed; empty: it can.
        file: where it is described.
    """

    marking: str
    tasks: list[TaskStatus]
    problem: str
    file: str


def upkeep(asker: Asker, ask: Nothing) -> UpkeepPage:
    """List the tasks of the schedule: how each went, and when it is due."""
    del ask
    keeping(asker.floor, asker.name)
    scheduler = asker.services.scheduler
    try:
        tasks, problem = scheduler.statuses(), scheduler.problem
    except (SettingsError, NotPermitted) as error:
        tasks, problem = [], str(error)
    return UpkeepPage("", tasks, problem, schedule.NAME)


ENDPOINTS: Final = (Endpoint("upkeep", "GET", "/upkeep", Nothing, UpkeepPage, upkeep, "upkeep.html"),)
