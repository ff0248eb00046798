"""How the watch is kept: who is called in which order, how soon, and standing orders; in `watch.toml`.

roles = ["watch officer", "duty inspector"]    # the chain: an alert that nobody acknowledges goes up it

[roster."watch officer"]                       # who is on call by a published roster
post = "watch officer"                         # the post whose people hold the role while they are on
pool = "operations centre"                     # of that pool; without it, of any

[minutes]                                      # to acknowledge an alert, by flag; the shortest counts
routine = 30
life-at-risk = 2

[[order]]                                      # shown beside every alert that it fits
name = "Life first"
flags = ["life-at-risk"]                       # any of these flags,
words = ["swimmer"]                            # or any of these words in the alert
en = "Call the rescue coordination centre before anything else."
fr = "Appelez le centre de coordination des opérations de sauvetage avant toute autre chose."

[[alert]]                                      # a rule: what it finds in a lead raises an alert
name = "people at risk"
hypothesis = "life-at-risk"                    # leads under this hypothesis,
probability = 0.2                              # as likely as this or more;
# signal = "thin-ice"                          # or those with a signal of this rule,
# strength = "possible"                        # as strong as this or stronger by the weights
flags = ["life-at-risk"]
order = "Life first"                           # shown beside it, whatever that order fits

[alert.task]                                   # what one click offers to give
unit = "rescue"                                # a key of units.toml, a kind of institution, or who may rescue
authority = "Canada Shipping Act, 2001 s. 130" # without it the first of the unit's mandate that fits
minutes = 30
en = "Go to the place and help the people there."
fr = "Rendez-vous sur place et portez secours aux personnes."

[[task]]                                       # what a lead offers to give first, where no rule says so
hypotheses = ["misdeclared-goods"]             # leads under these; none: every other lead
unit = "border-agency"
authority = "Customs Act s. 99"
en = "Examine the goods."
fr = "Examinez les marchandises."
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.casework.flags import FLAGS
from watchfloor.core.messages import Language
from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.messages.catalogue import Catalogue

NAME: Final = "watch.toml"
ROUTINE: Final = "routine"


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A standing order. One without flags and words is shown beside every alert."""

    name: str
    en: str
    fr: str
    flags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def fits(self, flags: Collection[str], text: str) -> bool:
        """Whether it speaks to an alert with these flags and this text."""
        if not self.flags and not self.words:
            return True
        pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, self.words)) + r")(?!\w)"
        named = bool(self.words) and re.search(pattern, text, re.IGNORECASE) is not None
        return named or not set(self.flags).isdisjoint(flags)

    def text(self, language: Language) -> str:
        """Return the text of the order."""
        return self.en if language == "en" else self.fr

    def shown(self, language: Language) -> str:
        """Return its name and what it orders, as a person reads them."""
        return (
            f"{label(Catalogue().word('unit.order.', self.name, language), language)} {self.text(language)}"
        )


def label(text: str, language: Language) -> str:
    """Return a text with the colon that stands after it in the language."""
    return Catalogue().say("common.label", language, label=text)


class TaskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The task that an alert offers to give: to whom, under which law, what is asked and within how long."""

    unit: str
    en: str
    fr: str
    minutes: int = 30
    authority: str = ""

    def text(self, language: Language) -> str:
        """Return what is asked."""
        return self.en if language == "en" else self.fr


class LeadTask(TaskRule, frozen=True, forbid_unknown_fields=True):
    """The task that leads under some hypotheses offer to give; without any, that of every other lead."""

    hypotheses: tuple[str, ...] = ()


class AlertRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule that raises an alert by itself on a lead under a hypothesis, or a lead with a signal of a rule.

    Attributes:
        name: by which an alert says who raised it.
        hypothesis, probability: which leads, and from which probability.
        signal, strength: of which rule a signal is in the lead, and how strong at least; none: any strength.
        flags: dangers that the alert carries.
        hours: how old the newest signal of the lead may be; what is older is history. An exercise has no age.
        order: name of the standing order that is shown beside it.
        task: that it offers to give.
    """

    name: str
    hypothesis: str = ""
    probability: float = 0.0
    signal: str = ""
    strength: str = ""
    flags: tuple[str, ...] = ()
    hours: int = 48
    order: str = ""
    task: TaskRule | None = None


class RosterPost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A post of a published roster, in a pool or in any."""

    post: str
    pool: str = ""


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The chain of roles, lowest first; minutes to acknowledge; orders; rules of alerts; tasks of leads.

    Attributes:
        roster: post of a published roster by role; who is on it is on call.
    """

    roles: tuple[str, ...]
    minutes: Mapping[str, int]
    order: tuple[Order, ...] = ()
    alert: tuple[AlertRule, ...] = ()
    lead_tasks: tuple[LeadTask, ...] = msgspec.field(default=(), name="task")
    roster: Mapping[str, RosterPost] = {}

    def period(self, flags: Collection[str]) -> timedelta:
        """How soon an alert with these flags must be acknowledged."""
        given = [self.minutes[flag] for flag in (*flags, ROUTINE) if flag in self.minutes]
        return timedelta(minutes=min(given))

    def orders(self, flags: Collection[str], text: str, rule: str | None = None) -> list[Order]:
        """The standing orders that fit, in the order of the file, and the one that a rule names."""
        raised = self.rule(rule)
        named = raised.order if raised else ""
        return [order for order in self.order if order.name == named or order.fits(flags, text)]

    def rule(self, name: str | None) -> AlertRule | None:
        """The rule of that name, if the file has it still."""
        return next((one for one in self.alert if one.name == name), None)

    def task(self, rule: str | None, flags: Collection[str]) -> TaskRule | None:
        """The task that an alert offers: its rule's, or of one that a person raised, that of its danger."""
        raised = self.rule(rule)
        if raised is not None:
            return raised.task
        tasks = (one.task for one in self.alert if one.task and not set(one.flags).isdisjoint(flags))
        return next(tasks, None)

    def task_of_lead(self, hypothesis: str) -> tuple[TaskRule, tuple[str, ...]]:
        """Return the task that a lead offers, and the dangers that go with it.

        It is that of the alert rule for its hypothesis, or of the `[[task]]` for it, here or in the package.
        """
        rules = (one for one in self.alert if one.hypothesis == hypothesis and one.task)
        if (rule := next(rules, None)) and rule.task:
            return rule.task, rule.flags
        every = (*self.lead_tasks, *load().lead_tasks)
        named = (one for one in every if hypothesis in one.hypotheses)
        return next(named, None) or next(one for one in every if not one.hypotheses), ()


def load(floor: Path | None = None) -> Watch:
    """The floor's own, or the package's where it has none. Raises `SettingsError`."""
    own = floor / NAME if floor else None
    if own and own.exists():
        return _read_again(read_text(own), str(own))
    return _read_again((files(__package__) / NAME).read_text("utf-8"), NAME)


def read(text: str, name: str) -> Watch:
    """From its text. Raises `SettingsError`, which names the line."""
    file = Settings(text, name)
    watch = file.convert(file.values, Watch)
    for key, problem in _problems(watch):
        raise file.wrong((key,), problem)
    return watch


_read_again = lru_cache(maxsize=8)(read)


def _problems(watch: Watch) -> Iterator[tuple[str, str]]:
    if not watch.roles or not all(map(str.strip, watch.roles)) or len(set(watch.roles)) != len(watch.roles):
        yield "roles", "names at least one role, and each once: without one an alert goes to nobody"
    if ROUTINE not in watch.minutes:
        yield "minutes", "must say how soon a routine alert is acknowledged"
    for flag, minutes in watch.minutes.items():
        if flag not in (*FLAGS, ROUTINE):
            yield "minutes", f"{flag!r} is no flag{nearest(flag, (*FLAGS, ROUTINE))}"
        if minutes < 1:
            yield "minutes", f"{flag} is a number of minutes, 1 or more"
    for role, one in watch.roster.items():
        if role not in watch.roles:
            yield "roster", f"{role!r} is no role of the chain{nearest(role, watch.roles)}"
        if not one.post.strip():
            yield "roster", f"{role}: post is that of a roster, such as {role!r}"
    for order in watch.order:
        for flag in set(order.flags).difference(FLAGS):
            yield "order", f"{flag!r} is no flag{nearest(flag, FLAGS)}"
    for task in watch.lead_tasks:
        if task.minutes < 1:
            yield "task", f"minutes of the task for {task.unit or 'any unit'} is a number, 1 or more"
    for rule in watch.alert:
        for problem in _problems_of(watch, rule):
            yield "alert", f"{rule.name!r}: {problem}"


def _problems_of(watch: Watch, rule: AlertRule) -> Iterator[str]:
    if not rule.name.strip() or [one.name for one in watch.alert].count(rule.name) > 1:
        yield "a rule has a name of its own"
    if bool(rule.hypothesis) == bool(rule.signal):
        yield "a rule looks at a hypothesis or at a signal: give one of the two"
    if not 0 < rule.probability <= 1 and rule.hypothesis:
        yield "probability is above 0 and at most 1"
    if rule.strength and not rule.signal:
        yield "strength is that of a signal"
    for flag in set(rule.flags).difference(FLAGS):
        yield f"{flag!r} is no flag{nearest(flag, FLAGS)}"
    if rule.order and rule.order not in (names := [one.name for one in watch.order]):
        yield f"there is no standing order {rule.order!r}{nearest(rule.order, names)}"
    if rule.task and rule.task.minutes < 1:
        yield "minutes of the task is a number, 1 or more"
