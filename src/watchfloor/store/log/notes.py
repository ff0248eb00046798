"""Signed notes, as C2SP's signed-note defines them: a text, a blank line, and a line for each signature.

    a text of one or more lines
    ⏎
    — name base64(key hash, 4 bytes || Ed25519 signature, 64 bytes)

A node signs its checkpoints and its bundles in this form, so that tools of others can check them too. The
key hash is SHA-256(name || 0x0A || 0x01 || public key), its first four bytes; it finds the key and proves
nothing. Source: https://c2sp.org/signed-note.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from watchfloor.store.log import standalone
from watchfloor.store.log.standalone import good_key

T = TypeVar("T")

ED25519: Final = 0x01
"""The signature type of plain Ed25519."""

COSIGNATURE: Final = "cosignature/v1\n"
"""What the message of a witness's cosignature starts with, see `store.log.witnesses`."""

_DASH: Final = "— "
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteError(ValueError):
    """A note that is malformed, or that nobody known has signed."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with the name of who signs with it.

    Attributes:
        name: of the signer, without spaces or `+`.
        public: the Ed25519 public key, 32 bytes.
    """

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `name+hash+key`, as `text` writes it. Raises `NoteError` for anything else."""
        name, _, rest = text.strip().partition("+")
        try:
            hash_, _, key = rest.partition("+")
            raw = base64.b64decode(key, validate=True)
        except (binascii.Error, ValueError) as error:
            raise NoteError(f"{text!r} is no public key: its last part is not base64") from error
        if not _good_name(name) or len(raw) != 33 or raw[0] != ED25519 or not good_key(raw[1:]):
            raise NoteError(f"{text!r} is no public key: one looks like name+1a2b3c4d+AQ…, an Ed25519 key")
        made = cls(name, raw[1:])
        if made.hash.hex() != hash_.lower():
            raise NoteError(f"{text!r} is damaged: its hash is {hash_}, and its key gives {made.hash.hex()}")
        return made

    @property
    def hash(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return key_hash(self.name, ED25519, self.public)

    @property
    def text(self) -> str:
        """As people exchange it: `name+hash+base64(0x01 || key)`."""
        return f"{self.name}+{self.hash.hex()}+{_b64(bytes([ED25519]) + self.public)}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over that text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A name and the secret seed of its Ed25519 key, 32 bytes."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.name!r}, seed hidden)"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(signing_name(self.name), key.public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        """The signature over `text`, 64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(text)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note: who, the hash of which key, and the rest of its bytes."""

    name: str
    hash: bytes
    data: bytes


def signing_name(name: str) -> str:
    """A node's name as a note may carry it: no spaces, no plus."""
    return "-".join(name.replace("+", " ").split()) or "node"


def key_hash(name: str, type_: int, public: bytes) -> bytes:
    """The hash by which a signature line names its key."""
    return sha256(name.encode() + b"\n" + bytes([type_]) + public).digest()[:4]


def line(name: str, hash_: bytes, data: bytes) -> str:
    """One signature line."""
    return f"{_DASH}{name} {_b64(hash_ + data)}\n"


def note(text: str, *signers: Signer) -> str:
    """A text signed by each. Raises `NoteError` where the text is empty or does not end with a line's end.

    A text that starts as the message of a cosignature does is refused: the same key signs those, and nobody
    may turn the one into the other.
    """
    _check_text(text)
    if text.startswith(COSIGNATURE):
        raise NoteError(f"a note's text must not start with {COSIGNATURE.strip()}: witnesses sign that")
    lines = (line(s.verifier.name, s.verifier.hash, s.sign(text.encode())) for s in signers)
    return f"{text}\n{''.join(lines)}"


def split(note_: str) -> tuple[str, list[Signature]]:
    """Text and signatures of a note, unchecked. Raises `NoteError` for what is no note."""
    text, blank, signatures = note_.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NoteError("this is no signed note: it has no blank line before its signatures, or was cut")
    text += "\n"
    _check_text(text)
    return text, [_signature(one) for one in signatures.splitlines()]


def opened(note_: str, verifiers: Iterable[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note and who of the verifiers signed it.

    A signature by an unknown key is of no account; a wrong one under a known key refuses the whole.

    Raises:
        NoteError: it is no note, a known key's signature does not fit, or no known key signed it.
    """
    text, signatures = split(note_)
    known = {(v.name, v.hash): v for v in verifiers}
    found: list[Verifier] = []
    for one in signatures:
        verifier = known.get((one.name, one.hash))
        if verifier is None:
            continue
        if not verifier.verifies(text.encode(), one.data):
            raise NoteError(f"the signature of {one.name} does not fit the text: one of them was changed")
        found.append(verifier)
    if not found:
        names = ", ".join(one.name for one in signatures) or "nobody"
        raise NoteError(f"no known key has signed this; it says it is signed by {names}")
    return text, found


def signed_json(text: str | bytes, type_: type[T]) -> T:
    """Read JSON that was signed.

    Raises msgspec.DecodeError where it is none of that type, or a key stands twice: readers differ on which
    of two values they take, so a signature would be under either.
    """
    found = msgspec.json.decode(text, type=type_)
    try:
        standalone.signed_json(text)
    except (standalone.Failed, RecursionError, ValueError) as error:
        raise msgspec.DecodeError(str(error)) from error
    return found


def _signature(text: str) -> Signature:
    if not text.startswith(_DASH) or text.count(" ") != 2:
        raise NoteError(f"{text!r} is no signature line of a note")
    _, name, data = text.split(" ")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{text!r} is no signature line: not base64") from error
    if not _good_name(name) or len(raw) < 5 or _b64(raw) != data:  # one signature has one spelling
        raise NoteError(f"{text!r} is no signature line of a note")
    return Signature(name, raw[:4], raw[4:])


def _good_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note's text ends with a line's end and holds no other control characters")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
