"""Claims of public figures, computed from published numbers under each admissible definition."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec

from watchfloor.actions.base import (
    PATH,
    Answer,
    Context,
    Line,
    Request,
    Table,
    action,
    argument,
    note,
    option,
)
from watchfloor.actions.scorecard import (
    Basis,
    FromFiles,
    KnownOnField,
    StatisticsField,
    answerable,
    day_of,
    given,
)
from watchfloor.cell.acts import NotFound, refuse
from watchfloor.core.messages import Language, declare, reason
from watchfloor.formats.settings import nearest
from watchfloor.scorecard import claims as programs
from watchfloor.scorecard.bilingual import day, number, percent
from watchfloor.scorecard.findings import Figure, Finding
from watchfloor.scorecard.findings import Line as RegisterLine
from watchfloor.scorecard.page.page_words import in_words, term
from watchfloor.scorecard.page.values import held
from watchfloor.scorecard.problems import Unanswerable

MOST: Final = 40
"""Rows that a terminal shows; a file has all."""

NOT_HELD: Final = declare("scorecard.not-held")
WITHHELD: Final = declare("scorecard.claim-withheld", "claim")
NO_DEFINITION: Final = declare("scorecard.no-definition", "claim", "name", "near")

FIGURE: Final = ("definition", "label", "shown", "interval", "holds")
ROW: Final = ("month", "cell", "measure", "value", "vintage", "record")
LINE: Final = ("line", "verdict", "says", "quantities", "found")
REMARKS: Final = ("tried", "seasonal", "interrupted", "nowcast")


def _heads(say: Any, table: str, names: Sequence[str]) -> list[str]:
    return [say(f"claims.{table}.{name}") for name in names]


class ClaimsChecked(Answer, frozen=True):
    """Claims and lines of the register with their verdicts.

    Attributes:
        on: the day by which numbers must have been public; `evidence`: where they come from.
        language: of the text.
        unread: whether rows of a file could not be read.
    """

    findings: list[Finding]
    lines: list[RegisterLine]
    on: date
    evidence: str
    language: Language
    unread: bool

    @property
    def cautions(self) -> bool:
        """Return whether a claim cannot be computed, or rows of a file could not be read."""
        return self.unread or any(one.verdict in ("not-computed", "not-published") for one in self.findings)

    def listed(self, _: str) -> list[Any]:
        """Return the claims, and then the lines."""
        return [*self.findings, *self.lines]

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield each claim with its figures and cautions, and the lines in a table."""
        yield Line(say("claims.from", day=day(self.on)[self.language], evidence=self.evidence))
        if not self.findings:
            yield Line(say("claims.none"))
        for one in self.findings:
            yield from self._finding(one, say)
        if self.lines:
            yield Line("")
            yield Table("", _heads(say, "line", LINE), map(self._line, self.lines))

    def _finding(self, one: Finding, say: Any) -> Iterator[Line | Table]:
        language = self.language
        yield Line("")
        yield Line(f"{one.title[language]} ({one.claim})", "bold")
        whose = {"day": day(one.said_on)[language], "by": one.by[language], "words": one.words[language]}
        yield Line("  " + say("claims.said", **whose))
        verdict = say("claims.verdict", verdict=in_words(one.verdict)[language], why=one.why[language])
        yield Line(f"  {verdict}", "bold")
        yield Line("  " + say("claims.sure", sure=one.sure[language]))
        rows = [self._figure(each, say, term("holds", held(each))[language]) for each in one.figures]
        rows += [self._figure(each, say, say("claims.also")) for each in one.also]
        yield Table("", _heads(say, "figure", FIGURE), rows)
        for each in one.compared:
            shares = {
                "ours": percent(-each.ours)[language],
                "theirs": percent(-each.theirs)[language],
                "difference": number(-100 * each.difference, 1)[language],
            }
            yield Line("  " + say("claims.control", label=each.label[language], **shares))
        remarks = [(name, text) for name in REMARKS if (text := getattr(one, name))]
        said = [("warning", each.text) for each in one.warnings]
        for name, text in (*said, *remarks, *(("note", each) for each in one.notes)):
            yield Line("  " + say(f"claims.{name}", text=text[language]))

    def _figure(self, one: Figure, say: Any, holds: str) -> tuple[str, ...]:
        return one.name, one.label[self.language], one.shown[self.language], self._interval(one, say), holds

    def _interval(self, one: Figure, say: Any) -> str:
        from watchfloor.scorecard.claims.doubt import as_told, at_least  # loads scipy

        around = as_told(one)
        if around is None:
            return ""
        ends = (
            number(end) if one.measure == "total" else percent(end, 2) for end in (around.low, around.high)
        )
        text = " – ".join(end[self.language] for end in ends)
        return str(say("claims.at-least", interval=text)) if at_least(around) else text

    def _line(self, one: RegisterLine) -> tuple[str, ...]:
        """Return a line's cells; a dash stands for what nobody has said."""
        language, parts = self.language, (one.announced, one.delivered, one.in_service)
        has = one.kind == "commitment" and one.announced is not None
        numbers = ("–" if part is None else number(part)[language] for part in parts)
        found = one.found[language] if one.found else ""
        return one.id, in_words(one.verdict)[language], one.says[language], " / ".join(numbers) * has, found


class CheckClaims(FromFiles, frozen=True):
    """Which claims and lines, and from what."""

    names: Annotated[
        tuple[str, ...],
        argument("CLAIM…", "Names of claims, or ids of lines of the register; all where none is given."),
    ] = ()
    on: KnownOnField = ""
    statistics: StatisticsField = ()


@action(
    "claims check",
    "claims check --statistics ../shared/data/statistics --on 2026-06-30",
    floor_optional=True,
    rows="findings",
)
def check(context: Context, ask: CheckClaims) -> ClaimsChecked:
    """Compute claims under each admissible definition, give each its verdict, and then every other sentence.

    What a department has not agreed to and is its own, or is under embargo, is withheld here too. Exit codes:
    0 all computed; 1 one cannot be computed from what is held, or rows of a file could not be read.
    """
    from watchfloor.scorecard.checked import checked  # loads scipy

    on, have = day_of(context, ask.on), given(context, ask.statistics)
    with answerable():
        found = checked(_sources(have, ask), on, ask.names)
    shown = [*(one.claim for one in found.findings), *(one.id for one in found.lines)]
    if context.has_floor:
        context.log_query("claims", shown=shown, on=on.isoformat())
    answer = ClaimsChecked(
        findings=list(found.findings),
        lines=list(found.lines),
        on=on,
        evidence=have.evidence.sentence[context.language],
        language=context.language,
        unread=bool(have.evidence.told),
    )
    figures = (figure for one in found.findings for figure in one.figures)
    if any(one.verdict == "not-computed" for one in found.findings) or any(
        figure.value is None for figure in figures
    ):
        note(context, NOT_HELD)
    return answer


def _sources(have: Basis, ask: "CheckClaims | ListRows") -> Any:
    from watchfloor.scorecard.assemble import Sources  # loads scipy

    return Sources(have.evidence, have.floor, have.reader, ask.lines, ask.claims)


class ClaimView(Answer, frozen=True):
    """A claim that can be computed: who said what when, and in how many ways it can be read."""

    texts: ClassVar = "claims"

    claim: str
    title: str
    department: str
    said_on: date
    definitions: int
    words: str


class ClaimList(Answer, frozen=True):
    """The claims that can be computed."""

    columns: ClassVar = ("claim", "title", "department", "said_on", "definitions", "words")

    claims: list[ClaimView]


class ListClaims(Request, frozen=True):
    """Which further claims."""

    claims: Annotated[
        tuple[Path, ...],
        option("Further claims: TOML files or folders; repeatable.", metavar="PATH", exists=PATH),
    ] = ()


@action(
    "claims list", "claims list --claims our-claims/", files_only=True, rows="claims", empty="claims.none"
)
def list_(context: Context, ask: ListClaims) -> ClaimList:
    """The claims that can be computed: those of the package, and of files."""
    with answerable():
        found = programs.claims(ask.claims).values()
    views = [
        ClaimView(
            claim=one.name,
            title=one.title[context.language],
            department=one.department,
            said_on=one.said.on,
            definitions=len(one.definitions),
            words=one.said.words[context.language],
        )
        for one in found
    ]
    return ClaimList(claims=views)


class PublishedNumber(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number of a series, by month and cell.

    Attributes:
        vintage: by when it was public; `disputed`: a second file of that vintage has another number.
        record, source, locator, marking: of a floor, the record that it comes from.
    """

    month: str
    until: str
    series: str
    cell: dict[str, str]
    measure: str
    unit: str
    value: float
    vintage: str
    disputed: bool
    record: str | None = None
    source: str | None = None
    locator: str | None = None
    marking: str | None = None


class FigureRows(Answer, frozen=True):
    """The published numbers that a figure rests on.

    Attributes:
        figure: it; null if it cannot be computed.
        language: of the text; `file`: that all of them were written into.
    """

    rows: list[PublishedNumber]
    figure: Figure | None
    language: Language
    file: str

    @property
    def cautions(self) -> bool:
        """Return whether the figure cannot be computed."""
        return self.figure is None

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield the first rows, or which file has them."""
        if self.figure is None:
            return
        if self.file:
            yield Line(say("claims.written", n=len(self.rows), file=self.file))
            return
        if not self.rows:
            yield Line(say("claims.no-rows"))
            return
        about = {"label": self.figure.label[self.language], "shown": self.figure.shown[self.language]}
        title = say("claims.rows", n=len(self.rows), **about)
        yield Table(title, _heads(say, "row", ROW), map(self._row, self.rows[:MOST]))
        if len(self.rows) > MOST:
            yield Line(say("claims.more", n=len(self.rows) - MOST))

    def _row(self, row: PublishedNumber) -> tuple[str, ...]:
        value = f"{number(row.value, 2 if row.unit else 0)[self.language]} {row.unit}".strip()
        return (
            row.month,
            ", ".join(row.cell.values()),
            row.measure,
            value,
            row.vintage,
            (row.record or "")[:12],
        )


class ListRows(FromFiles, frozen=True, kw_only=True):
    """Which figure, and from what."""

    claim: Annotated[str, argument("CLAIM", "Name of a claim.")]
    definition: Annotated[str, argument("DEFINITION", "Name of one of its definitions.")]
    output: Annotated[Path | None, option("A CSV to write them to, whole.", spelling="-o")] = None
    on: KnownOnField = ""
    statistics: StatisticsField = ()


@action(
    "claims rows",
    "claims rows fentanyl-north weight-fy2024 -o rows.csv",
    floor_optional=True,
    rows="rows",
)
def rows(context: Context, ask: ListRows) -> FigureRows:
    """The published numbers that one figure rests on, each with its vintage and, on a floor, its record."""
    from watchfloor.scorecard.assemble import released, whole  # loads scipy
    from watchfloor.scorecard.claims.measures import figure, sums
    from watchfloor.scorecard.rows import rows_of

    on = day_of(context, ask.on)
    with answerable():
        wanted = programs.named(programs.claims(ask.claims), ask.claim)
    asked = dict(wanted.computed())
    if ask.definition not in asked:
        near = nearest(ask.definition, asked)
        raise NotFound(reason(NO_DEFINITION, claim=ask.claim, name=ask.definition, near=near))
    have = given(context, ask.statistics)
    if ask.claim in released(whole(_sources(have, ask), on, (ask.claim,)), on, "working").withheld:
        refuse(WITHHELD, claim=ask.claim)
    facts, definition = have.evidence.facts.known(on), asked[ask.definition]
    try:
        found = rows_of(sums(facts, definition))
    except Unanswerable as error:
        context.note(error.reason)
        return FigureRows(rows=[], figure=None, language=context.language, file="")
    if context.has_floor:
        context.log_query("rows of a claim", shown=[f"{ask.claim} {ask.definition}"], rows=len(found))
    if ask.output:
        _write(ask.output, found)
    return FigureRows(
        rows=[PublishedNumber(**row) for row in found],
        figure=figure(facts, ask.definition, definition, None),
        language=context.language,
        file=str(ask.output or ""),
    )


def _write(path: Path, found: Sequence[dict[str, Any]]) -> None:
    """Write rows as CSV, a column a dimension."""
    dimensions = sorted({name for row in found for name in row["cell"]})
    others = [name for name in dict.fromkeys(name for row in found for name in row) if name != "cell"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*others, *dimensions], restval="")
        writer.writeheader()
        writer.writerows({**{k: v for k, v in row.items() if k != "cell"}, **row["cell"]} for row in found)
