"""The page: claims checked, lines computed, agreement asked, and what may not appear taken out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.core.marking import PUBLIC, join
from watchfloor.core.messages import declare
from watchfloor.policy.policy import Reader
from watchfloor.scorecard.agreement import withholding
from watchfloor.scorecard.agreement.digests import Act
from watchfloor.scorecard.agreement.form_evidence import with_forms
from watchfloor.scorecard.agreement.rows import On
from watchfloor.scorecard.agreement.standing import as_of, moments
from watchfloor.scorecard.bilingual import fill, joined, number
from watchfloor.scorecard.cell.messages import TITLES
from watchfloor.scorecard.changes import WEEK, changed
from watchfloor.scorecard.claims import Claim, claims, verdicts
from watchfloor.scorecard.claims.check import check
from watchfloor.scorecard.computed import compute
from watchfloor.scorecard.evidence import Evidence
from watchfloor.scorecard.findings import CellFigure, Edition, Finding, Line, Scorecard, Warned
from watchfloor.scorecard.register import register
from watchfloor.scorecard.register.entries import Entry
from watchfloor.scorecard.register.states import line
from watchfloor.store.floor import Floor

NOT_PUBLIC: Final = declare("scorecard.cell-not-public")


UNREAD: Final = declare("scorecard.warn-unread", "count")


@dataclass(frozen=True)
class Sources:
    """Sources of a page.

    Attributes:
        evidence: the published numbers.
        floor: whose records lines and figures of the cell are computed from; None: none.
        reader: with whose eyes.
        register: an office's own lines; None: those of the package alone.
        claims: folders and files with further claims.
    """

    evidence: Evidence
    floor: Floor | None = None
    reader: Reader | None = None
    register: Path | None = None
    claims: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Whole:
    """Findings and lines with every figure, whether it may appear or not, and the acts of agreement.

    Attributes:
        findings: about claims, in their order.
        lines: of the register, in the report's order.
        published: lines without what their department stated in a form, by id.
        acts: rows of the kind `agreement`.
        markings: of records that lines were computed from.
    """

    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    published: Mapping[str, Line]
    acts: Sequence[Act]
    markings: tuple[str, ...]


def whole(sources: Sources, on: date, only: Collection[str] = ()) -> Whole:
    """All that is known on a day. What may be shown of it to whom is for `released`.

    Args:
        sources: what it is made of.
        on: the day.
        only: names of claims and ids of lines; empty for all of them. Of a claim the lines that have its
            figures are among them: an embargo on one of them is one on it.

    Raises:
        WrongQuestion: a file of a claim or of the register cannot be read.
    """
    acts = _acts_by(sources, on)
    entries = [one for one in register(sources.register) if not only or {one.id, one.claim} & {*only}]
    wanted = {*only, *(one.claim for one in entries)} if only else ()
    known = [one for name, one in claims(sources.claims).items() if not only or name in wanted]
    findings = tuple(_with_unread(sources, one) for one in _checked(sources, known, on))
    by_claim = {one.claim: one for one in findings}
    made = [_line(sources, one, acts, on, by_claim) for one in entries]
    return Whole(
        findings,
        tuple(one for one, _, _ in made),
        {one.id: bare for one, bare, _ in made},
        acts,
        tuple(marking for _, _, marking in made if marking),
    )


def two_weeks(sources: Sources, on: date) -> tuple[Whole, Whole]:
    """All that is known on a day, and on the day a week before: what each edition shows a part of."""
    return whole(sources, on), whole(sources, on - WEEK)


def assemble(
    sources: Sources, on: date, edition: Edition = "working", weeks: tuple[Whole, Whole] | None = None
) -> Scorecard:
    """The page of a day in an edition.

    It is a function of the evidence, the floor's records and the day: made again it has the same bytes.

    Args:
        sources: what it is made of.
        on: the day.
        edition: what of it is shown.
        weeks: `two_weeks` of the same, where another edition needed them before.

    Raises:
        WrongQuestion: a file of a claim or of the register cannot be read.
    """
    now, before = weeks or two_weeks(sources, on)
    shown, past = released(now, on, edition), released(before, on - WEEK, edition)
    evidence = sources.evidence.of_page(on, _series(shown))
    news = changed(
        evidence.facts,
        on,
        (_both(past.findings, shown.findings), shown.findings),
        (past.lines, shown.lines),
        _acts(now.acts, shown, edition),
    )
    return Scorecard(
        on,
        edition,
        _marking(sources, now, on, edition),
        evidence.sentence,
        evidence.digest,
        news,
        tuple(one.id for one in shown.lines if one.state == "late" and one.shown),
        shown.findings,
        shown.lines,
        _cell(sources, on, edition),
        len(shown.withheld),
        version("watchfloor"),
        bool(sources.floor and sources.floor.settings.exercise),
    )


def _acts_by(sources: Sources, on: date) -> list[Act]:
    """Acts of agreement by then: of later ones a page of an old day says nothing, nor does its marking."""
    if sources.floor is None or sources.reader is None:
        return []
    _, last = moments(as_of(on, datetime.now(UTC)))
    every = On.rows(sources.floor, sources.reader)
    return [act for act in every if act["observed_at"] <= last]


def _with_unread(sources: Sources, finding: Finding) -> Finding:
    """With a caution where pieces of its files or feeds are in no sum."""
    if not sources.evidence.unread:
        return finding
    caution = Warned("unread", fill(UNREAD, count=number(sources.evidence.unread)))
    return msgspec.structs.replace(finding, warnings=(*finding.warnings, caution))


def _checked(sources: Sources, known: Iterable[Claim], on: date) -> tuple[Finding, ...]:
    return tuple(check(sources.evidence.facts, one, on) for one in known)


def _line(
    sources: Sources, entry: Entry, acts: Sequence[Act], on: date, findings: Mapping[str, Finding]
) -> tuple[Line, Line, str]:
    """A line with what is computed and stated, the same without what was stated in a form, and a marking."""
    bare, stated = line(entry, on), line(with_forms(entry, acts, on), on)
    found = compute(entry.computed, sources.floor, sources.reader, on) if entry.computed else None

    def with_it(one: Line) -> Line:
        computed = found is not None and found.value is not None
        comparable = not entry.not_comparable
        verdict = verdicts.of_line(one, computed=computed, comparable=comparable, claims=findings)
        if found is None:
            return msgspec.structs.replace(one, verdict=verdict)
        texts = [found.found, *([found.not_comparable] if found.not_comparable else [])]
        texts += [one.found] if one.found else []
        evidence = (*found.evidence, *one.evidence)
        return msgspec.structs.replace(one, found=joined(texts, " "), evidence=evidence, verdict=verdict)

    return with_it(stated), with_it(bare), found.marking if found else ""


def released(known: Whole, on: date, edition: Edition) -> withholding.Released:
    """Return the findings and lines that may appear in an edition."""
    moment = as_of(on, datetime.now(UTC))
    held = withholding.standings(known.acts, known.findings, known.lines, moment)
    return withholding.released(known.findings, known.lines, held, edition, known.published)


def _both(before: Sequence[Finding], now: Sequence[Finding]) -> list[Finding]:
    """Findings of before that may be compared: withheld then or now says nothing of a change."""
    shown = {one.claim for one in now if not withholding.withheld(one)}
    return [one for one in before if one.claim in shown and not withholding.withheld(one)]


def _series(shown: withholding.Released) -> set[str]:
    """Series on which figures rest that appear."""
    return {figure.series for one in shown.findings for figure in (*one.figures, *one.also)}


def _acts(acts: Sequence[Act], shown: withholding.Released, edition: Edition) -> list[Act]:
    """Acts that an edition tells of; the public one, which is marked for anyone, of approvals alone, and of
    those alone by which something appears."""
    if edition == "working":
        return list(acts)
    return [one for one in acts if one["act"] == "approved" and one["line"] not in shown.withheld]


def _cell(sources: Sources, on: date, edition: Edition) -> tuple[CellFigure, ...]:
    from watchfloor.scorecard.cell.figures import NAMES, cell_figures  # with inspections, calibration

    if edition == "public":
        return tuple(CellFigure(name, fill(TITLES[name]), fill(NOT_PUBLIC)) for name in NAMES)
    return cell_figures(sources.floor, sources.reader, on)


def _marking(sources: Sources, known: Whole, on: date, edition: Edition) -> str:
    """The join of all that a page is made of. What its departments agreed to publish is for anyone."""
    from watchfloor.scorecard.cell.figures import cell_marking

    if edition == "public":
        return str(PUBLIC)
    facts = [
        text
        for one in sources.evidence.facts.series.values()
        if "marking" in one.rows.column_names
        for text in one.public(on).rows["marking"].unique().to_pylist()
    ]
    floor, reader = sources.floor, sources.reader
    cell = cell_marking(floor, reader, on) if floor and reader else ""
    facts += [cell] if cell else []
    return join([*facts, *known.markings, *(str(act["marking"]) for act in known.acts)])
