"""Rosters: who works when and with whom, what is short, and what a change would break."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

import msgspec

from watchfloor.actions import roster_calls, roster_weeks, rosters
from watchfloor.actions.roster_calls import CallIn, RosterAnswers, RosterRepairs
from watchfloor.actions.roster_weeks import RosterWeek, ShowRoster
from watchfloor.actions.rosters import ChangeRoster, RosterChange, RosterTrial, RosterView, TryChange
from watchfloor.casework.rosters import Roster
from watchfloor.cell.acts import Refusal, same_person
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.console.endpoints.failures import failure
from watchfloor.console.pages import calendar_feeds
from watchfloor.console.pages.calendar_feeds import CalendarFeed
from watchfloor.core.marking import joined
from watchfloor.planning.rosters import papers
from watchfloor.planning.rosters.papers import OFF_DUTY

NAME: Final = "rosters"
MOST: Final = 28
TONES: Final = 6
"""Tones in which shifts are told apart beside their names."""


class RostersAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which days of which roster.

    Attributes:
        draft: id of what is tried.
        who, on: the shift that was picked.
    """

    roster: str = ""
    since: str = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = roster_weeks.WEEK
    officer: str = ""
    draft: str = ""
    who: str = ""
    on: str = ""


class RosterDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Changes that are tried, and who is ill.

    No address has them, as addresses are kept by browsers and proxies: they are remembered by an id.

    Attributes:
        roster, since, days, officer: the page that it is shown on.
        edition: that the changes are of.
        put: changes so far; `who`, `on` and `work` are the next: who works what on which day.
        sick: who is away when; with `ill`, `who` is as well from `on` on, up to `until`.
    """

    roster: str = ""
    since: str = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = roster_weeks.WEEK
    officer: str = ""
    edition: int | None = None
    put: tuple[str, ...] = ()
    who: str = ""
    on: str = ""
    work: str = ""
    sick: tuple[str, ...] = ()
    ill: str = ""
    until: str = ""


class DraftReceipt(msgspec.Struct, frozen=True):
    """The id of a draft."""

    id: str
    marking: str = ""


class Choices(msgspec.Struct, frozen=True):
    """Officers, days and shifts of which a change can be made."""

    officers: list[str]
    days: list[date]
    work: list[str]


class RostersPage(msgspec.Struct, frozen=True):
    """Some days of a roster, and a change of it.

    Attributes:
        marking: of all that is shown.
        rosters: that can be shown.
        week: the days; with a change, as they would be. None of no roster, or where it was `refused`.
        before, after: first days of the pages before and after these.
        tones: number of the tone of each shift.
        trial: what the change breaks; changed: officers and days that it is of.
        put: the changes.
        choices: None for who may not change it; so with `call` and `asked`.
        sick: who is away when; call: who can come instead.
        asked: who was asked to work more.
        refused: why something that was asked for is not shown.
        feeds: addresses of calendars of who asks.
        typed: what is tried, as it was typed; draft: its id.
    """

    marking: str
    rosters: list[RosterView]
    week: RosterWeek | None
    before: date | None
    after: date | None
    tones: dict[str, int]
    trial: RosterTrial | None
    changed: list[tuple[str, ...]]
    put: tuple[str, ...]
    choices: Choices | None
    sick: tuple[str, ...] = ()
    call: RosterRepairs | None = None
    asked: RosterAnswers | None = None
    refused: str = ""
    feeds: list[CalendarFeed] = msgspec.field(default_factory=list)
    typed: RosterDraft = RosterDraft()
    draft: str = ""


def page(asker: Asker, ask: RostersAsk) -> RostersPage:
    """Show who works when and with whom, what is short, and what a change would break."""
    every = rosters.visible(asker)
    views = [rosters.view(one) for one in every]
    draft = asker.services.drafts.get(_key(asker, ask.draft)) if ask.draft else None
    refused = asker.t("rosters.draft_gone") if ask.draft and draft is None else ""
    typed = draft or RosterDraft()
    put, sick = typed.put, typed.sick
    if typed.who and typed.on and typed.ill:
        until = f"..{typed.until}" if typed.until else ""
        sick = tuple(dict.fromkeys((*sick, f"{typed.who}={typed.on}{until}")))
    elif typed.who and typed.on and typed.work:
        put = (*put, f"{typed.who}={typed.on}={typed.work}")
    one = _one(asker, every, ask.roster)
    if one is None:
        asker.log_query("rosters", rosters=[])
        return RostersPage(
            joined(one.marking for one in views), views, None, None, None, {}, None, [], (), None
        )
    shown = ShowRoster(roster=one.id, since=ask.since, days=ask.days, officer=ask.officer)
    trial = choices = other = call = asked = None
    shifts = published = rosters.shifts_of(asker, one)
    if rosters.may_publish(asker) and (present := rosters.papers_of(asker, one)):
        choices = Choices(one.officers, _days(one), [*papers.every(present.problem), OFF_DUTY])
        for tried in (put, typed.put):
            try:
                if tried and trial is None:
                    trial = rosters.what_if(asker, TryChange(roster=one.id, put=tried, edition=typed.edition))
                    other = present.changed(tried)
                    shifts = list(other.edition(one.pool).shifts)
                put = trial.put if trial else ()
            except Refusal as error:  # what was typed last is shown again, with the changes before it
                refused = refused or failure(error, asker.services.words, asker.language).said
        try:
            if sick:
                call = roster_calls.call_in(asker, CallIn(roster=one.id, sick=sick, edition=typed.edition))
        except Refusal as error:
            refused, sick = failure(error, asker.services.words, asker.language).said, ()
        asked = roster_calls.answers_to(asker, one)
    try:
        week = roster_weeks.week(asker, one, shifts, shown, other)
    except Refusal as error:
        refused = failure(error, asker.services.words, asker.language).said
        week = roster_weeks.week(asker, one, shifts, ShowRoster(roster=one.id, days=ask.days), other)
    first, last = week.dates[0], week.dates[-1]
    return RostersPage(
        marking=joined([week.marking, *(each.marking for each in (*views, trial, call, asked) if each)]),
        rosters=views,
        week=week,
        before=max(first - timedelta(days=ask.days), one.first_day) if first > one.first_day else None,
        after=last + timedelta(days=1) if (last - one.first_day).days + 1 < one.days else None,
        tones={name: at % TONES for at, name in enumerate(dict.fromkeys(each.shift for each in published))},
        trial=trial,
        changed=[tuple(each.rsplit("=", 2)[:2]) for each in put],
        put=put,
        choices=choices,
        sick=sick,
        call=call,
        asked=asked,
        refused=refused,
        feeds=calendar_feeds.feeds_of(asker.services.file, asker.name),
        typed=typed,
        draft=ask.draft if draft else "",
    )


def try_out(asker: Asker, ask: RosterDraft) -> DraftReceipt:
    """Remember what is tried, for who tries it alone."""
    id_ = secrets.token_urlsafe(12)
    asker.services.drafts.put(_key(asker, id_), ask)
    return DraftReceipt(id_)


def _key(asker: Asker, draft: str) -> str:
    return f"{asker.name} {draft}"


def _tried(ask: RosterDraft, done: DraftReceipt) -> str:
    """Return the page of what is tried."""
    shown = {"roster": ask.roster, "since": ask.since, "days": ask.days, "officer": ask.officer}
    place = "call" if ask.ill else "trial"
    return f"/rosters?{urlencode(shown | {'draft': done.id})}#{place}"


def _one(asker: Asker, every: Sequence[Roster], start: str) -> Roster | None:
    """Return the roster that is asked for; else today's of who asks, any of today, or any."""
    if start.strip():
        return rosters.pick(asker, start)
    today = asker.now.date()

    def rank(one: Roster) -> tuple[bool, bool]:
        over = not one.first_day <= today < one.first_day + timedelta(days=one.days)
        return not any(same_person(name, asker.name) for name in one.officers), over

    return min(every, key=rank, default=None)


def _days(one: Roster) -> list[date]:
    return [one.first_day + timedelta(days=at) for at in range(one.days)]


class RosterFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which roster, as a file of which kind."""

    roster: str
    kind: Literal["csv", "xlsx"]


FILES: Final = {
    "csv": ("text/csv; charset=utf-8", roster_weeks.csv_of),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", roster_weeks.xlsx_of),
}


def table(asker: Asker, ask: RosterFile) -> Raw:
    """Give the shifts of a roster as a table: officer, date, shift, post, begin and end, and the marking."""
    one = rosters.pick(asker, ask.roster)
    media, made = FILES[ask.kind]
    asker.log_query("roster", roster=one.id, edition=one.edition, file=ask.kind)
    return Raw(made(one, rosters.shifts_of(asker, one)), media, f"{one.pool}-{one.first_day}.{ask.kind}")


class OfficerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose calendar."""

    officer: str


def calendar(asker: Asker, ask: OfficerFile) -> Raw:
    """Give the shifts of an officer as a calendar (iCalendar, RFC 5545)."""
    made = roster_weeks.calendar(asker, roster_weeks.MakeCalendar(officer=ask.officer))
    return Raw(made.calendar.encode(), "text/calendar; charset=utf-8", f"{made.officer}.ics")


def _changed(ask: ChangeRoster, done: RosterChange) -> str:
    """Return the page of the days that were changed."""
    day = ask.put[0].rsplit("=", 2)[1] if ask.put else ""
    return f"/rosters?{urlencode({'roster': done.roster, 'since': day})}"


ENDPOINTS: Final = (
    Endpoint(NAME, "GET", "/rosters", RostersAsk, RostersPage, page, page="rosters.html", api=False),
    Endpoint.for_action(rosters.list_, "/rosters/published"),
    Endpoint.for_action(roster_weeks.show, "/rosters/{roster}/week"),
    Endpoint.for_action(rosters.what_if, "/rosters/{roster}/what-if"),
    Endpoint.for_action(rosters.change, "/rosters/{roster}/change", within=NAME, then=_changed),
    Endpoint.for_action(roster_calls.call_in, "/rosters/{roster}/call-in"),
    Endpoint.for_action(roster_calls.answers, "/rosters/{roster}/answers"),
    Endpoint.for_action(roster_calls.answer, "/rosters/{roster}/answer", within=NAME),
    Endpoint(
        "rosters.try",
        "POST",
        "/rosters/{roster}/try",
        RosterDraft,
        DraftReceipt,
        try_out,
        within=NAME,
        then=_tried,
        api=False,
    ),
    *calendar_feeds.ENDPOINTS,
    Endpoint("rosters.table", "GET", "/rosters/{roster}/roster.{kind}", RosterFile, Raw, table),
    Endpoint("rosters.calendar", "GET", "/rosters/of/{officer}.ics", OfficerFile, Raw, calendar),
)
