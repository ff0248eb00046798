"""Messages of a session: a signed note that says what follows, and the bytes that follow.

    "WFP1" | length of the note, 4 bytes | the note: canonical JSON, signed | points, a table, or claims

A message is read from the outside in: its length, its signature, whom it is for, its canonical form, its
body's length and digest. Nothing is kept of one that is refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Literal, NamedTuple

import msgspec

from watchfloor.cell.acts import refuse
from watchfloor.exchange.bundles.peers import Peer, known, me, peer_of
from watchfloor.exchange.partnership import refusals as say
from watchfloor.store.floor import Floor
from watchfloor.store.log import encode
from watchfloor.store.log.notes import NoteError, note, opened, signed_json, split

What = Literal["open", "accept", "points", "answer", "claim", "fields"]

MAGIC: Final = b"WFP1"
NOTE_BYTES: Final = 1 << 16
BODY_BYTES: Final[Mapping[What, int]] = {
    "open": 0,
    "accept": 1 << 27,
    "points": 1 << 25,
    "answer": 1 << 25,
    "claim": 1 << 26,
    "fields": 1 << 26,
}
"""Bytes that a body may have: sixteen million rows of a table, a million points."""

AHEAD: Final = timedelta(days=1)
_SESSION: Final = re.compile(r"[0-9a-f]{32}")
_HEX32: Final = re.compile(r"[0-9a-f]{64}")


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Signed head of a message.

    Attributes:
        what: of `What`.
        session: 32 hexadecimal digits, drawn by the asker.
        from_: name of the sender.
        to: of the recipient.
        at: when it was made, with a time zone.
        tier: cardinality or match.
        case: for which case; empty for cardinality.
        epoch: of the code.
        code: digest of the code of practice.
        purpose: the gateway's word.
        prev: digest of the message that it answers; empty for the first.
        size: elements of the asker's set in `open`, which commits to it; else of the body.
        body: SHA-256 of the body.
        public: the sender's key for the epoch, in `open` and `accept`.
        table: digest of the table that the asker has, or that the answerer has made.
        rows: elements of the answerer's set, in `accept`.
        case_key: the case's key, sealed for this session.
    """

    what: What
    session: str
    from_: str
    to: str
    at: str
    tier: Literal["cardinality", "match"]
    case: str
    epoch: int
    code: str
    purpose: str
    prev: str
    size: int
    body: str
    public: str = ""
    table: str = ""
    rows: int = 0
    case_key: str = ""


class Message(NamedTuple):
    """A message that was checked: a peer signed it, it is for this node, and its body is what was signed."""

    head: Head
    peer: Peer
    body: bytes
    digest: str


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `claim`: matched points in hexadecimal, and by their place what the asker tells of them."""

    points: tuple[str, ...]
    fields: tuple[dict[str, str | int | list[str]], ...]


class FieldsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `fields`: what the answerer tells of each claimed subject, by its token."""

    tokens: dict[str, dict[str, str | int | list[str]]]


def pack(floor: Floor, head: Head, body: bytes = b"") -> bytes:
    """A message of this node."""
    text = note(encode(head).decode() + "\n", floor.signer).encode()
    return MAGIC + len(text).to_bytes(4, "big") + text + body


def read(floor: Floor, data: bytes, file: str, now: datetime) -> Message:
    """Check a message.

    Args:
        floor: of who receives.
        data: of the file.
        file: its name, for messages.
        now: with a time zone.

    Raises:
        Refusal: oversized, cut, forged, for another node, not canonical, or with another body.
    """
    text, body = _parts(data, file)
    head, peer = _head(floor, text, file)
    if head.to != me(floor).name:
        refuse(say.FOR_ANOTHER, file=file, to=head.to[:80], name=me(floor).name)
    if len(body) > BODY_BYTES[head.what]:
        refuse(say.OVERSIZED, file=file, size=len(body), most=BODY_BYTES[head.what])
    if sha256(body).hexdigest() != head.body:
        refuse(say.DAMAGED, file=file, problem="what follows the note is not what was signed, or was cut")
    if datetime.fromisoformat(head.at) > now.astimezone(UTC) + AHEAD:
        refuse(say.FUTURE, file=file, at=head.at)
    return Message(head, peer, body, digest(data))


def digest(data: bytes) -> str:
    """SHA-256 of what is signed of a message; a further signature changes nothing. `ValueError` for none."""
    length = int.from_bytes(data[4:8], "big")
    return sha256(split(data[8 : 8 + length].decode())[0].encode()).hexdigest()


def is_message(data: bytes) -> bool:
    """Whether a file looks like a message of a session."""
    return data[:4] == MAGIC


def _parts(data: bytes, file: str) -> tuple[str, bytes]:
    most = 8 + NOTE_BYTES + max(BODY_BYTES.values())
    if len(data) > most:
        refuse(say.OVERSIZED, file=file, size=len(data), most=most)
    if not is_message(data):
        refuse(say.DAMAGED, file=file, problem="it does not begin as one")
    length = int.from_bytes(data[4:8], "big")
    if length > NOTE_BYTES:
        refuse(say.OVERSIZED, file=file, size=length, most=NOTE_BYTES)
    if len(data) < 8 + length:
        refuse(say.DAMAGED, file=file, problem="it is cut off within its note")
    try:
        return data[8 : 8 + length].decode(), data[8 + length :]
    except UnicodeDecodeError:
        refuse(say.DAMAGED, file=file, problem="its note is no text")


def _head(floor: Floor, text: str, file: str) -> tuple[Head, Peer]:
    try:
        _, signatures = split(text)
        peers = known(floor)
        signer = next((one.name for one in signatures if one.name in peers), None)
        if signer is None:
            names = ", ".join(one.name for one in signatures) or "nobody"
            refuse(
                say.FORGED, file=file, problem=f"it says it is signed by {names[:80]}, no peer of this node"
            )
        peer = peer_of(peers, signer)
        said, _ = opened(text, [peer.verifier])
    except NoteError as error:
        refuse(say.FORGED, file=file, problem=str(error)[:200])
    try:
        head = signed_json(said, Head)
        _check(head, said, peer)
    except (ValueError, msgspec.ValidationError) as error:
        refuse(say.DAMAGED, file=file, problem=str(error)[:200])
    return head, peer


def _check(head: Head, said: str, peer: Peer) -> None:
    """Raise `ValueError` where a note is not as this module writes it."""
    if encode(head).decode() + "\n" != said:
        raise ValueError("it is not in its one spelling")
    if head.from_ != peer.name:
        raise ValueError(f"it says it is from {head.from_[:80]!r} and is signed by {peer.name}")
    if not _SESSION.fullmatch(head.session):
        raise ValueError("a session is 32 hexadecimal digits")
    for name in ("body", "code", *(["prev"] if head.what != "open" else [])):
        if not _HEX32.fullmatch(getattr(head, name)):
            raise ValueError(f"its {name} is no digest")
    if head.what in ("open", "accept") and not _HEX32.fullmatch(head.public):
        raise ValueError("it has no key for the epoch")
    if not 0 <= head.size <= 1 << 24 or not 0 <= head.rows <= 1 << 24 or not 0 <= head.epoch <= 1 << 20:
        raise ValueError("a number of it is out of all bounds")
    if len(head.case) > 80 or (head.tier == "match") != bool(head.case.strip()):
        raise ValueError("matching names a case of 80 characters at most, and cardinality none")
    if datetime.fromisoformat(head.at).tzinfo is None:
        raise ValueError("its moment has no time zone")
