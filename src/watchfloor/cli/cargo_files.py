"""Files that commands about cargo read: records of some kinds, of any known format."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from watchfloor.cli.common import busy, err, fail

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.feeds.walk import Item
    from watchfloor.formats.base import Batch
    from watchfloor.records.kinds import Kind

SHOWN = 5
"""Pieces that could not be read, of each file, that are told one by one."""


class Read(NamedTuple):
    """Records by kind, with a column `file`, and how many pieces or files could not be read."""

    tables: "dict[str, pa.Table]"
    aside: int


def read(paths: list[Path], kinds: tuple[str, ...], form: str | None = None) -> Read:
    """Records of some kinds in files, folders and archives; what cannot be read is told on standard error.

    A file of a format without these kinds is left aside, and told. Ends the command where `form` is unknown.
    """
    import pyarrow as pa

    from watchfloor.feeds.walk import Aside, walk
    from watchfloor.formats.registry import FORMATS
    from watchfloor.records.kinds import KINDS

    if form is not None and form not in FORMATS:
        fail(f"--format {form} is not known; watchfloor ingest --help tells where the names stand")
    found: dict[str, list[pa.Table]] = {kind: [] for kind in kinds}
    aside = 0
    with busy(f"reading {', '.join(map(str, paths))}") as say:
        for item in walk(paths):
            if isinstance(item, Aside):
                note(f"{item.name} {item.reason}")
                aside += not item.harmless
                continue
            say(f"reading {item.name}")
            aside += _item(item, form, found)
    whole = {kind: pa.concat_tables([_empty(KINDS[kind]), *parts]) for kind, parts in found.items()}
    return Read(whole, aside)


def _empty(kind: "Kind") -> "pa.Table":
    import pyarrow as pa

    text = pa.field("locator", pa.string()), pa.field("file", pa.string())
    return pa.schema([*kind.body, *(one for one in text if one.name not in kind.body.names)]).empty_table()


def _item(item: "Item", form: str | None, found: "dict[str, list[pa.Table]]") -> int:
    """Add the records of a file; gives how many pieces of it could not be read, or 1 for a file of none."""
    from watchfloor.feeds.intake import pieces, unknown
    from watchfloor.feeds.streams import Unreadable
    from watchfloor.formats.base import HEAD_BYTES, Batch, Head
    from watchfloor.formats.registry import FORMATS, GUESS, recognise

    faults = rows = 0
    try:
        with item.open() as stream:
            head = Head(item.file, stream.read(HEAD_BYTES))
        reader = FORMATS[form] if form else recognise(head, above=GUESS)
        if reader is None:
            note(f"{item.name} {unknown(item.name, head).reason}")
            return 1
        if not found.keys() & set(reader.kinds):
            note(f"{item.name} holds no {' and no '.join(found)}: it is {reader.name}")
            return 1
        with item.open() as stream:
            for piece in pieces(reader, cast("BinaryIO", stream), item.file):
                if isinstance(piece, Batch):
                    if piece.kind.name in found:
                        rows += piece.rows.num_rows
                        found[piece.kind.name].append(_shaped(piece, item.name))
                    continue
                faults += 1
                if faults <= SHOWN:
                    note(f"{item.name}, {piece.locator}: {piece.reason}")
            if stream.damage:
                faults += 1
                note(f"{item.name} {stream.damage}")
    except Unreadable as error:
        note(f"{item.name} {error}")
        return faults + 1
    if faults > SHOWN:
        note(f"{item.name}: {faults - SHOWN:,} more pieces could not be read")
    return faults


def _shaped(batch: "Batch", name: str) -> "pa.Table":
    """The columns of a kind's body and where a row stood."""
    import pyarrow as pa

    rows, shape = batch.rows, _empty(batch.kind)
    columns = [
        pa.repeat(name, rows.num_rows)
        if field.name == "file"
        else rows[field.name]
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in shape.schema
    ]
    return pa.Table.from_arrays(columns, schema=shape.schema)


def note(text: str) -> None:
    """Something that was not read, and why."""
    err.print(text, style="yellow", markup=False, highlight=False)
