"""A subject: what is known of it, which sources say so, and what was decided, under the reader's markings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from watchfloor.casework.tasking import deconfliction
from watchfloor.cell.current_signals import signals
from watchfloor.cell.finding import identity, names, subject, subjects, title, where
from watchfloor.cell.identity.names import Name, called
from watchfloor.cell.judgements import stands
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.estimative_language import words
from watchfloor.cell.wording.titles import Title
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, first_queue
from watchfloor.console.pages.record import written
from watchfloor.console.pages.timeline import Point, Timeline, timeline
from watchfloor.core.kinds import COMMON, KINDS
from watchfloor.core.marking import joined
from watchfloor.core.messages import Reason
from watchfloor.core.subjects import LOOSE, key_of, parts
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.store.index.search import Findings, SearchHit, SearchQuery, of_ids, search

TOP: Final = 400
"""Rows that name it and are read, the newest."""
ROWS: Final = 40
"""Of its signals, and of its records, those that are listed."""
LEADS: Final = 20
NEIGHBOURS: Final = 30
CITED: Final = 3
"""Records that are named for a statement."""
DONE: Final = ("judgement", "task", "outcome")
"""Kinds of what people did."""
_COMMON: Final = frozenset(field.name for field in COMMON)


class SubjectAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The subject's key, such as `vessel:imo:9074729`."""

    key: str


class Statement(msgspec.Struct, frozen=True):
    """One thing that is said of a subject, and who says so.

    Attributes:
        claim: the column; `meaning`: its documented meaning.
        value: as it is read; `subject`: its key where it is one.
        sources: who says so.
        first, last: when it was said first and last.
        records: ids of the last records that say so; `count`: how many do.
    """

    claim: str
    meaning: str
    value: str
    subject: str
    sources: list[str]
    first: datetime
    last: datetime
    records: list[str]
    count: int


class Listing(msgspec.Struct, frozen=True):
    """A listed entity that a signal compares it with. A name that fits is no identity."""

    record_id: str
    name: str
    list_id: str
    instrument: str
    reason: str
    strength: str


class InLead(msgspec.Struct, frozen=True):
    """A lead that names it."""

    lead_id: str
    subject: str
    title: Title
    hypothesis_title: str
    probability: float
    word: str


class Judged(msgspec.Struct, frozen=True):
    """A judgement about the subject and another, and whether it stands."""

    record_id: str
    at: datetime
    by: str
    other: str
    is_subject: bool
    verdict: str
    why: str
    stands: bool


class Row(msgspec.Struct, frozen=True):
    """A row that names it.

    Attributes:
        id: of the record, or of the signal.
        kind: of the row.
        title: what it is called; a signal by its reason.
        where: whose it is, and when it was so.
        parts: the columns in which it is named.
        record: of the record that shows more.
        marking: who may see it.
    """

    id: str
    kind: str
    title: str
    where: str
    parts: list[str]
    record: str
    marking: str


class Neighbour(msgspec.Struct, frozen=True):
    """Another subject that rows name with it, and how many do."""

    subject: str
    called: str
    count: int


class SubjectPage(msgspec.Struct, frozen=True):
    """A subject's page.

    Attributes:
        key: its key; `type`, `system`, `number`: its parts.
        called: its name, as last delivered; `names`: every name that was.
        count: rows that name it, at most as many as are counted; `more`: there are more.
        statements: what is said of it, and by whom.
        listings: entities that it is compared with.
        leads: that name it.
        judgements, done: what people decided about it; tasks and outcomes.
        signals, records: rows that name it, the last first.
        neighbours: whom it is named with.
        timeline: what was when and where.
        marking: of what is shown.
    """

    key: str
    type: str
    system: str
    number: str
    called: str
    names: list[str]
    count: int
    more: bool
    statements: list[Statement]
    listings: list[Listing]
    leads: list[InLead]
    judgements: list[Judged]
    done: list[Row]
    signals: list[Row]
    records: list[Row]
    neighbours: list[Neighbour]
    timeline: Timeline | None
    marking: str


def page(asker: Asker, ask: SubjectAsk) -> SubjectPage:
    """Everything that is known of a subject: who says what, what was decided, and where it comes up."""
    key = subject(ask.key)
    found = search(
        asker.floor,
        asker.reader,
        SearchQuery(about=key),
        TOP,
        derive=lambda: signals(asker.floor, asker.reader),
    )
    asker.log_query("search", about=key, found=found.count, shown=[identity(one) for one in found.found])
    deconfliction.log_hits(asker.floor, asker.reader, asker.session.authority, [key], "search")
    return _page(asker, key, found)


def _page(asker: Asker, key: str, found: Findings) -> SubjectPage:
    by = {kind: [one for one in found.found if one.kind == kind] for kind in (*KINDS, "signal")}
    acts = [one for kind in DONE for one in by[kind]]
    evidence = [one for one in found.found if one.kind not in (*DONE, "signal")]
    near = _neighbours(asker, key, found.found)
    told = called(asker.floor, asker.reader, [key, *(other for other, _ in near)])
    leads, lead_markings = _leads(asker, key)
    listings, listing_markings = _listings(asker, by["signal"])
    spoken = [row["name"] for row in _own(by["party"], key) if row["name"].strip()]
    markings = [one.row["marking"] for one in found.found] + [one.marking for one in told.values()]
    return SubjectPage(
        key,
        *parts(key),
        told[key].text if key in told else "",
        list(dict.fromkeys(spoken)),
        found.count,
        found.more,
        list(_statements(key, evidence)),
        listings,
        leads,
        list(_judgements(key, by["judgement"], asker.at)),
        [_row(asker, key, one) for one in (*by["task"], *by["outcome"])],
        [_row(asker, key, one) for one in by["signal"][:ROWS]],
        [_row(asker, key, one) for one in evidence[:ROWS]],
        [Neighbour(other, _text(told, other), count) for other, count in near],
        _timeline(asker, by["signal"], acts, evidence),
        joined([*markings, *lead_markings, *listing_markings]),
    )


def _text(told: Mapping[str, Name], key: str) -> str:
    return told[key].text if key in told else ""


def _own(found: Iterable[SearchHit], key: str) -> list[dict[str, Any]]:
    """Rows that are about the subject itself."""
    return [one.row for one in found if one.row.get("subject") == key]


def _statements(key: str, evidence: Iterable[SearchHit]) -> Iterator[Statement]:
    """Yield the statements on a subject, each thing once, in the order of the columns."""
    by: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for one in evidence:
        if one.row.get("subject") == key:
            for said in _said(one):
                by.setdefault(said, []).append(one.row)
    for (claim, meaning, value, other), rows in by.items():
        dated = sorted(row["observed_at"] for row in rows)
        yield Statement(
            claim,
            meaning,
            value,
            other,
            list(dict.fromkeys(row["source"] for row in rows)),
            dated[0],
            dated[-1],
            [row["record_id"].hex() for row in rows[:CITED]],
            len(rows),
        )


def _said(one: SearchHit) -> Iterator[tuple[str, str, str, str]]:
    """Column, meaning, value and key of each thing that a record says."""
    for field in KINDS[one.kind].columns:
        value = one.row[field.name]
        if field.name == "subject" or field.name in _COMMON or value in (None, "", []):
            continue
        meaning = (field.metadata or {}).get(b"doc", b"").decode()
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and "system" in each:
                number = f"{each['system']} {each['number']}"
                yield each["system"], meaning, number, key_of(**each) or ""
            elif not isinstance(each, float) or not isinstance(value, list):
                yield field.name, meaning, written(each), str(each) if _is_key(each) else ""


def _is_key(value: object) -> bool:
    return isinstance(value, str) and value.count(":") >= 2 and deconfliction.named(value)[:1] == [value]


def _listings(asker: Asker, found: Sequence[SearchHit]) -> tuple[list[Listing], list[str]]:
    """Listed entities that signals about it rest on, and the markings of their records."""
    wanted = {id_: one.row for one in reversed(found) for id_ in one.row["evidence"]}
    records = of_ids(asker.floor, wanted, asker.reader)
    mine = [(one.row, wanted[id_]) for id_, one in records.items() if one.kind == "listing"]
    made = [
        Listing(
            row["record_id"].hex(),
            row["name"],
            row["list_id"],
            row["instrument"],
            Reason.load(signal["reason"]).render(asker.language),
            signal["strength"],
        )
        for row, signal in mine
    ]
    return made, [row["marking"] for row, _ in mine]


def _leads(asker: Asker, key: str) -> tuple[list[InLead], list[str]]:
    """Leads that name it, the likeliest first, and their markings."""
    picture = asker.services.pictures.current(asker.reader, asker.at, asker.patience).picture
    table = load()
    rows = picture.listed(picture.naming(key)[:LEADS])
    made = [
        InLead(
            row["lead_id"],
            row["subject"],
            row["title"],
            table.hypotheses[row["hypothesis"]].called(asker.language),
            row["probability"],
            words(row["low"], row["high"], asker.language),
        )
        for row in rows
    ]
    return made, [one for row in rows for one in (row["marking"], row["called_marking"]) if one]


def _judgements(key: str, found: Sequence[SearchHit], now: datetime) -> Iterator[Judged]:
    """Yield the judgements on a subject, the last first; of each pair the last may stand."""
    seen: set[frozenset[str]] = set()
    for row in sorted((one.row for one in found), key=lambda row: row["observed_at"], reverse=True):
        pair = frozenset((row["subject"], row["about"]))
        other = row["about"] if row["subject"] == key else row["subject"]
        yield Judged(
            row["record_id"].hex(),
            row["observed_at"],
            row["decided_by"],
            other,
            _is_key(other),
            row["verdict"],
            row["why"],
            pair not in seen and stands(row, now),
        )
        seen.add(pair)


def _row(asker: Asker, key: str, one: SearchHit) -> Row:
    record = one.row["record_id"] if one.kind != "signal" else next(iter(one.row["evidence"]), b"")
    return Row(
        identity(one),
        one.kind,
        title(one, asker.language),
        where(one, asker.language),
        names(one, key),
        record.hex(),
        one.row["marking"],
    )


def _neighbours(asker: Asker, key: str, found: Iterable[SearchHit]) -> list[tuple[str, int]]:
    """Whom rows name with it, most often first.

    A number without a check digit stands among the identifiers of records, by which they are not found: of
    it the graph tells more.
    """
    if parts(key)[0] in LOOSE.values():
        edges, _ = asker.services.graphs.current(asker.reader, asker.at).graph.neighbours(key, NEIGHBOURS)
        return [(edge.other, edge.total) for edge in edges]
    counts: Counter[str] = Counter()
    for one in found:
        numbers = one.row.get("identifiers") or ()
        keys = (key_of(each["system"], each["number"], each["owner"]) for each in numbers)
        counts.update({*subjects(one), *filter(None, keys)} - {key})
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:NEIGHBOURS]


def _timeline(
    asker: Asker, found: Sequence[SearchHit], acts: Iterable[SearchHit], evidence: Iterable[SearchHit]
) -> Timeline | None:
    points = [_point(asker, one) for one in found[:ROWS]]
    points += [
        Point(f"r-{identity(one)}", "act", one.row["observed_at"], title(one, asker.language)) for one in acts
    ]
    return timeline(points, [one.row["observed_at"] or UNDATED for one in evidence])


def _point(asker: Asker, one: SearchHit) -> Point:
    row = one.row
    place = None if row["latitude"] is None else (row["latitude"], row["longitude"], row["radius"])
    return Point(f"r-{identity(one)}", "signal", row["at"], title(one, asker.language), place)


ENDPOINTS: Final = (
    Endpoint(
        "subject",
        "GET",
        "/subjects/{key:path}",
        SubjectAsk,
        SubjectPage,
        page,
        "subject.html",
        prepares=first_queue,
    ),
)
