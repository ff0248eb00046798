"""Backups: one tar file with everything a floor names, taken while readers and a writer go on.

The catalogue is copied first, as one consistent state; the files it names never change, so they can be
copied after it. A member lists the SHA-256 of every other, and the last is the floor's signature of it.

A backup holds the floor's keys, so it can be encrypted to recipients, and then never lies in the clear where
it is written.
"""

import contextlib
import io
import os
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple

import msgspec
from msgspec import structs
from pyrage.x25519 import Recipient

from watchfloor.store import catalogue, encryption, files, governing, lock, log, secret, settings
from watchfloor.store.database import SETTINGS, UNSEALED, read_only
from watchfloor.store.errors import Damaged, NotEmpty, StoreError, WrongCall, explained
from watchfloor.store.floor import Floor
from watchfloor.store.index import file as index
from watchfloor.store.log import Actor, notes
from watchfloor.store.log.notes import NoteError, Signer, Verifier, signed_json
from watchfloor.store.settings import text
from watchfloor.store.standby import gate
from watchfloor.store.upgrade import upgrade
from watchfloor.store.verify import Witness, verify

CONTENTS: Final = "contents.json"
SIGNATURE: Final = "contents.note"
"""A signed note (`store.log.notes`) of the digest of the list."""
_TRIES: Final = 5
_NAME_ONE: Final = "Name a file that `watchfloor floor backup` wrote."


class Contents(msgspec.Struct, frozen=True):
    """Content of a backup.

    Attributes:
        layout: of the floor.
        position: of the log.
        root: of the log at that position, in hexadecimal.
        files: SHA-256 of each member by name.
    """

    layout: int
    position: int
    root: str
    files: dict[str, str]


class BackupResult(NamedTuple):
    """Result of a backup or a restore: position of the log, files, and bytes."""

    position: int
    files: int
    size: int
    signer: str = ""
    """The public key that signed a backup which was restored, as people exchange it; empty: nobody did."""


def backup(floor: Floor, target: Path, actor: Actor, *, to: Sequence[str]) -> BackupResult:
    """Write a backup of the floor to a new file, which its owner alone may read.

    Args:
        floor: to back up, while others read it and write to it.
        target: the file.
        actor: who backs it up.
        to: recipients in the age format, as `encryption.recipients` reads them; without any the backup is a
            tar file, and who reads it reads the floor and its keys.

    Raises:
        WrongCall: one of the recipients is none.
        WrongCall: the target exists, its folder does not, it lies in the floor, or a file of the floor is
            missing.
        StoreFull: the target's disk is full, or the floor's, where the act is logged.
        ReadOnlyFloor: the act cannot be logged.
        Damaged: a file of the floor is not what was stored.
    """
    if target.exists():
        raise WrongCall(f"{target} exists already; a backup never overwrites one")
    if not target.parent.is_dir():
        raise WrongCall(
            f"{target.parent} is no folder, so {target.name} cannot be written there. Make the folder or "
            "mount its disk, then repeat the command."
        )
    if target.resolve().is_relative_to(floor.root.resolve()):
        raise WrongCall(f"{target} lies in the floor itself and would be lost with it; name a place outside")
    keys = [encryption.parse_recipient(each) for each in to]
    with explained(target.parent):
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            kept = _retried(floor, partial, keys)
            # before it takes its place: no copy is there that the log does not tell of
            said = {"position": kept.position, "files": kept.files, "to": target.name}
            floor.act(actor, "backup", said | {"recipients": list(to)})
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return kept


def restore(
    source: Path,
    target: Path,
    actor: Actor,
    *,
    key: Path | None = None,
    erasures: Floor | None = None,
    signer: Verifier | None = None,
    unsigned: bool = False,
) -> BackupResult:
    """Make a floor from a backup, checked whole before it takes its place.

    Args:
        source: the backup.
        target: the new floor's folder; must not exist, or be empty.
        actor: who restores.
        key: the file of a key that the backup was encrypted to, as `encryption.make_key` writes it.
        erasures: the floor the backup was made of, or a later backup restored: what was erased there after
            the backup was made is erased here too, so that an old backup brings nothing back.
        signer: who must have signed it; None: the floor named by `erasures`, else the key in the backup
            itself, which tells only that nobody changed it who did not have that key.
        unsigned: take a backup without a signature, as earlier versions wrote them.

    Raises:
        NotEmpty: the target holds something already.
        WrongCall: the backup is encrypted and no key is named, or the file holds none.
        Damaged: the source is no backup, or not as it was written; nothing is left in the target.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotEmpty(f"{target} is not empty; restore into a folder of its own")
    with explained(target.parent):
        files.make_folder(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as temporary:
            made = Path(temporary) / "floor"
            made.mkdir(mode=0o700)
            contents, listed, note = _unpack(source, made, key)
            signed = "" if unsigned and not note else _signer(source, made, listed, note, signer, erasures)
            _refuse_damage(source, made, contents, actor)
            size = sum(place.stat().st_size for place in made.rglob("*") if place.is_file())
            if target.exists():
                target.rmdir()
            made.replace(target)
    floor = Floor.open(target)
    floor.act(actor, "restored", {"from": source.name, "position": contents.position})
    if erasures is not None:
        _erase_again(floor, erasures, actor)
    return BackupResult(contents.position, len(contents.files), size, signed)


def _retried(floor: Floor, partial: Path, to: Sequence[Recipient]) -> BackupResult:
    """A compaction may take a file away between the catalogue's copy and its own: then begin again."""
    for left in reversed(range(_TRIES)):
        try:
            partial.unlink(missing_ok=True)
            with open(partial, "xb", opener=files.private) as file:
                with encryption.encrypted(file, to) if to else contextlib.nullcontext(file) as plain:
                    kept = _write(floor, plain)
                file.flush()
                os.fsync(file.fileno())
            return kept._replace(size=partial.stat().st_size)
        except FileNotFoundError as error:
            if not left:
                raise Damaged(f"{error.filename} is missing; run `watchfloor floor verify`") from error
    raise AssertionError


def _write(floor: Floor, file: BinaryIO) -> BackupResult:
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(fileobj=file, mode="w|") as tar:
        copy = Path(temporary) / catalogue.NAME
        _copy_catalogue(floor.root, copy)
        named, position, root = _read_copy(copy)
        digests = {catalogue.NAME: _add(tar, copy, catalogue.NAME)}
        said = text(structs.replace(floor.settings, server="")).encode()
        digests[SETTINGS] = _write_in(tar, io.BytesIO(said), SETTINGS, len(said))
        for path in beside(floor.root):
            if not path.startswith(LIVE):
                digests[path] = _add(tar, floor.root / path, path)
        for name in LIVE:
            if (floor.root / name).exists():
                copied = Path(temporary) / name
                _copy_live(floor.root / name, copied)
                digests[name] = _add(tar, copied, name)
        for stored in named:
            _refuse_rot(floor.root, stored)
            with files.open_(floor.root, stored.path) as source:
                digests[stored.path] = _write_in(tar, source, stored.path, stored.size)
        contents = msgspec.json.encode(Contents(catalogue.LAYOUT, position, root.hex(), digests))
        note = notes.note(_signed_text(contents), floor.signer).encode()
        for name, data in ((CONTENTS, contents), (SIGNATURE, note)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        return BackupResult(position, len(digests), 0)


def beside(root: Path) -> Iterator[str]:
    """Keys, and what else people keep in a floor's folder; the catalogue names the data."""
    made = (catalogue.NAME, index.NAME)  # the index is derived, and made anew where it is missing
    apart = {
        *files.FOLDERS,
        files.UPLOADS,
        files.SHELVES,
        files.SHARED,
        files.MEMO,
        files.UPKEEP,
        *(gate.SETTINGS, gate.SHIPPED, gate.FENCED),  # what is restored follows nobody
        SETTINGS,
        UNSEALED,
        lock.NAME,
        *(name + end for name in (*made, files.JOBS) for end in ENDS),
    }
    for place in sorted(root.rglob("*")):
        inner = place.relative_to(root)
        if inner.parts[0] not in apart and place.is_file():
            yield inner.as_posix()


ENDS: Final = ("", "-wal", "-shm", "-journal")
"""Of the files that SQLite keeps of one database."""


def _copy_catalogue(root: Path, copy: Path) -> None:
    with catalogue.snapshot(root) as source:
        catalogue.copy_into_file(source, copy)


_SIGNED_OUT: Final = "DELETE FROM sessions; DELETE FROM links; VACUUM;"
"""Nobody is signed in on what is restored."""


LIVE: Final = (files.CONSOLE, files.PERSONAL)
"""Databases of a console that goes on meanwhile."""


def beside_bytes(root: Path, path: str) -> bytes:
    """A file beside the data as a backup has it."""
    if path not in LIVE:
        return (root / path).read_bytes()
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / path
        _copy_live(root / path, copy)
        return copy.read_bytes()


def _copy_live(source: Path, copy: Path) -> None:
    """Copy a database as one state while a console goes on; nobody is signed in on the copy."""
    then = _SIGNED_OUT if source.name == files.CONSOLE else "VACUUM;"
    with contextlib.closing(read_only(source)) as live, contextlib.closing(sqlite3.connect(copy)) as made:
        live.backup(made)
        made.executescript(then)


def _refuse_rot(root: Path, stored: files.Stored) -> None:
    """A backup of a rotten file could not be restored; a missing one is for the caller to retry."""
    found = files.find_break(root, stored)
    if found and found.what != files.MISSING:
        raise Damaged(
            f"{stored.path} is broken at byte {found.start}: {found.what}. No backup was written, since it "
            "could not be restored. Restore an earlier one: watchfloor floor restore BACKUP --floor FOLDER"
        )


def _read_copy(copy: Path) -> tuple[list[files.Stored], int, bytes]:
    with contextlib.closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        return catalogue.stored(database), log.head(database)[0], log.root(database)


def _add(tar: tarfile.TarFile, place: Path, name: str) -> str:
    """Add a file; gives the SHA-256 of what was added."""
    with place.open("rb") as file:
        return _write_in(tar, file, name, os.fstat(file.fileno()).st_size)


def _write_in(tar: tarfile.TarFile, file: BinaryIO, name: str, size: int) -> str:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mtime = int(time.time())
    member.mode = 0o600
    reading = _Hashed(file)
    tar.addfile(member, reading)
    return reading.seen.hexdigest()


class _Hashed(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner, self.seen = inner, sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._inner.read(size)
        self.seen.update(data)
        return data


def _signed_text(contents: bytes) -> str:
    return f"watchfloor backup\n{sha256(contents).hexdigest()}\n"


def _signer(
    source: Path, made: Path, listed: bytes, note: str, signer: Verifier | None, erasures: Floor | None
) -> str:
    """Return the public key by which the list of contents is signed. Raises `Damaged`."""
    if not note:
        raise Damaged(
            f"{source} is not signed, so anybody may have made or changed it. Where you know whence it "
            "comes, restore it with --unsigned"
        )
    if signer is None and erasures is not None:
        signer = erasures.signer.verifier
    try:
        signer = signer or _own_key(made)
        text, _ = notes.opened(note, [signer])
    except (NoteError, StoreError, OSError) as error:
        raise Damaged(f"{source} is not signed as it must be: {error}; use another backup") from error
    if text != _signed_text(listed):
        raise Damaged(f"{source} holds another list than the one that was signed; use another backup")
    return signer.text


def _own_key(made: Path) -> Verifier:
    """The public key of the floor that was unpacked."""
    return Signer(settings.read(made).name, secret.read(made, secret.SIGNING)).verifier


def _unpack(source: Path, made: Path, key: Path | None) -> tuple[Contents, bytes, str]:
    """Write each member out and compare it with the list at the end; gives the list, its bytes, its note."""
    digests: dict[str, str] = {}
    contents: Contents | None = None
    listed, note = b"", ""
    try:
        with _opened(source, key) as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is None:
                    continue
                if member.name == CONTENTS:
                    listed = file.read()
                    contents = signed_json(listed, Contents)
                elif member.name == SIGNATURE:
                    note = file.read().decode("utf-8", "replace")
                else:
                    digests[member.name] = _write_out(file, _inside(made, member.name))
    except (tarfile.TarError, msgspec.MsgspecError, EOFError) as error:
        raise Damaged(f"{source} is damaged or was cut; use another backup") from error
    if catalogue.NAME not in digests:
        raise Damaged(f"{source} is no backup: it holds no floor. {_NAME_ONE}")
    if contents is None:
        raise Damaged(f"{source} was cut: it ends before its list of contents; use another backup")
    for name in sorted(contents.files.keys() | digests.keys()):
        if contents.files.get(name) != digests.get(name):
            raise Damaged(f"{source}: {name} is not as it was backed up; use another backup")
    return contents, listed, note


@contextlib.contextmanager
def _opened(source: Path, key: Path | None) -> Iterator[tarfile.TarFile]:
    """The backup's tar file; uncompressed, as it is written."""
    if encryption.is_encrypted(source):
        with (
            encryption.decrypted(source, key) as plain,
            tarfile.open(fileobj=plain, mode="r|") as tar,
        ):
            yield tar
        return
    try:
        tar = tarfile.open(source, "r:")  # noqa: SIM115 - closed below; only the opening is explained here
    except tarfile.TarError as error:
        why = "is empty" if not source.stat().st_size else "is no backup: it is not a tar file"
        raise Damaged(f"{source} {why}. {_NAME_ONE}") from error
    with tar:
        yield tar


def _inside(made: Path, name: str) -> Path:
    place = made / name
    if not place.resolve().is_relative_to(made.resolve()):
        raise Damaged(
            f"a member of the backup, {name!r}, would be written outside of the floor; nothing was restored"
        )
    files.make_folder(place.parent)
    return place


def _write_out(file: IO[bytes], place: Path) -> str:
    seen = sha256()
    with open(place, "xb", opener=files.private) as out:
        while data := file.read(1 << 20):
            seen.update(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return seen.hexdigest()


def _refuse_damage(source: Path, made: Path, contents: Contents, actor: Actor) -> None:
    """Check what was unpacked; a floor of an older layout is brought to this one, and checked then."""
    catalogue.to_wal(made)
    upgrade(made, actor)
    for found in verify(made, Witness(contents.position, bytes.fromhex(contents.root))):
        if found.file in (
            *governing.FILES,
            governing.RIGHTS,
        ):  # people change these, and may confirm it later
            continue
        raise Damaged(f"{source} holds a damaged floor, and nothing was restored: {found}")


def _erase_again(floor: Floor, erasures: Floor, actor: Actor) -> None:
    """Erase what was erased on the other floor since the backup."""
    with catalogue.snapshot(erasures.root) as database:
        gone = [record_id for (record_id,) in database.execute("SELECT record_id FROM erased")]
    with floor.writer(actor) as writer:
        here = writer.holding(gone)
        if here:
            why = f"erased on {erasures.settings.name} after the backup was made"
            writer.erase(here, why, category="restored")
