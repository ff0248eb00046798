"""Withholding: findings and lines of an edition, without the figures that nobody agreed to.

What is withheld keeps its id, its department and the words that it is about, which were said in public, and
one sentence that says whose agreement is awaited. No number of it is left, nor anything that follows from
one: the verdict, a warning and the number of definitions that were tried say as much as the figure.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from watchfloor.scorecard.agreement import messages
from watchfloor.scorecard.agreement.digests import FORM, Act, Shown, of_finding, of_line
from watchfloor.scorecard.agreement.standing import AgreementStatus, may_appear, minute, standing
from watchfloor.scorecard.bilingual import Text, fill
from watchfloor.scorecard.departments import called, owner
from watchfloor.scorecard.findings import Edition, Finding, Line

Key = tuple[str, str]
"""A line or claim, and the department whose agreement to it is asked for."""


class Released(NamedTuple):
    """Findings and lines that may appear, and the ids of the claims and lines of which no figure does."""

    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    withheld: tuple[str, ...]


def released(
    findings: Iterable[Finding],
    lines: Iterable[Line],
    standings: Mapping[Key, AgreementStatus],
    edition: Edition,
    published: Mapping[str, Line] = MappingProxyType({}),
) -> Released:
    """Findings and lines as an edition may show them.

    A finding is withheld as a whole where one figure of it is: its verdict rests on all of them. A line is
    withheld for itself, and with the claim that it cites; and an embargo on a line is one on that claim.

    Args:
        findings: about claims, with every figure.
        lines: of the register, likewise.
        standings: as `standings` gives them; what is not in it, nobody has agreed to.
        edition: public or working.
        published: lines as they stand without what their department stated in a form, by id: where that may
            not appear yet, this may in the working edition.
    """
    lines = tuple(lines)
    barred = _barred(lines, standings)
    claims = tuple(_finding(one, standings, edition, barred.get(one.claim)) for one in findings)
    gone = {one.claim: one.why for one in claims if withheld(one)}
    rows = tuple(_line(one, standings, edition, gone, published.get(one.id)) for one in lines)
    hidden = [one.id for one in rows if not one.shown]
    return Released(claims, rows, tuple(one.claim for one in claims if one.claim in gone) + tuple(hidden))


def standings(
    acts: Sequence[Act], findings: Iterable[Finding], lines: Iterable[Line], on: date
) -> dict[Key, AgreementStatus]:
    """How every agreement that the page needs stands.

    Args:
        acts: rows of the kind `agreement` that the reader may see, in the order of the log.
        findings: about claims.
        lines: of the register.
        on: see `agreement.standing`.
    """
    page = on.astimezone(UTC).date() if isinstance(on, datetime) else on
    wanted: dict[Key, Shown] = {}
    for finding in findings:
        shown = of_finding(finding)
        wanted |= {(finding.claim, one): shown for one in departments(finding)}
    for line in lines:
        wanted[line.id, line.department] = of_line(line, page)
    by_line: dict[str, list[Act]] = {}
    for act in acts:
        by_line.setdefault(act["line"], []).append(act)
    return {
        (id_, department): standing(by_line.get(id_, ()), id_, shown, on, department)
        for (id_, department), shown in wanted.items()
    }


def departments(finding: Finding) -> dict[str, bool]:
    """Whose agreement a finding needs: who is accountable, and whose own evidence is in it (True)."""
    owners = [one.department or owner(one.series) for one in (*finding.figures, *finding.also)]
    return {finding.department: False} | {one: True for one in owners if one}


def needs(line: Line) -> bool:
    """Whether a line of the register has a figure that somebody must agree to."""
    quantities = (line.announced, line.delivered, line.in_service, *(one.value for one in line.evidence))
    return bool(line.claim) or any(one is not None for one in quantities) or _says_number(line.found)


def own(line: Line) -> bool:
    """Whether a line rests on what a department stated in a form."""
    return any(FORM in one.source for one in line.evidence)


def withheld(finding: Finding) -> bool:
    """Whether a finding is what `released` leaves of one."""
    return finding.sure == fill(messages.NOT_SURE) and not finding.figures


def _barred(lines: Iterable[Line], standings: Mapping[Key, AgreementStatus]) -> dict[str, AgreementStatus]:
    """Claims whose figures a line under embargo has, each with the embargo that ends last."""
    found: dict[str, AgreementStatus] = {}
    for one in lines:
        held = standings.get((one.id, one.department))
        if one.claim and held and held.until:
            last = found.get(one.claim)
            found[one.claim] = held if last is None or last.until is None or last.until < held.until else last
    return found


def _finding(
    one: Finding, standings: Mapping[Key, AgreementStatus], edition: Edition, barred: AgreementStatus | None
) -> Finding:
    asked = departments(one)
    missing = [name for name in asked if not _may(standings.get((one.claim, name)), edition, asked[name])]
    every = {name: standings.get((one.claim, name)) for name in asked}
    agreement: dict[str, str] = {name: it.state if it else "not-called" for name, it in every.items()}
    if not missing and barred is None:
        return msgspec.structs.replace(one, agreement=agreement)
    held = [standings.get((one.claim, name)) for name in missing]
    if barred is not None:
        missing, held = [barred.department, *missing], [barred, *held]
    return Finding(
        claim=one.claim,
        title=one.title,
        words=one.words,
        by=one.by,
        said_on=one.said_on,
        department=one.department,
        verdict="not-published",
        why=_waits(missing, held),
        sure=fill(messages.NOT_SURE),
        agreement=agreement,
    )


def _line(
    one: Line,
    standings: Mapping[Key, AgreementStatus],
    edition: Edition,
    gone: Mapping[str, Text],
    published: Line | None,
) -> Line:
    if not needs(one):
        return msgspec.structs.replace(one, agreement="not-needed", until=None, shown=True)
    held = standings.get((one.id, one.department))
    state = held.state if held else "not-called"
    until = held.until.date() if held and held.until else None
    for may, row in ((own(one), one), (False, published)):
        if row is not None and _may(held, edition, may) and one.claim not in gone:
            return msgspec.structs.replace(row, agreement=state, until=until, shown=True)
    return Line(
        id=one.id,
        kind=one.kind,
        says=one.says,
        department=one.department,
        claim=one.claim,
        unit=one.unit,
        found=gone.get(one.claim) or _waits([one.department], [held]),
        agreement=state,
        until=until,
        shown=False,
    )


def _may(held: AgreementStatus | None, edition: Edition, own: bool) -> bool:
    return may_appear(held, edition, own) if held else edition == "working" and not own


def _waits(names: Sequence[str], held: Sequence[AgreementStatus | None]) -> Text:
    """Whose embargo stands, or else whose agreement is awaited."""
    ends = [(one.until, name) for one, name in zip(held, names, strict=True) if one and one.until]
    if ends:
        until, name = max(ends)
        return fill(messages.UNDER_EMBARGO, department=called(name), until=minute(until))
    joined = called(names[-1])
    for name in reversed(names[:-1]):
        joined = fill(messages.AND, one=called(name), other=joined)
    return fill(messages.AWAITING, department=joined)


def _says_number(text: Text | None) -> bool:
    return text is not None and any(re.search(r"\d", each) for each in (text.en, text.fr))
