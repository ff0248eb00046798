"""An authenticator in software (WebAuthn, level 2), which does wrong what a test wants."""

import base64
import json
import os
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _bytes(data, major=2):
    """CBOR of bytes (RFC 8949, section 3); major 3: of text."""
    return bytes([major << 5 | 25]) + len(data).to_bytes(2, "big") + data


def _text(text):
    return _bytes(text.encode(), 3)


def _key(public):
    """A COSE key of the curve P-256 for ES256 (RFC 9053): kty 2, alg -7, crv 1, x, y."""
    numbers = public.public_numbers()
    x, y = (_bytes(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return bytes([0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]) + x + b"\x22" + y


class Authenticator:
    """One passkey for one page; what it answers is JSON as a browser's `credential.toJSON()`.

    Attributes:
        origin: of the page.
        counter: of signatures, which grows by `step`.
        flags: that it sets.
    """

    def __init__(self, origin, *, step=0, flags=PRESENT | VERIFIED):
        self.origin, self.counter, self.step, self.flags = origin, step, step, flags
        self.id, self.key = os.urandom(32), ec.generate_private_key(ec.SECP256R1())
        self.handle = b""

    def make(self, options, **client):
        """The answer to `navigator.credentials.create`."""
        self.handle = unb64(options["user"]["id"])
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + _key(self.key.public_key())
        data = self._data(options["rp"]["id"], self.flags | ATTESTED) + attested
        statement = bytes([0xA3]) + _text("fmt") + _text("none") + _text("attStmt") + b"\xa0"
        return self._answer(
            self._client("webauthn.create", options, client),
            attestationObject=b64(statement + _text("authData") + _bytes(data)),
        )

    def sign(self, options, **client):
        """The answer to `navigator.credentials.get`."""
        self.counter += self.step
        said = self._client("webauthn.get", options, client)
        data = self._data(options["rpId"], self.flags)
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            said, authenticatorData=b64(data), signature=b64(signature), userHandle=b64(self.handle)
        )

    def _client(self, kind, options, client):
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | client).encode()

    def _data(self, host, flags):
        return sha256(host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _answer(self, client, **response):
        return json.dumps(
            {
                "id": b64(self.id),
                "rawId": b64(self.id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {"clientDataJSON": b64(client), **response},
            }
        )
