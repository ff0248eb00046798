"""Official lists as one table: files of any known format read, and the parts of an entity joined.

Some publishers spread an entity over files: OFAC gives alternate names and addresses apart, Canada each
language apart. `join` puts them together, so that an entity is one row with all its names.
"""

import logging
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from watchfloor.core.identity import Identities
from watchfloor.core.kinds import LISTING
from watchfloor.core.marking import PUBLIC
from watchfloor.core.tables import as_table, is_table
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists import ftm, listing_csv
from watchfloor.formats.lists.ofac_csv import PARTS
from watchfloor.formats.lists.strength import ARTICLES, strength_of
from watchfloor.formats.registry import FORMATS, GUESS, recognise, surest

Row = dict[str, Any]
Report = Callable[[str], None]
"""Told, in a sentence, of every piece that could not be read or joined."""

LIBRARY_KEY: Final = b"watchfloor: lists read without a floor"
"""Keys the record ids of lists read outside a floor. Lists are public: their ids hide nothing."""

MOSTLY: Final = 0.8
"""Share of in-force dates that must agree; in four consolidations of SOR/2002-284 it is 0.89 to 0.90."""

_log = logging.getLogger(__name__)


def read(paths: Iterable[Any], *, report: Report = _log.warning) -> pa.Table:
    """Listings of some files, joined; all columns of `LISTING`.

    Every consolidation given is in it; `consolidations.on` picks those of a day.

    Args:
        paths: files of any format that yields listings, or folders with such files among others; or tables
            (of Arrow, pandas, polars) with the columns of such a CSV, `formats/lists/listing_csv.py`.
        report: called with each fault and each thing that did not join; logs a warning unless told otherwise.

    Raises:
        FormatError: a file of no known format, or of one that holds no lists.
        OSError: a file that cannot be opened.
    """
    tables: list[pa.Table] = []
    for path in paths:
        tables += [_given(path, report)] if is_table(path) else _tables(Path(path), report)
    rows = pa.concat_tables([LISTING.schema.empty_table(), *tables])
    return join(rows, report=report)


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files themselves, and of folders those that hold a list, by name."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        lists, _ = _lists(path)
        if not lists:
            raise _no_list_in(path)
        yield from lists


def _lists(folder: Path) -> tuple[dict[Path, Format], list[str]]:
    """The files below a folder that surely are lists, by name, and the names of those that are by a guess.

    `id` and `name` are columns of any table.
    """
    lists, guesses = {}, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            form, sure = surest(Head(path.name, stream.read(HEAD_BYTES)))
        if LISTING.name in form.kinds and sure > GUESS:
            lists[path] = form
        elif LISTING.name in form.kinds and sure > 0:
            guesses.append(path.name)
    return lists, guesses


def _no_list_in(folder: Path) -> FormatError:
    return FormatError(f"no file in {folder} is a list")


UNREAD: Final = (
    (rb"fpi/fsd/export|^\W*fileGenerationDate;", "the European Union's consolidated list"),
    (rb"<Designations[\s>]|<ArrayOfFinancialSanctionsTarget|Name 6,Name 1", "the United Kingdom's list"),
    (rb"Reference,Name of Individual or Entity", "the Australian consolidated list"),
)
"""Lists of publishers in layouts that are not read, such as older ones: how one is known, and what it is."""


def fold(name: str) -> str:
    """A name for looking up: case, accents, punctuation and a leading article aside."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return " ".join(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


def format_of(path: Path) -> Format:
    """The format of a file that may hold a list. Raises `FormatError` when it is of none."""
    with path.open("rb") as stream:
        head = Head(path.name, stream.read(HEAD_BYTES))
    form = recognise(head)
    if form is None or LISTING.name not in form.kinds:
        known = ", ".join(name for name, form in FORMATS.items() if LISTING.name in form.kinds)
        what = "is empty" if not head.data else _unread(head.data)
        raise FormatError(f"{path.name} {what}. Known are {known} (which needs the columns id and name)")
    return form


def _unread(head: bytes) -> str:
    """Return what a file that is not read is, by its first bytes, and what to give in its place."""
    for mark, what in UNREAD:
        if re.search(mark, head):
            return (
                f"is {what} in a layout that is not read; give the publisher's present file, or a CSV of "
                "your own with the columns id and name"
            )
    return "is no list in a format known here"


def _tables(path: Path, report: Report) -> Iterator[pa.Table]:
    """A file's listings, or those of every list in a folder; what else lies there is reported."""
    if not path.is_dir():
        yield _read(path, format_of(path), report)
        return
    lists, guesses = _lists(path)
    if guesses:
        report(
            f"{path}: left aside, because columns id and name alone do not make a list: "
            f"{', '.join(guesses)}. Name such a file itself to have it read as one"
        )
    if not lists:
        raise _no_list_in(path)
    others = []
    for inner, form in lists.items():
        try:
            yield _read(inner, form, report)
        except FormatError:
            others.append(inner.name)
    if others:
        report(f"{path}: {len(others)} files hold no list and are left aside: {', '.join(others)}")


def _read(path: Path, form: Format, report: Report) -> pa.Table:
    with path.open("rb") as stream:
        reads = partial(ftm.read, everybody=True) if form.name == ftm.FORMAT.name else form.read
        return _complete(reads, stream, path.name, report)


def _given(rows: Any, report: Report) -> pa.Table:
    """Listings of a table, read as the CSV that it would be; several values of a cell may be a list."""
    table = as_table(rows)
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(place, field.name, pc.binary_join(table[field.name], "; "))
    text = pa.BufferOutputStream()
    csv.write_csv(table, text)
    return _complete(listing_csv.read, BytesIO(text.getvalue()), "table", report)


def _complete(
    read: Callable[[BinaryIO, str], Iterator[Batch | Fault]], stream: BinaryIO, name: str, report: Report
) -> pa.Table:
    """Listings of a stream, with the columns that a feed would add."""
    batches, whole = [], True
    for found in read(stream, name):
        if isinstance(found, Batch):
            if found.kind is LISTING:
                batches.append(found.rows)
        else:
            report(f"{name}, {found.locator}: {found.reason}")
            whole = whole and not found.rest
    body = pa.concat_tables([LISTING.body.empty_table(), *batches])
    body = body if whole else _without_window(body)
    stream.seek(0)
    constant = {"source": name, "marking": str(PUBLIC), "delivery": _digest(stream)}
    for column, value in constant.items():
        of = LISTING.schema.field(column).type
        body = body.append_column(column, pa.repeat(pa.scalar(value, of), body.num_rows))
    ids = Identities(LISTING, LIBRARY_KEY).record_ids(body)
    return body.append_column("record_id", ids).select(LISTING.schema.names).cast(LISTING.schema)


def _without_window(body: pa.Table) -> pa.Table:
    """Of a copy that breaks off: what it holds is kept, but its silence says nothing; it covers no day."""
    for name in ("window_from", "window_until"):
        at = body.schema.get_field_index(name)
        body = body.set_column(at, body.schema.field(at), pa.nulls(body.num_rows, pa.date32()))
    return body


def _digest(stream: Any) -> bytes:
    digest = sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.digest()


def join(rows: pa.Table, *, report: Report = _log.warning) -> pa.Table:
    """One row an entity and consolidation: OFAC's parts put together, both languages of Canadian law as one.

    An id that two lists claim is told apart by its list: `LIST:id`.
    """
    found = rows.to_pylist()
    found = join_parts(found, report)
    found = join_languages(found, report)
    tell_apart(found, report)
    number_repeats(found, report)
    return pa.Table.from_pylist(found, schema=LISTING.schema)


def join_parts(rows: list[Row], report: Report) -> list[Row]:
    """Put alternate names and addresses into the entity they are of; a name without its entity stays."""
    whole = [row for row in rows if row["provision"] not in PARTS]
    parts = [row for row in rows if row["provision"] in PARTS]
    by_id = {_edition(row): row for row in whole}
    orphans = []
    for part in parts:
        entity = by_id.get(_edition(part))
        if entity is None:
            orphans.append(part)
        else:
            _add(entity, part)
    if orphans:
        named = [row for row in orphans if row["names"]]
        report(
            f"{len(orphans)} alternate names or addresses of {orphans[0]['list_id']} are of entities in no "
            f"file given (alt.csv and add.csv belong to sdn.csv); {len(named)} with a name are kept alone"
        )
        whole.extend(named)
    return whole


def _edition(row: Row) -> tuple[Any, ...]:
    return row["list_id"], row["entity_id"], row["window_from"]


def _add(entity: Row, part: Row) -> None:
    for name in part["names"]:
        if entity["schema"] == "Person" and strength_of(name["text"], person=True, capitals=True) == "weak":
            name["strength"] = "weak"
    entity["names"] = _names(entity["names"], part["names"])
    entity["countries"] = list(dict.fromkeys([*(entity["countries"] or ()), *(part["countries"] or ())]))
    entity["remarks"] = "; ".join(filter(None, (entity["remarks"], part["remarks"]))) or None


def _names(first: list[Row], more: list[Row]) -> list[Row]:
    """Names of both, each text once; a strong mention makes a weak alias strong."""
    kept = {name["text"]: name for name in first}
    for name in more:
        known = kept.setdefault(name["text"], name)
        if known["strength"] == "weak" and name["strength"] == "strong" and known["role"] != "primary":
            known["strength"] = "strong"
    return list(kept.values())


def join_languages(rows: list[Row], report: Report) -> list[Row]:
    """Give each English item of Canadian law the names of its French twin of the same consolidation."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[(row["list_id"], row["lang"], row["window_from"], row["window_until"])].append(row)
    dropped: set[int] = set()
    for (list_id, lang, *window), french in list(groups.items()):
        english = groups.get((list_id.replace("DORS/", "SOR/"), "en", *window))
        if lang != "fr" or not list_id.startswith("DORS/") or english is None:
            continue
        for one, other in align(english, french):
            if one is None or other is None:
                report(
                    f"{list_id}: {(one or other or {}).get('name')} has no counterpart in the other language"
                )
                continue
            _add_french(one, other)
            dropped.add(id(other))
    return [row for row in rows if id(row) not in dropped]


def align(english: list[Row], french: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Pair the items of both languages of one consolidation, by order and in-force date.

    Ids differ between the languages. Order does not, and an amendment of one language alone moves a few dates
    at most; so lists of equal length whose dates mostly agree are paired in order. Otherwise the longest runs
    that agree are paired, and what is left is yielded alone.
    """
    keys = [[(_place(row), row["in_force"]) for row in rows] for rows in (english, french)]
    agreeing = sum(one == other for one, other in zip(*keys, strict=False))
    if len(english) == len(french) and agreeing >= MOSTLY * len(english):
        yield from zip(english, french, strict=True)
        return
    for tag, a, b, c, d in SequenceMatcher(a=keys[0], b=keys[1], autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(english[a:b], french[c:d], strict=True)
        else:
            yield from ((row, None) for row in english[a:b])
            yield from ((None, row) for row in french[c:d])


def _place(row: Row) -> str:
    """Where an item stands, without the words of a language: its schedule and part by number."""
    return "".join(c for c in row["provision"] or "" if c.isdigit() or c == ".")


def _add_french(english: Row, french: Row) -> None:
    names = [name | {"lang": "fr", "role": _secondary(name["role"])} for name in french["names"]]
    english["names"] = _names(english["names"], names)
    english["birth_dates"] = list(
        dict.fromkeys([*(english["birth_dates"] or ()), *(french["birth_dates"] or ())])
    )
    twin = {"system": "justice-laws", "number": french["entity_id"], "owner": french["instrument"]}
    english["identifiers"] = [*(english["identifiers"] or ()), twin]


def _secondary(role: str) -> str:
    return "alias" if role == "primary" else role


def tell_apart(rows: list[Row], report: Report) -> None:
    """Where two lists claim one entity id, put the list before it."""
    lists: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        lists[row["entity_id"]].add(row["list_id"])
    for entity, claimed in lists.items():
        if len(claimed) > 1:
            named = " and ".join(sorted(claimed))
            kept = " and ".join(f"{list_id}:{entity}" for list_id in sorted(claimed))
            report(f"entity id {entity} is claimed by {named}; all are kept, as {kept}")
    for row in rows:
        if len(lists[row["entity_id"]]) > 1:
            row["entity_id"] = f"{row['list_id']}:{row['entity_id']}"


def number_repeats(rows: list[Row], report: Report) -> None:
    """Where one edition of a list gives an id to several names, number the second and further ones."""
    names: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for row in rows:
        known, name = names[_edition(row)], fold(row["name"])
        if name not in known:
            known.append(name)
        if number := known.index(name):
            kept = f"{row['entity_id']}/{number + 1}"
            report(f"{row['list_id']} gives the id {row['entity_id']} to {row['name']} too; kept as {kept}")
            row["entity_id"] = kept
