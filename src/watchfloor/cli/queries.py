"""Names to screen, as `watchfloor screen` reads them from a CSV file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from watchfloor.cli import screen_words as words
from watchfloor.records.messages import Reason, reason

if TYPE_CHECKING:
    from watchfloor.desks.listings.screener import Query
    from watchfloor.formats.table import Rows
    from watchfloor.records.messages import Language

COLUMNS: Final = ("id", "name", "birth_date", "country", "schema")


class Asked(NamedTuple):
    """A query and what is wrong with its row.

    Attributes:
        query: None where the row could not be read at all, or the file as a whole is spoken of.
        locator: where it stood; empty for the file.
        wrong: what was left aside, and why.
        cut: the end of its name is beyond what is compared.
    """

    query: "Query | None"
    locator: str = ""
    wrong: tuple[Reason, ...] = ()
    cut: bool = False

    def told(self, language: "Language") -> Iterator[str]:
        """Each thing wrong, as a sentence with its place."""
        for one in self.wrong:
            yield words.placed(self.locator, one, language) if self.locator else one.render(language)


def read_queries(stream: BinaryIO, name: str, language: "Language") -> Iterator[Asked]:
    """Queries of a CSV, in its order and in constant memory; what is said of the file comes last.

    Raises:
        FormatError: at once, when the file is empty or a needed column is missing.
    """
    from watchfloor.formats import delimited
    from watchfloor.formats.base import Fault, FormatError
    from watchfloor.formats.settings import nearest

    sheet = delimited.read(stream, name)
    columns = {column.strip().lower(): column for column in reversed(sheet.names)}
    for column in ("id", "name"):
        if column not in columns:
            raise FormatError(
                f"{name} has no column {column!r}{nearest(column, sheet.names)}; "
                f"queries have the columns id and name, and may have {', '.join(COLUMNS[2:])}"
            )

    def rows() -> Iterator[Asked]:
        for piece in sheet.pieces:
            if isinstance(piece, Fault):
                yield Asked(None, piece.locator, (words.from_reader(piece.reason),))
            else:
                yield from _queries(piece, columns)
        if sheet.note():
            how = words.from_reader(sheet.note()).render(language)
            yield Asked(None, wrong=(reason(words.NOTE, file=name, what=how),))

    return rows()


def _queries(rows: "Rows", columns: dict[str, str]) -> Iterator[Asked]:
    from watchfloor.desks.listings.screener import Query

    empty = [None] * rows.cells.num_rows
    cells = [rows.cells.column(columns[name]).to_pylist() if name in columns else empty for name in COLUMNS]
    for locator, (key, name, birth, country, schema) in zip(
        rows.locators.to_pylist(), zip(*cells, strict=True), strict=True
    ):
        born, wrong_date = _birth(birth)
        query = Query(key or "", name or "", born, country, schema)
        wrong_name, cut = _name(query)
        yield Asked(query, locator, wrong_date + wrong_name, cut)


def _birth(text: str | None) -> tuple[str | None, tuple[Reason, ...]]:
    """A birth date, or why it is left aside."""
    from watchfloor.records.partial_date import NoSuchDateError, read_loosely

    if text is None or not text.strip():
        return None, ()
    try:
        read_loosely(text)
    except NoSuchDateError:
        return None, (reason(words.NO_SUCH_DATE, text=repr(text)),)
    except ValueError:
        return None, (reason(words.NO_DATE, text=repr(text)),)
    return text.strip(), ()


def _name(query: "Query") -> tuple[tuple[Reason, ...], bool]:
    """What is wrong with a name, and whether it is too long to be compared whole."""
    from watchfloor.desks.listings.normalise import is_cut

    if not query.name.strip():
        return (reason(words.NO_NAME),), False
    if is_cut(query.name, organisations=query.schema != "Person"):
        return (words.cut(),), True
    return (), False
