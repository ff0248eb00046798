"""Drafts as acts of the log: drafted, edited, approved by another person, exported, said to be submitted.

Nothing is sent. What a person did with the file outside of this program is what he says here afterwards:
when, and under which number. All of it lies in this floor's log and nowhere else (`acts`).
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final

import msgspec

from watchfloor.cell.acting.acts import Conflict, minute, new_id, pick, refuse, said, same_person
from watchfloor.exchange.fintrac import acts, traced
from watchfloor.exchange.fintrac.drafting import BESIDE, Drafted
from watchfloor.exchange.fintrac.entity import refuse_elsewhere
from watchfloor.exchange.fintrac.evidence import Evidence
from watchfloor.exchange.fintrac.missing import Gap
from watchfloor.exchange.fintrac.schema import Schema
from watchfloor.records.marking import join, parse
from watchfloor.records.messages import Reason, declare, reason
from watchfloor.release.policy import Reader, allowed
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act
from watchfloor.store.writer import Writer

INCOMPLETE: Final = declare("fintrac.incomplete", "report", "count")
INVALID: Final = declare("fintrac.invalid", "report", "schema", "count", "pointer", "problem")
UNTRACED: Final = declare("fintrac.untraced", "report", "pointer")
SAME: Final = declare("fintrac.same-person", "by", "report")
STALE: Final = declare("fintrac.stale", "report", "present", "seen")
APPROVED_ALREADY: Final = declare("fintrac.approved-already", "report", "by", "at")
NOT_APPROVED: Final = declare("fintrac.not-approved", "report")
NOWHERE: Final = declare("fintrac.no-such-field", "problem", "report")
EARLY: Final = declare("fintrac.submitted-early", "report", "approved", "day")


@dataclass(frozen=True, slots=True)
class Report:
    """A report as its last act left it.

    Attributes:
        id: twelve hexadecimal digits.
        edition: 1 first.
        content: of that edition.
        rests_on: ids of records, in hexadecimal.
        held_as: the join of the markings of what it rests on; it is shown to who may see that.
        drafted_by: who drafted and edited.
        drafted_at: of the last edition.
        clock: of a property report: since when, and what the law says.
        approved: the act that approved it.
        submitted: the last act by which somebody said that it was submitted.
    """

    id: str
    edition: int
    content: Drafted
    rests_on: tuple[str, ...]
    held_as: str
    drafted_by: tuple[str, ...]
    drafted_at: datetime
    clock: Mapping[str, Any] | None = None
    approved: Act | None = None
    submitted: Act | None = None

    @property
    def state(self) -> str:
        """incomplete, drafted, approved or submitted."""
        if self.submitted is not None:
            return "submitted"
        if self.approved is not None:
            return "approved"
        return "incomplete" if self.content.gaps else "drafted"

    @property
    def data(self) -> bytes:
        """The document as the file has it."""
        return encoded(self.content.document)


def encoded(document: Mapping[str, Any]) -> bytes:
    """A document as JSON, indented, in UTF-8."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def reports(floor: Floor, reader: Reader) -> dict[str, Report]:
    """Every report that the reader may see, by id."""
    found: dict[str, Report] = {}
    for act in floor.acts_of(acts.DRAFTED, acts.APPROVED, acts.SUBMITTED):
        if act.detail is None:  # its content was erased
            continue
        before = found.get(act.detail["report"])
        if act.act == acts.DRAFTED:
            found[act.detail["report"]] = _drafted(act, act.detail, before)
        elif before is not None:
            name = "approved" if act.act == acts.APPROVED else "submitted"
            found[before.id] = replace(before, **{name: act})  # type: ignore[arg-type]
    return {id_: one for id_, one in found.items() if allowed(reader, parse(one.held_as))}


def find(floor: Floor, reader: Reader, start: str) -> Report:
    """The report whose id starts so. Raises `watchfloor.cell.acting.acts.Refused`."""
    return pick(reports(floor, reader), start, "report", "fintrac list")


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
    """Keep a draft. Raises `Refused` on a floor that is no reporting entity's."""
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
        watchfloor.cell.acting.acts.Refused: it was approved, a pointer leads nowhere, or no reason is given.
    """
    refuse_elsewhere(floor)
    _refuse_approved(report)
    words = said(why, "why")
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
        watchfloor.cell.acting.acts.Refused: it was approved, was changed since, was drafted by the same
            person, lacks facts, has a field that nobody can trace, or breaks the schema.
    """
    refuse_elsewhere(floor)
    _refuse_approved(report)
    words, by = said(why, "why"), writer.actor.name
    if edition != report.edition:
        raise Conflict(reason(STALE, report=report.id, present=report.edition, seen=edition))
    if any(same_person(by, one) for one in report.drafted_by):
        refuse(SAME, by=by, report=report.id)
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
    """Log that an approved report is written to a file. Raises `Refused` for a draft."""
    refuse_elsewhere(floor)
    if report.approved is None:
        refuse(NOT_APPROVED, report=report.id)
    detail = {"report": report.id, "edition": report.edition, "form": form, "marking": report.held_as}
    return writer.act(acts.EXPORTED, detail | {"sha256": sha256(data).hexdigest()})


def submitted(floor: Floor, writer: Writer, report: Report, on: date, reference: str) -> int:
    """Log that a person submitted a report, on a day and under the number that came back.

    Raises:
        watchfloor.cell.acting.acts.Refused: it was not approved, or only after that day.
    """
    refuse_elsewhere(floor)
    if report.approved is None:
        refuse(NOT_APPROVED, report=report.id)
    approved = report.approved.at.date()
    if on < approved:
        refuse(EARLY, report=report.id, approved=approved.isoformat(), day=on.isoformat())
    detail = {"report": report.id, "edition": report.edition, "on": on.isoformat()}
    return writer.act(
        acts.SUBMITTED, detail | {"reference": said(reference, "reference"), "marking": report.held_as}
    )


def _refuse_approved(report: Report) -> None:
    act = report.approved
    if act is not None and act.actor is not None:
        refuse(APPROVED_ALREADY, report=report.id, by=act.actor.name, at=minute(act.at))


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


def _drafted(act: Act, detail: Mapping[str, Any], before: Report | None) -> Report:
    content = Drafted(
        detail["kind"],
        detail["document"],
        detail["beside"],
        {pointer: tuple(sources) for pointer, sources in detail["traces"].items()},
        [Gap(one["pointer"], Reason.load(one)) for one in detail["gaps"]],
    )
    by = (*(before.drafted_by if before else ()), *([act.actor.name] if act.actor else ()))
    held = join((detail["held_as"], before.held_as)) if before else detail["held_as"]
    once = tuple(dict.fromkeys(by))
    rests = tuple(detail["rests_on"])
    return Report(detail["report"], detail["edition"], content, rests, held, once, act.at, detail["clock"])
