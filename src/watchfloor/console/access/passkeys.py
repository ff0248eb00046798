"""Passkeys (WebAuthn, level 2): key pairs in a person's device, which a finger, a face or a PIN unlocks.

A passkey is two factors in one: the device, and what unlocks it (user verification is required). It signs
for one console only, by its name, so that a false page gets nothing of use. Here lie public keys alone.

A challenge is signed by this process and is good for some minutes, for one scope and one answer. So nothing
is kept of the challenges of whoever looks at the page for signing in.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from ipaddress import ip_address
from sqlite3 import IntegrityError
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.console.access.file import AccessFile
from watchfloor.console.memory import Memory
from watchfloor.core.messages import declare
from watchfloor.store import settings

if TYPE_CHECKING:
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialDescriptor

MOST: Final = 10
"""Passkeys of one account."""
SECONDS: Final = 5 * 60
"""That a challenge is good for."""
LONGEST_ANSWER: Final = 16 << 10
"""Characters of what a browser answers: some 700 of a small key, some thousands with an attestation."""
ALGORITHMS: Final = (-7, -8, -257)
"""COSE numbers of ES256, EdDSA and RS256: what authenticators have, best first."""
_NONCE, _TIME, _MAC = 16, 8, 32

NOT_OPENED: Final = declare("console.passkey-refused")
NOT_TAKEN: Final = declare("console.passkey-not-taken")
TOO_MANY: Final = declare("console.passkeys-enough", "most")
NO_PASSKEY: Final = declare("console.no-passkey")
NO_NAME: Final = declare("console.passkey-no-name")


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey in a list; times in seconds since 1970, 0: never.

    Attributes:
        id: how lists name it.
        label: what its owner calls it.
        host: name of the console that it signs for.
        created, used: when.
    """

    id: str
    label: str
    host: str
    created: int
    used: int


class Credential(NamedTuple):
    """A passkey that was made and is not kept yet: its id, its public key with that, and its console."""

    id: bytes
    public: bytes
    counter: int
    host: str


class Passkeys:
    """The passkeys of a console's accounts."""

    def __init__(self, file: AccessFile) -> None:
        self._file = file
        self._key = secrets.token_bytes(_MAC)
        self._spent: Memory[bool] = Memory()

    def all(self, account: str) -> list[Passkey]:
        """The passkeys of an account, the oldest first."""
        rows = self._file.database.execute(
            "SELECT id, label, host, created, used FROM passkeys WHERE account = ? ORDER BY created, id",
            (account,),
        )
        return [Passkey(id_.hex(), *rest) for id_, *rest in rows]

    def creation(self, account: str, origin: str, scope: str) -> dict[str, Any]:
        """Return what a browser needs to make a passkey (`PublicKeyCredentialCreationOptionsJSON`).

        Args:
            account: whose it will be.
            origin: of the console, as the browser reaches it.
            scope: what the answer is good for; `made` wants the same.

        Raises:
            Refusal: the console has no name there, or the account has enough passkeys.
        """
        from fido2.webauthn import (
            PublicKeyCredentialUserEntity,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        known = self._ids(account)
        if len(known) >= MOST:
            refuse(TOO_MANY, most=MOST)
        handle = self._handle(account)
        options, _ = self._server(origin).register_begin(
            PublicKeyCredentialUserEntity(id=handle, name=account, display_name=account),
            credentials=known,
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
            challenge=self._challenge(scope),
        )
        return _plain(options)

    def made(self, answer: str, origin: str, scope: str) -> Credential:
        """Return the passkey of what a browser answers to `creation`. Raises `Refusal`."""
        server = self._server(origin)
        try:
            data = _answer(answer)
            state = self._state(data, scope)
            made = server.register_complete(state, data)
            credential = made.credential_data
            if credential is None or credential.public_key[3] not in ALGORITHMS:
                raise ValueError("no key that is known here")
        except Exception:  # bytes of a stranger, in a library that does not say what it raises
            refuse(NOT_TAKEN)
        self._spend(state)
        return Credential(credential.credential_id, bytes(credential), made.counter, str(server.rp.id))

    def keep(self, account: str, label: str, one: Credential) -> None:
        """Give a passkey to an account. Raises `Refusal`."""
        with self._file.transaction() as database:
            if len(self.all(account)) >= MOST:
                refuse(TOO_MANY, most=MOST)
            try:
                database.execute(
                    "INSERT INTO passkeys (id, account, public, host, label, counter, created) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (one.id, account, one.public, one.host, label, one.counter, int(time.time())),
                )
            except IntegrityError:  # it is there already, of this account or another's
                refuse(NOT_TAKEN)

    def request(self, origin: str, scope: str, account: str = "") -> dict[str, Any]:
        """Return what a browser needs to ask for a passkey (`PublicKeyCredentialRequestOptionsJSON`).

        Args:
            origin: of the console, as the browser reaches it.
            scope: what the answer is good for; `owner` wants the same.
            account: whose passkey is asked for; empty: whoever has one.
        """
        from fido2.webauthn import UserVerificationRequirement

        options, _ = self._server(origin).authenticate_begin(
            credentials=self._ids(account) if account else None,
            user_verification=UserVerificationRequirement.REQUIRED,
            challenge=self._challenge(scope),
        )
        return _plain(options)

    def owner(self, answer: str, origin: str, scope: str) -> str:
        """Return the open account whose passkey has answered to `request`; each answer is good once.

        Raises:
            Refusal: there is none. The counter of a passkey that has one must grow, or it was copied.
        """
        from fido2.webauthn import AttestedCredentialData, AuthenticationResponse

        server = self._server(origin)
        try:
            data = _answer(answer)
            state = self._state(data, scope)
            response = AuthenticationResponse.from_dict(data)
            account, public, handle = self._file.database.execute(
                "SELECT name, public, handle FROM passkeys JOIN accounts ON name = account WHERE id = ?",
                (response.raw_id,),
            ).fetchone()
            if response.response.user_handle not in (None, handle):
                raise ValueError("another account's")
            server.authenticate_complete(state, [AttestedCredentialData(public)], data)
            counter = response.response.authenticator_data.counter
        except Exception:  # as of `made`
            refuse(NOT_OPENED)
        self._spend(state)
        used = self._file.database.execute(
            "UPDATE passkeys SET counter = ?, used = ? WHERE id = ? "
            "AND (counter < ? OR counter = 0 AND ? = 0) "
            "AND EXISTS (SELECT 1 FROM accounts WHERE name = account AND NOT disabled)",
            (counter, int(time.time()), response.raw_id, counter, counter),
        )
        if not used.rowcount:
            refuse(NOT_OPENED)
        return str(account)

    def remove(self, account: str, id_: str = "") -> int:
        """Remove a passkey of an account, or all; gives how many that were."""
        return self._file.database.execute(
            "DELETE FROM passkeys WHERE account = ? AND (? = '' OR lower(hex(id)) = ?)", (account, id_, id_)
        ).rowcount

    def _server(self, origin: str) -> "Fido2Server":
        """The library's, for one origin. Raises `Refusal` where a browser would know no name in it."""
        from fido2.server import Fido2Server
        from fido2.webauthn import PublicKeyCredentialRpEntity

        host = host_of(origin) or refuse(NO_NAME)
        called = settings.read(self._file.path.parent).name
        server = Fido2Server(PublicKeyCredentialRpEntity(id=host, name=called), verify_origin=origin.__eq__)
        server.allowed_algorithms = [one for one in server.allowed_algorithms if one.alg in ALGORITHMS]
        return server

    def _ids(self, account: str) -> "list[PublicKeyCredentialDescriptor]":
        from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType

        rows = self._file.database.execute("SELECT id FROM passkeys WHERE account = ?", (account,))
        kind = PublicKeyCredentialType.PUBLIC_KEY
        return [PublicKeyCredentialDescriptor(type=kind, id=id_) for (id_,) in rows]

    def _handle(self, account: str) -> bytes:
        """Return the handle of an account at authenticators: drawn, as who finds the device may read it."""
        database = self._file.database
        database.execute(
            "UPDATE accounts SET handle = ? WHERE name = ? AND handle IS NULL",
            (secrets.token_bytes(32), account),
        )
        (handle,) = database.execute("SELECT handle FROM accounts WHERE name = ?", (account,)).fetchone()
        return bytes(handle)

    def _challenge(self, scope: str) -> bytes:
        stamp = secrets.token_bytes(_NONCE) + int(time.time()).to_bytes(_TIME, "big")
        return stamp + self._mac(stamp, scope)

    def _state(self, data: Mapping[str, Any], scope: str) -> dict[str, str]:
        """Return the state to compare an answer with: its challenge, if that is one of ours and fresh."""
        from fido2.utils import websafe_decode, websafe_encode
        from fido2.webauthn import CollectedClientData

        client = CollectedClientData(websafe_decode(data["response"]["clientDataJSON"]))
        stamp, mac = client.challenge[:-_MAC], client.challenge[-_MAC:]
        if len(stamp) != _NONCE + _TIME or not compare_digest(mac, self._mac(stamp, scope)):
            raise ValueError("not a challenge of ours")
        if time.time() - int.from_bytes(stamp[_NONCE:], "big") > SECONDS:
            raise ValueError("too late")
        if client.cross_origin:
            raise ValueError("asked for in a frame of another site")
        return {"challenge": websafe_encode(client.challenge), "user_verification": "required"}

    def _mac(self, stamp: bytes, scope: str) -> bytes:
        return blake2b(stamp + scope.encode(), key=self._key, digest_size=_MAC).digest()

    def _spend(self, state: Mapping[str, str]) -> None:
        """Use a challenge up. Raises `Refusal` where it was answered before."""
        if self._spent.claim(state["challenge"], True):
            refuse(NOT_OPENED)


def host_of(origin: str) -> str:
    """Return the name in an origin by which a browser knows passkeys; empty where that is an address."""
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host
    return ""


def _answer(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_ANSWER:
        raise ValueError("too long")
    return msgspec.json.decode(text, type=dict[str, Any])


def _plain(options: Any) -> dict[str, Any]:
    """Return options as they are sent: the library keeps bytes in them as base64url."""
    found: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(dict(options)["publicKey"], enc_hook=dict)
    )
    return found
