"""Letters to a state that is no partner: one person drafts, another approves; none goes by itself."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

from watchfloor.actions.base import (
    FILE,
    WROTE,
    Answer,
    Context,
    Request,
    action,
    argument,
    lawful,
    new_file,
    note,
    option,
    record_of,
    text_of,
)
from watchfloor.cell.acts import Unusable, minute
from watchfloor.core.countries import COUNTRIES, nearest_country
from watchfloor.core.marking import parse
from watchfloor.core.messages import Language, declare, reason
from watchfloor.exchange.bundles.peers import BAD_COUNTRY
from watchfloor.exchange.letter import letters
from watchfloor.exchange.letter.letters import Letter
from watchfloor.exchange.letter.traces import KINDS_OF_TRACE, Trace

NOT_APPROVED: Final = declare("actions.letter-not-approved")


class TraceView(Answer, frozen=True):
    """A trace in a letter of something that it rests on, and what to do about it."""

    texts: ClassVar = "letter"
    columns: ClassVar = ("line", "says")

    line: int
    kind: str
    said: str
    says: str


class TraceList(Answer, frozen=True):
    """Traces in a letter."""

    traces: list[TraceView]

    @property
    def cautions(self) -> bool:
        """Return whether there are any."""
        return bool(self.traces)


class LetterView(Answer, frozen=True):
    """A letter: to whom it goes, what it tells and rests on, who drafted and who approved it."""

    texts: ClassVar = "letter"
    columns: ClassVar[tuple[str, ...]] = (
        *("letter", "edition", "to", "country", "subject", "drafted_by", "approved_by"),
    )

    letter: str
    edition: int
    to: str
    country: str
    subject: str
    marking: str
    tells: tuple[str, ...]
    rests_on: tuple[str, ...]
    held_as: str
    drafted_by: tuple[str, ...]
    drafted_at: datetime
    approved_by: str | None
    approved_at: str | None


class LetterChange(LetterView, frozen=True):
    """A letter, and of a draft the traces that are left in it."""

    columns: ClassVar = (*LetterView.columns, "traces")

    traces: list[TraceView]


class LetterText(LetterView, frozen=True):
    """A letter as it goes."""

    text: str


class LetterList(Answer, frozen=True):
    """Letters."""

    letters: list[LetterView]


LetterField = Annotated[str, argument("ID", "The start of a letter's id.")]


class DraftLetter(Request, frozen=True, kw_only=True):
    """The text of a letter, where it goes, and what it rests on."""

    file: Annotated[Path, argument("FILE", "Its text, Markdown in UTF-8.", exists=FILE)]
    to: Annotated[str, option("The office it goes to; the risk check names it as partner.")]
    country: Annotated[str, option("Of that office, ISO 3166-1 alpha-3.")]
    subject: Annotated[str, option("Of the letter.")]
    record: Annotated[tuple[str, ...], option("A record that it rests on; repeatable.")] = ()
    lead: Annotated[tuple[str, ...], option("A lead whose evidence it rests on; repeatable.")] = ()
    tells: Annotated[
        tuple[str, ...], option("A name, a number or a day that it is meant to tell; repeatable.")
    ] = ()
    for_: Annotated[str, option("What it is sent for, as the letter says it.")] = (
        "the application of your export controls"
    )
    signed: Annotated[str, option("The office that signs it.")] = "The Director"
    place: Annotated[str, option("Where it is written.")] = "Ottawa"
    marking: Annotated[str, option("Of the letter as it goes.")] = "U//TLP:AMBER"
    language: Annotated[Language, option("The language it is written in.")] = "en"
    amends: Annotated[str, option("The letter of which this is the next edition.")] = ""


@action(
    "letter draft",
    'letter draft exporters.md --to "Customs of Iceland" --country ISL --subject "Exporters of concern" '
    '--record 1f2e3d --tells "Example Fine Chemicals" --floor floor',
    writes=True,
)
def draft(context: Context, ask: DraftLetter) -> LetterChange:
    """Draft a letter to an office of a state that is no partner; another person must approve it.

    Name what it rests on, so that it can be searched for traces of that: sources, ids, rules, instruments,
    positions, hours, markings, phrases.
    """
    if ask.country not in COUNTRIES:
        raise Unusable(reason(BAD_COUNTRY, country=ask.country, near=nearest_country(ask.country)))
    content = letters.Content(
        ask.to.strip(),
        ask.country,
        ask.subject,
        text_of(ask.file),
        ask.for_,
        ask.signed,
        ask.place,
        str(parse(ask.marking)),
        ask.language,
        ask.tells,
        tuple(dict.fromkeys(_evidence(context, ask))),
    )
    floor, reader = context.floor, context.reader
    with lawful(), context.writer() as writer:
        earlier = Letter.find(floor, reader, ask.amends) if ask.amends else None
        id_ = letters.draft(floor, writer, content, reader, writer.moment(), earlier)
    return _change(context, id_)


class OneLetter(Request, frozen=True):
    """Which letter."""

    letter: LetterField


@action("letter check", "letter check 1a2b3c --floor floor", rows="traces", empty="letter.clean")
def check(context: Context, ask: OneLetter) -> TraceList:
    """Search a letter for traces of the records and signals that it rests on; names each."""
    one = Letter.find(context.floor, context.reader, ask.letter)
    found = letters.check(context.floor, one, context.reader, context.actor.name)
    context.log_query("letter check", letter=one.id)
    return TraceList(traces=[_trace(each, context.language) for each in found])


class ApproveLetter(OneLetter, frozen=True):
    """Which letter, and why."""

    why: Annotated[str, option("The reason, in your words.")] = ""
    edition: Annotated[int | None, option("The edition that you read; refused where there is a newer.")] = (
        None
    )
    output: Annotated[Path | None, option("Write the letter to a new file.", spelling="--out -o")] = None


@action(
    "letter approve",
    'letter approve 1a2b3c --why "they asked, and it names firms only" -o letter.md',
    writes=True,
)
def approve(context: Context, ask: ApproveLetter) -> LetterChange:
    """Approve a letter that another person drafted: it is then disclosed, and logged so.

    Refused while a trace is left, while nobody has checked the risk of mistreatment there, or while a node
    whose rows it rests on has not consented. Who you are is what the login or WATCHFLOOR_USER says, so that
    two people stand behind it is as sure as their accounts are.
    """
    floor, reader = context.floor, context.reader
    seen = Letter.find(floor, reader, ask.letter)
    with lawful(), context.writer() as writer:
        present, now = Letter.find(floor, reader, seen.id), writer.moment()
        text = letters.render(floor, present, now)
        with new_file(ask.output, text.encode()) if ask.output else nullcontext():
            letters.approve(floor, writer, present, ask.edition or seen.edition, reader, ask.why, now)
    if ask.output:
        note(context, WROTE, file=str(ask.output))
    return _change(context, seen.id)


@action("letter show", "letter show 1a2b3c --floor floor", document="text")
def show(context: Context, ask: OneLetter) -> LetterText:
    """Show a letter as it goes; what is not approved says that it is a draft."""
    one = Letter.find(context.floor, context.reader, ask.letter)
    context.log_query("letter", letter=one.id)
    text = letters.render(context.floor, one, context.now.astimezone(UTC))
    if one.approved is None:
        text = f"{reason(NOT_APPROVED).render(context.language)}\n\n{text}"
    return LetterText(**_fields(one), text=text)


@action("letter list", "letter list --floor floor", rows="letters", empty="letter.none")
def list_letters(context: Context, _: Request) -> LetterList:
    """List the letters that you may see: to whom, who drafted and who approved."""
    found = Letter.read(context.floor, context.reader).values()
    context.log_query("letters", rows=len(found))
    return LetterList(letters=[LetterView(**_fields(one)) for one in found])


def _evidence(context: Context, ask: DraftLetter) -> Iterator[str]:
    """Yield ids of the records that a letter rests on."""
    yield from (record_of(context, start).hex() for start in ask.record)
    for start in ask.lead:
        for one in context.lead(start).contributions:
            yield from (record.hex() for record in one.evidence)


def _change(context: Context, id_: str) -> LetterChange:
    one = Letter.find(context.floor, context.reader, id_)
    left = [] if one.approved else letters.check(context.floor, one, context.reader)
    return LetterChange(**_fields(one), traces=[_trace(each, context.language) for each in left])


def _trace(one: Trace, language: Language) -> TraceView:
    says = reason(KINDS_OF_TRACE[one.kind], said=one.said).render(language)
    return TraceView(line=one.line, kind=one.kind, said=one.said, says=says)


def _fields(one: Letter) -> dict[str, Any]:
    """Return the fields of a `LetterView`."""
    content, approved = one.content, one.approved
    names = ("to", "country", "subject", "marking", "tells", "rests_on")
    return {
        "letter": one.id,
        **{name: getattr(content, name) for name in names},
        **{name: getattr(one, name) for name in ("edition", "held_as", "drafted_by", "drafted_at")},
        "approved_by": (approved["by"] or None) if approved else None,
        "approved_at": minute(approved["observed_at"]) if approved else None,
    }
