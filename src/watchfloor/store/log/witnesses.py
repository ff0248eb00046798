"""Witnesses: a partner's node keeps what it has seen of our log, and signs that it only grew.

A log that is rewritten as a whole looks whole; who holds one of its older checkpoints sees that it was not.
So nodes hand each other checkpoints, by file. A witness that was shown one signs the next only when a proof
shows that it continues it. Its cosignature is timestamped and says: as of this second this is the longest log
of that node that I have seen, and it never contradicted what I saw before (C2SP tlog-cosignature, type 0x04).

Both sides keep this in their own log, as the acts `cosigned` (the witness), `cosignature-received` (the
owner) and `cosign-refused` (the witness holds a signed checkpoint that contradicts another: a fork).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from watchfloor.core.messages import Reason, declare, reason
from watchfloor.store.log import Act, checkpoints, notes
from watchfloor.store.log.checkpoints import Checkpoint
from watchfloor.store.log.notes import NoteError, Signer, Verifier

COSIGNED: Final = "cosigned"
RECEIVED: Final = "cosignature-received"
REFUSED: Final = "cosign-refused"

TYPE: Final = 0x04
"""The signature type of a timestamped cosignature."""
SLACK: Final = 300
"""Seconds that a witness's clock may run ahead of ours."""

FORKED = declare("log.forked", "origin", "size")
SHRUNK = declare("log.shrunk", "size", "seen", "origin")
UNPROVEN = declare("log.unproven", "seen", "origin", "size")
DISPROVEN = declare("log.disproven", "size", "origin", "seen")


class Refusal(Exception):  # noqa: N818 - named for what the user meets
    """A checkpoint that is not cosigned; `reason` says why, `evidence` whether it contradicts another."""

    def __init__(self, why: Reason, *, evidence: bool = False) -> None:
        super().__init__(str(why))
        self.reason, self.evidence = why, evidence


class Cosignature(NamedTuple):
    """One witness's signature under a checkpoint.

    Attributes:
        witness: who.
        at: when, by its clock.
    """

    witness: Verifier
    at: datetime


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """The longest checkpoint of one log that this node has cosigned."""

    checkpoint: Checkpoint
    at: datetime


def seen(acts: Iterable[Act], owner: Verifier) -> CosignedCheckpoint | None:
    """The longest checkpoint of `owner`'s log among the acts `cosigned`."""
    mine = [act for act in acts if act.detail and act.detail.get("log") == owner.text]
    if not mine:
        return None
    last = max(mine, key=lambda act: int((act.detail or {})["size"]))
    detail = last.detail or {}
    return CosignedCheckpoint(Checkpoint(owner.name, detail["size"], bytes.fromhex(detail["root"])), last.at)


def judge(new: Checkpoint, before: CosignedCheckpoint | None, proof: list[bytes] | None) -> None:
    """Let a checkpoint pass that continues what was witnessed before. Raises `Refusal` for any other."""
    if before is None:
        return
    old = before.checkpoint
    said: dict[str, str | int] = {"origin": new.origin, "seen": old.size, "size": new.size}
    if new.size < old.size:
        raise Refusal(reason(SHRUNK, **said))
    if new.size == old.size:
        if new.root != old.root:
            raise Refusal(reason(FORKED, origin=new.origin, size=new.size), evidence=True)
        return
    if old.size == 0:  # an empty log is how every log starts
        return
    if proof is None:
        raise Refusal(reason(UNPROVEN, **said))
    if not checkpoints.grew(old, new, proof):
        raise Refusal(reason(DISPROVEN, **said))


def cosigned(note: str, signer: Signer, at: datetime) -> str:
    """The note with this node's cosignature below the others."""
    text, _ = notes.split(note)
    seconds = int(at.timestamp())
    data = seconds.to_bytes(8, "big") + signer.sign(_message(text, seconds))
    return note + notes.line(signer.verifier.name, _hash_of(signer.verifier), data)


def cosignatures(note: str, peers: Iterable[Verifier], now: datetime) -> list[Cosignature]:
    """The cosignatures of known peers under a checkpoint.

    Raises:
        NoteError: one of a known peer does not fit, or is from the future.
    """
    text, signatures = notes.split(note)
    by_hash = {(peer.name, _hash_of(peer)): peer for peer in peers}
    found = []
    for one in signatures:
        peer = by_hash.get((one.name, one.hash))
        if peer is None:
            continue
        seconds = int.from_bytes(one.data[:8], "big")
        if len(one.data) != 72 or not peer.verifies(_message(text, seconds), one.data[8:]):
            raise NoteError(f"the cosignature of {one.name} does not fit: it or the checkpoint was changed")
        if seconds > now.timestamp() + SLACK:
            raise NoteError(f"the cosignature of {one.name} is from the future; one of the clocks is wrong")
        found.append(Cosignature(peer, datetime.fromtimestamp(seconds, UTC)))
    return found


def _message(text: str, seconds: int) -> bytes:
    return f"{notes.COSIGNATURE}time {seconds}\n{text}".encode()


def _hash_of(verifier: Verifier) -> bytes:
    return notes.key_hash(verifier.name, TYPE, verifier.public)
