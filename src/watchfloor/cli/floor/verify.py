"""`watchfloor floor verify`: a floor against everything it committed to."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    BROKEN,
    DEFAULT_FLOOR,
    MISSING,
    OK,
    USAGE,
    FloorOption,
    JsonOption,
    busy,
    counted,
    err,
    fail,
    of_error,
    print_json,
    warn_of_old_pages,
)

if TYPE_CHECKING:
    from watchfloor.store.verify import Witness


def verify(
    floor: FloorOption = DEFAULT_FLOOR,
    witness: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE:ROOT|FILE",
            help="What this command printed before, or a checkpoint that was kept or witnessed elsewhere: "
            "finds a floor replaced by an older copy of itself. Without it, what the last call kept outside "
            "of the floor (WATCHFLOOR_MARKS).",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every file, row, delivery and act; name the first broken byte.

    Ends with 0 when the floor is whole, and with 3 when it is damaged, other accounts of this machine may
    enter its folder, or its policy and settings are not those that the log knows.

    Examples: watchfloor floor verify --floor floor; watchfloor floor verify --witness today.checkpoint
    --floor floor
    """
    from watchfloor.store.errors import StoreError
    from watchfloor.store.marks import mark_of
    from watchfloor.store.verify import GOVERNED, old_pages, verify

    _refuse_no_floor(floor)
    known = mark_of(floor) if witness is None else _known(witness, floor)
    count = damaged = 0
    with busy(f"checking {floor}"):
        for found in verify(floor, known):
            count += 1
            damaged += found.file not in GOVERNED
            if as_json:
                print_json({"damage": found._asdict()})
            else:
                typer.echo(str(found))
    try:
        head = _head(floor)
    except StoreError as error:
        if not count:
            fail(str(error), of_error(error))
        head = {}
    left = [] if count else old_pages(floor)
    if as_json:
        print_json({"whole": not count, "found": count, "old_pages": left, **head})
    elif damaged:
        err.print(
            f"{counted(count, 'finding')}. Restore a backup: watchfloor floor restore BACKUP --floor FOLDER"
        )
    elif not count:
        acts = counted(head["position"], "act")
        typer.echo(f"whole: {acts}. Note this and check against it later: {head['witness']}")
    if left and not as_json:
        warn_of_old_pages()
    if not count and not _keep(floor):
        err.print(
            "the folder of marks cannot be written, so a floor rolled back to now will look whole: name one "
            "with WATCHFLOOR_MARKS",
            highlight=False,
        )
    raise typer.Exit(BROKEN if count else OK)


def _keep(floor: Path) -> bool:
    from watchfloor.store.floor import Floor
    from watchfloor.store.marks import keep

    return keep(Floor.open(floor))


def _known(witness: str, floor: Path) -> "Witness":
    """Return the witness's note of the log, from a text or a file."""
    from watchfloor.store.verify import Witness

    if Path(witness).is_file():
        return _signed(Path(witness), floor)
    size, colon, root = witness.partition(":")
    if not colon or not size.isdigit() or len(root) != 64 or set(root.lower()) - set("0123456789abcdef"):
        fail(
            f"--witness {witness!r}: there is no such file; else give it as SIZE:ROOT, such as "
            f"17:{'0' * 62}a9",
            USAGE if colon else MISSING,
        )
    return Witness(int(size), bytes.fromhex(root))


def _signed(path: Path, floor: Path) -> "Witness":
    """Read a checkpoint of this floor. A note that this floor has not signed is a finding too."""
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import checkpoints
    from watchfloor.store.log.notes import NoteError
    from watchfloor.store.verify import Witness

    try:
        said, _ = checkpoints.opened(path.read_text("utf-8"), [Floor.open(floor).signer.verifier])
    except (NoteError, UnicodeDecodeError) as error:
        fail(f"--witness {path}: {error}. It is no checkpoint of this floor, or was changed", BROKEN)
    return Witness(said.size, said.root)


def _refuse_no_floor(floor: Path) -> None:
    """Say so, before anything in the folder is opened and called damaged."""
    from watchfloor.store import catalogue
    from watchfloor.store.database import SETTINGS

    if not floor.is_dir():
        fail(f"{floor} is no floor: there is no such folder. Make one with `watchfloor init`.", MISSING)
    if (floor / SETTINGS).exists():
        return
    if (floor / catalogue.NAME).exists():
        fail(
            f"{floor} has lost its {SETTINGS}, and is no floor without it. Restore a backup: "
            "watchfloor floor restore BACKUP --floor FOLDER",
            BROKEN,
        )
    fail(
        f"{floor} is no floor: it holds no {SETTINGS}. Name a floor's folder with --floor, or make one with "
        "`watchfloor init`.",
        MISSING,
    )


def _head(floor: Path) -> dict[str, Any]:
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    position = opened.position
    root = opened.log_root(position).hex()
    return {"position": position, "root": root, "witness": f"{position}:{root}"}
