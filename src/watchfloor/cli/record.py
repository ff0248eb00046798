"""`watchfloor record`: one record, and the bytes that it was read from."""

import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    caveats,
    fail,
    print_json,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.feeds.original import Original
    from watchfloor.release.policy import Reader
    from watchfloor.store import Floor


def record(
    record_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id, or the start of it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    original: Annotated[
        bool,
        typer.Option("--original", help="Print the bytes of its line, element or whole file, alone."),
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a record, where it came from, and its original.

    Examples: watchfloor record 5f0c --original; watchfloor record 77ab --original > report.pdf
    """
    from watchfloor.feeds.original import original as find
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    found = find(opened, record_id, mine)
    opened.act(
        acting(purpose, authority), "query", {"what": "record", "record": found.row["record_id"].hex()}
    )
    if original:
        if found.piece is None:
            _whole(opened, found, mine)
        else:
            sys.stdout.buffer.write(found.piece + b"\n")
        return
    text = None if found.piece is None else found.piece.decode("utf-8", "backslashreplace")
    if as_json:
        print_json({"kind": found.kind, **found.row, "deliveries": found.names, "original": text})
        return
    rows = [(name, _plain(value)) for name, value in found.row.items()]
    rows += [("caveat", said) for said in caveats(opened, found.row["marking"])]
    rows += [("delivered in", ", ".join(found.names))]
    rows += [("original", text or ("the delivery as a whole" if found.digest else "none is shown"))]
    print_table(
        "", (found.kind, ""), ((name, value) for name, value in rows if value not in (None, [], "")), ""
    )


def _whole(opened: "Floor", found: "Original", mine: "Reader") -> None:
    """Write the delivery into a file or a pipe; a terminal gets it only where it is text."""
    with found.open(opened, mine) as stream:
        start = stream.read(1 << 12)
        if sys.stdout.isatty() and b"\0" in start:
            fail(f"the original is the file {found.names[-1]}; send it into one: --original > FILE")
        sys.stdout.buffer.write(start)
        shutil.copyfileobj(stream, sys.stdout.buffer)


def _plain(value: object) -> object:
    """A value for people: identities in hexadecimal, a line for each member of a list."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list) and value:
        return "\n".join(str(_plain(one)) for one in value)
    if isinstance(value, dict):
        return ", ".join(str(_plain(one)) for one in value.values() if one is not None)
    return value
