"""Names to screen, of a CSV file or a table, and the answers to them.

screener = Screener.of_lists(["list.csv"], on=date(2026, 6, 1))
answer = screen(screener, "travellers.csv")                # or a table of Arrow, pandas or polars
answer.hits, answer.notes
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.kinds import column
from watchfloor.core.messages import Language, Reason, reason
from watchfloor.core.partial_date import NoSuchDateError, read_loosely
from watchfloor.core.tables import as_table
from watchfloor.desks.listings import query_messages as messages
from watchfloor.desks.listings.normalise import is_cut
from watchfloor.desks.listings.screener import Hit, Query, Screener
from watchfloor.formats.base import Fault, FormatError
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited

COLUMNS: Final = ("id", "name", "birth_date", "country", "schema")
HITS: Final = pa.schema(
    [
        column("id", pa.string(), "of the query", nullable=False),
        column("entity_id", pa.string(), "of the listed entity", nullable=False),
        column("name", pa.string(), "as published", nullable=False),
        column("alias", pa.string(), "the published name that fits best", nullable=False),
        column("score", pa.float64(), "0 to 1", nullable=False),
        column("tier", pa.string(), "match, corroborate or none", nullable=False),
        column("instrument", pa.string(), "that lists it"),
        column("item", pa.string(), "of the instrument"),
        column("in_force", pa.date32(), "since when it is listed"),
        column("reason", pa.string(), "all of it as a sentence, and what would clear it", nullable=False),
    ]
)
_FIELDS: Final = tuple(field.name for field in HITS if field.name not in ("id", "reason"))


class QueryRow(NamedTuple):
    """A query and what is wrong with its row.

    Attributes:
        query: None where the row could not be read at all, or the file as a whole is spoken of.
        locator: where it stood; empty for the file.
        wrong: what was left aside, and why.
        cut: the end of its name is beyond what is compared.
    """

    query: Query | None
    locator: str = ""
    wrong: tuple[Reason, ...] = ()
    cut: bool = False

    def sentences(self, language: Language) -> Iterator[str]:
        """Each thing wrong, as a sentence with its place."""
        for one in self.wrong:
            yield messages.placed(self.locator, one, language) if self.locator else one.render(language)


@dataclass(frozen=True, slots=True)
class Screening:
    """Names that were screened.

    Attributes:
        hits: one row a hit, in the order of the queries and the best first; a name without one has none.
        notes: a sentence on each thing that was left aside or not compared whole.
    """

    hits: pa.Table
    notes: tuple[str, ...]


def screen(screener: Screener, queries: Any, top: int = 5, language: Language = "en") -> Screening:
    """Screen all names of a file or a table; a hit is an invitation to look, never an identity.

    Args:
        screener: the lists.
        queries: a CSV, or a table, with the columns id and name, and birth_date, country, schema where known.
        top: listed entities a name, at most.
        language: of reasons and notes.

    Raises:
        FormatError: there is no such table, or a needed column is missing.
        OSError: the file cannot be opened.
    """
    hits: list[dict[str, Any]] = []
    notes: list[str] = []
    for row in _queries_of(queries, language):
        notes += row.sentences(language)
        found = [] if row.query is None else screener.screen(row.query, top)
        hits += [{"id": row.query.id, **hit_row(one, language)} for one in found if row.query]
    return Screening(pa.Table.from_pylist(hits, HITS), tuple(notes))


def hit_row(hit: Hit, language: Language) -> dict[str, Any]:
    """Return a hit as plain values."""
    return {**{field: getattr(hit, field) for field in _FIELDS}, "reason": hit.reason.render(language)}


def read_queries(stream: BinaryIO, name: str, language: Language) -> Iterator[QueryRow]:
    """Queries of a CSV, in its order and in constant memory; what is said of the file comes last.

    Raises:
        FormatError: at once, when the file is empty or a needed column is missing.
    """
    sheet = delimited.read(stream, name)
    columns = _columns(sheet.names, name)

    def rows() -> Iterator[QueryRow]:
        for piece in sheet.pieces:
            if isinstance(piece, Fault):
                yield QueryRow(None, piece.locator, (messages.from_reader(piece.reason),))
            else:
                yield from _rows(piece.cells, columns, piece.locators.to_pylist())
        if sheet.note():
            how = messages.from_reader(sheet.note()).render(language)
            yield QueryRow(None, wrong=(reason(messages.NOTE, file=name, what=how),))

    return rows()


def _queries_of(queries: Any, language: Language) -> Iterator[QueryRow]:
    if isinstance(queries, str | Path):
        with Path(queries).open("rb") as stream:
            yield from read_queries(stream, Path(queries).name, language)
    else:
        table = as_table(queries)
        columns = _columns(table.column_names, "the table")
        cells = table.select(sorted({*columns.values()} & {*table.column_names}))
        locators = (f"row {number}" for number in range(1, table.num_rows + 1))
        yield from _rows(pa.table(list(map(_text, cells)), cells.column_names), columns, locators)


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells as a CSV would have them; a moment as its day."""
    return (values.cast(pa.date32()) if pa.types.is_timestamp(values.type) else values).cast(pa.string())


def _columns(names: list[str], name: str) -> dict[str, str]:
    """Our columns, and how the table calls them."""
    columns = {each.strip().lower(): each for each in reversed(names)}
    for needed in ("id", "name"):
        if needed not in columns:
            raise FormatError(
                f"{name} has no column {needed!r}{nearest(needed, names)}; "
                f"queries have the columns id and name, and may have {', '.join(COLUMNS[2:])}"
            )
    return {each: columns[each] for each in COLUMNS if each in columns}


def _rows(rows: pa.Table, columns: dict[str, str], locators: Iterable[str]) -> Iterator[QueryRow]:
    empty = [None] * rows.num_rows
    cells = [rows.column(columns[name]).to_pylist() if name in columns else empty for name in COLUMNS]
    for locator, (key, name, birth, country, schema) in zip(locators, zip(*cells, strict=True), strict=True):
        born, wrong_date = _birth(birth)
        query = Query(key or "", name or "", born, country, schema)
        wrong_name, cut = _name(query)
        yield QueryRow(query, locator, wrong_date + wrong_name, cut)


def _birth(text: str | None) -> tuple[str | None, tuple[Reason, ...]]:
    """A birth date, or why it is left aside."""
    if text is None or not text.strip():
        return None, ()
    try:
        read_loosely(text)
    except NoSuchDateError:
        return None, (reason(messages.NO_SUCH_DATE, text=repr(text)),)
    except ValueError:
        return None, (reason(messages.NO_DATE, text=repr(text)),)
    return text.strip(), ()


def _name(query: Query) -> tuple[tuple[Reason, ...], bool]:
    """Return the fault of a name, and whether it is too long to be compared whole."""
    if not query.name.strip():
        return (reason(messages.NO_NAME),), False
    if is_cut(query.name, organisations=query.schema != "Person"):
        return (messages.cut(),), True
    return (), False
