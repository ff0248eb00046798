"""Search over names, identifiers and text: what the reader may see, counted and ranked after the mask.

Each search is an act with a purpose and is logged, and owners of what is held out of sight are told of it. So
nothing is searched while somebody types.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Annotated, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.actions import search
from watchfloor.actions.search import SearchFloor
from watchfloor.casework.tasking import deconfliction
from watchfloor.casework.tasking.tasks import Task
from watchfloor.casework.tasking.units import plain
from watchfloor.cell import finding
from watchfloor.cell.acts import refuse
from watchfloor.cell.queue import NoLead
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.dates import moment
from watchfloor.cell.wording.estimative_language import words
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, first_queue
from watchfloor.console.pictures.picture import Picture
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.store.index.search import Findings, SearchHit, SearchQuery
from watchfloor.store.index.search import records as records_of

SIZE: Final = 20
MOST: Final = 1_000
"""Rows of one page; who needs more asks for less."""
LINKED: Final = 3
"""Leads, and subjects, that a row is linked with."""
HEAD: Final = 500
"""Leads at the head of the queue whose titles are looked through, and how many of them are shown."""
TITLED: Final = 5
ID: Final = re.compile(r"[0-9a-f]{6,64}")
"""The start of an id that is looked for."""
TRIED: Final = 8
"""Subjects of what was typed whose rows are counted."""

NO_MORE: Final = declare("console.search-size", "most", "top")


Text = Annotated[str, msgspec.Meta(max_length=500)]


class SearchAsk(SearchFloor, frozen=True):
    """A search, of no longer texts than a form sends."""

    word: Annotated[tuple[Text, ...], msgspec.Meta(max_length=50)] = ()
    about: Text = ""
    box: Text = ""
    since: Text = ""
    until: Text = ""
    as_of: Text = ""


class Piece(msgspec.Struct, frozen=True):
    """A part of a snippet, and whether it is a word that was looked for."""

    text: str
    hit: bool


class LeadLink(msgspec.Struct, frozen=True):
    """A lead that names a subject."""

    lead_id: str
    probability: float
    word: str
    marking: str


class Row(msgspec.Struct, frozen=True):
    """A row that was found.

    Attributes:
        id: of the record, or of the signal.
        kind: of the row.
        called: what it is called; a signal by its reason.
        where: whose it is, when it was so, where in it the words stand.
        why: where it names the subject, what place it gives.
        marking: who may see it.
        snippet: the passage around the words.
        record: id of the record that shows more: itself, or what a signal rests on; empty: none.
        subjects: that it names, the first of them; `others`: how many more.
        leads: that name one of them.
    """

    id: str
    kind: str
    called: str
    where: str
    why: list[str]
    marking: str
    snippet: list[Piece]
    record: str
    subjects: list[str]
    others: int
    leads: list[LeadLink]


class Count(msgspec.Struct, frozen=True):
    """A kind and how many rows of it there are."""

    kind: str
    count: int


class Named(msgspec.Struct, frozen=True):
    """A subject that was typed.

    Attributes:
        subject: its key.
        count: rows that name it, all kinds; `more`: there are more than that.
        leads: that name it.
    """

    subject: str
    count: int
    more: bool
    leads: list[LeadLink]


class Exact(msgspec.Struct, frozen=True):
    """A lead, a task or a record whose id begins with what was typed, or a lead whose title holds the words.

    Attributes:
        kind: lead, task or record.
        id: whole.
        called: the lead's title, the task's instruction, what the record is called.
    """

    kind: str
    id: str
    called: str
    marking: str


class Search(msgspec.Struct, frozen=True):
    """Result of a search.

    Attributes:
        marking: the join of what is shown.
        asked: whether anything was looked for.
        found: the best rows.
        count: how many there are; `more`: there are more than that.
        kinds: how many there are of each kind, whichever kinds were asked for.
        named: subjects that the words name.
        exact: what has an id that begins so, and leads whose titles hold all the words.
        next: rows to ask for so as to see more; 0: all are shown, or more than a page may have.
        as_of: moment as of which was searched; None: now.
    """

    marking: str
    asked: bool
    found: list[Row] = []
    count: int = 0
    more: bool = False
    kinds: list[Count] = []
    named: list[Named] = []
    exact: list[Exact] = []
    next: int = 0
    as_of: datetime | None = None


def find(asker: Asker, ask: SearchAsk) -> Search:
    """Records, reports and signals by words, subject, box and time, the best first."""
    if not (ask.text or ask.about or ask.box):
        return Search("", asked=False)
    if not 1 <= ask.top <= MOST:
        refuse(NO_MORE, most=MOST, top=ask.top)
    asked, at = search.question(ask), moment(ask.as_of) if ask.as_of else None
    found = search.look(asker, asked, ask.top, at)
    keys = _typed(ask)
    counts = {key: search.look(asker, SearchQuery(about=key), 1, at) for key in keys[:TRIED]}
    exact = [] if at else [*_by_id(asker, ask.text), *_titled(asker, ask.text)]
    search.log(asker, ask, found, [one.id for one in exact])
    deconfliction.log_hits(asker.floor, asker.reader, asker.session.authority, keys, "search")
    leads = _leads(asker, [*counts, *(key for one in found.found for key in finding.subjects(one))], at)
    rows = [_row(asker, one, asked, leads) for one in found.found]
    named = [Named(key, one.count, one.more, leads.get(key, [])) for key, one in counts.items() if one.count]
    linked = [*(row.leads for row in rows), *(one.leads for one in named)]
    marked = [*(one.marking for each in linked for one in each), *(one.marking for one in exact)]
    return Search(
        joined([*(row.marking for row in rows), *_markings(counts), *marked]),
        True,
        rows,
        found.count,
        found.more,
        [
            Count(kind, count)
            for kind, count in sorted(found.kinds.items(), key=lambda one: (-one[1], one[0]))
        ],
        named,
        exact,
        _next(ask.top, found),
        at,
    )


def _typed(ask: SearchAsk) -> list[str]:
    """Subjects that were typed: keys, numbers that prove themselves, and what a bare number may be."""
    named = deconfliction.named(f"{ask.text} {ask.about}")
    return list(dict.fromkeys([*named, *finding.bare(ask.text)]))


def _by_id(asker: Asker, text: str) -> Iterator[Exact]:
    """Yield the leads, tasks and records whose id begins with what was typed."""
    start = text.strip().lower()
    if not ID.fullmatch(start):
        return
    picture = asker.picture
    with suppress(NoLead):
        yield _lead(asker, picture, picture.find(start)[0])
    for task in Task.read(asker.floor, asker.reader).values():
        if task.id.startswith(start):
            yield Exact("task", task.id, task.order.instruction, task.order.marking)
    for one in records_of(asker.floor, start, asker.reader, top=LINKED):
        yield Exact("record", finding.identity(one), finding.title(one, asker.language), one.row["marking"])


def _titled(asker: Asker, text: str) -> list[Exact]:
    """Return leads at the head of the queue whose titles, in either language, hold all the words."""
    words_ = plain(text).split()
    if not any(map(str.isalpha, words_)):
        return []
    picture, weights = asker.picture, load()
    supposed = picture.table["hypothesis"].to_pylist()[:HEAD]
    said = (
        (row, f"{title.en} {title.fr} {weights.hypotheses[name].called(asker.language)}")
        for row, name in enumerate(supposed)
        for title in [picture.title(row)]
    )
    fits = (row for row, called in said if all(word in plain(called) for word in words_))
    return [_lead(asker, picture, row) for row in islice(fits, TITLED)]


def _lead(asker: Asker, picture: Picture, row: int) -> Exact:
    title = picture.title(row)
    called = title.fr if asker.language == "fr" else title.en
    (line,) = picture.listed(np.array([row]))
    return Exact(
        "lead", line["lead_id"], called, joined(filter(None, [line["marking"], line["called_marking"]]))
    )


def _leads(asker: Asker, keys: Iterable[str], at: datetime | None) -> Mapping[str, list[LeadLink]]:
    """By subject, the likeliest leads that name it now; of a past moment none are looked for."""
    wanted = list(dict.fromkeys(keys))
    if at is not None or not wanted:
        return {}
    picture = asker.picture
    found: dict[str, list[LeadLink]] = {}
    for key, row in naming(picture, wanted):
        if len(mine := found.setdefault(key, [])) < LINKED:
            wanted_of = ("lead_id", "probability", "low", "high", "marking")
            lead_id, chance, low, high, marking = (picture.table[name][row].as_py() for name in wanted_of)
            mine.append(LeadLink(lead_id, chance, words(low, high, asker.language), marking))
    return found


def naming(picture: Picture, keys: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Each of these subjects that a lead of a picture names, with the lead's row; in the queue's order."""
    subjects = picture.table["subjects"].combine_chunks()
    named = subjects.flatten()
    which = pc.indices_nonzero(pc.is_in(named, value_set=pa.array(list(keys), pa.string())))
    rows = pc.list_parent_indices(subjects).take(which)
    yield from zip(named.take(which).to_pylist(), rows.to_pylist(), strict=True)


def _row(asker: Asker, one: SearchHit, asked: SearchQuery, leads: Mapping[str, list[LeadLink]]) -> Row:
    keys = finding.subjects(one)
    linked = {each.lead_id: each for key in keys for each in leads.get(key, ())}
    row = search.row(one, asked, asker.language)
    same = ("id", "kind", "called", "where", "why", "marking", "record")
    return Row(
        **{name: getattr(row, name) for name in same},
        snippet=pieces(row.snippet),
        subjects=keys[:LINKED],
        others=max(0, len(keys) - LINKED),
        leads=list(linked.values())[:LINKED],
    )


def pieces(snippet: str) -> list[Piece]:
    """A snippet of the store in parts: the words that were looked for stand in 【brackets】 in it."""
    found = []
    for n, part in enumerate(snippet.split("【")):
        hit, closed, rest = part.partition("】")
        if n and closed:
            found += [Piece(hit, True), Piece(rest, False)]
        else:
            found.append(Piece(f"【{part}" if n else part, False))
    return [one for one in found if one.text]


def _markings(counts: Mapping[str, Findings]) -> list[str]:
    return [one.found[0].row["marking"] for one in counts.values() if one.found]


def _next(top: int, found: Findings) -> int:
    """How many rows to ask for next, twice as many; 0 where all are shown or a page has no more."""
    there = MOST if found.more else found.count
    return min(2 * top, MOST) if len(found.found) < there else 0


ENDPOINTS: Final = (
    Endpoint("search", "GET", "/search", SearchAsk, Search, find, "search.html", prepares=first_queue),
)
