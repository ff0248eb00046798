"""Who has a lead and how far it is: new, taken, watching, tasked or closed with a ground.

Acts are rows in editions, see `life_cycle`. They are kept by the lead's id when it was first acted on, and
found by every id that the matter goes by, so they survive its growing and merging. Two states are of no row:
`tasked` follows from an open task, and a recorded outcome closes a lead or moves it to `watching`. What comes
after a lead was closed opens it again: it is new, nobody's, and its page says what came.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, NamedTuple, get_args

from watchfloor.casework.decisions.conflicts import names
from watchfloor.casework.life_cycle import WorkItem
from watchfloor.casework.tasking.tasks import OPEN, Task
from watchfloor.cell.acts import Post, Row, common, histories, minute, nonempty, refuse, write
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.learning.outcomes import standing as outcomes_of
from watchfloor.core.kinds import TRIAGE
from watchfloor.core.messages import declare
from watchfloor.core.results import RESULTS
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.segments.reading import POSITION

SOURCE: Final = "triage"
State = Literal["new", "taken", "watching", "tasked", "closed"]
Act = Literal["take", "watch", "close", "reopen", "comment"]
Ground = Literal["unfounded", "acted-on", "passed-on", "duplicate", "not-ours"]
GROUNDS: Final = get_args(Ground)
NEEDS_TO: Final = frozenset({"passed-on", "duplicate"})
"""Grounds that name to whom, or of which lead."""

MAKES: Final[Mapping[Act, State]] = {
    "take": "taken",
    "watch": "watching",
    "close": "closed",
    "reopen": "new",
}
"""What each act leaves; a comment leaves everything as it is."""

BY_OUTCOME: Final[Mapping[str, tuple[State, str]]] = {
    **dict.fromkeys(("seized", "arrested", "charged"), ("closed", "acted-on")),
    **dict.fromkeys(("cleared", "unfounded"), ("closed", "unfounded")),
    "not-acted-on": ("closed", "not-ours"),
    **dict.fromkeys(("examined", "not-examined"), ("watching", "")),
}
"""State and ground that a recorded outcome leaves, by its result."""
assert BY_OUTCOME.keys() == RESULTS.keys()

NOT_NOW: Final = declare("cell.triage-not-now", "lead", "act_words", "state_words")
TAKEN: Final = declare("cell.triage-taken", "lead", "by", "at")
NO_GROUND: Final = declare("cell.triage-no-ground", "ground", "grounds")
NO_TO: Final = declare("cell.triage-no-to", "ground_words")

_NAMED: Final = re.compile(r"(?<![\w@])@([\w.-]*\w)")


class Triage(WorkItem):
    """A lead as the last act about it left it."""

    __slots__ = ()
    noun: ClassVar = "lead"
    kind: ClassVar = TRIAGE
    source: ClassVar = SOURCE
    listing: ClassVar = ("lead", "leads")
    after: ClassVar = {
        "new": ("taken", "watching", "closed"),
        "taken": ("taken", "watching", "closed", "new"),
        "watching": ("taken", "closed", "new"),
        "closed": ("new",),
    }
    stale: ClassVar = declare(
        "cell.triage-stale", "lead", "made_on", "edition", "by", "at", "state_words", "why"
    )
    illegal: ClassVar = NOT_NOW


class Records(NamedTuple):
    """Acts, tasks and outcomes that a reader may see, in the order of the log, by the id of their lead."""

    items: Mapping[str, Triage]
    tasks: Mapping[str, Sequence[Task]]
    outcomes: Mapping[str, Sequence[Row]]

    def ids(self) -> set[str]:
        """Return the ids of leads that anything here is about; every other is new."""
        return {*self.items, *self.tasks, *self.outcomes}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a lead is.

    Attributes:
        state: in a word; `owner`: whose it is.
        ground, to: why it was closed, and to whom it went or which it repeats.
        why, by, at: of what left it so; None of one that nobody has touched.
        edition: of its acts, 0 before the first; an act names the one that it was made on.
        news: what has come since it was closed, which opened it again.
        comments: on it, oldest first.
    """

    state: State = "new"
    owner: str | None = None
    ground: str = ""
    to: str = ""
    why: str = ""
    by: str | None = None
    at: datetime | None = None
    edition: int = 0
    news: tuple[Contribution, ...] = ()
    comments: tuple[Row, ...] = ()
    item: Triage | None = None


NEW: Final = Progress()


def records_of(floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> Records:
    """Return what a reader may see of what was done about leads."""
    tasks: defaultdict[str, list[Task]] = defaultdict(list)
    for one in Task.read(floor, reader, as_of).values():
        if one.order.lead:
            tasks[one.order.lead].append(one)
    outcomes = histories(outcomes_of(floor, reader, as_of), "lead")
    return Records(Triage.read(floor, reader, as_of), tasks, outcomes)


def standing(one: Lead, known: Records, now: datetime) -> Progress:
    """Return how far a lead is at a moment; `one` is the head of its matter, or a lead of it."""
    ids, _ = names(one)
    mine = [known.items[id_] for id_ in ids & known.items.keys()]
    item = max(mine, key=lambda each: int(each.last[POSITION]), default=None)
    left, changed = _left(item) if item else (NEW, None)
    came = max((row for id_ in ids for row in known.outcomes.get(id_, ())), key=_position, default=None)
    if came and (changed is None or _position(came) > _position(changed)):
        state, ground = BY_OUTCOME[came["result"]]
        left = replace(left, state=state, ground=ground, to="", why=came["why"] or "", by=came["by"])
        left = replace(left, at=came["observed_at"])
        news = [each for each in one.signals if each.bits > 0 and each.at > came["observed_at"]]
    else:
        had = set(changed["signals"]) if changed else set()
        news = [each for each in one.signals if each.bits > 0 and each.signal_id not in had]
    if left.state == "closed":
        return replace(left, state="new", owner=None, news=tuple(news)) if news else left
    asked = (task for id_ in ids for task in known.tasks.get(id_, ()))
    return replace(left, state="tasked") if any(_is_open(task, now) for task in asked) else left


def _is_open(task: Task, now: datetime) -> bool:
    return task.standing(now) in (*OPEN, "expired")


def _position(row: Row) -> int:
    return int(row[POSITION])


def _left(item: Triage) -> tuple[Progress, Row | None]:
    """Return what the acts alone left, and the last that is no comment."""
    changed = next((row for row in reversed(item.history) if row["act"] != "comment"), None)
    comments = tuple(row for row in item.history if row["act"] == "comment")
    left = Progress(edition=item.edition, comments=comments, item=item)
    if changed is None:
        return left, None
    told: dict[str, Any] = {name: changed[name] or "" for name in ("ground", "to", "why")}
    left = replace(left, state=changed["state"], owner=changed["owner"], **told)
    return replace(left, by=changed["by"], at=changed["observed_at"]), changed


@dataclass(frozen=True, slots=True)
class Wish:
    """An act that somebody wants done about a lead.

    Attributes:
        act: which.
        edition: of the acts that they looked at; None: the present one.
        ground, to: of closing.
        why: in their words; the text of a comment.
        anyway: take it also from another.
    """

    act: Act
    edition: int | None = None
    ground: str = ""
    to: str = ""
    why: str = ""
    anyway: bool = False


def do(post: Post, one: Lead, wish: Wish) -> int:
    """Act on a lead; return the position in the log.

    Raises:
        Conflict: somebody acted since it was looked at.
        Refusal: it may not be done now, is another's, or lacks a ground, or words.
    """
    now = post.writer.moment()
    left = standing(one, records_of(post.floor, post.reader), now)
    if wish.act == "comment":
        text = nonempty(wish.why, "text")
        return _write(post, one, left, wish, now, why=text, mentions=_NAMED.findall(text))
    if wish.edition is not None and left.item is not None:
        left.item.refuse_stale(wish.edition)
    _refuse(post, one, left, wish)
    owner = {"take": post.by, "watch": left.owner or post.by, "close": left.owner or post.by}.get(wish.act)
    had = [each.signal_id for lead in (one, *one.also) for each in lead.signals]
    signals = list(dict.fromkeys(had)) if wish.act == "close" else []
    state = MAKES[wish.act]
    return _write(post, one, left, wish, now, state=state, owner=owner, signals=signals)


def _refuse(post: Post, one: Lead, left: Progress, wish: Wish) -> None:
    """Refuse what may not follow, what is another's, and closing without its ground."""
    state = "taken" if left.state == "tasked" else left.state
    idle = wish.act == "take" and state == "taken" and left.owner == post.by
    if idle or MAKES[wish.act] not in Triage.after[state]:
        refuse(NOT_NOW, lead=one.lead_id, act_words=wish.act, state_words=left.state)
    if wish.act == "take" and left.owner not in (None, post.by) and wish.edition is None and not wish.anyway:
        refuse(TAKEN, lead=one.lead_id, by=left.owner, at=minute(left.at) if left.at else "")
    if wish.act == "close" and wish.ground not in GROUNDS:
        refuse(NO_GROUND, ground=wish.ground, grounds=", ".join(GROUNDS))
    if wish.act == "close" and wish.ground in NEEDS_TO and not wish.to.strip():
        refuse(NO_TO, ground_words=wish.ground)


def _write(post: Post, one: Lead, left: Progress, wish: Wish, now: datetime, **made: object) -> int:
    id_ = left.item.id if left.item else one.lead_id
    stored = "taken" if left.state == "tasked" else left.state
    row = common(SOURCE, id_, one.marking, now) | {
        "lead": id_,
        "subjects": list(one.subjects or (one.subject,)),
        "act": wish.act,
        "state": stored,
        "edition": max(left.edition, 1) if wish.act == "comment" else left.edition + 1,
        "owner": left.owner,
        "ground": wish.ground or None if wish.act == "close" else None,
        "to": wish.to.strip() or None if wish.act == "close" else None,
        "why": wish.why.strip() or None,
        "mentions": [],
        "signals": [],
        "by": post.by,
    }
    return write(post.writer, TRIAGE, row | made)
