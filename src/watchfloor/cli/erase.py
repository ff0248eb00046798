"""`watchfloor erase`, `expire` and `compact`: what is taken off a floor, and how it is kept small."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.common import (
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    counted,
    fail,
    print_json,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.store import Floor
    from watchfloor.store.erasure import Erasure


def erase(
    records: Annotated[list[str], typer.Argument(metavar="RECORD…", help="Record ids, or their starts.")],
    why: Annotated[str, typer.Option("--why", help="The reason; it stays in the log.")],
    authority: AuthorityOption,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    as_json: JsonOption = False,
) -> None:
    """Erase records, all that was derived from them, and their original bytes. Old proofs stay valid.

    Example: watchfloor erase d64a3caa --why "request granted, file A-77" --authority "Privacy Act s. 12"
    """
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    ids = [_one(opened, text, purpose) for text in records]
    with opened.writer(acting(purpose, authority)) as writer, busy("erasing"):
        try:
            gone = writer.erase(ids, why)
        except ValueError as error:
            fail(str(error))
    _told(gone, as_json)


def expire(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = "retention",
    authority: AuthorityOption = "the records' own markings",
    as_json: JsonOption = False,
) -> None:
    """Erase every record whose marking lets it be kept no longer. Meant to run every night.

    Example: watchfloor expire --floor floor
    """
    from watchfloor.store import Floor

    with Floor.open(floor).writer(acting(purpose, authority)) as writer, busy("erasing what has expired"):
        gone = writer.expire(datetime.now(UTC).date())
    if gone is not None:
        _told(gone, as_json)
    elif as_json:
        print_json({"records": 0})
    else:
        typer.echo("nothing has expired")


def compact(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = "upkeep",
    authority: AuthorityOption = "the floor's owner",
    as_json: JsonOption = False,
) -> None:
    """Join small files into larger ones. Every proof stays valid.

    Example: watchfloor compact --floor floor
    """
    from watchfloor.store import Floor

    with Floor.open(floor).writer(acting(purpose, authority)) as writer, busy("joining small files"):
        joined = writer.compact()
    if as_json:
        print_json({"joined": joined})
    else:
        typer.echo(f"{joined:,} small pieces joined" if joined else "nothing to join: no piece is small")


def _one(opened: "Floor", text: str, purpose: str) -> bytes:
    found = opened.records(text, reader(purpose))
    if len(found) != 1:
        several = f"{len(found)} records have ids that start with {text!r}"
        fail(
            f"{several if found else f'no record that you may see has an id that starts with {text!r}'}; "
            "`watchfloor lead ID` shows the ids of a lead's records whole"
        )
    record_id: bytes = found[0][1]["record_id"]
    return record_id


def _told(gone: "Erasure", as_json: bool) -> None:
    if as_json:
        print_json(gone._asdict())
        return
    typer.echo(
        f"erased at position {gone.position}: {counted(gone.records, 'record')}, "
        f"{counted(gone.derived, 'derived row')}, {counted(gone.deliveries, 'delivery', 'deliveries')}, "
        f"{counted(gone.quarantined, 'quarantined piece')}. Next: watchfloor run"
    )
