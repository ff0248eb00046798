"""Sections of the line: impact level, confidence, quality of data, and what is asked about them.

The terms are those of EUROSUR: border sections and their impact levels (Regulation (EU) 2019/1896, articles
30 and 34), confidence, quality of data and requests for information (Implementing Regulation (EU) 2021/581,
articles 14, 16, 17 and 22). A person sets the impact level, with a reason. The two others are computed here,
by a rule of ours:

- confidence that what crossed was seen: the probability that a walker (on water: a boat) is seen, on average
  over the kilometres and hours. High from .6, medium from .3.
- quality of data: share of the kilometres and hours that something looks at for which the weather and the
  ground before it are known. High from .9, medium from .5. Where nothing looks it is low.

A request for information is a task with a deadline, whose subject is the section; its answer is the reason
with which the task is done or refused.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Final, Literal, NamedTuple, get_args

import numpy as np

from watchfloor.casework.life_cycle import Done, WorkItem
from watchfloor.casework.tasking.tasks import Task
from watchfloor.cell.acts import NotFound, Post, common, nonempty, refuse, write
from watchfloor.core.kinds import SECTION
from watchfloor.core.messages import declare, reason
from watchfloor.core.subjects import Subject, subject
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.estimate import Coverage
from watchfloor.planning.coverage.schedule import EYES, Section

SOURCE: Final = "sections"
Level = Literal["low", "medium", "high", "critical"]
LEVELS: Final = get_args(Level)
NO_LEVEL: Final = "none"
CONFIDENCE: Final = ((0.6, "high"), (0.3, "medium"), (0.0, "low"))
QUALITY: Final = ((0.9, "high"), (0.5, "medium"), (0.0, "low"))

NO_SECTION: Final = declare("coverage.no-section", "name", "names")
NEVER_SET: Final = declare("coverage.never-set", "section")


class Impact(WorkItem):
    """The impact level of a section, as the last act left it."""

    __slots__ = ()
    noun: ClassVar = "section"
    kind: ClassVar = SECTION
    source: ClassVar = SOURCE
    listing: ClassVar = ("section", "coverage sections")
    after: ClassVar = {
        one: tuple(other for other in (*LEVELS, NO_LEVEL) if other != one) for one in (*LEVELS, NO_LEVEL)
    }
    stale: ClassVar = declare(
        "coverage.impact-stale", "section", "made_on", "edition", "by", "at", "state_words", "why"
    )
    illegal: ClassVar = declare("coverage.impact-same", "section", "state_words")

    @property
    def deadline(self) -> datetime | None:
        """Return None: a level holds until another is set."""
        return None

    @property
    def before(self) -> str:
        """Return the level before the last act."""
        return str(self.history[-2]["state"]) if len(self.history) > 1 else NO_LEVEL


class Evidence(NamedTuple):
    """Confidence and quality of data of a section, each as a share and a level."""

    seen: float
    confidence: str
    known: float
    quality: str


def pick(sections: Iterable[Section], name: str) -> Section:
    """Return a section by its name. Raises `NotFound`."""
    found = {one.name: one for one in sections}
    if name not in found:
        raise NotFound(reason(NO_SECTION, name=name, names=", ".join(found) or "–"))
    return found[name]


def set_level(post: Post, section: Section, level: str, edition: int | None, why: str) -> Done[Impact]:
    """Set the impact level of a section.

    Raises:
        Conflict: somebody set another since the edition that was looked at.
        Refusal: it has that level, or there is no reason.
    """
    return _act(post, section, "set", level, edition, why)


def restore(post: Post, section: Section, edition: int | None, why: str) -> Done[Impact]:
    """Put the impact level back to what it was before the last act. Raises as `set_level`."""
    present = Impact.read(post.floor, post.reader).get(section.name)
    if present is None:
        refuse(NEVER_SET, section=section.name)
    return _act(post, section, "restored", present.before, edition, why)


def _act(post: Post, section: Section, act: str, level: str, edition: int | None, why: str) -> Done[Impact]:
    present, now = Impact.read(post.floor, post.reader).get(section.name), post.writer.moment()
    number = 0
    if present is not None:
        number = present.edition
        present.check(edition or number, level, now)
    row = common(SOURCE, section.name, section.marking, now) | {
        "section": section.name,
        "act": act,
        "state": level,
        "edition": number + 1,
        "why": nonempty(why, "why"),
        "by": post.by,
    }
    position = write(post.writer, SECTION, row)
    return Done(Impact.read(post.floor, post.reader)[section.name], position, now)


def subject_of(section: Section) -> Subject:
    """Return the key by which tasks are about a section."""
    return subject("place", "section", section.name)


def requests(tasks: Iterable[Task], section: Section) -> list[Task]:
    """Return what was asked about a section, the last first."""
    mine = [one for one in tasks if subject_of(section) in one.order.subjects]
    return sorted(mine, key=lambda one: one.first["observed_at"], reverse=True)


def evidence(found: Coverage, section: Section) -> Evidence:
    """Return how much of a section is seen, and how much is known of what limits that."""
    first, last = int(section.km[0]), min(int(np.ceil(section.km[1])), len(found.where))
    water = np.array([found.where.stretch(km).ground != "land" for km in range(first, last)])
    names = list(CROSSERS)
    chance = found.table.probability[:, first:last]
    seen = np.where(water[:, None], chance[names.index("boat")], chance[names.index("walker")])
    looked = np.zeros(found.table.shape, bool)
    ground = np.ones(found.table.shape, bool)
    for name, part in found.table.parts.items():
        looked[part.km, part.hour] = True
        asset = found.fleet.get(name)
        if asset is not None and asset.kind in EYES:
            sight = found.conditions.sight(asset)
            if sight is None or sight.known < 1:
                ground[part.km, part.hour] = False
    known = ground & looked
    if found.conditions.weather is not None:
        known &= ~np.isnan(found.conditions.weather.visibility)
    count = int(np.count_nonzero(looked[first:last]))
    share = float(np.count_nonzero(known[first:last]) / count) if count else 0.0
    mean = float(seen.mean()) if seen.size else 0.0
    return Evidence(mean, _level(mean, CONFIDENCE), share, _level(share, QUALITY))


def _level(value: float, table: tuple[tuple[float, str], ...]) -> str:
    return next(name for least, name in table if value >= least)
