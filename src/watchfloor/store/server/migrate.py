"""Moving a floor: from its folder to a PostgreSQL server, or from where it lies into another folder.

The new place is made apart, checked whole against the old one, and takes its place in one step; only then the
old place goes. Nobody can log an act meanwhile: it waits, and is refused when the move takes long. Cut off
before that step, nothing has changed; after it, the floor lies in the new place.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid5

from msgspec import structs

from watchfloor.store import catalogue, files, log, readers, secret, settings
from watchfloor.store.backup import ENDS, beside
from watchfloor.store.database import SETTINGS, Database
from watchfloor.store.errors import Damaged, NotEmpty, WrongCall, explained
from watchfloor.store.floor import Floor
from watchfloor.store.index.file import NAME as INDEX
from watchfloor.store.lock import NAME as LOCK
from watchfloor.store.lock import WriterLock
from watchfloor.store.log import Actor
from watchfloor.store.server.place import installed, server
from watchfloor.store.verify import Witness, verify

if TYPE_CHECKING:
    from watchfloor.store.server.postgres import Connection, Server

Tell = Callable[[str], None]
"""Takes a line that says how far it has come."""


class Moved(NamedTuple):
    """Result of a move: acts of the log, its root, files and their bytes; and what stays in the old folder.

    Of a move to a server nothing stays that is not the floor's: its folder is the same.
    """

    position: int
    root: bytes
    files: int
    size: int
    left: tuple[str, ...] = ()


def to_server(floor: Floor, address: str, actor: Actor, tell: Tell = lambda _: None) -> Moved:
    """Move a floor from its folder to a database; the folder keeps settings, keys and what lies beside them.

    Args:
        floor: in a folder.
        address: of the database, such as `postgresql+psycopg://cell@db.example/watchfloor`.
        actor: who moves it.
        tell: is told how far it has come.

    Raises:
        NotPermitted: the floor's policy does not let this person write.
        StoreError: what a server needs is not installed.
        WrongCall: it lies on a server already, that one holds another state of it, or the address is none.
        NoServer: the server does not answer.
        Damaged: what lies here is not whole, or did not arrive whole; nothing has changed.
    """
    readers.refuse_writing(floor.root, actor.name)
    with installed(f"{floor.root} is to lie on a server"):
        from watchfloor.store.server import postgres

    if floor.settings.server:
        raise WrongCall(f"{floor.root} lies on a server already; move it into a folder first")
    target = postgres.Server.from_address(floor.root, address, floor.settings.id)
    staging = postgres.Server.from_address(floor.root, address, str(uuid5(UUID(floor.settings.id), "moving")))
    with explained(floor.root), _held(floor.root) as source:
        moved = _measured(source)
        _refuse_another(target, moved)
        with postgres.connected(staging) as database:
            postgres.drop(database)
            try:
                _fill(database, floor, source, moved, tell)
                tell("checking what has arrived")
                _check_staging(floor, staging, address, moved)
                catalogue.close(source)
                postgres.rename(database, target)
            except BaseException:
                if not database.lost:
                    postgres.drop(database)
                raise
        settings.begin(floor.root, structs.replace(floor.settings, server=address))
        settings.seal(floor.root)
    catalogue.leave(floor.root)
    (floor.root / LOCK).unlink(missing_ok=True)
    Floor.open(floor.root).act(actor, "moved", {"to": "server", "position": moved.position})
    return moved


def to_folder(floor: Floor, target: Path, actor: Actor, tell: Tell = lambda _: None) -> Moved:
    """Move a floor, wherever it lies, into a folder of its own.

    Args:
        floor: to move. Its old folder is no floor afterwards and keeps what others put there.
        target: the new folder; must not exist, or be empty.
        actor: who moves it.
        tell: is told how far it has come.

    Raises:
        NotPermitted: the floor's policy does not let this person write.
        NotEmpty: the target holds something already.
        WrongCall: the target lies in the floor itself.
        Damaged: what lies there is not whole, or did not arrive whole; nothing has changed.
    """
    readers.refuse_writing(floor.root, actor.name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotEmpty(f"{target} is not empty; move the floor into a folder of its own")
    if target.resolve().is_relative_to(floor.root.resolve()):
        raise WrongCall(f"{target} lies in the floor itself; name a folder outside of it")
    with explained(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as temporary,
            _held(floor.root) as source,
        ):
            made = Path(temporary) / "floor"
            moved = _measured(source)
            _unfold(made, floor, source, moved, tell)
            tell("checking what has arrived")
            _refuse_damage(made, moved)
            catalogue.close(source)
            if target.exists():
                target.rmdir()
            made.replace(target)
            (floor.root / SETTINGS).unlink()
        left = _retire(floor.root)
    Floor.open(target).act(actor, "moved", {"to": "folder", "position": moved.position})
    return moved._replace(left=left)


@contextmanager
def _held(root: Path) -> Iterator[Database]:
    """The catalogue, in a transaction in which nobody else can write to the floor."""
    with _writing(root):
        database = catalogue.for_writing(root)
        try:
            with catalogue.transaction(database):
                yield database
        finally:
            database.close()


@contextmanager
def _writing(root: Path) -> Iterator[None]:
    """The writer's lock, or its turn on a server."""
    if server(root) is None:
        with WriterLock(root):
            yield
        return
    from watchfloor.store.server.writer_lease import Turn

    database = catalogue.for_writing(root)
    try:
        Turn(root, database).acquire()
        yield
    finally:
        database.close()  # and with it the turn


def _measured(source: Database) -> Moved:
    count, size = source.execute("SELECT count(*), coalesce(sum(size), 0) FROM files").fetchone()
    return Moved(log.head(source)[0], log.root(source), count, int(size))


def _fill(database: "Connection", floor: Floor, source: Database, moved: Moved, tell: Tell) -> None:
    """Copy catalogue and files into a schema that is no floor yet, in one transaction."""
    from watchfloor.store.server import postgres

    with postgres.whole(database):
        tell("copying the catalogue")
        postgres.create(database, catalogue.TABLES, catalogue.LAYOUT)
        catalogue.copy_rows(source, database)
        tell("copying the files")
        database.load("contents", _parts(floor.root, catalogue.stored(source), moved, tell))


def _parts(
    root: Path, stored: list[files.Stored], moved: Moved, tell: Tell
) -> Iterator[tuple[str, int, bytes]]:
    for number, each in enumerate(stored, 1):
        tell(f"copying file {number:,} of {moved.files:,}")
        yield from ((each.path, part, data) for part, data in enumerate(files.parts(root, each)))


def _check_staging(floor: Floor, staging: "Server", address: str, moved: Moved) -> None:
    """Look at what arrived as a floor of its own, with this one's key."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        shutil.copy(floor.root / secret.NAME, root / secret.NAME)
        passing = structs.replace(
            floor.settings, id=str(UUID(staging.schema.rpartition("_")[2])), server=address
        )
        settings.begin(root, passing)
        settings.seal(root)
        _refuse_damage(root, moved)


def _refuse_damage(root: Path, moved: Moved) -> None:
    for found in verify(root, Witness(moved.position, moved.root)):
        raise Damaged(
            f"the floor was not moved, since it would not be whole: {found}. Run `watchfloor floor verify`."
        )


def _refuse_another(target: "Server", moved: Moved) -> None:
    """Refuse a server that holds another state; the same state is left by a move that was cut off."""
    from watchfloor.store.server import postgres

    if not postgres.acts(target):
        return
    with postgres.connected(target) as database:
        same = (log.head(database)[0], log.root(database)) == moved[:2]
    if not same:
        raise WrongCall(
            "the server holds this floor already, in another state. Open that one; if it is not wanted, drop "
            f"the schema {target.schema} there"
        )


def _unfold(made: Path, floor: Floor, source: Database, moved: Moved, tell: Tell) -> None:
    """Copy catalogue, files and what lies beside them into a folder that is no floor yet."""
    made.mkdir(mode=0o700)
    for path in beside(floor.root):
        files.new(made, path)
        shutil.copy2(floor.root / path, made / path)
    tell("copying the catalogue")
    with catalogue.snapshot(floor.root) as seen:  # SQLite copies no file in its own open transaction
        catalogue.copy_into_file(seen, made / catalogue.NAME)
    catalogue.to_wal(made)
    for number, each in enumerate(catalogue.stored(source), 1):
        tell(f"copying file {number:,} of {moved.files:,}")
        files.copy_in(made, each.path, files.parts(floor.root, each))
    settings.begin(made, structs.replace(floor.settings, server=""))
    settings.seal(made)


def _retire(root: Path) -> tuple[str, ...]:
    """The old place is no floor any more: data, keys and lock go. Gives what people put there: it stays."""
    catalogue.leave(root)
    for derived in ("ids", files.SHARED):  # a key that stayed here would be out of an erasure's reach
        shutil.rmtree(root / derived, ignore_errors=True)
    index = (f"{INDEX}{end}" for end in ENDS)
    for name in (secret.NAME, secret.SIGNING, LOCK, *index):
        (root / name).unlink(missing_ok=True)
    return tuple(sorted(path.name for path in root.iterdir()))
