"""The audit: who did what, when, what for and to whom; who saw a lead, a record or a subject."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.cell.wording.dates import moment
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.exchange.log import access
from watchfloor.exchange.log.access import Access, recipient, summary
from watchfloor.exchange.log.identity_cache import Page
from watchfloor.store.log import Act, markings

SIZE: Final = 50
OF_ONE: Final = 500
"""Acts of a page about one lead, record or subject."""
MOST: Final = 500
LONG: Final = 20_000
"""Letters of one act's content that are shown; the API has all of it."""
LINKED: Final = 6

NO_SIZE: Final = declare("console.audit-size", "most", "size")

Text = Annotated[str, msgspec.Meta(max_length=300)]


class AuditAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which acts.

    Attributes:
        act: names, such as query; none for any.
        by: who did it.
        about: key of a subject, or the start of the id of a record or lead.
        since, until: a day or a moment.
        to: part of the recipient's name.
        before: number below which this page begins; 0: at the newest.
        size: how many; 0: as many as a page has.
    """

    act: list[str] = []
    by: Text = ""
    about: Text = ""
    since: Text = ""
    until: Text = ""
    to: Text = ""
    before: int = 0
    size: int = 0


class Link(msgspec.Struct, frozen=True):
    """Something that an act names, and where the console shows it."""

    path: str
    text: str


class Line(msgspec.Struct, frozen=True):
    """One act.

    Attributes:
        number: its position in the log for who keeps the floor; for others its place among their own acts.
        at: when.
        act: its name.
        by, purpose, authority: who, what for, by what right; empty once erased.
        to: to whom something went.
        said: what it says in one line.
        links: leads and records that it names.
        detail: all that it says, as JSON; empty once erased.
    """

    number: int
    at: datetime
    act: str
    by: str
    purpose: str
    authority: str
    to: str
    said: str
    links: list[Link]
    detail: str


class Count(msgspec.Struct, frozen=True):
    """A name of acts and how many of them the reader may see."""

    act: str
    count: int


class Person(msgspec.Struct, frozen=True):
    """Somebody who saw what is asked about: how often, first and last."""

    by: str
    count: int
    first: datetime
    last: datetime


class Audit(msgspec.Struct, frozen=True):
    """A page of the log.

    Attributes:
        marking: the join of what its acts name.
        everything: whether the reader may see everybody's acts; if not, these are the reader's own.
        keeper: whether the reader may know positions, and prove what is in the log.
        acts: the newest first.
        names: of acts, with their counts.
        people: of acts about one thing, who looked at it.
        next: cursor of the next page; 0: there is none.
        bounded: whether the page ends because enough of the log was looked through; the next goes on.
    """

    marking: str
    everything: bool
    keeper: bool
    acts: list[Line]
    names: list[Count]
    people: list[Person]
    next: int
    bounded: bool


def audit(asker: Asker, ask: AuditAsk) -> Audit:
    """The log as an access history: one's own acts; for reviewers and counsel everybody's."""
    size = ask.size or (OF_ONE if ask.about else SIZE)
    if not 1 <= size <= MOST or ask.before < 0:
        refuse(NO_SIZE, most=MOST, size=size)
    mine = access.access(asker.floor, asker.name, asker.reader)
    page = asker.services.roll.page(mine, _asked(asker, ask), size, ask.before)
    names = [Count(name, count) for name, count in asker.services.roll.names(mine).items()]
    sought = {
        "acts": ask.act,
        **{name: getattr(ask, name) for name in ("by", "about", "since", "until", "to")},
    }
    asker.log_query("log", **{name: value or None for name, value in sought.items()}, found=len(page.acts))
    return _audit(mine, page, names, ask)


def _asked(asker: Asker, ask: AuditAsk) -> access.ActFilter:
    return access.ActFilter(
        frozenset(ask.act),
        ask.by or None,
        access.about(asker.floor, asker.reader, ask.about.strip()) if ask.about else None,
        moment(ask.since, first=True) if ask.since else None,
        moment(ask.until) if ask.until else None,
        ask.to or None,
    )


def _audit(mine: Access, page: Page, names: list[Count], ask: AuditAsk) -> Audit:
    acts = [act for _, act in page.acts]
    return Audit(
        joined(list(markings(act.detail for act in acts))),
        mine.everything,
        mine.keeper,
        [line(number, act) for number, act in page.acts],
        names,
        _people(acts) if ask.about else [],
        page.next,
        page.bounded,
    )


def line(number: int, act: Act) -> Line:
    """An act for people."""
    who = act.actor
    detail = "" if act.detail is None else msgspec.json.format(msgspec.json.encode(act.detail), indent=1)
    text = detail if isinstance(detail, str) else detail.decode()
    return Line(
        number,
        act.at,
        act.act,
        who.name if who else "",
        who.purpose if who else "",
        who.by_right if who else "",
        recipient(act),
        summary(act),
        list(_links(act.detail or {}))[:LINKED],
        text if len(text) <= LONG else f"{text[:LONG]}…",
    )


def _links(detail: Mapping[str, Any]) -> Iterator[Link]:
    """Leads and records that an act names by their ids."""
    for name, folder in (("lead", "leads"), ("record", "records")):
        if isinstance(id_ := detail.get(name), str) and id_:
            yield Link(f"/{folder}/{id_}", f"{name} {id_[:8]}")
    shown = detail.get("shown")
    if detail.get("what") == "leads" and isinstance(shown, list):
        yield from (Link(f"/leads/{id_}", f"lead {id_[:8]}") for id_ in shown if isinstance(id_, str))


def _people(acts: Iterable[Act]) -> list[Person]:
    """Who looked at what these acts are about, the last first."""
    times: dict[str, list[datetime]] = {}
    for act in acts:
        if act.act == "query" and act.actor is not None:
            times.setdefault(act.actor.name, []).append(act.at)
    found = [Person(by, len(when), min(when), max(when)) for by, when in times.items()]
    return sorted(found, key=lambda one: one.last, reverse=True)


ENDPOINTS: Final = (Endpoint("audit", "GET", "/audit", AuditAsk, Audit, audit, "audit.html"),)
