"""Merges: what people decided about two subjects being one, read from the judgements and undone by one.

A merge is a `judgement` record like any other. The last one about a pair of subjects stands: `same` joins
their leads, `different` holds them apart whatever any rule says, `withdrawn` leaves it to the rules again.
Nothing is changed in place: a merge undone leaves exactly the leads that there were, and both acts on record.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

from watchfloor.cell.judgements import SOURCE, Judgement
from watchfloor.core.kinds import JUDGEMENT
from watchfloor.core.marking import join
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.store.writer import Writer

Verdict = Literal["same", "different", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The judgement that stands about two subjects.

    Attributes:
        one, other: the subjects, in order of their text.
        verdict: of the last judgement.
        by, why, at: whose it is, the reason, when.
        record_id: of the judgement.
        marking: of the judgement.
    """

    one: str
    other: str
    verdict: str
    by: str
    why: str
    at: datetime
    record_id: bytes
    marking: str

    def concerns(self, subjects: Iterable[str]) -> bool:
        """Whether it is about one of these subjects."""
        return not {self.one, self.other}.isdisjoint(subjects)


def standing(judgements: pa.Table, now: datetime) -> list[Pair]:
    """The pairs about which a judgement stands, by their subjects; what expired by `now` does not."""
    last: dict[tuple[str, str], Pair] = {}
    for pair, expires in sorted(_pairs(judgements), key=lambda found: (found[0].at, found[0].record_id)):
        place = pair.one, pair.other
        if pair.verdict == "withdrawn" or (expires is not None and expires <= now):
            last.pop(place, None)
        else:
            last[place] = pair
    return [last[place] for place in sorted(last)]


def _pairs(judgements: pa.Table) -> Iterator[tuple[Pair, datetime | None]]:
    for row in judgements.to_pylist():
        if _is_subject(row["about"]) and row["about"] != row["subject"]:
            one, other = sorted((row["subject"], row["about"]))
            yield (
                Pair(
                    one,
                    other,
                    row["verdict"],
                    row["decided_by"],
                    row["why"],
                    row["observed_at"],
                    row["record_id"],
                    row["marking"],
                ),
                row["expires_at"],
            )


def _is_subject(key: str) -> bool:
    """Judgements are about listed entities too, whose keys are no subjects."""
    try:
        parts(key)
    except SubjectError:
        return False
    return True


def judge_pair(writer: Writer, pair: tuple[str, str], markings: Iterable[str], said: Judgement) -> int:
    """Write a judgement about two subjects; gives its position in the log.

    Raises:
        ValueError: the two are one subject.
    """
    one, other = sorted(pair)
    if one == other:
        raise ValueError(f"{one} is one subject; a merge needs two")
    row: dict[str, Any] = {
        "report_key": f"{one}|{other}:{said.at.isoformat()}:{said.by}",
        "source": SOURCE,
        "origins": [],
        "observed_at": said.at,
        "marking": join(markings),
        "locator": "typed in",
        "subject": one,
        "about": other,
        "verdict": said.verdict,
        "basis": "two subjects",
        "why": said.why,
        "decided_by": said.by,
        "expires_at": said.expires,
    }
    rows = pa.Table.from_pylist([row], schema=JUDGEMENT.schema.remove(0))
    return writer.append(JUDGEMENT, rows.drop_columns(["delivery"]), source=SOURCE)
