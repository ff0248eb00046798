"""Checkpoints and proofs of the log as files that tools of others read too.

A checkpoint is a signed note of three lines: who, how many acts, their root (C2SP tlog-checkpoint). A file of
growth is what a witness is handed, a checkpoint with the proof that it continues an older one (C2SP
tlog-witness). A proof of an act is a C2SP tlog-proof whose extra data are the act's salt and content, or its
leaf alone where the content was erased or is not for this reader.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from watchfloor.store.log import merkle, notes
from watchfloor.store.log.notes import NoteError, Signer, Verifier

MOST_HASHES: Final = 63
"""Hashes a proof may have: a tree of more levels than that has more leaves than anybody has."""
_PROOF: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint of a log.

    Attributes:
        origin: the name of the node whose log it is.
        size: acts in it.
        root: of their tree, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a note's text; lines after the third are let be. Raises `NoteError`, naming the line."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteError("this is no checkpoint: it has a line of origin, one of size and one of root")
        origin, size, root = lines[:3]
        return cls(origin, _count(size, "the checkpoint's size"), _hash(root, "the checkpoint's root"))


class Growth(NamedTuple):
    """A checkpoint handed to a witness.

    Attributes:
        old: acts of the older checkpoint that it continues; 0: none.
        proof: that the log only grew since.
        note: the checkpoint, signed.
    """

    old: int
    proof: list[bytes]
    note: str


def signed(signer: Signer, size: int, root: bytes) -> str:
    """A checkpoint of this node's log as a note."""
    return notes.note(Checkpoint(signer.verifier.name, size, root).text, signer)


def opened(note: str, known: Iterable[Verifier]) -> tuple[Checkpoint, Verifier]:
    """A checkpoint and whose it is, checked. Raises `NoteError`, saying which part is wrong."""
    text, signers = notes.opened(note, known)
    checkpoint = Checkpoint.parse(text)
    for one in signers:
        if one.name == checkpoint.origin:
            return checkpoint, one
    raise NoteError(
        f"the checkpoint is of the log of {checkpoint.origin!r}, and is signed by "
        f"{', '.join(one.name for one in signers)}: a node signs for its own log only"
    )


def growth_text(growth: Growth) -> str:
    """The file that a witness is handed."""
    return f"old {growth.old}\n{_lines(growth.proof)}\n{growth.note}"


def growth_of(text: str) -> Growth:
    """Such a file, unchecked. Raises `NoteError` naming the part that is malformed."""
    head, blank, note = text.partition("\n\n")
    first, *hashes = head.split("\n")
    if not blank or not first.startswith("old "):
        raise NoteError("this is no proof of growth: it starts with a line such as 'old 17'")
    return Growth(_count(first[4:], "the old size"), _hashes(hashes), note)


def proof_text(position: int, proof: list[bytes], extra: bytes, note: str) -> str:
    """The proof of one act as a file; `position` counts from 1, and the file's index from 0."""
    said = base64.b64encode(extra).decode()
    return f"{_PROOF}\nextra {said}\nindex {position - 1}\n{_lines(proof)}\n{note}"


def is_growth(text: str) -> bool:
    """Whether a file is a checkpoint with a proof, and not a checkpoint alone."""
    return text.startswith("old ")


def grew(old: Checkpoint, new: Checkpoint, proof: list[bytes]) -> bool:
    """Whether `proof` shows that the log of `new` starts with that of `old`."""
    return merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)


def _lines(proof: list[bytes]) -> str:
    return "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)


def _hashes(lines: list[str]) -> list[bytes]:
    if len(lines) > MOST_HASHES:
        raise NoteError(f"the proof has {len(lines)} hashes; no log needs more than {MOST_HASHES}")
    return [_hash(line, f"hash {at} of the proof") for at, line in enumerate(lines, 1)]


def _count(text: str, what: str) -> int:
    if not text.isascii() or not text.isdigit() or str(int(text[:20])) != text:
        raise NoteError(f"{what} is {text[:40]!r}, and should be a number without leading zeroes")
    return int(text)


def _hash(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != merkle.HASH_SIZE:
        raise NoteError(f"{what} is {text[:60]!r}, and should be the base64 of 32 bytes")
    return raw
