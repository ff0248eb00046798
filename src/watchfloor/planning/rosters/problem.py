"""Problems of rosters: people with their rules and past, shifts, and demand.

Rules are data. Each says which clause it is of and what a breach costs; a rule without a price must be
kept. Rules of published instances and of collective agreements are written in the same kinds: six of one
person's row, and one of who works beside whom. The solver knows no other.
"""

from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.int16]
"""People by days: number of the post that each works on a day, 0 for none."""

OFF: Final = 0
UNKNOWN: Final = -1
"""A day of the past on which somebody worked a shift that is not known."""


class Shift(msgspec.Struct, frozen=True):
    """A shift, or what a shift is on some days: at a change of the clocks it is longer or shorter.

    Attributes:
        name: as people write it; a shift and what it is on other days share it.
        minutes: of paid work.
        start: its first minute of the day, where that is known.
        length: minutes from its first to its last, where they are known.
        days: on which it can be worked; none: on every day.
    """

    name: str
    minutes: int
    start: int | None = None
    length: int | None = None
    days: frozenset[int] | None = None


class Post(msgspec.Struct, frozen=True):
    """Work of somebody on a day: a shift (its number, from 1), in a skill."""

    shift: int
    skill: str = ""


class Rule(msgspec.Struct, frozen=True, tag_field="kind"):
    """A rule that one person's row is held to.

    Attributes:
        clause: where it stands: the section of an agreement, or the name of the rule in an instance.
        price: what one unit of breach costs; none: it must be kept.
    """

    clause: str
    price: int | None = None


class Total(Rule, frozen=True, tag="total"):
    """How many days, or minutes, of some shifts lie in the period, or in each window of so many days.

    Attributes:
        shifts: numbers of shifts that count; empty: all of them.
        least, most: bounds, both kept; none: unbounded.
        minutes: whether minutes of work count instead of days.
        window: days of each window, which may begin in the past; 0: the whole period and what was before it.
    """

    shifts: frozenset[int] = frozenset()
    least: int | None = None
    most: int | None = None
    minutes: bool = False
    window: int = 0


class Run(Rule, frozen=True, tag="run"):
    """How many consecutive days of some shifts there are at least and at most.

    A run that reaches the end of the period is never too short: it may go on. So is one at its start where
    nothing of the past is known. Days by which a run was too long already count in the past, not again.

    Attributes:
        shifts: numbers of shifts that a day must be of; empty: any shift. `OFF` is a day off.
    """

    shifts: frozenset[int] = frozenset()
    least: int | None = None
    most: int | None = None


class Succession(Rule, frozen=True, tag="succession"):
    """Shifts that may not be worked on the day after a shift."""

    first: int = OFF
    following: frozenset[int] = frozenset()


class Weekends(Rule, frozen=True, tag="weekends"):
    """How many weekends, Saturday or Sunday, are worked at most in the period, with those before it."""

    most: int = 0


class WholeWeekend(Rule, frozen=True, tag="whole-weekend"):
    """A weekend is worked on both of its days or on none."""


class Wish(Rule, frozen=True, tag="wish"):
    """One day that is to be worked, or not, in some shifts; empty: in any."""

    day: int = 0
    shifts: frozenset[int] = frozenset()
    wanted: bool = False


AnyRule = Total | Run | Succession | Weekends | WholeWeekend | Wish


class Link(Rule, frozen=True, tag="link"):
    """How many of some others work the shift that a person works, at the same time and place.

    A recruit and coaches, a dog and its handler: at least one. People who are kept apart: at most none.

    Attributes:
        person, others: numbers of people, from 0.
        shifts: of the person, on which it holds; empty: any.
        least, most: how many of the others, both kept; none: unbounded.
        days: on which it holds; none: on all.
    """

    person: int = 0
    others: frozenset[int] = frozenset()
    shifts: frozenset[int] = frozenset()
    least: int | None = None
    most: int | None = None
    days: frozenset[int] | None = None

    def holds_on(self, day: int) -> bool:
        """Return whether it holds on a day."""
        return self.days is None or day in self.days


class Demand(msgspec.Struct, frozen=True):
    """How many are needed on a day, in a shift and a skill, or at an hour, in all shifts that cover it.

    Attributes:
        day: from 0.
        post: the shift and skill.
        least, most: how many, both kept; none: unbounded.
        under, over: what each one too few or too many costs; none: there must be no such.
        clause: what it is called.
        also: further days and posts whose people count.
        what: what is short, in a breach; empty: the shift and skill.
    """

    day: int
    post: Post
    least: int | None
    most: int | None
    under: int | None
    over: int | None
    clause: str
    also: tuple[tuple[int, Post], ...] = ()
    what: str = ""

    def cells(self) -> tuple[tuple[int, Post], ...]:
        """Return each day and post whose people count."""
        return (self.day, self.post), *self.also


@dataclass(frozen=True)
class Person:
    """Somebody who may be put on the roster.

    Attributes:
        name: as the instance has it.
        posts: numbers, from 1, of the posts that they are qualified for.
        rules: what their row must meet, wishes and leave included.
        past: their last days before the period, numbers of shifts; empty: nothing is known.
        before: what of a clause counts from before the period: assignments, weekends.
        barred: days and posts of theirs for which they are not qualified on that day.
    """

    name: str
    posts: frozenset[int]
    rules: tuple[AnyRule, ...]
    past: tuple[int, ...] = ()
    before: dict[str, int] = field(default_factory=dict)
    barred: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Problem:
    """A roster to be made.

    Attributes:
        days: of the period, which begins on `weekday` (Monday is 0).
        shifts, posts: numbers in grids and rules are their places in these, from 1.
        links: rules of who works beside whom.
    """

    name: str
    days: int
    shifts: tuple[Shift, ...]
    posts: tuple[Post, ...]
    people: tuple[Person, ...]
    demand: tuple[Demand, ...]
    weekday: int = 0
    links: tuple[Link, ...] = ()

    def shift_of_post(self) -> Grid:
        """Return the number of the shift of each post, 0 for none."""
        return np.array([OFF, *(post.shift for post in self.posts)], np.int16)

    def called(self, number: int) -> str:
        """Return what a post is called: its shift, and what it is for."""
        post = self.posts[number - 1]
        return "/".join(filter(None, (self.shifts[post.shift - 1].name, post.skill)))

    def weekends(self) -> list[tuple[int, ...]]:
        """Return the days of each weekend of the period, which may have lost one at its edge."""
        days: dict[int, list[int]] = {}
        for day in range(self.days):
            if (self.weekday + day) % 7 >= 5:
                days.setdefault((self.weekday + day) // 7, []).append(day)
        return [tuple(each) for each in days.values()]
