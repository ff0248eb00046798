"""The law over time: what answers differently between two days, and what a new consolidation changes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Final

import msgspec

from watchfloor.actions.base import PATH, Answer, Context, Request, action, argument, note, words
from watchfloor.actions.gateways import OWN
from watchfloor.cell.acts import Refusal, Unusable
from watchfloor.cell.wording.dates import day
from watchfloor.core.messages import declare, reason
from watchfloor.policy.gateway_table import Table, load_table
from watchfloor.reference.law import items
from watchfloor.reference.law.review import Finding, open_folder, review
from watchfloor.reference.law.wordings import status, wording, wordings

BACKWARDS: Final = declare("law.backwards", "first", "second")
NONE_READ: Final = declare("law.none-read", "folder")
WITHOUT_TEXT: Final = declare("law.without-text", "laws")
SHOWN: Final = 300
"""Characters of a wording that a terminal shows; JSON has them all."""


class LegalChange(Answer, frozen=True):
    """One thing that answers differently on two days.

    Attributes:
        what: a gateway, a provision that something rests on, or an item of a schedule of substances.
        id: of the gateway, or as it is cited.
        change: it opens or ends; its words are new; it is added to its schedule, or gone from it.
        day: on which it does.
        citation: the provision.
        before: the words, or what the item named, on the first day.
        after: the same on the second.
    """

    texts: ClassVar = "law.change"
    columns: ClassVar = ("what", "id", "change", "day", "citation")

    what: Annotated[str, words("law.what_")]
    id: str
    change: Annotated[str, words("law.change_")]
    day: date | None
    citation: str
    before: str
    after: str


class LegalChanges(Answer, frozen=True):
    """Gateways, provisions and items of schedules that answer differently on two days."""

    changes: list[LegalChange]


class TwoDays(Request, frozen=True):
    """Two days."""

    first: Annotated[str, argument("FROM", "The earlier day, YYYY-MM-DD.", required=True)]
    second: Annotated[str, argument("TO", "The later day, YYYY-MM-DD.", required=True)]


@action(
    "law diff",
    "law diff 2026-03-25 2026-03-27",
    settings_only=True,
    rows="changes",
    empty="law.no-changes",
)
def diff(context: Context, ask: TwoDays) -> LegalChanges:
    """List the gateways, provisions and schedules of substances that answer differently on two days."""
    first, second = day(ask.first), day(ask.second)
    if second < first:
        raise Unusable(reason(BACKWARDS, first=str(first), second=str(second)))
    table = load_table(context.folder / OWN)
    found = [*_gateways(table, first, second), *_provisions(first, second), *_items(first, second)]
    return LegalChanges(changes=found)


def _gateways(table: Table, first: date, second: date) -> Iterator[LegalChange]:
    for one in table.gateways.values():
        before, after = one.stands(first), one.stands(second)
        if before != after:
            yield LegalChange(
                what="gateway",
                id=one.id,
                change="opens" if after else "ends",
                day=one.since if after else _next(one.expires),
                citation=one.citation,
                before="" if after else one.rests_on,
                after=one.rests_on if after else "",
            )


def _provisions(first: date, second: date) -> Iterator[LegalChange]:
    for law, label in wordings():
        before, after = wording(law, label, first), wording(law, label, second)
        unknown = before is None and status(law, label, first).state in ("unknown", "in-force")
        if before == after or unknown:
            continue  # the same; or the words that stood first were never read
        yield LegalChange(
            what="provision",
            id=f"{law} {label}",
            change="changed" if before and after else "opens" if after else "ends",
            day=after.amended if after else _next(before.until if before else None),
            citation=f"{law} {label}",
            before=before.text if before else "",
            after=after.text if after else "",
        )


def _items(first: date, second: date) -> Iterator[LegalChange]:
    for one in items.diff(first, second):
        item = one.after or one.before
        if item is not None:
            yield LegalChange(
                what="item",
                id=item.key,
                change=one.what,
                day=one.day,
                citation=item.citation,
                before="; ".join(one.before.names_en) if one.before else "",
                after="; ".join(one.after.names_en) if one.after else "",
            )


def _next(last: date | None) -> date | None:
    return date.fromordinal(last.toordinal() + 1) if last else None


class ReviewRow(Answer, frozen=True):
    """One line of the to-do list: a cited provision that is not as it was read, or a file that was refused.

    Attributes:
        change: what is new of the provision, or `refused`.
        rows: ids of gateways and records that cite it, and what else does.
        citation: as the rows have it.
        moved_to: the label that it has now, where that is another one.
        words_gone: gateways whose quotation of the law is in the new words no more.
        before, after: the words as they were read, and now; of a refusal, after is why.
        why_refused: id of the message that says why a file was refused.
    """

    texts: ClassVar = "law.review"

    change: Annotated[str, words("law.change_")]
    file: str
    citation: str = ""
    moved_to: str = ""
    rows: list[str] = msgspec.field(default_factory=list)
    words_gone: list[str] = msgspec.field(default_factory=list)
    before: str = ""
    after: str = ""
    before_since: date | None = None
    since: date | None = None
    why_refused: str = msgspec.field(default="", name="refusal")

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:
        """Return the provision and what is new of it, with the words before and after."""
        head = f"{self.citation or self.file}: {say(f'law.change_{self.change}')}"
        if self.why_refused:
            return head, [self.after]
        lines = {
            "moved_to": self.moved_to,
            "rows": ", ".join(self.rows),
            "words_gone": ", ".join(self.words_gone),
            "before": _short(self.before),
            "after": _short(self.after),
            "since": str(self.since or ""),
        }
        return head, [f"{say(f'law.review.{name}')}: {text}" for name, text in lines.items() if text]


class Reviewed(Answer, frozen=True):
    """The to-do list of a new consolidation, and how many statutes were compared."""

    to_do: list[ReviewRow]
    compared: int
    folder: str

    @property
    def cautions(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.to_do)

    @property
    def refusal(self) -> Refusal | None:
        """Return the refusal of a folder of which no file could be compared."""
        if self.compared:
            return None
        return Unusable(reason(NONE_READ, folder=self.folder))


class OneFolder(Request, frozen=True):
    """Where the new consolidations are."""

    folder: Annotated[Path, argument("FOLDER", "Statutes and regulations in Justice Laws XML.", exists=PATH)]


@action(
    "law check",
    "law check consolidations/",
    settings_only=True,
    rows="to_do",
    empty="law.nothing-to-do",
    blocks=True,
)
def check(context: Context, ask: OneFolder) -> Reviewed:
    """Hold new consolidations against every provision that is cited: a to-do list for counsel."""
    table = load_table(context.folder / OWN)
    cited = _cited(table)
    folder = open_folder(ask.folder, cited)
    to_do = [
        ReviewRow(
            change="refused",
            file=one.file,
            after=one.reason.render(context.language),
            why_refused=one.reason.message,
        )
        for one in folder.rejected
    ]
    for file, statute in folder.statutes.items():
        labels = cited[statute.number]
        to_do += [_row(found, labels[found.label], table) for found in review(statute, labels, file)]
    unread = sorted(set(cited) - {one.number for one in folder.statutes.values()})
    if folder.statutes and unread:
        note(context, WITHOUT_TEXT, laws=", ".join(unread))
    return Reviewed(to_do=to_do, compared=len(folder.statutes), folder=str(ask.folder))


def _cited(table: Table) -> dict[str, dict[str, list[str]]]:
    """Return by law and label what cites it."""
    found: dict[str, dict[str, list[str]]] = {}
    numbers = {name: law.number for name, law in table.laws.items()}
    rows = [(numbers.get(law, ""), label, row) for law, label, row in table.citations()]
    rows += [(law, label, by) for (law, label), one in wordings().items() for by in one[-1].by.split()]
    for number, label, row in rows:
        if number and row:
            by = found.setdefault(number, {}).setdefault(label, [])
            if row not in by:
                by.append(row)
    return found


def _row(found: Finding, rows: list[str], table: Table) -> ReviewRow:
    names: Mapping[str, str] = {law.number: name for name, law in table.laws.items() if law.number}
    gateways = [table.gateways[one] for one in rows if one in table.gateways]
    gone = [one.id for one in gateways if one.section == found.label and not one.quoted(found.whole)]
    return ReviewRow(
        change=found.change,
        file=found.file,
        citation=f"{names.get(found.law, found.law)} {found.label}",
        moved_to=found.moved_to,
        rows=rows,
        words_gone=gone,
        before=found.before,
        after=found.after,
        before_since=found.before_since,
        since=found.since,
    )


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} …"
