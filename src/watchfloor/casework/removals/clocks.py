"""The clocks of a removal order: detention reviews, days to leave, appeals, bars, warrants, documents.

Each clock names its section. Hours pass by the clock of the world, so a change of the clocks on the wall
moves nothing; days are those of the office that recorded the step.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from watchfloor.casework.removals.orders import Matter, Order
from watchfloor.casework.removals.periods import DAY, hours_after
from watchfloor.casework.removals.steps import Row, day_of, moment_of, zone_of

FIRST_REVIEW_HOURS: Final = 48
SECOND_REVIEW_DAYS: Final = 7
LATER_REVIEW_DAYS: Final = 30
"""Times of detention reviews (s. 57)."""
REVIEW_DAYS: Final = 15
"""Days in which leave for judicial review may be applied for, of a matter arising in Canada (s. 72(2)(b))."""

REVIEWABLE: Final = (
    *("order-made", "appeal-dismissed", "risk-refused", "claim-ineligible", "claim-rejected"),
    *("claim-withdrawn", "claim-abandoned", "claim-appeal-rejected"),
)
"""Steps of which leave for judicial review may be applied for, once no appeal comes first (s. 72(2)(a))."""

STATES: Final = ("due", "overdue", "met", "late", "open", "over", "suspended", "counting")
"""What a clock may be. A duty is due, overdue, met or late; a right is open or over; an age is counting."""


class Clock(NamedTuple):
    """A clock as it stands on a day.

    Attributes:
        name: what runs: time-to-leave, first-review, next-review, appeal, leave, risk-bar, warrant or
            travel-document.
        section: that runs it.
        since: the day from which it runs; `last`: its last day, None where it has none yet.
        by: the moment at which it ends, of one in hours.
        state: see `STATES`.
        days: left until the last day, below 0 after it; of an age, how old.
        ref: of the step that started it.
    """

    name: str
    section: str
    since: date
    last: date | None
    state: str
    days: int | None
    by: datetime | None = None
    ref: str = ""


def clocks(order: Order, now: datetime) -> list[Clock]:
    """Return every clock of an order on its day; those that ended with it are not among them."""
    if order.ended is not None:
        return []
    found = [*_departure(order), *_detention(order, now), *_rights(order), *_ages(order)]
    return sorted(found, key=lambda one: (one.last or date.max, one.name))


def _departure(order: Order) -> Iterator[Clock]:
    if order.order is None or order.order["order_kind"] != "departure":
        return
    start, last = order.departure
    if start is None or start > order.on:
        return
    if last is None:
        yield Clock("time-to-leave", "R224(3)", start, None, "suspended", None)
    else:
        state = "open" if order.on <= last else "over"
        yield Clock("time-to-leave", "R224(2)", start, last, state, (last - order.on).days)


def _detention(order: Order, now: datetime) -> Iterator[Clock]:
    for one in order.open("detention"):
        since = order.history[order.history.index(one.first) :]
        reviews = [row for row in since if row["step"] == "detention-reviewed"]
        yield from review_clocks(one, reviews, min(now, _end_of(order.on, one.first)))


def _end_of(day: date, row: Row) -> datetime:
    zone = zone_of(row.get("zone") or "UTC")
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1, microseconds=-1)


def review_clocks(detention: Matter, reviews: list[Row], at: datetime) -> Iterator[Clock]:
    """Yield the clock of the first review, and of that which is due next (s. 57(1), (2))."""
    zone = zone_of(detention.first.get("zone") or "UTC")
    by = hours_after(moment_of(detention.first).astimezone(UTC), FIRST_REVIEW_HOURS)
    first = moment_of(reviews[0]) if reviews else None
    state = ("due" if at <= by else "overdue") if first is None else "met" if first <= by else "late"
    last, today = by.astimezone(zone).date(), at.astimezone(zone).date()
    since = day_of(detention.first)
    yield Clock("first-review", "57(1)", since, last, state, (last - today).days, by, detention.ref)
    if reviews:
        given = SECOND_REVIEW_DAYS if len(reviews) == 1 else LATER_REVIEW_DAYS
        held = day_of(reviews[-1])
        due = held + given * DAY
        state = "due" if today <= due else "overdue"
        yield Clock("next-review", "57(2)", held, due, state, (due - today).days, None, detention.ref)


def _rights(order: Order) -> Iterator[Clock]:
    """Yield what may still be applied for: it is due process, also where it holds nothing."""
    limit = order.order.get("until") if order.order else None
    if limit is not None and not any(row["step"] == "appeal-filed" for row in order.history):
        yield _right(order, "appeal", "63", order.made, limit)
    for row in order.history:
        if row["step"] in REVIEWABLE and not _applied_after(order, row):
            if row["step"] == "order-made" and (limit is not None or order.claimant):
                continue  # leave may not be applied for before appeals are exhausted (s. 72(2)(a))
            if row["step"] == "claim-rejected" and (row.get("until") or order.find("claim-appealed")):
                continue
            day = day_of(row)
            yield _right(order, "leave", "72(2)(b)", day, day + REVIEW_DAYS * DAY)
    if bar := order.risk_from():
        since = max(day_of(row) for row in order.history if day_of(row) < bar[0])
        left = (bar[0] - order.on).days
        yield Clock("risk-bar", bar[1], since, bar[0] - DAY, "open" if left <= 0 else "counting", left)


def _right(order: Order, name: str, section: str, since: date, last: date) -> Clock:
    state = "open" if order.on <= last else "over"
    return Clock(name, section, since, last, state, (last - order.on).days)


def _applied_after(order: Order, row: Row) -> bool:
    later = order.history[order.history.index(row) + 1 :]
    return any(each["step"] == "review-applied" for each in later)


def _ages(order: Order) -> Iterator[Clock]:
    for one in order.open("warrant"):
        since = day_of(one.first)
        yield Clock("warrant", "55(1)", since, None, "counting", (order.on - since).days, None, one.ref)
    issued = order.find("document-issued")
    if issued is not None and issued.get("until"):
        last = issued["until"]
        state = "open" if order.on <= last else "over"
        yield Clock("travel-document", "48(2)", day_of(issued), last, state, (last - order.on).days)
