"""Data of the scorecard: figures, findings about claims, lines of the register, and the page as a whole.

All of it goes through JSON and back unchanged, and the page, the paper and the machine-readable twin are
functions of it alone.
"""

from datetime import date
from hashlib import sha256
from typing import Literal

import msgspec

from watchfloor.scorecard.bilingual import Text

Verdict = Literal[
    "holds",
    "fails",
    "definition-dependent",
    "open",
    "ill-formed",
    "not-computed",
    "not-published",
    "not-comparable",
    "cited",
    "uncheckable",
]
Edition = Literal["working", "public"]


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of all: immutable, strict, and without what is not said."""


class Interval(Data, frozen=True):
    """Between which values the figure lies, with which probability, and by which method; `scatter`: how many
    times as much as independent events the months of a count scatter, None where that was not measured."""

    low: float
    high: float
    level: float
    method: str
    scatter: float | None = None


class Figure(Data, frozen=True):
    """One computed number.

    Attributes:
        name: of its definition, unique in the claim: `events-fy2024`.
        label: the definition in words.
        measure: share, change (a fall is positive), total, months (how many of how many), largest
            (share of the largest cell).
        value: a share or a change as part of one; a total or a number of months as it is; None: it
            cannot be computed.
        shown: the arithmetic to the digit: `43.04 of 21,889.21 lb = 0.197 %`; or why there is none.
        interval: of a count how exact it is; of a weight how far it hangs on which seizures were made.
        holds: whether what was claimed holds of it; None: it cannot be said, or the interval straddles
            the threshold.
        series: what it rests on.
        vintages: days by which the numbers it rests on were public, the newest last.
        rows: how many numbers of the evidence are in it.
        digest: of those numbers, SHA-256 in hexadecimal.
        department: whose evidence it is, where that is a Canadian department; its agreement is then
            always needed.
        cited: the document that says it, where only a document does.
    """

    name: str
    label: Text
    measure: str
    value: float | None
    shown: Text
    interval: Interval | None = None
    holds: bool | None = None
    series: str = ""
    vintages: tuple[date, ...] = ()
    rows: int = 0
    digest: str = ""
    department: str = ""
    cited: Text | None = None


class Compared(Data, frozen=True):
    """A change beside that of the control, to the same month: `difference` is ours less theirs."""

    label: Text
    ours: float
    theirs: float
    difference: float


class Warned(Data, frozen=True):
    """A caution about how a claim was put: its baseline, window, unit, one cell, a revision, a conflict."""

    kind: str
    text: Text


class Curve(Data, frozen=True):
    """A monthly series as plotted: `start` is its first month as `2023-10`; None where it is not published.

    `role` says how it is drawn: ours, control, threshold, expected.
    """

    label: Text
    role: str
    unit: Text
    start: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


class Plot(Data, frozen=True):
    """A picture: curves over months, marked months (`{"2024-06": "baseline"}`), what a reader who does not
    see it is told, the source that stands below it, and what a reader takes from it."""

    name: str
    title: Text
    alt: Text
    curves: tuple[Curve, ...] = ()
    marks: dict[str, Text] = {}
    threshold: float | None = None
    source: Text | None = None
    takeaway: Text | None = None


class Finding(Data, frozen=True):
    """A finding about one claim.

    Attributes:
        claim: its name, which is that of its file.
        title: three or four words.
        words: what was said, reported in our words.
        by: who said it.
        said_on: when.
        department: accountable for it.
        verdict: see `Verdict`.
        why: one sentence on the verdict.
        sure: one sentence on how sure we are.
        figures: under each admissible definition, the first is the one that the words suggest.
        also: other figures that a reader needs beside them.
        compared: changes beside those of the control.
        warnings: cautions.
        tried: how many definitions were searched, and how many of them give what was claimed.
        notes: what the words hide: that "region" is where a seizure was made, for one.
        seasonal: the same months of other years, in a sentence.
        interrupted: the interrupted time series, or why there is none.
        nowcast: the months that are not published yet, of a change.
        plots: pictures.
        agreement: how that of each department which is asked for it stands, by its code.
    """

    claim: str
    title: Text
    words: Text
    by: Text
    said_on: date
    department: str
    verdict: Verdict
    why: Text
    sure: Text
    figures: tuple[Figure, ...] = ()
    also: tuple[Figure, ...] = ()
    compared: tuple[Compared, ...] = ()
    warnings: tuple[Warned, ...] = ()
    tried: Text | None = None
    notes: tuple[Text, ...] = ()
    seasonal: Text | None = None
    interrupted: Text | None = None
    nowcast: Text | None = None
    plots: tuple[Plot, ...] = ()
    agreement: dict[str, str] = {}

    @property
    def digest(self) -> str:
        """Of all that a department agrees to, SHA-256 in hexadecimal: it changes with every digit and
        definition, and not with how the agreement stands."""
        return digest(msgspec.structs.replace(self, agreement={}))


class Evidence(Data, frozen=True):
    """Evidence of a line: a cited document or computed rows. `value` is the figure in it, if there is one."""

    what: Text
    source: str
    day: date
    value: float | None = None


class Line(Data, frozen=True):
    """A line of the register as it stands on the page.

    Attributes:
        id: such as `14b`: the sentence of the report, and which part of it.
        kind: figure, commitment, statement, context or uncheckable.
        says: what the report says, in our words.
        department: accountable.
        claim: the finding that computes it, if one does.
        unit: what is counted: towers, officers.
        announced, delivered, in_service: quantities; None: nobody has said.
        announced_on, due: days.
        state: of a commitment: announced, delivered, in-service, late, no-evidence; of others empty.
        evidence: documents and rows, each with its day.
        found: what was computed or is cited, in a sentence; for a line that cannot be checked, why not.
        agreement: not-called, called, attested, approved, lapsed, embargoed or not-needed.
        until: end of an embargo.
        shown: whether figures of it may appear in this edition; where not, they are not in this document.
        verdict: that of its claim; of a commitment its state; else cited, computed, not-comparable,
            no-evidence or uncheckable; empty of context, and of what may not appear.
    """

    id: str
    kind: str
    says: Text
    department: str
    claim: str = ""
    unit: Text | None = None
    announced: float | None = None
    delivered: float | None = None
    in_service: float | None = None
    announced_on: date | None = None
    due: date | None = None
    state: str = ""
    evidence: tuple[Evidence, ...] = ()
    found: Text | None = None
    agreement: str = "not-called"
    until: date | None = None
    shown: bool = True
    verdict: str = ""


class CellFigure(Data, frozen=True):
    """A figure of the cell itself: of its queue, its calibration, its fairness, its audit; in a sentence,
    or why there is none."""

    name: str
    title: Text
    text: Text
    value: float | None = None
    interval: Interval | None = None


class Scorecard(Data, frozen=True):
    """The page.

    Attributes:
        on: the day as of which everything is known.
        edition: working or public.
        exercise: whether the floor is one of an exercise; the page then says so everywhere.
        marking: who may see it.
        evidence: which facts: of a floor, of files, of the package.
        digest: of those facts, SHA-256 in hexadecimal.
        changed: what changed in the seven days before, in sentences.
        late: ids of lines whose day is past without evidence.
        findings: about claims, in their order.
        lines: of the register, in the report's order.
        cell: figures of the cell.
        withheld: how many lines and findings do not appear for want of agreement.
        version: of the program.
    """

    on: date
    edition: Edition
    marking: str
    evidence: Text
    digest: str
    changed: tuple[Text, ...]
    late: tuple[str, ...]
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    cell: tuple[CellFigure, ...]
    withheld: int
    version: str
    exercise: bool = False


def digest(value: Data) -> str:
    """SHA-256 of its JSON with sorted keys, in hexadecimal."""
    return sha256(msgspec.json.encode(value, order="sorted")).hexdigest()
