"""From a document to rows: one `report`, and a `party` for each name that its text proposes.

Every reader of reports ends here, so that markings, ratings, file numbers and mentions are found in the same
way whatever the document was. A row carries the marking that the document gives itself; the feed's is joined
to it. No number tells who a name is: the feed makes a keyed hash of `person:name:…`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import PARTY, REPORT, Kind
from watchfloor.core.marking import PUBLIC, join
from watchfloor.core.schemas import SCHEMAS
from watchfloor.core.subjects import subject
from watchfloor.formats.base import WHOLE_FILE, Batch, Fault
from watchfloor.formats.documents import header
from watchfloor.formats.documents.header import About
from watchfloor.formats.documents.mentions import mentions
from watchfloor.formats.documents.names import MAX_NAMES, names
from watchfloor.formats.documents.portions import Paragraph, Portions, marking_text, portioned, unmarked

MAX_CHARACTERS: Final = 20_000_000
"""Text that one report may hold: some ten thousand pages."""

MAX_PORTION: Final = 16_000
"""Characters of a portion; a longer paragraph becomes several, cut between words."""

CONTEXT: Final = 120
"""Characters either side of a name that a `party` row keeps as its context."""

NAME: Final = "name"
"""System of a subject that is known by name only; the feed puts a keyed hash in its place."""

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_SPLIT: Final = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Document:
    """Document as a reader found it.

    Attributes:
        paragraphs: its text.
        about: its header, or its properties.
        notes: sentences about what lies in it and was not read; they become portions, so that they are found.
        text_from: `text`, or `image` where no page has a text layer.
        locator: where it stands in the delivery.
    """

    paragraphs: list[Paragraph]
    about: About
    notes: tuple[str, ...] = field(default=())
    text_from: str = "text"
    locator: str = WHOLE_FILE


def clean(text: str) -> str:
    """Text without what no reader should act on: control signs, changes of direction, half characters."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", _CONTROLS.sub("", whole))


def paragraphs(text: str, page: int | None = None) -> Iterator[Paragraph]:
    """Paragraphs of clean text: split by empty lines, and before a line that starts with a marking."""
    for block in _SPLIT.split(text):
        lines: list[str] = []
        for line in block.split("\n"):
            if lines and marking_text(line) is not None:
                yield from _cut("\n".join(lines), page)
                lines = []
            lines.append(line)
        yield from _cut("\n".join(lines), page)


def _cut(text: str, page: int | None) -> Iterator[Paragraph]:
    text = text.strip("\n").rstrip()
    while len(text) > MAX_PORTION:
        at = max(text.rfind("\n", 1, MAX_PORTION), text.rfind(" ", 1, MAX_PORTION))
        at = at if at > 0 else MAX_PORTION
        yield Paragraph(text[:at], page)
        text = text[at:]
    if text.strip():
        yield Paragraph(text, page)


def step() -> Batch:
    """No rows: what a reader yields now and then in a long file, so that it is seen to go on."""
    return Batch(REPORT, _table(REPORT, []))


def pieces(document: Document) -> Iterator[Batch | Fault]:
    """Rows and faults of one document; one that says nothing, or not when, is a fault as a whole."""
    if not document.paragraphs and not document.notes:
        yield Fault(document.locator, "it holds no text", b"", rest=document.locator == WHOLE_FILE)
        return
    about = header.merged(document.about, [one.text for one in document.paragraphs])
    if about.observed_at is None:
        yield Fault(document.locator, _UNDATED, b"", rest=document.locator == WHOLE_FILE)
        return
    read = portioned([*document.paragraphs, *map(Paragraph, document.notes)])
    marking = str(read.marking | (about.marking or PUBLIC))
    yield from _faults(document, about, read)
    found = [_found(number, portion.text) for number, portion in enumerate(read.portions)]
    yield Batch(REPORT, _table(REPORT, [_report(document, about, read, found, marking)]))
    parties = list(_parties(document, about, read, found, marking))
    if parties:
        yield Batch(PARTY, _table(PARTY, parties[:MAX_NAMES]))
    if len(parties) > MAX_NAMES:
        reason = f"it names {len(parties):,} persons and companies; only the first {MAX_NAMES:,} are proposed"
        yield Fault(_place(document, "names"), reason, b"")


def of_cells(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Reports of a table, a row each: `text` becomes portions, with markings and mentions as in a document.

    Names in the text are mentions, and propose no `party`: a table of tips has columns for whom it is about.
    """
    made = []
    for row in rows:
        read = portioned(list(paragraphs(clean(row.pop("text") or ""))))
        found = [_found(number, portion.text) for number, portion in enumerate(read.portions)]
        made.append(row | {"caveats": [], "text_from": "text"} | _written(read, found))
    return _table(REPORT, made)


def together(found: Iterable[Batch | Fault]) -> Iterator[Batch | Fault]:
    """Pieces of one delivery under the join of their markings: the original of a row is the delivery."""
    held = list(found)
    marking = join(text for one in held if isinstance(one, Batch) for text in one.rows["marking"].to_pylist())
    for one in held:
        if isinstance(one, Batch):
            at = one.rows.schema.get_field_index("marking")
            same = pa.repeat(pa.scalar(marking), one.rows.num_rows)
            one = Batch(one.kind, one.rows.set_column(at, one.rows.schema.field(at), same))
        yield one


_UNDATED: Final = (
    "it does not say when: neither a line `Date: 2026-11-24` among its first, nor a date in the file's"
    " properties. Have one added, and deliver it again"
)


def _faults(document: Document, about: About, read: Portions) -> Iterator[Fault]:
    for number, problem in enumerate(about.problems, 1):
        yield Fault(_place(document, f"header, {number}"), problem, b"")
    for number, text in read.unreadable.items():
        reason = (
            f"portion {number + 1} begins with {text!r}, a marking that is not known here. The report is"
            " taken for the strictest there is. Have the marking corrected at its source and deliver again"
        )
        yield Fault(_place(document, f"portion {number + 1}, marking"), reason, b"")


def _place(document: Document, where: str) -> str:
    return where if document.locator == WHOLE_FILE else f"{document.locator}, {where}"


def _found(number: int, text: str) -> list[dict[str, Any]]:
    """Mentions of one portion, in its order, with the schema of a name; its marking is no mention."""
    text = unmarked(text)
    numbers = mentions(text)
    found = [
        {"subject": one.subject, "text": one.text, "portion": number, "start": one.start, "how": one.how}
        for one in numbers
    ]
    for name in names(text):
        if any(
            name.start < one.start + len(one.text) and one.start < name.start + len(name.text)
            for one in numbers
        ):
            continue
        key = subject(SCHEMAS[name.schema].subject, NAME, " ".join(name.text.split()))
        found.append(
            {
                "subject": key,
                "text": name.text,
                "portion": number,
                "start": name.start,
                "how": "capitals",
                "schema": name.schema,
            }
        )
    return sorted(found, key=lambda one: int(one["start"]))


def _report(
    document: Document, about: About, read: Portions, found: list[list[dict[str, Any]]], marking: str
) -> dict[str, Any]:
    return {
        "report_key": about.report_key,
        "origins": list(about.origins),
        "observed_at": about.observed_at,
        "locator": document.locator,
        "title": about.title,
        "author": about.author,
        "reliability": about.reliability,
        "credibility": about.credibility,
        "caveats": list(about.caveats),
        "references": list(about.references),
        "hypothesis": about.hypothesis,
        "subjects": list(about.subjects),
        "text_from": document.text_from,
        **_written(read, found),
        "marking": marking,
    }


def _written(read: Portions, found: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Portions and mentions as a row keeps them, and their marking."""
    portions = [
        {"marking": None if one.marking is None else str(one.marking), "page": one.page, "text": one.text}
        for one in read.portions
    ]
    mentions = [{k: v for k, v in one.items() if k != "schema"} for of in found for one in of]
    return {"portions": portions, "mentions": mentions, "marking": str(read.marking | PUBLIC)}


def _parties(
    document: Document, about: About, read: Portions, found: list[list[dict[str, Any]]], marking: str
) -> Iterator[dict[str, Any]]:
    """One row for each name, where it stands first."""
    first: dict[str, dict[str, Any]] = {}
    for one in (one for of in found for one in of if "schema" in one):
        first.setdefault(one["subject"], one)
    for one in first.values():
        text = read.portions[one["portion"]].text
        around = text[max(0, one["start"] - CONTEXT) : one["start"] + len(one["text"]) + CONTEXT]
        yield {
            "report_key": None,
            "origins": list(about.origins) or ([about.report_key] if about.report_key else []),
            "observed_at": about.observed_at,
            "locator": _place(document, f"portion {one['portion'] + 1}, character {one['start'] + 1}"),
            "subject": None,
            "role": "mentioned",
            "name": " ".join(one["text"].split()),
            "schema": one["schema"],
            "identifiers": [],
            "context": f"{about.title or about.report_key or 'report'}: {' '.join(around.split())}",
            "marking": marking,
        }


def _table(kind: Kind, rows: Iterable[dict[str, Any]]) -> pa.Table:
    schema = kind.body.append(pa.field("marking", pa.string(), nullable=False))
    return pa.Table.from_pylist(list(rows), schema=schema)
