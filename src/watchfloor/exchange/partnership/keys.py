"""The keys of an epoch: its secret, the two scalars, the secret of a pair, and the key of a case's tokens.

Everything comes of one random secret an epoch, and of what the partner publishes for that epoch, by BLAKE2b
with the use's own label: pair, direction, code, tier, case. Two uses share nothing.
"""

import os
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from watchfloor.exchange.partnership.group import Scalar
from watchfloor.exchange.partnership.vault import Vault, label

SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Use:
    """Use of a key; both sides state the same.

    Attributes:
        code: digest of the code of practice.
        epoch: its number.
        tier: cardinality or match.
        case: for which case; empty for cardinality.
        asker: name of the node that asks.
        answerer: of the one that answers.
    """

    code: str
    epoch: int
    tier: str
    case: str
    asker: str
    answerer: str

    @property
    def label(self) -> bytes:
        """The use as bytes, of which no two uses have the same."""
        parts = (self.code, str(self.epoch), self.tier, self.case, self.asker, self.answerer)
        return b"\x00".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


class Epoch:
    """Secret of this node for one epoch, made at the first use."""

    def __init__(self, vault: Vault, code: str, number: int) -> None:
        self.vault, self.name = vault, f"epochs/{code[:16]}.{number}"
        secret = vault.get(self.name)
        if secret is None:
            secret = os.urandom(SIZE)
            vault.put(self.name, secret)
        self._secret = secret

    def scalar(self, use: Use, role: str) -> Scalar:
        """This node's scalar for a use, as `asker` or `answerer`."""
        return Scalar.derive(self._secret, role.encode() + b"\x00" + use.label)

    @property
    def public(self) -> bytes:
        """Return the node's public key for the epoch, 32 bytes of X25519."""
        return self._exchange.public_key().public_bytes_raw()

    def pair(self, use: Use, theirs: bytes) -> bytes:
        """The secret of the pair for a use, by Diffie-Hellman of both epochs' keys. `ValueError` for none."""
        shared = self._exchange.exchange(X25519PublicKey.from_public_bytes(theirs))
        return _made(shared, b"pair", use.label)

    @property
    def _exchange(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(_made(self._secret, b"exchange"))


def hashing_key(pair: bytes) -> bytes:
    """With what a pair hashes identifiers, for `group.hashed`."""
    return _made(pair, b"identifiers")


def seal(pair: bytes, session: str, secret: bytes) -> str:
    """A case's key on its way to the partner, in hexadecimal."""
    nonce = os.urandom(12)
    return (nonce + ChaCha20Poly1305(_made(pair, b"wrap")).encrypt(nonce, secret, session.encode())).hex()


def unseal(pair: bytes, session: str, sealed: str) -> bytes:
    """A case's key that came. Raises `ValueError` where it is not what was sealed in this session."""
    data = bytes.fromhex(sealed)
    try:
        secret = ChaCha20Poly1305(_made(pair, b"wrap")).decrypt(data[:12], data[12:], session.encode())
    except InvalidTag as error:
        raise ValueError("the case's key was not sealed for this session") from error
    if len(secret) != SIZE:
        raise ValueError("the case's key has another length")
    return secret


class CaseKey:
    """The key of one case in one epoch; every bank of the case has it, under the pairs' secrets.

    Whoever has it can test guesses at a token; so tokens go only with what both banks have matched, or as
    links from there, and the key changes with every epoch and case.
    """

    def __init__(self, secret: bytes, case: str, epoch: int) -> None:
        self.secret = secret
        self._key = _made(secret, b"case", case.encode(), str(epoch).encode())

    def token(self, subject: str) -> str:
        """The token of a subject, or of a payment between two banks: 32 hexadecimal digits."""
        return blake2b(subject.encode(), digest_size=16, key=self._key, person=b"case token").hexdigest()


def case_key(vault: Vault, case: str, epoch: int) -> CaseKey | None:
    """The case's key, where this node has it."""
    secret = vault.get(_place(case, epoch))
    return None if secret is None else CaseKey(secret, case, epoch)


def begin_case(vault: Vault, case: str, epoch: int) -> CaseKey:
    """The case's key, made where there is none: by the first bank that asks for the case."""
    found = case_key(vault, case, epoch)
    return found if found is not None else keep_case(vault, case, epoch, os.urandom(SIZE))


def keep_case(vault: Vault, case: str, epoch: int, secret: bytes) -> CaseKey:
    """Take a case's key from a partner. Raises `ValueError` where this node has another."""
    found = case_key(vault, case, epoch)
    if found is not None and found.secret != secret:
        raise ValueError("this node has another key for the case, of another partner; one of them leads it")
    vault.put(_place(case, epoch), secret)
    return CaseKey(secret, case, epoch)


def _place(case: str, epoch: int) -> str:
    return f"cases/{label(case)}.{epoch}"


def _made(secret: bytes, *about: bytes) -> bytes:
    """32 bytes of a secret for one use."""
    use = b"".join(len(part).to_bytes(4, "big") + part for part in about)
    return blake2b(use, digest_size=SIZE, key=secret, person=b"wf partnership 1").digest()
