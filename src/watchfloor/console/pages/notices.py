"""The page of notices, the forms by which something is followed, and the count that the bell shows."""

from typing import Final

import msgspec

from watchfloor.actions import notices
from watchfloor.actions.notices import SubscriptionRow
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.live.bell import unread

SETTLES: Final = 5.0
"""Seconds that a count waits for what has come to be looked at."""


class UnreadAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`settled`: wait until what has come by now was looked at."""

    settled: bool = False


class Unread(msgspec.Struct, frozen=True):
    """How many notices were not read; 100 stands for more than 99."""

    count: int
    marking: str = ""


def count(asker: Asker, ask: UnreadAsk) -> Unread:
    """Count the notices that were not read."""
    if ask.settled:
        asker.services.notices.settle(SETTLES)
    return Unread(unread(asker))


def _page(_: object, row: SubscriptionRow) -> str:
    return row.address


ENDPOINTS: Final = (
    Endpoint.for_action(notices.list_, "/notices", name="notices", page="notices.html"),
    Endpoint("notices.unread", "GET", "/notices/unread", UnreadAsk, Unread, count),
    Endpoint.for_action(notices.followed, "/notices/followed"),
    Endpoint.for_action(notices.read_, "/notices/read", within="notices"),
    Endpoint.for_action(notices.follow, "/follow", within="notices", then=_page),
    Endpoint.for_action(notices.unfollow, "/unfollow", within="notices", then=_page),
    Endpoint.for_action(
        notices.unfollow, "/notices/unfollow", name="notices.unfollow", within="notices", api=False
    ),
)
