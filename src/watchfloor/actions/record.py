"""One record, and the bytes that it was read from."""

import shutil
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, Final

from watchfloor.actions.base import (
    Answer,
    Context,
    Request,
    Table,
    action,
    argument,
    caveats,
    option,
)
from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.feeds.original import original

BINARY: Final = declare("record.original-binary", "file")
HEAD: Final = 1 << 12
"""Bytes that are looked at to know whether an original is text."""


class RecordView(Answer, frozen=True):
    """A record and where it came from.

    Attributes:
        row: its columns.
        deliveries: names of those that brought its bytes, oldest first.
        original: the text of its line, row or element; null if that is the delivery as a whole, or not shown.
        caveats: what those of its marking say.
        whole: whether the delivery as a whole is its original.
        alone: whether its bytes alone were asked for.
    """

    kind: str
    row: dict[str, Any]
    deliveries: tuple[str, ...]
    original: str | None
    caveats: list[str]
    whole: bool
    alone: bool

    def as_json(self, plain: dict[str, Any]) -> dict[str, Any]:
        """Return kind, columns, deliveries and original side by side."""
        deliveries = {"deliveries": plain["deliveries"], "original": plain["original"]}
        return {"kind": self.kind, **plain["row"], **deliveries}

    def written_out(self, say: Any) -> Iterator[Table]:
        """Yield the columns that say something, and the original."""
        cells = [(name, _written(value)) for name, value in self.row.items()]
        cells += [(say("record.caveat"), said) for said in self.caveats]
        cells += [(say("record.deliveries"), ", ".join(self.deliveries))]
        none = say("record.original_whole" if self.whole else "record.original_none")
        cells += [(say("record.original_text"), self.original or none)]
        yield Table("", (self.kind, ""), [cell for cell in cells if cell[1] not in (None, [], "")])

    def copy_bytes_to(self, stream: BinaryIO, context: Context, *, terminal: bool) -> bool:
        """Write the original's bytes, if they alone were asked for. Raises `Unusable` for a terminal."""
        if not self.alone:
            return False
        found = original(context.floor, self.row["record_id"], context.reader)
        with found.open(context.floor, context.reader) as source:
            start = source.read(HEAD)
            if terminal and found.piece is None and b"\0" in start:
                raise Unusable(reason(BINARY, file=found.names[-1]))
            stream.write(start)
            shutil.copyfileobj(source, stream)
        if found.piece is not None:
            stream.write(b"\n")
        return True


def _written(value: object) -> object:
    """Return a value for people: ids in hexadecimal, a line for each member of a list."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list) and value:
        return "\n".join(str(_written(one)) for one in value)
    if isinstance(value, dict):
        return ", ".join(str(_written(one)) for one in value.values() if one is not None)
    return value


class ShowRecord(Request, frozen=True):
    """Which record."""

    record_id: Annotated[str, argument("ID", "The record's id, or the start of it.")]
    original: Annotated[bool, option("Print the bytes of its line, element or whole file, alone.")] = False


@action("record", "record 5f0c --original; watchfloor record 77ab --original > report.pdf")
def show(context: Context, ask: ShowRecord) -> RecordView:
    """Show a record, where it came from, and its original."""
    found = original(context.floor, ask.record_id, context.reader)
    context.log_query("record", record=found.row["record_id"].hex())
    return RecordView(
        kind=found.kind,
        row=found.row,
        deliveries=found.names,
        original=None if found.piece is None else found.piece.decode("utf-8", "backslashreplace"),
        caveats=caveats(context, found.row["marking"]),
        whole=found.digest is not None,
        alone=ask.original,
    )
