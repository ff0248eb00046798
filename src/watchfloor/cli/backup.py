"""`watchfloor backup` and `watchfloor restore`."""

from pathlib import Path
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
    busy,
    print_json,
)


def backup(
    target: Annotated[Path, typer.Argument(help="The backup to write, a new tar file.")],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Copy a floor into one file, while others read it and write to it.

    The backup holds the floor's key: guard it as you guard the floor.

    Example: watchfloor backup 2026-11-24.tar --floor floor
    """
    from watchfloor.store.backup import backup
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with busy(f"backing up {floor}"):
        kept = backup(opened, target, acting(purpose, authority))
    if as_json:
        print_json({"backup": target, **kept._asdict()})
    else:
        typer.echo(
            f"{target}: {kept.files} files, {kept.size:,} bytes, up to position {kept.position} of the log"
        )


def restore(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup to restore.")],
    floor: FloorOption = DEFAULT_FLOOR,
    erasures: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="The floor the backup was made of: what was erased there since is erased here too.",
        ),
    ] = None,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a floor from a backup, checked whole before it takes its place; never over another floor.

    Example: watchfloor restore 2026-11-24.tar --floor restored
    """
    from watchfloor.store.backup import restore
    from watchfloor.store.floor import Floor

    other = Floor.open(erasures) if erasures else None
    with busy(f"restoring and checking {source}"):
        kept = restore(source, floor, acting(purpose, authority), erasures=other)
    if as_json:
        print_json({"floor": floor, **kept._asdict()})
    else:
        typer.echo(
            f"{floor}: {kept.files} files, {kept.size:,} bytes, up to position {kept.position} of the log"
        )
