"""From answers to rates: thresholds at a cap of false positives, recall, alarms by script."""

from collections.abc import Callable, Iterable, Sequence

from benchmarks.listings.peers import Answer
from benchmarks.listings.questions import Question

Judged = tuple[Question, list[Answer]]
Says = Callable[[Answer], bool]
"""Whether a hit counts as a match."""


def says_tier(answer: Answer) -> bool:
    """As shipped: the screener's own tier."""
    return answer.tier == "match"


def strength(answer: Answer) -> float:
    """What a threshold is laid on: the score, unless the screener itself calls the hit less than a match."""
    return answer.score if answer.tier in {"", "match"} else 0.0


def above(threshold: float) -> Says:
    return lambda answer: strength(answer) > threshold


def alarms(judged: Iterable[Judged], says: Says) -> float:
    """Share of questions with any match at all."""
    flags = [any(map(says, answers)) for _, answers in judged]
    return sum(flags) / len(flags) if flags else float("nan")


def recall(judged: Iterable[Judged], says: Says) -> float:
    """Share of questions whose true entity is a match among the hits shown."""
    flags = [any(a.entity_id == q.truth and says(a) for a in answers) for q, answers in judged]
    return sum(flags) / len(flags) if flags else float("nan")


def cap(negatives: Iterable[Judged], rate: float) -> float:
    """The lowest threshold above which at most `rate` of the negatives have a hit."""
    scores = sorted((max(map(strength, answers), default=0.0) for _, answers in negatives), reverse=True)
    return scores[int(rate * len(scores))] if scores else 0.0


def pick(judged: Sequence[Judged], half: str, group: str, script: str = "") -> list[Judged]:
    """Questions of a half and group, of one script if it is given."""
    return [(q, a) for q, a in judged if q.half == half and q.group == group and script in {"", q.script}]
