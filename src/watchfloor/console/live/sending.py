"""Sending notices by the channels that are configured, again and again until they are taken.

A channel that fails waits, longer each time, and keeps nobody else waiting: neither the stream, nor who
writes, nor the other channels.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from watchfloor.actions.base import Context
from watchfloor.actions.notices import NoticeRow, shown
from watchfloor.casework.notices.channels import NotSent
from watchfloor.casework.personal import connect, personal
from watchfloor.console.access.sessions import Session
from watchfloor.console.settings import ConsoleSettings
from watchfloor.messages.catalogue import Catalogue
from watchfloor.policy import terms
from watchfloor.store import files
from watchfloor.store.errors import StoreError
from watchfloor.store.floor import Floor
from watchfloor.store.readers import NotPermitted

FIRST: Final = 5.0
LONGEST: Final = 3600.0
"""Seconds that a channel waits after its first failure, doubled with each, and at most."""
MOST_TRIES: Final = 24
"""Tries of one notice: more than half a day."""
AT_ONCE: Final = 50
"""Notices that are sent by a channel between two looks."""


class _Due(NamedTuple):
    """A notice that is to be sent."""

    number: int
    channel: str
    tries: int
    person: str
    fact: int
    purpose: str
    authority: str


class Sender:
    """Sends the notices of a console.

    Args:
        floor: whose.
        settings: of the console, with the channels.
        words: of the interface.
        addressee: gives the context of a person who is not here, or None while there is none.
    """

    def __init__(
        self,
        floor: Floor,
        settings: ConsoleSettings,
        words: Catalogue,
        addressee: Callable[[Session], Context | None],
    ) -> None:
        self._floor, self._settings, self._words, self._addressee = floor, settings, words, addressee
        self._resting: dict[str, float] = {}

    def look(self, only: str = "") -> int:
        """Send what is due, by one channel only or by all; gives how many were taken."""
        root, sent = self._floor.root, 0
        channels = self._settings.notices.all
        if not channels or not (root / files.PERSONAL).exists():
            return 0
        for name, one in channels.items():
            if only not in ("", name) or time.time() < self._resting.get(name, 0.0):
                continue
            for due in self._due(name):
                if not one.reaches(due.person):
                    self._done(due)
                    continue
                try:
                    said = self._said(due, name)
                    if said is not None:
                        one.send(due.person, said)
                        sent += 1
                    self._done(due)
                except NotSent as error:
                    self._failed(due, str(error))
                    break
                except Exception as error:
                    self._failed(due, type(error).__name__)  # what it says may hold a password
                    break
        return sent

    def _due(self, channel: str) -> list[_Due]:
        with closing(connect(self._floor.root)) as file:
            rows = file.execute(
                "SELECT min(s.number), s.channel, max(s.tries), n.person, n.fact, "
                "coalesce(u.purpose, ''), coalesce(u.authority, '') FROM sendings s "
                "JOIN notices n ON n.number = s.number "
                "LEFT JOIN subscriptions u ON u.id = n.subscription "
                "WHERE s.channel = ? AND s.sent = 0 AND s.due <= ? "
                "GROUP BY n.person, n.fact ORDER BY 1 LIMIT ?",
                (channel, time.time(), AT_ONCE),
            ).fetchall()
        return [_Due(*row) for row in rows]

    def _said(self, due: _Due, channel: str) -> dict[str, Any] | None:
        """Return what goes out; None: nothing, since the person may not see it, or it is no more.

        It is read with the eyes of the person, for the purpose that they follow it for. Of what the
        channel's ceiling does not allow, it says that there is something new.
        """
        settings, language = self._settings.notices, self._settings.language
        key = blake2b(f"{due.person}\x1f{due.fact}".encode(), digest_size=12).hexdigest()
        link = f"{settings.link}/notices" if settings.link else ""
        for context in self._eyes(due):
            row = next(iter(shown(context, fact=due.fact)), None)
            if row is None:
                continue
            if settings.all[channel].may_say(row.marking):
                context.log_query("notice sent", channel=channel, shown=[row.lead] if row.lead else [])
                return {"key": key, "link": link, **_whole(row)}
            said = self._words.say("notices.sign_in", language)
            return {"key": key, "link": link, "said": said, "called": "", "marking": ""}
        return None

    def _eyes(self, due: _Due) -> Iterator[Context]:
        """Yield who the person is: for the purpose of what they follow, else for each that they may state."""
        policy, purposes, authorities = terms.load(self._floor.root), [due.purpose], [due.authority]
        if not due.purpose and policy is not None and due.person in policy.readers:
            purposes = [*policy.statable("purposes", due.person)] or [""]
            authorities = [*policy.statable("authorities", due.person)] or [""]
        for purpose in purposes:
            session = Session(
                *(b"", due.person, "", purpose, authorities[0], self._settings.language),
                administrator=False,
                began=0,
                ends=0,
            )
            context = self._addressee(session)
            with suppress(NotPermitted, StoreError):
                if context is not None and context.reader:
                    yield context

    def _done(self, due: _Due) -> None:
        self._resting.pop(due.channel, None)
        self._update("sent = 1, problem = ''", (), due)

    def _failed(self, due: _Due, why: str) -> None:
        wait = min(FIRST * 2.0**due.tries, LONGEST)
        self._resting[due.channel] = time.time() + wait
        state = 2 if due.tries + 1 >= MOST_TRIES else 0
        what = "tries = tries + 1, due = ?, problem = ?, sent = ?"
        self._update(what, (time.time() + wait, why, state), due)

    def _update(self, what: str, values: tuple[object, ...], due: _Due) -> None:
        with personal(self._floor.root) as file:
            file.execute(
                f"UPDATE sendings SET {what} WHERE channel = ? AND number IN "  # noqa: S608 - no text of others
                "(SELECT number FROM notices WHERE person = ? AND fact = ?)",
                (*values, due.channel, due.person, due.fact),
            )


def _whole(row: NoticeRow) -> dict[str, Any]:
    """Return what a notice says; not why its person is told: names of views have no marking."""
    return {
        "said": row.said,
        "called": row.called,
        "lead": row.lead,
        "kind": row.kind,
        "at": row.at.isoformat(),
        "marking": row.marking,
    }
