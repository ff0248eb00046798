"""Following a floor from the folder that its primary ships to, and taking its place."""

import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from watchfloor.store import catalogue, encryption, files, log, secret
from watchfloor.store.database import SETTINGS
from watchfloor.store.errors import Damaged, FloorBusy, NotEmpty, WrongCall, explained
from watchfloor.store.floor import Floor
from watchfloor.store.lock import WriterLock
from watchfloor.store.log import Actor, notes
from watchfloor.store.log.notes import NoteError, Signer, Verifier
from watchfloor.store.standby import gate, wal
from watchfloor.store.standby.shipping import HEAD, Bundle, Head, signed_text, write

STATE: Final = "standby.json"
"""In the standby's folder: how far it is."""
ASIDE: Final = "floor.toml.standby"
"""The settings of the floor that it will be."""
LEASE: Final = 10.0
"""Seconds without a sign of life after which a primary is taken for dead."""


class Forked(Damaged):
    """A log that contradicts what was shipped before."""


class Following(msgspec.Struct, frozen=True):
    """How far a standby is.

    Attributes:
        floor: id of the floor.
        source: the shared folder.
        signer: the public key that signs.
        generation, sequence: of the last bundle that was applied.
        position, root: of the log then.
        forked: what contradicts what was shipped before; empty: nothing.
        fence: drawn when it began to take over, and in the fence then; empty: it did not.
    """

    floor: str
    source: str
    signer: str
    generation: str = ""
    sequence: int = -1
    position: int = 0
    root: str = ""
    forked: str = ""
    fence: str = ""


class Promoted(msgspec.Struct, frozen=True):
    """A standby that has taken over: at which position, and whether in spite of the primary's lease."""

    position: int
    root: str
    forced: bool


class Follower:
    """Follows one floor.

    Args:
        root: the standby's folder, empty or a standby already.
        source: the folder that the primary ships to.
        key: the file of the key that it is encrypted to.
        signer: who must have signed it; None: the key of the first base is taken, and no other after it.

    Raises:
        NotEmpty: the folder holds something else.
        WrongCall: it follows another source.
        FloorBusy: somebody follows into it already.
    """

    def __init__(self, root: Path, source: Path, key: Path, signer: Verifier | None = None) -> None:
        self.root, self._source, self._key = root, source, key
        with explained(root):
            files.make_folder(root)
            self._lock = WriterLock(root)
        try:
            self.state = self._read(signer)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    @property
    def head(self) -> Head | None:
        """Return what the shared folder holds; None where nothing was shipped yet."""
        try:
            return msgspec.json.decode((self._source / HEAD).read_bytes(), type=Head)
        except FileNotFoundError:
            return None

    def follow(self) -> int:
        """Apply what was shipped since; gives how many bundles that were.

        Raises:
            Damaged: a bundle is not as it was shipped, or not signed by this floor.
            Forked: its log does not continue the one that was shipped before.
        """
        done = 0
        while (head := self.head) is not None:
            if self.state.forked:
                raise Forked(self.state.forked)
            same = head.generation == self.state.generation
            sequence = self.state.sequence + 1 if same else 0
            if same and sequence > head.sequence:
                break
            place = self._source / head.generation / f"{sequence:08d}"
            try:
                self._apply(place, head.generation, sequence)
            except FileNotFoundError:
                if (now := self.head) is None or now.generation == head.generation:
                    raise Damaged(f"{place} is missing: have the primary ship a base anew") from None
                continue  # a base took its place meanwhile
            done += 1
        return done

    def _apply(self, place: Path, generation: str, sequence: int) -> None:
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".bundle-") as temporary:
            into = Path(temporary)
            listed, note = self._unpack(place, into)
            bundle = self._checked(place, into, listed, note)
            if (bundle.generation, bundle.sequence) != (generation, sequence):
                raise Damaged(f"{place} holds another bundle than its name says")
            if sequence == 0:
                self._check_log(into, bundle)
            for path, digest in bundle.files.items():
                self._fetch(path, digest)
            for name in bundle.members:
                if name.startswith("beside/"):
                    self._settle(into / name, name.removeprefix("beside/"))
            if sequence == 0:
                (into / catalogue.NAME).replace(self.root / catalogue.NAME)
                files.sync_folder(self.root)
            else:
                data = (into / "pages").read_bytes()
                pages = {
                    number: data[at * bundle.size : (at + 1) * bundle.size]
                    for at, number in enumerate(bundle.numbers)
                }
                wal.apply(self.root / catalogue.NAME, pages, bundle.pages, bundle.size)
            if sequence:
                self._check_log(self.root, bundle)
        found = {name: getattr(bundle, name) for name in ("generation", "sequence", "position", "root")}
        self._keep(msgspec.structs.replace(self.state, **found))
        self._sweep()

    def _check_log(self, folder: Path, bundle: Bundle) -> None:
        """Raise where a log is not the signed one, or does not continue the one before."""
        before = self.state
        with closing(_read_only(folder)) as database:
            size, _ = log.head(database)
            good = size == bundle.position and log.root(database).hex() == bundle.root
            grew = before.position <= size and log.root(database, before.position).hex() == before.root
        if not good:
            raise Damaged(f"bundle {bundle.sequence} does not give the log that its list names; follow anew")
        if before.root and not grew:
            why = (
                f"the log that is shipped now has {size} acts and does not continue that of "
                f"{before.position} acts with the root {before.root}: the primary's log was forked or "
                "replaced, or an old base was put back. Nothing more is followed. Compare both; to take over "
                "with what was followed before it, promote with --force"
            )
            self._keep(msgspec.structs.replace(before, forked=why))
            raise Forked(why)

    def _sweep(self) -> None:
        """Take away files that the catalogue names no more."""
        with closing(_read_only(self.root)) as database:
            named = {path for (path,) in database.execute("SELECT path FROM files")}
        for path in set(files.present(self.root)) - named:
            files.discard(self.root, path)

    def _fetch(self, path: str, digest: str) -> None:
        target = self.root / path
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise Damaged(f"a bundle names {path!r}, which lies outside of the floor")
        if target.exists() and sha256(target.read_bytes()).hexdigest() == digest:
            return
        files.make_folder(target.parent)
        partial = target.with_name(f".{target.name}")
        try:
            with (
                encryption.decrypted(self._source / "files" / path, self._key) as plain,
                open(partial, "wb", opener=files.private) as out,
            ):
                shutil.copyfileobj(plain, out)
                out.flush()
                os.fsync(out.fileno())
        except FileNotFoundError:  # a later bundle takes it away
            return
        if sha256(partial.read_bytes()).hexdigest() != digest:
            partial.unlink()
            raise Damaged(f"{path} is not as it was shipped")
        partial.replace(target)

    def _settle(self, place: Path, name: str) -> None:
        target = self.root / (ASIDE if name == SETTINGS else name)
        if not target.resolve().is_relative_to(self.root.resolve()):
            raise Damaged(f"a bundle names {name!r}, which lies outside of the floor")
        files.make_folder(target.parent)
        place.replace(target)
        target.chmod(0o600)

    def _unpack(self, place: Path, into: Path) -> tuple[bytes, str]:
        found: dict[str, bytes] = {}
        try:
            with (
                encryption.decrypted(place, self._key) as plain,
                tarfile.open(fileobj=plain, mode="r|") as tar,
            ):
                for member in tar:
                    file = tar.extractfile(member)
                    target = into / member.name
                    if file is None or not target.resolve().is_relative_to(into.resolve()):
                        raise Damaged(f"{place} is damaged")
                    if member.name in (HEAD, "note"):
                        found[member.name] = file.read()
                        continue
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with open(target, "wb", opener=files.private) as out:
                        shutil.copyfileobj(file, out)
                        out.flush()
                        os.fsync(out.fileno())
            return found[HEAD], found["note"].decode()
        except (tarfile.TarError, KeyError, UnicodeDecodeError) as error:
            raise Damaged(f"{place} is damaged or was cut") from error

    def _checked(self, place: Path, into: Path, listed: bytes, note: str) -> Bundle:
        """The list of a bundle, signed by this floor; every member is as it says."""
        try:
            bundle = msgspec.json.decode(listed, type=Bundle)
            if not self.state.signer:
                self._trust(into, bundle)
            text, _ = notes.opened(note, [Verifier.parse(self.state.signer)])
        except (msgspec.MsgspecError, NoteError) as error:
            raise Damaged(f"{place} is not signed by this floor: {error}") from error
        self.state = msgspec.structs.replace(self.state, floor=self.state.floor or bundle.floor)
        if text != signed_text(listed) or bundle.floor != self.state.floor:
            raise Damaged(f"{place} is not what this floor has signed")
        for name, digest in bundle.members.items():
            if not (into / name).is_file() or sha256((into / name).read_bytes()).hexdigest() != digest:
                raise Damaged(f"{place}: {name} is not as it was shipped")
        return bundle

    def _trust(self, into: Path, bundle: Bundle) -> None:
        """Take the key of the first base."""
        settings = into / "beside" / SETTINGS
        name = msgspec.toml.decode(settings.read_bytes())["name"]
        signer = Signer(name, secret.read(into / "beside", secret.SIGNING))
        self.state = msgspec.structs.replace(self.state, floor=bundle.floor, signer=signer.verifier.text)

    def _read(self, signer: Verifier | None) -> Following:
        place = self.root / STATE
        if place.exists():
            state = msgspec.json.decode(place.read_bytes(), type=Following)
            if state.source != str(self._source.resolve()):
                raise WrongCall(f"{self.root} follows {state.source}; give another its own folder")
            return state
        if any(one.name != "lock" for one in self.root.iterdir()):
            raise NotEmpty(f"{self.root} is not empty and no standby; follow into a folder of its own")
        return Following("", str(self._source.resolve()), signer.text if signer else "")

    def _keep(self, state: Following) -> None:
        self.state = state
        write(self.root / STATE, msgspec.json.encode(state))

    def promote(
        self, actor: Actor, *, force: bool = False, sleep: Callable[[float], None] = time.sleep
    ) -> Promoted:
        """Take the primary's place: apply what was shipped, fence it off, and become a floor.

        Args:
            actor: who decides.
            force: although the primary's lease is alive, the shared folder cannot be written to, or what was
                shipped last is a fork: then without that.
            sleep: waits for the seconds of the lease.

        Raises:
            FloorBusy: the primary lives.
            WrongCall: nothing was shipped, or another standby has taken over.
            Damaged: what was shipped is not whole.
        """
        if not self.state.fence:
            self._take_over(force, sleep)
        said = {"floor": self.state.floor, "position": self.state.position, "root": self.state.root}
        self._fence(said | {"by": actor.name}, force)
        catalogue.to_wal(self.root)
        if (self.root / ASIDE).exists():  # or it was cut off here before
            (self.root / ASIDE).replace(self.root / SETTINGS)
        (self.root / STATE).unlink()
        files.sync_folder(self.root)
        self._lock.release()
        floor = Floor.open(self.root)
        position = floor.act(actor, "promoted", said | {"forced": force})
        return Promoted(position, self.state.root, force)

    def _take_over(self, force: bool, sleep: Callable[[float], None]) -> None:
        """Wait until the primary is dead and have all that it shipped; from here on one way leads."""
        before = self.head
        if before is None or not (before.released or force):
            sleep(LEASE)
            if before is None or (now := self.head) is None:
                raise WrongCall(f"nothing was shipped to {self._source}")
            if now.beat != before.beat and not now.released:
                raise FloorBusy(
                    f"the primary lives: it gave a sign of life within {LEASE:.0f} seconds. Stop it first "
                    "(systemctl stop watchfloor), or promote with --force if you know that it must not go on"
                )
        if not (force and self.state.forked):
            self.follow()
        self._refuse_missing()
        self._keep(msgspec.structs.replace(self.state, fence=os.urandom(16).hex()))

    def _fence(self, said: dict[str, Any], force: bool) -> None:
        """Tell the old primary that it is none any more."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        fence = said | {"at": at, "fence": self.state.fence}
        try:
            with open(self._source / gate.FENCE, "xb", opener=files.private) as file:
                file.write(msgspec.json.encode(fence))
                file.flush()
                os.fsync(file.fileno())
            files.sync_folder(self._source)
        except FileExistsError:
            if self.state.fence.encode() not in (self._source / gate.FENCE).read_bytes():
                raise WrongCall(
                    f"a standby has taken over already: {self._source / gate.FENCE} says which"
                ) from None
        except OSError as error:
            if not force:
                raise WrongCall(
                    f"{self._source} cannot be written to ({error.strerror}), so the old primary would not "
                    "be told that it is none any more. Mount it, or promote with --force and keep the old "
                    "primary off"
                ) from error

    def _refuse_missing(self) -> None:
        if not (self.root / ASIDE).exists():
            raise WrongCall("no base was shipped whole yet: there is nothing to promote")
        with closing(_read_only(self.root)) as database:
            if log.root(database).hex() != self.state.root:
                raise Damaged(f"{self.root} is not what was followed, or ends in a fork: follow anew")
            missing = [one.path for one in catalogue.stored(database) if not (self.root / one.path).is_file()]
        if missing:
            raise Damaged(f"{len(missing)} files are missing, such as {missing[0]}; follow once more")


def _read_only(root: Path) -> sqlite3.Connection:
    address = f"{(root / catalogue.NAME).absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None)
