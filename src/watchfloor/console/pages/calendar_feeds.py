"""Addresses from which a telephone's calendar fetches one's own shifts, without a session.

The address has a secret of 256 bits, which is shown once and kept as its hash. It stands for one person and
the purpose and authority that they had stated, gives nothing but when they are on duty, and ends after its
days, when it is revoked, or when the person's sessions end. Of a person for whom a provider vouches it gives
nothing once they have not signed in there for a while: the provider tells nobody whom it no longer lets in.
Each fetch is in the log of the floor.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Final, NamedTuple, cast

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from watchfloor.actions import roster_weeks
from watchfloor.cell.acts import refuse
from watchfloor.console.access.accounts import hash_of, now
from watchfloor.console.access.file import AccessFile
from watchfloor.console.access.sessions import Session, id_of
from watchfloor.console.endpoints.browser import Browser, address_of
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.operations import ASKED
from watchfloor.console.services import Services
from watchfloor.core.limits import Rate, network_of
from watchfloor.core.messages import Language, declare
from watchfloor.store.readers import NotPermitted

NAME: Final = "rosters.feed"
PATH: Final = "/calendars/{secret}.ics"
MOST: Final = 3
"""Addresses of one person at a time: a telephone, a tablet and a computer."""
MOST_DAYS: Final = 366
DAY: Final = 24 * 3600
VOUCHED: Final = 14 * DAY
"""Since the last sign-in at the provider, for which an address of theirs gives something."""
WRONG_TRIES: Final = 30
WRONG_SPAN: Final = 15 * 60
"""Addresses that nobody has, that one network may try in a quarter of an hour."""
FETCHES: Final = 60
"""Fetches of one address in an hour; calendars come back every quarter of an hour, or less."""

TOO_MANY: Final = declare("rosters.feed-too-many", "n")
NO_TLS: Final = declare("rosters.feed-no-tls")
NO_FEED: Final = declare("rosters.feed-none")


class CalendarFeed(msgspec.Struct, frozen=True):
    """An address of a person's own: enough to tell it from others, nothing to fetch it by."""

    id: str
    purpose: str
    began: datetime
    used: datetime | None
    ends: datetime


class _Bound(NamedTuple):
    """A row of an address: whose it is and what for."""

    key: bytes
    account: str
    purpose: str
    authority: str
    language: Language

    def session(self) -> Session:
        """Return the person as they are at a fetch: of a session that ends with it."""
        said = (self.account, "", self.purpose, self.authority, self.language)
        return Session(b"", *said, administrator=False, began=0, ends=0)


def feeds_of(file: AccessFile, account: str) -> list[CalendarFeed]:
    """Return the addresses of a person that have not ended, the newest first."""
    rows = file.database.execute(
        "SELECT token, purpose, began, used, ends FROM calendars WHERE account = ? AND ends >= ? "
        "ORDER BY began DESC, token",
        (account, now()),
    ).fetchall()
    return [
        CalendarFeed(id_of(key), purpose, _moment(began), _moment(used) if used else None, _moment(ends))
        for key, purpose, began, used, ends in rows
    ]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _find(file: AccessFile, secret: str) -> _Bound | None:
    """Return whose a secret is; None where nobody has it, it has ended, or its owner may not come in."""
    key = hash_of(secret)
    row = file.database.execute(
        "SELECT token, account, calendars.purpose, calendars.authority, calendars.language "
        "FROM calendars JOIN accounts ON name = account WHERE token = ? AND ends >= ? AND NOT disabled "
        "AND (provider IS NULL OR vouched >= ?)",
        (key, now(), now() - VOUCHED),
    ).fetchone()
    if row is None or not secrets.compare_digest(row[0], key):
        return None
    token, account, purpose, authority, language = row
    return _Bound(token, account, purpose, authority, cast("Language", language))


class NewFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days an address is good for."""

    days: Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)] = 90


class FeedAddress(msgspec.Struct, frozen=True):
    """An address, which is shown this once."""

    said: str
    id: str
    address: str
    ends: datetime
    marking: str


class OneFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which address."""

    id: str


class FeedEnded(msgspec.Struct, frozen=True):
    """An address that has ended."""

    said: str
    marking: str


def begin(asker: Asker, ask: NewFeed) -> FeedAddress:
    """Make an address from which a calendar fetches one's own times on duty; it is shown this once."""
    listening, file = asker.services.listening, asker.services.file
    if not (listening.tls or listening.local):
        refuse(NO_TLS)
    secret, at = secrets.token_urlsafe(32), now()
    ends = at + ask.days * DAY
    session = asker.session
    with file.transaction() as database:
        database.execute("DELETE FROM calendars WHERE ends < ?", (at,))
        (count,) = database.execute(
            "SELECT count(*) FROM calendars WHERE account = ?", (asker.name,)
        ).fetchone()
        if count >= MOST:
            refuse(TOO_MANY, n=MOST)
        said = (hash_of(secret), asker.name, session.purpose, session.authority, asker.language, at, ends)
        database.execute(
            "INSERT INTO calendars (token, account, purpose, authority, language, began, ends) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            said,
        )
        id_ = id_of(said[0])
        detail = {"account": asker.name, "what": "made", "feed": id_, "days": ask.days}
        asker.services.scribe.log(asker.actor, "calendar-feed", detail)
    address = f"{asker.origin}{PATH.format(secret=secret)}"
    told = asker.t("rosters.feed_made", address=address, until=f"{_moment(ends):%Y-%m-%d}")
    return FeedAddress(told, id_, address, _moment(ends), roster_weeks.FEED_MARKING)


def end(asker: Asker, ask: OneFeed) -> FeedEnded:
    """End one of one's own addresses: nothing can be fetched from it any more."""
    file = asker.services.file
    if ask.id not in {one.id for one in feeds_of(file, asker.name)}:
        refuse(NO_FEED)
    with file.transaction() as database:
        rows = database.execute("SELECT token FROM calendars WHERE account = ?", (asker.name,)).fetchall()
        mine = [(key,) for (key,) in rows if id_of(key) == ask.id]
        database.executemany("DELETE FROM calendars WHERE token = ?", mine)
        detail = {"account": asker.name, "what": "ended", "feed": ask.id}
        asker.services.scribe.log(asker.actor, "calendar-feed", detail)
    return FeedEnded(asker.t("rosters.feed_ended"), roster_weeks.FEED_MARKING)


def routes(services: Services, browser: Browser) -> Iterable[BaseRoute]:
    """Yield the route by which calendars fetch."""
    del browser
    yield Route(PATH, _fetched(services), methods=["GET"])


def _fetched(services: Services) -> Callable[[Request], Awaitable[Response]]:
    wrong, fetches = Rate(WRONG_TRIES, WRONG_SPAN), Rate(FETCHES, 3600.0)

    def fetch(secret: str, network: str) -> Response:
        """Return the calendar; whatever is wrong with an address, the answer is one.

        Who guesses makes nobody else wait: one that provides calendars fetches for many from one network.
        """
        found = _find(services.file, secret)
        if found is None:
            wait = wrong.spend(network)
            return _wait(wait) if wait else PlainTextResponse("not found\n", 404)
        if wait := fetches.spend(found.key.hex()):
            return _wait(wait)
        asker = Asker(services, found.session())
        try:
            made = roster_weeks.duty_feed(asker, id_of(found.key))
        except NotPermitted:  # the policy lets them state this purpose no longer
            return PlainTextResponse("not found\n", 404)
        services.file.database.execute("UPDATE calendars SET used = ? WHERE token = ?", (now(), found.key))
        return Response(made, media_type="text/calendar; charset=utf-8")

    async def answer(request: Request) -> Response:
        request.scope[ASKED] = NAME
        network = network_of(address_of(request))
        return await run_in_threadpool(fetch, request.path_params["secret"], network)

    return answer


def _wait(seconds: float) -> Response:
    return PlainTextResponse("too many requests\n", 429, {"Retry-After": str(int(seconds) + 1)})


ENDPOINTS: Final = (
    Endpoint(NAME, "POST", "/rosters/feed", NewFeed, FeedAddress, begin, within="rosters"),
    Endpoint(
        "rosters.feed-end",
        "POST",
        "/rosters/feed/end",
        OneFeed,
        FeedEnded,
        end,
        within="rosters",
    ),
)
