"""Rosters that were published: who works which post when, edition by edition.

An edition is two records. Its shifts are for whoever may know who is on duty; its papers, with rules, demand
and leave, are personal information. Papers are kept first: an edition is there once its shifts are. What
people answered who were asked to work more is personal information too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.life_cycle import Done, WorkItem, at_least
from watchfloor.casework.watch.orders import load
from watchfloor.casework.watch.watch import DUTY, on_roster
from watchfloor.cell.acts import (
    Conflict,
    NotFound,
    Post,
    Row,
    common,
    minute,
    new_id,
    pick,
    refuse,
    write,
    write_all,
)
from watchfloor.core.kinds import ROSTER
from watchfloor.core.marking import join, parse
from watchfloor.core.messages import declare, reason
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store import NoOriginal
from watchfloor.store.floor import Floor
from watchfloor.store.readers import role
from watchfloor.store.segments.reading import POSITION

SOURCE: Final = "rosters"
SHIFTS, PAPERS, ANSWER = "shifts", "papers", "answer"
AGREED, DECLINED = "agreed", "declined"
PUBLISHER: Final = "supervisor"
"""Role that publishes where the floor has a policy."""
PERIOD: Final = ("pool", "first", "days", "zone")
AROUND: Final = timedelta(days=1)
"""Time before and after the log of the watch for which rosters say who is on call."""

NO_RIGHT: Final = declare("rosters.no-right", "name")
OVERLAP: Final = declare("rosters.overlap", "pool", "first", "days")
ABOVE_READER: Final = declare("rosters.above-reader", "marking")
SAME: Final = declare("rosters.same-edition", "pool", "edition", "by", "at")
NO_PAPERS: Final = declare("rosters.no-papers", "pool")


class Shift(NamedTuple):
    """Somebody's shift: from when to when, and what they are there for."""

    officer: str
    shift: str
    post: str
    begins: datetime
    ends: datetime


class Roster(WorkItem):
    """A pool's roster of a period, as its last edition has it."""

    __slots__ = ()
    noun: ClassVar = "roster"
    kind: ClassVar = ROSTER
    source: ClassVar = SOURCE
    listing: ClassVar = ("roster", "roster show")
    after: ClassVar = {"published": ("published",)}
    stale: ClassVar = declare("rosters.stale", "roster", "made_on", "edition", "by", "at", "why")
    illegal: ClassVar = declare("rosters.illegal", "roster")

    @classmethod
    def rows(cls, floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[Row]:
        """Return the editions that a reader may see, in the order of the log.

        They are without their papers, and `shifts` is how many there are: see `shifts_of`.
        """
        table = _rows(floor, reader, as_of)
        at = table.column_names.index("shifts")
        counted = table.set_column(at, "shifts", pc.list_value_length(table["shifts"]))
        rows: list[Row] = counted.to_pylist()
        return rows

    @property
    def deadline(self) -> datetime | None:
        """Return None: an edition holds until the next."""
        return None

    @property
    def pool(self) -> str:
        """Return whose roster it is."""
        return str(self.last["pool"])

    @property
    def first_day(self) -> date:
        """Return the first day of its period."""
        first: date = self.last["first"]
        return first

    @property
    def days(self) -> int:
        """Return the days of its period."""
        return int(self.last["days"])

    @property
    def officers(self) -> list[str]:
        """Return everyone who is on it, also without a shift."""
        return list(self.last["officers"])


class Edition(NamedTuple):
    """An edition to be published: a pool's shifts of a period, with what they were made by.

    Attributes:
        pool, first, days, zone: whose, and of which period.
        rules: employer, agreement and edition of the rules.
        officers: everyone who is on it.
        shifts: who works when.
        papers: rules, people, leave and demand, as bytes; digest: their SHA-256.
    """

    pool: str
    first: date
    days: int
    zone: str
    rules: str
    officers: Sequence[str]
    shifts: Sequence[Shift]
    papers: bytes
    digest: str


def refuse_publishing(floor: Floor, name: str) -> None:
    """Raise `Refusal` where the floor's policy does not let somebody publish rosters."""
    if role(floor.root, name) not in (None, PUBLISHER):
        refuse(NO_RIGHT, name=name)


def find(
    floor: Floor, reader: Reader, start: str, as_of: int | datetime | None = None, on: date | None = None
) -> Roster:
    """Return the roster whose id starts so, or the one of the pool with that name. Raises `Refusal`."""
    every = Roster.read(floor, reader, as_of)
    mine = [one for one in every.values() if one.pool.casefold() == start.strip().casefold()]
    if mine:
        return of_day(mine, on or floor.now().date())
    return pick(every, start.strip(), *Roster.listing)


def of_day(found: Sequence[Roster], on: date) -> Roster:
    """Return the roster that has a day; where none has, the last to begin."""
    return max(found, key=lambda one: (one.first_day <= on < _end(one.first_day, one.days), one.first_day))


def same_period(found: Iterable[Roster], pool: str, first: date) -> Roster | None:
    """Return the roster of a pool whose period begins on a day, if there is one."""
    return next((one for one in found if one.pool == pool and one.first_day == first), None)


def publish(
    post: Post, made: Edition, marking: str, edition: int | None = None, why: str = ""
) -> Done[Roster]:
    """Publish an edition, which takes the place of the last of its pool and period.

    Args:
        post: where from.
        made: what.
        marking: of the roster; who may know of it sees its shifts, and its papers who may see personal
            information besides. Empty: that of the edition before it.
        edition: that was looked at; None: the present one.
        why: the reason.

    Raises:
        Conflict: another edition was published since, or the present one is the same to the byte.
        Refusal: the person may not publish, or another roster of the pool has some of these days.
    """
    from watchfloor.feeds.config import PERSONAL  # every format comes with it

    refuse_publishing(post.floor, post.by)
    mine = [one for one in Roster.read(post.floor, post.reader).values() if one.pool == made.pool]
    present = same_period(mine, made.pool, made.first)
    marked = at_least(DUTY, marking or (present.marking if present else None))
    if not allowed(post.reader, parse(join([marked, PERSONAL]))):
        refuse(ABOVE_READER, marking=join([marked, PERSONAL]))
    if present is None or present.marking != marked:
        for one in mine:
            if one.first_day < _end(made.first, made.days) and made.first < _end(one.first_day, one.days):
                refuse(OVERLAP, pool=one.pool, first=one.first_day.isoformat(), days=one.days)
        present = None
    number, now = 1, post.writer.moment()
    if present:
        present.check(edition or present.edition, "published", now)
        if _digest(post.floor, post.reader, present) == made.digest:
            told = {"by": present.by, "at": minute(present.at)}
            raise Conflict(reason(SAME, pool=present.pool, edition=present.edition, **told))
        number = present.edition + 1
    id_ = (
        present.id if present else new_id(post.floor.key, "roster", made.pool, made.first.isoformat(), marked)
    )
    shared = {
        "roster": id_,
        "state": "published",
        "edition": number,
        **{name: getattr(made, name) for name in PERIOD},
        "by": post.by,
        "why": why.strip() or None,
    }
    papers = common(SOURCE, f"{id_}-{PAPERS}", join([marked, PERSONAL]), now) | shared | {"part": PAPERS}
    papers |= {"rules": made.rules, "papers": made.digest}
    shifts = common(SOURCE, id_, marked, now) | shared | {"part": SHIFTS, "rules": made.rules}
    shifts |= {"officers": list(made.officers), "shifts": [one._asdict() for one in made.shifts]}
    write(post.writer, ROSTER, papers, made.papers)  # refused where the floor may not hold it, before shifts
    position = write(post.writer, ROSTER, shifts)
    return Done(Roster.read(post.floor, post.reader)[id_], position, now)


def shifts_of(
    floor: Floor,
    reader: Reader,
    one: Roster,
    as_of: int | datetime | None = None,
    span: tuple[datetime, datetime] | None = None,
    officers: Sequence[str] | None = None,
) -> list[Shift]:
    """Return the shifts of the last edition of a roster: those that begin within a span, of some officers."""
    table = _rows(floor, reader, as_of)
    row = table.filter(pc.equal(table[POSITION], one.last[POSITION]))
    shifts = pa.Table.from_struct_array(row["shifts"].combine_chunks().flatten())
    if span:
        begins = shifts["begins"]
        shifts = shifts.filter(pc.and_(pc.greater_equal(begins, span[0]), pc.less(begins, span[1])))
    if officers is not None:
        shifts = shifts.filter(pc.is_in(shifts["officer"], pa.array(officers, pa.string())))
    # Each text and moment is made once: a roster of 10,000 people has 200,000 shifts, and few of either.
    columns = []
    for name in Shift._fields:
        coded = shifts[name].combine_chunks().dictionary_encode(null_encoding="encode")
        values = coded.dictionary.to_pylist()
        columns.append([values[at] for at in coded.indices.to_pylist()])
    return list(map(Shift, *columns))


def _papers_rows(floor: Floor, reader: Reader, one: Roster, edition: int | None = None) -> list[Row]:
    """Return the record of the papers of an edition of a roster; none for who may not see it."""
    columns = ["roster", "part", "edition", "papers", "delivery", POSITION]
    table = floor.read(ROSTER.name, reader, None, columns)
    rows: list[Row] = table.filter(pc.equal(table["roster"], one.id)).to_pylist()
    return [row for row in rows if row["part"] == PAPERS and row["edition"] == (edition or one.edition)]


def _digest(floor: Floor, reader: Reader, one: Roster) -> str | None:
    return next((row["papers"] for row in _papers_rows(floor, reader, one)), None)


def papers_of(floor: Floor, reader: Reader, one: Roster, edition: int | None = None) -> bytes:
    """Return the papers of an edition of a roster, else the last. Raises `Refusal` where they are hidden."""
    mine = _papers_rows(floor, reader, one, edition)
    try:
        with floor.original(mine[0]["delivery"], reader, mine[0][POSITION]) as stream:
            return stream.read()
    except (IndexError, NoOriginal):
        raise NotFound(reason(NO_PAPERS, pool=one.pool)) from None


class CallAnswer(NamedTuple):
    """An answer of somebody who was asked to work a shift, or to be off one; the last of a day holds.

    Attributes:
        shift: that it was about.
        agreed: whether they did.
        by, at: who wrote it down, and when; why: the call, or a remark.
        marking: of the answer.
    """

    shift: Shift
    agreed: bool
    by: str
    at: datetime
    why: str
    marking: str


def record_answers(
    post: Post, one: Roster, shifts: Iterable[Shift], why: str, *, agreed: bool
) -> tuple[int, datetime, str]:
    """Write down what was answered about some shifts; return its position, time and marking."""
    from watchfloor.feeds.config import PERSONAL  # every format comes with it

    refuse_publishing(post.floor, post.by)
    marking, now = join([one.marking, PERSONAL]), post.writer.moment()
    shared = {name: one.last[name] for name in ("roster", "edition", *PERIOD)} | {
        "part": ANSWER,
        "state": AGREED if agreed else DECLINED,
        "by": post.by,
        "why": why.strip() or None,
    }
    rows = [
        common(SOURCE, f"{one.id}-{ANSWER}", marking, now)
        | shared
        | {"officers": [each.officer], "shifts": [each._asdict()]}
        for each in shifts
    ]
    return write_all(post.writer, ROSTER, rows), now, marking


def answers(
    floor: Floor, reader: Reader, one: Roster, as_of: int | datetime | None = None
) -> list[CallAnswer]:
    """Return what was answered in calls of a roster, as far as a reader may see it, oldest first."""
    columns = ["roster", "part", "state", "shifts", "by", "observed_at", "why", "marking"]
    table = floor.read(ROSTER.name, reader, as_of, columns)
    mine = pc.and_(pc.equal(table["roster"], one.id), pc.equal(table["part"], ANSWER))
    return [
        CallAnswer(
            Shift(**row["shifts"][0]),
            row["state"] == AGREED,
            row["by"],
            row["observed_at"],
            row["why"] or "",
            row["marking"],
        )
        for row in table.filter(mine).to_pylist()
    ]


class Duty(NamedTuple):
    """A shift of a post, as long as the edition that has it was the last."""

    pool: str
    post: str
    officer: str
    begins: datetime
    ends: datetime
    marking: str


def duties(
    floor: Floor,
    reader: Reader,
    posts: Iterable[str],
    since: datetime,
    until: datetime,
    as_of: int | datetime | None = None,
) -> list[Duty]:
    """Return who is on some posts in a span of time, by what was published when: nothing holds before."""
    wanted = set(posts)
    table = _rows(floor, reader, as_of)
    found: list[Duty] = []
    for id_ in pc.unique(table["roster"]).to_pylist():
        editions = table.filter(pc.equal(table["roster"], id_))
        begins = editions["observed_at"].to_pylist()
        for at, (published, replaced) in enumerate(zip(begins, [*begins[1:], until], strict=True)):
            row = editions.slice(at, 1)
            shifts = pa.Table.from_struct_array(row["shifts"].combine_chunks().flatten())
            mine = pc.and_(pc.less(shifts["begins"], until), pc.greater(shifts["ends"], since))
            mine = pc.and_(mine, pc.is_in(shifts["post"], pa.array(sorted(wanted), pa.string())))
            pool, marking = row["pool"][0].as_py(), row["marking"][0].as_py()
            for one in shifts.filter(mine).to_pylist():
                span = max(one["begins"], published), min(one["ends"], replaced)
                if span[0] < span[1]:
                    found.append(Duty(pool, one["post"], one["officer"], *span, marking))
    return sorted(found)


def people(found: Iterable[Duty]) -> Iterator[tuple[datetime, datetime, tuple[str, ...]]]:
    """Yield each span of time in which the same people are on, with their names; none where nobody is."""
    every = list(found)
    turns = sorted({turn for one in every for turn in (one.begins, one.ends)})
    for begins, ends in pairwise(turns):
        on = tuple(dict.fromkeys(one.officer for one in every if one.begins <= begins and ends <= one.ends))
        if on:
            yield begins, ends, on


def on_call(
    floor: Floor, reader: Reader, lines: Sequence[Row], as_of: int | datetime | None
) -> Iterator[Row]:
    """Yield who holds each role of the watch by a roster, from before the first line of its log on."""
    chain = load(floor.root)
    if not chain.roster:
        return
    now = floor.now()
    since = min([now, *(row["observed_at"] for row in lines[:1])]) - AROUND
    on = duties(floor, reader, {one.post for one in chain.roster.values()}, since, now + AROUND, as_of)
    for name, wanted in chain.roster.items():
        mine = [one for one in on if one.post == wanted.post and wanted.pool in ("", one.pool)]
        for begins, ends, names in people(mine):
            marking = join(one.marking for one in mine if one.begins <= begins and ends <= one.ends)
            yield on_roster(name, names, begins, ends, marking)


def _rows(floor: Floor, reader: Reader, as_of: int | datetime | None) -> pa.Table:
    table = floor.read(ROSTER.name, reader, as_of, [*ROSTER.schema.names, POSITION])
    return table.filter(pc.equal(table["part"], SHIFTS))


def _end(first: date, days: int) -> date:
    return first + timedelta(days=days)
