"""Removal orders as their steps left them on a day: in force or not, stayed, held, ended.

A hold wins over everything: while one stands, nothing here calls an order ready to be enforced.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Final, NamedTuple

from watchfloor.casework.removals.law import AMENDED
from watchfloor.casework.removals.periods import DAY, Span, first_free, last_of, months_after
from watchfloor.casework.removals.steps import (
    AFTER_REMOVAL,
    BESIDE,
    JUDICIAL,
    STATUTORY,
    STEPS,
    Row,
    day_of,
    fault,
    has_hour,
    zone_of,
)
from watchfloor.core.messages import Message, Reason, declare, reason

NO_ORDER: Final = declare("removals.no-order", "order", "step_words", "day")
SECOND_ORDER: Final = declare("removals.second-order", "order", "day", "made")
SECOND_REMOVAL: Final = declare("removals.second-removal", "order", "day", "ended")
STAY_AFTER: Final = declare("removals.stay-after-removal", "order", "day", "ended")
AFTER: Final = declare("removals.after-removal", "order", "step_words", "day", "ended")
NOT_OPEN: Final = declare("removals.not-open", "order", "step_words", "day", "matter_words")
ALREADY_OPEN: Final = declare("removals.already-open", "order", "step_words", "day", "matter_words")
CLAIM_AFTER: Final = declare("removals.claim-after-order", "order", "day", "made")
BARRED: Final = declare("removals.barred", "order", "day", "from_day", "section")
REMOVED_HELD: Final = declare("removals.removed-while-held", "order", "day", "holds")

DEPARTURE_DAYS: Final = 30
"""Days that a departure order gives (R224(2))."""
FAR: Final = date(9000, 12, 31)
"""What an end that is said to lie after it is read as: other systems write 9999-12-31 for none."""
BAR_MONTHS: Final = 12
"""Months in which no application for protection may be made after a refusal (s. 112(2)). Those of 36 months
are for nationals of designated countries; nationality is not kept here, so a bar here is never too long."""
DECIDED: Final = frozenset({"claim-rejected", "claim-withdrawn", "claim-abandoned", "claim-appeal-rejected"})
RISK_DECIDED: Final = frozenset({"risk-refused", "risk-withdrawn"})
NO_STAGE: Final = "no-order"
"""The stage of what has steps and no order that stands."""
BEFORE_ORDER: Final = ("claim-", "detained", "detention-", "warrant-")
"""Steps that may come before the order, by how they begin."""


class Matter(NamedTuple):
    """Something that was opened about an order, and closed, or is open still."""

    name: str
    ref: str
    first: Row
    last: Row | None = None

    @property
    def section(self) -> str:
        """Return the section that it was opened under."""
        return self.first.get("section") or ""

    @property
    def until(self) -> date | None:
        """Return the last day that it says for itself."""
        until: date | None = self.first.get("until")
        return until

    @property
    def span(self) -> Span:
        """Return its days, those on which it was opened and closed among them."""
        ends = [end for end in (self.until, day_of(self.last) if self.last else None) if end]
        return Span(day_of(self.first), min(ends) if ends else None)


class InForce(NamedTuple):
    """When an order is in force: from a day, or None while that is open; and by which provision."""

    day: date | None
    section: str


class Hold(NamedTuple):
    """A hold of due process on an order: a word for it, its section, since when, and until when."""

    name: str
    section: str
    since: date
    until: date | None = None
    ref: str = ""


@dataclass(slots=True)
class Order:
    """A removal order as its steps left it.

    Attributes:
        id: its subject.
        on: the day up to which steps are in it.
        history: its steps that stand, oldest first.
        problems: what is wrong with steps that were left out, or that should not have been taken.
        matters: what was opened about it.
        markings: of all its records, those of steps that were left out among them.
    """

    id: str
    on: date
    history: list[Row] = field(default_factory=list)
    problems: list[Reason] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)
    markings: set[str] = field(default_factory=set)

    def find(self, *names: str) -> Row | None:
        """Return the last step of one of these sorts."""
        return next((row for row in reversed(self.history) if row["step"] in names), None)

    @property
    def order(self) -> Row | None:
        """Return the step that made it."""
        return self.find("order-made")

    @property
    def made(self) -> date:
        """Return the day on which it was made."""
        row = self.order
        return day_of(row) if row else self.on

    @property
    def ended(self) -> Row | None:
        """Return the step that ended it: enforced, set aside or void."""
        return self.find("enforced", "order-set-aside", "order-void", "appeal-allowed")

    @property
    def enforced(self) -> Row | None:
        """Return the step that enforced it."""
        return self.find("enforced")

    def open(self, *names: str) -> list[Matter]:
        """Return the matters of these names that are open at the end of its day."""
        return [one for one in self.matters if one.name in names and one.last is None and _open(one, self.on)]

    @property
    def claimant(self) -> bool:
        """Return whether a claim for protection was made."""
        row = self.order
        return bool(row and row.get("claimant")) or any(
            row["step"].startswith("claim-") for row in self.history
        )

    @property
    def protected(self) -> Row | None:
        """Return the decision by which the person is protected (s. 115(1)), if there is one."""
        found = self.find("claim-accepted", "claim-appeal-allowed", "risk-allowed")
        return None if found and found.get("section") == "111(1)(c)" else found

    @property
    def in_force(self) -> InForce:
        """Return when it came into force, or will (s. 49)."""
        last = next((row for row in reversed(self.history) if row["step"].startswith("claim-")), None)
        if last is not None:
            found = claim_in_force(last)
        elif self.order is not None and self.order.get("claimant"):
            found = InForce(None, "49(2)")
        else:
            found = self._appeal_in_force()
        return InForce(max(found.day, self.made), found.section) if found.day else found

    def _appeal_in_force(self) -> InForce:
        appeals = [row for row in self.history if row["step"].startswith("appeal-")]
        if appeals:
            decided = appeals[-1]["step"] == "appeal-dismissed"
            return InForce(day_of(appeals[-1]) if decided else None, "49(1)(c)")
        limit = self.order.get("until") if self.order else None
        if limit is None:
            return InForce(self.made, "49(1)(a)")
        return InForce(limit + DAY if limit >= AMENDED else limit, "49(1)(b)")

    def stays(self) -> list[Hold]:
        """Return every stay that it has or had (s. 50, R230 to R233)."""
        return list(self._stays())

    def _stays(self) -> Iterator[Hold]:
        for one in self.matters:
            span, section = one.span, one.section
            if one.name == "stay":
                yield Hold(stay_kind(section), section, span.first, span.last, one.ref)
            elif one.name == "review" and section == "R231(1)":
                yield Hold("statutory", "R231(1)", span.first, span.last, one.ref)
            elif one.name == "risk" and one.first["step"] == "risk-offered":
                applied = any(row["step"] == "risk-applied" for row in self.history)
                closed = day_of(one.last) if one.last else None
                until = closed if applied or closed else one.until
                yield Hold("statutory", "R232", span.first, until, one.ref)

    def holds(self) -> list[Hold]:
        """Return what keeps it from being enforced at the end of its day."""
        return list(self._holds())

    def _holds(self) -> Iterator[Hold]:
        force = self.in_force
        if force.day is None or force.day > self.on:
            until = force.day - DAY if force.day else None
            yield Hold("not-in-force", force.section, self.made, until)
        yield from (
            one
            for one in self.stays()
            if Span(one.since, one.until).covers(self.on) and not self._closed(one)
        )
        if self.protected:
            yield Hold("protected", "115(1)", day_of(self.protected))
        yield from (
            Hold("hold", one.section or "48(2)", day_of(one.first), one.until, one.ref)
            for one in self.open("hold")
        )

    def _closed(self, stay: Hold) -> bool:
        """Return whether a stay was ended on this very day, so that it holds no more at its end."""
        return any(
            one.last is not None and one.ref == stay.ref and day_of(one.last) <= self.on
            for one in self.matters
            if one.name in BESIDE and day_of(one.first) == stay.since
        )

    @property
    def enforceable(self) -> bool:
        """Return whether it may be enforced at the end of its day: made, not ended, and nothing holds it."""
        return self.order is not None and self.ended is None and not self.holds()

    @property
    def departure(self) -> tuple[date | None, date | None]:
        """Return the day on which a departure order became enforceable, and the last day to leave (R224).

        The second is None while the time is suspended without an end.
        """
        force = self.in_force.day
        stays = [Span(one.since, one.until) for one in self.stays()]
        start = first_free(force, stays) if force else None
        if start is None:
            return None, None
        detained = [one.span for one in self.matters if one.name == "detention"]
        return start, last_of(start, DEPARTURE_DAYS, [*stays, *detained])

    @property
    def kind(self) -> str:
        """Return its kind: a departure order that was not complied with in time is a deportation order."""
        kind = str(self.order["order_kind"]) if self.order else ""
        if kind != "departure":
            return kind
        until = day_of(self.enforced) if self.enforced else self.on
        _, last = self.departure
        return "deportation" if last is not None and last < until else kind

    @property
    def stage(self) -> str:
        """Return the inventory that it is in: monitoring, stay, wanted, working or removal-in-progress.

        What is ended is in none, and has the word for its end. What holds an order comes before a warrant.
        """
        if self.order is None:
            return NO_STAGE
        if self.ended is not None:
            return str(self.ended["step"])
        holds = {one.name for one in self.holds()}
        if holds & {"statutory", "judicial", "administrative"}:
            return "stay"
        if holds:
            return "monitoring"
        if self.open("warrant"):
            return "wanted"
        return "removal-in-progress" if self.find("document-issued") else "working"

    def risk_from(self) -> tuple[date, str] | None:
        """Return from when protection may be applied for again, and the paragraph that bars it till then."""
        found: list[tuple[date, str]] = []
        for row in self.history:
            if row["step"] in DECIDED:
                found.append((months_after(day_of(row), BAR_MONTHS), "112(2)(b.1)"))
            elif row["step"] in RISK_DECIDED:
                found.append((months_after(day_of(row), BAR_MONTHS), "112(2)(c)"))
            elif row["step"] == "review-refused" and found:
                found.append((months_after(day_of(row), BAR_MONTHS), found[-1][1]))
        return max(found) if found else None


def _open(one: Matter, day: date) -> bool:
    return one.name not in ("stay", "hold") or one.until is None or day <= one.until


def stay_kind(section: str) -> str:
    """Return whether a stay is statutory, judicial or administrative, by its section."""
    return "statutory" if section in STATUTORY else "judicial" if section in JUDICIAL else "administrative"


def claim_in_force(last: Row) -> InForce:
    """Return when a claimant's order comes into force, by the last step about the claim (s. 49(2)).

    The words that were in force on the day of that step count: they were changed on 26 March 2026.
    """
    day, step, amended = day_of(last), last["step"], day_of(last) >= AMENDED
    until: date | None = last.get("until")
    if step == "claim-ineligible":
        safe = (last.get("section") or "").startswith("101(1)(e)")
        return InForce(day, "49(2)(a)") if safe else InForce(day + 7 * DAY, "49(2)(b)")
    if step == "claim-rejected" and not amended:
        return InForce(until or day + 15 * DAY, "49(2)(c)")
    if step == "claim-rejected" and until is None:
        return InForce(day + 15 * DAY, "49(2)(c)")
    if step == "claim-rejected" and until is not None:
        return InForce(max(until + DAY, day + 15 * DAY), "49(2)(d)")
    if step == "claim-appeal-rejected":
        return InForce(day + 15 * DAY, "49(2)(e)" if amended else "49(2)(c)")
    if step == "claim-withdrawn":
        return InForce(day, "49(2)(f)") if amended else InForce(day + 15 * DAY, "49(2)(d)")
    if step == "claim-abandoned":
        return InForce(day + 15 * DAY, "49(2)(g)" if amended else "49(2)(d)")
    return InForce(None, "49(2)")


def fold(rows: Iterable[Row], on: date, now: datetime) -> dict[str, Order]:
    """Return every order as it stands at the end of a day, by its id.

    A step that the law does not allow is left out, and the order says so. Steps of a later day are not in it.
    """
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row["order"])].append(row)
    return {id_: _folded(id_, mine, on, now) for id_, mine in sorted(grouped.items())}


def _folded(id_: str, rows: list[Row], on: date, now: datetime) -> Order:
    order, sound = Order(id_, on), []
    for row in rows:
        if wrong := fault(row, _today(row, now)):
            order.problems.append(wrong)
        elif (day := day_of(row)) <= on:
            until = row.get("until")
            sound.append((day, row["observed_at"], {**row, "until": FAR} if until and until > FAR else row))
        order.markings.update(filter(None, [row.get("marking")]))
    sound.sort(key=lambda one: one[:2])
    for day, steps in groupby(sound, key=lambda one: one[0]):
        order.on = day
        _take(order, [row for *_, row in steps])
    order.on = on
    return order


def _take(order: Order, rows: list[Row]) -> None:
    """Add the steps of one day; where one has no hour, those that may not follow yet wait for the others."""
    hours = all(map(has_hour, rows))
    while rows:
        waiting = []
        for row in rows:
            wrong = misplaced(order, row)
            if wrong is None or wrong.message == REMOVED_HELD.id:
                order.problems.extend([wrong] if wrong else [])
                apply(order, row)
            else:
                waiting.append((row, wrong))
        if hours or len(waiting) == len(rows):
            order.problems.extend(wrong for _, wrong in waiting)
            return
        rows = [row for row, _ in waiting]


def _today(row: Row, now: datetime) -> date:
    try:
        return now.astimezone(zone_of(row.get("zone") or "UTC")).date()
    except ValueError:
        return now.date()


def apply(order: Order, row: Row) -> None:
    """Add a step that may follow to an order."""
    step, ref = STEPS[row["step"]], reference(row)
    if step.opens:
        order.matters.append(Matter(step.opens, ref, row))
    elif row["step"] == "risk-applied" and not order.open("risk"):
        order.matters.append(Matter("risk", ref, row))
    elif step.closes and (one := _matter(order, step.closes, ref)):
        order.matters[order.matters.index(one)] = one._replace(last=row)
    order.history.append(row)


def reference(row: Row) -> str:
    """Return by what a step's matter is known: what it is of, or its own number."""
    return row.get("of") or row.get("reference") or ""


def _matter(order: Order, name: str, ref: str) -> Matter | None:
    """Return the open matter that a step closes: by its reference where it has one, else the last."""
    mine = [one for one in order.matters if one.name == name and one.last is None]
    return next((one for one in reversed(mine) if not ref or one.ref in ("", ref)), None)


def misplaced(order: Order, row: Row) -> Reason | None:
    """Return why a step may not follow what stands, or None."""
    name, day = row["step"], day_of(row)
    told = {"order": order.id, "step_words": name, "day": f"{day}"}

    def say(message: Message, **more: str) -> Reason:
        known = told | more
        return reason(message, **{one: known[one] for one in message.parameters})

    if order.ended is not None and name not in AFTER_REMOVAL:
        ended = f"{day_of(order.ended)}"
        late = {"enforced": SECOND_REMOVAL, "stay-granted": STAY_AFTER}.get(name, AFTER)
        return say(late, ended=ended)
    if name == "order-made":
        return say(SECOND_ORDER, made=f"{order.made}") if order.order else None
    if order.order is None and not name.startswith(BEFORE_ORDER):
        return say(NO_ORDER)
    return _against_matters(order, row, say) or _against_law(order, row, say)


def _against_matters(order: Order, row: Row, say: Callable[..., Reason]) -> Reason | None:
    step, ref = STEPS[row["step"]], reference(row)
    if step.closes and not _matter(order, step.closes, ref):
        return say(NOT_OPEN, matter_words=step.closes)
    needed = {"detention-reviewed": "detention"}.get(row["step"])
    if needed and not order.open(needed):
        return say(NOT_OPEN, matter_words=needed)
    if row["step"] == "claim-appealed" and not order.find("claim-rejected"):
        return say(NOT_OPEN, matter_words="claim")
    mine = order.open(step.opens) if step.opens else []
    if mine and (step.opens not in BESIDE or ref in {one.ref for one in mine}):
        return say(ALREADY_OPEN, matter_words=step.opens)
    return None


def _against_law(order: Order, row: Row, say: Callable[..., Reason]) -> Reason | None:
    name, day = row["step"], day_of(row)
    if name == "claim-made" and order.order is not None and day > order.made:
        return say(CLAIM_AFTER, made=f"{order.made}")
    if name == "risk-applied" and (bar := order.risk_from()) and day < bar[0] and not order.open("risk"):
        return say(BARRED, from_day=f"{bar[0]}", section=bar[1])
    if name == "enforced" and (holds := order.holds()):
        return say(REMOVED_HELD, holds=", ".join(one.section for one in holds))
    return None


def next_steps(order: Order) -> list[str]:
    """Return the steps that may lawfully follow on its day; `enforced` only where nothing holds the order."""
    found = []
    for name, step in STEPS.items():
        row = {"order": order.id, "step": name, "on": order.on, "section": step.sections[0], "reference": "?"}
        open_ = [one.ref for one in order.matters if one.name == step.closes and one.last is None]
        if open_:
            row["of"] = open_[-1]
        if misplaced(order, row) is None and not _no_right(order, name):
            found.append(name)
    return found


def _no_right(order: Order, name: str) -> bool:
    """Return whether an appeal is past its limit or without a right, or protection may not be applied for.

    The latter is while the order is not in force, of who is protected already (s. 112(1)), and of a claim
    that was ineligible since it came over a safe country (s. 112(2)(b)).
    """
    if name == "risk-applied":
        force, claim = order.in_force, order.find("claim-ineligible")
        safe = bool(claim and (claim.get("section") or "").startswith("101(1)(e)"))
        return force.day is None or force.day > order.on or order.protected is not None or safe
    about = {"appeal-filed": "order-made", "claim-appealed": "claim-rejected"}.get(name)
    if about is None:
        return False
    last = (
        order.find("claim-rejected", "claim-made", "claim-appealed")
        if name == "claim-appealed"
        else order.order
    )
    limit = last.get("until") if last and last["step"] == about else None
    return limit is None or limit < order.on or (name == "appeal-filed" and order.claimant)
