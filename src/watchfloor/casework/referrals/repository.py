"""Referrals on a floor: read behind the writer's lock, checked, and written in one commit each."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from watchfloor.casework.life_cycle import Done, act, at_least
from watchfloor.casework.referrals import drafting, grounds, life, powers, record_builders, refusals
from watchfloor.casework.referrals.items import NOTHING, Item, items
from watchfloor.casework.referrals.life import Change, ExaminationResult, Pick, Referral
from watchfloor.casework.referrals.powers import Power, Stream
from watchfloor.cell.acts import Post, Refusal, Row, minute, nonempty, refuse, write_all
from watchfloor.core.kinds import INSPECTION
from watchfloor.core.marking import join
from watchfloor.core.messages import Reason, declare

NOBODY_SAID: Final = declare("referrals.nobody-said", "deadline")


class Left(NamedTuple):
    """A pick that was not referred, and why."""

    pick: Pick
    why: Reason


class Referred(NamedTuple):
    """Result of a round of picks: referrals made, picks left, and the position in the log (None: nothing was
    written).
    """

    made: tuple[Referral, ...]
    left: tuple[Left, ...]
    position: int | None


def refer(post: Post, picks: Sequence[Pick]) -> Referred:
    """Refer items, each checked by itself, all that may be in one commit.

    A pick whose item is referred already and has no end, or that asks for what the law does not give, is left
    with its reason. Raises `Refusal` only where the floor may not hold what is written.
    """
    now, table = post.writer.moment(), powers.load(post.floor.root)
    known = items(post.floor, post.reader, [one.subject for one in picks])
    open_now: defaultdict[str, list[Referral]] = defaultdict(list)
    for each in Referral.read(post.floor, post.reader).values():
        if each.standing(now) in life.OPEN:
            open_now[each.subject].append(each)
    rows: list[Row] = []
    left: list[Left] = []
    for one in picks:
        try:
            row = _row(post, table, one, known.get(one.subject, NOTHING), now)
            _free(open_now[row["subject"]], row)
        except Refusal as error:
            left.append(Left(one, error.reason))
            continue
        open_now[row["subject"]].append(Referral((row,)))
        rows.append(row)
    if not rows:
        return Referred((), tuple(left), None)
    position = write_all(post.writer, INSPECTION, rows)
    return Referred(tuple(Referral((row,)) for row in rows), tuple(left), position)


def refer_one(post: Post, one: Pick) -> Done[Referral]:
    """Refer an item. Raises `Refusal`."""
    done = refer(post, [one])
    if done.position is None:
        raise Refusal(done.left[0].why)
    return Done(done.made[0], done.position, done.made[0].at)


def amend(
    post: Post,
    start: str,
    change: Change,
    why: str | None,
    badge: str | None = None,
    edition: int | None = None,
) -> Done[Referral]:
    """Change the means, the grounds, the deadline or the unit; the law is asked again. Raises `Refusal`."""

    def make(one: Referral, on: int, by: str, now: datetime) -> Row:
        checked = _lawful(post, one, change, badge, now)
        return record_builders.amended(one, on, checked, by, now, why)

    return act(post, Referral, start, edition, make)


def withdraw(post: Post, start: str, why: str | None, edition: int | None = None) -> Done[Referral]:
    """Take a referral back. Raises `Refusal`."""
    return act(post, Referral, start, edition, partial(record_builders.withdrawn, why=why))


def examined(
    post: Post,
    start: str,
    what: ExaminationResult,
    words: str | None = None,
    badge: str | None = None,
    edition: int | None = None,
) -> Done[Referral]:
    """Say what an examination gave. Mail that was opened has grounds: on the referral, or in `words`."""

    def make(one: Referral, on: int, by: str, now: datetime) -> Row:
        change = _lawful(post, one, Change(what.means, grounds=words), badge, now)
        row = record_builders.examined(one, on, what, by, now)
        return row | {"grounds": change.grounds or row["grounds"]}

    return act(post, Referral, start, edition, make)


def not_examined(
    post: Post, start: str, cause: str, words: str | None, edition: int | None = None
) -> Done[Referral]:
    """Say why an item was not examined. Raises `Refusal`."""
    return act(
        post, Referral, start, edition, partial(record_builders.not_examined, cause=cause, words=words)
    )


def expire(post: Post) -> list[Referral]:
    """Put on record that the clock ended every referral whose deadline is past and whose end nobody told."""
    now = post.writer.moment()
    found = Referral.read(post.floor, post.reader).values()
    late = [one for one in found if one.state in life.OPEN and one.standing(now) == "expired"]
    if not late:
        return []
    write_all(
        post.writer, INSPECTION, [record_builders.expired(one, NOBODY_SAID, post.by, now) for one in late]
    )
    after = Referral.read(post.floor, post.reader)
    return [after[one.id] for one in late]


def _row(post: Post, table: powers.Powers, one: Pick, item: Item, now: datetime) -> Row:
    """The record of a pick, under a section that covers it; grounds are asked for where that section does."""
    key = record_builders.item_key(one.subject)
    stream = Stream(one.mode or item.stream.mode, one.direction or item.stream.direction)
    power = powers.power(table, key, stream, now.date(), one.law)
    given, marking = _grounds(post, key, power, one.means, one.grounds, one.badge)
    marked = at_least(at_least(marking, item.marking) if item.marking else marking, one.marking)
    pick_ = one._replace(grounds=given, document=one.document or item.document)
    return record_builders.referred(pick_, table.cited(power), marked, post.by, now, post.floor.key)


def _free(open_now: Sequence[Referral], row: Row) -> None:
    """Refuse an item that is referred already; a container under another document is another consignment."""
    for other in open_now:
        if not row["document"] or other.last["document"] in (None, row["document"]):
            told = {"by": other.last["by"], "at": minute(other.last["observed_at"])}
            refuse(refusals.OPEN_ALREADY, subject=row["subject"], referral=other.id, **told)


def _lawful(post: Post, one: Referral, change: Change, badge: str | None, now: datetime) -> Change:
    """A change with grounds as they are kept. Refused where the law asks for grounds that nobody stated."""
    table = powers.load(post.floor.root)
    power = powers.named(table, one.last["authority"])
    if power is None:  # the floor's table is another since
        item = items(post.floor, post.reader, [one.subject]).get(one.subject, NOTHING)
        power = powers.power(table, one.subject, item.stream, now.date())
    means = change.means or one.last["means"]
    if not change.grounds and power.asks(means) and grounds.split(one.last["grounds"])[1]:
        return change
    given, marking = _grounds(post, one.subject, power, means, change.grounds, badge)
    if marking and join([one.marking, marking]) != one.marking:
        refuse(refusals.ABOVE_MARKING, marking=join([one.marking, marking]), standing=one.marking)
    return change._replace(grounds=given)


def _grounds(
    post: Post, subject: str, power: Power, means: str, words: str | None, badge: str | None
) -> tuple[str | None, str | None]:
    """Grounds as they are kept, and the marking of the facts that an officer had before him; None for none.

    Where a section asks for suspicion, grounds are an officer's own words with his badge; elsewhere a text is
    kept as it is.
    """
    if not (words or "").strip():
        if power.asks(means):
            refuse(refusals.NEEDS_GROUNDS, section=power.section, subject=subject)
        return None, None
    if not power.asks(means) and not (badge and power.opens == "suspicion"):
        return nonempty(words, "grounds"), None
    facts = drafting.draft(post.floor, post.reader, subject)
    return grounds.stated(words, badge, facts.every_sentence()), facts.marking
