"""Search over names, identifiers, texts and places: what the reader may see, the best first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from watchfloor.actions.base import Answer, Context, Request, action, argument, note, option, screen
from watchfloor.casework.tasking import deconfliction
from watchfloor.cell import finding
from watchfloor.cell.acts import Unusable, minute
from watchfloor.cell.current_signals import signals
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.desks.registry import declare_messages
from watchfloor.store.index.search import Findings, SearchHit, SearchQuery
from watchfloor.store.index.search import search as search_floor

UNSHOWN: Final = frozenset({"portions", "tear_line", "delivery"})
"""Columns that a list leaves out. The digest of a delivery is for who may see all of it: `record` decides."""

NOTHING_ASKED: Final = declare("search.nothing-asked")
NO_WORD: Final = declare("search.no-word", "words")
MORE: Final = declare("search.all-rows", "count")


class SearchFloor(Request, frozen=True):
    """A search; everything that is given must hold."""

    word: Annotated[
        tuple[str, ...], argument("[WORDS]...", 'Words; "two words" stand together, word* starts one.')
    ] = ()
    words: Annotated[str, screen("The words in one text."), msgspec.Meta(max_length=500)] = ""
    about: Annotated[str, option("Naming this subject, such as vessel:imo:9074729.", metavar="SUBJECT")] = ""
    box: Annotated[
        str, option("In this box of degrees; W beyond E crosses the date line.", metavar="W,S,E,N")
    ] = ""
    since: Annotated[str, option("About this day or moment, or later.")] = ""
    until: Annotated[str, option("About this day or moment, or earlier.")] = ""
    kind: Annotated[tuple[str, ...], option("Of this kind: report, party, signal… Repeatable.")] = ()
    as_of: Annotated[str, screen("A day (its end) or a moment: what was known then.")] = ""
    top: Annotated[int, option("How many to show.", minimum=1)] = 20

    @property
    def text(self) -> str:
        """Return the words in one text; those that were typed with a blank in them stand together."""
        typed = (f'"{word}"' if " " in word else word for word in self.word)
        return " ".join((*typed, self.words)).strip()


class FoundRow(Answer, frozen=True, kw_only=True):
    """A row that was found.

    Attributes:
        id: of the record, or of the signal.
        called: what it is called; a signal by its reason.
        where: whose it is, when it was so, where in it the words stand.
        why: where it names the subject, what place it gives.
        snippet: the passage around the words, which stand in 【brackets】.
        portion, page: that the passage is of; 0 and null if it is of none.
        record: id of the record that shows more: itself, or the first that a signal rests on; empty: none.
        rests_on: how many records a signal rests on; 0 of a record.
        row: its columns.
    """

    id: str
    kind: str
    called: str
    where: str
    why: list[str]
    marking: str
    snippet: str
    portion: int
    page: int | None
    record: str
    rests_on: int
    row: dict[str, Any]

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of the row, with what was found in it."""
        row = {name: value for name, value in plain["row"].items() if name not in UNSHOWN}
        where = {name: plain[name] for name in ("portion", "page", "snippet")} if self.portion else {}
        if self.kind == "signal":
            return {"kind": self.kind, **row, "sentence": self.called, **where}
        return {"kind": self.kind, **row, **where, "original": f"watchfloor record {self.record} --original"}

    def block(self, say: Callable[..., str]) -> tuple[str, list[str]]:
        """Return what it is called, and below it where and why it was found, and what shows more."""
        called = self.called if self.kind == "signal" else f"{self.kind}: {self.called}"
        key = "search.rests_on" if self.rests_on else "search.original" if self.record else ""
        following = say(key, n=self.rests_on, record=self.record)
        lines = (self.where, *self.why, self.snippet, following)
        return f"{called}   [{self.marking}]", [*filter(None, lines)]


class FoundRows(Answer, frozen=True, kw_only=True):
    """The best rows, and what was looked for.

    Attributes:
        count: how many there are; `more`: there are more than that.
    """

    found: list[FoundRow]
    count: int
    more: bool
    words: str
    about: str
    box: str
    since: str
    until: str
    kinds: list[str]
    as_of: str
    marking: str


@action(
    "search",
    'search ferry "grey van" --floor floor; watchfloor search --about vessel:imo:9074729 --since 2026-11-01; '
    "watchfloor search landing --box=-70,45,-60,50",
    past=True,
    rows="found",
    empty="search.nothing",
    blocks=True,
)
def search(context: Context, ask: SearchFloor) -> FoundRows:
    """Find records, reports and signals that hold all the words, name a subject, lie in a box and time.

    With words the best come first, else the last to arrive; case and accents do not matter. Only what you may
    see is searched, counted and ranked. Each search is logged.
    """
    asked, as_of = question(ask), context.as_of
    found = look(context, asked, ask.top, as_of)
    if any(one.kind == "signal" for one in found.found):
        declare_messages()
    log(context, ask, found)
    subjects = deconfliction.named(f"{ask.text} {ask.about}")
    deconfliction.log_hits(context.floor, context.reader, context.actor.authority, subjects, "search")
    if found.count > len(found.found):
        note(context, MORE, count=f"{found.count:,}{'+' if found.more else ''}")
    rows = [row(one, asked, context.language) for one in found.found]
    return FoundRows(
        found=rows,
        count=found.count,
        more=found.more,
        words=ask.text,
        about=ask.about,
        box=ask.box,
        since=ask.since,
        until=ask.until,
        kinds=list(ask.kind),
        as_of=minute(as_of) if isinstance(as_of, datetime) else str(as_of or ""),
        marking=joined([one.marking for one in rows]),
    )


def question(ask: SearchFloor) -> SearchQuery:
    """Return what is asked of the store. Raises `Refusal`."""
    return SearchQuery(
        words=ask.text or None,
        about=finding.subject(ask.about) if ask.about else None,
        box=finding.box(ask.box) if ask.box else None,
        since=moment_of_field(ask.since, "since", first=True),
        until=moment_of_field(ask.until, "until"),
        kinds=tuple(map(finding.kind, ask.kind)),
    )


def look(context: Context, asked: SearchQuery, top: int, as_of: int | datetime | None) -> Findings:
    """Return the rows that fit best, unlogged. Raises `Unusable`."""
    floor, reader = context.floor, context.reader
    if not (asked.words or asked.about or asked.box):
        raise Unusable(reason(NOTHING_ASKED))
    try:
        with context.busy("search.searching"):
            return search_floor(
                floor, reader, asked, top, as_of, derive=lambda: signals(floor, reader, as_of)
            )
    except ValueError:
        raise Unusable(reason(NO_WORD, words=asked.words)) from None


def log(context: Context, ask: SearchFloor, found: Findings, beside: Iterable[str] = ()) -> None:
    """Log a search as it was asked, the rows that it shows, and ids of what is shown beside them."""
    said = {name: getattr(ask, name) for name in ("about", "box", "since", "until", "as_of")}
    said |= {"words": ask.text, "kinds": list(ask.kind)}
    ids = [*(finding.identity(one) for one in found.found), *beside]
    given = {name: value for name, value in said.items() if value}
    context.log_query("search", **given, found=found.count, shown=ids)


def row(one: SearchHit, asked: SearchQuery, language: Language) -> FoundRow:
    """Return a row as an answer."""
    rests_on = one.row["evidence"] or one.row["coverage"] if one.kind == "signal" else []
    record = rests_on[0].hex() if rests_on else "" if one.kind == "signal" else finding.identity(one)
    return FoundRow(
        id=finding.identity(one),
        kind=one.kind,
        called=finding.called(one, language),
        where=finding.where(one, language),
        why=finding.why(one, asked, language),
        marking=one.row["marking"],
        snippet=one.snippet,
        portion=one.portion,
        page=one.page,
        record=record,
        rests_on=len(rests_on),
        row=one.row,
    )
