"""Development questions that were answered wrongly, for whoever improves the screener."""

import csv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.listings.peers import Answer
from benchmarks.listings.questions import Question
from benchmarks.listings.verdicts import Judged, says_tier

COLUMNS = ("group", "script", "stock", "name", "schema", "birth_date", "base", "truth", "truth_hit", "hits")

NO_MATCH = {"weak alias", "other birth date"}
"""Groups whose true entity must be shown, but not as a match."""


def wrong(question: Question, answers: list[Answer]) -> bool:
    """Whether the tiers say anything but what the question's group asks for."""
    matches = [answer.entity_id for answer in answers if says_tier(answer)]
    if question.group == "namesake":
        return False
    if question.truth is None:
        return bool(matches)
    return (question.truth in matches) == (question.group in NO_MATCH)


def cells(q: Question, answers: list[Answer]) -> tuple[str | None, ...]:
    own = next((f"{a.score:.3f} {a.tier}" for a in answers if a.entity_id == q.truth), "")
    hits = "; ".join(f"{a.entity_id} {a.score:.3f} {a.tier}" for a in answers[:3])
    return (q.group, q.script, q.stock, q.name, q.schema, q.birth_date, q.base, q.truth, own, hits)


def write(path: Path, judged: Iterable[Judged]) -> None:
    """All failing development questions as CSV, with the three best hits of each."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        rows.writerows(cells(q, a) for q, a in judged if q.half == "development" and wrong(q, a))
