"""Checking a floor against everything it committed to; each finding names a file and, where it can, the byte.

The order is from the outside in: can the catalogue be read, are the files the ones that were written, does
the log hash to its tree, do segments hash to the log, rows to their leaves, deliveries to their digests.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.policy import terms
from watchfloor.store import blobs, catalogue, files, governing, log, secret, segments, settings
from watchfloor.store.database import Database, in_folder
from watchfloor.store.erasure.overwriting import overwritten
from watchfloor.store.errors import UNREACHED, ServerError, StoreError
from watchfloor.store.index import checking, file
from watchfloor.store.index.current import forgotten
from watchfloor.store.intake import piece_bytes
from watchfloor.store.ledger import Account
from watchfloor.store.log import merkle
from watchfloor.store.segments import compaction, identifier_cache, index, reading
from watchfloor.store.server.place import server

FOLDER: Final = "."
"""The floor's folder itself, where a finding is about who may enter it."""

GOVERNED: Final = (FOLDER, terms.NAME, *governing.FILES, governing.RIGHTS)
"""What findings are about that leave the evidence whole."""


class Damage(NamedTuple):
    """One thing that is not as it was written.

    Attributes:
        file: path within the floor.
        start: first byte concerned, where it is known.
        end: the byte after the last.
        what: is wrong, in a sentence.
    """

    file: str
    start: int | None
    end: int | None
    what: str

    def __str__(self) -> str:
        if self.start is None:
            return f"{self.file}: {self.what}"
        where = (
            f"byte {self.start}"
            if self.end in (None, self.start + 1)
            else f"bytes {self.start} to {self.end}"
        )
        return f"{self.file}, {where}: {self.what}"


class Witness(NamedTuple):
    """A witness's note of the log: its root when it had `size` acts."""

    size: int
    root: bytes


def verify(
    root: Path, witness: Witness | None = None, hears: Callable[[str], None] | None = None
) -> Iterator[Damage]:
    """Everything that is wrong with the floor in `root`, worst first; nothing when it is whole.

    Args:
        root: the floor's folder.
        witness: an earlier root of the log; without one a floor replaced as a whole by an older copy looks
            whole.
        hears: is told what is looked at next: `governed`, `secret`, `files`, `log`, `manifests`, `segments`,
            `blobs`, `ledger`, `index`.

    Raises:
        LayoutError: the floor was made by another version.
        StoreFull, ReadOnlyFloor, FloorBusy, NoServer: it cannot be looked at now, which says nothing of it.
    """
    settings.check(root)
    broken: set[str] = set()
    told = False
    served = server(root) is not None
    for found in _all(root, witness, hears or (lambda _: None)):
        if found.start is not None:
            broken.add(found.file)
        elif found.file in broken - {catalogue.NAME}:  # it follows from the bytes that were named
            continue
        if found.file == file.NAME and told:  # an index that differs from broken evidence is no finding
            continue
        told = True
        yield found._replace(
            file=_SERVED if served and found.file == catalogue.NAME else found.file,
            what=_ADVICE.sub("", found.what),
        )
    if mode := files.exposed(root):
        yield Damage(
            FOLDER, None, None, f"other accounts of this machine can enter this folder (mode {mode:03o})"
        )


def old_pages(root: Path) -> list[str]:
    """Name the files whose old pages may still hold copies of what was erased; none where it is all gone.

    That is no damage: a reader or a full disk kept an erasure, or a command that was killed, from its end.
    """
    with catalogue.snapshot(root) as database:
        clean = {
            _SERVED if server(root) else catalogue.NAME: log.newest(database, ["erasure"])
            <= overwritten(database),
            file.NAME: forgotten(root, database),
        }
    return [name for name, done in clean.items() if not done]


_SERVED: Final = "catalogue on the server"


def _all(root: Path, witness: Witness | None, hears: Callable[[str], None]) -> Iterator[Damage]:
    try:
        with catalogue.snapshot(root) as database:
            broken = list(_catalogue(database))
            yield from broken
            if not any(found.start is not None for found in broken):
                for check in _CHECKS:
                    hears(check.__name__.strip("_"))
                    yield from _guarded(check, root, database)
                if witness is not None:
                    yield from _witnessed(database, witness)
    except UNREACHED:
        raise
    except StoreError as error:
        yield Damage(catalogue.NAME, *_header(root), str(error))


def _guarded(
    check: Callable[[Path, Database], Iterator[Damage]], root: Path, database: Database
) -> Iterator[Damage]:
    """A check that cannot finish is a finding, and the others still run."""
    try:
        yield from check(root, database)
    except UNREACHED:
        raise
    except _UNCHECKABLE as error:
        yield Damage(catalogue.NAME, None, None, f"{check.__name__.strip('_')} could not be checked: {error}")


_UNCHECKABLE = (
    *(sqlite3.Error, ServerError, StoreError, msgspec.MsgspecError),
    *(ValueError, TypeError, LookupError, OSError),
)
"""What reading a damaged catalogue may end in: a flipped bit changes a number, a text or a name of a key."""

_ADVICE = re.compile(r"[;.] [Rr]un `watchfloor floor verify`(?:, or restore a backup)?\.?")
"""What errors tell the reader to do, who has just done it."""

_PAGE = re.compile(r"\bpage (\d+)")


def _catalogue(database: Database) -> Iterator[Damage]:
    """The file's own structure; a server keeps its own, and refuses rows that point nowhere."""
    if not in_folder(database):
        return
    (size,) = database.execute("PRAGMA page_size").fetchone()
    for (line,) in database.execute("PRAGMA integrity_check(20)"):
        if line != "ok":
            page = _PAGE.search(line)
            start = (int(page[1]) - 1) * size if page else None
            yield Damage(
                catalogue.NAME, start, None if start is None else start + size, line.replace("\n", " ")
            )
    for table, _, parent, _ in database.execute("PRAGMA foreign_key_check"):
        yield Damage(
            catalogue.NAME, None, None, f"a row of {table} points at a row of {parent} that is not there"
        )


def _header(root: Path) -> tuple[int | None, int | None]:
    """A file that does not start as SQLite's do is broken from its first byte."""
    try:
        with (root / catalogue.NAME).open("rb") as file:
            start = file.read(16)
    except OSError:
        return None, None
    wrong = next(
        (at for at, (a, b) in enumerate(zip(start, b"SQLite format 3\0", strict=False)) if a != b), None
    )
    return (None, None) if wrong is None else (wrong, wrong + 1)


def _files(root: Path, database: Database) -> Iterator[Damage]:
    for row in database.execute("SELECT path, size, checks FROM files ORDER BY path"):
        stored = files.Stored(*row)
        if found := files.find_break(root, stored):
            yield Damage(stored.path, *found)


def _log(root: Path, database: Database) -> Iterator[Damage]:  # noqa: ARG001
    leaves, last = bytearray(), 0
    rows = database.execute("SELECT position, at, act, salt, body, leaf FROM log ORDER BY position")
    for expected, (position, at, act, salt, body, leaf) in enumerate(rows, 1):
        where = f"position {position} of the log"
        if position != expected:
            yield Damage(catalogue.NAME, None, None, f"position {expected} of the log is missing")
            return
        if at < last:
            yield Damage(catalogue.NAME, None, None, f"{where} is earlier than the one before")
        if body is not None and merkle.leaf_hash(salt + body) != leaf:
            yield Damage(catalogue.NAME, None, None, f"{where} does not hash to its leaf")
        elif body is not None and not log.agrees(body, position, at, act):
            yield Damage(catalogue.NAME, None, None, f"{where} is not where and when its content says")
        leaves += leaf
        last = at
    yield from _tree(database, bytes(leaves))


def _tree(database: Database, leaves: bytes) -> Iterator[Damage]:
    computed = merkle.levels(leaves)
    stored = dict.fromkeys(range(1, len(computed)), 0)
    for level, number, found in database.execute(
        "SELECT level, number, hash FROM nodes ORDER BY level, number"
    ):
        at = number * merkle.HASH_SIZE
        if level not in stored or computed[level][at : at + merkle.HASH_SIZE] != found:
            yield Damage(
                catalogue.NAME, None, None, f"subtree {number} of level {level} is not the hash of its acts"
            )
            return
        stored[level] += 1
    for level, count in stored.items():
        if count * merkle.HASH_SIZE != len(computed[level]):
            yield Damage(
                catalogue.NAME, None, None, f"subtrees of level {level} are missing from the log's tree"
            )


def _witnessed(database: Database, witness: Witness) -> Iterator[Damage]:
    size, _ = log.head(database)
    if size < witness.size:
        yield Damage(
            catalogue.NAME,
            None,
            None,
            f"the log has {size} acts, and had {witness.size} before: acts are gone",
        )
    elif log.root(database, witness.size) != witness.root:
        yield Damage(
            catalogue.NAME,
            None,
            None,
            f"the first {witness.size} acts of the log are not the ones that were witnessed",
        )


def _manifests(root: Path, database: Database) -> Iterator[Damage]:  # noqa: ARG001
    """Every segment of every act is there, and is the one the act names."""
    there = {
        number: (position, log.digest_of(manifest))
        for number, position, manifest in database.execute("SELECT id, position, manifest FROM segments")
    }
    named = 0
    for act in log.read(database):
        if act.detail is None:  # erased with the name of its delivery; what it brought is still checked
            named += sum(position == act.position for position, _ in there.values())
        for each in (act.detail or {}).get("segments", []) if act.act in ("ingest", "run") else []:
            named += 1
            if there.get(each["segment"]) != (act.position, each["manifest"]):
                what = f"segment {each['segment']} is missing, or is not the one of position {act.position}"
                yield Damage(catalogue.NAME, None, None, what)
    if len(there) > named:
        yield Damage(
            catalogue.NAME, None, None, f"{len(there) - named} segments are named by no act of the log"
        )


def _segments(root: Path, database: Database) -> Iterator[Damage]:
    gone: dict[int, set[int]] = {}
    for number, leaf in database.execute("SELECT segment, leaf FROM gone"):
        gone.setdefault(number, set()).add(leaf)
    try:
        here = identifier_cache.load(root, database)
    except (StoreError, OSError, ValueError) as error:
        here = None
        yield Damage("ids", None, None, f"identities cannot be checked: {error}")
    for (kind,) in database.execute("SELECT DISTINCT kind FROM segments ORDER BY kind").fetchall():
        lying = {each.number: each for each in compaction.lying(database, kind)}
        ids = None if here is None else here.get(kind, identifier_cache.KnownIds()).runs()
        for part in reading.payloads(database, kind):
            if part.data is not None and (broken := segments.find_break(part.data)):
                yield _small(root, database, part, broken)
                continue
            try:
                rows = reading.load(root, part)
                yield from _identities(part, rows, ids)
                for number in part.segments:
                    yield from _segment(root, database, part, rows, lying[number], gone.get(number, set()))
            except (StoreError, OSError, pa.ArrowException, LookupError) as error:
                yield Damage(_place(part), None, None, f"rows cannot be checked: {error}")


def _small(root: Path, database: Database, part: reading.Payload, broken: files.Break) -> Damage:
    """A small segment that is not as it was written; of one flipped bit also where the file holds it."""
    (number,) = part.segments
    one = broken.end == broken.start + 1
    what = (
        f"one bit of byte {broken.start} of small segment {number} is flipped"
        if one
        else f"small segment {number} is not what was written, {broken.what}"
    )
    at = _in_file(root, part.data or b"", broken.start) if one and in_folder(database) else None
    return Damage(catalogue.NAME, at, None if at is None else at + 1, what)


def _in_file(root: Path, data: bytes, at: int) -> int | None:
    """Where a byte of a payload stands in the catalogue's file; None where that cannot be said for certain.

    A payload is cut into pages, so what is looked for is what stands before the byte, around it or behind.
    """
    with (root / catalogue.NAME).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as whole:
        for before, behind in ((24, 24), (48, 1), (0, 48), (12, 12)):
            first = max(at - before, 0)
            window = data[first : at + behind]
            if len(window) >= FEWEST and (found := whole.find(window)) >= 0 and found == whole.rfind(window):
                return found + at - first
    return None


FEWEST: Final = 12
"""Bytes that are looked for in the catalogue's file: fewer may stand there by chance."""


def _segment(
    root: Path,
    database: Database,
    part: reading.Payload,
    rows: pa.Table,
    lying: compaction.Lying,
    gone: set[int],
) -> Iterator[Damage]:
    """Rows against leaves, leaves against the root."""
    (stored,) = database.execute("SELECT manifest FROM segments WHERE id = ?", (lying.number,)).fetchone()
    manifest = segments.manifest_of(stored)
    leaves = compaction.leaves_of(root, database, lying)
    if len(leaves) != merkle.HASH_SIZE * manifest.rows or merkle.root_of(leaves).hex() != manifest.root:
        yield Damage(
            lying.leaves or catalogue.NAME,
            None,
            None,
            f"leaves of segment {lying.number} do not hash to its root",
        )
    mine = rows.filter(pc.equal(rows.column(index.SEGMENT), lying.number))
    numbers = mine.column(index.LEAF).to_pylist()
    salts = mine.column(segments.SALT).combine_chunks()
    for number, leaf in zip(numbers, segments.leaf_hashes(mine, manifest.columns, salts), strict=True):
        if leaves[merkle.HASH_SIZE * number : merkle.HASH_SIZE * (number + 1)] != leaf:
            yield Damage(
                _place(part), None, None, f"row {number} of segment {lying.number} does not hash to its leaf"
            )
            break
    if missing := sorted(set(range(manifest.rows)) - set(numbers) - gone):
        yield Damage(
            _place(part),
            None,
            None,
            f"row {missing[0]} of segment {lying.number} is missing and was never erased",
        )


def _identities(part: reading.Payload, rows: pa.Table, ids: list[index.Run] | None) -> Iterator[Damage]:
    if ids is not None and "record_id" in rows.column_names:
        found = index.find(ids, *index.halves(rows.column("record_id")))
        if (found != index.places(rows)).any():
            what = f"identities of rows in {_place(part)} are not found where they stand"
            yield Damage("ids", None, None, what)


def _blobs(root: Path, database: Database) -> Iterator[Damage]:
    for digest, path in database.execute(
        "SELECT digest, path FROM blobs WHERE erased IS NULL ORDER BY digest"
    ):
        try:
            with blobs.open_(root, database, digest) as stream:
                while stream.read(1 << 20):
                    pass
        except (StoreError, OSError) as error:
            yield Damage(path or catalogue.NAME, None, None, str(error))


def _ledger(root: Path, database: Database) -> Iterator[Damage]:  # noqa: ARG001
    """Deliveries, quarantine and what was shown say what their acts said."""
    for act in log.read(database):
        if act.detail is not None and act.act in _SAID:
            problem = _SAID[act.act](database, act.position, act.detail)
            if problem:
                yield Damage(
                    catalogue.NAME, None, None, f"position {act.position} of the log, {act.act}: {problem}"
                )


def _said_ingest(database: Database, position: int, detail: Mapping[str, Any]) -> str:
    names = ("source", "name", *Account._fields, "resolved")
    row = database.execute(
        "SELECT source, name, received, accepted, duplicate, quarantined, withheld, resolved, "
        "digest FROM deliveries WHERE position = ?",
        (position,),
    ).fetchone()
    if row != (*(detail[name] for name in names), bytes.fromhex(detail["digest"])):
        return "the delivery is missing, or has other numbers"
    pieces = database.execute(
        "SELECT locator, reason, raw, rest, salt, leaf FROM quarantine WHERE position = ? ORDER BY id",
        (position,),
    ).fetchall()
    if merkle.root_of(b"".join(leaf for *_, leaf in pieces)).hex() != detail["faults"]:
        return "a quarantined piece is missing or was added"
    for *piece, salt, leaf in pieces:
        if salt is not None and merkle.leaf_hash(salt + piece_bytes(*piece)) != leaf:
            return f"the quarantined piece at {piece[0]} is not the one that came"
    return ""


def _said_shown(database: Database, position: int, detail: Mapping[str, Any]) -> str:
    row = database.execute(
        "SELECT what, digest, salt, content FROM shown WHERE position = ?", (position,)
    ).fetchone()
    if row is None or row[:2] != (detail["what"], bytes.fromhex(detail["digest"])):
        return "what was shown is missing, or goes by another name"
    _, _, salt, content = row
    if content is not None and merkle.leaf_hash(salt + content).hex() != detail["content"]:
        return "what was shown is not what is kept"
    return ""


def _said_run(database: Database, position: int, detail: Mapping[str, Any]) -> str:
    names = ("desk", "version", "at_position")
    row = database.execute(
        "SELECT desk, version, at_position FROM runs WHERE position = ?", (position,)
    ).fetchone()
    return "" if row == tuple(detail[name] for name in names) else "the run is missing, or is another"


_SAID: Final = {"ingest": _said_ingest, "shown": _said_shown, "run": _said_run}


def _secret(root: Path, database: Database) -> Iterator[Damage]:
    """The key is the one that the floor was made with."""
    try:
        secret.check(database, root, secret.read(root))
    except (StoreError, OSError) as error:
        yield Damage(secret.NAME, None, None, str(error))


def _index(root: Path, database: Database) -> Iterator[Damage]:
    """The index, which is derived: a sample of it against the evidence."""
    for found in checking.check(root, secret.read(root), database):
        yield Damage(file.NAME, None, None, f"{found}. Make it anew: watchfloor floor index rebuild")


def _governed(root: Path, database: Database) -> Iterator[Damage]:
    """The policy, and what else decides who sees what, are those that the log knows."""
    for found in governing.changed(root, database):
        what = f"is not as the log knows it since position {found.position}"
        if found.name == terms.NAME:
            differs = "; ".join(governing.differences(root, database)) or "its words"
            what = f"{what}: {differs}. Put the approved policy back: watchfloor floor marking restore"
        else:
            what = f"{what}; where that is right, two supervisors say so: watchfloor floor marking confirm"
        yield Damage(found.name, None, None, what)


_CHECKS: Final = (_governed, _secret, _files, _log, _manifests, _segments, _blobs, _ledger, _index)


def _place(part: reading.Payload) -> str:
    return part.path or catalogue.NAME
