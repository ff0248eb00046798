"""`watchfloor floor backup`, `watchfloor floor backup-key` and `watchfloor floor restore`."""

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
    fail,
    print_json,
    supervising,
)


def backup(
    target: Annotated[Path, typer.Argument(help="The backup to write, a new file.")],
    floor: FloorOption = DEFAULT_FLOOR,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RECIPIENT",
            help="Who can restore it: a recipient (age1...), or a file with one a line; may be repeated.",
        ),
    ] = None,
    unencrypted: Annotated[
        bool,
        typer.Option("--unencrypted", help="Write a tar file from which whoever reads it reads the floor."),
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Copy a floor into one file, while others read it and write to it.

    The backup holds the floor's keys, so it is encrypted. Make a key with `watchfloor floor backup-key`, and
    keep it on another machine than the floor. Where the floor has a policy, a supervisor makes backups.

    Example: watchfloor floor backup 2026-11-24.age --to recipients.txt --floor floor
    """
    from watchfloor.store.backup import backup
    from watchfloor.store.encryption import recipients
    from watchfloor.store.floor import Floor
    from watchfloor.store.marks import keep

    if bool(to) == unencrypted:
        fail(
            "say with --to who can restore this backup (`watchfloor floor backup-key FILE` makes a key and "
            "prints "
            "its recipient), or with --unencrypted that whoever reads the file may read the floor"
        )
    named = [each for one in to or () for each in recipients(one)]
    if to and not named:
        fail(f"{', '.join(to)}: no recipient is named there")
    opened = Floor.open(floor)
    supervising(opened)
    with busy(f"backing up {floor}"):
        kept = backup(opened, target, acting(purpose, authority), to=named)
    keep(opened)
    if as_json:
        print_json({"backup": target, **kept._asdict()})
    else:
        typer.echo(
            f"{target}: {kept.files} files, {kept.size:,} bytes, up to position {kept.position} of the log"
        )


def backup_key(
    place: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write the key to.")],
    as_json: JsonOption = False,
) -> None:
    """Make a key that backups are encrypted to, and print its recipient.

    Who has the key can restore every backup that names its recipient; without it nobody can. Keep it off the
    floor's machine, and a copy on paper.

    Example: watchfloor floor backup-key backup.key
    """
    from watchfloor.store.encryption import make_key

    recipient = make_key(place)
    if as_json:
        print_json({"key": place, "recipient": recipient})
    else:
        typer.echo(recipient)


def restore(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup to restore.")],
    floor: FloorOption = DEFAULT_FLOOR,
    key: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The file of a key that the backup was encrypted to."),
    ] = None,
    erasures: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="The floor the backup was made of: what was erased there since is erased here too.",
        ),
    ] = None,
    signer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME+HASH+KEY",
            help="The public key that must have signed it, as `watchfloor share node show` prints it.",
        ),
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Take a backup of an earlier version, which nobody signed.")
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a floor from a backup, checked whole before it takes its place; never over another floor.

    A backup is signed by its floor. Without --signer or --erasures the key in the backup itself is taken;
    compare what is printed with what you know.

    Example: watchfloor floor restore 2026-11-24.age --key backup.key --floor restored
    """
    from watchfloor.store.backup import restore
    from watchfloor.store.floor import Floor
    from watchfloor.store.log.notes import Verifier
    from watchfloor.store.marks import keep

    other = Floor.open(erasures) if erasures else None
    with busy(f"restoring and checking {source}"):
        by = Verifier.parse(signer) if signer else None
        actor = acting(purpose, authority)
        kept = restore(source, floor, actor, key=key, erasures=other, signer=by, unsigned=unsigned)
    keep(Floor.open(floor), anew=True)
    if as_json:
        print_json({"floor": floor, **kept._asdict()})
    else:
        typer.echo(
            f"{floor}: {kept.files} files, {kept.size:,} bytes, up to position {kept.position} of the log; "
            f"signed by {kept.signer or 'nobody'}"
        )
