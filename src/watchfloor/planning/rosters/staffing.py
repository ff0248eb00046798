"""Rules, people and demand of a roster's own files as a problem.

Rules that hold for alike people are the same objects, so that they are checked and solved together.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning.rosters import agreements
from watchfloor.planning.rosters.agreements import Agreement, minute_of_day
from watchfloor.planning.rosters.cover import Job, Need, days_named, demand_of, officers_for
from watchfloor.planning.rosters.fields import SHOWN
from watchfloor.planning.rosters.officers import Officer, applies, links, may_work_as, read_staff
from watchfloor.planning.rosters.problem import OFF, AnyRule, Person, Post, Problem, Run, Total, Wish
from watchfloor.planning.rosters.rows import NO_COLUMN, NOT_THERE, OFFICER, ROSTER_COLUMNS, ROW_TWICE, Table

CONTRADICTION: Final = declare("rosters.contradiction", "name", "clause", "other")
# Notes are told, and stop no roster.
NOBODY_MAY: Final = declare("rosters.nobody-may", "post", "count")
NO_SHIFT_COVERS: Final = declare("rosters.no-shift-covers", "when", "count")
EXPIRES: Final = declare("rosters.expires", "names", "count")
NO_PAST: Final = declare("rosters.no-past", "names", "count")
CLOCKS: Final = declare("rosters.clocks", "date")
TEMPLATE: Final = declare("rosters.template", "agreement", "count", "names")

LEAVE, WISHES, PAST = "leave", "wishes", "past"
TABLES: Final = (".csv", ".xlsx", ".ods", ".xls", ".parquet")
PAST_DAYS: Final = 60
"""Days before the period that are read; runs and windows look back no further."""
DEMAND_COLUMNS: Final = {
    "date": ("date", "day", "jour"),
    "shift": ("shift", "quart"),
    "hour": ("hour", "heure"),
    "place": ("place", "detachment", "port", "lieu"),
    "post": ("post", "poste"),
    "qualification": ("qualification",),
    "least": ("least", "minimum"),
    "most": ("most", "maximum"),
    "under": ("price", "under", "prix"),
    "over": ("over",),
    "travellers": ("travellers", "voyageurs"),
    "rate": ("rate", "an hour"),
    "clause": ("clause",),
}
LEAVE_COLUMNS: Final = {
    "officer": OFFICER, "from": ("from", "de"), "to": ("to", "à"), "kind": ("kind",), "hours": ("hours",)
}  # fmt: skip
WISH_COLUMNS: Final = {
    "officer": OFFICER, "date": ("date",), "shift": ("shift", "quart"), "wanted": ("wanted",),
    "price": ("price",), "clause": ("clause",),
}  # fmt: skip


def table_of(folder: Path, name: str) -> Path | None:
    """Return the file of a table in a folder, if there is one."""
    return next((path for suffix in TABLES if (path := folder / f"{name}{suffix}").is_file()), None)


class Reading:
    """Reads the tables of one folder into a problem."""

    def __init__(self, agreement: Agreement, staff: Path, demand: Path) -> None:
        self.agreement = agreement
        self.demand_path = demand
        self.beside = staff.parent
        self.notes: list[Reason] = []
        self.staff = read_staff(staff)
        self.number = {one.name: at for at, one in enumerate(self.staff)}
        self.staff_file = staff.name
        past = self._rows(PAST, ROSTER_COLUMNS, ("officer", "date", "shift"))
        self.worked: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
        if past:
            self._read_past(past)
        self.past_days = -min((min(days) for days in self.worked.values()), default=0)
        self.shifts = agreements.shifts_of(agreement, self.past_days)
        self.place_of = {one.name: place for place, one in enumerate(agreement.shift)}

    def problem(self) -> Problem:
        """Return what is to be solved; `notes` are complete then."""
        agreement, shifts = self.agreement, self.shifts
        needs = self._needs()
        own_rules, credit = self._leave()
        fixed = self._wishes(own_rules)
        jobs = dict.fromkeys(need.job for need in needs)
        posts, may_work = self._posts(needs, jobs, fixed)
        people = tuple(
            self._person(officer, posts, may_work, own_rules[at], credit.get(at, 0), fixed.get(at, {}))
            for at, officer in enumerate(self.staff)
        )
        before: dict[tuple[int, int, Job], int] = defaultdict(int)
        by_label = {job.label: job for job in jobs}
        for days in self.worked.values():
            for day, (shift, label) in days.items():
                if label in by_label:
                    before[self.place_of[shift], day, by_label[label]] += 1
        covers = demand_of(needs, shifts, before)
        if covers.uncovered:
            self.notes.append(reason(NO_SHIFT_COVERS, when=covers.uncovered[0], count=len(covers.uncovered)))
        self._tell_of_clocks()
        if agreement.template:
            names = agreement.unread()
            listed = "; ".join(names)
            told = reason(TEMPLATE, agreement=agreement.agreement, count=len(names), names=listed)
            self.notes.append(told)
        return Problem(
            agreement.pool or agreement.agreement,
            agreement.days,
            shifts.all,
            tuple(posts),
            people,
            covers.demand,
            agreement.begins.weekday(),
            tuple(links(agreement, self.staff, shifts, self.staff_file)),
        )

    def _rows(self, name: str, columns: Mapping[str, tuple[str, ...]], needed: Sequence[str]) -> Table | None:
        path = table_of(self.beside, name)
        return Table(path, columns, needed) if path else None

    def _read_past(self, table: Table) -> None:
        known = {one.name for one in self.agreement.shift}
        lines: dict[tuple[str, int], int] = {}
        for row in range(table.rows):
            name, shift = table.text(row, "officer"), table.text(row, "shift")  # who has left counts, too
            day = (table.on(row, "date") - self.agreement.begins).days
            if shift not in known:
                raise table.wrong(row, "shift", NOT_THERE)
            if day >= 0:
                raise table.wrong(row, "date", NOT_THERE)
            if day < -PAST_DAYS:
                continue
            self._once(table, row, lines, name, day)
            self.worked[name][day] = shift, table.text(row, "post")
        missing = [one.name for one in self.staff if one.name not in self.worked]
        if missing:
            names = ", ".join(missing[:SHOWN])
            self.notes.append(reason(NO_PAST, names=names, count=len(missing)))

    def _once(self, table: Table, row: int, lines: dict[tuple[str, int], int], name: str, day: int) -> None:
        first = lines.setdefault((name, day), row)
        if first != row:
            on = self.agreement.begins + timedelta(day)
            raise Unusable(
                reason(ROW_TWICE, file=table.file, row=row + 2, first=first + 2, name=name, date=str(on))
            )

    def _officer(self, table: Table, row: int) -> str:
        name = table.text(row, "officer")
        if name not in self.number:
            raise table.wrong(row, "officer", NOT_THERE)
        return name

    def _needs(self) -> list[Need]:
        table = Table(self.demand_path, DEMAND_COLUMNS, ("date", "post"))
        if not table.heading["shift"] and not table.heading["hour"]:
            raise Unusable(reason(NO_COLUMN, file=table.file, names="shift"))
        if not table.heading["least"] and not table.heading["most"] and not table.heading["travellers"]:
            raise Unusable(reason(NO_COLUMN, file=table.file, names="least"))
        prices = self.agreement.demand
        needs = []
        for row in range(table.rows):
            days = days_named(table.text(row, "date"), self.agreement)
            if days is None:
                day = (table.on(row, "date") - self.agreement.begins).days
                if not 0 <= day < self.agreement.days:
                    raise table.wrong(row, "date", NOT_THERE)
                days = (day,)
            shift, (begin, end) = None, (0, 0)
            if name := table.text(row, "shift"):
                if name not in self.place_of:
                    raise table.wrong(row, "shift", NOT_THERE)
                shift = self.place_of[name]
            else:
                begin, end = self._span(table, row)
            job = Job(*(table.name(row, each) for each in ("place", "post", "qualification")))
            least, most = table.whole(row, "least"), table.whole(row, "most")
            if (travellers := table.number(row, "travellers")) is not None:
                if not (rate := table.number(row, "rate")):
                    raise table.wrong(row, "rate")
                least = max(least or 0, officers_for(travellers, rate))
            if (least is None and most is None) or (most is not None and most < (least or 0)):
                raise table.wrong(row, "least")
            needs.append(
                Need(
                    days,
                    shift,
                    begin,
                    end,
                    job,
                    least,
                    most,
                    table.whole(row, "under", prices.under),
                    table.whole(row, "over", prices.over),
                    table.text(row, "clause") or prices.clause,
                )
            )
        return needs

    def _span(self, table: Table, row: int) -> tuple[int, int]:
        """Read an hour, such as 7 or 07:00, or hours, such as 07-15."""
        first, dash, last = table.text(row, "hour").partition("-")
        begin = minute_of_day(first.strip())
        end = (
            minute_of_day(last.strip())
            if dash
            else None
            if begin is None
            else min(begin + 60, agreements.DAY)
        )
        if begin is None or end is None or not begin < end:
            raise table.wrong(row, "hour")
        return begin, end

    def _posts(
        self, needs: Sequence[Need], jobs: Iterable[Job], fixed: Mapping[int, Mapping[int, frozenset[int]]]
    ) -> tuple[list[Post], dict[Post, Job]]:
        """Number the posts: of each job the shifts that are asked for, or all where hours are."""
        of_job: dict[Job, set[int]] = {job: set() for job in jobs}
        work = self.shifts.named(agreements.COVERING)
        for need in needs:
            of_job[need.job] |= work if need.shift is None else {
                number for number, one in enumerate(self.shifts.natures, 1) if one.place == need.shift
            }  # fmt: skip
        may_work = {
            Post(number, job.label): job for job, numbers in of_job.items() for number in sorted(numbers)
        }
        posts = list(may_work)
        for numbers in dict.fromkeys(one for days in fixed.values() for one in days.values()):
            posts += [Post(number) for number in sorted(numbers) if Post(number) not in may_work]
        posts = list(dict.fromkeys(posts))
        for job in of_job:
            if not any(may_work_as(officer, job) for officer in self.staff):
                self.notes.append(
                    reason(NOBODY_MAY, post=job.label, count=sum(need.job == job for need in needs))
                )
        return posts, may_work

    def _leave(self) -> tuple[dict[int, list[AnyRule]], dict[int, int]]:
        """Return the rules of each person's own, and their minutes of leave."""
        rules: dict[int, list[AnyRule]] = defaultdict(list)
        credit: dict[int, int] = defaultdict(int)
        table = self._rows(LEAVE, LEAVE_COLUMNS, ("officer", "from", "to"))
        into = frozenset(
            number for number, one in enumerate(self.shifts.natures, 1) if one.length > one.to_next
        )
        if table is None:
            return rules, credit
        for row in range(table.rows):
            at = self.number[self._officer(table, row)]
            first, last = table.on(row, "from"), table.on(row, "to")
            if last < first:
                raise table.wrong(row, "to")
            clause = table.text(row, "kind") or self.agreement.leave.clause
            begin = max((first - self.agreement.begins).days, 0)
            end = min((last - self.agreement.begins).days, self.agreement.days - 1)
            for day in range(begin, end + 1):
                rules[at].append(Wish(clause, None, day))
                credit[at] += round((table.number(row, "hours") or 0.0) * 60)
            before = (first - self.agreement.begins).days - 1
            if into and not self.agreement.leave.night_before and 0 <= before < self.agreement.days:
                rules[at].append(Wish(clause, None, before, into))
        return rules, credit

    def _wishes(self, rules: dict[int, list[AnyRule]]) -> dict[int, dict[int, frozenset[int]]]:
        """Add wishes to people's rules; return what must be worked, by person and day."""
        fixed: dict[int, dict[int, frozenset[int]]] = defaultdict(dict)
        table = self._rows(WISHES, WISH_COLUMNS, ("officer", "date", "wanted", "price"))
        if table is None:
            return fixed
        for row in range(table.rows):
            at = self.number[self._officer(table, row)]
            day = (table.on(row, "date") - self.agreement.begins).days
            if not 0 <= day < self.agreement.days:
                raise table.wrong(row, "date", NOT_THERE)
            shifts: frozenset[int] = frozenset()
            if name := table.text(row, "shift"):
                number = self.shifts.number.get((self.place_of.get(name, -1), day))
                if number is None:
                    raise table.wrong(row, "shift", NOT_THERE)
                shifts = frozenset({number})
            wanted = table.yes(row, "wanted", default=True)
            must = table.text(row, "price").lower() == "must"
            price = None if must else table.whole(row, "price")
            if not must and price is None:
                raise table.wrong(row, "price")
            clause = table.text(row, "clause") or ("must" if must else "wishes")
            rules[at].append(Wish(clause, price, day, shifts, wanted))
            if must and wanted and shifts:
                fixed[at][day] = shifts
        return fixed

    def _person(
        self,
        officer: Officer,
        posts: Sequence[Post],
        may_work: Mapping[Post, Job],
        own_rules: Sequence[AnyRule],
        credit: int,
        fixed: Mapping[int, frozenset[int]],
    ) -> Person:
        allowed, barred = self._allowed(officer, may_work, posts)
        if fixed:
            allowed, barred = set(allowed), set(barred)
            always = frozenset(one for days in fixed.values() for one in days)
            for number, post in enumerate(posts, 1):
                if post not in may_work and post.shift in always:
                    allowed.add(number)
                    barred |= {
                        (day, number)
                        for day in range(self.agreement.days)
                        if post.shift not in fixed.get(day, ())
                    }
        rules = self._rules(officer, credit)
        if own_rules:
            rules = (*rules, *own_rules)
            self._refuse_contradictions(officer.name, rules)
        worked = self.worked.get(officer.name)
        past = () if worked is None else tuple(
            self.shifts.number.get((self.place_of[worked[day][0]], day), OFF) if day in worked else OFF
            for day in range(-self.past_days, 0)
        )  # fmt: skip
        return Person(officer.name, frozenset(allowed), rules, past, {}, frozenset(barred))

    def _allowed(
        self, officer: Officer, may_work: Mapping[Post, Job], posts: Sequence[Post]
    ) -> tuple[AbstractSet[int], AbstractSet[tuple[int, int]]]:
        """Return the posts that an officer may work, and the days on which they may not."""
        key = officer.places, tuple(officer.qualifications.items())
        if key in self._posts_of:
            return self._posts_of[key]
        allowed, barred, on = set(), set(), self.agreement.begins
        for number, post in enumerate(posts, 1):
            job = may_work.get(post)
            if job is None or not may_work_as(officer, job):
                continue
            allowed.add(number)
            first, last = officer.qualifications.get(job.qualification, (None, None))
            if first or last:
                barred |= {
                    (day, number)
                    for day in range(self.agreement.days)
                    if (first and on + timedelta(day) < first) or (last and on + timedelta(day) > last)
                }
        return self._posts_of.setdefault(key, (frozenset(allowed), frozenset(barred)))

    @cached_property
    def _posts_of(self) -> dict[object, tuple[AbstractSet[int], AbstractSet[tuple[int, int]]]]:
        return {}

    def _rules(self, officer: Officer, credit: int) -> tuple[AnyRule, ...]:
        chosen = [rule for rule in self.agreement.rule if applies(rule, officer)]
        personal = any(rule.kind == "contract" or (rule.leave and credit) for rule in chosen)
        key = tuple(map(id, chosen)), (credit, officer.hours) if personal else None
        if key not in self._compiled:
            rules = (
                *agreements.overlaps(self.shifts),
                *(
                    one
                    for rule in chosen
                    for one in agreements.rules_of(rule, self.shifts, credit, officer.hours)
                ),
            )
            self._refuse_contradictions(officer.name, rules)
            self._compiled[key] = rules
        return self._compiled[key]

    @cached_property
    def _compiled(self) -> dict[object, tuple[AnyRule, ...]]:
        return {}

    def _refuse_contradictions(self, name: str, rules: Sequence[AnyRule]) -> None:
        """Refuse two rules of one person that must both be kept and never can."""
        bounds: dict[object, tuple[float, str, float, str]] = {}
        days: dict[int, Wish] = {}
        for rule in rules:
            if rule.price is not None:
                continue
            if isinstance(rule, Total | Run):
                key = (rule.shifts, rule.minutes, rule.window) if isinstance(rule, Total) else rule.shifts
                low, low_clause, high, high_clause = bounds.get(key, (-math.inf, "", math.inf, ""))
                if rule.least is not None and rule.least > low:
                    low, low_clause = rule.least, rule.clause
                if rule.most is not None and rule.most < high:
                    high, high_clause = rule.most, rule.clause
                if low > high:
                    raise Unusable(reason(CONTRADICTION, name=name, clause=low_clause, other=high_clause))
                bounds[key] = low, low_clause, high, high_clause
            elif isinstance(rule, Wish):
                other = days.setdefault(rule.day, rule)
                if (other.wanted and _excludes(other, rule)) or (rule.wanted and _excludes(rule, other)):
                    raise Unusable(reason(CONTRADICTION, name=name, clause=other.clause, other=rule.clause))
                if rule.wanted:
                    days[rule.day] = rule

    def _tell_of_clocks(self) -> None:
        expiring = [
            one.name
            for one in self.staff
            if any(
                last
                and self.agreement.begins <= last < self.agreement.begins + timedelta(self.agreement.days - 1)
                for _, last in one.qualifications.values()
            )
        ]
        if expiring:
            self.notes.append(reason(EXPIRES, names=", ".join(expiring[:SHOWN]), count=len(expiring)))
        for day in range(self.agreement.days):
            if self.agreement.instant(day + 1, 0) - self.agreement.instant(day, 0) != agreements.DAY:
                self.notes.append(reason(CLOCKS, date=str(self.agreement.begins + timedelta(day))))


def _excludes(wanted: Wish, other: Wish) -> bool:
    """Whether a day that must be worked in some shifts leaves another rule of it no way."""
    if other.wanted:
        return bool(wanted.shifts and other.shifts and not wanted.shifts & other.shifts)
    return not other.shifts or bool(wanted.shifts and wanted.shifts <= other.shifts)
