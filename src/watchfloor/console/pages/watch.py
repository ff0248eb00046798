"""The pages of the watch: the log with what stands beside it, the forms on it, and the situation report."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from watchfloor.actions import watch
from watchfloor.actions.base import NO_CURSOR
from watchfloor.actions.public_alerts import PublicAlertList
from watchfloor.actions.watch import AlertView, Log, RoleView, WatchLine
from watchfloor.casework.flags import FLAGS
from watchfloor.casework.watch.watch import handovers, keeper
from watchfloor.cell.acts import Row, refuse, same_person
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.core.marking import joined

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


class Offer(msgspec.Struct, frozen=True):
    """A handover that waits for its second signature; `mine`: it was offered to who looks."""

    line: WatchLine
    mine: bool


class WatchPage(msgspec.Struct, frozen=True):
    """The watch as it stands, or stood.

    Attributes:
        marking: the join of what is shown.
        now: the moment that it speaks of; `past`: whether that is one of the past.
        keeper: who has the watch; empty before the first handover. `kept_since`: since when.
        alerts: that are open; `answered`: that somebody acknowledged within the last shift, the last first.
        public: public alerts in force.
        chain: roles and who is on call, lowest first.
        nobody: whether nobody is on call in any role, as far as who looks may know.
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
    alerts: list[AlertView]
    answered: list[AlertView]
    public: PublicAlertList
    chain: list[RoleView]
    nobody: bool
    offer: Offer | None
    lines: list[WatchLine]
    count: int
    next: str
    since: datetime | None
    orders: list[str]
    minutes: dict[str, int]
    routine: int


def page(asker: Asker, ask: WatchAsk) -> WatchPage:
    """Show the log of the watch, open alerts, who is on call, who has the watch and what is to be signed."""
    log = Log(asker, ask.at)
    since = None if ask.since == ALL else log.since(ask.since)
    asked = log.lines(since)[::-1]
    rows, cursor = _page(asked, ask)
    lines, alerts, waiting = [log.view(row) for row in rows], log.alerts(), offer(log, asker.name)
    answered, public = log.answered(), log.public()
    offered = [waiting.line] if waiting else []
    shown = dict.fromkeys(line.entry for line in (*lines, *offered))
    log.query("watch log", lines=len(lines), shown=list(shown))
    if alerts or answered:
        log.query_alerts([*alerts, *answered])
    if public.alerts:
        log.query("public alerts", shown=[one.record for one in public.alerts])
    has = keeper(log.rows)
    markings = [line.marking for line in (*lines, *offered)] + [
        alert.marking for alert in (*alerts, *answered)
    ]
    return WatchPage(
        joined(filter(None, [*markings, public.marking, has["marking"] if has else "", log.roles_marking()])),
        log.now,
        bool(ask.at),
        has["by"] if has else "",
        has["observed_at"] if has else None,
        alerts,
        answered,
        public,
        log.roles(),
        log.nobody(),
        waiting,
        lines,
        len(asked),
        cursor,
        since,
        [one.shown(asker.language) for one in log.chain.order],
        {flag: round(log.chain.period([flag]) / timedelta(minutes=1)) for flag in FLAGS},
        log.chain.minutes["routine"],
    )


def _page(rows: Sequence[Row], ask: WatchAsk) -> tuple[Sequence[Row], str]:
    """The lines of a page and the cursor of the next: its last line's id, so that new lines move nothing."""
    ids = [row["record_id"].hex() for row in rows]
    if ask.after and ask.after not in ids:
        refuse(NO_CURSOR)
    start = ids.index(ask.after) + 1 if ask.after else 0
    end = start + max(1, min(ask.size, MOST))
    return rows[start:end], ids[end - 1] if end < len(ids) else ""


def offer(log: Log, name: str) -> Offer | None:
    """Return the last handover that waits to be signed."""
    waiting = [one for one in handovers(log.rows).values() if not one.taken and not one.replaced]
    if not waiting:
        return None
    offered = waiting[-1].offered
    return Offer(log.view(offered), same_person(offered["to"] or "", name))


def report_file(asker: Asker, ask: watch.DraftReport) -> Raw:
    """Draft the same as Markdown, each sentence with the start of its record's id."""
    report = watch.sitrep(asker, ask)
    name = f"sitrep-{report.until:%Y-%m-%dT%H%MZ}.md"
    return Raw(report.markdown.encode(), "text/markdown", name)


FORMS: Final = (
    (watch.write_note, "notes"),
    (watch.raise_alert, "alerts"),
    (watch.acknowledge, "alerts/{alert}/acknowledged"),
    (watch.give_task, "alerts/{alert}/task"),
    (watch.escalate, "alerts/{alert}/escalated"),
    (watch.put_on_call, "on-call"),
    (watch.hand_over, "handovers"),
    (watch.sign, "handovers/{entry}/signed"),
)
ENDPOINTS: Final = (
    Endpoint("watch", "GET", "/watch", WatchAsk, WatchPage, page, page="watch.html"),
    Endpoint.for_action(watch.due, "/watch/alerts", name="watch.alerts"),
    Endpoint.for_action(watch.list_public, "/watch/public", name="watch.public"),
    *(Endpoint.for_action(act, f"/watch/{path}", within="watch") for act, path in FORMS),
    Endpoint.for_action(watch.sitrep, "/watch/sitrep", page="sitrep.html"),
    Endpoint("watch.sitrep-text", "GET", "/watch/sitrep.md", watch.DraftReport, Raw, report_file),
)
