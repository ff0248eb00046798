"""`watchfloor floor migrate`: a floor to a server, or into another folder."""

from pathlib import Path
from typing import Annotated

import typer

from watchfloor.cli.common import (
    DEFAULT_FLOOR,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    counted,
    err,
    fail,
    print_json,
)


def migrate(
    floor: FloorOption = DEFAULT_FLOOR,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Of a PostgreSQL database: postgresql+psycopg://USER@HOST/DATABASE, no password.",
        ),
    ] = None,
    to_folder: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="A new folder; the floor lies there alone afterwards."),
    ] = None,
    purpose: PurposeOption = "upkeep",
    authority: AuthorityOption = "the floor's owner",
    as_json: JsonOption = False,
) -> None:
    """Move a floor to a PostgreSQL server, where several machines write to it, or into another folder.

    What has arrived is checked whole before the old place goes; where that fails, nothing has changed. On a
    server the floor's folder keeps its settings and keys; the password is read from PGPASSWORD or ~/.pgpass.
    Of an old folder only what you put there stays, such as feeds.toml; the new one has it too.

    Example: watchfloor floor migrate --floor floor --to postgresql+psycopg://cell@db.example/watchfloor
    """
    from watchfloor.store.floor import Floor
    from watchfloor.store.server import migrate

    if (to is None) == (to_folder is None):
        fail("say where to, with either --to URL or --to-folder DIR")
    opened, actor = Floor.open(floor), acting(purpose, authority)
    with busy(f"moving {floor}") as tell:
        if to is not None:
            moved = migrate.to_server(opened, to, actor, tell)
        else:
            assert to_folder is not None
            moved = migrate.to_folder(opened, to_folder, actor, tell)
    where = to_folder or floor
    if as_json:
        print_json({"floor": where, **moved._asdict()})
        return
    place = f"the server that {floor / 'floor.toml'} names" if to else str(to_folder)
    typer.echo(
        f"moved to {place}: {counted(moved.position, 'act')}, {counted(moved.files, 'file')}, "
        f"{moved.size:,} bytes; checked whole. Open it as before with --floor {where}"
    )
    if moved.left:
        err.print(
            f"{floor} is no floor any more. What you put there is in {where} too, and stays: "
            f"{', '.join(moved.left)}. Delete the old folder when you need nothing of it.",
            markup=False,
            highlight=False,
        )
