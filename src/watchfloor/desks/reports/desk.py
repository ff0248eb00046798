"""The reports desk as a fold: reports, and what people decided of their mentions.

A report speaks of the subjects that its author states. What was merely found in its text is a proposal, and
speaks only once a person has confirmed it; a person may refuse either. A later record of the same report
takes the place of the earlier one, and a decision holds for as long as the text around the mention is what
somebody read when deciding. The strength is the Admiralty pair as it stands, such as `B2`: F and 6 say that
nobody judged the source or the information.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.core.kinds import JUDGEMENT, REPORT
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.desks.assertions import assertion, retracted
from watchfloor.desks.base import OBSERVED, Desk, Refs
from watchfloor.desks.state import Row, freeze, rows, thaw

NAME: Final = "reports"
RULE: Final = "reported"
"""Rule of its signals; `reported.<hypothesis>` where the author says what the report speaks to."""

PREFIX: Final = "report:"
"""How the `about` of a judgement starts that is about a report."""

UNJUDGED: Final = ("F", "6")
"""The Admiralty code for a source and an information that cannot be judged."""

_FOUND: Final = pa.struct(
    [("subject", pa.string()), ("text", pa.string()), ("page", pa.int32()), ("basis", pa.string())]
)
KEPT: Final = pa.schema(
    [
        *(REPORT.schema.field(name) for name in ("record_id", "source", "report_key", "origins")),
        *(REPORT.schema.field(name) for name in ("observed_at", "marking", "title", "author")),
        *(REPORT.schema.field(name) for name in ("reliability", "credibility", "subjects", "hypothesis")),
        pa.field("found", pa.list_(_FOUND)),
    ]
)
"""What is kept of a report: not its text, but each subject found in it, with a digest of the text around."""

Key = tuple[str, str]
"""Source and key of a report."""


@dataclass(slots=True)
class Reports:
    """State of the fold.

    Attributes:
        reports: the last record of each report.
        judgements: the last judgement of each subject and key of a report.
    """

    reports: dict[Key, Row] = rows(KEPT, lambda row: (row["source"], key_of(row)))
    judgements: dict[tuple[str, str], Row] = rows(
        JUDGEMENT.schema, lambda row: (row["subject"], row["about"])
    )


def key_of(report: Row) -> str:
    """Key of a report within its source: its own number, or the record's identity where it has none."""
    return str(report["report_key"] or report["record_id"].hex())


def about(report: Row) -> str:
    """Return what a judgement on one of its mentions names."""
    return f"{PREFIX}{key_of(report)}"


def fingerprint(report: Row, subject: str) -> str:
    """Digest of the portions of a `report` row that mention a subject: the basis that a judgement names."""
    where = {one["portion"] for one in report["mentions"] or () if one["subject"] == subject}
    digest = blake2b(digest_size=16)
    for number in sorted(where):
        text = report["portions"][number]["text"].encode()
        digest.update(len(text).to_bytes(8, "little") + text)
    return digest.hexdigest()


def begin(refs: Refs) -> Reports:  # noqa: ARG001 - reports and judgements arrive as records
    """Before the first report."""
    return Reports()


def step(refs: Refs, state: Reports, rows: pa.Table, watermark: datetime) -> dict[str, pa.Table]:  # noqa: ARG001
    """Fold one batch; its rows are in order of observation, reports before judgements at one moment."""
    made: list[dict[str, Any]] = []
    for row in rows.to_pylist():
        made.extend((_on_report if row["kind"] == "report" else _on_judgement)(refs.key, state, row))
    return {"signal": pa.Table.from_pylist(made, schema=SIGNAL)}


def _on_report(key: bytes, state: Reports, row: Row) -> Iterator[dict[str, Any]]:
    report = kept(row)
    place = report["source"], key_of(report)
    before = state.reports.get(place)
    state.reports[place] = report
    at = report["observed_at"]
    said = _said(key, state, report, at)
    yield from said.values()
    if before is not None:
        for subject, signal in _said(key, state, before, at).items():
            if subject not in said:
                yield retracted(signal, REPLACED, report, at, **_named(report))


def _on_judgement(key: bytes, state: Reports, row: Row) -> Iterator[dict[str, Any]]:
    if not row["about"].startswith(PREFIX):
        return
    subject, at = row["subject"], row["observed_at"]
    concerned = [one for one in state.reports.values() if about(one) == row["about"]]
    before = [_said(key, state, one, at).get(subject) for one in concerned]
    state.judgements[subject, row["about"]] = {name: row[name] for name in JUDGEMENT.schema.names}
    for report, was in zip(concerned, before, strict=True):
        now = _said(key, state, report, at).get(subject)
        if now is not None:
            yield now
        elif was is not None:
            said = {**_named(report), "by": row["decided_by"], "why": row["why"]}
            yield retracted(was, TAKEN_BACK, row, at, **said)


def kept(row: Row) -> dict[str, Any]:
    """Return what the state keeps of a `report` row."""
    first = {one["subject"]: one for one in reversed(row["mentions"] or ())}
    found = [
        {
            "subject": subject,
            "text": one["text"],
            "page": row["portions"][one["portion"]]["page"],
            "basis": fingerprint(row, subject),
        }
        for subject, one in sorted(first.items())
    ]
    return {name: row[name] for name in KEPT.names if name != "found"} | {"found": found}


def _said(key: bytes, state: Reports, report: Row, at: datetime) -> dict[str, dict[str, Any]]:
    """The signals of one report as they stand, by subject."""
    found = {one["subject"]: one for one in report["found"]}
    signals: dict[str, dict[str, Any]] = {}
    for subject in dict.fromkeys([*(report["subjects"] or ()), *found]):
        mention = found.get(subject)
        judgement = _judged(state, report, subject, mention)
        if judgement is not None and judgement["verdict"] == "same" and mention is not None:
            why, rests_on = _confirmed(report, mention, judgement), [report, judgement]
        elif subject in (report["subjects"] or ()) and not (
            judgement and judgement["verdict"] == "different"
        ):
            why, rests_on = reason(STATED, **_named(report), **_by(report)), [report]
        else:
            continue
        signals[subject] = _signal(key, report, subject, why, rests_on, at)
    return signals


def _judged(state: Reports, report: Row, subject: str, mention: Row | None) -> Row | None:
    """The last judgement on a subject of a report, where the text is what it was made about."""
    judgement = state.judgements.get((subject, about(report)))
    if judgement is None or (mention is not None and judgement["basis"] != mention["basis"]):
        return None
    return judgement


def _signal(
    key: bytes, report: Row, subject: str, why: Reason, rests_on: list[Row], at: datetime
) -> dict[str, Any]:
    reliability, credibility = UNJUDGED
    return assertion(
        rests_on,
        row_id=row_id(key, NAME, RULE, (subject,), f"{report['source']}:{key_of(report)}"),
        at=at,
        since=report["observed_at"],
        until=None,
        desk=NAME,
        rule=_rule(report["hypothesis"]),
        subjects=[subject],
        strength=f"{report['reliability'] or reliability}{report['credibility'] or credibility}",
        reason=why.stored(),
        origins=report["origins"] or [key_of(report)],
    )


def _rule(hypothesis: str | None) -> str:
    """The rule under which a report counts: names of hypotheses are written `trafficking-by-post`."""
    named = "-".join((hypothesis or "").lower().split())
    return f"{RULE}.{named}" if named else RULE


def _confirmed(report: Row, mention: Row, judgement: Row) -> Reason:
    said = {
        **_named(report),
        **_by(report),
        "text": mention["text"],
        "by": judgement["decided_by"],
        "day": judgement["observed_at"].date().isoformat(),
        "why": judgement["why"].rstrip(".") + ".",
    }
    if mention["page"] is None:
        return reason(CONFIRMED, **said)
    return reason(CONFIRMED_ON_PAGE, **said, page=mention["page"])


def _named(report: Row) -> dict[str, str]:
    return {"title": report["title"] or key_of(report), "report": key_of(report)}


def _by(report: Row) -> dict[str, str | None]:
    return {name: report[name] for name in ("author", "reliability", "credibility")}


def cut(rows: pa.Table) -> pa.Array:
    """Return the report of each record, as a judgement on it names it."""
    keys = rows["report_key"].to_pylist()
    for at in np.flatnonzero(pc.is_null(rows["report_key"]).to_numpy()).tolist():
        keys[at] = rows["record_id"][at].as_py().hex()
    reports = pc.binary_join_element_wise(PREFIX, pa.array(keys, pa.string()), "")
    return pc.if_else(pc.equal(rows["kind"], REPORT.name), reports, rows["about"])


DESK: Final = Desk(
    name=NAME,
    version="1",
    reads=("report", "judgement"),
    yields={"signal": SIGNAL},
    begin=begin,
    step=step,
    freeze=freeze,
    thaw=thaw(begin),
    order=OBSERVED,
    cut=cut,
)


# What the desk says of a report, in English and in French.


STATED = declare("reports.stated", "author", "title", "report", "reliability", "credibility")
"""A subject that the author of a report states."""

CONFIRMED = declare(
    "reports.confirmed", "text", "title", "report", "author", "by", "day", "why", "reliability", "credibility"
)
"""A mention that a person confirmed, in a report without pages."""

CONFIRMED_ON_PAGE = declare(
    "reports.confirmed.page",
    "text",
    "page",
    "title",
    "report",
    "author",
    "by",
    "day",
    "why",
    "reliability",
    "credibility",
)
"""A mention that a person confirmed, in a report with pages."""

REPLACED = declare("reports.replaced", "title", "report", "day")
"""A signal that is taken back because a later record of the report says something else."""

TAKEN_BACK = declare("reports.taken-back", "by", "day", "title", "report", "why")
"""A signal that is taken back because a person refused it, or withdrew what was confirmed."""
