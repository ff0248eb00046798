"""Standing lookouts and targets, and the declarations that name what they are about: hits to be looked at.

A lookout is a task of that form (`tasking.tasks`). One that is expired, done or refused stands no more
and meets nothing. A declaration is offered where it names a subject of the lookout, as its item or a party
of it, or by a telephone or an address with the same key, and was made after the lookout was issued or is of
goods still to come. An offer is not a hit: a person records that, with a referral of the item.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from watchfloor.casework.referrals import life, parties, repository
from watchfloor.casework.referrals.items import COLUMNS
from watchfloor.casework.referrals.life import Pick, Referral
from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.tasks import Task, urgent
from watchfloor.cell.acts import Post, Row, pick, refuse, write
from watchfloor.core.kinds import TASK
from watchfloor.core.marking import join
from watchfloor.core.messages import declare
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

FORMS: Final = ("lookout", "target")
NOT_OFFERED: Final = declare("referrals.not-offered", "task", "subject")


class Offer(NamedTuple):
    """A standing lookout, and declarations of one item that name what it is about.

    Attributes:
        task: the lookout or target.
        subject: typed key of the item.
        by: what they have in common, each key with what it is called in the declaration.
        lines: the declarations.
        referral: the referral of the item that a hit on the lookout names, or None: nobody recorded it.
    """

    task: Task
    subject: str
    by: Mapping[str, str]
    lines: tuple[Row, ...]
    referral: str | None

    @property
    def marking(self) -> str:
        """The join of the lookout's and the declarations'."""
        return join([self.task.order.marking, *(row["marking"] for row in self.lines)])


class Hit(NamedTuple):
    """A hit that was recorded: the lookout after it, the referral, and the position in the log."""

    task: Task
    referral: Referral
    position: int


def standing(floor: Floor, reader: Reader, now: datetime, as_of: int | datetime | None = None) -> list[Task]:
    """Lookouts and targets that stand at a moment, the most urgent first."""
    found = Task.read(floor, reader, as_of).values()
    mine = (one for one in found if one.order.form in FORMS and one.standing(now) in tasks.OPEN)
    return sorted(mine, key=urgent)


def offers(floor: Floor, reader: Reader, now: datetime, as_of: int | datetime | None = None) -> list[Offer]:
    """Declarations that standing lookouts name, those of the most urgent lookout first.

    Args:
        floor: whose.
        reader: who asks: lookouts and declarations that he may not see meet nothing.
        now: decides which lookouts stand.
        as_of: what was known.
    """
    lookouts = standing(floor, reader, now, as_of)
    wanted = {key for one in lookouts for key in one.order.subjects}
    if not wanted:
        return []
    table = floor.read("declaration", reader, as_of, COLUMNS, latest=True)
    rows = parties.naming(table, wanted).to_pylist()
    referrals = Referral.read(floor, reader, as_of)
    return [offer for one in lookouts for offer in _offers(one, rows, now, referrals)]


def record(post: Post, start: str, subject: str, words: str | None, asked: Pick) -> Hit:
    """Record a hit on a lookout, and refer the item where it is not referred yet.

    Args:
        post: where.
        start: of the lookout's id.
        subject: typed key of the item.
        words: what happened, in the officer's.
        asked: how the item is to be examined, and until when.

    Raises:
        Refusal: the lookout does not name the item or stands no more, or the referral may not be made.
    """
    now = post.writer.moment()
    offered = [one for one in offers(post.floor, post.reader, now) if one.subject == subject]
    by_id = {one.task.id: one for one in offered}
    if not any(id_.startswith(start) for id_ in by_id):
        refuse(NOT_OFFERED, task=start, subject=subject)
    one = pick(by_id, start, "lookout", "cases referral hits")
    tasks.hit(one.task, one.task.edition, post.by, now, words)  # refused before anything is written
    known = Referral.read(post.floor, post.reader).values()
    open_now = [each for each in known if each.subject == subject and each.standing(now) in life.OPEN]
    chosen = asked._replace(subject=subject, chosen_by="lookout", marking=_at_least(one, asked))
    referral = open_now[-1] if open_now else repository.refer_one(post, chosen).item
    told = f"{words} (referral {referral.id})"
    position = write(post.writer, TASK, tasks.hit(one.task, one.task.edition, post.by, now, told))
    after = Task.read(post.floor, post.reader)[one.task.id]
    return Hit(after, referral, position)


def _at_least(one: Offer, asked: Pick) -> str:
    return join([one.marking, *([asked.marking] if asked.marking else [])])


def _offers(
    one: Task, rows: Sequence[Row], now: datetime, referrals: Mapping[str, Referral]
) -> Iterator[Offer]:
    """Offers of one lookout, item by item."""
    mine: dict[str, list[Row]] = {}
    named: dict[str, dict[str, str]] = {}
    issued = one.history[0]["observed_at"]
    for row in rows:
        common = {key: called for key, called in parties.keys(row).items() if key in one.order.subjects}
        to_come = row["expected_at"] is not None and row["expected_at"] >= now
        if common and (row["observed_at"] >= issued or to_come):
            mine.setdefault(row["subject"], []).append(row)
            named.setdefault(row["subject"], {}).update(common)
    for subject, lines in mine.items():
        yield Offer(one, subject, named[subject], tuple(lines), _recorded(one, subject, referrals))


def _recorded(one: Task, subject: str, referrals: Mapping[str, Referral]) -> str | None:
    """The referral of an item that a hit on a lookout names."""
    told = " ".join(row["why"] or "" for row in one.history if row["state"] == "hit")
    return next((id_ for id_, each in referrals.items() if each.subject == subject and id_ in told), None)
