"""Mentions: subjects that reports seem to name, and what a person decided of them.

A mention is a proposal. A judgement on it is a record like any other: it is marked as its report is, the
reports desk reads it, and a later one undoes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from watchfloor.cell.judgements import SOURCE, Judgement
from watchfloor.core.kinds import JUDGEMENT
from watchfloor.desks.reports.desk import about, fingerprint, key_of
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

PROPOSED: Final = "proposed"
STATES: Final = {"same": "confirmed", "different": "refused", "withdrawn": PROPOSED}
"""What a mention is after the last judgement on it, by the verdict."""

STATED: Final = "stated"
"""A subject that the author states: it counts without a person's word, and may be refused."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A subject of a report.

    Attributes:
        report: the report's row.
        number: of the mention within its report, from 1.
        subject: its typed key.
        text: as it is written; None for one that the author states and the text does not show.
        portion: number of the portion, from 1, or None.
        page: it stands on, where there are pages.
        how: what found it.
        state: proposed, confirmed, refused or stated.
    """

    report: dict[str, Any]
    number: int
    subject: str
    text: str | None
    portion: int | None
    page: int | None
    how: str
    state: str


def mentions(floor: Floor, reader: Reader, report: str | None = None) -> list[Mention]:
    """Subjects of the reports that `reader` may see, each once a report, as it first stands there.

    Args:
        floor: where the reports are.
        reader: who asks.
        report: the start of a record's id, or a report's own number; None for all.

    Raises:
        UnknownRecord: no report, or more than one, is so called.
    """
    rows = floor.read("report", reader, latest=True).to_pylist()
    chosen = rows if report is None else [_named(rows, report)]
    judged = {(row["subject"], row["about"]): row for row in floor.read("judgement", reader).to_pylist()}
    return [one for row in chosen for one in _mentions(row, judged)]


def pick(found: list[Mention], named: str) -> Mention:
    """The mention of that number or subject. Raises `UnknownRecord`."""
    for one in found:
        if named in (str(one.number), one.subject):
            return one
    raise UnknownRecord(f"the report has no mention {named}; `watchfloor leads mentions REPORT` lists them")


def judge_mention(writer: Writer, mention: Mention, said: Judgement) -> int:
    """Write a judgement about a mention, for what its report says today; gives its position in the log."""
    report = mention.report
    row: dict[str, Any] = {
        "report_key": f"{about(report)}:{mention.subject}:{said.at.isoformat()}:{said.by}",
        "source": SOURCE,
        "origins": [],
        "observed_at": said.at,
        "marking": report["marking"],
        "locator": "typed in",
        "subject": mention.subject,
        "about": about(report),
        "verdict": said.verdict,
        "basis": fingerprint(report, mention.subject),
        "why": said.why,
        "decided_by": said.by,
        "expires_at": said.expires,
    }
    rows = pa.Table.from_pylist([row], schema=JUDGEMENT.schema.remove(0))
    return writer.append(JUDGEMENT, rows.drop_columns(["delivery"]), source=SOURCE)


def _named(rows: list[dict[str, Any]], report: str) -> dict[str, Any]:
    found = [row for row in rows if key_of(row) == report]
    found = found or [row for row in rows if report and row["record_id"].hex().startswith(report.lower())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UnknownRecord(
            f"no report {report} on this floor that you may see; `watchfloor leads mentions` lists them"
        )
    some = ", ".join(row["record_id"].hex() for row in found[:3])
    raise UnknownRecord(f"{len(found)} reports are called {report} ({some}…): give more of a record's id")


def _mentions(row: dict[str, Any], judged: dict[tuple[str, str], dict[str, Any]]) -> Iterator[Mention]:
    first: dict[str, dict[str, Any] | None] = dict.fromkeys(row["subjects"] or ())
    for one in row["mentions"]:
        if first.get(one["subject"]) is None:
            first[one["subject"]] = one
    for number, (subject, one) in enumerate(first.items(), 1):
        state = STATED if subject in (row["subjects"] or ()) else PROPOSED
        judgement = judged.get((subject, about(row)))
        if (
            judgement
            and judgement["basis"] == fingerprint(row, subject)
            and judgement["verdict"] != "withdrawn"
        ):
            state = STATES[judgement["verdict"]]
        if one is None:
            yield Mention(row, number, subject, None, None, None, "the author", state)
        else:
            page, portion = row["portions"][one["portion"]]["page"], one["portion"] + 1
            yield Mention(row, number, subject, one["text"], portion, page, one["how"], state)
