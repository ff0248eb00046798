"""Drafts as acts of the log: drafted, edited, approved by another person, exported, said to be submitted.

Nothing is sent. What a person did with the file outside of this program is what he says here afterwards:
when, and under which number. All of it lies in this floor's log and nowhere else (`acts`).
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime
from hashlib import sha256
from typing import Any, ClassVar, Final

import msgspec

from watchfloor.cell.acts import Row, new_id, nonempty, refuse
from watchfloor.core.messages import Reason, declare
from watchfloor.exchange.documents import Document
from watchfloor.exchange.fintrac import acts, traced
from watchfloor.exchange.fintrac.drafting import BESIDE, Drafted
from watchfloor.exchange.fintrac.entity import refuse_elsewhere
from watchfloor.exchange.fintrac.evidence import Evidence
from watchfloor.exchange.fintrac.missing import Gap
from watchfloor.exchange.fintrac.schema import Schema
from watchfloor.store.floor import Floor
from watchfloor.store.writer import Writer

INCOMPLETE: Final = declare("fintrac.incomplete", "report", "count")
INVALID: Final = declare("fintrac.invalid", "report", "schema", "count", "pointer", "problem")
UNTRACED: Final = declare("fintrac.untraced", "report", "pointer")
APPROVED_ALREADY: Final = declare("fintrac.approved-already", "report", "by", "at")
NOWHERE: Final = declare("fintrac.no-such-field", "problem", "report")
EARLY: Final = declare("fintrac.submitted-early", "report", "approved", "day")


class Report(Document):
    """A report as its last act left it."""

    __slots__ = ()
    noun: ClassVar = "report"
    listing: ClassVar = ("report", "finance fintrac list")
    logged: ClassVar = {acts.DRAFTED: "drafted", acts.APPROVED: "approved", acts.SUBMITTED: "submitted"}
    after: ClassVar = {
        **dict.fromkeys(("incomplete", "drafted"), ("drafted", "approved")),
        **dict.fromkeys(("approved", "submitted"), ("exported", "submitted")),
    }
    stale: ClassVar = declare("fintrac.stale", "report", "edition", "made_on")
    illegal: ClassVar = declare("fintrac.not-approved", "report")
    ended: ClassVar = dict.fromkeys(("approved", "submitted"), APPROVED_ALREADY)
    same: ClassVar = declare("fintrac.same-person", "by", "report")

    @property
    def content(self) -> Drafted:
        """The content of the last edition."""
        last = self.drafts[-1]
        traces = {pointer: tuple(sources) for pointer, sources in last["traces"].items()}
        gaps = [Gap(one["pointer"], Reason.load(one)) for one in last["gaps"]]
        return Drafted(last["kind"], last["document"], last["beside"], traces, gaps)

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Ids of records, in hexadecimal."""
        return tuple(self.drafts[-1]["rests_on"])

    @property
    def clock(self) -> Mapping[str, Any] | None:
        """Of a property report: since when its clock runs, and what the law says."""
        clock: Mapping[str, Any] | None = self.drafts[-1]["clock"]
        return clock

    @property
    def submitted(self) -> Row | None:
        """The last act by which somebody said that it was submitted."""
        return self.last if self.last["state"] == "submitted" else None

    @property
    def state(self) -> str:
        """Return incomplete, drafted, approved or submitted."""
        state = str(self.last["state"])
        return "incomplete" if state == "drafted" and self.content.gaps else state

    @property
    def data(self) -> bytes:
        """The document as the file has it."""
        return encoded(self.content.document)


def encoded(document: Mapping[str, Any]) -> bytes:
    """A document as JSON, indented, in UTF-8."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def number(floor: Floor, by: str, now: datetime) -> str:
    """A new report's id, which is also the entity's own reference."""
    return new_id(floor.key, "fintrac", by, now.isoformat())


def keep(
    floor: Floor,
    writer: Writer,
    id_: str,
    drafted: Drafted,
    evidence: Evidence,
    clock: Mapping[str, Any] | None = None,
) -> None:
    """Keep a draft. Raises `Refusal` on a floor that is no reporting entity's."""
    refuse_elsewhere(floor)
    writer.act(acts.DRAFTED, _detail(id_, 1, drafted, evidence.ids, evidence.marking, "", clock))


def edit(
    floor: Floor, writer: Writer, report: Report, changes: Iterable[tuple[str, Any]], why: str
) -> list[str]:
    """Keep the next edition, in which a person states some fields; gives their pointers.

    Args:
        floor: where it is.
        writer: of whoever states them.
        report: as it stands.
        changes: a pointer and its value; None takes a field away.
        why: in the person's words.

    Raises:
        watchfloor.cell.acts.Refusal: it was approved, a pointer leads nowhere, or no reason is given.
    """
    refuse_elsewhere(floor)
    report.check(report.edition, "drafted", writer.moment())
    words = nonempty(why, "why")
    changed, by = deepcopy(report.content), writer.actor.name
    pointers = []
    for pointer, value in changes:
        try:
            traced.replace(changed.document, changed.traces, pointer, value, f"stated:{by}")
        except ValueError as error:
            refuse(NOWHERE, problem=str(error), report=report.id)
        pointers.append(pointer)
    changed.gaps = [gap for gap in changed.gaps if not _filled(gap, changed, pointers)]
    detail = _detail(
        report.id, report.edition + 1, changed, report.rests_on, report.held_as, words, report.clock
    )
    writer.act(acts.DRAFTED, detail)
    return pointers


def _filled(gap: Gap, changed: Drafted, pointers: Iterable[str]) -> bool:
    """Whether a person has stated what was missing: the field, or all that it is in."""
    stated = any(gap.pointer == one or gap.pointer.startswith(f"{one}/") for one in pointers)
    return stated and traced.has(changed.document, gap.pointer)


def untraced(content: Drafted) -> list[str]:
    """Pointers of fields without a source; and traces of fields that are not there."""
    fields = {*traced.leaves(content.document), *(BESIDE + one for one in traced.leaves(content.beside))}
    known = {pointer for pointer, sources in content.traces.items() if sources}
    return sorted(fields ^ known)


def approve(floor: Floor, writer: Writer, report: Report, edition: int, schema: Schema, why: str) -> int:
    """Approve a report, which may then be exported; gives the act's position.

    Args:
        floor: where it is.
        writer: of whoever approves: another person than who drafted or edited it. That is our rule.
        report: as it stands.
        edition: that the person looked at.
        schema: that the document must keep to.
        why: in the person's words.

    Raises:
        watchfloor.cell.acts.Refusal: it was approved, was changed since, was drafted by the same
            person, lacks facts, has a field that nobody can trace, or breaks the schema.
    """
    refuse_elsewhere(floor)
    report.check_approval(edition, writer.actor.name, writer.moment())
    words = nonempty(why, "why")
    if report.content.gaps:
        refuse(INCOMPLETE, report=report.id, count=len(report.content.gaps))
    if lost := untraced(report.content):
        refuse(UNTRACED, report=report.id, pointer=lost[0])
    if wrong := list(schema.errors(report.content.document)):
        first = wrong[0]
        refuse(
            INVALID,
            report=report.id,
            schema=schema.name,
            count=len(wrong),
            pointer=first.pointer or "/",
            problem=first.message,
        )
    detail = {"report": report.id, "edition": edition, "why": words, "marking": report.held_as}
    detail |= {
        "sha256": sha256(report.data).hexdigest(),
        "schema": schema.name,
        "schema_sha256": schema.digest,
    }
    return writer.act(acts.APPROVED, detail)


def exported(floor: Floor, writer: Writer, report: Report, form: str, data: bytes) -> int:
    """Log that an approved report is written to a file. Raises `Refusal` for a draft."""
    refuse_elsewhere(floor)
    report.check(report.edition, "exported", writer.moment())
    detail = {"report": report.id, "edition": report.edition, "form": form, "marking": report.held_as}
    return writer.act(acts.EXPORTED, detail | {"sha256": sha256(data).hexdigest()})


def submitted(floor: Floor, writer: Writer, report: Report, on: date, reference: str) -> int:
    """Log that a person submitted a report, on a day and under the number that came back.

    Raises:
        watchfloor.cell.acts.Refusal: it was not approved, or only after that day.
    """
    refuse_elsewhere(floor)
    report.check(report.edition, "submitted", writer.moment())
    if report.approved and on < (approved := report.approved["observed_at"].date()):
        refuse(EARLY, report=report.id, approved=approved.isoformat(), day=on.isoformat())
    detail = {"report": report.id, "edition": report.edition, "on": on.isoformat()}
    return writer.act(
        acts.SUBMITTED, detail | {"reference": nonempty(reference, "reference"), "marking": report.held_as}
    )


def _detail(
    id_: str,
    edition: int,
    drafted: Drafted,
    rests_on: Iterable[str],
    held_as: str,
    why: str,
    clock: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "report": id_,
        "edition": edition,
        "kind": drafted.kind,
        "document": drafted.document,
        "beside": drafted.beside,
        "traces": {pointer: list(sources) for pointer, sources in drafted.traces.items()},
        "gaps": [{"pointer": gap.pointer, **gap.why.stored()} for gap in drafted.gaps],
        "rests_on": list(rests_on),
        "why": why,
        "clock": clock,
        "held_as": held_as,
        "marking": held_as,
    }
