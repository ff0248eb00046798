"""The watch: its log, alerts and who must answer them, who is on call, standing orders, handovers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from watchfloor.actions.base import NO_CURSOR
from watchfloor.cell.acting import keeping
from watchfloor.cell.acting.acts import Row, read, refuse, same_person, words
from watchfloor.cell.acting.flags import FLAGS
from watchfloor.cell.acting.orders import Watch, load
from watchfloor.cell.acting.watch import ROLE_HELD, Due, due, handovers, held_unseen, keeper, roster
from watchfloor.cell.acting.watch import lines as log_lines
from watchfloor.cell.moments import moment
from watchfloor.console.endpoint import Asker, Endpoint
from watchfloor.console.pages.lead_past import TO_COME
from watchfloor.records.kinds import TASK
from watchfloor.records.marking import joined
from watchfloor.records.messages import Language

SIZE: Final = 50
MOST: Final = 500
ALL: Final = "all"
"""Says that the log is asked for from its first line."""


class WatchAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines.

    Attributes:
        since: a day or a moment from which on, or `all`; without it the last twelve hours.
        at: a day or a moment of the past: how it stood then.
        after: cursor of the page before.
        size: how many.
    """

    since: str = ""
    at: str = ""
    after: str = ""
    size: int = SIZE


class Line(msgspec.Struct, frozen=True):
    """A line of the log.

    Attributes:
        entry: its id; what answers an alert has the alert's.
        what: note, alert, acknowledged, …; `what_words`: in words.
        text: in the officer's words.
        by: who wrote it; `at`: when.
        to: who must acknowledge, or takes over; empty for nobody.
        due: by when it must be acknowledged, or until when somebody is on call.
        flags: dangers.
        about: id of the lead or task it is about; `about_what`: which of the two, empty for neither.
        record_id: of its record.
        marking: who may see it.
    """

    entry: str
    what: str
    what_words: str
    text: str
    by: str
    at: datetime
    to: str
    due: datetime | None
    flags: list[str]
    about: str
    about_what: str
    record_id: str
    marking: str


class Open(msgspec.Struct, frozen=True):
    """An alert that nobody has acknowledged.

    Attributes:
        line: that raised it.
        danger: its weightiest flag as the log has it; empty for none.
        to: who must acknowledge it now; `until`: by when, before it goes on.
        late: whether somebody has let it pass.
        next: who it goes to then; empty at the top of the chain.
        level: how far up the chain it is, from 0.
        seconds: how long each role has.
        answers: what was done about it since.
        orders: standing orders that fit, each with its name.
    """

    line: Line
    danger: str
    to: str
    until: datetime
    late: bool
    next: str
    level: int
    seconds: int
    answers: list[Line]
    orders: list[str]


class Role(msgspec.Struct, frozen=True):
    """A role of the chain and who holds it; empty: nobody, or where `unseen` somebody one may not see."""

    role: str
    person: str
    unseen: bool = False


class Offer(msgspec.Struct, frozen=True):
    """A handover that waits for its second signature; `mine`: it was offered to who looks."""

    line: Line
    mine: bool


class Alerts(msgspec.Struct, frozen=True):
    """Open alerts, life at risk first; `now` by the clock of the server."""

    marking: str
    now: datetime
    alerts: list[Open]


class WatchPage(msgspec.Struct, frozen=True):
    """The watch as it stands, or stood.

    Attributes:
        marking: the join of what is shown.
        now: the moment that it speaks of; `past`: whether that is one of the past.
        keeper: who has the watch; empty before the first handover. `kept_since`: since when.
        alerts: that are open.
        chain: roles and who is on call, lowest first.
        offer: of a handover that waits to be signed.
        lines: of the log, the newest first; `count`: of all that are asked for.
        next: cursor of the next page; empty at the end.
        since: from when on; None: from the first.
        orders: all standing orders, each with its name.
        minutes: to acknowledge an alert, by its flag; `routine`: one without flags.
    """

    marking: str
    now: datetime
    past: bool
    keeper: str
    kept_since: datetime | None
    alerts: list[Open]
    chain: list[Role]
    offer: Offer | None
    lines: list[Line]
    count: int
    next: str
    since: datetime | None
    orders: list[str]
    minutes: dict[str, int]
    routine: int


def watch(asker: Asker, ask: WatchAsk) -> WatchPage:
    """The log of the watch, open alerts and what stands beside them, who is on call, who has the watch."""
    then = past(asker, ask.at)
    now = then or asker.at
    chain, rows = load(asker.floor.root), keeping.entries(asker.floor, asker.reader, then)
    lines = _Lines(asker, then)
    since = _since(ask.since, now)
    mine = [row for row in reversed(log_lines(rows)) if since is None or row["observed_at"] >= since]
    page, cursor = _page(mine, ask)
    alerts = _open(lines, chain, rows, now)
    offer = _offer(lines, rows, asker.name)
    shown = lines.of(page)
    _log(asker, ask, shown, alerts, offer)
    has = keeper(rows)
    return WatchPage(
        joined(_markings(shown, alerts, offer, [has] if has else [], _on_call(rows))),
        now,
        then is not None,
        has["by"] if has else "",
        has["observed_at"] if has else None,
        alerts,
        _roles(chain, rows, now),
        offer,
        shown,
        len(mine),
        cursor,
        since,
        [f"{one.name}: {one.text(asker.language)}" for one in chain.order],
        {flag: round(chain.period([flag]) / timedelta(minutes=1)) for flag in FLAGS},
        chain.minutes["routine"],
    )


def alerts(asker: Asker, ask: "AtAsk") -> Alerts:
    """Alerts that nobody has acknowledged, life at risk first: with whom they are, and who is next."""
    then = past(asker, ask.at)
    now = then or asker.at
    rows = keeping.entries(asker.floor, asker.reader, then)
    found = _open(_Lines(asker, then), load(asker.floor.root), rows, now)
    ids = [one.line.entry for one in found]
    asker.log_query("alerts", as_of=ask.at or None, alerts=len(found), shown=ids)
    return Alerts(joined(_markings([], found, None)), now, found)


class AtAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As of which moment of the past; empty: now."""

    at: str = ""


def past(asker: Asker, at: str) -> datetime | None:
    """The moment of the past that is asked for; None: now. Refused where it is none, or to come."""
    if not at:
        return None
    then = moment(at)
    if then > asker.at:
        refuse(TO_COME, at=at)
    return then


class _Lines:
    """Rows of the log as lines, in the words of who looks."""

    def __init__(self, asker: Asker, then: datetime | None) -> None:
        self.language: Language = asker.language
        self._tasks = {row["task"] for row in read(asker.floor, asker.reader, TASK, then)}

    def of(self, rows: Sequence[Row]) -> list[Line]:
        """Several."""
        return [self.one(row) for row in rows]

    def one(self, row: Row) -> Line:
        """One."""
        about = row["about"] or ""
        return Line(
            row["entry"],
            row["what"],
            words(row["what"], self.language).replace("-", " "),
            "" if row["text"] == row["what"] else row["text"],
            row["by"],
            row["observed_at"],
            row["to"] or "",
            row["due"],
            row["flags"],
            about,
            ("task" if about in self._tasks else "lead") if about else "",
            row["record_id"].hex(),
            row["marking"],
        )


def _since(since: str, now: datetime) -> datetime | None:
    if since == ALL:
        return None
    return moment(since, first=True) if since else now - keeping.SHIFT


def _page(rows: Sequence[Row], ask: WatchAsk) -> tuple[Sequence[Row], str]:
    """The lines of a page and the cursor of the next: its last line's id, so that new lines move nothing."""
    ids = [row["record_id"].hex() for row in rows]
    if ask.after and ask.after not in ids:
        refuse(NO_CURSOR)
    start = ids.index(ask.after) + 1 if ask.after else 0
    end = start + max(1, min(ask.size, MOST))
    return rows[start:end], ids[end - 1] if end < len(ids) else ""


def _open(lines: _Lines, chain: Watch, rows: Sequence[Row], now: datetime) -> list[Open]:
    return [_alert(lines, chain, one) for one in due(chain, rows, now)]


def _alert(lines: _Lines, chain: Watch, one: Due) -> Open:
    first, *answers = one.alert.rows
    steps = (one.by - one.alert.due) // one.alert.period
    return Open(
        lines.one(first),
        next(iter(one.alert.flags), ""),
        one.to,
        one.by,
        one.late,
        one.next or "",
        one.alert.level + steps,
        round(one.alert.period.total_seconds()),
        lines.of(answers),
        keeping.orders(chain, first, lines.language),
    )


def _offer(lines: _Lines, rows: Sequence[Row], name: str) -> Offer | None:
    waiting = [one for one in handovers(rows).values() if not one.taken and not one.replaced]
    if not waiting:
        return None
    line = lines.one(waiting[-1].offered)
    return Offer(line, same_person(line.to, name))


def _on_call(rows: Sequence[Row]) -> list[Row]:
    """The lines that say who is on call, and that somebody is."""
    held = {(row["what"], row["text"]): row for row in rows if row["what"] in ("on-call", ROLE_HELD)}
    return list(held.values())


def _roles(chain: Watch, rows: Sequence[Row], now: datetime) -> list[Role]:
    unseen = held_unseen(rows, now)
    on = roster(chain, rows, now)
    return [Role(role, "" if role in unseen else name or "", role in unseen) for role, name in on.items()]


def _markings(
    lines: Sequence[Line], alerts: Sequence[Open], offer: Offer | None, *rows: Sequence[Row]
) -> list[str]:
    told = [*lines, *(one for alert in alerts for one in (alert.line, *alert.answers))]
    told += [offer.line] if offer else []
    return [one.marking for one in told] + [row["marking"] for some in rows for row in some]


def _log(asker: Asker, ask: WatchAsk, lines: list[Line], alerts: list[Open], offer: Offer | None) -> None:
    shown = [line.entry for line in lines] + ([offer.line.entry] if offer else [])
    asker.log_query("watch log", as_of=ask.at or None, lines=len(lines), shown=list(dict.fromkeys(shown)))
    if alerts:
        ids = [one.line.entry for one in alerts]
        asker.log_query("alerts", as_of=ask.at or None, alerts=len(alerts), shown=ids)


ENDPOINTS: Final = (
    Endpoint("watch", "GET", "/watch", WatchAsk, WatchPage, watch, page="watch.html"),
    Endpoint("watch.alerts", "GET", "/watch/alerts", AtAsk, Alerts, alerts),
)
