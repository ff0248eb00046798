"""Papers of a published roster: the folder it was made from, and what a change of it would break.

The floor keeps the files of a folder in our own format as one archive, the same bytes for the same files.
"""

import io
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from watchfloor.casework.rosters import Edition, Shift
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning.rosters import asking, notice, own
from watchfloor.planning.rosters.check import Breach, check
from watchfloor.planning.rosters.fields import UNREADABLE
from watchfloor.planning.rosters.problem import OFF, Grid, Problem

TABLES: Final = (own.STAFF, own.DEMAND, own.LEAVE, own.WISHES, own.PAST, own.ROSTER)
"""Tables of a folder that are kept, beside the rules."""
LARGEST: Final = 32 << 20
"""Bytes of a file of a folder at most."""
_DATED: Final = (1980, 1, 1, 0, 0, 0)
"""Date of each file in the archive, the earliest it can have: the same files are the same bytes."""
OFF_DUTY: Final = "off"
ROSTER_CSV: Final = f"{own.ROSTER}.csv"
STANDBY: Final = "standby"
PRESENT: Final = ("duty", "overtime")
"""Kinds of shift whose people are at their post."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

TOO_LARGE: Final = declare("rosters.too-large", "file", "most")
NO_OFFICER: Final = declare("rosters.no-officer", "name", "pool")
NO_DAY: Final = declare("rosters.no-day", "text", "first", "last")
NO_SHIFT: Final = declare("rosters.no-shift", "text", "name", "shifts")
NOT_WORKED: Final = declare("rosters.not-worked", "text")
BAD_PUT: Final = declare("rosters.bad-put", "text")


@dataclass(frozen=True)
class Papers:
    """A roster with the rules, people and demand that it was made from.

    Attributes:
        files: of the folder, by name.
        own: what they say.
        grid: who works when, as `check` takes it.
    """

    files: dict[str, bytes]
    own: own.Own
    grid: Grid

    @property
    def problem(self) -> Problem:
        """Return the rules, people and demand."""
        return self.own.problem

    def edition(self, pool: str) -> Edition:
        """Return it as it is published."""
        archive = _packed(self.files)
        agreement = self.own.agreement
        return Edition(
            pool=pool or self.problem.name,
            first=self.own.begins,
            days=self.problem.days,
            zone=self.own.zone,
            rules=", ".join((agreement.employer, agreement.agreement, agreement.edition)),
            officers=[one.name for one in self.problem.people],
            shifts=list(self.shifts()),
            papers=archive,
            digest=sha256(archive).hexdigest(),
        )

    def shifts(self) -> Iterator[Shift]:
        """Yield who works when, and what they are there for."""
        for number, day in np.argwhere(self.grid != OFF).tolist():
            yield self.shift(number, day, self.grid[number, day])

    def shift(self, number: int, day: int, post: int) -> Shift:
        """Return the shift of somebody in a post on a day."""
        work = self.problem.posts[post - 1]
        begins, ends = (EPOCH + timedelta(minutes=each) for each in self.own.times(day, work.shift))
        written = self.own.agreement.shift[self.own.shifts.natures[work.shift - 1].place]
        # Who stands by, learns or is at court is not at the post.
        away = () if written.kind in PRESENT else (written.kind,)
        what = "/".join(filter(None, (*away, work.skill)))
        return Shift(self.problem.people[number].name, written.name, what, begins, ends)

    def asked_for(self, text: str) -> Shift:
        """Return the shift that somebody is asked to work, or to be off, of a change."""
        number, day, post = self._put(text)
        present = int(self.grid[number, day])
        if post == OFF and present == OFF:
            raise Unusable(reason(NOT_WORKED, text=text))
        if post == OFF:
            return self.shift(number, day, present)._replace(shift=OFF_DUTY)
        return self.shift(number, day, post)

    def changed(self, puts: Iterable[str]) -> "Papers":
        """Return it after changes such as `Roy=2026-12-08=N/console` or `Roy=2026-12-08=off`.

        Raises `Unusable` where a change names nobody, no day or no shift of this roster.
        """
        grid = self.grid.copy()
        for text in puts:
            number, day, post = self._put(text)
            grid[number, day] = post
        others = {name: data for name, data in self.files.items() if Path(name).stem != own.ROSTER}
        return Papers(others | {ROSTER_CSV: own.roster_csv(self.own, grid)}, self.own, grid)

    def _put(self, text: str) -> tuple[int, int, int]:
        parts = text.rsplit("=", 2)
        if len(parts) != 3:
            raise Unusable(reason(BAD_PUT, text=text))
        name, day_text, what = (one.strip() for one in parts)
        number = next((at for at, one in enumerate(self.problem.people) if one.name == name), None)
        if number is None:
            raise Unusable(reason(NO_OFFICER, name=name, pool=self.problem.name))
        last = self.own.begins + timedelta(days=self.problem.days - 1)
        try:
            day = (date.fromisoformat(day_text) - self.own.begins).days
        except ValueError:
            day = -1
        if not 0 <= day < self.problem.days:
            told = {"first": self.own.begins.isoformat(), "last": last.isoformat()}
            raise Unusable(reason(NO_DAY, text=day_text, **told))
        if what == OFF_DUTY:
            return number, day, OFF
        found = self.choices(number, day)
        if what not in found:
            raise Unusable(reason(NO_SHIFT, text=what, name=name, shifts=", ".join([*found, OFF_DUTY])))
        return number, day, found[what]

    def choices(self, number: int, day: int) -> dict[str, int]:
        """Return the posts that can be worked on a day by what they are called, a person's own first."""
        mine = self.problem.people[number].posts
        every = {
            self.problem.called(at): at
            for at, post in enumerate(self.problem.posts, 1)
            if (days := self.problem.shifts[post.shift - 1].days) is None or day in days
        }
        return dict(sorted(every.items(), key=lambda one: one[1] not in mine))


class Trial(NamedTuple):
    """Breaches that a change of a roster makes and mends, and the cost of both."""

    breaks: list[Breach]
    mends: list[Breach]
    before: int
    after: int
    lawful: bool


def tried(papers: Papers, other: Papers, at: datetime, log: Iterable[asking.Question] = ()) -> Trial:
    """Compare the breaches of a roster with those of a change of it that is told at a moment.

    A rule with a price that somebody breaks in several windows is one breach, by the difference. With the log
    of who was asked, so is new work for which others had to be asked before.
    """
    late = [*told_late(papers, other, at), *passed_over(papers, other, log)]
    old, new = (check(one.problem, one.grid) for one in (papers, other))
    before, after = Counter(old.breaches), Counter(new.breaches)
    return Trial(
        [*late, *_net(after - before, before - after)],
        list(_net(before - after, after - before)),
        old.cost,
        new.cost,
        new.feasible and not late,
    )


def told_late(papers: Papers, other: Papers, at: datetime) -> list[Breach]:
    """Return the work that a change puts on people later than the notice allows; being taken off is none."""
    found = notice.changes(papers.own, papers.grid, other.grid)
    onto = {(papers.own.staff[one.person].name, one.day) for one in found if one.after != OFF}
    late = notice.breaches(papers.own, papers.grid, other.grid, at)
    return [one for one in late if (one.person, one.first) in onto]


def passed_over(papers: Papers, other: Papers, log: Iterable[asking.Question]) -> list[Breach]:
    """Return the work that a roster has not, for which others had to be asked before; of the same staff."""
    if [one.name for one in papers.own.staff] != [one.name for one in other.own.staff]:
        return []
    return list(asking.passed_over(other.own, other.grid, log, papers.grid))


def put_late(papers: Papers, published: Iterable[Shift], at: datetime) -> Iterator[Breach]:
    """Yield the work that a published edition has not, by whoever is on it, told later than the notice."""
    agreement, made = papers.own.agreement, set(papers.shifts())
    if agreement.notice is None:
        return
    willing = {one.name for one in papers.own.staff if one.volunteer}
    there = set(published)

    def day(one: Shift) -> int:
        return (one.begins.astimezone(agreement.zone).date() - papers.own.begins).days

    instead = {(one.officer, day(one)): one for one in there - made}
    for one in sorted(made - there, key=lambda one: (one.begins, one.officer)):
        old = instead.get((one.officer, day(one)), one)
        if old.post.partition("/")[0] == STANDBY:
            continue
        begins = min(one.begins, old.begins)
        late = ceil(agreement.notice.hours - (begins - at) / timedelta(hours=1))
        if late > 0 and one.officer not in willing:
            yield Breach(one.officer, day(one), day(one), agreement.notice.clause, late, None)


def _net(more: Counter[Breach], fewer: Counter[Breach]) -> Iterator[Breach]:
    """Yield by what breaches of a person and clause outweigh others; of rules that must be kept, all."""
    priced: dict[tuple[str, str, str], list[tuple[int, Breach]]] = {}
    for sign, breaches in ((1, more), (-1, fewer)):
        for one in breaches.elements():
            if one.cost is not None:
                priced.setdefault((one.person, one.clause, one.what), []).append((sign, one))
            elif sign == 1:
                yield one
    for mine in priced.values():
        cost = sum(sign * (one.cost or 0) for sign, one in mine)
        if cost > 0:
            every = [one for _, one in mine]
            first, last = min(one.first for one in every), max(one.last for one in every)
            amount = sum(sign * one.amount for sign, one in mine)
            yield msgspec.structs.replace(every[0], first=first, last=last, amount=amount, cost=cost)


class Shortfall(NamedTuple):
    """How many too few there are on a day, for what, of how many; price: of each, none where it must be."""

    day: int
    what: str
    least: int
    there: int
    price: int | None


def shortfalls(papers: Papers) -> Iterator[Shortfall]:
    """Yield what a roster is short of, by day."""
    problem = papers.problem
    numbers = {post: number for number, post in enumerate(problem.posts, 1)}
    there = [
        np.bincount(papers.grid[:, day], minlength=len(problem.posts) + 1) for day in range(problem.days)
    ]
    for one in sorted(problem.demand, key=lambda each: each.day):
        count = sum(int(there[day][numbers[post]]) for day, post in one.cells() if 0 <= day < problem.days)
        if one.least is not None and count < one.least:
            day = f"{papers.own.begins + timedelta(days=one.day)} "
            what = one.what.removeprefix(day) or problem.called(numbers[one.post])
            yield Shortfall(one.day, what, one.least, count, one.under)


def every(problem: Problem) -> list[str]:
    """Return what its posts are called, each once."""
    return list(dict.fromkeys(problem.called(number) for number in range(1, len(problem.posts) + 1)))


def of_folder(folder: Path) -> Papers:
    """Read a folder. Raises `Unusable` or `SettingsError`."""
    found = own.read(folder)
    paths = {name: own.table_of(folder, name) for name in TABLES}
    roster = paths[own.ROSTER]
    if roster is None:
        raise Unusable(reason(UNREADABLE, file=str(folder / ROSTER_CSV)))
    files = {}
    for path in (folder / own.RULES, *paths.values()):
        if path is not None:
            if path.stat().st_size > LARGEST:
                raise Unusable(reason(TOO_LARGE, file=path.name, most=LARGEST >> 20))
            files[path.name] = path.read_bytes()
    return Papers(files, found, own.read_roster(found, roster))


@lru_cache(maxsize=4)
def opened(archive: bytes) -> Papers:
    """Read papers that a floor kept."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed, tempfile.TemporaryDirectory() as home:
        for name in packed.namelist():
            with packed.open(name) as stream:
                (Path(home) / Path(name).name).write_bytes(stream.read(LARGEST + 1))
        return of_folder(Path(home))


def _packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _DATED), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
