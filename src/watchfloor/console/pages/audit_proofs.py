"""Proofs from the log, for who keeps the floor: checkpoints, proofs, and cosignatures of witnesses.

A proof is checked here before it is handed out, by the functions that whoever gets it checks it with.
"""

import json
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Nothing, Raw
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.pages.audit import Line, line
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare
from watchfloor.exchange.fintrac.acts import tells
from watchfloor.exchange.log.access import access, keeping, proof
from watchfloor.store import log
from watchfloor.store.errors import UnknownRecord
from watchfloor.store.log import (
    Act,
    checkpoints,
    markings,
    merkle,
    notes,
    standalone,
    standalone_rows,
    witnesses,
)
from watchfloor.store.segments import proofs

LISTED: Final = 50
TEXT: Final = "text/plain; charset=utf-8"

NO_GROWTH: Final = declare("console.log-growth", "size")


class Witnessed(msgspec.Struct, frozen=True):
    """A witness's note of a log.

    Attributes:
        who: the witness, or of a log witnessed here its node.
        size: acts of the log; `root`: their root in hexadecimal.
        at: when.
        agrees: whether our log has that root at that size; None: it is another's log.
        why: of what was not cosigned, why not.
    """

    who: str
    size: int
    root: str
    at: datetime
    agrees: bool | None
    why: str = ""


class Signed(msgspec.Struct, frozen=True):
    """A checkpoint that was signed here: how many acts, their root, when, by whom."""

    size: int
    root: str
    at: datetime
    by: str


class Growth(msgspec.Struct, frozen=True):
    """A proof that the log only grew between two sizes, and whether it holds."""

    old: int
    new: int
    old_root: str
    new_root: str
    hashes: list[str]
    holds: bool


class LogAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two sizes of the log between which growth is to be proved; 0: none; `new` 0: all of it."""

    old: int = 0
    new: int = 0


class Log(msgspec.Struct, frozen=True):
    """The log as a whole.

    Attributes:
        marking: none: it shows numbers and digests.
        origin: name of the node; `key`: its public key.
        size, root: acts now, and their root.
        signed: checkpoints, the newest first.
        received: what witnesses cosigned of this log.
        given: what this node cosigned of others' logs, or would not.
        growth: the proof that was asked for.
    """

    marking: str
    origin: str
    key: str
    size: int
    root: str
    signed: list[Signed]
    received: list[Witnessed]
    given: list[Witnessed]
    growth: Growth | None


def log_(asker: Asker, ask: LogAsk) -> Log:
    """The log: its size and root, checkpoints, cosignatures, and a proof that it only grew."""
    keeping(asker.floor, asker.name)
    floor, size = asker.floor, asker.floor.position
    growth = _growth(asker, ask, size) if ask.old else None
    asker.log_query("checkpoints", old=ask.old or None, new=ask.new or None)
    signed = [
        Signed(*_head(act), act.at, act.actor.name if act.actor else "") for act in _acts(asker, "checkpoint")
    ]
    received = [_received(asker, act, size) for act in _acts(asker, witnesses.RECEIVED)]
    given = [_given(act) for act in _acts(asker, witnesses.COSIGNED, witnesses.REFUSED)]
    key = floor.signer.verifier
    return Log("", key.name, key.text, size, floor.log_root(size).hex(), signed, received, given, growth)


def _acts(asker: Asker, *names: str) -> list[Act]:
    found = [act for act in asker.floor.acts_of(*names) if act.detail]
    return found[: -LISTED - 1 : -1]


def _head(act: Act) -> tuple[int, str]:
    said = act.detail or {}
    return said["size"], said["root"]


def _received(asker: Asker, act: Act, now: int) -> Witnessed:
    size, root = _head(act)
    agrees = size <= now and asker.floor.log_root(size).hex() == root
    said = act.detail or {}
    return Witnessed(said["witness"], size, root, datetime.fromisoformat(said["time"]), agrees)


def _given(act: Act) -> Witnessed:
    said = act.detail or {}
    why = "" if act.act == witnesses.COSIGNED else witnesses.REFUSED
    return Witnessed(said["log"], *_head(act), act.at, None, why)


def _growth(asker: Asker, ask: LogAsk, size: int) -> Growth:
    floor, new = asker.floor, ask.new or size
    if not 0 < ask.old <= new <= size:
        refuse(NO_GROWTH, size=size)
    proof = floor.consistency(ask.old, new)
    old_root, new_root = floor.log_root(ask.old), floor.log_root(new)
    holds = merkle.verify_consistency(ask.old, new, proof, old_root, new_root)
    return Growth(ask.old, new, old_root.hex(), new_root.hex(), [one.hex() for one in proof], holds)


def checkpoint(asker: Asker, ask: Nothing) -> Raw:
    """A signed note of what the log is now: for a partner to witness, or to keep outside this machine."""
    del ask
    keeping(asker.floor, asker.name)
    size = asker.floor.position
    root = asker.floor.log_root(size)
    note = checkpoints.signed(asker.floor.signer, size, root)
    asker.services.scribe.log(asker.actor, "checkpoint", {"size": size, "root": root.hex()})
    return Raw(note.encode(), TEXT, f"{size}.checkpoint")


def grown(asker: Asker, ask: LogAsk) -> Raw:
    """A checkpoint with the proof that it continues an older one: what a witness is handed."""
    keeping(asker.floor, asker.name)
    made = _growth(asker, ask, asker.floor.position)
    note = checkpoints.signed(asker.floor.signer, made.new, bytes.fromhex(made.new_root))
    hashes = [bytes.fromhex(one) for one in made.hashes]
    said = {"size": made.new, "root": made.new_root, "since": made.old}
    asker.services.scribe.log(asker.actor, "checkpoint", said)
    text = checkpoints.growth_text(checkpoints.Growth(made.old, hashes, note))
    return Raw(text.encode(), TEXT, f"{made.old}-{made.new}.growth")


class ActAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Position of an act, from 1."""

    position: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]


class Inclusion(msgspec.Struct, frozen=True):
    """That an act is in the log.

    Attributes:
        marking: the join of what it names.
        act: what it says; without content where it is not the reader's, or was erased.
        content: whether its content is shown and hashes to its leaf.
        size, root: of the log that the proof leads to.
        leaf: of the act; `hashes`: from it to the root.
        holds: whether the proof holds.
        signed: whether the checkpoint in the file is signed by this node's key.
    """

    marking: str
    act: Line
    content: bool
    size: int
    root: str
    leaf: str
    hashes: list[str]
    holds: bool
    signed: bool


def inclusion(asker: Asker, ask: ActAsk) -> Inclusion:
    """One act, and the proof that it is in the log, checked."""
    made, _ = _included(asker, ask.position)
    asker.log_query("inclusion", position=ask.position, content=made.content)
    return made


def inclusion_file(asker: Asker, ask: ActAsk) -> Raw:
    """The proof of an act as a file that others' tools read too: content, proof and checkpoint."""
    made, text = _included(asker, ask.position)
    asker.log_query("inclusion", position=ask.position, content=made.content)
    return Raw(text.encode(), TEXT, f"act-{ask.position}.tlog-proof")


def _included(asker: Asker, position: int) -> tuple[Inclusion, str]:
    """The proof of an act, and its file. Raises `NotHere` where the log has none of that position."""
    floor = asker.floor
    keeping(floor, asker.name)
    mine = access(floor, asker.name, asker.reader)
    try:
        one = log.entry(floor.root, position)
    except UnknownRecord:
        raise NotHere from None
    (act,) = floor.acts_at([position])
    shown = one.body is not None and mine.sees(act) and not tells(act)
    content = (one.salt or b"") + (one.body or b"") if shown else one.leaf
    leaf = merkle.leaf_hash(content) if shown else one.leaf
    size = floor.position
    proof, root = floor.inclusion(position, size), floor.log_root(size)
    note = checkpoints.signed(floor.signer, size, root)
    said = act if shown else Act(act.position, act.at, act.act, None, None, act.leaf)
    made = Inclusion(
        joined(list(markings(said.detail or {}))),
        line(position, said),
        shown,
        size,
        root.hex(),
        leaf.hex(),
        [each.hex() for each in proof],
        merkle.verify_inclusion(leaf, position - 1, size, proof, root),
        _is_signed(asker, note, size, root),
    )
    return made, checkpoints.proof_text(position, proof, content, note)


def _is_signed(asker: Asker, note: str, size: int, root: bytes) -> bool:
    try:
        found, _ = checkpoints.opened(note, [asker.floor.signer.verifier])
    except notes.NoteError:
        return False
    return (found.size, found.root) == (size, root)


class RecordAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The record's id, or the start of it."""

    record_id: str


class RecordProof(msgspec.Struct, frozen=True):
    """That a record is on the floor.

    Attributes:
        marking: of the record.
        record_id: its id; `kind`: what it is.
        position: of the act that brought it.
        size, root: of the log that the proof leads to.
        segment_hashes, log_hashes: how many hashes lead to the segment's root, and to the log's.
        holds: whether the proof holds; `why`: if not, what is wrong with it.
    """

    marking: str
    record_id: str
    kind: str
    position: int
    size: int
    root: str
    segment_hashes: int
    log_hashes: int
    holds: bool
    why: str = ""


def record(asker: Asker, ask: RecordAsk) -> RecordProof:
    """The proof that a record is in the log, checked."""
    kind, row, made = _proved(asker, ask.record_id)
    root, why = asker.floor.log_root(made.size), ""
    try:
        standalone_rows.check_record(proofs.as_json(made), root)
    except standalone.Failed as error:
        why = str(error) or type(error).__name__
    asker.log_query("proof", record=row["record_id"].hex())
    return RecordProof(
        row["marking"],
        row["record_id"].hex(),
        kind,
        made.position,
        made.size,
        root.hex(),
        len(made.segment_path),
        len(made.log_path),
        not why,
        why,
    )


def record_file(asker: Asker, ask: RecordAsk) -> Raw:
    """The proof of a record as JSON for `verify.py`: its bytes, the way to the root, a checkpoint."""
    _, row, made = _proved(asker, ask.record_id)
    plain = proofs.as_json(made)
    plain["checkpoint"] = checkpoints.signed(asker.floor.signer, made.size, asker.floor.log_root(made.size))
    asker.log_query("proof", record=row["record_id"].hex())
    text = json.dumps(plain, indent=1) + "\n"
    return Raw(text.encode(), "application/json", f"{row['record_id'].hex()[:12]}.proof.json")


def _proved(asker: Asker, start: str) -> tuple[str, dict[str, Any], proofs.Proof]:
    keeping(asker.floor, asker.name)
    found = asker.floor.records(start, asker.reader)
    if len(found) != 1:
        raise NotHere
    ((kind, row),) = found
    return kind, row, proof(asker.floor, asker.reader, row["record_id"])


ENDPOINTS: Final = (
    Endpoint("audit.log", "GET", "/audit/log", LogAsk, Log, log_, "audit-log.html"),
    Endpoint("audit.checkpoint", "GET", "/audit/checkpoint", Nothing, Raw, checkpoint),
    Endpoint("audit.growth", "GET", "/audit/growth", LogAsk, Raw, grown),
    Endpoint("audit.act", "GET", "/audit/acts/{position}", ActAsk, Inclusion, inclusion, "audit-act.html"),
    Endpoint("audit.act-file", "GET", "/audit/acts/{position}/proof", ActAsk, Raw, inclusion_file),
    Endpoint(
        "audit.record",
        "GET",
        "/audit/records/{record_id}",
        RecordAsk,
        RecordProof,
        record,
        "audit-record.html",
    ),
    Endpoint("audit.record-file", "GET", "/audit/records/{record_id}/proof", RecordAsk, Raw, record_file),
)
