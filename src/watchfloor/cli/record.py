"""`watchfloor record`: one record, and the bytes that it was read from."""

import sys
from typing import Annotated

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
    fail,
    print_json,
    print_table,
    reader,
)


def record(
    record_id: Annotated[str, typer.Argument(metavar="ID", help="The record's id, or the start of it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    original: Annotated[
        bool, typer.Option("--original", help="Print the bytes of its line or element as delivered, alone.")
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a record, where it came from, and its original.

    Example: watchfloor record 5f0c --original
    """
    from watchfloor.feeds.original import original as find
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    found = find(opened, record_id, reader(purpose))
    opened.act(
        acting(purpose, authority), "query", {"what": "record", "record": found.row["record_id"].hex()}
    )
    if original:
        if found.piece is None:
            fail(f"the original is the delivery {found.names[-1]} as a whole")
        sys.stdout.buffer.write(found.piece + b"\n")
        return
    text = None if found.piece is None else found.piece.decode("utf-8", "backslashreplace")
    if as_json:
        print_json({"kind": found.kind, **found.row, "deliveries": found.names, "original": text})
        return
    rows = [(name, value.hex() if isinstance(value, bytes) else value) for name, value in found.row.items()]
    rows += [("delivered in", ", ".join(found.names)), ("original", text or "the delivery as a whole")]
    print_table("", (found.kind, ""), ((name, value) for name, value in rows if value not in (None, [])), "")
