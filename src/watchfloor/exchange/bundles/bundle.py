"""A bundle: one file that carries rows from one node to another, under one signature.

It is a tar of `bundle.note`, a signed note over the manifest (JSON), and a part for each kind of row,
`KIND.arrow`, an Arrow stream without compression. The manifest has the SHA-256 of each part and the Merkle
root over the rows' canonical bytes, so that a receipt can name what is stored and what is not. The same
manifest and rows give the same bytes.

A file is opened from the outside in: size, note, signature, manifest, digests, and only then are rows read.
So nothing is parsed that no known key has signed.
"""

import io
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
import pyarrow as pa

from watchfloor.cell.acts import refuse
from watchfloor.core.canonical import behind, encode_rows, row_bytes
from watchfloor.core.kinds import DISCLOSURE, KINDS
from watchfloor.core.streams import packed
from watchfloor.exchange.bundles import messages as told
from watchfloor.store.log import encode, merkle
from watchfloor.store.log.notes import (
    NoteError,
    Signature,
    Signer,
    Verifier,
    note,
    opened,
    signed_json,
    split,
)

NOTE: Final = "bundle.note"
FORMAT: Final = "watchfloor-bundle/1"

MAX_BYTES: Final = 1 << 30
"""Bytes that a bundle may have."""
MAX_NOTE: Final = 1 << 20
"""Bytes that its note may have."""
MAX_ROWS: Final = 5_000_000
"""Rows that it may have."""

ID: Final = re.compile("[0-9a-f]{16}")
"""The id of a bundle, as `exchange.bundles.sending` makes it; files of notes are named after it."""

EVIDENCE: Final = (
    *("party", "report", "payment", "reading", "declaration"),
    *("intelligence-object", "map-feature", "detection"),
)
"""Kinds that may travel as evidence. What decides, lists or orders (a judgement, a task) may not."""

_ADDED: Final = frozenset({"record_id", "source", "delivery", "locator"})
_OF_BUNDLE: Final = frozenset({"report_key", "observed_at", "bundle", "node", "gateway", "echo"})
"""Columns of a disclosure that the recipient fills in from the manifest."""


class Sender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sends: the name it signs with, its kind of institution, its country."""

    name: str
    institution: str
    country: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part: the kind of its rows, how many, their columns, and the digest of its bytes."""

    kind: str
    rows: int
    columns: tuple[str, ...]
    size: int
    sha256: str


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Through which gateway it goes, and what a person stated to that end.

    Attributes:
        gateway: its id.
        law: the statute.
        section: of it.
        purpose: what the information may be used for.
        test: the test that the law asks for, as it was stated to be met.
        stated_by: who stated it.
        accuracy: what is said of the information's accuracy and reliability.
        basis: the request, order, arrangement or code that it rests on.
        description: of the information, in words.
        expires: the last day of the gateway, where it has one.
    """

    gateway: str
    law: str
    section: str
    purpose: str
    test: str
    stated_by: str
    accuracy: str = ""
    basis: str = ""
    description: str = ""
    expires: str | None = None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bundle's description of itself, under its signature.

    Attributes:
        format: `FORMAT`.
        bundle: its id.
        sender: who sends it.
        to: the name of the node it is for.
        created: when, ISO 8601 in UTC; from then on its rows are known there.
        terms: by what right.
        forms: rows of each form: signal, pointer, evidence.
        rows: of all parts.
        root: Merkle root of the rows' canonical bytes, in the order of the parts, in hexadecimal.
        marking: join of the rows' markings.
        tear_line: rows below it, which may be passed on.
        exercise: whether it comes from a node that holds nothing but an exercise.
        parts: in their order.
    """

    format: str
    bundle: str
    sender: Sender
    to: str
    created: str
    terms: Terms
    forms: dict[str, int]
    rows: int
    root: str
    marking: str
    tear_line: int
    exercise: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """A bundle whose signature, digests, counts and root agree; its rows by kind."""

    manifest: Manifest
    parts: Mapping[str, pa.Table]
    leaves: Mapping[str, list[bytes]]
    text: str


def terms_of(manifest: Manifest) -> dict[str, Any]:
    """Return the terms that the acts of both ends state: which bundle, by what right, and its content."""
    terms = manifest.terms
    return {
        "bundle": manifest.bundle,
        "gateway": terms.gateway,
        "law": terms.law,
        "section": terms.section,
        "purpose": terms.purpose,
        "test": terms.test,
        "stated_by": terms.stated_by,
        "accuracy": terms.accuracy,
        "basis": terms.basis,
        "description": terms.description,
        "forms": dict(manifest.forms),
        "kinds": {part.kind: part.rows for part in manifest.parts},
        "root": manifest.root,
        "tear_line": manifest.tear_line,
    }


def columns_of(kind: str) -> tuple[str, ...]:
    """The columns of a kind that travel: what the recipient cannot fill in himself."""
    left = _ADDED | _OF_BUNDLE if kind == DISCLOSURE.name else _ADDED
    return tuple(name for name in KINDS[kind].schema.names if name not in left)


def schema_of(kind: str, columns: Iterable[str] | None = None) -> pa.Schema:
    """The schema of a part."""
    schema = KINDS[kind].schema
    return pa.schema([schema.field(name) for name in (columns or columns_of(kind))])


def leaves(kind: str, rows: pa.Table) -> list[bytes]:
    """The Merkle leaf of each row: SHA-256(0x00 || kind || 0x0A || canonical bytes of what travels)."""
    ordinals = {name: at for at, name in enumerate(columns_of(kind)) if name in rows.column_names}
    named = np.frombuffer(b"\x00" + kind.encode() + b"\n", np.uint8)
    hashes: list[bytes] = []
    for start in range(0, rows.num_rows, _STRETCH):
        encoded = encode_rows(rows.slice(start, _STRETCH), ordinals)
        head = np.ascontiguousarray(np.broadcast_to(named, (len(encoded), len(named))))
        hashes += [sha256(row).digest() for row in row_bytes(behind(head, encoded))]
    return hashes


_STRETCH: Final = 1 << 14


def root_of(hashes: Iterable[bytes]) -> str:
    """Merkle root over leaves, in hexadecimal."""
    return merkle.root_of(b"".join(hashes)).hex()


def stream(rows: pa.Table) -> bytes:
    """Rows as a part's bytes."""
    return packed(rows.combine_chunks().replace_schema_metadata(None))


def part_of(kind: str, rows: pa.Table, data: bytes) -> Part:
    """Return the manifest's entry for a part."""
    return Part(kind, rows.num_rows, tuple(rows.column_names), len(data), sha256(data).hexdigest())


def pack(manifest: Manifest, parts: Mapping[str, bytes], signer: Signer) -> bytes:
    """The file of a bundle: the manifest signed, and the bytes of its parts by kind."""
    text = note(msgspec.json.format(encode(manifest), indent=1).decode() + "\n", signer)
    return _tar({NOTE: text.encode(), **{_file(kind): data for kind, data in parts.items()}})


def named_sender(data: bytes, file: str) -> str:
    """Who the note says signed it, unchecked: to say who it is that is no peer."""
    _, signatures = _split(_note(_members(data, file), file), file)
    return signatures[0].name if signatures else ""


def open_(data: bytes, verifiers: Iterable[Verifier], file: str) -> OpenedBundle:
    """Open a bundle; everything is checked before its rows are given.

    Args:
        data: the file.
        verifiers: keys of the peers.
        file: what it is called, for the sentences.

    Raises:
        Refusal: it is no bundle, too large, signed by nobody known, or not what was signed.
    """
    members = _members(data, file)
    text = _note(members, file)
    body, signers = _signed(text, list(verifiers), file)
    manifest = _manifest(body, file)
    if manifest.sender.name not in signers:
        refuse(told.SIGNER, file=file, said=manifest.sender.name, sender=signers[0])
    parts = {part.kind: _rows(members, part, manifest.sender.name, file) for part in manifest.parts}
    hashes = {kind: leaves(kind, rows) for kind, rows in parts.items()}
    _agree(manifest, members, hashes, data, file)
    return OpenedBundle(manifest, parts, hashes, text)


def _tar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(data), 0o644
            archive.addfile(about, io.BytesIO(data))
    return out.getvalue()


def _file(kind: str) -> str:
    return f"{kind}.arrow"


def check_signature(stream: BinaryIO, verifiers: Iterable[Verifier], file: str) -> None:
    """Raise `Refusal` where no peer has signed the note of a bundle; nothing else of it is read."""
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for count, about in enumerate(archive):
                if about.name == NOTE and about.size <= MAX_NOTE:
                    member = archive.extractfile(about)
                    text = _note({NOTE: member.read() if member else b""}, file)
                    _split(text, file)
                    _signed(text, list(verifiers), file)
                    return
                if count > len(EVIDENCE) + 1:
                    break
    except (tarfile.TarError, OSError, ValueError, EOFError):
        pass
    refuse(told.CUT, file=file)


def _members(data: bytes, file: str) -> dict[str, bytes]:
    """The members of the tar by name; only files that a bundle has, each once, at its top."""
    if len(data) > MAX_BYTES:
        refuse(told.TOO_LARGE, file=file, what=file, size=len(data), limit=MAX_BYTES)
    allowed = {NOTE, *map(_file, (DISCLOSURE.name, *EVIDENCE))}
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for about in archive:
                if about.type != tarfile.REGTYPE or about.name not in allowed or about.name in found:
                    refuse(told.STRANGE, file=file, member=about.name[:80])
                content = archive.extractfile(about)
                found[about.name] = content.read() if content else b""
                if len(found[about.name]) != about.size:
                    refuse(told.CUT, file=file)
    except (tarfile.TarError, OSError, ValueError, EOFError):
        refuse(told.CUT, file=file)
    return found


def _note(members: Mapping[str, bytes], file: str) -> str:
    data = members.get(NOTE)
    if data is None:
        refuse(told.CUT, file=file)
    if len(data) > MAX_NOTE:
        refuse(told.TOO_LARGE, file=file, what=NOTE, size=len(data), limit=MAX_NOTE)
    try:
        return data.decode()
    except UnicodeDecodeError:
        refuse(told.CUT, file=file)


def _split(text: str, file: str) -> tuple[str, list[Signature]]:
    try:
        return split(text)
    except NoteError:
        refuse(told.CUT, file=file)


def _signed(text: str, verifiers: list[Verifier], file: str) -> tuple[str, list[str]]:
    """The signed text, and the names of the peers that signed it."""
    _, signatures = _split(text, file)
    try:
        body, signers = opened(text, verifiers)
    except NoteError:
        names = {one.name for one in verifiers}
        by = next((one.name for one in signatures if one.name in names), None)
        if by is None:
            refuse(told.UNSIGNED, file=file, signer=", ".join(one.name for one in signatures) or "nobody")
        hashes = {(one.name, one.hash) for one in verifiers}
        trusted = any((one.name, one.hash) in hashes for one in signatures)
        refuse(told.CHANGED if trusted else told.OTHER_KEY, file=file, sender=by)
    return body, [signer.name for signer in signers]


def _manifest(body: str, file: str) -> Manifest:
    try:
        manifest = signed_json(body, Manifest)
    except msgspec.MsgspecError as error:
        refuse(told.MANIFEST, file=file, problem=str(error))
    if manifest.format != FORMAT:
        refuse(told.FORM, file=file, found=manifest.format, wanted=FORMAT)
    if not ID.fullmatch(manifest.bundle):
        refuse(told.NAMED, file=file, bundle=manifest.bundle[:80], sender=manifest.sender.name)
    if manifest.rows > MAX_ROWS:
        refuse(told.TOO_LARGE, file=file, what=file, size=manifest.rows, limit=MAX_ROWS)
    for part in manifest.parts:
        if part.kind not in (DISCLOSURE.name, *EVIDENCE):
            refuse(told.KIND, file=file, kind=part.kind)
    return manifest


def _rows(members: Mapping[str, bytes], part: Part, sender: str, file: str) -> pa.Table:
    """The rows of a part whose bytes are what was signed."""
    name = _file(part.kind)
    about = {"file": file, "part": name, "sender": sender}
    data = members.get(name)
    if data is None:
        refuse(told.MISSING, **about)
    if len(data) != part.size or sha256(data).hexdigest() != part.sha256:
        refuse(told.DIGEST, **about)
    try:
        rows = _read(data)
        rows.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, MemoryError):
        refuse(told.UNREADABLE, **about)
    except _Compressed:
        refuse(told.COMPRESSED, **about)
    _fit(rows, part, file)
    for field in rows.schema:
        if not field.nullable and rows[field.name].null_count:
            refuse(told.EMPTY, **about, column=field.name)
    if rows.num_rows != part.rows:
        refuse(told.COUNT, **about, found=rows.num_rows, wanted=part.rows)
    return rows


def _fit(rows: pa.Table, part: Part, file: str) -> None:
    """Refuse columns that are unknown here, of another type, or not those that the manifest names."""
    known = columns_of(part.kind)
    for name in (*part.columns, *rows.column_names):
        if name not in known:
            refuse(told.COLUMN, file=file, kind=part.kind, column=name)
    wanted = schema_of(part.kind, part.columns)
    for name in (*part.columns, *rows.column_names):
        if rows.column_names != wanted.names or not rows.schema.field(name).equals(wanted.field(name)):
            refuse(told.COLUMN, file=file, kind=part.kind, column=name)


class _Compressed(Exception):  # noqa: N818 - no error of ours
    """A part that holds more than its bytes."""


def _read(data: bytes) -> pa.Table:
    """A part's rows. One that holds more than its bytes was compressed, which no part is."""
    batches, size = [], 0
    with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
        for batch in reader:
            batches.append(batch)
            size += batch.nbytes
            if size > len(data):
                raise _Compressed
        return pa.Table.from_batches(batches, reader.schema)


def _agree(
    manifest: Manifest,
    members: Mapping[str, bytes],
    hashes: Mapping[str, list[bytes]],
    data: bytes,
    file: str,
) -> None:
    """Check the parts against the manifest's totals, and that the file holds nothing else."""
    sender = manifest.sender.name
    total = sum(map(len, hashes.values()))
    if total != manifest.rows or sum(manifest.forms.values()) != manifest.rows:
        refuse(told.COUNT, file=file, part=file, found=total, wanted=manifest.rows, sender=sender)
    if root_of(leaf for each in hashes.values() for leaf in each) != manifest.root:
        refuse(told.ROOT, file=file, sender=sender)
    wanted = {NOTE: members[NOTE], **{_file(p.kind): members[_file(p.kind)] for p in manifest.parts}}
    whole = _tar(wanted)
    if len(data) < len(whole):
        refuse(told.CUT, file=file)
    if len(manifest.parts) != len(hashes) or whole != data:
        refuse(told.MORE, file=file, sender=sender)
