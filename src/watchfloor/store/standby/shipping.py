"""Shipping a floor in a folder to its standby: `standby.toml` in the floor's folder says where to.

to = "/mnt/standby"        # a folder that both reach, for this floor alone
recipients = ["age1…"]     # of the standby, see `watchfloor floor backup-key`
"""

import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.formats.settings import Settings
from watchfloor.store import backup, catalogue, encryption, files, log
from watchfloor.store.erasure.overwriting import overwritten
from watchfloor.store.errors import Damaged, WrongCall, explained
from watchfloor.store.floor import Floor
from watchfloor.store.log import notes
from watchfloor.store.settings import text
from watchfloor.store.standby import gate, wal

HEAD: Final = "head.json"
BEAT: Final = 1.0
"""Seconds between two signs of life."""
LOOK: Final = 0.002
"""Seconds between two looks at the write-ahead log."""
REFRESH: Final = 30.0
"""Seconds between two looks at what lies beside the catalogue: settings, accounts."""
LARGE: Final = 1 << 28
"""Bytes of a write-ahead log that readers have kept from being begun anew; then a base is shipped."""
YIELD: Final = 20.0
"""Seconds for which a shipper lets an erasure rewrite the catalogue."""
_TRIES: Final = 200


class StandbySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a floor is shipped to, and who can read it there."""

    to: str
    recipients: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.recipients:
            raise ValueError("recipients names nobody who could read what is shipped")


class Head(msgspec.Struct, frozen=True):
    """Contents of a shared folder: the last bundle of which generation, and a sign of life.

    Attributes:
        floor: id of the floor.
        generation: drawn with each base.
        sequence: of the last bundle; 0 is the base.
        position: of the log, that it goes up to.
        beat: counts up while the primary lives.
        released: whether the primary has stopped by itself.
    """

    floor: str
    generation: str
    sequence: int
    position: int
    beat: int
    released: bool = False


class Bundle(msgspec.Struct, frozen=True):
    """The list of a bundle, which the floor signs.

    Attributes:
        floor, generation, sequence: as in the head; `sequence` 0 has the whole catalogue.
        position: acts of the log.
        root: of their tree.
        pages: of the database then.
        size: bytes of a page.
        numbers: of the pages in it.
        members: SHA-256 of each member of the bundle, by name.
        files: SHA-256 of each file that came since the bundle before.
    """

    floor: str
    generation: str
    sequence: int
    position: int
    root: str
    pages: int
    size: int
    numbers: list[int]
    members: dict[str, str]
    files: dict[str, str]


def load(floor: Floor) -> StandbySettings | None:
    """Where the floor is shipped to; None where it has no standby.

    Raises:
        SettingsError: its settings are wrong.
        NotPermitted: the floor's supervisors have not confirmed them as they are.
    """
    if (text := floor.approved_settings(gate.SETTINGS)) is None:
        return None
    file = Settings(text, str(floor.root / gate.SETTINGS))
    return file.convert(file.values, StandbySettings)


class Shipper:
    """Ships one floor for as long as it lives.

    Raises:
        WrongCall: the floor has no standby, lies on a server, or the shared folder is not there.
        TakenOver: the standby has taken over.
    """

    def __init__(self, floor: Floor) -> None:
        known = load(floor)
        if known is None:
            raise WrongCall(f"{floor.root / gate.SETTINGS} is missing: say there where to ship, and to whom")
        if floor.settings.server:
            raise WrongCall("this floor lies on a server: follow it by the server's own replication")
        self.floor, self._to = floor, Path(known.to)
        if not self._to.is_dir():
            raise WrongCall(f"{self._to} is no folder: make it, or mount its disk")
        named = [each for one in known.recipients for each in encryption.recipients(one)]
        self._keys = [encryption.parse_recipient(each) for each in named]
        self._place = floor.root / catalogue.NAME
        self._reader: sqlite3.Connection | None = None
        self._mark: wal.Committed | None = None
        self._beside: dict[str, tuple[int, int]] = {}
        self._sent: dict[str, str] = {}
        self._beat = self._refreshed = 0.0
        self._head = self._read_head()

    @property
    def position(self) -> int:
        """Position of the log that is shipped."""
        return self._head.position

    def run(self, stopped: threading.Event) -> None:
        """Ship until it is stopped, and say then that it has."""
        try:
            while not stopped.wait(LOOK):
                self.ship()
            self.ship()
            self._publish(released=True)
        finally:
            self.close()

    def ship(self) -> bool:
        """Ship what was committed since; gives whether there was anything."""
        if self._mark is None:
            gate.refuse_fenced(self.floor.root)
            self._base()
            return True
        found = wal.committed(self._place)
        refresh = time.monotonic() - self._refreshed > REFRESH
        if found is None or (found == self._mark and not refresh):
            self._live()
            return False
        gate.refuse_fenced(self.floor.root)
        if self._yielded_to_erasure():
            return False
        reader, mark = self._snapshot()
        try:
            same = mark.salts == self._mark.salts
            pages = wal.changed(self._place, self._mark.frames if same else 0, mark)
            lost = pages is None or mark.frames * mark.size > LARGE
            if not lost and (pages or refresh):
                self._bundle(reader, pages)
        except FileNotFoundError:  # a compaction took a file away: what comes next does not name it
            reader.close()
            return False
        except BaseException:
            reader.close()
            raise
        self._drop()
        if lost:  # the next is a base
            reader.close()
            return False
        self._reader, self._mark = reader, mark
        return True

    def close(self) -> None:
        """Let go of the catalogue."""
        self._drop()

    def _base(self) -> None:
        """Ship the whole catalogue, and take away what came before it."""
        reader, mark = self._snapshot()
        old = self._head.generation
        self._head = msgspec.structs.replace(self._head, generation=os.urandom(8).hex(), sequence=-1)
        (self._to / self._head.generation).mkdir(mode=0o700)
        self._beside = {}
        try:
            self._bundle(reader, None)
        except BaseException:
            reader.close()
            raise
        self._reader, self._mark = reader, mark
        if old:
            shutil.rmtree(self._to / old, ignore_errors=True)
        kept = {self._to / "files" / path for path in self._sent}
        for place in (self._to / "files").rglob("*"):
            if place.is_file() and place not in kept:
                place.unlink()

    def _snapshot(self) -> tuple[sqlite3.Connection, wal.Committed]:
        """A reader's transaction, and what is committed in it."""
        with explained(self.floor.root):
            reader = sqlite3.connect(
                f"{self._place.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            for _ in range(_TRIES):
                before = wal.committed(self._place)
                reader.execute("BEGIN")
                reader.execute("SELECT max(position) FROM log").fetchone()
                if (after := wal.committed(self._place)) is not None and before == after:
                    return reader, after
                reader.execute("COMMIT")
            reader.close()
        raise Damaged(f"{self._place} has no write-ahead log that can be read")

    def _bundle(self, reader: sqlite3.Connection, pages: Mapping[int, bytes] | None) -> None:
        position, _ = log.head(reader)
        sent = self._ship_files(reader)
        sequence = self._head.sequence + 1
        place = self._to / self._head.generation / f"{sequence:08d}"
        partial = place.with_name(f".{place.name}")
        with open(partial, "wb", opener=files.private) as file:
            with (
                encryption.encrypted(file, self._keys) as plain,
                tarfile.open(fileobj=plain, mode="w|") as tar,
            ):
                members: dict[str, str] = {}
                if pages is None:
                    with tempfile.TemporaryDirectory() as temporary:
                        copy = Path(temporary) / catalogue.NAME
                        catalogue.copy_into_file(reader, copy)
                        members[catalogue.NAME] = _add(tar, catalogue.NAME, copy.read_bytes())
                else:
                    data = b"".join(page for _, page in sorted(pages.items()))
                    members["pages"] = _add(tar, "pages", data)
                for name, content in self._changed_beside().items():
                    members[f"beside/{name}"] = _add(tar, f"beside/{name}", content)
                count, size = (
                    reader.execute(f"PRAGMA page_{what}").fetchone()[0] for what in ("count", "size")
                )
                bundle = Bundle(
                    floor=self.floor.settings.id,
                    generation=self._head.generation,
                    sequence=sequence,
                    position=position,
                    root=log.root(reader).hex(),
                    pages=count,
                    size=size,
                    numbers=sorted(pages or ()),
                    members=members,
                    files=sent,
                )
                listed = msgspec.json.encode(bundle)
                _add(tar, HEAD, listed)
                _add(tar, "note", notes.note(signed_text(listed), self.floor.signer).encode())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(place)
        self._head = msgspec.structs.replace(self._head, sequence=sequence, position=position)
        self._publish()
        self._unship_files(reader)

    def _ship_files(self, reader: sqlite3.Connection) -> dict[str, str]:
        """Ship files that the catalogue names and that are not there; gives the SHA-256 of each."""
        named = {path for (path,) in reader.execute("SELECT path FROM files")}
        fresh: dict[str, str] = {}
        for path in sorted(named - self._sent.keys()):
            target = self._to / "files" / path
            if not target.exists():
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                partial = target.with_name(f".{target.name}")
                with (
                    files.open_(self.floor.root, path) as source,
                    open(partial, "wb", opener=files.private) as out,
                ):
                    with encryption.encrypted(out, self._keys) as plain:
                        shutil.copyfileobj(source, plain)
                    out.flush()
                    os.fsync(out.fileno())
                partial.replace(target)
            with files.open_(self.floor.root, path) as source:
                self._sent[path] = sha256(source.read()).hexdigest()
            fresh[path] = self._sent[path]
        return dict(self._sent) if self._head.sequence < 0 else fresh

    def _unship_files(self, reader: sqlite3.Connection) -> None:
        """Take away files that the catalogue names no more; not before the bundle is there that says so."""
        for path in self._sent.keys() - {path for (path,) in reader.execute("SELECT path FROM files")}:
            (self._to / "files" / path).unlink(missing_ok=True)
            del self._sent[path]

    def _changed_beside(self) -> dict[str, bytes]:
        """Keys, settings, accounts that changed since they were shipped."""
        root, found = self.floor.root, dict[str, bytes]()
        self._refreshed = time.monotonic()
        settings = text(self.floor.settings).encode()
        if self._head.sequence < 0:
            found["floor.toml"] = settings
        for path in backup.beside(root):
            if path.startswith((files.CONSOLE, files.PERSONAL)) and path not in backup.LIVE:
                continue
            stamps = [one.stat() for end in ("", "-wal") if (one := root / f"{path}{end}").exists()]
            stamp = max(one.st_mtime_ns for one in stamps), sum(one.st_size for one in stamps)
            if self._beside.get(path) != stamp:
                self._beside[path] = stamp
                found[path] = backup.beside_bytes(root, path)
        return found

    def _yielded_to_erasure(self) -> bool:
        """Let go of the catalogue while an erasure writes it anew: then comes a base."""
        until = time.monotonic() + YIELD
        while True:
            with closing(sqlite3.connect(self._place)) as database:
                due = log.newest(database, ["erasure"])
                if overwritten(database) >= due or time.monotonic() > until:
                    break
            self._drop()
            time.sleep(0.02)
        return self._mark is None

    def _drop(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._mark = None

    def _live(self) -> None:
        if time.monotonic() - self._beat > BEAT:
            self._publish()

    def _publish(self, *, released: bool = False) -> None:
        """Say in the shared folder what is there, then here what is shipped."""
        self._beat = time.monotonic()
        self._head = msgspec.structs.replace(self._head, beat=self._head.beat + 1, released=released)
        write(self._to / HEAD, msgspec.json.encode(self._head))
        write(self.floor.root / gate.SHIPPED, str(self._head.position).encode())

    def _read_head(self) -> Head:
        mine = self.floor.settings.id
        try:
            found = msgspec.json.decode((self._to / HEAD).read_bytes(), type=Head)
        except FileNotFoundError:
            return Head(mine, "", -1, 0, 0)
        if found.floor != mine:
            raise WrongCall(f"{self._to} holds what another floor has shipped; give each its own folder")
        return found


def write(place: Path, content: bytes) -> None:
    """Put a small file in the place of another, whole or not at all."""
    partial = place.with_name(f".{place.name}.{os.getpid()}")
    with open(partial, "wb", opener=files.private) as file:
        file.write(content)
    partial.replace(place)


def signed_text(listed: bytes) -> str:
    """The text by which the floor signs the list of a bundle."""
    return f"watchfloor standby\n{sha256(listed).hexdigest()}\n"


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> str:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))
    return sha256(content).hexdigest()
