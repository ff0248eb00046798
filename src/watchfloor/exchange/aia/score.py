"""The Algorithmic Impact Assessment of the Directive on Automated Decision-Making, scored as officially.

`aia.toml` is the table: the official ids, points and conditions, in our own words. Raw impact is the sum of
the points answered; where the mitigation reaches 80 % of its highest, 15 % of the raw impact comes off,
rounded to the nearest whole number, a half up; the level follows from its share of the highest raw impact.

Two things the official program does are kept, since they decide at the edges: the highest raw impact counts
every question, also those that do not apply, and the levels end at 25, 50 and 75 % of it, limit included.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from watchfloor.core.messages import Language, Reason, declare, reason

Phase = Literal["design", "implementation"]
Answer = str | list[str]

FILE: Final = "aia.toml"
DRAFTED: Final = "watchfloor, not confirmed"
"""Who a drafted answer is by until a person puts a name to it."""

ROMAN: Final = ("I", "II", "III", "IV")
"""How levels are written."""

NO_TEXT: Final = declare("aia.no-text", "file")
NO_ASSESSMENT: Final = declare("aia.no-assessment", "file", "problem")
OTHER_VERSION: Final = declare("aia.other-version", "file", "found", "wanted")
UNKNOWN: Final = declare("aia.unknown-question", "question")
UNKNOWN_NEAR: Final = declare("aia.unknown-question-near", "question", "near")
UNANSWERED: Final = declare("aia.unanswered", "question", "text", "office")
SEVERAL: Final = declare("aia.takes-several", "question", "choice")
SINGLE: Final = declare("aia.takes-one", "question", "choice")
NO_ANSWER: Final = declare("aia.no-such-answer", "question", "word", "choice")
BY_NOBODY: Final = declare("aia.answered-by-nobody", "question")
UNCONFIRMED: Final = declare("aia.unconfirmed", "question", "because")


class AssessmentError(ValueError):
    """An assessment that cannot be scored; `problems`: each question and what to do about it."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question of the assessment that has points, or decides whether another is asked.

    Attributes:
        id: of the official tool, without the phase.
        area: of the assessment.
        counts: towards raw impact or mitigation.
        text: what is asked, in our words.
        fr: the same in French.
        asks: who is to answer, a key of `Table.asks`.
        answers: our word for each answer, and the official value with its points behind the hyphen.
        several: whether several answers may be given; their points add up.
        when: the answers to another question that make it apply.
        phase: the one phase that it is asked in; empty for both.
    """

    id: str
    area: str
    counts: Literal["impact", "mitigation"]
    text: str
    fr: str
    asks: str
    answers: dict[str, str]
    several: bool = False
    when: dict[str, list[str]] = {}
    phase: str = ""

    @property
    def points(self) -> dict[str, int]:
        """Points of each answer."""
        return {word: points(value) for word, value in self.answers.items()}

    @property
    def highest(self) -> int:
        """The most points that it can give."""
        return sum(self.points.values()) if self.several else max(self.points.values())


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is to answer, in both languages."""

    en: str
    fr: str


class Obligation(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """An obligation of the Directive in an area, from a level on, in both languages."""

    area: str
    from_: int
    en: str
    fr: str


class Source(msgspec.Struct, frozen=True):
    """Where the table comes from, and when it was read."""

    name: str
    version: str
    date: str
    file: str
    read: str


class Scoring(msgspec.Struct, frozen=True):
    """Shares of the highest raw impact that end a level; what mitigation takes off, from which share on."""

    levels: tuple[float, ...]
    enough: float
    reduction: float


class Table(msgspec.Struct, frozen=True):
    """The assessment as data."""

    source: Source
    scoring: Scoring
    asks: dict[str, Office]
    question: tuple[Question, ...]
    obliges: tuple[Obligation, ...]

    @property
    def by_id(self) -> dict[str, Question]:
        """Questions by their id, in the table's order."""
        return {one.id: one for one in self.question}

    def highest(self, counts: str) -> int:
        """The most points there are, whether a question applies or not, as the official tool reckons."""
        return sum(one.highest for one in self.question if one.counts == counts)


class AnswerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer in an assessment's file: what is answered, by whom, and why."""

    answer: Answer = ""
    by: str = ""
    because: str = ""


class Assessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An assessment's file."""

    tool: str
    phase: Phase
    answers: dict[str, AnswerEntry] = {}
    project: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of an assessment.

    Attributes:
        raw: points of impact.
        highest: the most that are possible.
        mitigation: points of mitigation.
        highest_mitigation: the most that are possible in one phase.
        current: what is left of the raw impact.
        level: 1 to 4.
    """

    raw: int
    highest: int
    mitigation: int
    highest_mitigation: int
    current: int
    level: int

    @property
    def reduced(self) -> bool:
        """Whether the mitigation was enough."""
        return self.current < self.raw


class Duty(NamedTuple):
    """An obligation of a level in one area."""

    area: str
    en: str
    fr: str


@cache
def table() -> Table:
    """The packaged table."""
    return msgspec.toml.decode((files(__package__) / FILE).read_bytes(), type=Table)


def points(value: str) -> int:
    """Points of an official value: the number behind its last hyphen, or none."""
    found = re.search(r"-(\d+)$", value)
    return int(found[1]) if found else 0


def read(path: Path, language: Language = "en") -> Assessment:
    """An assessment's file.

    Raises:
        AssessmentError: it is no TOML, of another version of the tool, or has fields that nobody knows; said
            in that language.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AssessmentError([reason(NO_TEXT, file=str(path)).render(language)]) from error
    try:
        found = msgspec.convert(tomllib.loads(text), Assessment)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        problem = reason(NO_ASSESSMENT, file=str(path), problem=str(error))
        raise AssessmentError([problem.render(language)]) from error
    if found.tool != table().source.version:
        why = reason(OTHER_VERSION, file=str(path), found=found.tool, wanted=table().source.version)
        raise AssessmentError([why.render(language)])
    return found


def score(found: Assessment, language: Language = "en") -> Score:
    """Score a complete assessment.

    Raises:
        AssessmentError: a question is unanswered, unknown or has an unknown answer; each is named, in that
            language.
    """
    if problems := [one.render(language) for one in _problems(found, language)]:
        raise AssessmentError(problems)
    chosen = {id_: words(given.answer) for id_, given in found.answers.items()}
    return scored(chosen, found.phase)


def scored(chosen: Mapping[str, Sequence[str]], phase: str) -> Score:
    """Score what is answered, complete or not; what does not apply counts nothing."""
    sums = {"impact": 0, "mitigation": 0}
    for one in applying(chosen, phase):
        sums[one.counts] += sum(one.points[word] for word in chosen.get(one.id, ()))
    return result(sums["impact"], sums["mitigation"])


def result(raw: int, mitigation: int) -> Score:
    """Compute the scores and the level from the two sums."""
    rules, highest, most = table().scoring, table().highest("impact"), table().highest("mitigation")
    enough = mitigation >= Fraction(str(rules.enough)) * most
    current = _half_up(raw * (1 - Fraction(str(rules.reduction)))) if enough else raw
    level = 1 + sum(current > Fraction(str(share)) * highest for share in rules.levels)
    return Score(raw, highest, mitigation, most, current, level)


def applying(chosen: Mapping[str, Sequence[str]], phase: str) -> Iterator[Question]:
    """Questions that apply, given the other answers, in the table's order."""
    for one in table().question:
        hangs = all(set(chosen.get(other, ())) & set(wanted) for other, wanted in one.when.items())
        if one.phase in ("", phase) and hangs:
            yield one


def duties(level: int) -> list[Duty]:
    """Return the obligations of a level, area by area (the Directive, Appendix C)."""
    found: dict[str, Duty] = {}
    for one in table().obliges:
        if one.from_ <= level:
            found[one.area] = Duty(one.area, one.en, one.fr)
    return list(found.values())


def words(answer: Answer) -> list[str]:
    """The answers of a question as a list; of none an empty one."""
    return answer if isinstance(answer, list) else [answer] if answer else []


def _problems(found: Assessment, language: Language) -> Iterator[Reason]:
    known = table().by_id
    for id_ in found.answers.keys() - known.keys():
        near = get_close_matches(id_, known, 1)
        yield reason(UNKNOWN_NEAR, question=id_, near=near[0]) if near else reason(UNKNOWN, question=id_)
    chosen = {id_: words(given.answer) for id_, given in found.answers.items() if id_ in known}
    for one in applying(chosen, found.phase):
        yield from _wrong(one, found.answers.get(one.id, AnswerEntry()), language)


def _wrong(one: Question, given: AnswerEntry, language: Language) -> Iterator[Reason]:
    if given.answer == "":
        asks = table().asks[one.asks]
        text, office = (one.text, asks.en) if language == "en" else (one.fr, asks.fr)
        yield reason(UNANSWERED, question=one.id, text=text, office=office)
        return
    if isinstance(given.answer, list) != one.several:
        yield reason(SEVERAL if one.several else SINGLE, question=one.id, choice=_choice(one))
        return
    for word in words(given.answer):
        if word not in one.answers:
            yield reason(NO_ANSWER, question=one.id, word=word, choice=_choice(one))
    if not given.by.strip():
        yield reason(BY_NOBODY, question=one.id)
    if given.by == DRAFTED:
        yield reason(UNCONFIRMED, question=one.id, because=given.because)


def _choice(one: Question) -> str:
    return ", ".join(one.answers)


def _half_up(number: Fraction) -> int:
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)


def unanswered(found: Assessment) -> Iterable[Question]:
    """Questions that apply and have no answer yet."""
    chosen = {id_: words(given.answer) for id_, given in found.answers.items()}
    return (
        one for one in applying(chosen, found.phase) if found.answers.get(one.id, AnswerEntry()).answer == ""
    )
