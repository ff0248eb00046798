"""Search: by words, by subject, by box and time; as one reader sees the floor, as of a position of its log.

What is found is read from the index (`store.index`), which is derived. Words are ranked by BM25 among the
`CANDIDATES` newest rows that hold them and that the reader may see, in an index of these alone: so nothing
hidden has a part in the order.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate, chain, islice, pairwise
from typing import Any, Final, TypeVar

import pyarrow as pa

from watchfloor.core.derived import SIGNAL
from watchfloor.core.subjects import Subject
from watchfloor.policy.policy import Reader
from watchfloor.store import views
from watchfloor.store.database import Database
from watchfloor.store.errors import Damaged, NoView
from watchfloor.store.floor import Floor
from watchfloor.store.index import asking, bodies, current, file, filling
from watchfloor.store.index.asking import Hit, Query, View
from watchfloor.store.index.columns import BREAK, DERIVED, columns_of, schema_of, values
from watchfloor.store.index.file import TOKENS
from watchfloor.store.index.filling import report_hash, subject_hash
from watchfloor.store.index.places import Box
from watchfloor.store.segments import lookup, replacing, runs
from watchfloor.store.segments.index import LEAF

CANDIDATES: Final = 100
"""Of the rows that hold the words the newest, which are ranked; older ones follow as they came."""

COUNTED: Final = 1_000
"""Up to this many rows are counted; of more it is said that there are more."""

SNIPPET: Final = 24
"""Words of a snippet."""

_TERM: Final = re.compile(r'"([^"]*)"|(\S+)')

T = TypeVar("T")

Derive = Callable[[], pa.Table]
"""Makes the signals that stand for a reader."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search; everything that is given must hold.

    Attributes:
        words: words of a row's texts; `"two words"` in quotes stand together, `word*` is the start of a word.
        about: key of a subject that a row names.
        box: degrees that a row's place, the rectangle around its circle, touches.
        since: first moment that a row may be about.
        until: last moment.
        kinds: of the rows; none for any.
    """

    words: str | None = None
    about: Subject | str | None = None
    box: Box | None = None
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A row that was found.

    Attributes:
        kind: of the row; `signal` for what a desk asserts.
        row: its columns.
        position: where in the log it came in; 0 for a signal.
        portion: number, from 1, of the text (of a report the portion) that fits the words best; 0 without.
        page: it stands on, or None.
        snippet: that text around the words, which stand in 【brackets】; empty without words.
    """

    kind: str
    row: dict[str, Any]
    position: int
    portion: int = 0
    page: int | None = None
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """The best rows and how many there are.

    Attributes:
        found: the rows, best first.
        count: how many there are, at most `COUNTED`.
        more: whether there are more than that.
        kinds: how many of each kind are among them, whichever kinds were asked for.
    """

    found: list[SearchHit] = field(default_factory=list)
    count: int = 0
    more: bool = False
    kinds: Mapping[str, int] = field(default_factory=dict)


def search(
    floor: Floor,
    reader: Reader,
    asked: SearchQuery,
    top: int,
    as_of: int | datetime | None = None,
    told: current.Told | None = None,
    derive: Derive | None = None,
) -> Findings:
    """The rows that fit best: by words the best of the newest, or else the newest in the log.

    Only rows that no later one of their report replaces are searched, as the reader sees them.

    Args:
        floor: where.
        reader: who asks.
        asked: what for.
        top: how many rows to give.
        as_of: position of the log or moment; None for now.
        told: hears how far reading what the index lacks has come.

        derive: gives the signals that stand for the reader where no run of his view is kept; None: `NoView`.

    Raises:
        ValueError: nothing is asked for, or no word is among the words.
        NoView: no run of the reader's view is kept, and `derive` is None.
    """
    if asked.words is None and not asked.about and asked.box is None:
        raise ValueError("nothing to look for: give words, a subject or a box")
    query = _query(floor, asked)

    def get(sources: _Sources) -> Findings:
        evidence, signals = sources.counted(query)
        if query.words is not None:
            shown = [*_best(evidence[:CANDIDATES], query.words), *evidence[CANDIDATES:]][:top]
        else:
            shown = [*_arranged(signals), *evidence][:top]
        count = len(evidence) + len(signals)
        others = sources.counted(replace(query, kinds=())) if query.kinds else (evidence, signals)
        kinds = Counter(hit.kind for hits in others for hit in hits[:COUNTED])
        return Findings(
            list(_found(shown, sources, query.words)), min(count, COUNTED), count > COUNTED, kinds
        )

    return _ask(floor, reader, as_of, get, told, derive)


def about(
    floor: Floor,
    subject: Subject | str,
    reader: Reader,
    as_of: int | datetime | None = None,
    top: int = 1_000,
    derive: Derive | None = None,
) -> list[SearchHit]:
    """Every row that names a subject and stands: signals, then evidence, the last to arrive first."""
    return search(floor, reader, SearchQuery(about=subject), top, as_of, derive=derive).found


def records(
    floor: Floor, prefix: str, reader: Reader, as_of: int | datetime | None = None, top: int = 1_000
) -> list[SearchHit]:
    """Records of evidence whose id starts with some hexadecimal digits, superseded ones too.

    Raises:
        UnknownRecord: the prefix is no hexadecimal text of 1 to 32 digits.
    """
    first, last = (bytes.fromhex(lookup.checked(prefix).ljust(32, digit)) for digit in "0f")
    return _rows(floor, reader, as_of, Query(record=(first, last), latest=False), top)


def of_ids(
    floor: Floor, record_ids: Iterable[bytes], reader: Reader, as_of: int | datetime | None = None
) -> dict[bytes, SearchHit]:
    """Of these records of evidence those that the reader may see, superseded ones too, by id.

    A look-up for each, whatever the floor holds beside them.
    """
    wanted = list(dict.fromkeys(record_ids))

    def get(sources: _Sources) -> dict[bytes, SearchHit]:
        found = list(_found(list(sources.of_ids(wanted)), sources)) if wanted else []
        return {one.row["record_id"]: one for one in found}

    return _ask(floor, reader, as_of, get)


def moments_of(
    floor: Floor, record_ids: Iterable[bytes], reader: Reader, as_of: int | datetime | None = None
) -> dict[bytes, datetime]:
    """When the facts of these records were so, of those that the reader may see, by id."""
    wanted = list(dict.fromkeys(record_ids))
    return _ask(floor, reader, as_of, lambda sources: sources.moments_of(wanted)) if wanted else {}


def newest_about(
    floor: Floor,
    kind: str,
    subjects: Iterable[str],
    fits: Callable[[str, dict[str, Any]], bool],
    reader: Reader,
    as_of: int | datetime | None = None,
) -> dict[str, SearchHit]:
    """By subject, the last row of a kind to arrive that names it and that `fits(subject, row)` takes."""
    wanted = list(dict.fromkeys(subjects))

    def get(sources: _Sources) -> dict[str, SearchHit]:
        found = {}
        for subject in wanted:
            query = Query(subject=subject_hash(floor.key, subject), kinds=(kind,))
            rows = (next(_found([hit], sources)) for hit in sources.evidence(query))
            if (one := next((row for row in rows if fits(subject, row.row)), None)) is not None:
                found[subject] = one
        return found

    return _ask(floor, reader, as_of, get)


def newest_rows_about(
    floor: Floor,
    kind: str,
    subjects: Iterable[str],
    most: int,
    reader: Reader,
    as_of: int | datetime | None = None,
) -> dict[str, list[SearchHit]]:
    """By subject, the last rows of a kind to arrive that name it, the newest first, at most so many."""
    wanted = list(dict.fromkeys(subjects))

    def get(sources: _Sources) -> dict[str, list[SearchHit]]:
        queries = {one: Query(subject=subject_hash(floor.key, one), kinds=(kind,)) for one in wanted}
        return {
            one: list(_found(list(islice(sources.evidence(query), most)), sources))
            for one, query in queries.items()
        }

    return _ask(floor, reader, as_of, get)


def every_about(
    floor: Floor, kind: str, subjects: Iterable[str], reader: Reader, as_of: int | datetime | None = None
) -> dict[str, list[SearchHit]]:
    """By subject, the rows of a kind that name it, the last of each report, in the order of the log.

    A look-up for each subject, whatever the floor holds beside them.
    """
    wanted = list(dict.fromkeys(subjects))

    def get(sources: _Sources) -> dict[str, list[SearchHit]]:
        queries = {one: Query(subject=subject_hash(floor.key, one), kinds=(kind,)) for one in wanted}
        return {
            one: list(_found(list(sources.evidence(query)), sources))[::-1] for one, query in queries.items()
        }

    return _ask(floor, reader, as_of, get)


def retracted(
    floor: Floor,
    subject: Subject | str,
    reader: Reader,
    as_of: int | datetime | None = None,
    derive: Derive | None = None,
) -> list[dict[str, Any]]:
    """Signals about a subject that were taken back in the reader's view.

    Args:
        floor: where.
        subject: that they name.
        reader: who asks.
        as_of: position of the log or moment; None for now.
        derive: gives the last revision of every signal where no run of his view is kept; None: `NoView`.
    """
    query = Query(subject=subject_hash(floor.key, subject), retracted=True)

    def get(sources: _Sources) -> list[dict[str, Any]]:
        return [one.row for one in _found(_arranged(sources.signals(query)), sources)]

    return _ask(floor, reader, as_of, get, derive=derive)


def standing(
    floor: Floor, kind: str, source: str, report_key: str, reader: Reader, as_of: int | datetime | None = None
) -> list[SearchHit]:
    """Return the records of a report that stand in the reader's view, the newest first.

    There are several where later ones are marked below earlier ones, see `store.segments.replacing`.
    """
    query = Query(report=report_hash(floor.key, kind, source, report_key), kinds=(kind,))
    return _rows(floor, reader, as_of, query, 1_000)


def _rows(
    floor: Floor, reader: Reader, as_of: int | datetime | None, query: Query, top: int
) -> list[SearchHit]:
    """Evidence alone."""

    def get(sources: _Sources) -> list[SearchHit]:
        return list(_found(list(islice(sources.evidence(query), top)), sources))

    return _ask(floor, reader, as_of, get)


def _arranged(signals: Iterable[Hit]) -> list[Hit]:
    """Signals by when they could first be known, the last first, whichever run kept them."""
    rows = [(bodies.raw(hit.body, SIGNAL), hit) for hit in signals]
    return [hit for row, hit in sorted(rows, key=lambda pair: (-pair[0]["at"], pair[0]["row_id"]))]


def _query(floor: Floor, asked: SearchQuery) -> Query:
    return Query(
        words=fts(asked.words) if asked.words is not None else None,
        subject=subject_hash(floor.key, asked.about) if asked.about else None,
        box=asked.box,
        since=bodies.micros(asked.since) if asked.since else None,
        until=bodies.micros(asked.until) if asked.until else None,
        kinds=asked.kinds,
    )


class _Sources:
    """Where rows are read from.

    Args:
        key: the floor's secret.
        index: the floor's.
        view: what the reader may see of it.
        database: a snapshot of the catalogue.
        derive: makes the signals that stand for him, where no run of his view is kept; None where one is.
    """

    def __init__(
        self, key: bytes, index: sqlite3.Connection, view: View, database: Database, derive: Derive | None
    ) -> None:
        self._key, self._index, self._view = key, index, view
        self._database, self._derive = database, derive

    def counted(self, query: Query) -> tuple[list[Hit], list[Hit]]:
        """Evidence and signals that fit, one more of each than is counted; words find no signals."""
        evidence = list(islice(self.evidence(query), COUNTED + 1))
        signals = list(islice(self.signals(query), COUNTED + 1)) if query.words is None else []
        return evidence, signals

    def evidence(self, query: Query) -> Iterator[Hit]:
        """Rows of evidence, the last to arrive first."""
        return asking.hits(self._index, replace(self._view, signals=()), query)

    def signals(self, query: Query) -> Iterator[Hit]:
        """Rows that desks yielded and that stand."""
        kinds = tuple(kind for kind in query.kinds or DERIVED if kind in DERIVED)
        only = replace(query, kinds=kinds)
        if not kinds:
            return iter(())
        if self._derive is None:
            return asking.hits(self._index, self._view, only)
        with closing(_indexed(self._key, self._derive())) as made:
            return iter(list(asking.hits(made, replace(self._view, signals=(_MADE,)), only)))

    def of_ids(self, record_ids: Sequence[bytes]) -> Iterator[Hit]:
        """Rows of evidence by their ids."""
        return asking.of_ids(self._index, self._view, record_ids)

    def moments_of(self, record_ids: Sequence[bytes]) -> dict[bytes, datetime]:
        """When rows of evidence were so, by their ids."""
        found = asking.moments_of(self._index, self._view, record_ids)
        return {record_id: bodies.moment(since) for record_id, since in found}

    def position(self, hit: Hit) -> int:
        """Where in the log a row came in; 0 for a signal, which each view has from a run of its own."""
        if hit.kind in DERIVED:
            return 0
        found = self._database.execute("SELECT position FROM segments WHERE id = ?", (hit.segment,))
        position: int = found.fetchone()[0]
        return position


_MADE: Final = 1
"""Number of the segment of signals that were made now."""


def _indexed(key: bytes, signals: pa.Table) -> sqlite3.Connection:
    """An index in memory of signals alone."""
    index = file.fresh()
    leaves = pa.array(range(signals.num_rows), pa.int32())
    filling.add(index, key, [filling.Part(_MADE, "signal", b"", signals.append_column(LEAF, leaves))])
    return index


def _ask(
    floor: Floor,
    reader: Reader,
    as_of: int | datetime | None,
    get: Callable[[_Sources], T],
    told: current.Told | None = None,
    derive: Derive | None = None,
) -> T:
    def ask(database: Database) -> T:
        position = floor._position(database, as_of)
        with current.opened(
            floor.root, floor.key, database, lambda index: _kept(index, database, reader, position), told
        ) as (index, kept):
            upto = current.last_of(database, position)
            view = View(reader, upto, tuple(kept or ()), replacing.lowered(database, position))
            make = None if kept is not None else derive or _refuse(reader)
            try:
                return get(_Sources(floor.key, index, view, database, make))
            except sqlite3.DatabaseError as error:
                raise Damaged(
                    f"{file.path(floor.root)} cannot be read: {error}. It is derived: make it anew with "
                    f"`watchfloor floor index rebuild --floor {floor.root}`."
                ) from error

    return floor._with(ask)


def _kept(
    index: sqlite3.Connection, database: Database, reader: Reader, position: int
) -> Sequence[int] | None:
    """Segments of the signals that stand in the reader's view; None where a desk was not run for it."""
    kept = []
    for run in runs.standing(database, position):
        read = asking.occurring(index, current.last_of(database, run.at_position))
        mine = runs.latest(database, run.desk, position, views.digest(read, reader))
        if mine is None or mine.at_position != run.at_position:
            return None
        kept.append(mine.kept)
    return current.signals_of(database, kept)


def _refuse(reader: Reader) -> Derive:
    def refuse() -> pa.Table:
        raise NoView(f"the desks were not run for what {reader.name} may see; `watchfloor run` does it")

    return refuse


def fts(words: str) -> str:
    """Words as a query of FTS5 in which nothing a person types is an operator. Raises `ValueError`."""
    terms = []
    for phrase, word in _TERM.findall(words):
        text = (phrase or word).replace('"', "").replace("\0", "")
        if any(char.isalnum() for char in text):
            start = not phrase and text.endswith("*")
            terms.append(f'"{text.rstrip("*") if start else text}"' + ("*" if start else ""))
    if not terms:
        raise ValueError(f"{words!r} holds no word to look for")
    return " AND ".join(terms)


def _texts(hit: Hit) -> list[str]:
    row = {name: [value] for name, value in bodies.raw(hit.body, schema_of(hit.kind)).items()}
    return next(values(row, columns_of(hit.kind).texts))


def _best(hits: Sequence[Hit], words: str) -> list[Hit]:
    """The rows in the order of what the words weigh in them; of equal ones the newest first."""
    with _searched((BREAK.join(_texts(hit)) for hit in hits), "rows") as database:
        ranked = database.execute("SELECT rowid FROM rows WHERE rows MATCH ? ORDER BY rank, rowid", (words,))
        return [hits[number - 1] for (number,) in ranked]


def _found(hits: Sequence[Hit], sources: _Sources, words: str | None = None) -> Iterator[SearchHit]:
    """Hits for people, with the passages in which the words stand."""
    if words is None:
        for hit in hits:
            yield SearchHit(hit.kind, bodies.decode(hit.body, schema_of(hit.kind)), sources.position(hit))
        return
    for hit, (number, snippet) in zip(hits, _passages(hits, words), strict=True):
        row = bodies.decode(hit.body, schema_of(hit.kind))
        yield SearchHit(hit.kind, row, sources.position(hit), *_portion(row, number), snippet)


def _passages(hits: Sequence[Hit], words: str) -> Iterator[tuple[int, str]]:
    """Of each row the number, from 0, of the text that fits the words best, and a snippet of it."""
    texts = [_texts(hit) for hit in hits]
    starts = list(accumulate(map(len, texts), initial=1))
    with _searched(chain.from_iterable(texts), "texts") as database:
        for first, after in pairwise(starts):
            number, snippet = database.execute(
                _PASSAGE, (SNIPPET, words.replace(" AND ", " OR "), first, after)
            ).fetchone()
            yield number - first, " ".join(snippet.split())


_PASSAGE: Final = """
SELECT rowid, snippet(texts, 0, '【', '】', '…', ?) FROM texts
WHERE texts MATCH ? AND rowid >= ? AND rowid < ? ORDER BY bm25(texts), rowid LIMIT 1
"""


def _portion(row: dict[str, Any], number: int) -> tuple[int, int | None]:
    """Number of a text, from 1, and its page; of a report its portion's, the title being of the first."""
    if "portions" not in row:
        return number + 1, None
    portion = max(number - (1 if row["title"] else 0), 0)
    portions = row["portions"]
    return portion + 1, portions[portion]["page"] if portion < len(portions) else None


@contextmanager
def _searched(texts: Iterable[str], name: str) -> Iterator[sqlite3.Connection]:
    """A text index of a few texts, numbered from 1, in memory."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE VIRTUAL TABLE {name} USING fts5 (text, tokenize = {TOKENS})")
        database.executemany(f"INSERT INTO {name} VALUES (?)", ((text,) for text in texts))  # noqa: S608
        yield database
