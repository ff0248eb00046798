"""Acts of a person at the desk as records: ids, the common columns, and refusals in two languages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple, NoReturn, TypeVar

import pyarrow as pa

from watchfloor.core.kinds import Kind
from watchfloor.core.marking import Marking, parse
from watchfloor.core.messages import Language, Message, Reason, declare, reason
from watchfloor.messages import catalogue
from watchfloor.policy.policy import Reader
from watchfloor.policy.terms import Terms, undefined
from watchfloor.store.ceiling import holds
from watchfloor.store.floor import Floor
from watchfloor.store.segments.reading import POSITION
from watchfloor.store.writer import Writer

Row = dict[str, Any]
T = TypeVar("T")


class Post(NamedTuple):
    """Where a person acts: the floor, behind its writer, with that person's eyes."""

    floor: Floor
    reader: Reader
    writer: Writer

    @property
    def by(self) -> str:
        """Who acts."""
        return self.writer.actor.name


NO_SUCH = declare("cell.no-such-id", "what_words", "start", "command")
SEVERAL = declare("cell.several-ids", "start", "count", "what_words")
ABOVE = declare("cell.above-ceiling", "marking", "ceiling")
EMPTY = declare("cell.empty-text", "what_words")


class Refusal(Exception):  # noqa: N818 - named for what the officer meets
    """An act that may not be done; the reason says why, and what may."""

    def __init__(self, why: Reason) -> None:
        super().__init__(render(why))
        self.reason = why


class NotFound(Refusal):
    """Nothing has that id, or not for this reader: nobody can tell the two apart."""


class Unusable(Refusal):
    """A question, or a file that it names, that cannot be used as what it is meant to be."""


class Conflict(Refusal):
    """An act on what is no longer as the person saw it.

    Where the request has `anyway`, it may be done all the same once that is read.
    """


def refuse(message: Message, **params: str | int | float | None) -> NoReturn:
    """Raise `Refusal` with a checked reason."""
    raise Refusal(reason(message, **params))


def render(why: Reason, language: Language = "en") -> str:
    """Return the sentence; what parameters named `…words` and `…_institutions` hold is put in words."""
    params = dict(why.params)
    for name, value in why.params.items():
        if name.endswith("words") and isinstance(value, str):
            params[name] = words(value, language)
        elif name.endswith("_institutions") and isinstance(value, str):
            from watchfloor.policy.gateways import called  # a refusal of a gateway has loaded it

            params[name] = called(value.split(), language)
    return Reason(why.message, params).render(language)


def words(written: str, language: Language) -> str:
    """Return words of the records in a language, such as `accepted, refused`; in English as they are."""
    if language == "en":
        return written
    pairs = ((word, catalogue.find(f"word.{word}")) for word in written.split(", "))
    return ", ".join(pair[1] if pair else word for word, pair in pairs)


def nonempty(text: str | None, what: str) -> str:
    """A text without the blanks around it. Refused where nothing is left; `what` names it."""
    if text is None or not text.strip():
        refuse(EMPTY, what_words=what)
    return text.strip()


def same_person(one: str, other: str) -> bool:
    """Whether two names of users are one, however they are typed."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def minute(moment: datetime) -> str:
    """A moment as a person reads it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%MZ}"


def new_id(key: bytes, what: str, *parts: str) -> str:
    """Twelve hexadecimal digits that nobody can guess from the content without the floor's key."""
    return blake2b("\x1f".join(parts).encode(), digest_size=6, key=key[:64], person=what.encode()).hexdigest()


def common(source: str, report_key: str, marking: str, at: datetime) -> Row:
    """The columns that every typed-in record has."""
    return {
        "report_key": report_key,
        "source": source,
        "origins": [],
        "observed_at": at,
        "marking": marking,
        "locator": "typed in",
    }


def write(writer: Writer, kind: Kind, row: Row, original: bytes = b"") -> int:
    """Keep a row, and the bytes that it came with; gives its position in the log.

    Raises:
        Refusal: its marking is above the floor's ceiling, or has a word nobody defined: it would be lost.
    """
    return write_all(writer, kind, [row], original)


def write_all(writer: Writer, kind: Kind, rows: Sequence[Row], original: bytes = b"") -> int:
    """Keep rows of one source, all in one commit or none; gives their position in the log. Raises as
    `write`."""
    for marking in dict.fromkeys(row["marking"] for row in rows):
        refuse_undefined(writer.terms, parse(marking))
        if not holds(writer.ceiling, parse(marking)):
            refuse(ABOVE, marking=marking, ceiling=str(writer.ceiling))
    table = pa.Table.from_pylist(list(rows), schema=kind.schema.remove(0)).drop_columns(["delivery"])
    return writer.append(kind, table, source=rows[0]["source"], original=original)


def refuse_undefined(terms: Terms | None, marking: Marking) -> None:
    """Raise `Refusal` where a marking has a word that the floor's policy, if it has one, does not define."""
    if why := undefined(terms, marking):
        raise Refusal(why)


def read(floor: Floor, reader: Reader, kind: Kind, as_of: int | datetime | None = None) -> list[Row]:
    """Rows of a kind that the reader may see, in the order of the log, each with its position."""
    rows: list[Row] = floor.read(kind.name, reader, as_of, [*kind.schema.names, POSITION]).to_pylist()
    return rows


def histories(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    """Rows by the id in a column, each list in the order given."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return dict(found)


def pick(found: Mapping[str, T], start: str, what: str, command: str) -> T:
    """The value whose id starts with `start`. Refused where none or several do."""
    matching: Sequence[str] = [id_ for id_ in found if id_.startswith(start)] if start else []
    if len(matching) == 1:
        return found[matching[0]]
    if not matching:
        raise NotFound(reason(NO_SUCH, what_words=what, start=start, command=command))
    refuse(SEVERAL, what_words=what, start=start, count=len(matching))
