"""Blocks of a JCAMP-DX file: labelled data records, nested in LINK blocks, with what each says.

Labels are compared as the standard compares them: without case, spaces, `-`, `/` and `_`. A value goes on to
the next label; `$$` begins a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

TABLES: Final = frozenset(
    {"XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENTS", "PEAKASSIGNMENT", "DATATABLE"}
)
"""Labels whose values are tables of numbers."""
INHERITED: Final = ("ORIGIN", "OWNER", "DATE", "TIME", "LONGDATE", "SPECTROMETERDATASYSTEM", "DATATYPE")
"""What a LINK block may say for the blocks within it."""
MAX_TEXT: Final = 1 << 12
"""Characters of a value that are kept."""
MAX_LABEL: Final = 256
MAX_DEPTH: Final = 64

_SPELT: Final = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NUMBER: Final = re.compile(r"\s*([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?)")
_COMMENT: Final = re.compile(r"\s*\$\$.*")


@dataclass(slots=True)
class Record:
    """One labelled data record: the label as compared and as written, and where its value lies."""

    label: str
    written: str
    start: int
    end: int


@dataclass(slots=True)
class Block:
    """A block: its records by label, its tables in order, the block that it is linked in."""

    data: bytes
    at: int
    parent: "Block | None" = None
    records: dict[str, Record] = field(default_factory=dict)
    tables: list[tuple[Record, dict[str, Record]]] = field(default_factory=list)
    page: dict[str, Record] = field(default_factory=dict)
    ended: bool = True

    def text(self, label: str, *, page: dict[str, Record] | None = None) -> str:
        """The value of a label, without comments; of the page before that of the block."""
        record = (page or {}).get(label) or self.records.get(label)
        if record is None and self.parent and label in INHERITED:
            return self.parent.text(label) if label != "DATATYPE" or not self.parent.linked else ""
        return value(self.data, record) if record else ""

    def number(self, label: str, *, page: dict[str, Record] | None = None) -> float | None:
        """The number that a value begins with."""
        return leading_number(self.text(label, page=page))

    @property
    def linked(self) -> bool:
        """Whether it only holds other blocks."""
        kind = self.records.get("DATATYPE")
        return "BLOCKS" in self.records or (kind is not None and value(self.data, kind).upper() == "LINK")

    def values(self) -> dict[str, str]:
        """Every value that is no table, by its label as it is written."""
        pairs = ((one.written, value(self.data, one)) for one in self.records.values())
        return {label: text for label, text in pairs if label and text}


def leading_number(text: str) -> float | None:
    """The number that a text begins with; a decimal comma is one too."""
    match = _NUMBER.match(text)
    return float(match[1].replace(",", ".")) if match else None


def value(data: bytes, record: Record) -> str:
    """Return the value of a record: no comments, lines joined."""
    raw = data[record.start : min(record.end, record.start + 4 * MAX_TEXT)]
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    if "$$" in text:
        text = _COMMENT.sub("", text)
    text = text.strip()
    if "\n" in text:
        text = "\n".join(bare for line in text.split("\n") if (bare := line.strip()))
    return text[:MAX_TEXT]


def labels(data: bytes) -> Iterator[Record]:
    """Each labelled data record, in order; a label begins its line."""
    at = 0
    for number, piece in enumerate(data.split(b"\n##")):
        start, at = at, at + len(piece) + 3
        if number == 0:
            if not piece.startswith(b"##"):
                continue
            start, piece = 2, piece[2:]
        name, equal, _ = piece[:MAX_LABEL].partition(b"=")
        if equal and b"\n" not in name:
            written = name.decode("ascii", "replace").strip()
            yield Record(_plain(name), written, start + len(name) + 1, start + len(piece))


def blocks(data: bytes) -> Iterator[Block]:
    """Blocks that hold tables or say what they are, each when it ends: those within a LINK before it."""
    open_: list[Block] = []
    for record in labels(data):
        if record.label == "TITLE":
            if open_ and open_[-1].tables:
                open_[-1].ended = False
                yield open_.pop()
            if len(open_) == MAX_DEPTH:
                yield open_.pop(0)
            open_.append(Block(data, record.start, open_[-1] if open_ else None))
        if not open_:
            open_.append(Block(data, record.start))
        if record.label == "END":
            yield open_.pop()
        else:
            _take(open_[-1], record)
    while open_:
        open_[-1].ended = False
        yield open_.pop()


def _take(block: Block, record: Record) -> None:
    if record.label in TABLES:
        block.tables.append((record, block.page))
        block.page = dict(block.page)
    elif record.label == "PAGE":
        block.page = {"PAGE": record}
    elif record.label == "ENDNTUPLES":
        block.page = {}
    elif block.page:
        block.page[record.label] = record
    elif record.label not in block.records:
        block.records[record.label] = record


def _plain(name: bytes) -> str:
    return name.translate(_SPELT, b" \t-/_").decode("ascii", "replace")
